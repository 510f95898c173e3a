"""The suite `geneval`: do the facts of GenEval's prompts reach the text-to-image prompts?

GenEval (Ghosh et al., NeurIPS 2023, arXiv 2310.11513) judges pictures: are the objects there, as
many, of that colour, at that place? A planner can lose such a fact before any picture is made, so
here the same facts are looked for in the prompts of its plan. The file is GenEval's own
`evaluation_metadata.jsonl`: one {"tag", "include": [{"class", "count"[, "color"][, "position"]}],
"prompt"} a line.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modaverse.errors import DataError
from modaverse.llm.base import LLMRequest, Message
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.figures import Figure, ratio, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.pairs import numbered_lines
from modaverse_training.evaluation.plans import Planner, outputs
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.suite import Section, Suite, digest

__all__ = ["Fact", "GenEvalSuite", "Metadata", "facts_of", "read_metadata", "stands_in"]

Kind = Literal["object", "count", "colour", "position"]
KINDS: tuple[Kind, ...] = ("object", "count", "colour", "position")
FILE = "evaluation_metadata.jsonl"

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
# Where the words before a thing that tell of it alone end.
_BOUNDS = frozenset((
    "a", "an", "the", "and", "or", "with", "of", "on", "in", "at", "near", "next", "to", "beside",
    "from", "by", "is", "are", "left", "right", "above", "below", "over", "under", *",.;:",
))  # fmt: skip
_RELATIONS: Mapping[str, tuple[str, ...]] = {
    "left of": ("left of", "left side of"),
    "right of": ("right of", "right side of"),
    "above": ("above", "over", "on top of"),
    "below": ("below", "under", "underneath", "beneath"),
}
_OPPOSITE = {"left of": "right of", "right of": "left of", "above": "below", "below": "above"}
_IRREGULAR = {"person": "people", "mouse": "mice", "knife": "knives", "sheep": "sheep"}


class Included(BaseModel):
    """One object of a prompt, as GenEval's file says it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    thing: str = Field(alias="class", min_length=1)
    count: int = Field(ge=1)
    color: str = ""
    position: tuple[Literal["left of", "right of", "above", "below"], int] | None = None


class Metadata(BaseModel):
    """One prompt of GenEval and what its picture must show."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    tag: str
    prompt: str = Field(min_length=1)
    include: tuple[Included, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a prompt says.

    Attributes:
        kind: What about it: that an object is there, how many, its colour, its place.
        thing: The object's class.
        value: The count in digits, the colour, or the relation; empty for an object.
        other: The object that a position is relative to.
    """

    kind: Kind
    thing: str
    value: str = ""
    other: str = ""

    def __str__(self) -> str:
        """The fact in words."""
        return " ".join(part for part in (self.kind, self.thing, self.value, self.other) if part)


def read_metadata(path: str | Path) -> list[Metadata]:
    """The prompts of GenEval's metadata file, or of the folder that holds it.

    Raises:
        DataError: It cannot be read, or a line is broken.
    """
    source = Path(path)
    source = source / FILE if source.is_dir() else source
    rows = []
    for number, line in numbered_lines(source, hint=f"give GenEval's {FILE}"):
        try:
            row = Metadata.model_validate(json.loads(line))
            if any(i.position and i.position[1] >= len(row.include) for i in row.include):
                raise ValueError("a position is relative to an object that is not included")
            rows.append(row)
        except (ValidationError, ValueError) as error:
            told = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
            raise DataError(told, file=str(source), line=number) from error
    if not rows:
        raise DataError("there are no prompts in it", file=str(source))
    return rows


def facts_of(row: Metadata) -> list[Fact]:
    """Every fact of a prompt. One of a thing is no count: "a dog" says that there is a dog."""
    facts = []
    for item in row.include:
        facts.append(Fact("object", item.thing))
        if item.count > 1:
            facts.append(Fact("count", item.thing, str(item.count)))
        if item.color:
            facts.append(Fact("colour", item.thing, item.color))
        if item.position:
            relation, other = item.position
            facts.append(Fact("position", item.thing, relation, row.include[other].thing))
    return facts


def stands_in(fact: Fact, prompt: str, classes: Sequence[str] = ()) -> bool:
    """Whether a prompt says a fact.

    A count or a colour must belong to the object: stand before it with nothing but adjectives
    between ("two big red dogs"), or a colour behind it ("a dog that is red", "a dog in red"). A
    position is said the one way ("a dog left of a cat") or the other ("a cat right of a dog").

    Args:
        fact: What is looked for.
        prompt: Where.
        classes: All object classes: "dog" in "hot dog" is no dog if there is a class "hot dog".
    """
    words = re.findall(r"[a-z0-9]+|[,.;:]", prompt.lower())
    places = list(_mentions(fact.thing, words, classes))
    if fact.kind == "object":
        return bool(places)
    if fact.kind == "count":
        number = int(fact.value)
        said = {fact.value, *_NUMBERS[number : number + 1]}
        return any(said & set(_before(words, start)) for start, _ in places)
    if fact.kind == "colour":
        return any(
            fact.value in _before(words, start) or fact.value == _behind(words, end)
            for start, end in places
        )
    others = list(_mentions(fact.other, words, classes))
    return any(
        _related(words, a, b, fact.value) or _related(words, b, a, _OPPOSITE[fact.value])
        for a in places
        for b in others
    )


