"""Progress on stderr while something runs, if somebody is there to see it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from modaverse.commands.streams import printable
from modaverse.events import CallDone, CallFailed, CallStarted, Event, PlanReady, Progress

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from modaverse.plan import ToolCall

__all__ = ["Meter"]

_WIDEST = 40  # characters of a prompt beside its bar


class Meter:
    """Bars on stderr, one a running call; a context manager, which leaves nothing behind.

    Args:
        shown: Whether to draw at all; never on what is no terminal.
        label: What is done until there is a plan.
    """

    def __init__(self, *, shown: bool = True, label: str = "planning") -> None:
        self._label = label
        self._shown = shown and sys.stderr.isatty()
        self._bars: Bars | None = None
        self._tasks: dict[int, TaskID] = {}
        self._thinking: TaskID | None = None

    def __enter__(self) -> Meter:
        """Begin to draw."""
        if self._shown:
            self._bars = _bars()
            self._thinking = self._bars.add_task(printable(self._label), total=None)
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Wipe the bars away."""
        if self._bars is not None:
            self._bars.stop()
            self._bars = None

    def show(self, event: Event) -> None:
        """Draw what an event tells."""
        if self._bars is None:
            return
        if isinstance(event, PlanReady | CallStarted) and self._thinking is not None:
            self._bars.remove_task(self._thinking)
            self._thinking = None
        if isinstance(event, CallStarted):
            self._tasks[event.call.id] = self._bars.add_task(_label(event.call), total=None)
        elif isinstance(event, Progress) and event.call.id in self._tasks:
            task = self._tasks[event.call.id]
            self._bars.update(task, completed=event.step, total=event.total)
        elif isinstance(event, CallDone | CallFailed) and event.call.id in self._tasks:
            self._bars.remove_task(self._tasks.pop(event.call.id))

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Clear the bars for as long as something else is written to the terminal."""
        if self._bars is None:
            yield
            return
        self._bars.stop()
        try:
            yield
        finally:
            self._bars.start()


def _label(call: ToolCall) -> str:
    prompt = " ".join(printable(call.prompt).split())
    cut = prompt if len(prompt) <= _WIDEST else f"{prompt[: _WIDEST - 1]}…"
    return f"{call.tool}: {cut}" if cut else call.tool


def _bars() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bars

    return Bars(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        console=Console(stderr=True),
        transient=True,
        refresh_per_second=5,
        redirect_stdout=False,  # stdout may be a pipe, and results belong there
        redirect_stderr=False,
    )
