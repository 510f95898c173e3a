"""One call of a run, in a thread of its own: load, run, retry, store, and tell the run about it."""

from __future__ import annotations

import contextlib
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modaverse.cancel import CancelToken
from modaverse.errors import (
    BackendMissing,
    Cancelled,
    LibraryError,
    ModaVerseError,
    OutOfMemory,
    ToolError,
    ToolTimeout,
)
from modaverse.events import (
    CallDone,
    CallFailed,
    CallStarted,
    Event,
    Failure,
    Item,
    Preview,
    Progress,
)
from modaverse.faults import is_out_of_memory, is_retryable
from modaverse.media import Image, Media, modality_of
from modaverse.plan import REFERENCE, ToolCall
from modaverse.provenance import Provenance
from modaverse.stored import as_stored
from modaverse.tool import Context, Tool

if TYPE_CHECKING:
    from modaverse.library import Library
    from modaverse.residency import Residency

__all__ = ["Job", "Worker", "fill_in"]

_POLL = 0.05  # seconds between looks at the token while waiting for a tool
_FIRST_PAUSE = 0.5  # seconds before the first retry; doubled each time
_MEMORY_HINT = "use a smaller size, close other programs, or choose a smaller model"


@dataclass(frozen=True)
class Job:
    """All that a worker needs to know of its call.

    Attributes:
        call: The call.
        handle: Name that its result will have.
        tool: Its tool.
        inputs: The input values, in order.
        provenance: How the result will have been made; its prompt is the one to use.
        timeout: Seconds that the tool may take.
        retries: How often to try again after an error that may pass.
    """

    call: ToolCall
    handle: str
    tool: Tool
    inputs: Sequence[Media | str]
    provenance: Provenance
    timeout: float
    retries: int


