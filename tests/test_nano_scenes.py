"""The drawn training data: every concept draws, captions tell the truth, held-out stays apart."""

from __future__ import annotations

import re
import zlib
from random import Random

import numpy as np
import pytest

from modaverse_training.nano import captions, scenes, wordnet
from modaverse_training.nano.concepts import (
    COLOURS,
    MOTIONS,
    PLACES,
    drawables,
    plural,
    sounds,
    usual_colours,
)
from modaverse_training.nano.scenes import Scene, Thing

needs_font = pytest.mark.skipif(not scenes.FONT.is_file(), reason="no Noto Color Emoji here")
needs_wordnet = pytest.mark.skipif(not wordnet.FOLDER.is_dir(), reason="no WordNet here")


def test_concepts_are_many_and_named_once() -> None:
    names = [concept.name for concept in drawables()]
    assert len(names) >= 100
    assert len(set(names)) == len(names)
    assert len(sounds()) >= 40
    assert len(MOTIONS) >= 8


@pytest.mark.parametrize(
    ("noun", "many"), [("dog", "dogs"), ("fox", "foxes"), ("cherry", "cherries"), ("key", "keys")]
)
def test_plurals(noun: str, many: str) -> None:
    assert plural(noun) == many


@needs_font
def test_every_concept_draws_something_of_its_own() -> None:
    seen = set()
    for index in range(len(drawables())):
        picture = scenes.draw(Scene(Thing(index), "gray"), Random(0))
        corner = picture[0, 0]
        assert (np.abs(picture.astype(int) - corner).sum(-1) > 40).mean() > 0.05
        seen.add(picture.tobytes())
    assert len(seen) == len(drawables())


@needs_font
def test_a_seed_draws_the_same_picture_and_a_colour_shows() -> None:
    scene = Scene(Thing(0, "blue"), "white")
    first, again = scenes.draw(scene, Random(5)), scenes.draw(scene, Random(5))
    assert first.shape == (64, 64, 3)
    assert np.array_equal(first, again)
    middle = first[24:44, 24:44].reshape(-1, 3).mean(0)
    assert middle[2] > middle[0] + 30


# Of ten concepts each: scene or film, opacity, red drawing. Then the mean of the grounds.
LEARNED_FROM = (
    100.771, 35.623, 52.516, 92.331, 29.663, 48.024, 98.540, 28.882, 45.920,
    94.030, 26.809, 41.366, 86.215, 25.089, 41.220, 78.091, 29.812, 45.124,
    72.051, 32.802, 46.292, 98.112, 32.925, 47.434, 80.717, 23.758, 38.925,
    81.828, 28.454, 42.711, 92.270, 25.484, 39.311, 88.489, 30.699, 43.450,
    76.679,
)  # fmt: skip


def told(pixels: scenes.Pixels) -> float:
    """One number of pictures [..., h, w(, c)]: their mean, each pixel with a weight of its own."""
    picture = pixels.reshape(-1, *pixels.shape[-3:]).mean(0) if pixels.ndim > 3 else pixels
    return float((picture * np.random.default_rng(0).random(picture.shape)).mean())


@needs_font
def test_scenes_are_drawn_as_those_that_the_models_learned_from() -> None:
    """But for roundings, which are others on other processors."""
    if zlib.crc32(scenes.FONT.read_bytes()) != 437167775:
        pytest.skip("another release of the font, whose drawings differ")
    rng, found = Random(64), []
    for number in range(120):
        scene = scenes.sample_scene(rng, concept=number, video=number % 3 == 0)
        made = scenes.film(scene, rng) if scene.motion else scenes.draw(scene, rng)
        parts = (made, scenes.opacity(number), scenes.drawing(number, "red"))
        found.append([told(pixels) for pixels in parts])
    tens = np.array(found).reshape(12, 10, 3).mean(1)
    grounds = np.mean([told(scenes.ground(name)) for name in (None, *COLOURS, *PLACES)])
    assert np.append(tens, grounds) == pytest.approx(LEARNED_FROM, abs=0.01), (
        "scenes of 64 pixels changed: all nano models must learn anew"
    )


