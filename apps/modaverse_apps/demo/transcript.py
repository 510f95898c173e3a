"""One turn as messages of a Gradio chatbot, growing with the events of the turn."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote

from modaverse.errors import Cancelled, ModaVerseError
from modaverse.events import (
    CallDone,
    CallFailed,
    CallStarted,
    Event,
    Failure,
    Item,
    PlanReady,
    Preview,
    Progress,
    TextDelta,
)
from modaverse.media import Image
from modaverse.plan import Plan, ToolCall, used_in

__all__ = ["Message", "Transcript", "literal"]

Message: TypeAlias = dict[str, Any]
"""A message of a Gradio chatbot: `role`, `content` (blocks) and, for a step, `metadata`."""

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~&:$])")
_PREVIEW = 160  # pixels, longer side
_STOPPED = "Stopped. What was made until then is kept."


@dataclass
class _Step:
    """How far one call is.

    Attributes:
        call: The call.
        begun: When it was started, in seconds of the monotonic clock; None: not yet.
        seconds: How long it took; None while it is not over.
        at: Step and number of steps; (0, 0) as long as the tool told nothing.
        preview: What the result looks like so far, as a data URI; may be empty.
        item: What it made.
        file: Where that is; None for text.
        failure: Why it made nothing.
    """

    call: ToolCall
    begun: float | None = None
    seconds: float | None = None
    at: tuple[int, int] = (0, 0)
    preview: str = ""
    item: Item | None = None
    file: Path | None = None
    failure: Failure | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.item is not None or self.failure is not None

    def end(self) -> None:
        """Stop the clock."""
        self.preview = ""
        if self.begun is not None:
            self.seconds = time.monotonic() - self.begun


@dataclass
class Transcript:
    """What one turn shows.

    Args:
        request: What was asked.
        attachments: Files that came with it.
        keep: Puts a result where the browser can fetch it; gives the file.

    Attributes:
        plan: What was planned so far.
    """

    request: str
    attachments: Sequence[Path]
    keep: Callable[[Item], Path]
    plan: Plan = field(default_factory=Plan)
    _text: str = ""
    _note: str = ""
    _planning: bool = True
    _steps: dict[int, _Step] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        """Note what an event tells."""
        if isinstance(event, TextDelta):
            self._text += event.text
        elif isinstance(event, PlanReady):
            self._planned(event.plan)
        elif isinstance(event, CallStarted):
            self._step(event.call).begun = time.monotonic()
        elif isinstance(event, Progress):
            self._step(event.call).at = (event.step, event.total)
        elif isinstance(event, Preview):
            self._step(event.call).preview = _data_uri(event.image)
        elif isinstance(event, CallDone):
            self._done(self._step(event.call), event.item)
        elif isinstance(event, CallFailed):
            self._failed(self._step(event.call), event.failure)

    def fail(self, error: Exception) -> None:
        """The turn ended in an error: say so in words for people."""
        if isinstance(error, Cancelled):
            self._note = _STOPPED if self._steps else "Stopped."
        elif isinstance(error, ModaVerseError):
            self._note = _warning(error.message, error.hint)
        else:
            self._note = _warning(
                f"Something went wrong inside ModaVerse ({type(error).__name__}).",
                "Please try again; the terminal in which the demo runs tells more.",
            )
        self.close()

    def close(self) -> None:
        """The turn is over; a call that is not was stopped."""
        self._planning = False
        for step in self._steps.values():
            if not step.over:
                self._failed(step, Failure(step.call.id, "Cancelled", "stopped"))
        stopped = any(s.failure and s.failure.type == "Cancelled" for s in self._steps.values())
        if stopped and not self._note:
            self._note = _STOPPED

    def messages(self) -> list[Message]:
        """What to show now, oldest first."""
        shown = [_message("user", *map(_file, self.attachments), literal(self.request))]
        if self._text.strip():
            shown.append(_message("assistant", literal(self._text.strip())))
        elif self._planning:
            shown.append(_message("assistant", "", title="Planning", status="pending"))
        roles = self._roles()
        for number in sorted(self._steps):
            shown += _shown(self._steps[number], roles.get(number, ""))
        if self._note:
            shown.append(_message("assistant", self._note))
        return shown

    def _roles(self) -> dict[int, str]:
        """By call, whether its result was asked for or used by another; empty if all were."""
        made = {call: step.item for call, step in self._steps.items() if step.item is not None}
        used = used_in(self.plan, made)
        if not any(used.values()):
            return {}
        return {
            call: "used for " + " ".join(f"`{made[user].handle}`" for user in users)
            if users
            else "**result**"
            for call, users in used.items()
        }

    def _planned(self, plan: Plan) -> None:
        self.plan = plan
        self._planning = False
        for call in plan.calls:
            self._step(call)

    def _step(self, call: ToolCall) -> _Step:
        return self._steps.setdefault(call.id, _Step(call))

    def _done(self, step: _Step, item: Item) -> None:
        """A result that cannot be shown counts as failed; the others go on."""
        step.end()
        try:
            step.file = None if isinstance(item.value, str) else self.keep(item)
            step.item = item
        except (ModaVerseError, OSError) as error:
            step.failure = Failure.of(item.call, error)

    def _failed(self, step: _Step, failure: Failure) -> None:
        step.end()
        step.failure = failure


def literal(text: str) -> str:
    """Markdown that shows `text` as it was written, line breaks included."""
    lines = _MARKDOWN.sub(r"\\\1", text).splitlines()
    return "<br>".join(lines)


def _message(role: str, *content: Any, **metadata: Any) -> Message:
    message: Message = {"role": role, "content": [block for block in content if block] or [""]}
    if metadata:
        message["metadata"] = metadata
    return message


def _shown(step: _Step, role: str) -> list[Message]:
    """The step itself and, below it, what it made and what part that has in the answer."""
    messages = [_message("assistant", *_body(step), **_head(step))]
    item = step.item
    if item is None:
        return messages
    notes = [f"ℹ️ {literal(note)}" for note in item.notes]
    if isinstance(item.value, str):
        caption = " · ".join(filter(None, (f"`{item.handle}`", role)))
        told = "\n\n".join((literal(item.value), *notes, caption))
        return [*messages, _message("assistant", told)]
    if step.file is None:
        return messages
    shown = _file(step.file, f"{item.handle}: {step.call.prompt}")
    parts = (f"`{item.handle}` {literal(item.value.face())}", role, _link(step.file))
    caption = "\n\n".join((" · ".join(filter(None, parts)), *notes))
    return [*messages, _message("assistant", shown, caption)]


def _head(step: _Step) -> dict[str, Any]:
    """Title and state of a step, as Gradio shows them.

    A step without a status stays open, so that the reason of a failure is seen.
    """
    title = step.call.tool
    head: dict[str, Any] = {"title": title}
    if step.seconds is not None:
        head["duration"] = round(step.seconds, 1)
    if step.failure is not None:
        how = {"Cancelled": "stopped", "Skipped": "skipped"}.get(step.failure.type, "failed")
        return {**head, "title": f"{title}: {how}"}
    if step.item is not None:
        return {**head, "status": "done"}
    return {**head, "status": "pending", "log": _progress(step)}


def _progress(step: _Step) -> str:
    if step.begun is None:
        return "waiting"
    at, total = step.at
    return f"step {at} of {total}" if total > 1 else "running"


def _body(step: _Step) -> list[str]:
    """Prompt, options, and whatever else there is to tell of a call."""
    call, parts = step.call, []
    if call.prompt:
        parts.append(f"> {literal(call.prompt)}")
    facts = [f"from `{handle}`" for handle in call.inputs]
    facts += [f"{literal(name)} `{value}`" for name, value in call.options.items()]
    if step.item is not None:
        facts.append(f"seed `{step.item.provenance.seed}`")
    if facts:
        parts.append(" · ".join(facts))
    if step.failure is not None and step.failure.type != "Cancelled":
        parts.append(_warning(step.failure.message, step.failure.hint))
    if step.preview:
        parts.append(f"![preview]({step.preview})")
    return ["\n\n".join(parts)]


def _warning(message: str, hint: str) -> str:
    """An error as people see it: what is wrong, then what to do."""
    sentence = literal(message[:1].upper() + message[1:])
    return f"⚠️ {sentence}" + (f"<br>*{literal(hint)}*" if hint else "")


def _file(path: Path, alt: str = "") -> Message:
    return {"path": str(path), "alt_text": alt or path.name}


def _link(path: Path) -> str:
    """A link that downloads the file under its own name."""
    return f'<a href="gradio_api/file={quote(str(path))}" download="{path.name}">download</a>'


def _data_uri(image: Image) -> str:
    """The picture, small, as text: there is no file to remove afterwards."""
    return f"data:image/png;base64,{base64.b64encode(image.thumbnail(_PREVIEW).encode()).decode()}"
