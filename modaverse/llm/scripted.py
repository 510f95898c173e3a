"""An LLM that says what it was told to say: for tests and examples of what is built on one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from modaverse.errors import Cancelled, LLMError
from modaverse.llm.base import DialectName, LLMRequest, dialect_named
from modaverse.plan import Plan

if TYPE_CHECKING:
    from modaverse.dialect import Dialect
    from modaverse.toolbox import Toolbox

__all__ = ["ScriptedLLM", "ScriptedReply"]

ScriptedReply: TypeAlias = "Plan | str | BaseException | Callable[[LLMRequest], Plan | str]"

_PIECE = re.compile(r"\s*\S+|\s+")  # a word with the space before it, as tokens often are


class ScriptedLLM:
    """An LLM with ready answers, given in order, one a request.

    Args:
        replies: Each a `Plan`, the text of a plan in `dialect`, an exception to raise, or a
            function that makes a plan or text from the request.
        dialect: How plans are written.
        repeat: Begin again after the last reply instead of failing.

    Attributes:
        requests: Every request received, oldest first.
    """

    name = "scripted"

    def __init__(
        self,
        replies: Iterable[ScriptedReply],
        *,
        dialect: DialectName = "lines",
        repeat: bool = False,
    ) -> None:
        self.requests: list[LLMRequest] = []
        self._replies = tuple(replies)
        self._dialect: DialectName = dialect
        self._repeat = repeat

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """The dialect given at the start."""
        return dialect_named(self._dialect, toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """Record the request and give the next reply, word by word.

        Raises:
            LLMError: Every reply has been given.
            Cancelled: `request.cancelled()` became True.
        """
        text = self._text(self._next(request), request)
        for piece in _PIECE.findall(text):
            if request.cancelled():
                raise Cancelled
            yield piece

    def _next(self, request: LLMRequest) -> ScriptedReply:
        turn = len(self.requests)
        self.requests.append(request)
        if self._repeat and self._replies:
            turn %= len(self._replies)
        if turn >= len(self._replies):
            raise LLMError(
                f"the script has {len(self._replies)} replies and was asked for one more",
                hint="give ScriptedLLM more replies, or repeat=True",
            )
        return self._replies[turn]

    def _text(self, reply: ScriptedReply, request: LLMRequest) -> str:
        if isinstance(reply, BaseException):
            raise reply
        said = reply if isinstance(reply, Plan | str) else reply(request)
        return said if isinstance(said, str) else self.dialect(request.toolbox).render(said)
