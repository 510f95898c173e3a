"""`modaverse plan`: one request, or every line of a file, in order, whatever the lines hold."""

from __future__ import annotations

import contextlib
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, INTERRUPTED, OK, SOME_FAILED, streams
from modaverse.errors import BackendMissing, LLMError
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image
from modaverse.toolbox import Toolbox
from modaverse_tools import echo

NO_CALLS: list[Any] = []


def draw(request: LLMRequest) -> str:
    """What a willing LLM plans."""
    text = request.messages[-1].text
    if "fail" in text:
        raise LLMError("the server is gone", retryable=True, hint="start it")
    source = " from image1" if "image1" in request.handles else ""
    tool = "echo-caption" if source else "echo-image"
    return f"Here.\n{tool}{source}: {text}"


@pytest.fixture(autouse=True)
def loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What LLMs were loaded; each plans by `draw`, with echo tools."""
    loaded: list[str] = []

    def load(spec: str) -> ScriptedLLM:
        loaded.append(spec)
        return ScriptedLLM([draw], repeat=True)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(streams, "prepare", lambda: None)
    monkeypatch.setattr("modaverse.agent.load_llm", load)
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: echo.toolbox()))
    return loaded


@pytest.fixture
def planned(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Callable[..., list[Any]]:
    """Plan lines; gives the exit code and what was printed for each line."""

    def plan(*lines: str | bytes | dict[str, Any]) -> list[Any]:
        file = tmp_path / "requests.jsonl"
        file.write_bytes(b"".join(_line(line) + b"\n" for line in lines))
        code = main(["plan", "--jsonl", str(file)])
        return [code, *(json.loads(row) for row in capsys.readouterr().out.splitlines())]

    return plan


def _line(line: str | bytes | dict[str, Any]) -> bytes:
    if isinstance(line, dict):
        line = json.dumps(line)
    return line.encode() if isinstance(line, str) else line


def test_one_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "a fox"]) == OK
    assert capsys.readouterr() == ("Here.\n#1  echo-image  a fox\n", "")


def test_a_request_may_come_on_stdin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("\ufeffa fox\n"))
    assert main(["plan", "-", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["calls"][0]["prompt"] == "a fox"
    monkeypatch.setattr(sys, "stdin", io.StringIO("a fox"))
    assert main(["run", "-", "--library", "library"]) == OK
    assert "saved modaverse-out/01-echo-image.png" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("stdin", "told"),
    [
        (io.StringIO(" \n"), "the request is empty"),
        (io.StringIO("x" * 1_000_001), "more than 1,000,000 characters"),
        (None, "stdin cannot be read"),
    ],
)
def test_stdin_that_holds_no_request_is_refused(
    stdin: io.StringIO | None,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", stdin)
    assert main(["plan", "-"]) == ERROR
    assert told in capsys.readouterr().err


def test_one_request_as_json(capsys: pytest.CaptureFixture[str], small_image: Image) -> None:
    small_image.save("photo.png")
    assert main(["plan", "--json", "what is it", "photo.png"]) == OK
    assert json.loads(capsys.readouterr().out) == {
        "text": "Here.",
        "calls": [
            {
                "id": 1,
                "tool": "echo-caption",
                "output": "text",
                "prompt": "what is it",
                "inputs": ["image1"],
                "options": {},
            }
        ],
        "error": None,
    }


def test_lines_are_answered_in_order_by_one_llm(
    planned: Callable[..., list[Any]], loads: list[str], small_image: Image
) -> None:
    small_image.save("photo.png")
    code, *rows = planned(
        {"request": "a fox"},
        {"request": "what is it", "attachments": ["photo.png"], "id": 7, "label": "extra keys"},
        {"request": "füchse 🦊", "attachments": None},
    )
    assert code == OK
    assert [list(row) for row in rows] == [["text", "calls", "error"]] * 3
    assert [row["calls"][0]["prompt"] for row in rows] == ["a fox", "what is it", "füchse 🦊"]
    assert rows[1]["calls"][0]["inputs"] == ["image1"]
    assert loads == ["nano"]


@pytest.mark.parametrize(
    ("line", "type"),
    [
        ("", "RequestError"),
        ("draw a fox", "RequestError"),
        ('{"request": "a fox"', "RequestError"),
        ("[" * 100_000, "RequestError"),
        (b"\xff\xfe\x00{", "RequestError"),
        ("[1, 2]", "RequestError"),
        ("{}", "RequestError"),
        ({"request": 5}, "RequestError"),
        ({"request": None}, "RequestError"),
        ({"request": " \n "}, "RequestError"),
        ({"request": "x" * 100_000}, "RequestError"),
        ({"request": "x", "attachments": "photo.png"}, "RequestError"),
        ({"request": "x", "attachments": [5]}, "RequestError"),
        ({"request": "x", "attachments": ["missing.png"]}, "MediaError"),
        ({"request": "x", "attachments": ["\u0000"]}, "MediaError"),
        ({"request": "x", "attachments": ["."]}, "MediaError"),
        ({"request": "x", "attachments": ["https://example.org/a.png"]}, "MediaError"),
        ({"request": "paint image4"}, "RequestError"),
        ({"request": "fail"}, "LLMError"),
    ],
)
def test_a_broken_line_gives_an_error_and_the_next_is_planned(
    line: Any, type: str, planned: Callable[..., list[Any]]
) -> None:
    code, broken, whole = planned(line, {"request": "a fox"})
    assert code == SOME_FAILED
    assert (broken["text"], broken["calls"]) == ("", NO_CALLS)
    assert broken["error"]["type"] == type
    assert broken["error"]["message"]
    assert broken["error"]["hint"]
    assert whole["calls"][0]["prompt"] == "a fox"
    assert whole["error"] is None


def test_an_odd_request_is_printed_as_plain_ascii(
    planned: Callable[..., list[Any]], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, row = planned('{"request": "lone \\ud800 surrogate, \\u0000 and ü"}')
    assert code in (OK, SOME_FAILED)
    assert set(row) == {"text", "calls", "error"}
    main(["plan", "--jsonl", str(tmp_path / "requests.jsonl")])
    assert capsys.readouterr().out.isascii()


def test_a_fault_in_one_line_does_not_end_the_file(
    planned: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(request: LLMRequest) -> str:
        raise ZeroDivisionError

    llm = ScriptedLLM([crash, "Hello!"])
    monkeypatch.setattr("modaverse.agent.load_llm", lambda spec: llm)
    code, broken, whole = planned({"request": "a"}, {"request": "b"})
    assert code == SOME_FAILED
    assert broken["error"]["type"] == "LLMError"
    assert whole["text"] == "Hello!"


def test_stdin_is_answered_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = io.BytesIO(b'{"request": "a fox"}\r\n{"request": "a hen"}')
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(lines))
    assert main(["plan", "--jsonl", "-"]) == OK
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["calls"][0]["prompt"] for row in rows] == ["a fox", "a hen"]


def test_without_weights_nothing_is_planned(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def absent(spec: str) -> ScriptedLLM:
        raise BackendMissing("the weights are not there", hint="make nano")

    monkeypatch.setattr("modaverse.agent.load_llm", absent)
    (tmp_path / "two.jsonl").write_text('{"request": "a"}\n{"request": "b"}\n')
    assert main(["plan", "--jsonl", "two.jsonl"]) == ERROR
    assert capsys.readouterr() == ("", "error: the weights are not there\nhint: make nano\n")


@pytest.mark.parametrize("name", ["missing.jsonl", "."])
def test_a_file_that_cannot_be_read(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "--jsonl", name]) == ERROR
    assert f"error: cannot read {name}: " in capsys.readouterr().err


def test_planning_loads_no_generator() -> None:
    code = (
        "import sys, modaverse.agent\n"
        "from modaverse.llm.scripted import ScriptedLLM\n"
        "llm = ScriptedLLM(['Here.\\ntext-to-image: a fox'])\n"
        "modaverse.agent.load_llm = lambda spec: llm\n"
        "from modaverse.cli import main\n"
        "assert main(['plan', 'a fox']) == 0\n"
        "print([n for n in ('diffusers', 'torch', 'av', 'gradio') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout == "Here.\n#1  text-to-image  a fox\n[]\n"


def test_ctrl_c_that_a_library_swallows_still_stops(
    planned: Callable[..., list[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(request: LLMRequest) -> str:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        return draw(request)

    monkeypatch.setattr(
        "modaverse.agent.load_llm", lambda spec: ScriptedLLM([swallow], repeat=True)
    )
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert planned({"request": "a fox"}, {"request": "an owl"}) == [INTERRUPTED]
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("option", ["--llm", "--adapter"])
def test_a_model_that_is_not_there_is_told_before_anything_is_loaded(
    option: str, loads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["plan", "a fox", option, "/no/such/model"]) == ERROR
    assert "error: there is no folder /no/such/model\nhint: " in capsys.readouterr().err
    assert loads == []
