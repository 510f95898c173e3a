"""Rows from what tools say of themselves: docstrings and options of tools that no grammar knows."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import pytest
from pydantic import Field

from modaverse.errors import DataError, RequestError
from modaverse.media import Image, Video
from modaverse.tool import tool
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.items import SPLITS, Item, Split
from modaverse_training.instructions.phrases import bank
from modaverse_training.instructions.plans import last_plan, problems_of
from modaverse_training.instructions.row import Row
from modaverse_training.instructions.toolrows import purpose, tool_rows


@tool
def write_haiku(prompt: str, *, verses: Annotated[int, Field(ge=1, le=9)] = 3) -> str:
    """Write a haiku about the prompt. It has no rhymes.

    Args:
        prompt: What it is about.
        verses: How long it is.
    """
    return prompt


@tool
def depth_map(
    prompt: str, image: Image, *, style: Literal["gray", "rainbow"] = "gray", smooth: bool = False
) -> Image:
    """Estimate how far away everything in a picture is; the prompt may stay empty."""
    return image


@tool
def morph(prompt: str, first: Image, second: Image) -> Video:
    """Let a picture turn into another one."""
    raise NotImplementedError


@tool
def rhyme_with(prompt: str, text: str) -> str:
    """Find a rhyme."""
    return text


BOX = Toolbox.default() | Toolbox([write_haiku, depth_map, morph, rhyme_with])
ITEMS = [
    Item(f"{kind}{n}", kind, (f"a {thing} by the lake",), split=split, source=kind)
    for split in SPLITS
    for kind in ("image", "audio", "video")
    for n, thing in enumerate(("fox", "lighthouse", "choir"))
]


def rows(*names: str, split: Split = "train", count: int = 250) -> list[Row]:
    return list(tool_rows(BOX, names, ITEMS, split, count=count, seed=3))


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", ["write-haiku", "depth-map", "morph", "add-soundtrack"])
def test_rows_hold_and_call_the_tool(name: str, split: Split) -> None:
    made = rows(name, split=split, count=120)
    for row in made:
        assert not problems_of(row, BOX), row
    calls = [last_plan(row).calls for row in made]
    assert all(plan[0].tool == name for plan in calls if plan)
    assert 0 < sum(not plan for plan in calls) < 0.25 * len(calls)  # questions about it
    assert made == rows(name, split=split, count=120)


def test_the_docstring_becomes_an_order() -> None:
    made = rows("write-haiku")
    asked = [row.request.lower() for row in made if row.family.startswith("tool/")]
    assert sum("write a haiku about a fox by the lake" in text for text in asked) > 10
    for row in made:
        plan = last_plan(row)
        if plan.calls:
            assert plan.calls[0].prompt in row.messages[0].content
    named = [row.request.lower() for row in made if row.family.startswith("tool-name/")]
    assert named
    assert all("write haiku" in text for text in named)


def test_options_are_asked_for_in_their_own_words() -> None:
    seen = set()
    for row in rows("write-haiku", "depth-map"):
        for call in last_plan(row).calls:
            for name, value in call.options.items():
                asked = row.messages[0].content
                assert name in asked or name in ("seconds", "size"), row  # these have words
                assert (value if isinstance(value, str) else json.dumps(value)) in asked
                seen.add((name, str(value)))
    assert {name for name, _ in seen} >= {"verses", "style", "smooth"}
    assert ("verses", "3") not in seen  # the default need not be asked for


def test_what_a_tool_works_on_is_attached_in_order() -> None:
    for row in rows("morph"):
        for call in last_plan(row).calls:
            if call.tool == "morph":
                assert call.inputs == ("image1", "image2")
                assert row.messages[0].handles[:2] == ("image1", "image2")
    for row in rows("depth-map"):
        for call in last_plan(row).calls:
            if call.tool == "depth-map":
                assert call.prompt == ""
                assert call.inputs == ("image1",)


def test_a_text_that_is_made_can_be_read_aloud() -> None:
    chained = [row for row in rows("write-haiku") if "text-to-speech: {#1}" in row.answer]
    assert len(chained) > 20


def test_questions_about_a_tool_are_answered_by_its_docstring() -> None:
    asked = [row for row in rows("write-haiku") if not last_plan(row).calls]
    assert {row.answer for row in asked} == {"Write a haiku about the prompt."}
    assert purpose(BOX["depth-map"].spec) == ("Estimate how far away everything in a picture is.")


def test_splits_share_no_family() -> None:
    families = {split: {row.family for row in rows("morph", split=split)} for split in SPLITS}
    assert not families["train"] & (families["validation"] | families["test"])
    assert families["validation"] <= {f.name for t in _TASKS for f in bank(t).of("validation")}


_TASKS = ("tool", "tool-name", "tool-bare", "tool-ask", "again")


def test_what_cannot_be_made() -> None:
    with pytest.raises(RequestError, match="no tool 'haiku'") as caught:
        rows("haiku")
    assert "write-haiku" in caught.value.hint
    with pytest.raises(DataError, match="works on text"):
        rows("rhyme-with")
    no_pictures = [item for item in ITEMS if item.modality != "image"]
    with pytest.raises(DataError, match="works on image"):
        list(tool_rows(BOX, ["morph"], no_pictures, "train", count=1))
