"""The matrix as a picture: a PNG for a README, drawn with Pillow alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from modaverse.media import MODALITIES

__all__ = ["matrix_png"]

_SCALE = 2  # pixels a point, so that it is sharp on dense screens
_CELL = (150, 84)
_LEFT, _TOP = 96, 64
_INK, _PALE, _NONE = (27, 31, 36), (101, 109, 118), (235, 237, 240)
_LOW, _MIDDLE, _HIGH = (214, 96, 77), (247, 226, 160), (78, 160, 110)


def matrix_png(cells: Sequence[Mapping[str, Any]], title: str = "") -> bytes:
    """The 16 cells, rows what is given and columns what is wanted, as a PNG file.

    Args:
        cells: As a report has them: {"in", "out", "figure", "why"}.
        title: A line below: what was measured, by whom.
    """
    wide, high = _CELL
    size = (_LEFT + 4 * wide + 16, _TOP + 4 * high + (40 if title else 16))
    canvas = Image.new("RGB", (size[0] * _SCALE, size[1] * _SCALE), "white")
    pen = _Pen(ImageDraw.Draw(canvas))
    pen.text(_LEFT + 2 * wide, 18, "asked for", 13, _PALE)
    for place, modality in enumerate(MODALITIES):
        pen.text(_LEFT + (place + 0.5) * wide, _TOP - 18, modality, 17, _INK)
        pen.text(_LEFT / 2, _TOP + (place + 0.5) * high, modality, 17, _INK)
    pen.text(_LEFT / 2, _TOP - 18, "given", 13, _PALE)
    for cell in cells:
        left = _LEFT + MODALITIES.index(cell["out"]) * wide
        top = _TOP + MODALITIES.index(cell["in"]) * high
        _draw_cell(pen, (left, top), cell)
    if title:
        pen.text(size[0] / 2, size[1] - 18, title, 12, _PALE)
    held = io.BytesIO()
    canvas.save(held, "PNG", optimize=True)
    return held.getvalue()


class _Pen:
    """Draws in points on a canvas of several pixels a point."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def text(self, x: float, y: float, text: str, size: int, ink: tuple[int, int, int]) -> None:
        """A line of text around a point."""
        font = ImageFont.load_default(size * _SCALE)
        self._draw.text((x * _SCALE, y * _SCALE), text, ink, font, anchor="mm")

    def box(self, left: float, top: float, ink: tuple[int, int, int]) -> None:
        """The ground of a cell."""
        corners = (left + 2, top + 2, left + _CELL[0] - 2, top + _CELL[1] - 2)
        self._draw.rounded_rectangle([c * _SCALE for c in corners], 8 * _SCALE, ink)


def _draw_cell(pen: _Pen, corner: tuple[int, int], cell: Mapping[str, Any]) -> None:
    left, top = corner
    x, y, figure = left + _CELL[0] / 2, top + _CELL[1] / 2, cell["figure"]
    if figure is None:
        pen.box(left, top, _NONE)
        blind = "cannot" if "cannot" in cell["why"] else "not measured"
        pen.text(x, y, blind, 15, _PALE)
        return
    pen.box(left, top, _shade(figure["value"]))
    pen.text(x, y - 14, f"{100 * figure['value']:.0f} %", 24, _INK)
    ends = f"{100 * figure['low']:.0f} to {100 * figure['high']:.0f}"
    pen.text(x, y + 12, ends, 12, _INK)
    pen.text(x, y + 28, f"{figure['hits'][0]} of {figure['hits'][1]}", 11, _INK)


def _shade(rate: float) -> tuple[int, int, int]:
    """Red at 0, sand at a half, green at 1."""
    low, high, share = (_LOW, _MIDDLE, 2 * rate) if rate < 0.5 else (_MIDDLE, _HIGH, 2 * rate - 1)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue
