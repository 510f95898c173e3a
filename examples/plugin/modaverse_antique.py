"""A plugin in one file: a tool that makes a picture look like an old photograph.

`pip install ./examples/plugin`, and `modaverse tools` lists it beside the built-in ones.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from modaverse.media import Image
from modaverse.tool import tool


@tool
def age_photo(
    prompt: str, image: Image, *, strength: Annotated[float, Field(ge=0, le=1)] = 0.8
) -> Image:
    """Make a picture look like an old brown photograph; the prompt may stay empty.

    Args:
        prompt: Not used.
        image: The picture.
        strength: 0 leaves it as it is, 1 leaves no colour.
    """
    import numpy as np

    colours = image.array[..., :3].astype(np.float32)  # [h, w, 3]
    grey = colours @ np.array([0.3, 0.59, 0.11], np.float32)
    brown = np.minimum(grey[..., None] * np.array([1.07, 0.9, 0.7], np.float32), 255)
    mixed = (1 - strength) * colours + strength * brown
    return Image(mixed.round().astype(np.uint8))
