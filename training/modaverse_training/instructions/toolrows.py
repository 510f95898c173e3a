"""Rows made from what tools say of themselves: docstring and options become requests and plans.

So a tool that no grammar knows can be learned. "Write a haiku about the prompt." gives "could you
write a haiku about a red fox, with 3 verses?" and `haiku with {"verses":3}: a red fox`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modaverse.errors import DataError, RequestError
from modaverse.plan import closest
from modaverse_training.instructions import edits
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.phrases import bank, drawn
from modaverse_training.instructions.style import styled
from modaverse_training.instructions.workshop import Workshop, joined

if TYPE_CHECKING:
    from modaverse.tool import ToolSpec
    from modaverse.toolbox import Toolbox
    from modaverse_training.instructions.items import Item, Split
    from modaverse_training.instructions.row import Row
    from modaverse_training.instructions.stock import Source
    from modaverse_training.instructions.wishes import Desk

__all__ = ["describable", "describe", "purpose", "tool_rows"]

_PROMPT = re.compile(r"\b(?:the|a|this|your|each) (?:given )?(?:prompt|text prompt)(?:'s)?\b", re.I)
_MEDIA = {
    "image": r"picture|image|photo|photograph|drawing",
    "audio": r"sound|audio|recording|speech|music|voice|song",
    "video": r"video|clip|film|movie",
}
_SILENT = re.compile(
    r"prompt (?:may|can) (?:stay|be|be left) empty|prompt is (?:not used|ignored)", re.I
)
_OPTION = 0.4  # share of the requests that ask for an option, of tools that have some
_SEVERAL, _ASKED, _AGAIN, _CHAINED = 0.1, 0.08, 0.07, 0.3


@dataclass(frozen=True)
class _Order:
    """A request for one call, in words."""

    text: str
    call: Call
    family: str


def tool_rows(
    toolbox: Toolbox,
    names: Iterable[str],
    items: Iterable[Item],
    split: Split,
    *,
    count: int,
    seed: int = 0,
) -> Iterator[Row]:
    """Rows for these tools, as many as wanted; other tools are in them as company only.

    Items that only captions tell of are attached too.

    Raises:
        DataError: A tool works on something that there are no items of.
        RequestError: There is no such tool.
    """
    from modaverse_training.instructions.grammar import Grammar, Mix
    from modaverse_training.instructions.stock import Stock

    mix = Mix(pair=0, several=0, follow=0, told=0, aside=0, refuse=0, tools=1)
    stock = Stock(items, split, attach="captions")
    grammar = Grammar(Workshop(toolbox), stock, split, seed=seed, mix=mix, focus=tuple(names))
    return (grammar.row(number) for number in range(count))


def describable(desk: Desk, names: Sequence[str]) -> None:
    """Check that rows can be made for all of these tools.

    Raises:
        RequestError: There is no such tool.
        DataError: A tool works on something that there are no items of, or on a text.
    """
    for name in names:
        if name not in desk.workshop.toolbox:
            raise RequestError(
                f"there is no tool {name!r}", hint=closest(name, desk.workshop.toolbox)
            )
        for slot in desk.workshop.toolbox[name].spec.inputs:
            kind = slot.modality
            if slot.required and (kind == "text" or not desk.stock.has(kind)):
                raise DataError(
                    f"the tool {name} works on {kind}, and there is no item of that kind",
                    hint="name a source of them, such as concepts",
                )


def describe(desk: Desk, names: Sequence[str]) -> Draft | None:
    """A conversation about one of these tools; None if there are none."""
    if not names:
        return None
    draft = Draft(desk.workshop)
    spec = desk.workshop.toolbox[desk.rng.choice(list(names))].spec
    if desk.chance(_ASKED):
        phrase = desk.plain("tool-ask", name=_in_words(spec.name))
        draft.exchange(styled(phrase.text, desk.rng), purpose(spec), (), phrase.family.name)
        return draft
    order = _order(desk, draft, spec)
    calls, text = [order.call], order.text
    if spec.output == "text" and desk.workshop.can("speak") and desk.chance(_CHAINED):
        calls.append(Call(desk.workshop.tool("speak"), "{#1}"))
        text += desk.rng.choice((" and read it aloud", ", then say it", " and speak the result"))
    elif desk.chance(_SEVERAL) and (other := desk.any_wish()) is not None:
        joiner = bank("joiners").family(desk.split, desk.rng)
        between = drawn(desk.rng.choice(joiner.phrases), desk.rng)
        gap = "" if between[0] in ".,;" else " "
        text = f"{text}{gap}{between} {other.phrase.text}"
        calls.append(other.call)
    closed = text.endswith(calls[-1].prompt or "\0")
    reply = reply_to(calls, desk.workshop)
    draft.exchange(styled(text, desk.rng, closed=closed), reply, calls, order.family)
    if desk.chance(_AGAIN):
        again = desk.plain("again")
        draft.exchange(styled(again.text, desk.rng), reply, calls, again.family.name)
    return draft


def purpose(spec: ToolSpec) -> str:
    """The first sentence of what a tool says of itself."""
    sentence = re.split(r"(?<=[.!?])\s", " ".join(spec.description.split()), maxsplit=1)[0]
    return sentence.split(";")[0].rstrip(".!? ") + "."


def _order(desk: Desk, draft: Draft, spec: ToolSpec) -> _Order:
    """A request for one call of the tool; attaches what it works on."""
    handles, names = _inputs(desk, draft, spec)
    said = "" if spec.inputs and _SILENT.search(spec.description) else _told(desk, spec)
    option = desk.workshop.options(spec.name, desk.rng) if desk.chance(_OPTION) else None
    text, family = _phrased(desk, spec, said, names)
    if option is not None:
        text += desk.asked(*option)
    options: tuple[tuple[str, Any], ...] = () if option is None else (option,)
    return _Order(text, Call(spec.name, said, tuple(handles), options), family)


def _phrased(desk: Desk, spec: ToolSpec, said: str, names: Sequence[str]) -> tuple[str, str]:
    """A request in words, and its family: by the docstring, or by the tool's name."""
    order = _as_order(spec, said, names)
    if order and desk.chance(0.75):
        phrase = desk.plain("tool", order=order)
    else:
        on = f"on {joined(names)}" if names else ""
        task = "tool-name" if said else "tool-bare"
        phrase = desk.plain(task, name=_in_words(spec.name), s=said, on=on)
    return phrase.text, phrase.family.name


