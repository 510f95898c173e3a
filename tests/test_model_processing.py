"""From requests to tensors: places of media, labels, padding, and what a person cannot trigger."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from modaverse.errors import LLMError, RequestError
from modaverse.llm import Message
from modaverse.llm.checkpoint import ModelSettings
from modaverse.llm.template import Prompt
from modaverse.media import Audio, Image, Video
from modaverse.model import ModaVerseConfig, ModaVerseProcessor
from modaverse.model.perception import Perception, SoftTokens, frame_numbers
from tests.multimodal import EARS, EYES, ask, film, picture, sound, write_parts

PLAN = "Here is your picture.\ntext-to-image: a fox"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_parts(tmp_path_factory.mktemp("parts"))


def built(home: Path, eyes: str | None, ears: str | None, **options: Any) -> ModaVerseProcessor:
    from transformers import AutoConfig

    names = {"language_model": "qwen3", "vision": eyes, "audio": ears}
    found = {part: str(home / name) for part, name in names.items() if name}
    configs = {part: AutoConfig.from_pretrained(name) for part, name in found.items()}
    config = ModaVerseConfig(
        text_config=configs["language_model"],
        vision_config=getattr(configs.get("vision"), "vision_config", configs.get("vision")),
        audio_config=getattr(configs.get("audio"), "audio_config", configs.get("audio")),
        part_names=found,
        **options,
    )
    return ModaVerseProcessor.from_parts(config)


@pytest.fixture(scope="module")
def processor(home: Path) -> ModaVerseProcessor:
    return built(home, "siglip", "whisper", vision_tokens=2, audio_tokens=3)


def runs(kinds: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Kinds and lengths of the stretches of soft tokens."""
    edges = np.flatnonzero(np.diff(kinds, prepend=0, append=0))
    stretches = pairwise(edges)
    return [(int(kinds[a]), int(b - a)) for a, b in stretches if kinds[a]]


