"""The nano text-to-image model: a PixArt transformer on the pixels themselves.

python -m modaverse_training.nano.image --text FOLDER --sketch FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import PixArtTransformer2DModel
from torch import Tensor, nn

from modaverse_tools.nano_sketch import NanoSketch, pooled
from modaverse_training.nano import captions, diffusion, scenes
from modaverse_training.nano.concepts import MOTIONS

PATCH = 16  # pixels: 16 large patches a picture


def build(
    read: int = 3, write: int = 3, *, patch: int = PATCH, width: int = 256, layers: int = 4
) -> PixArtTransformer2DModel:
    """An untrained transformer that reads and writes so many channels a pixel."""
    return PixArtTransformer2DModel(
        num_attention_heads=width // 64,
        attention_head_dim=64,
        in_channels=read,
        out_channels=write,
        num_layers=layers,
        cross_attention_dim=width,
        sample_size=scenes.SIDE,
        patch_size=patch,
        caption_channels=192,
        use_additional_conditions=False,
    )


def predict(model: nn.Module, noisy: Tensor, level: Tensor, states: Tensor, mask: Tensor) -> Tensor:
    """Noisy pictures [b, 3, h, w] at noise levels [b] -> clean ones."""
    result: Tensor = model(
        noisy,
        encoder_hidden_states=states,
        encoder_attention_mask=mask,
        timestep=level * 1000,
        added_cond_kwargs={"resolution": None, "aspect_ratio": None},
        return_dict=False,
    )[0]
    return result


def scenes_of(rows: int, seed: int) -> tuple[list[scenes.Scene], Random]:
    """The scenes of a training set, and the state of chance after choosing them."""
    rng = Random(seed)
    return [scenes.training_scene(rng) for _ in range(rows)], rng


def make_data(out: Path, rows: int, seed: int) -> tuple[scenes.Pixels, list[str]]:
    """Drawn pictures uint8 [n, 64, 64, 3] and their captions, from disk if made before."""
    pixels, texts = out / "pixels.npy", out / "captions.txt"
    if not texts.is_file():
        out.mkdir(parents=True, exist_ok=True)
        chosen, rng = scenes_of(rows, seed)
        np.save(pixels, np.stack([scenes.draw(scene, rng) for scene in chosen]))
        told = (
            replace(scene, motion=rng.choice(list(MOTIONS))) if rng.random() < 0.2 else scene
            for scene in chosen
        )  # people ask for pictures in words of motion, too; what is drawn stands still
        texts.write_text("\n".join(captions.caption(scene, rng) for scene in told))
    return np.load(pixels, mmap_mode="r"), texts.read_text().split("\n")


def sketches_of(
    draw: Callable[[Tensor], Tensor], features: diffusion.Captions
) -> Callable[[diffusion.Rows], Tensor]:
    """Row numbers -> what `draw` makes of their captions' pooled features [b, d]."""

    @torch.no_grad()
    def given_of(picks: diffusion.Rows) -> Tensor:
        states = torch.from_numpy(features.states[picks]).float()
        return draw(pooled(states, torch.from_numpy(features.mask[picks])))

    return given_of


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--sketch", type=Path, required=True, help="the trained sketch")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    pixels, texts = make_data(options.out, options.rows, options.seed)
    features = diffusion.read_captions(texts, options.text)

    def batch_of(picks: diffusion.Rows) -> Tensor:
        return torch.from_numpy(pixels[picks]).permute(0, 3, 1, 2).float() / 127.5 - 1

    sketch = NanoSketch.from_pretrained(options.sketch / "sketch")
    model = build(6, 3)
    diffusion.start_from_components(model, batch_of(np.arange(0, len(texts), 20)), sketched=True)
    diffusion.train(
        model,
        predict,
        batch_of,
        features,
        diffusion.Recipe(options.minutes, batch=32, rate=1.5e-3, noise_mean=0.8, seed=options.seed),
        options.out,
        given_of=sketches_of(sketch.picture, features),
        save=lambda model: model.save_pretrained(options.out / "transformer"),
    )


if __name__ == "__main__":
    main()
