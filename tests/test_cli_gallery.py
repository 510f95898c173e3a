"""`modaverse tools`, `gallery` and `doctor`: what is there, what was made, what works."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, OK, doctor, streams
from modaverse.errors import BackendMissing
from modaverse.library import Library
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Audio, Image
from modaverse.provenance import Provenance
from modaverse.tool import Availability, Context, Tool, ToolOptions
from modaverse.toolbox import BUILT_IN, Toolbox
from modaverse_tools import echo


class Stamp(Tool):
    """Print the name of the model on a picture."""

    class Options(ToolOptions):
        """What it can be told."""

    def __init__(self, model: str = "small") -> None:
        self._model = model

    @property
    def model(self) -> str:
        return self._model

    def run(self, prompt: str, *, options: Options, context: Context) -> str:
        """Say the model."""
        return f"{prompt} by {self._model}"


class Broken(Tool):
    """Cannot run here."""

    def available(self) -> Availability:
        return Availability(ok=False, reason="there are no weights", hint="make nano")

    def run(self, prompt: str) -> Image:
        """Never gets here."""
        raise AssertionError


@pytest.fixture(autouse=True)
def _home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Echo tools and a library of their own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODAVERSE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(streams, "prepare", lambda: None)
    tools = echo.toolbox() | Stamp()
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: tools))


def make(monkeypatch: pytest.MonkeyPatch, plan: str, *more: str) -> None:
    """Fill library and ./modaverse-out."""
    monkeypatch.setattr("modaverse.agent.load_llm", lambda spec: ScriptedLLM([plan]))
    assert main(["run", "please", "--seed", "5", *more]) == OK


def answer(capsys: pytest.CaptureFixture[str], *typed: str, code: int = OK) -> Any:
    """What a command prints as JSON."""
    capsys.readouterr()
    assert main([*typed, "--json"]) == code
    return json.loads(capsys.readouterr().out)


# --- tools ---------------------------------------------------------------------------------------


def test_tools_as_json_say_all_about_a_tool(capsys: pytest.CaptureFixture[str]) -> None:
    tools = {each["name"]: each for each in answer(capsys, "tools")}
    show = tools["echo-slideshow"]
    assert [slot["modality"] for slot in show["inputs"]] == ["text", "image", "audio"]
    assert [slot["required"] for slot in show["inputs"]] == [False, True, False]
    assert show["output"] == "video"
    assert show["description"].startswith("Make a video that shows one picture")
    assert (show["available"], show["reason"], show["hint"]) == (True, "", "")
    assert tools["echo-image"]["options"]["properties"]["size"]["maximum"] == 512
    assert tools["stamp"]["model"] == "small"


def test_the_built_in_tools_are_listed_without_loading_any(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.undo()
    monkeypatch.setattr(streams, "prepare", lambda: None)
    tools = answer(capsys, "tools")
    assert [each["name"] for each in tools][: len(BUILT_IN)] == list(BUILT_IN)
    assert all(each["available"] or each["hint"] for each in tools)


def test_a_tool_that_cannot_run_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = Toolbox([Broken()])
    tools._entries["gone"] = "no_such_module:tool"
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: tools))
    broken, gone = answer(capsys, "tools")
    assert (broken["available"], broken["reason"], broken["hint"]) == (
        False,
        "there are no weights",
        "make nano",
    )
    assert not gone["available"]
    assert "no_such_module" in gone["reason"]
    assert main(["tools"]) == OK
    shown = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert [fields[0] for fields in shown] == ["broken", "gone"]
    assert shown[0][-1] == "no: there are no weights; make nano"
    assert [len(fields) for fields in shown] == [6, 6]


@pytest.mark.parametrize("command", ["tools", "gallery"])
def test_a_list_fits_a_terminal(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, "Here.\necho-image: a red fox")
    capsys.readouterr()
    monkeypatch.setenv("TERM", "dumb")  # 80 columns, no escapes
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main([command]) == OK
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not any("\t" in line for line in lines)
    if command == "tools":
        assert len([line for line in lines if "echo-image" in line]) == 1
        assert any("size=" in line for line in lines)
    else:
        assert len([line for line in lines if "a red fox" in line]) == 1, "one line a result"


# --- gallery -------------------------------------------------------------------------------------


def test_an_empty_gallery(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gallery"]) == OK
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("nothing was made yet: there is no library in ")
    assert answer(capsys, "gallery") == []
    assert not Path("library").exists()
    with Library("library") as library:
        assert len(library) == 0
    assert main(["gallery"]) == OK
    assert capsys.readouterr() == ("", "nothing found\n")


@pytest.mark.parametrize("place", ["nowhere", "pictures", "/proc", "/proc/nowhere", "a-file"])
@pytest.mark.parametrize("typed", [["gallery"], ["gallery", "show", "abcdef0123"]])
def test_reading_a_library_that_is_not_there_makes_none(
    typed: list[str], place: str, small_image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pictures/ab").mkdir(parents=True)
    small_image.save("pictures/ab/mine.png")
    Path("a-file").write_text("in the way")
    before = sorted(Path().rglob("*"))
    error = answer(capsys, *typed, "--library", place, code=ERROR)["error"]
    assert error["type"] == "LibraryError"
    assert "there is no library in" in error["message"]
    assert error["hint"]
    assert sorted(Path().rglob("*")) == before


def test_the_gallery_lists_and_finds(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, "Here.\necho-image: a red fox\necho-audio: its bark\necho-image: a hen")
    assert {each["provenance"]["prompt"] for each in answer(capsys, "gallery")} == {
        "a red fox",
        "its bark",
        "a hen",
    }
    (fox,) = answer(capsys, "gallery", "--text", "FOX")
    assert Path(fox["path"]).is_file()
    assert fox["modality"] == "image"
    assert len(answer(capsys, "gallery", "--tool", "echo-image")) == 2
    assert len(answer(capsys, "gallery", "--modality", "audio")) == 1
    assert len(answer(capsys, "gallery", "--limit", "1")) == 1
    assert main(["gallery", "--tool", "echo-image"]) == OK
    shown = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert {prompt: file for _, _, _, prompt, file in shown}["a red fox"] == fox["path"]
    assert {len(digest) for digest, *_ in shown} == {10}
    assert answer(capsys, "gallery", "--modality", "smell", code=ERROR)["error"]["hint"]


def test_a_file_tells_how_it_was_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, 'Here.\necho-image with {"size":16}: a red fox')
    made = answer(capsys, "gallery", "show", "modaverse-out/01-echo-image.png")["provenance"]
    assert (made["tool"], made["prompt"], made["options"]) == (
        "echo-image",
        "a red fox",
        {"size": 16},
    )
    assert main(["gallery", "show", "modaverse-out/01-echo-image.png"]) == OK
    shown = capsys.readouterr().out
    assert "prompt   a red fox\n" in shown
    assert "options  size=16\n" in shown


def test_a_result_is_found_by_its_digest(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, "Here.\necho-text: hello")
    (record,) = answer(capsys, "gallery")
    shown = answer(capsys, "gallery", "show", record["digest"][:10])
    assert shown["path"] == record["path"]
    assert shown["provenance"]["prompt"] == "hello"


@pytest.mark.parametrize("command", ["show", "rerun"])
def test_files_that_tell_nothing(
    command: str, small_image: Image, capsys: pytest.CaptureFixture[str]
) -> None:
    small_image.save("foreign.png")
    wrong = {
        "foreign.png": "LibraryError",
        "missing.png": "MediaError",
        "abcdef0123": "LibraryError",
        ".": "MediaError",
    }
    for name, type in wrong.items():
        error = answer(capsys, "gallery", command, name, code=ERROR)["error"]
        assert (error["type"], bool(error["hint"])) == (type, True)


def test_a_rerun_gives_the_same_bytes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, 'Here.\necho-text: x\necho-image with {"size":16}: a red fox')
    made = answer(capsys, "gallery", "rerun", "modaverse-out/02-echo-image.png")["media"]
    again = Path(made[0]["path"])
    assert again.name == "03-echo-image.png"
    assert again.read_bytes() == Path("modaverse-out/02-echo-image.png").read_bytes()


def test_a_rerun_takes_its_inputs_from_the_library_or_from_files(
    monkeypatch: pytest.MonkeyPatch, small_audio: Audio, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, "Here.\necho-image: a fox\necho-slideshow from #1:")
    film = "modaverse-out/02-echo-slideshow.mp4"
    assert main(["gallery", "rerun", film, "--out", "again", "--quiet"]) == OK
    assert Path("again/01-echo-slideshow.mp4").read_bytes() == Path(film).read_bytes()
    elsewhere = ("--out", "again", "--library", "empty")
    error = answer(capsys, "gallery", "rerun", film, *elsewhere, code=ERROR)["error"]
    assert error["type"] == "RequestError"
    still = "modaverse-out/01-echo-image.png"
    assert main(["gallery", "rerun", film, still, *elsewhere, "-q"]) == OK


def test_a_rerun_uses_the_model_that_made_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    make(monkeypatch, "Here.\nstamp: seal", "--tool", "stamp=large")
    (record,) = answer(capsys, "gallery")
    assert record["provenance"]["model"] == "large"
    rerun = ["gallery", "rerun", record["digest"], "-q", "--out"]
    assert main([*rerun, "same"]) == OK
    assert Path("same/01-stamp.txt").read_text() == "seal by large"
    assert main([*rerun, "other", "--tool", "stamp=small"]) == OK
    assert Path("other/01-stamp.txt").read_text() == "seal by small"


def test_a_gallery_without_library(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODAVERSE_LIBRARY", "")
    assert answer(capsys, "gallery", code=ERROR)["error"]["hint"] == "give --library FOLDER"


def test_a_file_of_a_tool_that_is_gone(capsys: pytest.CaptureFixture[str]) -> None:
    with Library("library") as library:
        record = library.add("old", Provenance(tool="text-to-smell", model="nose"))
    error = answer(capsys, "gallery", "rerun", record.digest, code=ERROR)["error"]
    assert error["type"] == "PlanError"


# --- doctor --------------------------------------------------------------------------------------


@pytest.fixture
def _light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every package can be imported, and torch is not looked at."""
    monkeypatch.setattr(importlib, "import_module", lambda name: ModuleType(name))
    monkeypatch.setattr(doctor, "_device", lambda settings: "cpu")
    monkeypatch.setattr(doctor, "load_llm", lambda spec: ScriptedLLM(["Hello."]))
    monkeypatch.setattr(doctor, "_PACKAGES", {"pydantic": "pydantic", "torch": "torch"})


