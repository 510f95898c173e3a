"""A journal: verdicts written as they come, so that a run that was stopped goes on where it was."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from modaverse.codecs.files import make_folder, unwritable
from modaverse.errors import ConfigError

__all__ = ["Journal", "Record"]

Record = dict[str, Any]


class Journal:
    """The verdicts of one suite in a JSONL file; its first line tells which run they belong to.

    Args:
        path: The file; its folder is made.
        run: What must be the same for the verdicts to be of use: the LLM, the data, the seed.
        again: Whether to throw earlier verdicts away.

    Raises:
        ConfigError: The file holds verdicts of another run.
        LibraryError: The file cannot be written.

    Attributes:
        found: Verdicts by id.
    """

    def __init__(self, path: Path, run: Mapping[str, Any], *, again: bool = False) -> None:
        self.path = path
        self.found: dict[str, Record] = {}
        make_folder(path.parent)
        if again or not self._resumed(json.loads(json.dumps(run))):
            with self._writing():
                path.write_text(json.dumps({"run": run}, ensure_ascii=False) + "\n", "utf-8")
        with self._writing():
            self._file = path.open("a", encoding="utf-8")

    def add(self, name: str, record: Record) -> None:
        """Keep a verdict; it is on disk when this returns."""
        self.found[name] = record
        with self._writing():
            self._file.write(json.dumps({"id": name, **record}, ensure_ascii=False) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def __enter__(self) -> Journal:
        """The journal itself; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def _resumed(self, run: Record) -> bool:
        """Take up earlier verdicts, if there are any; a line that a kill cut short is cut off."""
        if not self.path.is_file():
            return False
        with self._writing():
            data = self.path.read_bytes()
            whole = data[: data.rfind(b"\n") + 1]
            if len(whole) < len(data):
                os.truncate(self.path, len(whole))
        first, *records = [*map(_record, whole.splitlines())] or [{}]
        earlier = first.get("run")
        if not isinstance(earlier, dict):
            return False
        if changed := [name for name in run if earlier.get(name) != run[name]]:
            raise ConfigError(
                f"{self.path} holds verdicts of another run: not the same {', '.join(changed)}",
                hint="choose another --out, or begin anew with --again",
            )
        self.found = {record.pop("id"): record for record in records if "id" in record}
        return True

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(self.path, error) from error


def _record(line: bytes) -> Record:
    """The object in a line; nothing if it is damaged."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
