"""Cancel tokens: how one thread asks the work of others to stop."""

from __future__ import annotations

import threading

from modaverse.errors import Cancelled

__all__ = ["CancelToken"]


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
        """Sleep, less long if this very token is cancelled; returns whether it is."""
        return self._event.wait(seconds) or self.cancelled()
