"""The nano model with eyes and ears: what ships, what is loaded when, and adapters upon it."""

from __future__ import annotations

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from modaverse.agent import Agent
from modaverse.errors import BackendMissing, ConfigError, RequestError
from modaverse.llm import LLM, LLMRequest, Message, MultimodalLLM, TransformersLLM, load_llm
from modaverse.llm.debug import write_adapter, write_checkpoint
from modaverse.llm.installed import Installed, fingerprint, home_of, install
from modaverse.llm.local import LocalLLM
from modaverse.llm.taught import TaughtLLM
from modaverse.media import Image, Video, modality_of
from modaverse.model import ModaVerseForConditionalGeneration, add_lora, save_alignment
from modaverse.model.alignment import assemble, read_alignment
from modaverse.model.debug import write_encoder
from modaverse.plan import check
from modaverse.toolbox import Toolbox
from modaverse_tools import nano_llm
from modaverse_training.alignment.reading import write_config
from modaverse_training.nano import senses
from modaverse_training.newtool import align
from modaverse_training.newtool.align import Wishes
from tests.alignment_models import settings
from tests.multimodal import ask, film, picture, sound


@pytest.fixture(autouse=True)
def _own_adapters(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MODAVERSE_ADAPTERS", str(tmp_path / "adapters"))


def write_networks(weights: Path) -> None:
    """Residual networks as nano's, but tiny: `vision` and `hearing`."""
    from transformers import (
        ResNetConfig,
        ResNetModel,
        SiglipImageProcessorPil,
        WhisperFeatureExtractor,
    )

    torch.manual_seed(1)
    sizes: dict[str, Any] = {"embedding_size": 8, "hidden_sizes": [8, 16], "depths": [1, 1]}
    eyes = ResNetConfig(**sizes, layer_type="basic")
    ears = ResNetConfig(**sizes, layer_type="basic", num_channels=1)
    side = {"height": 32, "width": 32}
    for name, config, prepares in (
        ("vision", eyes, SiglipImageProcessorPil(size=side)),
        ("hearing", ears, WhisperFeatureExtractor(feature_size=16, chunk_length=2)),
    ):
        ResNetModel(config).half().save_pretrained(weights / name)
        prepares.save_pretrained(weights / name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`weights` as they are before the run, and the run: a LoRA and projections that do a lot."""
    home = tmp_path_factory.mktemp("made")
    weights = home / "weights"
    language = write_checkpoint(weights / "lm")
    write_networks(weights)
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM

    AutoModelForCausalLM.from_pretrained(language).bfloat16().save_pretrained(language)
    (language / "modaverse.json").write_text('{"dialect":"lines","system":false}\n')
    (language / "README.md").write_text("a card\n")
    torch.manual_seed(0)
    model = ModaVerseForConditionalGeneration.from_parts(
        language, weights / "vision", weights / "hearing", dtype=torch.float32, max_frames=2,
        context=256,
    )  # fmt: skip
    lora = LoraConfig(
        r=2, lora_alpha=8, target_modules="all-linear", init_lora_weights=False,
        task_type="CAUSAL_LM",
    )  # fmt: skip
    add_lora(model, lora)
    for values in model.projections.parameters():
        torch.nn.init.normal_(values, 0, 0.5)
    save_alignment(model, home / "run" / "alignment")
    write_config(settings(language, home / "rows.jsonl", home / "run"), home / "run/config.toml")
    return home


@pytest.fixture(scope="module")
def shipped(made: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights with senses, in another place than where they were trained."""
    home = copied(made, tmp_path_factory.mktemp("shipped"))
    senses.ship(home / "run", home / "weights")
    return home / "weights"


@pytest.fixture
def nano(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The weights in the place of nano's."""
    monkeypatch.setattr(nano_llm, "FOLDER", shipped / "lm")
    return shipped


def copied(made: Path, to: Path) -> Path:
    """Weights and run, which may be changed."""
    shutil.copytree(made, to, dirs_exist_ok=True)
    return to


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def written(llm: LLM, request: LLMRequest) -> str:
    return "".join(llm.stream(request))


def everything() -> LLMRequest:
    return ask(image1=picture(1), audio1=sound(1), video1=film(1))


def warm(request: LLMRequest, seed: int) -> LLMRequest:
    sampling = replace(request.sampling, seed=seed, temperature=1.0, max_tokens=200)
    return replace(request, sampling=sampling)


class TestShipping:
    def test_nothing_but_senses_changes(self, made: Path, shipped: Path) -> None:
        before, after = (
            {str(path.relative_to(home)): path.read_bytes() for path in files_of(home)}
            for home in (made / "weights", shipped)
        )
        assert {name for name in after if not name.startswith("senses/")} == before.keys()
        assert all(after[name] == data for name, data in before.items())

    def test_the_adapter_is_stored_in_bfloat16_and_names_no_place(
        self, made: Path, shipped: Path
    ) -> None:
        from safetensors.torch import load_file

        name = "adapter/adapter_model.safetensors"
        learnt, stored = (
            load_file(made / "run/alignment" / name),
            load_file(shipped / "senses" / name),
        )
        assert learnt.keys() == stored.keys()
        for key, value in stored.items():
            assert value.dtype == torch.bfloat16
            assert torch.equal(value, learnt[key].bfloat16())
        said = json.loads((shipped / "senses/adapter/adapter_config.json").read_text())
        assert said["base_model_name_or_path"] == "../../lm"
        for path in files_of(shipped / "senses"):
            for place in (made, shipped.parent):
                assert str(place).encode() not in path.read_bytes()
        projections = "projections.safetensors"
        mine, learned = shipped / "senses" / projections, made / "run/alignment" / projections
        assert mine.read_bytes() == learned.read_bytes()

    def test_it_names_its_parts_beside_it(self, shipped: Path) -> None:
        names = {path.name for path in (shipped / "senses").iterdir()}
        assert names == {"adapter", "modaverse.json", "projections.safetensors"}
        names = {path.name for path in (shipped / "senses/adapter").iterdir()}
        assert names == {"adapter_config.json", "adapter_model.safetensors"}
        said = json.loads((shipped / "senses/modaverse.json").read_text())
        parts = [said[part]["name"] for part in ("language_model", "vision", "audio")]
        assert parts == ["../lm", "../vision", "../hearing"]
        assert (said["adapter"], said["context"], said["max_frames"]) == ("media", None, 2)
        alignment = read_alignment(shipped / "senses")
        assert alignment.adapter == shipped / "senses/adapter"
        assert alignment.home("audio") == str(shipped / "hearing")

    def test_it_sees_and_hears_what_the_run_had_learnt(self, made: Path, shipped: Path) -> None:
        """The shipped whole against base and adapter: apart by the rounding to bfloat16 only."""
        loaded = load_llm(str(shipped / "senses"), device="cpu").load()  # type: ignore[attr-defined]
        prompted = loaded.prompt.read(everything())
        beside = loaded.perceive(everything(), prompted)
        run, _ = assemble(made / "run/alignment", dtype=torch.float32)
        with torch.inference_mode():
            tokens = torch.tensor([prompted.tokens])
            mine, wanted = (each.eval()(tokens, **beside).logits for each in (loaded.model, run))
            blind = run(tokens).logits
        assert (mine - wanted).abs().max() < 0.05
        assert (wanted - blind).abs().max() > 0.3

    def test_the_command_may_be_repeated(self, made: Path, tmp_path: Path) -> None:
        home = copied(made, tmp_path)
        folder = senses.ship(home / "run", home / "weights")
        first = {path: path.read_bytes() for path in files_of(folder)}
        (folder / "README.md").write_text("a card\n")
        (folder / "projections.safetensors").unlink()
        (folder / "adapter/left.bin").write_bytes(b"over")
        senses.ship(home / "run", home / "weights")
        card = {folder / "README.md": b"a card\n"}
        assert {path: path.read_bytes() for path in files_of(folder)} == first | card

    def test_a_run_without_an_adapter_ships_none(self, made: Path, tmp_path: Path) -> None:
        home = copied(made, tmp_path)
        folder = senses.ship(home / "run", home / "weights")
        path = home / "run/alignment/modaverse.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"adapter": False}))
        senses.ship(home / "run", home / "weights")
        assert read_alignment(folder).adapted is False
        assert not (folder / "adapter").exists()

    def test_another_language_model_is_refused(self, made: Path, tmp_path: Path) -> None:
        home = copied(made, tmp_path)
        write_checkpoint(home / "weights/lm", seed=1)
        with pytest.raises(ConfigError, match="lm, whose weights are not those") as caught:
            senses.ship(home / "run", home / "weights")
        assert "model.language=" in caught.value.hint
        path = home / "run/alignment/modaverse.json"
        path.write_text(path.read_text().replace(str(made / "weights/lm"), "/gone/base"))
        assert senses.ship(home / "run", home / "weights")  # of the same sizes: who could tell?
        shutil.rmtree(home / "weights/senses")
        others: tuple[dict[str, Any], ...] = ({"layers": 3}, {"architecture": "llama"})
        for other in others:
            shutil.rmtree(home / "weights/lm")
            write_checkpoint(home / "weights/lm", **other)
            with pytest.raises(ConfigError, match="/gone/base, whose weights are not those"):
                senses.ship(home / "run", home / "weights")
        assert not (home / "weights/senses").exists()

    def test_other_encoders_are_refused_and_missing_ones_named(
        self, made: Path, tmp_path: Path
    ) -> None:
        home = copied(made, tmp_path)
        write_encoder(home / "weights/vision", "siglip")
        with pytest.raises(ConfigError, match="vision, whose weights are not those") as caught:
            senses.ship(home / "run", home / "weights")
        assert "model.vision=" in caught.value.hint
        shutil.rmtree(home / "weights/hearing")
        shutil.rmtree(home / "weights/vision")
        with pytest.raises(BackendMissing, match="vision is not there"):
            senses.ship(home / "run", home / "weights")
        assert fingerprint(home / "weights/lm") == fingerprint(made / "weights/lm")

    def test_the_command_line(
        self,
        made: Path,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        home = copied(made, tmp_path)
        words = ["--run", str(home / "run"), "--weights", str(home / "weights")]
        monkeypatch.setattr(sys, "argv", ["senses", *words])
        senses.main()
        assert capsys.readouterr().out.strip() == str(home / "weights/senses")


class TestNano:
    def test_it_is_nano_and_perceives_and_loads_nothing_before(self, nano: Path) -> None:
        llm = load_llm("nano", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        assert llm.name == Agent(llm).llm.name == "nano"
        assert llm.perceives() == {"image", "video", "audio"}
        files = nano.rglob("*.safetensors")
        assert llm.memory == sum(file.stat().st_size for file in files)
        assert (llm.settings.dialect, llm.settings.context) == ("lines", None)
        assert llm._words is llm._loaded is None
        assert nano_llm.homes() == [nano / name for name in ("lm", "senses", "vision", "hearing")]

    @pytest.mark.parametrize("absent", ["senses", "senses/adapter", "vision", "hearing"])
    def test_without_a_part_it_is_as_before(
        self, shipped: Path, tmp_path: Path, absent: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        weights = Path(shutil.copytree(shipped, tmp_path / "weights"))
        shutil.rmtree(weights / absent)
        monkeypatch.setattr(nano_llm, "FOLDER", weights / "lm")
        assert isinstance(load_llm("nano"), TransformersLLM)
        assert nano_llm.homes() == [weights / "lm"]

    def test_text_alone_is_read_as_by_the_language_model_alone(self, nano: Path) -> None:
        llm, plain = load_llm("nano", device="cpu"), TransformersLLM(nano / "lm", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        requests = [warm(ask(text), seed) for seed, text in enumerate(("draw a fox", "hello", ""))]
        wanted = [written(plain, request) for request in requests]
        assert [written(llm, request) for request in requests] == wanted
        assert llm.write(requests) == plain.write(requests)
        assert llm._loaded is None  # no encoder was read
        assert written(llm, everything())
        assert llm._loaded is not None
        assert [written(llm, request) for request in requests] == wanted
        assert llm.write(requests) == plain.write(requests)

    def test_what_is_not_perceived_is_text(self, nano: Path) -> None:
        llm = load_llm("nano", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        request = replace(ask(image1=picture(1)), media={})  # known by its handle only
        plain = TransformersLLM(nano / "lm", device="cpu")
        assert written(llm, request) == written(plain, request)
        assert llm._loaded is None

    def test_only_the_turns_that_bring_media_are_planned_with_the_senses(self, nano: Path) -> None:
        llm, plain = load_llm("nano", device="cpu"), TransformersLLM(nano / "lm", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        made = [Message("user", "draw a cat"), Message("assistant", "Here it is.", ("image1",))]
        given = [Message("user", "look", ("image2",)), Message("assistant", "I see.")]
        for earlier in (made, given):
            request = ask("now a dog", earlier=earlier, image1=picture(1), image2=picture(2))
            request = replace(
                request, messages=(*earlier, Message("user", "now a dog"))
            )  # nothing new is attached
            assert written(llm, request) == written(plain, request)
        assert llm._loaded is None
        assert written(llm, ask("and this?", earlier=[*made, *given], image3=picture(2)))
        assert llm._loaded is not None

    def test_media_are_planned_with_what_was_learnt(self, made: Path, nano: Path) -> None:
        """By the weights of base and adapter, merged in float32, and by no others."""
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        llm = load_llm("nano", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        before = written(llm, ask("draw a fox"))
        base: Any = AutoModelForCausalLM.from_pretrained(nano / "lm", dtype=torch.float32)
        learnt = PeftModel.from_pretrained(base, str(nano / "senses/adapter")).merge_and_unload()
        mine = llm.load().model.language_model.state_dict()
        assert all(torch.equal(value, mine[name]) for name, value in learnt.state_dict().items())
        assert written(llm, ask("draw a fox")) == before
        always = Path(shutil.copytree(nano, made.parent / "always")) / "senses"
        said = json.loads((always / "modaverse.json").read_text())
        planned = [written(llm, warm(everything(), seed)) for seed in range(2)]
        for adapter in (True, False):
            (always / "modaverse.json").write_text(json.dumps(said | {"adapter": adapter}))
            other = MultimodalLLM(always, device="cpu")
            plans = [written(other, warm(everything(), seed)) for seed in range(2)]
            assert (plans == planned) is adapter

    def test_requests_with_media_and_without_may_be_written_together(self, nano: Path) -> None:
        llm, plain = load_llm("nano", device="cpu"), TransformersLLM(nano / "lm", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        long = "a fox " * 8000  # longer than it reads
        earlier = Message("user", "look", ("image1",))
        requests = [
            warm(everything(), 0), warm(ask("draw a fox"), 1), ask(long),
            warm(ask("draw it", earlier=[earlier], image1=picture(1)), 2), warm(ask("hello"), 3),
            ask(long, image1=picture(1)),
        ]  # fmt: skip
        together = llm.write(requests, batch=2)
        for number in (0, 1, 3, 4):
            assert together[number] == written(llm, requests[number])
        assert [together[1], together[4]] == [written(plain, requests[n]) for n in (1, 4)]
        assert all(isinstance(together[number], RequestError) for number in (2, 5))
        assert llm.write([]) == []

    def test_plans_with_something_attached_hold(self, nano: Path) -> None:
        llm = load_llm("nano", device="cpu")
        for seed in range(3):
            request = warm(everything(), seed)
            plan = llm.dialect(request.toolbox).parse(written(llm, request))
            assert check(plan, request.toolbox, request.handles) == ()
        assert written(llm, warm(ask(image1=picture(1)), 0)) != written(
            llm, warm(ask(image1=picture(2)), 0)
        )

    def test_unloading_lets_go_of_both(self, nano: Path) -> None:
        llm = load_llm("nano", device="cpu")
        assert isinstance(llm, MultimodalLLM)
        before = written(llm, everything()), written(llm, ask())
        llm.unload()
        assert llm._words is llm._loaded is None
        assert (written(llm, everything()), written(llm, ask())) == before

    def test_a_new_tool_is_taught_to_the_words_of_nano(self, nano: Path) -> None:
        base = align._base(Wishes(tool="star-map"))
        assert base.weights == str(nano / "lm")
        assert base.fingerprint() == fingerprint(nano / "lm")
        assert base.settings == TransformersLLM(nano / "lm").settings
        with pytest.raises(ConfigError, match="cannot be taught"):
            align._base(Wishes(tool="star-map", base=str(nano / "senses")))


class TestAdapters:
    def test_what_an_installed_one_teaches_is_all_that_it_plans(
        self, nano: Path, tmp_path: Path
    ) -> None:
        llm = load_llm("nano", device="cpu")
        before = [written(llm, request) for request in (ask("draw a fox"), everything())]
        write_adapter(tmp_path / "made" / "adapter", nano / "lm", rank=4)
        record = Installed(
            base="nano", weights=fingerprint(nano / "lm"), tools=("star-map",), made="2026-01-02"
        )
        install(tmp_path / "made", home_of("nano"), record)
        taught = load_llm("nano", device="cpu")
        assert isinstance(taught, TaughtLLM)
        assert taught.name == "nano+star-map"
        assert [written(taught, each) for each in (ask("draw a fox"), everything())] == before

    def test_a_given_one_is_put_on_top(self, nano: Path, tmp_path: Path) -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        llm = load_llm("nano", device="cpu")
        blind, seeing = written(llm, ask("draw a fox")), written(llm, everything())
        adapter = write_adapter(tmp_path / "made" / "adapter", nano / "lm", rank=4)
        taught = load_llm("nano", adapter=adapter, device="cpu")
        assert isinstance(taught, MultimodalLLM)
        plain = TransformersLLM(nano / "lm", adapter=adapter, device="cpu")
        assert written(taught, ask("draw a fox")) == written(plain, ask("draw a fox")) != blind
        assert taught._loaded is None
        assert written(taught, everything()) != seeing
        assert written(taught, ask("draw a fox")) == written(plain, ask("draw a fox"))
        network: Any = AutoModelForCausalLM.from_pretrained(nano / "lm", dtype=torch.float32)
        for each in (nano / "senses/adapter", adapter):
            network = PeftModel.from_pretrained(network, str(each)).merge_and_unload()
        mine = taught.load().model.language_model.state_dict()
        assert all(torch.equal(value, mine[name]) for name, value in network.state_dict().items())
        assert written(load_llm("nano", adapter=None, device="cpu"), everything()) == seeing

    def test_one_upon_the_adapter_of_an_alignment(self, made: Path, tmp_path: Path) -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        language, run = made / "weights/lm", made / "run/alignment"
        second = write_adapter(tmp_path / "second", language)
        llm = MultimodalLLM(run, adapter=second, device="cpu")
        network: Any = AutoModelForCausalLM.from_pretrained(language, dtype=torch.float32)
        for adapter in (run / "adapter", second):
            network = PeftModel.from_pretrained(network, str(adapter)).merge_and_unload()
        mine = llm.load().model.language_model.state_dict()
        assert all(torch.equal(value, mine[name]) for name, value in network.state_dict().items())

    def test_of_another_base_it_is_refused_with_both_names(
        self, nano: Path, tmp_path: Path
    ) -> None:
        other = write_checkpoint(tmp_path / "other", architecture="llama")
        adapter = write_adapter(tmp_path / "adapter", other)
        llm = MultimodalLLM(nano / "senses", adapter=adapter, device="cpu")
        with pytest.raises(ConfigError) as caught:
            written(llm, ask())
        assert str(other) in caught.value.message
        assert str(nano / "lm") in caught.value.message
        wide = write_checkpoint(tmp_path / "wide" / "lm", width=64)
        misfit = write_adapter(tmp_path / "misfit", wide)
        with pytest.raises(ConfigError, match="does not fit"):
            load_llm("nano", adapter=misfit, device="cpu").load()  # type: ignore[attr-defined]

    def test_a_whole_model_takes_one_too(self, nano: Path, tmp_path: Path) -> None:
        model, processor = assemble(nano / "senses", dtype=torch.float32)
        model.save_pretrained(tmp_path / "whole")
        processor.save_pretrained(tmp_path / "whole")
        adapter = write_adapter(tmp_path / "adapter", nano / "lm")
        whole = MultimodalLLM(tmp_path / "whole", adapter=adapter, device="cpu")
        upon = MultimodalLLM(nano / "senses", adapter=adapter, device="cpu")
        assert written(whole, everything()) == written(upon, everything())
        assert written(whole, everything()) != written(
            MultimodalLLM(nano / "senses", device="cpu"), everything()
        )


class TestAlignmentsWithoutAnAdapter:
    def test_one_that_was_lost_is_told(self, made: Path, tmp_path: Path) -> None:
        folder = Path(shutil.copytree(made / "run/alignment", tmp_path / "alignment"))
        assert read_alignment(folder).adapter == folder / "adapter"
        shutil.rmtree(folder / "adapter")
        with pytest.raises(ConfigError, match="lacks its adapter/") as caught:
            written(MultimodalLLM(folder, device="cpu"), ask())
        assert '"adapter": false' in caught.value.hint
        said = json.loads((folder / "modaverse.json").read_text())
        for value, adapted in ((None, False), (False, False)):
            text = {name: given for name, given in said.items() if name != "adapter"}
            text |= {} if value is None else {"adapter": value}
            (folder / "modaverse.json").write_text(json.dumps(text))
            assert read_alignment(folder).adapted is adapted
            assert written(MultimodalLLM(folder, device="cpu"), ask("draw a fox"))
        (folder / "modaverse.json").write_text(json.dumps(said | {"adapter": "media"}))
        llm = MultimodalLLM(folder, device="cpu")
        assert written(llm, ask("draw a fox"))  # needs none
        with pytest.raises(ConfigError, match="lacks its adapter/"):
            written(llm, everything())
        for wrong in ("no", 1, None, ["media"]):
            (folder / "modaverse.json").write_text(json.dumps(said | {"adapter": wrong}))
            with pytest.raises(ConfigError, match='neither true nor false nor "media"'):
                read_alignment(folder)

    def test_a_part_that_is_gone_is_told_when_it_is_needed(
        self, shipped: Path, tmp_path: Path
    ) -> None:
        weights = Path(shutil.copytree(shipped, tmp_path / "weights"))
        shutil.rmtree(weights / "vision")
        llm = MultimodalLLM(weights / "senses", device="cpu")
        assert written(llm, ask("draw a fox"))
        with pytest.raises(BackendMissing, match="vision"):
            written(llm, everything())


@pytest.mark.parametrize(
    ("handle", "alone", "looked"),
    [
        ("image1", "Here is your picture.\nimage-to-image from image1: make it red", False),
        ("image1", "Here is your video.\nimage-to-video from image1: make it jump", False),
        ("image1", "Here is your picture.\ntext-to-image: it", True),
        ("image1", "I cannot look inside image1 yet: I only know that it is an image.", True),
        ("video1", "Here is the sound of video1.\nvideo-to-audio from video1:", True),
    ],
)
def test_what_hands_a_picture_to_a_tool_is_planned_without_looking(
    nano: Path, monkeypatch: pytest.MonkeyPatch, handle: str, alone: str, looked: bool
) -> None:
    seen = "Here is your picture.\ntext-to-image: a fox"

    def stream(_: Any, request: LLMRequest) -> Any:
        yield seen if request.media else alone

    def write(_: Any, requests: Any, **__: Any) -> list[str]:
        return [seen if request.media else alone for request in requests]

    monkeypatch.setattr(LocalLLM, "stream", stream)
    monkeypatch.setattr(LocalLLM, "write", write)
    frames = np.zeros((4, 16, 16, 3), np.uint8)
    value = Image(frames[0]) if handle == "image1" else Video(frames, 4.0)
    request = LLMRequest(
        (Message("user", "do it", (handle,)),),
        Toolbox.default(),
        handles={handle: modality_of(value)},
        media={handle: value},
    )
    llm: Any = load_llm("nano", device="cpu")
    wanted = seen if looked else alone
    assert "".join(llm.stream(request)) == wanted
    assert llm.write([request]) == [wanted]
