"""The library: every result written once, found again by an index, provenance inside the file.

root/
├─ ab/ab…ef.png      a result, named by the SHA-256 of its bytes (text: of its bytes and provenance)
├─ ab/ab…ef.json     beside a text only: its provenance, which a plain text cannot carry
├─ index.sqlite      made again from the files if it is lost or damaged
└─ .lock             held while the index is opened or replaced
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from modaverse.codecs.files import make_folder, unwritable, write_atomic
from modaverse.errors import LibraryError, MediaError
from modaverse.index import Index, Record
from modaverse.media import Media, Modality, modality_of, read_tags
from modaverse.provenance import TAG, Provenance

__all__ = ["Library", "Record"]

log = logging.getLogger(__name__)

_SUFFIXES: dict[Modality, str] = {
    "text": ".txt",
    "image": ".png",
    "audio": ".wav",
    "video": ".mp4",
}
_MODALITIES = {suffix: modality for modality, suffix in _SUFFIXES.items()}
_NAME = re.compile(r"[0-9a-f]{64}\.(txt|png|wav|mp4)")  # of a result's file
_ABANDONED = 600.0  # seconds after which an unfinished file was left by a killed process


class Library:
    """A folder of results. Threads and processes may share it.

    Args:
        root: The folder. A read-only one can be searched, not added to.
        make: Whether to make a library if there is none.

    Raises:
        LibraryError: There is no library and none shall be made, or the folder cannot be opened.
    """

    def __init__(self, root: str | os.PathLike[str], *, make: bool = True) -> None:
        self.root = Path(root).expanduser().absolute()
        self._made: set[Path] = set()
        if not make and not self.is_there(self.root):
            raise LibraryError(
                f"there is no library in {self.root}",
                hint="`modaverse run` makes it with the first result; see --library",
            )
        writable = self._prepare()
        self._index = Index(
            self.root / "index.sqlite",
            guard=self._guard,
            refill=self.refresh,
            writable=writable,
        )
        if writable:
            self._clean()

    def add(self, value: Media | str, provenance: Provenance | None = None) -> Record:
        """Write a result and enter it in the index.

        The file is complete on disk before the index knows it; equal bytes are written once.

        Raises:
            LibraryError: The disk is full or the folder read-only. What was there stays as it was.
            MediaError: The value cannot be encoded.
        """
        modality = modality_of(value)
        data, note = _encoded(value, provenance)
        digest = hashlib.sha256(data + note).hexdigest()
        path = self._path(digest, modality)
        if note:
            self._write(path.with_suffix(".json"), note)
        self._write(path, data)
        return self._index.add(Record(digest, path, modality, provenance, time.time()))

    def get(self, digest: str) -> Record:
        """The record of a digest, or of the beginning of one (six digits or more).

        Raises:
            LibraryError: There is none, or several begin so.
        """
        found = self._index.by_digest(digest) if len(digest) >= 6 else []
        if len(found) == 1:
            return found[0]
        if found:
            raise LibraryError(f"several results begin with {digest}", hint="give more digits")
        raise LibraryError(
            f"the library has no result {digest!r}", hint="give at least 6 digits of its digest"
        )

    def find(
        self,
        *,
        text: str = "",
        tool: str = "",
        modality: Modality | None = None,
        limit: int = 100,
    ) -> tuple[Record, ...]:
        """Results, newest first.

        Args:
            text: What the prompt must contain, upper or lower case.
            tool: Name of the tool that made it.
            modality: What it must be.
            limit: The most to return.
        """
        return tuple(self._index.find(text=text, tool=tool, modality=modality, limit=limit))

    def remove(self, digest: str) -> Record:
        """Delete a result, file and entry; returns what its record was.

        Raises:
            LibraryError: There is none, or it cannot be deleted.
        """
        record = self.get(digest)
        try:
            record.path.unlink(missing_ok=True)
            record.path.with_suffix(".json").unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(record.path, error) from error
        self._index.remove([record.digest])
        return record

    def refresh(self) -> int:
        """Make the index say what the files say; returns the number of entries changed.

        Only files that the index does not know are opened.
        """
        known = self._index.digests()
        files = {path.stem: path for path in self._files()}
        missing = [_read_record(files[digest]) for digest in files.keys() - known]
        gone = known - files.keys()
        self._index.remove(sorted(gone))
        for record in missing:
            if record is not None:
                self._index.add(record)
        return len(missing) + len(gone)

    def close(self) -> None:
        """Close the index; using the library again opens it again."""
        self._index.close()

    def __len__(self) -> int:
        """Number of results."""
        return len(self._index.digests())

    def __iter__(self) -> Iterator[Record]:
        """All results, newest first."""
        return iter(self._index.find(limit=-1))

    def __contains__(self, digest: object) -> bool:
        """Whether there is a result of this very digest."""
        found = self._index.by_digest(str(digest))
        return any(record.digest == digest for record in found)

    def __enter__(self) -> Library:
        """The library itself; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the index."""
        self.close()

    def __repr__(self) -> str:
        """The folder."""
        return f"Library({str(self.root)!r})"

    @staticmethod
    def is_there(root: str | os.PathLike[str]) -> bool:
        """Whether the folder is a library: it has an index, or files as a library names them.

        Raises:
            LibraryError: The folder may not be looked into.
        """
        folder = Path(root).expanduser()
        try:
            if (folder / "index.sqlite").is_file():
                return True
            inner = [path for path in folder.glob("[0-9a-f][0-9a-f]") if path.is_dir()]
            return any(_NAME.fullmatch(name) for place in inner for name in os.listdir(place))
        except OSError as error:
            raise _unreadable(folder, error) from error

    @staticmethod
    def read(path: str | os.PathLike[str]) -> Provenance:
        """How the file at `path` was made, as the file itself tells; it may stand anywhere.

        Raises:
            LibraryError: The file holds no provenance.
            MediaError: The file cannot be read.
        """
        source = Path(path)
        if source.suffix == _SUFFIXES["text"]:
            beside = source.with_suffix(".json")
            if beside.is_file():
                return Provenance.from_json(_read_note(beside))
        text = read_tags(source).get(TAG)
        if text is None:
            raise LibraryError(
                f"{source.name} does not say how it was made",
                hint="only files made by ModaVerse do, and other programs may strip it",
            )
        return Provenance.from_json(text)

    def _path(self, digest: str, modality: Modality) -> Path:
        return self.root / digest[:2] / f"{digest}{_SUFFIXES[modality]}"

    def _write(self, path: Path, data: bytes) -> None:
        with contextlib.suppress(OSError):
            if path.stat().st_size == len(data):
                return
        if path.parent not in self._made:
            make_folder(path.parent)
            self._made.add(path.parent)
        write_atomic(path, data)

    def _prepare(self) -> bool:
        """Make the folder; False if the library can only be read."""
        make_folder(self.root)
        return os.access(self.root, os.W_OK)

    def _clean(self) -> None:
        """Delete what killed processes left unfinished."""
        for path in self.root.glob("[0-9a-f][0-9a-f]/.*.part"):
            with contextlib.suppress(OSError):
                if time.time() - path.stat().st_mtime > _ABANDONED:
                    path.unlink()

    def _files(self) -> Iterator[Path]:
        for folder in self.root.glob("[0-9a-f][0-9a-f]"):
            yield from (path for path in folder.iterdir() if path.suffix in _MODALITIES)

    @contextlib.contextmanager
    def _guard(self) -> Iterator[None]:
        """Keep others out while the index is opened or replaced."""
        with (self.root / ".lock").open("wb") as file:
            _lock_file(file)
            yield


def _encoded(value: Media | str, provenance: Provenance | None) -> tuple[bytes, bytes]:
    """Bytes of the file, and of the note beside it if the file cannot hold its provenance."""
    if isinstance(value, str):
        note = provenance.to_json().encode() if provenance else b""
        return value.encode("utf-8", "replace"), note
    return value.encode(tags=provenance.tags() if provenance else None), b""


def _read_note(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> LibraryError:
    return LibraryError(
        f"cannot read {path}: {error.strerror or error}", hint="check its permissions"
    )


def _read_record(path: Path) -> Record | None:
    """The record of a file that the index does not know; None if the file is of no use."""
    try:
        provenance: Provenance | None = Library.read(path)
    except LibraryError:
        provenance = None
    except MediaError as error:
        log.warning("left %s out of the index: %s", path, error.message)
        return None
    with contextlib.suppress(OSError):
        return Record(path.stem, path, _MODALITIES[path.suffix], provenance, path.stat().st_mtime)
    return None


def _lock_file(file: IO[bytes]) -> None:
    """Lock an open file until it is closed, where the system can."""
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
