"""Image-to-image and image-to-video: nano's own weights, and tiny checkpoints in real formats."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.errors import BackendMissing, Cancelled, RequestError, ToolError
from modaverse.media import Image, Video
from modaverse.tool import Context
from modaverse_tools.pictures import ImageToImage, ImageToVideo
from tests.test_diffusion import checkpoint as checkpoint
from tests.test_diffusion import pixart, stable_diffusion, t5

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

BLUE, RED = (60, 90, 200), (210, 50, 40)


def photo(high: int = 96, wide: int = 128) -> Image:
    """A red disc before a plain blue ground."""
    rows, columns = np.mgrid[:high, :wide]
    inside = (rows - high / 2) ** 2 + (columns - wide / 2) ** 2 < (0.3 * min(high, wide)) ** 2
    return Image(np.where(inside[..., None], RED, BLUE).astype(np.uint8))


@pytest.fixture(scope="module")
def change() -> ImageToImage:
    return ImageToImage()


@pytest.fixture(scope="module")
def move() -> ImageToVideo:
    return ImageToVideo()


def middle(array: Any) -> Any:
    """Mean colour of the innermost pixels."""
    high, wide = array.shape[:2]
    return array[high // 2 - 4 : high // 2 + 4, wide // 2 - 4 : wide // 2 + 4].mean((0, 1))


def rim(array: Any) -> Any:
    """Mean colour of the topmost rows, where no thing is."""
    return array[:4].mean((0, 1))


def reddish(array: Any) -> Any:
    """Where pixels are red: bool [h, w]."""
    return array[..., 0].astype(int) > array[..., 2].astype(int) + 40


def test_colour_and_ground_change_apart(change: ImageToImage) -> None:
    green = change("make it green", photo()).array
    assert green.shape == (96, 128, 3)
    assert middle(green).argmax() == 1
    assert rim(green) == pytest.approx(BLUE, abs=3)
    white = change("remove the background", photo()).array
    assert rim(white) == pytest.approx((255, 255, 255), abs=2)
    assert middle(white) == pytest.approx(RED, abs=12)
    both = change("make it green and the background yellow", photo()).array
    assert middle(both).argmax() == 1
    assert rim(both)[2] < 120 < rim(both)[0]


def test_things_are_moved_resized_and_removed(change: ImageToImage) -> None:
    before = reddish(photo().array)
    left = reddish(change("move it to the left", photo()).array)
    assert left[:, 64:].sum() < 0.15 * left.sum()
    assert left.sum() == pytest.approx(before.sum(), rel=0.15)
    assert reddish(change("make it smaller", photo()).array).sum() < 0.75 * before.sum()
    assert reddish(change("make it bigger", photo()).array).sum() > 1.4 * before.sum()
    assert reddish(change("erase it", photo()).array).sum() < 0.05 * before.sum()


def test_a_new_thing_comes_where_the_old_one_was(change: ImageToImage) -> None:
    made = change("turn it into a lemon", photo()).array
    assert rim(made) == pytest.approx(BLUE, abs=3)
    assert middle(made)[0] > 150 > middle(made)[2]
    assert middle(made)[1] > 120, "a lemon is yellow"


def test_whole_pictures_are_turned_exactly_and_keep_their_shape(change: ImageToImage) -> None:
    given = photo()
    assert change("rotate it by 90 degrees", given).array.shape == (128, 96, 3)
    assert np.array_equal(change("turn it upside down", given).array, given.array[::-1, ::-1])
    assert np.array_equal(change("mirror it", given).array, given.array[:, ::-1])
    grey = change("black and white", given).array
    assert np.ptp(grey.astype(int), axis=2).max() <= 1


@pytest.mark.parametrize(
    "prompt", ["like an oil painting", "as a pencil sketch", "pixel art", "turn it into a cartoon"]
)
def test_styles_change_what_is_seen(change: ImageToImage, prompt: str) -> None:
    made = change(prompt, photo()).array
    assert made.shape == photo().array.shape
    assert 1 < np.abs(made.astype(int) - photo().array).mean() < 200


def test_strength_goes_part_of_the_way(change: ImageToImage) -> None:
    given, whole = photo().array, change("brighter", photo()).array
    half = change("brighter", photo(), strength=0.5).array
    assert np.allclose(half, (given.astype(float) + whole) / 2, atol=1.5)


def test_what_is_not_understood_changes_nothing_and_is_told(change: ImageToImage) -> None:
    notes: list[str] = []
    made = change.call("fix the typo", [photo()], context=Context(note=notes.append))
    assert made == photo()
    assert len(notes) == 1
    assert "fix the typo" in notes[0]


@pytest.mark.parametrize("shape", [(8, 300), (1, 1), (700, 20)])
def test_pictures_of_any_shape(
    change: ImageToImage, move: ImageToVideo, shape: tuple[int, int]
) -> None:
    odd = Image(np.full((*shape, 4), 90, np.uint8))
    made = change("make it red, bigger, on the left, at night", odd).array
    assert max(made.shape[:2]) == min(512, max(shape))
    assert len(move("jump", odd, seconds=1).frames) == 8


def test_large_pictures_are_made_smaller_and_sizes_are_kept(change: ImageToImage) -> None:
    assert change("darker", photo(600, 800)).array.shape == (384, 512, 3)
    assert change("darker", photo(), size=64).array.shape == (48, 64, 3)


def test_one_seed_gives_the_same_bytes(change: ImageToImage) -> None:
    def lion(seed: int) -> Any:
        return change.call("turn it into a lion", [photo()], context=Context(seed=seed))

    assert lion(1) == lion(1)


def test_an_empty_prompt_is_told(change: ImageToImage) -> None:
    with pytest.raises(RequestError) as caught:
        change("  ", photo())
    assert caught.value.hint


def test_a_video_begins_with_the_picture_and_moves(move: ImageToVideo) -> None:
    video = move("let it go to the right", photo(), seconds=1.5)
    assert isinstance(video, Video)
    assert (video.frames.shape, video.fps) == ((12, 96, 128, 3), 8)
    assert np.array_equal(video.frames[0], photo().array)
    places = [reddish(frame).nonzero()[1].mean() for frame in video.frames]
    assert places[-1] - places[0] > 10
    assert (np.diff(places) > -0.5).all()


def test_growing_grows_and_cameras_zoom(move: ImageToVideo) -> None:
    for prompt, sign in (("it grows", 1), ("it shrinks", -1), ("zoom in", 1), ("zoom out", -1)):
        frames = move(prompt, photo()).frames
        before, after = (reddish(frames[index]).sum() for index in (0, -1))
        assert sign * (after - before) > 0.2 * before, prompt


def test_without_a_motion_the_seed_chooses_and_tells(move: ImageToVideo) -> None:
    seen: dict[str, Any] = {}
    for seed in range(4):
        notes: list[str] = []
        context = Context(seed=seed, note=notes.append)
        made = move.call("" if seed % 2 else "animate it", [photo()], context=context)
        assert len(notes) == 1
        seen[notes[0]] = made
    assert len(seen) > 1


def test_where_no_thing_is_the_whole_picture_changes_or_moves(
    change: ImageToImage, move: ImageToVideo
) -> None:
    sky = np.linspace((90, 140, 220), (200, 220, 240), 64).astype(np.uint8)
    empty = Image(np.broadcast_to(sky[:, None], (64, 64, 3)).copy())
    made = change("make it red", empty).array
    assert (made[..., 0] > made[..., 2]).mean() > 0.9
    notes: list[str] = []
    context = Context(note=notes.append)
    frames = move.call("it falls", [empty], context=context).frames  # type: ignore[union-attr]
    assert notes
    assert not np.array_equal(frames[0], frames[-1])


def test_progress_is_told_and_a_stop_ends_the_work(
    change: ImageToImage, move: ImageToVideo
) -> None:
    steps: list[tuple[int, int, Any]] = []
    context = Context(progress=lambda *told: steps.append(told))
    change.call("turn it into a cat", [photo()], context=context)
    assert steps[-1][:2] == (18, 18)
    assert any(preview is not None for *_, preview in steps)
    seen: list[int] = []
    stopped = Context(progress=lambda step, *_: seen.append(step), cancelled=lambda: len(seen) > 2)
    with pytest.raises(Cancelled):
        move.call("jump", [photo()], context=stopped)
    assert seen == [1, 2, 3]


def test_memory_is_that_of_the_loaded_models(change: ImageToImage) -> None:
    assert change.available().ok
    pipe = change.pipeline.load("cpu")
    models = (
        pipe.layers, pipe.painter.transformer, pipe.painter.text_encoder, pipe.painter.sketch,
    )  # fmt: skip
    count = sum(part.numel() for model in models for part in model.parameters())
    assert change.memory == pytest.approx(4 * count, rel=0.05)


def test_missing_weights_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("modaverse_tools.pictures.WEIGHTS", tmp_path)
    monkeypatch.setattr("modaverse_tools.pipeline.WEIGHTS", tmp_path)
    state = ImageToImage().available()
    assert not state.ok
    assert "force-reinstall" in state.hint


def instruct(folder: Path) -> None:
    """InstructPix2Pix of 8 channels, with the parts of the tiny Stable Diffusion."""
    stable_diffusion(folder)
    parts = diffusers.StableDiffusionPipeline.from_pretrained(folder).components
    unet = diffusers.UNet2DConditionModel.from_config({**parts["unet"].config, "in_channels": 8})
    parts.pop("image_encoder", None)
    diffusers.StableDiffusionInstructPix2PixPipeline(
        **{**parts, "unet": unet}, requires_safety_checker=False
    ).save_pretrained(folder)


def cogvideo(folder: Path) -> None:
    """CogVideoX that begins with a picture."""
    torch.manual_seed(0)
    transformer = diffusers.CogVideoXTransformer3DModel(
        num_attention_heads=2, attention_head_dim=16, in_channels=8, out_channels=4,
        time_embed_dim=2, text_embed_dim=32, num_layers=1, sample_width=4, sample_height=4,
        sample_frames=9, patch_size=2, temporal_compression_ratio=4, max_text_seq_length=8,
        use_rotary_positional_embeddings=True, use_learned_positional_embeddings=True,
    )  # fmt: skip
    film = diffusers.AutoencoderKLCogVideoX(
        in_channels=3, out_channels=3, latent_channels=4, layers_per_block=1, norm_num_groups=2,
        down_block_types=("CogVideoXDownBlock3D",) * 4, up_block_types=("CogVideoXUpBlock3D",) * 4,
        block_out_channels=(8, 8, 8, 8), temporal_compression_ratio=4,
    )  # fmt: skip
    diffusers.CogVideoXImageToVideoPipeline(
        **t5(), vae=film, transformer=transformer, scheduler=diffusers.CogVideoXDDIMScheduler()
    ).save_pretrained(folder)


def stable_video(folder: Path) -> None:
    """Stable Video Diffusion, which reads no prompt."""
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

    torch.manual_seed(0)
    unet = diffusers.UNetSpatioTemporalConditionModel(
        sample_size=4, in_channels=8, out_channels=4, block_out_channels=(32, 32),
        down_block_types=("CrossAttnDownBlockSpatioTemporal", "DownBlockSpatioTemporal"),
        up_block_types=("UpBlockSpatioTemporal", "CrossAttnUpBlockSpatioTemporal"),
        addition_time_embed_dim=8, projection_class_embeddings_input_dim=24, layers_per_block=1,
        cross_attention_dim=32, num_attention_heads=2, transformer_layers_per_block=1,
    )  # fmt: skip
    film = diffusers.AutoencoderKLTemporalDecoder(
        block_out_channels=(32,), layers_per_block=1, latent_channels=4
    )
    eyes = CLIPVisionModelWithProjection(
        CLIPVisionConfig(
            hidden_size=32, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2,
            image_size=224, patch_size=112, projection_dim=32,
        )
    )  # fmt: skip
    diffusers.StableVideoDiffusionPipeline(
        vae=film,
        image_encoder=eyes,
        unet=unet,
        scheduler=diffusers.EulerDiscreteScheduler(),
        feature_extractor=CLIPImageProcessor(),
    ).save_pretrained(folder)


@pytest.mark.parametrize("builder", [stable_diffusion, instruct, pixart])
def test_any_picture_model_changes_pictures(builder: Any, checkpoint: Any) -> None:
    other = ImageToImage(checkpoint(builder), calling={"num_inference_steps": 4})
    if builder is pixart:  # it has no sister that begins with a picture
        with pytest.raises(BackendMissing, match="takes no picture"):
            other("a red fox", photo(32, 48))
        return
    steps: list[int] = []
    context = Context(progress=lambda step, *_: steps.append(step))
    made = other.call("a red fox", [photo(32, 48)], {"strength": 0.5}, context)
    assert isinstance(made, Image)
    assert made.array.shape == (32, 48, 3)
    assert len(steps) == (4 if builder is instruct else 2), "half of the way is half of the steps"


def test_any_model_of_videos_from_pictures(checkpoint: Any) -> None:
    calling = {
        "num_inference_steps": 2, "height": 32, "width": 32, "num_frames": 9,
        "max_sequence_length": 8,
    }  # fmt: skip
    video = ImageToVideo(checkpoint(cogvideo), calling=calling)("a red fox", photo(32, 32))
    assert video.frames.shape == (9, 32, 32, 3)
    calling = {"num_inference_steps": 2, "height": 32, "width": 32}
    silent = ImageToVideo(checkpoint(stable_video), calling=calling)
    assert silent("it moves", photo(32, 32), seconds=1).frames.shape == (8, 32, 32, 3)
    with pytest.raises(BackendMissing, match="takes no picture"):
        ImageToVideo(checkpoint(stable_diffusion))("a red fox", photo(32, 32))


def test_options_out_of_range_are_told(move: ImageToVideo, change: ImageToImage) -> None:
    with pytest.raises(ToolError, match="seconds"):
        move("jump", photo(), seconds=7)
    with pytest.raises(ToolError, match="strength"):
        change("red", photo(), strength=0)
