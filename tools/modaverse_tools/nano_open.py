"""What a prompt of the nano picture and video models leaves open, drawn from the seed.

The models are nearly regressions: what a caption does not say they paint as the mean of their
training data, the same for every seed. So what is open is settled before the sampling starts: the
ground where none is named, and with it the place and size of the thing in a picture; how it moves
in a video. What a prompt says, it keeps: words that settle a matter are looked for rather too
widely, since an open matter left as it was does no harm.

Place and size vary within what the judge of the pictures knows as well as the middle, which is on a
plain ground alone. Mirrored things look right to people, but no judge or eye of nano ever saw one.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import torch
from torch import Tensor

__all__ = ["GROUNDS", "MOTIONS", "Choice", "choose", "leaves_ground", "painted"]

#: Pale grounds (red, green, blue in 0..255), between those of the training pictures (the first five
#: and white) and its full colours, which a prompt can name.
GROUNDS: Final = {
    "cream": (255, 244, 225),
    "pale blue": (226, 241, 255),
    "pale green": (230, 250, 232),
    "pale pink": (255, 232, 240),
    "pale violet": (242, 234, 255),
    "light yellow": (255, 240, 186),
    "light orange": (254, 218, 184),
    "light rose": (255, 212, 224),
    "light violet": (221, 205, 243),
    "light blue": (196, 217, 250),
    "light green": (198, 229, 202),
    "light gray": (218, 220, 224),
}
#: A wording of training for each motion.
MOTIONS: Final = (
    "moving to the right", "moving to the left", "rising", "falling", "bouncing", "spinning",
    "growing", "shrinking", "shaking", "swinging",
)  # fmt: skip
T = TypeVar("T")

_MEAN = (244, 243, 244)  # what the sketch paints behind a thing when no ground is named
_NEAR = 24  # levels of 255 that it may be off, on average

_GROUNDED = re.compile(
    r"\b(in|on|at|under|underneath|below|beneath|above|over|among|amongst|amid|between|against"
    r"|behind|before|beside|near|inside|outside|within|through|across|around|along|by"
    r"|back(ground|drop)s?|snowy?|winter)\b"
)
_PLACED = re.compile(
    r"\b(left|right|top|bottom|upper|lower|middle|cent(er|re)(ed|d)?|corner|edge"
    r"|small|tiny|little|big|large|huge|giant|close-?ups?|full|whole)\b"
)
_MOVING = re.compile(
    r"\b(\w+ing|up|down|left|right|away|off|still|motionless|stands?|sits?|moves?|goes|runs?"
    r"|rises?|falls?|drops?|sinks?|floats?|fl(y|ies)|bounces?|jumps?|hops?|spins?|rotates?|turns?"
    r"|rolls?|twirls?|grows?|comes?|zooms?|approach(es)?|shrinks?|disappears?|shakes?|trembles?"
    r"|dances?|vibrates?|wobbles?|shivers?|swings?|rocks|sways?|tilts?)\b"
)


@dataclass(frozen=True)
class Choice:
    """What the seed settled for one prompt; the defaults settle nothing.

    Attributes:
        prompt: What the model reads: the caller's words, in a video with a motion added.
        ground: A name in `GROUNDS`; None leaves it to the model.
        right: How far it stands to the right of the middle; 1 is half the picture.
        down: How far below the middle, alike.
        size: Of the thing, 1 as in training.
    """

    prompt: str
    ground: str | None = None
    right: float = 0.0
    down: float = 0.0
    size: float = 1.0

    @property
    def pose(self) -> tuple[float, float, float, float]:
        """As `NanoSketch.poses` tells it."""
        return self.right, self.down, math.log(self.size), 0.0


def leaves_ground(ground: Tensor) -> bool:
    """Whether a sketched ground, [3, h, w] in -1..1, is what the sketch paints if none is named."""
    mean = _colour(_MEAN).to(ground)
    return bool((ground - mean).abs().mean() * 127.5 < _NEAR)


def choose(
    prompt: str, ground: Tensor, generator: torch.Generator | None = None, *, video: bool = False
) -> Choice:
    """Settle what a prompt leaves open.

    Args:
        prompt: In English.
        ground: What the sketch paints behind its thing, [3, h, w] in -1..1.
        generator: Gives five numbers, on the CPU; none if nothing is open.
        video: Whether the thing moves, by a motion of the seed's choice where none is named; it
            then keeps the size and place that its path gives it.
    """
    told = prompt.lower()
    grounded = bool(_GROUNDED.search(told)) or not leaves_ground(ground)
    moving = not video or bool(_MOVING.search(told))
    if grounded and moving:
        return Choice(prompt)
    behind, motion, right, down, size = torch.rand(5, generator=generator).tolist()
    if not moving:
        prompt = f"{prompt.rstrip(' .,;!?')} {_pick(MOTIONS, motion)}"
    # as often as any other colour, the one in which the model paints it
    name = None if grounded else _pick((None, *GROUNDS), behind)
    if video or _PLACED.search(told):
        return Choice(prompt, name)
    return Choice(
        prompt,
        name,
        right=0.08 * (2 * right - 1),
        down=0.06 * (2 * down - 1),
        size=0.93 + 0.2 * size,
    )


def painted(grounds: Tensor, choices: Sequence[Choice]) -> Tensor:
    """Sketched grounds [b, 3, h, w] in -1..1, in their chosen colours."""
    grounds = grounds.clone()
    for row, choice in enumerate(choices):
        if choice.ground is not None:
            grounds[row] = _colour(GROUNDS[choice.ground]).to(grounds)
    return grounds


def _pick(values: Sequence[T], part: float) -> T:
    """The value at `part`, in 0..1, of the way."""
    return values[min(int(part * len(values)), len(values) - 1)]


def _colour(levels: tuple[int, int, int]) -> Tensor:
    """[3, 1, 1] in -1..1."""
    return torch.tensor(levels).view(3, 1, 1) / 127.5 - 1
