"""Taking pictures apart: the network's shapes, the filling of grounds, a training that resumes."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
import torch

from modaverse_tools.nano_drawing import Pose, box_of, laid_over, placed, sheet_of
from modaverse_tools.nano_layers import NanoLayers, filled, taken_apart
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import layers


@pytest.fixture(scope="module")
def shipped() -> NanoLayers:
    model: NanoLayers = NanoLayers.from_pretrained(WEIGHTS / "layers", dtype=torch.float32)
    model.eval()
    return model


def test_the_network_reads_and_writes_pictures_of_its_side() -> None:
    model = NanoLayers(side=32, widths=(16, 32))
    opacity, added, ground = model(torch.zeros(2, 3, 32, 32))
    assert opacity.shape == (2, 1, 32, 32)
    assert added.shape == ground.shape == (2, 3, 32, 32)


def test_shipped_weights_find_things_in_scenes_that_training_never_saw(shipped: NanoLayers) -> None:
    assert layers.overlap(shipped, 48) > 0.8
    assert sum(part.numel() for part in shipped.parameters()) < 1.25e6


@pytest.mark.parametrize("size", [(64, 64), (96, 200), (150, 40)])
def test_layers_laid_together_are_the_picture(shipped: NanoLayers, size: tuple[int, int]) -> None:
    picture = torch.full((1, 3, *size), 0.6)
    high, wide = size
    inside = (slice(None), slice(None), slice(high // 4, 3 * high // 4))
    picture[..., high // 4 : 3 * high // 4, wide // 3 : 2 * wide // 3] = torch.tensor(
        [0.8, -0.7, -0.7]
    ).view(3, 1, 1)
    found = taken_apart(shipped, picture)
    assert found.opacity.shape == (1, 1, *size)
    middle = found.opacity[inside][..., wide // 2 - 2 : wide // 2 + 2]
    assert float(middle.mean()) > 0.8
    again = laid_over(sheet_of(found.thing, found.opacity), found.ground)
    assert float((again - picture).abs().mean()) < 0.05
    assert float((found.ground - 0.6).abs().mean()) < 0.05, "the ground is whole again"


def test_what_is_hidden_is_filled_from_both_sides_without_a_seam() -> None:
    rows = torch.linspace(-1, 1, 48).view(1, 1, 48, 1).expand(1, 3, 48, 64).clone()
    opacity = torch.zeros(1, 1, 48, 64)
    opacity[..., 12:36, 20:44] = 1
    seen = torch.where(opacity > 0, 0.3, rows)
    made = filled(seen, opacity, torch.zeros_like(seen))
    assert torch.equal(made[..., :10, :], rows[..., :10, :])
    assert float((made - rows).abs().max()) < 0.12


def test_a_sheet_is_laid_where_it_is_told() -> None:
    sheet = torch.zeros(1, 4, 40, 60)
    sheet[..., 10:20, 10:30] = 1
    for pose, middle, size in (
        (Pose(20, 15), (20, 15), (20, 10)),
        (Pose(40, 30, 2.0), (40, 30), (40, 20)),
        (Pose(30, 20, 0.5), (30, 20), (10, 5)),
        (Pose(30, 20, 1.0, torch.pi / 2), (30, 20), (10, 20)),
    ):
        box = box_of(placed(sheet, pose, (20, 15), (48, 80))[:, 3:])
        assert (box.x, box.y) == pytest.approx(middle, abs=1)
        assert (box.width, box.height) == pytest.approx(size, abs=1)


def test_a_sheet_is_mirrored_before_it_is_turned_clockwise() -> None:
    sheet = torch.zeros(1, 4, 21, 21)
    sheet[..., 10, 15] = 1  # right of the middle
    left = placed(sheet, Pose(10.5, 10.5, mirrored=True), (10.5, 10.5), (21, 21))
    assert float(left[0, 3, 10, 5]) == pytest.approx(1, abs=1e-4)
    up = placed(sheet, Pose(10.5, 10.5, 1, torch.pi / 2, mirrored=True), (10.5, 10.5), (21, 21))
    assert float(up[0, 3, 5, 10]) == pytest.approx(1, abs=1e-4)


def test_scenes_for_training_are_laid_together_from_their_layers() -> None:
    stock = layers._stock()
    drawing, ground, picture = stock.batch(Random(3), 12, held_out=True)
    assert drawing.shape == (12, 4, 64, 64)
    bare = drawing[:, 3:] == 0
    assert torch.equal(
        picture.masked_select(bare.expand_as(picture)),
        ground.masked_select(bare.expand_as(ground)),
    )
    assert float(picture.abs().max()) <= 1
    again = layers._stock().batch(Random(3), 12, held_out=True)
    assert torch.equal(again[2], picture)


def test_a_training_goes_on_where_it_was_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch, "compile", lambda model: model)
    first = layers.train(tmp_path, minutes=0.01, batch=4)
    step = torch.load(tmp_path / "state.pt", weights_only=True)["step"]
    assert step > 0
    again = layers.train(tmp_path, minutes=0.01, batch=4)
    for one, other in zip(first.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)
    layers.train(tmp_path, minutes=0.02, batch=4)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] > step
