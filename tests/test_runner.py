"""The runner: order, side by side, seeds, provenance, failures, retries, memory."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modaverse.errors import Cancelled, LLMError, PlanError, ToolError
from modaverse.events import (
    CallDone,
    CallStarted,
    Failure,
    Item,
    Preview,
    Progress,
)
from modaverse.library import Library
from modaverse.media import Audio, Image
from modaverse.plan import Plan
from modaverse.provenance import content_digest
from modaverse.residency import Residency
from modaverse.runner import seed_for
from modaverse.tool import Availability, Context, tool
from modaverse_tools import echo
from tests.runs import Fickle, Parallel, Slow, call, outcome, plan, runner

# --- order and results ---------------------------------------------------------------------------


def test_events_of_one_call() -> None:
    events = list(runner().run(plan(call(1, "echo-image", "a fox"))))
    kinds = [type(event) for event in events]
    assert kinds == [CallStarted, Progress, Preview, CallDone]
    done = events[-1]
    assert isinstance(done, CallDone)
    assert done.item.handle == "image1"
    assert done.item.modality == "image"
    assert isinstance(done.item.value, Image)
    assert done.item.path is None
    made = done.item.provenance
    assert (made.tool, made.prompt, made.seed, made.call) == (
        "echo-image",
        "a fox",
        seed_for(0, 1),
        1,
    )


def test_results_go_where_they_are_needed() -> None:
    items, failed = outcome(
        runner().run(
            plan(
                call(1, "echo-image"),
                call(2, "echo-caption", "It is an", "#1"),
                call(3, "echo-text", "In short: {#2}!"),
                call(4, "echo-slideshow", "", "#1", "audio1"),
                call(5, "echo-text", "{text1} {#3}", times=2),
            ),
            {"audio1": tone(), "text1": "Once: {#1}"},
        )
    )
    assert failed == {}
    assert items[3].value == "In short: It is an image, 32x32!"
    assert items[5].value == " ".join(["Once: {#1} In short: It is an image, 32x32!"] * 2)
    assert items[5].provenance.prompt == "Once: {#1} In short: It is an image, 32x32!"
    assert [items[n].handle for n in range(1, 6)] == ["image1", "text2", "text3", "video1", "text4"]


def tone() -> Audio:
    made = echo.echo_audio("a tone")
    assert isinstance(made, Audio)
    return made


def test_a_plan_that_does_not_hold_is_refused_before_anything_runs() -> None:
    with pytest.raises(PlanError) as told:
        runner().run(plan(call(1, "echo-smell"), call(2, "echo-caption", "", "audio7")))
    assert {problem.call for problem in told.value.problems} == {1, 2}


def test_an_empty_plan_is_done_at_once() -> None:
    assert list(runner().run(Plan(text="Hello!"))) == []


def test_independent_calls_run_side_by_side_and_no_more_than_allowed() -> None:
    tool = Parallel(0.15)
    calls = plan(*(call(n, "parallel") for n in range(1, 5)))
    outcome(runner(tool, settings={"workers": 4}).run(calls))
    assert tool.most == 4
    tool.most = 0
    outcome(runner(tool, settings={"workers": 2}).run(calls))
    assert tool.most == 2


def test_one_call_of_a_tool_at_a_time_also_across_runs() -> None:
    slow = Slow(0.05)
    run = runner(slow, settings={"workers": 4})
    together(2, lambda: outcome(run.run(plan(call(1, "slow"), call(2, "slow")))))
    assert slow.most == 1


def together(count: int, work: Callable[[], object]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)


def test_settled_calls_are_not_run_again() -> None:
    first, second = call(1, "echo-text", "one"), call(2, "echo-text", "two")
    items, _ = outcome(runner().run(plan(first)))
    more = plan(first, second, call(3, "echo-text", "{#1}"), call(4, "echo-text", "{#2}"))
    failure = Failure(2, "ToolError", "broken")
    events = list(runner().run(more, settled=[items[1], failure]))
    assert {event.call.id for event in events if isinstance(event, CallStarted)} == {3}
    items, failed = outcome(iter(events))
    assert items[3].value == "one"
    assert failed[4].message == "skipped: #2 failed"


# --- seeds and provenance ------------------------------------------------------------------------


def test_seeds_derive_from_the_run_and_the_call() -> None:
    seeds = {seed_for(seed, id) for seed in (0, 1, 2) for id in (1, 2, 3)}
    assert len(seeds) == 9
    assert all(0 <= seed < 2**32 for seed in seeds)
    assert seed_for(7, 1) == seed_for(7, 1)


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    calls = plan(call(1, "echo-image"), call(2, "echo-slideshow", "", "#1"), call(3, "echo-audio"))
    made = []
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        items, _ = outcome(runner(library=Library(tmp_path / name)).run(calls, seed=seed))
        made.append([path_of(items[n]).name for n in (1, 2, 3)])
    assert made[0] == made[1]
    assert not set(made[0]) & set(made[2])


def path_of(item: Item) -> Path:
    assert item.path is not None
    return item.path


def test_provenance_names_the_inputs(tmp_path: Path) -> None:
    sound = tone()
    calls = plan(call(1, "echo-image"), call(2, "echo-slideshow", "", "#1", "audio1"))
    items, _ = outcome(runner(library=Library(tmp_path)).run(calls, {"audio1": sound}))
    assert items[2].provenance.inputs == (items[1].digest, content_digest(sound))
    known = runner(library=Library(tmp_path)).run(
        plan(call(1, "echo-caption", "", "image1")),
        {"image1": items[1].value},
        digests={"image1": items[1].digest},
    )
    assert outcome(known)[0][1].provenance.inputs == (items[1].digest,)


def test_a_tool_says_which_model_made_it() -> None:
    class Painter(Fickle):
        """Paint."""

        name = "painter"
        model = "tiny-diffusion"

    items, _ = outcome(runner(Painter()).run(plan(call(1, "painter"))))
    assert items[1].provenance.model == "tiny-diffusion"


def test_rerun_makes_the_same_bytes(tmp_path: Path) -> None:
    run = runner(library=Library(tmp_path))
    calls = plan(call(1, "echo-text", "{text1}"), call(2, "echo-image", "{#1}", size=16))
    items, _ = outcome(run.run(calls, {"text1": "odd {#2} {#"}, seed=3))
    again, _ = outcome(run.rerun(items[2].provenance))
    assert again[1].path == items[2].path
    assert again[1].provenance == items[2].provenance
    gone = items[2].provenance.model_copy(update={"tool": "lost"})
    with pytest.raises(PlanError, match="no tool 'lost'"):
        run.rerun(gone)
    bad = items[2].provenance.model_copy(update={"options": {"size": "huge"}})
    assert outcome(run.rerun(bad))[1][1].type == "ToolError"


def test_a_full_library_loses_no_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = Library(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    calls = plan(call(1, "echo-image"), call(2, "echo-caption", "it is", "#1"))
    items, failed = outcome(runner(library=library).run(calls))
    assert not failed
    assert items[2].value == "it is image, 32x32"
    for item in items.values():
        assert (item.path, item.digest) == (None, "")
        assert item.warning is not None
        assert (item.warning.call, item.warning.type) == (item.call, "LibraryError")
        assert "No space left" in item.warning.message
        assert "free some space" in item.warning.hint
    assert items[2].provenance.inputs == (content_digest(items[1].value),)


def test_what_a_tool_has_to_say_comes_with_its_result_once() -> None:
    tries: list[int] = []

    @tool
    def cut(prompt: str, *, context: Context) -> str:
        """Cut a text."""
        context.note(f"try {len(tries)}")
        tries.append(1)
        if len(tries) == 1:
            raise LLMError("away", retryable=True)
        for _ in range(2):
            context.note("It was\n cut.")
        return prompt

    run = runner(cut, settings={"retries": 1})
    items, failed = outcome(run.run(plan(call(1, "cut"), call(2, "echo-text"))))
    assert not failed
    assert items[1].notes == ("try 1", "It was cut.")
    assert items[2].notes == ()
    assert cut("alone") == "alone"  # nobody listens


# --- failures ------------------------------------------------------------------------------------


def test_a_failed_call_takes_only_what_needs_it() -> None:
    items, failed = outcome(
        runner().run(
            plan(
                call(1, "echo-fail", "no luck"),
                call(2, "echo-text", "{#1}"),
                call(3, "echo-text", "{#2}"),
                call(4, "echo-text", "fine"),
            )
        )
    )
    assert items[4].value == "fine"
    assert failed[1] == Failure(1, "ToolError", "no luck", "this tool always fails")
    assert failed[2] == Failure(2, "Skipped", "skipped: #1 failed", "it needs what #1 was to make")
    assert failed[3] == Failure(3, "Skipped", "skipped: #2 failed", "it needs what #2 was to make")


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        (ZeroDivisionError("by zero"), "ToolError", "fickle failed: ZeroDivisionError: by zero"),
        (KeyError(), "ToolError", "fickle failed: KeyError"),
        (SystemExit(3), "ToolError", "fickle failed: SystemExit: 3"),
        (KeyboardInterrupt(), "ToolError", "fickle failed: KeyboardInterrupt"),
        (LLMError("busy"), "LLMError", "busy"),
        (Cancelled(), "Cancelled", "cancelled"),
    ],
)
def test_what_a_tool_raises_comes_as_a_failure(
    error: BaseException, kind: str, message: str
) -> None:
    items, failed = outcome(runner(Fickle(error)).run(plan(call(1, "fickle"))))
    assert items == {}
    assert failed[1].type == kind
    assert failed[1].message.startswith(message)


def test_a_result_of_the_wrong_kind_is_the_tools_fault() -> None:
    @tool
    def liar(prompt: str) -> Image:
        """Promise a picture."""
        return prompt  # type: ignore[return-value]

    class Stranger(Fickle):
        """Bring its own call, which checks nothing."""

        name = "stranger"

        def call(self, *_: Any, **__: Any) -> Any:
            return 7

    run = runner(liar, Stranger())
    _, failed = outcome(run.run(plan(call(1, "liar"), call(2, "stranger"))))
    assert failed[1].type == failed[2].type == "ToolError"
    assert "liar should make image and made str" in failed[1].message
    assert failed[2].message == "stranger should make text and made int"


def test_what_cannot_run_here_says_what_to_type() -> None:
    class Absent(Fickle):
        """Need what is not there."""

        name = "absent"

        def available(self) -> Availability:
            return Availability(ok=False, reason="no such package", hint="pip install it")

    absent = Absent()
    _, failed = outcome(runner(absent).run(plan(call(1, "absent"))))
    assert failed[1].type == "BackendMissing"
    assert failed[1].hint == "pip install it"
    assert absent.log == []  # not even loaded


def test_a_failed_load_is_a_failed_call() -> None:
    class Unloadable(Fickle):
        """Fail to load."""

        name = "unloadable"

        def load(self, device: str) -> None:
            raise OSError("weights are torn")

    _, failed = outcome(runner(Unloadable()).run(plan(call(1, "unloadable"), call(2, "echo-text"))))
    assert list(failed) == [1]
    assert failed[1].message == "unloadable failed: OSError: weights are torn"


# --- retry and memory ----------------------------------------------------------------------------


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modaverse.worker._FIRST_PAUSE", 0.001)


@pytest.mark.usefixtures("no_pause")
@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (LLMError("busy", retryable=True), 3),
        (ConnectionResetError("gone"), 3),
        (TimeoutError("late"), 3),
        (LLMError("wrong key"), 1),
        (ValueError("wrong"), 1),
    ],
)
def test_only_errors_that_may_pass_are_retried(error: Exception, calls: int) -> None:
    fickle = Fickle(error, error, error, error)
    _, failed = outcome(runner(fickle, settings={"retries": 2}).run(plan(call(1, "fickle"))))
    assert fickle.calls == calls
    assert 1 in failed


@pytest.mark.usefixtures("no_pause")
def test_a_retry_can_succeed() -> None:
    fickle = Fickle(ConnectionError("once"), ConnectionError("twice"))
    items, _ = outcome(runner(fickle, settings={"retries": 2}).run(plan(call(1, "fickle", "hi"))))
    assert items[1].value == "hi"


class OutOfMemoryError(RuntimeError):
    """Named like torch's own."""


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        OutOfMemoryError("CUDA out of memory"),
        RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    ],
)
def test_out_of_memory_makes_room_and_tries_once_more(error: Exception) -> None:
    other, fickle = Fickle(), Fickle(error)
    residency = Residency()
    with residency.acquire(other):
        pass
    run = runner(fickle, residency=residency)
    items, _ = outcome(run.run(plan(call(1, "fickle", "hi"))))
    assert items[1].value == "hi"
    assert other.log == ["load", "unload"]
    assert fickle.log == ["load", "unload", "load"]

    fickle.errors = [error, error]
    fickle.calls = 0
    _, failed = outcome(run.run(plan(call(1, "fickle"))))
    assert fickle.calls == 2
    assert failed[1].type == "OutOfMemory"
    assert failed[1].hint


def test_a_tool_above_the_budget() -> None:
    class Huge(Fickle):
        """Need much."""

        name = "huge"
        memory = 10**12

    huge = Huge()
    _, failed = outcome(runner(huge, residency=Residency(10**9)).run(plan(call(1, "huge"))))
    assert failed[1].type == "OutOfMemory"
    assert "budget is 1.0 GB" in failed[1].message
    assert huge.calls == 0


def test_errors_name_the_tool_and_the_call() -> None:
    error = ToolError("bare")
    outcome(runner(Fickle(error)).run(plan(call(1, "fickle"))))
    assert error.tool == "fickle"
    assert error.call == call(1, "fickle")
