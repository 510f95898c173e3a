"""Captions before the first row: adapter and projections learn to write what soft tokens show.

A row about a medium holds few words that only the medium tells, and decoding its file takes as long
as learning from it. Here each medium is perceived once, its features are kept, and sequences hold
nothing but soft tokens and captions, so that a step names many times as many things as one of rows:
the first stage of LLaVA (Liu et al., "Visual Instruction Tuning", 2023), with the adapter taking
part and any modality.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from modaverse.errors import TrainingError
from modaverse.model import Encoded
from modaverse.model.perception import AUDIO, VISION
from modaverse_training.alignment.features import features_of
from modaverse_training.alignment.objective import plan_loss
from modaverse_training.alignment.packing import IGNORED, collate, pack

if TYPE_CHECKING:
    from modaverse.media import Media
    from modaverse.model import ModaVerseProcessor

__all__ = ["Captioning", "captions_encoded", "learn_captions"]

_KINDS = {"vision": VISION, "audio": AUDIO}
_RISE = 0.05  # of the steps, in which the rates rise
_MOST_GRADIENT = 1.0


@dataclass(frozen=True)
class Captioning:
    """How captions are learned.

    Attributes:
        steps: How many.
        batch: Sequences a step.
        micro_batch: Sequences that are computed at once.
        length: Most tokens of a sequence.
        rate: Highest of the adapter.
        projection_rate: Highest of the projections.
        attention: Implementation of the language model's.
        bfloat16: Whether it is computed in that.
        seed: Of the order.
    """

    steps: int
    batch: int = 8
    micro_batch: int = 8
    length: int = 256
    rate: float = 1e-3
    projection_rate: float = 3e-4
    attention: str = "sdpa"
    bfloat16: bool = False
    seed: int = 0


def captions_encoded(
    model: Any, processor: ModaVerseProcessor, captioned: Iterator[tuple[Media, str]]
) -> list[Encoded]:
    """Soft tokens and the caption behind them, with features in the place of the media.

    Args:
        model: A `ModaVerseForConditionalGeneration`.
        processor: Its processor.
        captioned: Media and what they show; those with an empty caption are left out.
    """
    pad = processor.prompt.pad
    rows = []
    for value, caption in captioned:
        if not caption.strip():
            continue
        perceived = processor.perception.perceive([value])
        (name, found), *_ = features_of(model, perceived).items()
        told = processor.prompt.answer(" " + caption)
        soft = found.shape[0] * found.shape[1]
        features = {f"{name}_features": found.half().cpu().numpy()}
        rows.append(Encoded(
            np.array([pad] * soft + told, np.int64),
            np.array([_KINDS[name]] * soft + [0] * len(told), np.int64),
            np.array([IGNORED] * soft + told, np.int64),
            frame_times=perceived.frame_times,
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
    rows = [row for row in rows if len(row.input_ids) <= settings.length]
    if not rows:
        raise TrainingError(
            f"no caption fits with its medium into {settings.length} tokens",
            hint="name data with captioned media, raise packing.length, or set training.captions=0",
        )
    optimizer = _optimizer(model, settings)
    batches = _batches(rows, settings)
    model.train()
    for step in range(1, settings.steps + 1):
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"] * _share(step, settings.steps)
        found = _backward(model, next(batches), settings, pad)
        if not math.isfinite(found):
            raise TrainingError(
                f"the loss of the captions became {found}",
                hint="lower training.learning_rate, or set training.captions=0",
            )
        torch.nn.utils.clip_grad_norm_(_trained(model), _MOST_GRADIENT)
        optimizer.step()
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
        for name in _KINDS:
            if (features := given.get(f"{name}_features")) is not None:
                given[f"{name}_features"] = features.float()
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
        lr=settings.rate, weight_decay=0.0,
    )  # fmt: skip


def _trained(model: Any) -> list[torch.nn.Parameter]:
    return [value for value in model.parameters() if value.requires_grad]


def _share(step: int, steps: int) -> float:
    """Of the highest rate: up in a straight line, down in a cosine."""
    rise = max(1, round(_RISE * steps))
    if step <= rise:
        return step / rise
    return 0.5 * (1 + math.cos(math.pi * (step - rise) / max(1, steps - rise)))


def _batches(rows: Sequence[Encoded], settings: Captioning) -> Iterator[list[list[Encoded]]]:
    """Batches of filled sequences, for ever: every row once before any comes again."""
    rng = Random(settings.seed)
    batch: list[list[Encoded]] = [[]]
    while True:
        for row in rng.sample(rows, len(rows)):
            if (
                sum(len(each.input_ids) for each in batch[-1]) + len(row.input_ids)
                > settings.length
            ):
                if len(batch) == settings.batch:
                    yield batch
                    batch = [[]]
                else:
                    batch.append([])
            batch[-1].append(row)
