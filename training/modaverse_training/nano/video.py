"""The nano text-to-video model: a transformer that lets a given picture move as a caption says.

The picture comes from the text-to-image model, so this one need not know what things look like. It
sees the picture as three more channels of every group of frames.

    python -m modaverse_training.nano.video --text FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import PixArtTransformer2DModel
from torch import Tensor

from modaverse_tools.nano_pipelines import beside, laid_out
from modaverse_training.nano import captions, diffusion, image, scenes
from modaverse_training.nano.scenes import FRAMES

GROUPS = 2  # of 8 frames
PATCH = 8  # pixels
CHANNELS = 3 * FRAMES // GROUPS


def build() -> PixArtTransformer2DModel:
    """The untrained transformer: 2 groups of 64 patches a video."""
    return image.build(CHANNELS + 3, CHANNELS, patch=PATCH)


def make_data(out: Path, rows: int, seed: int) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Pictures uint8 [n, 64, 64, 3], their videos [n, 16, 64, 64, 3] and captions, kept on disk."""
    texts = out / "captions.txt"
    if not texts.is_file():
        out.mkdir(parents=True, exist_ok=True)
        rng = Random(seed)
        side = scenes.SIDE
        shape = (rows, FRAMES, side, side, 3)
        films = np.lib.format.open_memmap(out / "films.npy", "w+", np.uint8, shape)
        stills = np.empty((rows, side, side, 3), np.uint8)
        chosen = [scenes.training_scene(rng, video=True) for _ in range(rows)]
        for row, scene in enumerate(chosen):
            stills[row], films[row] = scenes.film(scene, rng)
        films.flush()
        np.save(out / "stills.npy", stills)
        texts.write_text("\n".join(captions.caption(scene, rng) for scene in chosen))
    stills = np.load(out / "stills.npy", mmap_mode="r")
    return stills, np.load(out / "films.npy", mmap_mode="r"), texts.read_text().split("\n")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=8_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    stills, films, texts = make_data(options.out, options.rows, options.seed)
    features = diffusion.read_captions(texts, options.text)

    def films_of(picks: np.ndarray) -> Tensor:
        frames = torch.from_numpy(films[picks]).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        return laid_out(frames, GROUPS, PATCH)

    def stills_of(picks: np.ndarray) -> Tensor:
        pictures = torch.from_numpy(stills[picks]).permute(0, 3, 1, 2).float() / 127.5 - 1
        return beside(pictures, GROUPS, PATCH)

    model = build()
    diffusion.start_from_components(model, films_of(np.arange(0, len(texts), 20)))
    diffusion.train(
        model,
        image.predict,
        films_of,
        features,
        diffusion.Recipe(options.minutes, batch=16, rate=1.5e-3, seed=options.seed),
        options.out,
        given_of=stills_of,
        save=lambda model: model.save_pretrained(options.out / "transformer"),
    )


if __name__ == "__main__":
    main()
