"""The folder for results: readable names, counted on, nothing ever overwritten."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from modaverse.codecs.files import check_writable, make_folder, write_atomic

if TYPE_CHECKING:
    from modaverse.events import Item

__all__ = ["OutFolder"]

_SUFFIXES: Mapping[str, str] = {
    "text": ".txt",
    "image": ".png",
    "audio": ".wav",
    "video": ".mp4",
}
_NUMBERED = re.compile(r"([0-9]{1,9})-")


class OutFolder:
    """Where a command leaves results, as `01-text-to-image.png`, `02-text-to-speech.wav`.

    The folder is made when there is a first result. Several processes may share it.

    Args:
        path: The folder.

    Raises:
        LibraryError: Nothing can be written to it; told before anything is made for it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser()
        self._first = 0  # number of the first result of a run; 0: not yet chosen
        check_writable(self.path)

    def begin(self) -> None:
        """A run begins: its results are numbered by call, on from what is in the folder now."""
        self._first = 0

    def save(self, item: Item) -> Path:
        """Write a result, complete or not at all, with its provenance inside.

        Raises:
            LibraryError: The folder is full or may not be written to.
            MediaError: The value cannot be encoded.
        """
        data, suffix = _encoded(item), _SUFFIXES[item.modality]
        make_folder(self.path)
        part = write_atomic(self.path / f".{secrets.token_hex(6)}.new", data)
        try:
            self._first = self._first or self._next()
            for number in itertools.count(self._first + item.call - 1):
                target = self.path / f"{number:02d}-{item.provenance.tool}{suffix}"
                if _named(part, target):
                    break
        finally:
            part.unlink(missing_ok=True)
        return target

    def _next(self) -> int:
        """One more than the highest number in the folder."""
        found = (_NUMBERED.match(name) for name in os.listdir(self.path))
        return max((int(match[1]) for match in found if match), default=0) + 1


def _encoded(item: Item) -> bytes:
    """The bytes of the file; those that the library has, if it has them."""
    if isinstance(item.value, str):
        return item.value.encode("utf-8", "replace")
    if item.path is not None and item.path.is_file():
        return item.path.read_bytes()
    return item.value.encode(tags=item.provenance.tags())


def _named(part: Path, target: Path) -> bool:
    """Give a written file its name, unless the name is taken."""
    try:
        os.link(part, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        if target.exists():
            return False
        part.replace(target)
    return True
