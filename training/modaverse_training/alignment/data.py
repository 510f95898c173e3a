"""Rows as requests and answers: read, checked, measured in tokens, encoded when their turn comes.

Media files are opened when the sequence they are in is learned from; before that only whether they
are there is looked at, and their tokens are counted on stand-ins.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from modaverse.dialect import Lines
from modaverse.errors import DataError, MediaError, ModaVerseError, RequestError, TrainingError
from modaverse.llm.base import DialectName, LLMRequest, Message, dialect_named
from modaverse.media import Audio, Image, Media, Video
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.row import (
    MediaRef,
    OnError,
    Row,
    RowReader,
    Turn,
    read_rows,
)

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse_training.alignment.config import DataSource

__all__ = ["Asker", "Encoder", "Example", "Examples", "held_out", "load_media", "read_examples"]

log = logging.getLogger(__name__)

_TOLD = 10  # rows that were left out and are named one by one
_SKIP = "data.on_error=skip leaves such rows out"


class Encoder(Protocol):
    """What puts a request and its answer into the tokens of a model."""

    @property
    def perceives(self) -> frozenset[Modality]:
        """Modalities whose files it wants to see; the others are known by their handles."""
        ...

    @property
    def by_size(self) -> bool:
        """Whether a larger picture has more tokens, so that it must be opened to be measured."""
        ...

    @property
    def tokenizer(self) -> Any:
        """The model's, of transformers."""
        ...

    def written(self, request: LLMRequest) -> str:
        """The request as the model's template writes it."""
        ...

    def measure(self, request: LLMRequest, answer: str) -> tuple[int, int]:
        """How many tokens they have, and how many of these are the answer and its end.

        Raises:
            RequestError: They are longer than the model reads.
        """
        ...

    def encode(self, request: LLMRequest, answer: str) -> Any:
        """The tokens, the labels, and the media as the model takes them."""
        ...


@dataclass(frozen=True, slots=True)
class Example:
    """An answer of a row, and what came before it.

    Attributes:
        row: The row.
        turn: Place of the answer among its messages.
        folder: That its media lie in.
        source: Number of the file it is from.
        file: Its name; empty if it is from none.
        line: Of the row in it, counted from 1; of a parquet file, the row.
    """

    row: Row
    turn: int
    folder: Path
    source: int
    file: str = ""
    line: int | None = None

    @property
    def name(self) -> str:
        """The row, for messages to people."""
        return f"row {self.row.id!r}"

    def fault(self, what: str, hint: str = "") -> DataError:
        """The error that something is wrong with it, with its place."""
        return DataError(f"{self.name}: {what}", file=self.file, line=self.line, hint=hint)

    def media(self) -> list[MediaRef]:
        """The media that are attached up to this answer."""
        seen = {handle for turn in self.row.messages[: self.turn] for handle in turn.handles}
        return [reference for reference in self.row.media if reference.handle in seen]


@dataclass(frozen=True)
class Examples:
    """What a run learns from, with the tokens of each.

    Attributes:
        items: The examples.
        lengths: Their tokens.
        learned: Of these, how many are learned.
        skipped: Why rows were left out, and how many each.
    """

    items: list[Example]
    lengths: list[int]
    learned: list[int]
    skipped: Mapping[str, int] = field(default_factory=dict)

    @property
    def sources(self) -> list[int]:
        """Of each example the file it is from."""
        return [item.source for item in self.items]

    def part(self, places: Iterable[int]) -> Examples:
        """The examples at these places."""
        chosen = list(places)
        return Examples(
            [self.items[i] for i in chosen],
            [self.lengths[i] for i in chosen],
            [self.learned[i] for i in chosen],
            self.skipped,
        )


