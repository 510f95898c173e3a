"""A server's streamed chunks turned into the text of a plan, while they arrive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from modaverse.errors import LLMError

__all__ = ["TextAnswer", "ToolCallAnswer"]

_THINK, _THOUGHT = "<think>", "</think>"
_ARGUMENTS = ("prompt", "inputs", "options")


class TextAnswer:
    """An answer whose content is the plan itself; what a model thinks aloud first is left out."""

    def __init__(self) -> None:
        self._thinking = _Thinking()
        self._ended = ""
        self._empty = True

    def feed(self, chunk: Any) -> Iterator[str]:
        """The text that a chunk adds."""
        for delta in _deltas(chunk):
            self._ended = delta.finish_reason or self._ended
            text = self._thinking.feed(delta.delta.content or "")
            if text:
                self._empty = False
                yield text

    def close(self) -> Iterator[str]:
        """The text that was held back.

        Raises:
            LLMError: The answer is empty, was cut off, or was withheld.
        """
        rest = self._thinking.rest()
        _check_end(self._ended, empty=self._empty and not rest)
        if rest:
            yield rest


class ToolCallAnswer:
    """An answer of content and tool calls, written as one plan in the json dialect.

    Content that looks like a plan or a tool call itself, as models write that were served without a
    parser for their tool calls, is passed on as it is: the json dialect reads it.
    """

    def __init__(self) -> None:
        self._thinking = _Thinking()
        self._calls: list[_Call] = []
        self._ended = ""
        self._held = ""  # content that may be a plan itself
        self._open = False  # whether `{"text":"` has been written

    def feed(self, chunk: Any) -> Iterator[str]:
        """The text that a chunk adds to the plan."""
        for delta in _deltas(chunk):
            self._ended = delta.finish_reason or self._ended
            yield from self._content(self._thinking.feed(delta.delta.content or ""))
            for part in delta.delta.tool_calls or ():
                self._take(part)

    def close(self) -> Iterator[str]:
        """The rest of the plan: its calls, which are known when the answer is whole.

        Raises:
            LLMError: The answer is empty, was cut off or withheld, or a call's arguments are no
                JSON object.
        """
        yield from self._content(self._thinking.rest())
        _check_end(self._ended, empty=not (self._open or self._held or self._calls))
        if self._held and not self._calls:
            yield self._held
            return
        yield from self._text(self._held)
        head = "" if self._open else '{"text":"'
        calls = json.dumps([call.planned() for call in self._calls], separators=(",", ":"))
        yield f'{head}","calls":{calls}}}'

    def _content(self, text: str) -> Iterator[str]:
        if not text:
            return
        if self._held or (not self._open and text[0] in "{[<`"):
            self._held += text
        else:
            yield from self._text(text)

    def _text(self, text: str) -> Iterator[str]:
        if text:
            head = "" if self._open else '{"text":"'
            self._open = True
            yield head + json.dumps(text, ensure_ascii=False)[1:-1]

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

    def planned(self) -> dict[str, Any]:
        """The call as the json dialect writes it; stray arguments are taken for options.

        Raises:
            LLMError: The arguments are no JSON object.
        """
        given = self._object()
        inputs = given.get("inputs") or []
        options = given.get("options") or {}
        if isinstance(options, dict):
            stray = {key: value for key, value in given.items() if key not in _ARGUMENTS}
            options = {**stray, **options}
        return {
            "tool": self.name,
            "prompt": given.get("prompt") or "",
            "inputs": [inputs] if isinstance(inputs, str) else inputs,
            "options": options,
        }

    def _object(self) -> dict[str, Any]:
        try:
            given = json.loads(self.arguments or "{}")
        except ValueError:
            given = None
        if not isinstance(given, dict):
            raise LLMError(
                f"the server called {self.name} with arguments that are no JSON object: "
                f"{self.arguments[:80]!r}",
                retryable=True,
                hint="ask again, or take a model that is better at calling tools",
            )
        return given


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


def _deltas(chunk: Any) -> list[Any]:
    """The choices of a chunk that say something; there is one at most, as one was asked for."""
    return [choice for choice in (chunk.choices or ())[:1] if choice.delta is not None]


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
