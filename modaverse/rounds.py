"""Rounds: the plans of one turn joined into a single plan that could have been written at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from modaverse.plan import REFERENCE, Handle, Plan, ToolCall

__all__ = ["joined"]


def joined(plan: Plan, more: Plan, made: Mapping[Handle, int]) -> Plan:
    """`plan` with the calls of `more` behind its own.

    Args:
        plan: What was planned so far.
        more: The next round; its ids count from 1 again.
        made: The results that earlier rounds made, by handle, as ids of the calls in `plan`.

    Returns:
        A plan in which a call that uses an earlier round's result speaks of it as `#n`, so that it
        can be run again from nothing.
    """
    shift = len(plan.calls)

    def moved(handle: Handle) -> Handle:
        if handle.startswith("#"):
            return f"#{int(handle[1:]) + shift}"
        return f"#{made[handle]}" if handle in made else handle

    return Plan(
        text="\n".join(text for text in (plan.text, more.text) if text),
        calls=(*plan.calls, *(_renamed(call, call.id + shift, moved) for call in more.calls)),
    )


def _renamed(call: ToolCall, id: int, name: Callable[[Handle], Handle]) -> ToolCall:
    """The call under another id, with `name` applied to every handle in it."""
    return ToolCall(
        id=id,
        tool=call.tool,
        prompt=REFERENCE.sub(lambda found: "{" + name(found[1]) + "}", call.prompt),
        inputs=tuple(name(handle) for handle in call.inputs),
        options=call.options,
    )
