"""Scenes: what a training picture or video shows, and how it is drawn from emoji drawings."""

from __future__ import annotations

import math
import zlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from modaverse.errors import BackendMissing
from modaverse_training.nano.concepts import COLOURS, MOTIONS, PLACES, drawables

FONT: Final = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
FONT_SIZE: Final = 109  # the one bitmap size that the font holds
SIDE: Final = 64  # pixels of a picture or frame, unless it is asked for finer
SIZE: Final = 44.0  # pixels of the thing in such a picture
MOVING: Final = 0.85  # its size in a video, relative to that
FRAMES: Final = 16
_SHEET: Final = 96  # pixels of a drawing for pictures of 64
_DRAWN: Final = 256  # pixels that a place is drawn in
PASTELS: Final = (
    (255, 255, 255),
    (255, 244, 225),
    (226, 241, 255),
    (230, 250, 232),
    (255, 232, 240),
    (242, 234, 255),
)

Pixels = NDArray[np.uint8]
Part: TypeAlias = Literal["train", "validation", "test"]


@dataclass(frozen=True)
class Thing:
    """One drawn thing: the index of its concept, and a colour if it is tinted."""

    concept: int
    colour: str | None = None


@dataclass(frozen=True)
class Scene:
    """Everything that a caption says of a picture or video.

    Attributes:
        thing: What is shown, in the middle.
        background: A colour's or a place's name, or None for a pale one of the seed's choice.
        motion: A motion's name in a video, None in a picture.
    """

    thing: Thing
    background: str | None = None
    motion: str | None = None


def sample_scene(
    rng: Random, *, concept: int | None = None, video: bool = False, tinted: float = 0.2
) -> Scene:
    """A random scene; `concept` fixes the thing. Videos have plain backgrounds.

    Args:
        rng: Decides.
        concept: The index of the thing; any if it is None.
        video: Whether it moves.
        tinted: Share of things in one colour instead of their own.
    """
    colours = list(COLOURS)
    index = rng.randrange(len(drawables())) if concept is None else concept
    thing = Thing(index, rng.choice(colours) if rng.random() < tinted else None)
    grounds: list[str | None] = [None, rng.choice(colours), rng.choice(list(PLACES))]
    background = rng.choices(grounds, (0.35, 0.3, 0.0 if video else 0.35))[0]
    if background == thing.colour:
        background = None
    return Scene(thing, background, rng.choice(list(MOTIONS)) if video else None)


def part_of(scene: Scene) -> Part:
    """Whether a scene may be learned from, or is kept: an eighth of all that have a background.

    It goes by thing and background alone, so such a combination is new in every motion.
    """
    if scene.background is None:
        return "train"
    key = f"{scene.thing.concept} {scene.thing.colour} {scene.background}"
    number = zlib.crc32(key.encode()) % 16
    return "test" if number == 0 else "validation" if number == 8 else "train"


def held_out(scene: Scene) -> bool:
    """Whether a scene is kept for judging, as validation or as test."""
    return part_of(scene) != "train"


def training_scene(rng: Random, *, concept: int | None = None, video: bool = False) -> Scene:
    """A random scene that is not held out."""
    while held_out(scene := sample_scene(rng, concept=concept, video=video)):
        pass
    return scene


def draw(scene: Scene, rng: Random, *, side: int = SIDE) -> Pixels:
    """The picture of `scene`: uint8 [side, side, 3].

    Args:
        scene: What it shows.
        rng: Decides what the caption leaves open, alike for every side.
        side: Pixels, 64 or 128; the finer picture is the same one with more detail.
    """
    return shown(scene.thing, _background(scene, rng, side))


def shown(
    thing: Thing, behind: Pixels, *, dx: float = 0.0, dy: float = 0.0, size: float = SIZE,
    angle: float = 0.0,
) -> Pixels:  # fmt: skip
    """A thing before a ground, uint8 [side, side, 3].

    Args:
        thing: What is shown.
        behind: The ground, uint8 [side, side, 3].
        dx: How far right of the middle it stands, in pixels of a picture of 64.
        dy: How far below it, alike.
        size: Of the thing, alike.
        angle: By which it is turned, in degrees.
    """
    canvas, fine = Image.fromarray(behind), len(behind) / SIDE
    centre = (fine * (SIDE / 2 + dx), fine * (SIDE / 2 + dy))
    _paste(canvas, thing, centre, fine * size, angle)
    return np.asarray(canvas)


