"""What is done to the pixels of a picture that was taken apart: tinting, moving, lighting, styles.

All pictures are float32 tensors [1, 3, h, w] in -1..1, all sheets [1, 4, h, w] with colours in 0..2
weighted by their opacity in 0..1, so that what lies between two pixels is right at edges, too.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

__all__ = [
    "Box", "Pose", "box_of", "laid_over", "lit", "luma", "placed", "seen_from", "sheet_of",
    "softened", "styled", "tinted", "toned",
]  # fmt: skip

_LUMA = (0.299, 0.587, 0.114)


@dataclass(frozen=True)
class Box:
    """Where a thing is: its middle and its size, in pixels."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Pose:
    """How a sheet lies on a canvas.

    Attributes:
        x: Where its point `source` comes to lie, in pixels from the left.
        y: From the top.
        size: Pixels of the canvas for one of the sheet.
        turn: Radians, clockwise.
        mirrored: Left and right are swapped, before it is turned.
        flipped: Top and bottom are, alike.
    """

    x: float
    y: float
    size: float = 1.0
    turn: float = 0.0
    mirrored: bool = False
    flipped: bool = False


def luma(picture: Tensor) -> Tensor:
    """How light it looks, [1, 1, h, w] in -1..1."""
    weights = torch.tensor(_LUMA, device=picture.device).view(1, 3, 1, 1)
    return (picture * weights).sum(1, keepdim=True)


def tinted(picture: Tensor, opacity: Tensor, colour: tuple[int, int, int]) -> Tensor:
    """A picture in shades of one colour: its light and dark stay, its hues go.

    Args:
        picture: [1, 3, h, w].
        opacity: Where the thing is whose light and dark count, [1, 1, h, w].
        colour: Red, green and blue in 0..255.
    """
    light = (luma(picture) + 1) * 127.5
    inside = light[opacity > 0.5]
    inside = inside if len(inside) > 1 else light.flatten()
    picks = inside[torch.linspace(0, len(inside) - 1, min(len(inside), 4096)).long()]
    low, high = torch.quantile(picks, torch.tensor([0.05, 0.95], device=picks.device))
    ramp = ((light - low) / (high - low).clamp(min=30.0)).clamp(0, 1)
    target = torch.tensor(colour, dtype=torch.float32, device=picture.device).view(1, 3, 1, 1)
    shades = torch.where(
        ramp < 0.5, target * (0.35 + 1.3 * ramp), target + (255 - target) * (ramp - 0.5) * 0.9
    )
    return (0.9 * (shades / 127.5 - 1) + 0.1 * picture).clamp(-1, 1)


def sheet_of(thing: Tensor, opacity: Tensor) -> Tensor:
    """Colours and opacity as one sheet."""
    return torch.cat([(thing + 1) * opacity, opacity], 1)


def laid_over(sheet: Tensor, ground: Tensor) -> Tensor:
    """A sheet over a picture of its size."""
    made = sheet[:, :3] + (ground + 1) * (1 - sheet[:, 3:]) - 1
    return made.clamp(-1, 1)


def box_of(opacity: Tensor) -> Box:
    """Where a thing is; the whole canvas if it is nowhere."""
    high, wide = opacity.shape[2:]
    rows = (opacity[0, 0] > 0.5).any(1).nonzero().flatten().tolist()
    columns = (opacity[0, 0] > 0.5).any(0).nonzero().flatten().tolist()
    if not rows:
        return Box(wide / 2, high / 2, wide, high)
    left, right, top, low = columns[0], columns[-1] + 1, rows[0], rows[-1] + 1
    return Box((left + right) / 2, (top + low) / 2, right - left, low - top)


def placed(sheet: Tensor, pose: Pose, source: tuple[float, float], size: tuple[int, int]) -> Tensor:
    """A sheet in its pose on an empty canvas.

    Args:
        sheet: [1, 4, h, w].
        pose: Where its point `source` goes, and how.
        source: x and y in pixels of the sheet.
        size: Height and width of the canvas.
    """
    scale, (x, y) = pose.size, source
    while scale < 0.6 and min(sheet.shape[2:]) > 4:  # bilinear reading does not average
        sheet = functional.avg_pool2d(sheet, 2)
        scale, x, y = 2 * scale, x / 2, y / 2
    rows = torch.arange(size[0], device=sheet.device).view(-1, 1) + 0.5 - pose.y
    columns = torch.arange(size[1], device=sheet.device).view(1, -1) + 0.5 - pose.x
    cos, sin = math.cos(pose.turn) / scale, math.sin(pose.turn) / scale
    across = (cos * columns + sin * rows) * (-1 if pose.mirrored else 1) + x
    down = (cos * rows - sin * columns) * (-1 if pose.flipped else 1) + y
    return _sampled(sheet, across, down, "zeros")


