"""Toolboxes: names, laziness, plugins, and the faces they show to LLMs."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.errors import BackendMissing, RequestError, ToolDefinitionError
from modaverse.media import Audio, Image, Video
from modaverse.tool import Context, Tool, tool
from modaverse.toolbox import BUILT_IN, ENTRY_POINTS, Toolbox, _resolved
from modaverse_tools import echo


@tool
def shout(prompt: str, *, marks: int = 1) -> str:
    """Say it loud.

    Really loud.
    """
    return prompt.upper() + "!" * marks


class Whisper(Tool):
    """Say it low."""

    def run(self, prompt: str) -> str:
        return prompt.lower()


def offer(monkeypatch: pytest.MonkeyPatch, **values: str) -> None:
    """Let these entry points be installed, and no others."""
    points = [importlib.metadata.EntryPoint(k, v, ENTRY_POINTS) for k, v in values.items()]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: points)


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An importable module `plugin_for_test` with tools."""
    (tmp_path / "plugin_for_test.py").write_text(
        "from modaverse.tool import Tool, tool\n"
        "@tool\n"
        "def one(prompt: str) -> str:\n"
        "    'One.'\n"
        "    return prompt\n"
        "class Two(Tool):\n"
        "    'Two.'\n"
        "    def run(self, prompt: str) -> str:\n"
        "        return prompt\n"
        "both = [one, Two()]\n"
        "@tool(name='text-to-image')\n"
        "def thief(prompt: str) -> str:\n"
        "    'Steal a name.'\n"
        "    return prompt\n"
        "number = 3\n"
    )
    monkeypatch.syspath_prepend(tmp_path)


def test_toolbox_is_a_mapping_by_name() -> None:
    box = Toolbox([shout, Whisper()])
    assert list(box) == ["shout", "whisper"]
    assert len(box) == 2
    assert box["shout"] is shout
    assert "whisper" in box
    assert "sing" not in box
    assert box.get("sing") is None
    assert [spec.name for spec in box.specs()] == ["shout", "whisper"]
    assert repr(box) == "Toolbox(shout, whisper)"


def test_toolbox_can_be_joined_and_cut() -> None:
    @tool(name="shout")
    def other(prompt: str) -> str:
        """Say it otherwise."""
        return prompt

    box = Toolbox([shout]) | Toolbox([Whisper()])
    assert list(box) == ["shout", "whisper"]
    assert (box | other)["shout"] is other
    assert box["shout"] is shout
    assert list(box.without("shout")) == ["whisper"]
    assert list(box.only("whisper", "shout")) == ["whisper", "shout"]
    for choose in (box.without, box.only):
        with pytest.raises(RequestError, match="no tool 'sing'") as caught:
            choose("sing")
        assert "shout, whisper" in caught.value.hint


def test_toolbox_refuses_what_is_no_tool() -> None:
    with pytest.raises(ToolDefinitionError, match="two tools are named 'shout'"):
        Toolbox([shout, shout])
    with pytest.raises(ToolDefinitionError) as caught:
        Toolbox([Whisper])  # type: ignore[list-item]
    assert caught.value.hint == "pass an instance, Whisper()"
    with pytest.raises(ToolDefinitionError) as caught:
        Toolbox([len])  # type: ignore[list-item]
    assert caught.value.hint == "put @tool above it"


def test_default_has_the_built_in_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch)
    box = Toolbox.default()
    assert list(box) == list(BUILT_IN)
    assert {name: spec.output for name, spec in zip(box, box.specs(), strict=True)} == {
        "text-to-image": "image",
        "text-to-video": "video",
        "text-to-audio": "audio",
        "text-to-speech": "audio",
        "image-to-image": "image",
        "image-to-video": "video",
        "add-soundtrack": "video",
        "video-to-image": "image",
        "video-to-audio": "audio",
    }
    assert all(name == tool.spec.name for name, tool in box.items())


def test_default_tools_are_the_same_objects_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch)
    assert Toolbox.default()["text-to-image"] is Toolbox.default()["text-to-image"]


def test_built_in_options_are_those_the_language_model_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    offer(monkeypatch)
    box = Toolbox.default()
    properties = {name: tool.spec.option_schema()["properties"] for name, tool in box.items()}
    assert properties["text-to-image"].keys() == {"size", "steps", "guidance"}
    assert properties["text-to-video"].keys() == {"size", "steps", "guidance"}
    assert properties["text-to-image"]["size"]["enum"] == [64, 128, 256, 512]
    assert properties["text-to-image"]["size"]["default"] == 256
    seconds = properties["text-to-audio"]["seconds"]
    assert (seconds["minimum"], seconds["maximum"], seconds["default"]) == (0.5, 10, 3)
    speech = properties["text-to-speech"]
    assert speech.keys() == {"language", "voice", "speed", "pitch"}
    assert len(speech["language"]["enum"]) == 18
    assert speech["voice"]["enum"] == ["neutral", "male", "female", "whisper", "croak"]
    assert (speech["speed"]["default"], speech["pitch"]["default"]) == (165, 50)
    assert properties["image-to-image"].keys() == {"strength", "size", "steps", "guidance"}
    moved = properties["image-to-video"]["seconds"]
    assert (moved["minimum"], moved["maximum"], moved["default"]) == (1, 6, 2)
    assert properties["video-to-image"].keys() == {"second", "at"}
    assert properties["add-soundtrack"] == properties["video-to-audio"] == {}


