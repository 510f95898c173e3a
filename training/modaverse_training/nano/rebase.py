"""Carries a projection over to eyes that were trained on: what the old ones told, read off the new.

An encoder that learns on tells the same things in other features, and a projection that was trained
on the old ones no longer understands. Least squares find the old features in the new ones; that map
goes into the projection, which is linear itself. What is left to learn is little.

    python -m modaverse_training.nano.rebase --alignment SENSES --old EYES --new EYES --out FOLDER
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from modaverse.llm.backend import require
from modaverse.model.alignment import PROJECTIONS
from modaverse.model.encoders import vision_features_of
from modaverse_training.nano import eyes

SEED = 31337
_WEIGHT, _BIAS = "vision.layers.0.weight", "vision.layers.0.bias"
_RIDGE = 1e-2
_CHECKED = 4  # every how-manieth feature is kept for checking


@torch.no_grad()
def features(weights: Path, pictures: Tensor) -> Tensor:
    """What eyes tell of pictures [n, 3, 64, 64] in -1..1: float64 [n * GRID², d]."""
    tower = eyes.build(weights).eval()
    seen = [vision_features_of(tower, part, eyes.GRID**2) for part in torch.split(pictures, 128)]
    return torch.cat(seen).flatten(0, 1).double()


def fitted(new: Tensor, old: Tensor) -> tuple[Tensor, float]:
    """The affine map [d + 1, d] from new features to old ones, float64 [n, d] both.

    Returns:
        The map, whose last row is the offset; and the share of the old features' variance that it
        explains where it was not fitted, at most 1.
    """
    wide = torch.cat([new, torch.ones(len(new), 1, dtype=new.dtype)], 1)
    checked = torch.arange(len(new)) % _CHECKED == 0
    known = wide[~checked]
    normal = known.T @ known + _RIDGE * torch.eye(known.shape[1], dtype=new.dtype)
    found = torch.linalg.solve(normal, known.T @ old[~checked])
    left = old[checked] - wide[checked] @ found
    return found, 1 - float(left.var(0).sum() / old[checked].var(0).sum())


def carried(projections: Mapping[str, Tensor], found: Tensor) -> dict[str, Tensor]:
    """Projections whose first layer for pictures reads new features as it read the old ones."""
    weight, bias = projections[_WEIGHT].double(), projections[_BIAS].double()
    moved = {_WEIGHT: weight @ found[:-1].T, _BIAS: weight @ found[-1] + bias}
    return {**projections, **{name: value.float().contiguous() for name, value in moved.items()}}


def rebase(alignment: Path, old: Path, new: Path, out: Path, *, rows: int = 8000) -> float:
    """Write a copy of an alignment whose projection is meant for new eyes.

    Args:
        alignment: As `save_alignment` wrote it.
        old: The eyes that it was trained on.
        new: The same eyes, trained on.
        out: A folder that is not there.
        rows: Pictures by which the two are compared.

    Returns:
        The share of the old features' variance that is found in the new ones.
    """
    shown = torch.from_numpy(eyes.make_pool(rows, SEED).pictures)
    pictures = shown.movedim(-1, -3).float() / 127.5 - 1
    found, share = fitted(features(new, pictures), features(old, pictures))
    safetensors = require("safetensors")
    with safetensors.safe_open(alignment / PROJECTIONS, "pt") as file:
        told = file.metadata()
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
    shutil.copytree(alignment, out)
    require("safetensors.torch").save_file(carried(weights, found), out / PROJECTIONS, told)
    return share


def main() -> None:
    """Read the command line and write the copy."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, told in (
        ("alignment", "the senses so far"), ("old", "the eyes that they were trained on"),
        ("new", "the eyes from now on"), ("out", "folder for the senses that begin there"),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=Path, required=True, help=told)
    options = parser.parse_args()
    share = rebase(options.alignment, options.old, options.new, options.out)
    print(f"{share:.3f} of the old features' variance is found in the new ones")


if __name__ == "__main__":
    main()
