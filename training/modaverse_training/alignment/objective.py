"""The loss: cross-entropy on the plan's tokens only, and logits for those tokens only.

Most tokens of a row are the request, the template and padding, which no loss is taken of. The head
of the language model, a matrix as wide as the vocabulary, is spared them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.nn import functional

from modaverse_training.alignment.packing import IGNORED, block_mask

__all__ = ["next_tokens", "plan_loss"]


def plan_loss(
    model: torch.nn.Module, head: torch.nn.Module, batch: Mapping[str, Any], *, attention: str
) -> tuple[torch.Tensor, torch.Tensor]:
    """The summed loss of a batch and how many tokens it is of.

    Args:
        model: What is called; perhaps a wrapper for several processes.
        head: The module within it that makes logits of hidden states.
        batch: As `collate` makes it.
        attention: Implementation: flash attention takes no mask and tells rows by their positions.

    Returns:
        float32 []; int64 [].
    """
    flash = attention.startswith("flash")
    if "segments" in batch and flash:
        batch = _in_one_line(batch)
    inputs = {key: value for key, value in batch.items() if key not in ("labels", "segments")}
    targets = next_tokens(batch["labels"])
    wanted = targets != IGNORED
    if "segments" in batch and not flash:
        inputs["attention_mask"] = block_mask(batch["segments"])
    with _only(head, wanted):
        logits = model(**inputs, use_cache=False).logits
    logits = logits.reshape(-1, logits.shape[-1]).float()  # [wanted, vocabulary]
    return functional.cross_entropy(logits, targets[wanted], reduction="sum"), wanted.sum()


def next_tokens(labels: torch.Tensor) -> torch.Tensor:
    """At each place the label of the next one; int64, [b, t]."""
    return functional.pad(labels[:, 1:], (0, 1), value=IGNORED)


def _in_one_line(batch: Mapping[str, Any]) -> dict[str, Any]:
    """Packed sequences as one of [1, b * t]: flash attention looks for rows in a single line."""
    lines = ("input_ids", "labels", "media_kinds", "position_ids", "segments")
    return {key: value.reshape(1, -1) if key in lines else value for key, value in batch.items()}


@contextmanager
def _only(head: torch.nn.Module, wanted: torch.Tensor) -> Iterator[None]:
    """Let `head` see no more than the hidden states at the wanted places, [1, n, d]."""

    def select(_: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, ...]:
        return (given[0][wanted][None], *given[1:])

    handle = head.register_forward_pre_hook(select)
    try:
        yield
    finally:
        handle.remove()
