"""Pictures with twice the pixels: the network, what it learns from, and the tools that use it."""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest
import torch

from modaverse.media import Image, Video
from modaverse.tool import Context
from modaverse_tools import pipeline as pipelines
from modaverse_tools.diffusion import TextToImage, TextToVideo
from modaverse_tools.nano_pipelines import NanoImagePipeline
from modaverse_tools.nano_upscaler import NanoUpscaler, enlarged
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import scenes, upscaler, upscaler_data
from modaverse_training.nano.upscaler_data import FINE, Pairs

needs_font = pytest.mark.skipif(not scenes.FONT.is_file(), reason="no Noto Color Emoji here")
PROMPT = "a fox in the snow"


@pytest.fixture(scope="module")
def shipped() -> NanoUpscaler:
    model: NanoUpscaler = NanoUpscaler.from_pretrained(WEIGHTS / "upscaler", dtype=torch.float32)
    model.eval()
    return model


@pytest.fixture(scope="module")
def pair() -> Pairs:
    """What ships paints of scenes that no training saw, and what it should look like."""
    return upscaler_data.generated("test", 12, 5905, weights=WEIGHTS, steps=8)


def test_an_untrained_network_is_a_bicubic_filter() -> None:
    torch.manual_seed(1)
    pictures = torch.rand(2, 3, 10, 14) * 2 - 1
    made = enlarged(NanoUpscaler(width=8, depth=1), pictures)
    assert made.shape == (2, 3, 20, 28)
    plain = torch.nn.functional.interpolate(pictures, scale_factor=2.0, mode="bicubic")
    assert torch.allclose(made, plain.clamp(-1, 1))
    assert float(made.abs().max()) <= 1


def test_a_batch_gives_what_its_pictures_give_alone(shipped: NanoUpscaler) -> None:
    torch.manual_seed(2)
    pictures = torch.rand(5, 3, 64, 64) * 2 - 1
    alone = torch.cat([enlarged(shipped, picture[None]) for picture in pictures])
    assert torch.equal(enlarged(shipped, pictures), alone)


def test_shipped_weights_are_small(shipped: NanoUpscaler) -> None:
    assert 3e5 < sum(part.numel() for part in shipped.parameters()) < 8e5


@needs_font
def test_generated_pictures_stay_what_they_are_with_steeper_edges(
    shipped: NanoUpscaler, pair: Pairs
) -> None:
    small, fine = pair.tensors()
    made, soft = enlarged(shipped, small), upscaler.filtered("lanczos")(small)
    lanczos = upscaler.likeness(lambda _: soft, small, fine)
    assert upscaler.likeness(lambda _: made, small, fine) > lanczos - 0.1
    again = torch.nn.functional.avg_pool2d(made, 2)
    assert float((again - small).abs().mean()) < 0.02
    assert gradient(made.permute(0, 2, 3, 1)) > 1.05 * gradient(soft.permute(0, 2, 3, 1))


@needs_font
def test_drawn_pictures_gain_too_and_hardly_ring(shipped: NanoUpscaler) -> None:
    small, fine = upscaler_data.drawn("test", 24, 5906).tensors()
    by_network = upscaler.likeness(lambda given: enlarged(shipped, given), small, fine)
    assert by_network > upscaler.likeness(upscaler.filtered("lanczos"), small, fine)
    plain = torch.full((1, 3, 64, 64), -0.5)
    plain[..., 20:44, 20:44] = 0.5
    row = enlarged(shipped, plain)[0, :, 64, 4:-4]  # through two edges, as sharp as can be
    assert float(row.abs().max()) < 0.7, "hardly more than Lanczos' 0.6"


@needs_font
@pytest.mark.parametrize("part", ["train", "validation", "test"])
def test_the_parts_are_disjoint_in_scenes(part: scenes.Part) -> None:
    rng = Random(7)
    for video in (False, True):
        found = [upscaler_data.scene_of(part, rng, video=video) for _ in range(200)]
        assert {scenes.part_of(scene) for scene in found} == {part}
        assert {scenes.held_out(scene) for scene in found} == {part != "train"}


@needs_font
def test_a_finer_scene_is_the_same_scene() -> None:
    rng = Random(8)
    for number in range(12):
        scene = upscaler_data.scene_of("train", rng, video=number % 2 == 0)
        if scene.motion is None:
            small, fine = (scenes.draw(scene, Random(1), side=side) for side in (64, FINE))
        else:
            small, fine = (scenes.frame(scene, Random(1), 0.7, side=side) for side in (64, FINE))
        assert fine.shape == (FINE, FINE, 3)
        off = upscaler_data.shrunk(fine[None])[0].astype(int) - small
        assert np.abs(off).mean() < 2.5
        coarse = small.repeat(2, 0).repeat(2, 1)
        assert np.abs(fine.astype(int) - coarse).mean() > np.abs(off).mean()


@needs_font
def test_what_a_generated_picture_should_be_lies_where_the_picture_has_it(pair: Pairs) -> None:
    for picture, true in zip(pair.small, upscaler_data.shrunk(pair.fine), strict=True):
        moved = np.roll(true, 6, 1)
        near, far = (np.abs(picture.astype(int) - other).mean() for other in (true, moved))
        assert near < far


