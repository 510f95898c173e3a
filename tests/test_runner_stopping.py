"""The runner stops: time-outs, cancelling, Ctrl-C, tools that will not stop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from modaverse.errors import Cancelled
from modaverse.events import (
    CallDone,
    CallFailed,
    CallStarted,
    Progress,
)
from modaverse.library import Library
from modaverse.runner import CancelToken
from modaverse.tool import Context, tool
from tests.runs import Slow, call, outcome, plan, runner


def test_a_tool_that_takes_too_long_is_stopped_and_others_go_on() -> None:
    run = runner(settings={"timeout": 0.15})
    calls = plan(
        call(1, "echo-wait", seconds=30), call(2, "echo-text", "{#1}"), call(3, "echo-text")
    )
    began = time.monotonic()
    items, failed = outcome(run.run(calls))
    assert time.monotonic() - began < 3
    assert list(items) == [3]
    assert failed[1].type == "ToolTimeout"
    assert failed[1].message == "echo-wait took longer than 0.15 s"
    assert failed[2].type == "Skipped"


def test_a_tool_that_will_not_stop_is_left_behind(tmp_path: Path) -> None:
    slow = Slow(1.2)
    library = Library(tmp_path)
    run = runner(slow, library=library, settings={"timeout": 0.1})
    began = time.monotonic()
    _, failed = outcome(run.run(plan(call(1, "slow"))))
    assert time.monotonic() - began < 1.1
    assert failed[1].type == "ToolTimeout"
    _, failed = outcome(run.run(plan(call(1, "slow"))))
    assert failed[1].type == "ToolTimeout"  # the tool is still busy
    for thread in threading.enumerate():
        if thread.name.endswith("-slow"):
            thread.join(10)
    assert len(library) == 0  # what comes too late is dropped


def test_cancel_stops_what_runs_and_what_waits() -> None:
    token = CancelToken()
    events = runner(settings={"workers": 1}).run(
        plan(call(1, "echo-text", "made"), call(2, "echo-wait", seconds=30), call(3, "echo-text")),
        cancel=token,
    )
    seen = []
    for event in events:
        seen.append(event)
        if isinstance(event, Progress):
            token.cancel()
    items, failed = outcome(iter(seen))
    assert items[1].value == "made"
    assert {id: failure.type for id, failure in failed.items()} == {2: "Cancelled", 3: "Cancelled"}
    assert not any(isinstance(event, CallStarted) and event.call.id == 3 for event in seen)


def test_a_run_cancelled_before_it_begins_runs_nothing() -> None:
    token = CancelToken()
    token.cancel()
    events = list(runner().run(plan(call(1, "echo-text")), cancel=token))
    assert [type(event) for event in events] == [CallFailed]


def test_a_stubborn_tool_is_left_behind_after_the_grace_period() -> None:
    token = CancelToken()
    began = time.monotonic()
    events = runner(Slow(3), settings={"grace": 0.1}).run(plan(call(1, "slow")), cancel=token)
    for event in events:
        if isinstance(event, CallStarted):
            token.cancel()
        else:
            assert isinstance(event, CallFailed)
            assert event.failure.type == "Cancelled"
    assert time.monotonic() - began < 2


def test_closing_the_iterator_stops_the_work() -> None:
    stopped = threading.Event()

    @tool
    def patient(prompt: str, *, context: Context) -> str:
        """Wait to be stopped."""
        while not context.cancelled():
            time.sleep(0.005)
        stopped.set()
        raise Cancelled

    events = runner(patient).run(plan(call(1, "patient"), call(2, "patient")))
    assert isinstance(next(events), CallStarted)
    events.close()  # type: ignore[attr-defined]
    assert stopped.is_set()


def test_the_callers_token_is_not_cancelled_by_closing() -> None:
    token = CancelToken()
    events = runner().run(plan(call(1, "echo-wait", seconds=30)), cancel=token)
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert not token.cancelled()


@pytest.fixture
def heeds_ctrl_c() -> Iterator[None]:
    """Ctrl-C as a person's shell has it: a script's background job would ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_ctrl_c")
def test_ctrl_c_stops_the_work_and_keeps_what_was_made(tmp_path: Path) -> None:
    library = Library(tmp_path)
    calls = plan(call(1, "echo-text", "made"), call(2, "echo-wait", seconds=30))
    events = runner(library=library, settings={"workers": 1}).run(calls)
    began = time.monotonic()
    while not isinstance(next(events), CallDone):
        pass
    threading.Timer(0.1, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        list(events)
    assert time.monotonic() - began < 5
    assert [record.load() for record in library] == ["made"]
    assert not [t for t in threading.enumerate() if "echo-wait" in t.name]


def test_tokens_nest() -> None:
    parent = CancelToken()
    child = CancelToken(parent)
    child.check()
    assert not child.wait(0.001)
    threading.Timer(0.05, parent.cancel).start()
    assert child.wait(10)
    assert child.cancelled()
    with pytest.raises(Cancelled):
        child.check()
