"""A server's streamed chunks turned into the text of a plan, while they arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from modaverse.errors import LLMError

__all__ = ["Answer"]

_THINK, _THOUGHT = "<think>", "</think>"
_MAYBE_PLAN = "{[`"  # content that begins so may be a plan itself, bare or in a Markdown fence


class Answer:
    """One streamed answer: content as it comes, then the tool calls in a form json reads.

    Content is passed on as it is, so a plan or a tool call that a model writes into it, as models
    do that are served without a parser for their tool calls, is read by the dialect too. What a
    model thinks aloud first is left out.
    """

    def __init__(self) -> None:
        self._thinking = _Thinking()
        self._calls: list[_Call] = []
        self._ended = ""
        self._held = ""  # content that may be a plan itself
        self._told = False  # whether content was passed on

    def feed(self, chunk: Any) -> Iterator[str]:
        """The text that a chunk adds to the plan."""
        for choice in (chunk.choices or ())[:1]:
            self._ended = choice.finish_reason or self._ended
            if choice.delta is None:
                continue
            for part in choice.delta.tool_calls or ():
                self._take(part)
            yield from self._content(self._thinking.feed(choice.delta.content or ""))

    def close(self) -> Iterator[str]:
        """The rest of the plan: its calls, which are known when the answer is whole.

        Raises:
            LLMError: The answer is empty, was cut off, or was withheld.
        """
        yield from self._content(self._thinking.rest())
        _check_end(self._ended, empty=not (self._told or self._held or self._calls))
        calls = [call.function() for call in self._calls]
        if self._told:
            for call in calls:
                yield f"\n<tool_call>{json.dumps(call)}</tool_call>"
        elif calls:
            wrapped = [{"type": "function", "function": call} for call in calls]
            yield json.dumps({"content": self._held, "tool_calls": wrapped})
        else:
            yield self._held

    def _content(self, text: str) -> Iterator[str]:
        if self._held or (not self._told and text.startswith(tuple(_MAYBE_PLAN))):
            self._held += text
        elif text:
            self._told = True
            yield text

    def _take(self, part: Any) -> None:
        """Add a fragment of a call. Some servers number calls badly, so a new id begins one too."""
        same = (call for call in reversed(self._calls) if call.index == part.index)
        current = next(same, None)
        if current is None or (part.id and current.id and part.id != current.id):
            current = _Call(part.index, part.id or "")
            self._calls.append(current)
        if part.function:
            current.name += part.function.name or ""
            current.arguments += part.function.arguments or ""


@dataclass
class _Call:
    """A tool call as far as it has arrived."""

    index: int | None
    id: str
    name: str = ""
    arguments: str = ""

    def function(self) -> dict[str, str]:
        """Name and arguments as servers send them, the arguments as text."""
        return {"name": self.name, "arguments": self.arguments}


class _Thinking:
    """Leaves out a `<think>…</think>` block at the beginning, and white space before the answer."""

    def __init__(self) -> None:
        self._held = ""
        self._answering = False

    def feed(self, text: str) -> str:
        """The part of the answer that is certain now."""
        if self._answering:
            return text
        self._held = (self._held + text).lstrip()
        if self._held.startswith(_THINK):
            _, ended, after = self._held.partition(_THOUGHT)
            if not ended:
                return ""
            self._held = after.lstrip()
        if _THINK.startswith(self._held):  # nothing yet, or it may become one
            return ""
        self._answering = True
        return self._held

    def rest(self) -> str:
        """What is left when no more comes."""
        return "" if self._answering or self._held.startswith(_THINK) else self._held


def _check_end(reason: str, *, empty: bool) -> None:
    if reason == "length":
        raise LLMError(
            "the server cut the answer off at its longest length",
            hint="raise max_tokens, or ask for fewer things at once",
        )
    if reason == "content_filter":
        raise LLMError("the server withheld the answer", hint="word the request differently")
    if empty:
        raise LLMError("the server gave an empty answer", retryable=True, hint="ask again")
