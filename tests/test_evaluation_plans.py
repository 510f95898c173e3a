"""Plans against wanted plans: both kinds of rows, each figure by hand, errors told apart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modaverse.errors import DataError, LLMError
from modaverse.llm.base import Message
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image
from modaverse.plan import Plan
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation import plans
from modaverse_training.evaluation.cases import Case, read_cases, request_of
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.rows import RowSuite
from modaverse_training.nano.lm import evaluate
from modaverse_training.nano.lm.rows import Row

TOOLBOX = Toolbox.default()


def case(wanted: str, **more: object) -> Case:
    return Case("1", (Message("user", "please"),), wanted, **more)  # type: ignore[arg-type]


def judged(wanted: str, *said: object) -> plans.Verdict:
    return plans.judge(Planner(ScriptedLLM(said)), case(wanted), TOOLBOX)  # type: ignore[arg-type]


def test_a_plan_that_is_the_wanted_one() -> None:
    text = "Here.\ntext-to-image: a red fox in the snow"
    verdict = judged(text, text)
    assert verdict.modalities
    assert verdict.tools
    assert verdict.prompts
    assert verdict.exact
    assert (verdict.kept, verdict.words, verdict.error) == (3, 3, "")  # red, fox, snow


def test_right_modalities_by_another_tool_and_other_words() -> None:
    verdict = judged("text-to-speech: good morning, dear listeners", "text-to-audio: good day")
    assert verdict.modalities
    assert not verdict.tools
    assert not verdict.prompts
    assert (verdict.kept, verdict.words) == (0, 4)  # words count within their own tool
    verdict = judged("text-to-image: a big big dog", "Yes!\ntext-to-image: a big dog")
    assert verdict.tools
    assert not verdict.prompts
    assert (verdict.kept, verdict.words) == (2, 3)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ("image-to-audio from image1: it sounds", "no tool"),
        ("text-to-image from image7: a fox", "image7"),
        ("text-to-image with {: a fox", "PlanError"),
    ],
)
def test_a_plan_that_does_not_hold_is_never_exact(said: str, error: str) -> None:
    verdict = judged("text-to-image: a fox", said)
    assert error in verdict.error
    assert not verdict.modalities


def test_one_error_of_the_llm_is_a_wrong_row_but_an_llm_that_never_answers_stops_all() -> None:
    broken = LLMError("it stopped in the middle")
    planner = Planner(ScriptedLLM(["text-to-image: a", broken, LLMError("busy", retryable=True)]))
    assert plans.judge(planner, case("text-to-image: a"), TOOLBOX).exact
    assert "in the middle" in plans.judge(planner, case("text-to-image: a"), TOOLBOX).error
    with pytest.raises(LLMError, match="busy"):
        plans.judge(planner, case("text-to-image: a"), TOOLBOX)
    with pytest.raises(LLMError, match="middle"):
        plans.judge(Planner(ScriptedLLM([broken])), case("text-to-image: a"), TOOLBOX)


def test_figures_by_hand() -> None:
    wanted = "text-to-image: a fox"
    verdicts = [
        judged(wanted, wanted),
        judged(wanted, "text-to-video: a fox"),
        judged(wanted, "Hm."),
    ]
    values = {figure.name: figure for figure in plans.figures(verdicts)}
    assert values["modalities exact"].hits == (1, 3)
    assert values["content words kept"].hits == (1, 3)
    assert values["valid"].hits == (3, 3)
    assert values["seconds a plan, median"].unit == "seconds"


HAND = {
    "family": "now-as-a-video",
    "request": "Now as a video",
    "text": "Here is your video.",
    "calls": ["text-to-video: a cat"],
    "attachments": ["image"],
    "history": [["user", "Draw a cat"], ["assistant", "Here.\ntext-to-image: a cat"]],
}


def write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_hand_written_rows(tmp_path: Path) -> None:
    (read,) = read_cases(write(tmp_path / "rows.jsonl", HAND))
    assert (read.id, read.family, read.request) == ("rows-1", "now-as-a-video", "Now as a video")
    assert [message.role for message in read.messages] == ["user", "assistant", "user"]
    assert read.handles == {"image1": "image"}
    assert read.wanted == "Here is your video.\ntext-to-video: a cat"


def test_earlier_plans_are_put_in_the_dialect_of_the_llm(tmp_path: Path) -> None:
    (read,) = read_cases(write(tmp_path / "rows.jsonl", {**HAND, "attachments": []}))
    llm = ScriptedLLM([Plan()], dialect="json")
    request = request_of(read, llm, TOOLBOX)
    assert json.loads(request.messages[1].text)["calls"][0]["prompt"] == "a cat"
    assert request.messages[1].handles == ("image1",)  # what the plan left behind
    assert request.handles == {"image1": "image"}


def test_instruction_rows_with_their_media(tmp_path: Path, small_image: Image) -> None:
    small_image.save(tmp_path / "a.png")
    row = {
        "id": "r1",
        "messages": [
            {"role": "user", "content": "What is this?", "handles": ["image1"]},
            {"role": "assistant", "content": "A red square."},
        ],
        "tools": ["text-to-image"],
        "media": [{"handle": "image1", "modality": "image", "path": "a.png", "caption": "a"}],
    }
    (read,) = read_cases(write(tmp_path / "rows.jsonl", row))
    request = request_of(read, ScriptedLLM([]), TOOLBOX)
    assert request.media == {"image1": small_image}
    suite = RowSuite(Planner(ScriptedLLM(["A red square."])), [read], TOOLBOX)
    record = suite.judge(read)
    assert record["exact"]
    assert suite.section([{"id": "r1", **record}]).figures[0].hits == (1, 1)
    (tmp_path / "a.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match="row r1: "):
        request_of(read, ScriptedLLM([]), TOOLBOX)
    (tmp_path / "a.png").unlink()
    with pytest.raises(DataError, match="row r1: there is no file"):
        read_cases(tmp_path / "rows.jsonl")
    with pytest.raises(DataError, match="no rows"):
        read_cases(tmp_path / "rows.jsonl", on_error="skip")


def test_a_row_offers_its_own_tools(tmp_path: Path) -> None:
    llm = ScriptedLLM(["Hm."])
    offered = case("Hm.", tools=("text-to-image",))
    RowSuite(Planner(llm), [offered], TOOLBOX).judge(offered)
    assert list(llm.requests[0].toolbox) == ["text-to-image"]
    unknown = case("Hm.", tools=("time-travel",))
    with pytest.raises(DataError, match="row 1: there is no tool 'time-travel'"):
        RowSuite(Planner(llm), [unknown], TOOLBOX).judge(unknown)
    with pytest.raises(DataError, match="two rows are named '1'"):
        RowSuite(Planner(llm), [offered, unknown], TOOLBOX)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "Expecting property name"),
        ("[]", "it is no JSON object"),
        ('{"request": "a", "text": "b"}', "it has no 'calls'"),
        ('{"request": "a", "text": "b", "calls": "c"}', "lists of texts"),
        ('{"request": "a", "text": "b", "calls": [], "attachments": ["smell"]}', "no attachment"),
    ],
)
def test_a_broken_row_is_told_with_its_line(tmp_path: Path, line: str, reason: str) -> None:
    path = write(tmp_path / "rows.jsonl", HAND)
    path.write_text(f"{path.read_text()}\n\n{line}\n")
    with pytest.raises(DataError, match="line 3") as caught:
        read_cases(path)
    assert reason in caught.value.reason
    assert len(read_cases(path, on_error="skip")) == 1


def test_files_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_cases(tmp_path / "none.jsonl")
    with pytest.raises(DataError, match="no rows"):
        read_cases(write(tmp_path / "rows.jsonl"))


def test_the_command_of_the_nano_model_counts_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    row = Row("draw a fox", "Here.", ("text-to-image: a fox",), family="draw")
    wrong = Row("let me hear a fox", "Here.", ("text-to-audio: a fox",), family="hear")
    llm = ScriptedLLM(["Here.\ntext-to-image: a fox"], repeat=True)
    verdicts = [evaluate.judge(llm, each, TOOLBOX) for each in (row, wrong)]
    told = evaluate.report(verdicts)
    assert "modalities exact                    50.0 %  [9.5, 90.5]  1 of 2" in told
    assert "content words kept                  50.0 %" in told
    assert "  hear" in told
    assert json.loads(evaluate.as_json(verdicts).splitlines()[1])["got"].endswith("a fox")


def test_a_word_that_was_asked_for_twice_counts_twice() -> None:
    verdict = judged("text-to-image: two cats and two dogs", "text-to-image: two cats, dogs")
    assert (verdict.kept, verdict.words) == (3, 4)
