"""A few weights of a model, by which another of the same kind and sizes is known."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["alike", "probe"]

_COUNT = 16
_CLOSE = 0.005  # relative: what bfloat16 rounds away leaves them the same weights
_SMALL = 1e-6  # and what float16 does to the smallest


def probe(model: Any) -> tuple[float, ...] | None:
    """A weight of each of some matrices, drawn over the whole model but always the same.

    Not of the embeddings alone: training leaves those of rare tokens as they are.

    Args:
        model: A language model, alone or with a LoRA adapter, which does not count, or an encoder;
            None for none.

    Returns:
        At most 16 numbers of five digits; None where the weights are not at hand as numbers: split
        between processes, or stored in blocks of few bits.
    """
    if model is None:
        return None
    matrices = [
        weight
        for name, weight in model.named_parameters()
        if "lora_" not in name and weight.ndim > 1
    ]
    if not matrices or not all(map(_at_hand, matrices)):
        return None
    drawn = Random(0).sample(range(len(matrices)), min(_COUNT, len(matrices)))
    return tuple(float(f"{_third(matrices[place]):.5g}") for place in drawn)


def alike(one: Sequence[float], other: Sequence[float]) -> bool:
    """Whether two probes of the same length are of the same weights, maybe of different types."""
    return all(
        abs(a - b) <= _CLOSE * max(abs(a), abs(b)) + _SMALL for a, b in zip(one, other, strict=True)
    )


def _at_hand(weight: Tensor) -> bool:
    whole = weight.is_floating_point() and weight.numel() > 0
    return whole and weight.device.type != "meta" and not hasattr(weight, "full_tensor")


def _third(weight: Tensor) -> float:
    """The weight that a third of a matrix comes before."""
    return weight.detach().flatten()[weight.numel() // 3].item()
