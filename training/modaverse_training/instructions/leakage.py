"""Held-out requests and media, and whether a row to train on gives one of them away."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from modaverse.errors import DataError
from modaverse_training.evaluation.phrasings import is_wording
from modaverse_training.instructions.dedup import Similar, normal
from modaverse_training.instructions.row import PARQUET, Row, read_rows

__all__ = ["HeldOut", "held_out_requests"]

_SHORT = 4  # words; shorter requests are only compared as a whole


class HeldOut:
    """What must not be learned: requests, and the media files that they are about.

    Args:
        threshold: Jaccard similarity from which on a request is near to a held-out one; above 1
            only equal ones count.
    """

    def __init__(self, threshold: float = 0.8) -> None:
        self._requests: set[str] = set()
        self._similar = Similar(threshold) if threshold <= 1 else None
        self._media: set[str] = set()
        self._families: set[str] = set()
        self._digests: dict[str, str] = {}

    def __len__(self) -> int:
        """How many different requests are held out."""
        return len(self._requests)

    def add(self, request: str) -> None:
        """Hold a request out."""
        plain = normal(request)
        if plain and plain not in self._requests:
            self._requests.add(plain)
            if self._similar is not None and plain.count(" ") + 1 >= _SHORT:
                self._similar.add(plain)

    def add_row(self, row: Row, folder: Path) -> None:
        """Hold out the requests, the family and the media of a row of a file in `folder`."""
        for turn in row.messages[::2]:
            self.add(turn.content)
        if row.family:
            self._families.add(row.family)
        for reference in row.media:
            if (file := reference.file(folder)) is not None:
                self._media.add(self._digest(file))

    def add_file(self, path: Path) -> None:
        """Hold out everything in a file.

        Args:
            path: Instruction rows (JSONL or parquet); JSONL with a `request` or `prompt` a line;
                or text with a request a line.

        Raises:
            DataError: It cannot be read.
        """
        for request in held_out_requests(path):
            if isinstance(request, Row):
                self.add_row(request, path.parent)
            else:
                self.add(request)

    def why_not(self, row: Row, folder: Path) -> str:
        """Why a row must not be trained on: what it gives away; empty if nothing.

        Either of `held-out request`, `near held-out request`, `held-out family` or
        `held-out media`. The wordings of the any-to-any matrix are held out always.
        """
        asked = [normal(turn.content) for turn in row.messages[::2]]
        if any(text in self._requests or is_wording(text) for text in asked):
            return "held-out request"
        if row.family in self._families:
            return "held-out family"
        files = (reference.file(folder) for reference in row.media)
        if self._media and any(self._digest(file) in self._media for file in files if file):
            return "held-out media"
        if self._similar is None:
            return ""
        long = (text for text in asked if text.count(" ") + 1 >= _SHORT)
        return "near held-out request" if any(map(self._similar.near, long)) else ""

    def _digest(self, file: Path) -> str:
        """What tells a file apart: its content if it is there, else its name."""
        key = str(file)
        if key not in self._digests:
            try:
                content = hashlib.sha256(file.read_bytes()).hexdigest()
            except OSError:
                content = file.name
            self._digests[key] = content
        return self._digests[key]


def held_out_requests(path: Path) -> Iterator[str | Row]:
    """The rows of a file, or only requests where it has no more.

    Raises:
        DataError: It cannot be read, or a line of JSONL holds no request.
    """
    if path.suffix == PARQUET:
        yield from read_rows(path)
        return
    try:
        lines: Sequence[str] = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"it cannot be read: {error}", file=str(path)) from error
    if path.suffix not in (".jsonl", ".json"):
        yield from filter(None, map(str.strip, lines))
        return
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield from _requests(line, path, number)


def _requests(line: str, path: Path, number: int) -> Iterator[str | Row]:
    try:
        record: Any = json.loads(line)
        if isinstance(record, dict) and "messages" in record:
            yield Row.model_validate(record)
            return
    except (ValueError, RecursionError) as error:
        raise DataError(f"it is no row: {error}", file=str(path), line=number) from error
    found = None
    if isinstance(record, dict):
        keys = ("request", "prompt", "Prompt", "instruction", "user_request")
        found = next((record[key] for key in keys if isinstance(record.get(key), str)), None)
    if found is None:
        raise DataError(
            "it has no request", file=str(path), line=number,
            hint='a line is a row, or has a text as "request" or "prompt"',
        )  # fmt: skip
    yield found
    history = record.get("history") or ()
    yield from (str(text) for role, text in history if role == "user")
