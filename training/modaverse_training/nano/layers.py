"""Trains the nano layers: scenes drawn anew for every step, taken apart by plain regression.

The ground truth is free, since a scene is laid together from its layers. Things stand anywhere, in
any size, on the grounds of the other nano models and on many that no caption names.

    python -m modaverse_training.nano.layers --out FOLDER [--minutes 20] [--ship WEIGHTS/layers]

How well they serve is judged apart, see `edits.py`.
"""

from __future__ import annotations

import argparse
import copy
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor
from torch.nn import functional

from modaverse_tools.nano_layers import NanoLayers
from modaverse_tools.nano_sketch import over
from modaverse_training.nano import scenes
from modaverse_training.nano.budget import Budget, train_within
from modaverse_training.nano.concepts import COLOURS, PLACES, drawables
from modaverse_training.nano.export import forget_places
from modaverse_training.precision import autocast

SEED = 5101
CHECK_SEED = 5901
_SHEET = 96  # pixels of a drawing's side
_SHAPES = 400  # drawings that are no emoji
_FINE = 2  # supersampling of a scene
_RATE = 2e-3
_EMPTY = 0.04  # of the scenes show only a ground
_PAIRS = 0.12  # show two things


class Stock:
    """All drawings and grounds, ready for laying together by the batch.

    Attributes:
        sheets: Drawings uint8 [n, 4, 96, 96]: of each concept, plain and in each tint, then shapes.
        grounds: Colours and places in -1..1, float32 [m, 3, 64, 64].
    """

    def __init__(self, rng: Random) -> None:
        self._names = (*COLOURS, *PLACES)
        self._tints: tuple[str | None, ...] = (None, *COLOURS)
        drawn = [
            scenes.drawing(concept, tint)
            for concept in range(len(drawables()))
            for tint in self._tints
        ]
        drawn += [np.asarray(_shape(rng)) for _ in range(_SHAPES)]
        self.sheets = torch.from_numpy(np.stack(drawn))
        self.sheets = self.sheets.permute(0, 3, 1, 2).contiguous()
        grounds = np.stack([scenes.ground(name) for name in self._names])
        self.grounds = torch.from_numpy(grounds).permute(0, 3, 1, 2).float() / 127.5 - 1

    def pick(self, rng: Random, *, held_out: bool = False) -> tuple[int, int | None]:
        """Numbers of a drawing and of a ground; None is a ground without a name.

        A combination that is held out for judging is drawn only if asked for, and then alone.
        """
        tints = len(self._tints)
        while True:
            concept = rng.randrange(len(drawables()))
            tint = rng.randrange(1, tints) if rng.random() < 0.25 else 0
            ground = rng.randrange(len(self._names)) if held_out or rng.random() < 0.5 else None
            name = None if ground is None else self._names[ground]
            scene = scenes.Scene(scenes.Thing(concept, self._tints[tint]), name)
            if scenes.held_out(scene) == held_out and (name is None or name != scene.thing.colour):
                break
        if not held_out and rng.random() < 0.2:
            return len(drawables()) * tints + rng.randrange(_SHAPES), ground
        return concept * tints + tint, ground

    def batch(
        self, rng: Random, count: int, *, held_out: bool = False
    ) -> tuple[Tensor, Tensor, Tensor]:
        """Scenes: drawings [b, 4, 64, 64] (opacity 0..1), grounds, pictures [b, 3, 64, 64]."""
        picks = [self.pick(rng, held_out=held_out) for _ in range(count)]
        grounds = self._grounds([ground for _, ground in picks], rng, plain=held_out)
        drawing = self._placed([sheet for sheet, _ in picks], rng)
        if not held_out:
            second = self._placed([self.pick(rng)[0] for _ in picks], rng)
            chance = torch.tensor([rng.random() for _ in picks]).view(-1, 1, 1, 1)
            drawing = _joined(drawing, second * (chance < _PAIRS))
            drawing = drawing * (chance < 1 - _EMPTY)
        colour = drawing[:, :3] / drawing[:, 3:].clamp(min=1e-3) - 1
        drawing = torch.cat([colour.clamp(-1, 1), drawing[:, 3:]], 1)
        pictures = over(drawing, grounds)
        return drawing, grounds, pictures if held_out else _worn(pictures, rng)

    def _placed(self, sheets: list[int], rng: Random) -> Tensor:
        """Drawings anywhere, [b, 4, 64, 64], colours (0..2) weighted by opacity (0..1)."""
        found = self.sheets[sheets].float()
        opacity = found[:, 3:] / 255
        found = torch.cat([found[:, :3] / 127.5 * opacity, opacity], 1)
        poses = torch.tensor([_pose(rng) for _ in sheets])  # shift (2), size by the side, turn
        small = poses[:, 2] < 0.4
        found[small] = functional.avg_pool2d(found[small], 3, 1, 1)
        cos, sin = torch.cos(poses[:, 3]) / poses[:, 2], torch.sin(poses[:, 3]) / poses[:, 2]
        flip = torch.tensor([rng.choice((-1.0, 1.0)) for _ in sheets])
        linear = torch.stack([torch.stack([flip * cos, -flip * sin], 1),
                              torch.stack([sin, cos], 1)], 1)  # fmt: skip
        back = -(linear @ poses[:, :2].unsqueeze(2))
        shape = [len(sheets), 4, _FINE * scenes.SIDE, _FINE * scenes.SIDE]
        grid = functional.affine_grid(torch.cat([linear, back], 2), shape, align_corners=False)
        large = functional.grid_sample(found, grid, align_corners=False)
        return functional.avg_pool2d(large, _FINE)

    def _grounds(self, numbers: list[int | None], rng: Random, *, plain: bool) -> Tensor:
        made = []
        for number in numbers:
            if number is not None:
                ground = self.grounds[number]
                named = plain or rng.random() < 0.4
                made.append(ground if named else _varied(ground, rng))
            elif rng.random() < 0.3:
                pale = torch.tensor(rng.choice(scenes.PASTELS)) / 127.5 - 1
                made.append(pale.view(3, 1, 1).expand(3, scenes.SIDE, scenes.SIDE))
            else:
                made.append(_imagined(rng))
        return torch.stack(made)


