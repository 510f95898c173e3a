"""Packed training beside TRL's SFTTrainer: the same model, rows, loss, steps and learning rate.

    python benchmarks/training_throughput.py [--model nano|debug|FOLDER] [--rows 320] [--json]

The rows are conversations of one to many turns put together from hand-written requests, so that
their lengths are as mixed as those of instruction data; the plans are JSON, which the nano model
was never taught, so that there is something to learn. Three ways to learn from them once:
    ours          packed sequences of fixed length
    trl           SFTTrainer as it comes: 8 rows a batch, padded, gradient checkpointing
    trl-no-ckpt   the same without gradient checkpointing, which a small model does not need
Useful tokens are those that are no padding; each way sees the same. Seconds are those that the
process computed for, so that other work on the machine hits nobody; `--wall` takes the clock, and a
GPU needs it. The validation loss of each is measured by the same plain loop, one row at a time, on
rows that none has seen.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: small models are fastest so

import torch
from transformers import PrinterCallback, Trainer

from modaverse.llm.backend import quiet
from modaverse.llm.debug import write_checkpoint
from modaverse.toolbox import BUILT_IN
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.arguments import in_bfloat16
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.lora import base_of, lora_config
from modaverse_training.alignment.packing import IGNORED
from modaverse_training.instructions.row import Row, Turn, write_rows
from modaverse_training.nano.lm import corpus

ROWS_A_STEP = 8  # TRL's default
WAYS = ("ours", "trl", "trl-no-ckpt")


@dataclass(frozen=True)
class Task:
    """What every way is given.

    Attributes:
        config: Settings of our way; the others take the same numbers.
        material: Its rows, read.
        rows: Tokens and labels of the rows, in no order.
        unseen: Those that are measured on.
        steps: Of our way.
    """

    config: AlignmentConfig
    material: stage.Material
    rows: list[dict[str, list[int]]]
    unseen: list[dict[str, list[int]]]
    steps: int


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table or JSON, and give the exit code."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        task = prepared(options.model, options.rows, options.length, Path(folder))
        clock = time.perf_counter if options.wall else time.process_time
        figures = {"model": options.model, **measure(task, options.repeats, Path(folder), clock)}
    if options.json:
        json.dump(figures, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_table(figures))
    return 0


def measure(task: Task, repeats: int, folder: Path, clock: Callable[[], float]) -> dict[str, Any]:
    """Tokens a second of each way, the best of several turns, and its validation loss."""
    lengths = task.material.learned.lengths
    seconds: dict[str, list[float]] = {way: [] for way in WAYS}
    validation: dict[str, float] = {}
    for turn in range(repeats):
        for way in WAYS:  # by turns, so that a busy moment hits all alike
            out = folder / f"{way}{turn}"
            with stopwatch(clock) as spent:
                adapter = (
                    _ours(task, out)
                    if way == "ours"
                    else _trl(task, out, checkpointing=way == "trl")
                )
            seconds[way] += spent
            validation[way] = _validation(task, adapter)
    rate = {way: sum(lengths) / min(spent) for way, spent in seconds.items()}
    packing = task.config.packing
    return {
        "rows": len(lengths),
        "useful_tokens": sum(lengths),
        "row_tokens": {"median": statistics.median(lengths), "longest": max(lengths)},
        "places_filled": round(task.material.schedule.filled(packing.length), 3),
        "steps": {"ours": task.steps, "trl": -(-len(lengths) // ROWS_A_STEP)},
        "tokens_per_second": {way: round(value, 1) for way, value in rate.items()},
        "validation_loss": {
            "before": round(_validation(task, None), 4),
            **{way: round(value, 4) for way, value in validation.items()},
        },
        "beside_trl": round(rate["ours"] / rate["trl"], 2),
        "beside_trl_no_ckpt": round(rate["ours"] / rate["trl-no-ckpt"], 2),
    }


@contextmanager
def stopwatch(clock: Callable[[], float]) -> Iterator[list[float]]:
    """Time what transformers' Trainer trains, which all ways build on; nothing before or after."""
    spent: list[float] = []
    train = Trainer.train

    def timed(self: Any, *given: Any, **named: Any) -> Any:
        begun = clock()
        result = train(self, *given, **named)
        spent.append(clock() - begun)
        return result

    Trainer.train = timed
    try:
        yield spent
    finally:
        Trainer.train = train