@needs_font
@pytest.mark.parametrize("place", PLACES)
def test_places_look_different_from_one_another(place: str) -> None:
    picture = scenes.draw(Scene(Thing(0), place), Random(1))
    others = [name for name in PLACES if name != place]
    for other in others:
        unlike = scenes.draw(Scene(Thing(0), other), Random(1))
        assert np.abs(picture.astype(int) - unlike).mean() > 3


@needs_font
@pytest.mark.parametrize("motion", MOTIONS)
def test_motions_move(motion: str) -> None:
    frames = scenes.film(Scene(Thing(10), motion=motion), Random(2))
    assert frames.shape == (scenes.FRAMES, 64, 64, 3)
    assert max(np.abs(frames[0].astype(int) - frame).mean() for frame in frames) > 1


@needs_font
def test_motion_to_the_right_goes_right() -> None:
    frames = scenes.film(Scene(Thing(51, "black"), motion="right"), Random(2)).astype(float)
    darkness = 255 - frames.mean(-1)
    darkness -= np.median(darkness, axis=(1, 2), keepdims=True)
    columns = (darkness.clip(0).sum(1) * np.arange(64)).sum(1) / darkness.clip(0).sum((1, 2))
    assert columns[-1] - columns[0] > 20


@needs_wordnet
def test_captions_say_what_the_scene_holds() -> None:
    rng = Random(3)
    scene = Scene(Thing(4, "red"), "snow")
    said = {captions.caption(scene, rng, plain=True).lower() for _ in range(50)}
    assert len(said) > 10
    assert all("fox" in text and "red" in text for text in said)


@needs_wordnet
def test_labels_follow_the_scene() -> None:
    scene = Scene(Thing(2, "blue"), "beach")
    row = dict(zip(captions.LABELS, captions.labels(scene), strict=True))
    assert captions.LABELS["thing"][row["thing"]] == drawables()[2].name
    assert captions.LABELS["colour"][row["colour"]] == "blue"
    assert captions.LABELS["background"][row["background"]] == "beach"
    assert row["motion"] == row["sound"] == 0
    heard = dict(zip(captions.LABELS, captions.labels(sound="rain", tempo="slow"), strict=True))
    assert captions.LABELS["sound"][heard["sound"]] == "rain"


def test_training_scenes_and_held_out_scenes_are_disjoint() -> None:
    rng = Random(4)
    trained = {scenes.training_scene(rng) for _ in range(4000)}
    assert not any(scenes.held_out(scene) for scene in trained)
    fresh = [scenes.sample_scene(rng) for _ in range(4000)]
    share = sum(scenes.held_out(scene) for scene in fresh) / len(fresh)
    assert 0.04 < share < 0.15  # an eighth of those with a background
    plain = Scene(Thing(7))
    assert not scenes.held_out(plain)


@needs_wordnet
def test_held_out_wordings_are_never_trained_on() -> None:
    rng = Random(5)
    trained = [captions.caption(scenes.sample_scene(rng), rng).lower() for _ in range(3000)]
    for frame in captions.HELD_OUT_FRAMES:
        words = max(frame.lower().split("{}"), key=len).strip()
        assert not any(words in text for text in trained)


def test_the_colour_words_are_drawn_colours() -> None:
    assert set(COLOURS) >= {"red", "green", "blue", "black", "white"}
    assert not set(COLOURS) & set(PLACES)


def test_every_drawing_has_a_usual_colour_of_the_list() -> None:
    usual = usual_colours()
    assert set(usual) == {thing.name for thing in drawables()}
    words = {word for colour in usual.values() for word in re.findall(r"[a-z]+", colour)}
    assert words <= {*COLOURS, "and"}
