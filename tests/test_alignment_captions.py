"""Projections that begin at captions: the fit, what it is fitted to, and a run with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch.nn.functional import cosine_similarity

from modaverse.errors import DataError
from modaverse.media import Audio, Image, Video
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.aligned import BehindEncoders, load_aligned, load_encoder
from modaverse_training.alignment.captions import begin_at_captions, captioned, fit, looked_at
from modaverse_training.alignment.data import Example
from tests.alignment_models import (
    COLOURS,
    EACH,
    PITCHES,
    captioned_row,
    captioned_settings,
    write_captioned,
    write_captioned_home,
)


def _told_apart(quiet: float) -> tuple[torch.Tensor, list[list[int]], torch.Tensor]:
    """Features [600, 12] whose first four tell the second word, as quietly as asked; embeddings."""
    made = torch.Generator().manual_seed(0)
    kinds = torch.arange(600) % 4
    features = torch.randn(600, 12, generator=made) + 3  # all have much in common
    features[:, :4] = quiet * (6 * torch.eye(4)[kinds] + features[:, :4])
    embeddings = torch.randn(20, 16, generator=made)
    return features, [[7, int(kind) + 10] for kind in kinds], embeddings


@pytest.mark.parametrize("quiet", [1.0, 0.01])
def test_what_tells_captions_apart_is_found_however_quiet(quiet: float) -> None:
    features, words, embeddings = _told_apart(quiet)
    weight, bias = fit(features[:400], words[:400], embeddings, 0.02)
    found = features @ weight.T + bias
    assert found[:400].mean(0).abs().max() < 1e-5  # what all have in common tells nothing
    assert float(found[:400].std()) == pytest.approx(0.02, rel=1e-3)
    nearest = 10 + (found[400:] @ embeddings[10:14].T).argmax(1)
    told = torch.tensor([word for _, word in words[400:]])
    assert (nearest == told).float().mean() > 0.95


def test_the_fit_is_the_same_every_time() -> None:
    features, words, embeddings = _told_apart(1.0)
    torch.manual_seed(1)
    first = fit(features, words, embeddings, 0.02)
    torch.manual_seed(2)
    again = fit(features, words, embeddings, 0.02)
    assert all(torch.equal(one, other) for one, other in zip(first, again, strict=True))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model, eyes and ears, and a file of rows with captions."""
    home = tmp_path_factory.mktemp("captions")
    write_captioned_home(home)
    return home


def _examples(home: Path, **changed: Any) -> list[Example]:
    references = [ref.model_copy(update=changed) for ref in write_captioned(home)]
    return [Example(captioned_row(n, ref), 1, home, 0) for n, ref in enumerate(references)]


def _begun(model: Any, processor: Any, examples: list[Example], most: int = 1000) -> dict[str, int]:
    looked = looked_at(model, processor, captioned(examples, processor, most))
    return begin_at_captions(model, processor, looked)


def _soft(model: Any, processor: Any, value: Any) -> torch.Tensor:
    """What stands for a medium, its mean: [e]."""
    perceived = processor.perception.perceive([value])
    given = {
        name: None if (found := getattr(perceived, name)) is None else torch.from_numpy(found)
        for name in ("pixel_values", "audio_values")
    }
    with torch.no_grad():
        (tokens,) = model.soft_tokens(**given).values()
    mean: torch.Tensor = tokens.mean((0, 1))
    return mean


@pytest.mark.parametrize("kind", ["linear", "mlp"])
def test_media_come_near_to_their_own_captions(home: Path, tmp_path: Path, kind: str) -> None:
    config = captioned_settings(home, tmp_path, projection=kind)
    reader: Any = load_encoder(config)
    aligned = load_aligned(config, reader)
    assert isinstance(aligned, BehindEncoders)
    model = aligned.model
    examples = _examples(home)
    told: list[str] = []
    aligned.begin(examples, told.append)
    assert told == [
        f"the projection of {name} begins at {kinds * EACH} captions"
        for name, kinds in (("vision", 6), ("audio", 3))
    ]
    embeddings = model.get_input_embeddings().weight
    right = 0
    for example in examples:
        reference = example.row.media[0]
        kinds: Any = {"image": Image, "audio": Audio, "video": Video}
        value = kinds[reference.modality].load(home / str(reference.path))
        soft = _soft(model, reader.processor, value)
        among = PITCHES if reference.modality == "audio" else COLOURS
        words = {
            word: embeddings[reader.tokenizer(word, add_special_tokens=False)["input_ids"]].mean(0)
            for word in among
        }
        common = torch.stack(list(words.values())).mean(0)
        near = max(words, key=lambda w: float(cosine_similarity(soft, words[w] - common, 0)))
        right += near == reference.caption
    assert right >= 0.9 * len(examples)


def test_the_sound_of_a_video_is_heard_where_that_is_set(home: Path, tmp_path: Path) -> None:
    for heard in (False, True):
        config = captioned_settings(home, tmp_path, video_sound=heard)
        reader: Any = load_encoder(config)
        assert reader.processor.perception.soft.video_sound is heard
        assert load_aligned(config, reader).model.config.video_sound is heard


def test_each_medium_counts_once_and_only_with_its_caption(home: Path, tmp_path: Path) -> None:
    config = captioned_settings(home, tmp_path)
    reader: Any = load_encoder(config)
    model = load_aligned(config, reader).model
    before = {name: value.clone() for name, value in model.projections.state_dict().items()}
    untold = _examples(home, caption="")
    alike = _examples(home, caption="red")
    elsewhere = _examples(home, path=None)
    for examples in (untold, alike, elsewhere, []):
        assert _begun(model, reader.processor, examples) == {}
        for name, value in model.projections.state_dict().items():
            assert torch.equal(value, before[name])
    twice = _examples(home) * 2
    found = _begun(model, reader.processor, twice)
    assert found == {"vision": 6 * EACH, "audio": 3 * EACH}
    found = _begun(model, reader.processor, twice, most=5)  # of each modality
    assert found == {"vision": 2 * 5, "audio": 5}
    gone = _examples(home, path="gone.png", modality="image", handle="image1")
    with pytest.raises(DataError, match="cannot be read"):
        _begun(model, reader.processor, gone)


def test_a_run_begins_there_and_goes_on_without(home: Path, tmp_path: Path) -> None:
    told: list[str] = []
    config = captioned_settings(home, tmp_path / "run")
    stage.train(config, quiet=True, tell=told.append)
    assert f"the projection of vision begins at {6 * EACH} captions" in told
    again: list[str] = []
    stage.train(config, quiet=True, tell=again.append)
    assert "going on from" in " ".join(again)
    assert "begins at" not in " ".join(again)
    on: list[str] = []
    stage.train(
        captioned_settings(home, tmp_path / "on", start=str(config.out)), quiet=True, tell=on.append
    )
    assert "begins at" not in " ".join(on)
