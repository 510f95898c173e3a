"""The tool alone, called by a plan, and found by ModaVerse; no model is needed."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import modaverse_colour_palette as package
from modaverse import Agent, Context, ToolError
from modaverse.llm import ScriptedLLM
from modaverse.media import modality_of
from modaverse.toolbox import ENTRY_POINTS
from modaverse_tools import echo

TOOL = package.colour_palette


def test_the_prompt_decides_what_is_made() -> None:
    made = TOOL("Ada")
    assert modality_of(made) == "image"
    assert made != TOOL("Grace Hopper")


def test_the_same_seed_makes_the_same() -> None:
    assert TOOL("Ada", context=Context(seed=1)) == TOOL("Ada", context=Context(seed=1))


def test_it_tells_how_far_it_is() -> None:
    steps: list[tuple[int, int]] = []
    TOOL("Ada", context=Context(progress=lambda step, total, _: steps.append((step, total))))
    assert steps
    assert steps[-1][0] == steps[-1][1]


def test_unknown_options_are_refused() -> None:
    with pytest.raises(ToolError, match="no option"):
        TOOL("Ada", frobnicate=3)


def test_a_named_colour_stands_first() -> None:
    first = TOOL("the colour teal, please").array[4, 4]
    assert np.abs(first.astype(int) - (0, 128, 128)).max() <= 8
    assert tuple(TOOL("#336699").array[4, 4]) == (0x33, 0x66, 0x99)


@pytest.mark.parametrize("colours", [2, 5, 10])
def test_there_are_as_many_swatches_as_asked_for(colours: int) -> None:
    swatches = TOOL("teal", colours=colours).array[4, 48::96]
    assert len(swatches) == colours
    assert len({tuple(swatch) for swatch in swatches}) == colours


def test_a_complement_lies_across_the_wheel() -> None:
    red, opposite = TOOL("#cc0000", colours=2, harmony="complementary").array[4, [48, 144]]
    assert red[0] > red[2]
    assert opposite[0] < opposite[2]


def test_a_plan_calls_it() -> None:
    llm = ScriptedLLM(["Here you are.\ncolour-palette: Ada\necho-text: done"])
    reply = Agent(llm, echo.toolbox() | TOOL).chat("Please.")
    assert not reply.failed
    assert [modality_of(item.value) for item in reply.items] == ["image", "text"]
    assert reply.items[0].provenance.tool == "colour-palette"


def test_modaverse_finds_it() -> None:
    file = Path(__file__).parents[1] / "pyproject.toml"
    points = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["entry-points"]
    name = TOOL.spec.name
    value = points[ENTRY_POINTS][name]
    assert EntryPoint(name=name, value=value, group=ENTRY_POINTS).load() is TOOL
