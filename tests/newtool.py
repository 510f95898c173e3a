"""Tools that nobody has heard of, for the tests of teaching them."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from modaverse.media import Audio, Image, Video
from modaverse.tool import Context, Tool, ToolOptions, tool

__all__ = ["Echoing", "blend", "emboss", "star_map"]


@tool
def star_map(
    prompt: str,
    *,
    stars: Annotated[int, Field(ge=1, le=90)] = 30,
    style: Literal["plain", "antique"] = "plain",
    names: bool = False,
    max_radius: float = 2.0,
    context: Context,
) -> Image:
    """Draw a star map that shows the sky over the prompt, a place or a date; north is up.

    Args:
        prompt: The place,
            or the date.
        stars: Number of stars, the bright ones.
        style: How it looks.
        names: Whether the names of stars are written.
        max_radius: Largest radius: that of the brightest star.
        context: Not used.

    Examples:
        a star map for Oslo => star-map: Oslo
        what does the sky over Lake Como look like? => star-map: Lake Como
        an antique star map of Rome => star-map with {"style":"antique"}: Rome
        show me the stars over {prompt}
        >>> star_map("Oslo")
    """
    return Image(np.zeros((8, 8, 3), np.uint8))


@tool
def emboss(prompt: str, image: Image) -> Image:
    """Make a picture look as if it were cut in stone; the prompt may stay empty.

    Examples:
        carve this photo in stone => emboss from image1:
    """
    return image


@tool
def blend(prompt: str, image: Image, sound: Audio) -> Video:
    """Let a picture breathe to a sound."""
    return Video(np.zeros((2, 8, 8, 3), np.uint8), 2.0)


class Echoing(Tool):
    """Repeat the prompt as often as it says."""

    class Options(ToolOptions):
        """How often."""

        times: int = Field(2, ge=1, le=9)

    def run(self, prompt: str, *, options: Options, context: Context) -> str:
        """Repeat it."""
        return " ".join([prompt] * options.times)
