"""Rows by grammar: all sixteen pairs, plans that hold, splits that share no phrase and no item."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

from modaverse.errors import ConfigError, DataError
from modaverse.media import Audio, Image, Video
from modaverse.tool import FunctionTool, tool
from modaverse.toolbox import Toolbox
from modaverse_training.instructions import turns
from modaverse_training.instructions.cells import CELLS, TASKS, Task
from modaverse_training.instructions.critic import faults
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.grammar import Grammar, Mix
from modaverse_training.instructions.items import FACTS, SPLITS, Fact, Item, Split
from modaverse_training.instructions.phrases import bank, banks, drawn, filled, places, wordings
from modaverse_training.instructions.plans import last_plan, pair_of, problems_of
from modaverse_training.instructions.row import Row
from modaverse_training.instructions.stock import Stock
from modaverse_training.instructions.style import quoted, styled
from modaverse_training.instructions.wishes import Desk
from modaverse_training.instructions.workshop import Workshop, a, joined, nice_values

MODALITIES = ("text", "image", "audio", "video")
CAPTIONS = ("a red fox in the snow", "two men are standing in a yard", "a lighthouse at dusk")


@tool(name="image-to-image")
def image_to_image(prompt: str, image: Image, *, strength: float = 0.5) -> Image:
    """Change a picture as the prompt says."""
    return image


@tool(name="image-to-video")
def image_to_video(prompt: str, image: Image) -> Video:
    """Let a picture move as the prompt says."""
    raise NotImplementedError


TOOLBOX = Toolbox.default() | Toolbox([image_to_image, image_to_video])


def _facts(kind: str, name: str) -> dict[str, str]:
    """What is known of a thing that can be seen."""
    if kind == "audio":
        return {}
    facts = {
        "colour": "The colour is red.",
        "place": "The scene is at sea.",
        "count": f"There is one {name}.",
    }
    return facts | ({"doing": "The thing is rolling."} if kind == "video" else {})


def items() -> list[Item]:
    """A few items of every kind in every split."""
    found = []
    for split in SPLITS:
        for n, caption in enumerate(CAPTIONS):
            told = (f"{caption} of {split}", caption)
            name = ("fox", "man", "lighthouse")[n]
            for kind, end in (("image", "png"), ("audio", "wav"), ("video", "mp4")):
                found.append(
                    Item(
                        f"{kind}{n}{split}",
                        kind,  # type: ignore[arg-type]
                        told,
                        f"{kind}{n}.{end}",
                        name=name,
                        plural="men" if name == "man" else f"{name}s",
                        facts=_facts(kind, name),
                        split=split,
                        elsewhere={"audio": (f"the noise of a {name}",)},
                        source=f"set-{kind}",
                    )
                )
            words = f"go and see {caption}"
            found.append(
                Item(f"s{n}", "audio", (words,), f"s{n}.flac", True, split=split, source="speech")
            )
    return found


def grammar(split: Split = "train", *, seed: int = 0, mix: Mix | None = None) -> Grammar:
    return Grammar(Workshop(TOOLBOX), Stock(items(), split), split, seed=seed, mix=mix)


@pytest.fixture(scope="module")
def rows() -> dict[Split, list[Row]]:
    """Many rows of every split."""
    return {split: [grammar(split).row(n) for n in range(700)] for split in SPLITS}


def test_every_pair_of_modalities_has_tasks_and_is_made(rows: dict[Split, list[Row]]) -> None:
    wanted = {(i, o) for i in MODALITIES for o in MODALITIES}
    assert set(CELLS) == wanted
    for made in rows.values():
        assert {pair_of(row, TOOLBOX) for row in made} >= wanted


@pytest.mark.parametrize("split", SPLITS)
def test_every_plan_holds_and_the_critic_agrees(rows: dict[Split, list[Row]], split: Split) -> None:
    for row in rows[split]:
        assert not problems_of(row, TOOLBOX), row
        # The phrases of a person may name no modality at all, or several.
        found = [f for f in faults(row, TOOLBOX) if not f.startswith(("modality", "leak"))]
        assert not found, (row.messages, found)


def test_a_row_is_the_same_in_whatever_order_rows_are_made(rows: dict[Split, list[Row]]) -> None:
    one = grammar()
    assert [one.row(n) for n in (7, 3, 7)] == [rows["train"][n] for n in (7, 3, 7)]
    assert grammar(seed=1).row(3) != one.row(3)


def variants(phrase: str) -> int:
    """In how many ways the choices of a phrase can be drawn; those of banks do not nest."""
    return math.prod(choice.count("|") + 1 for choice in re.findall(r"\[([^\[\]]*)\]", phrase))


def bank_of(task: Task) -> str:
    """Tasks that ask for a fact share a bank."""
    return task.known if task.known in FACTS else task.name


def test_splits_share_neither_families_nor_phrases() -> None:
    whose: dict[str, set[str]] = defaultdict(set)
    for one in banks():
        if one.task in ("options", "referents"):  # bits of phrases, not phrases
            continue
        assert {family.split for family in one.families} == set(SPLITS), one.task
        assert len({family.name for family in one.families}) == len(one.families)
        for family in one.families:
            assert family.phrases, family.name
            for phrase in family.phrases:
                for seed in range(2 * variants(phrase)):
                    whose[drawn(phrase, Random(seed))].add(f"{one.task} {family.split}")
    for phrase, where in whose.items():
        by_task = Counter(place.split()[0] for place in where)
        assert max(by_task.values()) == 1, (phrase, where)


def test_rows_of_a_split_have_its_families_and_its_items(rows: dict[Split, list[Row]]) -> None:
    own = {split: {family.name for one in banks() for family in one.of(split)} for split in SPLITS}
    for split, made in rows.items():
        for row in made:
            assert row.family.replace("/several-", "/") in own[split]
            for word in {"train", "validation", "test"} - {split}:
                assert f" of {word}" not in row.model_dump_json()


def test_every_task_can_word_every_content() -> None:
    for name in ("paint", "sound", "film", "speak", "under", "words", "about"):
        for split in SPLITS:
            assert any("x" not in places(phrase) for phrase in wordings(name, split)), name
    known = (
        "x s q y it change like motion at that made tail order on then v name nth handle n ns "
        "place thing"
    )
    phrases = [phrase for one in banks() for f in one.families for phrase in f.phrases]
    used = {place for phrase in phrases for place in places(phrase)}
    assert used <= set(known.split())
    text = "".join(phrase for one in banks() for f in one.families for phrase in f.phrases)
    assert text.count("[") == text.count("]")


def test_there_are_many_ways_to_say_things() -> None:
    counts = {task.name: sum(variants(p) for f in bank(bank_of(task)).families for p in f.phrases)
              for task in TASKS}  # fmt: skip
    assert min(counts.values()) >= 8, counts
    assert sum(counts.values()) > 2000


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_each_task_goes_where_it_says(task: object) -> None:
    assert isinstance(task, Task)
    for seed in range(25):
        workshop = Workshop(TOOLBOX)
        desk = Desk(workshop, Stock(items(), "train"), "train", Random(seed))
        assert task.ready(desk)
        draft = Draft(workshop)
        task.make(desk, draft, task)
        row = draft.row("x")
        ins, out = pair_of(row, TOOLBOX)
        assert out == task.cell[1]
        assert task.cell[0] in ins.split("+")
        assert row.family.startswith(f"{bank_of(task)}/")


def _only(mix: Mix, count: int = 150) -> list[Row]:
    made = grammar(mix=mix)
    return [made.row(n) for n in range(count)]


def _mix(**shares: float | bool) -> Mix:
    none = dict.fromkeys(("pair", "several", "follow", "told", "aside", "refuse"), 0.0)
    return Mix.model_validate({**none, **shares})


def test_several_wishes_make_a_call_each() -> None:
    made = _only(_mix(several=1))
    assert {len(last_plan(row).calls) for row in made} >= {2, 3}
    for row in made:
        plain = row.request.lower()
        for call in last_plan(row).calls:
            assert call.prompt.lower() in plain


def test_follow_ups_speak_of_results_and_keep_what_was_said() -> None:
    made = _only(_mix(follow=1), 400)
    assert {len(row.messages) for row in made} == {4, 6}
    changed = [row for row in made if "image-to-image from image1" in row.answer]
    assert changed, "a picture that was made is changed under its handle"
    again = [row for row in made if row.family.startswith("again/")]
    assert again
    assert all(row.messages[-1] in row.messages[:-1] for row in again)
    tails = [row for row in made if row.family.startswith("altered/") and len(row.messages) == 4]
    remade = [row for row in tails if "image-to-image" not in row.answer]
    assert remade
    for row in remade:
        before, after = (turn.content.split(": ", 1)[1] for turn in row.messages[-3::2])
        assert after.startswith(f"{before} ")
        assert after.removeprefix(f"{before} ") in row.request.lower()


def test_what_was_attached_is_asked_about_again() -> None:
    later = [
        row
        for row in _only(_mix(follow=1), 400)
        if row.messages[0].handles and not row.messages[2].handles
        if row.family.split("/")[0]
        in ("image-check", "video-check", "audio-text", "image-text", *FACTS)
    ]
    assert {"colour", "place"} & {row.family.split("/")[0] for row in later}
    right = []
    for row in later:
        assert not last_plan(row).calls
        if row.family.split("/")[0].endswith("-check"):
            named = row.answer.removeprefix("It is ").removesuffix(".")
            right.append(named in row.request.lower())
    assert any(right)
    assert not all(right)


def test_refusals_call_nothing() -> None:
    made = _only(_mix(refuse=1, reduced=True))
    assert all(not last_plan(row).calls for row in made)
    reduced = [row for row in made if "I have no tool" in row.answer]
    assert reduced
    for row in reduced:
        assert set(row.tools) < set(TOOLBOX)
    full = _only(_mix(refuse=1))
    assert {row.tools for row in full} == {tuple(TOOLBOX)}


def test_what_no_tool_changes_is_refused() -> None:
    mix = _mix(refuse=1)
    plain = Workshop(Toolbox.default().without(*(_CHANGING & set(Toolbox.default()))))
    made = Grammar(plain, Stock(items(), "train"), "train", mix=mix)
    refused = [row for n in range(200) if (row := made.row(n)).answer.startswith("I cannot change")]
    assert {pair_of(row, TOOLBOX)[0].split("+")[0] for row in refused} >= {"image", "audio"}
    for row in refused:
        handle = row.answer.removeprefix("I cannot change ").removesuffix(".")
        assert handle in row.handles()
    able = [row for row in _only(mix, 300) if row.answer.startswith("I cannot change image")]
    assert not able  # here a tool does it


_CHANGING = {"image-to-image", "image-to-video"}


def test_later_turns_bring_media_of_their_own() -> None:
    later = [row for row in _only(_mix(follow=1), 300) if row.messages[2].handles]
    assert later
    for row in later:
        assert set(row.messages[2].handles) <= set(row.handles())
        assert row.messages[3].content.lower().rstrip(".") in {r.caption for r in row.media}


def test_asides_do_not_use_what_is_attached() -> None:
    for row in _only(_mix(aside=1)):
        assert row.media
        assert all(not call.inputs for call in last_plan(row).calls)


def test_told_and_made_answers_in_words_and_calls() -> None:
    for row in _only(_mix(told=1)):
        plan = last_plan(row)
        assert plan.calls
        assert plan.text.count(". ") >= 1


def test_answers_come_from_what_is_attached() -> None:
    for row in _only(_mix(pair=1), 600):
        if row.family.startswith(("image-text/", "audio-text/", "video-text/")):
            told = {ref.caption for ref in row.media}
            assert any(row.answer.lower() == f"{caption}." for caption in told)
        if row.family.startswith("transcribe/"):
            assert row.answer.startswith("Go and see ")
        if row.family.startswith("image-audio/"):
            assert row.answer.split(": ")[1].startswith("the noise of a ")


@pytest.mark.parametrize("fact", FACTS)
def test_what_is_known_of_a_thing_answers_questions_about_it(fact: Fact) -> None:
    asked = [row for row in _only(_mix(pair=1), 3000) if row.family.startswith(f"{fact}/")]
    assert asked
    for row in asked:
        shown = [ref.modality for ref in row.media]
        assert "video" in shown or ("image" in shown and fact != "doing")
        assert row.answer in {_facts("video", name)[fact] for name in ("fox", "man", "lighthouse")}
        assert "{" not in row.request
    unknown = [replace(item, facts={}) for item in items()]
    assert not Stock(unknown, "train").has("image", fact)
    without = [replace(item, plural="") for item in items()]
    desk = Desk(Workshop(TOOLBOX), Stock(without, "train"), "train", Random(0))
    (task, *_) = [task for task in TASKS if task.known == fact]
    for _ in range(200):  # phrases that need the plural are left out
        draft = Draft(desk.workshop)
        task.make(desk, draft, task)
        assert "{" not in draft.row("x").request


def test_a_toolbox_decides_what_is_made() -> None:
    silent = Toolbox.default().only("text-to-image", "text-to-video")
    made = Grammar(Workshop(silent), Stock(items(), "train"), "train")
    assert not [cell for cell in made.cells if cell[1] == "audio"]
    for n in range(100):
        row = made.row(n)
        assert row.tools == ("text-to-image", "text-to-video")
        assert not problems_of(row, silent)


def test_without_files_nothing_is_attached() -> None:
    bare = [Item("a", "image", ("a fox",), split="train", name="fox")]
    made = Grammar(Workshop(TOOLBOX), Stock(bare, "train"), "train")
    assert {cell[0] for cell in made.cells} == {"text"}
    assert not any(made.row(n).media for n in range(50))
    told = Grammar(Workshop(TOOLBOX), Stock(bare, "train", attach="captions"), "train")
    assert ("image", "audio") in told.cells


def test_nothing_to_make_rows_of() -> None:
    with pytest.raises(DataError, match="no row for train"):
        Grammar(Workshop(TOOLBOX), Stock([], "train"), "train", cells=[("image", "text")])
    with pytest.raises(DataError, match="no row for train"):
        Grammar(Workshop(Toolbox()), Stock([], "train"), "train", cells=[("text", "image")])


def test_roles_by_other_names() -> None:
    def painter(prompt: str) -> Image:
        """Paint."""
        raise NotImplementedError

    def listener(prompt: str, audio: Audio) -> str:
        """Write down what is said."""
        return ""

    box = Toolbox([FunctionTool(painter, name="my-painter"), FunctionTool(listener)])
    shop = Workshop(box, {"paint": "my-painter"})
    assert shop.can("paint")
    assert not shop.can("paint", "film")
    assert shop.abilities == "pictures"
    with pytest.raises(ConfigError) as caught:
        Workshop(box, {"pant": "my-painter", "film": "my-painter", "sound": "none"})
    assert len(caught.value.problems) == 3


def test_one_reply_for_the_same_calls() -> None:
    shop = Workshop(TOOLBOX)
    fox, rain = Call("text-to-image", "a fox"), Call("text-to-audio", "rain")
    assert reply_to([fox], shop) == "Here is your picture."
    assert reply_to([fox, rain], shop) == "Here are your picture and your sound."
    assert reply_to([fox, fox, rain], shop) == "Here are your 2 pictures and your sound."
    joins = [rain, Call("add-soundtrack", "", ("video1", "#1"))]
    assert reply_to(joins, shop) == "Here is video1 with its sound."
    stills = [Call("video-to-image", "", ("video1",))] * 2
    assert reply_to(stills, shop) == "Here are 2 stills from video1."


def test_options_are_within_their_range_and_asked_for() -> None:
    asked = [row for row in _only(_mix(pair=1), 900) if last_plan(row).calls]
    with_options = [row for row in asked if last_plan(row).calls[0].options]
    assert len(with_options) > 40
    for row in with_options:
        value = next(iter(last_plan(row).calls[0].options.values()))
        shown = str(value)
        assert shown in row.request or isinstance(value, str), row
    assert nice_values({"type": "integer", "minimum": 80, "maximum": 400, "default": 100})[0] == 80
    assert nice_values({"type": "number", "minimum": 0.5, "maximum": 3, "default": 3.0})[:2] == [
        0.5,
        0.75,
    ]
    assert nice_values({"enum": [64, 128], "default": 64}) == [128]
    assert nice_values({"type": "string"}) == []


def test_phrases_are_drawn_and_filled() -> None:
    assert drawn("[a|a] [b [c|c]|b c]", Random(0)) == "a b c"
    assert filled("{x} and {y}", {"x": "{y}"}) == "{y} and {y}"
    assert places("{x} in {it}") == {"x", "it"}


def test_a_broken_bank_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from modaverse_training.instructions import phrases

    monkeypatch.setattr(phrases, "FOLDER", tmp_path)
    for name, text, reason in (
        ("one", "a phrase\n", "line 1: a header"),
        ("two", "== trian x\n", "line 1: 'trian' is no split"),
    ):
        (tmp_path / f"{name}.txt").write_text(text)
        with pytest.raises(DataError, match=reason):
            bank(name)
    with pytest.raises(DataError, match="no such bank"):
        bank("three")


def test_the_surface_leaves_the_words_alone() -> None:
    for seed in range(200):
        text = styled("draw a Red fox", Random(seed))
        assert re.search(r"(?i)draw a Red fox", text)
        assert styled("say: Hello", Random(seed), closed=True).endswith("Hello")
    marks = {quoted("it's", Random(seed))[0] for seed in range(40)}
    assert "'" not in marks
    assert len(marks) > 2


@pytest.mark.parametrize(
    ("noun", "with_article"),
    [("owl", "an owl"), ("unicorn", "a unicorn"), ("glasses", "glasses"), ("rain", "rain"),
     ("octopus", "an octopus"), ("pair of glasses", "a pair of glasses"), ("the sun", "the sun")],
)  # fmt: skip
def test_articles(noun: str, with_article: str) -> None:
    assert a(noun) == with_article


def test_joined() -> None:
    assert [joined(words) for words in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == [
        "",
        "a",
        "a and b",
        "a, b and c",
    ]


def test_follow_needs_something_to_begin_with() -> None:
    desk = Desk(Workshop(Toolbox()), Stock([], "train"), "train", Random(0))
    assert turns.follow(desk) is None
    assert turns.several(desk) is None
    assert turns.told_and_made(desk) is None
    assert turns.aside(desk) is None
