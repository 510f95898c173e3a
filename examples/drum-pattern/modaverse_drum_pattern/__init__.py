"""drum-pattern, a tool for ModaVerse: drums played from patterns of sixteenth notes."""

from __future__ import annotations

import hashlib
import re
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from modaverse.media import Audio
from modaverse.tool import Context, tool

__all__ = ["drum_pattern"]

_RATE = 16_000  # Hz
Sound = NDArray[np.float32]

# A bar of each style: kick, snare, hi-hat. x is a stroke, o a soft one; a waltz has twelve places.
_STYLES = {
    "rock punk metal country": ("x.......x.x.....", "....x.......x...", "x.x.x.x.x.x.x.x."),
    "disco house techno dance party": ("x...x...x...x...", "....x.......x...", "..x...x...x...x."),
    "funk soul afrobeat": ("x..x..x...x..x..", "....x..o.o..x..o", "x.xxx.x.x.xxx.x."),
    "hip hop rap boom trap": ("x......x..x.....", "....x.......x...", "x.x.x.xxx.x.x.x."),
    "drum bass jungle breakbeat": ("x.........x.....", "....x..o....x..o", "x.x.x.x.x.x.x.x."),
    "reggae dub ska": ("........x.......", "........x.......", "..x...x...x...x."),
    "bossa nova samba latin": ("x..xx..xx..xx..x", "x..x..x...x..x..", "xxxxxxxxxxxxxxxx"),
    "salsa rumba tango afro": ("x.....x.x.....x.", "x..x..x...x.x...", "x.xx.xx.x.xx.xx."),
    "jazz swing ballad blues shuffle": ("x.......o.......", "....o.......o...", "x...x.x.x...x.x."),
    "waltz": ("x...........", "....x...x...", "x...x...x..."),
    "march marching wedding polka": ("x...x...x...x...", "x.xxx.xxx.xxx.x.", "................"),
}


@tool
def drum_pattern(
    prompt: str,
    *,
    bpm: Annotated[int, Field(ge=40, le=240)] = 110,
    bars: Annotated[int, Field(ge=1, le=16)] = 2,
    swing: bool = False,
    context: Context,
) -> Audio:
    """Make a drum pattern in a style of music, or from strokes written as x..x..x.

    Args:
        prompt: The style, or strokes: x is one, a dot is none.
        bpm: Beats a minute.
        bars: Number of bars.
        swing: Whether every second eighth comes late.
        context: The seed decides the strokes of a style that is not known.

    Examples:
        a drum pattern for a slow waltz => drum-pattern: a slow waltz
        play me a funk drum pattern => drum-pattern: funk
        I need drums for my song, it is reggae => drum-pattern: reggae
        a rock drum pattern at 150 bpm => drum-pattern with {"bpm":150}: rock
        eight bars of hip hop drums, as a pattern => drum-pattern with {"bars":8}: hip hop
        a blues drum pattern with swing => drum-pattern with {"swing":true}: blues
        a rhythm of drums to dance {prompt}
        program the drum machine for {prompt}
    """
    kick, snare, hat = _strokes(prompt, context.seed)
    step = 60 / bpm / 4  # seconds of a sixteenth
    length = len(kick) * bars
    out: Sound = np.zeros(round((length * step + 0.6) * _RATE), np.float32)
    voices = {"kick": kick, "snare": snare, "hat": hat}
    for place in range(length):
        late = step * 2 / 3 if swing and place % 4 == 2 else 0.0
        at = round((place * step + late) * _RATE)
        for name, strokes in voices.items():
            loud = {"x": 1.0, "o": 0.4}.get(strokes[place % len(strokes)], 0.0)
            if loud:
                sound = loud * _VOICES[name][: len(out) - at]
                out[at : at + len(sound)] += sound
        context.report(place + 1, length)
    return Audio(np.asarray(0.7 * np.tanh(out)[:, None], np.float32), _RATE)  # [samples, 1]


def _strokes(text: str, seed: int) -> tuple[str, str, str]:
    """Kick, snare and hi-hat of one bar."""
    if written := re.findall(r"[xo.]{4,}", text.lower()):
        kick, snare, hat = (*written[:3], *("." * len(written[0]),) * 2)[:3]
        return kick, snare, hat
    words = set(re.findall(r"[a-z]+", text.lower()))
    scores = {styles: len(words & set(styles.split())) for styles in _STYLES}
    best = max(scores, key=lambda styles: scores[styles])
    if scores[best]:
        return _STYLES[best]
    dice = np.random.default_rng(
        int.from_bytes(hashlib.sha256(f"{seed}:{text}".encode()).digest()[:8], "big")
    )
    kick = "x" + "".join(dice.choice(["x", ".", ".", "."], 15))
    return kick, "....x.......x...", "".join(dice.choice(["x", "x", "."], 16))


def _fading(seconds: float, speed: float) -> tuple[Sound, Sound]:
    """Seconds from 0 on, and how loud what fades out at a speed is then; float32 [n]."""
    clock = np.asarray(np.arange(round(seconds * _RATE)) / _RATE, np.float32)
    return clock, np.asarray(np.exp(-speed * clock), np.float32)


def _kick() -> Sound:
    """A tone that falls from 160 to 45 Hz."""
    clock, loud = _fading(0.4, 12)
    turns = 45 * clock + (160 - 45) / 30 * (1 - np.exp(-30 * clock))
    return np.asarray(loud * np.sin(2 * np.pi * turns), np.float32)


def _snare() -> Sound:
    """Noise over a short tone."""
    clock, loud = _fading(0.25, 18)
    noise = np.random.default_rng(1).uniform(-1, 1, len(clock))
    return np.asarray(loud * (0.5 * noise + 0.4 * np.sin(2 * np.pi * 190 * clock)), np.float32)


def _hat() -> Sound:
    """Noise without its low part."""
    clock, loud = _fading(0.08, 60)
    noise = np.random.default_rng(2).uniform(-1, 1, len(clock))
    return np.asarray(0.35 * loud * np.diff(noise, prepend=0.0), np.float32)


_VOICES = {"kick": _kick(), "snare": _snare(), "hat": _hat()}
