"""The multimodal LLM of tiny random parts: gradients, batches, packing, generation, files."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from modaverse.errors import ConfigError, LLMError, MediaError
from modaverse.model import (
    ModaVerseConfig,
    ModaVerseForConditionalGeneration,
    ModaVerseProcessor,
    add_lora,
)
from modaverse.model.encoders import load_encoder
from tests.multimodal import EARS, EYES, LANGUAGES, ask, film, picture, sound, write_parts

PLAN = "Here.\ntext-to-image: a fox"
Built = tuple[ModaVerseForConditionalGeneration, ModaVerseProcessor]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("parts"))


def assembled(home: Path, *names: str | None, seed: int = 0, **options: Any) -> Built:
    language, eyes, ears = (home / name if name else None for name in names)
    torch.manual_seed(seed)
    model = ModaVerseForConditionalGeneration.from_parts(language or "", eyes, ears, **options)
    for name, weights in model.projections.named_parameters():
        if "time" in name:
            torch.nn.init.normal_(weights, 0, 0.02)  # as if it had learnt something
    return model.eval(), ModaVerseProcessor.from_parts(model.config)


@pytest.fixture(scope="module")
def built(home: Path) -> Built:
    """For tests that only read."""
    return assembled(home, "qwen3", "siglip", "whisper")


def rows() -> list[Any]:
    """Requests of different lengths, with none, one and several media of each kind."""
    return [
        ask("hi"),
        ask("two of them, and more", image1=picture(1), image2=picture(2), audio1=sound(1)),
        ask("it moves", video1=film(3), audio1=sound(2), audio2=sound(3)),
    ]


def logits(model: Any, batch: Any) -> Tensor:
    with torch.inference_mode():
        answer: Tensor = model(**batch).logits
    return answer


class TestReading:
    @pytest.mark.parametrize("language", LANGUAGES)
    @pytest.mark.parametrize("eyes", EYES)
    @pytest.mark.parametrize("ears", EARS)
    def test_any_parts_go_together(self, home: Path, language: str, eyes: str, ears: str) -> None:
        model, processor = assembled(home, language, eyes, ears, vision_tokens=6, audio_tokens=5)
        batch = processor(rows(), [PLAN, PLAN, "Yes."])
        answer = model(**batch)
        assert answer.logits.shape == (
            *batch["input_ids"].shape,
            model.config.text_config.vocab_size,
        )
        assert torch.isfinite(answer.loss)
        assert answer.loss.requires_grad
        soft = model.soft_tokens(batch["pixel_values"], batch["frame_times"], batch["audio_values"])
        assert soft[1].shape == (5, 6, 32)  # two pictures and three frames
        assert soft[2].shape == (3, 5, 32)

    @pytest.mark.parametrize("eyes", EYES)
    @pytest.mark.parametrize("ears", EARS)
    def test_one_token_is_the_encoders_own_summary(self, home: Path, eyes: str, ears: str) -> None:
        model, processor = assembled(home, "qwen3", eyes, ears, vision_tokens=1, audio_tokens=1)
        media = processor.encode(ask("hi", image1=picture(1), audio1=sound(1)))
        pixels, waves = torch.tensor(media.pixel_values), torch.tensor(media.audio_values)
        summary = model.vision_encoder(pixels).pooler_output
        expected = model.projections["vision"](summary[:, None])
        assert torch.allclose(model.soft_tokens(pixels)[1], expected, atol=1e-6)
        assert model.soft_tokens(audio_values=waves)[2].shape == (1, 1, 32)

    def test_features_stand_for_the_media_they_are_of(self, built: Built) -> None:
        model, processor = built
        batch = dict(processor(rows()))
        expected = logits(model, batch)
        features = {
            "vision_features": model.look(batch.pop("pixel_values")),
            "audio_features": model.listen(batch.pop("audio_values")),
        }
        assert torch.allclose(logits(model, {**batch, **features}), expected, atol=1e-6)
        answer = model.generate(**batch, **features, max_new_tokens=3, num_beams=2)
        assert answer.shape[0] == len(rows())

    def test_soft_tokens_take_their_places_in_order(self, built: Built) -> None:
        model, processor = built
        batch = processor([ask("hi", image1=picture(1), audio1=sound(1), image2=picture(2))])
        soft = model.soft_tokens(batch["pixel_values"], batch["frame_times"], batch["audio_values"])
        embeddings = torch.zeros(*batch["input_ids"].shape, 32)
        filled = model._filled(embeddings, batch["media_kinds"], soft)
        kinds = batch["media_kinds"][0]
        assert torch.equal(filled[0, kinds == 1], soft[1].flatten(0, 1))
        assert torch.equal(filled[0, kinds == 2], soft[2].flatten(0, 1))
        assert filled[0, kinds == 0].abs().max() == 0

    def test_what_is_seen_and_heard_matters(self, built: Built) -> None:
        model, processor = built
        pairs = [
            (
                {"image1": picture(1), "image2": picture(2)},
                {"image1": picture(2), "image2": picture(1)},
            ),
            ({"audio1": sound(1)}, {"audio1": sound(2)}),
            ({"video1": film(1, fps=2)}, {"video1": film(1, fps=8)}),
        ]
        for one, other in pairs:
            told = [logits(model, processor([ask("hi", **media)])) for media in (one, other)]  # type: ignore[arg-type]
            assert (told[0] - told[1]).abs().max() > 1e-5

    def test_a_picture_is_the_same_in_a_model_that_knows_time(self, home: Path) -> None:
        knows, processor = assembled(home, "qwen3", "siglip", None)
        knows_not, _ = assembled(home, "qwen3", "siglip", None, max_frames=1)
        assert "time" not in knows_not.projections
        batch = processor([ask("hi", image1=picture(1))])
        assert torch.allclose(logits(knows, batch), logits(knows_not, batch))

    def test_without_encoders_it_is_its_language_model(self, home: Path) -> None:
        model, processor = assembled(home, "llama", None, None)
        batch = processor([ask("hi", image1=picture(1)), ask("a longer one")])
        assert not len(model.projections)
        assert torch.equal(logits(model, batch), logits(model.language_model, _text(batch)))

    def test_media_and_places_must_agree(self, built: Built) -> None:
        model, processor = built
        batch = processor([ask("hi", image1=picture(1))])
        with pytest.raises(MediaError, match="4 places for vision tokens, and 0"):
            model(input_ids=batch["input_ids"], media_kinds=batch["media_kinds"])
        more = {**batch, "pixel_values": batch["pixel_values"].repeat(2, 1, 1, 1)}
        with pytest.raises(MediaError, match="and 8 tokens"):
            model(**{**more, "frame_times": torch.zeros(2)})

    def test_media_without_an_encoder_are_refused(self, home: Path) -> None:
        model, _ = assembled(home, "qwen3", None, "clap")
        with pytest.raises(MediaError, match="no vision encoder"):
            model.soft_tokens(torch.zeros(1, 3, 32, 32))

    def test_half_precision(self, home: Path) -> None:
        model, processor = assembled(home, "qwen3", "siglip", "whisper", dtype=torch.bfloat16)
        assert model.vision_encoder.dtype == torch.bfloat16
        assert {p.dtype for p in model.projections.parameters()} == {torch.float32}
        assert torch.isfinite(logits(model, processor(rows()))).all()

    def test_media_cost_no_word_of_the_vocabulary(self, home: Path, built: Built) -> None:
        from transformers import AutoModelForCausalLM

        plain = AutoModelForCausalLM.from_pretrained(home / "qwen3")
        assert (
            built[0].get_input_embeddings().weight.shape
            == plain.get_input_embeddings().weight.shape
        )


class TestLearning:
    def test_gradients_reach_projections_and_adapter_only(self, home: Path) -> None:
        model, processor = assembled(home, "qwen3", "clip", "whisper")
        add_lora(model)
        model.train()
        assert not model.vision_encoder.training
        assert not model.audio_encoder.training
        model(**processor(rows(), [PLAN] * 3)).loss.backward()
        learning = {name for name, weights in model.named_parameters() if weights.grad is not None}
        wanted = {n for n, _ in model.named_parameters() if "lora_" in n or "projections" in n}
        assert learning == wanted
        assert {"projections.vision.layers.0.weight", "projections.time.mix.weight"} <= wanted

    def test_checkpointed_activations_give_the_same_gradients(self, home: Path) -> None:
        def gradients(prepare: Callable[[Any], None]) -> list[Tensor]:
            model, processor = assembled(home, "llama", "siglip", "clap")
            torch.manual_seed(1)
            add_lora(model, _lora())
            prepare(model)
            model.train()
            model(**processor(rows(), [PLAN] * 3)).loss.backward()
            return [p.grad for p in model.parameters() if p.grad is not None]

        def checkpoint(model: Any) -> None:
            model.gradient_checkpointing_enable({"use_reentrant": False})

        pairs = list(zip(gradients(lambda _: None), gradients(checkpoint), strict=True))
        assert all(torch.allclose(one, other, atol=1e-7) for one, other in pairs)
        assert len(pairs) > 10

    def test_the_papers_numbers(self) -> None:
        """Vicuna-7B, rank 32 on q, k, v and o, one linear layer from 1024 to 4096: 37.75 M."""
        from transformers import CLIPVisionConfig, LlamaConfig

        eyes = CLIPVisionConfig(
            hidden_size=1024, intermediate_size=4096, num_hidden_layers=24, num_attention_heads=16
        )
        config = ModaVerseConfig(
            text_config=LlamaConfig(vocab_size=32000),  # 7B is its default
            vision_config=eyes,
            vision_tokens=1,
            max_frames=1,
        )
        with torch.device("meta"):
            model = ModaVerseForConditionalGeneration(config)
            add_lora(model)
        trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
        assert trained == 32 * 4 * 32 * (4096 + 4096) + 1024 * 4096 + 4096
        assert round(trained / 1e6, 2) == 37.75
        assert round(sum(p.numel() for p in model.parameters()) / 1e9, 1) == 7.1


class TestRowsTogether:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_a_batch_gives_what_single_rows_give(self, home: Path, language: str) -> None:
        model, processor = assembled(home, language, "siglip", "clap")
        together = processor(rows())
        for number, row in enumerate(rows()):
            alone = processor([row])
            size = alone["input_ids"].shape[1]
            read = logits(model, together)[number, -size:]
            assert torch.allclose(read, logits(model, alone)[0], atol=1e-5)

    @pytest.mark.parametrize("attention", ["sdpa", "eager"])
    @pytest.mark.parametrize("added", [False, True])
    def test_packed_rows_give_what_separate_rows_give(
        self, home: Path, attention: str, added: bool
    ) -> None:
        model, processor = assembled(home, "qwen3", "siglip", "whisper")
        model.set_attn_implementation(attention)
        encoded = [processor.encode(row, PLAN) for row in rows()]
        sizes = [len(row.input_ids) for row in encoded]
        row = torch.repeat_interleave(torch.arange(3), torch.tensor(sizes))
        places = torch.cat([torch.arange(size) for size in sizes])
        mask = (row[:, None] == row) & (torch.arange(len(row))[:, None] >= torch.arange(len(row)))
        whole: Tensor = mask[None, None]
        if added:
            whole = torch.zeros(whole.shape).masked_fill(~whole, torch.finfo(torch.float32).min)
        seen = [item for item in encoded if item.pixel_values is not None]
        packed = logits(
            model,
            {
                "input_ids": torch.cat([torch.tensor(r.input_ids) for r in encoded])[None],
                "media_kinds": torch.cat([torch.tensor(r.media_kinds) for r in encoded])[None],
                "position_ids": places[None],
                "attention_mask": whole,
                "pixel_values": torch.cat([torch.tensor(r.pixel_values) for r in seen]),
                "frame_times": torch.cat([torch.tensor(r.frame_times) for r in seen]),
                "audio_values": torch.cat([torch.tensor(r.audio_values) for r in seen]),
            },
        )[0]
        alone = [logits(model, processor([request], [PLAN])).squeeze(0) for request in rows()]
        assert torch.allclose(packed, torch.cat(alone), atol=1e-5)


class TestWriting:
    @pytest.mark.parametrize("language", LANGUAGES)
    def test_with_a_cache_it_writes_what_it_writes_without(self, home: Path, language: str) -> None:
        model, processor = assembled(home, language, "siglip", "whisper")
        batch = processor(rows())
        wrote = [
            model.generate(**batch, max_new_tokens=12, use_cache=cache, output_logits=True,
                           return_dict_in_generate=True)
            for cache in (True, False)
        ]  # fmt: skip
        assert torch.equal(wrote[0].sequences, wrote[1].sequences)
        pairs = zip(wrote[0].logits, wrote[1].logits, strict=True)
        assert all(torch.allclose(one, other, atol=1e-5) for one, other in pairs)
        assert wrote[0].sequences.shape[1] == batch["input_ids"].shape[1] + 12

    def test_a_batch_writes_what_single_rows_write(self, built: Built) -> None:
        model, processor = built
        size = processor(rows())["input_ids"].shape[1]
        together = model.generate(**processor(rows()), max_new_tokens=8)[:, size:]
        for number, row in enumerate(rows()):
            batch = processor([row])
            alone = model.generate(**batch, max_new_tokens=8)[:, batch["input_ids"].shape[1] :]
            assert torch.equal(together[number : number + 1], alone)

    def test_beams_keep_their_media(self, built: Built) -> None:
        model, processor = built
        options: dict[str, Any] = {"max_new_tokens": 6, "num_beams": 3, "num_return_sequences": 2}
        size = processor(rows())["input_ids"].shape[1]
        together = model.generate(**processor(rows()), **options)[:, size:]
        for number, row in enumerate(rows()):
            batch = processor([row])
            alone = model.generate(**batch, **options)[:, batch["input_ids"].shape[1] :]
            assert torch.equal(together[2 * number : 2 * number + 2, : alone.shape[1]], alone)

    def test_several_answers_to_words_alone(self, built: Built) -> None:
        model, processor = built
        wrote = model.generate(
            **processor([ask("hi")]), max_new_tokens=4, num_beams=2, num_return_sequences=2
        )
        assert wrote.shape[0] == 2


class TestFiles:
    @pytest.mark.parametrize(
        "names",
        [("qwen3", "siglip", "whisper"), ("llama", "clip", "clap"), ("llama", None, None)],
    )
    def test_it_comes_back_as_it_was(
        self, home: Path, tmp_path: Path, names: tuple[str | None, ...]
    ) -> None:
        model, processor = assembled(home, *names, projection="mlp", vision_tokens=2)
        model.save_pretrained(tmp_path)
        back, report = ModaVerseForConditionalGeneration.from_pretrained(
            tmp_path, output_loading_info=True
        )
        assert not any(report[kind] for kind in ("missing_keys", "unexpected_keys"))
        was, now = model.state_dict(), back.state_dict()
        assert was.keys() == now.keys()
        assert all(torch.equal(was[name], now[name]) for name in was)
        assert torch.equal(logits(back, processor(rows())), logits(model, processor(rows())))
        assert back.generation_config.eos_token_id == model.generation_config.eos_token_id
        frozen = [p for n, p in back.named_parameters() if "encoder." in n and "language" not in n]
        assert not any(weights.requires_grad for weights in frozen)

    def test_no_place_of_this_machine_is_written_down(
        self, home: Path, tmp_path: Path, built: Built
    ) -> None:
        built[0].save_pretrained(tmp_path)
        assert str(home) not in (tmp_path / "config.json").read_text()
        back = ModaVerseConfig.from_pretrained(tmp_path)
        assert back.part_names == {
            "language_model": "qwen3", "vision": "siglip", "audio": "whisper"
        }  # fmt: skip

    def test_tied_embeddings_stay_tied(self, tmp_path: Path, built: Built) -> None:
        built[0].save_pretrained(tmp_path)
        back = ModaVerseForConditionalGeneration.from_pretrained(tmp_path)
        assert back.get_output_embeddings().weight is back.get_input_embeddings().weight

    def test_the_auto_class_knows_it(self, tmp_path: Path, built: Built) -> None:
        from transformers import AutoModelForCausalLM

        built[0].save_pretrained(tmp_path)
        assert isinstance(
            AutoModelForCausalLM.from_pretrained(tmp_path), ModaVerseForConditionalGeneration
        )

    def test_with_an_adapter_it_is_not_saved_whole(self, home: Path, tmp_path: Path) -> None:
        model, _ = assembled(home, "qwen3", None, None)
        add_lora(model, _lora())
        with pytest.raises(ConfigError, match="has an adapter") as caught:
            model.save_pretrained(tmp_path)
        assert "merge_and_unload" in caught.value.hint
        model.language_model = model.language_model.merge_and_unload()
        model.save_pretrained(tmp_path)

    @pytest.mark.parametrize("encoder", [*EYES, *EARS])
    def test_an_encoder_is_read_with_the_rest_of_its_model_and_alone(
        self, home: Path, tmp_path: Path, encoder: str
    ) -> None:
        within = load_encoder(str(home / encoder), torch.float32)
        within.save_pretrained(tmp_path)
        alone = load_encoder(str(tmp_path), torch.float32)
        assert type(alone) is type(within)
        pairs = zip(within.state_dict().values(), alone.state_dict().values(), strict=True)
        assert all(torch.equal(one, other) for one, other in pairs)
        weights = list(within.parameters())
        assert not any(p.requires_grad for p in weights)

    @pytest.mark.parametrize(
        ("part", "lost"),
        [
            ("qwen3", "model.layers.1.mlp.up_proj.weight"),
            ("clap", "audio_model.audio_encoder.norm.weight"),
            ("siglip", "post_layernorm.weight"),
        ],
    )
    def test_weights_that_are_missing_are_not_made_up(
        self, home: Path, tmp_path: Path, part: str, lost: str
    ) -> None:
        shutil.copytree(home / part, tmp_path / part)
        file = tmp_path / part / "model.safetensors"
        weights = load_file(file)
        del weights[next(name for name in weights if name.endswith(lost))]
        save_file(weights, file, metadata={"format": "pt"})
        whole = ModaVerseForConditionalGeneration.from_parts
        read: Callable[[str], Any] = whole if part == "qwen3" else _encoder
        with pytest.raises(LLMError, match="lacks 1 of"):
            read(str(tmp_path / part))


class TestConfig:
    def test_every_problem_is_listed(self) -> None:
        with pytest.raises(ConfigError) as caught:
            ModaVerseConfig(
                text_config=None,
                vision_tokens=0,
                max_frames=100_000,
                projection="deep",
                dialect="verse",
                context=0,
            )
        assert len(caught.value.problems) == 5

    def test_the_package_is_imported_without_torch(self) -> None:
        code = (
            "import sys, modaverse, modaverse.model, modaverse.llm, modaverse.model.alignment\n"
            "print([name for name in ('torch', 'transformers', 'peft') if name in sys.modules])\n"
            "print(modaverse.model.__dir__() == modaverse.model.__all__)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stdout == "[]\nTrue\n"

    def test_unknown_names_are_attribute_errors(self) -> None:
        import modaverse.model

        with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
            modaverse.model.Nothing  # noqa: B018


def _text(batch: Any) -> dict[str, Tensor]:
    return {name: batch[name] for name in ("input_ids", "attention_mask")}


def _encoder(name: str) -> Any:
    return load_encoder(name, torch.float32)


def _lora() -> Any:
    from peft import LoraConfig

    return LoraConfig(r=2, target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM")
