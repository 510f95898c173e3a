"""A WordNet of a few words, in the format of the Debian package, for tests of the nano recipes."""

from __future__ import annotations

from pathlib import Path

from modaverse_training.nano.lm.vocabulary import LEXICAL_FILES

_HEAD = "  1 This line stands for the licence.\n"


def _synset(number: int, lexical: int, kind: str, word: str, gloss: str) -> str:
    return f"{number:08d} {lexical:02d} {kind} 01 {word} 0 000 | {gloss}  \n"


def write_wordnet(folder: Path) -> Path:
    """Write data files and counts with two nouns a kind; gives the folder."""
    nouns, counts = _HEAD, ""
    for kind, lexical in LEXICAL_FILES.items():
        nouns += _synset(1, lexical, "n", f"{kind}_one", f"a first kind of {kind}")
        nouns += _synset(2, lexical, "n", f"{kind}_two", f'another; "she sang of the {kind}"')
        counts += f"{kind}_one%1:{lexical:02d}:00:: 1 9\n"
    (folder / "data.noun").write_text(nouns)
    verbs = 'to make; "she sang of the sea"; "he ran home at night"'
    (folder / "data.verb").write_text(
        _HEAD + _synset(3, 29, "v", "wobble", verbs) + _synset(4, 30, "v", "carry", "to bear")
    )
    (folder / "data.adj").write_text(_HEAD + _synset(5, 0, "a", "quaint(p)", "of an odd kind"))
    (folder / "data.adv").write_text(_HEAD + _synset(6, 2, "r", "oddly", "in an odd manner"))
    (folder / "cntlist.rev").write_text(counts)
    return folder
