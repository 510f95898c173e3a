"""Rows that hand attached files to tools, with files: the senses rehearse what `lm` has learned.

Who looks has to know what needs no look: "make it red" is an order whatever the picture shows. So
the language model's own rows about attachments, by hand and by its grammar, get the media of the
senses' rows, drawn by chance. Rows that say that they cannot look inside are left out.

    python -m modaverse_training.nano.handed --data DATA [--count 8000]

writes `DATA/handed.jsonl` from the media of `DATA/train.jsonl`.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

from modaverse.toolbox import Toolbox
from modaverse_training.instructions.plans import problems_of
from modaverse_training.instructions.row import MediaRef, Row, Turn, read_rows, write_rows
from modaverse_training.nano.lm import corpus
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import INSIDE, handles
from modaverse_training.nano.lm.rows import Row as Request

SEED = 6101
_BY_HAND = 0.6  # share of the hand-written rows
_ASIDE = 0.1  # of the grammar's: with files of no use
_BLIND = tuple(text.split("{0}")[0] for text in INSIDE.values())


def shelves(data: Path) -> dict[str, list[MediaRef]]:
    """The media of a file of rows by modality, each once, in their order."""
    found: dict[str, dict[str, MediaRef]] = {}
    for row in read_rows(data):
        for ref in row.media:
            if ref.path:
                found.setdefault(ref.modality, {}).setdefault(ref.path, ref)
    return {modality: list(refs.values()) for modality, refs in found.items()}


def requests(seed: int) -> Iterator[Request]:
    """Requests of one turn that bring files and need no look, without end."""
    grammar = Grammar(seed)
    by_hand = [row for row in corpus.read_rows(corpus.REQUESTS / "train.jsonl") if _fits(row)]
    varied, forbidden = iter(corpus.Varied(by_hand, grammar)), corpus.held_out()
    while True:
        if grammar.rng.random() < _BY_HAND:
            row = next(varied)
        else:
            aside = grammar.rng.random() < _ASIDE
            maker = grammar.new_wish_with_attachment if aside else grammar.attached
            row = grammar.noised(maker())
        if _fits(row) and corpus.may_be_learned(row, forbidden):
            yield row


def _fits(row: Request) -> bool:
    """Whether a row brings files in its only turn and does not say that it cannot look inside."""
    fresh = bool(row.attachments) and not any(name[-1].isdigit() for name in row.attachments)
    return fresh and not row.history and not row.text.startswith(_BLIND)


def rows(data: Path, seed: int = SEED) -> Iterator[Row]:
    """Rows with media, without end; those whose plans do not hold are left out.

    Args:
        data: A file of rows whose media are attached.
        seed: The same seed gives the same rows.
    """
    kept, rng, toolbox = shelves(data), Random(seed), Toolbox.default()
    for number, request in enumerate(requests(seed)):
        named = dict(zip(handles(request.attachments), request.attachments, strict=True))
        if not kept.keys() >= set(named.values()):
            continue
        media = tuple(
            rng.choice(kept[modality]).model_copy(update={"handle": handle})
            for handle, modality in named.items()
        )
        asked = Turn(role="user", content=request.request, handles=tuple(named))
        told = Turn(role="assistant", content=request.answer())
        row = Row(
            id=f"handed-{number:07}", messages=(asked, told), tools=tuple(toolbox), media=media,
            family=f"handed/{request.family}", source="nano requests",
        )  # fmt: skip
        if not problems_of(row, toolbox):
            yield row


def main() -> None:
    """Read the command line and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of `modaverse data build`")
    parser.add_argument("--count", type=int, default=8000)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    made = islice(rows(options.data / "train.jsonl", options.seed), options.count)
    write_rows(options.data / "handed.jsonl", made)


if __name__ == "__main__":
    main()
