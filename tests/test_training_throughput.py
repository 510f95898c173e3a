"""The benchmark of packed training: both ways learn from the very same tokens."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from transformers import Trainer

from modaverse.llm.debug import write_checkpoint
from modaverse_training.alignment.packing import IGNORED
from tests.scripts import benchmark

pytest.importorskip("trl", reason="trl is not installed")
pytest.importorskip("datasets", reason="datasets is not installed")

Learned = list[tuple[tuple[int, ...], tuple[int, ...]]]  # tokens and targets of each row


@pytest.fixture(name="script")
def _script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return benchmark("training_throughput", monkeypatch)


@pytest.fixture(name="batches")
def _batches(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Any]]:
    """Every batch that is learned from, by the class of the trainer."""
    seen: dict[str, list[Any]] = {}
    step = Trainer.training_step

    def watched(self: Any, model: Any, inputs: Any, *more: Any, **named: Any) -> Any:
        copied = {name: value.clone() for name, value in inputs.items()}
        seen.setdefault(type(self).__name__, []).append(copied)
        return step(self, model, inputs, *more, **named)

    monkeypatch.setattr(Trainer, "training_step", watched)
    return seen


def packed(batches: list[Any]) -> Learned:
    """The rows of packed sequences: each has a number of its own, 0 is padding."""
    rows = []
    for batch in batches:
        for tokens, labels, segments in zip(
            *(batch[name] for name in ("input_ids", "labels", "segments")), strict=True
        ):
            for number in range(1, int(segments.max()) + 1):
                mine = segments == number
                rows.append((tuple(tokens[mine].tolist()), tuple(labels[mine].tolist())))
    return sorted(rows)


def padded(batches: list[Any]) -> Learned:
    """The rows of padded batches, by the mask that attention is given."""
    rows = []
    for batch in batches:
        for tokens, labels, mask in zip(
            *(batch[name] for name in ("input_ids", "labels", "attention_mask")), strict=True
        ):
            there = mask.bool()
            rows.append((tuple(tokens[there].tolist()), tuple(labels[there].tolist())))
    return sorted(rows)


def test_both_ways_learn_from_the_same_tokens_in_as_many_steps(
    script: ModuleType,
    batches: dict[str, list[Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    model = str(write_checkpoint(tmp_path / "lm"))
    assert script.main(["--model", model, "--rows", "20", "--length", "900"]) == 0
    told = capsys.readouterr().out
    ours, theirs = batches["AlignmentTrainer"], batches["SFTTrainer"]
    once, again = theirs[: len(theirs) // 2], theirs[len(theirs) // 2 :]  # without checkpointing
    assert len(ours) == len(once)
    rows = packed(ours)
    assert rows == padded(once) == padded(again)
    useful = sum(len(tokens) for tokens, _ in rows)
    assert f"{len(rows)} rows, {useful} useful tokens" in told
    assert all(labels[0] == IGNORED != max(labels) for _, labels in rows)
    assert f"steps: {len(ours)} of ours, {len(once)} of SFTTrainer's" in told
