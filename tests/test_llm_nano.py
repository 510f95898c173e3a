"""The nano language model: its own folder, its own name, its adapter if one lies beside it."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from modaverse import Agent, Audio, Chat, Image, Video, tool
from modaverse.errors import BackendMissing
from modaverse.llm import LLMRequest, Message, TransformersLLM, load_llm
from modaverse.llm.debug import write_adapter, write_checkpoint
from modaverse.plan import check
from modaverse.toolbox import Toolbox
from modaverse_tools import nano_llm


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(nano_llm, "FOLDER", tmp_path / "lm")
    return tmp_path / "lm"


def written(text: str = "a fox in the snow") -> str:
    return "".join(load_llm("nano").stream(LLMRequest((Message("user", text),), Toolbox())))


def test_without_weights_it_says_how_to_get_them(folder: Path) -> None:
    with pytest.raises(BackendMissing, match="not there") as caught:
        load_llm("nano")
    assert "make nano" in caught.value.hint


def test_it_is_called_nano_and_takes_options(folder: Path) -> None:
    write_checkpoint(folder)
    llm = load_llm("nano", device="cpu", dialect="json")
    assert isinstance(llm, TransformersLLM)
    assert llm.name == "nano"
    assert llm.dialect(Toolbox()).name == "json"


def test_an_adapter_beside_the_weights_is_used(folder: Path, tmp_path: Path) -> None:
    write_checkpoint(folder)
    (folder / "modaverse.json").write_text('{"dialect":"lines","system":false}')
    before = written()
    trained_elsewhere = Path(shutil.copytree(folder, tmp_path / "base-of-the-training"))
    write_adapter(folder / "adapter", trained_elsewhere)
    assert written() != before


@pytest.mark.skipif(
    not (nano_llm.FOLDER / "config.json").is_file(), reason="the nano weights are not trained yet"
)
def test_a_chat_goes_on_as_if_what_was_made_had_no_eyes_upon_it() -> None:
    """The results of a chat are no attachments: later turns are planned by their words alone."""

    @tool(name="text-to-image")
    def paint(prompt: str) -> Image:
        """Paint a picture of the prompt."""
        return Image(np.zeros((8, 8, 3), np.uint8))

    @tool(name="text-to-audio")
    def sound(prompt: str) -> Audio:
        """Make a sound from the prompt."""
        return Audio(np.zeros((800, 1), np.float32), 16_000)

    @tool(name="text-to-video")
    def film(prompt: str) -> Video:
        """Film the prompt."""
        return Video(np.zeros((2, 8, 8, 3), np.uint8), 8)

    turns = {
        "Draw a red apple": [("text-to-image", "a red apple")],
        "Make it green": [("text-to-image", "a green apple")],
        "thanks": [],
        "Draw a dog": [("text-to-image", "a dog")],
        "Play a piano melody": [("text-to-audio", "a piano melody")],
        "A video of a car driving": [("text-to-video", "a car driving")],
        "A picture of a unicorn under a rainbow": [("text-to-image", "a unicorn under a rainbow")],
    }
    chat = Chat(Agent(load_llm("nano", device="cpu"), toolbox=Toolbox([paint, sound, film])))
    for request, wanted in turns.items():
        plan = chat.send(request).plan
        assert [(call.tool, call.prompt) for call in plan.calls] == wanted, request


@pytest.mark.skipif(
    not (nano_llm.FOLDER / "config.json").is_file(), reason="the nano weights are not trained yet"
)
def test_the_shipped_model_plans_a_picture() -> None:
    box = Toolbox.default()
    llm = load_llm("nano", device="cpu")
    request = LLMRequest((Message("user", "Please draw a red fox in the snow."),), box)
    plan = llm.dialect(box).parse("".join(llm.stream(request)))
    assert check(plan, box, {}) == ()
    assert [call.tool for call in plan.calls] == ["text-to-image"]
    assert "red fox" in plan.calls[0].prompt
