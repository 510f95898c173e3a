"""The suite `generation`: what is made of captions is kept, and compared with their files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.agent import Agent
from modaverse.errors import DataError
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Audio, Image, Media, load_media
from modaverse.plan import Plan, ToolCall
from modaverse.tool import tool
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.captions import read_captioned
from modaverse_training.evaluation.extractors import TwoTowers
from modaverse_training.evaluation.generation import REQUESTS, GenerationSuite
from modaverse_training.evaluation.suite import Section
from tests.multimodal import write_towers

SHADES = {"coal": 20, "ash": 120, "snow": 240}
ROWS = [{"path": f"{name}.png", "references": [f"{name}."]} for name in SHADES]
SPEECH = {"path": "talk.wav", "references": ["mind the gap"], "spoken": True}


@tool
def paint(prompt: str) -> Image:
    """Paint the prompt."""
    if prompt not in SHADES:
        raise ValueError("no such shade")
    return shade(SHADES[prompt])


@tool
def speak(prompt: str) -> Audio:
    """Say the prompt."""
    return Audio(np.full((1600, 1), 0.1, np.float32), 16_000)


def shade(value: int) -> Image:
    return Image(np.full((8, 8, 3), value, np.uint8))


def means(media: Sequence[Media]) -> list[list[float]]:
    return [[float(np.mean(getattr(value, "array", 0))), 0.0] for value in media]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, value in SHADES.items():
        shade(value).save(tmp_path / f"{name}.png")
    Audio(np.zeros((1600, 1), np.float32), 16_000).save(tmp_path / "talk.wav")
    return tmp_path


def measured(folder: Path, *rows: object, painted: str = "", **extractors: Any) -> Section:
    """Of an agent that paints what it is asked for, or always the same."""

    def answer(request: LLMRequest) -> Plan:
        asked = request.messages[-1].text
        if asked.startswith("Say "):
            return Plan(calls=(ToolCall(id=1, tool="speak", prompt=asked[5:-1]),))
        prompt = painted or asked.removeprefix("Make a picture: ").removesuffix(".")
        return Plan(calls=(ToolCall(id=1, tool="paint", prompt=prompt),))

    file = folder / "captions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    agent = Agent(ScriptedLLM([answer], repeat=True), Toolbox([paint, speak]))
    out = folder / "out"
    given: Any = extractors
    suite = GenerationSuite(agent, read_captioned(file), given, out / "generation")
    return suite.measure(out, llm={"llm": "x"})


def found(section: Section) -> dict[str, float]:
    return {figure.name: figure.value for figure in section.figures[2:]}


def test_the_likes_of_files_are_made_and_at_no_distance(folder: Path) -> None:
    section = measured(folder, *ROWS, image=means)
    made = sorted(path.name for path in (folder / "out" / "generation").iterdir())
    assert made == ["1.png", "2.png", "3.png"]
    first = load_media(folder / "out" / "generation" / "1.png")
    assert isinstance(first, Image)
    assert first.array.mean() == SHADES["coal"]
    assert section.figures[0].hits == (3, 3)
    assert found(section) == {"FID": pytest.approx(0, abs=1e-6)}


def test_other_pictures_are_far_from_the_files(folder: Path) -> None:
    section = measured(folder, *ROWS, painted="snow", image=means)
    shades = np.array(list(SHADES.values()), np.float64)
    apart = (shades.mean() - 240) ** 2 + shades.var(ddof=1)
    assert found(section)["FID"] == pytest.approx(apart)


def test_another_extractor_takes_up_what_was_made(folder: Path) -> None:
    measured(folder, *ROWS, image=means)
    before = (folder / "out" / "generation" / "1.png").stat().st_mtime_ns
    section = measured(folder, *ROWS)
    assert found(section) == {}
    assert any("no --extractor image" in note for note in section.notes)
    assert (folder / "out" / "generation" / "1.png").stat().st_mtime_ns == before
    (folder / "out" / "generation" / "1.png").unlink()
    with pytest.raises(DataError, match=r"1\.png") as caught:
        measured(folder, *ROWS, image=means)
    assert "--again" in caught.value.hint


def test_a_clip_folder_tells_how_near_the_texts_are(folder: Path, tmp_path: Path) -> None:
    clip = TwoTowers(write_towers(tmp_path / "clip", "clip"))
    scores = found(measured(folder, *ROWS, image=clip))
    assert scores["FID"] == pytest.approx(0, abs=1e-5)
    assert 0 <= scores["CLIPScore"] <= 2.5


def test_what_is_not_made_is_told(folder: Path) -> None:
    section = measured(folder, *ROWS[:2], painted="gold", image=means)
    assert section.figures[0].hits == (0, 2)
    assert "no such shade" in section.wrong[0]["error"]
    assert section.wrong[0]["asked"] == REQUESTS["image"].format("coal")


def test_spoken_words_are_compared_apart(folder: Path) -> None:
    section = measured(folder, SPEECH, {**SPEECH, "references": ["hello"]}, *ROWS, audio=means)
    assert section.figures[0].hits == (5, 5)
    assert list(found(section)) == ["FAD of speech"]  # FID has no extractor


def test_one_of_a_kind_cannot_be_compared(folder: Path) -> None:
    section = measured(folder, SPEECH, audio=means)
    assert found(section) == {}
    assert any("needs two" in note for note in section.notes)


def test_a_damaged_file_stops_the_run(folder: Path) -> None:
    (folder / "coal.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"coal\.png"):
        measured(folder, *ROWS, image=means)
