"""The nano text-to-video model: a PixArt transformer that refines a moving sketch.

The sketch knows from the caption what a thing looks like and how it moves. The transformer sees it
beside the noisy frames, as three more channels of each, and adds what it lacks.

    python -m modaverse_training.nano.video --text FOLDER --sketch FOLDER --out FOLDER
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
from modaverse_tools.nano_sketch import NanoSketch
from modaverse_training.nano import captions, diffusion, image, scenes
from modaverse_training.nano.scenes import FRAMES

GROUPS = 2  # of 8 frames
PATCH = 8  # pixels
CHANNELS = 3 * FRAMES // GROUPS


def build() -> PixArtTransformer2DModel:
    """The untrained transformer: 2 groups of 64 patches a video."""
    return image.build(2 * CHANNELS, CHANNELS, patch=PATCH)


def make_data(out: Path, rows: int, seed: int) -> tuple[scenes.Pixels, list[str]]:
    """Drawn videos uint8 [n, 16, 64, 64, 3] and their captions, from disk if made before."""
    texts = out / "captions.txt"
    if not texts.is_file():
        out.mkdir(parents=True, exist_ok=True)
        rng = Random(seed)
        shape = (rows, FRAMES, scenes.SIDE, scenes.SIDE, 3)
        films = np.lib.format.open_memmap(out / "films.npy", "w+", np.uint8, shape)
        chosen = [scenes.training_scene(rng, video=True) for _ in range(rows)]
        for row, scene in enumerate(chosen):
            films[row] = scenes.film(scene, rng)
        films.flush()
        texts.write_text("\n".join(captions.caption(scene, rng) for scene in chosen))
    return np.load(out / "films.npy", mmap_mode="r"), texts.read_text().split("\n")


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True, help="the trained text encoder")
    parser.add_argument("--sketch", type=Path, required=True, help="the trained sketch")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rows", type=int, default=6_000)
    parser.add_argument("--seed", type=int, default=4)
    options = parser.parse_args()
    films, texts = make_data(options.out, options.rows, options.seed)
    features = diffusion.read_captions(texts, options.text)
    sketch = NanoSketch.from_pretrained(options.sketch / "sketch")

    def films_of(picks: diffusion.Rows) -> Tensor:
        frames = torch.from_numpy(films[picks]).permute(0, 1, 4, 2, 3).float() / 127.5 - 1
        return laid_out(frames, GROUPS, PATCH)

    def sketch_of(told: Tensor) -> Tensor:
        return laid_out(sketch.film(told), GROUPS, PATCH)

    model = build()
    diffusion.start_from_components(model, films_of(np.arange(0, len(texts), 20)), sketched=True)
    diffusion.train(
        model,
        image.predict,
        films_of,
        features,
        diffusion.Recipe(options.minutes, batch=16, rate=1.5e-3, seed=options.seed),
        options.out,
        given_of=image.sketches_of(sketch_of, features),
        save=lambda model: model.save_pretrained(options.out / "transformer"),
    )


if __name__ == "__main__":
    main()
