"""How much there is to learn from each hand-written row: what a model answers well comes seldom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from modaverse_training.nano.lm.corpus import encode
from modaverse_training.nano.lm.rows import Row
from modaverse_training.nano.lm.tokenizer import END

if TYPE_CHECKING:
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

_EASY = 0.2  # the weight of a row that is answered for sure; nothing is to be forgotten
_BATCH = 64


def surprise(
    network: LlamaForCausalLM, pieces: PreTrainedTokenizerFast, rows: Sequence[Row]
) -> list[float]:
    """Minus the log probability, in nats, of each row's plan under a model; 0 or more."""
    import torch

    encoded = [encode(row, pieces, 0.0) for row in rows]
    plans = [len(pieces(row.answer() + END, add_special_tokens=False).input_ids) for row in rows]
    order = sorted(range(len(rows)), key=lambda n: len(encoded[n].tokens))
    found = [0.0] * len(rows)
    for start in range(0, len(order), _BATCH):
        numbers = order[start : start + _BATCH]
        tokens = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(encoded[n].tokens) for n in numbers], batch_first=True
        )
        with torch.inference_mode():
            logits = network(input_ids=tokens, use_cache=False).logits[:, :-1].float()
        losses = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), tokens[:, 1:].flatten(), reduction="none"
        ).view(len(numbers), -1)
        for number, loss in zip(numbers, losses, strict=True):
            end = len(encoded[number].tokens) - 1
            found[number] = float(loss[end - plans[number] : end].sum())
    return found


def weights(surprises: Sequence[float], often: Sequence[float] = ()) -> list[float]:
    """How often each row is to come: its surprise, but 0.2 at least and 1 at most.

    Args:
        surprises: As `surprise` gives them.
        often: How often each row would come otherwise; by default all alike.
    """
    known = [min(1.0, max(_EASY, nats)) for nats in surprises]
    return [a * b for a, b in zip(known, often or [1.0] * len(known), strict=True)]
