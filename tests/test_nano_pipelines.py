"""The nano pipelines on tiny random weights: shapes, seeds, stops, and the shared text encoder."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import PixArtTransformer2DModel
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from modaverse_tools.nano_pipelines import (
    NanoImagePipeline,
    NanoVideoPipeline,
    SketchedPipeline,
    frames_of,
    laid_out,
)
from modaverse_tools.nano_sketch import NanoSketch, _warped
from modaverse_training.nano import scenes
from modaverse_training.nano.export import export_generator, export_text
from modaverse_training.nano.sketch import true_poses


def tiny_text(folder: Path) -> Path:
    """A random text encoder of the nano suite's kind, saved under `folder`."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel()
    tokenizer.add_special_tokens(["<pad>", "</s>"])
    tokenizer.add_tokens(["a", "fox", "dog", "red", " "])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", model_max_length=8
    )
    fast.save_pretrained(folder / "tokenizer")
    torch.manual_seed(0)
    config = T5Config(vocab_size=16, d_model=12, d_kv=4, d_ff=16, num_layers=1, num_heads=2)
    T5EncoderModel(config).save_pretrained(folder / "text_encoder")
    return folder


def tiny_transformer(read: int, write: int) -> PixArtTransformer2DModel:
    torch.manual_seed(1)
    return PixArtTransformer2DModel(
        num_attention_heads=2,
        attention_head_dim=8,
        in_channels=read,
        out_channels=write,
        num_layers=1,
        cross_attention_dim=16,
        sample_size=16,
        patch_size=8,
        caption_channels=12,
        use_additional_conditions=False,
    )


def made(kind: type[SketchedPipeline], tmp_path: Path) -> Any:
    """A pipeline written and read as the shipped ones are."""
    text, weights = tiny_text(tmp_path / "trained"), tmp_path / "weights"
    export_text(text, weights)
    torch.manual_seed(2)
    sketch = NanoSketch(features=12, side=16, rank=8)
    sketch.save_pretrained(weights / "sketch")
    channels = 24 if kind is NanoVideoPipeline else 3
    transformer = tiny_transformer(2 * channels, channels)
    export_generator(kind, transformer, text, weights / "made", sketch=sketch)
    assert {path.name for path in (weights / "made").iterdir()} == {
        "model_index.json", "scheduler", "transformer"
    }  # fmt: skip
    config = (weights / "made" / "transformer" / "config.json").read_text()
    assert "_name_or_path" not in config
    pipe = kind.from_pretrained(weights / "made")
    pipe.set_progress_bar_config(disable=True)
    return pipe


def seeded(number: int) -> torch.Generator:
    return torch.Generator().manual_seed(number)


def test_pictures_have_the_shape_and_follow_the_seed(tmp_path: Path) -> None:
    pipe = made(NanoImagePipeline, tmp_path)
    options: dict[str, Any] = {"num_inference_steps": 3, "output_type": "np"}
    first = pipe("a red fox", generator=seeded(1), **options).images
    again = pipe("a red fox", generator=seeded(1), **options).images
    with torch.no_grad():  # a sketch that names no ground, so that the seed has one to choose
        pipe.sketch.ground[-1].weight.zero_()
        pipe.sketch.ground[-1].bias.fill_(0.91)
    blank = [pipe("a red fox", generator=seeded(seed), **options).images for seed in (1, 2)]
    assert first.shape == (1, 16, 16, 3)
    assert first.min() >= 0
    assert first.max() <= 1
    assert np.array_equal(first, again)
    assert np.abs(blank[0] - blank[1]).mean() > 5 / 255
    both = pipe(["a fox", "a dog"], num_inference_steps=2, generator=seeded(3)).images
    assert [picture.size for picture in both] == [(16, 16)] * 2


def test_guidance_and_prompt_matter(tmp_path: Path) -> None:
    pipe = made(NanoImagePipeline, tmp_path)
    options: dict[str, Any] = {"num_inference_steps": 2, "output_type": "np"}
    weak = pipe("a fox", guidance_scale=1.0, generator=seeded(1), **options).images
    strong = pipe("a fox", guidance_scale=9.0, generator=seeded(1), **options).images
    other = pipe("a dog", guidance_scale=9.0, generator=seeded(1), **options).images
    assert not np.array_equal(weak, strong)
    assert not np.array_equal(strong, other)


def test_videos_have_sixteen_frames(tmp_path: Path) -> None:
    pipe = made(NanoVideoPipeline, tmp_path)
    frames = pipe("a fox", num_inference_steps=2, generator=seeded(1)).frames
    assert frames.shape == (1, 16, 16, 16, 3)


def test_a_callback_sees_each_step_and_can_stop(tmp_path: Path) -> None:
    pipe = made(NanoImagePipeline, tmp_path)
    seen: list[int] = []

    def stop_at_two(pipe: Any, step: int, timestep: Any, tensors: Any) -> Any:
        seen.append(step)
        pipe._interrupt = step == 1
        return tensors

    pipe("a fox", num_inference_steps=6, callback_on_step_end=stop_at_two, generator=seeded(1))
    assert seen == [0, 1]
    pipe("a fox", num_inference_steps=2, generator=seeded(1))  # a stopped pipeline runs again


@pytest.mark.parametrize("groups", [1, 2, 4, 16])
def test_frames_survive_being_laid_out(groups: int) -> None:
    frames = torch.randn(2, 16, 3, 16, 16)
    picture = laid_out(frames, groups, 8)
    assert picture.shape == (2, 48 // groups, 16, 16 * groups)
    assert torch.equal(frames_of(picture, 8), frames)


def test_a_group_stands_beside_its_neighbours_patch_by_patch() -> None:
    frames = torch.arange(2).view(1, 2, 1, 1, 1).expand(1, 2, 3, 16, 16).float()
    row = laid_out(frames, 2, 8)[0, 0, 0]
    assert row.view(4, 8).mean(1).tolist() == [0, 1, 0, 1]


def test_a_sketch_draws_in_layers_and_moves_them() -> None:
    torch.manual_seed(3)
    sketch = NanoSketch(features=12, side=16, rank=8).eval()
    text = torch.randn(2, 12)
    drawing, ground = sketch.layers(text)
    assert drawing.shape == (2, 4, 16, 16)
    assert 0 <= drawing[:, 3].min() <= drawing[:, 3].max() <= 1
    assert ground.shape == (2, 3, 16, 16)
    assert sketch.film(text).shape == (2, 16, 3, 16, 16)


def test_a_pose_shifts_to_the_right_and_shrinks() -> None:
    picture = torch.zeros(1, 1, 16, 16)
    picture[..., 6:10, 6:10] = 1
    still = _warped(picture, torch.zeros(1, 4))
    assert torch.allclose(still, picture, atol=1e-5)
    right = _warped(picture, torch.tensor([[0.5, 0.0, 0.0, 0.0]]))  # 4 of 16 pixels
    assert torch.allclose(right, picture.roll(4, 3), atol=1e-5)
    small = _warped(picture, torch.tensor([[0.0, 0.0, -0.7, 0.0]]))
    assert 2 < small.sum() < 8


def test_the_trained_path_puts_a_drawing_where_the_scene_does() -> None:
    drawn = scenes.pose("right", 1.0)
    told = true_poses("right")[-1]
    assert told[0].item() == pytest.approx(2 * drawn[0] / scenes.SIDE)
    assert true_poses("spin")[-1, 3].item() == pytest.approx(-2 * math.pi)
