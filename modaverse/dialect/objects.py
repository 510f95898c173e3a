"""The json dialect: a plan as one JSON object, and the tool-call forms of other people's models."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from modaverse.dialect.base import MAX_TEXT, compact, read_json
from modaverse.dialect.grammar import Call, CallSyntax, Rules, Use, add_calls, literal
from modaverse.dialect.patterns import prompt_characters
from modaverse.errors import PlanError, Problem
from modaverse.plan import Plan, ToolCall, misnumbered

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.tool import Tool

__all__ = ["Json"]

_FENCE = re.compile(r"\s*```(?:json)?\s*\n(.*?)\n\s*```\s*", re.DOTALL)
_TEXT_SO_FAR = re.compile(
    r'\s*\{\s*"(?:text|content)"\s*:\s*"((?:[^"\\]|\\u[0-9a-fA-F]{4}|\\[^u])*)'
)
_MARKS = ("<tool_call>", "[TOOL_CALLS]", "<|python_tag|>")  # Qwen and Hermes, Mistral, Llama
_ANY_MARK = "|".join(map(re.escape, _MARKS))
_MARKED = re.compile(rf"(?:{_ANY_MARK})\s*(?=[\[{{])")
_MARK_AT_END = re.compile(rf"(?:{_ANY_MARK})\s*$")
_CLOSING = re.compile(r"[\s;,]*(?:</tool_call>|<\|eom_id\|>|<\|eot_id\|>|</s>)?[\s;,]*")
_PLAN_KEYS = {"text", "calls", "content", "tool_calls"}
_CALL_KEYS = {"id", "tool", "prompt", "inputs", "options"}
_FORM = (
    'a plan is written {"text":"…","calls":[{"tool":"…","prompt":"…","inputs":[],"options":{}}]}'
)


class Json:
    """A plan as `{"text":"…","calls":[{"tool":"…","prompt":"…","inputs":[],"options":{}}]}`.

    It reads more than it writes: OpenAI's messages and lists of tool calls, and the text by which
    Qwen, Hermes, Mistral and Llama call tools. Text without any of these is a reply without calls.

    Example:
        >>> Json().parse('{"text":"Hello!","calls":[]}').text
        'Hello!'
    """

    name = "json"

    def render(self, plan: Plan) -> str:
        """Write a plan as compact JSON.

        Raises:
            PlanError: The ids do not count from 1.
        """
        problems = misnumbered(plan)
        if problems:
            raise PlanError(problems=problems)
        text = json.dumps(plan.text, ensure_ascii=False)
        return f'{{"text":{text},"calls":[{",".join(map(_render_call, plan.calls))}]}}'

    def parse(self, text: str) -> Plan:
        """Read a plan from any text; what is neither JSON nor a tool call is reply text.

        Raises:
            PlanError: JSON or a tool call begins, but is malformed or no plan.
        """
        start, end = _content(text)
        if text[start:end].startswith(("{", "[{")):
            value, stop = _read(text, start)
            if text[stop:end].strip():
                raise _error("text stands after the JSON", stop, end)
            return _Reader((start, stop)).plan(value)
        mark = _first_mark(text)
        if mark is None:
            return Plan(text=text)
        calls = list(_marked(text, mark))
        return _Reader((mark, len(text))).plan({"text": text[:mark], "calls": calls})

    def grammar(self, toolbox: Mapping[str, Tool], handles: Mapping[str, Modality]) -> str:
        """The llguidance Lark grammar of all plans that hold for these tools and handles."""
        rules = Rules()
        calls = add_calls(rules, toolbox, handles, _SYNTAX)
        first, unit = prompt_characters(_SYNTAX.special)
        text = rules.terminal("TEXT", f"/{first}{unit}{{0,{MAX_TEXT - 1}}}/")
        begin, middle, end = '{"text":"', '","calls":[', "]}"
        rules.add("start", literal(begin), text, literal(middle + end))
        if calls:
            rules.add("start", literal(begin + middle), calls, literal(end))
            rules.add("start", literal(begin), text, literal(middle), calls, literal(end))
        return rules.source()

    def reply_so_far(self, partial: str) -> str:
        """The reply text that is certain in an unfinished answer."""
        if partial.lstrip().startswith(("{", "[", "`")):
            found = _TEXT_SO_FAR.match(partial)
            return Plan(text=_decoded(found[1])).text if found else ""
        mark = _first_mark(partial)
        return Plan(text=_certain(partial) if mark is None else partial[:mark]).text


class _Reader:
    """Turns JSON values into a plan; every problem found points at `span` of the text."""

    def __init__(self, span: tuple[int, int]) -> None:
        self.span = span

    def plan(self, value: Any) -> Plan:
        """The plan in a value of any of the forms.

        Raises:
            PlanError: The value has none of the forms.
        """
        text, given = self._parts(value)
        calls: list[ToolCall] = []
        problems: list[Problem] = []
        for place, item in enumerate(given, start=1):
            try:
                calls.append(self._call(place, item))
            except PlanError as error:
                problems += error.problems
        if problems:
            raise PlanError(problems=problems)
        return Plan(text=text, calls=tuple(calls))

    def _parts(self, value: Any) -> tuple[str, list[Any]]:
        """The reply text and the raw calls."""
        if isinstance(value, list):
            return "", value
        if not _PLAN_KEYS & value.keys():
            return "", [value]
        extra = value.keys() - _PLAN_KEYS - {"role"}
        if extra:
            raise self._error(f"a plan has text and calls, not {', '.join(sorted(extra))}", None)
        text = value.get("text", value.get("content")) or ""
        calls = value.get("calls", value.get("tool_calls")) or []
        if not isinstance(text, str) or not isinstance(calls, list):
            raise self._error("text must be a string and calls a list", None)
        return text, calls

    def _call(self, place: int, item: Any) -> ToolCall:
        fields = self._fields(place, item)
        if isinstance(fields.get("inputs"), str):
            fields["inputs"] = [fields["inputs"]]
        given = {key: value for key, value in fields.items() if value is not None and key != "id"}
        try:
            return ToolCall(id=place, **given)
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in fault["loc"])
            reason = fault["msg"].removeprefix("Value error, ")
            raise self._error(f"{where}: {reason}", place) from None

    def _fields(self, place: int, item: Any) -> dict[str, Any]:
        """The fields of a call, whichever way it is written."""
        if isinstance(item, dict) and isinstance(item.get("function"), dict):
            item = item["function"]
        if not isinstance(item, dict) or not ("tool" in item or "name" in item):
            raise self._error("a call must be an object that names its tool", place)
        if "tool" in item:
            unknown = item.keys() - _CALL_KEYS
            if unknown:
                raise self._error(f"a call has no {', '.join(sorted(unknown))}", place)
            return dict(item)
        arguments = self._arguments(place, item.get("arguments", item.get("parameters")))
        stray = {key: arguments.pop(key) for key in arguments.keys() - _CALL_KEYS}
        options = arguments.get("options") or {}
        if not isinstance(options, dict):
            raise self._error("options must be an object", place)
        return {**arguments, "tool": item["name"], "options": {**stray, **options}}

    def _arguments(self, place: int, arguments: Any) -> dict[str, Any]:
        """A function's arguments: an object, or the text of one, as servers send it."""
        if isinstance(arguments, str) and arguments.strip():
            try:
                arguments, _ = read_json(arguments, len(arguments) - len(arguments.lstrip()))
            except ValueError as error:
                raise self._error(f"the arguments are not JSON: {error}", place) from None
        if not arguments:
            return {}
        if not isinstance(arguments, dict):
            raise self._error("the arguments must be an object", place)
        return dict(arguments)

    def _error(self, message: str, place: int | None) -> PlanError:
        return PlanError(problems=[Problem(message, call=place, span=self.span, hint=_FORM)])


