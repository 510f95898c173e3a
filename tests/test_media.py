"""The values `Image`, `Audio` and `Video`: from arrays, faces, thumbnails, equality, saving."""

from __future__ import annotations

import copy
import errno
import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from modaverse.errors import ConfigError, LibraryError, MediaError
from modaverse.media import (
    Audio,
    Image,
    Limits,
    Video,
    load_media,
    modality_of,
    read_tags,
)

Value = Image | Audio | Video


@pytest.fixture(params=["image", "audio", "video"])
def value(request: pytest.FixtureRequest) -> Value:
    """One value of each modality in turn."""
    found: Value = request.getfixturevalue(f"small_{request.param}")
    return found


# --- what all of them can do ---------------------------------------------------------------------


def test_modality_and_face(small_image: Image, small_audio: Audio, small_video: Video) -> None:
    faces = {modality_of(each): each.face() for each in (small_image, small_audio, small_video)}
    assert faces == {
        "image": "image, 24x16",
        "audio": "audio, 0.2 s, 16000 Hz, mono",
        "video": "video, 0.5 s, 24x16, 8 fps, with sound",
    }
    assert modality_of("a fox") == "text"


def test_modality_of_anything_else_is_refused() -> None:
    with pytest.raises(MediaError, match="bytes is no media"):
        modality_of(b"x")  # type: ignore[arg-type]


def test_repr_is_short(small_image: Image, small_audio: Audio, small_video: Video) -> None:
    assert repr(small_image) == "Image(24x16)"
    assert repr(small_audio) == "Audio(0.2 s, 16000 Hz, mono)"
    assert repr(small_video) == "Video(0.5 s, 24x16, 8 fps, with sound)"


def test_equal_by_content(value: Value) -> None:
    twin = pickle.loads(pickle.dumps(value))
    assert twin == value
    assert hash(twin) == hash(value)
    assert copy.copy(value) == value
    assert value != "something else"
    assert len({value, twin}) == 1


def test_values_differ_by_content(
    small_image: Image, small_audio: Audio, small_video: Video
) -> None:
    assert Image(small_image.array[::-1]) != small_image
    assert Audio(small_audio.samples, 8000) != small_audio
    assert Audio(-small_audio.samples, 16000) != small_audio
    assert Video(small_video.frames, 8) != small_video
    assert Video(small_video.frames, 9, small_audio) != small_video


def test_loading_a_value_gives_it_back(value: Value) -> None:
    assert type(value).load(value) is value  # type: ignore[arg-type]
    assert load_media(value) is value


def test_values_are_frozen(small_image: Image, small_audio: Audio, small_video: Video) -> None:
    for array in (small_image.array, small_audio.samples, small_video.frames):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        small_image.array = small_image.array  # type: ignore[misc]


def test_a_value_keeps_no_hold_on_a_writable_array() -> None:
    array = np.zeros((2, 2, 3), np.uint8)
    image = Image(array)
    array[:] = 255
    assert image.array.max() == 0


def test_a_read_only_array_is_not_copied(small_video: Video) -> None:
    assert np.shares_memory(small_video.frame(1).array, small_video.frames)


def test_notebook_faces(small_image: Image, small_audio: Audio, small_video: Video) -> None:
    assert small_image._repr_png_() == small_image.encode()
    assert small_audio._repr_html_().startswith('<audio controls src="data:audio/flac;base64,')
    assert small_video._repr_html_().startswith('<video controls loop src="data:video/mp4;base64,')


# --- arrays --------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 7), (5, 7, 1), (5, 7, 3), (5, 7, 4)])
@pytest.mark.parametrize("dtype", ["uint8", "float32", "float64", "float16"])
def test_image_from_arrays(shape: tuple[int, ...], dtype: str) -> None:
    scale = 255 if dtype == "uint8" else 1
    image = Image.load(np.full(shape, 0.2 * scale).astype(dtype))
    assert image.array.dtype == np.uint8
    assert (image.height, image.width) == (5, 7)
    assert image.array.shape[2] == (4 if shape[-1] == 4 else 3)
    assert np.unique(image.array).tolist() == [51]


