"""Plans, results and failures as JSON: the forms that scripts rely on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from modaverse.commands.follow import Outcome, Saved
    from modaverse.events import Failure
    from modaverse.plan import Plan
    from modaverse.tool import Tool

__all__ = ["failure_form", "media_form", "outcome_form", "plan_form"]


def plan_form(plan: Plan, toolbox: Mapping[str, Tool]) -> dict[str, Any]:
    """`{"text", "calls": [{"id", "tool", "output", "prompt", "inputs", "options"}]}`."""
    calls = [
        {
            "id": call.id,
            "tool": call.tool,
            "output": toolbox[call.tool].spec.output if call.tool in toolbox else None,
            "prompt": call.prompt,
            "inputs": list(call.inputs),
            "options": dict(call.options),
        }
        for call in plan.calls
    ]
    return {"text": plan.text, "calls": calls}


def media_form(saved: Saved, used: Sequence[int] = ()) -> dict[str, Any]:
    """`{"path", "modality", "call", "provenance", "used_in", "notes"}`.

    Args:
        saved: The result.
        used: Ids of the calls that used it.
    """
    return {
        "path": str(saved.path),
        "modality": saved.item.modality,
        "call": saved.item.call,
        "provenance": saved.item.provenance.model_dump(mode="json"),
        "used_in": list(used),
        "notes": list(saved.item.notes),
    }


def failure_form(failure: Failure) -> dict[str, Any]:
    """`{"call", "type", "message", "hint"}`."""
    return {
        "call": failure.call,
        "type": failure.type,
        "message": failure.message,
        "hint": failure.hint,
    }


def outcome_form(outcome: Outcome, toolbox: Mapping[str, Tool]) -> dict[str, Any]:
    """`{"text", "plan", "media": [...], "failed": [...], "warnings": [...]}`."""
    used = outcome.used
    return {
        "text": outcome.plan.text,
        "plan": plan_form(outcome.plan, toolbox),
        "media": [media_form(saved, used[saved.item.call]) for saved in outcome.saved],
        "failed": [failure_form(failure) for failure in outcome.failed],
        "warnings": [failure_form(warning) for warning in outcome.warnings],
    }
