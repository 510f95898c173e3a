"""The library's index: a SQLite table that processes share and that is expendable."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from modaverse.errors import LibraryError
from modaverse.media import Media, Modality, load_media
from modaverse.provenance import Provenance

__all__ = ["Index", "Record"]

_VERSION = 1  # of the table; an index of another version is made again
_BUSY = 30.0  # seconds to wait for another process
_TABLE = """
CREATE TABLE IF NOT EXISTS records (
    digest TEXT PRIMARY KEY,
    path TEXT NOT NULL,
    modality TEXT NOT NULL,
    tool TEXT NOT NULL,
    prompt TEXT NOT NULL,
    provenance TEXT,
    created REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS by_created ON records (created);
"""
_COLUMNS = "digest, path, modality, provenance, created"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Record:
    """An entry of the library.

    Attributes:
        digest: SHA-256 (hex) by which the file is named.
        path: The file.
        modality: What it is.
        provenance: How it was made; None if that is not known.
        created: When it was first made, in seconds since 1970.
    """

    digest: str
    path: Path
    modality: Modality
    provenance: Provenance | None
    created: float

    @property
    def when(self) -> datetime:
        """When it was first made, in UTC."""
        return datetime.fromtimestamp(self.created, UTC)

    def load(self) -> Media | str:
        """The value itself.

        Raises:
            MediaError: The file is damaged.
            LibraryError: The file is gone.
        """
        try:
            self.path.stat()
            if self.modality == "text":
                return self.path.read_bytes().decode("utf-8", "replace")
        except OSError as error:
            raise LibraryError(
                f"cannot read {self.path}: {error.strerror or error}",
                hint="its provenance tells how to make it again",
            ) from error
        return load_media(self.path)


class Index:
    """Records in SQLite (write-ahead log), one connection shared by threads under a lock.

    Args:
        path: The database.
        guard: Keeps other processes out while the database is opened or replaced.
        refill: Called after it was opened, to enter the files that it does not know.
        writable: False opens it as it is and never writes.

    Where it cannot be opened, on a disk that is full or read-only, it is made again in memory.
    """

    def __init__(
        self,
        path: Path,
        *,
        guard: Callable[[], AbstractContextManager[None]],
        refill: Callable[[], object],
        writable: bool = True,
    ) -> None:
        self.path = path
        self._guard = guard
        self._refill = refill
        self._writable = writable
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._file = (0, 0)  # device and inode of the database that is open
        self._mending = False
        self._in_memory = False

    def add(self, record: Record) -> Record:
        """Enter a record; one that is there stays, and is returned."""
        made = record.provenance
        row = (
            record.digest,
            f"{record.path.parent.name}/{record.path.name}",
            record.modality,
            made.tool if made else "",
            made.prompt if made else "",
            made.to_json() if made else None,
            record.created,
        )
        self._run("INSERT INTO records VALUES (?,?,?,?,?,?,?) ON CONFLICT DO NOTHING", row)
        return next(iter(self.by_digest(record.digest)), record)

    def remove(self, digests: Iterable[str]) -> None:
        """Strike out entries; unknown ones are ignored."""
        for digest in digests:
            self._run("DELETE FROM records WHERE digest = ?", (digest,))

    def digests(self) -> set[str]:
        """Every digest."""
        return {str(row[0]) for row in self._run("SELECT digest FROM records")}

    def by_digest(self, start: str) -> list[Record]:
        """Up to two records whose digests begin with `start`."""
        return self._select("digest >= ? AND digest < ?", (start, start + "g"), 2)

    def find(
        self,
        *,
        text: str = "",
        tool: str = "",
        modality: Modality | None = None,
        limit: int = 100,
    ) -> list[Record]:
        """Records, newest first; `limit` -1 is no limit."""
        pattern = "".join(f"\\{c}" if c in "\\%_" else c for c in text)
        return self._select(
            "prompt LIKE ? ESCAPE '\\' AND (? = '' OR tool = ?) AND (? = '' OR modality = ?)",
            (f"%{pattern}%", tool, tool, modality or "", modality or ""),
            limit,
        )

    def close(self) -> None:
        """Close the database; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None
            self._in_memory = False

    def _select(self, where: str, values: Sequence[object], limit: int) -> list[Record]:
        rows = self._run(
            f"SELECT {_COLUMNS} FROM records WHERE {where} ORDER BY created DESC, digest LIMIT ?",
            (*values, limit),
        )
        return [self._record(row) for row in rows]

    def _record(self, row: Sequence[object]) -> Record:
        digest, path, modality, provenance, created = row
        return Record(
            digest=str(digest),
            path=self.path.parent / str(path),
            modality=cast(Modality, modality),
            provenance=_read_provenance(provenance),
            created=float(cast(float, created)),
        )

    def _run(self, statement: str, values: Sequence[object] = ()) -> list[Sequence[object]]:
        """One statement in one transaction; a damaged database is made again, and it runs again."""
        with self._lock:
            try:
                return self._opened().execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                if self._mending or not _is_damage(error):
                    raise self._told(error) from error
            self._mending = True
            try:
                self._discard()
                return self._opened().execute(statement, values).fetchall()
            except (sqlite3.Error, OSError) as error:
                raise self._told(error) from error
            finally:
                self._mending = False

    def _opened(self) -> sqlite3.Connection:
        """The connection; opened again if another process has replaced the database."""
        if self._connection is not None and self._writable and self._file != _identity(self.path):
            self.close()
        if self._connection is None:
            self._connection = self._for_writing() if self._writable else self._as_it_is()
            if self._writable or self._in_memory:
                self._refill()
        return self._connection

    def _as_it_is(self) -> sqlite3.Connection:
        if self._in_memory or not self.path.is_file():
            return self._made_in_memory()
        place = f"{self.path.as_uri()}?immutable=1"
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    def _for_writing(self) -> sqlite3.Connection:
        try:
            with self._guard():
                return self._open()
        except (sqlite3.OperationalError, OSError) as error:
            if not self._mending and (_is_damage(error) or "locked" in str(error)):
                raise
            log.info("%s cannot be used (%s); it is made in memory", self.path, error)
            return self._made_in_memory()

    def _made_in_memory(self) -> sqlite3.Connection:
        self._in_memory = True
        self._file = _identity(self.path)
        connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        connection.executescript(_TABLE)
        return connection

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=_BUSY, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if connection.execute("PRAGMA user_version").fetchone()[0] not in (0, _VERSION):
                raise _Outdated
            connection.executescript(f"{_TABLE} PRAGMA user_version = {_VERSION};")
        except BaseException:
            connection.close()
            raise
        finally:
            self._file = _identity(self.path)
        return connection

    def _discard(self) -> None:
        """Delete the damaged database, unless another process was quicker, or it must not be."""
        self.close()
        if not self._writable:
            self._in_memory = True
            return
        log.warning("%s is damaged and is made again from the files", self.path)
        with self._guard():
            if _identity(self.path) == self._file:
                for end in ("", "-wal", "-shm"):
                    Path(f"{self.path}{end}").unlink(missing_ok=True)

    def _told(self, error: sqlite3.Error | OSError) -> LibraryError:
        hint = "see that the disk is not full and that you may write to the folder"
        if "locked" in str(error):
            hint = "another process holds the library; try again when it is done"
        return LibraryError(f"the index {self.path} cannot be used: {error}", hint=hint)


class _Outdated(sqlite3.DatabaseError):
    """The database was made by another version."""


def _is_damage(error: Exception) -> bool:
    """Whether the database itself is at fault, and not the disk, its rights, or a lock."""
    if type(error) in (sqlite3.DatabaseError, _Outdated):
        return True
    signs = ("no such table", "no such column", "has no column", "malformed", "disk i/o error")
    return isinstance(error, sqlite3.OperationalError) and any(
        sign in str(error).lower() for sign in signs
    )


def _identity(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except OSError:
        return (0, 0)
    return (state.st_dev, state.st_ino)


def _read_provenance(text: object) -> Provenance | None:
    if text is None:
        return None
    with contextlib.suppress(LibraryError):
        return Provenance.from_json(str(text))
    return None
