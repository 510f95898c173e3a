"""The eyes and ears of the nano suite: what they learn from, that they learn, what ships."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from transformers import AutoFeatureExtractor, AutoImageProcessor, ResNetModel

from modaverse.model.configuration import feature_width
from modaverse.model.encoders import audio_features_of, load_encoder, vision_features_of
from modaverse_training.nano import ears, eyes, scenes, wordnet
from modaverse_training.nano.concepts import drawables
from modaverse_training.nano.synthesis import Take

needs_font = pytest.mark.skipif(not scenes.FONT.is_file(), reason="no Noto Color Emoji here")
needs_wordnet = pytest.mark.skipif(not wordnet.FOLDER.is_dir(), reason="no WordNet here")


@needs_font
def test_pictures_come_with_what_they_show() -> None:
    pool = eyes.make_pool(2 * len(drawables()), seed=1)
    assert pool.pictures.shape == (2 * len(drawables()), 64, 64, 3)
    assert pool.pictures.dtype == np.uint8
    assert np.bincount(pool.names[:, 0]).tolist() == [2] * len(drawables())
    assert set(pool.names[:, 1]) <= set(range(len(eyes.TINTS)))
    assert np.abs(pool.poses[:, :2]).max() < 0.5
    assert (pool.poses[:, 3] != 0).any()  # some are turned


@needs_font
def test_pictures_to_learn_from_and_to_check_by_share_no_scene() -> None:
    learnt, checked = eyes.make_pool(400, seed=1), eyes.make_pool(400, seed=1, held_out=True)
    known = {tuple(row) for row in learnt.names}
    assert not known & {tuple(row) for row in checked.names}


@needs_font
def test_pools_follow_each_other_and_can_be_begun_anywhere() -> None:
    with eyes.pools(60, 7, 3) as coming:
        third, fourth = next(coming), next(coming)
    assert (third.pictures == eyes.make_pool(60, 10).pictures).all()
    assert (fourth.pictures == eyes.make_pool(60, 11).pictures).all()


@needs_font
def test_a_short_training_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reported: list[eyes.Naming] = []
    monkeypatch.setattr(eyes, "report", reported.append)
    eyes.train(tmp_path, minutes=0.02, rows=40, seed=1)
    assert not reported[0].training
    again = eyes.build(tmp_path / "tower")
    for name, weight in reported[0].tower.state_dict().items():
        assert torch.equal(weight, again.state_dict()[name])


@needs_font
def test_things_are_shown_upside_down_more_often_than_by_chance() -> None:
    poses = eyes.make_pool(2000, seed=3).poses
    moving = poses[:, 2] != np.float32(1 / scenes.MOVING - 1)
    turned = np.abs(poses[:, 3]) > 28 / 360  # farther than a swing
    assert 0.2 < turned[moving].mean() < 0.3


def test_a_whole_turn_is_no_error() -> None:
    answers = (*(torch.zeros(1, n) for n in (2, 2, 2)), torch.tensor([[0.0, 0.0, 0.0, -1.0]]))
    names, poses = torch.zeros(1, 3, dtype=torch.long), torch.zeros(1, 4)
    whole = eyes.loss_of(answers, names, poses)
    half = eyes.loss_of((*answers[:3], answers[3] / 2), names, poses)
    assert whole.item() == pytest.approx(3 * np.log(2), abs=1e-4)
    assert half > whole + 0.1


@needs_font
def test_the_eyes_learn_to_tell_things_apart() -> None:
    torch.manual_seed(0)
    pool = eyes.make_pool(len(drawables()), seed=2)
    few = pool.names[:, 0] < 8
    pictures = torch.from_numpy(pool.pictures[few]).movedim(-1, -3).float() / 127.5 - 1
    names, poses = torch.from_numpy(pool.names[few]), torch.from_numpy(pool.poses[few])
    naming = eyes.Naming(eyes.build())
    optimizer = torch.optim.AdamW(naming.parameters(), lr=1e-3)
    losses = []
    for _ in range(60):
        loss = eyes.loss_of(naming(pictures), names, poses)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.4 * losses[0]
    assert (naming(pictures)[0].argmax(1) == names[:, 0]).float().mean() > 0.8


def test_shipped_eyes_are_read_by_the_usual_classes(tmp_path: Path) -> None:
    tower = eyes.build()
    eyes.ship(tower, tmp_path)
    processor = AutoImageProcessor.from_pretrained(tmp_path)
    picture = np.full((100, 80, 3), 255, np.uint8)
    pixels = processor(picture, return_tensors="pt")["pixel_values"]
    assert pixels.shape == (1, 3, 64, 64)
    assert pixels.unique().tolist() == [1.0]  # white is 1, as in training
    again = ResNetModel.from_pretrained(tmp_path, dtype=torch.float32)
    assert again(pixel_values=pixels).last_hidden_state.shape == (1, 192, 4, 4)


def test_a_training_can_begin_at_shipped_eyes(tmp_path: Path) -> None:
    tower = eyes.build().eval()
    pixels = torch.rand(2, 3, 64, 64)
    before = tower(pixel_values=pixels).last_hidden_state
    eyes.ship(tower, tmp_path)
    begun = eyes.build(tmp_path).eval()
    assert {value.dtype for value in begun.parameters()} == {torch.float32}
    after = begun(pixel_values=pixels).last_hidden_state
    assert torch.allclose(after, before, rtol=0.05, atol=0.05)  # but for the half precision


def test_the_multimodal_model_reads_the_eyes(tmp_path: Path) -> None:
    eyes.ship(eyes.build(), tmp_path)
    encoder = load_encoder(str(tmp_path), torch.float32)
    pixels = torch.rand(2, 3, 64, 64)
    maps = encoder(pixel_values=pixels).last_hidden_state
    fields = vision_features_of(encoder, pixels, 4)
    assert fields.shape == (2, 4, feature_width(encoder.config))
    assert torch.allclose(fields[:, 1], maps[:, :, :2, 2:].mean((2, 3)), atol=1e-5)
    assert vision_features_of(encoder, pixels, 1).shape == (2, 1, 192)


def tone(pitch: float) -> NDArray[np.int16]:
    """Three seconds of one pitch: int16 [48000]."""
    t = np.arange(ears.SECONDS * ears.RATE) / ears.RATE
    return (8000 * np.sin(2 * np.pi * pitch * t)).astype(np.int16)


def test_sounds_become_features_of_one_length() -> None:
    made = ears.features(np.stack([tone(200), tone(2000)]))
    assert made.shape == (2, 80, 300)
    low, high = made.astype(np.float32).mean(2).argmax(1)
    assert low < high


def test_every_label_has_a_name() -> None:
    takes = [Take("dog", "slow", "high", 1), Take("piano", "", "low", 2)]
    labels = ears._labels(takes, 1)
    heard = [ears.names()[row[0]] for row in labels]
    assert heard == ["dog", "piano", "speech"]
    assert labels[:, 1:].tolist() == [[1, 2], [0, 1], [0, 0]]


@needs_wordnet
def test_speech_is_sound_that_differs() -> None:
    waves = ears.speech(3, seed=4)
    assert waves.shape == (3, 48_000)
    assert np.abs(waves.astype(float)).mean(1).min() > 100
    assert not np.array_equal(waves[0], waves[1])
    assert np.array_equal(waves, ears.speech(3, seed=4))


def test_the_ears_learn_to_tell_sounds_apart() -> None:
    torch.manual_seed(0)
    inputs = torch.from_numpy(ears.features(np.stack([tone(150 * 3**n) for n in range(3)])))
    naming = ears.Naming(ears.build())
    optimizer = torch.optim.AdamW([w for w in naming.parameters() if w.requires_grad], lr=1e-3)
    for _ in range(60):
        loss = torch.nn.functional.cross_entropy(naming(inputs.float())[0], torch.arange(3))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    assert naming.eval()(inputs.float())[0].argmax(1).tolist() == [0, 1, 2]


def test_spoilt_features_keep_their_shape_and_differ() -> None:
    batch = torch.zeros(2, 80, 300)
    torch.manual_seed(1)
    changed = ears.spoilt(batch)
    assert changed.shape == batch.shape
    assert not torch.equal(changed[0], changed[1])


def test_shipped_ears_are_read_by_the_usual_classes(tmp_path: Path) -> None:
    ears.ship(ears.build(), tmp_path)
    extractor = AutoFeatureExtractor.from_pretrained(tmp_path)
    heard = extractor(np.zeros(16_000, np.float32), sampling_rate=16_000, return_tensors="pt")
    assert heard["input_features"].shape == (1, 80, 300)
    again = ResNetModel.from_pretrained(tmp_path, dtype=torch.float32)
    assert again(heard["input_features"][:, None]).last_hidden_state.shape == (1, 192, 3, 10)


def test_the_multimodal_model_reads_the_ears(tmp_path: Path) -> None:
    ears.ship(ears.build(), tmp_path)
    encoder = load_encoder(str(tmp_path), torch.float32)
    spectrograms = torch.rand(2, 80, 300)
    maps = encoder(pixel_values=spectrograms[:, None]).last_hidden_state
    stretches = audio_features_of(encoder, spectrograms, 5)
    assert stretches.shape == (2, 5, feature_width(encoder.config))
    assert torch.allclose(stretches[:, 1], maps.mean(2)[:, :, 2:4].mean(2), atol=1e-5)
    assert audio_features_of(encoder, spectrograms, 1).shape == (2, 1, 192)