def test_image_from_pil(small_image: Image) -> None:
    assert Image.load(small_image.pil()) == small_image
    assert load_media(small_image.pil()) == small_image


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 2, 2), np.uint8), r"uint8 \[2, 2, 2\] does not fit"),
        (np.zeros(5, np.uint8), "does not fit"),
        (np.zeros((0, 4, 3), np.uint8), "does not fit"),
        (np.zeros((4, 4, 3), np.int64), "int64"),
        (np.zeros((4, 4, 3), complex), "complex128"),
        (np.array([["a", "b"]]), "<U1"),
        (np.full((2, 2, 3), np.nan), "not numbers"),
        (np.full((2, 2, 3), np.inf), "not numbers"),
        (np.full((2, 2, 3), 17.0), r"in 0\.\.1, not 17\.\.17"),
        (np.full((2, 2, 3), -0.5), r"in 0\.\.1"),
    ],
)
def test_bad_arrays_for_images(array: np.ndarray[Any, Any], message: str) -> None:
    with pytest.raises(MediaError, match=message) as caught:
        Image.load(array)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([0.5, -1, 1, 0]), [0.5, -1, 1, 0]),
        (np.array([0.5, -1.0005, 1, 0], np.float32), [0.5, -1, 1, 0]),
        (np.array([16384, -32768, 0], np.int16), [0.5, -1, 0]),
        (np.array([1 << 30, -(1 << 31), 0], np.int32), [0.5, -1, 0]),
    ],
)
def test_audio_from_arrays(array: np.ndarray[Any, Any], expected: list[float]) -> None:
    audio = Audio.load(array, rate=8000)
    assert audio.samples.dtype == np.float32
    assert audio.samples.shape == (len(expected), 1)
    np.testing.assert_allclose(audio.samples[:, 0], expected, atol=1e-7)
    assert audio.seconds == len(expected) / 8000


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((2, 100)), "more channels than samples"),
        (np.zeros((20, 9)), "9 channels"),
        (np.zeros((2, 2, 2)), "does not fit"),
        (np.zeros(0), "does not fit"),
        (np.zeros(9, np.uint8), "uint8"),
        (np.full(9, np.nan), "not numbers"),
        (np.full(9, 3.0), r"in -1\.\.1, not 3\.\.3"),
    ],
)
def test_bad_arrays_for_audio(array: np.ndarray[Any, Any], message: str) -> None:
    with pytest.raises(MediaError, match=message):
        Audio.load(array, rate=16000)


@pytest.mark.parametrize("rate", [0, -1, 10, 1e9, 44100.5, float("nan"), "44100", None])
def test_bad_rates(rate: Any) -> None:
    with pytest.raises(MediaError, match="rate"):
        Audio.load(np.zeros(9), rate=rate)
    with pytest.raises(MediaError, match="rate"):
        Audio(np.zeros((9, 1), np.float32), rate)


def test_numpy_numbers_are_fine_as_rates() -> None:
    audio = Audio.load(np.zeros(9), rate=np.int64(8000))  # type: ignore[arg-type]
    assert audio.rate == 8000
    assert type(audio.rate) is int


def test_video_from_arrays(small_audio: Audio) -> None:
    video = Video.load(np.full((3, 4, 6, 3), 0.2), fps=5, audio=small_audio)
    assert video.frames.shape == (3, 4, 6, 3)
    assert video.frames.max() == 51
    assert video.seconds == pytest.approx(0.6)
    assert video.audio is small_audio


@pytest.mark.parametrize("shape", [(4, 4, 3), (2, 4, 4, 4), (0, 4, 4, 3), (2, 3, 4, 4, 3)])
def test_bad_shapes_for_video(shape: tuple[int, ...]) -> None:
    with pytest.raises(MediaError, match="does not fit"):
        Video.load(np.zeros(shape, np.uint8), fps=8)


