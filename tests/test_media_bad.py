"""Bad media: whatever is wrong with it, the answer is a `MediaError` with a hint, and soon."""

from __future__ import annotations

import errno
import io
import os
import random
import resource
import struct
import time
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image as Pil

from modaverse.errors import MediaError
from modaverse.media import Audio, Image, Limits, Video, load_media, read_tags

LOADERS = [load_media, Image.load, Audio.load, Video.load, read_tags]


def refused(source: Any, match: str = ".", **options: Any) -> MediaError:
    """The error that `load_media` gives, which must carry a hint."""
    with pytest.raises(MediaError, match=match) as caught:
        load_media(source, **options)
    assert caught.value.hint
    return caught.value


@pytest.fixture(scope="module")
def samples() -> dict[str, bytes]:
    """A file of each kind that is written or read here, noisy so that no part compresses away."""
    random_numbers = np.random.default_rng(5)
    array = np.kron(random_numbers.integers(0, 255, (8, 8, 3)), np.ones((6, 6, 1))).astype(np.uint8)
    image = Image(array)
    wave = 0.2 * random_numbers.standard_normal(24000).clip(-3, 3)
    audio = Audio.load(wave, rate=16000)
    frames = np.stack([np.roll(array, 6 * index, axis=1) for index in range(8)])
    found = {"png": image.encode(), "mp4": Video(frames, 8, audio).encode()}
    for sound_format in ("wav", "flac", "mp3", "ogg"):
        found[sound_format] = audio.encode(format=sound_format)
    for picture_format in ("JPEG", "WEBP", "BMP", "TIFF", "AVIF"):
        file = io.BytesIO()
        image.pil().save(file, picture_format)
        found[picture_format.lower()] = file.getvalue()
    file = io.BytesIO()
    pictures = [Pil.fromarray(frame) for frame in frames]
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=100)
    found["gif"] = file.getvalue()
    file = io.BytesIO()
    soundfile.write(file, wave, 16000, format="AIFF", subtype="PCM_16")
    found["aiff"] = file.getvalue()
    return found


PICTURES = ["png", "jpeg", "webp", "bmp", "tiff", "avif", "gif"]
FORMATS = [*PICTURES, "wav", "flac", "mp3", "ogg", "aiff", "mp4"]  # the keys of `samples`


def value_or_error(data: bytes) -> Image | Audio | Video | MediaError:
    """What `load_media` makes of `data`, which may be damaged."""
    try:
        return load_media(data)
    except MediaError as error:
        return error


# --- sources -------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize("source", [b"", bytearray(), memoryview(b""), io.BytesIO()])
def test_nothing(load: Any, source: Any) -> None:
    with pytest.raises(MediaError, match="empty") as caught:
        load(source)
    assert caught.value.hint


def test_empty_file(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    assert "a.png" in refused(tmp_path / "a.png", "empty").message


@pytest.mark.parametrize("load", LOADERS)
def test_missing_file(load: Any, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="there is no file") as caught:
        load(tmp_path / "no.png")
    assert caught.value.hint


@pytest.mark.parametrize("load", LOADERS)
def test_folder(load: Any, tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is a folder") as caught:
        load(str(tmp_path))
    assert caught.value.hint


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files cannot be counted here")
def test_what_is_refused_does_not_stay_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        refused(tmp_path, "is a folder")
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("load", LOADERS)
@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.png",
        "https://example.org/a.png",
        "file:///etc/hostname",
        "s3://bucket/a.wav",
        "data:image/png;base64,AAAA",
    ],
)
def test_urls_are_not_fetched(load: Any, url: str) -> None:
    with pytest.raises(MediaError, match="is a URL, which is not fetched") as caught:
        load(url)
    assert caught.value.hint == "download it, then give the path"


def test_playlists_are_not_followed(tmp_path: Path, samples: dict[str, bytes]) -> None:
    (tmp_path / "a.wav").write_bytes(samples["wav"])
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path / 'a.wav'}\n#EXT-X-ENDLIST\n")
    assert "is text, not" in refused(playlist).message


@pytest.mark.parametrize("source", [None, 7, ["a.png"], {"path": "a.png"}, object()])
def test_things_that_are_no_source(source: Any) -> None:
    refused(source, "cannot be loaded from")


@pytest.mark.parametrize("source", ["", "a\0.png", "x" * 5000, "a" * 300 + ".png", "\udcff.png"])
def test_impossible_paths(source: str) -> None:
    error = refused(source)
    assert len(error.message) < 300


def test_path_through_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    refused(tmp_path / "file" / "a.png")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.wav")
    refused(tmp_path / "pipe.wav", "not a regular file")


@pytest.mark.skipif(not os.path.exists("/dev/zero"), reason="no devices here")
def test_a_device_is_not_read() -> None:
    refused("/dev/zero", "not a regular file")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    refused(tmp_path / "a.png", "may not be read")


