"""The items of one split, ready to be drawn from in fair shares."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import accumulate
from random import Random
from typing import Literal

from modaverse_training.instructions.items import FACTS, Fact, Item, Split, split_of, tidy
from modaverse_training.instructions.sampling import shares

__all__ = ["LONGEST", "Known", "Source", "Stock", "fit", "kind_of"]

Source = Literal["image", "audio", "video", "speech"]
Known = Literal["captions", "name"] | Fact  # what must be known of an item

LONGEST = 300  # characters of a caption; a prompt under the grammar may have 400


class Stock:
    """Draws items by what they are; sets of many items are drawn from more often, but not by far.

    Args:
        items: Of all sets and splits.
        split: The one to draw from.
        temperature: 1 draws every item alike, more evens out the sets.
        attach: "files" attaches only items that have one; "captions" also those that only a
            caption tells of, for LLMs that read text alone.
    """

    def __init__(
        self,
        items: Iterable[Item],
        split: Split,
        *,
        temperature: float = 2.0,
        attach: Literal["files", "captions"] = "files",
    ) -> None:
        told: dict[str, dict[str, list[Item]]] = defaultdict(lambda: defaultdict(list))
        for item in items:
            if split_of(item) == split:
                told[kind_of(item)][item.source].append(item)
        self._told = {kind: _Shelves(sets, temperature) for kind, sets in told.items()}
        here = {
            kind: {
                name: [item for item in part if attach == "captions" or item.path]
                for name, part in sets.items()
            }
            for kind, sets in told.items()
        }
        needs: tuple[Known, ...] = ("captions", "name", *FACTS)
        self._attached = {known: _shelves(here, temperature, known) for known in needs}
        everything = [item for sets in told.values() for part in sets.values() for item in part]
        self._names = {
            kind: sorted({i.name for i in everything if i.name and kind_of(i) == kind})
            for kind in told
        }
        self.size = len(everything)

    def has(self, kind: Source, known: Known = "captions") -> bool:
        """Whether there is something of this kind to attach, and this is known of it."""
        return kind in self._attached[known]

    def can_differ(self, kind: Source) -> bool:
        """Whether there are two names of this kind."""
        return len(self._names.get(kind, ())) > 1

    def attachment(self, kind: Source, rng: Random, known: Known = "captions") -> Item:
        """An item that can be attached, of which this is known."""
        return self._attached[known][kind].draw(rng)

    def other_name(self, item: Item, rng: Random) -> str:
        """A name that an item of the same kind has and this one has not."""
        names = self._names[kind_of(item)]
        while (name := rng.choice(names)) == item.name:
            pass
        return name

    def told(self, kind: Source, rng: Random) -> str | None:
        """A caption of something of this kind, tidied; None if there is nothing."""
        if kind not in self._told:
            return None
        return rng.choice(self._told[kind].draw(rng).captions)

    def anything(self, rng: Random) -> str:
        """A caption of anything."""
        return self._told[rng.choice(sorted(self._told))].draw(rng).captions[0]


class _Shelves:
    """Items by set."""

    def __init__(self, sets: dict[str, list[Item]], temperature: float) -> None:
        counts = {name: len(part) for name, part in sets.items()}
        weights = shares(counts, temperature)
        self._sets: Sequence[list[Item]] = [sets[name] for name in counts]
        self._bounds = list(accumulate(weights[name] for name in counts))

    def draw(self, rng: Random) -> Item:
        """An item, of a set chosen by its share."""
        (part,) = rng.choices(self._sets, cum_weights=self._bounds)
        return rng.choice(part)


def _shelves(
    items: Mapping[str, Mapping[str, list[Item]]], temperature: float, known: Known
) -> dict[str, _Shelves]:
    """The shelves of the items of which this is known, where there are any."""
    found = {}
    for kind, sets in items.items():
        kept = {name: [item for item in part if _knows(item, known)] for name, part in sets.items()}
        if filled := {name: part for name, part in kept.items() if part}:
            found[kind] = _Shelves(filled, temperature)
    return found


def _knows(item: Item, known: Known) -> bool:
    """Whether a set tells this of an item."""
    if known == "captions":
        return True
    return bool(item.name) if known == "name" else known in item.facts


def kind_of(item: Item) -> Source:
    """What an item counts as: its modality, or speech."""
    return "speech" if item.spoken else item.modality


def fit(item: Item) -> Item | None:
    """The item with its captions tidied; None if none of them can be used."""
    captions = [caption for caption in map(tidy, item.captions) if _usable(caption)]
    return replace(item, captions=tuple(dict.fromkeys(captions))) if captions else None


def _usable(caption: str) -> bool:
    """Whether a caption can be a prompt: neither empty nor endless, without braces or controls."""
    plain = caption.isprintable() and "{" not in caption and "\\" not in caption
    return plain and len(caption) <= LONGEST and any(c.isalpha() for c in caption)
