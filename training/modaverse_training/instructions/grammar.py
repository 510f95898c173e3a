"""Rows by grammar: which kind, which pair of modalities, which task; each row from its own seed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from modaverse.errors import DataError
from modaverse_training.instructions import turns
from modaverse_training.instructions.cells import CELLS, Cell, Task
from modaverse_training.instructions.draft import Draft
from modaverse_training.instructions.toolrows import describable, describe
from modaverse_training.instructions.wishes import Desk

if TYPE_CHECKING:
    from modaverse_training.instructions.items import Split
    from modaverse_training.instructions.row import Row
    from modaverse_training.instructions.stock import Stock
    from modaverse_training.instructions.workshop import Workshop

__all__ = ["Grammar", "Mix"]


class Mix(BaseModel):
    """How often each kind of row is made, compared with the others.

    Attributes:
        pair: One request for one of the sixteen pairs of modalities; every pair alike.
        several: Several wishes in one request.
        follow: Second and third turns.
        told: An answer in words and a call in one plan.
        aside: A wish beside an attachment that it has no use for.
        refuse: What cannot be done.
        tools: What is made from the docstrings of the tools that are in focus.
        reduced: Of the refusals, whether some leave a tool out of the row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    pair: float = Field(default=0.62, ge=0)
    several: float = Field(default=0.1, ge=0)
    follow: float = Field(default=0.16, ge=0)
    told: float = Field(default=0.03, ge=0)
    aside: float = Field(default=0.04, ge=0)
    refuse: float = Field(default=0.05, ge=0)
    tools: float = Field(default=0, ge=0)
    reduced: bool = False


class Grammar:
    """Makes rows of one split; row n is the same whenever and in whatever order it is made.

    Args:
        workshop: The tools.
        stock: The items of the split.
        split: Whose phrases are used.
        seed: Together with the number, decides a row.
        mix: How often each kind of row is made.
        cells: The pairs of modalities to make; by default all.
        focus: Tools to make rows for from their docstrings and options.

    Raises:
        DataError: With these tools and items no row can be made.
        RequestError: A tool in focus is not there.
    """

    def __init__(
        self,
        workshop: Workshop,
        stock: Stock,
        split: Split,
        *,
        seed: int = 0,
        mix: Mix | None = None,
        cells: Iterable[Cell] | None = None,
        focus: Sequence[str] = (),
    ) -> None:
        self.workshop, self.stock, self.split, self.seed = workshop, stock, split, seed
        self.mix = mix or Mix()
        self._wanted = frozenset(CELLS if cells is None else cells)
        self._focus = tuple(focus)
        describable(self._desk(Random(0)), self._focus)
        if not self.cells:
            raise DataError(
                f"no row for {split} can be made with these tools and captions",
                hint=f"name captions that have a {split} part, other tools, or ask for 0 rows",
            )

    @cached_property
    def cells(self) -> Mapping[Cell, tuple[Task, ...]]:
        """The pairs of modalities that can be made, with the tasks that make them."""
        desk = self._desk(Random(0))
        found = {
            cell: tuple(task for task in tasks if task.ready(desk))
            for cell, tasks in CELLS.items()
            if cell in self._wanted
        }
        return {cell: tasks for cell, tasks in found.items() if tasks}

    def row(self, number: int) -> Row:
        """Row `number`, from 0."""
        rng = Random(f"{self.seed} {self.split} {number}")
        desk = self._desk(rng)
        kinds = self._kinds()
        weights = [getattr(self.mix, kind) for kind in kinds]
        (kind,) = rng.choices(list(kinds), weights)
        draft = kinds[kind](desk) or self._pair(desk)
        return draft.row(f"{self.split}-{number:07}")

    def _kinds(self) -> Mapping[str, Callable[[Desk], Draft | None]]:
        return {
            "pair": self._pair,
            "several": turns.several,
            "follow": turns.follow,
            "told": turns.told_and_made,
            "aside": turns.aside,
            "refuse": lambda desk: turns.refuse(desk, reduced=self.mix.reduced),
            "tools": lambda desk: describe(desk, self._focus),
        }

    def _pair(self, desk: Desk) -> Draft:
        tasks = self.cells[desk.rng.choice(list(self.cells))]
        (task,) = desk.rng.choices(tasks, [task.weight for task in tasks])
        draft = Draft(self.workshop)
        task.make(desk, draft, task)
        return draft

    def _desk(self, rng: Random) -> Desk:
        return Desk(self.workshop, self.stock, self.split, rng)
