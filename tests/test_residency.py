"""Residency: budget, order of eviction, tools in use, idle time-out, threads."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from modaverse.errors import Cancelled, OutOfMemory
from modaverse.residency import Residency, shared_residency


class Model:
    """A resident that records what is done to it."""

    def __init__(self, name: str, memory: int, log: list[str] | None = None) -> None:
        self.name = name
        self.memory = memory
        self.log = [] if log is None else log
        self.device = ""
        self.fails = 0
        self.slow = 0.0

    def load(self, device: str) -> None:
        time.sleep(self.slow)
        if self.fails:
            self.fails -= 1
            raise RuntimeError("no weights")
        self.device = device
        self.log.append(f"+{self.name}")

    def unload(self) -> None:
        self.log.append(f"-{self.name}")


def use(residency: Residency, *models: Model) -> None:
    for model in models:
        with residency.acquire(model):
            assert model in residency.loaded


def test_a_tool_is_loaded_once_on_the_right_device() -> None:
    residency, model = Residency(device="cuda:1"), Model("a", 5)
    use(residency, model, model, model)
    assert model.log == ["+a"]
    assert model.device == "cuda:1"
    assert residency.used == 5


def test_the_least_recently_used_goes_first() -> None:
    log: list[str] = []
    a, b, c = (Model(name, 4, log) for name in "abc")
    residency = Residency(10)
    use(residency, a, b, a, c)
    assert log == ["+a", "+b", "-b", "+c"]
    assert residency.loaded == (a, c)


def test_no_more_goes_than_must_and_room_comes_before_loading() -> None:
    log: list[str] = []
    small = [Model(name, 2, log) for name in "abcd"]
    residency = Residency(8)
    use(residency, *small)
    use(residency, Model("big", 3, log))
    assert log[4:] == ["-a", "-b", "+big"]


def test_tools_without_memory_are_never_in_the_way() -> None:
    log: list[str] = []
    residency = Residency(4)
    use(residency, Model("free", 0, log), Model("a", 4, log), Model("b", 4, log))
    assert log == ["+free", "+a", "-a", "+b"]


def test_a_tool_larger_than_the_budget_is_refused_and_nothing_is_evicted() -> None:
    residency, kept = Residency(4_000_000_000), Model("a", 1)
    use(residency, kept)
    with (
        pytest.raises(OutOfMemory, match=r"needs 5\.0 GB and the memory budget is 4\.0 GB") as told,
        residency.acquire(Model("b", 5_000_000_000)),
    ):
        pytest.fail("loaded")
    assert "budget" in told.value.hint
    assert residency.loaded == (kept,)


def test_what_is_in_use_stays_and_others_wait_for_it() -> None:
    log: list[str] = []
    a, b = Model("a", 6, log), Model("b", 6, log)
    residency = Residency(10)
    entered = threading.Event()

    def later() -> None:
        with residency.acquire(b):
            entered.set()

    with residency.acquire(a):
        thread = threading.Thread(target=later)
        thread.start()
        assert not entered.wait(0.15)
        assert residency.unload() == ()
        assert log == ["+a"]
    thread.join(5)
    assert log == ["+a", "-a", "+b"]


def test_waiting_for_memory_can_be_cancelled() -> None:
    residency = Residency(10)
    with (
        residency.acquire(Model("a", 10)),
        pytest.raises(Cancelled),
        residency.acquire(Model("b", 1), cancelled=lambda: True),
    ):
        pytest.fail("loaded")


def test_a_failed_load_takes_no_memory_and_can_be_tried_again() -> None:
    residency, model = Residency(10), Model("a", 10)
    model.fails = 1
    with pytest.raises(RuntimeError, match="no weights"), residency.acquire(model):
        pytest.fail("loaded")
    assert residency.used == 0
    use(residency, model)
    assert model.log == ["-a", "+a"]  # what was loaded in part is let go of


def test_an_error_in_the_block_releases_the_tool() -> None:
    residency, model = Residency(10), Model("a", 10)
    with pytest.raises(ValueError, match="mine"), residency.acquire(model):
        raise ValueError("mine")
    assert residency.unload(model) == (model,)


def test_unload_one_or_all() -> None:
    a, b, c = (Model(name, 1) for name in "abc")
    residency = Residency()
    use(residency, a, b, c)
    assert residency.unload(b) == (b,)
    assert residency.unload(b) == ()
    assert residency.unload() == (a, c)
    assert residency.used == 0


def test_a_tool_that_cannot_unload_hurts_nobody(caplog: pytest.LogCaptureFixture) -> None:
    class Stubborn(Model):
        def unload(self) -> None:
            raise OSError("no")

    residency = Residency(4)
    use(residency, Stubborn("a", 4), Model("b", 4))
    assert "could not unload" in caplog.text


def test_idle_tools_go_after_the_time_out() -> None:
    now = 0.0
    residency = Residency(idle_timeout=10, clock=lambda: now)
    a, b = Model("a", 1), Model("b", 1)
    use(residency, a)
    now = 6.0
    use(residency, b)
    now = 11.0
    assert residency.sweep() == (a,)
    with residency.acquire(b):
        now = 100.0
        assert residency.sweep() == ()
    assert residency.sweep() == ()  # its idle time begins when it is released
    residency.idle_timeout = None
    assert residency.sweep() == ()


def test_the_time_out_works_by_itself() -> None:
    residency, model = Residency(idle_timeout=0.05), Model("a", 1)
    use(residency, model)
    assert _soon(lambda: model.log == ["+a", "-a"])


def test_threads_that_want_one_tool_load_it_once() -> None:
    residency, model = Residency(10), Model("a", 10)
    model.slow = 0.05
    run_together(8, lambda: use(residency, model))
    assert model.log == ["+a"]


def test_when_the_loading_thread_fails_another_takes_over() -> None:
    residency, model = Residency(10), Model("a", 10)
    model.slow, model.fails = 0.05, 1
    errors: list[Exception] = []

    def attempt() -> None:
        try:
            use(residency, model)
        except RuntimeError as error:
            errors.append(error)

    run_together(3, attempt)
    assert len(errors) == 1
    assert model.log == ["-a", "+a"]


def test_many_threads_and_tools_keep_to_the_budget() -> None:
    residency = Residency(10)
    models = [Model(str(n), 1 + n % 5) for n in range(12)]
    over: list[int] = []

    def work(start: int) -> None:
        for step in range(60):
            with residency.acquire(models[(start + step * 5) % 12]):
                if residency.used > 10:
                    over.append(residency.used)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    assert over == []


def test_the_process_has_one_residency_a_device() -> None:
    assert shared_residency() is shared_residency("cpu")
    assert shared_residency("cuda") is not shared_residency("cpu")


def run_together(count: int, work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)


def _soon(holds: Callable[[], bool], seconds: float = 5.0) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if holds():
            return True
        time.sleep(0.01)
    return False
