"""What a multimodal LLM is made of: its parts, and how many soft tokens stand for a medium."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, PreTrainedConfig
from transformers.configuration_utils import SubConfigSpec

from modaverse.errors import ConfigError
from modaverse.llm.checkpoint import MOST_BEAMS

__all__ = ["ModaVerseConfig", "feature_width"]

_CHOICES = {"projection": ("linear", "mlp"), "dialect": ("lines", "json")}
_COUNTS = ("vision_tokens", "audio_tokens", "max_frames")
_MOST = 4096  # soft tokens of one medium; more is a slip of the keyboard


@strict
class ModaVerseConfig(PreTrainedConfig):  # type: ignore[misc]
    """A causal language model with, or without, a vision and an audio encoder before it.

    Attributes:
        text_config: Of the causal language model.
        vision_config: Of the encoder of pictures and frames (SigLIP, CLIP …); None for no eyes.
        audio_config: Of the encoder of sounds (Whisper, CLAP); None for no ears.
        vision_tokens: Soft tokens of a picture, and of each frame of a video. 1 is the paper's
            (arXiv 2401.06395): the encoder's own summary, where it gives one.
        audio_tokens: Soft tokens of a sound.
        max_frames: Most frames of a video that are looked at, from the first to the last.
        video_sound: Whether the sound of a video is heard too, after its frames.
        projection: "linear" as in the paper, or "mlp": two layers with a GELU between them.
        dialect: How it writes plans.
        system: Whether it is told by a system message what plans and tools there are.
        context: Longest conversation and answer it was trained for, in tokens; None if as in its
            text_config.
        beams: Ways in which an answer about something seen or heard is written at once, the
            likeliest whole being taken; 1 takes the likeliest token each time.
        part_names: Folders or hub ids that its parts came from: language_model, vision, audio.

    Raises:
        ConfigError: A value is out of its range; every problem is listed.
    """

    model_type = "modaverse"
    sub_configs_defaults = {  # noqa: RUF012 - transformers reads it so
        "text_config": SubConfigSpec(AutoConfig, model_type="qwen3"),
        "vision_config": SubConfigSpec(AutoConfig, model_type="siglip_vision_model", optional=True),
        "audio_config": SubConfigSpec(AutoConfig, model_type="whisper", optional=True),
    }

    text_config: Any = None
    vision_config: Any = None
    audio_config: Any = None
    vision_tokens: int = 4
    audio_tokens: int = 8
    max_frames: int = 8
    video_sound: bool = False
    projection: str = "linear"
    dialect: str = "lines"
    system: bool = False
    context: int | None = None
    beams: int = 1
    part_names: dict[str, str] | None = None
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Make the parts' configurations and refuse values that make no sense."""
        super().__post_init__(**kwargs)
        self.part_names = self.part_names or {}
        # The language model ties its own embeddings; what generation asks is asked of the whole.
        self.tie_word_embeddings = bool(self.text_config.tie_word_embeddings)
        if problems := self._problems():
            raise ConfigError(problems=problems, hint="see modaverse.model.ModaVerseConfig")

    def to_diff_dict(self) -> dict[str, Any]:
        """What is written to `config.json`: names of parts, but no places of this machine."""
        said: dict[str, Any] = super().to_diff_dict()
        for name in self.sub_configs_defaults:
            if isinstance(said.get(name), dict):
                said[name].pop("_name_or_path", None)
        names = said.get("part_names", {}).items()
        said["part_names"] = {part: _without_place(name) for part, name in names}
        return said

    def _problems(self) -> list[str]:
        wrong = [
            f"{name} is {value!r}; it must be one of: {', '.join(allowed)}"
            for name, allowed in _CHOICES.items()
            if (value := getattr(self, name)) not in allowed
        ]
        wrong += [
            f"{name} is {value}; it must be in 1..{_MOST}"
            for name in _COUNTS
            if not 1 <= (value := getattr(self, name)) <= _MOST
        ]
        if not 1 <= self.beams <= MOST_BEAMS:
            wrong.append(f"beams is {self.beams}; it must be in 1..{MOST_BEAMS}")
        if self.context is not None and self.context < 1:
            wrong.append(f"context is {self.context}; it must be a number of tokens, 1 or more")
        return wrong


def _without_place(name: str) -> str:
    """The name of a folder alone; a hub id stays as it is."""
    path = Path(name)
    return path.name if path.is_absolute() or name.startswith(".") else name


def feature_width(config: Any) -> int:
    """Size of the features that the encoder of this configuration gives."""
    if config.model_type == "clap_audio_model":  # its blocks double the width, stage by stage
        return int(config.patch_embeds_hidden_size * 2 ** (len(config.depths) - 1))
    if hasattr(config, "hidden_sizes"):  # of convolutional stages, as ResNet has them
        return int(config.hidden_sizes[-1])
    return int(config.hidden_size)


AutoConfig.register(ModaVerseConfig.model_type, ModaVerseConfig, exist_ok=True)
