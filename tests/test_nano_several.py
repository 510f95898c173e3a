"""A prompt of more than one thing is told of, one of a single thing is not."""

from __future__ import annotations

import pytest

from modaverse_tools.nano_several import number, remark, several
from modaverse_training.nano.concepts import drawables


@pytest.mark.parametrize(
    ("prompt", "named"),
    [
        ("a teddy bear beside a chair", ("teddy bear", "chair")),
        ("dogs, cats and a dog", ("dog", "cat")),
        ("a dog chasing cats", ("dog", "cat")),
        ("a penguin on the moon at night", ("penguin", "moon")),
        ("a polar bear with an umbrella", ("bear", "umbrella")),
        ("a bell on a chair", ("bell", "chair")),
    ],
)
def test_several_things_are_named_in_their_order(prompt: str, named: tuple[str, ...]) -> None:
    assert several(prompt) == named
    told = remark("image", prompt)
    assert f"names {len(named)} ({', '.join(named)}), so the picture may" in told
    assert not remark("audio", prompt)


@pytest.mark.parametrize(
    "prompt",
    [
        "an orange cat",
        "a cherry red car",
        "a grey bell ringing on a jet-black background",
        "an apple tree on the beach",
        "a chair and another chair",
        "a lighthouse and a windmill",
        "a video of a dog on top of a hill",
        "a poster of a lion",
        "a church with a tall tower",
        "a pencil drawing of a cat",
        "a bird's eye view of a house",
        "a star-shaped cake",
        "a dog without a hat",
        "a house made of cheese",
        "a dog running for 3 seconds",
        "a cat with two eyes",
        "a 10 year old dog",
        "a car from 1964",
        "a two-headed snake",
        "a dog at 5",
        "",
    ],
)
def test_one_thing_is_one(prompt: str) -> None:
    assert not remark("image", prompt)
    assert not remark("video", prompt)


@pytest.mark.parametrize(
    ("prompt", "many"),
    [
        ("TWO mice in the snow", "two"),
        ("3 red apples", "3"),
        ("a couple of horses", "a couple of"),
        ("several sheep", "several"),
        ("twelve teddy bears", "twelve"),
    ],
)
def test_a_number_of_one_thing_is_told_of(prompt: str, many: str) -> None:
    assert number(prompt) == many
    assert f"one thing at a time and the prompt asks for {many}, so the video" in remark(
        "video", prompt
    )


def test_every_thing_is_one_thing_by_all_its_own_words() -> None:
    for concept in drawables():
        for word in (concept.name, *concept.words):
            assert not several(f"a small {word} in the snow"), word
