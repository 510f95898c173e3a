"""The command `modaverse`: how it begins and ends, so that Ctrl-C shows no traceback at any moment.

What can be typed stands in `modaverse.commands.app`, which takes a while to import; nothing is
imported here that Python does not need anyway.
"""

from __future__ import annotations

import _thread
import atexit
import gc
import os
import signal
import sys
import time

TYPE_CHECKING = False  # not that of typing, which takes longer to import than all the rest here

if TYPE_CHECKING:
    from collections.abc import Sequence

    from modaverse.commands.app import app

__all__ = ["app", "main"]

_INTERRUPTED = 130  # as in modaverse.commands
# New objects between two looks for garbage. Importing makes a million that stay; looking through
# them again and again with Python's own 700 costs a second before the first picture.
_COLLECTED_EVERY = (100_000, 20, 100)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; never shows a traceback unless MODAVERSE_DEBUG is set.

    Args:
        arguments: What was typed after `modaverse`; by default what the process was started with,
            which is then taken to be there for this command alone.

    Returns:
        The exit code.
    """
    if arguments is not None:
        from modaverse.commands.app import run_command

        return run_command(arguments)
    gc.set_threshold(*_COLLECTED_EVERY)
    code = _INTERRUPTED
    ours = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # or a shell ignores it
    try:
        if ours:
            atexit.register(_ignore_interrupts)  # what is registered first is called last
            _leave_when_interrupted(_INTERRUPTED)
        from modaverse.commands.app import run_command

        if ours:
            sys.unraisablehook = _interrupt_again
            signal.signal(signal.SIGINT, signal.default_int_handler)
        code = run_command(sys.argv[1:], alone=True)
    except KeyboardInterrupt:
        code = _INTERRUPTED
    if ours:
        _leave_when_interrupted(code)  # while Python takes everything down
    return code


def _leave_when_interrupted(code: int) -> None:
    """At Ctrl-C end the process, with nothing said: nothing was begun yet, or all is done."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(code))


def _ignore_interrupts() -> None:
    """Python gives up its handlers in the end, and Ctrl-C would kill a command that is done."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _interrupt_again(unraisable: sys.UnraisableHookArgs) -> None:
    """Ctrl-C came where nothing can be raised, as in a destructor: let it come again soon."""
    if unraisable.exc_type is KeyboardInterrupt:
        _thread.start_new_thread(_interrupt_soon, (_thread.get_ident(),))
    else:
        sys.__unraisablehook__(unraisable)


def _interrupt_soon(thread: int) -> None:
    time.sleep(0.01)  # until the thread has left that place
    if sys.platform == "win32":
        _thread.interrupt_main()
    else:
        signal.pthread_kill(thread, signal.SIGINT)  # which also ends what it waits for


def __getattr__(name: str) -> object:
    """The typer application, imported when somebody asks for it."""
    if name == "app":
        from modaverse.commands.app import app

        return app
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