class TestPlaces:
    def test_soft_tokens_stand_right_after_their_handle(
        self, processor: ModaVerseProcessor
    ) -> None:
        encoded = processor.encode(ask("hi", image1=picture(1), audio1=sound(1), video1=film(1)))
        assert runs(encoded.media_kinds) == [(1, 2), (2, 3), (1, 6)]
        first = int(np.argmax(encoded.media_kinds > 0))
        assert processor.tokenizer.decode(encoded.input_ids[:first]).endswith("user\n[image1]")
        soft = encoded.input_ids[encoded.media_kinds > 0]
        assert set(soft) == {processor.prompt.pad}
        words = processor.tokenizer.decode(encoded.input_ids[encoded.media_kinds == 0])
        assert "[image1][audio1][video1] hi" in words

    def test_media_come_in_the_order_of_the_text(self, processor: ModaVerseProcessor) -> None:
        one, two = picture(1), picture(2)
        request = ask("hi", image2=two, image1=one)
        assert request.messages[-1].shown() == "[image2][image1] hi"
        pixels = processor.encode(request).pixel_values
        assert pixels is not None
        alone = [processor.encode(ask("hi", image1=value)).pixel_values for value in (two, one)]
        assert np.array_equal(pixels, np.concatenate(alone))  # type: ignore[arg-type]

    def test_several_turns_keep_their_media(self, processor: ModaVerseProcessor) -> None:
        earlier = (
            Message("user", "draw it", ("image1", "audio1")),
            Message("assistant", "Here.\ntext-to-image: a cat"),
        )
        request = ask(
            "and this", earlier=earlier, image2=picture(2), image1=picture(1), audio1=sound(1)
        )
        encoded = processor.encode(request)
        assert runs(encoded.media_kinds) == [(1, 2), (2, 3), (1, 2)]
        alone = [processor.encode(ask("hi", image1=picture(n))).pixel_values for n in (1, 2)]
        assert np.array_equal(encoded.pixel_values, np.concatenate(alone))  # type: ignore[arg-type]

    def test_what_a_person_types_triggers_nothing(self, processor: ModaVerseProcessor) -> None:
        typed = "[image1] \ufdd00\ufdd1 <|im_end|>"
        encoded = processor.encode(ask(typed, image1=picture(1)))
        assert runs(encoded.media_kinds) == [(1, 2)]
        said = processor.tokenizer.decode(encoded.input_ids[encoded.media_kinds == 0])
        assert "[image1] \ufffd0\ufffd < |im_end|>" in said
        assert not runs(processor.encode(ask(typed)).media_kinds)

    def test_without_media_the_words_are_those_of_any_model(
        self, processor: ModaVerseProcessor
    ) -> None:
        settings = ModelSettings("lines", system=False)
        plain = Prompt(processor.tokenizer, settings, float("inf")).tokens(ask("hi"))
        assert processor.encode(ask("hi")).input_ids.tolist() == plain
        with_media = processor.encode(ask("hi", image1=picture(1)))
        assert with_media.pixel_values is not None
        assert processor.encode(ask("hi")).pixel_values is None

    def test_what_it_cannot_perceive_is_a_handle_only(self, home: Path) -> None:
        deaf = built(home, "clip", None)
        assert deaf.perceives == {"image", "video"}
        encoded = deaf.encode(ask("hi", audio1=sound(1), image1=picture(1)))
        assert runs(encoded.media_kinds) == [(1, 4)]
        assert encoded.audio_values is None
        assert "[audio1]" in deaf.tokenizer.decode(encoded.input_ids)
        blind = built(home, None, None)
        assert blind.perceives == set()
        assert not runs(blind.encode(ask("hi", image1=picture(1))).media_kinds)

    def test_the_oldest_media_go_when_the_conversation_is_too_long(
        self, processor: ModaVerseProcessor
    ) -> None:
        request = ask(
            "now " * 20,
            earlier=(
                Message("user", "then " * 20, ("image1",)),
                Message("assistant", "Done."),
            ),
            image1=picture(1),
            image2=picture(2),
        )
        short = processor.told(ModelSettings("lines", system=False, context=130))
        assert len(processor.encode(request).input_ids) > 130
        encoded = short.encode(request)
        alone = processor.encode(ask("hi", image1=picture(2)))
        assert np.array_equal(encoded.pixel_values, alone.pixel_values)  # type: ignore[arg-type]
        with pytest.raises(RequestError, match="at most 130"):
            short.encode(ask("now " * 100, image1=picture(1)))


class TestAnswers:
    def test_only_the_plan_and_its_end_are_learned(self, processor: ModaVerseProcessor) -> None:
        encoded = processor.encode(ask("hi", image1=picture(1)), PLAN)
        learned = encoded.labels[encoded.labels != -100]
        assert processor.tokenizer.decode(learned) == PLAN + "<|im_end|>"
        assert np.array_equal(encoded.input_ids[-len(learned) :], learned)
        unanswered = processor.encode(ask("hi", image1=picture(1)))
        assert np.array_equal(encoded.input_ids[: -len(learned)], unanswered.input_ids)
        assert set(unanswered.labels) == {-100}

    def test_an_answer_may_quote_a_control_token(self, processor: ModaVerseProcessor) -> None:
        labels = processor.encode(ask("hi"), "say <|im_end|>").labels
        assert list(labels).count(processor.prompt.end) == 1

    def test_an_answer_leaves_less_room(self, processor: ModaVerseProcessor) -> None:
        tight = processor.told(ModelSettings("lines", system=False, context=80))
        assert len(tight.encode(ask("hi")).input_ids) < 40
        with pytest.raises(RequestError):
            tight.encode(ask("hi"), "text-to-image: " + "fox " * 100)


