"""Tiny random encoders in the real file formats, to test seeing and hearing with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from modaverse.llm.backend import quiet, require

__all__ = ["Encoder", "write_encoder"]

Encoder = Literal["siglip", "clip", "whisper", "clap"]


def write_encoder(folder: Path | str, kind: Encoder, *, seed: int = 0) -> Path:
    """Write a random encoder with what prepares its input: pictures of 32x32, or sounds of 2 s.

    Args:
        folder: Where to; made if it is not there.
        kind: "siglip" and "clip" see (16 patches), "whisper" and "clap" hear. CLIP and CLAP are
            written with their text side, as they are published; Whisper is its encoder alone.
        seed: Start of the random weights; the same seed writes the same weights.

    Returns:
        The folder, which `ModaVerseForConditionalGeneration.from_parts` reads.

    Raises:
        BackendMissing: torch or transformers is not installed.
    """
    torch = require("torch")
    folder = Path(folder)
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        model, prepares = _KINDS[kind](require("transformers"))
        model.save_pretrained(folder)
        prepares.save_pretrained(folder)
    return folder


_BLOCKS = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
_SIGHT = {**_BLOCKS, "image_size": 32, "patch_size": 8}


def _siglip(transformers: Any) -> tuple[Any, Any]:
    model = transformers.SiglipVisionModel(transformers.SiglipVisionConfig(**_SIGHT))
    return model, transformers.SiglipImageProcessorPil(size={"height": 32, "width": 32})


def _clip(transformers: Any) -> tuple[Any, Any]:
    words = {**_BLOCKS, "vocab_size": 64, "bos_token_id": 1, "eos_token_id": 2}
    config = transformers.CLIPConfig(vision_config=_SIGHT, text_config=words, projection_dim=16)
    prepares = transformers.CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    return transformers.CLIPModel(config), prepares


def _whisper(transformers: Any) -> tuple[Any, Any]:
    from transformers.models.whisper.modeling_whisper import WhisperEncoder

    config = transformers.WhisperConfig(
        d_model=32,
        encoder_layers=2,
        encoder_attention_heads=2,
        encoder_ffn_dim=64,
        max_source_positions=100,
        num_mel_bins=16,
        decoder_layers=1,
        vocab_size=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=1,
    )
    prepares = transformers.WhisperFeatureExtractor(
        feature_size=16, sampling_rate=16000, chunk_length=2
    )
    return WhisperEncoder(config), prepares


def _clap(transformers: Any) -> tuple[Any, Any]:
    sounds = {
        "spec_size": 256,
        "num_mel_bins": 64,
        "patch_embeds_hidden_size": 16,
        "hidden_size": 32,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "num_hidden_layers": 2,
        "projection_dim": 16,
    }
    words = {**_BLOCKS, "vocab_size": 64, "projection_dim": 16, "pad_token_id": 0}
    config = transformers.ClapConfig(audio_config=sounds, text_config=words, projection_dim=16)
    prepares = transformers.ClapFeatureExtractor(
        max_length_s=2, frequency_min=50, frequency_max=14000, truncation="rand_trunc"
    )
    return transformers.ClapModel(config), prepares


_KINDS: dict[Encoder, Callable[[Any], tuple[Any, Any]]] = {
    "siglip": _siglip,
    "clip": _clip,
    "whisper": _whisper,
    "clap": _clap,
}