def test_worn_pictures_are_worse_but_not_by_much() -> None:
    small = torch.nn.functional.interpolate(torch.rand(24, 3, 8, 8), (64, 64)) * 2 - 1
    made = upscaler_data.worn(small, torch.Generator().manual_seed(3))
    again = upscaler_data.worn(small, torch.Generator().manual_seed(3))
    assert torch.equal(made, again)
    off = (made - small).abs().mean((1, 2, 3))
    assert float(off.mean()) > 0.01
    assert float(off.max()) < 0.1


def test_a_training_goes_on_where_it_was_left(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    fine = rng.integers(0, 256, (4, FINE, FINE, 3), dtype=np.uint8)
    pairs = upscaler.stored(tmp_path / "a.npz", lambda: Pairs(upscaler_data.shrunk(fine), fine))
    again = upscaler.stored(tmp_path / "a.npz", lambda: pytest.fail("made twice"))
    assert np.array_equal(pairs.fine, again.fine)
    first = upscaler.train(tmp_path, pairs, pairs, minutes=0.01, batch=2)
    step = torch.load(tmp_path / "state.pt", weights_only=True)["step"]
    assert step > 0
    kept = upscaler.train(tmp_path, pairs, pairs, minutes=0.01, batch=2)
    for one, other in zip(first.parameters(), kept.parameters(), strict=True):
        assert torch.equal(one, other)
    upscaler.train(tmp_path, pairs, pairs, minutes=0.02, batch=2)
    assert torch.load(tmp_path / "state.pt", weights_only=True)["step"] > step


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The nano models as they ship, but no upscaler."""
    root = tmp_path_factory.mktemp("weights")
    for name in ("text", "sketch", "image", "video"):
        (root / name).symlink_to(WEIGHTS / name)
    return root


def made(tool: Any, size: int) -> Any:
    value = tool.call(PROMPT, options={"steps": 4, "size": size}, context=Context(seed=3))
    return value.array if isinstance(value, Image) else value.frames


def gradient(pictures: Any) -> float:
    """How steep edges are: the mean of the steepest hundredth of all steps between pixels."""
    steps = np.abs(np.diff(np.asarray(pictures, float), axis=-2)).mean(-1).ravel()
    return float(np.sort(steps)[-len(steps) // 100 :].mean())


@pytest.mark.parametrize("kind", [TextToImage, TextToVideo])
def test_tools_enlarge_with_the_network_and_without_it_as_before(
    kind: type[TextToImage] | type[TextToVideo], without: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = kind()
    small, middle, large = (made(whole, size) for size in (64, 128, 256))
    assert large.shape[-3:] == (256, 256, 3)
    assert np.array_equal(middle, made(whole, 128)), "the same seed, the same picture"
    shrunk = large.astype(float).reshape(*large.shape[:-3], 128, 2, 128, 2, 3).mean((-4, -2))
    assert np.abs(shrunk - middle).mean() < 3, "256 is the network's picture enlarged"

    parameters = sum(part.numel() for part in NanoUpscaler().parameters())
    memory = whole.memory
    monkeypatch.setattr(pipelines, "WEIGHTS", without)
    bare = kind()
    assert memory - bare.memory == 4 * parameters
    assert np.array_equal(made(bare, 64), small), "64 is the generator's own"
    assert gradient(middle) > 1.05 * gradient(made(bare, 128))


def test_a_pipeline_keeps_its_upscaler_when_it_is_saved(tmp_path: Path) -> None:
    pipe = NanoImagePipeline.from_pretrained(WEIGHTS / "image")
    pipe.set_progress_bar_config(disable=True)
    pipe.save_pretrained(tmp_path / "whole")
    again = NanoImagePipeline.from_pretrained(tmp_path / "whole")
    again.set_progress_bar_config(disable=True)
    options: dict[str, Any] = {"num_inference_steps": 4, "output_type": "np", "side": 256}
    pictures = [
        one(PROMPT, generator=torch.Generator().manual_seed(1), **options).images
        for one in (pipe, again)
    ]
    assert pictures[0].shape == (1, 128, 128, 3)
    assert np.abs(pictures[0] - pictures[1]).mean() < 0.01
    shutil.rmtree(tmp_path / "whole" / "upscaler")
    own = NanoImagePipeline.from_pretrained(WEIGHTS / "image", upscaler=None)
    assert own(PROMPT, **options).images.shape == (1, 64, 64, 3)


def test_a_video_is_enlarged_frame_by_frame(shipped: NanoUpscaler) -> None:
    film = TextToVideo()
    small, middle = (
        film.call(PROMPT, options={"steps": 4, "size": size}, context=Context(seed=5))
        for size in (64, 128)
    )
    assert isinstance(small, Video)
    assert isinstance(middle, Video)
    given = upscaler_data.pixels(small.frames)
    levels = ((enlarged(shipped, given) + 1) * 127.5).permute(0, 2, 3, 1).numpy()
    assert np.abs(levels - middle.frames).mean() < 1.5
