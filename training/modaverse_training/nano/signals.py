"""Building blocks of synthesised sound: filtered noise, harmonics, formants, envelopes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

RATE: Final = 16_000  # samples a second
SECONDS: Final = 3
SAMPLES: Final = RATE * SECONDS

Wave: TypeAlias = NDArray[np.float64]  # [samples]
_SPEEDS: Final = {"slow": 0.62, "": 1.0, "fast": 1.6}
_PITCHES: Final = {"low": 0.7, "": 1.0, "high": 1.42}


@dataclass(frozen=True)
class Style:
    """How one sound is to be played.

    Attributes:
        tempo: "slow", "fast" or "" for neither.
        register: "low", "high" or "" for neither.
        rng: Of the small differences between two renderings.
    """

    tempo: str
    register: str
    rng: np.random.Generator

    @property
    def speed(self) -> float:
        """By how much faster things happen than usual."""
        return _SPEEDS[self.tempo]

    @property
    def pitch(self) -> float:
        """By how much higher frequencies are than usual."""
        return _PITCHES[self.register]

    def about(self, value: float, spread: float = 0.05) -> float:
        """`value`, a little off."""
        return value * float(self.rng.uniform(1 - spread, 1 + spread))

    def onsets(
        self, interval: float, *, start: float = 0.15, end: float = SECONDS - 0.2
    ) -> list[float]:
        """Seconds of regular events, `interval` apart at the usual speed."""
        return list(np.arange(self.about(start, 0.1), end, interval / self.speed))


def seconds(length: float) -> Wave:
    """Time in seconds of the samples of a stretch of sound."""
    return np.arange(int(length * RATE)) / RATE


def curve(points: Iterable[tuple[float, float]], length: float) -> Wave:
    """A line through (part of the length in 0..1, value), sampled over `length` seconds."""
    where, values = zip(*points, strict=True)
    line: Wave = np.interp(np.linspace(0, 1, int(length * RATE)), where, values)
    return line


def swell(length: float, attack: float, release: float) -> Wave:
    """Rises over `attack` seconds, stays at 1, falls over `release`; smooth ends."""
    t = seconds(length)
    ramp = np.minimum(np.minimum(t / attack, (length - t) / release), 1).clip(0, 1)
    smooth: Wave = ramp * ramp * (3 - 2 * ramp)
    return smooth


def decay(length: float, half: float, attack: float = 0.002) -> Wave:
    """Strikes within `attack` seconds, then halves every `half` seconds."""
    t = seconds(length)
    return np.minimum(t / attack, 1) * np.exp2(-t / half)


def harmonics(
    pitch: Wave, loudness: Callable[[int, Wave], Wave | float], *, most: int = 40
) -> Wave:
    """Sum of partials of a moving pitch.

    Args:
        pitch: Fundamental in Hz at each sample.
        loudness: (number of the partial, its frequency at each sample) -> amplitude.
        most: How many partials at most; none goes above 7,600 Hz.
    """
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    total = np.zeros(len(pitch))
    for number in range(1, most + 1):
        frequency = number * pitch
        if frequency.min() > 7600:
            break
        total += loudness(number, frequency) * (frequency < 7600) * np.sin(number * phase)
    return total


def voice(
    pitch: Wave,
    formants: Iterable[tuple[Wave | float, float, float]],
    *,
    tilt: float = 0.5,
    most: int = 40,
) -> Wave:
    """A throat: partials of a pitch, louder around formants (centre Hz, half width Hz, gain)."""
    bands = tuple(formants)

    def loudness(number: int, frequency: Wave) -> Wave:
        gains = sum(gain / (1 + ((frequency - at) / wide) ** 2) for at, wide, gain in bands)
        tilted: Wave = np.asarray(gains) / number**tilt
        return tilted

    return harmonics(pitch, loudness, most=most)


def noise(length: float, rng: np.random.Generator, shape: Callable[[Wave], Wave]) -> Wave:
    """Noise of `length` seconds with the spectrum `shape(Hz)`, at a standard deviation of 1."""
    count = int(length * RATE)
    spectrum = np.fft.rfft(rng.standard_normal(count))
    top = (len(spectrum) - 1) * RATE / count
    frequencies: Wave = np.linspace(0, top, len(spectrum))  # Hz
    sound = np.fft.irfft(spectrum * shape(frequencies), count)
    level: Wave = sound / (sound.std() + 1e-9)
    return level


def band(low: float, high: float) -> Callable[[Wave], Wave]:
    """Spectrum of a band of noise with soft edges, for `noise`."""
    return lambda f: 1 / np.sqrt((1 + (low / (f + 1)) ** 6) * (1 + (f / high) ** 6))


def peak(at: float, wide: float) -> Callable[[Wave], Wave]:
    """Spectrum of a resonance at `at` Hz, for `noise`."""
    return lambda f: 1 / (1 + ((f - at) / wide) ** 2)


def silence() -> Wave:
    """Nothing, at the full length."""
    return np.zeros(SAMPLES)


def put(track: Wave, sound: Wave, at: float, gain: float = 1.0) -> None:
    """Mix a sound into a track from second `at` on; what hangs over is cut."""
    start = int(at * RATE)
    count = max(0, min(len(sound), len(track) - start))
    track[start : start + count] += gain * sound[:count]


def struck(length: float, partials: Iterable[tuple[float, float, float]]) -> Wave:
    """Something struck: partials (Hz, gain, seconds to halve) that ring and fade."""
    t = seconds(length)
    return np.asarray(
        sum(
            gain * np.sin(2 * np.pi * at * t) * decay(length, half)
            for at, gain, half in partials
            if at < 7800
        )
    )


def echoes(sound: Wave, rng: np.random.Generator, *, half: float = 0.25, wet: float = 0.4) -> Wave:
    """The sound in a large room: a tail of soft noise that halves every `half` seconds."""
    tail = noise(1.5, rng, band(100, 3000)) * decay(1.5, half, attack=0.02)
    size = len(sound) + len(tail)
    product = np.fft.rfft(sound, size) * np.fft.rfft(tail, size)
    wash: Wave = np.fft.irfft(product, size)[: len(sound)]
    wash *= wet * np.abs(sound).max() / (np.abs(wash).max() + 1e-9)
    return sound + wash
