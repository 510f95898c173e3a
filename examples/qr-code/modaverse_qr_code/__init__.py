"""qr-code, a tool for ModaVerse: codes that a phone reads."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from modaverse.errors import RequestError
from modaverse.media import Image
from modaverse.tool import Context, tool
from modaverse_qr_code.encoding import LONGEST, encode

__all__ = ["qr_code"]


@tool
def qr_code(
    prompt: str,
    *,
    size: Annotated[int, Field(ge=64, le=2048)] = 512,
    level: Literal["L", "M", "Q", "H"] = "M",
    border: Annotated[int, Field(ge=0, le=16)] = 4,
    context: Context,
) -> Image:
    """Make a QR code that holds the prompt: a link, a web address, or any short text.

    Args:
        prompt: The text or the address, as it is; at most some hundred letters.
        size: Pixels of each side, at least; each square of the code is a whole number of them.
        level: Error correction: L, M, Q or H; H can be read where a third of it is dirty.
        border: Quiet squares around the code; readers want 4.
        context: Tells how far the work has come, and whether to stop.

    Raises:
        RequestError: The text is too long.

    Examples:
        Make a QR code for https://example.org => qr-code: https://example.org
        a QR code that opens www.cafe-central.at => qr-code: www.cafe-central.at
        turn the text "Room 12, second floor" into a QR code => qr-code: Room 12, second floor
        encode mail@example.org as a QR code => qr-code: mail@example.org
        a QR code of hello with error correction H => qr-code with {"level":"H"}: hello
        I want to scan {prompt} with my phone
        put {prompt} into a code that phones can scan
    """
    data = prompt.encode()
    if len(data) > LONGEST[level]:
        raise RequestError(
            f"a code of level {level} holds {LONGEST[level]} bytes, and this text has {len(data)}",
            hint="shorten the text, or take level L",
        )
    squares = np.pad(encode(data, level), border)  # [n, n], True is dark
    context.report(1, 2)
    scale = -(-size // len(squares))
    pixels = np.kron(squares, np.ones((scale, scale), bool))  # [n * scale, n * scale]
    context.report(2, 2)
    return Image(np.where(pixels[..., None], 0, 255).astype(np.uint8).repeat(3, axis=2))