def _pose(rng: Random) -> tuple[float, float, float, float]:
    """Shift to the right and down, size by the picture's side, turn in radians."""
    size = scenes.SIZE / scenes.SIDE * (rng.uniform(0.3, 1.25) if rng.random() < 0.7 else 1)
    room = 1.15 - 0.8 * size
    turn = rng.gauss(0, 0.25) if rng.random() < 0.6 else 0.0
    middle = rng.random() < 0.25
    shift = (0.0, 0.0) if middle else (rng.uniform(-room, room), rng.uniform(-room, room))
    return (*shift, size, rng.uniform(-math.pi, math.pi) if rng.random() < 0.1 else turn)


def _joined(first: Tensor, second: Tensor) -> Tensor:
    """Two weighted drawings, the first in front."""
    return first + second * (1 - first[:, 3:])


def _varied(ground: Tensor, rng: Random) -> Tensor:
    """A ground mirrored, cut out and stretched, and in another light, [3, 64, 64]."""
    ground = ground.flip(2) if rng.random() < 0.5 else ground
    wide, high = rng.randrange(36, 65), rng.randrange(36, 65)
    left, top = rng.randrange(65 - wide), rng.randrange(65 - high)
    part = ground[None, :, top : top + high, left : left + wide]
    part = functional.interpolate(part, (64, 64), mode="bilinear", align_corners=False)[0]
    light = torch.tensor([rng.gauss(0, 0.15) for _ in range(3)]).view(3, 1, 1)
    return (part * rng.uniform(0.7, 1.1) + light + rng.gauss(0, 0.15)).clamp(-1, 1)


def _imagined(rng: Random) -> Tensor:
    """A ground of chance, [3, 64, 64]: a plain colour, a gradient, or clouds of colours."""
    kind, coarse = rng.random(), torch.Generator().manual_seed(rng.randrange(1 << 40))
    if kind < 0.25:
        return (2 * torch.rand(3, 1, 1, generator=coarse) - 1).expand(3, 64, 64)
    cells = (1, 2) if kind < 0.35 else (2, 1) if kind < 0.5 else (2, 2) if kind < 0.65 else (
        rng.randrange(2, 9), rng.randrange(2, 9))  # fmt: skip
    spread = rng.uniform(0.1, 0.8) if max(cells) > 2 else 1.0
    centre = 1.6 * torch.rand(3, 1, 1, generator=coarse) - 0.8
    field = centre + spread * (2 * torch.rand(3, *cells, generator=coarse) - 1)
    mode = "bicubic" if rng.random() < 0.8 else "nearest"
    align = None if mode == "nearest" else True
    return functional.interpolate(field[None], (64, 64), mode=mode, align_corners=align)[0].clamp(
        -1, 1
    )


def _worn(pictures: Tensor, rng: Random) -> Tensor:
    """Pictures as a generator or a camera gives them: some soft, some noisy, some in blocks."""
    soft = functional.interpolate(
        functional.interpolate(pictures, scale_factor=rng.uniform(0.4, 0.8), mode="area"),
        (64, 64), mode="bilinear", align_corners=False,
    )  # fmt: skip
    chance = torch.tensor([[rng.random() for _ in range(4)] for _ in pictures])
    row = chance.view(-1, 4, 1, 1, 1)
    pictures = torch.where(row[:, 0] < 0.35, soft, pictures)
    noise = torch.randn(pictures.shape) * torch.where(row[:, 1] < 0.4, 0.12 * row[:, 1], 0)
    blocks = torch.randn(len(pictures), 3, 4, 4).repeat_interleave(16, 2).repeat_interleave(16, 3)
    blocks = blocks * torch.where(row[:, 2] < 0.2, 0.15 * row[:, 2], 0)
    light = torch.where(row[:, 3] < 0.3, 0.7 + 1.5 * row[:, 3], 1)
    return ((pictures + 1) * light - 1 + noise + blocks).clamp(-1, 1)


