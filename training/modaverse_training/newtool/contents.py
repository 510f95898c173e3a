"""What requests are about: links, names, colours, styles, sentences, things; by what a tool says.

Words come from the banks of the nano grammar and from the prompts of hand-written requests, so that
no dictionary need be installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from random import Random

from modaverse_training.nano.lm import phrases

__all__ = ["KINDS", "Contents", "kinds_of"]

# The kinds of prompts, and the words of a docstring from which they are guessed.
KINDS: Mapping[str, str] = {
    "address": r"url|urls|link|links|website|address|addresses|web",
    "name": r"name|names|person|people|who",
    "number": r"number|numbers|digits|code|codes|date|dates",
    "colour": r"colou?r|colou?rs|palette|hue|shade|tint",
    "music": r"music|musical|groove|rhythm|drum|drums|beats?|song|songs|melody|tempo|genre",
    "sentence": r"text|texts|sentence|sentences|words?|message|headline|says?|spell|quote|letters?",
    "place": r"place|places|city|cities|country|map|weather|town",
}
_ENDS = (
    "com", "org", "net", "de", "fr", "nl", "io", "co.uk", "es", "it", "eu", "info", "app", "club",
    "at", "pl", "dev",
)  # fmt: skip
_SHADES = (
    "teal", "navy", "coral", "salmon", "olive", "maroon", "crimson", "indigo", "beige", "khaki",
    "plum", "lavender", "turquoise", "mint", "ivory", "charcoal", "mustard", "peach", "burgundy",
    "ochre", "lilac", "magenta", "cyan", "azure", "scarlet", "emerald", "amber", "rust", "cream",
)  # fmt: skip
_TINTS = ("light", "dark", "pale", "deep", "bright", "soft", "pastel", "warm", "cool", "dusty")
_DANCES = (
    "bossa nova", "rumba", "cha cha", "mambo", "afrobeat", "drum and bass", "hip hop", "trap",
    "boogie", "shuffle", "rock and roll", "grunge", "dancehall", "merengue", "cumbia", "marching",
    "jungle", "garage", "breakbeat", "soul", "gospel", "ragtime", "dub", "surf rock", "new wave",
)  # fmt: skip
_SLOT = re.compile(r"\{(\w+)\}")


def kinds_of(about: str) -> tuple[str, ...]:
    """The kinds of prompts that a tool seems to want, from what it says of itself."""
    return tuple(kind for kind, words in KINDS.items() if re.search(rf"\b({words})\b", about))


class Contents:
    """Draws contents, each different from most others.

    Args:
        rng: Decides.
        kinds: Kinds of `KINDS` to draw; things and scenes come in any case.
        samples: Prompts of the tool's own examples.
        scenes: Prompts that people wrote for other tools.
        sayings: Sentences that people wrote.
    """

    def __init__(
        self,
        rng: Random,
        kinds: Sequence[str],
        samples: Sequence[str],
        scenes: Sequence[str],
        sayings: Sequence[str],
    ) -> None:
        self.rng = rng
        self._kinds = kinds
        self._samples = samples
        self._scenes = scenes or phrases.THINGS
        self._sayings = sayings or phrases.CHATTER

    def draw(self) -> str:
        """A content: mostly of the kinds that were named."""
        draw = self.rng.random()
        if self._samples and draw < 0.22:
            return self._like_a_sample()
        if self._kinds and draw < 0.8:
            return self._makers[self.rng.choice(list(self._kinds))]()
        if draw < 0.84:
            return self._makers[self.rng.choice(list(KINDS))]()
        return self.thing() if draw < 0.94 else self.scene()

    def thing(self) -> str:
        """A noun phrase of two to four words: "a rusty lamp"."""
        words = [self.rng.choice(phrases.THINGS)]
        if self.rng.random() < 0.6:
            words.insert(0, self.rng.choice(phrases.QUALITIES + phrases.COLOURS))
        lead = self.rng.choice(("a", "a", "a", "the", "my", "our", ""))
        if lead == "a" and words[0][0] in "aeiou":
            lead = "an"
        return " ".join(filter(None, [lead, *words]))

    def scene(self) -> str:
        """What somebody asked another tool for."""
        return self.rng.choice(self._scenes)

    def sentence(self) -> str:
        """Something to say or to write."""
        if self.rng.random() < 0.6:
            return self.rng.choice(self._sayings)
        return self.filled(self.rng.choice(phrases.CHATTER))

    def word(self) -> str:
        """A plain word in small letters, perhaps one that nobody ever wrote."""
        if self.rng.random() < 0.4:
            return self._coined()
        return self.rng.choice(phrases.THINGS).lower()

    def filled(self, template: str) -> str:
        """A template with `[a|b]` decided and its places filled with words."""
        text = phrases.expand(template, self.rng)
        return _SLOT.sub(lambda place: self._word_for(place[1]) or place[0], text)

    @cached_property
    def _makers(self) -> Mapping[str, Callable[[], str]]:
        return {
            "address": self._address, "name": self._name, "number": self._number,
            "colour": self._colour, "music": self._music, "sentence": self.sentence,
            "place": lambda: self.rng.choice(phrases.PLACES),
        }  # fmt: skip

    def _word_for(self, place: str) -> str:
        makers: Mapping[str, Callable[[], str]] = {
            "name": lambda: self.rng.choice(phrases.FIRST_NAMES),
            "person": lambda: self.rng.choice(phrases.FIRST_NAMES),
            "noun": lambda: self.rng.choice(phrases.THINGS),
            "nouns": lambda: self.rng.choice(phrases.THINGS) + "s",
            "thing": self.thing,
            "city": lambda: self.rng.choice(phrases.PLACES),
            "int": lambda: str(self.rng.randint(2, 40)),
            "number": lambda: str(self.rng.randint(1, 999)),
            "adjective": lambda: self.rng.choice(phrases.QUALITIES),
        }
        return makers[place]() if place in makers else ""

    def _like_a_sample(self) -> str:
        """A prompt of an example, as it is or with one of its words exchanged."""
        sample = self.rng.choice(self._samples)
        words = sample.split(" ")
        if len(words) > 1 and self.rng.random() < 0.6:
            place = self.rng.randrange(len(words))
            if words[place].isalpha() and len(words[place]) > 3:
                others = (phrases.THINGS, phrases.QUALITIES, phrases.MOODS)
                words[place] = self.rng.choice(self.rng.choice(others))
        return " ".join(words)

    def _coined(self) -> str:
        parts = self.rng.choices((1, 2, 3), (0.2, 0.5, 0.3))[0]
        plain = [
            self.rng.choice(phrases.ONSETS) + self.rng.choice(phrases.VOWELS) for _ in range(parts)
        ]
        return ("".join(plain) + self.rng.choice(phrases.CODAS)).lower()

    def _host(self) -> str:
        names = [self.word() for _ in range(self.rng.choices((1, 2), (0.6, 0.4))[0])]
        joined = self.rng.choice(("-", "", "")).join(names)
        return f"{_ascii(joined)}.{self.rng.choice(_ENDS)}"

    def _address(self) -> str:
        draw = self.rng.random()
        if draw < 0.12:
            return f"{_ascii(self.rng.choice(phrases.FIRST_NAMES).lower())}@{self._host()}"
        lead = self.rng.choice(("https://", "https://", "http://", "www.", "https://www.", ""))
        path = ""
        for _ in range(self.rng.choices((0, 1, 2), (0.5, 0.35, 0.15))[0]):
            path += "/" + self.rng.choice((_ascii(self.word()), str(self.rng.randint(1, 2030))))
        if self.rng.random() < 0.1:
            path += f"?{self.word()[:1]}={self._coined()}{self.rng.randint(1, 999)}"
        return f"{lead}{self._host()}{path}"

    def _name(self) -> str:
        first = self.rng.choice(phrases.FIRST_NAMES)
        if self.rng.random() < 0.5:
            return first
        return f"{first} {self.rng.choice(phrases.SURNAMES)}"

    def _number(self) -> str:
        draw, digits = self.rng.random(), "".join(self.rng.choices("0123456789", k=12))
        if draw < 0.3:
            return f"+{digits[:2]} {digits[2:5]} {digits[5:8]} {digits[8:]}"
        if draw < 0.6:
            letters = "".join(self.rng.choices("ABCDEFGHKLMNPRSTUVWXYZ", k=3))
            return self.rng.choice((f"{digits[:4]}-{letters}", f"{letters}{digits[:5]}", letters))
        if draw < 0.8:
            noun = self.rng.choice(
                ("Room", "Table", "Gate", "Box", "Item", "Seat", "Ticket", "Bay")
            )
            return f"{noun} {digits[: self.rng.randint(1, 4)]}"
        return digits[: self.rng.randint(2, 10)]

    def _colour(self) -> str:
        draw = self.rng.random()
        if draw < 0.2:
            return "#" + "".join(self.rng.choices("0123456789abcdef", k=6))
        colour = self.rng.choice((self.rng.choice(phrases.COLOURS), self.rng.choice(_SHADES)))
        if draw < 0.55:
            return colour
        if draw < 0.8:
            return f"{self.rng.choice(_TINTS)} {colour}"
        if draw < 0.9:
            return f"{colour} and {self.rng.choice(phrases.COLOURS)}"
        return f"{colour} {self.rng.choice(phrases.THINGS)}"

    def _music(self) -> str:
        style = self.rng.choice((self.rng.choice(phrases.GENRES), self.rng.choice(_DANCES)))
        draw = self.rng.random()
        if draw < 0.5:
            return style
        if draw < 0.75:
            mood = self.rng.choice(phrases.MOODS)
            return self.rng.choice((f"{mood} {style}", f"a {mood} {style}"))
        form = self.rng.choice(phrases.MUSIC_FORMS)
        return self.rng.choice((f"{style} {form}", f"a {style} {form}", f"{style} music"))


def _ascii(text: str) -> str:
    """What of a text may stand in an address."""
    return re.sub(r"[^a-z0-9.-]", "", text.lower()) or "x"
