"""A suite: what is measured task by task, kept in a journal, and summed up for the report."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from modaverse_training.evaluation.figures import Figure, measured
from modaverse_training.evaluation.journal import Journal, Record

__all__ = ["Progress", "Section", "Suite", "digest", "spread"]

T = TypeVar("T")
Progress = Callable[[str, int, int], None]  # name of the suite, tasks done, tasks in all


@dataclass(frozen=True)
class Section:
    """One suite's part of the report.

    Attributes:
        name: Of the suite.
        title: For people.
        figures: The figures of the whole.
        groups: Figures of parts, by the name of the grouping.
        notes: What a reader must know, a sentence each.
        wrong: Some of what went wrong: what was asked, wanted, and got.
        data: More, for report.json alone.
    """

    name: str
    title: str
    figures: Sequence[Figure]
    groups: Mapping[str, Sequence[Figure]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    wrong: Sequence[Mapping[str, str]] = ()
    data: Mapping[str, Any] = field(default_factory=dict)

    def form(self) -> dict[str, Any]:
        """The section as JSON says it."""
        return {
            "name": self.name,
            "title": self.title,
            "figures": [figure.form() for figure in self.figures],
            "groups": {
                name: [figure.form() for figure in group] for name, group in self.groups.items()
            },
            "notes": list(self.notes),
            "wrong": [dict(item) for item in self.wrong],
            **self.data,
        }

    def measured(self) -> Section:
        """The section without figures that there was nothing to measure on; a note names them."""
        left_out = [figure.name for figure in self.figures if not figure.count]
        notes = [f"Left out, as there was nothing to measure: {', '.join(left_out)}."]
        return replace(
            self,
            figures=measured(self.figures),
            groups={name: measured(group) for name, group in self.groups.items()},
            notes=[*self.notes, *notes] if left_out else self.notes,
        )


class Suite(ABC, Generic[T]):
    """What is measured on one set of tasks.

    Attributes:
        name: As on the command line.
        title: For people.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def tasks(self) -> Sequence[T]:
        """Every task, in a fixed order."""

    @abstractmethod
    def named(self, task: T) -> str:
        """The task's id, unique in the suite."""

    @abstractmethod
    def run(self) -> Mapping[str, Any]:
        """What verdicts depend on beside the LLM: data, seed, wording."""

    @abstractmethod
    def judge(self, task: T) -> Record:
        """The verdict on one task, as JSON takes it.

        Raises:
            ModaVerseError: Nothing can be measured at all; what is wrong with one task is told in
                its verdict.
        """

    @abstractmethod
    def section(self, records: Sequence[Record]) -> Section:
        """Sum verdicts up, in the order of the tasks."""

    def measure(
        self,
        folder: Path,
        *,
        llm: Mapping[str, Any],
        limit: int = 0,
        again: bool = False,
        progress: Progress | None = None,
    ) -> Section:
        """Judge every task that the journal in `folder` has no verdict on, and sum up.

        Args:
            folder: Where `NAME.jsonl` is kept.
            llm: What tells the LLM from others.
            limit: The most tasks, spread over all of them; 0 for all.
            again: Whether to begin anew.
            progress: Told how far it is.
        """
        tasks = spread(self.tasks(), limit)
        with Journal(folder / f"{self.name}.jsonl", {**llm, **self.run()}, again=again) as journal:
            for done, task in enumerate(tasks):
                if progress is not None:
                    progress(self.name, done, len(tasks))
                if self.named(task) not in journal.found:
                    journal.add(self.named(task), self.judge(task))
            if progress is not None:
                progress(self.name, len(tasks), len(tasks))
            return self.section([journal.found[self.named(task)] for task in tasks]).measured()


def spread(items: Sequence[T], limit: int) -> list[T]:
    """At most `limit` items at even distances; all of them if it is 0."""
    if not limit or limit >= len(items):
        return list(items)
    return [items[place * len(items) // limit] for place in range(limit)]


def digest(parts: Iterable[Any]) -> str:
    """A short name of data: the same only if the data are."""
    hashed = hashlib.sha256()
    for part in parts:
        hashed.update(json.dumps(part, sort_keys=True, default=str).encode() + b"\n")
    return hashed.hexdigest()[:16]
