"""The words by which captions name what the nano generators are taught, as a file of the weights.

`python -m modaverse_training.nano.words` writes it anew; `modaverse_tools.nano_words` reads it.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from modaverse_tools.nano_words import FILE
from modaverse_training.nano.captions import words_for
from modaverse_training.nano.concepts import PLACES, drawables, sounds

__all__ = ["taught", "write"]


def taught() -> dict[str, dict[str, list[str]]]:
    """`things`, `sounds` and `places` by name, each with all words that captions use for it.

    Raises:
        BackendMissing: WordNet, which has the rarer words for things, is not installed.
    """
    things = {}
    for index, concept in enumerate(drawables()):
        own, kinds = words_for(index)
        things[concept.name] = list(dict.fromkeys((*own, concept.several(), *kinds)))
    return {
        "things": things,
        "sounds": {name: list(words) for name, words in sounds().items()},
        "places": {name: list(words) for name, words in PLACES.items()},
    }


def write(file: Path) -> None:
    """Write the words, one thing a line.

    Args:
        file: Where to.

    Raises:
        BackendMissing: WordNet is not installed.
    """
    parts = []
    for name, entries in taught().items():
        lines = (f"  {json.dumps(key)}: {json.dumps(words)}" for key, words in entries.items())
        parts.append(f'"{name}": {{\n' + ",\n".join(lines) + "\n}")
    file.write_text("{" + ",\n".join(parts) + "}\n", encoding="utf-8")


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FILE, help="the file")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
