"""Judges candidates one by one and writes the good ones, so that it can go on after a kill."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from modaverse_training.instructions.candidates import Candidates, placed
from modaverse_training.instructions.dedup import Seen
from modaverse_training.instructions.plans import problems_of
from modaverse_training.instructions.row import Row

if TYPE_CHECKING:
    from modaverse.tool import Tool
    from modaverse_training.instructions.leakage import HeldOut
    from modaverse_training.instructions.progress import Part

__all__ = ["Writing"]

_EVERY = 200  # candidates between two saves
_TIRED = 3000  # candidates one after the other without a row, after which no more are to be had


class Writing:
    """Writes the rows of one split.

    Args:
        candidates: What may become a row.
        part: How far it is; kept up to date.
        toolbox: The tools.
        against: What no row may give away, and what to call a row that does; None keeps the
            reason.
        near: Similarity from which on two rows count as the same.
        save: Called when `part` is to be kept.
    """

    def __init__(
        self,
        candidates: Candidates,
        part: Part,
        toolbox: Mapping[str, Tool],
        against: Sequence[tuple[HeldOut, str | None]],
        *,
        near: float,
        save: Callable[[], None],
    ) -> None:
        self._candidates, self._part, self._toolbox = candidates, part, toolbox
        self._against, self._save = against, save
        self._out = candidates.config.out
        self._seen = Seen(near)
        self._ids: set[str] = set()

    def run(self, path: Path, wanted: int, tell: Callable[[int], None]) -> str:
        """Write to a file until it has the rows that are wanted, their twins not counted.

        Args:
            path: The file; what it holds beyond the last save is made anew.
            wanted: How many rows.
            tell: Called with how many there are.

        Returns:
            Why there are fewer; empty if there are not.
        """
        part, dry, why = self._part, 0, ""
        path.touch()
        with path.open("r+b") as file:
            self._go_back(file)
            while part.rows < wanted and not why:
                dry = 0 if self._take(file) else dry + 1
                if part.next % _EVERY == 0:
                    self._keep(file)
                    tell(part.rows)
                if dry > _TIRED and part.next >= len(self._candidates):
                    why = f"only {part.rows} of {wanted} rows are different enough"
            self._keep(file)
        tell(part.rows)
        return why

    def _go_back(self, file: BinaryIO) -> None:
        """Go back to the last save, and remember the rows until then."""
        file.truncate(self._part.bytes)
        for line in file:
            self._remember(Row.model_validate_json(line))

    def _take(self, file: BinaryIO) -> bool:
        """Judge the next candidate; whether it became a row."""
        part, number = self._part, self._part.next
        row = placed(self._candidates.row(number), self._out)
        part.next += 1
        part.spent = self._candidates.spent
        if reason := self._why_not(row):
            part.drop(reason)
            return False
        self._write(file, row)
        part.rows += 1
        part.written += row.source.startswith("back")
        for twin in self._candidates.twins(row, number):
            twin = placed(twin, self._out)
            if reason := self._why_not(twin, exactly=True):
                part.drop(f"twin: {reason}")
            else:
                self._write(file, twin)
                part.more += 1
        return True

    def _why_not(self, row: Row, *, exactly: bool = False) -> str:
        """Why a row is left out; empty if it is good."""
        if row.id in self._ids:
            return "same id"
        if problems_of(row, self._toolbox):
            return "plan does not hold"
        if same := self._seen.why_not(row, exactly=exactly):
            return same
        for held_out, name in self._against:
            if why := held_out.why_not(row, self._out):
                return name or why
        return ""

    def _write(self, file: BinaryIO, row: Row) -> None:
        file.write(row.model_dump_json().encode() + b"\n")
        self._remember(row)

    def _remember(self, row: Row) -> None:
        self._seen.add(row)
        self._ids.add(row.id)

    def _keep(self, file: BinaryIO) -> None:
        """Bring everything to the disk, then note that it is there."""
        file.flush()
        os.fsync(file.fileno())
        self._part.bytes = file.tell()
        if (back := self._candidates.back) is not None:
            self._part.thrown = dict(Counter(self._part.thrown) + back.thrown)
            back.thrown.clear()
        self._save()
