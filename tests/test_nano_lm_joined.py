"""Two requests in one: which rows may be joined, where one ends, and what the answer is."""

from __future__ import annotations

import random
import re
from typing import cast

import pytest

from modaverse.dialect import Lines
from modaverse.media import Modality
from modaverse.plan import check
from modaverse.toolbox import Toolbox
from modaverse_training.nano.lm import corpus
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.joined import LONGEST, Joined
from modaverse_training.nano.lm.rows import NOTHING, UNKNOWN, Call, Row, handles, reply
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet


def wish(request: str, tool: str, prompt: str, **named: object) -> Row:
    calls = (Call(tool, prompt),)
    return Row(request, reply(calls), (calls[0].line(),), **named)  # type: ignore[arg-type]


FOX = wish("Please draw a fox.", "text-to-image", "a fox", family="a")
DRUM = wish("let me hear a drum", "text-to-audio", "a drum", family="b")
SAID = wish('Say "Good day" to them', "text-to-speech", "Good day", family="c")
RED = Row(
    "make this photo red", "Here is your picture.", ("image-to-image from image1: make red",),
    ("image",), family="f",
)  # fmt: skip
ASKED = Row("Why is the sky blue?", UNKNOWN, family="d")
TOLD = Row("My cat walked across the old piano.", NOTHING, family="e")


def joined(*rows: Row, seed: int = 0) -> Joined:
    return Joined(rows, random.Random(seed))


@pytest.mark.parametrize(
    "row",
    [
        wish("draw it as a fox", "text-to-image", "a fox"),
        wish("draw only a fox", "text-to-image", "a fox"),
        wish("draw a fox", "text-to-image", "a fox", history=(("hi", "Hello!"),)),
        Row("what is in it", "I cannot look inside image1 yet.", attachments=("image",)),
        Row(
            "only make it red",
            "Here is your picture.",
            ("image-to-image from image1: red",),
            ("image",),
        ),
        Row(
            "a film with a bell",
            "Here is your video with its sound.",
            ("text-to-video: a film", "add-soundtrack from #1 audio1:"),
            ("audio",),
        ),
        wish("draw a fox", "text-to-image", "a fox", family="alone-x"),
        Row("draw a fox", "A fox it is.", ("text-to-image: a fox",)),
        Row("No pictures of the sea today.", NOTHING),
        Row("Leave the canvas as it is today.", NOTHING),
        Row("Hi", "Hello!"),
    ],
)
def test_what_leans_on_more_than_its_words_is_left_out(row: Row) -> None:
    drawing = joined(row, FOX)
    assert [kept.family for kept in drawing.wishes] == ["a"]
    assert not drawing.questions + drawing.remarks + drawing.changes
    assert not drawing


def test_two_wishes_become_one_plan() -> None:
    both = joined(FOX, DRUM).join(FOX, DRUM)
    assert both is not None
    assert both.request.startswith("Please draw a fox.")
    assert both.request.endswith("let me hear a drum")
    assert both.text == "Here are your picture and your sound."
    assert both.calls == ("text-to-image: a fox", "text-to-audio: a drum")
    assert both.family == "joined-a+b"


def test_alike_wishes_are_counted() -> None:
    both = joined(FOX, DRUM).join(FOX, wish("paint me an owl", "text-to-image", "an owl"))
    assert both is not None
    assert both.text == "Here are your 2 pictures."


def test_a_remark_changes_nothing_and_a_question_is_answered_first() -> None:
    drawing = joined(FOX, DRUM, ASKED, TOLD)
    assert (drawing.questions, drawing.remarks) == ([ASKED], [TOLD])
    beside = drawing.join(TOLD, FOX)
    assert beside is not None
    assert (beside.text, beside.calls) == (FOX.text, FOX.calls)
    for pair in ((ASKED, FOX), (FOX, ASKED)):
        asked = drawing.join(*pair)
        assert asked is not None
        assert (asked.text, asked.calls) == (UNKNOWN, FOX.calls)


def test_a_wish_about_a_file_stands_beside_one_that_needs_none() -> None:
    drawing = joined(FOX, DRUM, RED)
    assert drawing.changes == [RED]
    drawn = [row for row in (drawing.draw() for _ in range(100)) if row is not None]
    both = [row for row in drawn if row.attachments]
    assert 0 < len(both) < 100
    for row in both:  # it comes first: "make this red" might be about what another wish makes
        assert row.request.startswith("make this photo red")
        assert row.calls[0] == RED.calls[0]
        assert row.text in ("Here are your 2 pictures.", "Here are your picture and your sound.")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (FOX, FOX),
        (wish("read out good day", "text-to-speech", "good day"), FOX),  # where does it end?
        (FOX, wish("a castle", "text-to-image", "a castle")),  # a fox and a castle: one picture
        (FOX, wish("draw " + "a very " * 60 + "old fox", "text-to-image", "old fox")),
    ],
)
def test_what_would_not_be_clear_is_not_made(first: Row, second: Row) -> None:
    assert joined(FOX, DRUM).join(first, second) is None


def test_sentences_go_on_small_and_what_the_plan_repeats_as_it_is() -> None:
    capital = wish("Foxes, as a picture please", "text-to-image", "Foxes")
    ways = set()
    for seed in range(40):
        after = joined(FOX, DRUM, seed=seed).join(DRUM, FOX)
        kept = joined(FOX, DRUM, seed=seed).join(DRUM, capital)
        assert after is not None
        assert kept is not None
        assert kept.request.endswith("Foxes, as a picture please")
        ways.add(after.request)
    assert "let me hear a drum and please draw a fox." in ways
    assert "let me hear a drum. Please draw a fox." in ways
    assert len(ways) > 8


def test_hand_written_rows_make_valid_plans_without_end() -> None:
    rows = corpus.read_rows(corpus.REQUESTS / "train.jsonl")[::10]
    drawing, box = Joined(rows, random.Random(1)), Toolbox.default()
    dialect = Lines(box)
    assert drawing
    seen = set()
    for _ in range(300):
        row = drawing.draw()
        assert row is not None
        plan = dialect.parse(row.answer())
        files = zip(handles(row.attachments), row.attachments, strict=True)
        assert not check(plan, box, {name: cast(Modality, kind) for name, kind in files})
        assert dialect.render(plan) == row.answer()
        assert len(row.request) <= LONGEST
        assert re.match(r"joined-.+\+", row.family)
        assert row.calls
        seen.add(row.request)
    assert len(seen) > 290


def test_rows_that_never_fit_together_are_given_up() -> None:
    bare = [wish(f"a {name}", "text-to-image", f"a {name}") for name in ("fox", "castle")]
    drawing = joined(*bare)
    assert drawing
    assert drawing.draw() is None


def test_varied_rows_have_them_among_them(tmp_path_factory: pytest.TempPathFactory) -> None:
    grammar = Grammar(2, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))
    stream = iter(corpus.Varied([FOX, DRUM, SAID, TOLD], grammar))
    families = [next(stream).family for _ in range(1000)]
    share = sum(name.startswith("hand-joined-") for name in families) / 1000
    assert 0.08 < share < 0.18
    alone = iter(corpus.Varied([FOX], grammar))
    assert {next(alone).family for _ in range(50)} == {"hand-a"}
