"""`modaverse align`: teach a model a new tool; the training is known to the core by name only."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from modaverse.commands import OK, SOME_FAILED
from modaverse.commands.learned import NANO, REMOVAL
from modaverse.commands.streams import note, tell, tell_json
from modaverse.errors import BackendMissing, RequestError
from modaverse.extras import install_line
from modaverse.llm.installed import ADAPTER, home_of
from modaverse.llm.installed import remove as take_away

__all__ = ["align", "preview", "remove"]

_EVERY = 20  # requests between two lines about how far the measuring is


def align(wishes: Mapping[str, Any], *, json: bool, quiet: bool) -> int:
    """Teach the tool; gives the exit code, 1 if the adapter was not installed.

    Args:
        wishes: As `modaverse_training.newtool.align.Wishes` takes them.
        json: Whether to print the report as JSON, and nothing else.
        quiet: Whether to print the result only.

    Raises:
        ModaVerseError: As `modaverse_training.newtool.align.align`.
    """
    module = _training()
    silent = json or quiet
    report = module.align(
        module.Wishes(**wishes),
        tell=_nothing if silent else note,
        step=None if silent else _step,
        quiet=silent,
    )
    if json:
        tell_json(report.form())
    else:
        _show(report, wishes)
    return SOME_FAILED if report.refused else OK


def preview(tool: str, *, count: int, seed: int, json: bool) -> int:
    """Show some of the rows that would teach a tool; gives the exit code.

    Raises:
        ModaVerseError: As `modaverse_training.newtool.align.preview`.
    """
    module = _training()
    rows = module.preview(module.Wishes(tool=tool, seed=seed), count)
    if json:
        tell_json([row.model_dump(mode="json") for row in rows])
        return OK
    for row in rows:
        for turn in row.messages:
            tell(f"{'> ' if turn.role == 'user' else ''}{turn.content}")
        tell()
    return OK


def remove(base: str, out: Path | None, *, json: bool) -> int:
    """Take the adapter of a model out of force; gives the exit code.

    Raises:
        RequestError: There is none.
        LibraryError: It cannot be deleted.
    """
    home = out or home_of(base)
    if not take_away(home):
        raise RequestError(
            f"there is no adapter in {home}", hint="`modaverse doctor` tells whether there is one"
        )
    if json:
        tell_json({"removed": str(home)})
    else:
        tell(f"removed {home}; {base} is as it came")
    return OK


def _training() -> Any:
    """The module that does it.

    Raises:
        BackendMissing: It, or what it needs, is not installed.
    """
    try:
        return import_module("modaverse_training.newtool.align")
    except ImportError as error:
        raise BackendMissing(
            f"training cannot be loaded: {error}", hint=install_line("train")
        ) from error


def _show(report: Any, wishes: Mapping[str, Any]) -> None:
    tell(report.new.line())
    tell(report.old.line())
    tell(f"{report.seconds:.0f} s, {report.computed:.0f} s of one CPU core")
    if report.refused:
        tell(f"not installed: {report.refused}")
        return
    tell(f"installed in {report.folder}")
    if wishes["out"]:
        note(f"use it: modaverse run --llm {wishes['base']} --adapter {report.folder / ADAPTER}")
    elif wishes["base"] == NANO:
        note(f"nano takes it from there by itself; {REMOVAL} takes it away")
    else:
        note(f"use it: modaverse run --llm {wishes['base']} --adapter {report.folder / ADAPTER}")


def _step(what: str, done: int, of: int) -> None:
    if done == of or done % _EVERY == 0:
        note(f"{what}: {done} of {of}")


def _nothing(_: str) -> None:
    """Tell nothing."""
