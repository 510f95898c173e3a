"""The lines dialect: the reply text, then one line a call, near to plain language."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from modaverse.dialect.base import MAX_TEXT, compact, read_json
from modaverse.dialect.grammar import Call, CallSyntax, Rules, Use, add_calls, literal
from modaverse.dialect.patterns import lines_other_than_calls
from modaverse.errors import PlanError, Problem
from modaverse.plan import HANDLE_PATTERN, Plan, ToolCall, closest, misnumbered

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.tool import Tool

__all__ = ["Lines"]

_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_HEAD = re.compile(rf"({_NAME})(?=:| from | with )")
# What cannot be anything but a call, and what is enough behind the name of a tool that exists.
_SURE = re.compile(rf":| from {HANDLE_PATTERN}(?![^ ,:])| with \{{")
_LIKELY = re.compile(r" (?:from|with) .*:")
_HYPHENATED = r"[a-z][a-z0-9]*(-[a-z0-9]+)+"  # may be the name of a tool that does not exist
_FIRST_WORD = re.compile(r"[a-z][a-z0-9-]*")
_PARTIAL_HEAD = re.compile(r"([a-z][a-z0-9]*(-[a-z0-9]*)*)?")
_SEPARATORS = (":", " from ", " with ")
_HANDLE = re.compile(HANDLE_PATTERN)
_INPUTS = re.compile(r" from ([^:{]*?)(?=:| with |\{|$)")
_WORD = re.compile(r"[^ ,]+")
_ESCAPED = re.compile(r"\\([\\n])")
_MAX_LINES = 8  # of reply text that an LLM writes under the grammar
_FORM = 'a call is written `tool from image1 with {"option":1}: prompt`'


class Lines:
    r"""Reply text, then one line a call: `TOOL[ from H1 H2 ...][ with {json}]: PROMPT`.

    In a prompt a line feed is written `\n` and a backslash `\\`. A line of the reply
    that would read as a call, or begins with the name of a tool or with a backslash, has a
    backslash put before it.

    Args:
        tools: Names of the tools; they decide what a call is. A toolbox will do.

    Example:
        >>> Lines(["text-to-image"]).parse("Here.\ntext-to-image: a fox").calls[0].prompt
        'a fox'
    """

    name = "lines"

    def __init__(self, tools: Iterable[str]) -> None:
        self.tools = frozenset(tools)

    def render(self, plan: Plan) -> str:
        """Write a plan as lines.

        Raises:
            PlanError: A call names a tool that is not among `tools`, or ids do not count from 1.
        """
        unknown = [call for call in plan.calls if call.tool not in self.tools]
        problems = [*misnumbered(plan), *(self._unwritable(call) for call in unknown)]
        if problems:
            raise PlanError(problems=problems)
        text = [self._escaped(line) for line in plan.text.split("\n")] if plan.text else []
        return "\n".join([*text, *map(_render_call, plan.calls)])

    def parse(self, text: str) -> Plan:
        """Read a plan from any text; what does not try to call a tool is reply text.

        Raises:
            PlanError: A line begins like a call and is none, or text stands after the calls.
        """
        reply: list[str] = []
        calls: list[ToolCall] = []
        problems: list[Problem] = []
        count = 0  # calls tried so far, the malformed ones too
        start = 0
        for line in text.split("\n"):
            try:
                if self._is_call(line):
                    count += 1
                    calls.append(_CallReader(line, start, count, self.tools).read())
                elif count == 0:
                    reply.append(line.removeprefix("\\"))
                elif line.strip():
                    raise PlanError(problems=[_text_after_calls(start, line)])
            except PlanError as error:
                problems += error.problems
            start += len(line) + 1
        if problems:
            raise PlanError(problems=problems)
        return Plan(text="\n".join(reply), calls=tuple(calls))

    def grammar(self, toolbox: Mapping[str, Tool], handles: Mapping[str, Modality]) -> str:
        """The llguidance Lark grammar of all plans that hold for these tools and handles."""
        rules = Rules()
        calls = add_calls(rules, toolbox, handles, _SYNTAX)
        names = self.tools | set(toolbox)
        rest = rf"[^\p{{Cc}}]{{0,{MAX_TEXT}}}"
        known = "".join(
            f"{name}{rest}|" if "-" in name else rf"{name}([^a-z0-9\-\p{{Cc}}]{rest})?|"
            for name in sorted(names)
        )
        escaped = rf"/\\({known}\\{rest}|{_HYPHENATED}(:| from | with ){rest})/"
        others = "/ & /".join(lines_other_than_calls(names))
        for name, first in (("OPENING", r"[^\s\\\p{Cc}]"), ("LINE", r"[^\\\p{Cc}]")):
            plain = rf"/{first}[^\p{{Cc}}]{{0,{MAX_TEXT - 1}}}/ & /{others}/"
            rules.terminal(name, f"{plain} | {escaped}")
        rules.terminal("BREAK", r"/\n{1,3}/")
        rules.add("text", "OPENING", f"(BREAK LINE){{0,{_MAX_LINES - 1}}}")
        rules.add("start", Use("text"))
        if calls:
            rules.add("start", calls)
            rules.add("start", Use("text"), literal("\n"), calls)
        return rules.source()

    def reply_so_far(self, partial: str) -> str:
        """The reply text that is certain in an unfinished answer."""
        *whole, last = partial.split("\n")
        reply: list[str] = []
        for line in whole:
            if self._is_call(line):
                break
            reply.append(line.removeprefix("\\"))
        else:
            if not self._may_become_call(last):
                reply.append(last.removeprefix("\\"))
        return Plan(text="\n".join(reply)).text

    def _is_call(self, line: str) -> bool:
        head = _HEAD.match(line)
        if head is None or (head[1] not in self.tools and "-" not in head[1]):
            return False
        if _SURE.match(line, head.end()):
            return True
        return head[1] in self.tools and bool(_LIKELY.match(line, head.end()))

    def _may_become_call(self, beginning: str) -> bool:
        head = _PARTIAL_HEAD.match(beginning)
        if head is None:
            return False
        rest = beginning[head.end() :]
        if not rest:
            return True
        if "-" not in head[0] and head[0] not in self.tools:
            return False
        return any(rest.startswith(word) or word.startswith(rest) for word in _SEPARATORS)

    def _escaped(self, line: str) -> str:
        head, word = _HEAD.match(line), _FIRST_WORD.match(line)
        like_a_call = head is not None and "-" in head[1]
        hyphenated = tuple(name for name in self.tools if "-" in name)
        named = line.startswith(hyphenated) or (word is not None and word[0] in self.tools)
        return "\\" + line if like_a_call or named or line.startswith("\\") else line

    def _unwritable(self, call: ToolCall) -> Problem:
        return Problem(
            f"{call.tool!r} cannot be written as a line: it is none of the tools",
            call=call.id,
            hint=closest(call.tool, self.tools),
        )


class _CallReader:
    """Reads one call line from left to right.

    Args:
        line: The line, without its line break.
        start: Offset of the line in the whole text; spans count from the beginning of that.
        place: Id of the call.
        tools: Names of the tools that exist.
    """

    def __init__(self, line: str, start: int, place: int, tools: frozenset[str]) -> None:
        self.line = line
        self.start = start
        self.place = place
        self.tools = tools
        self.at = 0

    def read(self) -> ToolCall:
        """The call.

        Raises:
            PlanError: The line is malformed; one problem with its span.
        """
        fields = {
            "tool": self._tool(),
            "inputs": self._inputs(),
            "options": self._options(),
            "prompt": self._prompt(),
        }
        try:
            return ToolCall(id=self.place, **fields)
        except ValidationError as error:
            reason = error.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
            raise self._error(reason, 0, len(self.line), hint=_FORM) from None

    def _tool(self) -> str:
        head = _HEAD.match(self.line)
        name = head[1] if head else ""
        if name not in self.tools:
            known = ", ".join(sorted(self.tools)) or "none"
            hint = closest(name, self.tools)
            message = f"there is no tool {name!r}; the tools are: {known}"
            raise self._error(message, 0, len(name), hint=hint)
        self.at = len(name)
        return name

    def _inputs(self) -> tuple[str, ...]:
        found = _INPUTS.match(self.line, self.at)
        if found is None:
            return ()
        for word in _WORD.finditer(self.line, found.start(1), found.end(1)):
            if not _HANDLE.fullmatch(word[0]):
                message = f"{word[0]!r} is no handle; handles look like image1, audio2 or #1"
                raise self._error(message, *word.span(), hint=_FORM)
        self.at = found.end()
        return tuple(_WORD.findall(found[1]))

    def _options(self) -> dict[str, Any]:
        begin = self.at + len(" with ")
        if not self.line.startswith(" with ", self.at):
            return {}
        try:
            options, self.at = read_json(self.line, begin)
            if not isinstance(options, dict):
                raise ValueError("it must begin with a brace")
        except ValueError as error:
            message = f"the options after `with` are no JSON object: {error}"
            raise self._error(message, begin, len(self.line), hint=_FORM) from None
        return options

    def _prompt(self) -> str:
        self.at += len(self.line[self.at :]) - len(self.line[self.at :].lstrip(" "))
        if not self.line.startswith(":", self.at):
            end = len(self.line)
            message = "a colon must stand before the prompt"
            raise self._error(message, min(self.at, end), end, hint=_FORM)
        return _ESCAPED.sub(
            lambda found: "\n" if found[1] == "n" else "\\", self.line[self.at + 1 :].strip()
        )

    def _error(self, message: str, begin: int, end: int, *, hint: str) -> PlanError:
        span = (self.start + begin, self.start + end)
        return PlanError(problems=[Problem(message, call=self.place, span=span, hint=hint)])


def _render_call(call: ToolCall) -> str:
    inputs = f" from {' '.join(call.inputs)}" if call.inputs else ""
    options = f" with {compact(call.options)}" if call.options else ""
    prompt = call.prompt.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{call.tool}{inputs}{options}: {prompt}".rstrip()


def _call_symbols(call: Call) -> tuple[str | Use, ...]:
    """One call line, as `_render_call` writes it."""
    symbols: list[str | Use] = []
    text = call.tool
    for place, handle in enumerate(call.inputs):
        symbols += [literal(f"{text} from " if place == 0 else " "), handle]
        text = ""
    if call.options:
        symbols += [literal(f"{text} with "), call.options]
        text = ""
    symbols += [literal(f"{text}: "), call.prompt] if call.prompt else [literal(f"{text}:")]
    return tuple(symbols)


_SYNTAX = CallSyntax(symbols=_call_symbols, between=literal("\n"), special=r"\\")


def _text_after_calls(start: int, line: str) -> Problem:
    return Problem(
        f"only calls may stand after the first call, but here is text: {line.strip()[:40]!r}",
        span=(start, start + len(line)),
        hint="put all reply text before the first call",
    )
