"""`modaverse eval`: from the command line to report.json and report.html."""

from __future__ import annotations

import importlib.util
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer

from modaverse.cli import app, main
from modaverse.commands import ERROR, INTERRUPTED, OK, WRONG_USAGE, streams
from modaverse.llm.scripted import ScriptedLLM
from modaverse_training.evaluation import report
from modaverse_training.evaluation.evaluate import HELD_OUT

ROWS = (
    {
        "family": "draw",
        "request": "draw a <fox>",
        "text": "Here.",
        "calls": ["text-to-image: a <fox>"],
    },
    {"family": "talk", "request": "hello", "text": "Hello!", "calls": []},
)
META = {
    "tag": "single_object",
    "include": [{"class": "fox", "count": 1}],
    "prompt": "a photo of a fox",
}


@pytest.fixture(autouse=True)
def llm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ScriptedLLM:
    """An LLM that always paints a <fox>, whatever LLM is named."""
    monkeypatch.setattr(streams, "prepare", lambda: None)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    llm = ScriptedLLM(["Here.\ntext-to-image: a <fox>"], repeat=True)
    monkeypatch.setattr("modaverse.agent.load_llm", lambda *_: llm)
    return llm


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    (tmp_path / "meta.jsonl").write_text(json.dumps(META))
    return tmp_path


def evaluated(data: Path, *more: str) -> int:
    return main(
        ["eval", "nano", "--rows", str(data / "rows.jsonl"), "--out", str(data / "out"), *more]
    )


