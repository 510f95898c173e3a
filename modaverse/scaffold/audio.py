"""new-tool, a tool for ModaVerse: melodies made of letters."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from modaverse.media import Audio
from modaverse.tool import Context, tool

__all__ = ["new_tool"]

_RATE = 16_000  # Hz
_LOWEST = 220.0  # Hz
_SCALE = (0, 2, 4, 7, 9)  # semitones of a scale of five tones: no two of them clash
_OVERTONES = {"bell": (1.0, 0.0, 0.4, 0.0, 0.2), "organ": (1.0, 0.6, 0.4, 0.3, 0.2)}


@tool
def new_tool(
    prompt: str,
    *,
    bpm: Annotated[int, Field(ge=40, le=240)] = 120,
    voice: Literal["bell", "organ"] = "bell",
    context: Context,
) -> Audio:
    """Make a letter melody: every letter of the prompt is a note.

    Args:
        prompt: The words; what is no letter is a rest.
        bpm: Notes a minute.
        voice: What plays: a bell or an organ.
        context: Tells how far the work has come, and whether to stop.

    Examples:
        a letter melody of Johann Sebastian => new-tool: Johann Sebastian
        play "hello" as a melody of letters => new-tool: hello
        a letter melody of sea at 90 bpm => new-tool with {"bpm":90}: sea
        what does {prompt} sound like as a letter melody?
    """
    letters = prompt.lower()[:256] or " "
    clock = np.arange(round(_RATE * 60 / bpm), dtype=np.float32) / _RATE  # [n], seconds
    notes = []
    for place, letter in enumerate(letters):
        notes.append(_note(letter, clock, voice))
        context.report(place + 1, len(letters))
    return Audio(np.concatenate(notes)[:, None], _RATE)  # [notes * n, 1]


def _note(letter: str, clock: np.ndarray, voice: str) -> np.ndarray:
    """One letter as a fading tone, float32 [n]."""
    if not letter.isalpha():
        return np.zeros_like(clock)
    octave, step = divmod(ord(letter) % 15, len(_SCALE))
    pitch = _LOWEST * 2 ** (octave + _SCALE[step] / 12)
    parts = enumerate(_OVERTONES[voice], 1)
    tone = sum(loud * np.sin(2 * np.pi * pitch * order * clock) for order, loud in parts)
    fading = np.exp(-4 * clock) * np.minimum(1, 200 * clock)  # no click where it begins
    return np.asarray(0.3 * tone * fading, np.float32)
