"""Everything that is said to an LLM that helps to make data; no other file holds such words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modaverse.tool import ToolSpec
    from modaverse_training.instructions.row import Row

__all__ = [
    "EXAMPLES",
    "REGISTERS",
    "SYSTEM",
    "invent",
    "paraphrase",
    "rewrite",
    "route",
    "use_tool",
]

SYSTEM = (
    "You help to write training data for an assistant that answers with pictures, sounds, speech "
    "and videos. You answer with one JSON object on one line and with nothing else."
)

REGISTERS = (
    "a child of eight", "an office clerk in a hurry", "somebody who dictates and says um",
    "a friendly grandmother", "a film student", "somebody typing on a phone, all lower case",
    "a teacher preparing a lesson", "somebody who writes keywords only", "a polite stranger",
    "a musician", "a designer giving a brief", "somebody who explains first why they ask",
    "a tired parent", "somebody whose first language is not English", "a radio journalist",
    "somebody who asks it as a question", "a customer who is short of time", "a curious engineer",
)  # fmt: skip

EXAMPLES = (
    "hey, got time for a quick sketch? a heron on one leg, thx",
    "Our choir meets on Thursdays, so I would need a voice that announces: Rehearsal at seven.",
)

_KINDS = {"image": "a picture", "audio": "a sound", "video": "a video", "text": "a text"}


def rewrite(row: Row, register: str) -> str:
    """Asks for the request that the last plan of a row answers."""
    rules = [
        f"Write it as {register} would.",
        "Keep every detail of the prompts, word for word where it matters: names, numbers, colours "
        "and quoted words. Add no detail of your own.",
        "Speak of options only as their values say, such as the length or the size.",
        "Do not name tools, prompts or plans.",
    ]
    if row.media:
        rules.append(
            "Never say what the attachments show: speak of them as this picture, that sound, "
            "my video. Who asks can see them, and the assistant too."
        )
    parts = [
        "An assistant got a message from a person and answered with this plan:",
        _quoted(row.answer),
        *_attached(row),
        *_before(row),
        "Write the message. Rules:",
        *(f"- {rule}" for rule in rules),
        f"Two messages of other people, for their tone alone: {_quoted(EXAMPLES[0])} "
        f"{_quoted(EXAMPLES[1])}",
        'Answer with {"request": "the message"}.',
    ]
    return "\n".join(parts)


def paraphrase(request: str, keep: Sequence[str], register: str) -> str:
    """Asks for a request in other words."""
    parts = [
        "Say this message in other words, so that it asks for exactly the same:",
        _quoted(request),
        f"Write it as {register} would.",
    ]
    if keep:
        parts.append(f"Keep these words exactly as they are: {', '.join(map(_quoted, keep))}")
    parts.append('Answer with {"request": "the message in other words"}.')
    return "\n".join(parts)


def invent(caption: str, given: str, wanted: str, register: str) -> str:
    """Asks for a request about an attachment, and for what a generator is to be told."""
    return "\n".join(
        [
            f"A person attaches {_KINDS[given]}. What it shows: {_quoted(caption)}",
            f"They want {_KINDS[wanted]} that goes with it.",
            f"1. Write their message as {register} would. It never says what the attachment shows, "
            f"and it makes clear that {_KINDS[wanted]} is wanted.",
            f"2. Write what a generator is told that makes {_KINDS[wanted]} from words alone and "
            "knows nothing of the attachment: a plain description of at most twenty words.",
            'Answer with {"request": "the message", "prompt": "what the generator is told"}.',
        ]
    )


def use_tool(spec: ToolSpec, content: str, register: str) -> str:
    """Asks for a request that a tool answers, with prompt and options."""
    options = json.dumps(spec.option_schema()["properties"], ensure_ascii=False)
    takes = ", ".join(_KINDS[slot.modality] for slot in spec.inputs) or "words alone"
    return "\n".join(
        [
            f"A tool works on {takes} and makes {_KINDS[spec.output]}. It says of itself: "
            f"{_quoted(spec.description)}",
            f"Its options, as a JSON schema: {options}",
            f"Think of a person who needs it; it might be about {_quoted(content)}.",
            f"1. Write their message as {register} would, without naming the tool.",
            "2. Write the prompt for the tool, in words that stand in the message.",
            "3. Give the options that the message asks for; most messages ask for none.",
            'Answer with {"request": "the message", "prompt": "the prompt", "options": {}}.',
        ]
    )


def route(row: Row) -> str:
    """Asks what a request wants to have made."""
    kinds = [_KINDS[reference.modality] for reference in row.media]
    attached = f" and attaches {', '.join(kinds)}" if kinds else ""
    return "\n".join(
        [
            f"A person writes {_quoted(row.request)}{attached}.",
            "What do they want to get? A text alone, a picture, a sound (speech and music are "
            "sounds too) or a video; maybe several.",
            'Answer with {"makes": []}, whose list holds "text", "image", "audio", "video".',
        ]
    )


def _attached(row: Row) -> list[str]:
    if not row.media:
        return []
    told = (
        f"{ref.handle} ({_KINDS[ref.modality]}; it shows: {_quoted(ref.caption or 'unknown')})"
        for ref in row.media
    )
    return [f"Attached to the message: {'; '.join(told)}."]


def _before(row: Row) -> list[str]:
    if len(row.messages) == 2:
        return []
    turns = [f"{turn.role}: {_quoted(turn.content)}" for turn in row.messages[:-2]]
    return ["Before that they said:", *turns]


def _quoted(text: str) -> str:
    """The text as JSON writes it, so that nothing in it can be taken for our own words."""
    return json.dumps(text, ensure_ascii=False)
