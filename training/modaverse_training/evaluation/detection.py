"""Metrics of boxes by pycocotools: intersection over union, and COCO's mean average precision.

torchmetrics' own mAP wraps the same library, but asks for torchvision too, which this project must
not need.

    python -m modaverse_training.evaluation.detection boxes.jsonl

reads a picture a line, boxes as left, top, right, bottom, a found one with how sure it is:

    {"found": [["fox", [0, 0, 10, 10], 0.9]], "wanted": [["fox", [0, 0, 10, 8]]]}
"""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from pydantic import BaseModel, FiniteFloat, ValidationError

from modaverse.errors import DataError, ModaVerseError
from modaverse_training.evaluation.backends import library
from modaverse_training.evaluation.figures import Figure, Floats, line, mean, wilson
from modaverse_training.evaluation.pairs import numbered_lines

__all__ = ["Found", "grounding", "iou", "mean_average_precision", "read_boxes"]

Box = tuple[float, float, float, float]

_HINT = (
    'write lines as {"found": [["fox", [0, 0, 10, 10], 0.9]], "wanted": [["fox", [0, 0, 10, 8]]]}'
)
_RIGHT = 0.5  # least overlap of a thing that counts as found where it is

_COCO = tuple(0.5 + 0.05 * step for step in range(10))
_ALL_SIZES, _MOST_BOXES = 0, -1  # of the areas and of the counts of boxes that COCO tells apart


@dataclass(frozen=True, slots=True)
class Found:
    """A box that a detector found.

    Attributes:
        box: left, top, right, bottom.
        label: What it is.
        score: How sure it is; higher is surer.
    """

    box: Box
    label: str
    score: float


def iou(first: ArrayLike, second: ArrayLike) -> Floats:
    """Intersection over union of every pair of boxes.

    Args:
        first: [n, 4] as left, top, right, bottom.
        second: [m, 4].

    Returns:
        float64 [n, m] in 0..1; 0 where both boxes are empty.

    Raises:
        BackendMissing: pycocotools is not installed.
        DataError: These are no boxes.
    """
    a, b = _sized(first), _sized(second)
    if not len(a) or not len(b):
        return np.zeros((len(a), len(b)))
    return np.asarray(library("pycocotools.mask").iou(a, b, [0] * len(b)), np.float64)


def mean_average_precision(
    found: Sequence[Sequence[Found]],
    wanted: Sequence[Sequence[tuple[str, Box]]],
    *,
    overlaps: Sequence[float] = _COCO,
) -> Mapping[str, float]:
    """COCO's mean average precision over the labels that are wanted anywhere.

    Boxes are taken surest first, at most 100 of a label in a picture; each claims, of the wanted
    boxes that are still free, the one it overlaps most. The precision is that of 101 points of
    recall (Lin et al., ECCV 2014, https://cocodataset.org/#detection-eval).

    Args:
        found: The boxes found in each picture.
        wanted: (label, box) of each thing in each picture.
        overlaps: Least intersections over union of a right box; the mean is also over these.

    Returns:
        "mAP" over all overlaps, and "mAP@0.50" and so on for each, 0..1; 0 if nothing is wanted.

    Raises:
        BackendMissing: pycocotools is not installed.
        DataError: Not the same number of pictures, or a box ends before it begins.
    """
    _check(found, wanted)
    boxes = [[(item.label, item.box, item.score) for item in some] for some in found]
    truth = [[(label, box, 1.0) for label, box in some] for some in wanted]
    numbers = {label: n for n, label in enumerate(sorted({t[0] for some in truth for t in some}))}
    if not numbers:
        return dict.fromkeys(("mAP", *map(_named, overlaps)), 0.0)
    with redirect_stdout(io.StringIO()):  # it prints its progress
        sides = (_coco(truth, numbers), _coco(boxes, numbers))
        judged = library("pycocotools.cocoeval").COCOeval(*sides, "bbox")
        judged.params.iouThrs = np.asarray(overlaps, np.float64)
        judged.evaluate()
        judged.accumulate()
    # [overlap, recall, label, size, count]; every label is wanted, so none is -1 for "not there"
    points = judged.eval["precision"][:, :, :, _ALL_SIZES, _MOST_BOXES]
    means = {_named(o): float(points[place].mean()) for place, o in enumerate(overlaps)}
    return {"mAP": float(points.mean()), **means}


