"""What the nano generators were taught to show, and whether a prompt names any of it.

The words lie beside the weights in `text/words.json`, which `modaverse_training.nano.words` writes.
A word counts in any of its common forms: barks, barking and bark are one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Literal

from modaverse_tools.pipeline import WEIGHTS

__all__ = [
    "FILE",
    "Kind",
    "knows",
    "names_any",
    "place_words",
    "places",
    "remark",
    "stems",
    "things",
    "without",
]

Kind = Literal["image", "video", "audio"]

FILE = WEIGHTS / "text" / "words.json"
_WORD = re.compile(r"[a-z]+")
_SHOWN = 60  # characters of a prompt in a remark
_SAYINGS: dict[Kind, tuple[str, str, str]] = {
    "image": ("draws", "things", "the picture may show"),
    "video": ("films", "things", "the video may show"),
    "audio": ("makes", "sounds", "the sound may be of"),
}


def knows(kind: Kind) -> tuple[str, ...]:
    """Names of all that a nano generator was taught to make; none if the list is not there."""
    return tuple(_read().get(_list(kind), {}))


def things() -> dict[str, list[str]]:
    """All words for each thing that nano draws, by its name; none if the list is not there."""
    return _read().get("things", {})


def places() -> dict[str, list[str]]:
    """All words for each place that nano paints, by its name; none if the list is not there."""
    return _read().get("places", {})


def names_any(kind: Kind, prompt: str) -> bool:
    """Whether a prompt names something that was taught; places behind it do not count."""
    known, longest = _known(_list(kind))
    words = without(stems(prompt), place_words())
    spans = (
        "".join(words[begin:end])
        for begin in range(len(words))
        for end in range(begin + 1, min(begin + longest, len(words)) + 1)
    )
    return any(span in known for span in spans)


def remark(kind: Kind, prompt: str) -> str:
    """What to tell a person whose prompt names nothing that was taught; else empty."""
    count = len(knows(kind))
    if not count or names_any(kind, prompt):
        return ""
    makes, what, may = _SAYINGS[kind]
    shown = " ".join(prompt.split())
    shown = shown if len(shown) <= _SHOWN else shown[: _SHOWN - 1] + "…"
    return (
        f'nano {makes} {count} {what} and none of them is named in "{shown}", so {may} something '
        f"else; modaverse tools show text-to-{kind} lists them"
    )


def _list(kind: Kind) -> str:
    return "sounds" if kind == "audio" else "things"


@cache
def _read() -> dict[str, dict[str, list[str]]]:
    if not FILE.is_file():
        return {}
    read: dict[str, dict[str, list[str]]] = json.loads(FILE.read_text(encoding="utf-8"))
    return read


@cache
def _known(name: str) -> tuple[frozenset[str], int]:
    """Every word for something taught, as `names_any` joins it, and the most words of one."""
    phrases = [stems(word) for words in _read()[name].values() for word in words]
    return frozenset(map("".join, phrases)), max(map(len, phrases))


@cache
def place_words() -> tuple[tuple[str, ...], ...]:
    """What captions say of places, the longest first: "among the stars" names no star."""
    phrases = (tuple(stems(word)) for words in _read()["places"].values() for word in words)
    return tuple(sorted(phrases, key=len, reverse=True))


def without(words: Sequence[str], phrases: Iterable[Sequence[str]]) -> list[str]:
    """The words less those of the phrases; an empty one stands where a phrase was."""
    left = list(words)
    for phrase in phrases:
        for begin in reversed(range(len(left) - len(phrase) + 1)):
            if left[begin : begin + len(phrase)] == list(phrase):
                left[begin : begin + len(phrase)] = [" "]
    return left


def stems(text: str) -> list[str]:
    """The stems of the words of a text."""
    return list(_each_stem(text.lower().replace("\u2019", "'").replace("'s", "")))


def _each_stem(text: str) -> Iterator[str]:
    for word in _WORD.findall(text):
        yield _stem(word)


def _stem(word: str) -> str:
    """A word without common endings; equal for the forms of one word, and no word itself."""
    if word.endswith(("ses", "xes", "zes", "ches", "shes", "oes")) and len(word) > 4:
        word = word[:-2]
    elif word.endswith("ies") and len(word) > 4:
        word = word[:-3] + "y"
    elif word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    for ending in ("ing", "ed"):
        rest = word.removesuffix(ending)
        if rest != word and len(rest) > 2 and re.search("[aeiouy]", rest):
            word = rest
            break
    if len(word) > 3:
        word = word.removesuffix("e")
    if word.endswith("f"):
        word = word[:-1] + "v"  # wolf, wolves
    return word[:-1] if len(word) > 3 and word[-1] == word[-2] not in "aeiou" else word
