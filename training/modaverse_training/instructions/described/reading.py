"""A tool's description, read for what people would ask of it: verb, object, inputs, qualities.

"Stabilizes a shaky input video to produce a smoother output video." is an order, `stabilize {0}`,
whose input people call shaky and whose result they want smoother.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from modaverse_training.evaluation.taskbench_data import BenchTool
from modaverse_training.instructions.described.verbs import VERBS

__all__ = ["Described", "Role", "base_form", "read_described"]

#: What a tool is given: a file, a web address, words to work on, a subject, a thing to make, or an
#: instruction how to do it.
Role = Literal["image", "audio", "video", "url", "passage", "topic", "thing", "instruction"]

_NOUNS = {
    "image": "image|picture|photo|photograph|drawing|painting|frame|scan|screenshot|logo",
    "audio": "audio|sound|recording|voice|speech|song|music|track|voiceover|podcast",
    "video": "video|clip|film|movie|footage|animation",
    "text": "text|article|query|keyword|document|sentence|paragraph|passage|script|description|"
    "input|prompt|question|topic|message|essay|story|code|email|review|string|content|term",
    "url": "url|link|web address|website|page|address",
}
_MARKERS = frozenset((
    "given", "input", "provided", "specified", "specific", "existing", "certain", "supplied",
    "uploaded", "user", "user's",
))  # fmt: skip
_STOPS = (
    "of|from|to|into|for|using|that|which|with|in|on|by|as|is|are|based|according|between|and then|"
    "search|at|via|through"
)
_DETERMINER = r"(?:an?|the|any|each|one|another|two|three|some|multiple|several|your|this) "
_INSTRUCTED = re.compile(
    r",? (?:according to|based on|following|guided by) (?:[\w']+ ){0,3}(?:instructions?|orders?)",
    re.I,
)
_EXAMPLES = re.compile(r",? (?:such as|like|for example|e\.g\.,?|including) ([^.;]+)", re.I)
_CHOICES = re.compile(r",? either ([^.;]+)", re.I)
_SIDE = re.compile(
    r",? (?=(?:using|while|whilst|based on|to create|to produce|to make|to get|via|by means|"
    r"by \w+ing|in order to|so that|in an? |on the |for |into an? )\b)",
    re.I,
)
_TELLING = re.compile(r", (identify|tell|determin|indicat|show|classify|report|suggest)ing (.+)$")
_RESULT = re.compile(
    r"\b(?:into|produce|create|in|as|get|make) an? (?P<how>(?:more |less )?[\w-]+"
    r"(?:(?:, | and |, and )(?:more )?[\w-]+)*) (?:output )?"
    r"(?:version|manner|way|file|video|image|text|audio|form|format|style|sound|result)\b",
    re.I,
)
_OBJECT_ENDS = re.compile(
    r",? (?:from|to|(?<!list )(?<!set )(?<!number )(?<!series )of|in|on|"
    r"onto|for|with|into|using|based|that|according|while|between|about|by|"
    r"around|at|together)\b|,|\{",
)
_MAKES = re.compile(r"^(?:to (?:create|produce|make|get|give)|into|as) (an? .+)$", re.I)
_PLAIN = frozenset((
    "single", "visual", "still", "text", "audio", "output", "different", "similar", "main", "other",
    "new", "final", "certain", "specific", "collage", "slideshow", "panorama", "file", "mp3", "pdf",
))  # fmt: skip
_AGENTS = (
    ("izer", "ize"), ("ifier", "ify"), ("ator", "ate"), ("ctor", "ct"), ("itor", "it"),
    ("sher", "sh"), ("cher", "ch"), ("cer", "ce"), ("ger", "ge"), ("ser", "se"), ("ver", "ve"),
    ("lver", "lve"), ("pler", "ple"), ("bler", "ble"),
)  # fmt: skip
_ACTIONS = (
    ("reduction", "reduce"), ("ification", "ify"), ("ization", "ize"), ("ation", "ate"),
    ("ction", "ct"), ("analysis", "analyze"), ("removal", "remove"), ("recognition", "recognize"),
    ("transfer", "transfer"), ("search", "search"), ("conversion", "convert"), ("check", "check"),
    ("lookup", "look up"), ("comparison", "compare"), ("addition", "add"), ("detection", "detect"),
    ("translation", "translate"), ("generation", "generate"), ("enhancement", "enhance"),
    ("measurement", "measure"), ("editing", "edit"), ("matching", "match"), ("merging", "merge"),
)  # fmt: skip


@dataclass(frozen=True)
class Described:
    """A described tool, as people speak of what it does.

    Attributes:
        tool: The tool.
        spoken: Its name as words: "audio noise reduction".
        verb: The description's verb in its base form; empty if it begins with none.
        rest: What follows the verb, with `{0}`, `{1}` in the places of the inputs.
        sides: Parts that may be left out: "using deep learning techniques".
        objects: Wordings of the verb's object, the whole first; none if it is an input.
        makes: What is made of the inputs: "a panorama".
        also: Further orders: "suggest corrections", "tell me if it is positive or negative".
        roles: What each input is, in order.
        nouns: What the description calls each input: "voice".
        states: What the inputs are before: "shaky".
        results: What is wanted to come out: "smoother".
        examples: What an instruction may ask for: "reverb".
        by_name: Orders from the name: ("reduce", "noise"), ("summarize", "").
        turned: What an "A-to-B" name turns into what; empty for other names.
    """

    tool: BenchTool
    spoken: str
    verb: str
    rest: str
    sides: tuple[str, ...]
    objects: tuple[str, ...]
    makes: tuple[str, ...]
    also: tuple[str, ...]
    roles: tuple[Role, ...]
    nouns: tuple[str, ...]
    states: tuple[str, ...]
    results: tuple[str, ...]
    examples: tuple[str, ...]
    by_name: tuple[str, str] | None
    turned: tuple[str, str] | None


def read_described(tool: BenchTool) -> Described:
    """Read a tool's name and description.

    Args:
        tool: The tool, with the kinds of its inputs as the file names them.
    """
    text = re.split(r"(?<=[.!?])\s", " ".join(tool.spec.description.split()))[0].rstrip(".!? ")
    examples, text = _cut(_EXAMPLES, text)
    choices, text = _cut(_CHOICES, text)
    instructed = bool(_INSTRUCTED.search(text))
    text = _INSTRUCTED.sub("", text)
    telling = _TELLING.search(text)
    also: tuple[str, ...] = ()
    if telling:
        also = (f"{'tell me' if telling[1] == 'identify' else base_form(telling[1])} {telling[2]}",)
        text = text[: telling.start()]
    results = tuple(part for found in _RESULT.finditer(text) for part in _adjectives(found["how"]))
    text, roles, nouns, states = _slots(text, tool.takes, instructed)
    text, second = _second_order(text)
    main, *sides = _SIDE.split(text)
    while sides and re.search(r"\{\d\}", " ".join(sides)):  # an input must not be left out
        main = f"{main} {sides.pop(0)}"
    first, _, rest = main.partition(" ")
    verb = base_form(first.lower()) if _is_verb(first) else ""
    shown = tuple(_listed(examples))
    objects = _objects(rest, sides) if verb else (main,)
    if objects and "instruction" not in roles:
        objects = (*objects, *shown)
    if not objects and roles == ["topic"]:
        objects = _FOUND.get(tool.kind, _FOUND["text"])
    return Described(
        tool=tool,
        spoken=_spoken(tool.task),
        verb=verb,
        rest=rest if verb else main[:1].lower() + main[1:],
        sides=tuple(side.strip(" ,") for side in sides),
        objects=objects,
        makes=tuple(made for side in sides for made in _made(side)),
        also=(*also, *second),
        roles=tuple(roles),
        nouns=tuple(nouns),
        states=tuple(states),
        results=results,
        examples=(*shown, *(_ordered(item) for item in _listed(choices))),
        by_name=_by_name(_spoken(tool.task), tool.spec.description.lower()),
        turned=_turned(tool.task),
    )


def base_form(verb: str) -> str:
    """A verb as an order has it, from its third person.

    Example:
        >>> [base_form(verb) for verb in ("applies", "stitches", "analyzes", "Reduce", "focuses")]
        ['apply', 'stitch', 'analyze', 'reduce', 'focus']
    """
    verb = verb.lower()
    for ending, base in (
        ("ies", "y"),
        ("sses", "ss"),
        ("shes", "sh"),
        ("ches", "ch"),
        ("xes", "x"),
    ):
        if verb.endswith(ending):
            return verb.removesuffix(ending) + base
    if verb.endswith("cuses"):
        return verb.removesuffix("es")
    return verb[:-1] if verb.endswith("s") and not verb.endswith(("ss", "us")) else verb


def _is_verb(word: str) -> bool:
    plain = word.lower()
    return word.isalpha() and (plain.endswith("s") or plain in VERBS)


def _cut(pattern: re.Pattern[str], text: str) -> tuple[str, str]:
    """What a pattern finds, and the text without it."""
    found = pattern.search(text)
    return (found[1], text[: found.start()] + text[found.end() :]) if found else ("", text)


def _listed(text: str) -> list[str]:
    """The parts of "reverb, chorus, or equalization"."""
    parts = re.split(r",? (?:or|and) |, ", text) if text else []
    return [part.strip() for part in parts if part.strip()]


def _ordered(gerund: str) -> str:
    """An order from words such as "speeding it up"."""
    first, _, rest = gerund.partition(" ")
    stem = first.removesuffix("ing")
    if stem == first:
        return gerund
    known = next((verb for verb in (stem, stem + "e", stem[:-1]) if verb in VERBS), stem)
    return f"{known} {rest}".strip()


def _adjectives(how: str) -> list[str]:
    """The adjectives of "simpler and more understandable", each with its "more"."""
    parts = re.split(r",? and |, ", how)
    more = "more " if how.startswith("more ") else ""
    told = [part if part.startswith("more ") or part == parts[0] else more + part for part in parts]
    return [part for part in told if part.split()[-1].lower() not in _PLAIN | _MARKERS]


def _slots(
    text: str, takes: Sequence[str], instructed: bool
) -> tuple[str, list[Role], list[str], list[str]]:
    """The text with the inputs' places marked; their roles, their nouns, and what they are like."""
    roles: list[Role] = []
    nouns: list[str] = []
    states: list[str] = []
    media = [kind for kind in takes if kind in ("image", "audio", "video")]
    for place, kind in enumerate(takes):
        found = _mention(text, kind if kind in _NOUNS else "text")
        noun = "" if found is None else found["noun"].lower()
        role = _role(kind, noun, text, alone=not media, instructed=instructed)
        roles.append(role)
        nouns.append(noun)
        if found is None:
            if role not in ("instruction",) and not _joint(text, place, takes):
                preposition = "of" if " {" not in text else "with"
                text = f"{text} {preposition} {{{place}}}" if role in media else text
            continue
        told = [word for word in found["like"].split() if word.lower() not in _MARKERS]
        state = " ".join(told).strip()
        if (
            state
            and told[-1] not in ("or", "and")
            and role != "topic"
            and state.lower() not in _PLAIN
        ):
            states.append(state)
        text = f"{text[: found.start()]}{{{place}}}{text[found.end() :]}"
        if re.match(r"(two|three|multiple|several) ", found[0].lower()):
            text = text.replace(f"{{{place}}}", " and ".join(
                f"{{{n}}}" for n, other in enumerate(takes) if other == kind
            ))  # fmt: skip
    return text, roles, nouns, states


