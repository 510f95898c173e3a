"""Regular expressions for what a text must not hold, written without negation.

llguidance has a negation operator, but proving that nothing can follow it costs 10 ms and more, and
with longer patterns it gives up. Spelt out as what may come instead, the same costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from string import ascii_lowercase, digits

__all__ = ["lines_other_than_calls", "prompt_characters", "without_references"]

_WORD = ascii_lowercase + digits + "-"


def prompt_characters(special: str) -> tuple[str, str]:
    """Regexes of the first character of a prompt, and of any, escaped where needed.

    Args:
        special: The characters written with a backslash before them, as the inside of a class.
    """
    first = rf"([^\s{special}\p{{Cc}}]|\\[{special}])"
    return first, rf"([^{special}\p{{Cc}}]|\\[{special}n])"


def without_references(special: str, kinds: Collection[str]) -> str:
    """Regex of the prompts in which no brace begins a reference.

    Args:
        special: As in `prompt_characters`.
        kinds: What a reference may begin with after its brace, up to the number.
    """
    escaped = rf"\\[{special}n]"
    closed, open_ = [], []  # braces with what makes them harmless, and those that end the prompt
    for start in _prefixes(kinds):
        following = "0-9" if start in kinds else _next(start, kinds)
        closed.append(rf"{start}([^{{{following}{special}\p{{Cc}}]|{escaped})")
        open_.append(start)
    harmless, unfinished = rf"\{{({'|'.join(closed)})", rf"\{{({'|'.join(open_)})"
    plain = rf"[^{{{special}\p{{Cc}}]|{escaped}"
    return rf"({plain}|({unfinished})*{harmless})*({unfinished})*"


def lines_other_than_calls(names: Iterable[str]) -> tuple[str, str]:
    """Two regexes; the lines that match both are those that nobody takes for a call.

    A call begins with a hyphenated name and then `:`, ` from ` or ` with `. A line that begins with
    one of `names` is none of these lines whatever comes next, since a model that means to write a
    call may go wrong behind the name; behind a hyphenated one even in the middle of a word.
    """
    simple, hyphenated = "[a-z][a-z0-9]*", r"[a-z][a-z0-9]*(-[a-z0-9]+)+"
    after_simple = r"(-([^a-z0-9].*)?|[^a-z0-9\-].*)?"
    no_separator = r"(-([^a-z0-9].*)?|[^a-z0-9\-: ].*)?"
    after_hyphens = rf"({no_separator}| {_starting_with_none(['from ', 'with '])})"
    return (
        rf"[^a-z].*|{hyphenated}{after_hyphens}|{simple}{after_simple}",
        rf"[^a-z].*|({_words_except(set(names))})([^a-z0-9\-].*)?",
    )


def _starting_with_none(words: Collection[str]) -> str:
    """Regex of the texts that begin with none of the words; no word begins another."""
    ways = [
        rf"{re.escape(start)}([^{_next(start, words)}].*)?"
        for start in _prefixes(words)
        if start not in words
    ]
    return f"({'|'.join(ways)})"


def _words_except(words: Collection[str]) -> str:
    """Regex of the lower-case words, with digits and hyphens in them, other than these.

    A word that only begins like a hyphenated one of them is another word neither.
    """
    ways = [start for start in _prefixes(words) if start and start not in words]
    for start in _prefixes(words):
        if start in words and "-" in start:
            continue
        others = set(_WORD if start else ascii_lowercase) - set(_next(start, words))
        ways.append(rf"{start}[{''.join(sorted(others))}][a-z0-9\-]*")  # a hyphen sorts first
    return "|".join(ways)


def _prefixes(words: Iterable[str]) -> list[str]:
    """Every beginning of the words, the empty one and the whole words too."""
    return sorted({"", *(word[:end] for word in words for end in range(len(word) + 1))})


def _next(start: str, words: Iterable[str]) -> str:
    """The characters that lead from `start` on towards one of the words."""
    longer = (word for word in words if word.startswith(start) and word != start)
    return "".join(sorted({word[len(start)] for word in longer}))
