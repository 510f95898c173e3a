"""What each command of `modaverse` does, one module a command; nothing heavy is imported here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

__all__ = [
    "ERROR",
    "INTERRUPTED",
    "OK",
    "RESULTS",
    "SOME_FAILED",
    "WRONG_USAGE",
    "Choices",
    "debugging",
]

# Exit codes
OK = 0
SOME_FAILED = 1  # some call, or some line of a file; the rest is there
WRONG_USAGE = 2
ERROR = 3
INTERRUPTED = 130  # by Ctrl-C, as shells count it: 128 + SIGINT

RESULTS = Path("modaverse-out")  # where results go if nobody says otherwise


@dataclass(frozen=True)
class Choices:
    """What was chosen on the command line instead of what the settings say; None: not chosen.

    Attributes:
        llm: What plans.
        adapter: A peft adapter for it.
        device: Where models are loaded, in torch's words.
        tools: Other models behind tools, each as NAME=MODEL.
        library: The folder that keeps every result.
    """

    llm: str | None = None
    adapter: str | None = None
    device: str | None = None
    tools: tuple[str, ...] = ()
    library: Path | None = None


def debugging() -> bool:
    """Whether MODAVERSE_DEBUG asks for tracebacks and for what libraries say."""
    return os.environ.get("MODAVERSE_DEBUG", "") not in ("", "0")
