"""The examples run, and the script of `make demo`: here with instant tools and a scripted LLM."""

from __future__ import annotations

import os
import runpy
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import load_media
from modaverse.tool import tool
from modaverse.toolbox import Toolbox
from modaverse_tools import echo, speech, video

EXAMPLES = Path(__file__).parent.parent / "examples"

# Starts the command with instant tools of the built-in names, and an LLM that knows the demo.
_STAGE = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parent)!r})
import modaverse.agent, test_cli_examples as stage
from modaverse.cli import main
from modaverse.toolbox import Toolbox
modaverse.agent.load_llm = lambda spec: stage.planner()
Toolbox.default = classmethod(lambda cls: stage.instant_tools())
sys.exit(main())
"""


def instant_tools() -> Toolbox:
    """Tools with the names of the built-in ones that need no weights."""
    return Toolbox(
        [
            tool(name="text-to-image")(echo.echo_image.function),
            tool(name="text-to-video")(echo.echo_video.function),
            tool(name="text-to-audio")(echo.echo_audio.function),
            speech.text_to_speech,
            video.add_soundtrack,
        ]
    )


def planner() -> ScriptedLLM:
    """An LLM that plans the requests of the examples by their first clear word."""
    lines = {
        "audio1 to video1": "add-soundtrack from video1 audio1:",
        "aloud": "text-to-speech: It is said.",
        "video": "text-to-video: it moves",
        "hear": "text-to-audio: it sounds",
    }

    def plan(request: LLMRequest) -> str:
        text = request.messages[-1].text
        found = (line for word, line in lines.items() if word in text)
        return "Here.\n" + next(found, "text-to-image: a fox")

    return ScriptedLLM([plan], repeat=True)


@pytest.fixture(autouse=True)
def _stage(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("modaverse.agent.load_llm", lambda spec: planner())
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: instant_tools()))


def play(monkeypatch: pytest.MonkeyPatch, name: str, *typed: str) -> None:
    """Run an example as a person does."""
    monkeypatch.setattr(sys, "argv", [name, *typed])
    runpy.run_path(str(EXAMPLES / name), run_name="__main__")


def test_every_example_is_played_here() -> None:
    assert {path.name for path in EXAMPLES.glob("*.py")} == {
        "conversation.py",
        "own_llm.py",
        "progress.py",
        "unrolled.py",
    }


def test_unrolled(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    play(monkeypatch, "unrolled.py", "Draw a fox", "made")
    assert capsys.readouterr().out == "Here.\n#1 text-to-image: a fox\nsaved made/1.png\n"
    assert load_media(Path("made/1.png")).face() == "image, 32x32"


def test_conversation(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    play(monkeypatch, "conversation.py", "library")
    assert capsys.readouterr().out.endswith("It can now speak of: video1, audio1, video2\n")


def test_progress(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    play(monkeypatch, "progress.py")
    shown = capsys.readouterr().out
    assert shown.startswith("Here. (1 calls)\n#1 1/4\n")
    assert shown.endswith("#1 made video1\nall is done\n")


def test_own_llm(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    play(monkeypatch, "own_llm.py", "Hello, parrot!")
    assert capsys.readouterr().out.startswith("I say: 1.")


def test_the_demo_leaves_one_of_each_kind(tmp_path: Path) -> None:
    command = tmp_path / "bin" / "modaverse"
    command.parent.mkdir()
    command.write_text(f"#!{sys.executable}\n{_STAGE}")
    command.chmod(command.stat().st_mode | stat.S_IXUSR)
    done = subprocess.run(
        ["bash", str(EXAMPLES / "demo.sh"), "demo"],
        env={**os.environ, "PATH": f"{command.parent}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    assert done.stderr == ""
    assert "#1  text-to-image  a fox\n" in done.stdout
    made = sorted(path.name for path in (tmp_path / "demo").glob("*.*"))
    assert made == [
        "01-text-to-image.png",
        "02-text-to-audio.wav",
        "03-text-to-speech.wav",
        "04-text-to-video.mp4",
    ]
    for name in made:
        load_media(tmp_path / "demo" / name)
