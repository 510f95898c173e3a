"""What is trained: a model put together with its adapter, and how it is fed, kept and restored.

Two kinds: a language model behind encoders and projections of ours, and one that sees by itself.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.errors import ConfigError
from modaverse.llm.backend import quiet, require
from modaverse.llm.checkpoint import SETTINGS_FILE, ModelSettings
from modaverse_training.alignment.arguments import in_bfloat16, world
from modaverse_training.alignment.lora import (
    base_of,
    checkpointed,
    fitting,
    load_frozen,
    loading,
    lora_config,
    with_lora,
)
from modaverse_training.alignment.packing import collate

if TYPE_CHECKING:
    import torch
    from torch.utils.data import Dataset

    from modaverse.llm.base import LLMRequest
    from modaverse.media import Modality
    from modaverse.model import Encoded, ModaVerseProcessor
    from modaverse_training.alignment.captions import Looked
    from modaverse_training.alignment.config import AlignmentConfig
    from modaverse_training.alignment.data import Asker, Example, Examples
    from modaverse_training.alignment.eyes import Eyes

__all__ = ["ADAPTER", "Aligned", "Reader", "load_aligned", "load_encoder", "start_of"]

_PROJECTION = 0.3  # of the adapter's rate, while captions alone are learned
ADAPTER = "adapter"  # in an alignment's folder: a plain adapter of peft


class Aligned(ABC):
    """A model that is being aligned.

    Attributes:
        model: What the Trainer trains.
        collate: Makes a batch of what `dataset` holds.
    """

    model: Any
    collate: Callable[..., Any]

    @abstractmethod
    def dataset(
        self, examples: Examples, held: Sequence[tuple[int, ...]], asker: Asker
    ) -> Dataset[Any]:
        """Examples in the order of a schedule."""

    def begin(self, examples: Sequence[Example], tell: Callable[[str], None]) -> None:  # noqa: B027
        """Find a good start in what is to be learned from, where one is asked for.

        Args:
            examples: What is to be learned from.
            tell: Takes lines for the person.
        """

    @abstractmethod
    def keep(self, folder: Path, state: Mapping[str, torch.Tensor] | None) -> None:
        """Write what is trained, from a state gathered of several processes or the model's own."""

    @abstractmethod
    def restore(self, folder: Path) -> None:
        """Read it back."""

    def trained(self) -> int:
        """Parameters that are trained."""
        return sum(p.numel() for p in self.model.parameters() if p.requires_grad)

    def total(self) -> int:
        """All parameters."""
        return sum(p.numel() for p in self.model.parameters())


class Reader:
    """Encodes requests and answers with the processor of a model behind encoders of ours.

    Args:
        processor: The model's.
    """

    by_size = False  # a picture has as many soft tokens as any other

    def __init__(self, processor: ModaVerseProcessor) -> None:
        self.processor = processor
        self.tokenizer = processor.tokenizer
        self.pad: int = processor.prompt.pad

    @property
    def perceives(self) -> frozenset[Modality]:
        """Modalities that there are encoders for."""
        return self.processor.perceives

    def written(self, request: LLMRequest) -> str:
        """The request as the model's template writes it."""
        return self.processor.prompt.text(request)

    def measure(self, request: LLMRequest, answer: str) -> tuple[int, int]:
        """How many tokens they have, and how many of these are the answer and its end."""
        told = self.processor.prompt.answer(answer)
        read = self.processor.prompt.read(request, answer=len(told))
        return len(read.tokens) + len(told), len(told)

    def encode(self, request: LLMRequest, answer: str) -> Encoded:
        """The tokens, the labels, and the media as the encoders take them."""
        return self.processor.encode(request, answer)


