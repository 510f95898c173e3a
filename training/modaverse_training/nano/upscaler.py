"""Trains the nano upscaler: from a picture of 64 pixels to the same with 128.

    python -m modaverse_training.nano.upscaler --out FOLDER [--minutes 20] [--ship WEIGHTS/upscaler]

What it learns from is made first, see `upscaler_data.py`; the budget is that of the training alone.
"""

from __future__ import annotations

import argparse
import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from modaverse_tools.nano_upscaler import NanoUpscaler, enlarged
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import scenes
from modaverse_training.nano.budget import Budget, train_within
from modaverse_training.nano.export import forget_places
from modaverse_training.nano.scenes import Part
from modaverse_training.nano.upscaler_data import Pairs, drawn, generated, pixels, worn
from modaverse_training.precision import autocast

SEED = 5301
VALIDATION_SEED = 5703
TEST_SEED = 5903
_RATE = 2e-3
_CROP = 32  # pixels of a small picture that a step sees
_RIM = 2  # pairs of pixels that are left out at the sides, where little is to be seen
_CLEAN = 0.3  # of the pictures stay as they are

Enlarge = Callable[[Tensor], Tensor]


def loss_of(made: Tensor, true: Tensor) -> Tensor:
    """How far pictures are from true ones, in their colours and in their edges.

    Args:
        made: [b, 3, h, w] in -1..1.
        true: Alike.
    """
    off = made - true
    edges = off.diff(dim=2).abs().mean() + off.diff(dim=3).abs().mean()
    loss: Tensor = off.abs().mean() + 0.5 * edges
    return loss


