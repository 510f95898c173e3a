"""Banks of phrasings, one text file a task, and how a phrase is drawn from one.

A file holds families, each of one split, so that what a model is judged on was never worded in
training:

    # a comment
    == train wonder
    what [would|might] {it} sound like?
    == validation ears
    i close my eyes and think of {it}: what do i hear?

A family that answers with words of its own has them in its header: `== train greeting -> Hello!`.
`[a|b]` is either, and may hold others; `{it}` is a place to fill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from modaverse.errors import DataError
from modaverse_training.instructions.items import SPLITS, Split

__all__ = ["FOLDER", "Bank", "Family", "bank", "banks", "drawn", "filled", "places", "wordings"]

FOLDER = Path(__file__).parent

_HEADER = re.compile(r"== (\w+) ([a-z0-9-]+)(?: -> (.*))?")
_CHOICE = re.compile(r"\[([^\[\]]*)\]")
_PLACE = re.compile(r"\{([a-z]+)\}")
_GAP = re.compile(r" +(?=[,.:;?!])")


@dataclass(frozen=True)
class Family:
    """Phrases of one kind, all of one split.

    Attributes:
        name: `TASK/NAME`, unique among all banks.
        split: The only split that it is used for.
        phrases: Templates.
        reply: What answers them, where the family decides that.
    """

    name: str
    split: Split
    phrases: tuple[str, ...]
    reply: str = ""


@dataclass(frozen=True)
class Bank:
    """The families of one task."""

    task: str
    families: tuple[Family, ...]

    def of(self, split: Split) -> tuple[Family, ...]:
        """The families of a split."""
        return tuple(family for family in self.families if family.split == split)

    def family(self, split: Split, rng: Random) -> Family:
        """A family of a split; each is as likely as it has phrases."""
        families = self.of(split)
        return rng.choices(families, [len(family.phrases) for family in families])[0]


@cache
def bank(task: str) -> Bank:
    """The bank of a task.

    Raises:
        DataError: There is none, or its file is broken.
    """
    path = FOLDER / f"{task}.txt"
    if not path.is_file():
        raise DataError("there is no such bank of phrases", file=str(path))
    return _parsed(path)


@cache
def wordings(task: str, split: Split = "train") -> tuple[str, ...]:
    """All phrases of a task for a split, of whatever family.

    Raises:
        DataError: There is no such bank, or its file is broken.
    """
    return tuple(phrase for family in bank(task).of(split) for phrase in family.phrases)


def banks() -> Iterator[Bank]:
    """Every bank."""
    for path in sorted(FOLDER.glob("*.txt")):
        yield bank(path.stem)


def drawn(template: str, rng: Random) -> str:
    """A template with every `[a|b]` decided."""
    while choice := _CHOICE.search(template):
        picked = rng.choice(choice[1].split("|"))
        template = template[: choice.start()] + picked + template[choice.end() :]
    return _GAP.sub("", " ".join(template.split()))


def filled(template: str, values: Mapping[str, str]) -> str:
    """A template with every `{place}` filled; what is filled in is never looked into.

    A place whose value is empty goes together with the space before it.
    """
    for name, value in values.items():
        if not value:
            template = re.sub(rf" ?\{{{name}\}}", "", template)
    return _PLACE.sub(lambda place: values.get(place[1], place[0]), template)


def places(template: str) -> frozenset[str]:
    """The names of a template's places."""
    return frozenset(_PLACE.findall(template))


def _parsed(path: Path) -> Bank:
    families: list[Family] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        if header := _HEADER.fullmatch(text):
            families.append(_family(path, number, header))
        elif not families or text.startswith("=="):
            raise DataError("a header `== SPLIT NAME` is wanted", file=str(path), line=number)
        else:
            last = families[-1]
            phrases = (*last.phrases, text)
            families[-1] = Family(last.name, last.split, phrases, last.reply)
    return Bank(path.stem, tuple(families))


def _family(path: Path, number: int, header: re.Match[str]) -> Family:
    split = next((split for split in SPLITS if split == header[1]), None)
    if split is None:
        raise DataError(
            f"{header[1]!r} is no split; use {', '.join(SPLITS)}", file=str(path), line=number
        )
    return Family(f"{path.stem}/{header[2]}", split, (), header[3] or "")