def grounding(
    found: Sequence[Sequence[Found]], wanted: Sequence[Sequence[tuple[str, Box]]]
) -> list[Figure]:
    """How well what was named was pointed at, as for referring expressions (arXiv 1608.00272).

    Of each wanted box: its intersection over union with the surest found box of its label; 0 where
    there is none.

    Args:
        found: The boxes found in each picture.
        wanted: (label, box) of each thing in each picture.

    Returns:
        The mean, 0..1, and the share that is 0.5 or more.

    Raises:
        BackendMissing: pycocotools is not installed.
        DataError: Not the same number of pictures, or a box ends before it begins.
    """
    _check(found, wanted)
    overlaps = [
        _overlap(some, label, box)
        for some, things in zip(found, wanted, strict=True)
        for label, box in things
    ]
    right = sum(overlap >= _RIGHT for overlap in overlaps)
    return [mean("IoU", overlaps), wilson(f"IoU of {_RIGHT} or more", right, len(overlaps))]


class _Picture(BaseModel):
    """A line of a file of boxes."""

    found: list[tuple[str, tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat], FiniteFloat]]
    wanted: list[tuple[str, tuple[FiniteFloat, FiniteFloat, FiniteFloat, FiniteFloat]]]


def read_boxes(path: str | Path) -> tuple[list[list[Found]], list[list[tuple[str, Box]]]]:
    """The found and the wanted boxes of a JSONL file, a picture a line.

    Raises:
        DataError: It cannot be read, or a line is broken.
    """
    found, wanted = [], []
    for number, text in numbered_lines(path, hint=_HINT):
        try:
            picture = _Picture.model_validate_json(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            told = f"{'.'.join(map(str, first['loc'])) or 'the line'}: {first['msg'].lower()}"
            raise DataError(told, file=str(path), line=number, hint=_HINT) from error
        found.append([Found(box, label, score) for label, box, score in picture.found])
        wanted.append(list(picture.wanted))
    return found, wanted


def _overlap(found: Sequence[Found], label: str, box: Box) -> float:
    """What the surest found box of a label shares with a box."""
    surest = max((f for f in found if f.label == label), key=lambda f: f.score, default=None)
    return float(iou([surest.box], [box])[0, 0]) if surest else 0.0


def _check(found: Sequence[Any], wanted: Sequence[Any]) -> None:
    if len(found) != len(wanted):
        raise DataError(f"found boxes of {len(found)} pictures, and wanted ones of {len(wanted)}")


def _coco(pictures: Sequence[Sequence[tuple[str, Box, float]]], numbers: Mapping[str, int]) -> Any:
    """Boxes in the form that pycocotools reads; those of labels that nobody wants are left out."""
    kept = [
        (place, numbers[label], _sized([box])[0].tolist(), score)
        for place, some in enumerate(pictures)
        for label, box, score in some
        if label in numbers
    ]
    told = library("pycocotools.coco").COCO()
    told.dataset = {
        "images": [{"id": place} for place in range(len(pictures))],
        "categories": [{"id": number} for number in numbers.values()],
        "annotations": [
            {
                "id": number,
                "image_id": place,
                "category_id": label,
                "bbox": box,
                "area": box[2] * box[3],
                "score": score,
                "iscrowd": 0,
            }
            for number, (place, label, box, score) in enumerate(kept, 1)  # 0 means "no box" there
        ],
    }
    told.createIndex()
    return told


def _sized(boxes: ArrayLike) -> Floats:
    """Boxes as left, top, width, height, [n, 4].

    Raises:
        DataError: One ends before it begins.
    """
    ends = np.asarray(boxes, np.float64).reshape(-1, 4)
    if not np.isfinite(ends).all() or (ends[:, 2:] < ends[:, :2]).any():
        raise DataError("a box ends before it begins", hint="give left, top, right, bottom")
    return np.hstack([ends[:, :2], ends[:, 2:] - ends[:, :2]])


def _named(overlap: float) -> str:
    return f"mAP@{overlap:.2f}"


def main() -> int:
    """Read the command line and print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="found and wanted boxes, JSONL")
    try:
        found, wanted = read_boxes(parser.parse_args().file)
        if not any(wanted):
            raise DataError("no box is wanted in any picture", hint=_HINT)
        means = mean_average_precision(found, wanted)
        figures = grounding(found, wanted)
    except ModaVerseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    for name in ("mAP", "mAP@0.50", "mAP@0.75"):
        print(f"{name:34} {100 * means[name]:5.1f} %  of {len(found)} pictures")
    print("\n".join(map(line, figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
