"""Orders, things, questions and woes for one described tool, with its inputs named in them."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from functools import cache
from random import Random

from modaverse_training.instructions.described.inputs import MEDIA, Given, articled
from modaverse_training.instructions.described.nouns import said_otherwise
from modaverse_training.instructions.described.reading import Described, Role
from modaverse_training.instructions.described.verbs import VERBS, Verb
from modaverse_training.instructions.items import Split
from modaverse_training.instructions.workshop import a, joined

__all__ = ["Wording"]

# After these words a noun has no article.
_BARE = re.compile(
    r"\b(too much|full of|lot of|some|no|without|any|are there|only|just|which|what|how many|"
    r"number of|less|better|another|different|same|online) \{o\}"
)
_GENERIC = {"image": "image", "audio": "audio", "video": "video", "text": "text"}
_HELD_OUT = 8  # one wording in so many is only for validation and test
_OUTPUT = {
    "image": ("image", "picture", "photo"),
    "video": ("video", "clip", "film"),
    "audio": ("audio", "sound file", "recording"),
    "text": ("text", "words"),
}


@dataclass(frozen=True)
class Wording:
    """Words for what one tool does, for one split.

    Args:
        described: The tool as it was read.
        split: Whose wordings are used; some are kept from training.
        rng: Decides.
        inputs: What is given to it, in order.
        again: Whether that was spoken of before.
        ambiguous: Whether another tool's description begins in the same words.
    """

    described: Described
    split: Split
    rng: Random
    inputs: tuple[Given, ...]
    again: bool
    ambiguous: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """How the inputs are spoken of, in order."""
        return tuple(one.again if self.again else one.name for one in self.inputs)

    @property
    def it(self) -> str:
        """All that is worked on: "a.jpg and b.jpg"; beside files, no words."""
        files = [n for n, one in enumerate(self.inputs) if one.role in MEDIA]
        if self.again and len(files) > 1 and self.rng.random() < 0.7:
            return self.rng.choice(("them", "them", "both", "these"))
        told = joined(self.names[n] for n in files or range(len(self.names))) or "it"
        if len(files) == 2 and not self.again and len({self.inputs[n].role for n in files}) == 1:
            noun = self.inputs[0].role
            return (
                f"{self.rng.choice(('', '', 'two ', 'these two ', 'the '))}{noun}s {told}"
                if (self.rng.random() < 0.3)
                else told
            )
        return told

    def name(self) -> str:
        """The tool's name, as it is written or as words."""
        tool = self.described
        return self.rng.choice((tool.tool.task, tool.spoken, tool.spoken, tool.tool.task))

    def order(self) -> str:
        """An order, without a full stop."""
        return articled(self._order())

    def _order(self) -> str:
        how = self._instruction()
        if re.search(r" it\b", how) and self.rng.random() < 0.4:
            return re.sub(r" it\b", f" {self.it}", how, count=1)
        draw = self.rng.random()
        tool = self.described
        if tool.by_name and draw < 0.2:
            return self._by_name(*tool.by_name)
        if tool.turned and draw < 0.12:
            return self._turned(*tool.turned)
        if tool.results and 0.2 <= draw < 0.28 and self.names:
            return f"make {self.it} {said_otherwise(self.rng.choice(tool.results), self.rng)}"
        orders = self._of(self._verb().order)
        if orders and 0.28 <= draw < 0.55 and (told := self._told(orders)):
            return told
        if tool.makes and 0.6 <= draw < 0.7:
            link = self.rng.choice(("of", "from", "out of"))
            return (
                f"{self.rng.choice(('make', 'create', 'produce'))} {self._makes()} {link} {self.it}"
            )
        if tool.also and 0.55 <= draw < 0.6:
            return f"{self.rng.choice(tool.also)} of {self.it}".replace("if it ", f"if {self.it} ")
        return self._as_described()

    def thing(self) -> str:
        """What is wanted, as a noun phrase."""
        return articled(self._thing())

    def _thing(self) -> str:
        draw, tool = self.rng.random(), self.described
        if tool.results and draw < 0.2:
            version = self.rng.choice(("version", "version", "copy"))
            return f"{a(f'{self.rng.choice(tool.results)} {version}')} of {self.it}"
        if tool.makes and 0.2 <= draw < 0.4:
            return f"{self._makes()} {self.rng.choice(('of', 'from'))} {self.it}"
        if draw < 0.32:
            last = self.rng.choice(("of", "for", "of"))
            return (
                f"{self.rng.choice(('the', 'a', ''))} {self._plain_name()} {last} {self.it}".strip()
            )
        things = self._of(self._verb().get)
        told = self._told(things) if things else ""
        return told or self._object_of()

    def ask(self) -> str:
        """A question without its mark; empty if there is none."""
        asks = self._of(self._verb().ask)
        return articled(self._told(asks)) if asks else ""

    def say(self) -> str:
        """What somebody tells who wants it done; empty if there is nothing."""
        tool, draw = self.described, self.rng.random()
        if tool.states and draw < 0.4:
            too = self.rng.choice(("", "too ", "very ", "quite ", "rather "))
            state = said_otherwise(self.rng.choice(tool.states), self.rng)
            return f"{self.it} {'are' if len(self.names) > 1 else 'is'} {too}{state}"
        if tool.results and draw < 0.6:
            wished = self.rng.choice(tool.results)
            return self.rng.choice((
                f"{self.it} should be {wished}", f"i want {self.it} to be {wished}",
                f"{self.it} could be {wished}", f"{self.it} is not {_positive(wished)} enough",
            ))  # fmt: skip
        says = self._of(self._verb().say)
        return articled(self._told(says)) if says else ""

    def _as_described(self) -> str:
        """The description as an order, in its own or in other words."""
        tool = self.described
        verbs = self._of((tool.verb, tool.verb, *self._verb().do)) if tool.verb else ()
        verb = self.rng.choice(verbs) if verbs else self.rng.choice(("do", "make", "perform"))
        rest = tool.rest
        if verb != tool.verb:
            rest = re.sub(r"^for (?=\w|\{)", "", rest)  # one searches for, but finds
        if tool.roles[:1] in (("thing",), ("topic",)) and self.rng.random() < 0.6:
            link = self.rng.choice(
                ("of", "of", "about", "showing", "for", "on", "with", "related to")
            )
            rest = re.sub(r"(?:on the \w+ )?based on (?=\{0\})", f"{link} ", rest)
        how = self._instruction()
        if how and " it" not in how and tool.objects and self.rng.random() < 0.45:
            rest = rest.replace(tool.objects[0], how, 1)
        elif len(tool.objects) > 1 and self.rng.random() < 0.4 and tool.objects[0] in rest:
            rest = rest.replace(tool.objects[0], self.rng.choice(tool.objects[1:]), 1)
        rest = _plain(said_otherwise(rest, self.rng))
        kept = [
            side for side in tool.sides if self.rng.random() < (0.7 if side[:4] == "for " else 0.3)
        ]
        if self.ambiguous and tool.sides and not kept:
            kept = [self.rng.choice(tool.sides)]
        for side in kept:
            short = re.search(r"\(([A-Z]{2,})\)", side)
            if short and self.rng.random() < 0.6:
                side = f"{self.rng.choice(('using', 'with', 'by'))} {short[1]}"
            rest += f" {_plain(said_otherwise(side, self.rng, 0.2))}"
        return self._named(f"{verb} {rest}")

    def _by_name(self, verb: str, before: str) -> str:
        """An order from a name: "keyword extractor" is to extract keywords from it."""
        others = _entry(verb, next(iter(self.described.roles), None)).do
        verb = self.rng.choice(self._of((verb, verb, *others)))
        kinds = {*_GENERIC, *self.described.nouns}
        words = [word for word in before.split() if word not in kinds or not self.names]
        if not words:
            made = self.described.tool.kind
            if "url" in self.described.roles and before:
                return f"{verb} {self.rng.choice(('the', 'a', 'this'))} {before} from {self.it}"
            if "topic" in self.described.roles or "thing" in self.described.roles:
                noun = before or self.rng.choice(_OUTPUT.get(made, ("text",)))
                link = self.rng.choice(("about", "of", "for", "on"))
                made = self.rng.choice((a(noun), f"{noun}s", f"some {noun}"))
                return f"{verb} {made} {link} {self.it}"
            return f"{verb} {self.it}"
        link = self.rng.choice(("of", "in", "from", "for"))
        return f"{verb} {self.rng.choice(('the ', '', 'the '))}{' '.join(words)} {link} {self.it}"

    def _turned(self, source: str, target: str) -> str:
        """An order from a name such as "audio-to-image"."""
        verb = self.rng.choice(("turn", "convert", "change", "transform", "make"))
        link = {"change": "into", "turn": "into", "make": "into"}.get(verb, "to")
        noun = self.rng.choice(_OUTPUT.get(target, (target,)))
        made = noun if target == "text" else a(noun)
        if self.rng.random() < 0.3:
            return f"make {made} {self.rng.choice(('of', 'from', 'out of'))} {self.it}"
        if self.rng.random() < 0.2:
            return f"go from {source} to {target} with {self.it}"
        return f"{verb} {self.it} {link} {made}"

    def _makes(self) -> str:
        """What is made of the inputs."""
        return a(_plain(said_otherwise(self.rng.choice(self.described.makes), self.rng)))

    def _object_of(self) -> str:
        """The description's object and what it comes from: "an image based on talk.wav"."""
        tool = self.described
        if not tool.objects or not tool.rest.startswith(tool.objects[0]):
            return f"{self._plain_name()} of {self.it}"
        return self._named(_plain(said_otherwise(tool.rest, self.rng)))

    def _plain_name(self) -> str:
        """The tool's name without the kind of what it is given: "keyword extraction"."""
        return self.described.spoken

    def _told(self, templates: tuple[str, ...]) -> str:
        """One of the templates, filled."""
        template = self.rng.choice(templates)
        if "{o}" not in template:
            return template.replace("{it}", self.it)
        if not self.described.objects:
            return ""
        how = self._instruction()
        if how and " it" not in how and self.rng.random() < 0.45:
            return template.replace("{o}", how).replace("{it}", self.it)
        noun = re.sub(r"\{\d\}", "", self.rng.choice(self.described.objects)).strip()
        if _BARE.search(template):
            noun = re.sub(r"^(the|an?|various|any) ", "", noun)
        elif not noun.startswith(("the ", "a ", "an ")) and self.rng.random() < 0.3:
            noun = f"the {noun}"
        text = template.replace("{o}", said_otherwise(noun, self.rng)).replace("{it}", self.it)
        return text.replace("the the ", "the ")

    def _named(self, text: str) -> str:
        """The text with the names of the inputs in their places; those without one at the end."""
        left = [n for n in range(len(self.names)) if f"{{{n}}}" not in text]
        for n, name in enumerate(self.names):
            text = text.replace(f"{{{n}}}", name, 1)
        text = re.sub(r" ?\{\d\}", "", text)
        for n in left:
            if self.described.roles[n] == "instruction":
                if self.names[n] in text:
                    continue
                text = self._instructed(text, self.names[n])
            else:
                text = f"{text} {self.rng.choice(('for', 'of', 'with'))} {self.names[n]}"
        return text

    def _instructed(self, text: str, how: str) -> str:
        if re.match(r"(make|speed|slow|turn|set|do|keep) ", how):
            return f"{text}, {how}"
        return self.rng.choice((f"{text}: {how}", f"{text}, namely {how}", f"{text} with {how}"))

    def _instruction(self) -> str:
        """How it is to be done, if that is told; empty if it is not."""
        return next((one.value for one in self.inputs if one.role == "instruction"), "")

    def _verb(self) -> Verb:
        """Wordings of the description's verb and of the verb in the name.

        Where another description begins in the same words, only the name's verb tells them apart.
        """
        tool = self.described
        role = next(iter(tool.roles), None)
        first = _entry(tool.verb, role)
        if tool.by_name is None or tool.by_name[0] == tool.verb:
            return first
        second = _entry(tool.by_name[0], role)
        if self.ambiguous and second != Verb():
            return Verb(first.do, second.order, second.get, second.ask, second.say)
        return Verb(
            first.do,
            (*first.order, *second.order),
            (*first.get, *second.get),
            (*first.ask, *second.ask),
            (*first.say, *second.say),
        )

    def _of(self, wordings: tuple[str, ...]) -> tuple[str, ...]:
        """The wordings that the split may use; the held-out ones alone in validation and test."""
        held = {w for w in wordings[1:] if zlib.crc32(w.encode()) % _HELD_OUT == 0}
        if self.split == "train":
            return tuple(w for w in wordings if w not in held)
        return tuple(held) if held and self.rng.random() < 0.7 else wordings


@cache
def _entry(verb: str, role: Role | None) -> Verb:
    """Wordings of a verb, those for what it is done to first."""
    return VERBS.get(f"{verb}-{role}") or VERBS.get(verb, Verb())


def _plain(text: str) -> str:
    """A text without what stands in brackets."""
    return " ".join(re.sub(r" ?\([^)]*\)", "", text).split())


def _positive(comparative: str) -> str:
    """The plain form of a comparative: of "smoother", smooth."""
    if comparative.startswith("more "):
        return comparative.removeprefix("more ")
    stem = comparative.removesuffix("er")
    return stem if stem != comparative else comparative
