"""From requests to what the multimodal LLM reads: tokens, places of media, and the media."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self, cast

import numpy as np
from transformers import (
    AutoFeatureExtractor,
    AutoImageProcessor,
    AutoProcessor,
    AutoTokenizer,
    BatchFeature,
    ProcessorMixin,
)

from modaverse.errors import RequestError
from modaverse.llm.checkpoint import ModelSettings
from modaverse.llm.template import Prompt
from modaverse.model.configuration import ModaVerseConfig
from modaverse.model.perception import TEXT, Perceived, Perception, SoftTokens

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from modaverse.llm.base import DialectName, LLMRequest
    from modaverse.media import Media, Modality
    from modaverse.plan import Handle

__all__ = ["IGNORED", "Encoded", "ModaVerseProcessor"]

IGNORED = -100  # the label of a token that is not learned, as transformers has it
_FILE = "processor_config.json"


@dataclass(frozen=True, slots=True)
class Encoded:
    """One request, maybe with its answer, without padding: what training packs.

    Attributes:
        input_ids: int64 [t]; the padding token at the places of soft tokens.
        media_kinds: int64 [t]: 0 text, 1 vision, 2 audio.
        labels: int64 [t]: -100 everywhere but at the answer's tokens and the one that ends it.
        pixel_values: float32 [n, c, h, w], or None.
        frame_times: float32 [n] in seconds, or None.
        audio_values: float32 [m, mel, frames] (CLAP: [m, channels, frames, mel]), or None.
        vision_features: float32 [n, vision_tokens, d] instead of pixel_values, or None.
        audio_features: float32 [m, audio_tokens, d] instead of audio_values, or None.
    """

    input_ids: NDArray[np.int64]
    media_kinds: NDArray[np.int64]
    labels: NDArray[np.int64]
    pixel_values: NDArray[np.float32] | None = None
    frame_times: NDArray[np.float32] | None = None
    audio_values: NDArray[np.float32] | None = None
    vision_features: NDArray[np.float32] | None = None
    audio_features: NDArray[np.float32] | None = None


class ModaVerseProcessor(ProcessorMixin):  # type: ignore[misc]
    """Tokenizer, image processor and feature extractor of one model.

    Args:
        tokenizer: Of the language model.
        image_processor: Of the vision encoder; None for a model without eyes.
        feature_extractor: Of the audio encoder; None for a model without ears.
        soft: How many soft tokens stand for a medium.
        settings: How the model is spoken to: dialect, system message, context.
    """

    def __init__(
        self,
        tokenizer: Any,
        image_processor: Any | None = None,
        feature_extractor: Any | None = None,
        *,
        soft: SoftTokens | None = None,
        settings: ModelSettings | None = None,
    ) -> None:
        self.chat_template = None  # the tokenizer's own is used
        self.tokenizer = tokenizer
        self.image_processor = image_processor
        self.feature_extractor = feature_extractor
        self.soft = soft or SoftTokens()
        self.settings = settings or ModelSettings(dialect="lines", system=False)
        self.perception = Perception(image_processor, feature_extractor, self.soft)
        context = self.settings.context or float("inf")
        self.prompt = Prompt(tokenizer, self.settings, context, self.perception.kinds)

    @classmethod
    def from_parts(
        cls,
        config: ModaVerseConfig,
        language_model: str | Path | None = None,
        vision: str | Path | None = None,
        audio: str | Path | None = None,
    ) -> Self:
        """The processor of a model that was put together from separate checkpoints.

        Args:
            config: The model's.
            language_model: Folder or hub id with its tokenizer; by default the name that the
                configuration remembers. The same holds for `vision` and `audio`.
            vision: With its image processor.
            audio: With its feature extractor.

        Raises:
            OSError: A part is not there.
        """
        names = config.part_names or {}
        eyes = ears = None
        if config.vision_config is not None:
            eyes = AutoImageProcessor.from_pretrained(vision or names["vision"])
        if config.audio_config is not None:
            ears = AutoFeatureExtractor.from_pretrained(audio or names["audio"])
        tokenizer = AutoTokenizer.from_pretrained(language_model or names["language_model"])
        dialect = cast("DialectName", config.dialect)
        settings = ModelSettings(dialect, config.system, config.context, config.beams)
        return cls(tokenizer, eyes, ears, soft=SoftTokens.of(config), settings=settings)

    @property
    def perceives(self) -> frozenset[Modality]:
        """Modalities whose values it reads; of others the model knows the handles."""
        return self.perception.modalities

    def __call__(
        self,
        requests: Sequence[LLMRequest],
        answers: Sequence[str] | None = None,
        *,
        padding: Literal["longest", "max_length"] = "longest",
        max_length: int | None = None,
        return_tensors: Literal["pt", "np"] = "pt",
    ) -> BatchFeature:
        """A batch: padded at the left to be answered, at the right if the answers are given.

        Args:
            requests: Conversations that end in a request.
            answers: The plans that are to be learned.
            padding: Up to the longest row, or up to `max_length`.
            max_length: Tokens of a row at most.
            return_tensors: "pt" for torch, "np" for numpy.

        Returns:
            input_ids, attention_mask, media_kinds, int64 [b, t]; labels with answers; and as far
            as there are media, in the order of their places: pixel_values float32 [n, c, h, w],
            frame_times float32 [n], audio_values float32 [m, …].

        Raises:
            RequestError: A row is longer than the model reads, or than `max_length`.
        """
        rows = [
            self.encode(request, None if answers is None else answers[number])
            for number, request in enumerate(requests)
        ]
        size = max(len(row.input_ids) for row in rows)
        if max_length is not None and size > max_length:
            raise RequestError(
                f"a request has {size} tokens, more than {max_length}",
                hint="shorten it, or raise max_length",
            )
        if padding == "max_length" and max_length is not None:
            size = max_length
        batch = _padded(rows, size, pad=self.prompt.pad, left=answers is None)
        if answers is None:
            del batch["labels"]
        media = Perceived.joined(
            Perceived(row.pixel_values, row.frame_times, row.audio_values) for row in rows
        )
        found = {name: getattr(media, name) for name in Perceived.__slots__}
        batch |= {name: values for name, values in found.items() if values is not None}
        return BatchFeature(batch, tensor_type=return_tensors)

    def encode(self, request: LLMRequest, answer: str | None = None) -> Encoded:
        """One row without padding.

        Args:
            request: A conversation that ends in a request, with the values of its media.
            answer: The plan that is to be learned, in the model's dialect.

        Raises:
            RequestError: It is longer than the model reads.
        """
        told = [] if answer is None else self.prompt.answer(answer)
        room = {} if answer is None else {"answer": len(told)}
        read = self.prompt.read(request, **room)
        media = self.perceive(read.media, request)
        return Encoded(
            np.array(read.tokens + told, np.int64),
            np.array(read.kinds + [TEXT] * len(told), np.int64),
            np.array([IGNORED] * len(read.tokens) + told, np.int64),
            media.pixel_values,
            media.frame_times,
            media.audio_values,
        )

    def perceive(self, handles: Sequence[Handle], request: LLMRequest) -> Perceived:
        """The values of a request's handles as the encoders take them."""
        values: list[Media] = [request.media[handle] for handle in handles]
        return self.perception.perceive(values)

    def told(self, settings: ModelSettings) -> Self:
        """The same processor for a model that is spoken to in another way."""
        parts = (self.tokenizer, self.image_processor, self.feature_extractor)
        return type(self)(*parts, soft=self.soft, settings=settings)

    def to_dict(self) -> dict[str, Any]:
        """What is saved, but for the tokenizer, which has files of its own."""
        parts = {
            "image_processor": self.image_processor,
            "feature_extractor": self.feature_extractor,
        }
        return {
            "processor_class": type(self).__name__,
            **{name: part.to_dict() for name, part in parts.items() if part is not None},
            "soft": asdict(self.soft),
            "settings": asdict(self.settings),
        }

    def save_pretrained(
        self, save_directory: str | Path, push_to_hub: bool = False, **options: Any
    ) -> list[str]:
        """Write the tokenizer's files and `processor_config.json`; gives the latter's path.

        Args:
            save_directory: Made if it is not there.
            push_to_hub: Whether to upload it too.
            **options: For `push_to_hub`, such as `repo_id=`.
        """
        folder = Path(save_directory)
        folder.mkdir(parents=True, exist_ok=True)
        self.tokenizer.save_pretrained(folder)
        self.to_json_file(folder / _FILE)
        if push_to_hub:
            self.push_to_hub(options.pop("repo_id", folder.name), **options)
        return [str(folder / _FILE)]

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | Path, **options: Any) -> Self:
        """Read a processor from a folder or the hub.

        Raises:
            OSError: There is none.
        """
        name = pretrained_model_name_or_path
        saved, _ = cls.get_processor_dict(name, **options)
        if "soft" not in saved:
            raise OSError(f"{name} has no {_FILE} of a {cls.__name__}")
        eyes = ears = None
        if "image_processor" in saved:
            eyes = AutoImageProcessor.from_pretrained(name, **options)
        if "feature_extractor" in saved:
            ears = AutoFeatureExtractor.from_pretrained(name, **options)
        return cls(
            AutoTokenizer.from_pretrained(name, **options),
            eyes,
            ears,
            soft=SoftTokens(**saved["soft"]),
            settings=ModelSettings(**saved["settings"]),
        )

    @property
    def model_input_names(self) -> list[str]:
        """What the model takes of a batch."""
        return ["input_ids", "attention_mask", "media_kinds", *Perceived.__slots__]

    def __repr__(self) -> str:
        """Its parts and numbers."""
        return f"{type(self).__name__}({json.dumps(asdict(self.soft))})"


def _padded(rows: Sequence[Encoded], size: int, *, pad: int, left: bool) -> dict[str, Any]:
    """Rows of one length: int64 [b, size] each."""
    batch: dict[str, Any] = {}
    for name, value in (("input_ids", pad), ("media_kinds", TEXT), ("labels", IGNORED)):
        table = np.full((len(rows), size), value, np.int64)
        mask = np.zeros((len(rows), size), np.int64)
        for number, row in enumerate(rows):
            tokens = getattr(row, name)
            place = slice(size - len(tokens), None) if left else slice(len(tokens))
            table[number, place] = tokens
            mask[number, place] = 1
        batch[name] = table
        batch["attention_mask"] = mask
    return batch


AutoProcessor.register(ModaVerseConfig, ModaVerseProcessor, exist_ok=True)
