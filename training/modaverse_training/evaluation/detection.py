"""Metrics of boxes: intersection over union, and mean average precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from modaverse.errors import DataError
from modaverse_training.evaluation.figures import Floats

__all__ = ["Found", "average_precision", "iou", "mean_average_precision"]

_COCO = tuple(0.5 + 0.05 * step for step in range(10))


@dataclass(frozen=True, slots=True)
class Found:
    """A box that a detector found.

    Attributes:
        box: left, top, right, bottom.
        label: What it is.
        score: How sure it is; higher is surer.
    """

    box: tuple[float, float, float, float]
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
        DataError: These are no boxes.
    """
    a, b = (np.asarray(boxes, np.float64).reshape(-1, 4) for boxes in (first, second))
    for boxes in (a, b):
        if not np.isfinite(boxes).all() or (boxes[:, 2:] < boxes[:, :2]).any():
            raise DataError("a box ends before it begins", hint="give left, top, right, bottom")
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(-1)  # [n, m]
    sizes = [(boxes[:, 2:] - boxes[:, :2]).prod(-1) for boxes in (a, b)]
    union = sizes[0][:, None] + sizes[1][None] - shared
    found: Floats = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return found


def average_precision(
    found: Sequence[Sequence[Found]],
    wanted: Sequence[Sequence[tuple[float, float, float, float]]],
    *,
    overlap: float = 0.5,
) -> float:
    """Average precision of one label: the area under the precision envelope (PASCAL VOC 2010).

    Boxes are taken surest first, over all pictures; each claims the wanted box that it overlaps
    most, and is wrong if that one is claimed already or the overlap is too small.

    Args:
        found: The boxes found in each picture.
        wanted: The boxes that are there in each picture.
        overlap: Least intersection over union of a right box.

    Returns:
        0..1; 0 if nothing was wanted.
    """
    total = sum(map(len, wanted))
    ranked = sorted(
        ((item.score, place, item.box) for place, some in enumerate(found) for item in some),
        key=lambda entry: -entry[0],
    )
    claimed: set[tuple[int, int]] = set()
    right = []
    for _, place, box in ranked:
        overlaps = iou([box], wanted[place])[0] if wanted[place] else np.zeros(0)
        best = int(overlaps.argmax()) if len(overlaps) else -1
        good = best >= 0 and overlaps[best] >= overlap and (place, best) not in claimed
        if good:
            claimed.add((place, best))
        right.append(good)
    if not total or not right:
        return 0.0
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.diff(hits / total, prepend=0.0)  # how far each box takes the recall
    return float((envelope * steps).sum())


def mean_average_precision(
    found: Sequence[Sequence[Found]],
    wanted: Sequence[Sequence[tuple[str, tuple[float, float, float, float]]]],
    *,
    overlaps: Sequence[float] = _COCO,
) -> Mapping[str, float]:
    """Mean average precision over the labels that are wanted anywhere.

    COCO's own figure takes 101 points of the curve where this takes the whole of it.

    Args:
        found: The boxes found in each picture.
        wanted: (label, box) of each thing in each picture.
        overlaps: Least intersections over union; the means are also over these.

    Returns:
        "mAP" over all overlaps, and "mAP@0.50" and so on for each.

    Raises:
        DataError: Not the same number of pictures.
    """
    if len(found) != len(wanted):
        raise DataError(f"found boxes of {len(found)} pictures, and wanted ones of {len(wanted)}")
    labels = sorted({label for some in wanted for label, _ in some})
    means = {}
    for overlap in overlaps:
        scores = [
            average_precision(
                [[item for item in some if item.label == label] for some in found],
                [[box for its, box in some if its == label] for some in wanted],
                overlap=overlap,
            )
            for label in labels
        ]
        means[f"mAP@{overlap:.2f}"] = float(np.mean(scores)) if scores else 0.0
    return {"mAP": float(np.mean(list(means.values()))), **means}
