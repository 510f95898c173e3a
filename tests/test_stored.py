"""Files of results read back: nothing is encoded twice, and what is made again has equal bytes."""

from __future__ import annotations

import io
import pickle
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from modaverse.agent import Agent
from modaverse.library import Library
from modaverse.media import Audio, Image, Media, Video, load_media, modality_of
from modaverse.plan import Plan, ToolCall
from modaverse.stored import as_stored
from modaverse.tool import Context, tool
from modaverse.toolbox import Toolbox
from modaverse_tools.video import add_soundtrack, video_to_audio, video_to_image

TAGS = {"modaverse": "how it was made"}


def noise(*shape: int) -> Any:
    """uint8; compressed, it is not what it was."""
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def film(frames: int = 8, fps: float = 8.0, audio: Audio | None = None, size: int = 32) -> Video:
    return Video(noise(frames, size, size, 3), fps, audio)


def tone(seconds: float, rate: int = 16_000) -> Audio:
    time = np.arange(round(seconds * rate), dtype=np.float32) / rate
    return Audio((0.3 * np.sin(2764 * time)).astype(np.float32)[:, None], rate)


def written_by(encoder: str, container: str = "mp4", *, late: int = 0, x264: str = "") -> bytes:
    """Twelve frames of another writer, with `late` empty places after the first."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        stream: Any = output.add_stream(encoder, rate=8, options={"x264-params": x264})
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for index, array in enumerate(noise(12, 32, 32, 3)):
            frame = av.VideoFrame.from_ndarray(array, format="rgb24")
            frame.pts, frame.time_base = index + (late if index else 0), Fraction(1, 8)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


# --- values as their files hold them ------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "plain\r\ntext",
        "half a character: \ud83d",
        Image(noise(5, 7, 3)),
        Image(noise(5, 7, 4)),
        tone(0.1),
        Audio(np.linspace(-1, 1, 999, dtype=np.float32).reshape(-1, 3), 37_123),
        film(),
        film(1),
        film(9, 30_000 / 1001, tone(0.3, 44_100)),
        film(8, 12.5, tone(3.0, 11_025), size=33),
        film(30, 7.3, tone(0.5)),
    ],
    ids=lambda value: ascii(value) if isinstance(value, str) else repr(value),
)
def test_what_is_stored_stays_as_it_is(value: Media | str, tmp_path: Path) -> None:
    stored = as_stored(value)
    assert as_stored(stored) == stored
    again = Library(tmp_path).add(stored).load()
    assert again == stored
    assert modality_of(again) == modality_of(value)
    if not isinstance(stored, str) and not isinstance(again, str):
        assert again.encode(TAGS) == stored.encode(TAGS)
        assert load_media(again.encode(TAGS)) == stored


def test_lengths_survive_the_blocks_of_the_encoder() -> None:
    stored = as_stored(film(audio=tone(0.77)))
    assert isinstance(stored, Video)
    assert stored.audio is not None
    assert len(stored.audio.samples) == round(0.77 * 16_000)


# --- pictures that are copied --------------------------------------------------------------------


def with_sound_of(video: Video, seconds: float) -> Video:
    """The video as its file gives it, the sound put in by the tool."""
    made = Video.load(add_soundtrack("", video, tone(seconds)).encode())
    assert made.audio is not None
    assert made.audio.seconds == pytest.approx(len(made.frames) / made.fps, abs=1e-3)
    assert made.fps == video.fps
    return made


@pytest.mark.parametrize("seconds", [0.3, 1.0, 1.2, 2.0, 3.6])
def test_a_soundtrack_costs_the_pictures_nothing(seconds: float) -> None:
    video = Video.load(film().encode())
    made = with_sound_of(video, seconds)
    count = 8 if seconds <= 1.5 else round(np.ceil(seconds * 8))
    assert (made.frames == video.frames[np.arange(count) % 8]).all()
    again = with_sound_of(made, seconds)
    assert (again.frames == made.frames).all()


def test_neither_pictures_nor_sound_are_encoded_twice() -> None:
    video = Video.load(film(audio=tone(1.0)).encode())
    for _ in range(3):
        again = Video.load(video.encode(TAGS))
        assert again == video
        video = again


def test_other_pictures_are_not_taken_for_those_of_the_file() -> None:
    video = Video.load(film(audio=tone(1.0)).encode())
    dark = replace(video, frames=np.zeros_like(video.frames))
    assert Video.load(dark.encode()).frames.max() < 9
    silent = replace(video, audio=None)
    assert Video.load(silent.encode()).audio is None
    copy = pickle.loads(pickle.dumps(video))
    assert (copy, copy.encode(TAGS)) == (video, video.encode(TAGS))


@pytest.mark.parametrize("container", ["mp4", "matroska", "mov"])
def test_pictures_of_other_writers_are_copied(container: str) -> None:
    video = Video.load(written_by("libx264", container, x264="bframes=0"))
    assert (with_sound_of(video, 2.3).frames == video.frames[np.arange(19) % 12]).all()


def test_frames_that_need_later_ones_are_copied_where_they_can_be_cut() -> None:
    x264 = "bframes=3:b-adapt=0:scenecut=0:keyint=100"
    video = Video.load(written_by("libx264", x264=x264))
    whole = with_sound_of(video, 3.0)
    assert (whole.frames == np.concatenate([video.frames] * 2)).all()
    sounds = {count: tone(count / 8) for count in range(13, 17)}
    cuts = [
        Video.load(video.with_sound(sound, frames=count).encode())
        for count, sound in sounds.items()
    ]
    same = [(cut.frames == video.frames[np.arange(len(cut.frames)) % 12]).all() for cut in cuts]
    assert [len(cut.frames) for cut in cuts] == [13, 14, 15, 16]
    assert same[0]  # behind the first frame, which needs no other
    assert not all(same)  # some must be encoded


@pytest.mark.parametrize(
    "data",
    [
        written_by("libx264", late=9),
        written_by("libx264", "mpegts"),
        written_by("mpeg4"),
        written_by("libvpx-vp9", "webm"),
    ],
    ids=["variable rate", "mpegts", "mpeg4", "vp9"],
)
def test_what_cannot_be_copied_is_encoded(data: bytes) -> None:
    video = Video.load(data)
    made = with_sound_of(video, 2.9)
    shown = video.frames[np.arange(len(made.frames)) % len(video.frames)]
    assert not (made.frames == shown).all()
    assert np.abs(made.frames.astype(int) - shown).mean() < 60


# --- made again ----------------------------------------------------------------------------------


@tool
def roll_film(prompt: str, *, context: Context, seconds: float = 1.0) -> Video:
    """Make a video of noise."""
    random = np.random.default_rng(context.seed)
    frames = random.integers(0, 256, (round(8 * seconds), 33, 32, 3), dtype=np.uint8)
    return Video(frames, 8.0)


@tool
def hum(prompt: str, *, seconds: float = 1.5) -> Audio:
    """Make a sound."""
    return tone(seconds)


@tool
def louder(prompt: str, audio: Audio) -> Audio:
    """Make a sound louder."""
    return Audio(np.clip(audio.samples * np.float32(1.7), -1, 1), audio.rate)


@tool
def negative(prompt: str, video: Video) -> Video:
    """Turn light and dark around."""
    return Video(255 - video.frames, video.fps, video.audio)


CHAIN = Plan(
    calls=tuple(
        ToolCall(id=id, tool=name, prompt="x", inputs=inputs)
        for id, (name, *inputs) in enumerate(
            [
                ("roll-film",),
                ("hum",),
                ("louder", "#2"),
                ("add-soundtrack", "#1", "#3"),
                ("video-to-image", "#4"),
                ("video-to-audio", "#4"),
                ("negative", "#4"),
                ("add-soundtrack", "#7", "#6"),
            ],
            start=1,
        )
    )
)
TOOLS = [roll_film, hum, louder, negative, add_soundtrack, video_to_image, video_to_audio]


@pytest.mark.parametrize("keep", [True, False])
def test_every_result_can_be_made_again_byte_for_byte(keep: bool, tmp_path: Path) -> None:
    agent = Agent("unused", Toolbox(TOOLS), library=tmp_path / "library" if keep else None)
    reply = agent.run(CHAIN, seed=7)
    assert reply.ok
    files = {item.call: tmp_path / f"{item.call}{_suffix(item.value)}" for item in reply.items}
    for item in reply.items:
        item.save(files[item.call])
        assert load_media(files[item.call]) == item.value
        if item.path is not None:
            assert item.path.read_bytes() == files[item.call].read_bytes()
    for call in CHAIN.calls:
        inputs = () if keep else tuple(files[int(handle[1:])] for handle in call.inputs)
        (again,) = agent.rerun(files[call.id], inputs).items
        again.save(tmp_path / f"again{files[call.id].suffix}")
        made = (tmp_path / f"again{files[call.id].suffix}").read_bytes()
        assert made == files[call.id].read_bytes(), call.tool


def _suffix(value: Media | str) -> str:
    return {"image": ".png", "audio": ".wav", "video": ".mp4"}[modality_of(value)]
