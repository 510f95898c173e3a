"""What a tool says of itself becomes requests and plans that hold."""

from __future__ import annotations

import re
from itertools import islice
from pathlib import Path

import pytest

from modaverse.dialect import Lines
from modaverse.errors import ToolDefinitionError
from modaverse.media import Image
from modaverse.tool import Tool, tool
from modaverse.toolbox import BUILT_IN, Toolbox
from modaverse_training.instructions.plans import problems_of
from modaverse_training.instructions.row import Row
from modaverse_training.nano.lm import vocabulary
from modaverse_training.newtool import old, phrases
from modaverse_training.newtool.contents import KINDS, Contents, kinds_of
from modaverse_training.newtool.material import Material, held_back, rows_of
from modaverse_training.newtool.phrases import Split
from modaverse_training.newtool.requests import Requests, reply
from modaverse_training.newtool.subject import read_subject
from tests.nano_words import write_wordnet
from tests.newtool import Echoing, blend, emboss, star_map

TOOLS: tuple[Tool, ...] = (star_map, emboss, blend, Echoing())
BOX = Toolbox.default().only(*BUILT_IN) | Toolbox(TOOLS)
KNOWN = old.nano_rows()[:400]
OTHERS = old.simple(KNOWN)
SPLITS: tuple[Split, ...] = ("train", "validation")


def made(name: str, split: Split = "train", count: int = 150, seed: int = 0) -> list[Row]:
    subject = read_subject(BOX[name])
    return list(islice(Requests(subject, tuple(BOX), OTHERS, split=split, seed=seed), count))


# --- what a tool says ----------------------------------------------------------------------------


def test_a_docstring_gives_noun_order_options_and_examples() -> None:
    subject = read_subject(star_map)
    assert (subject.name, subject.spoken, subject.called) == ("star-map", "star map", "star map")
    assert subject.order == "draw a star map that shows the sky over {x}"
    assert {option.name: option.label for option in subject.options} == {
        "stars": "stars", "style": "", "names": "", "max_radius": "largest radius",
    }  # fmt: skip
    assert [option.values for option in subject.options][1:3] == [("antique",), (True,)]
    assert [(each.request, each.call.prompt) for each in subject.examples][:2] == [
        ("a star map for Oslo", "Oslo"),
        ("what does the sky over Lake Como look like?", "Lake Como"),
    ]  # fmt: skip
    assert subject.examples[2].call.options == {"style": "antique"}
    assert subject.phrases == ("show me the stars over {prompt}",)
    assert kinds_of(subject.about) == ("number", "place")


def test_a_tool_that_works_on_media_is_told_of_them() -> None:
    subject = read_subject(emboss)
    assert subject.noun == ""  # "a picture" would be anybody's
    assert subject.order == "make {it} look as if it were cut in stone"
    assert not subject.takes_prompt
    assert read_subject(blend).order == ""


def test_a_class_without_examples_can_be_read() -> None:
    subject = read_subject(Echoing())
    assert subject.noun == ""
    assert subject.order == "repeat {x} as often as it says"
    assert subject.called == "text"
    assert (subject.examples, subject.phrases) == ((), ())


@pytest.mark.parametrize(
    ("example", "message"),
    [
        ("a map => star-chart: Oslo", "there is no tool"),
        ('a map => odd with {"size":9}: Oslo', "size"),
        ("a map => here you are", "not one call"),
        ("two => odd: a\\n        odd: b\n        x => odd: a: => b", ""),
    ],
)
def test_an_example_that_does_not_hold_is_its_authors_error(example: str, message: str) -> None:
    def odd(prompt: str) -> Image:
        raise NotImplementedError

    odd.__doc__ = f"Do something odd.\n\n    Examples:\n        {example}\n"
    if not message:
        assert len(read_subject(tool(odd)).examples) == 2
        return
    with pytest.raises(ToolDefinitionError, match=message) as caught:
        read_subject(tool(odd))
    assert "=> odd: PROMPT" in caught.value.hint


# --- rows ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("split", ["train", "validation"])
@pytest.mark.parametrize("name", [each.spec.name for each in TOOLS])
def test_every_plan_holds(name: str, split: Split) -> None:
    rows = made(name, split)
    assert not [(row.request, problems_of(row, BOX)) for row in rows if problems_of(row, BOX)]
    calls = [call.tool for row in rows for call in Lines(row.tools).parse(row.answer).calls]
    assert calls.count(name) > len(rows) / 2
    assert all(row.tools == tuple(BOX) for row in rows)


@pytest.mark.parametrize("name", ["star-map", "echoing"])
def test_prompts_stand_in_their_requests(name: str) -> None:
    for row in made(name, count=300):
        if row.family.endswith(("single", "contrast", "two", "several")):
            for call in Lines(row.tools).parse(row.answer).calls:
                assert call.tool != name or call.prompt in row.request, (row.request, call.prompt)


