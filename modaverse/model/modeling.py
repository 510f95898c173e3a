"""The multimodal LLM: frozen encoders, a projection each, and a causal language model.

Shapes: b conversations of t tokens, n pictures and frames, m sounds, e the embedding width.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn
from transformers import (
    AutoModelForCausalLM,
    GenerationMixin,
    PreTrainedModel,
)

from modaverse.errors import ConfigError, MediaError
from modaverse.llm.checkpoint import refuse_gaps
from modaverse.model.configuration import ModaVerseConfig, feature_width
from modaverse.model.encoders import (
    audio_features_of,
    frozen,
    load_encoder,
    new_encoder,
    vision_features_of,
)
from modaverse.model.perception import AUDIO, MEDIA, VISION
from modaverse.model.projection import FrameTime, Projection

__all__ = ["AUDIO", "VISION", "ModaVerseForConditionalGeneration"]

_SEEN_ONCE = ("media_kinds", *MEDIA)


class ModaVerseForConditionalGeneration(PreTrainedModel, GenerationMixin):  # type: ignore[misc]
    """Reads text, pictures, videos and sounds, and writes text.

    Without encoders it is its causal language model and nothing else.

    Args:
        config: What it is made of.
    """

    config_class = ModaVerseConfig
    base_model_prefix = ""
    main_input_name = "input_ids"
    input_modalities = ("text", "image", "video", "audio")
    supports_gradient_checkpointing = True
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_flex_attn = True
    _supports_attention_backend = True
    _skip_keys_device_placement = ("past_key_values",)

    def __init__(self, config: ModaVerseConfig) -> None:
        super().__init__(config)
        self.language_model: Any = AutoModelForCausalLM.from_config(config.text_config)
        eyes, ears = config.vision_config, config.audio_config
        self.vision_encoder: Any = None if eyes is None else new_encoder(eyes)
        self.audio_encoder: Any = None if ears is None else new_encoder(ears)
        self._add_projections(config)
        self.post_init()

    @classmethod
    def from_parts(
        cls,
        language_model: str | Path | PreTrainedModel,
        vision: str | Path | None = None,
        audio: str | Path | None = None,
        *,
        dtype: torch.dtype | str = "auto",
        **options: Any,
    ) -> Self:
        """Put together a model from separate checkpoints; its projections have learnt nothing yet.

        Args:
            language_model: Folder or hub id of a causal language model, or the loaded model.
            vision: Folder or hub id of SigLIP, CLIP or another vision encoder; None for no eyes.
            audio: Folder or hub id of Whisper or CLAP; None for no ears.
            dtype: Of a language model that is loaded here; the encoders follow it.
            **options: For `ModaVerseConfig`, such as `vision_tokens=1`.

        Raises:
            ConfigError: An option is wrong.
            OSError: There is no such checkpoint.
            LLMError: One lacks weights.
        """
        if isinstance(language_model, str | Path):
            name = str(language_model)
            language_model, report = AutoModelForCausalLM.from_pretrained(
                name, dtype=dtype, trust_remote_code=False, output_loading_info=True
            )
            refuse_gaps(name, report)
        floating = language_model.dtype if language_model.dtype.is_floating_point else None
        parts = {
            "vision": load_encoder(str(vision), floating or torch.float32) if vision else None,
            "audio": load_encoder(str(audio), floating or torch.float32) if audio else None,
        }
        names = {"language_model": language_model.name_or_path, "vision": vision, "audio": audio}
        config = ModaVerseConfig(
            text_config=language_model.config,
            vision_config=getattr(parts["vision"], "config", None),
            audio_config=getattr(parts["audio"], "config", None),
            part_names={part: _place(str(name)) for part, name in names.items() if name},
            **options,
        )
        with torch.device("meta"):
            model = cls(config)
        model._put_in(language_model, **parts)
        return model

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Read a whole model; arguments, results and errors are those of transformers."""
        read = super().from_pretrained(*args, **kwargs)
        model = read[0] if isinstance(read, tuple) else read
        for encoder in model._encoders():
            frozen(encoder)  # reading has put new weights in the place of frozen ones
        return read

    def _put_in(self, language_model: Any, vision: Any, audio: Any) -> None:
        """Take loaded parts for those that were made of the configuration."""
        self.language_model = language_model
        self.vision_encoder, self.audio_encoder = vision, audio
        self.generation_config = language_model.generation_config
        self._add_projections(self.config, scale=_spread(language_model))
        for module in (*self._encoders(), self.projections):
            module.to(language_model.device)

    def _add_projections(self, config: ModaVerseConfig, scale: float | None = None) -> None:
        text: Any = config.text_config
        scale = scale or getattr(text, "initializer_range", None) or 0.02
        modules: dict[str, nn.Module] = {}
        for name, part in (("vision", config.vision_config), ("audio", config.audio_config)):
            if part is not None:
                modules[name] = Projection(
                    feature_width(part), text.hidden_size, kind=config.projection, scale=scale
                )
        if config.vision_config is not None and config.max_frames > 1:
            modules["time"] = FrameTime(text.hidden_size)
        self.projections = nn.ModuleDict(modules)

    def forward(
        self,
        input_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        media_kinds: Tensor | None = None,
        pixel_values: Tensor | None = None,
        frame_times: Tensor | None = None,
        audio_values: Tensor | None = None,
        vision_features: Tensor | None = None,
        audio_features: Tensor | None = None,
        labels: Tensor | None = None,
        past_key_values: Any = None,
        use_cache: bool | None = None,
        inputs_embeds: Tensor | None = None,
        logits_to_keep: int | Tensor = 0,
        **others: Any,
    ) -> Any:
        """Read conversations; with labels, also tell how badly they were foreseen.

        Args:
            input_ids: int64 [b, t]; the padding token at the places of soft tokens.
            attention_mask: [b, t], 1 where a token is read; or [b, 1, t, t] for packed rows: bool
                (True where it may look), or float to be added.
            position_ids: int64 [b, t]; by default counted on.
            media_kinds: int64 [b, t]: 0 text, 1 vision, 2 audio; where it is shorter, what follows
                is text. None if there are no media.
            pixel_values: float [n, c, h, w]: pictures and frames in the order of their places.
            frame_times: float32 [n] in seconds; 0 for a picture. None: all 0.
            audio_values: float [m, …], as the audio encoder takes them, in the order of places.
            vision_features: float [n, vision_tokens, d] instead of pixel_values, as `look` gives.
            audio_features: float [m, audio_tokens, d] instead of audio_values, as `listen` gives.
            labels: int64 [b, t]: -100 where nothing is to be foreseen.
            past_key_values: What was read before.
            use_cache: Whether to remember.
            inputs_embeds: [b, t, e] instead of `input_ids`; media take their places in it too.
            logits_to_keep: Logits of the last so many tokens only; 0: of all.
            **others: For the language model.

        Returns:
            What the language model gives: loss, logits [b, t, vocabulary], past_key_values.

        Raises:
            MediaError: There are more or fewer media than places for them.
        """
        if inputs_embeds is None:
            inputs_embeds = self.get_input_embeddings()(input_ids)
        if media_kinds is not None:
            inputs_embeds = self._filled(
                inputs_embeds,
                media_kinds,
                self.soft_tokens(
                    pixel_values, frame_times, audio_values, vision_features, audio_features
                ),
            )
        return self.language_model(
            inputs_embeds=inputs_embeds,
            attention_mask=self._mask(attention_mask, inputs_embeds.dtype),
            position_ids=position_ids,
            past_key_values=past_key_values,
            labels=labels,
            use_cache=use_cache,
            logits_to_keep=logits_to_keep,
            **others,
        )

    def soft_tokens(
        self,
        pixel_values: Tensor | None = None,
        frame_times: Tensor | None = None,
        audio_values: Tensor | None = None,
        vision_features: Tensor | None = None,
        audio_features: Tensor | None = None,
    ) -> dict[int, Tensor]:
        """What stands for media, by kind: 1 [n, vision_tokens, e], 2 [m, audio_tokens, e].

        Raises:
            MediaError: There are media that it has no encoder for.
        """
        found: dict[int, Tensor] = {}
        if vision_features is None and pixel_values is not None and len(pixel_values):
            vision_features = self.look(pixel_values)
        if vision_features is not None:
            found[VISION] = self.projections["vision"](vision_features)
            if frame_times is not None and "time" in self.projections:
                found[VISION] = found[VISION] + self.projections["time"](frame_times)
        if audio_features is None and audio_values is not None and len(audio_values):
            audio_features = self.listen(audio_values)
        if audio_features is not None:
            found[AUDIO] = self.projections["audio"](audio_features)
        return found

    def look(self, pixel_values: Tensor) -> Tensor:
        """Pictures and frames [n, c, h, w] -> features [n, vision_tokens, d], not projected yet.

        Raises:
            MediaError: It has no vision encoder.
        """
        encoder = _there(self.vision_encoder, "vision")
        return vision_features_of(encoder, pixel_values, self.config.vision_tokens)

    def listen(self, audio_values: Tensor) -> Tensor:
        """Sounds [m, …] -> features [m, audio_tokens, d], not projected yet.

        Raises:
            MediaError: It has no audio encoder.
        """
        encoder = _there(self.audio_encoder, "audio")
        return audio_features_of(encoder, audio_values, self.config.audio_tokens)

    def _filled(self, embeddings: Tensor, kinds: Tensor, soft: dict[int, Tensor]) -> Tensor:
        """Embeddings [b, t, e] with soft tokens at their places."""
        kinds = nn.functional.pad(kinds, (0, embeddings.shape[1] - kinds.shape[1]))
        for kind, name in ((VISION, "vision"), (AUDIO, "audio")):
            places = kinds == kind
            tokens = soft.get(kind)
            given = 0 if tokens is None else tokens.shape[0] * tokens.shape[1]
            if int(places.sum()) != given:
                raise MediaError(
                    f"there are {int(places.sum())} places for {name} tokens, and {given} tokens",
                    hint="take media_kinds and the media from one call of the processor",
                )
            if tokens is not None:
                flat = tokens.flatten(0, 1).to(embeddings.device, embeddings.dtype)
                embeddings = embeddings.masked_scatter(places[..., None], flat)
        return embeddings

    def _mask(self, mask: Tensor | None, dtype: torch.dtype) -> Tensor | None:
        """A mask as the language model's attention takes it: eager adds it, sdpa takes bools."""
        if mask is None or mask.ndim != 4 or mask.dtype != torch.bool:
            return mask
        if self.language_model.config._attn_implementation != "eager":
            return mask
        lowest = torch.finfo(dtype).min
        return torch.zeros(mask.shape, dtype=dtype, device=mask.device).masked_fill(~mask, lowest)

    def prepare_inputs_for_generation(
        self, input_ids: Tensor, *, is_first_iteration: bool = False, **kwargs: Any
    ) -> dict[str, Any]:
        """What the next step reads: media the first time only, or always without a cache."""
        inputs: dict[str, Any] = super().prepare_inputs_for_generation(
            input_ids, is_first_iteration=is_first_iteration, **kwargs
        )
        if not is_first_iteration and kwargs.get("use_cache", True):
            for name in _SEEN_ONCE:
                inputs.pop(name, None)
        return inputs

    def _expand_inputs_for_generation(
        self,
        expand_size: int = 1,
        is_encoder_decoder: bool = False,
        input_ids: Tensor | None = None,
        **given: Any,
    ) -> tuple[Tensor, dict[str, Any]]:
        """Each conversation several times over, for beams: its media go with it, in their order."""
        media = {name: given.pop(name, None) for name in MEDIA}
        kinds: Any = given.get("media_kinds")
        expanded: tuple[Tensor, dict[str, Any]] = super()._expand_inputs_for_generation(
            expand_size, is_encoder_decoder, input_ids, **given
        )
        for name, values in media.items():
            if values is not None:
                kind = AUDIO if name.startswith("audio") else VISION
                order = _repeated(kinds == kind, len(values), expand_size)
                values = values[order.to(values.device)]
            expanded[1][name] = values
        return expanded

    def train(self, mode: bool = True) -> Self:
        """Train or evaluate; the encoders are frozen and always evaluate."""
        super().train(mode)
        for encoder in self._encoders():
            encoder.eval()
        return self

    def _encoders(self) -> list[Any]:
        return [part for part in (self.vision_encoder, self.audio_encoder) if part is not None]

    def get_input_embeddings(self) -> nn.Module:
        """The language model's."""
        embeddings: nn.Module = self.language_model.get_input_embeddings()
        return embeddings

    def set_input_embeddings(self, value: nn.Module) -> None:
        """Change the language model's."""
        self.language_model.set_input_embeddings(value)

    def get_output_embeddings(self) -> nn.Module:
        """The language model's."""
        embeddings: nn.Module = self.language_model.get_output_embeddings()
        return embeddings

    def set_output_embeddings(self, new_embeddings: nn.Module) -> None:
        """Change the language model's."""
        self.language_model.set_output_embeddings(new_embeddings)

    def save_pretrained(self, save_directory: str | Path, **options: Any) -> None:
        """Write the whole model, encoders and all.

        Raises:
            ConfigError: There is an adapter on the language model, which is no weight of it.
        """
        if hasattr(self.language_model, "peft_config"):
            raise ConfigError(
                "the language model has an adapter, so it cannot be saved whole",
                hint="save_alignment(model, folder) writes adapter and projections; or first "
                "model.language_model = model.language_model.merge_and_unload()",
            )
        super().save_pretrained(save_directory, **options)

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        if isinstance(module, Projection | FrameTime):
            module.reset()
        elif not isinstance(module, nn.Linear):
            super()._init_weights(module)


def _place(name: str) -> str:
    """A folder's whole path, so that it is found from other folders too; a hub id as it is."""
    return str(Path(name).resolve()) if Path(name).is_dir() else name


def _spread(language_model: Any) -> float:
    """Standard deviation of a language model's embeddings."""
    weight = language_model.get_input_embeddings().weight
    if weight.is_meta:
        return 0.02
    return float(weight[:4096].detach().float().std())


def _there(encoder: Any, name: str) -> Any:
    if encoder is None:
        raise MediaError(
            f"the model has no {name} encoder",
            hint=f"put it together with {name}=, or leave such media out",
        )
    return encoder


def _repeated(places: Tensor, media: int, times: int) -> Tensor:
    """The order of media when each conversation stands `times` times in a row.

    Args:
        places: bool [b, t]: of the soft tokens of these media, which have equally many each.
        media: How many there are.
        times: How often.
    """
    each = int(places.sum()) // media
    counts = (places.sum(1) // each).tolist()  # media of each conversation
    numbers = torch.split(torch.arange(media), counts)
    return torch.cat([part for part in numbers for _ in range(times)])


AutoModelForCausalLM.register(ModaVerseConfig, ModaVerseForConditionalGeneration, exist_ok=True)
