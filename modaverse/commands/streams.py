"""stdout and stderr of the command: kept clean of what libraries say, and errors in one form."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

from modaverse.commands import ERROR, SOME_FAILED, WRONG_USAGE, debugging
from modaverse.errors import ModaVerseError

if TYPE_CHECKING:
    from typer import TyperException

__all__ = [
    "error_form",
    "flush",
    "hang_up",
    "leave",
    "note",
    "prepare",
    "printable",
    "report",
    "report_usage",
    "tell",
    "tell_json",
]

# Read once by the libraries, when they are imported.
_QUIET = {
    "DIFFUSERS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_VERBOSITY": "error",  # else a line of warning for each of its many retries
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_NO_ADVISORY_WARNINGS": "1",
    "TRANSFORMERS_VERBOSITY": "error",
}


def prepare() -> None:
    """Keep libraries off the streams, and the streams from failing at odd characters."""
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    if debugging():
        return
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if not sys.warnoptions:  # somebody who asked Python for warnings gets them
        warnings.simplefilter("ignore")
    logging.getLogger().addHandler(logging.NullHandler())
    ours = logging.getLogger("modaverse")
    if not ours.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("warning: %(message)s"))
        handler.setLevel(logging.WARNING)
        ours.addHandler(handler)


def tell(text: str = "") -> None:
    """A line on stdout, at once."""
    print(printable(text), flush=True)


def tell_json(value: object, *, indent: int | None = 2) -> None:
    """A JSON value on stdout, at once; in ASCII, so that it passes through any terminal."""
    print(json.dumps(value, indent=indent), flush=True)


def note(text: str) -> None:
    """A line on stderr."""
    print(printable(text), file=sys.stderr, flush=True)


def printable(text: str) -> str:
    """`text` without control characters, by which a text could take over the terminal."""
    return "".join(c for c in text if c in "\n\t" or (ord(c) >= 32 and not 127 <= ord(c) < 160))


def error_form(error: Exception) -> dict[str, str]:
    """An error as JSON says it."""
    if isinstance(error, ModaVerseError):
        message, hint = error.message, error.hint
    else:
        message = str(error) or type(error).__name__
        hint = "this is a fault of ModaVerse; MODAVERSE_DEBUG=1 shows where"
    return {"type": type(error).__name__, "message": message, "hint": hint}


def report(error: Exception, typed: Sequence[str] = ()) -> int:
    """Tell an error, as JSON on stdout if `--json` was typed; gives the exit code."""
    if debugging():
        import traceback

        traceback.print_exception(error)
    form = error_form(error)
    if not isinstance(error, ModaVerseError):
        form["message"] = f"{form['type']}: {form['message']}"
    return _told(form, typed, ERROR)


def report_usage(error: TyperException, typed: Sequence[str]) -> int:
    """Tell what was typed wrongly; gives the exit code."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context is not None else "modaverse"
    form = {
        "type": "UsageError",
        "message": error.format_message(),
        "hint": f"see {command} --help",
    }
    return _told(form, typed, WRONG_USAGE)


def flush() -> None:
    """Write out stdout now, while a reader that went away can still be told apart."""
    sys.stdout.flush()


def hang_up() -> int:
    """The reader of stdout went away: write nothing any more, not even at the exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return SOME_FAILED


def leave(code: int) -> None:
    """End the process at once if a tool that would not stop still runs, in a thread of its own.

    Python would otherwise tear libraries down under that thread, which crashes some of them.
    """
    if any(thread.name.startswith("modaverse-") for thread in threading.enumerate()):
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _told(form: dict[str, str], typed: Sequence[str], code: int) -> int:
    options = typed[: typed.index("--")] if "--" in typed else typed
    if "--json" in options:
        tell_json({"error": form})
        return code
    note(f"error: {form['message']}")
    if form["hint"]:
        note(f"hint: {form['hint']}")
    return code