def read_examples(
    sources: Sequence[DataSource],
    encoder: Encoder,
    asker: Asker,
    *,
    turns: Literal["last", "all"],
    on_error: OnError,
    length: int,
) -> Examples:
    """Read the rows of all sources, and count the tokens of each answer with its request.

    Args:
        sources: Files of rows.
        encoder: Of the model.
        asker: Puts the requests.
        turns: Whether to learn only the last answer of a row, or each.
        on_error: Whether a broken row, one that is too long, or one whose media are not there or
            broken stops everything or is left out. To leave them out, each medium is opened once
            before anything is learned.
        length: The most tokens that an example may have.

    Raises:
        DataError: A row is broken, too long, or lacks its media; it is named.
        TrainingError: No token of a row would be learned, no row is left, or the model's template
            leaves out what the user says.
    """
    checked: set[int] = set()  # lengths of conversations of which the template was looked at
    opened: set[Path] = set()
    kept: list[tuple[Example, int, int]] = []
    skipped: dict[str, int] = {}
    for number, source in enumerate(sources):
        reader = read_rows(source.path, on_error=on_error)
        with _skippable():
            for example in _examples(reader, number, turns):
                try:
                    if example.turn not in checked:
                        _check_template(example, encoder, asker)
                        checked.add(example.turn)
                    _check_plan(example)
                    if on_error == "skip":
                        _open(example, encoder.perceives, opened)
                    kept.append((example, *_measured(example, encoder, asker, length)))
                except DataError as error:
                    if on_error == "raise":
                        raise
                    _leave_out(error, skipped)
        if reader.skipped:
            skipped["broken"] = skipped.get("broken", 0) + reader.skipped
    if not kept:
        raise TrainingError(
            f"no row is left to learn from, of {', '.join(str(s.path) for s in sources)}",
            hint="see why with data.on_error=raise",
        )
    items, lengths, learned = (list(column) for column in zip(*kept, strict=True))
    return Examples(items, lengths, learned, skipped)


def held_out(examples: Examples, share: float, seed: int) -> tuple[Examples, Examples]:
    """Split off a share by the rows' names, so that all answers of a row go one way.

    A row stays on its side when others come or go. At least one row is split off.

    Returns:
        What is learned from, and what is measured on.

    Raises:
        TrainingError: There is but one row.
    """
    draws = {item.row.id: _drawn(item.row.id, seed) for item in examples.items}
    if len(draws) < 2:
        raise TrainingError(
            "of one row nothing can be held out", hint="set data.validation_share = 0"
        )
    limit = max(share, min(draws.values()))
    near = [draws[item.row.id] <= limit for item in examples.items]
    if all(near):
        raise TrainingError(
            f"all {len(draws)} rows would be held out", hint="lower data.validation_share"
        )
    places = range(len(near))
    return (
        examples.part(i for i in places if not near[i]),
        examples.part(i for i in places if near[i]),
    )


def _drawn(name: str, seed: int) -> float:
    """A number in 0..1 that follows from a name."""
    digest = blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Asker:
    """Puts examples as an agent would ask them, and writes plans in the dialect of the model.

    Args:
        dialect: How the model writes plans; rows have them in lines.
        told: Whether the model is told of the tools: they must then be there.
    """

    def __init__(self, dialect: DialectName, *, told: bool) -> None:
        self._dialect = dialect
        self._told = told
        self._all = Toolbox.default()
        self._some: dict[tuple[str, ...], Toolbox] = {}

    def request(self, example: Example, media: Mapping[str, Media]) -> LLMRequest:
        """What is asked, with the values of the handles that the model perceives.

        Raises:
            DataError: The row offers a tool that there is not, or an earlier plan is none.
        """
        toolbox = self._offered(example)
        messages = tuple(
            Message(turn.role, self._said(example, turn), turn.handles)
            for turn in example.row.messages[: example.turn]
        )
        known = {reference.handle: reference.modality for reference in example.media()}
        return LLMRequest(messages, toolbox, known, media=media)

    def answer(self, example: Example) -> str:
        """The plan to learn, in the model's dialect.

        Raises:
            DataError: It is no plan.
        """
        return self._said(example, example.row.messages[example.turn])

    def _said(self, example: Example, turn: Turn) -> str:
        if turn.role == "user" or self._dialect == "lines":
            return turn.content
        toolbox = self._offered(example)
        try:
            plan = dialect_named("lines", toolbox).parse(turn.content)
        except ModaVerseError as error:
            raise example.fault(error.message, error.hint) from error
        return dialect_named(self._dialect, toolbox).render(plan)

    def _offered(self, example: Example) -> Toolbox:
        """The tools of the row; a model that is not told of them learns plans for any tools."""
        tools = example.row.tools
        if tools not in self._some:
            there = tools if self._told else tuple(name for name in tools if name in self._all)
            try:
                self._some[tools] = self._all.only(*there)
            except ModaVerseError as error:
                raise example.fault(error.message, error.hint) from error
        return self._some[tools]


def load_media(example: Example, modalities: frozenset[Modality]) -> dict[str, Media]:
    """The media of an example, read from their files.

    Raises:
        DataError: A file is missing or broken.
    """
    kinds: dict[str, Any] = {"image": Image, "audio": Audio, "video": Video}
    found: dict[str, Media] = {}
    for reference in example.media():
        path = reference.file(example.folder)
        if reference.modality not in modalities or path is None:
            continue
        try:
            found[reference.handle] = kinds[reference.modality].load(path)
        except MediaError as error:
            hint = "; ".join(filter(None, (error.hint, _SKIP)))
            told = f"{reference.handle} cannot be read: {error.message}"
            raise example.fault(told, hint) from error
    return found


