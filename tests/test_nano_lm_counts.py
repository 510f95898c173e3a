"""Counted wishes and wishes that refer to nothing: what the grammar says of them."""

from __future__ import annotations

import re

import pytest

from modaverse.dialect import Lines
from modaverse.dialect.base import MAX_CALLS
from modaverse.toolbox import BUILT_IN
from modaverse_training.nano.lm import counts
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import NOT_THERE, unmarked
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Grammar:
    return Grammar(5, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))


def test_so_many_are_asked_for_so_many_calls_are_made(grammar: Grammar) -> None:
    seen = set()
    for row in (grammar.counted() for _ in range(300)):
        plan = Lines(BUILT_IN).parse(row.answer())
        assert len(set(row.calls)) == 1
        assert 2 <= len(plan.calls) <= MAX_CALLS
        assert f"your {len(plan.calls)} " in plan.text
        around = unmarked(row.request).replace(plan.calls[0].prompt, "", 1).lower()
        said = [
            number
            for number, words in counts.NUMBERS.items()
            for word in (*words, counts.TIMES.get(number, "\0"))
            if re.search(rf"(?<!\w){word}(?!\w)", around)
        ]
        assert said
        assert len(plan.calls) in {min(number, MAX_CALLS) for number in said}
        assert not re.search(r"[\[\]|{}]", around)
        seen.add((plan.calls[0].tool, len(plan.calls)))
    assert len(seen) > 15
    assert counts.MOST == MAX_CALLS


def test_what_refers_to_nothing_makes_nothing_and_only_begins_conversations(
    grammar: Grammar,
) -> None:
    rows = [grammar.not_there() for _ in range(200)]
    assert {row.answer() for row in rows} == {NOT_THERE}
    assert all(row.family.startswith("alone-") and not row.history for row in rows)
    assert len({row.request.lower().strip(".!? ") for row in rows}) > 80


@pytest.mark.parametrize("kind", ["counted", "not_there"])
def test_the_stream_holds_them(grammar: Grammar, kind: str) -> None:
    wanted = {"counted": "counted", "not_there": "alone-not-there"}[kind]
    stream = iter(grammar)
    assert any(next(stream).family == wanted for _ in range(400))


def test_no_frame_is_that_of_a_held_out_request() -> None:
    from modaverse_training.nano.lm import corpus, frames

    held = corpus.held_out()
    for frame in (*frames.MAKE_THAT, *frames.SAME):
        assert corpus.normal(frame) not in held
