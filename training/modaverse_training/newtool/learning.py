"""Training an adapter on rows of a tool and rows of what the model knew: the alignment stage."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from modaverse.llm.checkpoint import ModelSettings
from modaverse_training.alignment.config import (
    AlignmentConfig,
    DataConfig,
    DataSource,
    LoggingConfig,
    LoraSettings,
    ModelConfig,
    PackingConfig,
    SavingConfig,
    TrainingConfig,
)
from modaverse_training.alignment.run import train
from modaverse_training.instructions.row import Row, write_rows

__all__ = ["Lesson", "learn"]

_LENGTH = 256  # tokens of a packed sequence
_CONTEXT = 512  # tokens of conversation and answer that a model must still take


@dataclass(frozen=True)
class Lesson:
    """What is learned, and on what.

    Attributes:
        base: The language model: "nano", a folder, or a hub id.
        settings: What it says about itself: how it writes plans.
        start: The alignment that is gone on with; None to begin a new one.
        rows: Of the tool, and of what was known before; mixed by chance.
        seed: Repeats the training.
        rank: Of a new adapter.
        rate: Highest rate of the optimizer.
        batch: Sequences a step.
    """

    base: str
    settings: ModelSettings
    start: Path | None
    rows: Sequence[Row]
    seed: int = 0
    rank: int = 16
    rate: float = 3e-3
    batch: int = 4


def learn(
    lesson: Lesson, work: Path, *, quiet: bool = False, tell: Callable[[str], None] = print
) -> Path:
    """Train an adapter in one pass over the rows.

    Args:
        lesson: What is learned.
        work: Folder for the rows and the run.
        quiet: Whether to show no progress.
        tell: Takes lines for the person.

    Returns:
        The alignment's folder: `adapter/` and what it belongs to.

    Raises:
        ModaVerseError: As `modaverse_training.alignment.run.train`.
    """
    rows = work / "rows.jsonl"
    write_rows(rows, lesson.rows)
    config = AlignmentConfig(
        out=work / "run",
        seed=lesson.seed,
        model=ModelConfig(
            language=lesson.base,
            dialect=lesson.settings.dialect,
            system=lesson.settings.system,
            context=lesson.settings.context or _CONTEXT,
            dtype="float32" if lesson.base == "nano" else "auto",
            start=str(lesson.start or ""),
        ),
        data=DataConfig(train=(DataSource(path=rows),), on_error="skip"),
        packing=PackingConfig(length=_LENGTH if not lesson.settings.system else 2 * _CONTEXT),
        lora=LoraSettings(rank=lesson.rank, targets=("all-linear",)),
        training=TrainingConfig(
            epochs=1,
            batch=lesson.batch,
            micro_batch=lesson.batch if lesson.base == "nano" else 1,
            learning_rate=lesson.rate,
            warmup=0.05,
        ),
        saving=SavingConfig(every=10_000, keep=1),
        logging=LoggingConfig(every=10),
    )
    return train(config, restart=True, quiet=quiet, tell=tell).alignment
