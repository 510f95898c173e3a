"""What a model knows already: rows to rehearse, requests to measure on, short ones to join with.

The nano language model was aligned on hand-written requests and on its grammar
(`modaverse_training.nano.lm`); other models bring rows of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from random import Random

from modaverse.dialect import Lines
from modaverse.toolbox import BUILT_IN
from modaverse_training.instructions.row import MediaRef, Row, Turn
from modaverse_training.nano.lm import corpus, rows, vocabulary
from modaverse_training.newtool.requests import Simple

__all__ = [
    "has_words",
    "nano_grammar",
    "nano_held_out",
    "nano_rehearsal",
    "nano_rows",
    "simple",
]

_BY_HAND = 0.65  # share of the rows that nano rehearses
_SHORT = 80  # characters of a request that others are joined to


def nano_rows() -> list[Row]:
    """The hand-written requests that the nano model was aligned on."""
    return _read("train")


def nano_held_out() -> list[Row]:
    """Hand-written requests in other phrasings, which it never learned from."""
    return _read("validation")


def nano_grammar(count: int, seed: int) -> list[Row]:
    """Rows of the nano grammar; none where WordNet, whose words it takes, is not installed."""
    if not has_words():
        return []
    from modaverse_training.nano.lm.grammar import Grammar

    made = islice(_allowed(Grammar(seed)), count)
    return [_row(row, f"nano-grammar/{seed}-{number:06}") for number, row in enumerate(made)]


def nano_rehearsal(count: int, seed: int) -> list[Row]:
    """Rows as nano was aligned on them: two thirds by hand with other contents, one by grammar.

    Without WordNet, whose words are the other contents, they are rows by hand as they are.
    """
    if not has_words():
        known = nano_rows()
        return Random(seed).sample(known, min(count, len(known)))
    from modaverse_training.nano.lm.grammar import Grammar

    grammar = Grammar(seed)
    by_hand = corpus.Varied(corpus.read_rows(corpus.REQUESTS / "train.jsonl"), grammar)
    share = round(_BY_HAND * count)
    made = [*islice(_allowed(by_hand), share), *islice(_allowed(grammar), count - share)]
    return [_row(row, f"nano-rehearsal/{seed}-{number:06}") for number, row in enumerate(made)]


def has_words() -> bool:
    """Whether the data files of WordNet are there."""
    return (vocabulary.WORDNET / "data.noun").is_file()


def simple(known: Iterable[Row]) -> list[Simple]:
    """The short requests of one call from words alone, with what their results are called."""
    found = []
    for row in known:
        if len(row.messages) != 2 or row.media or len(row.request) > _SHORT or "\n" in row.request:
            continue
        calls = Lines(row.tools).parse(row.answer).calls
        if len(calls) == 1 and calls[0].tool in rows.NAMES and not calls[0].inputs:
            found.append(Simple(row.request, calls[0], rows.NAMES[calls[0].tool]))
    return found


def _read(name: str) -> list[Row]:
    held = corpus.read_rows(corpus.REQUESTS / f"{name}.jsonl")
    return [_row(row, f"nano-{name}/{number:05}") for number, row in enumerate(held)]


def _allowed(made: Iterable[rows.Row]) -> Iterator[rows.Row]:
    """The rows whose requests are not among those that are only measured on."""
    forbidden = corpus.held_out()
    return (row for row in made if corpus.normal(row.request) not in forbidden)


def _row(row: rows.Row, name: str) -> Row:
    """A row of the nano grammar as an instruction row."""
    handles = rows.handles(row.attachments)
    turns: list[Turn] = []
    for request, answer in row.history:
        turns += [Turn(role="user", content=request), Turn(role="assistant", content=answer)]
    turns.append(Turn(role="user", content=row.request, handles=handles))
    turns.append(Turn(role="assistant", content=row.answer()))
    media = [_reference(handle) for handle in handles if not handle.startswith("text")]
    return Row(
        id=name,
        messages=tuple(turns),
        tools=tuple(BUILT_IN),
        media=tuple(media),
        family=row.family,
        source="nano",
    )


def _reference(handle: str) -> MediaRef:
    return MediaRef.model_validate({"handle": handle, "modality": handle.rstrip("0123456789")})
