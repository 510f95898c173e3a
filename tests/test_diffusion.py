"""Diffusion tools on tiny random checkpoints in the real formats, saved and loaded offline."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from modaverse.errors import BackendMissing, Cancelled, OutOfMemory, RequestError, ToolError
from modaverse.media import Audio, Image, Video
from modaverse.tool import Context
from modaverse_tools import pipeline as pipelines
from modaverse_tools.diffusion import TextToAudio, TextToImage, TextToVideo, _cut, _waveform
from modaverse_tools.pipeline import Pipeline, Watch

torch = pytest.importorskip("torch")
diffusers = pytest.importorskip("diffusers")

WORDS = ["<pad>", "</s>", "<unk>", "a", "red", "fox", "in", "the", "snow"]
Builder = Callable[[Path], None]
PROMPT = "a red fox"


def t5() -> dict[str, Any]:
    """A tokenizer of nine words and a T5 encoder of 30,000 parameters."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

    words = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.post_processor = processors.TemplateProcessing(
        single="$A </s>", special_tokens=[("</s>", 1)]
    )
    config = T5Config(
        vocab_size=len(WORDS), d_model=32, d_kv=8, d_ff=64, num_layers=2, num_heads=4,
        feed_forward_proj="gated-gelu",
    )  # fmt: skip
    make: Any = PreTrainedTokenizerFast
    tokenizer = make(tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>")
    return {"tokenizer": tokenizer, "text_encoder": T5EncoderModel(config)}


def vae(levels: int = 4) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(8,) * levels,
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=64,
    )


def transformer(kind: str, **config: Any) -> Any:
    shape = {
        "num_attention_heads": 4, "attention_head_dim": 8, "num_layers": 2,
        "cross_attention_dim": 32, "caption_channels": 32, "patch_size": 2, "sample_size": 8,
        "in_channels": 4, "out_channels": 8, "norm_type": "ada_norm_single",
    }  # fmt: skip
    return getattr(diffusers, kind)(**{**shape, **config})


def pixart(folder: Path) -> None:
    diffusers.PixArtAlphaPipeline(
        **t5(),
        vae=vae(),
        transformer=transformer("PixArtTransformer2DModel"),
        scheduler=diffusers.DPMSolverMultistepScheduler(),
    ).save_pretrained(folder)


def latte(folder: Path) -> None:
    diffusers.LattePipeline(
        **t5(),
        vae=vae(),
        transformer=transformer(
            "LatteTransformer3DModel", video_length=4, norm_elementwise_affine=False
        ),
        scheduler=diffusers.DPMSolverMultistepScheduler(),
    ).save_pretrained(folder)


def stable_diffusion(folder: Path) -> None:
    from transformers import CLIPTextConfig, CLIPTextModel

    parts = t5()
    clip = CLIPTextConfig(
        vocab_size=len(WORDS), hidden_size=32, intermediate_size=37, num_attention_heads=4,
        num_hidden_layers=2, max_position_embeddings=16, bos_token_id=2, eos_token_id=1,
    )  # fmt: skip
    parts["tokenizer"].model_max_length = 16
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(4, 8), layers_per_block=1, sample_size=16, in_channels=4,
        out_channels=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=32,
        attention_head_dim=2, norm_num_groups=2,
    )  # fmt: skip
    diffusers.StableDiffusionPipeline(
        vae=vae(2),
        text_encoder=CLIPTextModel(clip),
        tokenizer=parts["tokenizer"],
        unet=unet,
        scheduler=diffusers.DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    ).save_pretrained(folder)