class Worker:
    """Runs one job in a daemon thread and puts its events where the run reads them.

    Its last event is always CallDone or CallFailed, exactly one of the two. After `give_up` no
    more events come, and a result that is made too late is dropped.
    """

    def __init__(
        self,
        job: Job,
        put: Callable[[Worker, Event], None],
        *,
        token: CancelToken,
        residency: Residency,
        library: Library | None,
    ) -> None:
        self.job = job
        self._put = put
        self._token = token
        self._residency = residency
        self._library = library
        self._turn = threading.Lock()  # held while an event is put or the job is given up
        self._over = False
        self._notes: dict[str, None] = {}  # in the order in which they were told
        self._deadline = time.monotonic() + job.timeout
        name = f"modaverse-{job.call.id}-{job.call.tool}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @property
    def overdue(self) -> bool:
        """Whether the tool has had its time."""
        return time.monotonic() > self._deadline

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self, seconds: float) -> bool:
        """Wait for the thread to end; returns whether it has."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def give_up(self) -> bool:
        """Take no more events from this job; False if its last event has been put already."""
        with self._turn:
            was_over, self._over = self._over, True
            return not was_over

    def timed_out(self) -> ToolTimeout:
        """The error of a job that took too long."""
        name = self.job.call.tool
        return ToolTimeout(
            f"{name} took longer than {self.job.timeout:g} s",
            tool=name,
            call=self.job.call,
            hint="allow more time, or ask for something smaller",
        )

    def _work(self) -> None:
        try:
            with _turn_of(self.job.tool, self._waits):
                self._deadline = time.monotonic() + self.job.timeout  # waiting does not count
                self._tell(CallStarted(self.job.call))
                item = self._store(self._attempts())
            self._tell(CallDone(self.job.call, item), last=True)
        except BaseException as error:  # a thread must not die silently, whatever a tool raises
            failure = Failure.of(self.job.call.id, self._named(error))
            self._tell(CallFailed(self.job.call, failure), last=True)

    def _tell(self, event: Event, *, last: bool = False) -> None:
        with self._turn:
            if not self._over:
                self._over = last
                self._put(self, event)

    def _cancelled(self) -> bool:
        return self._over or self._token.cancelled() or self.overdue

    def _waits(self) -> None:
        """Raise if it is no use to wait any longer for the tool."""
        if self._over or self._token.cancelled():
            raise Cancelled
        if self.overdue:
            raise ToolTimeout(
                f"{self.job.call.tool} is still busy with an earlier call",
                tool=self.job.call.tool,
                call=self.job.call,
                hint="try again later, or start the program again",
            )

    def _attempts(self) -> Media | str:
        """Run the tool, again after errors that may pass, and once more after making room."""
        tries, made_room = 0, False
        while True:
            try:
                return self._once()
            except Exception as error:
                if is_out_of_memory(error) and not made_room:
                    made_room = True
                elif is_retryable(error) and tries < self.job.retries:
                    tries += 1
                    if self._token.wait(_FIRST_PAUSE * 2 ** (tries - 1)):
                        raise Cancelled from error
                    continue
                else:
                    raise
            self._residency.unload()

    def _once(self) -> Media | str:
        tool, job = self.job.tool, self.job
        if not (state := tool.available()).ok:
            raise BackendMissing(f"{job.call.tool} cannot run: {state.reason}", hint=state.hint)
        context = Context(
            seed=job.provenance.seed,
            device=self._residency.device,
            progress=self._progress,
            cancelled=self._cancelled,
            note=self._note,
        )
        self._notes.clear()  # what an attempt that failed had to say
        with self._residency.acquire(tool, cancelled=self._cancelled):
            value = tool.call(job.provenance.prompt, job.inputs, job.call.options, context)
        self._check_type(value)
        return value

    def _progress(self, step: int, total: int, preview: Image | None = None) -> None:
        self._tell(Progress(self.job.call, step, total))
        if preview is not None:
            self._tell(Preview(self.job.call, preview))

    def _note(self, text: str) -> None:
        self._notes[" ".join(str(text).split())] = None

    def _check_type(self, value: object) -> None:
        """Refuse what the tool did not promise; it may be somebody else's code."""
        wanted = self.job.tool.spec.output
        try:
            made = modality_of(value)  # type: ignore[arg-type]
        except Exception:
            made = None
        if made != wanted:
            raise ToolError(
                f"{self.job.call.tool} should make {wanted} and made {type(value).__name__}",
                hint="its author must return what the signature says",
            )

    def _store(self, value: Media | str) -> Item:
        """The result as an item, written to the library unless it came too late.

        What others get of it is what its file holds, so that the same seed gives the same bytes
        whether they get it now or from the file. A library that cannot take it costs no result:
        what was made may have taken long.
        """
        if self._over:
            raise Cancelled
        job, path, warning = self.job, None, None
        value = as_stored(value)
        if self._library is not None:
            try:
                path = self._library.add(value, job.provenance).path
            except LibraryError as error:
                warning = Failure.of(job.call.id, error)
        made = modality_of(value)
        return Item(
            job.call.id,
            job.handle,
            made,
            value,
            path,
            job.provenance,
            warning,
            notes=tuple(self._notes),
        )

    def _named(self, error: BaseException) -> ModaVerseError:
        """Whatever was raised, as an error of ours that names the tool."""
        call = self.job.call
        if isinstance(error, Cancelled) and self.overdue and not self._token.cancelled():
            return self.timed_out()
        if is_out_of_memory(error) and not isinstance(error, OutOfMemory):
            return OutOfMemory(f"{call.tool} ran out of memory: {_said(error)}", hint=_MEMORY_HINT)
        if isinstance(error, ToolError):
            error.tool = error.tool or call.tool
            error.call = call
        if isinstance(error, ModaVerseError):
            return error
        told = f"{call.tool} failed: {type(error).__name__}: {_said(error)}"
        return ToolError(told, tool=call.tool, call=call, hint="see `modaverse doctor`")


def fill_in(prompt: str, texts: Mapping[str, Media | str]) -> str:
    """`prompt` with every `{#1}` and `{text1}` replaced by the text of that name.

    What is put in is not looked at again, so a text that holds `{#2}` stays as it is.
    """

    def text_of(found: re.Match[str]) -> str:
        value = texts.get(found[1])
        return value if isinstance(value, str) else found[0]

    return REFERENCE.sub(text_of, prompt)


_turns: weakref.WeakKeyDictionary[Tool, threading.Lock] = weakref.WeakKeyDictionary()
_turns_lock = threading.Lock()


@contextlib.contextmanager
def _turn_of(tool: Tool, waits: Callable[[], None]) -> Iterator[None]:
    """Hold the tool for one call; tools that say `concurrent = True` need no turns.

    Args:
        tool: The tool; its turns are those of the whole process.
        waits: Called again and again while another call has the tool; raises to stop waiting.
    """
    if tool.concurrent:
        yield
        return
    with _turns_lock:
        lock = _turns.setdefault(tool, threading.Lock())
    while not lock.acquire(timeout=_POLL):
        waits()
    try:
        yield
    finally:
        lock.release()


def _said(error: BaseException) -> str:
    message = error.message if isinstance(error, ModaVerseError) else str(error)
    return message or type(error).__name__