def _shape(rng: Random) -> Image.Image:
    """A made-up thing, RGBA 96 x 96: a few overlapping shapes, some of them shaded."""
    canvas = Image.new("RGBA", (2 * _SHEET, 2 * _SHEET))
    base = [rng.randrange(256) for _ in range(3)]
    for number in range(rng.randrange(1, 6)):
        pen = ImageDraw.Draw(canvas)
        near = rng.random() < 0.5
        colour = tuple(
            min(255, max(0, int(c + rng.gauss(0, 40)))) if near else rng.randrange(256)
            for c in base
        )
        spread = 0 if number == 0 else 45
        x, y = (96 + rng.gauss(0, spread) for _ in range(2))
        wide, high = (rng.uniform(30, 92) / (1 + 0.35 * number) for _ in range(2))
        box = (x - wide, y - high, x + wide, y + high)
        kind = rng.randrange(4)
        if kind == 0:
            pen.rounded_rectangle(box, rng.uniform(0, min(wide, high)), fill=(*colour, 255))
        elif kind < 3:
            pen.ellipse(box, fill=(*colour, 255))
        else:
            corners = sorted(rng.uniform(0, 2 * math.pi) for _ in range(rng.randrange(3, 8)))
            points = [(x + wide * math.cos(a), y + high * math.sin(a)) for a in corners]
            pen.polygon(points, fill=(*colour, 255))
    if rng.random() < 0.5:
        canvas = _shaded(canvas, rng)
    canvas = canvas.crop(canvas.getbbox() or (0, 0, 192, 192))
    return canvas.resize((_SHEET, _SHEET), Image.Resampling.LANCZOS)


def _shaded(drawing: Image.Image, rng: Random) -> Image.Image:
    """The drawing lit from one side, with a little texture."""
    pixels = np.asarray(drawing).astype(np.float32)
    rows, columns = np.mgrid[-1:1:192j, -1:1:192j]
    angle = rng.uniform(0, 2 * math.pi)
    light = rng.uniform(20, 80) * (rows * math.sin(angle) + columns * math.cos(angle))
    grain = Image.effect_noise((192, 192), rng.uniform(5, 60)).filter(
        ImageFilter.GaussianBlur(rng.uniform(1, 5))
    )
    pixels[..., :3] += (light + np.asarray(grain, np.float32) - 128)[..., None]
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8), "RGBA")


def loss_of(model: Any, drawing: Tensor, ground: Tensor, picture: Tensor) -> Tensor:
    """How far the model's layers of pictures are from the true ones.

    Args:
        model: The network, or what torch.compile made of it.
        drawing: True colours in -1..1 and opacity in 0..1, [b, 4, h, w].
        ground: In -1..1, [b, 3, h, w].
        picture: What it sees, alike.
    """
    with autocast():
        logits, added, behind = model(picture)
    logits, added, behind = logits.float(), added.float(), behind.float()
    truth = drawing[:, 3:]
    colour = picture + (1 - torch.sigmoid(logits).detach()) * added
    wanted = (1 + 3 * truth) * (behind - ground).abs()
    loss: Tensor = (
        functional.binary_cross_entropy_with_logits(logits, truth)
        + 0.5 * wanted.mean()
        + 0.5 * (truth * (colour - drawing[:, :3]).abs()).mean()
    )
    return loss


def train(out: Path, *, minutes: float, batch: int = 32) -> NanoLayers:
    """Train the network; a folder that holds a state is continued.

    Args:
        out: Folder of the state and the finished model.
        minutes: Wall-clock budget over all resumed runs.
        batch: Scenes a step.

    Returns:
        The running mean of the weights, saved in `out/layers`.
    """
    torch.manual_seed(SEED)
    stock, model = _stock(), NanoLayers()
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.01, fused=True)

    def losses(step: int) -> Callable[[], Tensor]:
        rng, fast = Random(SEED + step), torch.compile(model)
        return lambda: loss_of(fast, *stock.batch(rng, batch))

    budget = Budget(minutes, batch, _RATE, decline=2.5, every=(50, 200))
    average: NanoLayers = train_within(budget, out, "layers", model, optimizer, losses)
    return average


@cache
def _stock() -> Stock:
    return Stock(Random(SEED))


@torch.no_grad()
def overlap(model: NanoLayers, count: int = 200) -> float:
    """Mean intersection over union of found and true things in held-out scenes.

    Args:
        model: Trained.
        count: Scenes, of combinations that no training saw.
    """
    rng = Random(CHECK_SEED)
    drawing, _, picture = _stock().batch(rng, count, held_out=True)
    found, truth = torch.sigmoid(model(picture)[0]) > 0.5, drawing[:, 3:] > 0.5
    both, either = (found & truth).sum((1, 2, 3)), (found | truth).sum((1, 2, 3))
    return float((both / either.clamp(min=1)).mean())


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--ship", type=Path, help="write the finished weights here")
    options = parser.parse_args()
    model = train(options.out, minutes=options.minutes)
    print(f"overlap of things in 200 held-out scenes {overlap(model):.3f}")
    if options.ship:
        copy.deepcopy(model).half().save_pretrained(options.ship)
        forget_places(options.ship)


if __name__ == "__main__":
    main()
