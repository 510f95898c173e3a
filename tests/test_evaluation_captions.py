"""The suite `captions`: what an LLM says of files, against references, and broken files of them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import numpy as np
import pytest

from modaverse.errors import BackendMissing, DataError
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Audio, Image, Modality
from modaverse.plan import Plan, ToolCall
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation import captions
from modaverse_training.evaluation.captions import (
    REQUESTS,
    TRANSCRIBE,
    CaptionSuite,
    read_captioned,
)
from modaverse_training.evaluation.cases import OnError
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.suite import Section
from modaverse_training.evaluation.text_metrics import METRICS, plain

TOOLBOX = Toolbox.default()
DOG = {"path": "dog.png", "references": ["a brown dog on grass", "a dog outside"]}
CAT = {"path": "cat.png", "references": ["a cat under a table"], "request": "What is this?"}
SPEECH = {"path": "talk.wav", "references": ["Mind the gap, please."], "spoken": True}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("dog", "cat"):
        Image(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"{name}.png")
    Audio(np.zeros((1600, 1), np.float32), 16_000).save(tmp_path / "talk.wav")
    return tmp_path


def written(folder: Path, *rows: object) -> Path:
    file = folder / "captions.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def measured(
    folder: Path,
    answers: dict[str, Plan],
    *rows: object,
    sees: frozenset[Modality] | None = frozenset({"image", "audio"}),
    on_error: OnError = "raise",
) -> Section:
    def answer(request: LLMRequest) -> Plan:
        assert set(request.media) == set(request.handles)  # it gets the file itself
        return answers[request.messages[-1].text]

    suite = CaptionSuite(
        Planner(ScriptedLLM([answer], repeat=True)),
        read_captioned(written(folder, *rows)),
        TOOLBOX,
        sees=sees,
        on_error=on_error,
    )
    return suite.measure(folder / "out", llm={"llm": "x"})


def test_descriptions_and_transcripts_are_measured_apart(folder: Path) -> None:
    answers = {
        REQUESTS["image"]: Plan(text="a brown dog on grass"),
        "What is this?": Plan(text="a cat under a table"),
        TRANSCRIBE: Plan(text="mind the cap please"),
    }
    section = measured(folder, answers, DOG, CAT, SPEECH)
    found = {figure.name: figure for figure in section.figures}
    assert found["answered in words alone"].hits == (3, 3)
    assert found["BLEU"].value == pytest.approx(100)
    assert found["rougeL"].value == pytest.approx(100)
    assert found["WER"].value == pytest.approx(1 / 4)  # case and commas do not count
    assert found["CER"].value == pytest.approx(1 / len("mind the gap please"))
    assert found["BLEU"].count == 2
    assert section.groups == {}  # one modality alone needs no group


def test_descriptions_are_told_by_modality(folder: Path) -> None:
    heard = {"path": "talk.wav", "references": ["a voice in a hall"]}
    answers = {
        REQUESTS["image"]: Plan(text="a tree"),
        REQUESTS["audio"]: Plan(text="a voice in a hall"),
    }
    section = measured(folder, answers, DOG, heard)
    exact = {name: {f.name: f.value for f in group} for name, group in section.groups.items()}
    assert exact["descriptions, audio"]["METEOR (exact words)"] > 99
    assert exact["descriptions, image"]["METEOR (exact words)"] < 50


def test_who_makes_something_has_not_answered(folder: Path) -> None:
    drawn = Plan(
        text="Here is your picture.", calls=(ToolCall(id=1, tool="text-to-image", prompt="a dog"),)
    )
    answers = {REQUESTS["image"]: drawn, "What is this?": Plan(text="a cat under a table")}
    section = measured(folder, answers, DOG, CAT)
    found = {figure.name: figure for figure in section.figures}
    assert found["answered in words alone"].hits == (1, 2)
    assert [item["wanted"] for item in section.wrong] == ["a brown dog on grass"]


def test_a_file_that_is_no_medium_stops_the_run_or_is_left_out(folder: Path) -> None:
    (folder / "dog.png").write_bytes(b"not a picture")
    answers = {"What is this?": Plan(text="a cat under a table")}
    with pytest.raises(DataError, match="--skip-broken"):
        measured(folder, answers, CAT, DOG)
    section = measured(folder, answers, CAT, DOG, on_error="skip")
    found = {figure.name: figure for figure in section.figures}
    assert found["answered in words alone"].hits == (1, 1)
    assert found["rougeL"].value == pytest.approx(100)  # of the one that could be read
    assert section.notes == ("1 of 2 files left out: cannot be read.",)


def test_what_the_llm_cannot_look_into_is_not_asked(folder: Path) -> None:
    answers = {REQUESTS["image"]: Plan(text="a dog outside")}
    section = measured(folder, answers, DOG, SPEECH, sees=frozenset({"image"}))
    assert {figure.name for figure in section.figures} >= {"BLEU"}
    assert "WER" not in {figure.name for figure in section.figures}
    assert section.notes[0] == (
        "1 of 2 files left out: of audio, which the LLM does not look into."
    )
    nothing = measured(folder / "..", {}, {**DOG, "path": f"{folder.name}/dog.png"}, sees=None)
    assert not any(figure.count for figure in nothing.figures)  # a server says nothing of itself


def test_case_and_punctuation_do_not_count(folder: Path) -> None:
    section = measured(folder, {REQUESTS["image"]: Plan(text="A dog outside.")}, DOG)
    found = {figure.name: figure for figure in section.figures}
    assert found["METEOR (exact words)"].value > 95
    assert plain("Don’t 'shout', she said.") == "don't shout she said"


def test_another_picture_of_the_same_size_is_asked_about_anew(folder: Path) -> None:
    before, after = (read_captioned(written(folder, DOG))[0].fingerprint for _ in range(2))
    assert before == after
    content = (folder / "dog.png").read_bytes()
    (folder / "dog.png").write_bytes(content)
    os.utime(folder / "dog.png", (1, 1))
    assert read_captioned(written(folder, DOG))[0].fingerprint != before


def test_a_metric_without_its_library_is_told_in_a_note(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(*_: object) -> None:
        raise BackendMissing("it is computed by sacrebleu")

    monkeypatch.setattr(captions, "METRICS", {**METRICS, "bleu": missing})
    section = measured(folder, {REQUESTS["image"]: Plan(text="a dog")}, DOG)
    assert {figure.name for figure in section.figures} >= {"rougeL", "CIDEr-D"}
    assert section.notes == ("bleu is left out: it is computed by sacrebleu",)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "JSON"),
        ('{"references": ["a dog"]}', "path"),
        ('{"path": "dog.png", "references": []}', "references"),
        ('{"path": "dog.png", "references": ["  "]}', "references"),
        ('{"path": "dog.png", "references": ["a dog"], "spoken": "maybe"}', "spoken"),
        ('{"path": "dog.png", "references": ["..."]}', "references"),
        (json.dumps({"path": 300 * "a", "references": ["a dog"]}), "path"),
        ('{"path": "gone.png", "references": ["a dog"]}', "no file gone.png"),
    ],
)
def test_a_broken_line_is_named(folder: Path, line: str, reason: str) -> None:
    file = folder / "captions.jsonl"
    file.write_text(json.dumps(DOG) + f"\n\n{line}\n", encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(reason)) as error:
        read_captioned(file)
    assert error.value.line == 3


def test_broken_lines_are_left_out_if_asked(folder: Path) -> None:
    file = folder / "captions.jsonl"
    torn = {**DOG, "references": ["a dog\u2028outside"]}  # a line's end to Python, none to JSON
    lines = [json.dumps(torn, ensure_ascii=False), "{", json.dumps(CAT)]
    file.write_text("\n".join(lines), encoding="utf-8")
    assert [one.path.name for one in read_captioned(file, on_error="skip")] == [
        "dog.png",
        "cat.png",
    ]


def test_an_empty_or_missing_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n", encoding="utf-8")
    for name in ("none.jsonl", "gone.jsonl"):
        with pytest.raises(DataError):
            read_captioned(tmp_path / name)
