"""A projection that is carried over to other eyes reads them as it read the old ones."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from modaverse.model.alignment import PROJECTIONS
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import rebase, scenes


def test_features_that_were_only_mixed_anew_are_found_again() -> None:
    torch.manual_seed(0)
    old = torch.randn(4000, 12, dtype=torch.float64)
    mixed = old @ torch.randn(12, 12, dtype=torch.float64) + 3
    found, share = rebase.fitted(mixed, old)
    assert share == pytest.approx(1, abs=1e-6)
    projections = {
        "vision.layers.0.weight": torch.randn(5, 12),
        "vision.layers.0.bias": torch.randn(5),
        "time.mix.weight": torch.randn(5, 2),
    }
    moved = rebase.carried(projections, found)
    assert moved["time.mix.weight"] is projections["time.mix.weight"]
    before, after = (
        torch.nn.functional.linear(
            seen.float(), each["vision.layers.0.weight"], each["vision.layers.0.bias"]
        )
        for each, seen in ((projections, old), (moved, mixed))
    )
    assert torch.allclose(before, after, atol=0.02)


def test_noise_is_not_taken_for_knowledge() -> None:
    torch.manual_seed(0)
    _, share = rebase.fitted(*torch.randn(2, 4000, 8, dtype=torch.float64))
    assert abs(share) < 0.05


@pytest.mark.skipif(not scenes.FONT.is_file(), reason="no Noto Color Emoji here")
def test_the_same_eyes_change_nothing(tmp_path: Path) -> None:
    vision, senses = WEIGHTS / "vision", WEIGHTS / "senses"
    share = rebase.rebase(senses, vision, vision, tmp_path / "out", rows=300)
    assert share > 0.99
    before, after = (load_file(folder / PROJECTIONS) for folder in (senses, tmp_path / "out"))
    assert before.keys() == after.keys()
    for name, weight in before.items():
        assert torch.allclose(weight, after[name], atol=0.02), name
    assert (tmp_path / "out" / "adapter" / "adapter_config.json").is_file()
