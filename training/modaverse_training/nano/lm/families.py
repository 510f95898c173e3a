"""How often hand-written rows come, by the families that they are of."""

from __future__ import annotations

import math
from collections.abc import Sequence

from modaverse.errors import ConfigError
from modaverse_training.nano.lm.rows import Row


def weights(rows: Sequence[Row], families: Sequence[tuple[str, float]]) -> list[float]:
    """How often each row is to come; empty if all alike.

    Args:
        rows: Hand-written ones.
        families: How the name of a family begins, and the weight of its rows; others have 1.

    Raises:
        ConfigError: No row is of such a family.
    """
    often = [1.0] * len(rows) if families else []
    for begin, weight in families:
        found = [number for number, row in enumerate(rows) if row.family.startswith(begin)]
        if not found:
            raise ConfigError(f"no row is of a family that begins with {begin!r}")
        for number in found:
            often[number] = weight
    return often


def weighed(text: str) -> tuple[str, float]:
    """A kind of rows and its weight as they are typed, `p16-=12`; argparse tells what is wrong.

    Raises:
        ValueError: No finite weight of 0 or more stands there.
    """
    kind, _, weight = text.partition("=")
    if not math.isfinite(float(weight)) or float(weight) < 0:
        raise ValueError(text)
    return kind, float(weight)
