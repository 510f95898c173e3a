"""The order in which a run learns: rows drawn by the weights of their sources, packed, mixed.

All of it follows from the seed and is known before the first step, so a run that was killed goes on
with the very sequence it would have come to.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from modaverse_training.alignment.packing import best_fit

__all__ = ["Packing", "Schedule", "draw", "fill", "plan_run"]


@dataclass(frozen=True)
class Schedule:
    """What each sequence of a run holds.

    Attributes:
        sequences: Numbers of examples; none in those that only fill up the last step.
        batch: Sequences a step.
        tokens: Tokens that are no padding, of each step.
    """

    sequences: tuple[tuple[int, ...], ...]
    batch: int
    tokens: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Steps of the run."""
        return len(self.sequences) // self.batch

    @property
    def rows(self) -> int:
        """Examples that are shown, counted each time."""
        return sum(len(held) for held in self.sequences)

    def filled(self, length: int) -> float:
        """The share of the places that hold tokens, if all sequences have `length` places."""
        used = sum(1 for held in self.sequences if held)
        return sum(self.tokens) / max(1, used * length)


@dataclass(frozen=True)
class Packing:
    """How sequences are made of examples.

    Attributes:
        length: Tokens of a sequence; 0 puts each example into a sequence of its own.
        window: Examples among which those are looked for that fit together.
    """

    length: int
    window: int


def draw(sources: Sequence[int], weights: Sequence[float], seed: int, epoch: int) -> list[int]:
    """The examples of an epoch, mixed.

    Args:
        sources: For each example the source it is of.
        weights: Of each source: how many times an epoch shows its examples.
        seed: Of the run.
        epoch: Counted from 0.
    """
    rng = random.Random(f"{seed}/{epoch}")
    found: list[int] = []
    for source, weight in enumerate(weights):
        mine = [i for i, of in enumerate(sources) if of == source]
        whole, part = divmod(weight, 1.0)
        found += mine * int(whole)
        found += rng.sample(mine, round(part * len(mine)))
    rng.shuffle(found)
    return found


def fill(
    examples: Sequence[int], lengths: Sequence[int], packing: Packing, rng: random.Random
) -> Iterator[tuple[int, ...]]:
    """Sequences of these examples, in an order that does not depend on their lengths."""
    if not packing.length:
        yield from ((example,) for example in examples)
        return
    for start in range(0, len(examples), packing.window):
        near = examples[start : start + packing.window]
        bins = best_fit([lengths[example] for example in near], packing.length)
        rng.shuffle(bins)
        yield from (tuple(near[place] for place in held) for held in bins)


def plan_run(
    sources: Sequence[int],
    weights: Sequence[float],
    lengths: Sequence[int],
    *,
    packing: Packing,
    batch: int,
    epochs: float,
    seed: int,
) -> Schedule:
    """Every sequence of a run, in order; the last step is filled up with empty ones.

    Args:
        sources: For each example the source it is of.
        weights: Of each source.
        lengths: Of each example, in tokens.
        packing: How sequences are made.
        batch: Sequences a step.
        epochs: Times through the data; a part of one ends after that part of its sequences.
        seed: Of the run.
    """
    sequences: list[tuple[int, ...]] = []
    for epoch in range(math.ceil(epochs)):
        rng = random.Random(f"{seed}/{epoch}/order")
        drawn = draw(sources, weights, seed, epoch)
        made = list(fill(drawn, lengths, packing, rng))
        share = min(1.0, epochs - epoch)
        sequences += made[: math.ceil(share * len(made))]
    sequences += [()] * (-len(sequences) % batch)
    tokens = [sum(lengths[example] for example in held) for held in sequences]
    steps = tuple(sum(tokens[i : i + batch]) for i in range(0, len(tokens), batch))
    return Schedule(tuple(sequences), batch, steps)
