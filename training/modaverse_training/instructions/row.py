"""An instruction row: a conversation, its tools and media; files of rows in JSONL and parquet."""

from __future__ import annotations

import json
import logging
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from modaverse.errors import BackendMissing, DataError
from modaverse.extras import install_line
from modaverse.plan import Handle

if TYPE_CHECKING:
    from modaverse.media import Modality

__all__ = [
    "PARQUET",
    "MediaRef",
    "OnError",
    "Row",
    "RowReader",
    "Turn",
    "read_rows",
    "replacing",
    "write_rows",
]

OnError = Literal["raise", "skip"]
PARQUET = ".parquet"  # a file that ends so is read and written as parquet, any other as JSONL

_HINT = 'a row is {"id", "messages": [{"role", "content", "handles"}], "tools", "media", …}'
_LOGGED = 10  # broken rows that are told one by one; the others are only counted
_BATCH = 256  # rows of a parquet file that are in memory at once
_FOLDED = 200  # characters of a reason

log = logging.getLogger(__name__)
T = TypeVar("T")


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaRef(_Value):
    """A media value that a row speaks of.

    Attributes:
        handle: Its name in the row: `image1`.
        modality: What it is; the handle begins with it.
        path: The file, absolute or relative to the folder of the data file; None for a value
            that only text tells of.
        caption: What it shows, for LLMs that only read text, for statistics and judges. A model
            that sees the file never reads it.
    """

    handle: Handle
    modality: Literal["image", "audio", "video"]
    path: str | None = None
    caption: str = ""

    @model_validator(mode="after")
    def _named_after_its_modality(self) -> Self:
        if self.handle.rstrip("0123456789") != self.modality:
            raise ValueError(f"handle {self.handle} is not the name of {self.modality}")
        return self

    def file(self, folder: str | Path) -> Path | None:
        """The path of the file, for a row of a data file in `folder`."""
        return None if self.path is None else Path(folder) / self.path


class Turn(_Value):
    """One message.

    Attributes:
        role: Who speaks.
        content: What is said; an assistant's content is a plan in the lines dialect.
        handles: Media that are attached to a user's message; none for an assistant's.
    """

    role: Literal["user", "assistant"]
    content: str
    handles: tuple[Handle, ...] = ()


class Row(_Value):
    """A conversation that a model learns from.

    Attributes:
        id: Its name, unique in a data set.
        messages: A user's and an assistant's turns by turns, the assistant's last.
        tools: Names of the tools that the plans may call.
        media: Every attached media value, each under its handle. A handle that comes from an
            earlier plan of the conversation needs no entry.
        family: The kind of phrasing; families never stand in two splits.
        source: Where it comes from: a grammar, an LLM, a caption set.

    Raises:
        pydantic.ValidationError: Turns do not alternate, or an attached handle has no media.
    """

    id: str = Field(min_length=1)
    messages: tuple[Turn, ...]
    tools: tuple[str, ...]
    media: tuple[MediaRef, ...] = ()
    family: str = ""
    source: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        roles = [turn.role for turn in self.messages]
        if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
            raise ValueError("messages must be a user's and an assistant's, by turns")
        if any(turn.handles for turn in self.messages if turn.role == "assistant"):
            raise ValueError("handles are attached to a user's message only")
        named = [reference.handle for reference in self.media]
        attached = [handle for turn in self.messages for handle in turn.handles]
        for names, what in ((named, "media"), (attached, "attached")):
            if len(set(names)) != len(names):
                raise ValueError(f"a handle is {what} twice: {', '.join(names)}")
        if missing := [handle for handle in attached if handle not in named]:
            raise ValueError(f"there are no media for {', '.join(missing)}")
        return self

    @property
    def request(self) -> str:
        """What the person said last."""
        return self.messages[-2].content

    @property
    def answer(self) -> str:
        """The plan that answers it, in the lines dialect."""
        return self.messages[-1].content

    def handles(self) -> dict[Handle, Modality]:
        """The modality of each media value of the row, in their order."""
        return {reference.handle: reference.modality for reference in self.media}


class RowReader(Iterator[Row]):
    """Rows of a file, one by one; what `read_rows` gives.

    Attributes:
        skipped: How many broken rows were left out so far.
        line: Of the row that was given last, counted from 1; of a parquet file, the row.
    """

    def __init__(self, path: str | Path, on_error: OnError) -> None:
        self.path = Path(path)
        self.skipped = 0
        self.line = 0
        self._on_error = on_error
        self._rows = self._read()

    def __next__(self) -> Row:
        """The next row.

        Raises:
            DataError: It is broken, and broken rows are not to be skipped.
        """
        return next(self._rows)

    def _read(self) -> Iterator[Row]:
        if not self.path.is_file():
            raise DataError("there is no such file", file=str(self.path), hint=_HINT)
        parquet = self.path.suffix == PARQUET
        for line, record in _table(self.path) if parquet else _lines(self.path):
            try:
                row = _row(record)
            except ValueError as error:
                self._broken(DataError(told(error), file=str(self.path), line=line, hint=_HINT))
            else:
                self.line = line
                yield row
        if self.skipped:
            log.warning("%s: broken rows left out: %d", self.path, self.skipped)

    def _broken(self, fault: DataError) -> None:
        if self._on_error == "raise":
            raise fault
        self.skipped += 1
        if self.skipped <= _LOGGED:
            log.warning("left out %s", fault.message)


