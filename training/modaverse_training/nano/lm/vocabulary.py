"""Words to fill requests with: WordNet, names, numbers, casing, nonsense, and sentences to say.

WordNet is read from the files of Debian's package wordnet-base. Everything is drawn through one
`random.Random`, so that a seed repeats a stream of requests.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path

from modaverse_training.nano.lm import phrases
from modaverse_training.nano.lm.frames import works
from modaverse_training.nano.wordnet import fit

WORDNET = Path("/usr/share/wordnet")
LEXICAL_FILES = {
    "act": 4, "animal": 5, "artifact": 6, "body": 8, "communication": 10, "event": 11,
    "food": 13, "group": 14, "location": 15, "object": 17, "person": 18, "phenomenon": 19,
    "plant": 20, "substance": 27,
}  # fmt: skip
COMPOUNDED = ("food", "artifact", "plant", "animal")  # kinds whose names are often compounds
_WORD = re.compile(r"^[a-zA-Z][a-z'-]*(_[a-zA-Z][a-z'-]*){0,2}$")
_QUOTED = re.compile(r'"([^"]{4,120})"')
_UNFIT = re.compile(
    r"sex|fuck|\brap(e|ist)|nigg|whore|slut|genital|penis|vagina|faggot|excre|shit|nazi"
)


class WordNet:
    """The nouns by kind, verbs, adjectives and example sentences of WordNet.

    Args:
        root: The folder of the WordNet data files.

    Raises:
        FileNotFoundError: The files are not there: install the Debian package wordnet-base.
    """

    def __init__(self, root: Path | None = None) -> None:
        root = root or WORDNET
        self.nouns: dict[str, list[str]] = {kind: [] for kind in LEXICAL_FILES}
        self.common: dict[str, list[str]] = {kind: [] for kind in LEXICAL_FILES}
        self.verbs: list[str] = []
        self.adjectives: list[str] = []
        self.adverbs: list[str] = []
        self.examples: list[str] = []
        self.glosses: list[str] = []
        kinds = {number: kind for kind, number in LEXICAL_FILES.items()}
        counts = _counts(root / "cntlist.rev")
        for lexical, words, gloss in _synsets(root / "data.noun"):
            self._read_gloss(gloss)
            kind = kinds.get(lexical)
            if kind is None:
                continue
            self.nouns[kind] += words
            self.common[kind] += [w for w in words if counts.get((w, lexical), 0) > 1]
        for name, target in (
            ("verb", self.verbs), ("adj", self.adjectives), ("adv", self.adverbs),
        ):  # fmt: skip
            for _, words, gloss in _synsets(root / f"data.{name}"):
                target.extend(word for word in words if " " not in word)
                self._read_gloss(gloss)

    @cached_property
    def compounds(self) -> list[str]:
        """The nouns of several words of those kinds that have many: `loaf sugar`."""
        return [noun for kind in COMPOUNDED for noun in self.nouns[kind] if " " in noun]

    def _read_gloss(self, gloss: str) -> None:
        definition = re.split(r"[;(]", gloss)[0].strip()
        if 2 <= len(definition.split()) <= 9 and _decent(definition):
            self.glosses.append(definition)
        self.examples += [e for e in _QUOTED.findall(gloss) if _decent(e)]


def _decent(text: str) -> bool:
    """Whether a word or a sentence is neither obscene nor holds a slur."""
    return fit(text) and not _UNFIT.search(text)


def _synsets(path: Path) -> list[tuple[int, list[str], str]]:
    """Lexical file number, words and gloss of every synset of one data file."""
    found = []
    for line in path.read_text(encoding="utf-8", errors="ignore").splitlines():
        if line.startswith("  ") or "|" not in line:
            continue
        head, gloss = line.split("|", 1)
        fields = head.split()
        words = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]) for i in range(int(fields[3], 16))]
        plain = [w.replace("_", " ") for w in words if _WORD.match(w)]
        kept = [word for word in plain if _decent(word) and fit(word, gloss)]
        found.append((int(fields[1]), kept, gloss.strip()))
    return found


def _counts(path: Path) -> dict[tuple[str, int], int]:
    """How often each word of each lexical file occurs in WordNet's tagged texts."""
    counts: dict[tuple[str, int], int] = {}
    for line in path.read_text().splitlines():
        key, _, number = line.split()[:3]
        lemma, rest = key.split("%")
        sense = (lemma.replace("_", " "), int(rest.split(":")[1]))
        counts[sense] = counts.get(sense, 0) + int(number)
    return counts


