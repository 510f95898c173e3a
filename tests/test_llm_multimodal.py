"""The multimodal LLM as an LLM: plans that hold from what is attached, through the agent too."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from modaverse.agent import Agent, AgentSettings
from modaverse.chat import Chat
from modaverse.errors import BackendMissing, Cancelled, ConfigError, LLMError, RequestError
from modaverse.llm import (
    LLM,
    LLMRequest,
    MultimodalLLM,
    Sampling,
    ScriptedLLM,
    TransformersLLM,
    load_llm,
)
from modaverse.llm.debug import write_adapter
from modaverse.model import (
    ModaVerseForConditionalGeneration,
    ModaVerseProcessor,
    add_lora,
    save_alignment,
)
from modaverse.plan import Plan, ToolCall, check
from modaverse_tools import echo
from tests.multimodal import ask, film, picture, sound, write_parts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parts, a whole model of them, and an alignment on them."""
    folder = write_parts(tmp_path_factory.mktemp("parts"))
    torch.manual_seed(0)
    model = ModaVerseForConditionalGeneration.from_parts(
        folder / "qwen3", folder / "siglip", folder / "whisper", vision_tokens=2
    )
    for weights in model.projections.parameters():
        torch.nn.init.normal_(weights, 0, 0.5)
    model.save_pretrained(folder / "whole")
    ModaVerseProcessor.from_parts(model.config).save_pretrained(folder / "whole")
    add_lora(model)
    save_alignment(model, folder / "alignment")
    return folder


@pytest.fixture(scope="module")
def llm(home: Path) -> MultimodalLLM:
    """One model for all tests that only read."""
    return MultimodalLLM(home / "whole", device="cpu")


def written(llm: LLM, request: LLMRequest) -> str:
    return "".join(llm.stream(request))


def everything(text: str = "what is it?") -> LLMRequest:
    return ask(text, image1=picture(1), audio1=sound(1), video1=film(1), image2=picture(2))


class TestWriting:
    @pytest.mark.parametrize("dialect", ["lines", "json"])
    def test_even_a_random_model_writes_plans_that_hold(self, home: Path, dialect: Any) -> None:
        llm = MultimodalLLM(home / "whole", dialect=dialect, device="cpu")
        box = echo.toolbox()
        for seed in range(3):
            request = everything()
            sampling = replace(request.sampling, seed=seed, temperature=1.0, max_tokens=200)
            plan = llm.dialect(box).parse(written(llm, replace(request, sampling=sampling)))
            assert check(plan, box, request.handles) == ()

    def test_what_is_attached_changes_what_is_written(self, llm: MultimodalLLM) -> None:
        def other(**media: Any) -> str:
            request = ask("what is it?", **media)
            return written(llm, replace(request, sampling=Sampling(temperature=1, max_tokens=60)))

        assert other(image1=picture(1)) == other(image1=picture(1))
        assert other(image1=picture(1)) != other(image1=picture(2))
        assert other(audio1=sound(1)) != other(audio1=sound(2))
        assert other(video1=film(1)) != other(video1=film(2))

    def test_it_writes_what_the_model_foresees_without_cache_and_grammar(
        self, llm: MultimodalLLM
    ) -> None:
        """Every token is the likeliest that the grammar allows, computed from the whole text."""
        request = everything()
        loaded = llm.load()
        prompted = loaded.prompt.read(request)
        grammar = llm.dialect(request.toolbox).grammar(request.toolbox, request.handles)
        constraint = loaded.guide.constraint(grammar)
        tokens, answer = list(prompted.tokens), b""
        beside = loaded.perceive(request, prompted)
        while len(answer) < 30:
            step = constraint.forced()
            if not step:
                with torch.inference_mode():
                    scores = loaded.model(torch.tensor([tokens]), **beside).logits[0, -1]
                allowed = torch.tensor(constraint.mask())
                step = [int(scores.masked_fill(~allowed, -torch.inf).argmax())]
            constraint.accept(step)
            tokens += step
            answer += loaded.guide.bytes_of(step)
        assert written(llm, request).encode()[:30] == answer[:30]

    def test_media_are_read_once(self, llm: MultimodalLLM, monkeypatch: pytest.MonkeyPatch) -> None:
        model = llm.load().model
        seen: list[int] = []
        real = model.vision_encoder.forward

        def watched(*args: Any, **given: Any) -> Any:
            seen.append(len(given["pixel_values"]))
            return real(*args, **given)

        monkeypatch.setattr(model.vision_encoder, "forward", watched)
        written(llm, everything())
        assert seen == [5]  # two pictures and three frames, in one batch

    def test_it_can_be_cancelled(self, llm: MultimodalLLM) -> None:
        with pytest.raises(Cancelled):
            written(llm, replace(everything(), cancelled=lambda: True))

    def test_too_much_is_refused(self, home: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(home / "whole", tmp_path / "whole"))
        config = json.loads((folder / "config.json").read_text()) | {"context": 60}
        (folder / "config.json").write_text(json.dumps(config))
        llm = MultimodalLLM(folder, device="cpu")
        assert llm.settings.context == 60
        with pytest.raises(RequestError, match="at most 60 tokens"):
            written(llm, everything("hello " * 20))