@pytest.mark.usefixtures("_light")
def test_the_doctor_finds_all_well(capsys: pytest.CaptureFixture[str]) -> None:
    found = {each["name"]: each for each in answer(capsys, "doctor")}
    assert {each["state"] for each in found.values()} <= {"ok", "note"}
    assert found["files"]["detail"] == "pictures, sounds and videos are written and read"
    assert found["stamp"]["detail"] == "small"
    assert found["library"]["detail"].endswith("library, made with the first result")
    assert not Path("library").exists()
    assert "GB free" in found["disk"]["detail"]


@pytest.mark.usefixtures("_light")
def test_the_doctor_says_what_to_type(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def import_module(name: str) -> ModuleType:
        if name == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name=name)
        raise OSError("a library of it cannot be loaded")

    def absent(spec: str) -> ScriptedLLM:
        raise BackendMissing("the weights are not there", hint="make nano")

    monkeypatch.setattr(importlib, "import_module", import_module)
    monkeypatch.setattr(doctor, "load_llm", absent)
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: Toolbox([Broken()])))
    Path("library").write_text("a file where a folder should be")
    found = {each["name"]: each for each in answer(capsys, "doctor", code=ERROR)}
    broken = {name: each["hint"] for name, each in found.items() if each["state"] == "broken"}
    assert broken["torch"] == "pip install torch"
    assert broken["pydantic"] == "pip install --force-reinstall pydantic"
    assert broken["language model"] == broken["broken"] == "make nano"
    assert "library" in broken
    assert main(["doctor"]) == ERROR
    assert "\nbroken\ttorch\tnot installed\tpip install torch\n" in capsys.readouterr().out


