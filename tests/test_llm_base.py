"""Messages, sampling, `load_llm` and the scripted LLM."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from modaverse.errors import BackendMissing, Cancelled, ConfigError, LLMError
from modaverse.llm import (
    LLM,
    LLMRequest,
    Message,
    OpenAICompatibleLLM,
    Sampling,
    ScriptedLLM,
    TransformersLLM,
    load_llm,
)
from modaverse.llm.base import never
from modaverse.plan import Plan, ToolCall
from modaverse.toolbox import Toolbox
from modaverse_tools import echo

FOX = Plan(text="Here is a fox.", calls=(ToolCall(id=1, tool="echo-image", prompt="a red fox"),))


def request(text: str = "a fox") -> LLMRequest:
    return LLMRequest((Message("user", text),), echo.toolbox())


def written(llm: LLM, text: str = "a fox") -> str:
    return "".join(llm.stream(request(text)))


def test_a_users_handles_stand_before_the_text() -> None:
    assert Message("user", "make it red", ("image1", "audio1")).shown() == (
        "[image1][audio1] make it red"
    )
    assert Message("user", "hello").shown() == "hello"
    assert Message("assistant", "Here.", ("image1",)).shown() == "Here."


def test_sampling_lists_every_wrong_value() -> None:
    with pytest.raises(ConfigError) as caught:
        Sampling(temperature=-1, top_p=0, max_tokens=0)
    assert len(caught.value.problems) == 3
    with pytest.raises(ConfigError):
        Sampling(temperature=float("nan"))


def test_a_request_is_not_cancelled_by_default() -> None:
    assert request().cancelled is never
    assert not never()


def test_importing_the_llms_imports_no_backend() -> None:
    code = (
        "import sys, modaverse.llm as m; "
        "m.load_llm('some/model'); m.load_llm('http://localhost:1/v1#m'); "
        "print([x for x in ('torch','transformers','openai','llguidance','numpy') "
        "if x in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


class TestLoadLLM:
    def test_an_llm_is_returned_as_it_is(self) -> None:
        llm = ScriptedLLM([])
        assert load_llm(llm) is llm

    def test_a_server(self) -> None:
        llm = load_llm("http://localhost:8000/v1/#qwen", timeout=3)
        assert isinstance(llm, OpenAICompatibleLLM)
        assert (llm.base_url, llm.name) == ("http://localhost:8000/v1", "qwen")

    def test_a_server_without_a_model_is_refused_with_the_form(self) -> None:
        with pytest.raises(ConfigError) as caught:
            load_llm("http://localhost:8000/v1")
        assert "#MODEL" in caught.value.hint

    def test_a_hub_id(self) -> None:
        llm = load_llm("Qwen/Qwen3-0.6B", device="cpu")
        assert isinstance(llm, TransformersLLM)
        assert llm.name == "Qwen3-0.6B"

    @pytest.mark.parametrize("spec", ["", "  "])
    def test_an_empty_name_is_refused(self, spec: str) -> None:
        with pytest.raises(ConfigError):
            load_llm(spec)

    @pytest.mark.parametrize("spec", ["{0}/no/model", "./no-model", "a/b/c", "no-model/", "~/no-m"])
    def test_a_folder_that_is_not_there_is_told_at_once(self, spec: str, tmp_path: Path) -> None:
        spec = spec.format(tmp_path)
        with pytest.raises(ConfigError, match="there is no folder") as caught:
            load_llm(spec)
        assert str(Path(spec).expanduser()) in caught.value.message
        with pytest.raises(ConfigError, match="there is no folder"):
            load_llm("nano", adapter=spec)

    def test_a_file_is_no_folder(self, tmp_path: Path) -> None:
        file = tmp_path / "model.gguf"
        file.write_bytes(b"GGUF")
        with pytest.raises(ConfigError, match="is a file"):
            load_llm(str(file))

    def test_the_home_folder_may_be_written_short(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HOME", str(tmp_path))
        (tmp_path / "model").mkdir()
        (tmp_path / "model" / "config.json").write_text("{}")
        assert str(tmp_path / "model") in repr(load_llm("~/model"))

    def test_nano_without_its_package_says_what_to_install(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(sys.modules, "modaverse_tools.nano_llm", None)
        with pytest.raises(BackendMissing) as caught:
            load_llm("nano")
        assert "pip install" in caught.value.hint


class TestScriptedLLM:
    def test_is_an_llm(self) -> None:
        assert isinstance(ScriptedLLM([]), LLM)

    @pytest.mark.parametrize("dialect", ["lines", "json"])
    def test_a_plan_is_written_in_its_dialect(self, dialect: str) -> None:
        llm = ScriptedLLM([FOX], dialect=dialect)  # type: ignore[arg-type]
        assert llm.dialect(echo.toolbox()).parse(written(llm)) == FOX

    def test_text_comes_in_several_pieces_and_unchanged(self) -> None:
        text = "  Here is \n a fox.\n\n"
        pieces = list(ScriptedLLM([text]).stream(request()))
        assert len(pieces) > 3
        assert "".join(pieces) == text

    def test_a_function_answers_the_request(self) -> None:
        llm = ScriptedLLM([lambda asked: asked.messages[-1].text.upper()])
        assert written(llm, "a fox") == "A FOX"

    def test_an_exception_is_raised(self) -> None:
        with pytest.raises(LLMError, match="down"):
            written(ScriptedLLM([LLMError("down")]))

    def test_requests_are_recorded(self) -> None:
        llm = ScriptedLLM(["one", "two"])
        written(llm, "first")
        written(llm, "second")
        assert [asked.messages[0].text for asked in llm.requests] == ["first", "second"]

    def test_it_fails_when_the_script_ends(self) -> None:
        llm = ScriptedLLM(["one"])
        written(llm)
        with pytest.raises(LLMError, match="1 replies"):
            written(llm)

    def test_it_can_begin_again(self) -> None:
        llm = ScriptedLLM(["one", "two"], repeat=True)
        assert [written(llm) for _ in range(3)] == ["one", "two", "one"]

    def test_it_can_be_cancelled_between_words(self) -> None:
        heard: list[str] = []
        asked = LLMRequest((Message("user", "x"),), Toolbox(), cancelled=lambda: len(heard) >= 2)
        with pytest.raises(Cancelled):
            heard.extend(ScriptedLLM(["a b c d"]).stream(asked))
        assert len(heard) == 2