class TestLoading:
    def test_it_is_recognised(self, home: Path) -> None:
        whole, aligned = load_llm(str(home / "whole")), load_llm(str(home / "alignment"))
        for llm in (whole, aligned):
            assert isinstance(llm, MultimodalLLM)
            assert isinstance(llm, LLM)
            assert llm.perceives() == {"image", "video", "audio"}
            assert llm.settings.dialect == "lines"
            assert not llm.settings.system
            assert llm.memory > 50_000
        assert (whole.name, aligned.name) == ("whole", "alignment")
        write_adapter(home / "adapter", home / "qwen3")
        for other in ("qwen3", "adapter", "Qwen/Qwen3-0.6B"):
            spec = other if "/" in other else str(home / other)
            assert isinstance(load_llm(spec), TransformersLLM)

    def test_an_alignment_writes_what_its_whole_writes(
        self, home: Path, llm: MultimodalLLM
    ) -> None:
        """The adapter has learnt nothing, so it changes nothing; the projections are the same."""
        aligned = load_llm(str(home / "alignment"), device="cpu")
        assert written(aligned, everything()) == written(llm, everything())

    def test_parts_of_an_alignment_may_lie_elsewhere(
        self, home: Path, llm: MultimodalLLM, tmp_path: Path
    ) -> None:
        folder = Path(shutil.copytree(home / "alignment", tmp_path / "alignment"))
        said = (folder / "modaverse.json").read_text().replace(str(home), "/gone")
        (folder / "modaverse.json").write_text(said)
        with pytest.raises(BackendMissing, match="gone"):
            MultimodalLLM(folder, device="cpu").load()
        parts = {"language_model": "qwen3", "vision": "siglip", "audio": "whisper"}
        places: Any = {part: home / name for part, name in parts.items()}
        moved = MultimodalLLM(folder, **places, device="cpu")
        assert written(moved, everything()) == written(llm, everything())

    def test_an_alignment_of_another_base_is_refused_with_both_names(self, home: Path) -> None:
        llm = load_llm(str(home / "alignment"), language_model=home / "llama", device="cpu")
        with pytest.raises(ConfigError) as caught:
            written(llm, ask())
        assert str(home / "qwen3") in caught.value.message
        assert str(home / "llama") in caught.value.message

    def test_a_whole_model_takes_no_parts(self, home: Path) -> None:
        llm = MultimodalLLM(home / "whole", vision=home / "clip", device="cpu")
        with pytest.raises(ConfigError, match="whole model"):
            llm.load()

    def test_missing_weights_are_not_made_up(self, home: Path, tmp_path: Path) -> None:
        from safetensors.torch import load_file, save_file

        folder = Path(shutil.copytree(home / "whole", tmp_path / "whole"))
        weights = load_file(folder / "model.safetensors")
        del weights["projections.audio.layers.0.weight"]
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        with pytest.raises(LLMError, match="lacks 1 of the model's weights"):
            MultimodalLLM(folder, device="cpu").load()

    def test_half_precision_is_widened_for_the_cpu(self, home: Path, tmp_path: Path) -> None:
        model = ModaVerseForConditionalGeneration.from_pretrained(home / "whole")
        model.half().save_pretrained(tmp_path)
        ModaVerseProcessor.from_pretrained(home / "whole").save_pretrained(tmp_path)
        loaded = MultimodalLLM(tmp_path, device="cpu").load()
        assert {weights.dtype for weights in loaded.model.parameters()} == {torch.float32}

    def test_it_can_be_unloaded_and_used_again(self, home: Path) -> None:
        llm = MultimodalLLM(home / "alignment", device="cpu")
        before = written(llm, everything())
        llm.unload()
        assert written(llm, everything()) == before

    def test_a_model_without_eyes_says_so(self, home: Path, tmp_path: Path) -> None:
        deaf = ModaVerseForConditionalGeneration.from_parts(home / "llama", home / "clip")
        save_alignment(deaf, tmp_path)
        llm = load_llm(str(tmp_path), device="cpu")
        assert isinstance(llm, MultimodalLLM)
        assert llm.perceives() == {"image", "video"}
        assert written(llm, ask(audio1=sound(1)))

    def test_nothing_is_shown_on_the_screen(
        self, home: Path, capfd: pytest.CaptureFixture[str]
    ) -> None:
        written(MultimodalLLM(home / "alignment", device="cpu"), everything())
        captured = capfd.readouterr()
        assert (captured.out, captured.err) == ("", "")


