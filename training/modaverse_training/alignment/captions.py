"""Projections that begin at the captions: fitted to them before the first step, without the model.

A soft token begins where the language model's own embeddings tell the words of its caption from
all other captions' words. What is left for the training is to use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from modaverse_training.alignment.data import Example, load_media
from modaverse_training.alignment.features import features_of

if TYPE_CHECKING:
    from modaverse.media import Media
    from modaverse.model import ModaVerseProcessor
    from modaverse.model.projection import Projection

__all__ = ["begin_at_captions", "captioned", "fit"]

_MOST = 8192  # media of each modality that are looked at
_SEED = 7  # of the choice among more media
_STEPS, _BATCH = 1000, 512
_RATE, _DECAY = 1e-2, 1e-2
_QUIET = 1e-3  # of a feature's share in the mean deviation: less is not made louder


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
    found: dict[str, list[tuple[Tensor, list[int]]]] = {}
    for value, caption in captioned(examples, processor):
        words = processor.tokenizer(caption, add_special_tokens=False)["input_ids"]
        for name, hidden in _hidden(model, processor, value).items():
            if words:
                found.setdefault(name, []).append((hidden, words))
    embeddings = model.get_input_embeddings().weight.detach().float().cpu()
    fitted = {}
    for name, pairs in found.items():
        projection: Projection = model.projections[name]
        words = [each for _, each in pairs]
        if all(each == words[0] for each in words):
            continue  # from one caption nothing can be told apart
        features = torch.stack([hidden for hidden, _ in pairs]).cpu()
        weight, bias = fit(features, words, embeddings, projection.scale)
        with torch.no_grad():
            projection.last.weight.copy_(weight)
            projection.last.bias.copy_(bias)
        fitted[name] = len(pairs)
    return fitted


def fit(
    features: Tensor, words: Sequence[Sequence[int]], embeddings: Tensor, scale: float
) -> tuple[Tensor, Tensor]:
    """The linear map whose results tell the captions' words, read by the embeddings themselves.

    A multinomial regression: the product of a result with the embedding of a word is the word's
    logit, beside how common the word is in all captions. So it is spent on what tells media apart,
    where the nearest map in the least squares is spent on what varies most. The same every time.

    Args:
        features: [n, d].
        words: Token ids of the n captions, none of them empty.
        embeddings: Of all tokens, [v, e].
        scale: Standard deviation of what comes out.

    Returns:
        Weight [e, d] and bias [e], float32. Media on the average come out as zeros.
    """
    used = sorted({word for each in words for word in each})
    shares = _shares(words, used)
    common = shares.mean(0).log()
    known = embeddings[used].float()
    known = (known - known.mean(0)) / known.std() / known.shape[1] ** 0.5
    middle, spread = features.float().mean(0), features.float().std(0)
    inputs = (features.float() - middle) / (spread + _QUIET * spread.mean())
    chance = torch.Generator().manual_seed(_SEED)
    weight = torch.zeros(known.shape[1], features.shape[1], requires_grad=True)
    optimizer = torch.optim.AdamW([weight], lr=_RATE, weight_decay=_DECAY)
    for step in range(_STEPS):
        optimizer.param_groups[0]["lr"] = _RATE * (1 - step / _STEPS)
        picks = torch.randint(len(inputs), (_BATCH,), generator=chance)
        logits = inputs[picks] @ weight.T @ known.T + common
        loss = functional.cross_entropy(logits, shares[picks])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    with torch.no_grad():
        weight = weight / (spread + _QUIET * spread.mean())
        weight *= scale / ((features.float() - middle) @ weight.T).std()
    return weight, -weight @ middle


def _shares(words: Sequence[Sequence[int]], used: Sequence[int]) -> Tensor:
    """What part of each caption each word that is used is: [n, words that are used]."""
    places = {word: place for place, word in enumerate(used)}
    shares = torch.zeros(len(words), len(used))
    for row, each in zip(shares, words, strict=True):
        for word in each:
            row[places[word]] += 1 / len(each)
    return shares


def captioned(
    examples: Sequence[Example], processor: ModaVerseProcessor
) -> Iterator[tuple[Media, str]]:
    """Media in an order of chance, each once, and what they show.

    Raises:
        DataError: A file is missing or broken.
    """
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
