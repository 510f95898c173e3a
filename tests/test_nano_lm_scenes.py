"""Pictures and films told in several clauses: one call, whose prompt is all of what was told."""

from __future__ import annotations

import re

import pytest

from modaverse_training.nano.lm.frames import scenes as frames
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import Row, unmarked
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    grammar = Grammar(3, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))
    return [grammar.scene() for _ in range(400)]


def test_however_much_is_told_it_is_one_result(rows: list[Row]) -> None:
    assert all(len(row.calls) == 1 for row in rows)
    tools = [row.calls[0].split(":")[0] for row in rows]
    assert set(tools) == {"text-to-image", "text-to-video"}
    assert 0.08 < tools.count("text-to-video") / len(rows) < 0.25
    assert {row.text for row in rows} == {"Here is your picture.", "Here is your video."}


def test_the_prompt_is_what_was_told_word_for_word(rows: list[Row]) -> None:
    for row in rows:
        prompt = row.calls[0].partition(": ")[2]
        request = unmarked(row.request)
        assert prompt.casefold() in request.casefold()
        assert not re.search(r"[\[\]{}|]", prompt)
        assert not prompt.startswith(("a picture of", "a photo of", "a video of"))


@pytest.mark.parametrize("mark", [". ", "; ", ", ", ", and ", ' "', " and "])
def test_they_part_their_clauses_in_all_ways(rows: list[Row], mark: str) -> None:
    assert sum(mark in row.calls[0] for row in rows) > 5


def test_sentences_begin_with_a_capital(rows: list[Row]) -> None:
    after = [first for row in rows for first in re.findall(r'[^.]\. ([^"])', row.calls[0])]
    assert len(after) > 50
    assert sum(first.islower() for first in after) < 0.1 * len(after)


def test_the_links_are_shares() -> None:
    assert sum(frames.LINKS.values()) == pytest.approx(1)


def test_they_come_in_the_stream(tmp_path_factory: pytest.TempPathFactory) -> None:
    grammar = Grammar(8, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))
    stream = iter(grammar)
    families = [next(stream).family for _ in range(1500)]
    assert 0.02 < families.count("scene") / 1500 < 0.12
