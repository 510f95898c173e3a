"""What every dialect can do, and the bounds that all grammars share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.plan import Plan
    from modaverse.tool import Tool

__all__ = ["MAX_CALLS", "MAX_PROMPT", "MAX_TEXT", "Dialect", "compact", "read_json"]

MAX_CALLS = 8  # calls a plan
MAX_PROMPT = 400  # characters a prompt
MAX_TEXT = 600  # characters a reply; in the lines dialect, a line of it


@runtime_checkable
class Dialect(Protocol):
    """A way to write a plan as text.

    The bounds on lengths hold for what an LLM writes under the grammar; `render` and `parse` take
    plans of any size.
    """

    @property
    def name(self) -> str:
        """Short name, as in settings: "lines" or "json"."""
        ...

    def render(self, plan: Plan) -> str:
        """Write a plan, so that `parse` gives the same plan.

        Raises:
            PlanError: The plan cannot be written in this dialect.
        """
        ...

    def parse(self, text: str) -> Plan:
        """Read a plan from any text.

        Raises:
            PlanError: The text tries to call a tool, but not in the right form; each problem has
                the span of the fault in `text`.
        """
        ...

    def grammar(self, toolbox: Mapping[str, Tool], handles: Mapping[str, Modality]) -> str:
        """The llguidance Lark grammar of all plans that hold for these tools and handles."""
        ...

    def reply_so_far(self, partial: str) -> str:
        """The reply text that is certain when only the beginning of an answer is there.

        It only ever grows as `partial` grows, and for a whole answer becomes `Plan.text`.
        """
        ...


def compact(options: Mapping[str, Any]) -> str:
    """JSON without white space and with sorted keys, the one form that every grammar allows."""
    return json.dumps(options, separators=(",", ":"), sort_keys=True, ensure_ascii=False)


def read_json(text: str, start: int = 0) -> tuple[Any, int]:
    """Read the JSON value that begins at `start`; strings may hold line breaks.

    Returns:
        The value, and the offset behind it.

    Raises:
        ValueError: No JSON begins there; NaN, a name twice and bottomless nesting are refused too.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        raise ValueError("it nests too deep") from None


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"{twice!r} stands in it twice")
    return dict(pairs)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant, strict=False)
