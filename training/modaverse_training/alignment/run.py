"""One run of the alignment stage, from its settings to the folder that plans can be made with."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from modaverse.codecs.files import unwritable
from modaverse.errors import ConfigError, OutOfMemory
from modaverse.faults import is_out_of_memory
from modaverse_training.alignment.aligned import Aligned, load_aligned, load_encoder
from modaverse_training.alignment.arguments import (
    accumulation,
    check_device,
    check_packages,
    training_arguments,
    world,
)
from modaverse_training.alignment.checkpoints import (
    discard_broken,
    guarded,
    last_good,
    step_of,
)
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.data import Asker, Examples, held_out, read_examples
from modaverse_training.alignment.reading import CONFIG_FILE, read_run, write_config
from modaverse_training.alignment.schedule import Packing, Schedule, plan_run

__all__ = ["ALIGNMENT", "Material", "Report", "prepare", "train"]

ALIGNMENT = "alignment"  # in a run's folder: adapter, projections, and what they were made for
_RECORD = "run.json"
# Settings that a run may be gone on with changed: they move no weight.
_FREE = {
    "": ("out", "logging", "saving"),
    "training": ("device", "workers", "micro_batch", "remember"),
    "data": ("on_error",),
}

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Material:
    """What a run learns from, read, measured and put in order.

    Attributes:
        encoder: Puts rows into tokens.
        asker: Puts rows as requests.
        learned: Examples that are learned from.
        measured: Examples that are only measured on; None for none.
        schedule: Every sequence of the run.
        steps: How many of its steps are taken.
    """

    encoder: Any
    asker: Asker
    learned: Examples
    measured: Examples | None
    schedule: Schedule
    steps: int

    def digest(self) -> str:
        """A name for exactly these sequences: a run goes on only with the same."""
        rows = [item.row.model_dump_json() for item in self.learned.items]
        text = json.dumps([rows, self.schedule.sequences, self.steps])
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Report:
    """What a run came to.

    Attributes:
        alignment: The folder with what was trained.
        steps: Steps of the run.
        resumed: The step that it went on from; 0 if it began.
        loss: Of the last log, a token; None if no step was left to take.
        eval_loss: On the rows that are measured on, a token; None if there are none.
        trained: Parameters that were trained.
        seconds: Of training and measuring.
    """

    alignment: Path
    steps: int
    resumed: int
    loss: float | None
    eval_loss: float | None
    trained: int
    seconds: float


def prepare(config: AlignmentConfig) -> Material:
    """Read and measure the rows and put them in order; loads no weights.

    Raises:
        BackendMissing: A package or the model's processor is not there.
        DataError: A row is broken, too long, or lacks its media.
        TrainingError: Nothing would be learned from a row, or no row is left.
    """
    check_packages(config)
    model, data, packing = config.model, config.data, config.packing
    encoder = load_encoder(config)
    asker = Asker(model.dialect, told=model.system)
    read = partial(
        read_examples,
        encoder=encoder,
        asker=asker,
        turns=data.turns,
        on_error=data.on_error,
        length=packing.length,
    )
    learned, measured = read(data.train), read(data.validation) if data.validation else None
    if data.validation_share:
        learned, measured = held_out(learned, data.validation_share, config.seed)
    schedule = plan_run(
        learned.sources,
        [source.weight for source in data.train],
        learned.lengths,
        packing=Packing(packing.length if packing.enabled else 0, packing.window),
        batch=config.training.batch,
        epochs=config.training.epochs,
        seed=config.seed,
    )
    steps = min(schedule.steps, config.training.steps or schedule.steps)
    return Material(encoder, asker, learned, measured, schedule, steps)


def train(
    config: AlignmentConfig,
    *,
    restart: bool = False,
    quiet: bool = False,
    tell: Callable[[str], None] = log.info,
) -> Report:
    """Train, or go on with a run that was stopped, and write its alignment.

    Args:
        config: The settings.
        restart: Whether to begin anew where there is a run already.
        quiet: Whether to show no progress.
        tell: Takes lines for the person; called in the first process only.

    Raises:
        ConfigError: The folder holds a run with other settings or rows, or a GPU is needed.
        TrainingError: Nothing is to be learned from a row, or the loss became no number.
        LibraryError: The disk is full; the last good checkpoint is kept.
        OutOfMemory: The device is too small.
        ModaVerseError: As `prepare`, and what loading a model raises.
    """
    import torch

    first = world()[0] == 0
    accumulation(config, world()[1])
    check_device(config)
    if first:
        tell(f"reading {', '.join(str(source.path) for source in config.data.train)}")
    material = prepare(config)
    arguments = training_arguments(
        config, steps=material.steps, measured=material.measured is not None
    )
    with arguments.main_process_first(desc="preparing the folder"):
        if first:
            _claim(config, material, restart=restart)
        checkpoint = last_good(config.out)
    with _memory():
        torch.manual_seed(config.seed)
        aligned = load_aligned(config, material.encoder)
        if not checkpoint:
            if config.training.captions and config.model.quantize == "none":
                aligned.model.to(arguments.device)  # where the Trainer would put it later
            aligned.begin(material.learned.items, tell if first else _silent)
    if first:
        _introduce(config, material, aligned, checkpoint, tell)
    started = time.perf_counter()
    with _memory():
        trainer, bar = _trainer(config, material, aligned, arguments, quiet=quiet)
        try:
            trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
            if material.measured and _last(trainer, "eval_loss", at=material.steps) is None:
                trainer.evaluate()
        finally:
            bar.close()
    _finish(config, trainer)
    return Report(
        config.out / ALIGNMENT,
        material.steps,
        step_of(checkpoint) if checkpoint else 0,
        _last(trainer, "loss"),
        _last(trainer, "eval_loss"),
        aligned.trained(),
        time.perf_counter() - started,
    )


def _trainer(
    config: AlignmentConfig, material: Material, aligned: Aligned, arguments: Any, *, quiet: bool
) -> tuple[Any, Any]:
    from modaverse_training.alignment.callbacks import Bar, Metrics
    from modaverse_training.alignment.trainer import AlignmentTrainer

    bar = Bar(quiet=quiet)
    schedule, measured = material.schedule, material.measured
    trainer = AlignmentTrainer(
        aligned.model,
        arguments,
        data=aligned.dataset(material.learned, schedule.sequences, material.asker),
        validation=_measured_on(config, measured, material.asker, aligned) if measured else None,
        collate=aligned.collate,
        keep=aligned.keep,
        restore=aligned.restore,
        attention=config.model.attention,
        projection_rate=config.training.projection_rate,
        callbacks=[
            Metrics(config.out, schedule.tokens, config.training.epochs),
            bar,
        ],
    )
    return trainer, bar


def _last(trainer: Any, name: str, at: int | None = None) -> float | None:
    """The last figure of a name that was logged; with `at`, only if it was after that step."""
    found = [
        line[name]
        for line in trainer.state.log_history
        if name in line and at in (None, line["step"])
    ]
    return found[-1] if found else None


def _measured_on(
    config: AlignmentConfig, examples: Examples, asker: Asker, aligned: Aligned
) -> Any:
    """The rows that are measured on, packed as those that are learned from."""
    packing = config.packing
    plan = plan_run(
        [0] * len(examples.items),
        [1.0],
        examples.lengths,
        packing=Packing(packing.length if packing.enabled else 0, packing.window),
        batch=config.training.micro_batch * world()[1],
        epochs=1,
        seed=0,
    )
    return aligned.dataset(examples, plan.sequences, asker)


def _claim(config: AlignmentConfig, material: Material, *, restart: bool) -> None:
    """Make the run's folder this run's, unless it is another's.

    Raises:
        ConfigError: It holds a run that differs.
        LibraryError: It cannot be written.
    """
    record = config.out / _RECORD
    digest = material.digest()
    try:
        if restart:
            for old in config.out.glob("checkpoint-*"):
                shutil.rmtree(old)
        for name in discard_broken(config.out):
            log.warning("%s was cut off while it was written, and is left out", name)
        if last_good(config.out):
            _compare(config, record, digest)
        config.out.mkdir(parents=True, exist_ok=True)
        write_config(config, config.out / CONFIG_FILE)
        record.write_text(json.dumps({"rows": digest, "steps": material.steps}) + "\n")
    except OSError as error:
        raise unwritable(config.out, error) from error


def _compare(config: AlignmentConfig, record: Path, digest: str) -> None:
    old, new = _binding(read_run(config.out)), _binding(config)
    problems = [
        f"{key} was {old.get(key)!r} and is {new.get(key)!r}"
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key)
    ]
    if not problems and json.loads(record.read_text()).get("rows") != digest:
        problems = ["the rows have changed since the run began"]
    if problems:
        raise ConfigError(
            f"{config.out} holds another run: {'; '.join(problems)}",
            hint="begin anew with --restart, or choose another folder with out=FOLDER",
        )


def _binding(config: AlignmentConfig) -> dict[str, Any]:
    """The settings on which the weights depend, by their dotted names."""
    found = {}
    for key, value in config.as_tables().items():
        if isinstance(value, dict) and key not in _FREE[""]:
            free = _FREE.get(key, ())
            found.update({f"{key}.{name}": v for name, v in value.items() if name not in free})
        elif key not in _FREE[""]:
            found[key] = value
    return found


def _introduce(
    config: AlignmentConfig,
    material: Material,
    aligned: Aligned,
    checkpoint: Path | None,
    tell: Callable[[str], None],
) -> None:
    learned, schedule = material.learned, material.schedule
    for why, count in learned.skipped.items():
        tell(f"{count} rows left out: {why}")
    tell(
        f"{len(learned.items)} answers, {sum(learned.lengths)} tokens, "
        f"{100 * sum(learned.learned) / sum(learned.lengths):.0f} % of them learned"
    )
    if config.packing.enabled:
        tell(f"packed: {100 * schedule.filled(config.packing.length):.1f} % of the places filled")
    total = aligned.total()
    tell(f"{aligned.trained() / 1e6:.2f} M of {total / 1e6:.2f} M parameters learn")
    tell(f"{material.steps} steps of {config.training.batch} sequences")
    if checkpoint:
        tell(f"going on from {checkpoint.name}")


def _finish(config: AlignmentConfig, trainer: Any) -> None:
    """Write the alignment; it appears whole or not at all. Every process must come here."""
    folder = config.out / ALIGNMENT
    part = config.out / f".{ALIGNMENT}.part"
    try:
        with guarded(part):
            trainer.save_model(str(part))
        if world()[0] == 0:
            shutil.rmtree(folder, ignore_errors=True)
            part.rename(folder)
        trainer.accelerator.wait_for_everyone()
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise unwritable(folder, error) from error


def _silent(_: str) -> None:
    """What other processes than the first tell."""


@contextmanager
def _memory() -> Iterator[None]:
    """Torch's ways of saying that memory is full, as one error with a hint for training."""
    try:
        yield
    except Exception as error:
        if not isinstance(error, OutOfMemory) and not is_out_of_memory(error):
            raise
        raise OutOfMemory(
            "the memory of the device is too small for this training",
            hint="lower training.micro_batch, set training.checkpointing = true, or, on a GPU, "
            "model.quantize = 4bit",
        ) from error
