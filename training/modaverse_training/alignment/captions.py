"""Projections that begin at the captions: solved in closed form, before the first step.

A soft token begins as a blend of the embeddings of its caption's words, which the language model
knows already. What is left for the training is to use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from modaverse_training.alignment.data import Example, load_media
from modaverse_training.alignment.features import features_of

if TYPE_CHECKING:
    from modaverse.media import Media
    from modaverse.model import ModaVerseProcessor
    from modaverse.model.projection import Projection

__all__ = ["begin_at_captions", "solve"]

_MOST = 2048  # media of each modality that are looked at
_SEED = 7  # of the choice among more media
_RIDGE = 0.01  # of the mean square of the features


def begin_at_captions(
    model: Any, processor: ModaVerseProcessor, examples: Sequence[Example]
) -> dict[str, int]:
    """Set the projections of pictures and sounds so that media come near to their captions.

    Args:
        model: A `ModaVerseForConditionalGeneration` whose projections have learnt nothing yet.
        processor: Its processor.
        examples: Whose media are looked at; those without a caption or a file are left out.

    Returns:
        How many media each projection was solved from; one is left as it is if there are no two
        captions for it.

    Raises:
        DataError: A file is missing or broken.
    """
    found: dict[str, list[tuple[Tensor, Tensor]]] = {}
    embeddings = model.get_input_embeddings().weight.detach().float()
    for value, caption in _captioned(examples, processor):
        words = processor.tokenizer(caption, add_special_tokens=False)["input_ids"]
        for name, hidden in _hidden(model, processor, value).items():
            if words:
                found.setdefault(name, []).append((hidden, embeddings[words].mean(0)))
    solved = {}
    for name, pairs in found.items():
        projection: Projection = model.projections[name]
        hidden, wanted = (torch.stack(column).cpu() for column in zip(*pairs, strict=True))
        if (wanted == wanted[0]).all():
            continue  # from one caption nothing can be told apart
        weight, bias = solve(hidden, wanted, projection.scale)
        with torch.no_grad():
            projection.last.weight.copy_(weight)
            projection.last.bias.copy_(bias)
        solved[name] = len(pairs)
    return solved


def solve(features: Tensor, wanted: Tensor, scale: float) -> tuple[Tensor, Tensor]:
    """The linear map that takes features nearest to what is wanted, by ridge regression.

    Args:
        features: [n, d].
        wanted: [n, e]; what all have in common is left out.
        scale: Standard deviation of what comes out.

    Returns:
        Weight [e, d] and bias [e], float32.
    """
    inputs, targets = features.double(), wanted.double()
    middle = inputs.mean(0)
    inputs, targets = inputs - middle, targets - targets.mean(0)
    square = inputs.T @ inputs
    square += torch.eye(len(square), dtype=square.dtype) * _RIDGE * square.diagonal().mean()
    weight = torch.linalg.solve(square, inputs.T @ targets).T  # [e, d]
    weight *= scale / (inputs @ weight.T).std()
    return weight.float(), (-weight @ middle).float()


def _captioned(
    examples: Sequence[Example], processor: ModaVerseProcessor
) -> Iterator[tuple[Media, str]]:
    """Media in an order of chance, each once, and what they show."""
    seen: set[Path] = set()
    counts: Counter[str] = Counter()
    for example in Random(_SEED).sample(examples, len(examples)):
        new = {
            reference.handle: (path, reference)
            for reference in example.media()
            if (path := reference.file(example.folder)) and path not in seen
            if reference.caption and counts[reference.modality] < _MOST
        }
        for handle, value in load_media(example, processor.perceives).items() if new else ():
            if handle in new:
                path, reference = new[handle]
                seen.add(path)
                counts[reference.modality] += 1
                yield value, reference.caption


@torch.no_grad()
def _hidden(model: Any, processor: ModaVerseProcessor, value: Media) -> dict[str, Tensor]:
    """What the last layer of each projection reads of a medium, on the whole: float32 [d]."""
    features = features_of(model, processor.perception.perceive([value]))
    return {
        name: model.projections[name].hidden(found).float().mean((0, 1))
        for name, found in features.items()
    }
