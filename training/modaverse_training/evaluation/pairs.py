"""A line of a file of pairs: a JSON object of which some fields are needed."""

from __future__ import annotations

import json
from typing import Any

__all__ = ["fields"]


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