def _joint(text: str, place: int, takes: Sequence[str]) -> bool:
    """Whether an earlier mention of several inputs holds this one."""
    return f"{{{place}}}" in text and place < len(takes)


def _mention(text: str, kind: str) -> re.Match[str] | None:
    """Where a text speaks of an input of a kind: rather of a given one than of a result."""
    pattern = re.compile(
        rf"(?P<before>(?<=from )|(?<=of )|(?<=in )|(?<=to )|(?<=on )|)(?:{_DETERMINER})?"
        rf"(?P<like>(?:(?!(?:{_STOPS})\b)[\w'-]+ ){{0,5}}?)(?P<noun>{_NOUNS[kind]})s?"
        rf"(?: (?:or|and) (?:{_NOUNS[kind]})s?)?(?: (?:files?|tracks?|clips?|content|description))?"
        rf"\b(?: \(\w+\))?(?= (?:{_STOPS}|and|while|for|without|so|against)\b|[,.;]|$)",
        re.I,
    )
    best, best_score = None, 0
    for start in [0, *(found.end() for found in re.finditer(r"\s", text))]:
        found = pattern.match(text, start)
        if found is None or start == 0:
            continue
        words = set(found[0].lower().split())
        before = text[:start].rstrip().rpartition(" ")[2].lower()
        determined = bool(re.match(_DETERMINER, found[0], re.I))
        score = 8 * bool(words & _MARKERS) + 4 * (before in ("from", "of", "to", "in", "on"))
        score += 2 * determined + (not re.match(r"(into|as)$", before))
        if before in ("into", "as", "create", "produce") and not words & _MARKERS:
            score = 0
        if not determined and not words & _MARKERS and before not in ("from", "of", "in", "on"):
            score = 0
        if score > best_score:
            best, best_score = found, score
    return best