@pytest.mark.parametrize("fps", [0, -3, 1000, float("nan"), float("inf"), "8", None])
def test_bad_fps(fps: Any) -> None:
    with pytest.raises(MediaError):
        Video.load(np.zeros((2, 4, 4, 3), np.uint8), fps=fps)


@pytest.mark.parametrize("shape", [(9,), (2, 4, 4, 3)])
def test_load_media_takes_only_pictures_as_arrays(shape: tuple[int, ...]) -> None:
    with pytest.raises(MediaError, match="no picture") as caught:
        load_media(np.zeros(shape))
    assert "rate=" in caught.value.hint


@pytest.mark.parametrize("wrong", [None, [[1, 2]], "text", np.zeros((2, 2), np.uint8)])
def test_constructors_are_strict(wrong: Any) -> None:
    with pytest.raises(MediaError):
        Image(wrong)
    with pytest.raises(MediaError):
        Audio(wrong, 16000)
    with pytest.raises(MediaError):
        Video(wrong, 8)


def test_array_limits() -> None:
    tight = Limits(max_pixels=10, max_seconds=0.5, max_frames=2, max_video_pixels=30)
    with pytest.raises(MediaError, match="10 pixels"):
        Image.load(np.zeros((4, 4), np.uint8), limits=tight)
    with pytest.raises(MediaError, match=r"0\.5 seconds"):
        Audio.load(np.zeros(9000), rate=16000, limits=tight)
    with pytest.raises(MediaError, match="2 frames"):
        Video.load(np.zeros((3, 2, 2, 3), np.uint8), fps=8, limits=tight)
    with pytest.raises(MediaError, match="10 pixels"):
        Video.load(np.zeros((1, 4, 4, 3), np.uint8), fps=8, limits=tight)


def test_limits_must_be_above_zero() -> None:
    with pytest.raises(ConfigError) as caught:
        Limits(max_bytes=0, max_seconds=-1)
    assert [problem.message for problem in caught.value.problems] == [
        "max_bytes must be above 0, not 0",
        "max_seconds must be above 0, not -1",
    ]


# --- changing ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "expected"), [(12, (12, 8)), (24, (24, 16)), (500, (24, 16))])
def test_image_thumbnails_fit(small_image: Image, size: int, expected: tuple[int, int]) -> None:
    small = small_image.thumbnail(size)
    assert (small.width, small.height) == expected


def test_audio_thumbnail_shows_where_it_is_loud() -> None:
    samples = np.zeros(1000, np.float32)
    samples[500:] = np.tile([0.9, -0.9], 250)
    picture = Audio.load(samples, rate=8000).thumbnail(64)
    assert (picture.width, picture.height) == (64, 16)
    ink = (picture.array != 255).any(axis=2).mean(axis=0)  # [64]
    assert ink[:30].max() < 0.2 < 0.8 < ink[34:].min()
    assert ink.min() > 0


def test_thumbnail_of_one_sample() -> None:
    assert Audio.load(np.array([0.5]), rate=8000).thumbnail().width == 256


def test_video_thumbnail_is_the_middle_frame(small_video: Video) -> None:
    assert small_video.thumbnail() == small_video.frame(2)


def test_frames_by_number(small_video: Video) -> None:
    assert small_video.frame(-1) == small_video.frame(3)
    assert small_video.frame(3).array[0, 20].tolist() == [255, 255, 255]
    for index in (4, -5):
        with pytest.raises(MediaError, match="no frame") as caught:
            small_video.frame(index)
        assert caught.value.hint == "frames go from 0 to 3"


