"""Tables and JSON of caption sets, read with errors that say which file, line and column."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from modaverse.errors import DataError

__all__ = ["Record", "columns_of", "found", "read_json", "read_lines", "read_table", "text_of"]

Record = Mapping[str, Any]

_HINT = "is it the file of another set? docs/data.md tells which file each kind wants"
_FIELD = 1 << 20  # characters that a field of a table may have


def read_table(
    path: Path,
    needed: Sequence[str],
    refuse: Callable[[DataError], None],
    *,
    delimiter: str = ",",
    quoted: bool = True,
) -> Iterator[tuple[int, dict[str, str]]]:
    """The lines of a table with a header, as number and fields by column.

    Args:
        path: A CSV or TSV file.
        needed: Columns that must be there.
        refuse: Told of each line that has too few fields; raises it, or it is left out.
        delimiter: Between two fields.
        quoted: Whether fields may stand between quotes.

    Raises:
        DataError: The file cannot be read, lacks a column, or a line has too few fields.
    """
    csv.field_size_limit(_FIELD)
    with _opened(path) as file:
        lines = csv.reader(
            file,
            delimiter=delimiter,
            quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE,
            skipinitialspace=quoted,
        )
        try:
            header = [name.strip() for name in next(lines, [])]
            _check(path, header, needed)
            for fields in lines:
                if not any(fields):
                    continue
                record = dict(zip(header, fields, strict=False))
                short = [name for name in needed if name not in record]
                if short:
                    told = f"it has {len(fields)} fields and none for {', '.join(short)}"
                    refuse(DataError(told, file=str(path), line=lines.line_num))
                    continue
                yield lines.line_num, record
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(
                f"it is no table: {error}", file=str(path), line=lines.line_num or None
            ) from error


def columns_of(path: Path, *, delimiter: str = ",") -> list[str]:
    """The columns of a table.

    Raises:
        DataError: The file cannot be read.
    """
    with _opened(path) as file:
        try:
            header = next(csv.reader(file, delimiter=delimiter), [])
        except (csv.Error, UnicodeDecodeError) as error:
            raise DataError(f"it is no table: {error}", file=str(path), line=1) from error
    return [name.strip() for name in header]


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a text file that are not empty, with their numbers.

    Raises:
        DataError: The file cannot be read.
    """
    with _opened(path) as file:
        number = 0
        try:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield number, line.rstrip("\n")
        except UnicodeDecodeError as error:
            raise DataError(f"it is no text: {error}", file=str(path), line=number + 1) from error


def read_json(path: Path, needed: Sequence[str] = ()) -> dict[str, Any]:
    """A JSON object.

    Raises:
        DataError: The file cannot be read, is no JSON object, or lacks a key.
    """
    with _opened(path) as file:
        try:
            value = json.load(file)
        except (ValueError, RecursionError) as error:
            line = getattr(error, "lineno", None)
            raise DataError(
                f"it is no JSON: {error}", file=str(path), line=line, hint=_HINT
            ) from error
    if not isinstance(value, dict):
        kind = type(value).__name__
        raise DataError(f"it holds a {kind}, not an object", file=str(path), hint=_HINT)
    _check(path, list(value), needed)
    return value


def found(
    record: object, needed: Sequence[str], *, file: Path, where: str, line: int | None = None
) -> list[Any]:
    """The values of a record, in the order of the names.

    Raises:
        DataError: It is no record, or lacks one of them; those that it has are told.
    """
    if not isinstance(record, dict):
        raise DataError(
            f"{where} is a {type(record).__name__}, not a record", file=str(file), line=line
        )
    _check(file, list(record), needed, where=where, line=line)
    return [record[name] for name in needed]


def text_of(value: object, *, file: Path, where: str, line: int | None = None) -> str:
    """The value, which must be text or a whole number.

    Raises:
        DataError: It is something else.
    """
    if isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)):
        return str(value)
    raise DataError(f"{where} is a {type(value).__name__}, not text", file=str(file), line=line)


def _check(
    path: Path,
    there: Iterable[str],
    needed: Sequence[str],
    *,
    where: str = "",
    line: int | None = None,
) -> None:
    names = list(there)
    missing = [name for name in needed if name not in names]
    if missing:
        what = "column" if len(missing) == 1 else "columns"
        raise DataError(
            f"{where + ' has' if where else 'there is'} no {what} {', '.join(missing)}; "
            f"there {'is' if len(names) == 1 else 'are'}: {', '.join(names[:20]) or 'none'}",
            file=str(path),
            line=line,
            hint=_HINT,
        )


def _opened(path: Path) -> Any:
    try:
        return path.open(encoding="utf-8-sig", newline="")
    except OSError as error:
        raise DataError(f"it cannot be read: {error.strerror or error}", file=str(path)) from error
