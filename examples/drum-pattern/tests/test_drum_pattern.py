"""The tool alone, called by a plan, and found by ModaVerse; no model is needed."""

from __future__ import annotations

import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import numpy as np
import pytest

import modaverse_drum_pattern as package
from modaverse import Agent, Context, ToolError
from modaverse.llm import ScriptedLLM
from modaverse.media import modality_of
from modaverse.toolbox import ENTRY_POINTS
from modaverse_tools import echo

TOOL = package.drum_pattern


def test_the_prompt_decides_what_is_made() -> None:
    made = TOOL("Ada")
    assert modality_of(made) == "audio"
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


def test_strokes_stand_where_they_are_written() -> None:
    sound = TOOL("x.......x.......", bpm=60, bars=1).samples[:, 0]  # a sixteenth is 0.25 s
    loud = np.abs(sound[: 16 * 4000].reshape(16, 4000)).max(axis=1)
    assert list(np.flatnonzero(loud > 0.4)) == [0, 8]


def test_length_follows_tempo_and_bars() -> None:
    assert len(TOOL("rock", bpm=120, bars=2).samples) == round((2 * 16 / 8 + 0.6) * 16000)
    assert len(TOOL("waltz", bpm=120, bars=1).samples) == round((12 / 8 + 0.6) * 16000)


def test_swing_moves_strokes() -> None:
    assert TOOL("jazz", swing=True) != TOOL("jazz")


def test_a_plan_calls_it() -> None:
    llm = ScriptedLLM(["Here you are.\ndrum-pattern: Ada\necho-text: done"])
    reply = Agent(llm, echo.toolbox() | TOOL).chat("Please.")
    assert not reply.failed
    assert [modality_of(item.value) for item in reply.items] == ["audio", "text"]
    assert reply.items[0].provenance.tool == "drum-pattern"


def test_modaverse_finds_it() -> None:
    file = Path(__file__).parents[1] / "pyproject.toml"
    points = tomllib.loads(file.read_text(encoding="utf-8"))["project"]["entry-points"]
    name = TOOL.spec.name
    value = points[ENTRY_POINTS][name]
    assert EntryPoint(name=name, value=value, group=ENTRY_POINTS).load() is TOOL
