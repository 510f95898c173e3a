"""How a request is put to a model: what it is told about plans, and the turns it reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modaverse.llm.base import DialectName, Message

if TYPE_CHECKING:
    from modaverse.plan import Handle
    from modaverse.toolbox import Toolbox

__all__ = ["Turn", "defused", "instructions", "merged", "turns"]

Turn = dict[str, Any]  # {"role": …, "content": …}, as chat templates and servers take it

_TASK = (
    "You answer requests for pictures, sounds, speech and videos. You cannot make media yourself: "
    "you write a plan, a short reply and calls of tools that make what was asked for. "
    "A prompt says in plain words, with every detail the person gave, what its tool is to make. "
    "Existing media have names such as [image1] or [audio1]; #1 is what call 1 of this plan makes, "
    "and {#1} inside a prompt takes in a text that call 1 makes. Use options only when they were "
    "asked for. When no tool is needed, reply without calls. When no tool can do it, say so."
)
_FORMATS: dict[DialectName, str] = {
    "lines": (
        "Write the reply first, then one line for each call, and nothing after:\n"
        "TOOL: PROMPT\n"
        "TOOL from HANDLE: PROMPT\n"
        'TOOL with {"option":value}: PROMPT\n'
        "For example:\n"
        "Here are your picture and your speech.\n"
        "text-to-image: a red fox in the snow\n"
        'text-to-speech with {"language":"en"}: Hello, I am a fox.'
    ),
    "json": (
        "Write the plan as one line of compact JSON and nothing else, also where you would call "
        "functions otherwise:\n"
        '{"text":"Here is your picture.","calls":[{"tool":"text-to-image",'
        '"prompt":"a red fox in the snow","inputs":[],"options":{}}]}'
    ),
}
_NATIVE = "Reply in a sentence and call every function that the request needs in this one turn."


def instructions(toolbox: Toolbox, *, dialect: DialectName | None, list_tools: bool = True) -> str:
    """The system message for a model that was not trained on plans.

    Args:
        toolbox: The tools that the plan may call.
        dialect: How the plan is to be written; None if calls come by the server's own tool calls.
        list_tools: Whether to describe the tools too; not needed where they are passed apart.
    """
    parts = [_TASK, _FORMATS[dialect] if dialect else _NATIVE]
    if list_tools:
        parts.append(f"The tools:\n{toolbox.describe() or '(none)'}")
    return "\n\n".join(parts)


def turns(
    messages: Iterable[Message], system: str = "", after: Mapping[Handle, str] | None = None
) -> list[Turn]:
    """The conversation as role and content; system texts come first, in one turn.

    Neighbouring turns of one role are joined, since many chat templates want them to alternate.

    Args:
        messages: Oldest first.
        system: What a model is told that was not trained on plans. Such a model also reads the
            handles of an answer's results, before the next request; others know only attachments.
        after: What follows the handle of a value that the model perceives.
    """
    messages = tuple(messages)
    told = [system, *(message.text for message in messages if message.role == "system")]
    spoken = [message for message in messages if message.role != "system"]
    if system:
        spoken = _handed_on(spoken)
    heard = [{"role": message.role, "content": message.shown(after)} for message in spoken]
    whole = "\n\n".join(text for text in told if text)
    return ([{"role": "system", "content": whole}] if whole else []) + _joined(heard)


def merged(conversation: Sequence[Turn]) -> list[Turn]:
    """The conversation with its system turn put into the first user turn, for some templates."""
    if not conversation or conversation[0]["role"] != "system":
        return list(conversation)
    system, *rest = conversation
    return _joined([{"role": "user", "content": system["content"]}, *rest])


def defused(special: Iterable[str]) -> Callable[[str], str]:
    """A function that breaks a model's control tokens where they stand in a person's text.

    Without it, `<|im_end|>` typed by a person would end their turn and begin another's.
    """
    marks = sorted((mark for mark in special if len(mark) > 1), key=len, reverse=True)

    def defuse(text: str) -> str:
        for mark in marks:
            if mark in text:
                text = text.replace(mark, f"{mark[0]} {mark[1:]}")
        return text

    return defuse


def _handed_on(messages: Iterable[Message]) -> list[Message]:
    """The messages with the handles of an answer's results put to the request that follows."""
    results: tuple[str, ...] = ()
    handed: list[Message] = []
    for message in messages:
        if message.role == "user":
            handles = (*results, *message.handles)
            handed.append(Message("user", message.text, tuple(dict.fromkeys(handles))))
            results = ()
        else:
            handed.append(message)
            results = (*results, *message.handles)
    return handed


def _joined(conversation: Iterable[Turn]) -> list[Turn]:
    joined: list[Turn] = []
    for turn in conversation:
        if joined and joined[-1]["role"] == turn["role"]:
            content = f"{joined[-1]['content']}\n\n{turn['content']}"
            joined[-1] = {**joined[-1], "content": content}
        else:
            joined.append(turn)
    return joined
