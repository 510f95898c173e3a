"""Video tools: soundtracks, stills and sounds, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from modaverse.errors import RequestError, ToolError
from modaverse.media import Audio, Image, Video
from modaverse_tools import video
from modaverse_tools.video import add_soundtrack, video_to_audio, video_to_image

RATE = 8000


def clip(frames: int = 16, fps: float = 8.0, audio: Audio | None = None) -> Video:
    """A video whose frame i has the grey level i."""
    levels = np.arange(frames, dtype=np.uint8)[:, None, None, None]
    return Video(np.ascontiguousarray(np.broadcast_to(levels, (frames, 8, 12, 3))), fps, audio)


def tone(seconds: float, channels: int = 1) -> Audio:
    samples = np.full((round(seconds * RATE), channels), 0.25, np.float32)
    return Audio(samples, RATE)


def test_sound_of_the_same_length_is_put_in_as_it_is() -> None:
    made = add_soundtrack("", clip(), tone(2.0))
    assert made.audio == tone(2.0)
    assert made.frames.tolist() == clip().frames.tolist()
    assert made.fps == 8


def test_short_sound_is_followed_by_silence() -> None:
    made = add_soundtrack("", clip(), tone(0.5, channels=2))
    assert made.audio.samples.shape == (2 * RATE, 2)
    assert (made.audio.samples[: RATE // 2] == 0.25).all()
    assert not made.audio.samples[RATE // 2 :].any()


@pytest.mark.parametrize("seconds", [2.1, 3.0])
def test_sound_that_is_a_little_longer_fades_out_with_the_video(seconds: float) -> None:
    made = add_soundtrack("", clip(), tone(seconds, channels=2))
    assert made.frames.tolist() == clip().frames.tolist()
    assert made.audio.samples.shape == (2 * RATE, 2)
    assert (made.audio.samples[: RATE + RATE // 2] == 0.25).all()
    tail = made.audio.samples[-RATE // 2 :, 0]
    assert (np.diff(tail) < 0).all()
    assert tail[-1] == 0


def test_short_video_starts_again_until_the_sound_is_over() -> None:
    made = add_soundtrack("", clip(), tone(3.1))
    assert len(made.frames) == 25  # 24.8 frames
    assert made.frames[:, 0, 0, 0].tolist() == [*range(16), *range(9)]
    assert made.audio.seconds == pytest.approx(25 / 8)
    assert (made.audio.samples[: round(3.1 * RATE)] == 0.25).all()


def test_sound_replaces_the_one_there_was() -> None:
    made = add_soundtrack("", clip(audio=tone(2.0, channels=2)), tone(2.0))
    assert made.audio.samples.shape[1] == 1


def test_repeating_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(video, "MAX_BYTES", 30 * 8 * 12 * 3)
    assert len(add_soundtrack("", clip(), tone(3.75)).frames) == 30
    with pytest.raises(RequestError, match="too long") as caught:
        add_soundtrack("", clip(), tone(3.8))
    assert "shorter sound" in caught.value.hint


@pytest.mark.parametrize(
    ("second", "frame"), [(0, 0), (0.124, 0), (0.125, 1), (0.3, 2), (1.875, 15), (2.0, 15)]
)
def test_still_is_the_frame_shown_then(second: float, frame: int) -> None:
    still = video_to_image("", clip(), second=second)
    assert isinstance(still, Image)
    assert still == clip().frame(frame)


@pytest.mark.parametrize(("at", "frame"), [("start", 0), ("middle", 7), ("end", 15)])
def test_still_of_a_place(at: str, frame: int) -> None:
    assert video_to_image("", clip(), at=at) == clip().frame(frame)


def test_still_of_a_second_and_a_place_is_refused() -> None:
    with pytest.raises(RequestError, match="second 1 is not one at the end") as caught:
        video_to_image("", clip(), second=1, at="end")
    assert caught.value.hint == "give either second or at"


def test_odd_frame_rates_find_their_frame() -> None:
    film = clip(30, fps=30000 / 1001)
    for frame in (1, 7, 29):
        assert video_to_image("", film, second=frame / film.fps).array[0, 0, 0] == frame


def test_still_after_the_end_is_refused() -> None:
    with pytest.raises(
        RequestError, match=r"lasts 2 seconds, so there is no second 2\.5"
    ) as caught:
        video_to_image("", clip(), second=2.5)
    assert "from 0 to 2" in caught.value.hint
    with pytest.raises(ToolError, match="second"):
        video_to_image("", clip(), second=-1)


def test_sound_is_taken_out() -> None:
    assert video_to_audio("", clip(audio=tone(2.0))) == tone(2.0)
    with pytest.raises(RequestError, match="no sound"):
        video_to_audio("", clip())


def test_soundtrack_survives_a_file() -> None:
    made = Video.load(add_soundtrack("", clip(), tone(2.0)).encode())
    assert made.audio is not None
    assert made.audio.seconds == pytest.approx(2.0, abs=0.1)
    assert len(made.frames) == 16
