"""Projections that begin at the captions: fitted to them before the first step, without the model.

A soft token begins where the language model's own embeddings tell the words of its caption from
all other captions' words. What is left for the training is to use it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional

from modaverse_training.alignment.data import Example, load_media
from modaverse_training.alignment.features import features_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.media import Media
    from modaverse.model import ModaVerseProcessor
    from modaverse.model.perception import Perceived
    from modaverse.model.projection import Projection

__all__ = ["Looked", "begin_at_captions", "captioned", "fit", "looked_at"]

_SEED = 7  # of the choice among more media
_STEPS, _BATCH = 1000, 512
_RATE, _DECAY = 1e-2, 1e-2
_QUIET = 1e-3  # of a feature's share in the mean deviation: less is not made louder


@dataclass(frozen=True)
class Looked:
    """What an encoder makes of a medium, and what the medium shows.

    Attributes:
        name: Of the projection that reads it.
        features: [n, k, d], on the CPU.
        times: float32 [n] in seconds, of frames and pictures; None for a sound.
        caption: What it shows.
    """

    name: str
    features: Tensor
    times: NDArray[np.float32] | None
    caption: str


def looked_at(
    model: Any,
    processor: ModaVerseProcessor,
    captioned: Iterable[tuple[Media, str]],
    features: Callable[[Any, Perceived], dict[str, Tensor]] = features_of,
) -> Iterator[Looked]:
    """Media as the frozen encoders of a model perceive them, one at a time.

    Args:
        model: A `ModaVerseForConditionalGeneration`.
        processor: Its processor.
        captioned: Media and what they show.
        features: Makes of what is perceived what the projections read.
    """
    for value, caption in captioned:
        perceived = processor.perception.perceive([value])
        for name, found in features(model, perceived).items():
            times = perceived.frame_times if name == "vision" else None
            yield Looked(name, found.float().cpu(), times, caption)


def begin_at_captions(
    model: Any, processor: ModaVerseProcessor, looked: Iterable[Looked]
) -> dict[str, int]:
    """Set the projections of pictures and sounds so that media come near to their captions.

    Args:
        model: A `ModaVerseForConditionalGeneration` whose projections have learnt nothing yet.
        processor: Its processor.
        looked: Media, perceived; those without a caption are left out.

    Returns:
        How many media each projection was solved from; one is left as it is if there are no two
        captions for it.
    """
    found: dict[str, list[tuple[Tensor, list[int]]]] = {}
    for each in looked:
        if words := processor.tokenizer(each.caption, add_special_tokens=False)["input_ids"]:
            projection: Projection = model.projections[each.name]
            features = each.features.to(projection.last.weight.device)
            with torch.no_grad():
                hidden = projection.hidden(features).float().mean((0, 1))  # [d]
            found.setdefault(each.name, []).append((hidden, words))
    embeddings = model.get_input_embeddings().weight.detach().float().cpu()
    fitted = {}
    for name, pairs in found.items():
        projection = model.projections[name]
        told = [words for _, words in pairs]
        if all(words == told[0] for words in told):
            continue  # from one caption nothing can be told apart
        features = torch.stack([hidden for hidden, _ in pairs]).cpu()
        weight, bias = fit(features, told, embeddings, projection.scale)
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
    examples: Sequence[Example], processor: ModaVerseProcessor, most: int
) -> Iterator[tuple[Media, str]]:
    """Media in an order of chance, each once, and what they show.

    Args:
        examples: Whose media.
        processor: Tells which modalities are perceived.
        most: How many of each modality.

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
            if reference.caption and counts[reference.modality] < most
        }
        for handle, value in load_media(example, processor.perceives).items() if new else ():
            if handle in new:
                path, reference = new[handle]
                seen.add(path)
                counts[reference.modality] += 1
                yield value, reference.caption
