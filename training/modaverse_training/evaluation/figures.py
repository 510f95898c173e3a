"""Figures of a report: a rate or a score, its 95 % interval, and on how much it was measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "Figure",
    "Floats",
    "bootstrapped",
    "f1",
    "line",
    "mean",
    "measured",
    "ratio",
    "seconds",
    "value_text",
    "wilson",
]

Floats = NDArray[np.float64]
Method = Literal["wilson", "bootstrap", "jackknife", "none"]
Unit = Literal["rate", "score", "seconds"]

_Z = 1.96  # standard deviations within which 95 % of a normal distribution lie
_DRAWS = 1000
_SEED = 20


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a report.

    Attributes:
        name: What was measured.
        value: A rate in 0..1, a score, or seconds; see `unit`.
        low: Lower end of the 95 % interval.
        high: Its upper end.
        count: Rows that it was measured on; 0 where there was nothing to measure, so that the
            value says nothing.
        hits: Successes and trials of a rate; None for other figures.
        method: How the interval was found: Wilson's for independent trials, a jackknife for
            distances between sets, a percentile bootstrap over rows for all else.
        unit: What the value is.
    """

    name: str
    value: float
    low: float
    high: float
    count: int
    hits: tuple[int, int] | None = None
    method: Method = "none"
    unit: Unit = "rate"

    def form(self) -> dict[str, Any]:
        """The figure as JSON says it."""
        return asdict(self)


def wilson(name: str, hits: int, of: int) -> Figure:
    """A rate of independent trials with Wilson's 95 % interval (JASA 22, 1927).

    Args:
        name: What was measured.
        hits: Successes.
        of: Trials.
    """
    if not of:
        return Figure(name, 0.0, 0.0, 1.0, 0, (0, 0), "wilson")
    rate = hits / of
    middle = rate + _Z * _Z / (2 * of)
    width = _Z * math.sqrt(rate * (1 - rate) / of + _Z * _Z / (4 * of * of))
    low, high = ((middle + sign * width) / (1 + _Z * _Z / of) for sign in (-1, 1))
    return Figure(name, rate, max(0.0, low), min(1.0, high), of, (hits, of), "wilson")


def bootstrapped(
    name: str, counts: ArrayLike, score: Callable[[Floats], Floats], *, unit: Unit = "rate"
) -> Figure:
    """A score of summed counts, with the percentiles of 1,000 draws of rows (Efron 1979).

    A rate of 0 or 1 has Wilson's interval for as many trials as there are rows that add anything.
    If the score of all rows is 0/0, as of words kept where no row has a word, nothing was measured:
    the count is 0.

    Args:
        name: What was measured.
        counts: [n, k]: what each row adds to the k sums that the score is made of.
        score: Sums [..., k] -> scores [...].
        unit: What the score is.
    """
    table = np.asarray(counts, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = float(score(table.sum(0))) if len(table) else math.nan
    if math.isnan(value):
        return Figure(name, 0.0, 0.0, 1.0, 0, None, "bootstrap", unit)
    rng = np.random.default_rng(_SEED)
    share = np.full(len(table), 1 / len(table))
    drawn = rng.multinomial(len(table), share, size=_DRAWS).astype(np.float64)  # [draws, n]
    with np.errstate(divide="ignore", invalid="ignore"):
        scores = score(drawn @ table)
    low, high = (float(end) for end in np.nanpercentile(scores, (2.5, 97.5)))
    if unit == "rate" and low == high and value in (0.0, 1.0):
        # Every row is the same, and so is every draw: nothing is known but that n rows were so.
        trials = int(table.any(axis=1).sum())
        ends = wilson(name, round(value) * trials, trials)
        low, high = ends.low, ends.high
    return Figure(name, value, low, high, len(table), None, "bootstrap", unit)


def ratio(name: str, pairs: Sequence[tuple[float, float]], *, unit: Unit = "rate") -> Figure:
    """A ratio of sums over rows, one (part, whole) a row: words kept of words asked."""
    table = np.asarray(pairs, np.float64).reshape(-1, 2)
    found = bootstrapped(name, table, lambda sums: sums[..., 0] / sums[..., 1], unit=unit)
    hits, of = (int(total) for total in table.sum(0))
    return replace(found, hits=(hits, of))


def mean(name: str, values: Sequence[float], *, unit: Unit = "score") -> Figure:
    """The mean of a score over rows."""
    return bootstrapped(
        name,
        [(value, 1.0) for value in values],
        lambda sums: sums[..., 0] / sums[..., 1],
        unit=unit,
    )


def f1(name: str, counts: Sequence[tuple[int, int, int]]) -> Figure:
    """Micro-averaged F1, one (right, predicted, gold) a row."""
    table = np.asarray(counts, np.float64).reshape(-1, 3)
    return bootstrapped(name, table, lambda sums: 2 * sums[..., 0] / (sums[..., 1] + sums[..., 2]))


def seconds(name: str, times: Sequence[float]) -> Figure:
    """The median of times; `low` and `high` are their 5th and 95th percentiles, no interval."""
    if not times:
        return Figure(name, 0.0, 0.0, 0.0, 0, unit="seconds")
    low, middle, high = (float(value) for value in np.percentile(times, (5, 50, 95)))
    return Figure(name, middle, low, high, len(times), unit="seconds")


def measured(figures: Iterable[Figure]) -> list[Figure]:
    """Those of some figures that there was anything to measure on."""
    return [figure for figure in figures if figure.count]


def value_text(figure: Figure) -> str:
    """A figure's value and interval, as a report's table shows them."""
    if figure.unit == "rate":
        return f"{100 * figure.value:.1f} % [{100 * figure.low:.1f}, {100 * figure.high:.1f}]"
    unit = " s" if figure.unit == "seconds" else ""
    return f"{figure.value:.3f}{unit} [{figure.low:.3f}, {figure.high:.3f}]"


def line(figure: Figure, *, width: int = 34) -> str:
    """A figure as a line for the terminal: name, value, interval and count."""
    if figure.unit == "seconds":
        return (
            f"{figure.name:{width}} {figure.value:7.3f} s  "
            f"(5th and 95th percentile {figure.low:.3f} and {figure.high:.3f})"
        )
    if figure.unit == "score":
        return (
            f"{figure.name:{width}} {figure.value:7.2f}  [{figure.low:.2f}, {figure.high:.2f}]"
            f"  {figure.count} rows"
        )
    ends = f"[{100 * figure.low:.1f}, {100 * figure.high:.1f}]"
    told = f"{figure.name:{width}} {100 * figure.value:5.1f} %  {ends}"
    if figure.hits is None:
        return f"{told}  {figure.count} rows"
    return f"{told}  {figure.hits[0]} of {figure.hits[1]}"