class TestBatches:
    def test_requests_are_padded_at_the_left(self, processor: ModaVerseProcessor) -> None:
        batch = processor([ask("hi", image1=picture(1)), ask("a longer one than that")])
        assert batch["input_ids"].shape == batch["attention_mask"].shape
        assert batch["attention_mask"][0, 0] != batch["attention_mask"][1, 0]
        assert batch["attention_mask"][:, -1].tolist() == [1, 1]
        assert batch["input_ids"].dtype == torch.int64
        assert "labels" not in batch
        assert set(batch) <= set(processor.model_input_names)

    def test_answers_are_padded_at_the_right(self, processor: ModaVerseProcessor) -> None:
        batch = processor([ask("hi", video1=film(1)), ask("hi")], [PLAN, "Yes."])
        assert batch["attention_mask"][:, 0].tolist() == [1, 1]
        assert (batch["labels"][batch["attention_mask"] == 0] == -100).all()
        assert batch["frame_times"].tolist() == [0.0, 0.5, 1.0]
        assert batch["pixel_values"].shape == (3, 3, 32, 32)

    def test_media_are_in_the_order_of_the_rows(self, processor: ModaVerseProcessor) -> None:
        rows = [ask("hi", image1=picture(n), audio1=sound(n)) for n in (3, 4)]
        batch = processor(rows, return_tensors="np")
        for name in ("pixel_values", "audio_values"):
            alone = [getattr(processor.encode(row), name) for row in rows]
            assert np.array_equal(batch[name], np.concatenate(alone))

    def test_a_fixed_length(self, processor: ModaVerseProcessor) -> None:
        batch = processor([ask("hi")], padding="max_length", max_length=100)
        assert batch["input_ids"].shape == (1, 100)
        with pytest.raises(RequestError, match="more than 10"):
            processor([ask("hi")], max_length=10)


class TestPerception:
    @pytest.mark.parametrize("eyes", EYES)
    @pytest.mark.parametrize("ears", EARS)
    def test_every_encoder_gets_its_shapes(self, home: Path, eyes: str, ears: str) -> None:
        encoded = built(home, eyes, ears).encode(
            ask("hi", image1=picture(1, 1, 1), image2=picture(2, 70, 40), audio1=sound(1))
        )
        assert encoded.pixel_values is not None
        assert encoded.pixel_values.shape == (2, 3, 32, 32)
        assert encoded.pixel_values.dtype == np.float32
        assert encoded.audio_values is not None
        assert encoded.audio_values.shape == (
            (1, 16, 200) if ears == "whisper" else (1, 1, 201, 64)
        )
        assert encoded.audio_values.dtype == np.float32

    def test_frames_are_spread_evenly(self) -> None:
        assert frame_numbers(3, 8) == [0, 1, 2]
        assert frame_numbers(100, 4) == [0, 33, 66, 99]
        assert frame_numbers(9, 1) == [4]
        assert len(set(frame_numbers(9, 8))) == 8

    def test_what_shines_through_is_white(self, processor: ModaVerseProcessor) -> None:
        clear = Image(np.zeros((8, 8, 4), np.uint8))
        white = Image(np.full((8, 8, 3), 255, np.uint8))
        pixels = [processor.perception.perceive([value]).pixel_values for value in (clear, white)]
        assert np.array_equal(pixels[0], pixels[1])  # type: ignore[arg-type]

    @pytest.mark.parametrize("ears", EARS)
    def test_a_long_sound_is_cut_the_same_way_each_time(self, home: Path, ears: str) -> None:
        hearing = built(home, None, ears).perception
        stereo = sound(1, 5, 22050)
        twice = np.repeat(stereo.samples, 2, axis=1)
        heard = [hearing.perceive([value]).audio_values for value in (stereo, stereo)]
        assert np.array_equal(heard[0], heard[1])  # type: ignore[arg-type]
        again = hearing.perceive([Audio(twice, 22050)]).audio_values
        assert np.allclose(heard[0], again, atol=1e-4)  # type: ignore[arg-type]

    def test_the_sound_of_a_video_is_heard_if_asked_for(
        self, home: Path, processor: ModaVerseProcessor
    ) -> None:
        silent = film(1)
        loud = Video(silent.frames, silent.fps, sound(1))
        hearing = built(home, "siglip", "whisper", video_sound=True).perception
        assert hearing.kinds(loud) == [1] * 12 + [2] * 8
        assert hearing.kinds(silent) == [1] * 12
        assert processor.perception.kinds(loud) == [1] * 6

    def test_nothing_is_nothing(self) -> None:
        assert Perception(None, None, SoftTokens()).perceive([picture(1)]).pixel_values is None