def test_text_mode_and_closed_files(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("hello")
    with open(tmp_path / "a.txt") as file:
        refused(file, "text, not bytes")
    refused(file, "closed file")


def test_files_over_the_limit(tmp_path: Path, samples: dict[str, bytes]) -> None:
    tight = Limits(max_bytes=100)
    path = tmp_path / "a.wav"
    path.write_bytes(samples["wav"])
    for source in (path, samples["wav"], io.BytesIO(samples["wav"])):
        error = refused(source, "100 bytes", limits=tight)
        assert "Limits(max_bytes=…)" in error.hint


def test_a_sparse_giant_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    started = time.perf_counter()
    refused(path, "larger than the limit")
    assert time.perf_counter() - started < 1


# --- content -------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.8, 0.97])
@pytest.mark.parametrize("kind", FORMATS)
def test_cut_short(samples: dict[str, bytes], kind: str, share: float) -> None:
    data = samples[kind]
    refused(data[: max(1, int(len(data) * share))])


# Not webp: to its lossy decoder zeros are a picture like any other.
@pytest.mark.parametrize("kind", [kind for kind in FORMATS if kind != "webp"])
def test_only_the_head_is_right(samples: dict[str, bytes], kind: str) -> None:
    refused(samples[kind][:32] + bytes(5000))


@pytest.mark.parametrize("kind", FORMATS)
def test_damage_anywhere(
    samples: dict[str, bytes], kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Random damage gives a value or a `MediaError`, and nothing on the terminal."""
    chance = random.Random(kind)
    for attempt in range(30):
        data = bytearray(samples[kind])
        reach = len(data) if attempt % 2 else min(len(data), 200)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(reach)] = chance.randrange(256)
        found = value_or_error(bytes(data))
        assert not isinstance(found, MediaError) or found.hint
    assert capfd.readouterr() == ("", "")


def test_byte_soup() -> None:
    chance = random.Random(7)
    heads = [b"", b"\x89PNG\r\n\x1a\n", b"RIFF\xff\0\0\0WAVE", b"OggS", b"fLaC", b"ID3\x04\0\0"]
    heads += [
        b"\0\0\0\x18ftypmp42",
        b"\x1a\x45\xdf\xa3",
        b"GIF89a",
        b"\xff\xfb\x90",
        b"\xff\xf1\x50",
    ]
    for attempt in range(200):
        soup = heads[attempt % len(heads)] + chance.randbytes(chance.randrange(1, 3000))
        with pytest.raises(MediaError):
            load_media(soup)


@pytest.mark.parametrize(
    ("kind", "load", "message"),
    [
        ("mp3", Image.load, "is a sound, not a picture"),
        ("png", Audio.load, "is a picture, not a sound"),
        ("mp4", Audio.load, "is a video, not a sound"),
        ("mp4", Image.load, "is a video, not a picture"),
        ("wav", Video.load, "is a sound, not a video"),
        ("png", Video.load, "is a picture, not a video"),
        ("gif", Audio.load, "is a video, not a sound"),
    ],
)
def test_a_file_of_another_modality(
    samples: dict[str, bytes], kind: str, load: Any, message: str
) -> None:
    with pytest.raises(MediaError, match=message) as caught:
        load(samples[kind])
    assert "load_media" in caught.value.hint


def test_the_name_does_not_matter(samples: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "photo.png"
    path.write_bytes(samples["mp3"])
    assert isinstance(load_media(path), Audio)
    path.write_bytes(samples["jpeg"])
    assert Image.load(path).width == 48


@pytest.mark.parametrize("text", [b"just words", b"<html>404 not found</html>", b'{"a": 1}'])
def test_text_is_no_media(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "photo.png").write_bytes(text)
    error = refused(tmp_path / "photo.png", "is text, not a picture, sound or video")
    assert "photo.png" in error.message
    with pytest.raises(MediaError, match="is text"):
        read_tags(text)


@pytest.mark.parametrize(
    "data", [b"\0" * 1000, b"PK\x03\x04" + bytes(99), b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"]
)
def test_unknown_kinds(data: bytes) -> None:
    assert "PNG" in refused(data, "no picture, sound or video of a known kind").hint


def test_heic_is_told_apart() -> None:
    refused(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic")


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_sound_files_with_samples_that_are_no_numbers(value: float) -> None:
    wave = np.zeros(100, np.float32)
    wave[50] = value
    file = io.BytesIO()
    soundfile.write(file, wave, 16000, format="WAV", subtype="FLOAT")
    refused(file.getvalue(), "not numbers")


def test_picture_files_with_values_that_are_no_numbers() -> None:
    file = io.BytesIO()
    Pil.fromarray(np.array([[0, np.nan]], np.float32)).save(file, "TIFF")
    refused(file.getvalue(), "not numbers")


def test_a_sound_of_no_samples() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((0, 1)), 16000, format="WAV")
    refused(file.getvalue())


# --- bombs ---------------------------------------------------------------------------------------


def png_head(width: int, height: int) -> bytes:
    """A tiny PNG file that claims to be huge."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("side", [7_000, 10_000, 30_000, 2_000_000_000])
def test_a_picture_of_huge_size_is_refused_by_its_head(side: int) -> None:
    started = time.perf_counter()
    error = refused(png_head(side, side))
    assert time.perf_counter() - started < 1
    if side < 100_000:
        assert "Limits(max_pixels=…)" in error.hint


def test_pillow_does_not_warn_beside_the_error() -> None:
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        refused(png_head(10_000, 10_000), "40,000,000 pixels")
    assert not told


def test_a_real_bomb_needs_little_memory() -> None:
    """200 million pixels of one colour in a few kB: refused before they are unpacked."""
    file = io.BytesIO()
    Pil.new("1", (20_000, 10_000)).save(file, "PNG")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(file.getvalue(), "40,000,000 pixels")
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert after - before < 100_000  # kB


def test_long_silence_is_refused() -> None:
    """Eleven minutes of silence in a few kB."""
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", 8000, 1, format="FLAC") as writer:
        for _ in range(11):
            writer.write(np.zeros(8000 * 60, np.int16))
    started = time.perf_counter()
    error = refused(file.getvalue(), "longer than the limit of 600 seconds")
    assert time.perf_counter() - started < 1
    assert "Limits(max_seconds=…)" in error.hint


def test_many_channels_at_a_high_rate_are_refused(samples: dict[str, bytes]) -> None:
    refused(samples["flac"], "larger than the limit of 100 samples", limits=Limits(max_samples=100))


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg", "aiff"])
def test_sounds_over_the_limit(samples: dict[str, bytes], kind: str) -> None:
    refused(samples[kind], "longer than the limit of 1 seconds", limits=Limits(max_seconds=1))


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(max_seconds=0.5), "0.5 seconds"),
        (Limits(max_frames=7), "7 frames"),
        (Limits(max_pixels=47 * 48), "2,256 pixels"),
        (Limits(max_video_pixels=8 * 48 * 48 - 1), "18,431 pixels in all frames"),
    ],
    ids=["seconds", "frames", "pixels", "all pixels"],
)
@pytest.mark.parametrize("kind", ["mp4", "gif"])
def test_videos_over_the_limit(
    samples: dict[str, bytes], kind: str, limits: Limits, message: str
) -> None:
    refused(samples[kind], message, limits=limits)


