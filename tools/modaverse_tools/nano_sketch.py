"""The sketch that the nano picture and video models refine: layers and a path, read off the text.

A small network turns the pooled text features into a drawing with transparency, a ground behind it
and, for a video, a pose of the drawing in every frame. The diffusion transformers see the sketch
as extra channels, so they need not learn by heart what things look like.
"""

from __future__ import annotations

from typing import Any

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["NanoSketch", "over", "pooled", "posed"]


def pooled(states: Tensor, mask: Tensor) -> Tensor:
    """Mean of the token states [b, s, d] over the tokens that the mask [b, s] keeps: [b, d]."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


class NanoSketch(ModelMixin, ConfigMixin):
    """Pooled text features -> a layered picture, and how its drawing moves.

    Args:
        features: Width of the text features.
        side: Pixels of a picture's side.
        frames: Of a video.
        rank: Width of the last hidden layers of drawing and ground.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(
        self, features: int = 192, side: int = 64, frames: int = 16, rank: int = 256
    ) -> None:
        super().__init__()
        self.drawing = _network(features, 512, rank, 4 * side * side)
        self.ground = _network(features, 128, 48, 3 * side * side)
        self.path = _network(features, 256, 128, 4 * frames)

    def layers(self, text: Tensor) -> tuple[Tensor, Tensor]:
        """Text features [b, d] -> drawing [b, 4, h, w] (colour, opacity 0..1), ground [b, 3, h, w].

        Colours are in -1..1, as far as they have learned to be.
        """
        side = self.config["side"]
        drawing = self.drawing(text).view(-1, 4, side, side)
        colour, opacity = drawing[:, :3], torch.sigmoid(drawing[:, 3:])
        ground = self.ground(text).view(-1, 3, side, side)
        return torch.cat([colour, opacity], 1), ground

    def picture(self, text: Tensor) -> Tensor:
        """Text features [b, d] -> pictures [b, 3, h, w] in -1..1."""
        return over(*self.layers(text)).clamp(-1, 1)

    def poses(self, text: Tensor) -> Tensor:
        """Text features [b, d] -> poses [b, frames, 4].

        A pose is the shift to the right and down (1 is half the picture), the logarithm of the
        size, and the turn in radians (clockwise on the screen is negative).
        """
        poses: Tensor = self.path(text).view(len(text), -1, 4)
        return poses

    def film(self, text: Tensor) -> Tensor:
        """Text features [b, d] -> videos [b, frames, 3, h, w] in -1..1."""
        return posed(*self.layers(text), self.poses(text))


def _network(features: int, first: int, second: int, out: int) -> nn.Sequential:
    return nn.Sequential(
        nn.LayerNorm(features),
        nn.Linear(features, first),
        nn.GELU(),
        nn.Linear(first, second),
        nn.GELU(),
        nn.Linear(second, out),
    )


def over(drawing: Tensor, ground: Tensor) -> Tensor:
    """A drawing [..., 4, h, w] laid over a ground [..., 3, h, w]."""
    colour, opacity = drawing[..., :3, :, :], drawing[..., 3:, :, :]
    return colour * opacity + ground * (1 - opacity)


def posed(drawing: Tensor, ground: Tensor, poses: Tensor) -> Tensor:
    """Drawings [b, 4, h, w] in poses [b, frames, 4] over grounds [b, 3, h, w].

    Returns:
        Pictures [b, frames, 3, h, w] in -1..1.
    """
    b, frames, _ = poses.shape
    opacity = drawing[:, 3:]
    # Colours are weighted by opacity before the warp, so that edges keep their colour.
    source = torch.cat([(drawing[:, :3] + 1) * opacity, opacity], 1)
    many = source.unsqueeze(1).expand(-1, frames, -1, -1, -1).flatten(0, 1)
    moved = _warped(many, poses.flatten(0, 1))
    moved = moved.view(b, frames, *moved.shape[1:])
    colour, opacity = moved[:, :, :3], moved[:, :, 3:]
    made: Tensor = (colour + (ground.unsqueeze(1) + 1) * (1 - opacity) - 1).clamp(-1, 1)
    return made


def _warped(pictures: Tensor, poses: Tensor) -> Tensor:
    """Pictures [n, c, h, w], each put into its pose [n, 4], nothing outside."""
    shift, size, turn = poses[:, :2], poses[:, 2].exp(), poses[:, 3]
    cos, sin = torch.cos(turn) / size, torch.sin(turn) / size
    linear = torch.stack([torch.stack([cos, -sin], 1), torch.stack([sin, cos], 1)], 1)
    back = -(linear @ shift.unsqueeze(2))
    grid = functional.affine_grid(
        torch.cat([linear, back], 2), list(pictures.shape), align_corners=False
    )
    options: dict[str, Any] = {"padding_mode": "zeros", "align_corners": False}
    return functional.grid_sample(pictures, grid.to(pictures.dtype), **options)
