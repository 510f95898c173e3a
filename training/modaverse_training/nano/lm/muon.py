"""Muon, whose products are computed in the precision that a processor is fast in.

`torch.optim.Muon` orthogonalizes in bfloat16 always. That is right on a GPU, but an AMD processor
with AVX2 alone took forty times as long for it as in float32 (0.78 and 0.02 s for 256 x 1,024), and
a step of the nano language model spent four fifths of its time there.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import torch

from modaverse_training.precision import FAST_BFLOAT16

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Muon", "orthogonal"]

_COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic iteration
_STEPS = 5
_TINY = 1e-7


class Muon(torch.optim.Optimizer):
    """Momentum whose update of each matrix is made orthogonal first, with Nesterov's look ahead.

    As Jordan et al. describe it (kellerjordan.github.io/posts/muon), with the size of updates
    matched to AdamW's (Liu et al., 2025, arXiv 2502.16982), so that one rate serves both. Its state
    is that of `torch.optim.Muon`.

    Args:
        params: Matrices only.
        lr: The rate.
        weight_decay: Of the weights, relative to the rate.
        momentum: 0..1.
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor],
        lr: float,
        weight_decay: float = 0.02,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> None:  # type: ignore[override]
        """One update of every matrix that has a gradient; there is no closure."""
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is not None:
                    self._update(weight, weight.grad, group)

    def _update(self, weight: torch.Tensor, grad: torch.Tensor, group: dict[str, Any]) -> None:
        state = self.state[weight]
        if "momentum_buffer" not in state:
            state["momentum_buffer"] = torch.zeros_like(grad)
        momentum = state["momentum_buffer"].lerp_(grad, 1 - group["momentum"])
        update = orthogonal(torch.lerp(grad, momentum, group["momentum"]))
        weight.mul_(1 - group["lr"] * group["weight_decay"])
        weight.add_(update, alpha=-group["lr"] * 0.2 * math.sqrt(max(weight.shape)))


def orthogonal(matrix: torch.Tensor, *, fast: bool = FAST_BFLOAT16) -> torch.Tensor:
    """The matrix with all its singular values near 1, by five Newton-Schulz iterations.

    Args:
        matrix: [m, n].
        fast: Compute in bfloat16.

    Returns:
        [m, n], of the matrix's type.
    """
    a, b, c = _COEFFICIENTS
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x.bfloat16() if fast else x.float()
    x = x / x.norm().clamp(min=_TINY)
    for _ in range(_STEPS):
        gram = x @ x.T
        x = torch.addmm(x, torch.addmm(gram, gram, gram, beta=b, alpha=c), x, beta=a)
    return (x.T if tall else x).to(matrix.dtype)