def test_mono_is_the_mean() -> None:
    stereo = Audio.load(np.array([[0.5, 0.1], [-1, 1], [0, 0]]), rate=8000)
    np.testing.assert_allclose(stereo.mono().samples[:, 0], [0.3, 0, 0], atol=1e-7)
    assert stereo.face().endswith("stereo")
    assert stereo.mono().mono() == stereo.mono()


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000])
def test_resampling_keeps_pitch_length_and_level(small_audio: Audio, rate: int) -> None:
    changed = small_audio.resample(rate)
    assert changed.rate == rate
    assert len(changed.samples) == round(0.25 * rate)
    times = np.arange(len(changed.samples)) / rate
    error = np.abs(changed.samples[:, 0] - 0.5 * np.sin(2 * np.pi * 440 * times))
    assert error[rate // 50 : -rate // 50].max() < 1e-3


def test_resampling_keeps_channels_apart() -> None:
    times = np.arange(4000) / 16000
    left = 0.5 * np.sin(2 * np.pi * 440 * times)
    stereo = Audio.load(np.stack([left, np.zeros(4000)], axis=1), rate=16000)
    assert np.abs(stereo.resample(48000).samples[:, 1]).max() < 1e-6


def test_resampling_to_the_same_rate_changes_nothing(small_audio: Audio) -> None:
    assert small_audio.resample(16000) is small_audio
    with pytest.raises(MediaError, match="rate"):
        small_audio.resample(0)


# --- saving --------------------------------------------------------------------------------------

NAMES = ["a.png", "a.PNG", "a.wav", "a.flac", "a.mp3", "a.ogg", "a.mp4"]
KINDS = {"png": Image, "wav": Audio, "flac": Audio, "mp3": Audio, "ogg": Audio, "mp4": Video}


@pytest.mark.parametrize("name", NAMES)
def test_save_and_load(name: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kind = KINDS[name[2:].lower()]
    value: Value = request.getfixturevalue(f"small_{kind.__name__.lower()}")
    path = value.save(tmp_path / name, {"modaverse": '{"seed": 7}'})
    assert path == tmp_path / name
    assert type(load_media(path)) is kind
    assert read_tags(path) == {"modaverse": '{"seed": 7}'}
    assert os.listdir(tmp_path) == [name]


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.wav.gif", ".png", "a.mp5"])
def test_save_under_a_name_that_lies_is_refused(value: Value, name: str, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="does not end in") as caught:
        value.save(tmp_path / name)
    assert caught.value.hint.startswith("name it, say, ")
    assert os.listdir(tmp_path) == []


def test_saving_replaces_a_file(small_image: Image, tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    small_image.save(path)
    assert Image.load(path) == small_image


def test_missing_folder(small_image: Image, tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="No such file") as caught:
        small_image.save(tmp_path / "no" / "a.png")
    assert caught.value.hint == "make the folder first"


def test_target_is_a_folder(small_image: Image, tmp_path: Path) -> None:
    (tmp_path / "a.png").mkdir()
    with pytest.raises(LibraryError, match="cannot be written"):
        small_image.save(tmp_path / "a.png")
    assert os.listdir(tmp_path) == ["a.png"]


def test_folder_is_a_file(small_image: Image, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(LibraryError) as caught:
        small_image.save(tmp_path / "file" / "a.png")
    assert "part of this path is a file" in caught.value.hint


@pytest.mark.parametrize("name", ["a\0.png", "a" * 300 + ".png"])
def test_impossible_names(small_image: Image, tmp_path: Path, name: str) -> None:
    with pytest.raises(LibraryError, match="cannot be written"):
        small_image.save(tmp_path / name)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EFBIG, "free some space"),
        (errno.EROFS, "a folder that you may write to"),
        (errno.EACCES, "a folder that you may write to"),
    ],
)
def test_a_failed_write_leaves_the_old_file_and_no_other(
    small_image: Image,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    code: int,
    hint: str,
) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def fail(_descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LibraryError, match=os.strerror(code)) as caught:
        small_image.save(path)
    assert hint in caught.value.hint
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a.png"]


def test_an_interrupt_leaves_nothing_behind(
    small_image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        small_image.save(tmp_path / "a.png")
    assert os.listdir(tmp_path) == []


def test_pil_round_trip_keeps_transparency() -> None:
    array = np.full((3, 3, 4), 128, np.uint8)
    image = Image.load(array)
    assert image.pil().mode == "RGBA"
    assert Image.load(image.encode()) == image
    assert Image.load(Pil.fromarray(array)) == image