def batch_of(
    pairs: Pairs, count: int, rng: np.random.Generator, chance: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Parts of pictures, a half of them mirrored, and what they should become.

    Args:
        pairs: To choose from.
        count: Of the parts.
        rng: Chooses them.
        chance: Makes most of them worse.

    Returns:
        [b, 3, 32, 32] and [b, 3, 64, 64] in -1..1.
    """
    small, fine = [], []
    for row in rng.integers(len(pairs), size=count):
        top, left = 2 * rng.integers(_RIM, (scenes.SIDE - _CROP) // 2 + 1 - _RIM, size=2)
        one = pairs.small[row, top : top + _CROP, left : left + _CROP]
        two = pairs.fine[row, 2 * top : 2 * (top + _CROP), 2 * left : 2 * (left + _CROP)]
        turn = -1 if rng.random() < 0.5 else 1
        small.append(one[:, ::turn])
        fine.append(two[:, ::turn])
    clean = pixels(np.stack(small))
    kept = torch.rand(count, 1, 1, 1, generator=chance) < _CLEAN
    return torch.where(kept, clean, worn(clean, chance)), pixels(np.stack(fine))


def stored(file: Path, make: Callable[[], Pairs]) -> Pairs:
    """Pairs from a file, made and written if it is not there."""
    if not file.is_file():
        pairs = make()
        whole = file.with_suffix(".new.npz")
        np.savez(whole, small=pairs.small, fine=pairs.fine)
        whole.replace(file)
    with np.load(file) as saved:
        return Pairs(saved["small"], saved["fine"])


def train(out: Path, pairs: Pairs, seen: Pairs, *, minutes: float, batch: int = 8) -> NanoUpscaler:
    """Train the network; a folder that holds a state is continued.

    Args:
        out: Folder of the state and the finished model.
        pairs: What it learns from.
        seen: Of combinations that it does not learn from; told now and then how it does on them.
        minutes: Wall-clock budget over all resumed runs.
        batch: Pictures a step.

    Returns:
        The running mean of the weights, saved in `out/upscaler`.
    """
    torch.manual_seed(SEED)
    model = NanoUpscaler()
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=_RATE, weight_decay=0.0, betas=(0.9, 0.98), fused=True
    )

    def losses(step: int) -> Callable[[], Tensor]:
        rng = np.random.default_rng(SEED + step)
        chance = torch.Generator().manual_seed(SEED + step)
        return lambda: _loss(model, *batch_of(pairs, batch, rng, chance))

    def told(average: NanoUpscaler) -> str:
        return f"validation {likeness(_by(average), *seen.tensors()):.2f} dB"

    budget = Budget(minutes, batch, _RATE, decline=1.5, every=(100, 1000))
    average: NanoUpscaler = train_within(budget, out, "upscaler", model, optimizer, losses, told)
    return average


def _loss(model: NanoUpscaler, small: Tensor, fine: Tensor) -> Tensor:
    with autocast():
        made = model(small)
    return loss_of(made.float(), fine)


def _by(model: NanoUpscaler) -> Enlarge:
    return lambda small: enlarged(model, small)


def filtered(mode: str) -> Enlarge:
    """Enlarging without a network.

    Args:
        mode: "lanczos" or "bicubic", as Pillow has them.
    """
    from PIL import Image

    way = Image.Resampling[mode.upper()]

    def enlarge(small: Tensor) -> Tensor:
        levels = ((small.clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
        size = (2 * levels.shape[2], 2 * levels.shape[1])
        return pixels(np.stack([np.asarray(Image.fromarray(p).resize(size, way)) for p in levels]))

    return enlarge


def likeness(enlarge: Enlarge, small: Tensor, fine: Tensor) -> float:
    """Mean over pictures of their peak signal-to-noise ratio, in dB.

    Args:
        enlarge: What is judged.
        small: Pictures [n, 3, h, w] in -1..1.
        fine: What they should become, [n, 3, 2 h, 2 w].
    """
    off = (enlarge(small) - fine).square().mean((1, 2, 3)) / 4
    return float((-10 * torch.log10(off.clamp(min=1e-9))).mean())


def report(model: NanoUpscaler, made: Pairs, plain: Pairs) -> dict[str, dict[str, float]]:
    """Print how near pictures come to what they should be, enlarged by filters and by the network.

    Args:
        model: Trained.
        made: Pictures by the generator, of combinations that no training saw.
        plain: Drawn ones, alike.

    Returns:
        dB by pictures ("clean", "worn", "generated") and way.
    """
    clean, fine = plain.tensors()
    rough = worn(clean, torch.Generator().manual_seed(TEST_SEED))
    kinds = {"clean": (clean, fine), "worn": (rough, fine), "generated": made.tensors()}
    ways = {name: filtered(name) for name in ("lanczos", "bicubic")} | {"network": _by(model)}
    found = {
        kind: {name: likeness(way, *pair) for name, way in ways.items()}
        for kind, pair in kinds.items()
    }
    for kind, rates in found.items():
        told = ", ".join(f"{name} {rate:.2f} dB" for name, rate in rates.items())
        print(f"{len(kinds[kind][0])} {kind} pictures of held-out scenes: {told}")
    return found


def main() -> None:
    """Read the command line, make the data, train and report."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rows", type=int, default=2400, help="scenes to draw")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of the generator")
    parser.add_argument("--ship", type=Path, help="write the finished weights here")
    options = parser.parse_args()
    out, rows = options.out, options.rows
    out.mkdir(parents=True, exist_ok=True)

    def painted(part: Part, count: int, seed: int) -> Pairs:
        file = out / f"{part}.npz"
        return stored(file, lambda: generated(part, count, seed, weights=options.weights))

    seen, test = painted("validation", 64, VALIDATION_SEED), painted("test", 120, TEST_SEED)
    pairs = stored(out / "drawn.npz", lambda: drawn("train", rows, SEED + 1))
    model = train(out, pairs, seen, minutes=options.minutes)
    report(model, test, drawn("test", 200, TEST_SEED + 1))
    if options.ship:
        copy.deepcopy(model).half().save_pretrained(options.ship)
        forget_places(options.ship)


if __name__ == "__main__":
    main()