def _content(text: str) -> tuple[int, int]:
    """Where the answer begins and ends, without white space or a Markdown fence around."""
    fenced = _FENCE.fullmatch(text)
    start, end = fenced.span(1) if fenced else (0, len(text))
    body = text[start:end]
    return start + len(body) - len(body.lstrip()), end


def _read(text: str, start: int) -> tuple[Any, int]:
    try:
        return read_json(text, start)
    except ValueError as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else start
        raise _error(f"not JSON: {error}", at, len(text)) from None


def _first_mark(text: str) -> int | None:
    """Where a model's own form of tool calls begins; a mere mention has no JSON behind it."""
    found = _MARKED.search(text)
    return found.start() if found else None


def _certain(partial: str) -> str:
    """The text without an end that may still turn out to begin a tool call."""
    found = _MARK_AT_END.search(partial)
    if found:
        return partial[: found.start()]
    longest = max(map(len, _MARKS))
    for size in range(min(longest, len(partial)), 0, -1):
        if any(mark.startswith(partial[-size:]) for mark in _MARKS):
            return partial[:-size]
    return partial


def _marked(text: str, mark: int) -> Iterator[Any]:
    """The calls behind the marks, to the end of the text."""
    at = mark
    while at < len(text):
        opening = _MARKED.match(text, at)
        value, at = _read(text, opening.end() if opening else at)
        yield from value if isinstance(value, list) else [value]
        closing = _CLOSING.match(text, at)
        at = closing.end() if closing else at


def _decoded(inside: str) -> str:
    """What the inside of a JSON string says, without half a character at its end."""
    try:
        text = str(json.loads(f'"{inside}"', strict=False))
    except ValueError:
        return ""
    return text[:-1] if text and "\ud800" <= text[-1] <= "\udbff" else text


def _error(message: str, begin: int, end: int) -> PlanError:
    return PlanError(problems=[Problem(message, span=(begin, end), hint=_FORM)])


def _render_call(call: ToolCall) -> str:
    values = (call.tool, call.prompt, list(call.inputs))
    tool, prompt, inputs = (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")) for value in values
    )
    options = compact(call.options)
    return f'{{"tool":{tool},"prompt":{prompt},"inputs":{inputs},"options":{options}}}'


def _call_symbols(call: Call) -> tuple[str | Use, ...]:
    """One call, as `_render_call` writes it."""
    symbols: list[str | Use] = [literal(f'{{"tool":"{call.tool}","prompt":"')]
    if call.prompt:
        symbols.append(call.prompt)
    text = '","inputs":['
    for place, handle in enumerate(call.inputs):
        symbols += [literal(text + ('"' if place == 0 else '","')), handle]
        text = ""
    text = ('"' if call.inputs else text) + '],"options":'
    return (*symbols, literal(text), call.options or literal("{}"), literal("}"))


_SYNTAX = CallSyntax(symbols=_call_symbols, between=literal(","), special=r'"\\')
