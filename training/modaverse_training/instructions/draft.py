"""A conversation in the making: attachments get handles, plans get written, a row comes out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modaverse.conversation import next_handles
from modaverse.dialect import Lines
from modaverse.plan import Plan, ToolCall
from modaverse_training.instructions.row import MediaRef, Row, Turn
from modaverse_training.instructions.workshop import joined

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.plan import Handle
    from modaverse_training.instructions.items import Item
    from modaverse_training.instructions.workshop import Workshop

__all__ = ["Call", "Draft", "reply_to"]


@dataclass(frozen=True)
class Call:
    """A tool call without its number.

    Attributes:
        tool: The tool's name.
        prompt: What it is told.
        inputs: Handles, `#1` for the first call of the plan.
        options: A pair of name and value, if one is asked for.
    """

    tool: str
    prompt: str = ""
    inputs: tuple[Handle, ...] = ()
    options: tuple[tuple[str, Any], ...] = ()


class Draft:
    """Collects the turns of one conversation.

    Args:
        workshop: The tools that its plans may call.
    """

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.turns: list[Turn] = []
        self.media: list[MediaRef] = []
        self.results: dict[Handle, Modality] = {}
        self.families: list[str] = []
        self.sources: list[str] = []
        self._waiting: list[Handle] = []

    @cached_property
    def _dialect(self) -> Lines:
        return Lines(self.workshop.tools)

    @property
    def taken(self) -> list[Handle]:
        """Every handle so far."""
        return [*(reference.handle for reference in self.media), *self.results]

    def attach(self, item: Item, caption: str) -> Handle:
        """Attach a media value to the next request; gives its handle."""
        (handle,) = next_handles([item.modality], self.taken)
        reference = MediaRef(handle=handle, modality=item.modality, path=item.path, caption=caption)
        self.media.append(reference)
        self._waiting.append(handle)
        self.sources.append(item.source)
        return handle

    def exchange(self, request: str, text: str, calls: Sequence[Call], family: str) -> None:
        """Add a request and the plan that answers it.

        Raises:
            PlanError: A call cannot be written.
            pydantic.ValidationError: A call has an ill-formed part.
        """
        numbered = [
            ToolCall(
                id=place,
                tool=call.tool,
                prompt=call.prompt,
                inputs=call.inputs,
                options=dict(call.options),
            )
            for place, call in enumerate(calls, 1)
        ]
        plan = Plan(text=text, calls=tuple(numbered))
        self.turns.append(Turn(role="user", content=request, handles=tuple(self._waiting)))
        self.turns.append(Turn(role="assistant", content=self._dialect.render(plan)))
        self._waiting = []
        self.families.append(family)
        made = [self.workshop.output(call.tool) for call in calls]
        self.results |= dict(zip(next_handles(made, self.taken), made, strict=True))

    def row(self, name: str) -> Row:
        """The row; its family is that of the last turn, its sources those of its media."""
        return Row(
            id=name,
            messages=tuple(self.turns),
            tools=self.workshop.tools,
            media=tuple(self.media),
            family=self.families[-1],
            source=" ".join(["grammar", *dict.fromkeys(filter(None, self.sources))]),
        )


_NAMES = {
    "paint": "picture", "film": "video", "sound": "sound", "speak": "speech", "change": "picture",
    "move": "video",
}  # fmt: skip
_PLURALS = {"speech": "speeches"}


def reply_to(calls: Sequence[Call], workshop: Workshop) -> str:
    """The sentence that goes with these calls, as `Here are your picture and your sound.`."""
    roles = {workshop.tool(role): role for role in (*_NAMES, "still", "track", "join")}
    used = {handle for call in calls for handle in call.inputs}
    counts: dict[str, int] = {}
    for place, call in enumerate(calls, 1):
        if f"#{place}" in used:
            continue  # it only serves a later call
        part = _part(call, roles.get(call.tool, ""), calls, workshop)
        counts[part] = counts.get(part, 0) + 1
    parts = [part if count == 1 else _several(part, count) for part, count in counts.items()]
    verb = "are" if len(parts) > 1 or any(count > 1 for count in counts.values()) else "is"
    return f"Here {verb} {joined(parts)}."


def _part(call: Call, role: str, calls: Sequence[Call], workshop: Workshop) -> str:
    if role in _NAMES:
        return f"your {_NAMES[role]}"
    if role == "still":
        return f"a still from {_origin(call.inputs)}"
    if role == "track":
        return f"the sound of {_origin(call.inputs)}"
    if role == "join":
        video, sound = call.inputs
        with_ = "its sound" if sound.startswith("#") else sound
        return f"{'your video' if video.startswith('#') else video} with {with_}"
    output = workshop.output(call.tool)
    return f"your {_OUTPUTS[output]}"


_OUTPUTS = {"image": "picture", "audio": "sound", "video": "video", "text": "text"}


def _origin(inputs: Iterable[Handle]) -> str:
    return next((name if not name.startswith("#") else "your video" for name in inputs), "it")


def _several(part: str, count: int) -> str:
    article, noun, *rest = part.split(" ")
    owner = [] if article == "a" else [article]
    return " ".join([*owner, str(count), _PLURALS.get(noun, f"{noun}s"), *rest])
