"""Makes the sounds that text-to-audio learns: every sound of the concept list, in many renderings.

    python -m modaverse_training.nano.synthesis --out FOLDER

Instruments need FluidSynth and the FluidR3 sound font (Debian: fluidsynth, fluid-soundfont-gm).
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from modaverse_training.nano import captions
from modaverse_training.nano.animals import ANIMALS
from modaverse_training.nano.concepts import sounds
from modaverse_training.nano.effects import EFFECTS
from modaverse_training.nano.instruments import INSTRUMENTS, render
from modaverse_training.nano.signals import Style, Wave

Pool: TypeAlias = NDArray[np.int16]  # [n, samples], 16 kHz

_LOUDNESS = 0.12  # root mean square of a finished sound, where its peaks allow it


@dataclass(frozen=True)
class Take:
    """One rendering: which sound, how it is played, and the seed of its small differences."""

    sound: str
    tempo: str
    register: str
    seed: int

    @property
    def style(self) -> Style:
        """How it is to be played, with its own source of chance."""
        return Style(self.tempo, self.register, np.random.default_rng(self.seed))

    def caption(self, rng: Random) -> str:
        """One of the many captions that are true of it."""
        music = self.sound in INSTRUMENTS
        return captions.sound_caption(self.sound, self.tempo, self.register, rng, music=music)


def sample_takes(count: int, seed: int) -> list[Take]:
    """Takes of all sounds in equal shares; most are plain, some slow or fast, low or high."""
    rng = Random(seed)
    names = list(sounds())
    return [
        Take(
            sound=names[number % len(names)],
            tempo=rng.choice(("", "", "slow", "fast")),
            register=rng.choice(("", "", "", "low", "high")),
            seed=rng.randrange(1 << 32),
        )
        for number in range(count)
    ]


def perform(takes: Sequence[Take]) -> Pool:
    """Render takes: int16 [n, samples] at 16 kHz.

    Raises:
        FileNotFoundError: An instrument is wanted, and FluidSynth or its font is missing.
    """
    by_sound = defaultdict(list)
    for row, take in enumerate(takes):
        by_sound[take.sound].append(row)
    pool = np.zeros((len(takes), 3 * 16_000), dtype=np.int16)
    for sound, rows in by_sound.items():
        for row, wave in zip(rows, _waves(sound, [takes[row].style for row in rows]), strict=True):
            pool[row] = np.round(levelled(wave) * 32767)
    return pool


def levelled(wave: Wave) -> Wave:
    """The sound at a common loudness, its peaks within 0.95, without direct current and clicks."""
    wave = wave - wave.mean()
    fade = np.minimum(np.arange(len(wave)) / 80, 1)
    wave = wave * fade * fade[::-1]
    gain = _LOUDNESS / (np.sqrt(np.mean(wave**2)) + 1e-9)
    loud = wave * gain
    # a soft knee instead of a cut, so that strikes stay strikes
    soft: Wave = 0.95 * np.tanh(loud / 0.95)
    return soft


def make_pool(out: Path, count: int, seed: int) -> tuple[Pool, list[Take]]:
    """Waves int16 [n, samples] and their takes, from disk if made before."""
    waves, listing = out / "waves.npy", out / "takes.json"
    if not listing.is_file():
        out.mkdir(parents=True, exist_ok=True)
        takes = sample_takes(count, seed)
        np.save(waves, perform(takes))
        listing.write_text(json.dumps([vars(take) for take in takes]))
    takes = [Take(**row) for row in json.loads(listing.read_text())]
    return np.load(waves, mmap_mode="r"), takes


def _waves(sound: str, styles: Sequence[Style]) -> list[Wave]:
    if sound in INSTRUMENTS:
        parts = [styles[start : start + 100] for start in range(0, len(styles), 100)]
        return [wave for part in parts for wave in render(sound, part)]
    return [{**ANIMALS, **EFFECTS}[sound](style) for style in styles]


def main() -> None:
    """Read the command line and make a pool of sounds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    make_pool(options.out, options.count, options.seed)


if __name__ == "__main__":
    main()
