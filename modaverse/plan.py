"""The plan: reply text and tool calls as values, and the checks that tell whether a plan holds."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    StringConstraints,
    ValidationError,
)

from modaverse.errors import PlanError, Problem

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.tool import Tool, ToolSpec

__all__ = [
    "HANDLE_KINDS",
    "HANDLE_PATTERN",
    "REFERENCE",
    "Handle",
    "Plan",
    "ToolCall",
    "check",
    "checked",
    "closest",
    "dependencies",
    "misnumbered",
    "used_in",
]

HANDLE_KINDS = ("#", "image", "audio", "video", "text")  # what a handle begins with
HANDLE_PATTERN = rf"(?:{'|'.join(HANDLE_KINDS)})[1-9][0-9]{{0,4}}"

REFERENCE = re.compile(r"\{(" + HANDLE_PATTERN + r")\}")  # a text taken into a prompt

_REFERENCE_START = re.compile(rf"\{{(?:{'|'.join(HANDLE_KINDS)})[0-9]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_INTEGER_BOUND = 2**63
_MAX_NESTING = 32  # levels of lists and objects in an option value


def _tidy(text: str) -> str:
    """What every dialect can write and read back: line feeds only, no white space around."""
    whole = _SURROGATE.sub("\ufffd", text)
    return whole.replace("\r\n", "\n").replace("\r", "\n").strip()


def _writable(options: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """The options, if JSON can write them and read them back."""
    level: list[Any] = [options]
    for _ in range(_MAX_NESTING):
        for value in level:
            _reject_unwritable(value)
        level = [inner for value in level for inner in _children(value)]
        if not level:
            return options
    raise ValueError(f"options nest deeper than {_MAX_NESTING} levels")


def _reject_unwritable(value: Any) -> None:
    if isinstance(value, str) and _SURROGATE.search(value):
        raise ValueError("an option must be well-formed Unicode")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError("an option must be a finite number")
    if isinstance(value, int) and abs(value) >= _INTEGER_BOUND:
        raise ValueError("an option must be a number below 2^63")


def _children(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else ()


Handle = Annotated[str, StringConstraints(pattern=f"^{HANDLE_PATTERN}$")]
"""Name of a value: `image1`, `text2` (what exists), or `#1` (the result of call 1 of this plan)."""

Prose = Annotated[str, AfterValidator(_tidy)]
Options = Annotated[dict[str, JsonValue], AfterValidator(_writable)]


class ToolCall(BaseModel):
    """One call of a tool.

    Attributes:
        id: Place in the plan, counted from 1; `#1` speaks of the result of call 1.
        tool: Name of the tool.
        prompt: What the tool is told, in plain language; `{#1}` or `{text1}` takes in a text.
            White space around is dropped, and every line break is a line feed.
        inputs: Handles of the media the tool works on, in the order of its inputs.
        options: Settings by name; what is absent keeps the tool's default.

    Raises:
        pydantic.ValidationError: A field has the wrong type or form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: int = Field(ge=1)
    tool: str
    prompt: Prose = ""
    inputs: tuple[Handle, ...] = ()
    options: Options = {}

    def references(self) -> tuple[Handle, ...]:
        """Every handle this call needs: its inputs, then those inside the prompt, each once."""
        return tuple(dict.fromkeys((*self.inputs, *REFERENCE.findall(self.prompt))))


