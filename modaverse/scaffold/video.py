"""new-tool, a tool for ModaVerse: words that run over a screen."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydantic import Field

from modaverse.media import Image, Video
from modaverse.tool import Context, tool

__all__ = ["new_tool"]

_FPS = 12.0
_HEIGHT, _WIDTH = 48, 192  # pixels
_COLOURS = {"amber": (255, 180, 40), "green": (90, 240, 120), "white": (240, 240, 240)}


@tool
def new_tool(
    prompt: str,
    *,
    seconds: Annotated[float, Field(ge=1, le=20)] = 3.0,
    colour: Literal["amber", "green", "white"] = "amber",
    context: Context,
) -> Video:
    """Make a news ticker of the prompt: its words run over a dark screen.

    Args:
        prompt: What runs over the screen.
        seconds: How long it takes.
        colour: Of the letters: amber, green or white.
        context: Tells how far the work has come, and whether to stop.

    Examples:
        a news ticker saying "Trains are late" => new-tool: Trains are late
        let Welcome home run over the screen => new-tool: Welcome home
        a green ticker of 2:1 => new-tool with {"colour":"green"}: 2:1
        make a ticker with the headline {prompt}
    """
    strip = _strip(prompt, _COLOURS[colour])
    count = round(seconds * _FPS)
    frames = []
    for number in range(count):
        left = number * (strip.shape[1] - _WIDTH) // max(1, count - 1)
        frames.append(strip[:, left : left + _WIDTH])
        context.report(number + 1, count, Image(frames[-1]))
    return Video(np.stack(frames), _FPS)  # [count, height, width, 3]


def _strip(text: str, colour: tuple[int, int, int]) -> np.ndarray:
    """The words in one line with an empty screen before and behind, uint8 [h, w, 3]."""
    font = ImageFont.load_default(_HEIGHT * 0.6)
    width = round(font.getlength(text)) + 2 * _WIDTH
    canvas = Pillow.new("RGB", (width, _HEIGHT), (16, 16, 24))
    place = (_WIDTH, _HEIGHT / 2)
    ImageDraw.Draw(canvas).text(place, text, font=font, anchor="lm", fill=colour)
    return np.asarray(canvas)
