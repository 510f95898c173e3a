"""A model, and itself with an adapter that teaches it more tools: each plans what it is better at.

Any further training makes a finished model a little worse at what it knew. So what the adapter has
learned is asked first, and its plan is taken where it calls a learned tool; every other request is
planned by the model as it came, word for word as before. That costs a second plan, so it is for
models small enough to plan twice in the time of a blink.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import TYPE_CHECKING

from modaverse.errors import LLMError, ModaVerseError, PlanError, RequestError
from modaverse.llm.base import LLMRequest, never
from modaverse.llm.local import Loaded, LocalLLM

if TYPE_CHECKING:
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.media import Modality

__all__ = ["TaughtLLM"]


class TaughtLLM(LocalLLM):
    """Plans with learned tools by one model, all else by another.

    Args:
        own: The model as it came.
        taught: The same with the adapter. Both write the same dialect.
        tools: The learned tools.
        name: Name for people and for provenance.
    """

    def __init__(
        self, own: LocalLLM, taught: LocalLLM, tools: Collection[str], *, name: str
    ) -> None:
        super().__init__(name)
        self._own = own
        self._taught = taught
        self._tools = frozenset(tools)

    def __repr__(self) -> str:
        """Both models and the learned tools."""
        return f"TaughtLLM({self._own!r}, {self._taught!r}, tools={sorted(self._tools)})"

    @property
    def memory(self) -> int:
        """Bytes of the weights on disk; both are in memory."""
        return self._own.memory + self._taught.memory

    def perceives(self) -> frozenset[Modality]:
        """What the model sees and hears."""
        perceives = getattr(self._own, "perceives", frozenset)
        found: frozenset[Modality] = perceives()
        return found

    def load(self) -> Loaded:
        """Load both; gives the model as it came."""
        self._taught.load()
        return self._own.load()

    def unload(self) -> None:
        """Let go of both."""
        self._taught.unload()
        self._own.unload()

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """As of every local model; a plan with a learned tool comes in one piece."""
        told = self._told(request)
        if told is None:
            yield from self._own.stream(request)
        else:
            yield told

    def write(
        self,
        requests: Sequence[LLMRequest],
        *,
        batch: int = 16,
        cancelled: Callable[[], bool] = never,
    ) -> list[str | ModaVerseError]:
        """As of every local model."""
        offered = [number for number, each in enumerate(requests) if self._offers(each)]
        tried = self._taught.write([requests[n] for n in offered], batch=batch, cancelled=cancelled)
        written: dict[int, str | ModaVerseError] = {
            number: text
            for number, text in zip(offered, tried, strict=True)
            if isinstance(text, str) and self._calls_learned(text, requests[number])
        }
        rest = [number for number in range(len(requests)) if number not in written]
        plans = self._own.write([requests[n] for n in rest], batch=batch, cancelled=cancelled)
        written |= zip(rest, plans, strict=True)
        return [written[number] for number in range(len(requests))]

    def _told(self, request: LLMRequest) -> str | None:
        """The plan of what was taught; None where it calls no learned tool, or is none."""
        if not self._offers(request):
            return None
        try:
            text = "".join(self._taught.stream(request))
        except (LLMError, RequestError):
            return None  # the model as it came may do better, or says what is wrong
        return text if self._calls_learned(text, request) else None

    def _offers(self, request: LLMRequest) -> bool:
        """Whether a learned tool may be called at all."""
        return any(tool in request.toolbox for tool in self._tools)

    def _calls_learned(self, text: str, request: LLMRequest) -> bool:
        try:
            plan = self.dialect(request.toolbox).parse(text)
        except PlanError:
            return False
        return any(call.tool in self._tools for call in plan.calls)

    def _said(self) -> ModelSettings:
        return self._own.settings

    def _load(self, device: str) -> Loaded:
        return self.load()
