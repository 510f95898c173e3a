"""Captions before the first row: how they are encoded, learned, and a run with them."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from modaverse.errors import TrainingError
from modaverse.media import Audio, Image, Media, Video
from modaverse.model import Encoded
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.aligned import load_aligned, load_encoder
from modaverse_training.alignment.captioning import (
    Captioning,
    _batches,
    captions_encoded,
    learn_captions,
)
from modaverse_training.alignment.captions import looked_at
from modaverse_training.alignment.packing import IGNORED, collate, pack
from tests.alignment_models import COLOURS, EACH, captioned_settings, write_captioned_home

TOKENS = 2  # soft ones, a picture or frame, and a sound


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("captioning")
    write_captioned_home(home)
    return home


def _config(home: Path, out: Path, **training: Any) -> Any:
    soft = {"vision_tokens": TOKENS, "audio_tokens": TOKENS}
    return captioned_settings(home, out, training=training, **soft)


def _loaded(home: Path) -> tuple[Any, Any]:
    config = _config(home, home / "run")
    encoder = load_encoder(config)
    torch.manual_seed(0)
    return load_aligned(config, encoder).model, encoder.processor  # type: ignore[union-attr]


def _encoded(model: Any, processor: Any, media: Iterator[tuple[Media, str]]) -> list[Encoded]:
    return captions_encoded(processor, looked_at(model, processor, media))


def _media(seed: int, each: int = 6) -> Iterator[tuple[Media, str]]:
    """Pictures in noisy colours that are their captions."""
    rng = np.random.default_rng(seed)
    for _ in range(each):
        for colour, value in COLOURS.items():
            pixels = np.clip(rng.normal(value, 12, (16, 16, 3)), 0, 255)
            yield Image(pixels.astype(np.uint8)), colour


def test_a_row_is_soft_tokens_and_their_caption(home: Path) -> None:
    model, processor = _loaded(home)
    frames = np.zeros((4, 16, 16, 3), np.uint8)
    media: list[tuple[Media, str]] = [
        (Image(frames[0]), "a fox"), (Video(frames, 4.0), "a dog"), (Image(frames[0]), "  "),
        (Audio(np.zeros((4000, 1), np.float32), 16000), "rain"),
    ]  # fmt: skip
    rows = _encoded(model, processor, iter(media))
    assert len(rows) == 3  # none of the picture that nothing is said of
    for row, (kind, soft), told in zip(
        rows, ((1, TOKENS), (1, 2 * TOKENS), (2, TOKENS)), ("a fox", "a dog", "rain"), strict=True
    ):
        assert row.media_kinds.tolist() == [kind] * soft + [0] * (len(row.input_ids) - soft)
        assert set(row.labels[:soft]) == {IGNORED}
        assert row.labels[soft:].tolist() == row.input_ids[soft:].tolist()
        assert row.input_ids[-1] == processor.prompt.end
        assert processor.tokenizer.decode(row.input_ids[soft:-1]).strip() == told
    assert rows[1].frame_times is not None
    assert len(rows[1].frame_times) == 2
    assert rows[2].audio_features is not None
    assert rows[2].vision_features is None


def test_what_is_seen_is_named_afterwards_and_only_what_is_trainable_changed(home: Path) -> None:
    model, processor = _loaded(home)
    frozen = {
        name: value.clone() for name, value in model.named_parameters() if not value.requires_grad
    }
    rows = _encoded(model, processor, _media(0))
    new = _encoded(model, processor, _media(1, each=4))
    assert np.mean([_named(model, row, processor.prompt.pad) for row in new]) < 0.5
    losses: list[float] = []
    plan = Captioning(60, batch=2, length=64, rate=1e-2, projection_rate=1e-2)
    learn_captions(
        model, rows, plan, pad=processor.prompt.pad, tell=lambda step, loss: losses.append(loss)
    )
    assert len(losses) == plan.steps
    assert losses[-1] < losses[0]
    assert np.mean([_named(model, row, processor.prompt.pad) for row in new]) > 0.9
    for name, value in model.named_parameters():
        assert name not in frozen or torch.equal(value, frozen[name]), name


def _named(model: Any, row: Encoded, pad: int) -> bool:
    """Whether the first token of the caption is the likeliest after the soft tokens."""
    batch = collate([pack([row], len(row.input_ids), pad)])
    given = {name: value for name, value in batch.items() if name not in ("labels", "segments")}
    model.eval()
    with torch.no_grad():
        logits = model(**given).logits
    return bool(logits[0, TOKENS - 1].argmax() == row.input_ids[TOKENS])


def test_it_is_the_same_every_time(home: Path) -> None:
    found = []
    for _ in range(2):
        model, processor = _loaded(home)
        rows = _encoded(model, processor, _media(0, each=2))
        torch.manual_seed(5)
        learn_captions(model, rows, Captioning(3, batch=2, length=32), pad=processor.prompt.pad)
        found.append([value.clone() for value in model.parameters() if value.requires_grad])
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def _losses(home: Path, micro_batch: int) -> list[float]:
    model, processor = _loaded(home)
    rows = _encoded(model, processor, _media(0, each=4))
    plan = Captioning(3, batch=4, micro_batch=micro_batch, length=16)
    found: list[float] = []
    torch.manual_seed(5)
    learn_captions(
        model, rows, plan, pad=processor.prompt.pad, tell=lambda _, loss: found.append(loss)
    )
    return found


def test_micro_batches_give_the_losses_of_the_whole(home: Path) -> None:
    assert _losses(home, 4) == pytest.approx(_losses(home, 1), rel=1e-4)


def test_every_caption_comes_before_any_comes_again() -> None:
    lengths = [3, 9, 4, 7, 5, 2, 8, 6]
    rows = [
        Encoded(tokens := np.full(n, number, np.int64), tokens, tokens)
        for number, n in enumerate(lengths)
    ]
    packed = list(islice(_batches(rows, Captioning(1, batch=2, length=10)), 12))
    assert all(len(batch) == 2 for batch in packed)
    sequences = [part for batch in packed for part in batch]
    assert all(part and sum(len(row.input_ids) for row in part) <= 10 for part in sequences)
    order = [int(row.input_ids[0]) for part in sequences for row in part]
    for start in range(0, len(order) - len(rows) + 1, len(rows)):
        assert sorted(order[start : start + len(rows)]) == list(range(len(rows)))


def test_unpacked_a_sequence_holds_one_caption() -> None:
    tokens = np.full(3, 1, np.int64)
    rows = [Encoded(tokens, tokens, tokens)] * 4
    (batch,) = islice(_batches(rows, Captioning(1, batch=4, length=12, packed=False)), 1)
    assert [len(part) for part in batch] == [1, 1, 1, 1]


def test_the_norm_of_the_gradient_is_limited_by_clip_alone(home: Path) -> None:
    """AdamW forgets the size of all gradients, but not how it changes from step to step."""
    ends = []
    for clip in (0.0, 1e6, 1e-3):
        model, processor = _loaded(home)
        rows = _encoded(model, processor, _media(0, each=2))
        torch.manual_seed(5)
        plan = Captioning(3, batch=2, length=32, clip=clip)
        learn_captions(model, rows, plan, pad=processor.prompt.pad)
        ends.append(torch.cat([p.flatten() for p in model.parameters() if p.requires_grad]))
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])


def test_without_a_caption_that_fits_nothing_is_learned(home: Path) -> None:
    model, processor = _loaded(home)
    rows = _encoded(model, processor, _media(0, each=1))
    for given, length in (([], 64), (rows, TOKENS + 1)):
        with pytest.raises(TrainingError, match="no caption fits") as caught:
            learn_captions(model, given, Captioning(1, length=length), pad=processor.prompt.pad)
        assert "training.captions=0" in caught.value.hint


def test_a_loss_that_is_no_number_ends_it(home: Path) -> None:
    model, processor = _loaded(home)
    rows = _encoded(model, processor, _media(0, each=1))
    with torch.no_grad():
        model.projections["vision"].last.weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match="became nan"):
        learn_captions(model, rows, Captioning(1, length=64), pad=processor.prompt.pad)


def test_a_run_begins_with_captions_and_goes_on_without(home: Path, tmp_path: Path) -> None:
    told: list[str] = []
    stage.train(_config(home, tmp_path / "run", captions=10), quiet=True, tell=told.append)
    assert f"10 steps with the captions of {9 * EACH} media" in told
    assert sum(line.startswith("captions: step ") for line in told) == 10
    again: list[str] = []
    stage.train(_config(home, tmp_path / "run", captions=10), quiet=True, tell=again.append)
    assert not [line for line in again if "captions" in line]
