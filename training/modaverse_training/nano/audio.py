"""The nano text-to-audio model: a PixArt transformer on mel spectrograms.

    python -m modaverse_training.nano.audio --text FOLDER --out FOLDER
    python -m modaverse_training.nano.audio --text FOLDER --out FOLDER --ship WEIGHTS/audio

Training resumes after a kill; the sounds are made first, by `synthesis`.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
import torch
from diffusers import DPMSolverMultistepScheduler, PixArtTransformer2DModel
from numpy.typing import NDArray
from torch import Tensor

from modaverse_tools.mel import MelCodec, packed
from modaverse_tools.nano_audio import NanoAudioPipeline
from modaverse_training.nano import diffusion, synthesis
from modaverse_training.nano.export import forget_places, scheduler
from modaverse_training.nano.image import predict

Spectra: TypeAlias = NDArray[np.float16]  # log-mel, [n, bands, frames]

SIDE = 5  # 25 stretches of time stand in a square
STEP = 8  # frames of a stretch, 128 ms
#: A token has so many values that even strong noise leaves it legible, so what comes where in a
#: sound is decided near pure noise: training and sampling both dwell there.
NOISE_MEAN = 2.0
SHIFT = 8.0
LENGTH = 14  # tokens of a caption; the longest in training have 13


def build(width: int = 256, layers: int = 5, *, bands: int = 112) -> PixArtTransformer2DModel:
    """The untrained transformer: 25 tokens a sound, each all bands of 8 frames."""
    return PixArtTransformer2DModel(
        num_attention_heads=width // 64,
        attention_head_dim=64,
        in_channels=bands * STEP,
        out_channels=bands * STEP,
        num_layers=layers,
        cross_attention_dim=width,
        sample_size=SIDE,
        patch_size=1,
        caption_channels=192,
        use_additional_conditions=False,
    )


def spectra(waves: synthesis.Pool) -> Spectra:
    """Log-mel spectrograms float16 [n, bands, frames] of waves int16 [n, samples]."""
    codec, parts = MelCodec(), []
    for start in range(0, len(waves), 64):
        part = torch.from_numpy(waves[start : start + 64].astype(np.float32) / 32768)
        parts.append(codec.encode(part).half().numpy())
    return np.concatenate(parts)


def fitted_codec(mels: Spectra) -> MelCodec:
    """The codec that brings each band of these spectrograms to mean 0 and deviation 1."""
    few = mels[:: max(1, len(mels) // 2000)].astype(np.float32)
    mean, deviation = few.mean((0, 2)), few.std((0, 2))
    return MelCodec(
        mean=tuple(round(float(value), 4) for value in mean),
        deviation=tuple(round(float(value), 4) for value in deviation),
    )


def pipeline(
    transformer: PixArtTransformer2DModel, codec: MelCodec, text: Path
) -> NanoAudioPipeline:
    """The complete pipeline around a transformer."""
    from transformers import PreTrainedTokenizerFast, T5EncoderModel

    return NanoAudioPipeline(
        tokenizer=PreTrainedTokenizerFast.from_pretrained(text / "tokenizer"),
        text_encoder=T5EncoderModel.from_pretrained(text / "text_encoder").eval(),
        transformer=transformer.eval(),
        scheduler=DPMSolverMultistepScheduler.from_config(scheduler().config, flow_shift=SHIFT),
        mean=list(codec.mean),
        deviation=list(codec.deviation),
    )


def ship(trained: Path, text: Path, weights: Path) -> None:
    """Write a trained model in half precision, without the text encoder that all models share."""
    codec = fitted_codec(np.load(trained / "mels.npy", mmap_mode="r"))
    model = PixArtTransformer2DModel.from_pretrained(trained / "transformer")
    pipe = pipeline(model.half(), codec, text)
    pipe.save_config(weights)
    pipe.scheduler.save_pretrained(weights / "scheduler")
    pipe.transformer.save_pretrained(weights / "transformer")
    forget_places(weights)


def make_data(out: Path, rows: int, seed: int) -> tuple[Spectra, list[str], diffusion.Rows]:
    """Spectrograms of a pool of sounds, and captions with the row of their sound in the pool."""
    waves, takes = synthesis.make_pool(out, rows, seed)
    if not (out / "mels.npy").is_file():
        np.save(out / "mels.npy", spectra(waves))
    rng = Random(seed)
    sounds = np.tile(np.arange(len(takes)), 6)  # six captions for each sound
    texts = [takes[row].caption(rng) for row in sounds]
    (out / "captions.txt").write_text("\n".join(texts))
    return np.load(out / "mels.npy", mmap_mode="r"), texts, sounds


def main() -> None:
    """Read the command line and train, or ship what is trained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--ship", type=Path, help="write the trained model here instead")
    parser.add_argument("--minutes", type=float, default=45)
    parser.add_argument("--rows", type=int, default=4320)
    parser.add_argument("--seed", type=int, default=5)
    options = parser.parse_args()
    if options.ship is not None:
        ship(options.out, options.text, options.ship)
        return
    mels, texts, sounds = make_data(options.out, options.rows, options.seed)
    codec = fitted_codec(mels)
    features = diffusion.read_captions(texts, options.text, length=LENGTH)
    mean = torch.tensor(codec.mean).view(-1, 1)
    deviation = torch.tensor(codec.deviation).view(-1, 1)

    def batch_of(picks: diffusion.Rows) -> Tensor:
        rows = torch.from_numpy(mels[sounds[picks]].astype(np.float32))
        return packed((rows - mean) / deviation, SIDE, STEP)

    recipe = diffusion.Recipe(
        minutes=options.minutes, batch=32, seed=options.seed, noise_mean=NOISE_MEAN
    )
    model = build(bands=codec.bands)
    diffusion.start_from_components(model, batch_of(np.arange(0, len(texts), 12)))

    def save(average: Any) -> None:
        average.save_pretrained(options.out / "transformer")

    diffusion.train(
        model,
        predict,
        batch_of,
        features,
        recipe,
        options.out,
        save=save,
    )


if __name__ == "__main__":
    main()
