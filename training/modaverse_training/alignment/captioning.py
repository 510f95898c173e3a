"""Captions before the first row: adapter and projections learn to write what soft tokens show.

A row about a medium holds few words that only the medium tells, and decoding its file takes as long
as learning from it. Here each medium is perceived once, its features are kept, and sequences hold
nothing but soft tokens and captions, so that a step names many times as many things as one of rows:
the first stage of LLaVA (Liu et al., "Visual Instruction Tuning", 2023), with the adapter taking
part and any modality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from transformers import get_cosine_schedule_with_warmup

from modaverse.errors import TrainingError
from modaverse.model import Encoded
from modaverse.model.perception import AUDIO, VISION
from modaverse_training.alignment.objective import plan_loss
from modaverse_training.alignment.packing import IGNORED, collate, pack
from modaverse_training.alignment.schedule import Packing, fill

if TYPE_CHECKING:
    from modaverse.model import ModaVerseProcessor
    from modaverse_training.alignment.captions import Looked

__all__ = ["Captioning", "captions_encoded", "learn_captions"]

_KINDS = {"vision": VISION, "audio": AUDIO}
_RISE = 0.05  # of the steps, in which the rates rise


@dataclass(frozen=True)
class Captioning:
    """How captions are learned.

    Attributes:
        steps: How many.
        batch: Sequences a step.
        micro_batch: Sequences that are computed at once.
        length: Most tokens of a sequence.
        window: Captions among which those are looked for that fit together.
        packed: Whether a sequence holds as many captions as fit, or one.
        rate: Highest of the adapter.
        projection_rate: Highest of the projections.
        weight_decay: Of the optimizer, which is AdamW.
        clip: Largest norm of the gradient; 0 for no limit.
        attention: Implementation of the language model's.
        bfloat16: Whether it is computed in that.
        seed: Of the order.
    """

    steps: int
    batch: int = 8
    micro_batch: int = 8
    length: int = 256
    window: int = 2048
    packed: bool = True
    rate: float = 1e-3
    projection_rate: float = 3e-4
    weight_decay: float = 0.0
    clip: float = 1.0
    attention: str = "sdpa"
    bfloat16: bool = False
    seed: int = 0

    def fits(self, row: Encoded) -> bool:
        """Whether a sequence has room for it."""
        return len(row.input_ids) <= self.length


def captions_encoded(processor: ModaVerseProcessor, looked: Iterable[Looked]) -> list[Encoded]:
    """Soft tokens and the caption behind them, with features in the place of the media.

    Args:
        processor: Of the model.
        looked: Media, perceived; those with an empty caption are left out.
    """
    pad = processor.prompt.pad
    rows = []
    for each in looked:
        if not each.caption.strip():
            continue
        told = processor.prompt.answer(" " + each.caption)
        soft = each.features.shape[0] * each.features.shape[1]
        features = {f"{each.name}_features": each.features.numpy()}
        rows.append(Encoded(
            np.array([pad] * soft + told, np.int64),
            np.array([_KINDS[each.name]] * soft + [0] * len(told), np.int64),
            np.array([IGNORED] * soft + told, np.int64),
            frame_times=each.times,
            **features,
        ))  # fmt: skip
    return rows


def learn_captions(
    model: Any,
    rows: Sequence[Encoded],
    settings: Captioning,
    *,
    pad: int,
    tell: Callable[[int, float], None] = lambda step, loss: None,
) -> None:
    """Train what of the model is trainable, projections at a rate of their own.

    Args:
        model: A `ModaVerseForConditionalGeneration` with an adapter.
        rows: As `captions_encoded` gives them.
        settings: How.
        pad: The token of the padding.
        tell: Takes a step, from 1, and the loss a token of it.

    Raises:
        TrainingError: The loss became no number, or no caption fits into a sequence.
    """
    rows = [row for row in rows if settings.fits(row)]
    if not rows:
        raise TrainingError(
            f"no caption fits with its medium into {settings.length} tokens",
            hint="name data with captioned media, raise packing.length, or set training.captions=0",
        )
    optimizer = _optimizer(model, settings)
    rising = max(1, round(_RISE * settings.steps))
    schedule = get_cosine_schedule_with_warmup(optimizer, rising, settings.steps, last_epoch=0)
    model.train()
    for step, batch in enumerate(islice(_batches(rows, settings), settings.steps), start=1):
        found = _backward(model, batch, settings, pad)
        if not math.isfinite(found):
            raise TrainingError(
                f"the loss of the captions became {found}",
                hint="lower training.learning_rate, or set training.captions=0",
            )
        if settings.clip:
            torch.nn.utils.clip_grad_norm_(_trained(model), settings.clip)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        tell(step, found)


def _backward(
    model: Any, batch: Sequence[Sequence[Encoded]], settings: Captioning, pad: int
) -> float:
    """Gradients of a step, a micro-batch at a time; its loss a token."""
    packed = [pack(part, settings.length, pad) for part in batch]
    tokens = sum(int((item.labels[1:] != IGNORED).sum()) for item in packed)
    device = model.get_input_embeddings().weight.device
    found = 0.0
    for start in range(0, len(packed), settings.micro_batch):
        part = collate(packed[start : start + settings.micro_batch], trim=True)
        given = {name: value.to(device) for name, value in part.items()}
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
            total, _ = plan_loss(
                model, model.get_output_embeddings(), given, attention=settings.attention
            )
        loss = total / tokens
        loss.backward()  # type: ignore[no-untyped-call]
        found += loss.item()
    return found


def _optimizer(model: Any, settings: Captioning) -> torch.optim.Optimizer:
    own = {id(value) for value in model.projections.parameters()}
    groups = (
        ([value for value in _trained(model) if id(value) not in own], settings.rate),
        ([value for value in _trained(model) if id(value) in own], settings.projection_rate),
    )
    return torch.optim.AdamW(
        [{"params": values, "initial_lr": rate} for values, rate in groups if values],
        lr=settings.rate, weight_decay=settings.weight_decay,
    )  # fmt: skip


def _trained(model: Any) -> list[torch.nn.Parameter]:
    return [value for value in model.parameters() if value.requires_grad]


def _batches(rows: Sequence[Encoded], settings: Captioning) -> Iterator[list[list[Encoded]]]:
    """Batches of filled sequences, for ever: every row once before any comes again."""
    rng = Random(settings.seed)
    lengths = [len(row.input_ids) for row in rows]
    packing = Packing(settings.length if settings.packed else 0, settings.window)
    sequences = (
        [rows[number] for number in held]
        for _ in count()
        for held in fill(rng.sample(range(len(rows)), len(rows)), lengths, packing, rng)
    )
    while True:
        yield list(islice(sequences, settings.batch))