class Plan(BaseModel):
    """What an LLM answers: a text for the person, and the calls that make the media.

    Attributes:
        text: The reply. White space around is dropped, and every line break is a line feed.
        calls: The tool calls, with ids 1 to n in order.

    Raises:
        pydantic.ValidationError: A field has the wrong type or form.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Prose = ""
    calls: tuple[ToolCall, ...] = ()


def dependencies(plan: Plan) -> dict[int, set[int]]:
    """For each call its id and the ids of the calls whose results it needs.

    Example:
        >>> plan = Plan(calls=(ToolCall(id=1, tool="a"), ToolCall(id=2, tool="b", inputs=("#1",))))
        >>> dependencies(plan)
        {1: set(), 2: {1}}
    """
    return {
        call.id: {int(handle[1:]) for handle in call.references() if handle.startswith("#")}
        for call in plan.calls
    }


def used_in(plan: Plan, made: Collection[int]) -> dict[int, tuple[int, ...]]:
    """For each call that made something, the other such calls that used its result.

    Where a call failed, what it was to use is all there is, and so a result in its own right.

    Args:
        plan: The plan.
        made: Ids of the calls that made something.

    Example:
        >>> plan = Plan(calls=(ToolCall(id=1, tool="a"), ToolCall(id=2, tool="b", inputs=("#1",))))
        >>> used_in(plan, {1, 2})
        {1: (2,), 2: ()}
        >>> used_in(plan, {1})
        {1: ()}
    """
    needs = dependencies(plan)
    return {
        call: tuple(user for user, needed in needs.items() if user in made and call in needed)
        for call in sorted(made)
    }


def misnumbered(plan: Plan) -> tuple[Problem, ...]:
    """A problem for each call whose id is not its place in the plan."""
    return tuple(
        Problem(f"its id must be {place}: ids count the calls from 1", call=call.id)
        for place, call in enumerate(plan.calls, start=1)
        if call.id != place
    )


def check(
    plan: Plan, toolbox: Mapping[str, Tool], handles: Mapping[str, Modality]
) -> tuple[Problem, ...]:
    """List everything that keeps a plan from being run.

    Args:
        plan: The plan.
        toolbox: The tools it may call, by name.
        handles: The values that exist, with their modality.

    Returns:
        Every problem, in the order of the calls; empty if the plan holds.
    """
    problems = list(misnumbered(plan))
    known: dict[str, Modality | None] = dict(handles)  # None: made by an unknown tool
    for place, call in enumerate(plan.calls, start=1):
        tool = toolbox.get(call.tool)
        if tool is None:
            problems.append(_unknown_tool(call, toolbox))
        else:
            problems += _check_inputs(call, tool.spec, known)
            problems += _check_options(call, tool.spec)
        problems += _check_prompt(call, tool, known)
        known[f"#{place}"] = tool.spec.output if tool else None
    return tuple(problems)


def checked(plan: Plan, toolbox: Mapping[str, Tool], handles: Mapping[str, Modality]) -> Plan:
    """The same plan, if it holds.

    Raises:
        PlanError: It does not; `problems` lists everything that `check` found.
    """
    problems = check(plan, toolbox, handles)
    if problems:
        raise PlanError(problems=problems)
    return plan


def closest(word: str, allowed: Iterable[str]) -> str:
    """A sentence that helps someone who wrote `word`: the nearest allowed name, or all of them."""
    names = sorted(allowed)
    near = get_close_matches(word, names, n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    return f"use one of: {', '.join(names)}" if names else "there are none"


def _unknown_tool(call: ToolCall, toolbox: Mapping[str, Tool]) -> Problem:
    names = ", ".join(sorted(toolbox)) or "none"
    return Problem(
        f"there is no tool {call.tool!r}; the tools are: {names}",
        call=call.id,
        hint=closest(call.tool, toolbox),
    )


def _check_inputs(
    call: ToolCall, spec: ToolSpec, known: Mapping[str, Modality | None]
) -> Iterator[Problem]:
    """Fill the slots in order, as `ToolSpec.arrange` does with the values."""
    waiting = list(call.inputs)
    yield from (_unknown_handle(call, handle, known) for handle in waiting if handle not in known)
    for slot in spec.inputs:
        modality = known.get(waiting[0]) if waiting else None
        if waiting and modality in (slot.modality, None):
            waiting.pop(0)
        elif slot.required:
            given = f"{waiting.pop(0)} is {_a(modality)}" if waiting else "it is missing"
            yield Problem(
                f"{slot.name} of {call.tool} must be {_a(slot.modality)}, but {given}",
                call=call.id,
                hint=_offer(slot.modality, known),
            )
    if waiting:
        slots = (f"{s.modality}{'' if s.required else ' (optional)'}" for s in spec.inputs)
        yield Problem(
            f"{call.tool} has no place for {', '.join(waiting)}; "
            f"its inputs are, in order: {', '.join(slots) or 'none'}",
            call=call.id,
            hint="leave it out" if len(waiting) == 1 else "leave them out",
        )


def _check_prompt(
    call: ToolCall, tool: Tool | None, known: Mapping[str, Modality | None]
) -> Iterator[Problem]:
    if tool and not tool.spec.inputs and not call.prompt:
        yield Problem(
            f"{call.tool} needs a prompt", call=call.id, hint="say in words what it is to make"
        )
    for found in _REFERENCE_START.finditer(call.prompt):
        exact = REFERENCE.match(call.prompt, found.start())
        if exact is None:
            yield Problem(
                f"{found.group()!r} in the prompt begins a reference but does not end as one",
                call=call.id,
                hint="write {#1} for the text made by call 1, or put a space after the brace",
            )
        elif exact[1] not in known:
            yield _unknown_handle(call, exact[1], known)
        elif (modality := known[exact[1]]) not in ("text", None):
            yield Problem(
                f"{exact[0]} cannot stand in a prompt: {exact[1]} is {_a(modality)}, not a text",
                call=call.id,
                hint=f"name {exact[1]} as an input if the tool takes one",
            )


def _unknown_handle(call: ToolCall, handle: str, known: Mapping[str, Modality | None]) -> Problem:
    what = "no earlier call" if handle.startswith("#") else "nothing that exists"
    return Problem(
        f"{handle} is {what}; this call may use: {', '.join(known) or 'nothing'}",
        call=call.id,
        hint=closest(handle, known),
    )


def _offer(modality: Modality, known: Mapping[str, Modality | None]) -> str:
    fitting = [name for name, kind in known.items() if kind == modality]
    return f"use {' or '.join(fitting)}" if fitting else f"make {_a(modality)} first"


def _check_options(call: ToolCall, spec: ToolSpec) -> Iterator[Problem]:
    allowed = list(spec.options.model_fields)
    known = {name: value for name, value in call.options.items() if name in allowed}
    for name in (name for name in call.options if name not in known):
        yield Problem(
            f"{call.tool} has no option {name!r}; its options are: {', '.join(allowed) or 'none'}",
            call=call.id,
            hint=closest(name, allowed),
        )
    try:
        spec.options.model_validate_json(json.dumps(known), strict=True)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            name = ".".join(str(part) for part in fault["loc"]) or "options"
            shown = json.dumps(known.get(name, fault.get("input")), default=str)[:40]
            reason = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
            yield Problem(
                f"option {name} of {call.tool} is {shown}, but {reason}",
                call=call.id,
                hint=f"leave {name} out to keep its default" if name in allowed else "",
            )


def _a(modality: Modality | None) -> str:
    return f"an {modality}" if modality in ("image", "audio") else f"a {modality}"
