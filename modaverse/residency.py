"""Residency: which models are loaded, within a memory budget that all runs share."""

from __future__ import annotations

import itertools
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from modaverse.errors import Cancelled, OutOfMemory

__all__ = ["Residency", "Resident", "shared_residency"]

log = logging.getLogger(__name__)

_POLL = 0.05  # seconds between looks at `cancelled` while waiting for memory


class Resident(Protocol):
    """What can be loaded and unloaded; every Tool is one."""

    @property
    def memory(self) -> int:
        """Bytes taken when loaded, estimated."""

    def load(self, device: str) -> None:
        """Bring the model to `device`; does nothing if it is there."""

    def unload(self) -> None:
        """Let go of the model."""


@dataclass
class _Entry:
    """A tool that is loaded, or being loaded."""

    tool: Resident
    memory: int
    users: int = 0
    ready: bool = False
    turn: int = 0  # grows with each use: the smallest of the idle is the least recently used
    idle_since: float = 0.0


def _never() -> bool:
    return False


class Residency:
    """Loads tools before use and unloads the least recently used idle ones to make room.

    A tool in use is never unloaded. Where only tools in use are in the way, `acquire` waits for
    one of them. Which tool goes is decided by the order of use alone, never by the clock.

    Args:
        budget: Bytes that loaded tools may take together, by their own estimates; None: no limit.
        device: Where tools are loaded, in torch's words.
        idle_timeout: Seconds after which an idle tool is unloaded; None: never.
        clock: Seconds that only grow; tests bring their own.
    """

    def __init__(
        self,
        budget: int | None = None,
        *,
        device: str = "cpu",
        idle_timeout: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.budget = budget
        self.device = device
        self.idle_timeout = idle_timeout
        self._clock = clock
        self._turns = itertools.count(1)
        self._entries: dict[int, _Entry] = {}  # by id(tool); the entry keeps the tool alive
        self._changed = threading.Condition()
        self._timer: threading.Timer | None = None

    @property
    def used(self) -> int:
        """Bytes taken by loaded tools, by their own estimates."""
        with self._changed:
            return sum(entry.memory for entry in self._entries.values())

    @property
    def loaded(self) -> tuple[Resident, ...]:
        """The loaded tools, least recently used first."""
        with self._changed:
            ready = [entry for entry in self._entries.values() if entry.ready]
            return tuple(entry.tool for entry in sorted(ready, key=lambda entry: entry.turn))

    @contextmanager
    def acquire(self, tool: Resident, *, cancelled: Callable[[], bool] = _never) -> Iterator[None]:
        """Hold `tool` loaded for the length of a `with` block.

        Args:
            tool: The tool; loaded first if it is not.
            cancelled: Looked at while waiting for memory.

        Raises:
            OutOfMemory: The tool alone is larger than the budget.
            Cancelled: `cancelled()` became true while waiting.
            Exception: Whatever `tool.load` raises; the tool then counts as not loaded.
        """
        entry = self._reserve(tool, cancelled)
        try:
            if not entry.ready:
                self._load(entry)
            yield
        finally:
            self._release(entry)

    def unload(self, tool: Resident | None = None) -> tuple[Resident, ...]:
        """Unload `tool`, or every idle tool; those in use stay.

        Returns:
            The tools that were unloaded, least recently used first.
        """
        with self._changed:
            chosen = [e for e in self._idle() if tool is None or e.tool is tool]
            return self._evict(chosen)

    def sweep(self) -> tuple[Resident, ...]:
        """Unload what has been idle for longer than `idle_timeout`; called by itself too."""
        with self._changed:
            if self.idle_timeout is None:
                return ()
            limit = self._clock() - self.idle_timeout
            gone = self._evict([e for e in self._idle() if e.idle_since <= limit])
            self._set_timer()
            return gone

    def _reserve(self, tool: Resident, cancelled: Callable[[], bool]) -> _Entry:
        """Mark the tool as in use, having made room for it; returns its entry."""
        memory = max(0, tool.memory)
        if self.budget is not None and memory > self.budget:
            raise OutOfMemory(
                f"a tool needs {_size(memory)} and the memory budget is {_size(self.budget)}",
                hint="raise the memory budget, or use a smaller model",
            )
        with self._changed:
            while (entry := self._find(tool)) is None and not self._make_room(memory):
                self._wait(cancelled)
            if entry is None:
                entry = self._entries[id(tool)] = _Entry(tool, memory)
            entry.users += 1
            try:
                while entry.users > 1 and not entry.ready and self._find(tool) is entry:
                    self._wait(cancelled)  # another thread loads it
            except Cancelled:
                self._release(entry)
                raise
            if self._find(tool) is not entry:  # that thread failed: it is our turn to try
                return self._reserve(tool, cancelled)
            return entry

    def _load(self, entry: _Entry) -> None:
        """Load outside the lock, so that others can go on; the room is already ours."""
        try:
            entry.tool.load(self.device)
        except BaseException:
            _unload(entry.tool)  # what was loaded in part
            with self._changed:
                self._entries.pop(id(entry.tool), None)
                self._changed.notify_all()
            raise
        with self._changed:
            entry.ready = True
            self._changed.notify_all()

    def _release(self, entry: _Entry) -> None:
        with self._changed:
            entry.users -= 1
            entry.turn = next(self._turns)
            entry.idle_since = self._clock()
            self._set_timer()
            self._changed.notify_all()

    def _find(self, tool: Resident) -> _Entry | None:
        return self._entries.get(id(tool))

    def _wait(self, cancelled: Callable[[], bool]) -> None:
        if cancelled():
            raise Cancelled
        self._changed.wait(_POLL)

    def _idle(self) -> list[_Entry]:
        """Idle loaded tools, least recently used first."""
        idle = [entry for entry in self._entries.values() if entry.ready and not entry.users]
        return sorted(idle, key=lambda entry: entry.turn)

    def _make_room(self, memory: int) -> bool:
        """Unload idle tools until `memory` bytes are free; False, and nothing unloaded, if not."""
        if self.budget is None:
            return True
        missing = sum(entry.memory for entry in self._entries.values()) + memory - self.budget
        chosen: list[_Entry] = []
        for entry in self._idle():
            if missing <= 0:
                break
            if entry.memory:
                chosen.append(entry)
                missing -= entry.memory
        if missing > 0:
            return False
        self._evict(chosen)
        return True

    def _evict(self, entries: list[_Entry]) -> tuple[Resident, ...]:
        for entry in entries:
            del self._entries[id(entry.tool)]
            _unload(entry.tool)
        if entries:
            _free_device_cache(self.device)
            self._changed.notify_all()
        return tuple(entry.tool for entry in entries)

    def _set_timer(self) -> None:
        """Keep one timer for the tool that has been idle longest."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        idle = self._idle()
        if self.idle_timeout is None or not idle:
            return
        due = min(entry.idle_since for entry in idle) + self.idle_timeout
        self._timer = threading.Timer(max(0.0, due - self._clock()) + 0.001, self.sweep)
        self._timer.daemon = True
        self._timer.start()


_shared: dict[str, Residency] = {}
_shared_lock = threading.Lock()


def shared_residency(device: str = "cpu") -> Residency:
    """The process's own residency for `device`, without a budget; agents use it by default.

    Built-in tools are one object in a process, so that two agents must count them together.
    """
    with _shared_lock:
        return _shared.setdefault(device, Residency(device=device))


def _unload(tool: Resident) -> None:
    """Unload a tool; one that cannot costs nobody else anything."""
    try:
        tool.unload()
    except Exception:  # a tool may be somebody else's code
        log.warning("could not unload %r", tool, exc_info=True)


def _free_device_cache(device: str) -> None:
    """Hand freed blocks back to an accelerator; torch is there only if a tool imported it."""
    torch = sys.modules.get("torch")
    if torch is not None and device.startswith("cuda"):
        torch.cuda.empty_cache()


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"
