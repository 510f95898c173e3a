"""One turn: the LLM plans, the plan is checked and run, and the LLM may look and plan again."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from modaverse.cancel import CancelToken
from modaverse.errors import LLMError, ModaVerseError, OutOfMemory, PlanError
from modaverse.events import (
    CallDone,
    CallFailed,
    Event,
    Failure,
    Item,
    PlanReady,
    Reply,
    ReplyReady,
    TextDelta,
    face,
)
from modaverse.faults import is_out_of_memory
from modaverse.llm.base import LLM, LLMRequest, Message, Sampling
from modaverse.plan import Handle, Plan, checked
from modaverse.rounds import joined

if TYPE_CHECKING:
    from modaverse.conversation import Conversation
    from modaverse.media import Media, Modality
    from modaverse.runner import Runner

__all__ = ["Turn", "TurnSettings"]

_WRONG = "That plan cannot be run. Write the whole answer again, in the same form, without this:"
_RESULTS = "Results of your calls. Answer with these, or call more tools if something is missing."

T = TypeVar("T")


@dataclass(frozen=True)
class TurnSettings:
    """How one turn is planned.

    Attributes:
        sampling: How the LLM chooses tokens; its seed is that of the turn.
        max_rounds: How often the LLM may plan.
        history: Earlier turns that the LLM reads.
        system: A message before all others; empty for none.
    """

    sampling: Sampling = field(default_factory=Sampling)
    max_rounds: int = 1
    history: int = 8
    system: str = ""


class Turn:
    """From a conversation that ends in a request to a reply.

    Args:
        llm: What plans.
        runner: What runs the plan.
        talk: The conversation; its last message is the request.
        settings: How to plan.
        cancel: Stops the turn.

    Attributes:
        planned: Whether a plan was made; from then on there is a `reply`.
    """

    def __init__(
        self,
        llm: LLM,
        runner: Runner,
        talk: Conversation,
        *,
        settings: TurnSettings,
        cancel: CancelToken | None = None,
    ) -> None:
        self.talk = talk
        self.planned = False
        self._llm = llm
        self._runner = runner
        self._dialect = llm.dialect(runner.toolbox)
        self._settings = settings
        self._cancel = cancel or CancelToken()
        self._told = ""  # what deltas have told of this round's reply text
        self._plan = Plan()
        self._items: list[Item] = []
        self._failed: list[Failure] = []

    @property
    def reply(self) -> Reply:
        """The reply as far as it has come; results and failures by call id."""
        return Reply(
            text=self._plan.text,
            plan=self._plan,
            items=tuple(sorted(self._items, key=lambda item: item.call)),
            failed=tuple(sorted(self._failed, key=lambda failure: failure.call)),
        )

    def events(self) -> Iterator[Event]:
        """Plan, run, and tell what happens; the last event is ReplyReady.

        Raises:
            PlanError: The LLM's answer is no plan that holds, even after it was told why.
            LLMError: The LLM failed.
            RequestError: The conversation is longer than the LLM can read.
            Cancelled: Cancelled before there was a plan.
        """
        messages = self._opening()
        for _ in range(self._settings.max_rounds):
            answer = yield from self._planned(messages)
            self._plan = joined(self._plan, answer, {i.handle: i.call for i in self._items})
            self.planned = True
            yield PlanReady(self._plan)
            if not answer.calls:
                break
            yield from self._run()
            if self._cancel.cancelled():
                break
            messages = (*messages, *self._results(answer))
        yield ReplyReady(self.reply)

    def run(self) -> Reply:
        """Plan and run. Raises as `events` does."""
        with _closing(self.events()) as events:
            for _ in events:
                pass
        return self.reply

    def plan(self) -> Plan:
        """Only plan. Raises as `events` does."""
        with _closing(self._planned(self._opening())) as events:
            while True:
                try:
                    next(events)
                except StopIteration as end:
                    plan: Plan = end.value
                    return plan

    def conversation(self) -> Conversation:
        """The conversation after this turn, with as much of the reply as there is."""
        try:
            text = self._dialect.render(self._plan)
        except PlanError:
            text = self._plan.text
        return self.talk.answer(text, self.reply.items)

    def _opening(self) -> tuple[Message, ...]:
        system = self._settings.system
        first = (Message("system", system),) if system else ()
        return (*first, *self.talk.recent(self._settings.history))

    def _planned(self, messages: tuple[Message, ...]) -> Generator[Event, None, Plan]:
        """A plan that holds; an LLM that writes one that does not is told why, once."""
        self._told = ""
        answer = ""
        for piece in self._deltas(messages):
            answer += piece
            yield from self._tell(self._dialect.reply_so_far(answer))
        try:
            plan = self._read(answer)
        except PlanError as error:
            again = "".join(self._deltas((*messages, *_corrections(answer, error))))
            plan = self._read(again)
        yield from self._tell(plan.text)
        return plan

    def _tell(self, text: str) -> Iterator[TextDelta]:
        """What of this round's reply text has not been told yet."""
        if text.startswith(self._told) and text != self._told:
            line_break = "\n" if self._plan.text and not self._told else ""
            yield TextDelta(line_break + text[len(self._told) :])
            self._told = text

    def _read(self, answer: str) -> Plan:
        """The plan that the LLM wrote; raises PlanError if it does not hold."""
        return checked(self._dialect.parse(answer), self._runner.toolbox, self._handles())

    def _handles(self) -> dict[Handle, Modality]:
        """What a plan may use now: the conversation's media, and the results of earlier rounds."""
        return {**self.talk.handles, **{item.handle: item.modality for item in self._items}}

    def _media(self) -> dict[Handle, Media]:
        """The values of the handles, but for texts, which an LLM reads in the conversation."""
        values = {**self.talk.media, **{item.handle: item.value for item in self._items}}
        return {handle: value for handle, value in values.items() if not isinstance(value, str)}

    def _deltas(self, messages: tuple[Message, ...]) -> Iterator[str]:
        """What the LLM writes; if memory runs out before a word, idle tools make room for it."""
        request = LLMRequest(
            messages=messages,
            toolbox=self._runner.toolbox,
            handles=self._handles(),
            sampling=self._settings.sampling,
            cancelled=self._cancel.cancelled,
            media=self._media(),
        )
        silent = True
        try:
            for piece in self._guarded(request):
                silent = False
                yield piece
        except OutOfMemory:
            if not silent or not self._runner.residency.unload():
                raise
            yield from self._guarded(request)

    def _guarded(self, request: LLMRequest) -> Iterator[str]:
        """The LLM's own stream; whatever it raises comes as an error of ours."""
        self._cancel.check()
        try:
            with _closing(self._llm.stream(request)) as stream:
                for piece in stream:
                    self._cancel.check()
                    yield piece
        except ModaVerseError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise OutOfMemory("the LLM ran out of memory", hint="use a smaller LLM") from error
            raise LLMError(
                f"the LLM {self._llm.name} failed: {type(error).__name__}: {error}",
                hint="see `modaverse doctor`, or use another LLM",
            ) from error
        self._cancel.check()

    def _run(self) -> Iterator[Event]:
        """Run the calls that have not been run yet."""
        events = self._runner.run(
            self._plan,
            self.talk.media,
            seed=self._settings.sampling.seed,
            cancel=self._cancel,
            settled=(*self._items, *self._failed),
            digests=self.talk.digests,
        )
        with _closing(events):
            for event in events:
                if isinstance(event, CallDone):
                    self._items.append(event.item)
                elif isinstance(event, CallFailed):
                    self._failed.append(event.failure)
                yield event

    def _results(self, answer: Plan) -> tuple[Message, ...]:
        """What the LLM is told of a round: its own answer, and the short faces of the results."""
        first = len(self._plan.calls) - len(answer.calls)
        items = [item for item in self._items if item.call > first]
        lines = {item.call: f"{item.handle}: {face(item.value)}" for item in items}
        for failure in self._failed:
            if failure.call > first:
                lines[failure.call] = f"failed: {failure.message} {failure.hint}".strip()
        told = "\n".join(f"#{call - first} {lines[call]}" for call in sorted(lines))
        return (
            Message("assistant", self._dialect.render(answer)),
            Message("user", f"{_RESULTS}\n{told}", tuple(item.handle for item in items)),
        )


def _corrections(answer: str, error: PlanError) -> tuple[Message, ...]:
    """A conversation's continuation that asks for the plan again."""
    problems = "\n".join(
        f"- {problem}" + (f" ({problem.hint})" if problem.hint else "")
        for problem in error.problems
    )
    return (Message("assistant", answer), Message("user", f"{_WRONG}\n{problems}"))


@contextlib.contextmanager
def _closing(stream: Iterator[T]) -> Iterator[Iterator[T]]:
    """Close a stream at the end of the block, if it is one that can be closed."""
    try:
        yield stream
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()
