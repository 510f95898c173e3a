"""Events: what a run tells as it goes, and the reply that it ends with."""

from __future__ import annotations

import base64
import html
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from modaverse.codecs.files import write_atomic
from modaverse.errors import ModaVerseError
from modaverse.media import Audio, Image, Media, Modality, Video
from modaverse.plan import Plan, ToolCall, used_in
from modaverse.provenance import Provenance

__all__ = [
    "CallDone",
    "CallFailed",
    "CallStarted",
    "Event",
    "Failure",
    "Item",
    "PlanReady",
    "Preview",
    "Progress",
    "Reply",
    "ReplyReady",
    "TextDelta",
    "face",
    "gathered",
]


@dataclass(frozen=True)
class Item:
    """A result: what one call made.

    Attributes:
        call: Id of the call in the reply's plan.
        handle: Name by which later turns speak of it, such as `image2`.
        modality: What it is.
        value: The media, or the text, as its file holds it.
        path: Its file in the library; None if it is not there.
        provenance: How it was made.
        warning: Why the library could not take it; None if it did, or if the agent has none.
        notes: What its tool has to say of it, a sentence each.
    """

    call: int
    handle: str
    modality: Modality
    value: Media | str = field(repr=False)
    path: Path | None
    provenance: Provenance
    warning: Failure | None = None
    notes: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """Digest of its file in the library; empty if it is not there."""
        return self.path.stem if self.path else ""

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write the result to `path` with its provenance inside; text is written as UTF-8.

        Raises:
            MediaError: The name ends in no format for such media.
            LibraryError: The folder is missing, full or read-only.
        """
        target = Path(path)
        if isinstance(self.value, str):
            write_atomic(target, self.value.encode())
        else:
            self.value.save(target, tags=self.provenance.tags())
        return target


@dataclass(frozen=True)
class Failure:
    """A call that made nothing, or, as the warning of an item, what its library could not do.

    Attributes:
        call: Id of the call in the reply's plan.
        type: Name of the error's class, or "Skipped" if a call that it needs failed.
        message: What went wrong.
        hint: What to do next; may be empty.
    """

    call: int
    type: str
    message: str
    hint: str = ""

    @classmethod
    def of(cls, call: int, error: BaseException) -> Failure:
        """The failure of call `call` by `error`."""
        if isinstance(error, ModaVerseError):
            return cls(call, type(error).__name__, error.message, error.hint)
        return cls(call, type(error).__name__, str(error) or type(error).__name__)


@dataclass(frozen=True)
class Reply:
    """The answer to a request: text, plan, results and failures. Shows itself in notebooks.

    Attributes:
        text: What the LLM said.
        plan: Every call that was planned, those of further rounds included.
        items: Results, by call id.
        failed: Calls that made nothing, by call id.
    """

    text: str
    plan: Plan = field(default_factory=Plan)
    items: tuple[Item, ...] = ()
    failed: tuple[Failure, ...] = ()

    @property
    def results(self) -> tuple[Item, ...]:
        """The items that no other call used: what was asked for, without the steps to it."""
        used = used_in(self.plan, {item.call for item in self.items})
        return tuple(item for item in self.items if not used[item.call])

    @property
    def images(self) -> tuple[Image, ...]:
        """The pictures made, by call id."""
        return tuple(item.value for item in self.items if isinstance(item.value, Image))

    @property
    def audios(self) -> tuple[Audio, ...]:
        """The sounds and speech made, by call id."""
        return tuple(item.value for item in self.items if isinstance(item.value, Audio))

    @property
    def videos(self) -> tuple[Video, ...]:
        """The videos made, by call id."""
        return tuple(item.value for item in self.items if isinstance(item.value, Video))

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts that tools made, by call id; `text` is what the LLM said."""
        return tuple(item.value for item in self.items if isinstance(item.value, str))

    @property
    def ok(self) -> bool:
        """Whether no call failed."""
        return not self.failed

    @property
    def warnings(self) -> tuple[Failure, ...]:
        """Why results are not in the library that should have taken them, by call id."""
        return tuple(item.warning for item in self.items if item.warning is not None)

    @property
    def notes(self) -> tuple[str, ...]:
        """What tools have to say of their results, each once."""
        return tuple(dict.fromkeys(note for item in self.items for note in item.notes))

    def __str__(self) -> str:
        """The text, then a line for each result, each note and each failure."""
        lines = [self.text] if self.text else []
        lines += [f"[{item.handle}] {item.path or face(item.value)}" for item in self.items]
        lines += [f"[note] {note}" for note in self.notes]
        lines += [f"[#{failure.call} failed] {failure.message}" for failure in self.failed]
        lines += [f"[#{each.call} not in the library] {each.message}" for each in self.warnings]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        parts = [f"<p>{_escaped(self.text)}</p>"] if self.text else []
        parts += [_figure(item) for item in self.items]
        parts += [f"<p><i>{_escaped(note)}</i></p>" for note in self.notes]
        parts += [
            f"<p><b>#{failure.call} failed:</b> {_escaped(failure.message)}</p>"
            for failure in self.failed
        ]
        parts += [
            f"<p>#{each.call} is not in the library: {_escaped(each.message)}</p>"
            for each in self.warnings
        ]
        return "\n".join(parts)


