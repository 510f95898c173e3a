"""The settings of an alignment: what a TOML file and `key=value` words may say, all checked.

    [model]
    language = "Qwen/Qwen3-4B"
    [data]
    train = ["rows.jsonl"]

Every other setting has a default. `modaverse train FILE --show` prints each one, and who set it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from modaverse.llm.checkpoint import MOST_BEAMS

__all__ = [
    "AlignmentConfig",
    "Clash",
    "DataConfig",
    "DataSource",
    "LoggingConfig",
    "LoraSettings",
    "ModelConfig",
    "PackingConfig",
    "SavingConfig",
    "TrainingConfig",
    "clashes",
]

Share = Annotated[float, Field(ge=0, lt=1, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]


def _source(value: object) -> object:
    """A source, also from its path alone."""
    return {"path": value} if isinstance(value, str | Path) else value


def _several(value: object) -> object:
    """A list, also from its only item."""
    return value if isinstance(value, list | tuple) else [value]


class Table(BaseModel):
    """A table of settings: frozen, and an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class DataSource(Table):
    """One file of instruction rows.

    Attributes:
        path: JSONL or parquet, as `modaverse data build` writes them.
        weight: How many times an epoch shows each row: 1 is once, 0.5 a half of the rows, drawn
            anew each epoch, 2.5 each row twice and a half of them once more.
    """

    path: Path
    weight: Positive = 1.0

    @field_validator("path")
    @classmethod
    def _is_there(cls, path: Path, info: ValidationInfo) -> Path:
        if (info.context or {}).get("files") and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path


Sources = Annotated[
    tuple[Annotated[DataSource, BeforeValidator(_source)], ...], BeforeValidator(_several)
]
Words = Annotated[tuple[str, ...], BeforeValidator(_several)]


class ModelConfig(Table):
    """What is aligned.

    Attributes:
        language: The causal language model: a folder, a hub id, or "nano".
        vision: The encoder of pictures and video frames: a folder or hub id; empty for none.
        audio: The encoder of sounds: a folder or hub id; empty for none.
        kind: "modaverse" puts encoders and projections before the language model; "own-eyes" takes
            a model that sees by itself (AutoModelForImageTextToText), with its own processor.
        projection: From an encoder's features to the language model's embeddings.
        projection_start: Where new projections begin: "random", or at the "captions" of the rows'
            media: where the model's own embeddings tell the words of each caption.
        vision_tokens: Soft tokens a picture or a frame; 1 as in the paper.
        audio_tokens: Soft tokens a sound.
        max_frames: Most frames that are taken from a video.
        video_sound: Whether the sound of a video is heard too, after its frames.
        dialect: How plans are written.
        system: Whether a system message explains plans and lists the row's tools.
        context: Longest conversation and answer, in tokens; 0 for that of the packing.
        beams: Ways in which an answer about something seen or heard is written at once by the
            finished model, the likeliest whole being taken. Not for own eyes.
        dtype: Of the frozen weights; "auto" is as they are stored.
        attention: Implementation; "flash_attention_2" needs a GPU and the package flash-attn.
        quantize: Of the frozen language model (QLoRA); needs a GPU and the package bitsandbytes.
        start: An alignment to go on from, the folder or the run; empty to begin a new one.
    """

    language: str = Field(min_length=1)
    vision: str = ""
    audio: str = ""
    kind: Literal["modaverse", "own-eyes"] = "modaverse"
    projection: Literal["linear", "mlp"] = "linear"
    projection_start: Literal["random", "captions"] = "random"
    vision_tokens: Count = 4
    audio_tokens: Count = 8
    max_frames: Count = 8
    video_sound: bool = False
    dialect: Literal["lines", "json"] = "lines"
    system: bool = False
    context: int = Field(default=0, ge=0)
    beams: int = Field(default=1, ge=1, le=MOST_BEAMS)
    dtype: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    attention: Literal["sdpa", "eager", "flash_attention_2"] = "sdpa"
    quantize: Literal["none", "4bit", "8bit"] = "none"
    start: str = ""

    @field_validator("language", "vision", "audio", "start")
    @classmethod
    def _is_there(cls, name: str, info: ValidationInfo) -> str:
        looked_for = (info.context or {}).get("files") and Path(name).is_absolute()
        if looked_for and not Path(name).is_dir():
            raise ValueError(f"there is no folder {name}")
        return name


