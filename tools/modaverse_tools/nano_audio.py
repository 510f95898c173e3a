"""The nano suite's text-to-audio pipeline: a spectrogram from noise, then a wave."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch
from diffusers.utils import BaseOutput

from modaverse_tools.mel import MelCodec, unpacked
from modaverse_tools.nano_pipelines import NanoPipeline, OnStep
from modaverse_tools.pipeline import GUIDANCE, STEPS

__all__ = ["NanoAudioPipeline", "SoundOutput"]

_PART = 3.0  # seconds that the transformer writes at once
_OVERLAP = 0.5  # seconds in which one part fades into the next


@dataclass
class SoundOutput(BaseOutput):
    """What `NanoAudioPipeline` returns: float32 [batch, samples] in -1..1."""

    audios: Any


class NanoAudioPipeline(NanoPipeline):
    """Sounds and music from text: a PixArt transformer on mel spectrograms, then Griffin-Lim.

    Args:
        tokenizer: Of the text encoder.
        text_encoder: A `T5EncoderModel`.
        transformer: Predicts the clean spectrogram, folded into a square as `mel.packed` does.
        scheduler: As of `NanoPipeline`.
        mean: Of each band's logarithm in the training data.
        deviation: Of each band's logarithm in the training data.
        rate: Samples a second.
        window: Samples of a frame of the spectrogram.
        hop: Samples from frame to frame.
    """

    def __init__(
        self,
        tokenizer: Any,
        text_encoder: Any,
        transformer: Any,
        scheduler: Any,
        mean: list[float] | None = None,
        deviation: list[float] | None = None,
        rate: int = 16_000,
        window: int = 1024,
        hop: int = 256,
    ) -> None:
        super().__init__(tokenizer, text_encoder, transformer, scheduler)
        self.register_to_config(
            mean=mean or [0.0], deviation=deviation or [1.0], rate=rate, window=window, hop=hop
        )

    @property
    def sampling_rate(self) -> int:
        """Samples a second of what it returns."""
        return int(self.config.rate)

    @property
    def part_in_s(self) -> float:
        """Seconds that the transformer writes at once, 3 at most."""
        config, shape = self.config, self.transformer.config
        frames = shape.sample_size**2 * shape.in_channels // len(config.mean)
        return min(_PART, float((frames - 1) * config.hop / config.rate))

    @cached_property
    def codec(self) -> MelCodec:
        """Between spectrograms as the transformer knows them and waves."""
        config = self.config
        return MelCodec(
            rate=config.rate,
            window=config.window,
            hop=config.hop,
            bands=len(config.mean),
            mean=tuple(config.mean),
            deviation=tuple(config.deviation),
        )

    def __call__(
        self,
        prompt: str | list[str],
        *,
        num_inference_steps: int = STEPS,
        guidance_scale: float = GUIDANCE,
        generator: torch.Generator | None = None,
        max_sequence_length: int = 32,
        audio_length_in_s: float | None = None,
        callback_on_step_end: OnStep | None = None,
    ) -> SoundOutput:
        """Sound out the prompt.

        Args:
            prompt: One prompt or several.
            num_inference_steps: Steps of the scheduler.
            guidance_scale: How closely to follow the prompt; 1 is without guidance.
            generator: For the noise, on the CPU.
            max_sequence_length: Tokens of a prompt that are read.
            audio_length_in_s: Seconds of sound; more than the transformer writes at once are parts
                that fade into one another. By default one part, `part_in_s`.
            callback_on_step_end: As in diffusers' own pipelines.

        Returns:
            `.audios`: float32 [b, samples] in -1..1 at `sampling_rate`.
        """
        config = self.transformer.config
        prompts = [prompt] if isinstance(prompt, str) else list(prompt)
        part = self.part_in_s
        seconds = part if audio_length_in_s is None else max(audio_length_in_s, 0.0)
        overlap = min(_OVERLAP, part / 4)
        parts = max(1, math.ceil((seconds - overlap) / (part - overlap)))
        clean = self._denoise(
            [one for one in prompts for _ in range(parts)],
            (config.in_channels, config.sample_size, config.sample_size),
            steps=num_inference_steps,
            guidance=guidance_scale,
            generator=generator,
            length=max_sequence_length,
            on_step=callback_on_step_end,
        )
        mel = self._spectrogram(clean.cpu())
        rate = self.sampling_rate
        waves = self.codec.decode(mel, generator=generator)[:, : round(part * rate)]
        joined = _joined(waves.view(len(prompts), parts, -1), round(overlap * rate))
        joined = joined[:, : round(seconds * rate)]
        return SoundOutput(_faded(joined, rate).numpy())

    def preview_of(self, latents: torch.Tensor) -> torch.Tensor:
        """The first spectrogram as a picture [3, bands, frames] in -1..1, high notes on top."""
        return (self._spectrogram(latents)[0].flip(0) / 3).clamp(-1, 1).expand(3, -1, -1)

    def _spectrogram(self, latents: torch.Tensor) -> torch.Tensor:
        """What the transformer writes -> normalised log-mel [b, bands, frames]."""
        return unpacked(latents, latents.shape[1] // len(self.config.mean))


def _joined(parts: torch.Tensor, overlap: int) -> torch.Tensor:
    """Parts [b, n, samples], each faded into the next at equal power: [b, samples of all]."""
    rise = torch.sin(torch.linspace(0, math.pi / 2, overlap))
    whole = parts[:, 0]
    for number in range(1, parts.shape[1]):
        before, after = whole[:, -overlap:], parts[:, number, :overlap]
        faded = before * rise.flip(0) + after * rise
        whole = torch.cat([whole[:, :-overlap], faded, parts[:, number, overlap:]], 1)
    return whole


def _faded(waves: torch.Tensor, rate: int) -> torch.Tensor:
    """No click at the end, and no peak above 1."""
    length = min(waves.shape[1], rate // 50)
    waves[:, waves.shape[1] - length :] *= torch.linspace(1, 0, length)
    return waves / waves.abs().amax(1, keepdim=True).clamp(min=1.0)
