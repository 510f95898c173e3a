"""What is told while a run trains: `metrics.jsonl`, and a bar or lines on stderr."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from transformers import TrainerCallback

from modaverse.codecs.files import unwritable

__all__ = ["METRICS_FILE", "Bar", "Metrics", "read_metrics"]

METRICS_FILE = "metrics.jsonl"


def read_metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of a run's metrics so far, oldest first; a line that was cut off is left out."""
    path = run / METRICS_FILE
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    found = []
    for line in lines:
        try:
            found.append(json.loads(line))
        except ValueError:
            continue
    return found


class Metrics(TrainerCallback):  # type: ignore[misc]
    """Writes every log as a line of JSON; after a resume no step stands twice.

    Args:
        run: The run's folder.
        tokens: Tokens that are no padding, of each step in order.
        epochs: What the whole run counts as.
    """

    def __init__(self, run: Path, tokens: Sequence[int], epochs: float) -> None:
        self._path = run / METRICS_FILE
        self._sums = [0, *accumulate(tokens)]
        self._epochs = epochs
        self._since = (time.perf_counter(), 0)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Keep the lines up to the step that the run goes on from."""
        self._since = (time.perf_counter(), state.global_step)
        if not state.is_world_process_zero:
            return
        kept = [m for m in read_metrics(self._path.parent) if m["step"] <= state.global_step]
        if state.global_step == 0:
            kept = []
        self._write("".join(json.dumps(line) + "\n" for line in kept), mode="w")

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:
        """Log with every checkpoint, so that a resumed run averages over the same steps."""
        if state.global_step % args.save_steps == 0 or state.global_step == state.max_steps:
            control.should_log = True
        return control

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """Write a line."""
        if not state.is_world_process_zero or not logs:
            return
        line: dict[str, Any] = {"step": state.global_step}
        line |= {key: value for key, value in logs.items() if key != "total_flos"}
        if "epoch" in line:
            line["epoch"] = round(line["epoch"] * self._epochs, 4)
        if "loss" in line:
            line["tokens"] = self._sums[min(state.global_step, len(self._sums) - 1)]
            line["tokens_per_second"] = self._rate(state.global_step)
        self._write(json.dumps(line) + "\n", mode="a")

    def _write(self, text: str, *, mode: Literal["w", "a"]) -> None:
        try:
            with self._path.open(mode, encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise unwritable(self._path, error) from error

    def _rate(self, step: int) -> float:
        """Tokens a second since the line before."""
        (then, before), now = self._since, time.perf_counter()
        self._since = (now, step)
        last = len(self._sums) - 1
        done = self._sums[min(step, last)] - self._sums[min(before, last)]
        return round(done / max(now - then, 1e-9), 1)


class Bar(TrainerCallback):  # type: ignore[misc]
    """A bar on a terminal; on anything else a line now and then, both on stderr.

    Args:
        quiet: Whether to tell nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._bar: Progress | None = None
        self._task = TaskID(0)

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Begin to draw."""
        if self._quiet or not state.is_world_process_zero or not sys.stderr.isatty():
            return
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            refresh_per_second=4,
        )
        self._task = self._bar.add_task(
            "training", total=state.max_steps, completed=state.global_step
        )
        self._bar.start()

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """One step more."""
        if self._bar is not None:
            self._bar.update(self._task, completed=state.global_step)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any] | None = None, **_: Any
    ) -> None:
        """Show the figures."""
        if self._quiet or not state.is_world_process_zero or not logs:
            return
        told = "  ".join(
            f"{name} {logs[name]:.4g}"
            for name in ("loss", "eval_loss", "learning_rate")
            if name in logs
        )
        if not told:
            return
        if self._bar is not None:
            self._bar.update(self._task, description=told)
        else:
            sys.stderr.write(f"step {state.global_step}/{state.max_steps}  {told}\n")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        """Leave the last figures on the screen."""
        self.close()

    def close(self) -> None:
        """Stop drawing, also after an error."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
