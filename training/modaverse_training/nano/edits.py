"""Judges what nano makes of given pictures: the layers, the edits and the motions.

The pictures are held-out scenes, the instructions are plain. The judges of nano's pictures and
videos, who never take part in making any, say whether the thing is still (or newly) there and
whether it moves as asked. Whether a colour or a ground came is told by the pixels.

    python -m modaverse_training.nano.edits --judge FOLDER [--weights FOLDER] [--count 200]
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from PIL import Image as PillowImage
from torch.nn import functional

from modaverse_tools.nano_layers import NanoLayers
from modaverse_tools.nano_open import MOTIONS as WORDINGS
from modaverse_tools.nano_pictures import NanoEditPipeline, NanoMotionPipeline
from modaverse_tools.pipeline import WEIGHTS
from modaverse_training.nano import layers, scenes
from modaverse_training.nano.concepts import COLOURS, MOTIONS, PLACES, drawables
from modaverse_training.nano.image_classifier import _load

SEED = 9301
_TRIES = 500  # after which a thing has no held-out ground: one in thirty has none
_PLACED = 30.0  # levels of 255 by which a ground may be off, on average
_COLOUR_NEAR = 40.0  # levels by which the mean of a thing may be off its tinted drawing


def judge(folder: Path, count: int = 200, weights: Path = WEIGHTS) -> dict[str, Any]:
    """Change and move held-out scenes, and let the judges say what they see.

    Args:
        folder: With the judges of `image_classifier`.
        count: Scenes; each is recoloured, put on another ground, replaced and moved.
        weights: With all of nano's folders of weights.

    Returns:
        Rates, each of `count`: whether the thing is recognised, and what was asked found.
    """
    concept, motion = _load(folder)
    change = NanoEditPipeline.from_pretrained(weights / "layers")
    move = NanoMotionPipeline(change.painter, change.layers)
    rng, seed = Random(SEED), torch.Generator()
    seen: dict[str, list[bool]] = {}

    def told(name: str, value: bool) -> None:
        seen.setdefault(name, []).append(value)

    def named(pixels: scenes.Pixels) -> int:
        with torch.no_grad():
            return int(concept(_tensor(pixels)).argmax())

    for number in range(count):
        scene = _held_out(rng, number % len(drawables()))
        thing = scene.thing.concept
        given = scenes.draw(scene, rng)
        picture = PillowImage.fromarray(given)

        def changed(prompt: str, picture: PillowImage.Image = picture, at: int = number) -> Any:
            return change(prompt, picture, generator=seed.manual_seed(SEED + at)).images[0]

        told("given: thing", named(given) == thing)

        colour = rng.choice([name for name in COLOURS if name != scene.background])
        made = changed(f"make it {colour}")
        truth = scenes.draw(scenes.Scene(scenes.Thing(thing, colour), scene.background), rng)
        inside = scenes.opacity(thing) > 200
        gap = made[inside].mean(0) - truth[inside].mean(0)
        told("recoloured: thing", named(made) == thing)
        told("recoloured: colour", float(np.abs(gap).max()) < _COLOUR_NEAR)

        place = rng.choice([name for name in PLACES if name != scene.background])
        made = changed(rng.choice(PLACES[place]))
        outside = scenes.opacity(thing) == 0
        off = np.abs(made[outside].astype(int) - scenes.ground(place)[outside]).mean()
        told("new ground: thing", named(made) == thing)
        told("new ground: ground", float(off) < _PLACED)

        other = rng.randrange(len(drawables()))
        prompt = f"turn it into a {drawables()[other].name}"
        told("replaced: new thing", named(changed(prompt)) == other)

        way = number % len(MOTIONS)
        moving = seed.manual_seed(SEED + number)
        frames = move(WORDINGS[way], picture, generator=moving).images
        with torch.no_grad():
            moved = int(motion(_tensor(frames)[None, :16]).argmax())
        told("moved: motion", moved == way)
    rates = {name: float(np.mean(values)) for name, values in sorted(seen.items())}
    model = NanoLayers.from_pretrained(weights / "layers", dtype=torch.float32)
    return {"count": count, "overlap": layers.overlap(model, count), **rates}


def _held_out(rng: Random, concept: int) -> scenes.Scene:
    """A held-out scene of a concept that is not tinted; of the next one if it has none."""
    while True:
        for _ in range(_TRIES):
            scene = scenes.sample_scene(rng, concept=concept)
            if scenes.held_out(scene) and scene.thing.colour is None:
                return scene
        concept = (concept + 1) % len(drawables())


def _tensor(pixels: scenes.Pixels) -> torch.Tensor:
    """uint8 [h, w, 3] or [n, h, w, 3] -> float32 [n, 3, 64, 64] in -1..1."""
    stacked = pixels[None] if pixels.ndim == 3 else pixels
    tensor = torch.from_numpy(stacked.copy()).movedim(-1, -3).float() / 127.5 - 1
    return functional.interpolate(tensor, (scenes.SIDE, scenes.SIDE), mode="area")


def main() -> None:
    """Read the command line and judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--judge", type=Path, required=True, help="folder of the judges")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of what is judged")
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    print(json.dumps(judge(options.judge, options.count, options.weights), indent=1))


if __name__ == "__main__":
    main()