def opacity(concept: int) -> Pixels:
    """Where the drawing of a concept covers the ground of its picture: uint8 [64, 64]."""
    canvas = Image.new("RGBA", (SIDE, SIDE))
    _paste(canvas, Thing(concept), (SIDE / 2, SIDE / 2), SIZE)
    return np.asarray(canvas)[..., 3]


def drawing(concept: int, colour: str | None = None) -> Pixels:
    """The drawing of a concept, tinted if asked: uint8 [96, 96, 4], the last being opacity."""
    return np.asarray(_glyph(concept, colour, _SHEET))


def ground(name: str | None, *, side: int = SIDE) -> Pixels:
    """What is behind the thing: uint8 [side, side, 3]; without a name, the mean of the pale ones.

    Args:
        name: Of a colour or a place.
        side: Pixels, 64 or 128.
    """
    if name is not None:
        return _background(Scene(Thing(0), name), Random(0), side)
    pale = np.mean(PASTELS, axis=0).astype(np.uint8)
    return np.broadcast_to(pale, (side, side, 3)).copy()


def film(scene: Scene, rng: Random) -> Pixels:
    """The video of `scene`, whose motion must be set: uint8 [16, 64, 64, 3]."""
    behind = _background(scene, rng, SIDE)
    return np.stack([_moment(scene, behind, step / (FRAMES - 1)) for step in range(FRAMES)])


def frame(scene: Scene, rng: Random, t: float, *, side: int = SIDE) -> Pixels:
    """One moment, `t` in 0..1, of the video of `scene`: uint8 [side, side, 3], as of `draw`."""
    return _moment(scene, _background(scene, rng, side), t)


def _moment(scene: Scene, behind: Pixels, t: float) -> Pixels:
    dx, dy, scale, angle = pose(scene.motion or "", t)
    size = MOVING * SIZE * scale
    return shown(scene.thing, behind, dx=dx, dy=dy, size=size, angle=angle)


def pose(motion: str, t: float) -> tuple[float, float, float, float]:
    """Offset in pixels, scale and angle in degrees of a motion at time `t` in 0..1."""
    travel = 30 * (t - 0.5) * 1.3
    wave = math.sin(4 * math.pi * t)
    poses = {
        "right": (travel, 0.0, 1.0, 0.0),
        "left": (-travel, 0.0, 1.0, 0.0),
        "up": (0.0, -travel, 1.0, 0.0),
        "down": (0.0, travel, 1.0, 0.0),
        "bounce": (0.0, 11 - 22 * abs(math.sin(3 * math.pi * t)), 1.0, 0.0),
        "spin": (0.0, 0.0, 1.0, -360 * t),
        "grow": (0.0, 0.0, 0.5 + t, 0.0),
        "shrink": (0.0, 0.0, 1.5 - t, 0.0),
        "shake": (5 * math.sin(10 * math.pi * t), 0.0, 1.0, 0.0),
        "swing": (0.0, 0.0, 1.0, 28 * wave),
    }
    return poses[motion]


