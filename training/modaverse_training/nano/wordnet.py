"""WordNet's nouns and adjectives, read from the plain files of Debian's `wordnet-base` package."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from modaverse.errors import BackendMissing

FOLDER: Final = Path("/usr/share/wordnet")
# WordNet records slurs as it records every other word; nothing is to be taught by them. Its glosses
# mark most; the list has those that it does not mark, and plants and animals named by them.
_MARKED = re.compile(
    r"ethnic slur|"
    r"(offensive|insulting|derogatory|disparaging|obscene|vulgar)\b[^;]{0,20}\b(terms?|names?|slang)"
)
_SLURS = re.compile(
    r"\b(caff(er|re)|chink|coolie|coon|dago|dark(ie|y)|gook|gringo|gypsy|half-(breed|caste)|hottentot|"
    r"injun|jap|kaff?ir|kike|mongoloid|mulatto|negro(id)?|nigg(er|a)|papoose|peckerwood|"
    r"pickaninny|redskin|squaw|wog|wop)(e?s|'s)?\b|\bsquaw-?(bush|root|weed)",
    re.IGNORECASE,
)


def _lines(name: str) -> list[str]:
    path = FOLDER / name
    if not path.is_file():
        raise BackendMissing(f"WordNet is not at {FOLDER}", hint="apt-get install wordnet-base")
    return [line for line in path.read_text("latin-1").splitlines() if line[:1] != " "]


def fit(word: str, gloss: str = "") -> bool:
    """Whether a word may be taught: it is no slur, and holds none.

    Args:
        word: A word or a compound, written with spaces.
        gloss: What WordNet says of it, where at hand.
    """
    return not (_SLURS.search(word) or _MARKED.search(gloss))


@cache
def _synsets() -> dict[str, tuple[tuple[str, ...], tuple[str, ...]]]:
    """Offset -> (words that are fit, offsets of its hyponyms), for every noun synset."""
    table = {}
    for line in _lines("data.noun"):
        head, _, gloss = line.partition(" | ")
        fields = head.split()
        count = int(fields[3], 16)
        named = (fields[4 + 2 * i].replace("_", " ") for i in range(count))
        words = tuple(word for word in named if fit(word, gloss))
        pointers = fields[5 + 2 * count :]
        below = tuple(
            pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] in ("~", "~i")
        )
        table[fields[0]] = (words, below)
    return table


@cache
def _first_senses() -> dict[str, str]:
    """Noun -> the offset of its most frequent sense."""
    senses = {}
    for line in _lines("index.noun"):
        fields = line.split()
        senses[fields[0]] = fields[-int(fields[2])]
    return senses


def kinds_of(noun: str, *, depth: int = 3) -> tuple[str, ...]:
    """Lower-case words for kinds of `noun` (poodle for dog), from its first sense.

    Args:
        noun: A noun or a compound written with spaces.
        depth: How many hyponym steps to go down.

    Raises:
        BackendMissing: WordNet's files are not installed.
    """
    start = _first_senses().get(noun.replace(" ", "_"))
    if start is None:
        return ()
    found: list[str] = []
    layer = [start]
    for _ in range(depth + 1):
        words = [word for offset in layer for word in _synsets()[offset][0]]
        found += [word for word in words if word.islower() and "(" not in word]
        layer = [child for offset in layer for child in _synsets()[offset][1]]
    return tuple(dict.fromkeys(word for word in found if word != noun))


@cache
def adjectives() -> tuple[str, ...]:
    """Single lower-case adjectives."""
    words = (line.split()[0] for line in _lines("index.adj"))
    return tuple(word for word in words if word.isalpha() and 3 < len(word) < 12 and fit(word))
