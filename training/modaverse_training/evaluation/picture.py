"""The report as pictures: PNG files of its figures and of the matrix, drawn with Pillow alone."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from modaverse.media import MODALITIES
from modaverse_training.evaluation.figures import Figure, value_text

__all__ = ["figures_png", "matrix_png"]

_SCALE = 2  # pixels a point, so that it is sharp on dense screens
_CELL = (150, 84)
_LEFT, _TOP = 96, 64
_LINE, _BAR_LEFT, _BAR_WIDE = 24, 300, 260
_INK, _PALE, _NONE = (27, 31, 36), (101, 109, 118), (235, 237, 240)
_BAR, _SOFT = (76, 120, 168), (238, 242, 246)
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
    pen = _Pen(canvas)
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
    return _png(canvas)


def figures_png(parts: Sequence[tuple[str, Sequence[Figure]]], title: str = "") -> bytes:
    """Figures one below the other, as a PNG file; a rate has a bar with its interval as a whisker.

    Args:
        parts: A heading, and the figures that stand under it.
        title: A line below: what was measured, by whom.
    """
    lines = sum(2 + len(figures) for _, figures in parts)
    size = (_BAR_LEFT + _BAR_WIDE + 240, lines * _LINE + (44 if title else 16))
    canvas = Image.new("RGB", (size[0] * _SCALE, size[1] * _SCALE), "white")
    pen = _Pen(canvas)
    y = 0.0
    for heading, figures in parts:
        y += 1.3 * _LINE
        pen.text(24, y, heading, 17, _INK, anchor="lm", wide=size[0] - 48)
        y += 0.2 * _LINE
        for figure in figures:
            y += _LINE
            _draw_figure(pen, y, figure)
        y += 0.5 * _LINE
    if title:
        pen.text(size[0] / 2, size[1] - 18, title, 12, _PALE, wide=size[0] - 48)
    return _png(canvas)


class _Pen:
    """Draws in points on a canvas of several pixels a point."""

    def __init__(self, canvas: Image.Image) -> None:
        self._draw = ImageDraw.Draw(canvas)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int,
        ink: tuple[int, int, int],
        *,
        anchor: str = "mm",
        wide: float = 0,
    ) -> None:
        """A line of text at a point, by Pillow's anchor; one wider than `wide` ends in dots."""
        font = ImageFont.load_default(size * _SCALE)
        shown = text
        while wide and len(shown) > 1 and font.getlength(shown) > wide * _SCALE:
            text = text[:-1]
            shown = f"{text}..."
        self._draw.text((x * _SCALE, y * _SCALE), shown, ink, font, anchor=anchor)

    def box(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        ink: tuple[int, int, int],
        *,
        radius: float = 0,
    ) -> None:
        """A filled box, with round corners if it has a radius."""
        corners = [c * _SCALE for c in (left, top, right, bottom)]
        self._draw.rounded_rectangle(corners, radius * _SCALE, ink)


def _png(canvas: Image.Image) -> bytes:
    held = io.BytesIO()
    canvas.save(held, "PNG", optimize=True)
    return held.getvalue()


def _draw_figure(pen: _Pen, y: float, figure: Figure) -> None:
    """A figure's name, its bar if it is a rate, and its value with the interval."""
    pen.text(_BAR_LEFT - 12, y, figure.name, 13, _INK, anchor="rm", wide=_BAR_LEFT - 36)
    pen.text(_BAR_LEFT + _BAR_WIDE + 12, y, value_text(figure), 13, _INK, anchor="lm")
    if figure.unit != "rate":
        return
    value, low, high = (
        _BAR_LEFT + _BAR_WIDE * min(1.0, max(0.0, rate))
        for rate in (figure.value, figure.low, figure.high)
    )
    pen.box(_BAR_LEFT, y - 6, _BAR_LEFT + _BAR_WIDE, y + 6, _SOFT, radius=2)
    if figure.value > 0:
        pen.box(_BAR_LEFT, y - 6, value, y + 6, _BAR)
    pen.box(low, y - 0.5, high, y + 0.5, _INK)
    for end in (low, high):
        pen.box(end - 0.5, y - 4, end + 0.5, y + 4, _INK)


def _draw_cell(pen: _Pen, corner: tuple[int, int], cell: Mapping[str, Any]) -> None:
    left, top = corner
    x, y, figure = left + _CELL[0] / 2, top + _CELL[1] / 2, cell["figure"]
    if figure is None:
        _ground(pen, corner, _NONE)
        blind = "cannot" if "cannot" in cell["why"] else "not measured"
        pen.text(x, y, blind, 15, _PALE)
        return
    _ground(pen, corner, _shade(figure["value"]))
    pen.text(x, y - 14, f"{100 * figure['value']:.0f} %", 24, _INK)
    ends = f"{100 * figure['low']:.0f} to {100 * figure['high']:.0f}"
    pen.text(x, y + 12, ends, 12, _INK)
    pen.text(x, y + 28, f"{figure['hits'][0]} of {figure['hits'][1]}", 11, _INK)


def _ground(pen: _Pen, corner: tuple[int, int], ink: tuple[int, int, int]) -> None:
    left, top = corner
    pen.box(left + 2, top + 2, left + _CELL[0] - 2, top + _CELL[1] - 2, ink, radius=8)


def _shade(rate: float) -> tuple[int, int, int]:
    """Red at 0, sand at a half, green at 1."""
    low, high, share = (_LOW, _MIDDLE, 2 * rate) if rate < 0.5 else (_MIDDLE, _HIGH, 2 * rate - 1)
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(low, high, strict=True))
    return red, green, blue
