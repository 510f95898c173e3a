"""What people read: plans and results on stdout, in colour where it is a terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from modaverse.commands.streams import note, printable, tell

if TYPE_CHECKING:
    from modaverse.commands.follow import Outcome
    from modaverse.events import Failure
    from modaverse.plan import Plan, ToolCall

__all__ = ["show_failures", "show_outcome", "show_plan", "show_rows"]


def show_plan(plan: Plan) -> None:
    """The reply text, then the calls."""
    if plan.text:
        tell(plan.text)
    if plan.calls:
        show_rows(_call_row(call) for call in plan.calls)


def show_outcome(outcome: Outcome, *, quiet: bool = False) -> None:
    """Where the results are, then what other calls used on the way; on stderr what failed."""
    used = outcome.used
    for saved in sorted(outcome.saved, key=lambda saved: bool(used[saved.item.call])):
        users = " ".join(f"#{call}" for call in used[saved.item.call])
        if quiet:
            tell(str(saved.path))
        elif users:
            _tell_dimly(f"used in {users}: {saved.path} ({_face(saved.item.value)})")
        else:
            tell(f"saved {saved.path} ({_face(saved.item.value)})")
    if quiet and not outcome.plan.calls:
        tell(outcome.plan.text)
    notes = [] if quiet else [text for saved in outcome.saved for text in saved.item.notes]
    for text in dict.fromkeys(notes):
        note(f"note: {text}")
    for message in dict.fromkeys(warning.message for warning in outcome.warnings):
        note(f"warning: not in the library: {message}")
    show_failures(outcome.failed, {call.id: call.tool for call in outcome.plan.calls})
    if outcome.interrupted:
        note("stopped")


def show_failures(failed: Iterable[Failure], tools: Mapping[int, str]) -> None:
    """What failed, and what to do next; once where the same is to be done for several."""
    failures = tuple(failed)
    for failure, following in zip_longest(failures, failures[1:]):
        note(f"error: call {failure.call} ({tools.get(failure.call, '?')}): {failure.message}")
        if failure.hint and (following is None or following.hint != failure.hint):
            note(f"hint: {failure.hint}")


def show_rows(rows: Iterable[Sequence[str]]) -> None:
    """Aligned cells: wrapped and in colour on a terminal, elsewhere plain and never cut."""
    cells = [[" ".join(printable(cell).split()) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _show_coloured(cells)
        return
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        tell("  ".join(padded).rstrip())


def _tell_dimly(text: str) -> None:
    """A line of less weight: dim on a terminal."""
    if not sys.stdout.isatty():
        tell(text)
        return
    from rich.console import Console
    from rich.text import Text

    Console(highlight=False).print(Text(printable(text), "dim"), soft_wrap=True)


def _show_coloured(rows: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, show_header=False, pad_edge=False)
    for index in range(len(rows[0])):
        table.add_column(style=None if index else "bold cyan", overflow="fold")
    for row in rows:
        table.add_row(*map(Text, row))
    Console(highlight=False).print(table)


def _call_row(call: ToolCall) -> tuple[str, ...]:
    name = f"{call.tool} from {' '.join(call.inputs)}" if call.inputs else call.tool
    options = " ".join(f"{key}={_value(value)}" for key, value in call.options.items())
    return (f"#{call.id}", name, call.prompt, options)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _face(value: Any) -> str:
    from modaverse.events import face

    return face(value, limit=60)
