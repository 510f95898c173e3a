"""Chats about what was attached or made before, and what only a look can answer."""

from __future__ import annotations

import re
from typing import cast

import pytest

from modaverse.dialect import Lines
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.phrases import bank
from modaverse_training.nano.lm.counts import LIMITS, NUMBERS
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import INSIDE, Row, unmarked
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet

TOOLBOX = Toolbox.default()


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Grammar:
    return Grammar(5, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))


@pytest.fixture(scope="module")
def rows(grammar: Grammar) -> dict[str, list[Row]]:
    """Rows by family."""
    found: dict[str, list[Row]] = {}
    for _ in range(600):
        row = grammar.seen()
        found.setdefault(row.family, []).append(row)
    return found


def _perceived(row: Row) -> tuple[str, str]:
    """The handle that the first turn attached, and what was answered."""
    asked, answer = row.history[0]
    found = re.match(r"\[((?:image|audio|video)\d)\] ", asked)
    assert found, row
    return found[1], answer


def test_every_kind_of_later_turn_occurs(rows: dict[str, list[Row]]) -> None:
    kinds = {"heard", "remade", "again", "said", "picture", "made"}
    assert set(rows) == {f"seen-{kind}" for kind in kinds} | {"alone-seen-made"}
    assert all(
        len(row.history) == 1 and not row.attachments for some in rows.values() for row in some
    )


@pytest.mark.parametrize("family", ["seen-heard", "seen-remade"])
def test_what_was_named_is_the_prompt(rows: dict[str, list[Row]], family: str) -> None:
    for row in rows[family]:
        _, answer = _perceived(row)
        prompt = row.calls[0].split(": ", 1)[1]
        assert prompt.lower() in answer.lower(), row
        assert prompt not in row.request


def test_another_look_is_asked_for_by_the_handle_of_what_was_attached(
    rows: dict[str, list[Row]],
) -> None:
    for row in rows["seen-again"]:
        handle, _ = _perceived(row)
        assert row.answer() == INSIDE[handle.rstrip("0123456789")].format(handle)


def test_an_attached_picture_is_changed_or_moved_by_its_handle(rows: dict[str, list[Row]]) -> None:
    tools = set()
    for row in rows["seen-picture"]:
        handle, _ = _perceived(row)
        (call,) = Lines(TOOLBOX).parse(row.answer()).calls
        assert call.inputs == (handle,)
        tools.add(call.tool)
    assert tools == {"image-to-image", "image-to-video"}


def test_an_answer_is_read_out_as_it_stands(rows: dict[str, list[Row]]) -> None:
    for row in rows["seen-said"]:
        _, answer = _perceived(row)
        assert row.calls == (f"text-to-speech: {answer}",)


def test_what_was_made_is_told_by_its_prompt(rows: dict[str, list[Row]]) -> None:
    for row in rows["seen-made"]:
        prompt = row.history[0][1].split(": ", 1)[1]
        assert row.text.lower() == f"{prompt.lower()}."
        assert not row.calls


def test_as_many_seconds_or_pixels_as_there_are_or_the_most_and_a_word(grammar: Grammar) -> None:
    asked: dict[str, set[tuple[str, object]]] = {"measured": set(), "too-much": set()}
    for row in (grammar.measured() for _ in range(400)):
        (call,) = Lines(TOOLBOX).parse(row.answer()).calls
        rules = TOOLBOX[call.tool].spec.option_schema()["properties"]
        said = unmarked(row.request).replace(call.prompt, "", 1).lower()
        for name, value in call.options.items():
            most = rules[name].get("maximum") or max(rules[name]["enum"])
            if row.family == "too-much":
                assert value == most
            else:
                words = (str(value), *NUMBERS.get(cast("int", value), ()))
                assert any(re.search(rf"(?<![\d.]){word}(?!\d)", said) for word in words), row
                assert not re.search(r"\b1 seconds", said)
        assert row.text.endswith(LIMITS[call.tool].told) == (row.family == "too-much")
        assert call.prompt in unmarked(row.request)
        around = unmarked(row.request).replace(call.prompt, "", 1)
        assert around.count("(") == around.count(")"), row
        assert not re.search(r"\ba (8|11|18|eight|a)\b", around), row
        asked[row.family].add((call.tool, call.options.get("seconds")))
    assert {tool for tool, _ in asked["too-much"]} == set(LIMITS)
    assert {n for tool, n in asked["measured"] if tool == "text-to-audio"} == set(range(1, 11))


def test_what_needs_a_look_is_not_handed_to_a_tool(grammar: Grammar) -> None:
    asked = set()
    for row in (grammar._to_be_looked_at() for _ in range(200)):
        assert not row.calls
        assert any(re.fullmatch(text.format(rf"{m}\d"), row.text) for m, text in INSIDE.items())
        assert "{" not in row.request
        asked.add(row.request.lower())
    held = {
        phrase
        for given in INSIDE
        for task in ("text", "image", "audio", "video")
        for family in bank(f"{given}-{task}").families
        if family.split != "train"
        for phrase in family.phrases
    }
    worded = [re.escape(phrase).replace(r"\{it\}", ".+") for phrase in held if "[" not in phrase]
    assert worded
    assert not any(re.fullmatch(f"{text}[.?!]?", each) for text in worded for each in asked)
