"""Weights against imbalance: how often to draw from groups of very different sizes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from random import Random
from typing import TypeVar

from modaverse.errors import ConfigError

__all__ = ["epoch_weights", "resampled", "shares"]

G = TypeVar("G", bound=Hashable)
T = TypeVar("T")


def shares(counts: Mapping[G, int], temperature: float) -> dict[G, float]:
    """How often to draw from each group, as probabilities: proportional to count^(1/temperature).

    Temperature 1 keeps the imbalance, infinity draws from all groups alike; between them lies what
    multilingual models are trained with (Arivazhagan et al. 2019, arXiv 1907.05019, section 4.1).

    Args:
        counts: Rows of each group, 1 or more.
        temperature: 1 or more; may be infinity.

    Raises:
        ConfigError: The temperature is below 1 or no number.
    """
    if not temperature >= 1:
        raise ConfigError(
            f"temperature is {temperature}; it must be 1 or more", hint="1 keeps the imbalance"
        )
    powered = {group: count ** (1 / temperature) for group, count in counts.items()}
    total = sum(powered.values())
    return {group: value / total for group, value in powered.items()}


def epoch_weights(counts: Mapping[G, int], temperature: float) -> dict[G, float]:
    """How many times an epoch should show each row of a group; over all rows the mean is 1.

    This is what `weight` means beside a data file of an alignment.

    Raises:
        ConfigError: The temperature is below 1 or no number.
    """
    wanted = shares(counts, temperature)
    total = sum(counts.values())
    return {group: wanted[group] * total / count for group, count in counts.items()}


def resampled(
    rows: Sequence[T], groups: Sequence[Hashable], *, size: int, temperature: float, seed: int
) -> list[T]:
    """Rows drawn anew so that their groups are balanced; each group keeps its parts in turn.

    No row of a group is taken a third time before every row of it was taken twice.

    Args:
        rows: What is drawn from.
        groups: The group of each row.
        size: How many to draw.
        temperature: As in `shares`.
        seed: Decides the order and which rows are repeated.

    Raises:
        ConfigError: The temperature is below 1 or no number.
    """
    rng = Random(seed)
    wanted = shares(Counter(groups), temperature)
    members: dict[Hashable, list[T]] = {group: [] for group in wanted}
    for row, group in zip(rows, groups, strict=True):
        members[group].append(row)
    counts = _whole(wanted, size)
    drawn: list[T] = []
    for group, part in members.items():
        times, rest = divmod(counts[group], len(part))
        drawn += part * times + rng.sample(part, rest)
    rng.shuffle(drawn)
    return drawn


def _whole(wanted: Mapping[Hashable, float], size: int) -> dict[Hashable, int]:
    """Whole numbers that add up to `size`, nearest to the shares: largest remainders."""
    exact = {group: share * size for group, share in wanted.items()}
    counts = {group: int(value) for group, value in exact.items()}
    missing = size - sum(counts.values())
    for group in sorted(exact, key=lambda group: counts[group] - exact[group])[:missing]:
        counts[group] += 1
    return counts
