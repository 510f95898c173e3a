"""What the upscaler learns from, and is judged by: pictures of 64 pixels, and the same with 128.

It learns from scenes and moments of videos, drawn finely and made small, many of them made worse in
ways like the generator's. It is judged by the generator's own pictures, too: what these paint lies
where the scene has it, so the scene drawn finely, in the colours that the generator gave it, is
what they should have been.

No training picture is of a combination that is held out, see `scenes.part_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from modaverse_tools.nano_open import GROUNDS, Choice
from modaverse_tools.nano_pipelines import NanoImagePipeline
from modaverse_tools.pipeline import GUIDANCE, STEPS
from modaverse_training.nano import captions, scenes
from modaverse_training.nano.scenes import Part, Scene

FINE = 2 * scenes.SIDE
_TOGETHER = 32  # pictures that are generated at once


@dataclass(frozen=True)
class Pairs:
    """Pictures, and what they should look like.

    Attributes:
        small: uint8 [n, 64, 64, 3].
        fine: uint8 [n, 128, 128, 3].
    """

    small: scenes.Pixels
    fine: scenes.Pixels

    def __len__(self) -> int:
        return len(self.small)

    def tensors(self, rows: slice = slice(None)) -> tuple[Tensor, Tensor]:
        """Both in -1..1: float32 [n, 3, 64, 64] and [n, 3, 128, 128]."""
        return pixels(self.small[rows]), pixels(self.fine[rows])


def pixels(pictures: scenes.Pixels) -> Tensor:
    """uint8 [n, h, w, 3] -> float32 [n, 3, h, w] in -1..1."""
    return torch.from_numpy(np.array(pictures)).permute(0, 3, 1, 2).float() / 127.5 - 1


def shrunk(fine: scenes.Pixels) -> scenes.Pixels:
    """Pictures uint8 [n, 128, 128, 3] at half the size: the mean of each four pixels."""
    n, side = fine.shape[:2]
    means = fine.reshape(n, side // 2, 2, side // 2, 2, 3).mean((2, 4))
    small: scenes.Pixels = means.round().astype(np.uint8)
    return small


def scene_of(part: Part, rng: Random, *, video: bool = False) -> Scene:
    """A random scene of one part of all."""
    while scenes.part_of(scene := scenes.sample_scene(rng, video=video)) != part:
        pass
    return scene


def drawn(part: Part, count: int, seed: int) -> Pairs:
    """Scenes, a half of them moments of videos, drawn finely and shrunk."""
    rng = Random(seed)
    made = []
    for _ in range(count):
        scene = scene_of(part, rng, video=rng.random() < 0.5)
        if scene.motion is None:
            made.append(scenes.draw(scene, rng, side=FINE))
        else:
            made.append(scenes.frame(scene, rng, rng.random(), side=FINE))
    fine = np.stack(made)
    return Pairs(shrunk(fine), fine)


def generated(part: Part, count: int, seed: int, *, weights: Path, steps: int = STEPS) -> Pairs:
    """What the picture generator paints of scenes, with the scenes as they should look.

    Args:
        part: Of the scenes.
        count: Pictures to generate.
        seed: Of scenes, wordings and noise.
        weights: Folder of the nano models.
        steps: Of the generator.
    """
    pipe = NanoImagePipeline.from_pretrained(weights / "image")
    pipe.set_progress_bar_config(disable=True)
    rng, noise = Random(seed), torch.Generator().manual_seed(seed)
    say = captions.caption if part == "train" else captions.held_out_caption
    small, fine = [], []
    for start in range(0, count, _TOGETHER):
        chosen = [scene_of(part, rng) for _ in range(min(_TOGETHER, count - start))]
        told = [say(scene, rng) for scene in chosen]
        made = pipe(
            told, num_inference_steps=steps, guidance_scale=GUIDANCE, generator=noise,
            output_type="np",
        )  # fmt: skip
        for scene, choice, picture in zip(chosen, made.choices, made.images, strict=True):
            levels = (picture * 255).round().astype(np.uint8)
            small.append(levels)
            fine.append(coloured(_meant(scene, choice, levels), levels))
    return Pairs(np.stack(small), np.stack(fine))


def _meant(scene: Scene, choice: Choice, picture: scenes.Pixels) -> scenes.Pixels:
    """A scene drawn finely, with what the seed chose: uint8 [128, 128, 3].

    Args:
        scene: What was asked for.
        choice: What the generator settled beside.
        picture: What it painted; it has the last word on a ground that neither names.
    """
    if scene.background is not None:
        behind = scenes.ground(scene.background, side=FINE)
    else:
        rim = np.concatenate([picture[:4].reshape(-1, 3), picture[-4:].reshape(-1, 3)])
        colour = GROUNDS[choice.ground] if choice.ground else np.median(rim, 0)
        behind = np.broadcast_to(np.array(colour, np.uint8), (FINE, FINE, 3)).copy()
    half = scenes.SIDE / 2
    return scenes.shown(
        scene.thing, behind, dx=half * choice.right, dy=half * choice.down,
        size=scenes.SIZE * choice.size,
    )  # fmt: skip


def coloured(fine: scenes.Pixels, small: scenes.Pixels) -> scenes.Pixels:
    """A scene drawn finely, in the colours of the picture that it was generated as.

    What the two differ by over several pixels is not for an upscaler to mend.

    Args:
        fine: uint8 [128, 128, 3].
        small: uint8 [64, 64, 3].
    """
    off = pixels(small[None]) - pixels(shrunk(fine[None]))
    for _ in range(2):
        off = functional.avg_pool2d(functional.pad(off, (2,) * 4, mode="reflect"), 5, 1)
    off = functional.interpolate(off, scale_factor=2, mode="bilinear", align_corners=False)
    levels = ((pixels(fine[None]) + off + 1) * 127.5).round().clamp(0, 255).byte()
    return levels[0].permute(1, 2, 0).numpy()


def worn(pictures: Tensor, chance: torch.Generator) -> Tensor:
    """Small pictures [b, 3, h, w] in -1..1 made worse in the generator's ways, each anew.

    Some become softer, some are a little mottled or noisy. Their colours stay: what cannot be seen
    in a picture would drown what can.
    """
    count, side = len(pictures), pictures.shape[2]

    def part(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count, 1, 1, 1, generator=chance)

    def normal(*shape: int) -> Tensor:
        return torch.randn(count, *shape, generator=chance)

    def clouds(channels: int, cells: int) -> Tensor:
        field = normal(channels, cells, cells)
        return functional.interpolate(field, (side, side), mode="bicubic", align_corners=False)

    soft = functional.avg_pool2d(functional.pad(pictures, (1,) * 4, mode="replicate"), 3, 1)
    pictures = torch.lerp(pictures, soft, part(-0.2, 0.6).clamp(min=0))
    mottled = clouds(3, side // 2) * part(-0.03, 0.03).clamp(min=0)
    noise = normal(*pictures.shape[1:]) * part(-0.02, 0.02).clamp(min=0)
    return (pictures + mottled + noise).clamp(-1, 1)