def seen_from(picture: Tensor, x: float, y: float, zoom: float, turn: float = 0.0) -> Tensor:
    """A picture as a camera sees it that looks at a point.

    Args:
        picture: [1, 3, h, w].
        x: What it looks at, in pixels.
        y: Alike.
        zoom: 1 is the whole picture, 2 a half of it.
        turn: Radians by which the picture turns clockwise.
    """
    high, wide = picture.shape[2:]
    rows = (torch.arange(high, device=picture.device).view(-1, 1) + 0.5 - high / 2) / zoom
    columns = (torch.arange(wide, device=picture.device).view(1, -1) + 0.5 - wide / 2) / zoom
    cos, sin = math.cos(turn), math.sin(turn)
    across, down = cos * columns + sin * rows + x, cos * rows - sin * columns + y
    # A sky or a floor goes on where a camera steps back; where it turns, corners are mirrored in.
    return _sampled(picture, across, down, "border" if zoom < 1 else "reflection")


def _sampled(picture: Tensor, across: Tensor, down: Tensor, padding: str) -> Tensor:
    """Pixels read at places [h, w] that are told in pixels."""
    high, wide = picture.shape[2:]
    grid = torch.stack([2 * across / wide - 1, 2 * down / high - 1], -1)[None]
    return functional.grid_sample(
        picture, grid.to(picture.dtype), padding_mode=padding, align_corners=False
    )


def toned(picture: Tensor, tone: str) -> Tensor:
    """A picture in gray, sepia, negative, warm, cold, vivid or pale."""
    grey = luma(picture)
    if tone == "gray":
        return grey.expand_as(picture)
    if tone == "negative":
        return -picture
    if tone in ("vivid", "pale"):
        return (grey + (1.7 if tone == "vivid" else 0.5) * (picture - grey)).clamp(-1, 1)
    gain = {"sepia": (1.07, 0.9, 0.68), "warm": (1.12, 1.0, 0.8), "cold": (0.82, 0.98, 1.15)}[tone]
    base = grey if tone == "sepia" else picture
    factors = torch.tensor(gain, device=picture.device).view(1, 3, 1, 1)
    return ((base + 1) * factors - 1).clamp(-1, 1)


def lit(picture: Tensor, factor: float) -> Tensor:
    """Brighter by a factor above 1, darker by one below; black and white stay."""
    shown: Tensor = ((picture + 1) / 2).clamp(0, 1) ** (1 / factor**1.6)
    return shown * 2 - 1


def softened(picture: Tensor, strength: float) -> Tensor:
    """Blurred, or sharpened by a negative strength; 1 is clearly to be seen at any size."""
    radius = max(1.0, max(picture.shape[2:]) / 64 * min(abs(strength), 2))
    soft = _blurred(picture, radius if strength > 0 else max(1.0, radius / 3))
    return soft if strength > 0 else (picture + 1.2 * (picture - soft)).clamp(-1, 1)


def _blurred(picture: Tensor, radius: float) -> Tensor:
    """By a Gaussian of this many pixels, in two passes."""
    reach = math.ceil(2.5 * radius)
    steps = torch.arange(-reach, reach + 1, device=picture.device, dtype=torch.float32)
    weights = torch.exp(-0.5 * (steps / radius) ** 2)
    weights = (weights / weights.sum()).expand(picture.shape[1], 1, -1)
    padded = functional.pad(picture, (reach, reach, reach, reach), mode="replicate")
    across = functional.conv2d(padded, weights.unsqueeze(2), groups=picture.shape[1])
    return functional.conv2d(across, weights.unsqueeze(3), groups=picture.shape[1])


def styled(picture: Tensor, style: str) -> Tensor:
    """A picture as a cartoon, a painting, a pencil drawing or in large pixels."""
    unit = max(1.0, max(picture.shape[2:]) / 256)
    if style == "pixels":
        small = functional.interpolate(picture, scale_factor=1 / (unit * 6), mode="area")
        return functional.interpolate(small, picture.shape[2:], mode="nearest")
    if style == "pencil":
        grey = luma(picture)
        lines = (grey + 1.001) / (_blurred(grey, 2.5 * unit) + 1.001)
        return (2 * lines.clamp(0, 1) ** 3 - 1).expand_as(picture)
    smooth = _regions(picture, round(unit * (2 if style == "cartoon" else 3)))
    if style == "painting":
        return toned(smooth, "vivid")
    flat = ((smooth + 1) * 3).round() / 3 - 1
    grey = luma(smooth)
    edges = (grey - _blurred(grey, 2 * unit)).abs()
    return torch.where(edges > 0.12, -0.85, flat)


def _regions(picture: Tensor, radius: int) -> Tensor:
    """Each pixel as the calmest of the four squares at its corners (Kuwahara's filter)."""
    side = radius + 1
    grey = luma(picture)
    both = torch.cat([picture, grey**2, grey], 1)
    mean = functional.avg_pool2d(functional.pad(both, (radius,) * 4, mode="replicate"), side, 1)
    high, wide = picture.shape[2:]
    corners = [mean[:, :, y : y + high, x : x + wide] for y in (0, radius) for x in (0, radius)]
    stacked = torch.stack(corners)  # [4, 1, 5, h, w]
    spread = stacked[:, :, 3] - stacked[:, :, 4] ** 2
    calm = spread.argmin(0, keepdim=True).unsqueeze(2).expand(-1, -1, 3, -1, -1)
    return stacked[:, :, :3].gather(0, calm)[0]
