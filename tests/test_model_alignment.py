"""Alignments as small files: what they hold, who reads them, and which are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from modaverse.errors import BackendMissing, ConfigError, LLMError
from modaverse.llm.debug import write_checkpoint
from modaverse.model import (
    ModaVerseForConditionalGeneration,
    ModaVerseProcessor,
    add_lora,
    load_alignment,
    save_alignment,
)
from modaverse.model.alignment import assemble, read_alignment
from tests.multimodal import ask, film, picture, sound, write_parts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("parts"))


def assembled(home: Path, *names: str | None, **options: Any) -> ModaVerseForConditionalGeneration:
    language, eyes, ears = (home / name if name else None for name in names)
    return ModaVerseForConditionalGeneration.from_parts(language or "", eyes, ears, **options)


def taught(model: ModaVerseForConditionalGeneration) -> ModaVerseForConditionalGeneration:
    """With an adapter and projections that are not at their start any more."""
    from peft import LoraConfig

    lora = LoraConfig(
        r=2, target_modules=["q_proj", "o_proj"], init_lora_weights=False, task_type="CAUSAL_LM"
    )
    add_lora(model, lora)
    for weights in model.projections.parameters():
        torch.nn.init.normal_(weights, 0, 0.02)
    model.eval()
    return model


@pytest.fixture(scope="module")
def model(home: Path) -> ModaVerseForConditionalGeneration:
    torch.manual_seed(0)
    return taught(assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2, projection="mlp"))


@pytest.fixture(scope="module")
def folder(
    model: ModaVerseForConditionalGeneration, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    return save_alignment(model, tmp_path_factory.mktemp("saved") / "alignment")


def batch(model: ModaVerseForConditionalGeneration) -> Any:
    processor = ModaVerseProcessor.from_parts(model.config)
    return processor([ask("hi", image1=picture(1), video1=film(1), audio1=sound(1)), ask("hi")])


def logits(model: ModaVerseForConditionalGeneration) -> Tensor:
    with torch.inference_mode():
        answer: Tensor = model(**batch(model)).logits
    return answer


class TestFiles:
    def test_they_are_small_and_plain(self, folder: Path) -> None:
        assert {path.name for path in folder.iterdir()} == {
            "adapter", "modaverse.json", "projections.safetensors"
        }  # fmt: skip
        said = json.loads((folder / "modaverse.json").read_text())
        assert said["language_model"]["name"].endswith("/qwen3")
        assert (said["vision_tokens"], said["dialect"], said["system"]) == (2, "lines", False)
        assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 100_000

    def test_plain_peft_loads_the_adapter(
        self, home: Path, model: ModaVerseForConditionalGeneration, folder: Path
    ) -> None:
        from peft import PeftModel
        from transformers import AutoModelForCausalLM

        base = AutoModelForCausalLM.from_pretrained(home / "qwen3")
        plain = PeftModel.from_pretrained(base, folder / "adapter").eval()
        words = batch(model)["input_ids"]
        assert torch.equal(plain(words).logits, model.language_model(words).logits)
        keys = {name.split(".")[0] for name in _adapter(folder)}
        assert keys == {"base_model"}
        assert not any("modules_to_save" in name for name in _adapter(folder))

    def test_a_gathered_state_is_written_instead_of_the_models_own(
        self, model: ModaVerseForConditionalGeneration, folder: Path, tmp_path: Path
    ) -> None:
        gathered = {name: value.clone() for name, value in model.state_dict().items()}
        taught = ("lora_", "projections.")
        untaught = {
            name: torch.full_like(value, 0.5) if any(part in name for part in taught) else value
            for name, value in gathered.items()
        }
        save_alignment(model, tmp_path, state=untaught)
        assert all((value == 0.5).all() for value in _adapter(tmp_path).values())
        assert _adapter(tmp_path).keys() == _adapter(folder).keys()
        same = save_alignment(model, tmp_path / "same", state=gathered)
        for file in ("projections.safetensors", "adapter/adapter_model.safetensors"):
            assert (same / file).read_bytes() == (folder / file).read_bytes()

    def test_projections_alone(self, home: Path, tmp_path: Path) -> None:
        lone = assembled(home, "llama", "clip", None)
        save_alignment(lone, tmp_path)
        assert not (tmp_path / "adapter").exists()
        whole, _ = assemble(tmp_path)
        assert torch.equal(logits(whole), logits(lone.eval()))


class TestReading:
    @pytest.mark.parametrize("merge", [True, False])
    def test_a_whole_model_is_put_together_again(
        self, model: ModaVerseForConditionalGeneration, folder: Path, merge: bool
    ) -> None:
        whole, processor = assemble(folder, merge=merge)
        assert hasattr(whole.language_model, "peft_config") is not merge
        assert torch.allclose(logits(whole.eval()), logits(model), atol=1e-5)
        assert processor.soft.vision_tokens == 2
        learning = [weights.requires_grad for weights in whole.language_model.parameters()]
        assert not any(learning) or merge

    def test_it_goes_on_learning(
        self, home: Path, model: ModaVerseForConditionalGeneration, folder: Path
    ) -> None:
        fresh = assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2, projection="mlp")
        load_alignment(fresh, folder, trainable=True)
        names = {n for n, p in fresh.language_model.named_parameters() if p.requires_grad}
        assert names
        assert all("lora_" in name for name in names)
        assert torch.allclose(logits(fresh.eval()), logits(model), atol=1e-6)

    def test_an_adapter_that_is_there_takes_the_weights(
        self, home: Path, model: ModaVerseForConditionalGeneration, folder: Path
    ) -> None:
        other = taught(
            assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2, projection="mlp")
        )
        assert (logits(other) - logits(model)).abs().max() > 1e-4
        load_alignment(other, folder)
        assert torch.equal(logits(other), logits(model))

    def test_parts_that_moved_are_named_anew(
        self, home: Path, model: ModaVerseForConditionalGeneration, folder: Path, tmp_path: Path
    ) -> None:
        for name in ("qwen3", "siglip", "whisper"):
            shutil.copytree(home / name, tmp_path / "there" / name)
        moved = shutil.copytree(folder, tmp_path / "there" / "alignment")
        said = (moved / "modaverse.json").read_text()
        (moved / "modaverse.json").write_text(said.replace(str(home), "/gone"))
        with pytest.raises(BackendMissing, match="language model '/gone/qwen3'") as caught:
            assemble(moved)
        assert "language_model= in load_llm" in caught.value.hint
        places: Any = {"language_model": "qwen3", "vision": "siglip", "audio": "whisper"}
        named: Any = {part: str(tmp_path / "there" / name) for part, name in places.items()}
        whole, _ = assemble(moved, **named)
        assert torch.allclose(logits(whole.eval()), logits(model), atol=1e-5)
        (moved / "modaverse.json").write_text(said.replace(str(home), ".."))  # beside it
        assert torch.equal(logits(assemble(moved)[0].eval()), logits(whole))

    def test_what_is_none_is_refused(self, home: Path, tmp_path: Path) -> None:
        with pytest.raises(ConfigError, match="holds no alignment"):
            read_alignment(home / "qwen3")
        others = '{"dialect":"lines","system":false}', '{"language_model": 3}', "[]", "{"
        probed = '{"language_model": {"name": "x", "model_type": "y", "sizes": {}, "probe": ["z"]}}'
        for none in (*others, '{"language_model": {"name": "x"}}', probed):
            (tmp_path / "modaverse.json").write_text(none)
            with pytest.raises(ConfigError, match="holds no alignment"):
                read_alignment(tmp_path)


class TestForeign:
    def refused(self, model: ModaVerseForConditionalGeneration, folder: Path) -> str:
        with pytest.raises(ConfigError, match="does not fit") as caught:
            load_alignment(model, folder)
        assert caught.value.hint
        return caught.value.message

    @pytest.mark.parametrize(
        ("names", "trained", "given"),
        [
            (("llama", "siglip", "whisper"), "/qwen3", "/llama"),
            (("qwen3", "clip", "whisper"), "/siglip", "/clip"),
            (("qwen3", "siglip", "clap"), "/whisper", "/clap"),
            (("qwen3", "siglip", None), "/whisper", "no audio encoder"),
        ],
    )
    def test_other_parts_are_refused_with_both_names(
        self, home: Path, folder: Path, names: tuple[str | None, ...], trained: str, given: str
    ) -> None:
        message = self.refused(assembled(home, *names), folder)
        assert trained in message
        assert given in message

    def test_a_model_that_only_has_the_name_is_refused(
        self, home: Path, folder: Path, tmp_path: Path
    ) -> None:
        write_checkpoint(tmp_path / "qwen3", width=64)
        for part in ("siglip", "whisper"):
            shutil.copytree(home / part, tmp_path / part)
        model = assembled(tmp_path, "qwen3", "siglip", "whisper")
        message = self.refused(model, folder)
        assert str(tmp_path / "qwen3") in message
        # and where it lies at the very place of the other, sizes tell them apart
        moved = shutil.copytree(folder, tmp_path / "alignment")
        said = (moved / "modaverse.json").read_text()
        (moved / "modaverse.json").write_text(said.replace(str(home), str(tmp_path)))
        message = self.refused(model, moved)
        assert "(qwen3: hidden_size 32, " in message
        assert "(qwen3: hidden_size 64, " in message

    @pytest.mark.parametrize("part", ["qwen3", "siglip", "whisper"])
    def test_other_weights_of_the_same_name_and_sizes_are_refused(
        self, home: Path, folder: Path, tmp_path: Path, part: str
    ) -> None:
        shutil.copytree(home, tmp_path / "parts")
        _change_weights(tmp_path / "parts" / part)
        there = assembled(tmp_path / "parts", "qwen3", "siglip", "whisper")
        assert f"{part}, which has other weights" in self.refused(there, folder).replace("'", "")

    def test_without_a_probe_it_goes_by_the_name(
        self, home: Path, folder: Path, tmp_path: Path
    ) -> None:
        shutil.copytree(home, tmp_path / "parts")
        _change_weights(tmp_path / "parts" / "siglip")
        older = Path(shutil.copytree(folder, tmp_path / "alignment"))
        said = json.loads((older / "modaverse.json").read_text())
        for part in ("language_model", "vision", "audio"):
            del said[part]["probe"]
        (older / "modaverse.json").write_text(json.dumps(said))
        options: Any = {"vision_tokens": 2, "projection": "mlp"}
        load_alignment(
            assembled(tmp_path / "parts", "qwen3", "siglip", "whisper", **options), older
        )

    @pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float16])
    def test_the_same_weights_fit_under_any_name_and_in_any_type(
        self, home: Path, folder: Path, tmp_path: Path, dtype: torch.dtype
    ) -> None:
        for part in ("qwen3", "siglip", "whisper"):
            shutil.copytree(home / part, tmp_path / f"my-{part}")
        model = assembled(
            tmp_path, "my-qwen3", "my-siglip", "my-whisper", vision_tokens=2, projection="mlp"
        )
        load_alignment(model.to(dtype), folder)

    def test_weights_that_do_not_fit_are_refused(
        self, home: Path, folder: Path, tmp_path: Path
    ) -> None:
        linear = assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2)
        with pytest.raises(ConfigError, match="weights of the alignment"):
            load_alignment(linear, folder)
        spoilt = Path(shutil.copytree(folder, tmp_path / "alignment"))
        (spoilt / "adapter" / "adapter_model.safetensors").write_bytes(b"nothing")
        with pytest.raises(LLMError, match="damaged"):
            assemble(spoilt)

    def test_an_adapter_of_another_kind_is_refused(self, home: Path, folder: Path) -> None:
        other = assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2, projection="mlp")
        from peft import LoraConfig

        add_lora(other, LoraConfig(r=2, target_modules=["v_proj"], task_type="CAUSAL_LM"))
        with pytest.raises(ConfigError, match="no place"):
            load_alignment(other, folder)
        wide = assembled(home, "qwen3", "siglip", "whisper", vision_tokens=2, projection="mlp")
        add_lora(wide)
        with pytest.raises(ConfigError, match="alignment"):
            load_alignment(wide, folder)


def _change_weights(folder: Path) -> None:
    """As if the model had been trained on a little, but for its embeddings."""
    from safetensors.torch import load_file, save_file

    file = folder / "model.safetensors"
    weights = load_file(file)
    changed = {
        name: value if "embed" in name else value * (1 + 0.02 * torch.randn_like(value))
        for name, value in weights.items()
    }
    save_file(changed, file, {"format": "pt"})


def _adapter(folder: Path) -> dict[str, Tensor]:
    from safetensors.torch import load_file

    weights: dict[str, Tensor] = load_file(folder / "adapter" / "adapter_model.safetensors")
    return weights
