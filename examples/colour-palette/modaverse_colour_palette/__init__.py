"""colour-palette, a tool for ModaVerse: colours that go together, as swatches."""

from __future__ import annotations

import colorsys
import hashlib
import re
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from PIL import ImageColor, ImageDraw, ImageFont
from pydantic import Field

from modaverse.media import Image
from modaverse.tool import Context, tool

__all__ = ["colour_palette"]

_WIDTH, _HEIGHT = 96, 160  # pixels of a swatch
# Turns of the colour wheel from the first colour to each of the others, which repeat.
_TURNS = {
    "analogous": (0.0, 1 / 12, -1 / 12, 1 / 6, -1 / 6),
    "complementary": (0.0, 1 / 2),
    "triadic": (0.0, 1 / 3, 2 / 3),
    "monochrome": (0.0,),
}
# What a theme looks like, where no colour is named.
_MOODS = {
    "autumn forest leaf wood desert sand bread bakery coffee": "peru",
    "beach sea ocean water boat rain winter ice fog": "steelblue",
    "fire love rose heart sunset desert dawn pepper": "tomato",
    "garden grass jungle moss spring tea parrot": "seagreen",
    "magic midnight night space unicorn lavender": "mediumpurple",
    "gold honey summer sun lemon corn": "goldenrod",
    "candy baby cherry flower florist wedding": "hotpink",
    "haunted ghost stone city law bank": "slategray",
}


@tool
def colour_palette(
    prompt: str,
    *,
    colours: Annotated[int, Field(ge=2, le=10)] = 5,
    harmony: Literal["analogous", "complementary", "triadic", "monochrome"] = "analogous",
    context: Context,
) -> Image:
    """Make a colour palette for a theme, or from a colour that is named or given as #rrggbb.

    Args:
        prompt: The theme or the first colour.
        colours: Number of colours.
        harmony: How they go together: analogous, complementary, triadic or monochrome.
        context: The seed chooses the first colour where the prompt tells none.

    Examples:
        a colour palette for a mountain hut => colour-palette: a mountain hut
        which colours go well with turquoise? => colour-palette: turquoise
        suggest colours for an ice cream parlour => colour-palette: an ice cream parlour
        make a color scheme from #204080 => colour-palette: #204080
        swatches of spring flowers, please => colour-palette: spring flowers
        a palette of six colours for a toy shop => colour-palette with {"colours":6}: a toy shop
        a triadic palette from plum => colour-palette with {"harmony":"triadic"}: plum
        I need colours that match {prompt}
    """
    hue, light, strength = _first_colour(prompt, context.seed)
    turns = _TURNS[harmony]
    sheet = Pillow.new("RGB", (_WIDTH * colours, _HEIGHT))
    draw = ImageDraw.Draw(sheet)
    for number in range(colours):
        rounds = number // len(turns)
        # Every further round of the wheel is lighter or darker than the one before.
        shade = light + (0, 0.18, -0.18, 0.3, -0.3)[rounds % 5] * (1 if light < 0.6 else -1)
        turned = (hue + turns[number % len(turns)]) % 1
        shares = colorsys.hls_to_rgb(turned, min(0.92, max(0.12, shade)), strength)
        red, green, blue = (round(255 * share) for share in shares)
        left = _WIDTH * number
        draw.rectangle((left, 0, left + _WIDTH, _HEIGHT), fill=(red, green, blue))
        ink = "black" if 0.3 * red + 0.59 * green + 0.11 * blue > 140 else "white"
        name = f"#{red:02x}{green:02x}{blue:02x}"
        place = (left + _WIDTH / 2, _HEIGHT - 16)
        draw.text(place, name, font=ImageFont.load_default(18), anchor="mm", fill=ink)
        context.report(number + 1, colours)
    return Image(np.asarray(sheet))


def _first_colour(theme: str, seed: int) -> tuple[float, float, float]:
    """Hue, lightness and saturation, each 0 to 1, of the colour that a theme speaks of."""
    text = theme.lower()
    names = re.findall(r"#[0-9a-f]{6}\b|#[0-9a-f]{3}\b", text)
    words = re.findall(r"[a-z]+", text)
    pairs = [one + other for one, other in pairwise(words)]
    names += [word for word in (*pairs, *words) if word in ImageColor.colormap]
    names += [colour for mood, colour in _MOODS.items() if set(mood.split()) & set(words)]
    if names:
        red, green, blue = ImageColor.getrgb(names[0])[:3]
        return colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    digest = hashlib.sha256(f"{seed}:{text}".encode()).digest()
    return digest[0] / 255, 0.45 + digest[1] / 1275, 0.4 + digest[2] / 510