def read_rows(path: str | Path, *, on_error: OnError = "raise") -> RowReader:
    """Read the rows of a JSONL or parquet file, one by one.

    Args:
        path: The file; one that ends in `.parquet` is read as such.
        on_error: "raise" stops at a broken row; "skip" leaves it out, logs and counts it.

    Returns:
        An iterator of rows; its `skipped` counts the broken ones.

    Raises:
        DataError: While iterating: there is no such file, or a row is broken; it tells the line
            (of a parquet file: the row), counted from 1, and the reason.
        BackendMissing: The file is parquet and `datasets` is not installed.
    """
    return RowReader(path, on_error)


def write_rows(path: str | Path, rows: Iterable[Row]) -> int:
    """Write rows as JSONL, or as parquet if the name ends so; gives their number.

    The file appears whole or not at all.

    Raises:
        BackendMissing: The file is to be parquet and `datasets` is not installed.
    """
    target = Path(path)
    with replacing(target) as part:
        if target.suffix == PARQUET:
            return _write_table(part, rows)
        count = 0
        with part.open("w", encoding="utf-8") as file:
            for count, row in enumerate(rows, 1):  # noqa: B007 - the count is what is returned
                file.write(row.model_dump_json() + "\n")
        return count


@contextmanager
def replacing(target: Path) -> Iterator[Path]:
    """A file beside `target` to write to, which takes its place if all goes well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    os.close(handle)
    part = Path(name)
    try:
        yield part
        part.chmod(0o644)  # mkstemp's files are the owner's alone
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def told(error: ValueError) -> str:
    """What is wrong with a value, in one line."""
    if not isinstance(error, ValidationError):
        return str(error)[:_FOLDED]
    faults = error.errors(include_url=False, include_context=False)
    return "; ".join(_fault(fault["loc"], fault["msg"]) for fault in faults)[:_FOLDED]


def _fault(place: Iterable[object], message: str) -> str:
    where = ".".join(map(str, place))
    reason = message.removeprefix("Value error, ")
    return f"{where}: {reason}" if where else reason


def _row(record: object) -> Row:
    """The row in a record: a dict, or the text of a line; raises ValueError."""
    if isinstance(record, bytes):
        text = record.decode("utf-8")  # UnicodeDecodeError is a ValueError
        try:
            record = json.loads(text)
        except RecursionError as error:
            raise ValueError("the JSON nests too deep") from error
    if not isinstance(record, dict):
        raise ValueError(f"a row is a JSON object, not {type(record).__name__}")
    return Row.model_validate(record)


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield number, line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line


def _table(path: Path) -> Iterator[tuple[int, Any]]:
    parquet = _pyarrow("pyarrow.parquet")
    try:
        number = 0
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_BATCH):
                for record in batch.to_pylist():
                    number += 1
                    yield number, record
    except (OSError, ValueError) as error:  # ArrowInvalid is a ValueError
        raise DataError(f"it is no parquet file: {first_line(error)}", file=str(path)) from error


def first_line(error: Exception) -> str:
    """The first line of what a library says."""
    return (str(error).splitlines() or [type(error).__name__])[0][:_FOLDED]


def _write_table(path: Path, rows: Iterable[Row]) -> int:
    pa, parquet = _pyarrow("pyarrow"), _pyarrow("pyarrow.parquet")
    schema = _schema(pa)
    count = 0
    with parquet.ParquetWriter(path, schema) as writer:
        for batch in _batched(rows, _BATCH):
            records = [row.model_dump(mode="json") for row in batch]
            writer.write_table(pa.Table.from_pylist(records, schema=schema))
            count += len(batch)
    return count


def _schema(pa: Any) -> Any:
    """The columns of a parquet file of rows."""
    text, texts = pa.string(), pa.list_(pa.string())
    turn = pa.struct([("role", text), ("content", text), ("handles", texts)])
    media = pa.struct([(name, text) for name in ("handle", "modality", "path", "caption")])
    columns = {"id": text, "messages": pa.list_(turn), "tools": texts, "media": pa.list_(media)}
    return pa.schema({**columns, "family": text, "source": text})


def _batched(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def _pyarrow(module: str) -> Any:
    """A module of pyarrow, which comes with `datasets`."""
    from importlib import import_module

    try:
        return import_module(module)
    except ImportError as error:
        raise BackendMissing(
            f"parquet files cannot be read: {error}", hint=install_line("train")
        ) from error
