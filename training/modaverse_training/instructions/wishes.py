"""A wish in words: one phrase that asks a tool for something, and the call that answers it."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from modaverse_training.instructions.draft import Call
from modaverse_training.instructions.items import is_noun_phrase
from modaverse_training.instructions.phrases import Family, bank, drawn, filled, places
from modaverse_training.instructions.style import quoted
from modaverse_training.instructions.workshop import in_words

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse_training.instructions.items import Item, Split
    from modaverse_training.instructions.stock import Known, Source, Stock
    from modaverse_training.instructions.workshop import Workshop

__all__ = ["MAKERS", "Desk", "Phrase", "Wish"]

MAKERS = ("paint", "sound", "speak", "film")  # the roles that make something of words alone
_FACELESS = 0.15  # share of what is made of items that may have no face in the modality wanted
_TRIES = 50  # draws until an item is taken as it is
_OPTION = 0.15  # share of the wishes that ask for an option
_TOLD_OF: dict[str, Source] = {"paint": "image", "sound": "audio", "film": "video"}
_ORDINALS = ("first", "second", "third", "fourth")
_NAMES = (
    "Anna", "Ben", "Chen", "Dora", "Emil", "Fatima", "Greg", "Hana", "Ivan", "Jaya", "Kofi", "Lena",
    "Mateo", "Noor", "Olga", "Pedro", "Rosa", "Samir", "Tove", "Yuki", "Doctor Weiss", "Mrs Okafor",
)  # fmt: skip
_PLACES = (
    "Lisbon", "Oslo", "Kyoto", "Lima", "Dublin", "Ghent", "Accra", "Quebec", "Riga", "Cairo",
    "Naples", "Perth", "Bergen", "Porto", "Graz", "York", "Izmir", "Hanoi", "Santa Fe",
)  # fmt: skip


@dataclass(frozen=True)
class Phrase:
    """A filled phrase.

    Attributes:
        text: What is asked.
        family: Of the phrasing.
        closed: Whether it ends in words that the plan repeats.
    """

    text: str
    family: Family
    closed: bool = False


@dataclass(frozen=True)
class Wish:
    """A phrase, and the call that it asks for."""

    phrase: Phrase
    call: Call
    role: str


class Desk:
    """All that a request is made with: tools, items of one split, its phrases, and chance.

    Args:
        workshop: The tools.
        stock: The items.
        split: Of the phrases.
        rng: Decides everything.
    """

    def __init__(self, workshop: Workshop, stock: Stock, split: Split, rng: Random) -> None:
        self.workshop = workshop
        self.stock = stock
        self.split = split
        self.rng = rng

    def chance(self, share: float) -> bool:
        """True in this share of the cases."""
        return self.rng.random() < share

    def phrase(self, task: str, values: dict[str, str], *, without: frozenset[str]) -> Phrase:
        """A phrase of a task, filled; none that has a place of `without`."""
        fitting = [
            (family, text)
            for family in bank(task).of(self.split)
            for text in family.phrases
            if not places(text) & without
        ]
        family, text = self.rng.choice(fitting)
        template = drawn(text, self.rng)
        closed = template.endswith(("{s}", "{x}", "{q}", "{y}"))
        return Phrase(filled(template, values).strip(), family, closed)

    def about(self, task: str, content: str, **values: str) -> Phrase:
        """A phrase that takes in a content, as a thing or as a quotation."""
        without = frozenset() if is_noun_phrase(content) else frozenset({"x"})
        given = {"x": content, "s": content, "q": quoted(content, self.rng), **values}
        return self.phrase(task, given, without=without)

    def plain(self, task: str, **values: str) -> Phrase:
        """A phrase that takes in no content."""
        return self.phrase(task, values, without=frozenset())

    def content(self, role: str) -> str:
        """What to ask a maker for: a caption of its own modality, or of whatever there is."""
        if role == "speak":
            return self._sentence()
        return self.stock.told(_TOLD_OF[role], self.rng) or self.stock.anything(self.rng)

    def wish(self, role: str, content: str | None = None) -> Wish:
        """A wish for what a maker makes."""
        said = self.content(role) if content is None else content
        phrase = self.about(role, said)
        tool = self.workshop.tool(role)
        option = self.workshop.options(tool, self.rng) if self.chance(_OPTION) else None
        if option is None or (
            role == "speak" and phrase.closed and said in phrase.text[-len(said) :]
        ):
            return Wish(phrase, Call(tool, said), role)
        phrase = Phrase(phrase.text + self.asked(*option), phrase.family)
        return Wish(phrase, Call(tool, said, options=(option,)), role)

    def any_wish(self) -> Wish | None:
        """A wish for what any maker makes; None if there is none."""
        roles = [role for role in MAKERS if self.workshop.can(role)]
        return self.wish(self.rng.choice(roles)) if roles else None

    def asked(self, name: str, value: object) -> str:
        """Words that ask for an option, to come behind a phrase."""
        families = {family.name: family for family in bank("options").families}
        family = families.get(f"options/{name}") or families["options/any"]
        text = drawn(self.rng.choice(family.phrases), self.rng)
        words = filled(text, {"v": in_words(name, value), "name": name.replace("_", " ")})
        return words if words.startswith(",") else f" {words}"

    def refer(self, kind: Source, handle: str, *, count: int = 1) -> str:
        """How a person speaks of an attachment, which is one of `count` of its kind."""
        task = kind if count == 1 else f"{kind}-nth"
        families = {family.name: family for family in bank("referents").families}
        text = drawn(self.rng.choice(families[f"referents/{task}"].phrases), self.rng)
        place = int(handle.lstrip("abcdefghijklmnopqrstuvwxyz"))
        return filled(text, {"handle": handle, "nth": _ORDINALS[min(place, 4) - 1]})

    def attachment(
        self, kind: Source, known: Known = "captions", *, to: Modality | None = None
    ) -> Item:
        """An item to attach; if something is to be made of it, mostly one that has a face in `to`.

        A house has no sound of its own, but its sound is asked for all the same now and then.
        """
        any_will_do = to is None or self.chance(_FACELESS)
        for _ in range(_TRIES):
            item = self.stock.attachment(kind, self.rng, known)
            if any_will_do or (to and item.elsewhere.get(to) != ()):
                break
        return item

    def _sentence(self) -> str:
        """Something to say: what somebody said, or a saying."""
        said = self.stock.told("speech", self.rng) if self.chance(0.6) else None
        if said is None:
            return self._saying()
        if self.chance(0.6):
            said = said[:1].upper() + said[1:]
        return f"{said}." if self.chance(0.3) and said[-1].isalnum() else said

    def _saying(self) -> str:
        family = bank("sayings").family(self.split, self.rng)
        values = {
            "n": str(self.rng.randint(2, 30)),
            "name": self.rng.choice(_NAMES),
            "place": self.rng.choice(_PLACES),
            "thing": self.stock.anything(self.rng),
        }
        return filled(drawn(self.rng.choice(family.phrases), self.rng), values)
