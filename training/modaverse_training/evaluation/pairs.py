"""Files with a JSON object a line: their lines, and the fields of one that are needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from modaverse.errors import DataError

__all__ = ["fields", "numbered_lines"]


def numbered_lines(path: str | Path, *, hint: str = "") -> list[tuple[int, str]]:
    """The lines of a file that are not blank, counted from 1; lines end as JSON knows it.

    Raises:
        DataError: It cannot be read.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"it cannot be read: {error}", file=str(path), hint=hint) from error
    return [(number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def fields(line: str, *needed: str) -> list[Any]:
    """The values of the needed fields, in the order asked for.

    Args:
        line: A JSON object.
        needed: Names of fields; others may be there too.

    Raises:
        ValueError: It is no JSON, no object, or lacks a field; what was found is told.
    """
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ValueError(f"it is no JSON: {error}") from error
    if not isinstance(row, dict):
        raise ValueError(f"it is no JSON object, but of type {type(row).__name__}")
    if missing := [repr(name) for name in needed if name not in row]:
        found = ", ".join(map(repr, row)) or "nothing"
        raise ValueError(f"it lacks {' and '.join(missing)}; found: {found}")
    return [row[name] for name in needed]
