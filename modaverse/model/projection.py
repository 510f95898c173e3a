"""From an encoder's features to soft tokens: pooling to a few, then a projection.

Shapes: n media, p places in the encoder's output, d the encoder's width, k soft tokens a medium,
e the width of the language model's embeddings.
"""

from __future__ import annotations

from itertools import pairwise
from math import isqrt
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["FrameTime", "Projection", "heard", "pool_grid", "pool_time"]

_WAVES = 16  # sines, and as many cosines, that tell a moment
_PERIODS = (0.25, 600.0)  # seconds, of the fastest and the slowest of them
_SILENT = 1e-4  # above the quietest value of a spectrogram: still silence


class Projection(nn.Module):
    """One trained map from features into the embedding space; linear as in the paper, or deeper.

    Args:
        width: Of the features, d.
        embedding: Of the language model's embeddings, e.
        kind: "linear", or "mlp": two layers with a GELU between them.
        scale: Standard deviation of the embeddings. Features of unit variance come out with it,
            so that soft tokens begin no louder than words.
    """

    def __init__(self, width: int, embedding: int, *, kind: str, scale: float) -> None:
        super().__init__()
        widths = (width, embedding) if kind == "linear" else (width, embedding, embedding)
        self.scale = scale
        self.layers = nn.ModuleList(nn.Linear(before, after) for before, after in pairwise(widths))
        self.reset()

    def reset(self) -> None:
        """Begin anew: random weights, no bias."""
        with torch.no_grad():
            for layer in self._linear():
                size = self.scale if layer is self.layers[-1] else 1.0
                layer.weight.normal_(0, size / layer.in_features**0.5)
                layer.bias.zero_()

    def forward(self, features: Tensor) -> Tensor:
        """Features [n, k, d] of any float -> soft tokens [n, k, e] in the dtype of the weights."""
        found: Tensor = self.last(self.hidden(features))
        return found

    @property
    def last(self) -> nn.Linear:
        """The layer that writes soft tokens."""
        return self._linear()[-1]

    def hidden(self, features: Tensor) -> Tensor:
        """What the last layer reads: the features themselves, or what the layer before gives."""
        features = features.to(self.last.weight.dtype)
        for layer in self._linear()[:-1]:
            features = functional.gelu(layer(features))
        return features

    def _linear(self) -> list[nn.Linear]:
        return [cast("nn.Linear", layer) for layer in self.layers]


class FrameTime(nn.Module):
    """Tells the soft tokens of a frame when it is shown: a learnt mix of sines of the time.

    At time 0 it adds nothing, so that a picture is the same with it and without.

    Args:
        embedding: Width of the language model's embeddings, e.
    """

    def __init__(self, embedding: int) -> None:
        super().__init__()
        self.mix = nn.Linear(2 * _WAVES, embedding, bias=False)
        self.reset()

    def reset(self) -> None:
        """Begin anew: time makes no difference yet."""
        nn.init.zeros_(self.mix.weight)

    def forward(self, seconds: Tensor) -> Tensor:
        """Times [n] in seconds -> what to add to the frames' soft tokens, [n, 1, e]."""
        fast, slow = _PERIODS
        steps = torch.arange(_WAVES, device=seconds.device, dtype=torch.float32) / (_WAVES - 1)
        periods = fast * (slow / fast) ** steps  # [w]
        angles = 2 * torch.pi * seconds.float()[:, None] / periods
        waves = torch.cat([angles.sin(), angles.cos() - 1], dim=1)  # [n, 2 w]
        mixed: Tensor = self.mix(waves.to(self.mix.weight.dtype))
        return mixed[:, None]


def pool_grid(features: Tensor, tokens: int) -> Tensor:
    """Mean features of the fields of a grid laid over a square picture.

    The fields are as square as `tokens` can be cut: 4 is 2 x 2, 6 is 2 rows of 3.

    Args:
        features: [n, p, d]; patches row by row, after whatever tokens the encoder puts before
            them (CLIP's class token, registers), which are left out.
        tokens: Fields, k.

    Returns:
        [n, k, d], row by row.
    """
    side = isqrt(features.shape[1])
    patches = features[:, features.shape[1] - side * side :]
    rows = next(rows for rows in range(isqrt(tokens), 0, -1) if tokens % rows == 0)
    maps = patches.transpose(1, 2).reshape(len(patches), -1, side, side)  # [n, d, side, side]
    pooled = functional.adaptive_avg_pool2d(maps, (rows, tokens // rows))
    return pooled.flatten(2).transpose(1, 2)


def pool_time(features: Tensor, tokens: int, share: Tensor) -> Tensor:
    """Mean features of equal stretches of time.

    Args:
        features: [n, p, d], in the order of time.
        tokens: Stretches, k.
        share: [n], in 0..1: how much of the time is sound; the rest, which is padding, is left
            out, and at least one place is kept.

    Returns:
        [n, k, d].
    """
    places = features.shape[1]
    length = (share * places).ceil().clamp(1, places).long()[:, None]  # [n, 1]
    number = torch.arange(tokens, device=features.device)
    start = number * length // tokens  # [n, k]; stretches overlap if places are few
    end = -(-(number + 1) * length // tokens)
    place = torch.arange(places, device=features.device)
    inside = (place >= start[..., None]) & (place < end[..., None])  # [n, k, p]
    weights = inside / inside.sum(-1, keepdim=True)
    return weights.to(features.dtype) @ features


def heard(spectrogram: Tensor) -> Tensor:
    """How much of the time of a log-mel spectrogram is not the silence of padding at its end.

    Feature extractors fill up to the encoder's length with zeros, whose frames all have the lowest
    value of the whole spectrogram.

    Args:
        spectrogram: [n, mel, frames], or [n, channels, frames, mel] as CLAP has it.

    Returns:
        float32 [n], above 0 and at most 1.
    """
    if spectrogram.ndim == 4:
        spectrogram = spectrogram.amax(1).transpose(1, 2)
    floor = spectrogram.amin((1, 2), keepdim=True)
    sounding = (spectrogram > floor + _SILENT).any(1)  # [n, frames]
    frames = sounding.shape[1]
    number = torch.arange(1, frames + 1, device=spectrogram.device)
    last = (sounding * number).amax(1)
    return torch.where(last > 0, last, frames).float() / frames