def _role(kind: str, noun: str, text: str, *, alone: bool, instructed: bool) -> Role:
    if kind in ("image", "audio", "video", "url"):
        return kind  # type: ignore[return-value]
    if instructed and not alone:
        return "instruction"
    if noun in ("query", "keyword", "topic", "input", "question", "term"):
        return "topic"
    first = base_form(text.split()[0])
    if first in ("search", "find", "look") and alone:
        return "topic"
    if noun in ("description", "prompt") or (first in _MAKING and " description" in text):
        return "thing"
    return "passage"


_FOUND = {
    "text": ("information", "articles", "texts", "web pages", "facts"),
    "image": ("images",),
    "video": ("videos",),
    "audio": ("sounds",),
}
_MAKING = frozenset(("generate", "create", "make", "produce", "draw", "paint", "render", "compose"))


def _second_order(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without a second verb's part at its end, and that part as an order."""
    found = re.search(r" and (\w+s) ([a-z][^{]+)$", text)
    if found is None or base_form(found[1]) not in VERBS:
        return text, ()
    return text[: found.start()], (f"{base_form(found[1])} {found[2]}",)


def _made(side: str) -> list[str]:
    """What a part such as "to create a panorama or collage" says is made."""
    found = _MAKES.match(side)
    if found is None:
        return []
    return re.split(r" or ", found[1].replace("output ", ""))


def _objects(rest: str, sides: Sequence[str]) -> tuple[str, ...]:
    """The verb's object, its parts and its last words: "the main keywords", "keywords"."""
    rest = re.sub(r"^for ", "", rest)
    end = _OBJECT_ENDS.search(rest)
    whole = (rest[: end.start()] if end else rest).strip()
    if whole in ("", "together") or "{" in whole:
        whole = next((side[4:] for side in sides if side.startswith("for ")), "")
    if not whole or whole.startswith("to "):
        return ()
    bare = re.sub(rf"^(?:{_DETERMINER})", "", whole)
    found = [whole, *_listed(bare)]
    found += [
        " ".join(part.split()[cut:])
        for part in _listed(bare)
        for cut in range(1, min(3, len(part.split())))
        if part.split()[cut - 1].endswith(("t", "l", "d", "us", "ed", "most"))
        and part.split()[cut] != "of"
    ]
    return tuple(dict.fromkeys(found))


def _spoken(name: str) -> str:
    """A name as words, without what stands in brackets: "image search by image"."""
    return " ".join(re.sub(r"[^\w]+", " ", name).replace("_", " ").lower().split())


def _turned(name: str) -> tuple[str, str] | None:
    found = re.fullmatch(r"([\w ]+?)[ -](?:to|2)[ -]([\w ]+)", name, re.I)
    return (found[1].lower(), found[2].lower()) if found else None


def _by_name(spoken: str, told: str) -> tuple[str, str] | None:
    """The verb in a name and what stands before it: "keyword extractor" is to extract keywords."""
    before, _, last = spoken.rpartition(" ")
    before = " ".join(
        f"{word}s" if re.search(rf"\b{word}s\b", told) else word for word in before.split()
    )
    for ending, verb in _ACTIONS:
        if last == ending or (len(ending) > 4 and last.endswith(ending)):
            stem = last.removesuffix(ending) if last != ending else ""
            return stem + verb, before
    if last.endswith(("er", "or")) and not re.search(rf"\b{last}\b", told):
        return _agent(last), before
    return None


def _agent(noun: str) -> str:
    """The verb of who does it: "summarizer", "spinner"."""
    plain = noun[:-2]
    for guess in (plain, plain + "e", plain[:-1] if plain[-1:] == plain[-2:-1] else plain):
        if guess in VERBS:
            return guess
    for ending, verb in _AGENTS:
        if noun.endswith(ending):
            return noun.removesuffix(ending) + verb
    return plain[:-1] if len(plain) > 3 and plain[-1] == plain[-2] and plain[-1] in "npt" else plain
