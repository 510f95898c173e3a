"""Text-to-audio: the synthesised sounds, the spectrograms, and the pipeline on tiny weights."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import DPMSolverMultistepScheduler, PixArtTransformer2DModel
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from modaverse_tools.mel import MelCodec, packed, unpacked
from modaverse_tools.nano_audio import NanoAudioPipeline, _joined
from modaverse_training.nano import instruments, synthesis
from modaverse_training.nano.animals import ANIMALS
from modaverse_training.nano.audio_classifier import SoundJudge, guesses, held_out_captions
from modaverse_training.nano.concepts import sounds
from modaverse_training.nano.effects import EFFECTS
from modaverse_training.nano.instruments import FONT, INSTRUMENTS
from modaverse_training.nano.signals import RATE, SAMPLES, Style
from modaverse_training.nano.synthesis import Take

WEIGHTS = Path(__file__).parents[1] / "tools/modaverse_tools/weights/audio"
BANDS, STEP, SIDE = 8, 4, 3
PROCEDURAL = {**ANIMALS, **EFFECTS}


def style(tempo: str = "", register: str = "", seed: int = 0) -> Style:
    return Style(tempo, register, np.random.default_rng(seed))


def bursts(wave: np.ndarray) -> int:
    """How often the loudness rises through a quarter of its peak, in frames of 20 ms."""
    loud = np.sqrt((wave.reshape(-1, 320) ** 2).mean(1))
    above = loud > loud.max() / 4
    return int((above[1:] & ~above[:-1]).sum() + above[0])


def centroid(wave: np.ndarray) -> float:
    """Mean frequency, in Hz, weighted by power."""
    power = np.abs(np.fft.rfft(wave)) ** 2
    return float((power * np.fft.rfftfreq(len(wave), 1 / RATE)).sum() / power.sum())


# --- the sounds


def test_every_sound_of_the_concepts_can_be_made() -> None:
    made = [*ANIMALS, *EFFECTS, *INSTRUMENTS]
    assert sorted(made) == sorted(sounds())
    assert len(made) == len(set(made))


@pytest.mark.parametrize("name", PROCEDURAL)
def test_procedural_sounds_last_three_seconds_and_are_audible(name: str) -> None:
    wave = synthesis.levelled(PROCEDURAL[name](style()))
    assert wave.shape == (SAMPLES,)
    assert np.isfinite(wave).all()
    assert np.abs(wave).max() <= 0.95
    assert wave.std() > 0.05
    assert wave[0] == wave[-1] == 0


@pytest.mark.parametrize(
    "name", ["dog", "frog", "clock", "knock", "laser", "footsteps", "heartbeat"]
)
def test_fast_is_faster_than_slow(name: str) -> None:
    fast, slow = (bursts(PROCEDURAL[name](style(tempo))) for tempo in ("fast", "slow"))
    assert fast > 1.5 * slow


@pytest.mark.parametrize(
    "name", ["dog", "bird", "owl", "siren", "bell", "phone", "rain", "applause"]
)
def test_high_is_higher_than_low(name: str) -> None:
    high, low = (centroid(PROCEDURAL[name](style("", side))) for side in ("high", "low"))
    assert high > 1.1 * low


def test_the_same_seed_gives_the_same_bytes_and_another_differs() -> None:
    takes = [Take("dog", "", "", 1), Take("dog", "", "", 1), Take("dog", "", "", 2)]
    one, same, other = synthesis.perform(takes)
    assert one.dtype == np.int16
    assert (one == same).all()
    assert (one != other).any()


def test_takes_share_the_sounds_equally_and_caption_what_is_heard() -> None:
    takes = synthesis.sample_takes(3 * len(sounds()), seed=1)
    for name in sounds():
        assert sum(take.sound == name for take in takes) == 3
    caption = Take("violin", "slow", "", 0).caption(Random(0)).lower()
    assert "violin" in caption or "fiddle" in caption
    assert any(word in caption for word in ("slow", "calm", "sad"))


def test_a_pool_is_read_back_from_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "sounds", lambda: {"clock": ("clock",)})
    first, takes = synthesis.make_pool(tmp_path, 2, seed=1)
    monkeypatch.setattr(synthesis, "perform", None)
    second, again = synthesis.make_pool(tmp_path, 2, seed=1)
    assert (np.asarray(first) == np.asarray(second)).all()
    assert takes == again


# --- MIDI


def test_variable_length_numbers_follow_the_standard() -> None:
    known = {0: "00", 0x40: "40", 0x7F: "7f", 0x80: "8100", 0x2000: "c000", 0x1FFFFF: "ffff7f"}
    assert {n: instruments._variable(n).hex() for n in known} == known


@pytest.mark.parametrize("name", INSTRUMENTS)
def test_pieces_fill_three_seconds_with_notes_in_range(name: str) -> None:
    for tempo, register in (("", ""), ("slow", "low"), ("fast", "high")):
        notes = instruments._piece(INSTRUMENTS[name], style(tempo, register))
        assert notes
        assert min(at for at, *_ in notes) < 0.1
        assert 2.0 < max(at + length for at, length, *_ in notes) <= 3.0001
        assert all(21 <= pitch <= 108 and 0 < loud < 128 for *_, pitch, loud in notes)


def test_tempo_and_register_change_the_notes() -> None:
    flute = INSTRUMENTS["flute"]
    fast, slow = (instruments._piece(flute, style(tempo)) for tempo in ("fast", "slow"))
    assert len(fast) > 1.5 * len(slow)
    high, low = (instruments._piece(flute, style("", side)) for side in ("high", "low"))
    assert high[0][2] - low[0][2] == 24


def test_a_midi_file_is_one_track_that_ends() -> None:
    data = instruments.midi(INSTRUMENTS["piano"], [style(), style()])
    assert data[:14] == b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 1, 0xE0])
    assert data[14:18] == b"MTrk"
    assert int.from_bytes(data[18:22]) == len(data) - 22
    assert data.endswith(bytes([0xFF, 0x2F, 0]))


@pytest.mark.skipif(
    shutil.which("fluidsynth") is None or not FONT.is_file(), reason="needs FluidSynth and its font"
)
def test_fluidsynth_plays_the_register_that_was_asked() -> None:
    low, high = instruments.render("flute", [style("", "low"), style("", "high")])
    assert low.shape == high.shape == (SAMPLES,)
    assert centroid(high) > 1.8 * centroid(low)


def test_missing_sound_font_says_what_to_install(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="fluid"):
        instruments.render("piano", [style()], font=tmp_path / "none.sf2")


# --- spectrograms


def test_a_tone_survives_the_way_to_mel_and_back() -> None:
    t = torch.arange(RATE) / RATE
    wave = 0.2 * torch.sin(2 * torch.pi * 440 * t)
    codec = MelCodec()
    mel = codec.encode(wave[None])
    assert mel.shape == (1, codec.bands, RATE // codec.hop + 1)
    back = codec.decode(mel, generator=torch.Generator().manual_seed(0))[0]
    spectrum = torch.fft.rfft(back[2048:-2048]).abs()
    heard = float(spectrum.argmax()) * RATE / (len(back) - 4096)
    assert heard == pytest.approx(440, abs=6)
    assert float(back[2048:-2048].std()) == pytest.approx(0.2 / 2**0.5, rel=0.2)


def test_mel_is_normalised_by_band_and_denormalised_again() -> None:
    wave = 0.1 * torch.randn(2, RATE, generator=torch.Generator().manual_seed(1))
    plain = MelCodec()
    mel = plain.encode(wave)
    fitted = MelCodec(
        mean=tuple(mel.mean((0, 2)).tolist()), deviation=tuple(mel.std((0, 2)).tolist())
    )
    normal = fitted.encode(wave)
    assert normal.mean().abs() < 1e-3
    assert normal.std() == pytest.approx(1, abs=0.02)
    ours, theirs = fitted._amplitude(normal), plain._amplitude(mel)
    assert torch.allclose(ours, theirs, rtol=1e-2, atol=1e-4)


def test_folding_keeps_the_order_of_frames() -> None:
    mel = torch.randn(2, BANDS, 30)
    square = packed(mel, SIDE, STEP)
    assert square.shape == (2, BANDS * STEP, SIDE, SIDE)
    back = unpacked(square, STEP)
    assert torch.equal(back[:, :, :30], mel)
    assert torch.equal(back[:, :, 30:], mel[:, :, -1:].expand(-1, -1, 6))


# --- the pipeline


@pytest.fixture(scope="module")
def pipe() -> NanoAudioPipeline:
    """A pipeline of tiny random weights: 9 stretches of 4 frames of 8 bands."""
    torch.manual_seed(0)
    words = Tokenizer(models.WordLevel({"<pad>": 0, "dog": 1, "piano": 2, "?": 3}, unk_token="?"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    made = NanoAudioPipeline(
        tokenizer=PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>", unk_token="?"),
        text_encoder=T5EncoderModel(
            T5Config(vocab_size=4, d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2)
        ).eval(),
        transformer=PixArtTransformer2DModel(
            num_attention_heads=2,
            attention_head_dim=8,
            in_channels=BANDS * STEP,
            out_channels=BANDS * STEP,
            num_layers=1,
            cross_attention_dim=16,
            sample_size=SIDE,
            patch_size=1,
            caption_channels=16,
            use_additional_conditions=False,
        ).eval(),
        scheduler=DPMSolverMultistepScheduler(prediction_type="sample", use_flow_sigmas=True),
        mean=[-3.0] * BANDS,
        deviation=[2.0] * BANDS,
    )
    made.set_progress_bar_config(disable=True)
    return made


def sound(
    pipe: NanoAudioPipeline, prompt: Any = "dog", seed: int = 0, **options: Any
) -> np.ndarray:
    options.setdefault("num_inference_steps", 3)
    generator = torch.Generator().manual_seed(seed)
    audios: np.ndarray = pipe(prompt, generator=generator, **options).audios
    return audios


def test_pipeline_gives_waves_of_its_length(pipe: NanoAudioPipeline) -> None:
    waves = sound(pipe, ["dog", "piano"])
    assert waves.shape == (2, (SIDE * SIDE * STEP - 1) * 256)
    assert waves.dtype == np.float32
    assert np.abs(waves).max() <= 1
    assert pipe.sampling_rate == 16_000


def test_pipeline_stops_at_the_asked_second(pipe: NanoAudioPipeline) -> None:
    wave = sound(pipe, audio_length_in_s=0.25)
    assert wave.shape == (1, 4000)
    assert wave[0, -1] == 0


def test_a_longer_sound_is_of_parts_that_fade_into_one_another(pipe: NanoAudioPipeline) -> None:
    part = pipe.part_in_s
    once, longer = sound(pipe), sound(pipe, audio_length_in_s=3 * part)
    assert once.shape[1] == round(part * 16_000)
    assert longer.shape[1] == round(3 * part * 16_000)
    assert np.abs(longer).reshape(12, -1).max(1).min() > 0, "no gap"
    ones = _joined(torch.ones(1, 3, 40), 8)
    assert ones.shape == (1, 104)
    assert ones.min() >= 0.99
    assert ones.max() <= 1.42, "two parts at equal power are louder by no more than 3 dB"


def test_seed_decides_the_sound(pipe: NanoAudioPipeline) -> None:
    assert (sound(pipe, seed=1) == sound(pipe, seed=1)).all()
    assert (sound(pipe, seed=1) != sound(pipe, seed=2)).any()


def test_steps_are_told_and_can_be_interrupted(pipe: NanoAudioPipeline) -> None:
    told: list[int] = []

    def stop_after_two(pipe: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> Any:
        told.append(step)
        pipe._interrupt = step == 1
        return tensors

    sound(pipe, num_inference_steps=6, callback_on_step_end=stop_after_two)
    assert told == [0, 1]


def test_preview_is_the_spectrogram_as_a_picture(pipe: NanoAudioPipeline) -> None:
    mel = torch.full((1, BANDS, SIDE * SIDE * STEP), -9.0)
    mel[:, -1] = 9  # the highest band is loud
    picture = pipe.preview_of(packed(mel, SIDE, STEP))
    assert picture.shape == (3, BANDS, SIDE * SIDE * STEP)
    assert (picture[:, 0] == 1).all()
    assert (picture[:, 1:] == -1).all()


def test_saved_pipeline_sounds_the_same(pipe: NanoAudioPipeline, tmp_path: Path) -> None:
    pipe.save_pretrained(tmp_path / "audio")
    again = NanoAudioPipeline.from_pretrained(tmp_path / "audio")
    again.set_progress_bar_config(disable=True)
    assert again.codec == pipe.codec
    assert np.allclose(sound(again, seed=3), sound(pipe, seed=3), atol=1e-4)


# --- the judge


def test_judge_answers_with_known_sounds() -> None:
    judge = SoundJudge(len(sounds())).eval()
    heard = guesses(judge, torch.randn(3, SAMPLES, generator=torch.Generator().manual_seed(0)))
    assert len(heard) == 3
    assert set(heard) <= set(sounds())


def test_held_out_captions_are_in_no_training_set() -> None:
    takes = synthesis.sample_takes(54, seed=3)
    known = {take.caption(Random(seed)) for seed in range(40) for take in takes}
    texts = held_out_captions(takes, known, seed=4)
    assert len(texts) == len(takes)
    assert sum(text in known for text in texts) <= 2


@pytest.mark.slow
@pytest.mark.skipif(
    not (WEIGHTS / "model_index.json").is_file(), reason="weights are not there yet"
)
def test_shipped_weights_whistle_higher_than_they_beat_the_heart() -> None:
    trained = NanoAudioPipeline.from_pretrained(WEIGHTS)
    trained.set_progress_bar_config(disable=True)
    whistle, heart = sound(trained, ["a whistle", "a heartbeat"], num_inference_steps=10)
    assert centroid(whistle) > 5 * centroid(heart)
