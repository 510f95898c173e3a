"""The tool alone, called by a plan, and found by ModaVerse; no model is needed."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import modaverse_qr_code as package
from modaverse import Agent, Context, RequestError, ToolError
from modaverse.llm import ScriptedLLM
from modaverse.media import modality_of
from modaverse.toolbox import ENTRY_POINTS
from modaverse_qr_code.encoding import LONGEST, encode
from modaverse_tools import echo

TOOL = package.qr_code
READ = """
    #######.#..##.#.#.#######
    #.....#.#...#...#.#.....#
    #.###.#.#.####.#..#.###.#
    #.###.#..##..#..#.#.###.#
    #.###.#.###..##.#.#.###.#
    #.....#..#.#.##...#.....#
    #######.#.#.#.#.#.#######
    .............#.#.........
    #..#########..##.#..#.###
    ###.##...#.#...#...#####.
    #.#.######...###...###..#
    ####.#.#.#.##..##..######
    #..#.##..#.##..#..##....#
    ##.###..#.#..####...#..#.
    ##..####...##.##.##.#####
    #..#.#.....#......##.##.#
    #.##..#.##....#######.##.
    ........#..###..#...#.##.
    #######.##.#....#.#.#...#
    #.....#.#.#.#.###...#..##
    #.###.#.#.#.#########..##
    #.###.#.##....#..##....##
    #.###.#..#..#.#..#..#####
    #.....#..#....##.####.###
    #######.##...##.#.#..#..#
"""


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


def test_the_code_is_the_one_that_readers_were_tried_on() -> None:
    """As ZXing read it: version 2, level M."""
    squares = encode(b"https://modaverse.org", "M")
    dark = ["".join("#" if square else "." for square in row) for row in squares]
    assert dark[0][:7] == dark[0][-7:] == dark[-1][:7] == "#######"
    assert dark == READ.split()


@pytest.mark.parametrize("level", ["L", "M", "Q", "H"])
def test_each_level_takes_what_it_says(level: str) -> None:
    assert encode(b"x" * LONGEST[level], level).shape == (57, 57)
    with pytest.raises(RequestError, match="bytes") as caught:
        TOOL("x" * (LONGEST[level] + 1), level=level)
    assert "shorten" in caught.value.hint


def test_size_and_border_are_kept() -> None:
    picture = TOOL("Ada", size=200, border=2).array  # 21 + 2 * 2 squares of 8 pixels
    assert picture.shape == (200, 200, 3)
    assert np.all(picture[:16] == 255)
    assert np.all(picture[16:72, 16] == 0)


def test_a_plan_calls_it() -> None:
    llm = ScriptedLLM(["Here you are.\nqr-code: Ada\necho-text: done"])
    reply = Agent(llm, echo.toolbox() | TOOL).chat("Please.")
    assert not reply.failed
    assert [modality_of(item.value) for item in reply.items] == ["image", "text"]
    assert reply.items[0].provenance.tool == "qr-code"


def test_modaverse_finds_it() -> None:
    file = Path(__file__).parents[1] / "pyproject.toml"
    points = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["entry-points"]
    name = TOOL.spec.name
    value = points[ENTRY_POINTS][name]
    assert EntryPoint(name=name, value=value, group=ENTRY_POINTS).load() is TOOL
