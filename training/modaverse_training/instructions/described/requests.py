"""Rows for described tools: a request in words that people would use, and the plan of one call."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING

from modaverse.errors import ConfigError
from modaverse_training.evaluation.taskbench_data import BenchTool
from modaverse_training.instructions.described import contents, frames
from modaverse_training.instructions.described.inputs import MEDIA, Given, given
from modaverse_training.instructions.described.orders import Wording
from modaverse_training.instructions.described.reading import Described, read_described
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.items import Item
from modaverse_training.instructions.phrases import drawn
from modaverse_training.instructions.style import styled

if TYPE_CHECKING:
    from modaverse.plan import Handle
    from modaverse_training.instructions.items import Split
    from modaverse_training.instructions.row import Row
    from modaverse_training.instructions.stock import Stock
    from modaverse_training.instructions.workshop import Workshop

__all__ = ["DescribedRows"]

_KINDS = {"orders": 0.4, "things": 0.16, "haves": 0.15, "woes": 0.16, "asks": 0.06, "named": 0.07}
_FRAMES = {
    "orders": frames.ORDERS, "things": frames.THINGS, "haves": frames.HAVES, "woes": frames.WOES,
    "asks": frames.ASKS, "named": frames.NAMED,
}  # fmt: skip
_BEFORE, _AFTER = 0.16, 0.2  # shares of the requests with a sentence that says nothing of the tool


class DescribedRows:
    """Makes rows of one split for described tools; row n is the same whenever it is made.

    Args:
        workshop: The tools; those that are described are asked for.
        stock: Media to attach; what it lacks is attached by name alone.
        split: Whose wordings are used.
        seed: Together with the number, decides a row.

    Raises:
        ConfigError: No tool is known by a description.
    """

    def __init__(self, workshop: Workshop, stock: Stock, split: Split, *, seed: int = 0) -> None:
        self.workshop, self.stock, self.split, self.seed = workshop, stock, split, seed
        if not self.tools:
            raise ConfigError(
                "no tool among those of the rows is described",
                hint="name described tools in `tools`, or leave `tools` out",
            )

    @cached_property
    def tools(self) -> tuple[Described, ...]:
        """The described tools."""
        box = self.workshop.toolbox
        return tuple(read_described(tool) for tool in box.values() if isinstance(tool, BenchTool))

    @cached_property
    def _openings(self) -> Counter[str]:
        """How many descriptions begin alike."""
        return Counter(_opening(tool) for tool in self.tools)

    def row(self, number: int) -> Row:
        """Row `number`, from 0."""
        rng = Random(f"{self.seed} described {self.split} {number}")
        tool = rng.choice(self.tools)
        inputs = given(tool, rng)
        text, family = self._request(tool, inputs, rng)
        draft = Draft(self.workshop)
        handles = [self._attached(draft, one, rng) for one in inputs if one.attached]
        said = "; ".join(one.value for one in inputs if one.value)
        call = Call(tool.tool.spec.name, said, tuple(handles))
        draft.exchange(text, reply_to([call], self.workshop), [call], family)
        return draft.row(f"{self.split}-{number:07}")

    def _request(self, tool: Described, inputs: tuple[Given, ...], rng: Random) -> tuple[str, str]:
        """A request in words, and its family."""
        kinds = dict(_KINDS)
        while True:
            (kind,) = rng.choices(list(kinds), list(kinds.values()))
            template = drawn(rng.choice(_FRAMES[kind][self.split]), rng)
            if text := self._filled(template, tool, inputs, rng):
                break
            kinds.pop(kind)
        text = _with_extras(text, inputs, rng)
        if rng.random() < _BEFORE:
            text = f"{self._aside(frames.BEFORE, rng)}. {text}"
        closed = any(one.value and text.rstrip(".?").endswith(one.value) for one in inputs)
        if not closed and rng.random() < _AFTER:
            mark = "" if text.endswith("?") else "."
            text = f"{text}{mark} {self._aside(frames.AFTER, rng)}"
        behind = "".join(one.behind for one in inputs)
        if behind:
            text = text.rstrip(".?!") + rng.choice((": ", ": ", ":\n", ". ")) + behind
        elif not closed and text[-1:] not in ".?!" and rng.random() < 0.6:
            text += "."
        text = _sentences(styled(text, rng, closed=True), rng)
        return _as_given(text, inputs), f"described-{self.split}/{kind}"

    def _filled(
        self, template: str, tool: Described, inputs: tuple[Given, ...], rng: Random
    ) -> str:
        """A frame with its parts; empty if the tool has none for it."""
        alike = self._openings[_opening(tool)] > 1
        first = Wording(tool, self.split, rng, inputs, again=False, ambiguous=alike)
        later = Wording(tool, self.split, rng, inputs, again=True, ambiguous=alike)
        parts = sorted(re.findall(r"\{(order|thing|ask|say|it)\}", template), key=template.index)
        for place, part in enumerate(dict.fromkeys(parts)):
            words = later if place and rng.random() < 0.85 else first
            said = words.it if part == "it" else str(getattr(words, part)())
            if not said:
                return ""
            template = template.replace(f"{{{part}}}", said, 1)
        return template.replace("{name}", first.name())

    def _aside(self, table: frames.Table, rng: Random) -> str:
        text = drawn(rng.choice(table[self.split]), rng)
        return text.replace("{subject}", contents.subject(rng))

    def _attached(self, draft: Draft, one: Given, rng: Random) -> Handle:
        kind = one.role
        assert kind in ("image", "audio", "video")
        if self.stock.has(kind):
            item = self.stock.attachment(kind, rng)
            return draft.attach(item, item.captions[0])
        caption = one.file or one.name
        return draft.attach(Item(caption, kind, (caption,)), caption)


def _opening(tool: Described) -> str:
    """Verb, object and kinds of input of a description."""
    return " ".join([tool.verb, *re.sub(r"\{\d\}", "", tool.rest).split(), *tool.roles])


def _with_extras(text: str, inputs: Sequence[Given], rng: Random) -> str:
    """The request with what is yet to be said: a file, an instruction, a script to be read."""
    files = [one for one in inputs if one.role in MEDIA]
    missing = [one for one in inputs if one.role not in MEDIA and not _said(one, text)]
    if files and not any(one.name in text for one in files):
        missing += files
    text = text.rstrip(".") if missing else text
    for one in missing:
        if one.role == "instruction":
            joints: tuple[str, ...] = (
                ": {}",
                ". {}",
                ", namely {}",
                ". I want this: {}",
                " ({})",
                " - {}",
            )
        elif one.role in MEDIA:
            joints = (". here is {}", ". it is about {}", ". I have {}", " ({})", ": {}")
        else:
            joints = (". the text is {}", ", with {}", ". use {}", " using {}", ": {}")
        text += rng.choice(joints).format(one.name)
    return text


def _said(one: Given, text: str) -> bool:
    """Whether a request has an input's words, also where "it" stands for what they are about."""
    return re.search(r" \S.*".join(map(re.escape, re.split(r" it\b", one.name))), text) is not None


def _as_given(text: str, inputs: Sequence[Given]) -> str:
    """The request with files and addresses as they are, also where a sentence begins."""
    for name in (one.file or one.value for one in inputs):
        if re.fullmatch(r"\S+\.\S+", name):
            text = text.replace(name[:1].upper() + name[1:], name)
    return text


def _sentences(text: str, rng: Random) -> str:
    """The request with capitals at its sentences, as most people write them."""
    text = re.sub(r"\b([iI]) 'd ", r"\1'd ", text)
    if rng.random() < 0.25:
        return text
    text = re.sub(r"(?<=[.?!] )(?!https?:|www)([a-z])", lambda found: found[1].upper(), text)
    return re.sub(r"\bi(?=['’ ])", "I", text)
