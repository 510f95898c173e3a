"""Training within a budget of minutes: resumable, with a running mean of the weights."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from modaverse_training.nano import diffusion

__all__ = ["Budget", "train_within"]

_WARM = 100  # steps until the full rate
_STATE = "state.pt"

Net = TypeVar("Net", bound=nn.Module)


@dataclass(frozen=True)
class Budget:
    """How long is trained, and how.

    Attributes:
        minutes: Wall-clock budget over all resumed runs.
        batch: Examples a step, for telling the speed.
        rate: Highest rate of the optimizer.
        decline: The rate falls to nothing over the last 1 / decline of the budget.
        every: Steps between two lines of how far it is, and between two states.
    """

    minutes: float
    batch: int
    rate: float
    decline: float
    every: tuple[int, int]


def train_within(
    budget: Budget,
    out: Path,
    name: str,
    model: Net,
    optimizer: torch.optim.Optimizer,
    losses: Callable[[int], Callable[[], Tensor]],
    told: Callable[[Net], str] | None = None,
) -> Net:
    """Train; a folder that holds a state is continued.

    Args:
        budget: How long, and how.
        out: Folder of the state and of the finished model.
        name: Of the finished model's folder in it.
        model: The network, whose `save_pretrained` is called.
        optimizer: Of its weights.
        losses: Of the step that is begun at, what gives the loss of each step after it.
        told: Gives a line on the running mean, told whenever a state is written.

    Returns:
        The running mean of the weights, saved in `out/name`.
    """
    out.mkdir(parents=True, exist_ok=True)
    average: Any = copy.deepcopy(model).requires_grad_(False)
    step, spent = diffusion.read_state(out / _STATE, model, average, optimizer)
    model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    loss_of_step = losses(step)
    last = time.monotonic()
    while spent < budget.minutes:
        left = 1 - spent / budget.minutes
        rate = budget.rate * min(1.0, (step + 1) / _WARM, budget.decline * left + 0.01)
        optimizer.param_groups[0]["lr"] = rate
        loss = loss_of_step()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        diffusion.follow(average, model, min(0.998, (step + 1) / (step + 20)))
        now = time.monotonic()
        spent, last = spent + (now - last) / 60, now
        if step % budget.every[0] == 0:
            speed = step * budget.batch / spent / 60
            print(f"step {step} {spent:.1f} min loss {loss.item():.4f} {speed:.0f}/s", flush=True)
        if step % budget.every[1] == 0:
            diffusion.write_state(out / _STATE, model, average, optimizer, step, spent)
            average.save_pretrained(out / name)
            if told:
                print(told(average), flush=True)
    average.save_pretrained(out / name)
    diffusion.write_state(out / _STATE, model, average, optimizer, step, spent)
    finished: Net = average.eval()
    return finished