def test_a_report_of_two_suites(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(data, "--geneval", str(data / "meta.jsonl")) == OK
    told = capsys.readouterr().out
    assert re.search(r"modalities exact +50\.0 % .* 1 of 2", told)
    assert re.search(r"facts kept +100\.0 % .* 1 of 1", told)
    assert told.endswith(f"{data / 'out' / 'report.html'}\n")
    form = json.loads((data / "out" / "report.json").read_text())
    assert [suite["name"] for suite in form["suites"]] == ["plans", "geneval"]
    assert form["made"]["llm"] == "scripted"
    assert "cores" in form["made"]["machine"]
    figure = form["suites"][0]["figures"][0]
    assert (figure["name"], figure["hits"], figure["method"]) == (
        "modalities exact",
        [1, 2],
        "wilson",
    )


def test_a_figure_that_no_row_has_is_left_out_of_the_report_and_named(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (data / "rows.jsonl").write_text(json.dumps(ROWS[1]))  # talk alone: no prompt has a word
    assert evaluated(data) == OK
    (suite,) = json.loads((data / "out" / "report.json").read_text())["suites"]
    assert "content words kept" not in {figure["name"] for figure in suite["figures"]}
    note = "Left out, as there was nothing to measure: content words kept."
    assert suite["notes"][-1] == note
    told, page = capsys.readouterr().out, (data / "out" / "report.html").read_text()
    for text in (told, page):
        assert text.count("content words kept") == text.count(note) == 1
        assert "0 of 0" not in text


@pytest.mark.parametrize("typed", [[], ["--suite", "plans"]])
def test_without_data_the_requests_that_nano_is_tested_on_are_planned(
    typed: list[str], tmp_path: Path, llm: ScriptedLLM, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["eval", "nano", "--limit", "5", "--out", str(out), *typed]) == OK
    assert "no --rows: " in capsys.readouterr().err
    written = {json.loads(line)["request"] for line in HELD_OUT.read_text("utf-8").splitlines()}
    asked = [request.messages[-1].text for request in llm.requests]
    assert len(asked) == 5
    assert set(asked) <= written
    assert [suite["name"] for suite in json.loads((out / "report.json").read_text())["suites"]] == [
        "plans"
    ]


def test_the_page_needs_nothing_beside_it(data: Path) -> None:
    assert evaluated(data, "--quiet") == OK
    page = (data / "out" / "report.html").read_text()
    assert "<svg" in page
    assert not re.search(r'(?:src|href)="(?!data:)', page)
    assert "&lt;fox&gt;" in page
    assert "<fox>" not in page  # what an LLM says is text, and no markup
    picture = (data / "out" / "report.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert not (data / "out" / "matrix.png").exists()


def test_the_same_command_goes_on(data: Path, llm: ScriptedLLM) -> None:
    evaluated(data, "--limit", "1")
    assert len(llm.requests) == 1
    evaluated(data)
    assert len(llm.requests) == 2
    evaluated(data, "--again")
    assert len(llm.requests) == 4


def test_the_folder_of_a_run_stands_for_its_alignment(
    data: Path, llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = []

    def load(spec: str) -> ScriptedLLM:
        named.append(spec)
        return llm

    monkeypatch.setattr("modaverse.agent.load_llm", load)
    aligned = data / "run" / "alignment"
    aligned.mkdir(parents=True)
    (aligned / "modaverse.json").write_text("{}")
    rows = str(data / "rows.jsonl")
    assert main(["eval", str(data / "run"), "--rows", rows, "-q", "-o", str(data / "out")]) == OK
    assert named == [str(data / "run")]  # which is what the report calls it


def test_json_for_scripts(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluated(data, "--json") == OK
    assert json.loads(capsys.readouterr().out)["suites"][0]["title"] == "Plans of held-out rows"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["--suite", "geneval", "--suite", "taskbench"], "geneval needs --geneval FILE"),
        (["--suite", "geneval", "--suite", "taskbench"], "taskbench needs --taskbench FOLDER"),
        (["--suite", "smell", "--judge", "taste=x"], "suites.0"),
        (["--suite", "smell", "--judge", "taste=x"], "judges.taste"),
        (["--judge", "image"], "names no folder"),
        (["--judge", "image=/none"], "there is no judge in /none"),
        (["--extractor", "image"], "--extractor image names no name: write --extractor MODALITY"),
        (["--rows", "/none.jsonl"], "--rows /none.jsonl: there is no such file"),
        (["--suite", "generation"], "generation needs --generation FILE"),
    ],
)
def test_everything_wrong_is_told(
    typed: list[str], told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eval", "nano", *typed, "--out", str(tmp_path / "out")]) == ERROR
    error = capsys.readouterr().err
    assert told in error
    assert "hint: " in error


def test_several_mistakes_are_told_at_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    typed = ["--judge", "image", "--suite", "smell", "--rows", "/none.jsonl", "--taskbench", "/no"]
    assert main(["eval", "nano", *typed, "--out", str(tmp_path / "out")]) == ERROR
    error = capsys.readouterr().err
    for told in ("--judge image", "suites.0", "--rows /none.jsonl", "--taskbench /no"):
        assert told in error


def test_broken_rows_can_be_left_out(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (data / "rows.jsonl").open("a") as file:
        file.write("\n{broken")
    assert evaluated(data) == ERROR
    assert "line 3" in capsys.readouterr().err
    assert evaluated(data, "--skip-broken", "--quiet") == OK


def test_another_run_in_the_same_folder_is_refused(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluated(data)
    (data / "rows.jsonl").write_text(json.dumps(ROWS[0]))
    assert evaluated(data) == ERROR
    assert "not the same rows" in capsys.readouterr().err


def test_ctrl_c_leaves_what_was_done(
    data: Path, llm: ScriptedLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def stream(request: Any) -> Any:
        asked.append(request)
        if len(asked) == 2:
            raise KeyboardInterrupt
        yield "Here.\ntext-to-image: a <fox>"

    monkeypatch.setattr(llm, "stream", stream)
    assert evaluated(data) == INTERRUPTED
    assert len((data / "out" / "plans.jsonl").read_text().splitlines()) == 2
    assert evaluated(data, "--quiet") == OK


def test_wrong_usage_is_not_an_error_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["eval", "nano", "--each", "0"]) == WRONG_USAGE
    assert "see modaverse eval --help" in capsys.readouterr().err


def test_the_machine_is_told_without_its_name() -> None:
    import platform

    told = report.machine()
    assert "Python" in told
    assert platform.node() not in told
    assert re.fullmatch(r"(?:[0-9a-f]{40}(?:\+changes)?)?", report.commit())
    caption = report._caption({"llm": "nano", "commit": "ab" * 20 + "+changes"})
    assert caption == "nano, commit ababababab+changes"


def test_the_commands_of_the_page_can_be_typed() -> None:
    page = (Path(__file__).parents[1] / "docs" / "evaluation.md").read_text(encoding="utf-8")
    typed = [
        line
        for block in re.findall(r"```sh\n(.*?)```", page, re.S)
        for line in block.replace("\\\n", "").splitlines()
    ]
    assert len([line for line in typed if line.startswith("modaverse eval ")]) >= 6
    group = typer.main.get_command(app)
    for line in typed:
        first, *rest = shlex.split(line, comments=False)
        if first == "modaverse":
            command: Any = group
            while hasattr(command, "commands"):  # `modaverse data build` is a command of a command
                name, *rest = rest
                command = command.commands[name]
            params = command.make_context(name, rest).params
            assert name != "eval" or params["llm"]
        else:
            assert (first, rest[0]) == ("python", "-m")
            assert importlib.util.find_spec(rest[1]), line
