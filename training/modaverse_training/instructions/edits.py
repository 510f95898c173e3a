"""Changes that people ask for: of a picture, of an earlier wish, of what moves in a video."""

from __future__ import annotations

from random import Random

from modaverse_training.nano.concepts import COLOURS, MOTIONS, PLACES

__all__ = ["like", "motion", "order", "tail"]

_STYLES = (
    "as an oil painting", "in watercolours", "as a pencil drawing", "as a woodcut", "in pixel art",
    "as a comic strip", "as a blueprint", "in black and white", "as a mosaic", "as a clay model",
    "as an old photograph", "in pastel chalk", "as stained glass", "as a paper cut-out",
)  # fmt: skip
_LIGHTS = (
    "at night", "at dawn", "at sunset", "in the rain", "in thick fog", "in the snow", "in autumn",
    "in bright sunshine", "by candle light", "in a storm", "under the stars", "at high noon",
)  # fmt: skip
_ORDERS = (
    "add some snow", "add a rainbow", "remove the background", "make it darker", "make it brighter",
    "blur the background", "make it look old", "give it a golden frame", "add falling leaves",
    "make it more colourful", "put it into a forest", "put it on a beach", "put it in space",
    "turn the day into night", "let it rain", "make it smaller", "make it bigger",
)  # fmt: skip
_HEARD = (
    "but louder", "but far away", "in a large hall", "under water", "but very fast", "but slower",
    "with rain in the background", "in a tunnel", "at night", "from the next room",
)  # fmt: skip
_ADVERBS = ("slowly", "quickly", "gently", "again and again", "without a pause", "in the wind")


def order(rng: Random) -> str:
    """A change of a picture as an order: "make it red"."""
    draw = rng.random()
    if draw < 0.4:
        return f"{rng.choice(('make', 'colour', 'paint'))} it {rng.choice(list(COLOURS))}"
    if draw < 0.6:
        place = rng.choice(PLACES[rng.choice(list(PLACES))])
        return f"{rng.choice(('put', 'show'))} it {place}"
    return rng.choice(_ORDERS)


def like(rng: Random) -> str:
    """A change of a picture as a state: "red", "at night"."""
    draw = rng.random()
    if draw < 0.35:
        return rng.choice(list(COLOURS))
    if draw < 0.6:
        return rng.choice(PLACES[rng.choice(list(PLACES))])
    return rng.choice(_LIGHTS if draw < 0.8 else _STYLES)


def tail(role: str, rng: Random) -> str:
    """Words that come behind a prompt and change it: "in the snow"."""
    if role == "sound":
        return rng.choice(_HEARD)
    if rng.random() < 0.4:
        return rng.choice(PLACES[rng.choice(list(PLACES))])
    return rng.choice((*_LIGHTS, *_STYLES) if role == "paint" else _LIGHTS)


def motion(rng: Random) -> str:
    """What a picture does once it moves: "bouncing slowly"."""
    moving = rng.choice(MOTIONS[rng.choice(list(MOTIONS))])
    return f"{moving} {rng.choice(_ADVERBS)}" if rng.random() < 0.4 else moving