class BehindEncoders(Aligned):
    """A language model behind frozen encoders: its adapter and the projections learn.

    Args:
        config: The settings.
        reader: Encodes its rows.
    """

    def __init__(self, config: AlignmentConfig, reader: Reader) -> None:
        from modaverse.model.alignment import add_lora, load_alignment
        from modaverse.model.modeling import ModaVerseForConditionalGeneration
        from modaverse_training.alignment.features import Memory

        settings = config.model
        language = load_frozen(require("transformers").AutoModelForCausalLM, settings)
        with loading(" and ".join(filter(None, (settings.vision, settings.audio)))), quiet():
            self.model = ModaVerseForConditionalGeneration.from_parts(
                language,
                settings.vision or None,
                settings.audio or None,
                vision_tokens=settings.vision_tokens,
                audio_tokens=settings.audio_tokens,
                max_frames=settings.max_frames,
                video_sound=settings.video_sound,
                projection=settings.projection,
                dialect=settings.dialect,
                system=settings.system,
                context=context_of(config),
                beams=settings.beams,
            )
        if settings.start:
            self.model.requires_grad_(False)
            load_alignment(self.model, start_of(settings.start), trainable=True)
            self.model.projections.requires_grad_(True)
        else:
            with fitting(config.lora):
                add_lora(self.model, lora_config(config.lora))
        self.model.projections.float()
        if config.training.checkpointing:
            checkpointed(self.model.language_model)
        if world()[1] > 1:
            _take_part(self.model)
        self._reader = reader
        self._config = config
        self._memory = Memory()
        self.collate = partial(collate, trim=not config.packing.enabled)

    def dataset(
        self, examples: Examples, held: Sequence[tuple[int, ...]], asker: Asker
    ) -> Dataset[Any]:
        """Sequences of fixed length."""
        from modaverse_training.alignment.sequences import Sequences

        return Sequences(
            examples, held, self._reader, asker, length=self._config.packing.length,
            pad=self._reader.pad,
            remember=self._perceived if self._config.training.remember else None,
        )  # fmt: skip

    def _perceived(self, row: Encoded) -> Encoded:
        """The row with features in the place of its media."""
        found = self._memory.features_of(self.model, row)
        kept = {f"{name}_features": value.numpy() for name, value in found.items()}
        return replace(row, pixel_values=None, audio_values=None, **kept)

    def begin(self, examples: Sequence[Example], tell: Callable[[str], None]) -> None:
        """Projections that have learnt nothing begin at the captions; captions are learned."""
        from modaverse_training.alignment.captions import begin_at_captions, captioned, looked_at
        from modaverse_training.alignment.features import features_of

        settings, processor = self._config.model, self._reader.processor
        media = captioned(examples, processor, self._config.training.captioned)
        features = self._memory.features_of if self._config.training.remember else features_of
        looked: Iterable[Looked] = looked_at(self.model, processor, media, features)
        if self._config.training.captions:
            tell("looking at the media that have captions")
            looked = list(looked)
        if not settings.start and settings.projection_start == "captions":
            for name, count in begin_at_captions(self.model, processor, looked).items():
                tell(f"the projection of {name} begins at {count} captions")
        if self._config.training.captions:
            self._learn_captions(looked, tell)

    def _learn_captions(self, looked: Iterable[Looked], tell: Callable[[str], None]) -> None:
        from modaverse_training.alignment.captioning import (
            Captioning,
            captions_encoded,
            learn_captions,
        )

        training, packing = self._config.training, self._config.packing
        settings = Captioning(
            training.captions,
            batch=training.batch,
            micro_batch=training.micro_batch,
            length=packing.length,
            window=packing.window,
            packed=packing.enabled,
            rate=training.learning_rate,
            projection_rate=_PROJECTION * training.learning_rate,
            weight_decay=training.weight_decay,
            clip=training.clip,
            attention=self._config.model.attention,
            bfloat16=in_bfloat16(self._config),
            seed=self._config.seed,
        )
        rows = captions_encoded(self._reader.processor, looked)
        fitting = sum(map(settings.fits, rows))
        left_out = f"; {len(rows) - fitting} are too long" if fitting < len(rows) else ""
        tell(f"{settings.steps} steps with the captions of {fitting} media{left_out}")

        def told(step: int, loss: float) -> None:
            if step % max(1, settings.steps // 10) == 0:
                tell(f"captions: step {step}/{settings.steps}  loss {loss:.4f}")

        learn_captions(self.model, rows, settings, pad=self._reader.pad, tell=told)

    def keep(self, folder: Path, state: Mapping[str, torch.Tensor] | None) -> None:
        """Write adapter, projections, and what they belong to."""
        from modaverse.model.alignment import save_alignment

        save_alignment(self.model, folder, state=state)

    def restore(self, folder: Path) -> None:
        """Read adapter and projections back."""
        from modaverse.model.alignment import load_alignment

        load_alignment(self.model, folder, trainable=True)


def _take_part(model: Any) -> None:
    """Give the projections a part, of zero, in batches without media too.

    Processes exchange the gradients of the same parameters, or they wait for each other for ever.
    """

    def add_nothing(_: Any, __: Any, embeddings: torch.Tensor) -> torch.Tensor:
        for value in model.projections.parameters():
            embeddings = embeddings + (0.0 * value.sum()).to(embeddings.dtype)
        return embeddings

    if len(model.projections):
        model.get_input_embeddings().register_forward_hook(add_nothing)


class OwnEyes(Aligned):
    """A model that sees by itself: only its adapter learns.

    Args:
        config: The settings.
        eyes: Encodes its rows.
    """

    def __init__(self, config: AlignmentConfig, eyes: Eyes) -> None:
        from modaverse_training.alignment.eyes import collate_seen

        auto = require("transformers").AutoModelForImageTextToText
        frozen = load_frozen(auto, config.model)
        if config.model.start:
            peft = require("peft")
            place = str(start_of(config.model.start) / ADAPTER)
            self.model = peft.PeftModel.from_pretrained(frozen, place, is_trainable=True)
        else:
            self.model = with_lora(frozen, config.lora)
        if config.training.checkpointing:
            checkpointed(self.model)
        self._eyes = eyes
        self._settings = config.model
        self._context = context_of(config)
        self.collate = partial(collate_seen, pad=eyes.pad)

    def dataset(
        self, examples: Examples, held: Sequence[tuple[int, ...]], asker: Asker
    ) -> Dataset[Any]:
        """Single rows."""
        from modaverse_training.alignment.sequences import Rows

        return Rows(examples, held, self._eyes, asker)

    def keep(self, folder: Path, state: Mapping[str, torch.Tensor] | None) -> None:
        """Write the adapter, how plans are written, and what the adapter is for."""
        self.model.save_pretrained(folder / ADAPTER, state_dict=state)
        said = {
            "dialect": self._settings.dialect,
            "system": self._settings.system,
            "context": self._context,
            "max_frames": self._settings.max_frames,
            "own_eyes": self._settings.language,
        }
        (folder / SETTINGS_FILE).write_text(json.dumps(said) + "\n", encoding="utf-8")

    def restore(self, folder: Path) -> None:
        """Read the adapter back."""
        weights = require("peft.utils").load_peft_weights(str(folder / ADAPTER), device="cpu")
        require("peft").set_peft_model_state_dict(self.model, weights)


def load_encoder(config: AlignmentConfig) -> Reader | Eyes:
    """What encodes the rows of the model that is aligned; loads no weights.

    Raises:
        BackendMissing: A tokenizer or processor is not there.
        LLMError: It is damaged.
    """
    model = config.model
    if model.kind == "own-eyes":
        from modaverse_training.alignment.eyes import Eyes

        return Eyes(
            model.language, dialect=model.dialect, system=model.system, frames=model.max_frames
        )
    from modaverse.model.perception import SoftTokens
    from modaverse.model.processing import ModaVerseProcessor

    transformers = require("transformers")
    with loading(base_of(model.language)), quiet():
        tokenizer = transformers.AutoTokenizer.from_pretrained(base_of(model.language))
    parts = {}
    for name, auto in (
        (model.vision, transformers.AutoImageProcessor),
        (model.audio, transformers.AutoFeatureExtractor),
    ):
        with loading(name), quiet():
            parts[name] = auto.from_pretrained(name) if name else None
    return Reader(
        ModaVerseProcessor(
            tokenizer,
            parts[model.vision],
            parts[model.audio],
            soft=SoftTokens.of(model),
            settings=ModelSettings(model.dialect, model.system, context_of(config)),
        )
    )


def load_aligned(config: AlignmentConfig, encoder: Any) -> Aligned:
    """The model with its adapter, ready to be trained.

    Args:
        config: The settings.
        encoder: As `load_encoder` made it.

    Raises:
        BackendMissing: Weights, or a package, are not there.
        LLMError: They are damaged.
        ConfigError: The model has no layers for the adapter, or what it is to go on from does not
            fit it.
    """
    kind: Callable[..., Aligned] = OwnEyes if config.model.kind == "own-eyes" else BehindEncoders
    return kind(config, encoder)


def context_of(config: AlignmentConfig) -> int:
    """Longest conversation and answer that the model is trained for, in tokens."""
    return config.model.context or config.packing.length


def start_of(name: str) -> Path:
    """The alignment that is to be gone on from: a run's, or the folder itself.

    Raises:
        ConfigError: There is none.
    """
    for folder in (Path(name) / "alignment", Path(name)):
        if (folder / ADAPTER).is_dir():
            return folder
    raise ConfigError(
        f"model.start: {name} holds no alignment", hint="name a run, or its alignment folder"
    )
