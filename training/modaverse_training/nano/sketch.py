"""Trains the sketch of the nano pictures and videos: minutes of plain regression, no noise.

python -m modaverse_training.nano.sketch --text FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
import math
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from modaverse_tools.nano_sketch import NanoSketch, over, pooled
from modaverse_training.nano import captions, diffusion, image, scenes
from modaverse_training.nano.concepts import COLOURS, PLACES, drawables
from modaverse_training.precision import autocast


def true_poses(motion: str) -> Tensor:
    """Poses [frames, 4] of a motion, as `NanoSketch.poses` tells them."""
    rows = []
    for step in range(scenes.FRAMES):
        dx, dy, scale, angle = scenes.pose(motion, step / (scenes.FRAMES - 1))
        size = math.log(scenes.MOVING * scale)
        rows.append((2 * dx / scenes.SIDE, 2 * dy / scenes.SIDE, size, math.radians(angle)))
    return torch.tensor(rows)


def features_of(texts: list[str], folder: Path) -> Tensor:
    """Pooled text features [n, d] of captions."""
    read = diffusion.read_captions(texts, folder)
    return pooled(torch.from_numpy(read.states).float(), torch.from_numpy(read.mask))


@dataclass(frozen=True)
class Lessons:
    """What the sketch learns from.

    Attributes:
        text: Pooled features [n, d] of the pictures' captions.
        pixels: Pictures uint8 [n, h, w, 3].
        concepts: Which opacity [n] a picture's drawing has.
        opacities: In 0..1, [concepts, 1, h, w].
        behind: Which ground [n] a picture has.
        grounds: In -1..1, [grounds, 3, h, w].
        moving: Pooled features [m, d] of captions of videos.
        paths: Their true poses [m, frames, 4].
    """

    text: Tensor
    pixels: scenes.Pixels
    concepts: Tensor
    opacities: Tensor
    behind: Tensor
    grounds: Tensor
    moving: Tensor
    paths: Tensor


def lessons(text: Path, out: Path, rows: int, seed: int) -> Lessons:
    """Draw pictures and choose videos, and read their captions."""
    pixels, texts = image.make_data(out, rows, seed)
    chosen, _ = image.scenes_of(rows, seed)
    rng = Random(seed)
    films = [scenes.training_scene(rng, video=True) for _ in range(rows // 2)]
    names: list[str | None] = [None, *COLOURS, *PLACES]
    opacities = np.stack([scenes.opacity(number) for number in range(len(drawables()))])
    grounds = np.stack([scenes.ground(name) for name in names])
    return Lessons(
        text=features_of(texts, text),
        pixels=pixels,
        concepts=torch.tensor([scene.thing.concept for scene in chosen]),
        opacities=torch.from_numpy(opacities).unsqueeze(1).float() / 255,
        behind=torch.tensor([names.index(scene.background) for scene in chosen]),
        grounds=torch.from_numpy(grounds).permute(0, 3, 1, 2).float() / 127.5 - 1,
        moving=features_of([captions.caption(scene, rng) for scene in films], text),
        paths=torch.stack([true_poses(scene.motion or "") for scene in films]),
    )


def train(
    model: NanoSketch, known: Lessons, *, minutes: float, batch: int = 192, seed: int = 6
) -> None:
    """Fit pictures, their layers, and the poses of videos.

    Args:
        model: Untrained, or trained for a while.
        known: What to learn from.
        minutes: Wall-clock budget.
        batch: Pictures a step.
        seed: Of the order.
    """
    torch.manual_seed(seed)
    fast = torch.compile(model.layers)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=1e-4, fused=True)
    start, step = time.monotonic(), 0
    while (spent := (time.monotonic() - start) / (60 * minutes)) < 1:
        optimizer.param_groups[0]["lr"] = 2e-3 * min((step + 1) / 50, 1.0, 2 * (1 - spent) + 0.01)
        rows = torch.randint(len(known.text), (batch,))
        pixels = torch.from_numpy(known.pixels[rows.numpy()])
        target = pixels.permute(0, 3, 1, 2).float() / 127.5 - 1
        with autocast():
            drawing, ground = fast(known.text[rows])
        drawing, ground = drawing.float(), ground.float()
        films = torch.randint(len(known.moving), (batch,))
        losses = (
            functional.mse_loss(over(drawing, ground), target),
            functional.mse_loss(drawing[:, 3:], known.opacities[known.concepts[rows]]),
            functional.mse_loss(ground, known.grounds[known.behind[rows]]),
            functional.mse_loss(model.poses(known.moving[films]), known.paths[films]),
        )
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            picture, opacity, behind, path = (loss.item() for loss in losses)
            print(
                f"step {step} picture {picture:.4f} opacity {opacity:.4f} ground {behind:.4f} "
                f"path {path:.5f}",
                flush=True,
            )


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=8)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=6)
    options = parser.parse_args()
    done = options.out / "sketch"
    model = NanoSketch.from_pretrained(done) if done.is_dir() else NanoSketch()
    known = lessons(options.text, options.out, options.rows, options.seed)
    train(model, known, minutes=options.minutes)
    model.save_pretrained(done)


if __name__ == "__main__":
    main()
