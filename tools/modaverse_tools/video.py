"""Video tools that need no model: put a sound to a video, take a still or the sound out of it."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import Field

from modaverse.errors import RequestError
from modaverse.media import Audio, Image, Video
from modaverse.tool import tool

__all__ = ["MAX_BYTES", "add_soundtrack", "video_to_audio", "video_to_image"]

MAX_BYTES = 1 << 30  # of frames, when a video is repeated for as long as its sound lasts
_FADE = 0.5  # seconds, of a sound that lasts longer than its video
_LONGER = 1.5  # times as long as the video: up to here a sound is cut, and no video repeated


@tool
def add_soundtrack(prompt: str, video: Video, audio: Audio) -> Video:
    """Put a sound to a video, in place of any sound it has; the prompt may stay empty.

    The result lasts as long as the video: a sound that is a little longer fades out at its end,
    after a shorter one there is silence. Where the sound lasts more than half as long again, as a
    story that is read to a short video does, the video starts again until it is over.

    Args:
        prompt: Not used.
        video: The pictures.
        audio: The sound.

    Raises:
        RequestError: The sound is so long that the repeated video would not fit into memory.
    """
    frames = len(video.frames)
    if audio.seconds > _LONGER * video.seconds:
        frames = max(frames, math.ceil(round(audio.seconds * video.fps, 6)))
    if frames > len(video.frames) and video.frames[0].nbytes * frames > MAX_BYTES:
        raise RequestError(
            "the sound lasts too long for this video to be repeated until its end",
            hint="give a shorter sound, or a smaller or longer video",
        )
    return video.with_sound(_fitted(audio, frames / video.fps), frames=frames)


@tool
def video_to_image(
    prompt: str,
    video: Video,
    *,
    second: Annotated[float, Field(ge=0, le=600)] = 0.0,
    at: Literal["start", "middle", "end"] = "start",
) -> Image:
    """Take a still picture out of a video, of a second or a place; the prompt may stay empty.

    Args:
        prompt: Not used.
        video: The video.
        second: When, from the start of the video.
        at: Instead of a second: its first frame, the one in the middle, or the last.

    Raises:
        RequestError: The video ends before that second, or one is told with the middle or end.
    """
    if at != "start" and second:
        raise RequestError(
            f"a still at second {second:g} is not one at the {at}",
            hint="give either second or at",
        )
    if second > video.seconds:
        raise RequestError(
            f"the video lasts {video.seconds:g} seconds, so there is no second {second:g}",
            hint=f"ask for a second from 0 to {video.seconds:g}",
        )
    last = len(video.frames) - 1
    places = {"start": int(second * video.fps + 1e-6), "middle": last // 2, "end": last}
    return video.frame(min(places[at], last))


@tool
def video_to_audio(prompt: str, video: Video) -> Audio:
    """Take the sound out of a video; the prompt may stay empty.

    Args:
        prompt: Not used.
        video: The video.

    Raises:
        RequestError: The video has no sound.
    """
    if video.audio is None:
        raise RequestError("the video has no sound", hint="give a video with sound")
    return video.audio


def _fitted(audio: Audio, seconds: float) -> Audio:
    """`audio` for `seconds`: faded out if it is longer, with silence after it if it is shorter."""
    import numpy as np

    count = round(seconds * audio.rate)
    missing = count - len(audio.samples)
    if missing == 0:
        return audio
    if missing > 0:
        return Audio(np.pad(audio.samples, ((0, missing), (0, 0))), audio.rate)  # [n, channels]
    samples = audio.samples[:count].copy()
    fade = min(round(_FADE * audio.rate), count // 4)
    samples[count - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)[:, None]
    return Audio(samples, audio.rate)
