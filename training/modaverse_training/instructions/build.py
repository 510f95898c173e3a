"""Builds a data set: sources to rows, each judged and written, resumable at any time.

A candidate's number decides it, so a build that was killed goes on where it was, and gives the same
files as one that was not. Splits for measuring come first, and no training row may repeat them.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from modaverse.errors import ConfigError, DataError
from modaverse.llm import ScriptedLLM, load_llm
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.taskbench_data import toolbox_of
from modaverse_training.instructions.candidates import MEDIA, Candidates
from modaverse_training.instructions.items import SPLITS, Item, Split, split_of
from modaverse_training.instructions.leakage import HeldOut
from modaverse_training.instructions.progress import Part, Progress
from modaverse_training.instructions.readers import Reading, Request
from modaverse_training.instructions.row import PARQUET, read_rows, replacing, write_rows
from modaverse_training.instructions.stats import Stats, statistics
from modaverse_training.instructions.workshop import Workshop
from modaverse_training.instructions.writer import Budget, Writer
from modaverse_training.instructions.writing import Writing

if TYPE_CHECKING:
    from modaverse.llm.base import LLM
    from modaverse_training.instructions.config import BuildConfig, SourceConfig

__all__ = ["STATS", "Build", "Report", "SourceReport"]

STATS = "stats.json"
_CACHE = "llm-cache.sqlite"
_EVERY = 1000  # items between two words about reading
_ORDER: tuple[Split, ...] = ("test", "validation", "train")

Tell = Callable[[str, int, int], None]


@dataclass(frozen=True)
class SourceReport:
    """What came of one source.

    Attributes:
        kind: Its reader.
        items: How many can be used.
        missing: Media files that were not there.
        broken: Rows that could not be read.
        unfit: Items without usable text.
        splits: How many of the items are for each split that has any.
    """

    kind: str
    items: int
    missing: int
    broken: int
    unfit: int
    splits: dict[Split, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """What a build made.

    Attributes:
        out: Its folder.
        files: The file of each split.
        sources: What came of each source.
        parts: For each split its counts.
        stats: What is in each split.
        asked: Questions to the LLM in this run.
        stopped: Why fewer rows were made than wanted, if so, by split.
    """

    out: Path
    files: dict[Split, Path]
    sources: tuple[SourceReport, ...]
    parts: dict[Split, Part]
    stats: dict[Split, Stats]
    asked: int = 0
    stopped: dict[Split, str] = field(default_factory=dict)


class Build:
    """One build.

    Args:
        config: The settings.
        tell: Called with what is done, how much of it, and of how much; 0 if that is not known.
        llm: The LLM of `config.back`, if not to be loaded by its name.

    Raises:
        ConfigError: A tool or role is not there.
    """

    def __init__(self, config: BuildConfig, *, tell: Tell | None = None, llm: LLM | None = None):
        self.config = config
        self._tell: Tell = tell or (lambda _what, _done, _total: None)
        self._llm: LLM | str = llm or config.back.llm
        self._workshop = Workshop(_toolbox(config), config.roles)
        self._stopped: dict[Split, str] = {}

    def run(self, *, fresh: bool = False) -> Report:
        """Build, or go on with a build that was stopped.

        Args:
            fresh: Begin anew in a folder that holds a build.

        Raises:
            DataError: A source cannot be read, the folder holds another build, or cannot be
                written to.
            LLMError: The LLM failed many times in a row; what is made so far stays.
        """
        progress = Progress.of(self.config, fresh=fresh)
        try:
            self.config.out.mkdir(parents=True, exist_ok=True)
            items, sources = self._items()
            with self._writer() as writer:
                self._forget_lost(progress)
                if not progress.finished:
                    self._make(progress, items, writer if self._llm else None)
                stats = self._finished(progress)
        except OSError as error:
            raise DataError(
                f"it cannot be written: {error.strerror or error}",
                file=str(self.config.out),
                hint="make room and run the same command again; it goes on where it was",
            ) from error
        return Report(
            out=self.config.out,
            files={split: self._file(split) for split in stats},
            sources=sources,
            parts=progress.parts,
            stats=stats,
            asked=writer.asked,
            stopped=self._stopped,
        )

    def _items(self) -> tuple[list[Item], tuple[SourceReport, ...]]:
        """The items of all sources."""
        items: list[Item] = []
        reports = []
        for source in self.config.sources:
            reading = Reading(source.kind, self._request(source), limit=source.limit)
            before = len(items)
            for item in reading:
                items.append(item)
                if len(items) % _EVERY == 0:
                    self._tell(f"reading {source.kind}", len(items) - before, 0)
            mine = items[before:]
            counts = Counter(map(split_of, mine))
            splits = {split: counts[split] for split in SPLITS if counts[split]}
            lost = (reading.missing, reading.broken, reading.unfit)
            reports.append(SourceReport(source.kind, len(mine), *lost, splits))
        return items, tuple(reports)

    def _request(self, source: SourceConfig) -> Request:
        files = source.kind != "concepts" or source.render
        return Request(
            path=source.path or self.config.out,
            media=source.media,
            missing=source.missing,
            on_error=self.config.on_error,
            name=source.name,
            split=source.split,
            modality=source.modality,
            columns=source.columns,
            cache=(self.config.out / MEDIA).resolve() if files else None,
            count=source.count,
            seed=self.config.seed,
        )

    def _writer(self) -> Writer:
        """The LLM, which remembers its answers in the data set's folder."""
        back = self.config.back
        if not self._llm:
            return Writer(ScriptedLLM(()))  # nobody asks it
        return Writer(
            self._loaded(self._llm),
            cache=self.config.out / _CACHE,
            budget=Budget(back.calls, back.tokens),
            temperature=back.temperature,
            max_tokens=back.max_tokens,
        )

    @staticmethod
    def _loaded(llm: LLM | str) -> LLM:
        """The LLM; a local model writes lines, under whose grammar JSON can stand as it is."""
        local = isinstance(llm, str) and llm != "nano" and "://" not in llm
        return load_llm(llm, dialect="lines") if local else load_llm(llm)

    def _forget_lost(self, progress: Progress) -> None:
        """Begin the splits anew whose files somebody has taken away."""
        begun = [split for split in progress.parts if getattr(self.config.rows, split)]
        for split in begun:
            if not self._there(split).is_file():
                del progress.parts[split]
                progress.finished = False

    def _make(self, progress: Progress, items: Sequence[Item], writer: Writer | None) -> None:
        """Write the rows of every split, those to measure on first."""
        config, out = self.config, self.config.out
        against = HeldOut(config.leak)
        for path in config.against:
            against.add_file(path)
        own = HeldOut(math.inf)
        for split in _ORDER:
            part, wanted = progress.part(split), getattr(config.rows, split)
            if wanted and not part.done:
                candidates = Candidates(config, self._workshop, items, split, writer)
                writing = Writing(
                    candidates, part, self._workshop.toolbox,
                    [(against, None), (own, "in validation or test")],
                    near=config.near, save=partial(progress.save, out),
                )  # fmt: skip
                if why := writing.run(
                    self._part_file(split), wanted, partial(self._tell_rows, split, wanted)
                ):
                    self._stopped[split] = why
            part.done = True
            progress.save(out)
            if wanted and split != "train":
                for row in read_rows(self._there(split)):
                    own.add_row(row, out)

    def _finished(self, progress: Progress) -> dict[Split, Stats]:
        """Put the files in place, and count what is in them."""
        out, stats = self.config.out, {}
        for split in SPLITS:
            if not getattr(self.config.rows, split):
                continue
            part, target = self._part_file(split), self._file(split)
            if part.is_file() and target.suffix == PARQUET:
                write_rows(target, read_rows(part))
                part.unlink()
            elif part.is_file():
                part.replace(target)
            stats[split] = statistics(read_rows(target), self._workshop.toolbox, folder=out)
        progress.finished = True
        progress.save(out)
        told = {split: counted.model_dump(mode="json") for split, counted in stats.items()}
        with replacing(out / STATS) as file:
            file.write_text(json.dumps(told, indent=2), encoding="utf-8")
        return stats

    def _tell_rows(self, split: Split, wanted: int, done: int) -> None:
        self._tell(f"{split} rows", done, wanted)

    def _file(self, split: Split) -> Path:
        """The file of a split, once it is complete."""
        return self.config.out / f"{split}.{self.config.format}"

    def _part_file(self, split: Split) -> Path:
        """Where the rows of a split are written until it is complete."""
        return self.config.out / f".{split}.jsonl"

    def _there(self, split: Split) -> Path:
        """Where the rows of a split are now."""
        part = self._part_file(split)
        return part if part.is_file() else self._file(split)


def _toolbox(config: BuildConfig) -> Toolbox:
    """The tools of the rows.

    Raises:
        ConfigError: One is not there.
    """
    if config.described:
        box = Toolbox()
        for path in config.described:
            box = box | toolbox_of(path)
    else:
        box = Toolbox.default()
    for reference in config.more_tools:
        box = box | _own_tool(reference)
    if unknown := [name for name in config.tools if name not in box]:
        raise ConfigError(
            f"there is no tool {', '.join(unknown)}", hint=f"the tools are: {', '.join(box)}"
        )
    return box.only(*config.tools) if config.tools else box


def _own_tool(reference: str) -> Toolbox:
    """The tool at "module:attribute"."""
    module, _, name = reference.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(
            f"there is no tool at {reference!r}: {error}", hint="write module:attribute"
        ) from error
    return Toolbox([found() if isinstance(found, type) else found])
