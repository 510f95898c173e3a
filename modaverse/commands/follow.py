"""Following a run: each result is saved as soon as it is made, whatever becomes of the others."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from modaverse.commands import INTERRUPTED, OK, SOME_FAILED
from modaverse.commands.interrupts import remembered
from modaverse.commands.meter import Meter
from modaverse.commands.output import OutFolder
from modaverse.errors import Cancelled, ModaVerseError
from modaverse.events import CallDone, CallFailed, Event, Failure, Item, PlanReady
from modaverse.plan import Plan, used_in

__all__ = ["Outcome", "Saved", "follow"]


@dataclass(frozen=True)
class Saved:
    """A result and its file."""

    item: Item
    path: Path


@dataclass
class Outcome:
    """What came of a run.

    Attributes:
        plan: What was planned; empty if it did not come to that.
        saved: Results, by call id.
        failed: Calls that made nothing, by call id.
        warnings: Why results are not in the library, by call id.
        interrupted: Whether Ctrl-C ended it.
    """

    plan: Plan = field(default_factory=Plan)
    saved: list[Saved] = field(default_factory=list)
    failed: list[Failure] = field(default_factory=list)
    warnings: list[Failure] = field(default_factory=list)
    interrupted: bool = False

    @property
    def code(self) -> int:
        """The exit code."""
        if self.interrupted:
            return INTERRUPTED
        return SOME_FAILED if self.failed else OK

    @property
    def used(self) -> dict[int, tuple[int, ...]]:
        """For each result, by call id, the calls that used it; none for what was asked for."""
        return used_in(self.plan, {saved.item.call for saved in self.saved})

    def take(self, event: Event, out: OutFolder) -> None:
        """Note what an event tells; save a result."""
        if isinstance(event, PlanReady):
            self.plan = event.plan
        elif isinstance(event, CallFailed):
            self.failed.append(event.failure)
        elif isinstance(event, CallDone):
            self.save(event.item, out)

    def save(self, item: Item, out: OutFolder) -> None:
        """Save a result; one that cannot be saved counts as failed, and the others go on."""
        if item.warning is not None:
            self.warnings.append(item.warning)
        try:
            self.saved.append(Saved(item, out.save(item)))
        except ModaVerseError as error:
            self.failed.append(Failure.of(item.call, error))

    def close(self) -> None:
        """Put all in order; what was not begun or not finished was cancelled."""
        done = {saved.item.call for saved in self.saved} | {each.call for each in self.failed}
        for call in self.plan.calls:
            if call.id not in done:
                self.failed.append(Failure.of(call.id, Cancelled()))
        self.saved.sort(key=lambda saved: saved.item.call)
        self.failed.sort(key=lambda failure: failure.call)
        self.warnings.sort(key=lambda warning: warning.call)


def follow(
    events: Iterator[Event],
    out: OutFolder,
    *,
    meter: Meter,
    planned: Callable[[Plan], None] | None = None,
) -> Outcome:
    """Run to the end, or to Ctrl-C.

    Args:
        events: What happens.
        out: Where results go.
        meter: Shows how far it is.
        planned: Told the plan when there is one.

    Raises:
        ModaVerseError: There was no plan; see `Agent.stream`.
    """
    outcome = Outcome()
    out.begin()
    try:
        with remembered() as heard, meter, _closed(events):
            for event in events:
                outcome.take(event, out)
                if heard:
                    raise KeyboardInterrupt
                meter.show(event)
                if planned and isinstance(event, PlanReady):
                    with meter.aside():
                        planned(event.plan)
    except KeyboardInterrupt:
        outcome.interrupted = True
    outcome.close()
    return outcome


@contextlib.contextmanager
def _closed(events: Iterator[Event]) -> Iterator[None]:
    """Stop the run when the block is left."""
    try:
        yield
    finally:
        close = getattr(events, "close", None)
        if close is not None:
            close()