def pixel_suite(root: Path) -> None:
    """The nano suite's layout: pixel models in `image` and `video`, beside them what both use."""
    from modaverse_tools.nano_pipelines import NanoImagePipeline, NanoVideoPipeline
    from modaverse_tools.nano_sketch import NanoSketch
    from modaverse_tools.nano_upscaler import NanoUpscaler

    text = t5()
    sketch = NanoSketch(features=text["text_encoder"].config.d_model, side=32, rank=4)
    scheduler = diffusers.DPMSolverMultistepScheduler(
        prediction_type="sample", use_flow_sigmas=True, flow_shift=1.0
    )
    pixels = {"sample_size": 32, "patch_size": 8}
    picture = transformer(
        "PixArtTransformer2DModel", in_channels=6, out_channels=3,
        use_additional_conditions=False, **pixels,
    )  # fmt: skip
    film = transformer(
        "PixArtTransformer2DModel", in_channels=24, out_channels=12,
        use_additional_conditions=False, **pixels,
    )  # fmt: skip
    made: dict[str, Any] = {
        "image": NanoImagePipeline(**text, sketch=sketch, scheduler=scheduler, transformer=picture),
        "video": NanoVideoPipeline(**text, sketch=sketch, scheduler=scheduler, transformer=film),
    }
    for kind, pipe in made.items():
        pipe.save_pretrained(root / kind)
        shutil.rmtree(root / kind / "sketch")
    sketch.save_pretrained(root / "sketch")
    NanoUpscaler(width=8, depth=1).save_pretrained(root / "upscaler")
    (root / "text").mkdir()
    for name in ("text_encoder", "tokenizer"):
        shutil.rmtree(root / "image" / name)
        (root / "video" / name).rename(root / "text" / name)


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Builder], str]:
    """Builds a checkpoint once; returns its folder."""
    built: dict[Builder, str] = {}

    def build(builder: Builder) -> str:
        if builder not in built:
            torch.manual_seed(0)
            folder = tmp_path_factory.mktemp("checkpoint") / builder.__name__
            builder(folder)
            built[builder] = str(folder)
        return built[builder]

    return build


Checkpoint = Callable[[Builder], str]


def told() -> tuple[list[Any], Callable[[int, int, Image | None], None]]:
    seen: list[Any] = []
    return seen, lambda step, total, preview: seen.append((step, total, preview))


@pytest.mark.parametrize("builder", [pixart, stable_diffusion])
def test_image_of_any_checkpoint(builder: Builder, checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(builder))
    seen, progress = told()
    context = Context(seed=3, progress=progress)
    image = paint.call(PROMPT, options={"steps": 4}, context=context)
    assert isinstance(image, Image)
    assert image.array.shape == ((64, 64, 3) if builder is pixart else (32, 32, 3))
    assert [step for step, *_ in seen] == [1, 2, 3, 4]
    assert {total for _, total, _ in seen} == {4}


def test_same_seed_same_bytes(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart))

    def image(seed: int) -> bytes:
        made = paint.call(PROMPT, options={"steps": 4}, context=Context(seed=seed))
        assert isinstance(made, Image)
        return made.encode()

    assert image(1) == image(1)
    assert image(1) != image(2)
    assert image(2**64 + 1) != image(2)


def test_size_is_reached_by_enlarging(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart))
    small = paint(PROMPT, steps=4, size=64)
    large = paint(PROMPT, steps=4, size=256)
    assert large.array.shape == (256, 256, 3)
    shrunk = np.asarray(large.pil().resize((64, 64)), int)
    assert np.abs(shrunk - small.array).mean() < 12


def test_video(checkpoint: Checkpoint) -> None:
    film = TextToVideo(checkpoint(latte), fps=6.0)
    seen, progress = told()
    video = film.call(PROMPT, options={"steps": 4, "size": 128}, context=Context(progress=progress))
    assert isinstance(video, Video)
    assert video.frames.shape == (4, 128, 128, 3)
    assert video.fps == 6
    assert video.audio is None
    assert len(seen) == 4


def test_pixel_models_with_a_shared_text_encoder(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipelines, "WEIGHTS", Path(checkpoint(pixel_suite)))
    for tool, shape, first in (  # of 8 steps, the sketch saves a fifth and four fifths
        (TextToImage(), (32, 32, 3), 2),
        (TextToVideo(), (16, 32, 32, 3), 6),
    ):
        assert tool.available().ok
        pipe = tool.pipeline.load("cpu")
        parts = (pipe.transformer, pipe.text_encoder, pipe.sketch, pipe.upscaler)
        parameters = sum(p.numel() for part in parts for p in part.parameters())
        assert tool.memory == pytest.approx(4 * parameters, rel=0.05)
        seen, progress = told()
        context = Context(seed=4, progress=progress)
        made = tool.call(PROMPT, options={"steps": 8, "size": 64}, context=context)
        pixels = made.array if isinstance(made, Image) else made.frames  # type: ignore[union-attr]
        assert pixels.shape == (*shape[:-3], 64, 64, 3)
        previews = [preview for _, _, preview in seen if preview is not None]
        assert {preview.array.shape for preview in previews} == {(32, 32, 3)}
        assert [step for step, _, _ in seen] == list(range(first, 9))
        assert {total for _, total, _ in seen} == {8}, "the steps that were asked for"
        assert made == tool.call(PROMPT, options={"steps": 8, "size": 64}, context=Context(seed=4))