def _check_plan(example: Example) -> None:
    """See that the answer can be read with the tools of its row.

    Raises:
        DataError: It calls a tool that the row does not offer, or is no plan.
    """
    try:
        Lines(example.row.tools).parse(example.row.messages[example.turn].content)
    except ModaVerseError as error:
        raise example.fault(f"its answer is no plan: {error.message}", error.hint) from error


def _open(example: Example, modalities: frozenset[Modality], opened: set[Path]) -> None:
    """See that the media of an example can be read, but for those that were opened before.

    Raises:
        DataError: A file is missing or broken.
    """
    paths = {reference.file(example.folder) for reference in example.media()} - {None}
    if paths - opened:
        load_media(example, modalities)
        opened.update(path for path in paths if path is not None)


def _examples(rows: RowReader, source: int, turns: Literal["last", "all"]) -> Iterator[Example]:
    for row in rows:
        last = len(row.messages) - 1
        for turn in range(1, last + 1, 2) if turns == "all" else (last,):
            yield Example(row, turn, rows.path.parent, source, str(rows.path), rows.line)


@contextmanager
def _skippable() -> Iterator[None]:
    """Tell of a bad row that it may be left out."""
    try:
        yield
    except DataError as error:
        if error.line is None:  # the whole file is bad
            raise
        hint = "; ".join(filter(None, (error.hint, _SKIP)))
        raise DataError(error.reason, file=error.file, line=error.line, hint=hint) from error


def _check_template(example: Example, encoder: Encoder, asker: Asker) -> None:
    """See that all that the user says comes to the model.

    Raises:
        TrainingError: Its chat template leaves some of it out.
    """
    written = _words(encoder.written(asker.request(example, {})))
    said = [turn.content for turn in example.row.messages[: example.turn] if turn.role == "user"]
    for text in said:
        if _words(text) not in written:
            raise TrainingError(
                f"{example.name}: the chat template of {encoder.tokenizer.name_or_path} leaves out "
                f"what the user says: {text[:80]!r}",
                hint="mend its chat_template so that it writes every message, or name another "
                "model.language",
            )


def _words(text: str) -> str:
    """Words alone: templates may trim, escape or change the case."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _measured(example: Example, encoder: Encoder, asker: Asker, length: int) -> tuple[int, int]:
    """Tokens of an example, and how many of them are learned."""
    there = _stand_ins(example, encoder.perceives)
    media = load_media(example, encoder.perceives) if encoder.by_size else there
    request = asker.request(example, media)
    try:
        size, learned = encoder.measure(request, asker.answer(example))
    except RequestError as error:
        raise example.fault(
            error.message, "raise packing.length, and model.context if it is set"
        ) from error
    if size > length:
        raise example.fault(
            f"it has {size} tokens, and a sequence {length}", "raise packing.length"
        )
    if learned <= 1:  # the end of an answer that says nothing
        raise TrainingError(
            f"{example.name} (family {example.row.family!r}): its template masks every token, so "
            "nothing would be learned",
            hint="an answer must not be empty, and the tokenizer must have tokens for it; "
            "modaverse train --preview shows what is learned",
        )
    return size, learned


def _stand_ins(example: Example, modalities: frozenset[Modality]) -> dict[str, Media]:
    """Media with as many tokens as the real ones may have, for files that are there.

    Raises:
        DataError: A file is not there.
    """
    found: dict[str, Media] = {}
    for reference in example.media():
        path = reference.file(example.folder)
        if reference.modality not in modalities or path is None:
            continue
        if not path.is_file():
            raise example.fault(
                f"the file of {reference.handle} is not there: {path}",
                "put it there; a path in a row is seen from the folder of its file",
            )
        found[reference.handle] = _STAND_INS[reference.modality]
    return found


_SILENCE = Audio(np.zeros((160, 1), np.float32), 16000)
_STAND_INS: Mapping[str, Media] = {
    "image": Image(np.zeros((8, 8, 3), np.uint8)),
    "audio": _SILENCE,
    "video": Video(np.zeros((4096, 2, 2, 3), np.uint8), 8.0, _SILENCE),  # the most frames there are
}


def _leave_out(error: DataError, skipped: dict[str, int]) -> None:
    skipped["unusable"] = skipped.get("unusable", 0) + 1
    if skipped["unusable"] <= _TOLD:
        log.warning("left out %s", error.message)
