"""An item: one captioned picture, sound, video or spoken sentence of a caption set."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from modaverse.media import Modality

__all__ = [
    "FACTS", "SPLITS", "Fact", "Item", "Kind", "Split", "is_noun_phrase", "split_of", "tidy",
]  # fmt: skip

Split = Literal["train", "validation", "test"]
Kind = Literal["image", "audio", "video"]
Fact = Literal["colour", "place", "count", "doing"]

SPLITS: tuple[Split, ...] = get_args(Split)
FACTS: tuple[Fact, ...] = get_args(Fact)

_HELD_OUT = 20  # one in so many keys is for validation, another for test, where a set does not say
_SPACE_BEFORE = re.compile(r"\s+([.,;:!?])")
# A first word that is no name, so that its capital is only that of a sentence.
_OPENING = re.compile(
    r"(A|An|The|This|That|These|Those|Some|Several|Many|Few|Two|Three|Four|Five|Six|Seven|Eight|"
    r"Nine|Ten|One|Another|People|Man|Men|Woman|Women|Boy|Boys|Girl|Girls|Child|Children|Person|"
    r"There|It|He|She|They|Someone|Somebody|Group|Young|Old|Small|Large|Little|Big|Black|White|"
    r"Red|Green|Blue|Yellow|Brown|Gray|Grey|In|On|At|With|Large|Dog|Dogs|Cat|Cats|Bird|Birds)\b"
)
_VERB = re.compile(
    r"\b(is|are|was|were|am|has|have|had|does|do|did|can|will|there|it|they|he|she|i|you|we)\b",
    re.IGNORECASE,
)
_DETERMINED = re.compile(r"(a|an|the|two|three|four|five|some|several|many|my|his|her)\b", re.I)


@dataclass(frozen=True)
class Item:
    """One media value of a set, and what is known of it.

    Attributes:
        key: What it is called in its set. Items with one key always stand in the same split, so
            it is the picture of several captions, or the speaker of several recordings.
        modality: What it is.
        captions: What it shows, or the words that are spoken in it; at least one.
        path: The file; None if only the captions are there.
        spoken: Whether the captions are words that are spoken in it.
        name: The one thing it shows, if the set knows: "dog".
        plural: How several of them are called: "dogs".
        facts: What answers a question about that thing, by `FACTS`, where the set knows: "The
            colour is red."
        elsewhere: What to ask a tool for to have the same in another modality; where it says
            nothing, a caption must do.
        split: What the set itself says.
        source: The set.
    """

    key: str
    modality: Kind
    captions: tuple[str, ...]
    path: str | None = None
    spoken: bool = False
    name: str = ""
    plural: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[Modality, tuple[str, ...]] = field(default_factory=dict)
    split: Split | None = None
    source: str = ""


def split_of(item: Item) -> Split:
    """The split of an item: its set's own, or one that its key decides for good."""
    if item.split is not None:
        return item.split
    draw = zlib.crc32(f"{item.source} {item.key}".encode()) % _HELD_OUT
    return "validation" if draw == 0 else "test" if draw == 1 else "train"


def tidy(caption: str) -> str:
    """A caption as part of a sentence: one line, no full stop, no capital that is only a start's.

    Example:
        >>> tidy("A man  is riding a horse .")
        'a man is riding a horse'
    """
    text = _SPACE_BEFORE.sub(r"\1", " ".join(caption.split()))
    if text.endswith(".") and not text.endswith(".."):
        text = text[:-1].rstrip()
    return text[:1].lower() + text[1:] if _OPENING.match(text) else text


def is_noun_phrase(caption: str) -> bool:
    """Whether "a picture of …" can stand before a caption; when in doubt, no."""
    if _VERB.search(caption) or any(mark in caption for mark in ".;:!?\n"):
        return False
    words = caption.split()
    return len(words) <= 3 or (bool(_DETERMINED.match(caption)) and "ing " in f"{caption} ")
