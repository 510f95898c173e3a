"""Ctrl-C that a library swallows: torch and transformers do, while they are imported."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

__all__ = ["remembered"]


@contextlib.contextmanager
def remembered() -> Iterator[list[int]]:
    """Remember within the block that Ctrl-C was pressed, whatever became of it.

    Yields:
        A list that then holds something; look at it wherever the work can be stopped.

    Raises:
        KeyboardInterrupt: Also instead of an error after Ctrl-C, which is most often what was made
            of it: "cannot import …".
    """
    heard: list[int] = []

    def remember(number: int, _frame: object) -> None:
        heard.append(number)
        raise KeyboardInterrupt

    ours = (
        threading.current_thread() is threading.main_thread()
        and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    )
    if ours:
        signal.signal(signal.SIGINT, remember)
    try:
        yield heard
    except Exception as error:
        if heard:
            raise KeyboardInterrupt from error
        raise
    finally:
        if ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
