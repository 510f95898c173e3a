"""The nano layers: a small U-Net that takes the thing in a picture out of its ground.

What a picture shows in one sheet becomes two: the thing with its opacity, and the ground as it
would be without it. An edit changes one of them, a motion moves one over the other.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["Layers", "NanoLayers", "filled", "taken_apart"]

_HIDDEN = 0.03  # from this opacity on, what a picture shows is not its ground
_GUESS = 0.2  # doubt in the network's guess, on the scale of -1..1
_PIECES = 6  # that are looked at: of a thing, or several things
_PIECE = 0.2  # of the largest: what is smaller is no thing
_SWEEPS = 12  # of the relaxation at each size, after which no seam is seen


@dataclass(frozen=True)
class Layers:
    """A picture taken apart; float32.

    Attributes:
        opacity: Of the thing, [b, 1, h, w] in 0..1.
        thing: Its colours, [b, 3, h, w] in -1..1; of meaning where the opacity is above 0.
        ground: The picture without it, [b, 3, h, w] in -1..1.
    """

    opacity: Tensor
    thing: Tensor
    ground: Tensor


class NanoLayers(ModelMixin, ConfigMixin):
    """A picture -> what stands in it, and the ground behind.

    A U-Net of plain residual blocks. It reads and writes squares of 2 x 2 pixels, so that nothing
    is computed at full size.

    Args:
        side: Pixels of a picture's side.
        widths: Channels at a half, a quarter, an eighth … of the side.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(self, side: int = 64, widths: tuple[int, ...] = (32, 64, 96, 128)) -> None:
        super().__init__()
        self.enter = nn.Conv2d(12, widths[0], 3, 1, 1)
        self.down = nn.ModuleList(_Block(wide) for wide in widths)
        self.shrink = nn.ModuleList(
            nn.Conv2d(wide, wider, 3, 2, 1) for wide, wider in itertools.pairwise(widths)
        )
        self.whole = nn.Linear(widths[-1], widths[-1])
        self.merge = nn.ModuleList(
            nn.Conv2d(wide + wider, wide, 1) for wide, wider in itertools.pairwise(widths)
        )
        self.up = nn.ModuleList(_Block(wide) for wide in widths[:-1])
        self.leave = nn.Conv2d(widths[0], 28, 3, 1, 1)

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Pictures [b, 3, side, side] in -1..1 -> what `Layers` is made of.

        Returns:
            Logits of the opacity [b, 1, side, side]; what is to be added to the picture for the
            thing's colours, where it is not fully opaque, [b, 3, side, side]; the ground
            [b, 3, side, side], as far as it has learned in -1..1.
        """
        maps, kept = self.enter(functional.pixel_unshuffle(pictures, 2)), []
        for block, shrink in zip(self.down, self.shrink, strict=False):
            maps = block(maps)
            kept.append(maps)
            maps = shrink(maps)
        maps = self.down[-1](maps)
        maps = maps + self.whole(maps.mean((2, 3)))[:, :, None, None]
        for level in reversed(range(len(kept))):
            wide = functional.interpolate(maps, scale_factor=2.0, mode="nearest")
            maps = self.up[level](self.merge[level](torch.cat([kept[level], wide], 1)))
        made = functional.pixel_shuffle(self.leave(maps), 2)
        return made[:, :1], made[:, 1:4], made[:, 4:]


class _Block(nn.Module):
    """Two convolutions and a shortcut; the second begins as nothing."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(wide // 16, wide)
        self.first = nn.Conv2d(wide, wide, 3, 1, 1)
        self.second = nn.Conv2d(wide, wide, 3, 1, 1)
        nn.init.zeros_(self.second.weight)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps [b, c, h, w] -> the same."""
        inner: Tensor = self.second(functional.silu(self.first(functional.silu(self.norm(maps)))))
        return maps + inner


@torch.no_grad()
def taken_apart(model: NanoLayers, picture: Tensor) -> Layers:
    """A picture of any size taken apart at that size.

    The network sees it small. Its opacity is enlarged; where the thing is opaque its colours are
    the picture's own, and so is the ground where it shows.

    Args:
        model: Trained.
        picture: [1, 3, h, w] in -1..1.
    """
    size = (picture.shape[2], picture.shape[3])
    side = model.config["side"]
    small = functional.interpolate(picture, (side, side), mode="area")
    logits, added, behind = model(small)
    small_opacity = _decided(torch.sigmoid(logits.float()))
    opacity, added, behind = (
        functional.interpolate(part.float(), size, mode="bicubic", align_corners=False)
        for part in (small_opacity, added, behind)
    )
    opacity = opacity.clamp(0, 1)
    thing = (picture + (1 - opacity) * added).clamp(-1, 1)
    return Layers(opacity, thing, filled(picture, opacity, behind))


def _decided(opacity: Tensor) -> Tensor:
    """Opacities [1, 1, h, w] without doubts, which would show as a veil, and without crumbs.

    What lies wholly inside a thing needs less to count as one with it: a hole that is meant, as in
    a wheel, is not half there.
    """
    rim = functional.pad(torch.zeros_like(opacity), (1,) * 4, value=1.0)
    free = functional.pad((opacity < 0.5).to(opacity.dtype), (1,) * 4, value=1.0)
    within = 1 - _flooded(rim, free)[:, :, 1:-1, 1:-1]
    decided = ((opacity * (1 + within) - 0.2) / 0.55).clamp(0, 1)
    return decided * _large(decided)


def _large(opacity: Tensor) -> Tensor:
    """Where the large pieces of a thing are, [1, 1, h, w]: 1, else 0."""
    left = (opacity > 0.1).to(opacity.dtype)
    kept, largest = torch.zeros_like(left), 0.0
    for _ in range(_PIECES):
        if not bool(left.any()):
            break
        dense = functional.avg_pool2d(left, 9, 1, 4) * left
        seed = (dense == dense.max()).to(left.dtype)
        seed = torch.zeros_like(seed).flatten().index_fill(0, seed.flatten().argmax(), 1.0)
        piece = _flooded(seed.view_as(left), left)
        size = float(piece.sum())
        largest = max(largest, size)
        kept = kept + piece * (size >= _PIECE * largest)
        left = left - piece
    return kept


def _flooded(start: Tensor, free: Tensor) -> Tensor:
    """All that is reached from `start` through what is free; both [1, 1, h, w] of 0 and 1."""
    reached = start
    for _ in range(sum(free.shape[2:]) * 2):
        grown = functional.max_pool2d(reached, 3, 1, 1) * free
        if torch.equal(grown, reached):
            break
        reached = grown
    return reached


def filled(picture: Tensor, opacity: Tensor, behind: Tensor) -> Tensor:
    """The ground: the picture's own where it shows, a guess where it is hidden, without a seam.

    Where what shows at both sides of the thing agrees (a sky, a horizon, a plain colour), the rows
    or columns go through; elsewhere the network's guess stands. What that is off by around the
    thing is spread over it, as in Pérez' Poisson image editing (SIGGRAPH 2003), coarse to fine.

    Args:
        picture: [b, 3, h, w].
        opacity: [b, 1, h, w] in 0..1.
        behind: The guess, [b, 3, h, w].
    """
    reach = max(1, max(picture.shape[2:]) // 64)  # pixels more, since edges are blurred
    near = functional.max_pool2d(opacity, 2 * reach + 1, 1, reach)
    shows = (near < _HIDDEN).to(picture.dtype)
    guess = behind + _spread((picture - behind) * shows, shows)
    share = functional.avg_pool2d(shows, 2 * reach + 1, 1, reach)
    calm = functional.avg_pool2d(picture * shows, 2 * reach + 1, 1, reach) / share.clamp(min=1e-6)
    weight = torch.full_like(shows, _GUESS**-2)
    total = guess * weight
    for dimension in (2, 3):
        value, doubt = _through(calm, shows, dimension)
        total, weight = total + value * doubt**-2, weight + doubt**-2
    return torch.where(shows > 0, picture, (total / weight).clamp(-1, 1))


def _through(picture: Tensor, shows: Tensor, dimension: int) -> tuple[Tensor, Tensor]:
    """Rows or columns drawn through what is hidden: colours [b, 3, h, w], doubts [b, 1, h, w].

    A doubt is how far the two ends differ, and large where there are not two.
    """
    length = picture.shape[dimension]
    shape = [1, 1, -1, 1] if dimension == 2 else [1, 1, 1, -1]
    places = torch.arange(length, device=picture.device).view(shape).expand(shows.shape)
    before = torch.where(shows > 0, places, -1).cummax(dimension).values
    after = torch.where(shows > 0, places, length).flip(dimension)
    after = after.cummin(dimension).values.flip(dimension)
    lacking = (before < 0) | (after >= length)
    first, last = (
        picture.gather(dimension, ends.clamp(0, length - 1).expand_as(picture))
        for ends in (before, after)
    )
    part = (places - before) / (after - before).clamp(min=1)
    doubt = 0.02 + (first - last).abs().amax(1, keepdim=True) + 10.0 * lacking
    return torch.lerp(first, last, part), doubt


def _spread(values: Tensor, known: Tensor) -> Tensor:
    """Values [b, c, h, w] known where `known` [b, 1, h, w] is 1, carried smoothly to the rest."""
    if min(values.shape[2:]) <= 2 or bool(known.all()):
        mean = (values * known).sum((2, 3), True) / known.sum((2, 3), True).clamp(min=1)
        return torch.where(known > 0, values, mean)
    half = ((values.shape[2] + 1) // 2, (values.shape[3] + 1) // 2)
    share = functional.adaptive_avg_pool2d(known, half)
    coarse = functional.adaptive_avg_pool2d(values * known, half) / share.clamp(min=1e-6)
    coarse = _spread(coarse * (share > 0), (share > 0).to(values.dtype))
    full = functional.interpolate(coarse, values.shape[2:], mode="bilinear", align_corners=False)
    full = torch.where(known > 0, values, full)
    for _ in range(_SWEEPS):
        smooth = functional.avg_pool2d(functional.pad(full, (1, 1, 1, 1), mode="replicate"), 3, 1)
        full = torch.where(known > 0, values, smooth)
    return full