class Watching(ScriptedLLM):
    """Keeps the requests that it was asked."""

    def __init__(self, plans: list[Plan | str]) -> None:
        super().__init__(plans)
        self.asked: list[LLMRequest] = []

    def stream(self, request: LLMRequest) -> Iterator[str]:
        self.asked.append(request)
        return super().stream(request)


DRAW = Plan(text="Here.", calls=(ToolCall(id=1, tool="echo-image", prompt="a fox"),))
CAPTION = Plan(
    calls=(ToolCall(id=1, tool="echo-caption", prompt="", inputs=("image1",)),), text="It is:"
)


class TestThroughTheAgent:
    def test_values_come_with_their_handles(self) -> None:
        watching = Watching([Plan(text="I see.")])
        Agent(watching, echo.toolbox()).plan("what are they?", [picture(1), sound(1), picture(2)])
        media = watching.asked[0].media
        assert list(media) == ["image1", "audio1", "image2"]
        assert media["image2"] == picture(2)

    def test_results_of_earlier_turns_are_values_and_texts_are_not(self) -> None:
        watching = Watching([DRAW, CAPTION, Plan(text="Yes.")])
        chat = Chat(Agent(watching, echo.toolbox()))
        for request in ("draw a fox", "what is it?", "thanks"):
            chat.send(request)
        assert [list(request.media) for request in watching.asked] == [[], ["image1"], ["image1"]]
        assert "text1" in watching.asked[2].handles

    def test_a_second_round_sees_what_the_first_made(self) -> None:
        watching = Watching([DRAW, Plan(text="Done.")])
        agent = Agent(watching, echo.toolbox(), settings=AgentSettings(max_rounds=2))
        reply = agent.chat("draw a fox")
        assert watching.asked[1].messages[-1].handles == ("image1",)
        assert watching.asked[1].media["image1"] == reply.images[0]

    def test_an_agent_plans_from_what_it_sees(self, llm: MultimodalLLM) -> None:
        chat = Chat(Agent(llm, echo.toolbox(), settings=AgentSettings(max_tokens=60)))
        plans = [chat.send("what is it?", picture(n)).plan for n in (1, 2)]
        assert plans[0] != plans[1]
