"""Ctrl-C at any moment of the command: exit code 130, and no word of Python's about it."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from modaverse import cli
from modaverse.commands import INTERRUPTED, OK

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals are sent as on Unix")

# Shells ignore SIGINT in what they run in the background, and that is inherited.
_HEAD = """
import atexit, os, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
def interrupt(): os.kill(os.getpid(), signal.SIGINT)
"""
_MAIN = """
from modaverse import cli
def up(code, leave=cli._leave_when_interrupted):
    leave(code)
    print("up", flush=True)
cli._leave_when_interrupted = up
sys.exit(cli.main())
"""
# `modaverse tools` does what stands in `work`.
_WORK = """
import modaverse.commands.tools
modaverse.commands.tools.tools = lambda *_, **__: work() or 0
"""


def started(code: str, *typed: str, **environment: str) -> subprocess.Popen[str]:
    """The command in a process of its own, `code` before it."""
    return subprocess.Popen(
        [sys.executable, "-c", f"{_HEAD}{code}{_MAIN}", *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Exit code and stderr."""
    with process:
        try:
            _, errors = process.communicate(timeout=50)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
    return process.returncode, errors


def test_at_many_moments() -> None:
    processes = [(started("", "tools"), delay / 50) for delay in (0, 1, 2, 4, 8, 15, 30)]
    outcomes = []
    for process, delay in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        outcomes.append(ended(process))
    assert outcomes[0] == (INTERRUPTED, "")
    # the last may have been done by then, or so far that they say they were stopped
    assert {code for code, _ in outcomes} <= {INTERRUPTED, OK}
    assert not [errors for _, errors in outcomes if "Traceback" in errors]


def test_while_it_is_imported(tmp_path: Path) -> None:
    (tmp_path / "typer.py").write_text(
        "import os, signal, time\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(60)\n"
        "except BaseException:  # as some libraries do\n"
        "    pass\n"
    )
    assert ended(started("", "tools", PYTHONPATH=str(tmp_path))) == (INTERRUPTED, "")


def test_while_python_takes_everything_down() -> None:
    assert ended(started("atexit.register(interrupt)", "--version")) == (OK, "")


def test_when_python_has_given_up_its_handlers() -> None:
    code = (
        "class Late:\n"
        "    def __del__(self, kill=os.kill, me=os.getpid()): kill(me, 2)\n"
        "late = Late()\n"
    )
    assert ended(started(code, "--version")) == (OK, "")


def test_where_nothing_can_be_raised() -> None:
    code = (
        "class Held:\n"
        "    def __del__(self):\n"
        "        interrupt()\n"
        "        time.sleep(0.01)\n"
        "def work():\n"
        "    Held()\n"
        "    time.sleep(60)\n"
    )
    assert ended(started(f"{code}{_WORK}", "tools")) == (INTERRUPTED, "")


def test_other_faults_of_destructors_are_told() -> None:
    code = "class Held:\n    def __del__(self): 1 / 0\ndef work(): Held()\n"
    done, errors = ended(started(f"{code}{_WORK}", "tools"))
    assert done == OK
    assert "ZeroDivisionError" in errors


def test_who_ignores_it_goes_on() -> None:
    code = "signal.signal(signal.SIGINT, signal.SIG_IGN)\natexit.register(interrupt)\n"
    work = "def work(): interrupt()\n"
    assert ended(started(f"{code}{work}{_WORK}", "tools")) == (OK, "")


def test_a_program_that_calls_it_keeps_its_own_handler() -> None:
    before = signal.getsignal(signal.SIGINT), sys.unraisablehook, gc.get_threshold()
    assert cli.main(["--version"]) == OK
    after = signal.getsignal(signal.SIGINT), sys.unraisablehook, gc.get_threshold()
    assert after == before


def test_what_comes_first_is_light() -> None:
    code = (
        "import sys; before = set(sys.modules); import modaverse.cli;"
        "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert not {"typing", "typer", "re", "pathlib", "dataclasses"} & set(done.stdout.split())


def test_names_of_the_command() -> None:
    assert cli._INTERRUPTED == INTERRUPTED
    assert cli.app.info.name == "modaverse"
    with pytest.raises(AttributeError, match="no attribute 'other'"):
        cli.other  # noqa: B018