@dataclass(frozen=True)
class TextDelta:
    """More of the reply text, as the LLM writes it."""

    text: str


@dataclass(frozen=True)
class PlanReady:
    """The plan is written and checked; in further rounds it holds the earlier calls too."""

    plan: Plan


@dataclass(frozen=True)
class CallStarted:
    """A call began."""

    call: ToolCall


@dataclass(frozen=True)
class Progress:
    """A call has come to `step` of `total`."""

    call: ToolCall
    step: int
    total: int


@dataclass(frozen=True)
class Preview:
    """What a call's result looks like so far."""

    call: ToolCall
    image: Image = field(repr=False)


@dataclass(frozen=True)
class CallDone:
    """A call made its result, and the library has it, or the item says why not."""

    call: ToolCall
    item: Item


@dataclass(frozen=True)
class CallFailed:
    """A call made nothing: it failed, was cancelled, or was skipped."""

    call: ToolCall
    failure: Failure


@dataclass(frozen=True)
class ReplyReady:
    """The end of a turn."""

    reply: Reply


Event: TypeAlias = (
    TextDelta | PlanReady | CallStarted | Progress | Preview | CallDone | CallFailed | ReplyReady
)


def face(value: Media | str, *, limit: int = 200) -> str:
    """The short face of a value for an LLM or a log; text longer than `limit` is cut."""
    if not isinstance(value, str):
        return value.face()
    return f'text, "{value if len(value) <= limit else value[: limit - 1] + "…"}"'


def gathered(plan: Plan, events: Iterator[Event]) -> Reply:
    """The reply that a run's events add up to; an empty `plan` takes in the calls that were run."""
    items: list[Item] = []
    failed: list[Failure] = []
    calls: list[ToolCall] = []
    for event in events:
        if isinstance(event, CallDone):
            items.append(event.item)
            calls.append(event.call)
        elif isinstance(event, CallFailed):
            failed.append(event.failure)
            calls.append(event.call)
    return Reply(
        text=plan.text,
        plan=plan if plan.calls else Plan(text=plan.text, calls=tuple(calls)),
        items=tuple(sorted(items, key=lambda item: item.call)),
        failed=tuple(sorted(failed, key=lambda failure: failure.call)),
    )


def _figure(item: Item) -> str:
    value = item.value
    if isinstance(value, str):
        shown = f"<blockquote>{_escaped(value)}</blockquote>"
    elif isinstance(value, Image):
        data = base64.b64encode(value.encode()).decode()
        shown = f'<img src="data:image/png;base64,{data}" alt="{html.escape(item.handle)}">'
    else:
        shown = value._repr_html_()
    caption = f"{item.handle}: {item.provenance.prompt}"
    return f"<figure>{shown}<figcaption>{_escaped(caption)}</figcaption></figure>"


def _escaped(text: str) -> str:
    return html.escape(text).replace("\n", "<br>")
