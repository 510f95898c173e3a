"""The runner: the calls of a plan in the order of their graph, independent ones side by side."""

from __future__ import annotations

import contextlib
import hashlib
import queue
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field

from modaverse import __version__
from modaverse.cancel import CancelToken
from modaverse.conversation import next_handles, number
from modaverse.errors import Cancelled, PlanError, Problem
from modaverse.events import CallDone, CallFailed, Event, Failure, Item
from modaverse.media import Media, modality_of
from modaverse.plan import Handle, Plan, ToolCall, checked, closest, dependencies
from modaverse.provenance import Provenance, content_digest
from modaverse.residency import Residency, shared_residency
from modaverse.worker import Job, Worker, fill_in

if TYPE_CHECKING:
    from modaverse.library import Library
    from modaverse.tool import Tool
    from modaverse.toolbox import Toolbox

__all__ = ["CancelToken", "RunSettings", "Runner", "result_handles", "seed_for"]

_POLL = 0.05  # seconds between looks at the token and at the clock


class RunSettings(BaseModel):
    """How calls are run.

    Attributes:
        workers: Calls at one time.
        timeout: Seconds that one call may take, retries and loading included.
        retries: How often a call is tried again after an error that may pass.
        grace: Seconds that running tools have to stop after a cancel, before they are left behind.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    workers: int = Field(default=2, ge=1, le=64)
    timeout: float = Field(default=600.0, gt=0, allow_inf_nan=False)
    retries: int = Field(default=0, ge=0, le=10)
    grace: float = Field(default=5.0, ge=0, le=600)


class Runner:
    """Runs plans with the tools of a toolbox. May be used from several threads.

    Args:
        toolbox: The tools.
        library: Where each result is written as soon as it is made; None: nowhere.
        residency: What loads tools; by default the one of the whole process, on the CPU.
        settings: Limits.
    """

    def __init__(
        self,
        toolbox: Toolbox,
        *,
        library: Library | None = None,
        residency: Residency | None = None,
        settings: RunSettings | None = None,
    ) -> None:
        self.toolbox = toolbox
        self.library = library
        self.residency = residency or shared_residency()
        self.settings = settings or RunSettings()

    def run(
        self,
        plan: Plan,
        media: Mapping[Handle, Media | str] | None = None,
        *,
        seed: int = 0,
        cancel: CancelToken | None = None,
        settled: Iterable[Item | Failure] = (),
        digests: Mapping[Handle, str] | None = None,
    ) -> Iterator[Event]:
        """Run a plan and tell what happens; every call ends in one CallDone or CallFailed.

        A call that fails takes only those with it that need its result. Closing the iterator
        cancels what is left.

        Args:
            plan: The plan; it is checked first.
            media: The values that its handles name.
            seed: Each call's own seed derives from this one and the call's id.
            cancel: Stops the run: no call is begun any more, running ones are asked to stop.
            settled: Calls of the plan that need not be run, by what came of them.
            digests: Library digests of `media`, where known; they go into the provenance.

        Raises:
            PlanError: The plan does not fit the toolbox and the media.
        """
        media = media or {}
        checked(plan, self.toolbox, {name: modality_of(value) for name, value in media.items()})
        run = _Run(self, plan, media, seed, cancel, dict(digests or {}))
        run.settle(settled)
        return run.events()

    def rerun(
        self,
        provenance: Provenance,
        inputs: Sequence[Media | str] = (),
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]:
        """Make one result again; the same inputs give the same bytes, provenance included.

        Args:
            provenance: How it was made.
            inputs: The media that it was made from, in order.
            cancel: Stops it.

        Raises:
            PlanError: The tool is not in the toolbox.
        """
        if provenance.tool not in self.toolbox:
            problem = Problem(
                f"there is no tool {provenance.tool!r} to make this again",
                hint=closest(provenance.tool, self.toolbox),
            )
            raise PlanError(problems=[problem])
        media = number(inputs)
        call = ToolCall(
            id=1,
            tool=provenance.tool,
            prompt=provenance.prompt,
            inputs=tuple(media),
            options=provenance.options,
        )
        known = dict(zip(media, provenance.inputs, strict=False))
        run = _Run(self, Plan(calls=(call,)), media, 0, cancel, known, again=provenance)
        return run.events()


class _Run:
    """One run. All its state belongs to the thread that reads the events; workers only report.

    Args:
        runner: Tools, library, residency and limits.
        plan: A checked plan.
        media: Values by handle.
        seed: Seed of the run.
        cancel: The caller's token.
        digests: Digests of values by handle; grows as they are computed.
        again: The provenance to make again, if this is a re-run of the plan's only call.
    """

    def __init__(
        self,
        runner: Runner,
        plan: Plan,
        media: Mapping[Handle, Media | str],
        seed: int,
        cancel: CancelToken | None,
        digests: dict[Handle, str],
        *,
        again: Provenance | None = None,
    ) -> None:
        self.runner = runner
        self.seed = seed
        self.token = CancelToken(cancel)
        self.digests = digests
        self.again = again
        self.values: dict[Handle, Media | str] = dict(media)
        self.handles = result_handles(plan, runner.toolbox, media)
        self.waiting = {call.id: call for call in plan.calls}
        self.needs = dependencies(plan) if again is None else {1: set()}
        self.running: dict[int, Worker] = {}
        self.failed: set[int] = set()
        self.reports: queue.SimpleQueue[tuple[Worker, Event]] = queue.SimpleQueue()
        self.stop_by: float | None = None  # when running tools are left behind, once cancelled

    def settle(self, outcomes: Iterable[Item | Failure]) -> None:
        """Count calls as done or failed without running them."""
        for outcome in outcomes:
            self.waiting.pop(outcome.call, None)
            if isinstance(outcome, Item):
                self._keep(outcome)
            else:
                self.failed.add(outcome.call)

    def events(self) -> Iterator[Event]:
        """Run, and tell what happens."""
        try:
            while self.waiting or self.running:
                yield from self._begin()
                yield from self._report()
        finally:
            self._leave()

    def _begin(self) -> Iterator[Event]:
        """Start what can start; fail what cannot any more."""
        for call in list(self.waiting.values()):
            lost = sorted(self.needs[call.id] & self.failed)
            if self.token.cancelled():
                yield self._lose(call, Failure.of(call.id, Cancelled()))
            elif lost:
                yield self._lose(call, _skipped(call.id, lost[0]))
            elif self._may_start(call):
                try:
                    self._start(call)
                except Exception as error:  # preparing asks the tool, maybe somebody else's code
                    yield self._lose(call, Failure.of(call.id, error))

    def _may_start(self, call: ToolCall) -> bool:
        tool = self.runner.toolbox[call.tool]
        busy = any(worker.job.tool is tool for worker in self.running.values())
        return (
            len(self.running) < self.runner.settings.workers
            and (not busy or tool.concurrent)
            and not self.needs[call.id] & (self.waiting.keys() | self.running.keys())
        )

    def _start(self, call: ToolCall) -> None:
        runner = self.runner
        worker = Worker(
            self._job(call),
            lambda worker, event: self.reports.put((worker, event)),
            token=self.token,
            residency=runner.residency,
            library=runner.library,
        )
        del self.waiting[call.id]
        self.running[call.id] = worker
        worker.start()

    def _job(self, call: ToolCall) -> Job:
        tool = self.runner.toolbox[call.tool]
        return Job(
            call=call,
            handle=self.handles[call.id],
            tool=tool,
            inputs=tuple(self.values[handle] for handle in call.inputs),
            provenance=self._provenance(call, tool),
            timeout=self.runner.settings.timeout,
            retries=self.runner.settings.retries,
        )

    def _provenance(self, call: ToolCall, tool: Tool) -> Provenance:
        model = getattr(tool, "model", "")
        now = {"model": model if isinstance(model, str) else "", "version": __version__}
        if self.again is not None:
            inputs = tuple(self._digest(handle) for handle in call.inputs)
            return self.again.model_copy(update={**now, "inputs": inputs})
        return Provenance(
            tool=call.tool,
            prompt=fill_in(call.prompt, self.values),
            options=call.options,
            seed=seed_for(self.seed, call.id),
            inputs=tuple(self._digest(handle) for handle in call.inputs),
            call=call.id,
            **now,
        )

    def _digest(self, handle: Handle) -> str:
        if handle not in self.digests:
            self.digests[handle] = content_digest(self.values[handle])
        return self.digests[handle]

    def _report(self) -> Iterator[Event]:
        """Pass on what the workers report, and look at the clock."""
        if not self.running:
            return
        with contextlib.suppress(queue.Empty):
            worker, event = self.reports.get(timeout=_POLL)
            yield from self._pass_on(worker, event)
        yield from self._give_up_on()

    def _pass_on(self, worker: Worker, event: Event) -> Iterator[Event]:
        call = worker.job.call.id
        if self.running.get(call) is not worker:
            return  # told before it was given up
        if isinstance(event, CallDone | CallFailed):
            worker.join(self.runner.settings.grace)
            del self.running[call]
        if isinstance(event, CallDone):
            self._keep(event.item)
        elif isinstance(event, CallFailed):
            self.failed.add(call)
        yield event

    def _give_up_on(self) -> Iterator[Event]:
        """Fail the calls that took too long, or that would not stop."""
        if self.token.cancelled() and self.stop_by is None:
            self.stop_by = time.monotonic() + self.runner.settings.grace
        past_stop = self.stop_by is not None and time.monotonic() > self.stop_by
        for worker in list(self.running.values()):
            if (past_stop or worker.overdue) and worker.give_up():
                error = Cancelled() if past_stop else worker.timed_out()
                call = worker.job.call
                del self.running[call.id]
                yield self._lose(call, Failure.of(call.id, error))

    def _lose(self, call: ToolCall, failure: Failure) -> CallFailed:
        self.waiting.pop(call.id, None)
        self.failed.add(call.id)
        return CallFailed(call, failure)

    def _keep(self, item: Item) -> None:
        self.values[f"#{item.call}"] = item.value
        if item.digest:
            self.digests[f"#{item.call}"] = item.digest

    def _leave(self) -> None:
        """Stop what still runs: the iterator was closed, or Ctrl-C was pressed."""
        if not self.running:
            return
        self.token.cancel()
        limit = time.monotonic() + self.runner.settings.grace
        for worker in self.running.values():
            worker.join(max(0.0, limit - time.monotonic()))
            worker.give_up()


def _skipped(call: int, needed: int) -> Failure:
    return Failure(
        call, "Skipped", f"skipped: #{needed} failed", f"it needs what #{needed} was to make"
    )


def seed_for(seed: int, call: int) -> int:
    """The seed of one call, 32 bits, derived from the seed of the run and the call's id."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{call}".encode()).digest()[:4], "big")


def result_handles(
    plan: Plan, toolbox: Mapping[str, Tool], taken: Iterable[Handle]
) -> dict[int, Handle]:
    """The name that each call's result will have, by call id, counted on from those taken."""
    outputs = (toolbox[call.tool].spec.output for call in plan.calls)
    names = next_handles(outputs, taken)
    return {call.id: name for call, name in zip(plan.calls, names, strict=True)}
