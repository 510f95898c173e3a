"""Cancel tokens: how one thread asks the work of others to stop."""

from __future__ import annotations

import threading
import time

from modaverse.errors import Cancelled

__all__ = ["CancelToken"]

_POLL = 0.05  # seconds between looks at the parent while waiting


class CancelToken:
    """Says to all who hold it that the work should stop; once cancelled it stays so.

    Args:
        parent: A token whose cancelling cancels this one too.
    """

    def __init__(self, parent: CancelToken | None = None) -> None:
        self._event = threading.Event()
        self._parent = parent

    def cancel(self) -> None:
        """Ask for a stop; safe from any thread and from a signal handler."""
        self._event.set()

    def cancelled(self) -> bool:
        """Whether somebody asked to stop."""
        return self._event.is_set() or (self._parent is not None and self._parent.cancelled())

    def check(self) -> None:
        """Raise Cancelled if somebody asked to stop.

        Raises:
            Cancelled: Somebody did.
        """
        if self.cancelled():
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep, less long if somebody asks to stop; returns whether somebody did."""
        limit = time.monotonic() + seconds
        while not self.cancelled() and (left := limit - time.monotonic()) > 0:
            self._event.wait(min(left, _POLL) if self._parent else left)
        return self.cancelled()
