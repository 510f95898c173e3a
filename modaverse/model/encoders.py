"""The frozen encoders of pictures and sounds: what reads their checkpoints, and their features."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from transformers import (
    AutoConfig,
    AutoModel,
    ClapAudioModel,
    ClapModel,
    CLIPVisionModel,
    SiglipVisionModel,
    WhisperModel,
)
from transformers.models.whisper.modeling_whisper import WhisperEncoder

from modaverse.llm.backend import quiet
from modaverse.llm.checkpoint import refuse_gaps
from modaverse.model.projection import heard, pool_grid, pool_time

__all__ = ["audio_features_of", "load_encoder", "new_encoder", "vision_features_of"]

# Encoders that AutoModel does not make of their configuration.
_NEW = {"whisper": WhisperEncoder, "clap_audio_model": ClapAudioModel}
# Checkpoints that hold an encoder and more: the class that reads them, and where the encoder is.
_WITHIN = {
    "siglip": (SiglipVisionModel, ""),
    "clip": (CLIPVisionModel, ""),
    "clap": (ClapModel, "audio_model"),
    "whisper": (WhisperModel, "encoder"),
}


def new_encoder(config: Any) -> Any:
    """An encoder of this configuration, its weights not learnt."""
    kind = _NEW.get(config.model_type)
    return frozen(kind(config) if kind else AutoModel.from_config(config))


def load_encoder(name: str, dtype: torch.dtype) -> Any:
    """The encoder of a checkpoint, frozen.

    Args:
        name: Folder or hub id of an encoder, or of a model that has it: CLIP, SigLIP, CLAP,
            Whisper, or any that AutoModel reads.
        dtype: Of the weights.

    Raises:
        OSError: There is no such checkpoint.
        LLMError: It lacks weights of the encoder.
    """
    config = AutoConfig.from_pretrained(name, trust_remote_code=False)
    kind, inside = _WITHIN.get(config.model_type, (_NEW.get(config.model_type, AutoModel), ""))
    if config.architectures == [WhisperEncoder.__name__]:
        kind, inside = WhisperEncoder, ""
    with quiet():  # of weights that are there and not the encoder's
        model, report = kind.from_pretrained(
            name, dtype=dtype, trust_remote_code=False, output_loading_info=True
        )
    refuse_gaps(name, report, within=inside)
    return frozen(model.get_submodule(inside))


def frozen(encoder: nn.Module) -> nn.Module:
    """The encoder without gradients, in evaluation mode."""
    return encoder.requires_grad_(False).eval()


@torch.no_grad()
def vision_features_of(encoder: Any, pixel_values: Tensor, tokens: int) -> Tensor:
    """Pictures [n, c, h, w] -> features [n, tokens, d]; one token is the encoder's own summary."""
    output = encoder(pixel_values=pixel_values.to(encoder.dtype))
    summary: Tensor | None = getattr(output, "pooler_output", None)
    if tokens == 1 and summary is not None:
        return summary.flatten(1)[:, None]
    hidden = output.last_hidden_state
    if hidden.ndim == 4:  # convolutional: [n, d, h, w]
        hidden = hidden.flatten(2).transpose(1, 2)
    return pool_grid(hidden, tokens)


@torch.no_grad()
def audio_features_of(encoder: Any, audio_values: Tensor, tokens: int) -> Tensor:
    """Spectrograms as the encoder takes them -> features [m, tokens, d] along the time."""
    given = {encoder.main_input_name: audio_values.to(encoder.dtype)}
    if "pixel_values" in given:  # a network for pictures reads the spectrogram as a grey one
        given = {"pixel_values": given["pixel_values"][:, None]}
    if getattr(encoder.config, "enable_fusion", False):  # CLAP's way with sounds over 10 s
        parts = audio_values.flatten(2)
        given["is_longer"] = (parts != parts[:, :1]).any(-1).any(-1, keepdim=True)
    output = encoder(**given)
    summary: Tensor | None = getattr(output, "pooler_output", None)
    if tokens == 1 and summary is not None:
        return summary.flatten(1)[:, None]
    hidden = output.last_hidden_state
    if hidden.ndim == 4:  # CLAP, and networks for pictures: [m, d, pitch, time]
        hidden = hidden.mean(2).transpose(1, 2)
    return pool_time(hidden, tokens, heard(audio_values))
