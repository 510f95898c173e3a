"""Tiny parts of multimodal LLMs, and requests with media, for the tests of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal

import numpy as np

from modaverse.llm import LLMRequest, Message, Sampling
from modaverse.llm.debug import write_checkpoint
from modaverse.media import Audio, Image, Media, Video, modality_of
from modaverse.model.debug import write_encoder
from modaverse_tools import echo

LANGUAGES = ("qwen3", "llama")
EYES = ("siglip", "clip")
EARS = ("whisper", "clap")


def write_parts(folder: Path) -> Path:
    """Two language models, two vision and two audio encoders, each under its name."""
    for language in LANGUAGES:
        write_checkpoint(folder / language, architecture=language)  # type: ignore[arg-type]
    for encoder in (*EYES, *EARS):
        write_encoder(folder / encoder, encoder)  # type: ignore[arg-type]
    return folder


def write_towers(folder: Path, kind: Literal["clip", "clap"]) -> Path:
    """A random CLIP or CLAP checkpoint with all that reads texts too."""
    import transformers

    write_encoder(folder, kind)
    if kind == "clip":
        sees = transformers.CLIPImageProcessorPil.from_pretrained(folder)
        transformers.CLIPProcessor(sees, _tokenizer()).save_pretrained(folder)
    else:
        hears = transformers.ClapFeatureExtractor.from_pretrained(folder)
        transformers.ClapProcessor(hears, _tokenizer()).save_pretrained(folder)
    return folder


def picture(seed: int, height: int = 20, width: int = 30) -> Image:
    """Noise that differs by seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3))
    return Image(noise.astype(np.uint8))


def sound(seed: int, seconds: float = 0.5, rate: int = 16000) -> Audio:
    """A tone that is higher by an octave for each seed, in a little noise."""
    noise = np.random.default_rng(seed).uniform(-0.1, 0.1, int(seconds * rate))
    time = np.arange(len(noise)) / rate
    wave = 0.8 * np.sin(2 * np.pi * 220 * 2**seed * time) + noise
    return Audio(wave.astype(np.float32)[:, None], rate)


def film(seed: int, frames: int = 3, fps: float = 2.0) -> Video:
    """Noise that differs by seed."""
    noise = np.random.default_rng(seed).integers(0, 256, (frames, 16, 16, 3))
    return Video(noise.astype(np.uint8), fps)


def ask(
    text: str = "what is it?", *, earlier: Iterable[Message] = (), **media: Media
) -> LLMRequest:
    """A request whose attachments are the media, in their order, but for those named `earlier`."""
    earlier = tuple(earlier)
    said = {handle for message in earlier for handle in message.handles}
    attached = tuple(handle for handle in media if handle not in said)
    kinds: Any = {handle: modality_of(value) for handle, value in media.items()}
    messages = (*earlier, Message("user", text, attached))
    return LLMRequest(messages, echo.toolbox(), kinds, Sampling(max_tokens=80), media=media)


def _tokenizer() -> Any:
    import transformers
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<pad>", "<s>", "</s>", "<unk>", "a", "picture", "the", "sound", "of", "dog", "fox"]
    model = models.WordLevel({word: n for n, word in enumerate(words)}, unk_token="<unk>")
    whole = Tokenizer(model)
    whole.pre_tokenizer = pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=whole,
        pad_token="<pad>",
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        model_max_length=16,
    )