class DataConfig(Table):
    """What it learns from.

    Attributes:
        train: Files of rows.
        validation: Files of rows that are only measured on.
        validation_share: Share of the rows of `train` that is held out and measured on instead.
        turns: "last" learns the answer that ends a row, "all" every answer in it.
        on_error: What a row brings that is broken, too long, or lacks its media: "raise" stops
            before training, "skip" leaves it out and says how many.
    """

    train: Sources = Field(default=(), validate_default=True)
    validation: Sources = ()
    validation_share: Share = 0.0
    turns: Literal["last", "all"] = "last"
    on_error: Literal["raise", "skip"] = "raise"

    @field_validator("train")
    @classmethod
    def _something(
        cls, train: tuple[DataSource, ...], info: ValidationInfo
    ) -> tuple[DataSource, ...]:
        if not train and (info.context or {}).get("files"):
            raise ValueError("name at least one file of rows")
        return train


class PackingConfig(Table):
    """How rows share the places of a sequence.

    Attributes:
        enabled: Several rows a sequence, none of which sees another; else one, and padding.
        length: Tokens of a sequence, always filled up to; one shape is the fastest.
        window: Rows among which those are looked for that fit together.
    """

    enabled: bool = True
    length: int = Field(default=512, ge=16)
    window: Count = 2048


class LoraSettings(Table):
    """The adapter on the language model.

    Attributes:
        rank: Rank of the two factors.
        alpha: Their product is scaled by alpha / rank; 0 for twice the rank.
        dropout: Share of their inputs that is dropped.
        targets: Names of the linear layers; "all-linear" for all of them but the head.
    """

    rank: Count = 16
    alpha: float = Field(default=0, ge=0, allow_inf_nan=False)
    dropout: Share = 0.0
    targets: Words = Field(default=("q_proj", "k_proj", "v_proj", "o_proj"), min_length=1)


class TrainingConfig(Table):
    """The steps.

    Attributes:
        epochs: Times through the data; parts of one are allowed.
        steps: Stop after this many steps, if sooner; 0 for as many as the epochs make.
        batch: Sequences a step, over all processes together.
        micro_batch: Sequences that one process computes at once; must divide the batch.
        learning_rate: Highest rate of the optimizer.
        projection_rate: That of the projections; 0 for the same.
        schedule: How the rate goes after the warm-up.
        warmup: Share of the steps in which the rate rises from zero.
        captions: Steps before the first, in which adapter and projections learn to write captions
            alone (see `captioning.py`): of `batch` sequences at three tenths of the rate for the
            projections. They leave no checkpoints: a run killed in them begins them again.
        captioned: Most media of each modality whose captions are learned, or begun at; all their
            features are kept in memory.
        optimizer: As transformers names it.
        weight_decay: Of the optimizer.
        clip: Largest norm of the gradient; 0 for no limit.
        precision: What is computed in; "auto" takes bfloat16 where the device is made for it.
        checkpointing: Whether to compute activations anew instead of keeping them: less memory.
        device: "auto" takes a GPU if there is one.
        workers: Processes that load media ahead.
        remember: Whether what the frozen encoders make of media is kept in memory, so that only
            the first epoch opens files and looks at them.
    """

    epochs: Positive = 1.0
    steps: int = Field(default=0, ge=0)
    batch: Count = 16
    micro_batch: Count = 4
    learning_rate: Positive = 4e-4
    projection_rate: float = Field(default=0, ge=0, allow_inf_nan=False)
    schedule: Literal["linear", "cosine", "constant"] = "cosine"
    warmup: Share = 0.1
    captions: int = Field(default=0, ge=0)
    captioned: Count = 8192
    optimizer: str = "adamw_torch"
    weight_decay: float = Field(default=0.0, ge=0, allow_inf_nan=False)
    clip: float = Field(default=1.0, ge=0, allow_inf_nan=False)
    precision: Literal["auto", "bfloat16", "float32"] = "auto"
    checkpointing: bool = False
    device: Literal["auto", "cpu"] = "auto"
    workers: int = Field(default=0, ge=0)
    remember: bool = False