def ing(verb: str) -> str:
    """The -ing form of a plain English verb."""
    if verb.endswith("ie"):
        return verb[:-2] + "ying"
    if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")):
        return verb[:-1] + "ing"
    if re.search(r"^[^aeiou]*[aeiou][bdgmnprt]$", verb):
        return verb + verb[-1] + "ing"
    return verb + "ing"


def third(verb: str) -> str:
    """The form of a verb after he, she or it."""
    if re.search(r"(s|sh|ch|x|z|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def plural(noun: str) -> str:
    """A regular plural."""
    return third(noun)


def article(phrase: str) -> str:
    """The phrase with `a` or `an` before it."""
    return ("an " if phrase[:1].lower() in "aeiou" else "a ") + phrase


def mistype(word: str, rng: random.Random) -> str:
    """The word with one slip of the fingers."""
    if len(word) < 4:
        return word
    i = rng.randrange(1, len(word) - 2)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    if kind == 1:
        return word[:i] + word[i + 1 :]
    if kind == 2:
        return word[:i] + word[i] + word[i:]
    return word[:i] + rng.choice("abcdefghijklmnoprstuwy") + word[i + 1 :]


class Vocabulary:
    """Draws subjects, scenes, sounds, names and sentences at random.

    Args:
        rng: The source of all chance.
        wordnet: Read once and shared.
    """

    def __init__(self, rng: random.Random, wordnet: WordNet) -> None:
        self.rng = rng
        self.wordnet = wordnet
        self.pieces: tuple[list[str], list[str]] = ([], [])  # word beginnings and continuations

    # ---- words
    def pick(self, options: Sequence[str]) -> str:
        """One of the options, with its own [alternatives|in brackets] drawn too."""
        return phrases.expand(self.rng.choice(options), self.rng)

    def chance(self, share: float) -> bool:
        """True in this share of the calls."""
        return self.rng.random() < share

    def noun(self, *kinds: str) -> str:
        """A noun of one of these kinds, common ones more often."""
        kind = self.rng.choice(kinds or tuple(LEXICAL_FILES))
        pool = self.wordnet.common[kind] if self.chance(0.5) else self.wordnet.nouns[kind]
        return self.rng.choice(pool)

    def adjective(self) -> str:
        """A colour, a plain quality, or any adjective of WordNet."""
        draw = self.rng.random()
        if draw < 0.35:
            return self.rng.choice(phrases.COLOURS)
        if draw < 0.7:
            return self.rng.choice(phrases.QUALITIES)
        return self.rng.choice(self.wordnet.adjectives)

    def verb(self) -> str:
        """A verb of motion or sound, or any verb of WordNet, in its plain form."""
        common = phrases.MOVES if self.chance(0.6) else phrases.CRIES
        return self.rng.choice(common if self.chance(0.7) else self.wordnet.verbs)

    def name(self) -> str:
        """A person's or place's name, known or made up."""
        draw = self.rng.random()
        if draw < 0.3:
            return self.rng.choice(phrases.FIRST_NAMES)
        if draw < 0.5:
            first = self.rng.choice(phrases.FIRST_NAMES)
            return f"{first} {self.rng.choice(phrases.SURNAMES)}"
        if draw < 0.7:
            return self.rng.choice(phrases.PLACES)
        if draw < 0.8:
            title = self.rng.choice(["Dr.", "Mr.", "Mrs.", "Ms.", "Captain", "Aunt", "Professor"])
            return f"{title} {self.rng.choice(phrases.SURNAMES)}"
        return " ".join(self.coined().capitalize() for _ in range(self.rng.randint(1, 2)))

    def coined(self) -> str:
        """A word that does not exist."""
        parts = self.rng.randint(1, 4)
        return "".join(
            self.rng.choice(phrases.ONSETS)
            + self.rng.choice(phrases.VOWELS)
            + self.rng.choice(phrases.CODAS)
            for _ in range(parts)
        )

    def number(self) -> str:
        """A number, time, price, date or code as people write them."""
        rng = self.rng
        kinds: tuple[Callable[[], str], ...] = (
            lambda: str(rng.randint(0, 30)),
            lambda: str(rng.randint(0, 99999)),
            lambda: f"{rng.randint(0, 23)}:{rng.randint(0, 59):02d}",
            lambda: f"{rng.randint(0, 999)}.{rng.randint(0, 99)}",
            lambda: f"{rng.randint(1, 99)},{rng.randint(0, 999):03d}",
            lambda: rng.choice("$€£") + str(rng.randint(1, 9999)),
            lambda: f"{rng.randint(1, 99)}%",
            lambda: f"{rng.choice('ABCDEFGHKMNPRSTUVWXZ')}{rng.randint(1, 999)}",
            lambda: " ".join(str(rng.randint(0, 99)) for _ in range(rng.randint(2, 5))),
            lambda: f"{rng.randint(100, 999)}-{rng.randint(1000, 9999)}",
            lambda: " ".join(str(rng.randint(0, 9)) for _ in range(rng.randint(3, 7))),
            lambda: f"{rng.choice(phrases.MONTHS)} {rng.randint(1, 31)}",
            lambda: f"{rng.randint(1, 31)}{rng.choice(['st', 'nd', 'rd', 'th'])}",
        )  # fmt: skip
        return rng.choice(kinds)()

    # ---- noun phrases
    def thing(self) -> tuple[str, str]:
        """A noun phrase without its surroundings, and its head: `a red fox`, `fox`."""
        draw = self.rng.random()
        if draw < 0.06:
            name = self.name()
            return name, name
        kinds = (
            "animal",
            "artifact",
            "artifact",
            "food",
            "plant",
            "person",
            "object",
            "phenomenon",
        )
        head = self.rng.choice(phrases.THINGS) if self.chance(0.4) else self.noun(*kinds)
        if self.chance(0.06):
            head = self.coined()
        count = self.rng.choices((0, 1, 2), (0.5, 0.4, 0.1))[0]
        body = " ".join([*(self.adjective() for _ in range(count)), head])
        draw = self.rng.random()
        if draw < 0.66:
            return article(body), head
        if draw < 0.76:
            return f"the {body}", head
        if draw < 0.84:
            quantity = self.rng.choice(phrases.QUANTITIES)
            return f"{quantity} {plural(body)}", plural(head)
        if draw < 0.89:
            return f"{self.rng.choice(['my', 'our', 'his', 'her', 'their', 'your'])} {body}", head
        if draw < 0.93:
            return f"{self.name()}'s {body}", head
        return body, head

    def place(self) -> str:
        """Where or when: ` on the beach`, ` at night`."""
        if self.chance(0.45):
            return self.pick(phrases.PLACES_AND_TIMES)
        preposition = self.rng.choice(phrases.PREPOSITIONS)
        return f"{preposition} {self.thing()[0]}"

    def doing(self) -> str:
        """A participle with what belongs to it: `chasing a ball`."""
        if self.chance(0.12):
            return self.filled(self.rng.choice(phrases.MEDIA_ACTS))
        verb = ing(self.verb())
        draw = self.rng.random()
        if draw < 0.4:
            return verb
        if draw < 0.6:
            return f"{verb} {self.rng.choice(phrases.WAYS)}"
        return f"{verb} {self.thing()[0]}" if draw < 0.85 else f"{verb} {self.place()}"

    def scene(self) -> str:
        """What a picture may show, from a bare noun to a long description or nonsense."""
        draw = self.rng.random()
        if draw < 0.22:
            return self.strange()
        if draw < 0.28:
            return self.rng.choice(self.wordnet.glosses)
        text = self.thing()[0]
        if self.chance(0.06):
            text = f"{self.pick(phrases.STYLES)} of {text}"
        if self.chance(0.35):
            text += f" {self.doing()}"
        if self.chance(0.1):
            text += f" and {self.thing()[0]}"
        if self.chance(0.4):
            text += f" {self.place()}"
        if self.chance(0.1):
            text += f" {self.place()}"
        if self.chance(0.05):
            text += f", {self.pick(phrases.STYLES_AFTER)}"
        if self.chance(0.04):
            text += f" {self.rng.choice(['called', 'named', 'that says', 'with the word'])} "
            text += self.name()
        return text

    def motion(self) -> str:
        """What a video may show."""
        draw = self.rng.random()
        if draw < 0.2:
            return self.scene()
        thing = self.thing()[0]
        if draw < 0.65:
            return f"{thing} {self.doing()}" + (f" {self.place()}" if self.chance(0.3) else "")
        verb = self.verb()
        if draw < 0.8:
            return f"{thing} that {third(verb)}" + self._way()
        if draw < 0.86:
            return f"{article(ing(verb))} {self.noun('animal', 'artifact', 'object')}"
        if draw < 0.93:
            return f"{thing} {self.rng.choice(phrases.WAYS)}"
        return f"{thing} {third(verb)}" + self._way()

    def _way(self) -> str:
        return f" {self.rng.choice(phrases.WAYS)}" if self.chance(0.5) else ""

    def sound(self) -> str:
        """What makes a sound, or the sound itself."""
        draw = self.rng.random()
        if draw < 0.25:
            return self.pick(phrases.SOUNDS).strip()
        if draw < 0.4:
            return self.strange()
        thing = self.thing()[0]
        if draw < 0.65:
            thing += (
                f" {self.doing()}"
                if self.chance(0.15)
                else f" {ing(self.rng.choice(phrases.CRIES) if self.chance(0.6) else self.verb())}"
            )
        if self.chance(0.3):
            thing += f" {self.place()}"
        return thing

    def heard(self) -> str:
        """A sound that is one by its own words: `the hoot of an owl`, `a dog barking`."""
        draw = self.rng.random()
        if draw < 0.6:
            return self.pick(phrases.HEARD).strip()
        if draw < 0.75:
            return self.pick(phrases.SOUNDS).strip()
        if draw < 0.9:
            return f"{self.thing()[0]} {ing(self.rng.choice(phrases.CRIES))}"
        return f"{article(self.rng.choice(phrases.MOODS))} {self.rng.choice(phrases.MUSIC_FORMS)}"

    def visual_work(self) -> str:
        """A picture by its own words: `a linocut of a heron`, `a barn, top view`."""
        if self.chance(0.25):
            return f"{self.thing()[0]}, {self.pick(works.VISUAL_WAYS)}"
        kind = f"{self.pick(works.VISUAL_WORKS)} {self.rng.choice(works.SHOWING)}"
        kind = f"{self.adjective()} {kind}" if self.chance(0.15) else kind
        shown = self.thing()[0] if self.chance(0.6) else self.scene()
        return f"{article(kind) if self.chance(0.7) else kind} {shown}"

    def shot(self) -> str:
        """A video by its own words: `tracking shot of a fox running`, `waves, in slow motion`."""
        shown = self.motion() if self.chance(0.7) else self.thing()[0]
        if self.chance(0.3):
            return f"{shown}{self.rng.choice((',', ''))} {self.pick(works.SHOT_WAYS)}"
        kind = self.pick(works.SHOTS).strip()
        return f"{article(kind) if self.chance(0.5) else kind} {shown}"

    def musical_work(self) -> str:
        """Music by its own words: `a slow waltz for two cellos`, `bebop, up-tempo`."""
        work = self.pick(works.MUSICAL_WORKS)
        if self.chance(0.35):
            work = f"{self.pick(works.PLAYERS)} {self.rng.choice(works.PLAYING)}"
        if self.chance(0.35):
            work = f"{self.rng.choice(phrases.MOODS)} {work}"
        if self.chance(0.35):
            other = self.pick(works.PLAYERS)
            work += f" {self.rng.choice(('with', 'and', 'on', 'for', 'over'))} {other}"
        if self.chance(0.3):
            work += f"{self.rng.choice((',', ''))} {self.pick(works.MUSICAL_WAYS)}"
        return article(work) if self.chance(0.4) else work

    def seen_moving(self) -> str:
        """What a video shows by its own words: somebody doing something."""
        verb = ing(self.rng.choice(phrases.MOVES))
        return f"{self.thing()[0]} {verb}{self._way()}"

    def music(self) -> str:
        """Music, by its instrument, style and mood."""
        rng = self.rng
        instrument = rng.choice(phrases.INSTRUMENTS)
        if self.chance(0.1):
            instrument = self.coined() if self.chance(0.5) else self.noun("artifact")
        genre, mood = rng.choice(phrases.GENRES), rng.choice(phrases.MOODS)
        form = rng.choice(phrases.MUSIC_FORMS)
        text = rng.choice([
            article(instrument), f"{mood} {instrument} music", f"{article(mood)} {form}",
            f"{article(mood)} {instrument} {form}", f"{genre} music", f"{article(genre)} {form}",
            f"{mood} {genre}", f"{article(form)} on {article(instrument)}", f"some {genre}",
            f"{article(form)} for {instrument} and {rng.choice(phrases.INSTRUMENTS)}",
            f"{instrument} and {rng.choice(phrases.INSTRUMENTS)}", f"{mood} music",
            f"the {instrument}",
        ])  # fmt: skip
        return text + (f" {self.place()}" if self.chance(0.15) else "")

    def strange(self) -> str:
        """Nonsense that can only be copied: salads of rare words, names, numbers, any script."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.16 and self.pieces[0]:  # every token must be seen, or it cannot be copied
            starts, others = self.pieces
            return " ".join(
                rng.choice(starts) + "".join(rng.choices(others, k=rng.choice((0, 0, 1, 2))))
                for _ in range(rng.randint(1, 6))
            )
        if draw < 0.5:
            words = [self._any_word() for _ in range(rng.randint(1, 8))]
        elif draw < 0.65:
            words = [self.coined() for _ in range(rng.randint(1, 4))]
        elif draw < 0.75:
            words = [
                rng.choice([self.name, self.number, self._any_word])()
                for _ in range(rng.randint(1, 5))
            ]
        elif draw < 0.85:
            words = [mistype(w, rng) for w in self.scene().split()]
        elif draw < 0.93:
            words = [
                "".join(rng.choice(phrases.LETTERS) for _ in range(rng.randint(1, 7)))
                for _ in range(rng.randint(1, 4))
            ]
        else:
            words = rng.choice(phrases.FOREIGN[rng.choice(list(phrases.FOREIGN))]).split()
        return self._cased(" ".join(words))

    def _any_word(self) -> str:
        draw = self.rng.random()
        if draw < 0.6:
            return self.noun()
        if draw < 0.75:
            return self.rng.choice(self.wordnet.adjectives)
        if draw < 0.85:
            return self.rng.choice(phrases.FUNCTION_WORDS)
        return self.rng.choice(self.wordnet.verbs if self.chance(0.6) else self.wordnet.adverbs)

    def _cased(self, text: str) -> str:
        draw = self.rng.random()
        if draw < 0.7:
            return text
        return text.title() if draw < 0.82 else text.upper() if draw < 0.9 else text.capitalize()

    # ---- sentences
    def sentence(self) -> str:
        """A sentence to say, with the case and punctuation of its writer."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.3:
            text = rng.choice(self.wordnet.examples).strip()
        elif draw < 0.62:
            text = self.filled(self.pick(phrases.SAYINGS)).strip()
        elif draw < 0.7:
            text = self.scene()
        elif draw < 0.76:
            return rng.choice(phrases.FOREIGN[rng.choice(list(phrases.FOREIGN))])
        elif draw < 0.8:
            text = rng.choice(phrases.CHATTER)
        elif draw < 0.85:
            text = "".join(
                self._any_word()
                + rng.choice((" ", " ", ", ", " - ", "; ", ": ", "... ", "? ", " / "))
                for _ in range(rng.randint(2, 7))
            )
            text = text.rstrip(" ,;:-/")
        elif draw < 0.9:
            return self.strange()
        else:
            return ", ".join(
                rng.choice([self.name, self.number, self._any_word])()
                for _ in range(rng.randint(2, 5))
            )
        if self.chance(0.75):
            text = text[:1].upper() + text[1:]
        if text[-1:].isalnum() and self.chance(0.6):
            text += rng.choice(".....!!?") if self.chance(0.9) else "..."
        if self.chance(0.12):
            text += f" {self.filled(self.pick(phrases.SAYINGS))}"
        return text.strip()

    def filled(self, template: str) -> str:
        """A saying with its {name}, {number}, {thing} … filled in."""
        makers: dict[str, Callable[[], str]] = {
            "name": self.name, "number": self.number, "thing": lambda: self.thing()[0],
            "noun": self.noun, "place": self.place, "adjective": self.adjective,
            "city": lambda: self.rng.choice(phrases.PLACES),
            "person": lambda: self.rng.choice(phrases.FIRST_NAMES),
            "surname": lambda: self.rng.choice(phrases.SURNAMES),
            "verb": self.verb, "nouns": lambda: plural(self.noun()),
            "example": lambda: self.rng.choice(self.wordnet.examples),
            "doing": self.doing, "sentence": self.sentence,
            "colour": lambda: self.rng.choice(phrases.COLOURS),
            "language": lambda: self.rng.choice(phrases.OTHER_LANGUAGES),
            "instrument": lambda: self.rng.choice(phrases.INSTRUMENTS),
            "int": lambda: str(self.rng.randint(2, 999)),
        }  # fmt: skip

        def fill(match: re.Match[str]) -> str:
            make = makers.get(match.group(1))
            return make() if make else match.group()

        return re.sub(r"\{(\w+)\}", fill, template)

    @cached_property
    def statements(self) -> list[str]:
        """Example sentences that tell something and ask for nothing."""
        start = re.compile(r"^(I|he|she|they|we|his|her|their|it|the \w+ (was|is|were|had)) ", re.I)
        return [e for e in self.wordnet.examples if start.match(e) and len(e) > 12]