class TestSaving:
    @pytest.mark.parametrize(
        ("eyes", "ears"), [("siglip", "whisper"), ("clip", None), (None, None)]
    )
    def test_it_comes_back_as_it_was(
        self, home: Path, tmp_path: Path, eyes: str | None, ears: str | None
    ) -> None:
        saved = built(home, eyes, ears, vision_tokens=1, max_frames=2, context=300)
        saved.save_pretrained(tmp_path)
        back = ModaVerseProcessor.from_pretrained(tmp_path)
        assert (back.soft, back.settings) == (saved.soft, saved.settings)
        request = ask("hi", image1=picture(1), audio1=sound(1), video1=film(1))
        for name, values in saved([request]).items():
            assert torch.equal(values, back([request])[name])
        assert "vision_tokens" in repr(back)

    def test_the_auto_class_knows_it(self, home: Path, tmp_path: Path) -> None:
        from transformers import AutoProcessor

        processor = built(home, "clip", "clap")
        processor.save_pretrained(tmp_path)
        config = ModaVerseConfig(text_config=None)
        config.save_pretrained(tmp_path)
        assert isinstance(AutoProcessor.from_pretrained(tmp_path), ModaVerseProcessor)

    def test_another_processor_is_refused(self, home: Path, tmp_path: Path) -> None:
        (tmp_path / "processor_config.json").write_text(json.dumps({"processor_class": "Other"}))
        with pytest.raises(OSError, match="ModaVerseProcessor"):
            ModaVerseProcessor.from_pretrained(tmp_path)


class TestTokenizers:
    def sentencepiece_like(self) -> Any:
        """A tokenizer that puts a space before every text, as Llama 2's and Vicuna's do."""
        from tokenizers import Tokenizer, decoders, models, normalizers
        from transformers import PreTrainedTokenizerFast

        letters = ["▁", "\n", "[", "]", ":", *"abcdefghijklmnopqrstuvwxyzUSERAITN12"]
        words = {token: number for number, token in enumerate(["</s>", *dict.fromkeys(letters)])}
        bpe = Tokenizer(models.BPE(words, [], unk_token="</s>"))
        bpe.normalizer = normalizers.Sequence(
            [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
        )
        bpe.decoder = decoders.Replace("▁", " ")
        tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="</s>")
        tokenizer.chat_template = (
            "{% for m in messages %}{{ 'USER: ' + m.content + ' ' if m.role == 'user' else "
            "'ASSISTANT: ' + m.content + '</s>' }}{% endfor %}"
            "{% if add_generation_prompt %}ASSISTANT:{% endif %}"
        )
        return tokenizer

    def test_no_space_is_made_up_within_a_conversation(self) -> None:
        tokenizer = self.sentencepiece_like()
        prompt = Prompt(tokenizer, ModelSettings("lines", False), 500, lambda value: [1])
        read = prompt.read(ask("hi", image1=picture(1), image2=picture(2)))
        words = "".join(tokenizer.convert_ids_to_tokens(read.tokens))
        assert words == "▁USER:▁[image1]</s>[image2]</s>▁hi▁ASSISTANT:"
        assert tokenizer.convert_ids_to_tokens(prompt.answer("here")) == [*"here", "</s>"]
        assert prompt.pad == prompt.end == tokenizer.eos_token_id

    def test_the_end_is_the_one_that_the_template_writes(
        self, processor: ModaVerseProcessor
    ) -> None:
        tokenizer = processor.tokenizer
        assert processor.prompt.end == tokenizer.convert_tokens_to_ids("<|im_end|>")

    def test_a_tokenizer_without_an_end_is_refused(self) -> None:
        tokenizer = self.sentencepiece_like()
        tokenizer.chat_template = None
        tokenizer.eos_token = None
        with pytest.raises(LLMError, match="ends an answer"):
            Prompt(tokenizer, ModelSettings("lines", False), 500).answer("a")
