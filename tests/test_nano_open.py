"""What a prompt leaves open the seed settles, what it says stays: with the weights that ship."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest
import torch

from modaverse_tools.nano_open import GROUNDS, MOTIONS, Choice, choose, leaves_ground, painted
from modaverse_tools.nano_pipelines import NanoImagePipeline, NanoVideoPipeline
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import concepts

PALE = torch.full((3, 64, 64), 0.91)  # as the sketch paints where no ground is named


@pytest.fixture(scope="module")
def painter() -> Any:
    pipe = NanoImagePipeline.from_pretrained(WEIGHTS / "image")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def picture(pipe: Any, prompt: str | list[str], seed: int, **options: Any) -> Any:
    options = {"num_inference_steps": 6, "output_type": "np", **options}
    return pipe(prompt, generator=seeded(seed), **options)


def apart(one: Any, other: Any) -> float:
    """Mean difference in levels of 255."""
    return float(np.abs(one - other).mean() * 255)


def rim(image: Any) -> Any:
    """The outermost pixels, where no thing is."""
    return np.concatenate([image[:4].reshape(-1, 3), image[-4:].reshape(-1, 3)])


def test_seeds_give_pictures_that_a_person_tells_apart(painter: Any) -> None:
    made = [picture(painter, "a castle", seed) for seed in range(6)]
    gaps = [apart(a.images, b.images) for a, b in combinations(made, 2)]
    assert sum(gap > 5 for gap in gaps) > 0.8 * len(gaps), gaps
    for output in made:
        name = output.choices[0].ground
        told = np.array(GROUNDS[name] if name else (244, 243, 244)) / 255
        assert apart(rim(output.images[0]).mean(0), told) < 6, name


def test_one_seed_gives_the_same_bytes_and_off_is_the_model_alone(painter: Any) -> None:
    first, again = (picture(painter, "a castle", 1) for _ in range(2))
    assert np.array_equal(first.images, again.images)
    assert first.choices == again.choices
    plain = [picture(painter, "a castle", seed, vary=False) for seed in (1, 2)]
    assert apart(plain[0].images, plain[1].images) < 1
    assert plain[0].choices == ()


@pytest.mark.parametrize("prompt", ["a castle on a green background", "a castle in the snow"])
def test_a_ground_that_is_named_stays(painter: Any, prompt: str) -> None:
    told = picture(painter, prompt, 0, vary=False).images[0]
    for seed in range(4):
        made = picture(painter, prompt, seed)
        assert made.choices == (Choice(prompt),)
        assert apart(rim(made.images[0]), rim(told)) < 1
    assert apart(picture(painter, prompt, 0).images[0], told) < 0.01  # the noise is the same too


def test_each_prompt_of_several_has_its_own_choice(painter: Any) -> None:
    made = picture(painter, ["a fox", "a fox in a forest", "a fox"], 3)
    first, second, third = made.choices
    assert second == Choice("a fox in a forest")
    assert first != third
    assert apart(made.images[0], made.images[2]) > 5


def test_a_video_gets_a_motion_of_training_and_tells_which() -> None:
    pipe = NanoVideoPipeline.from_pretrained(WEIGHTS / "video")
    pipe.set_progress_bar_config(disable=True)
    made = [pipe("a fox", num_inference_steps=5, generator=seeded(seed)) for seed in (1, 4)]
    told = [output.choices[0].prompt.removeprefix("a fox ") for output in made]
    assert set(told) <= set(MOTIONS)
    assert told[0] != told[1]
    assert apart(made[0].frames, made[1].frames) > 5


def test_the_words_for_motions_are_those_of_training() -> None:
    assert [words[0] for words in concepts.MOTIONS.values()] == list(MOTIONS)


@pytest.mark.parametrize("said", concepts.MOTIONS.values(), ids=lambda words: words[0])
def test_what_is_said_of_a_motion_is_kept(said: tuple[str, ...]) -> None:
    for words in said:
        prompt = f"A fox {words}."
        assert choose(prompt, PALE, seeded(1), video=True).prompt == prompt


def test_words_close_what_they_settle() -> None:
    assert choose("a fox", PALE, seeded(1)).ground in GROUNDS
    assert choose("a fox on a sofa", PALE, seeded(1)) == Choice("a fox on a sofa")
    assert choose("a fox", -PALE, seeded(1)) == Choice("a fox")  # the model paints one of its own
    tiny = choose("a tiny fox", PALE, seeded(1))
    assert tiny.ground
    assert tiny.size == 1
    assert choose("a sleeping fox", PALE, seeded(1), video=True).prompt == "a sleeping fox"
    assert choose("a fox.", PALE, seeded(1), video=True).prompt in {f"a fox {m}" for m in MOTIONS}


def test_every_choice_comes_up_and_stays_in_range() -> None:
    stream = seeded(5)
    made = [choose("a fox", PALE, stream) for _ in range(400)]
    assert {choice.ground for choice in made} == {None, *GROUNDS}
    assert all(0.93 <= choice.size <= 1.13 for choice in made)
    assert max(abs(choice.right) for choice in made) <= 0.08
    assert max(abs(choice.down) for choice in made) <= 0.06


def test_a_ground_is_painted_where_it_was_chosen() -> None:
    grounds = torch.stack([PALE, PALE])
    made = painted(grounds, [Choice("a"), Choice("b", ground="light blue")])
    assert torch.equal(made[0], PALE)
    assert ((made[1, :, 0, 0] + 1) * 127.5).round().tolist() == list(GROUNDS["light blue"])
    assert leaves_ground(PALE)
    assert not leaves_ground(PALE - 0.5)