@pytest.mark.usefixtures("_light")
def test_the_doctor_tells_each_thing_when_it_has_looked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []

    def look(settings: object) -> str:
        told.extend(capsys.readouterr().out.splitlines())
        return "cpu"

    monkeypatch.setattr(doctor, "_device", look)
    assert main(["doctor"]) == OK
    assert told[0].startswith("ok\tpython\t")
    assert "settings" in told[-1]
    assert capsys.readouterr().out.startswith("ok\tdevice\tcpu\t\n")


@pytest.mark.usefixtures("_light")
def test_the_doctor_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(settings: object) -> str:
        raise BackendMissing("there is no GPU", hint="use --device cpu")

    monkeypatch.setattr(doctor, "_device", broken)
    monkeypatch.setenv("TERM", "dumb")  # 80 columns, no escapes
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["doctor"]) == ERROR
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    at = lines.index(["broken", "device", "there", "is", "no", "GPU"])
    assert lines[at + 1] == ["use", "--device", "cpu"]


@pytest.mark.usefixtures("_light")
def test_the_doctor_survives_wrong_settings(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODAVERSE_COLOUR", "red")
    found = {each["name"]: each for each in answer(capsys, "doctor", code=ERROR)}
    assert found["settings"]["state"] == "broken"
    assert "colour" in found["settings"]["detail"]
