"""Stand-ins: small media in place of attachments that a row names without giving a file.

An LLM that looks into attachments plans otherwise when it has some to look into, so it is measured
as it is used: with something there. What a stand-in shows (a shape, a tone) no row asks for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

from modaverse.media import MODALITIES, Audio, Image, Media, Modality, Video

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["drawn", "perceived", "standin"]

_SIZE = 64  # pixels of each side
_FRAMES, _FPS = 16, 8.0
_RATE = 16_000  # Hz; a tone lasts as many samples
_FADE = 800  # samples in which a tone comes and goes, so that it does not click
_INKS = ((200, 40, 40), (30, 110, 200), (20, 140, 60), (150, 60, 170), (40, 40, 40))
_GROUNDS = ((245, 240, 225), (190, 225, 245), (215, 235, 200), (250, 215, 160))


def perceived(llm: object) -> frozenset[Modality]:
    """The modalities that an LLM can look into: what its `perceives()` says, or none."""
    says = getattr(llm, "perceives", None)
    said = says() if says else ()
    return frozenset(modality for modality in MODALITIES if modality in said)


def standin(modality: Modality, name: str) -> Media:
    """A small medium that is always the same of the same name.

    Args:
        modality: Of the medium: a picture of 64x64 pixels with a filled shape on a plain ground, a
            tone of one second (16 kHz, mono), or a silent clip of 16 such pictures (8 a second) in
            which the shape moves to the right.
        name: Chooses colours and shape, or the pitch.

    Raises:
        ValueError: The modality is text, of which there are no stand-ins.
    """
    choice = hashlib.sha256(name.encode()).digest()
    if modality == "image":
        return Image(_shape(choice, _SIZE // 2))
    if modality == "audio":
        return Audio(_tone(220.0 + 3 * choice[0]), _RATE)
    if modality == "video":
        places = np.linspace(_SIZE // 4, 3 * _SIZE // 4, _FRAMES)
        return Video(np.stack([_shape(choice, place) for place in places]), _FPS)
    raise ValueError(f"there is no stand-in of {modality}")


def drawn(modalities: Iterable[Modality]) -> str:
    """What tells these stand-ins from others, should they ever be drawn in another way."""
    hashed = hashlib.sha256()
    for modality in modalities:
        medium = standin(modality, "")
        values = medium.samples if isinstance(medium, Audio) else _pixels(medium)
        hashed.update(values.tobytes())
    return hashed.hexdigest()[:16]


def _pixels(medium: Image | Video) -> NDArray[np.uint8]:
    return medium.array if isinstance(medium, Image) else medium.frames


def _shape(choice: bytes, x: float) -> NDArray[np.uint8]:
    """A disc, a square or a diamond whose centre is `x` pixels from the left, uint8 [64, 64, 3]."""
    rows, columns = np.mgrid[:_SIZE, :_SIZE]
    down, right = np.abs(rows - _SIZE // 2), np.abs(columns - x)
    far = (np.hypot(down, right), np.maximum(down, right), down + right)[choice[0] % 3]
    inside = far <= 10 + choice[1] % 6  # pixels from the centre
    ink, ground = _INKS[choice[2] % len(_INKS)], _GROUNDS[choice[3] % len(_GROUNDS)]
    return np.where(inside[..., None], np.array(ink, np.uint8), np.array(ground, np.uint8))


def _tone(hertz: float) -> NDArray[np.float32]:
    """A sine of one second that comes and goes softly, float32 [16000, 1]."""
    places = np.arange(_RATE)
    loudness = 0.5 * np.minimum(1, np.minimum(places, places[::-1]) / _FADE)
    wave = loudness * np.sin(2 * np.pi * hertz * places / _RATE)
    return wave.astype(np.float32)[:, None]