def prepared(model: str, count: int, length: int, folder: Path) -> Task:
    """The rows, and settings under which our way takes as many steps as TRL does."""
    if model == "debug":
        model = str(write_checkpoint(folder / "debug", width=256, layers=6))
    write_rows(folder / "rows.jsonl", conversations(count + count // 8, length, base_of(model)))
    config = AlignmentConfig.model_validate({
        "out": folder / "run",
        "model": {"language": model, "dtype": "float32", "dialect": "json"},
        "data": {"train": [folder / "rows.jsonl"], "validation_share": 1 / 9},
        "packing": {"length": length},
        "lora": {"rank": 16, "targets": "all-linear"},
        "training": {"batch": 1, "micro_batch": 1, "learning_rate": 4e-4, "device": "cpu"},
        "saving": {"every": 10**6},
    })  # fmt: skip
    material = stage.prepare(config)
    # Two sequences a step hold as many rows as a batch of TRL's, so that the steps are as many.
    mean = statistics.mean(material.learned.lengths)
    fitting = math.ceil(ROWS_A_STEP * mean / 2 / material.schedule.filled(length))
    training = config.training.model_copy(update={"batch": 2, "micro_batch": 2})
    packing = config.packing.model_copy(update={"length": max(fitting, length)})
    config = config.model_copy(update={"training": training, "packing": packing})
    material = stage.prepare(config)
    assert material.measured is not None
    return Task(
        config,
        material,
        _tokens(material, material.learned),
        _tokens(material, material.measured),
        material.schedule.steps,
    )


def conversations(count: int, length: int, model: str) -> list[Row]:
    """Rows of mixed lengths: the number of turns falls off as in real talk, the mean is three."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(model)
    rng = random.Random(0)
    wishes = [row for row in corpus.read_rows(corpus.REQUESTS / "train.jsonl") if not row.history]
    found: list[Row] = []
    while len(found) < count:
        turns = 1 + min(19, int(rng.expovariate(0.5)))
        told: list[Turn] = []
        for row in rng.sample([wish for wish in wishes if not wish.attachments], turns):
            told += [
                Turn(role="user", content=row.request),
                Turn(role="assistant", content=row.answer()),
            ]
        words = " ".join(turn.content for turn in told)
        if len(tokenizer(words)["input_ids"]) * 1.3 + 60 * turns < length:
            found.append(Row(id=str(len(found)), messages=tuple(told), tools=tuple(BUILT_IN)))
    return found


def _tokens(material: stage.Material, examples: Any) -> list[dict[str, list[int]]]:
    """Rows as TRL takes them when they are tokenized already: the very tokens of our way."""
    found = []
    for example in examples.items:
        request = material.asker.request(example, {})
        row = material.encoder.encode(request, material.asker.answer(example))
        found.append({"input_ids": row.input_ids.tolist(), "labels": row.labels.tolist()})
    return found


def _ours(task: Task, out: Path) -> Path:
    """Train our way; gives the adapter."""
    report = stage.train(task.config.model_copy(update={"out": out}), quiet=True)
    return report.alignment / "adapter"


def _trl(task: Task, out: Path, *, checkpointing: bool) -> Path:
    """Train TRL's way; gives the adapter."""
    import datasets
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    base = base_of(task.config.model.language)
    training = task.config.training
    arguments = SFTConfig(
        output_dir=str(out),
        num_train_epochs=1,
        per_device_train_batch_size=ROWS_A_STEP,
        gradient_checkpointing=checkpointing,
        learning_rate=training.learning_rate,
        lr_scheduler_type=training.schedule,
        warmup_steps=training.warmup,
        optim=training.optimizer,
        bf16=in_bfloat16(task.config),
        seed=task.config.seed,
        use_cpu=True,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
        save_strategy="no",
    )
    with quiet():
        trainer = SFTTrainer(
            model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32),
            args=arguments,
            train_dataset=datasets.Dataset.from_list(task.rows),
            processing_class=AutoTokenizer.from_pretrained(base),
            peft_config=lora_config(task.config.lora),
        )
        trainer.remove_callback(PrinterCallback)
        trainer.train()
    trainer.model.save_pretrained(out / "adapter")
    return out / "adapter"


@torch.no_grad()
def _validation(task: Task, adapter: Path | None) -> float:
    """The mean loss a token of the unseen rows, each alone, by transformers' own loss."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    name = base_of(task.config.model.language)
    model = AutoModelForCausalLM.from_pretrained(name, dtype=torch.float32)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    model.eval()
    total = tokens = 0.0
    for row in task.unseen:
        batch = {name: torch.tensor([values]) for name, values in row.items()}
        learned = int((batch["labels"] != IGNORED).sum())
        total += model(**batch).loss.item() * learned
        tokens += learned
    return total / tokens


def _table(figures: dict[str, Any]) -> str:
    lines = [
        f"{figures['model']}: {figures['rows']} rows, {figures['useful_tokens']} useful tokens; a "
        f"row has {figures['row_tokens']['median']:.0f} (median), at most "
        f"{figures['row_tokens']['longest']}; our sequences are "
        f"{100 * figures['places_filled']:.1f} % full",
        f"  steps: {figures['steps']['ours']} of ours, {figures['steps']['trl']} of SFTTrainer's",
        *(
            f"  {way:<12}{figures['tokens_per_second'][way]:9.1f} useful tokens/s, "
            f"validation loss {figures['validation_loss'][way]:.4f}"
            for way in WAYS
        ),
        f"  validation loss before: {figures['validation_loss']['before']:.4f}",
        f"packed: x{figures['beside_trl']} of SFTTrainer as it comes, "
        f"x{figures['beside_trl_no_ckpt']} of it without gradient checkpointing",
    ]
    return "\n".join(lines) + "\n"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--model", default="nano", help="nano, debug, a folder; default: nano")
    parser.add_argument("--rows", type=int, default=320, help="conversations to learn from")
    parser.add_argument("--length", type=int, default=512, help="tokens of the longest row")
    parser.add_argument("--repeats", type=int, default=1, help="turns; the best of each way counts")
    parser.add_argument("--wall", action="store_true", help="measure by the clock on the wall")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
