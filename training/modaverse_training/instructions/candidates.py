"""Candidates for rows by number: included ones, the grammar's, the LLM's, and varied twins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from modaverse_training.instructions.augment import reworded, varied
from modaverse_training.instructions.back import BackInstruction
from modaverse_training.instructions.described.requests import DescribedRows
from modaverse_training.instructions.grammar import Grammar
from modaverse_training.instructions.row import OnError, Row, read_rows
from modaverse_training.instructions.stock import Stock
from modaverse_training.instructions.wishes import Desk
from modaverse_training.instructions.writer import BudgetSpent, Writer

if TYPE_CHECKING:
    from modaverse_training.instructions.config import BuildConfig
    from modaverse_training.instructions.items import Item, Split
    from modaverse_training.instructions.workshop import Workshop

__all__ = ["MEDIA", "Candidates", "placed"]

MEDIA = "media"  # the folder of the media files that a build makes


class Candidates:
    """The candidates of one split; a number decides its candidate.

    Args:
        config: The settings.
        workshop: The tools.
        items: Of all splits.
        split: The one to make.
        writer: The LLM; None for none.

    Attributes:
        back: What is made by the LLM; None for none.
        spent: Whether the budget for the LLM was spent.

    Raises:
        DataError: No row can be made for the split, or an included file is broken.
    """

    def __init__(
        self,
        config: BuildConfig,
        workshop: Workshop,
        items: Sequence[Item],
        split: Split,
        writer: Writer | None,
    ) -> None:
        self.config, self.workshop, self.split = config, workshop, split
        self.stock = Stock(items, split, temperature=config.temperature, attach=config.attach)
        self.grammar = self._grammar()
        self.back: BackInstruction | None = None
        if writer is not None and split in config.back.splits:
            self.back = BackInstruction(writer, workshop, verify=config.back.verify)
        self.spent = False
        included = config.include if split == "train" else []
        self._included = list(_included(included, config.on_error))

    def __len__(self) -> int:
        """How many candidates come from files."""
        return len(self._included)

    def row(self, number: int) -> Row:
        """Candidate `number`, from 0: first those that are included, then those that are made.

        Raises:
            LLMError: The LLM failed many times in a row.
        """
        if number < len(self._included):
            return self._included[number]
        number -= len(self._included)
        row = self.grammar.row(number)
        if self.back is None or self.spent:
            return row
        try:
            return self._by_llm(self.back, row, number) or row
        except BudgetSpent:
            self.spent = True
            return row

    def twins(self, row: Row, number: int) -> Iterator[Row]:
        """Variations of a row for training; none of other splits.

        Raises:
            LLMError: The LLM failed many times in a row.
        """
        if self.split != "train":
            return
        augment, out = self.config.augment, self.config.out
        rng = Random(f"{self.config.seed} twins {number}")
        draws = [rng.random() for _ in range(3)]
        if draws[0] < augment.media:
            twin = varied(row, out, (out / MEDIA).resolve(), number)
            yield from () if twin is None else (twin,)
        if draws[1] < augment.words and (twin := reworded(row, number)) is not None:
            yield twin
        if draws[2] < augment.paraphrase and self.back is not None and not self.spent:
            try:
                twin = self.back.paraphrase(row, rng)
            except BudgetSpent:
                self.spent = True
                return
            if twin is not None:
                yield twin.model_copy(update={"id": f"{row.id}+p{number}"})

    def _grammar(self) -> Grammar | DescribedRows:
        """What makes rows: of tools that are known by descriptions alone, or of any."""
        config = self.config
        if config.described:
            return DescribedRows(self.workshop, self.stock, self.split, seed=config.seed)
        return Grammar(
            self.workshop, self.stock, self.split, seed=config.seed, mix=config.mix,
            cells=config.cells or None, focus=config.focus,
        )  # fmt: skip

    def _by_llm(self, back: BackInstruction, row: Row, number: int) -> Row | None:
        """What the LLM makes in place of a row, in the shares that are set."""
        shares = self.config.back
        rng = Random(f"{self.config.seed} back {self.split} {number}")
        desk = Desk(self.workshop, self.stock, self.split, rng)
        draw = rng.random()
        if draw < shares.rewrite:
            return back.rewrite(row, rng)
        if draw < shares.rewrite + shares.invent:
            return back.invent(desk, row.id)
        if draw < shares.rewrite + shares.invent + shares.tools:
            return back.use_tool(desk, rng.choice(self.config.focus), row.id)
        return None


def placed(row: Row, out: Path) -> Row:
    """The row with the paths of its media seen from the data set's folder."""
    if not row.media:
        return row
    folder = out.resolve()
    media = []
    for reference in row.media:
        path = reference.path
        if path is not None:
            file = Path(path) if Path(path).is_absolute() else _own_or_working(Path(path), folder)
            inside = file.is_relative_to(folder)
            path = file.relative_to(folder).as_posix() if inside else str(file)
        media.append(reference.model_copy(update={"path": path}))
    return row.model_copy(update={"media": tuple(media)})


def _own_or_working(path: Path, folder: Path) -> Path:
    """A relative path: of a file in the folder, else seen from the working directory."""
    own = folder / path
    return own if own.is_file() else path.resolve()


def _included(paths: Sequence[Path], on_error: OnError) -> Iterator[Row]:
    """The rows of files, with absolute paths of their media."""
    for path in paths:
        for row in read_rows(path, on_error=on_error):
            media = tuple(
                ref
                if (file := ref.file(path.parent)) is None
                else ref.model_copy(update={"path": str(file.resolve())})
                for ref in row.media
            )
            yield row.model_copy(update={"media": media})
