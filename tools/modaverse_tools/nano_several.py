"""Whether a prompt asks nano for more than the one thing that it draws at a time."""

from __future__ import annotations

import re
from functools import cache

from modaverse_tools.nano_words import knows, place_words, stems, things, without

__all__ = ["number", "remark", "several"]

_BREAK = re.compile(r"[,;.:!?/+&()]|\band\b")
_COLOURS = "red|orange|yellow|green|blue|purple|pink|white|black|brown|gold|golden|silver|gr[ae]y"
# What stands for no thing: what ends as verbs do, colours, and nouns that tell how something looks,
# what it is made of, how it is shown, or what is not there.
_NO_THING = re.compile(
    r"\b(?:[a-z]{2,}(?:ing|ed)|jet-black|"
    rf"(?:[a-z]+[ -])?(?:{_COLOURS}|shaped)|"
    r"(?:[a-z']+ )?[a-z]+ (?:drawing|painting|sketch|view)|(?:made|out) of [a-z]+|"
    r"(?:without|no|instead of)(?: an?| any| the)? [a-z]+)\b"
)
_ARTICLES = ("a", "an", "the")
_MANY = (
    "two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|a dozen|a hundred|a few|"
    "a couple of|several|many|[2-9]|[1-9][0-9]"
)
_NUMBER = re.compile(rf"\b({_MANY}) ((?:[a-z]+ )?)([a-z]+)\b")
_ODD_PLURALS = ("mice", "geese", "sheep", "fish")


def several(prompt: str) -> tuple[str, ...]:
    """The different things that nano draws in a prompt, in their order; none if fewer than two.

    Only the words that a thing is mostly called by count, and of nouns that follow each other the
    last one: a fire engine is no fire.
    """
    known, longest = _names()
    found: dict[str, None] = {}
    for part in _BREAK.split(prompt.lower()):
        words = [*without(stems(_NO_THING.sub(" x ", part)), place_words()), "."]
        begin, last = 0, ""
        while begin < len(words):
            reach = 0 if words[begin] in _ARTICLES else longest
            ends = range(min(begin + reach, len(words)), begin, -1)
            end = next((end for end in ends if "".join(words[begin:end]) in known), 0)
            if not end and last:
                found[last] = None
            last = known["".join(words[begin:end])] if end else ""
            begin = end or begin + 1
    return tuple(found) if len(found) > 1 else ()


def number(prompt: str) -> str:
    """How many of a thing that nano draws a prompt asks for, in its words; empty if one."""
    known, _ = _names()
    for many, first, second in _NUMBER.findall(prompt.lower()):
        for counted in (first.strip(), second, first + second):
            if counted.endswith(("s", *_ODD_PLURALS)) and "".join(stems(counted)) in known:
                return str(many)
    return ""


def remark(kind: str, prompt: str) -> str:
    """What to tell a person whose prompt asks for more than one thing; else empty.

    Args:
        kind: "image", "video" or "audio"; of sounds there is nothing to tell.
        prompt: The prompt.
    """
    if kind == "audio" or not knows("image"):
        return ""
    named, many = several(prompt), number(prompt)
    if named:
        asked = f"names {len(named)} ({', '.join(named)})"
    elif many:
        asked = f"asks for {many}"
    else:
        return ""
    made = "picture" if kind == "image" else "video"
    return f"nano shows one thing at a time and the prompt {asked}, so the {made} may show only one"


@cache
def _names() -> tuple[dict[str, str], int]:
    """The thing for each word that it is mostly called by, its stems joined; the most of one.

    The list has a thing's own words, then their plural, then rare kinds ("top" is a tent, too).
    """
    named: dict[str, str] = {}
    longest = 1
    for name, words in things().items():
        stem = stems(name)
        plural = next((n for n, word in enumerate(words) if n and stems(word) == stem), 2)
        for word in words[:plural]:
            named.setdefault("".join(stems(word)), name)
            longest = max(longest, len(stems(word)))
    return named, longest
