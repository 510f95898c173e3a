"""The judges of nano measure the product: the weights that ship, its steps, its guidance."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from modaverse_tools import nano_pipelines
from modaverse_tools.diffusion import SampleOptions
from modaverse_tools.nano_audio import NanoAudioPipeline
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import audio_classifier, captions, image_classifier
from modaverse_training.nano.concepts import sounds
from modaverse_training.nano.signals import SAMPLES
from modaverse_training.nano.synthesis import Take

PRODUCT = SampleOptions()


class Generator:
    """In place of a pipeline: keeps where it was loaded from and how it was asked."""

    def __init__(self) -> None:
        self.loaded = Path()
        self.asked: list[dict[str, Any]] = []

    def load(self, folder: Path) -> Generator:
        """As `from_pretrained`."""
        self.loaded = Path(folder)
        return self

    def set_progress_bar_config(self, **_: Any) -> None:
        """As pipelines have it."""

    def __call__(self, prompt: str | list[str], **asked: Any) -> SimpleNamespace:
        """Grey pictures, grey frames and silence."""
        self.asked.append(asked)
        grey = np.full((1, 64, 64, 3), 0.5, np.float32)
        count = len(prompt) if isinstance(prompt, list) else 1
        silence = np.zeros((count, SAMPLES), np.float32)
        return SimpleNamespace(images=grey, frames=[grey.repeat(16, 0)], audios=silence)

    def sampled(self) -> set[tuple[int, float]]:
        """Steps and guidance that were asked for."""
        return {(each["num_inference_steps"], each["guidance_scale"]) for each in self.asked}


def test_a_judge_learns_from_as_many_pictures_on_a_busy_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "compile", lambda model: model)
    torch.manual_seed(0)
    sizes: list[int] = []

    def counted(pictures: Tensor) -> Tensor:
        sizes.append(len(pictures))
        return pictures

    labels = np.arange(24) % 2
    tones = (labels * 255).astype(np.uint8)[:, None, None, None]
    dark_or_light = np.tile(tones, (1, 16, 16, 3))
    model = image_classifier.ConceptJudge()
    image_classifier._fit(model, dark_or_light, labels, rounds=40, change=counted, batch=8)
    assert sizes == [8] * 40
    assert not model.training
    assert image_classifier._score(model, dark_or_light, labels) == 1.0


@pytest.mark.parametrize("video", [False, True])
def test_pictures_and_videos_are_judged_as_the_product_makes_them(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    video: bool,
) -> None:
    generator = Generator()
    name = "NanoVideoPipeline" if video else "NanoImagePipeline"
    monkeypatch.setattr(nano_pipelines, name, SimpleNamespace(from_pretrained=generator.load))
    monkeypatch.setattr(captions, "held_out_caption", lambda *_: "a thing")
    save_file(image_classifier.ConceptJudge().state_dict(), tmp_path / "concept.safetensors")
    save_file(image_classifier.MotionJudge().state_dict(), tmp_path / "motion.safetensors")
    line = ["judge", "judge", "--out", str(tmp_path), "--count", "2", *(["--video"] * video)]
    monkeypatch.setattr(sys, "argv", line)
    image_classifier.main()
    assert '"count": 2' in capsys.readouterr().out
    assert generator.loaded == WEIGHTS / ("video" if video else "image")
    assert generator.sampled() == {(PRODUCT.steps, PRODUCT.guidance)}


def test_the_figure_of_sounds_is_printed_without_saying_which_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = Generator()
    rng = np.random.default_rng(0)
    waves = rng.integers(-900, 900, (2, SAMPLES)).astype(np.int16)
    takes = [Take(name, "", "", seed) for seed, name in enumerate(list(sounds())[:2])]
    monkeypatch.setattr(NanoAudioPipeline, "from_pretrained", generator.load)
    monkeypatch.setattr(audio_classifier, "make_pool", lambda *_: (waves, takes))
    torch.save(audio_classifier.SoundJudge(len(sounds())).state_dict(), tmp_path / "judge.pt")
    monkeypatch.setattr(sys, "argv", ["judge", "--out", str(tmp_path), "--each", "1"])
    audio_classifier.main()
    told = capsys.readouterr().out
    assert "held-out renderings: " in told
    assert f" of {len(sounds())} recognised" in told
    assert "no --known" in told
    assert generator.loaded == WEIGHTS / "audio"
    assert generator.sampled() == {(PRODUCT.steps, PRODUCT.guidance)}
