"""The optimizer of matrices: that of torch, in the precision that is fast."""

from __future__ import annotations

import pytest
import torch

from modaverse_training.nano.lm.muon import Muon, orthogonal


@pytest.mark.parametrize("shape", [(48, 16), (16, 48), (32, 32)])
@pytest.mark.parametrize("fast", [False, True])
def test_singular_values_come_near_one(shape: tuple[int, int], fast: bool) -> None:
    matrix = torch.randn(shape, generator=torch.Generator().manual_seed(3)) * 40
    found = orthogonal(matrix, fast=fast)
    assert found.shape == matrix.shape
    assert found.dtype == matrix.dtype
    values = torch.linalg.svdvals(found)[:-1]  # the least may be any small one
    assert ((values > 0.3) & (values < 1.4)).all()
    assert torch.linalg.svdvals(matrix)[0] > 100


def test_it_steps_as_that_of_torch_does() -> None:
    drawn = torch.Generator().manual_seed(4)
    ours = torch.nn.Parameter(torch.randn(24, 12, generator=drawn))
    theirs = torch.nn.Parameter(ours.detach().clone())
    start = ours.detach().clone()
    mine = Muon([ours], lr=0.05, weight_decay=0.1)
    other = torch.optim.Muon([theirs], lr=0.05, weight_decay=0.1, adjust_lr_fn="match_rms_adamw")
    for _ in range(6):
        gradient = torch.randn(24, 12, generator=drawn)
        ours.grad, theirs.grad = gradient, gradient.clone()
        mine.step()
        other.step()  # type: ignore[no-untyped-call]
    way = (theirs - start).norm()
    assert (ours - theirs).norm() < 0.03 * way  # torch's is in bfloat16
    assert way > 0.5
    saved = mine.state_dict()  # a run that began with torch's goes on with this one
    assert saved["state"][0].keys() == other.state_dict()["state"][0].keys()


def test_what_has_no_gradient_stays() -> None:
    still, moving = (torch.nn.Parameter(torch.ones(4, 3)) for _ in range(2))
    optimizer = Muon([still, moving], lr=0.1)
    moving.grad = torch.eye(4, 3)
    optimizer.step()
    assert (still == 1).all()
    assert (moving != 1).any()
