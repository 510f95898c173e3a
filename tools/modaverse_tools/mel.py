"""Sound as a mel spectrogram and back: what the nano text-to-audio model sees and writes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

__all__ = ["MelCodec", "packed", "unpacked"]

_FLOOR = 2e-4  # of a band's amplitude; 60 dB below a tone of usual loudness


@dataclass(frozen=True)
class MelCodec:
    """Log-mel spectrograms, and waves that have them (fast Griffin-Lim, Perraudin et al. 2013).

    Attributes:
        rate: Samples a second.
        window: Samples of a Hann window, also the length of the transform.
        hop: Samples from frame to frame.
        bands: Mel bands from 30 Hz to half the rate.
        mean: Of the logarithm of each band, subtracted; empty for none.
        deviation: By which each band is divided; empty for none.
    """

    rate: int = 16_000
    window: int = 1024
    hop: int = 256
    bands: int = 112
    mean: tuple[float, ...] = ()
    deviation: tuple[float, ...] = ()

    def encode(self, waves: Tensor) -> Tensor:
        """Waves float32 [b, samples] -> normalised log-mel [b, bands, samples // hop + 1]."""
        power = self._transform(waves).abs() ** 2  # [b, bins, frames]
        level = (self._filters @ power).sqrt().clamp(min=_FLOOR).log()
        return (level - self._mean) / self._deviation

    def decode(
        self, mel: Tensor, *, rounds: int = 60, generator: torch.Generator | None = None
    ) -> Tensor:
        """Normalised log-mel [b, bands, frames] -> waves float32 [b, (frames - 1) * hop].

        Args:
            mel: As `encode` makes it.
            rounds: Of Griffin-Lim; each brings the phases nearer to those of a real sound.
            generator: For the phases that it starts from.
        """
        amplitude = self._amplitude(mel.float())
        start = torch.rand(amplitude.shape, generator=generator).to(amplitude.device)
        phase = torch.polar(torch.ones_like(amplitude), 2 * math.pi * start)
        before = torch.zeros_like(phase)
        for _ in range(rounds):
            consistent = self._transform(self._inverse(amplitude * phase))
            ahead = consistent + 0.99 * (consistent - before)  # momentum: fewer rounds
            phase = ahead / ahead.abs().clamp(min=1e-8)
            before = consistent
        return self._inverse(amplitude * phase)

    def _amplitude(self, mel: Tensor) -> Tensor:
        """The amplitudes [b, bins, frames] that fit a mel spectrogram best, none below zero."""
        levels = (mel * self._deviation + self._mean).exp()
        wanted = torch.where(levels > 1.2 * _FLOOR, levels, 0.0) ** 2  # [b, bands, frames]
        filters = self._filters
        power = filters.T @ (wanted / filters.sum(1, keepdim=True))
        for _ in range(40):  # multiplicative updates (Lee and Seung) keep it non-negative
            power = power * (filters.T @ wanted) / (filters.T @ (filters @ power) + 1e-12)
        return power.sqrt()

    def _transform(self, waves: Tensor) -> Tensor:
        return torch.stft(
            waves, self.window, self.hop, window=self._hann, center=True, return_complex=True
        ) / (self.window / 4)

    def _inverse(self, spectrum: Tensor) -> Tensor:
        return torch.istft(
            spectrum * (self.window / 4), self.window, self.hop, window=self._hann, center=True
        )

    @cached_property
    def _hann(self) -> Tensor:
        return torch.hann_window(self.window)

    @cached_property
    def _mean(self) -> Tensor:
        return torch.tensor(self.mean or (0.0,)).view(-1, 1)

    @cached_property
    def _deviation(self) -> Tensor:
        return torch.tensor(self.deviation or (1.0,)).view(-1, 1)

    @cached_property
    def _filters(self) -> Tensor:
        """Triangles [bands, bins] with a peak of 1, evenly spaced in mel."""
        lowest, highest = _mel(30), _mel(self.rate / 2)
        mels = torch.linspace(lowest, highest, self.bands + 2, dtype=torch.float64)
        edges = 700 * (10 ** (mels / 2595) - 1)  # Hz
        bins = torch.arange(self.window // 2 + 1) * self.rate / self.window
        low, centre, high = (edges[i : i + self.bands, None] for i in range(3))
        rising, falling = (bins - low) / (centre - low), (high - bins) / (high - centre)
        return torch.minimum(rising, falling).clamp(min=0).float()


def _mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)


def packed(mel: Tensor, side: int, step: int) -> Tensor:
    """Spectrogram [b, bands, frames] -> [b, bands * step, side, side].

    Every `step` frames become one place of a square that is read row by row, so that a picture
    transformer with patches of 1 sees a sound as side * side stretches of time. What is missing
    at the end repeats the last frame.
    """
    b, bands, frames = mel.shape
    missing = side * side * step - frames
    mel = torch.cat([mel, mel[:, :, -1:].expand(-1, -1, missing)], 2)
    parts = mel.reshape(b, bands, side * side, step).transpose(2, 3)
    return parts.reshape(b, bands * step, side, side)


def unpacked(square: Tensor, step: int) -> Tensor:
    """The spectrogram [b, bands, frames] that `packed` folded."""
    b, channels, side, _ = square.shape
    parts = square.reshape(b, channels // step, step, side * side).transpose(2, 3)
    return parts.reshape(b, channels // step, side * side * step)