def _paste(
    canvas: Image.Image,
    thing: Thing,
    centre: tuple[float, float],
    size: float,
    angle: float = 0.0,
) -> None:
    """Draw a thing, with sub-pixel placing, by one affine map from its large drawing."""
    side = canvas.width
    source = _glyph(thing.concept, thing.colour, _SHEET * side // SIDE)
    scale = source.width / size
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    a, b, d, e = cos * scale, -sin * scale, sin * scale, cos * scale
    half = source.width / 2
    c = half - a * centre[0] - b * centre[1]
    f = half - d * centre[0] - e * centre[1]
    fine = 3  # supersampling, since an affine map does not average
    layer = source.transform(
        (side * fine, side * fine),
        Image.Transform.AFFINE,
        (a / fine, b / fine, c, d / fine, e / fine, f),
        Image.Resampling.BILINEAR,
    ).reduce(fine)
    canvas.paste(layer, (0, 0), layer)


@lru_cache(maxsize=4096)
def _glyph(concept: int, colour: str | None, wide: int) -> Image.Image:
    """The drawing of a concept, RGBA wide x wide, tinted if asked."""
    if not FONT.is_file():
        raise BackendMissing(f"no font at {FONT}", hint="apt-get install fonts-noto-color-emoji")
    font = ImageFont.truetype(str(FONT), FONT_SIZE)
    sheet = Image.new("RGBA", (160, 160))
    text = drawables()[concept].glyph
    ImageDraw.Draw(sheet).text((12, 16), text, font=font, embedded_color=True)
    sheet = sheet.crop(sheet.getbbox())
    side = max(sheet.size)
    square = Image.new("RGBA", (side, side))
    square.paste(sheet, ((side - sheet.width) // 2, (side - sheet.height) // 2))
    square = square.resize((wide, wide), Image.Resampling.LANCZOS)
    return square if colour is None else _tinted(square, colour)


def _tinted(drawing: Image.Image, colour: str) -> Image.Image:
    """The drawing in shades of one colour: its light and dark stay, its hues go."""
    pixels = np.asarray(drawing).astype(np.float32)
    light = pixels[..., :3] @ np.array([0.299, 0.587, 0.114], np.float32)
    inside = pixels[..., 3] > 128
    low, high = np.percentile(light[inside], (5, 95))
    ramp = np.clip((light - low) / max(high - low, 30.0), 0, 1)[..., None]
    target = np.array(COLOURS[colour], np.float32)
    shades = np.where(
        ramp < 0.5, target * (0.35 + 1.3 * ramp), target + (255 - target) * (ramp - 0.5) * 0.9
    )
    pixels[..., :3] = np.clip(0.9 * shades + 0.1 * pixels[..., :3], 0, 255)
    return Image.fromarray(pixels.astype(np.uint8), "RGBA")


def _background(scene: Scene, rng: Random, side: int) -> Pixels:
    name = scene.background
    if name in PLACES:
        return _place(name, side)
    if name in COLOURS:
        colour = 0.8 * np.array(COLOURS[name]) + 0.2 * 255 * (name not in ("black", "gray"))
    else:
        colour = np.array(rng.choice(PASTELS))
    return np.broadcast_to(colour.astype(np.uint8), (side, side, 3)).copy()


Rgb = tuple[int, int, int]


def _gradient(top: Rgb, low: Rgb) -> Image.Image:
    t = np.linspace(0, 1, _DRAWN)[:, None, None]
    rows = (1 - t) * np.array(top) + t * np.array(low)
    return Image.fromarray(np.broadcast_to(rows, (_DRAWN, _DRAWN, 3)).astype(np.uint8))


@cache
def _place(name: str, side: int) -> Pixels:
    """The backdrop of a place: uint8 [side, side, 3], always the same."""
    skies: dict[str, tuple[Rgb, Rgb]] = {
        "beach": ((120, 200, 250), (210, 240, 255)),
        "sea": ((150, 210, 250), (215, 240, 255)),
        "underwater": ((60, 160, 210), (10, 60, 120)),
        "sky": ((70, 150, 235), (190, 225, 255)),
        "meadow": ((140, 205, 250), (215, 240, 255)),
        "forest": ((165, 215, 190), (205, 235, 205)),
        "desert": ((250, 205, 130), (255, 235, 190)),
        "snow": ((185, 210, 235), (225, 238, 250)),
        "city": ((170, 190, 215), (225, 225, 235)),
        "space": ((12, 10, 40), (45, 20, 80)),
        "night": ((10, 20, 60), (40, 55, 110)),
        "sunset": ((110, 60, 140), (255, 150, 70)),
        "mountains": ((150, 200, 245), (225, 240, 255)),
        "room": ((240, 220, 190), (245, 230, 205)),
    }
    picture = _gradient(*skies[name])
    pen = ImageDraw.Draw(picture)
    shapes = {
        "beach": [((0, 110, 256, 175), (40, 130, 200)), ((0, 170, 256, 256), (240, 215, 150))],
        "sea": [((0, 130, 256, 256), (30, 110, 190)), ((0, 130, 256, 150), (60, 140, 215))],
        "underwater": [((0, 225, 256, 256), (190, 170, 110))],
        "meadow": [((0, 150, 256, 256), (110, 190, 80)), ((0, 205, 256, 256), (90, 170, 65))],
        "forest": [((0, 195, 256, 256), (80, 130, 60))],
        "desert": [((0, 170, 256, 256), (225, 175, 95))],
        "snow": [((0, 150, 256, 256), (245, 250, 255))],
        "city": [((0, 205, 256, 256), (95, 95, 105))],
        "night": [((0, 205, 256, 256), (20, 45, 40))],
        "sunset": [((0, 180, 256, 256), (90, 45, 75))],
        "mountains": [((0, 205, 256, 256), (110, 165, 90))],
        "room": [((0, 185, 256, 256), (165, 110, 65)), ((0, 185, 256, 197), (135, 85, 50))],
    }
    if name == "forest":
        for x in range(-10, 256, 46):
            pen.rectangle((x + 18, 90, x + 30, 205), fill=(110, 80, 50))
            pen.polygon([(x - 8, 150), (x + 24, 8), (x + 56, 150)], fill=(50, 120, 65))
    if name == "mountains":
        for x, top, shade in ((-40, 70, 130), (120, 50, 115), (40, 100, 150)):
            pen.polygon([(x, 215), (x + 85, top), (x + 170, 215)], fill=(shade, shade, shade + 20))
            pen.polygon([(x + 62, top + 44), (x + 85, top), (x + 108, top + 44)], fill=(250,) * 3)
    if name == "city":
        for i, height in enumerate((110, 60, 130, 85, 40, 120)):
            left = i * 44 - 4
            pen.rectangle((left, height, left + 36, 215), fill=(100 + 12 * (i % 3), 115, 140))
            for y in range(height + 10, 195, 26):
                pen.rectangle((left + 7, y, left + 14, y + 11), fill=(250, 235, 160))
                pen.rectangle((left + 22, y, left + 29, y + 11), fill=(250, 235, 160))
    for box, colour in shapes.get(name, ()):
        pen.rectangle(box, fill=colour)
    _sprinkle(name, pen)
    return np.asarray(picture.reduce(_DRAWN // side))


def _sprinkle(name: str, pen: ImageDraw.ImageDraw) -> None:
    """The small round things of a backdrop: stars, clouds, a sun, bubbles."""
    rng = Random(name)
    if name in ("space", "night"):
        for _ in range(26):
            x, y, r = rng.uniform(0, 256), rng.uniform(0, 190), rng.uniform(2, 4.5)
            pen.ellipse((x - r, y - r, x + r, y + r), fill=(255, 250, 210))
    if name == "night":
        pen.ellipse((20, 18, 66, 64), fill=(250, 245, 205))
    if name == "sunset":
        pen.pieslice((78, 130, 178, 230), 180, 360, fill=(255, 220, 110))
    if name in ("sky", "beach", "sea"):
        for x, y in ((30, 40), (170, 22)) if name != "sky" else ((20, 40), (160, 60), (70, 190)):
            for k in range(3):
                pen.ellipse((x + 18 * k, y - 7 * (k % 2), x + 18 * k + 34, y + 26), fill=(255,) * 3)
    if name == "underwater":
        for _ in range(9):
            x, y, r = rng.uniform(0, 256), rng.uniform(0, 200), rng.uniform(4, 9)
            pen.ellipse((x - r, y - r, x + r, y + r), outline=(200, 235, 250), width=3)
    if name == "room":
        pen.rectangle((24, 26, 88, 100), fill=(180, 220, 250), outline=(140, 95, 60), width=6)
