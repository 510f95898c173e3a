"""new-tool, a tool for ModaVerse: name badges."""

from __future__ import annotations

import textwrap
from typing import Annotated, Literal

import numpy as np
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont
from pydantic import Field

from modaverse.media import Image
from modaverse.tool import Context, tool

__all__ = ["new_tool"]

_GROUNDS = {  # RGB at the top and at the bottom of the badge
    "warm": ((250, 190, 90), (220, 80, 60)),
    "cold": ((120, 200, 230), (40, 60, 150)),
}


@tool
def new_tool(
    prompt: str,
    *,
    size: Annotated[int, Field(ge=64, le=1024)] = 256,
    tone: Literal["warm", "cold"] = "warm",
    context: Context,
) -> Image:
    """Make a name badge that says the prompt, white on a coloured ground.

    Args:
        prompt: The name, or a few words.
        size: Pixels of each side.
        tone: Of the ground: warm or cold.
        context: Tells how far the work has come, and whether to stop.

    Examples:
        a name badge for Ada Lovelace => new-tool: Ada Lovelace
        make a badge that says "Visitor" => new-tool: Visitor
        a cold badge for Kofi => new-tool with {"tone":"cold"}: Kofi
        print a name badge for {prompt}
    """
    top, bottom = (np.array(colour, np.float32) for colour in _GROUNDS[tone])
    share = np.linspace(0, 1, size, dtype=np.float32)[:, None, None]  # [size, 1, 1]
    ground = np.broadcast_to((1 - share) * top + share * bottom, (size, size, 3))
    canvas = Pillow.fromarray(ground.round().astype(np.uint8))
    lines = textwrap.wrap(prompt, 12) or [" "]
    letters = size / max(2.0 + len(lines), 0.7 * max(len(line) for line in lines))
    ImageDraw.Draw(canvas).multiline_text(
        (size / 2, size / 2),
        "\n".join(lines),
        font=ImageFont.load_default(letters),
        anchor="mm",
        align="center",
        fill="white",
    )
    context.report(1, 1)
    return Image(np.asarray(canvas))
