"""Variations of rows and of their media; each is a function of a seed and of nothing else.

A picture may be flipped and cropped, a sound raised or lowered and overlaid with noise, a request
put into other words by frames that leave alone what the plan repeats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from modaverse.errors import PlanError
from modaverse.media import Audio, Image, load_media
from modaverse_training.instructions.plans import last_plan
from modaverse_training.instructions.row import MediaRef, Row, Turn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["MIRRORED", "mirrored_words", "reworded", "varied", "varied_picture", "varied_sound"]

MIRRORED: Mapping[str, str] = {
    "left": "right", "right": "left", "leftmost": "rightmost", "rightmost": "leftmost",
    "leftward": "rightward", "rightward": "leftward", "leftwards": "rightwards",
    "rightwards": "leftwards",
}  # fmt: skip
# "right" is a side behind such words, or before such; else it may mean that something is correct.
_SIDED = re.compile(
    r"(?P<before>\b(?:(?:on|to|at|of|in) the |(?:top|bottom|upper|lower|far|their|his|her|its) |"
    r"(?:moving|going|facing|turning|walking|running|looking|flying) ))"
    r"(?P<side>left|right)\b(?! (?:one|thing|answer|word|time|moment))"
    r"|\b(?P<of>left|right)(?=[ -](?:side|half|hand|corner|edge|arm|leg|foot|wing|eye|ear)\b)"
    r"|\b(?P<most>(?:left|right)(?:most|wards?))\b",
    re.IGNORECASE,
)
# Words of a picture that a mirror would make wrong: writing, clocks, numbers.
_READ = re.compile(
    r"\b(sign|text|letters?|words?|writ\w+|says|reads|logo|number|clock|label|book|page|menu|flag|"
    r"map|keyboard|licen[cs]e plate)\b|\d|[\"“]", re.I
)  # fmt: skip
_CROP = 0.1  # most that is cut off from a side, as a share of it
_PITCH = 2.0  # semitones up or down at most
_NOISE = (20.0, 40.0)  # decibels by which the sound is above the noise
_WINDOW = 1024  # samples of a frame of the phase vocoder
_HOP = _WINDOW // 4

_BEFORE = (
    "{} ", "please {}", "hi, {}", "hey there! {}", "so, {}", "ok: {}", "next: {}",
    "could you help me? {}", "one more thing: {}", "here is what i need: {}", "um, {}",
    "i have a request: {}", "quick question. {}", "when you have a moment, {}",
)  # fmt: skip
_AFTER = (
    "", "", "", " please", ", thanks", ", thank you", " for me", " if you can", ", ok", " asap",
)  # fmt: skip


def varied(row: Row, folder: Path, out: Path, seed: int) -> Row | None:
    """The row with varied pictures and sounds, whose files are written to `out`.

    Args:
        row: A row of a data file in `folder`.
        folder: Where its paths begin.
        out: Folder for the new files; their paths in the new row are absolute.
        seed: Decides the variation.

    Returns:
        The new row; None if there is nothing to vary, as in videos and rows without files.

    Raises:
        MediaError: A file cannot be read.
    """
    if not any(ref.path and ref.modality != "video" for ref in row.media):
        return None
    flip = _may_flip(row) and Random(f"{seed} flip").random() < 0.5
    media = []
    for number, reference in enumerate(row.media):
        media.append(_varied_file(reference, folder, out, f"{seed}-{number}", flip=flip))
    turns = row.messages
    if flip:
        turns = tuple(
            turn.model_copy(update={"content": mirrored_words(turn.content)}) for turn in turns
        )
        media = [ref.model_copy(update={"caption": mirrored_words(ref.caption)}) for ref in media]
    return row.model_copy(
        update={
            "id": f"{row.id}+{seed}",
            "messages": turns,
            "media": tuple(media),
            "source": f"{row.source} varied",
        }
    )


def varied_picture(image: Image, seed: str | int, *, flip: bool | None = None) -> Image:
    """The picture, cropped by up to a tenth a side and maybe flipped.

    Args:
        image: At least 10 pixels a side, or it is only flipped.
        seed: Decides.
        flip: Whether to flip; None leaves that to the seed.
    """
    rng = Random(f"picture {seed}")
    pixels = image.array  # [h, w, c]
    high, wide = pixels.shape[:2]
    left, right = (int(rng.uniform(0, _CROP) * wide) for _ in range(2))
    top, low = (int(rng.uniform(0, _CROP) * high) for _ in range(2))
    part = pixels[top : high - low, left : wide - right]
    if rng.random() < 0.5 if flip is None else flip:
        part = part[:, ::-1]
    return Image(part.copy())


def varied_sound(audio: Audio, seed: str | int) -> Audio:
    """The sound, raised or lowered by up to two semitones at its length, with a little noise."""
    import numpy as np

    rng = Random(f"sound {seed}")
    semitones = rng.uniform(-_PITCH, _PITCH)
    above = rng.uniform(*_NOISE)
    shifted = _pitched(audio.samples.astype(np.float32), 2 ** (semitones / 12))
    loudness = float(np.sqrt(np.mean(shifted**2)))
    noise = np.random.default_rng(rng.randrange(2**32)).standard_normal(shifted.shape)
    mixed = shifted + loudness * 10 ** (-above / 20) * noise
    return Audio(np.clip(mixed, -1, 1).astype(np.float32), audio.rate)


def mirrored_words(text: str) -> str:
    """The text with left and right exchanged."""

    def other(found: re.Match[str]) -> str:
        side = found["side"] or found["of"] or found["most"]
        word = MIRRORED[side.lower()]
        return (found["before"] or "") + (word.capitalize() if side[0].isupper() else word)

    return _SIDED.sub(other, text)


def reworded(row: Row, seed: int) -> Row | None:
    """The row with its last request framed in another way; what the plan repeats stays as it is.

    Returns:
        The new row; None if its plan cannot be read.
    """
    try:
        prompts = [call.prompt for call in last_plan(row).calls if call.prompt]
    except PlanError:
        return None
    rng = Random(f"words {seed}")
    request = row.request.strip()
    closed = any(request.rstrip(".!?").endswith(prompt) for prompt in prompts)
    kept = any(request.startswith(prompt) for prompt in prompts)
    text = request if kept or request[:2].isupper() else request[:1].lower() + request[1:]
    mark = text[-1] if text[-1:] in ".!?" else ""
    core = text.removesuffix(mark) if mark and not closed else text
    text = rng.choice(_BEFORE).format(core) if "{" not in core else core
    text = text.strip() if closed else text.strip() + rng.choice(_AFTER) + mark
    if not kept and rng.random() < 0.5:
        text = text[:1].upper() + text[1:]
    turn = Turn(role="user", content=text, handles=row.messages[-2].handles)
    return row.model_copy(
        update={
            "id": f"{row.id}+w{seed}",
            "messages": (*row.messages[:-2], turn, row.messages[-1]),
            "source": f"{row.source} reworded",
        }
    )


def _may_flip(row: Row) -> bool:
    """Whether a mirror would keep the row true: something is a picture, and none is to be read."""
    pictures = [ref for ref in row.media if ref.modality == "image"]
    told = " ".join(ref.caption for ref in pictures)
    return bool(pictures) and not _READ.search(told) and len(pictures) == len(row.media)


def _varied_file(
    reference: MediaRef, folder: Path, out: Path, name: str, *, flip: bool
) -> MediaRef:
    """The reference to a varied file; the very reference for a video or if there is no file."""
    file = reference.file(folder)
    if file is None or reference.modality == "video":
        return reference
    target = out / f"{file.stem}-{name}{'.png' if reference.modality == 'image' else '.wav'}"
    if not target.is_file():
        out.mkdir(parents=True, exist_ok=True)
        value: Any = load_media(str(file))
        made: Image | Audio = (
            varied_picture(value, name, flip=flip)
            if reference.modality == "image"
            else varied_sound(value, name)
        )
        made.save(target)
    return reference.model_copy(update={"path": str(target.resolve())})


def _pitched(samples: NDArray[np.float32], factor: float) -> NDArray[np.float32]:
    """Samples [n, channels] with every frequency times `factor`, as long as before.

    Stretched in time by a phase vocoder (Flanagan and Golden 1966), then read faster or slower.
    """
    import numpy as np

    length = len(samples)
    if length < 2 * _WINDOW:
        return samples
    channels = [_stretched(channel, factor) for channel in samples.T]
    places = np.arange(length) * factor
    shifted = [np.interp(places, np.arange(len(c)), c) for c in channels]
    return np.stack(shifted, 1).astype(np.float32)


def _stretched(wave: NDArray[np.float32], factor: float) -> NDArray[np.float64]:
    """One channel, `factor` times as long, at its pitch."""
    import numpy as np

    window = np.hanning(_WINDOW)
    padded = np.pad(wave.astype(np.float64), _WINDOW)
    starts = np.arange(0, len(padded) - _WINDOW - _HOP, _HOP / factor)
    expected = 2 * np.pi * _HOP * np.arange(_WINDOW // 2 + 1) / _WINDOW
    out = np.zeros(len(starts) * _HOP + _WINDOW)
    weight = np.zeros_like(out)
    phase: NDArray[np.float64] | None = None
    for number, start in enumerate(starts.astype(int)):
        here = np.fft.rfft(window * padded[start : start + _WINDOW])
        later = np.fft.rfft(window * padded[start + _HOP : start + _HOP + _WINDOW])
        if phase is None:
            phase = np.angle(here)
        frame = np.fft.irfft(np.abs(here) * np.exp(1j * phase))
        place = number * _HOP
        out[place : place + _WINDOW] += window * frame
        weight[place : place + _WINDOW] += window**2
        advance = np.angle(later) - np.angle(here) - expected
        phase = phase + expected + advance - 2 * np.pi * np.round(advance / (2 * np.pi))
    even: NDArray[np.float64] = out / np.maximum(weight, 1e-3)
    return even[int(_WINDOW * factor) :]
