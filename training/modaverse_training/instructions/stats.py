"""What is in a file of rows: counts by pair of modalities, family, tool and option, and lengths."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from modaverse.errors import PlanError
from modaverse_training.instructions.dedup import normal
from modaverse_training.instructions.plans import last_plan, pair_of
from modaverse_training.instructions.sampling import epoch_weights

if TYPE_CHECKING:
    from modaverse.tool import Tool
    from modaverse_training.instructions.row import Row

__all__ = ["Lengths", "Stats", "statistics"]


class Lengths(BaseModel):
    """Lengths in words: the mean, the middle one, the one that 95 % do not exceed, the longest."""

    model_config = ConfigDict(frozen=True)

    mean: float
    median: int
    p95: int
    longest: int


class Stats(BaseModel):
    """What is in a set of rows.

    Attributes:
        rows: How many.
        pairs: Rows by what goes in and what comes out: `image -> audio`.
        weights: For each pair how often an epoch should show a row of it, against imbalance.
        families: Rows by family.
        sources: Rows by where they come from.
        turns: Rows by number of requests.
        calls: Rows by number of calls of the last plan.
        tools: Calls by tool.
        options: Calls by tool and option.
        requests: Lengths of the last requests, in words.
        answers: Lengths of the last answers, in words.
        distinct: Share of the last requests that no other row has in the same normal form.
        media: Attached values by modality.
        lacking: Attached values whose file is not there, or that have none.
        unplanned: Rows whose last answer is no plan.
    """

    model_config = ConfigDict(frozen=True)

    rows: int
    pairs: dict[str, int]
    weights: dict[str, float]
    families: dict[str, int]
    sources: dict[str, int]
    turns: dict[str, int]
    calls: dict[str, int]
    tools: dict[str, int]
    options: dict[str, int]
    requests: Lengths
    answers: Lengths
    distinct: float
    media: dict[str, int]
    lacking: int
    unplanned: int


class _Counts:
    """Counts while rows go by."""

    def __init__(self) -> None:
        names = ("pairs", "families", "sources", "turns", "calls", "tools", "options", "media")
        self.of: dict[str, Counter[str]] = {name: Counter() for name in names}
        self.asked: list[int] = []
        self.answered: list[int] = []
        self.requests: Counter[str] = Counter()
        self.lacking = 0
        self.unplanned = 0

    def take(self, row: Row, folder: Path | None, toolbox: Mapping[str, Tool]) -> None:
        """Count a row."""
        self.of["pairs"][" -> ".join(pair_of(row, toolbox))] += 1
        self.of["families"][row.family or "(none)"] += 1
        self.of["sources"][row.source or "(none)"] += 1
        self.of["turns"][str(len(row.messages) // 2)] += 1
        self.asked.append(len(row.request.split()))
        self.answered.append(len(row.answer.split()))
        self.requests[normal(row.request)] += 1
        for reference in row.media:
            self.of["media"][reference.modality] += 1
            if folder is not None:
                file = reference.file(folder)
                self.lacking += file is None or not file.is_file()
        self._take_plan(row)

    def _take_plan(self, row: Row) -> None:
        try:
            plan = last_plan(row)
        except PlanError:
            self.unplanned += 1
            return
        self.of["calls"][str(len(plan.calls))] += 1
        for call in plan.calls:
            self.of["tools"][call.tool] += 1
            for name in call.options:
                self.of["options"][f"{call.tool}.{name}"] += 1


def statistics(
    rows: Iterable[Row],
    toolbox: Mapping[str, Tool],
    *,
    folder: Path | None = None,
    temperature: float = 2.0,
) -> Stats:
    """Count what is in rows.

    Args:
        rows: Read once, from the first to the last.
        toolbox: Knows what tools make.
        folder: The data file's; media are looked for from there. None: not looked for.
        temperature: Of the weights.

    Raises:
        ConfigError: The temperature is below 1.
    """
    counts = _Counts()
    for row in rows:
        counts.take(row, folder, toolbox)
    tables = {name: dict(counter.most_common()) for name, counter in counts.of.items()}
    return Stats(
        rows=len(counts.asked),
        weights=epoch_weights(tables["pairs"], temperature) if counts.asked else {},
        requests=_lengths(counts.asked),
        answers=_lengths(counts.answered),
        distinct=len(counts.requests) / max(1, len(counts.asked)),
        lacking=counts.lacking,
        unplanned=counts.unplanned,
        **tables,
    )


def _lengths(words: list[int]) -> Lengths:
    if not words:
        return Lengths(mean=0.0, median=0, p95=0, longest=0)
    ranked = sorted(words)
    last = len(ranked) - 1
    return Lengths(
        mean=round(fmean(ranked), 2),
        median=ranked[last // 2],
        p95=ranked[int(0.95 * last)],
        longest=ranked[last],
    )