def test_numbers_and_words_of_options_stand_in_their_requests() -> None:
    numbers = "zero one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905
    seen = set()
    for row in made("star-map", count=600):
        if not row.family.endswith("single"):
            continue
        (call,) = Lines(row.tools).parse(row.answer).calls
        for option, value in call.options.items():
            seen.add(option)
            words = {str(value).lower()}
            if type(value) is int and value < len(numbers):
                words.add(numbers[value])
            if value is True or value == 0:
                words |= {option.replace("_", " "), "largest radius"}
            assert any(word in row.request.lower() for word in words), (row.request, call)
    assert seen == {"stars", "style", "names", "max_radius"}


def test_a_seed_repeats_the_rows_and_another_makes_others() -> None:
    assert made("star-map", count=20) == made("star-map", count=20)
    assert made("star-map", count=20) != made("star-map", count=20, seed=1)


def test_media_are_attached_once() -> None:
    for row in made("blend"):
        handles = [turn.handles for turn in row.messages if turn.handles]
        contrast = row.family.endswith("contrast")
        assert handles == ([] if contrast else [("image1", "audio1")])


def test_no_phrasing_stands_in_both_splits() -> None:
    tables = [
        *(getattr(phrases, name) for name in (
            "ATTACHED", "NAMED", "ORDERS", "QUESTIONS", "STORIES", "THINGS", "WHOLE",
            "WRAPPED_ORDERS", "WRAPPED_THINGS",
        )),
        *phrases.OPTIONS.values(),
        *phrases.SAMENESS.values(),
    ]  # fmt: skip
    for table in tables:
        assert table["train"]
        assert table["validation"]
        assert not set(table["train"]) & set(table["validation"])
    learned, held_out = ({row.family for row in made("star-map", s)} for s in SPLITS)
    assert not learned & held_out


def test_rows_come_by_our_phrases_and_by_the_grammar_of_all_tools() -> None:
    subject = read_subject(star_map)
    rows = rows_of(subject, BOX, OTHERS, "train", count=300, seed=3)
    assert len({row.request for row in rows}) > 280
    described = [row for row in rows if row.family.partition("/")[0] in ("tool", "tool-name")]
    assert 10 < len(described) < 80
    assert all(row.answer.startswith("Here ") for row in described)
    assert "your star map" in described[0].answer


def test_no_request_is_learned_twice_even_of_a_tool_that_takes_no_prompt() -> None:
    rows = rows_of(read_subject(emboss), BOX, (), "train", count=300, seed=0)
    asked = [tuple(turn.content for turn in row.messages[::2]) for row in rows]
    assert len(set(asked)) == len(asked) == 300


def test_what_is_measured_is_not_learned() -> None:
    new, taught = made("star-map", count=4), made("star-map", count=60)
    material = Material(taught, KNOWN[:30], new, KNOWN[:10]).without([KNOWN[20].request.upper()])
    asked = {row.request for row in material.mixed(0)}
    assert not asked & {row.request for row in (*new, *KNOWN[:10], KNOWN[20])}
    assert len(material.rehearsed) == 19
    learned, held = held_back(KNOWN, 50, seed=1)
    assert (len(learned), len(held)) == (350, 50)
    assert not {row.id for row in learned} & {row.id for row in held}


# --- contents and old rows -----------------------------------------------------------------------


def test_contents_are_of_the_kinds_that_were_guessed() -> None:
    import random

    looks = {
        "address": r"(https?://|www\.)?[\w@.-]+\.\w+.*", "colour": r".*", "number": r".*[0-9A-Z].*",
    }  # fmt: skip
    for kind in KINDS:
        contents = Contents(random.Random(1), (kind,), (), (), ())
        drawn = [contents._makers[kind]() for _ in range(50)]
        assert len(set(drawn)) > 15
        assert all(re.fullmatch(looks.get(kind, r".+"), text) for text in drawn)


def test_old_rows_are_those_of_nano() -> None:
    assert len(old.nano_rows()) > 2000
    assert not {row.request for row in old.nano_rows()} & {
        row.request for row in old.nano_held_out()
    }
    assert all(not problems_of(row, BOX) for row in KNOWN)
    assert {each.called for each in OTHERS} == {"picture", "video", "sound", "speech"}


def test_without_wordnet_there_are_no_rows_by_grammar(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(vocabulary, "WORDNET", tmp_path)
    assert old.nano_grammar(5, seed=0) == []
    write_wordnet(tmp_path)
    rows = old.nano_grammar(5, seed=0)
    assert len({row.id for row in rows}) == 5
    assert not [row for row in rows if problems_of(row, BOX)]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["picture"], "Here is your picture."),
        (["picture", "QR code"], "Here are your picture and your QR code."),
        (["speech", "speech"], "Here are your 2 speeches."),
    ],
)
def test_replies(names: list[str], told: str) -> None:
    assert reply(names) == told