def test_a_video_that_claims_a_huge_size(samples: dict[str, bytes]) -> None:
    data = bytearray(samples["mp4"])
    at = data.rfind(b"avc1") + 4 + 24  # width and height in the sample description
    assert struct.unpack(">HH", data[at : at + 4]) == (48, 48)
    data[at : at + 4] = struct.pack(">HH", 16_000, 16_000)
    found = value_or_error(bytes(data))
    # The picture data may know better than the head; nothing of 16,000 x 16,000 is made.
    assert isinstance(found, MediaError) or found.face().startswith("video, 1.0 s, 48x48")


def test_a_video_that_claims_many_frames(samples: dict[str, bytes]) -> None:
    data = bytearray(samples["mp4"])
    at = data.find(b"stts") + 4 + 8  # how often, and how long, in the table of times
    count, _ = struct.unpack(">II", data[at : at + 8])
    assert count == 8
    data[at : at + 4] = struct.pack(">I", 3_000_000_000)
    started = time.perf_counter()
    found = value_or_error(bytes(data))
    assert time.perf_counter() - started < 5
    assert isinstance(found, MediaError) or found.face().startswith("video, 1.0 s, 48x48")


def test_unknown_sound_format(small_audio: Audio) -> None:
    with pytest.raises(MediaError, match="unknown sound format 'mp5'") as caught:
        small_audio.encode(format="mp5")  # type: ignore[arg-type]
    assert caught.value.hint == "one of: wav, flac, mp3, ogg"


@pytest.mark.parametrize("file_format", ["mp3", "ogg"])
def test_too_many_channels_for_a_format(file_format: Any) -> None:
    audio = Audio.load(np.zeros((100, 6)), rate=48000)
    with pytest.raises(MediaError, match="at most 2 channels") as caught:
        audio.encode(format=file_format)
    assert "mono()" in caught.value.hint


def test_tags_that_cannot_be_written(small_image: Image) -> None:
    with pytest.raises(MediaError, match="cannot be encoded"):
        small_image.encode({"ключ": "value"})