class SavingConfig(Table):
    """Checkpoints, from which a run that was stopped goes on.

    Attributes:
        every: Steps between them.
        keep: How many are kept; the oldest goes first.
    """

    every: Count = 200
    keep: Count = 2


class LoggingConfig(Table):
    """What is told while it trains.

    Attributes:
        every: Steps between two lines of metrics.jsonl.
        evaluate_every: Steps between two measurements on the validation rows; 0: only at the end.
        report_to: Trackers to tell as well: tensorboard, wandb, trackio.
        project: The trackers' project.
    """

    every: Count = 10
    evaluate_every: int = Field(default=0, ge=0)
    report_to: Annotated[
        tuple[Literal["tensorboard", "wandb", "trackio"], ...], BeforeValidator(_several)
    ] = ()
    project: str = "modaverse"


class AlignmentConfig(Table):
    """All settings of a run.

    Attributes:
        out: The run's folder.
        seed: Start of the random numbers; the same seed gives the same losses.
        model: What is aligned.
        data: What it learns from.
        packing: How rows share a sequence.
        lora: The adapter.
        training: The steps.
        saving: Checkpoints.
        logging: What is told.
    """

    out: Path = Path("runs/alignment")
    seed: int = Field(default=0, ge=0, lt=2**32)
    model: ModelConfig
    data: DataConfig
    packing: PackingConfig = PackingConfig()
    lora: LoraSettings = LoraSettings()
    training: TrainingConfig = TrainingConfig()
    saving: SavingConfig = SavingConfig()
    logging: LoggingConfig = LoggingConfig()

    @model_validator(mode="after")
    def _together(self, info: ValidationInfo) -> Self:
        found = [] if (info.context or {}).get("apart") else clashes(self)
        if told := "; ".join(clash.reason for clash in found):
            raise ValueError(told)
        return self

    def as_tables(self) -> dict[str, Any]:
        """The settings as plain values, as TOML has them."""
        return self.model_dump(mode="json")


@dataclass(frozen=True)
class Clash:
    """Settings of which each is right, but not with the others.

    Attributes:
        names: Their dotted names.
        reason: What is wrong, and what to do.
    """

    names: tuple[str, ...]
    reason: str


def clashes(config: AlignmentConfig) -> Iterator[Clash]:
    """The settings that do not go together."""
    model, data, training = config.model, config.data, config.training
    if model.kind == "own-eyes" and (model.vision or model.audio):
        yield Clash(
            ("model.kind", "model.vision", "model.audio"),
            "model: kind = 'own-eyes' takes no encoders; leave vision and audio empty",
        )
    if model.kind == "own-eyes" and config.packing.enabled:
        yield Clash(
            ("model.kind", "packing.enabled"),
            "model: kind = 'own-eyes' cannot be packed; set packing.enabled = false",
        )
    if data.validation and data.validation_share:
        yield Clash(
            ("data.validation", "data.validation_share"),
            "data: give either validation files or validation_share, not both",
        )
    if training.batch % training.micro_batch:
        yield Clash(
            ("training.batch", "training.micro_batch"),
            f"training: micro_batch is {training.micro_batch} and does not divide batch, "
            f"{training.batch}",
        )
    if training.captions and not (model.vision or model.audio):
        yield Clash(
            ("training.captions", "model.kind", "model.vision", "model.audio"),
            "training: captions are learned behind encoders; name model.vision or model.audio, "
            "or set captions = 0",
        )
    if training.remember and training.workers:
        yield Clash(
            ("training.remember", "training.workers"),
            "training: remember keeps media in this process; set workers = 0",
        )
