"""A request and the plan that answers it, as the grammar makes them and as people write them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from modaverse.dialect.base import compact

# A slot is the part of a request that the plan repeats. It stands between private marks while the
# request is made, so that slips of the fingers fall on the words around it only.
OPEN, CLOSE = "\ue000", "\ue001"
NAMES = {
    "text-to-image": "picture", "text-to-video": "video", "text-to-audio": "sound",
    "text-to-speech": "speech", "video-to-image": "picture", "image-to-image": "picture",
    "image-to-video": "video",
}  # fmt: skip
PLURALS = {"picture": "pictures", "video": "videos", "sound": "sounds", "speech": "speeches"}
NOTHING = "All right, I will make nothing."
UNKNOWN = (
    "I am a small offline model and do not know that. A larger language model does: "
    "add --llm with a model folder or a server address."
)
ABOUT = "It is about"  # how an answer begins that takes its word from the request
NOT_THERE = "I see nothing attached and nothing made so far. Attach a file, or say what to make."
HANDLE = re.compile(r"\b(?:image|audio|video)\d+")
INSIDE = {
    "image": "I cannot look inside {0} yet: I only know that it is an image.",
    "audio": "I cannot listen to {0} yet: I only know that it is an audio file.",
    "video": "I cannot watch {0} yet: I only know that it is a video.",
}


def slot(text: str) -> str:
    """The text between a slot's marks."""
    return f"{OPEN}{text}{CLOSE}"


def unmarked(text: str) -> str:
    """The text without marks."""
    return text.replace(OPEN, "").replace(CLOSE, "")


@dataclass(frozen=True)
class Call:
    """One line of a plan."""

    tool: str
    prompt: str = ""
    inputs: tuple[str, ...] = ()
    options: dict[str, str | int | float] = field(default_factory=dict)

    def line(self) -> str:
        """The call in the lines dialect."""
        prompt = self.prompt.replace("\\", "\\\\").replace("\n", "\\n")
        source = f" from {' '.join(self.inputs)}" if self.inputs else ""
        options = compact(self.options)
        return f"{self.tool}{source}{f' with {options}' if self.options else ''}:" + (
            f" {prompt}" if prompt else ""
        )


@dataclass(frozen=True)
class Row:
    """A request, what came before it, and the plan that answers it."""

    request: str
    text: str
    calls: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    history: tuple[tuple[str, str], ...] = ()
    family: str = ""

    def said(self) -> tuple[tuple[str, str], ...]:
        """The history of a row that comes after this one."""
        return (*self.history, (unmarked(self.request), self.answer()))

    def answer(self) -> str:
        """The plan in the lines dialect."""
        return "\n".join(([self.text] if self.text else []) + list(self.calls))


def handles(attachments: tuple[str, ...]) -> tuple[str, ...]:
    """The handles of attachments, numbered by modality in their order; a handle stays itself."""
    seen: dict[str, int] = {}
    names = []
    for modality in attachments:
        if modality[-1].isdigit():
            names.append(modality)
            continue
        seen[modality] = seen.get(modality, 0) + 1
        names.append(f"{modality}{seen[modality]}")
    return tuple(names)


def reply(calls: tuple[Call, ...]) -> str:
    """The sentence that goes with these calls."""
    parts: list[str] = []
    counts: dict[str, int] = {}
    swallowed = {
        int(i[1:]) for c in calls if c.tool == "add-soundtrack" for i in c.inputs if i[0] == "#"
    }
    for number, call in enumerate(calls, 1):
        if call.tool == "add-soundtrack":
            video, sound = call.inputs
            part = ("your video" if video[0] == "#" else video) + " with "
            part += "its sound" if sound[0] == "#" else sound
        elif number in swallowed:
            continue
        elif call.tool in ("video-to-image", "video-to-audio") and call.inputs[0][0] != "#":
            part = (
                "a still from " if call.tool == "video-to-image" else "the sound of "
            ) + call.inputs[0]
        else:
            kind = NAMES.get(call.tool, "sound")
            counts[kind] = counts.get(kind, 0) + 1
            part = f"your {kind}"
        if part not in parts:
            parts.append(part)
    for kind, count in counts.items():
        if count > 1:
            parts = [f"your {count} {PLURALS[kind]}" if p == f"your {kind}" else p for p in parts]
    several = len(parts) > 1 or any(count > 1 for count in counts.values())
    joined = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"Here {'are' if several else 'is'} {joined}."
