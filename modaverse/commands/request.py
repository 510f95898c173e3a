"""The request of a command: what was typed, or, for `-`, what comes on stdin."""

from __future__ import annotations

import sys

from modaverse.commands.streams import note
from modaverse.errors import RequestError

__all__ = ["STDIN", "request_of"]

STDIN = "-"
_MOST = 1_000_000  # characters; stdin may never end


def request_of(typed: str) -> str:
    """The request.

    Args:
        typed: It, or "-" for all that stdin holds.

    Raises:
        RequestError: stdin cannot be read, or holds more than any request.
    """
    if typed != STDIN:
        return typed
    if sys.stdin is not None and sys.stdin.isatty():
        note("type the request; Ctrl-D on a line of its own ends it")
    try:
        read = sys.stdin.read(_MOST + 1)
    except (AttributeError, OSError, ValueError) as error:  # closed, or no text
        raise RequestError(f"stdin cannot be read: {error}", hint="type the request") from error
    if len(read) > _MOST:
        raise RequestError(
            f"stdin holds more than {_MOST:,} characters", hint="say it in fewer words"
        )
    return read.removeprefix("\ufeff")