def _as_order(spec: ToolSpec, said: str, names: Sequence[str]) -> str:
    """The docstring as an order with its content and its media filled in: "paint a red fox"."""
    text = purpose(spec)[:-1]
    if len(text.split()) > 20 or not text[:1].isalpha():
        return ""
    text = text[:1].lower() + text[1:]
    for slot, name in zip(spec.inputs, names, strict=False):
        mention = re.compile(rf"\b(?:an?|the|this|your) (?:{_MEDIA[slot.modality]})\b", re.I)
        text = _put(name, mention, text) or f"{text}, with {name}"
    if not said:
        return _PROMPT.sub("it", text)
    return _put(said, _PROMPT, text) or f"{text}: {said}"


def _put(words: str, pattern: re.Pattern[str], text: str) -> str:
    """The text with words in place of the first match; empty if there is none."""
    found = pattern.search(text)
    return f"{text[: found.start()]}{words}{text[found.end() :]}" if found else ""


def _told(desk: Desk, spec: ToolSpec) -> str:
    """What the tool is told: of what it makes, or how it is to change what it works on."""
    if spec.inputs:
        return edits.order(desk.rng) if desk.chance(0.5) else edits.like(desk.rng)
    kinds: tuple[Source, ...] = ("image", "audio", "video")
    kind = next((kind for kind in kinds if kind == spec.output), desk.rng.choice(kinds))
    if desk.chance(0.2):
        return desk.content("speak")
    return desk.stock.told(kind, desk.rng) or desk.stock.anything(desk.rng)


def _inputs(desk: Desk, draft: Draft, spec: ToolSpec) -> tuple[list[str], list[str]]:
    """Attaches what the tool works on; the handles, and how a person speaks of them."""
    handles, names = [], []
    for slot in spec.inputs:
        kind = slot.modality
        if kind == "text" or not desk.stock.has(kind) or not (slot.required or desk.chance(0.5)):
            break  # what comes behind a slot that is left empty might be taken for it
        item = desk.attachment(kind)
        handle = draft.attach(item, item.captions[0])
        before = sum(slot.modality == kind for slot in spec.inputs) > 1
        handles.append(handle)
        names.append(desk.refer(kind, handle, count=1 + before))
    return handles, names


def _in_words(name: str) -> str:
    return name.replace("-", " ")
