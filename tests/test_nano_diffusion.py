"""The trainer of the nano generators: it learns, repeats itself by seed, and resumes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from modaverse_training.nano import diffusion, image
from modaverse_training.nano.diffusion import Captions, Recipe


class Guess(nn.Module):
    """Remembers one vector per caption: the least that can learn data from captions."""

    def __init__(self) -> None:
        super().__init__()
        self.table = nn.Linear(4, 6)

    def forward(self, noisy: Tensor, states: Tensor) -> Tensor:
        clean: Tensor = self.table(states.mean(1))
        return clean + 0 * noisy


def predict(model: nn.Module, noisy: Tensor, level: Tensor, states: Tensor, mask: Tensor) -> Tensor:
    guess: Tensor = model(noisy, states)
    return guess


def run(out: Path, minutes: float) -> tuple[nn.Module, list[nn.Module]]:
    rng = np.random.default_rng(0)
    data = torch.from_numpy(rng.normal(size=(8, 6)).astype(np.float32))
    states = np.eye(8, 4, dtype=np.float16)[:, None].repeat(3, 1)
    nothing = (torch.zeros(3, 4), torch.ones(3, dtype=torch.bool))
    captions = Captions(states, np.ones((8, 3), bool), nothing)
    torch.manual_seed(0)
    model = Guess()
    saved: list[nn.Module] = []
    recipe = Recipe(minutes=minutes, batch=8, rate=0.05, compiled=False)
    diffusion.train(
        model, predict, lambda picks: data[picks], captions, recipe, out, save=saved.append
    )
    return model, saved


def test_the_loss_falls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, saved = run(tmp_path, 0.03)
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith("step")]
    losses = [float(line.split("loss ")[1].split()[0]) for line in lines]
    assert losses[-1] < losses[0]
    assert saved


def test_a_finished_run_is_not_trained_again(tmp_path: Path) -> None:
    first, _ = run(tmp_path, 0.01)
    second, _ = run(tmp_path, 0.01)
    for before, after in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(before, after)


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path) -> None:
    run(tmp_path, 0.005)
    steps = torch.load(tmp_path / "state.pt", weights_only=True)["step"]
    run(tmp_path, 0.01)
    later = torch.load(tmp_path / "state.pt", weights_only=True)
    assert later["step"] > steps
    assert not (tmp_path / "state.tmp").exists()


def test_withheld_captions_get_the_features_of_nothing() -> None:
    states = np.ones((2, 3, 4), np.float16)
    nothing = (torch.full((3, 4), 7.0), torch.zeros(3, dtype=torch.bool))
    captions = Captions(states, np.ones((2, 3), bool), nothing)
    told, mask = captions.rows(np.array([0, 1]), np.array([False, True]))
    assert bool((told[0] == 1).all())
    assert bool((told[1] == 7).all())
    assert mask.sum(1).tolist() == [3, 0]


def test_sketches_are_made_of_the_rows_that_were_picked() -> None:
    states = np.arange(4, dtype=np.float16)[:, None, None].repeat(3, 1).repeat(2, 2)
    mask = np.ones((4, 3), bool)
    captions = Captions(states, mask, (torch.zeros(3, 2), torch.ones(3, dtype=torch.bool)))
    sketches = image.sketches_of(lambda told: told[:, :1] * 10, captions)
    assert sketches(np.array([2, 0])).flatten().tolist() == [20.0, 0.0]


@pytest.mark.parametrize("sketched", [False, True])
def test_a_new_model_writes_in_the_directions_that_the_data_have(sketched: bool) -> None:
    model = image.build(read=6 if sketched else 3, patch=8, width=64, layers=1)
    torch.manual_seed(0)
    directions = torch.linalg.qr(torch.randn(192, 8)).Q  # patches lie in 8 of 192 dimensions
    values = torch.randn(40, 4, 8) @ directions.T + 1.0
    clean = nn.functional.fold(values.transpose(1, 2), (16, 16), 8, stride=8)
    diffusion.start_from_components(model, clean, sketched=sketched)
    weight = model.proj_out.weight  # [values in the order of the output, width]
    into_rows = torch.arange(192).view(3, 8, 8).permute(1, 2, 0).flatten()
    known = directions[into_rows]
    outside = weight - known @ (known.T @ weight)
    assert outside.norm() < 0.1 * weight.norm()
    assert model.proj_out.bias.mean().item() == pytest.approx(0 if sketched else 1, abs=0.2)
