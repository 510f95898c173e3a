"""Rows for a model that sees by itself: its own processor, padding instead of packing.

The answer follows the model's own template for the request, and its end token is learned.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from modaverse.llm.checkpoint import ModelSettings
from modaverse.llm.sighted import SightedPrompt
from modaverse_training.alignment.packing import IGNORED, Ints

if TYPE_CHECKING:
    import torch

    from modaverse.llm.base import DialectName, LLMRequest

__all__ = ["Eyes", "Seen", "collate_seen"]

_STEP = 64  # lengths of batches are multiples: few shapes, few kernels


@dataclass(frozen=True)
class Seen:
    """A request and its answer as such a model takes them.

    Attributes:
        input_ids: int64, [t].
        labels: int64, [t]; `IGNORED` but for the answer and its end.
        along: Tensors of one value a token, [t].
        whole: Tensors of the pictures, to be joined along their first axis.
    """

    input_ids: Ints
    labels: Ints
    along: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


class Eyes(SightedPrompt):
    """Encodes requests and answers with a model's own processor.

    Args:
        model: Folder or hub id.
        dialect: How plans are written.
        system: Whether a system message explains plans and lists the tools.
        frames: The most frames that are taken from a video.

    Raises:
        BackendMissing: The processor, or a package it needs, is not there.
    """

    def __init__(self, model: str, *, dialect: DialectName, system: bool, frames: int) -> None:
        super().__init__(model, ModelSettings(dialect, system), frames)

    @property
    def by_size(self) -> bool:
        """A larger picture has more tokens."""
        return True

    def written(self, request: LLMRequest) -> str:
        """The request as the model's template writes it."""
        return self.text(request)

    def encode(self, request: LLMRequest, answer: str) -> Seen:
        """The tokens of a request and its answer."""
        sighted = self.encoded(request)
        ending = self.tokenizer(
            self.defuse(answer) + self.tokenizer.eos_token, add_special_tokens=False
        )["input_ids"]
        prompt, learned = np.asarray(sighted.tokens, np.int64), np.asarray(ending, np.int64)
        return _joined(prompt, learned, sighted.beside)

    def measure(self, request: LLMRequest, answer: str) -> tuple[int, int]:
        """How many tokens they have, and how many of these are the answer and its end."""
        seen = self.encode(request, answer)
        return len(seen.input_ids), int((seen.labels != IGNORED).sum())


def collate_seen(rows: Sequence[Seen], *, pad: int) -> dict[str, torch.Tensor]:
    """A batch for the model: rows are padded on the right to one length.

    Returns:
        input_ids, labels, attention_mask int64 [b, t], and what else the processor made.
    """
    import torch

    size = max(len(row.input_ids) for row in rows)
    size = -(-size // _STEP) * _STEP

    def padded(values: Sequence[torch.Tensor], filler: int) -> torch.Tensor:
        return torch.stack(
            [torch.nn.functional.pad(v, (0, size - len(v)), value=filler) for v in values]
        )

    tokens = [torch.from_numpy(row.input_ids) for row in rows]
    batch = {
        "input_ids": padded(tokens, pad),
        "labels": padded([torch.from_numpy(row.labels) for row in rows], IGNORED),
        "attention_mask": padded([torch.ones_like(row) for row in tokens], 0),
    }
    for name in rows[0].along:
        batch[name] = padded([row.along[name] for row in rows], 0)
    for name in sorted({name for row in rows for name in row.whole}):
        batch[name] = torch.cat([row.whole[name] for row in rows if name in row.whole])
    return batch


def _joined(prompt: Ints, learned: Ints, read: Mapping[str, torch.Tensor]) -> Seen:
    import torch

    labels = np.concatenate([np.full(len(prompt), IGNORED, np.int64), learned])
    along, whole = {}, {}
    for name, value in read.items():
        if value.shape[:2] == (1, len(prompt)):  # one value a token; the answer is plain text
            along[name] = torch.nn.functional.pad(value[0], (0, len(learned)))
        else:
            whole[name] = value
    return Seen(np.concatenate([prompt, learned]), labels, along, whole)
