"""The nano text-to-video model: the picture model taught to move, straight in pixels.

python -m modaverse_training.nano.video --text FOLDER --image FOLDER --out FOLDER
"""

from __future__ import annotations

import argparse
from pathlib import Path
from random import Random

import numpy as np
import torch
from diffusers import PixArtTransformer2DModel
from torch import Tensor

from modaverse_tools.nano_pipelines import laid_out
from modaverse_training.nano import captions, diffusion, image, scenes

GROUPS = 2  # of 8 frames


def build(picture_model: Path | None = None) -> PixArtTransformer2DModel:
    """The transformer: 2 groups of 64 patches a video.

    Its blocks start from those of a trained picture model, which knows what things look like.
    """
    channels = 3 * scenes.FRAMES // GROUPS
    model = image.build(channels=channels)
    if picture_model is not None:
        known = PixArtTransformer2DModel.from_pretrained(picture_model).state_dict()
        own = model.state_dict()
        fitting = {key: value for key, value in known.items() if value.shape == own[key].shape}
        model.load_state_dict(own | fitting)
    return model


def make_data(out: Path, rows: int, seed: int) -> tuple[np.ndarray, list[str]]:
    """Drawn videos uint8 [n, 16, 64, 64, 3] and their captions, from disk if made before."""
    pixels, texts = out / "pixels.npy", out / "captions.txt"
    if not texts.is_file():
        out.mkdir(parents=True, exist_ok=True)
        rng = Random(seed)
        shape = (rows, scenes.FRAMES, scenes.SIDE, scenes.SIDE, 3)
        store = np.lib.format.open_memmap(pixels, "w+", np.uint8, shape)
        chosen = [scenes.training_scene(rng, video=True) for _ in range(rows)]
        for row, scene in enumerate(chosen):
            store[row] = scenes.film(scene, rng)
        store.flush()
        texts.write_text("\n".join(captions.caption(scene, rng) for scene in chosen))
    return np.load(pixels, mmap_mode="r"), texts.read_text().split("\n")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--image", type=Path, help="the trained picture model to start from")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=16_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    pixels, texts = make_data(options.out, options.rows, options.seed)
    features = diffusion.read_captions(texts, options.text)

    def batch_of(picks: np.ndarray) -> Tensor:
        frames = torch.from_numpy(pixels[picks]).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        return laid_out(frames, GROUPS, 8)

    diffusion.train(
        build(options.image and options.image / "transformer"),
        image.predict,
        batch_of,
        features,
        diffusion.Recipe(minutes=options.minutes, batch=32, seed=options.seed),
        options.out,
        save=lambda model: model.save_pretrained(options.out / "transformer"),
    )


if __name__ == "__main__":
    main()