def test_own_arguments_win(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart), calling={"num_inference_steps": 2})
    seen, progress = told()
    paint.call(PROMPT, options={"steps": 9}, context=Context(progress=progress))
    assert len(seen) == 2


def test_previews_come_a_few_times(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pipeline, "is_nano", True)
    for tool in (
        nano_like(TextToImage, checkpoint(pixart), monkeypatch),
        nano_like(TextToVideo, checkpoint(latte), monkeypatch),
    ):
        seen, progress = told()
        tool.call(PROMPT, options={"steps": 8}, context=Context(progress=progress))
        previews = {step: preview for step, _, preview in seen if preview is not None}
        assert previews.keys() == {2, 4, 6}
        assert all(preview.array.shape == (64, 64, 3) for preview in previews.values())
        assert previews[2] != previews[6]


def test_a_run_that_begins_in_the_middle_of_its_steps_has_a_preview(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen, progress = told()
    pipe = SimpleNamespace(scheduler=SimpleNamespace(timesteps=()), num_timesteps=16)
    watch = Watch(pipe, Context(progress=progress))
    monkeypatch.setattr(watch, "_preview", lambda latents: "a picture")
    for step in range(13, 17):
        watch._step(step, None)
    assert [step for step, _, preview in seen if preview is not None] == [13]


@pytest.mark.parametrize(
    ("algorithm", "level"), [("dpmsolver++", 255), ("sde-dpmsolver++", 255), ("dpmsolver", 0)]
)
def test_preview_shows_what_the_scheduler_foresees(algorithm: str, level: int) -> None:
    scheduler = SimpleNamespace(
        config={"algorithm_type": algorithm}, model_outputs=[None, torch.ones(1, 3, 4, 4)]
    )
    watch = Watch(SimpleNamespace(scheduler=scheduler), Context())
    preview = watch._preview(-torch.ones(1, 3, 4, 4))
    assert preview is not None
    assert preview.array.tolist() == np.full((4, 4, 3), level).tolist()
    assert watch._preview(torch.ones(1, 7, 4, 4)) is None  # neither pixels nor the same shape
    assert watch._preview(None) is None


def nano_like(kind: Any, folder: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The nano tool with other weights."""
    monkeypatch.setattr(Pipeline, "folder", Path(folder))
    made = kind()
    made.load("cpu")
    return made


@pytest.mark.parametrize(
    ("kind", "builder"),
    [(TextToImage, pixart), (TextToImage, stable_diffusion), (TextToVideo, latte)],
)
def test_stop_ends_the_work_between_steps(
    kind: Any, builder: Builder, checkpoint: Checkpoint
) -> None:
    tool = kind(checkpoint(builder))
    steps: list[int] = []
    context = Context(
        progress=lambda step, *_: steps.append(step), cancelled=lambda: len(steps) >= 2
    )
    with pytest.raises(Cancelled):
        tool.call(PROMPT, options={"steps": 40}, context=context)
    assert steps == [1, 2]
    tool.call(PROMPT, options={"steps": 4})  # and the tool still works


def test_pipeline_without_callbacks_is_watched_by_a_hook() -> None:
    class Silent:
        def __init__(self) -> None:
            self.unet = torch.nn.Identity()

        def __call__(self, prompt: str) -> None:
            for _ in range(9):
                self.unet(torch.zeros(1))

    pipe = Silent()
    steps: list[int] = []
    context = Context(
        progress=lambda step, *_: steps.append(step), cancelled=lambda: len(steps) >= 3
    )
    watch = Watch(pipe, context)
    assert watch.arguments() == {}
    with pytest.raises(Cancelled), watch.hooked():
        pipe("x")
    assert steps == [1, 2, 3]
    pipe("x")  # the hook is gone
    assert steps == [1, 2, 3]


def test_waiting_for_a_busy_pipeline_can_be_stopped(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart))
    paint.load("cpu")
    started, release, stop = threading.Event(), threading.Event(), threading.Event()

    def hold(*_: object) -> None:
        started.set()
        release.wait(10)

    first = threading.Thread(
        target=lambda: paint.call(PROMPT, options={"steps": 4}, context=Context(progress=hold))
    )
    first.start()
    assert started.wait(10)
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(Cancelled):
        paint.call(PROMPT, context=Context(cancelled=stop.is_set))
    release.set()
    first.join()


def test_memory_is_that_of_the_parameters(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart))
    pipe = paint.pipeline.load("cpu")
    parts = (pipe.transformer, pipe.vae, pipe.text_encoder)
    parameters = sum(p.numel() for part in parts for p in part.parameters())
    assert paint.memory == pytest.approx(4 * parameters, rel=0.05)
    assert TextToImage("somebody/model-on-the-hub").memory == 0


def test_unload_lets_go_and_loads_again(checkpoint: Checkpoint) -> None:
    paint = TextToImage(checkpoint(pixart))
    first = paint.pipeline.load("cpu")
    assert paint.pipeline.load("cpu") is first
    paint.unload()
    paint.unload()
    assert paint.pipeline.load("cpu") is not first


def test_loading_shows_no_progress_bars(
    checkpoint: Checkpoint, capfd: pytest.CaptureFixture[str]
) -> None:
    TextToImage(checkpoint(pixart))(PROMPT, steps=4)
    captured = capfd.readouterr()
    assert "%|" not in captured.out + captured.err


def test_empty_prompt_is_refused(checkpoint: Checkpoint) -> None:
    with pytest.raises(RequestError, match="prompt is empty"):
        TextToImage(checkpoint(pixart)).call("  ")


def test_missing_nano_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pipelines, "WEIGHTS", tmp_path)
    paint = TextToImage()
    state = paint.available()
    assert not state.ok
    assert str(tmp_path / "image") in state.reason
    assert "pip install" in state.hint
    with pytest.raises(BackendMissing, match="text-to-image cannot run"):
        paint.call(PROMPT)


def test_missing_folder(tmp_path: Path) -> None:
    paint = TextToImage(str(tmp_path / "gone"))
    assert not paint.available().ok
    with pytest.raises(BackendMissing, match="cannot be loaded"):
        paint.load("cpu")


def test_missing_packages(monkeypatch: pytest.MonkeyPatch, checkpoint: Checkpoint) -> None:
    monkeypatch.setattr(TextToImage, "needs", ("no-such-package-xyz",))
    state = TextToImage(checkpoint(pixart)).available()
    assert (state.ok, state.hint) == (False, "pip install 'no-such-package-xyz'")


def test_hub_name_that_is_not_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    paint = TextToImage("somebody/no-such-model", loading={"cache_dir": str(tmp_path)})
    assert paint.available().ok  # a look at the hub would not be cheap
    with pytest.raises(BackendMissing) as caught:
        paint.call(PROMPT)
    assert caught.value.hint == "hf download somebody/no-such-model"


@pytest.mark.parametrize("damage", ["cut", "gone", "index"])
def test_damaged_weights(damage: str, checkpoint: Checkpoint, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(checkpoint(pixart), folder)
    weights = folder / "transformer" / "diffusion_pytorch_model.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:1000])
    elif damage == "gone":
        weights.unlink()
    else:
        (folder / "model_index.json").write_text("{")
    paint = TextToImage(str(folder))
    assert paint.memory >= 0
    with pytest.raises(BackendMissing, match="cannot be loaded") as caught:
        paint.call(PROMPT)
    assert caught.value.hint


def test_device_that_is_not_here(checkpoint: Checkpoint) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has CUDA")
    with pytest.raises(BackendMissing) as caught:
        TextToImage(checkpoint(pixart)).call(PROMPT, context=Context(device="cuda"))
    assert "device 'cpu'" in caught.value.hint


@pytest.mark.parametrize(
    "error",
    [
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 9 GiB"),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"),
        MemoryError(),
    ],
)
def test_out_of_memory_frees_the_model(
    error: Exception, checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = TextToImage(checkpoint(pixart))
    pipe = paint.pipeline.load("cpu")

    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(pipe.transformer, "forward", fail)
    with pytest.raises(OutOfMemory) as caught:
        paint.call(PROMPT)
    assert "smaller" in caught.value.hint
    assert paint.pipeline.load("cpu") is not pipe


def test_other_failures_are_tool_errors(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    paint = TextToImage(checkpoint(pixart))
    pipe = paint.pipeline.load("cpu")
    monkeypatch.setattr(pipe.transformer, "forward", lambda *_, **__: 1 / 0)
    with pytest.raises(ToolError, match="text-to-image failed: ZeroDivisionError"):
        paint.call(PROMPT)


def test_safety_checker_is_told(checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    paint = TextToImage(checkpoint(stable_diffusion))
    pipe = paint.pipeline.load("cpu")
    monkeypatch.setattr(
        type(pipe), "run_safety_checker", lambda _, image, *__: (image, [True]), raising=True
    )
    with pytest.raises(ToolError, match="safety checker"):
        paint(PROMPT, steps=4)


def test_half_precision_weights_run_in_single(checkpoint: Checkpoint, tmp_path: Path) -> None:
    pipe = diffusers.PixArtAlphaPipeline.from_pretrained(checkpoint(pixart), dtype=torch.float16)
    pipe.save_pretrained(tmp_path / "half")
    paint = TextToImage(str(tmp_path / "half"))
    assert paint.pipeline.load("cpu").text_encoder.dtype == torch.float32
    assert paint.memory == TextToImage(checkpoint(pixart)).memory


def test_sound_is_cut_and_faded() -> None:
    sound = Audio(np.ones((16000, 2), np.float32), 16000)
    short = _cut(sound, 0.5)
    assert short.samples.shape == (8000, 2)
    assert short.samples[-1].tolist() == [0, 0]
    assert (short.samples[: 8000 - 320] == 1).all()
    assert _cut(sound, 1.0) is sound


def test_waveforms_of_any_shape() -> None:
    assert _waveform(torch.tensor([0.5, 2.0, float("nan")])).tolist() == [[0.5], [1.0], [0.0]]
    assert _waveform(np.zeros((2, 5))).shape == (5, 2)


class _Tones:
    """Stands for an audio pipeline: a second of noise from its generator."""

    sampling_rate = 8000

    def __call__(self, prompt: str, generator: Any, audio_length_in_s: float = 9.0) -> Any:
        samples = torch.rand(1, round(audio_length_in_s * 8000) + 50, generator=generator)
        return type("Output", (), {"audios": samples})


def test_audio_takes_length_and_seed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sound = TextToAudio(str(tmp_path))
    (tmp_path / "model_index.json").write_text("{}")
    monkeypatch.setattr(sound.pipeline, "load", lambda device: _Tones())
    made = sound.call("rain", options={"seconds": 0.5}, context=Context(seed=1))
    assert isinstance(made, Audio)
    assert made.rate == 8000
    assert made.samples.shape == (4000, 1)
    assert made == sound.call("rain", options={"seconds": 0.5}, context=Context(seed=1))
    assert sound("rain").seconds == pytest.approx(9.0, abs=0.01)  # its own default


def test_importing_and_asking_costs_no_backend(checkpoint: Checkpoint) -> None:
    code = (
        "import sys\n"
        "from modaverse_tools.diffusion import TextToImage\n"
        "tool = TextToImage(sys.argv[1])\n"
        "assert tool.available().ok and tool.memory > 1000\n"
        "print([m for m in ('torch', 'transformers', 'diffusers', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, checkpoint(pixart)],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(path for path in sys.path if path)},
    )
    assert done.stdout.strip() == "[]"


def test_index_names_the_exact_class(checkpoint: Checkpoint) -> None:
    folder = Path(checkpoint(latte))
    named = json.loads((folder / "model_index.json").read_text())["_class_name"]
    assert pipelines._pipeline_class(folder).__name__ == named == "LattePipeline"
    assert pipelines._pipeline_class(None).__name__ == "DiffusionPipeline"
