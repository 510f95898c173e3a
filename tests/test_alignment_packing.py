"""Packing and the order of a run: nothing lost, nothing twice, little padding, always the same."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modaverse.model.processing import Encoded
from modaverse_training.alignment.packing import IGNORED, best_fit, block_mask, collate, pack
from modaverse_training.alignment.schedule import Packing, draw, plan_run


def row(start: int, size: int, *, pictures: int = 0) -> Encoded:
    """An encoded row of the tokens start, start + 1, …; its second half is learned."""
    tokens = np.arange(start, start + size)
    labels = np.where(np.arange(size) < size // 2, IGNORED, tokens)
    return Encoded(
        input_ids=tokens,
        labels=labels,
        media_kinds=np.zeros(size, np.int64),
        pixel_values=np.full((pictures, 3, 2, 2), start, np.float32) if pictures else None,
        frame_times=np.zeros(pictures, np.float32) if pictures else None,
    )


@given(st.lists(st.integers(1, 64), max_size=200))
def test_every_item_lies_in_one_bin_that_holds_it(lengths: list[int]) -> None:
    bins = best_fit(lengths, 64)
    assert sorted(item for held in bins for item in held) == list(range(len(lengths)))
    assert all(0 < sum(lengths[item] for item in held) <= 64 for held in bins)
    # no two bins could have been one: what best-fit-decreasing promises
    loads = sorted(sum(lengths[item] for item in held) for held in bins)
    assert len(loads) < 2 or loads[0] + loads[1] > 64


def test_mixed_rows_leave_little_padding() -> None:
    rng = random.Random(0)
    lengths = [min(512, max(8, round(rng.lognormvariate(4.5, 0.6)))) for _ in range(2000)]
    bins = best_fit(lengths, 512)
    assert sum(lengths) / (512 * len(bins)) > 0.98


def test_rows_lie_one_after_the_other() -> None:
    packed = pack([row(10, 4), row(20, 3, pictures=2)], 10, pad=1)
    assert packed.input_ids.tolist() == [10, 11, 12, 13, 20, 21, 22, 1, 1, 1]
    assert packed.position_ids.tolist() == [0, 1, 2, 3, 0, 1, 2, 0, 1, 2]
    assert packed.segments.tolist() == [1, 1, 1, 1, 2, 2, 2, 0, 0, 0]
    assert packed.labels.tolist() == [-100, -100, 12, 13, -100, 21, 22, -100, -100, -100]
    assert packed.media["pixel_values"].shape == (2, 3, 2, 2)
    assert "audio_values" not in packed.media


def test_a_row_that_is_learned_from_its_first_token_is_not_predicted_by_its_neighbour() -> None:
    learned = replace(row(5, 3), labels=np.arange(5, 8))
    assert pack([learned, learned], 6, pad=0).labels.tolist() == [-100, 6, 7, -100, 6, 7]


def test_an_empty_sequence_is_padding() -> None:
    packed = pack([], 5, pad=1)
    assert packed.input_ids.tolist() == [1] * 5
    assert packed.segments.tolist() == [0] * 5
    assert (packed.labels == IGNORED).all()


def test_the_mask_is_block_diagonal_and_causal() -> None:
    mask = block_mask(torch.tensor([[1, 1, 2, 0, 0]]))[0, 0]
    assert mask.int().tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [0, 0, 1, 0, 0],
        [0, 0, 0, 1, 0],
        [0, 0, 0, 1, 1],
    ]


def test_a_batch_keeps_the_media_in_the_order_of_their_places() -> None:
    batch = collate([pack([row(1, 3, pictures=1)], 200, 0), pack([row(7, 5, pictures=2)], 200, 0)])
    assert batch["input_ids"].shape == (2, 200)
    assert batch["pixel_values"][:, 0, 0, 0].tolist() == [1, 7, 7]
    short = collate([pack([row(1, 3)], 200, 0)], trim=True)
    assert short["input_ids"].shape == (1, 64)


# ---- the order of a run
SOURCES = [0] * 40 + [1] * 20
LENGTHS = [5 + i % 30 for i in range(60)]


def run(**changes: Any) -> Any:
    plain: dict[str, Any] = {
        "packing": Packing(64, 32), "batch": 4, "epochs": 1.0, "seed": 0,
    }  # fmt: skip
    return plan_run(SOURCES, changes.pop("weights", [1, 1]), LENGTHS, **{**plain, **changes})


def shown(schedule: Any) -> Counter[int]:
    return Counter(example for held in schedule.sequences for example in held)


def test_an_epoch_shows_every_row_once_and_ends_with_a_full_step() -> None:
    schedule = run()
    assert shown(schedule) == Counter(range(60))
    assert len(schedule.sequences) == schedule.steps * 4
    assert sum(schedule.tokens) == sum(LENGTHS)
    assert all(sum(LENGTHS[i] for i in held) <= 64 for held in schedule.sequences)
    assert schedule.filled(64) > 0.8


def test_the_same_seed_gives_the_same_order_and_epochs_differ() -> None:
    assert run() == run()
    assert run().sequences != run(seed=1).sequences
    twice = run(epochs=2, packing=Packing(0, 1), batch=1)
    assert twice.sequences[:60] != twice.sequences[60:]
    assert set(shown(twice).values()) == {2}


@pytest.mark.parametrize(("weight", "least", "most", "total"), [(0.5, 0, 1, 10), (2.5, 2, 3, 50)])
def test_weights_say_how_often_a_source_is_shown(
    weight: float, least: int, most: int, total: int
) -> None:
    seen = Counter(draw(SOURCES, [1, weight], 0, 0))
    counts = [seen[i] for i in range(40, 60)]
    assert (min(counts), max(counts), sum(counts)) == (least, most, total)
    assert all(seen[i] == 1 for i in range(40))


def test_a_part_of_an_epoch_is_a_part_of_its_sequences() -> None:
    whole, half = run(batch=1), run(batch=1, epochs=0.5)
    assert half.sequences == whole.sequences[: len(half.sequences)]
    assert len(half.sequences) == -(-len(whole.sequences) // 2)


def test_without_packing_each_row_stands_alone() -> None:
    assert all(len(held) <= 1 for held in run(packing=Packing(0, 1)).sequences)