def test_listing_the_tools_imports_no_backend() -> None:
    code = (
        "import sys\n"
        "from modaverse.toolbox import Toolbox\n"
        "box = Toolbox.default()\n"
        "box.describe(), box.json_schemas(), [t.available() for t in box.values()]\n"
        "print([m for m in ('torch', 'transformers', 'diffusers', 'PIL', 'av', 'soundfile')"
        " if m in sys.modules])"
    )
    env = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=env
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.usefixtures("plugin")
def test_plugins_come_by_entry_points(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch, a="plugin_for_test:both")
    box = Toolbox.default()
    assert list(box)[len(BUILT_IN) :] == ["one", "two"]
    assert box.problems == ()
    assert box["one"].call("hi") == "hi"
    offer(monkeypatch, a="plugin_for_test:Two")
    assert Toolbox.default()["two"] is Toolbox.default()["two"]


@pytest.mark.usefixtures("plugin")
@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("no_such_module_xyz:tool", "No module named"),
        ("plugin_for_test:gone", "gone"),
        ("plugin_for_test:number", "is no tool"),
        ("plugin_for_test:thief", "the name 'text-to-image' is taken"),
    ],
)
def test_broken_plugin_costs_only_itself(
    reference: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer(monkeypatch, bad=reference, good="plugin_for_test:one")
    box = Toolbox.default()
    assert list(box) == [*BUILT_IN, "one"]
    assert len(box.problems) == 1
    assert told in box.problems[0]
    assert (box | shout).problems == box.problems


def test_module_that_cannot_be_imported_is_a_missing_backend() -> None:
    with pytest.raises(BackendMissing, match="no_such_module_xyz"):
        _resolved("no_such_module_xyz:tool")


def test_describe_tells_an_llm_all_it_needs() -> None:
    lines = (Toolbox([shout]) | echo.echo_slideshow | echo.echo_audio).describe().splitlines()
    assert lines[0] == (
        "- shout: prompt -> text. Say it loud. Really loud. Options: marks (integer, default 1)."
    )
    assert lines[1].startswith("- echo-slideshow: prompt + image + audio? -> video. Make")
    assert lines[2].endswith("Options: seconds (0.1..10, default 0.5).")


def test_json_schemas_are_openai_tools() -> None:
    slideshow, plain = Toolbox([echo.echo_slideshow, shout]).json_schemas()
    function = slideshow["function"]
    assert slideshow["type"] == "function"
    assert function["name"] == "echo-slideshow"
    inputs = function["parameters"]["properties"]["inputs"]
    assert (inputs["minItems"], inputs["maxItems"]) == (1, 2)
    assert function["parameters"]["required"] == ["prompt", "inputs"]
    assert "options" not in function["parameters"]["properties"]
    parameters = plain["function"]["parameters"]
    assert parameters["properties"].keys() == {"prompt", "options"}
    assert parameters["required"] == ["prompt"]
    json.dumps([slideshow, plain])


def test_echo_tools_are_deterministic_and_of_every_modality() -> None:
    box = echo.toolbox()
    picture = box["echo-image"].call("a fox", context=Context(seed=1))
    assert picture == box["echo-image"].call("a fox", context=Context(seed=1))
    assert picture != box["echo-image"].call("a fox", context=Context(seed=2))
    assert isinstance(picture, Image)
    sound = box["echo-audio"].call("a fox", options={"seconds": 0.25})
    assert isinstance(sound, Audio)
    assert sound.seconds == pytest.approx(0.25)
    assert np.abs(sound.samples).max() == pytest.approx(0.3, abs=0.01)
    clip = box["echo-video"].call("a fox")
    assert isinstance(clip, Video)
    assert clip.frames.shape == (4, 32, 32, 3)
    show = box["echo-slideshow"].call("", [picture, sound])
    assert isinstance(show, Video)
    assert show.audio == sound
    assert box["echo-caption"].call("this is", [picture]) == "this is image, 32x32"
    assert box["echo-text"].call("hi", options={"times": 2}) == "hi hi"
    assert box["echo-wait"].call("hi", options={"seconds": 0}) == "hi"


ROOT = Path(__file__).parent.parent


def test_example_plugin_is_found_once_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tomllib.loads((ROOT / "examples/plugin/pyproject.toml").read_text())["project"]
    points = project["entry-points"][ENTRY_POINTS]
    installed = tmp_path / "modaverse_antique-0.1.dist-info"
    installed.mkdir()
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: 0.1\n")
    lines = "\n".join(f"{name} = {value}" for name, value in points.items())
    (installed / "entry_points.txt").write_text(f"[{ENTRY_POINTS}]\n{lines}\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.syspath_prepend(ROOT / "examples/plugin")
    box = Toolbox.default()
    assert box.problems == ()
    red = Image(np.full((4, 4, 3), (255, 0, 0), np.uint8))
    assert box["age-photo"].call("", [red], {"strength": 0}) == red
    brown = box["age-photo"].call("", [red])
    assert isinstance(brown, Image)
    assert brown.array[0, 0].tolist() == [116, 55, 43]


def test_examples_in_the_docs_run(monkeypatch: pytest.MonkeyPatch) -> None:
    offer(monkeypatch)
    page = (ROOT / "docs/tools.md").read_text()
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", page, re.M | re.S)
    names: dict[str, Any] = {}
    for kind, block in blocks:
        if kind == "python":
            exec(compile(block, "docs/tools.md", "exec"), names)
    shown = next(block for kind, block in blocks if kind == "text")
    assert Toolbox([names["mirror"]]).describe() == shown.strip()
    plugin = next(block for kind, block in blocks if kind == "toml")
    assert plugin == (ROOT / "examples/plugin/pyproject.toml").read_text()
    assert names["toolbox"]["text-to-image"].model == "stabilityai/sdxl-turbo"