class GenEvalSuite(Suite[tuple[int, Metadata]]):
    """GenEval's prompts, put as requests, word for word.

    Args:
        planner: Asks the LLM.
        rows: The prompts.
        toolbox: The tools.
    """

    name = "geneval"
    title = "GenEval facts in prompts"

    def __init__(self, planner: Planner, rows: Sequence[Metadata], toolbox: Toolbox) -> None:
        self._planner, self._rows, self._toolbox = planner, rows, toolbox
        self._classes = sorted({item.thing for row in rows for item in row.include})

    def tasks(self) -> Sequence[tuple[int, Metadata]]:
        """The prompts, numbered as in the file."""
        return list(enumerate(self._rows, 1))

    def named(self, task: tuple[int, Metadata]) -> str:
        """The number of a prompt."""
        return str(task[0])

    def run(self) -> Mapping[str, Any]:
        """The prompts and the tools."""
        return {
            "prompts": digest(row.model_dump() for row in self._rows),
            "tools": list(self._toolbox),
        }

    def judge(self, task: tuple[int, Metadata]) -> Record:
        """Which facts of one prompt stand in the prompts of the plan's pictures."""
        row = task[1]
        answer = self._planner.plan(LLMRequest((Message("user", row.prompt),), self._toolbox))
        made = outputs(answer.plan, self._toolbox)
        prompts = [c.prompt for c, m in zip(answer.plan.calls, made, strict=True) if m == "image"]
        return {
            "tag": row.tag,
            "prompt": row.prompt,
            "answer": answer.text,
            "error": answer.error,
            "routed": made == ["image"] and not answer.error,
            "facts": [
                [fact.kind, str(fact), any(stands_in(fact, p, self._classes) for p in prompts)]
                for fact in facts_of(row)
            ],
            "seconds": answer.seconds,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """Facts kept: of all kinds, by kind, and by GenEval's tag."""
        tags = list(dict.fromkeys(record["tag"] for record in records))
        whole = [record for record in records if all(kept for _, _, kept in record["facts"])]
        return Section(
            self.name,
            self.title,
            [
                _kept("facts kept", records),
                *(_kept(f"{kind}s kept", records, kind) for kind in KINDS),
                wilson("prompts with every fact", len(whole), len(records)),
                wilson(
                    "one picture and nothing else", sum(r["routed"] for r in records), len(records)
                ),
            ],
            {
                "facts kept, by tag": [
                    _kept(tag, [record for record in records if record["tag"] == tag])
                    for tag in tags
                ]
            },
            notes=(
                "Looked for in the prompts of all calls that make a picture; no picture is judged. "
                "The prompts are the requests, word for word.",
            ),
            wrong=[
                {
                    "asked": record["prompt"],
                    "wanted": "; ".join(told for _, told, kept in record["facts"] if not kept),
                    "got": record["answer"],
                    "error": record["error"],
                }
                for record in records
                if record not in whole
            ][:SHOWN],
        )


def _kept(name: str, records: Sequence[Record], kind: str = "") -> Figure:
    """Facts kept of all facts; those of one prompt hang together, so prompts are resampled."""
    pairs = []
    for record in records:
        found = [kept for its, _, kept in record["facts"] if not kind or its == kind]
        if found:
            pairs.append((sum(found), len(found)))
    return ratio(name, pairs)


@cache
def _forms(thing: str) -> tuple[tuple[str, ...], ...]:
    """A class's words, in the singular and in the plurals that people write."""
    *head, last = re.findall(r"[a-z0-9]+", thing.lower())
    ends = {last, f"{last}s", f"{last}es", _IRREGULAR.get(last, last)}
    if last.endswith("y"):
        ends.add(f"{last[:-1]}ies")
    return tuple((*head, end) for end in sorted(ends))


def _mentions(
    thing: str, words: Sequence[str], classes: Sequence[str] = ()
) -> Iterator[tuple[int, int]]:
    """Where a class is named, as (start, end), but not within the name of a longer class."""
    longer = [other for other in classes if other != thing and f" {thing} " in f" {other} "]
    taken = {place for other in longer for place in _ranges(other, words)}
    for start, end in _ranges(thing, words):
        if not any(first <= start and end <= last for first, last in taken):
            yield start, end


def _ranges(thing: str, words: Sequence[str]) -> Iterator[tuple[int, int]]:
    for form in _forms(thing):
        for start in range(len(words) - len(form) + 1):
            if tuple(words[start : start + len(form)]) == form:
                yield start, start + len(form)


def _before(words: Sequence[str], start: int) -> list[str]:
    """The words right before a thing that tell of it alone."""
    found = []
    for word in reversed(words[:start]):
        if word in _BOUNDS:
            break
        found.append(word)
    return found


def _behind(words: Sequence[str], end: int) -> str:
    """The word that a phrase behind a thing says of it: "that is red", "in red", "colored red"."""
    rest = list(words[end:])
    if rest[:1] in (["that"], ["which"]):
        rest = rest[1:]
    marks = ("is", "are", "in", "colored", "coloured")
    return next((word for mark, word in pairwise(rest[:2]) if mark in marks), "")


def _related(
    words: Sequence[str], first: tuple[int, int], second: tuple[int, int], relation: str
) -> bool:
    """Whether a relation is said between a thing and one that is named after it."""
    between = f" {' '.join(words[first[1] : second[0]])} "
    return first[1] <= second[0] and any(f" {said} " in between for said in _RELATIONS[relation])
