"""Plans inside rows: read with the handles that exist at each turn, and what they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modaverse.conversation import next_handles
from modaverse.dialect import Lines
from modaverse.errors import PlanError, Problem
from modaverse.media import MODALITIES
from modaverse.plan import Plan, check

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.plan import Handle
    from modaverse.tool import Tool
    from modaverse_training.instructions.row import Row

__all__ = ["Planned", "last_plan", "pair_of", "planned", "problems_of"]

UNKNOWN = "?"  # the output of a tool that nobody here knows


@dataclass(frozen=True)
class Planned:
    """One turn of a row.

    Attributes:
        request: What was asked.
        plan: What answers it.
        handles: The values that exist when the plan is written.
    """

    request: str
    plan: Plan
    handles: Mapping[Handle, Modality]


def planned(row: Row, toolbox: Mapping[str, Tool]) -> Iterator[Planned]:
    """The turns of a row in order; results get the handles that an agent would give them.

    Raises:
        PlanError: An answer is no plan in the lines dialect.
        KeyError: A tool of the row is not in the toolbox and makes a result.
    """
    dialect = Lines(row.tools)
    modalities = row.handles()
    handles: dict[Handle, Modality] = {}
    for asked, answered in zip(row.messages[::2], row.messages[1::2], strict=True):
        handles |= {handle: modalities[handle] for handle in asked.handles}
        plan = dialect.parse(answered.content)
        yield Planned(asked.content, plan, dict(handles))
        made = [toolbox[call.tool].spec.output for call in plan.calls]
        handles |= zip(next_handles(made, [*handles, *modalities]), made, strict=True)


def problems_of(row: Row, toolbox: Mapping[str, Tool]) -> tuple[Problem, ...]:
    """Everything that keeps the plans of a row from being run; empty if they hold."""
    missing = [name for name in row.tools if name not in toolbox]
    if missing:
        return (Problem(f"there is no tool {', '.join(missing)}"),)
    own = {name: toolbox[name] for name in row.tools}
    found: list[Problem] = []
    try:
        for turn in planned(row, own):
            found += check(turn.plan, own, turn.handles)
            if not (turn.plan.text or turn.plan.calls):
                found.append(Problem("an answer is empty"))
    except PlanError as error:
        found += error.problems
    return tuple(found)


def last_plan(row: Row) -> Plan:
    """The plan that answers the last request.

    Raises:
        PlanError: It is none.
    """
    return Lines(row.tools).parse(row.answer)


def pair_of(row: Row, toolbox: Mapping[str, Tool]) -> tuple[str, str]:
    """What goes into a row and what comes out: modalities, as ("image", "audio+video").

    What goes in is what is attached; without an attachment, text. What comes out is what the last
    plan makes, less what only serves another of its calls; without a call, text. The output of a
    tool that is not in the toolbox is "?". Several are joined in one fixed order.
    """
    ins = [reference.modality for reference in row.media]
    try:
        plan = last_plan(row)
    except PlanError:
        return _joined(ins), UNKNOWN
    used = {handle for call in plan.calls for handle in call.references()}
    outs = [
        toolbox[call.tool].spec.output if call.tool in toolbox else UNKNOWN
        for call in plan.calls
        if f"#{call.id}" not in used
    ]
    return _joined(ins), _joined(outs)


def _joined(modalities: Iterable[str]) -> str:
    there = set(modalities)
    return "+".join(name for name in (*MODALITIES, UNKNOWN) if name in there) or "text"
