"""Chats in which one thing is changed turn by turn, and requests in plain wordings."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest

from modaverse.dialect import Lines
from modaverse.toolbox import BUILT_IN
from modaverse_training.instructions import phrases
from modaverse_training.instructions.phrases import wordings
from modaverse_training.nano.lm.changes import Scene
from modaverse_training.nano.lm.corpus import Chats
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import Row, unmarked
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet

ROLES = {
    "text-to-image": "paint", "text-to-video": "film", "text-to-audio": "sound",
    "text-to-speech": "speak",
}  # fmt: skip


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Grammar:
    return Grammar(8, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))


@pytest.fixture(scope="module")
def chats(grammar: Grammar) -> list[tuple[Row, Row]]:
    return [grammar.changed() for _ in range(400)]


def _prompts(answer: str) -> list[tuple[str, str]]:
    return [(call.tool, call.prompt) for call in Lines(BUILT_IN).parse(answer).calls]


def _made(row: Row) -> list[list[tuple[str, str]]]:
    """What a chat has made so far, an answer at a time; questions make nothing."""
    return [made for _, said in row.said() if (made := _prompts(said))]


def test_parts_of_a_scene_are_put_together_in_order() -> None:
    scene = Scene("text-to-image", "a", "old", "oak", "burning", "at night", "with an owl")
    assert str(scene) == "an old oak burning at night with an owl"
    assert scene.thing() == "an old oak"
    assert str(Scene("text-to-image", "two", "", "foxes")) == "two foxes"
    assert str(Scene("text-to-image", "", "red", "water")) == "red water"


def test_a_change_keeps_the_changes_before_it(grammar: Grammar) -> None:
    parts = {"quality": "quality", "place": "place", "with": "more", "doing": "doing"}
    for order in itertools.permutations(parts):
        scene = Scene("text-to-image", "a", "", "boat")
        made: list[str] = []
        for kind in order:
            row, scene = grammar._turn([kind], scene)
            made.append(getattr(scene, parts[kind]))
            ((tool, prompt),) = _prompts(row.answer())
            assert (tool, prompt) == ("text-to-image", str(scene))
            assert all(words and words in prompt for words in made)


def test_another_thing_leaves_its_surroundings_as_they_were(grammar: Grammar) -> None:
    old = Scene("text-to-video", "two", "red", "boats", "sinking", "at night")
    named = 0
    for _ in range(40):
        row, new = grammar._turn(["thing"], old)
        assert (new.det, new.doing, new.place) == ("a", "sinking", "at night")
        named += "boats" in unmarked(row.request)
        assert "boats" not in str(new)
        assert _prompts(row.answer()) == [("text-to-video", str(new))]
    assert 10 < named < 35  # else "make it a volcano"


def test_undone_is_the_last_change_and_no_other(chats: list[tuple[Row, Row]]) -> None:
    undone = 0
    for before, now in chats:
        if not re.search(r"\b(undo|revert|forget|was better|not that)\b", now.request, re.I):
            continue
        undone += 1
        *some, newest = _made(before)
        ((tool, _),) = newest
        earlier = [made for answer in some for made in answer]
        assert _prompts(now.answer()) == [made for made in earlier if made[0] == tool][-1:]
        assert _prompts(now.answer()) != newest
    assert undone > 5


def test_longer_and_shorter_are_seconds_of_a_sound(grammar: Grammar) -> None:
    scene = Scene("text-to-audio", "a", "", "frog")
    seconds: dict[object, list[str]] = {}
    for _ in range(60):
        row, after = grammar._turn(["length"], scene)
        assert after == scene
        (call,) = Lines(BUILT_IN).parse(row.answer()).calls
        seconds.setdefault(call.options["seconds"], []).append(row.request.lower())
    assert all("shorter" in asked for asked in seconds[1] + seconds[2])
    assert all("longer" in asked or "as long as" in asked for asked in seconds[10] + seconds[5])


def test_after_its_sound_the_picture_is_still_what_is_changed(
    chats: list[tuple[Row, Row]],
) -> None:
    seen = 0
    for before, now in chats:
        made = [answer[0][0] for answer in _made(before)]
        if made[0] == "text-to-audio" or made[-1] != "text-to-audio":
            continue
        seen += 1
        tools = {tool for tool, _ in _prompts(now.answer())}
        assert tools != {"text-to-audio"} or re.search(
            r"sound|hear|noise|audio", now.request, re.I
        ), now  # only who asks for a sound again gets one
    assert seen > 20


def test_every_new_word_of_a_change_was_said(chats: list[tuple[Row, Row]]) -> None:
    for before, now in chats:
        turns = [*before.history, (before.request, before.answer()), (now.request, "")]
        told = unmarked(" ".join(text for pair in turns for text in pair))
        known = set(re.findall(r"\w+", told.lower())) | {"a", "an", "and", "with"}
        for _, prompt in _prompts(now.answer()):
            assert set(re.findall(r"\w+", prompt.lower())) <= known, now


def test_questions_come_in_between_and_name_the_newest_result(tmp_path: Path) -> None:
    grammar, between, last = Grammar(9, WordNet(write_wordnet(tmp_path))), 0, 0
    for before, now in (grammar.changed() for _ in range(300)):
        between += any(not _prompts(said) for _, said in before.said())
        for _, said in before.said():
            assert _prompts(said) or re.match(r"(It is|There are|The|You are welcome)\b", said)
        if asked := re.search(r"\b(image|audio|video)(\d) yet: I only know", now.text):
            last += 1
            made = [tool for answer in _made(before) for tool, _ in answer]
            kinds = [tool.removeprefix("text-to-") for tool in made]
            assert (asked[1], int(asked[2])) == (kinds[-1], kinds.count(kinds[-1]))
    assert between > 60
    assert last > 12


def test_whoever_names_a_result_has_nothing_made_before_it(grammar: Grammar) -> None:
    chats, asked = Chats(random.Random(3), share=1.0), 0
    for row in (grammar.follow_up() for _ in range(1500)):
        later = chats.later(row)
        for other in (grammar.single() for _ in range(2)):
            chats.later(other)
        if told := re.search(r"\b(image|audio|video)(\d) yet: I only know", later.text):
            asked += 1
            made = [tool for _, said in later.history for tool, _ in _prompts(said)]
            assert int(told[2]) == made.count(f"text-to-{told[1]}")
    assert asked > 10


def test_nobody_paints_a_sound(grammar: Grammar) -> None:
    seen = 0
    for before, now in (grammar.changed() for _ in range(600)):
        turns = [*before.said(), (now.request, now.answer())]
        if _prompts(turns[0][1])[0][0] != "text-to-audio":
            continue
        seen += 1
        for request, answer in turns[1:]:
            words = unmarked(request).lower()
            for _, prompt in _prompts(answer):
                words = words.replace(prompt.lower(), "")
            if {tool for tool, _ in _prompts(answer)} == {"text-to-audio"}:
                assert not re.match(r"(please )?(colour|paint|recolour|draw|show)\b", words), (
                    request
                )
    assert seen > 80


def test_plain_requests_are_training_phrases_and_hold_their_prompt(grammar: Grammar) -> None:
    tools = set()
    for row in (grammar.plain() for _ in range(200)):
        ((tool, prompt),) = _prompts(row.answer())
        request = unmarked(row.request)
        assert prompt in request
        assert not re.search(r"\{[a-z]\}|\[|\|", request.replace(prompt, ""))
        longest = max(re.split(r"\W*" + re.escape(prompt) + r"\W*", request), key=len)
        told = {word for text in wordings(ROLES[tool]) for word in re.findall(r"\w+", text)}
        assert set(re.findall(r"\w+", longest.lower())) <= told, row
        tools.add(tool)
    assert tools == set(ROLES)


def test_wordings_are_all_phrases_of_one_split(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "greet.txt").write_text(
        "# Greetings.\n== train one\nhello\nhi [you|there]\n== train two\nhey\n== test three\nyo\n"
    )
    monkeypatch.setattr(phrases, "FOLDER", tmp_path)
    assert wordings("greet") == ("hello", "hi [you|there]", "hey")
    assert wordings("greet", "test") == ("yo",)
    assert wordings("greet", "validation") == ()


def test_a_picture_is_changed_on_from_the_newest(grammar: Grammar) -> None:
    numbers = set()
    for row in (grammar.edited() for _ in range(200)):
        first = row.history[0][0]
        given = 2 if first.startswith("[image1][image2] ") else 1
        assert first.startswith("[image1]")
        plans = [answer for _, answer in row.history if "image-to-image" in answer]
        inputs = [int(re.findall(r"from image(\d+)", plan)[0]) for plan in [*plans, row.answer()]]
        assert 1 <= inputs[0] <= given
        assert inputs[1:] == list(range(given + 1, given + len(plans) + 1))
        assert row.family.startswith("alone-")  # other turns before it would shift the numbers
        numbers.add(inputs[-1])
    assert numbers >= {2, 3, 4, 5}
