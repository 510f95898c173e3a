"""Packing: several rows in one sequence of fixed length, none of which sees another.

Best-fit-decreasing as in Ding et al., "Fewer Truncations Improve Language Modeling" (2024), over a
window of rows at a time, so that the order stays random. Leakage is kept out three ways: positions
begin anew with each row, the mask is block-diagonal, and the first token of a row is no target.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modaverse.model.perception import MEDIA

if TYPE_CHECKING:
    import torch

__all__ = ["IGNORED", "Packed", "best_fit", "block_mask", "collate", "pack"]

IGNORED = -100  # a label that is no target, as transformers has it
_STEP = 64  # lengths of padded batches are multiples: few shapes, few kernels

Ints = NDArray[np.int64]


def best_fit(lengths: Sequence[int], capacity: int) -> list[list[int]]:
    """Put items into few bins: the longest first, each where the least room is left over.

    Args:
        lengths: Of the items, each from 1 to `capacity`.
        capacity: Of a bin.

    Returns:
        The bins, as indices of items. O(n log n) comparisons.
    """
    bins: list[list[int]] = []
    room: list[tuple[int, int]] = []  # (room left, bin), sorted
    for item in sorted(range(len(lengths)), key=lambda i: (-lengths[i], i)):
        place = bisect_left(room, (lengths[item], -1))
        if place < len(room):
            left, target = room.pop(place)
        else:
            left, target = capacity, len(bins)
            bins.append([])
        bins[target].append(item)
        if left > lengths[item]:
            insort(room, (left - lengths[item], target))
    return bins


@dataclass(frozen=True)
class Packed:
    """One sequence of rows, or of none.

    Attributes:
        input_ids: int64, [t].
        labels: int64, [t]; `IGNORED` where there is no target.
        media_kinds: int64, [t]: 0 text, 1 vision, 2 audio.
        position_ids: int64, [t]; from 0 within each row.
        segments: int64, [t]; which row a token is of, from 1; 0 is padding.
        media: Arrays by name, in the order of their places, such as pixel_values [n, c, h, w].
    """

    input_ids: Ints
    labels: Ints
    media_kinds: Ints
    position_ids: Ints
    segments: Ints
    media: dict[str, NDArray[Any]]


def pack(rows: Sequence[Any], length: int, pad: int) -> Packed:
    """Put encoded rows one after the other and fill up with padding.

    Args:
        rows: `Encoded` rows of the processor: input_ids, media_kinds and labels, int64 [n], and
            media or their features, or None. There may be none.
        length: Tokens of the sequence; the rows together are not longer.
        pad: The token of the padding.
    """
    sizes = [len(row.input_ids) for row in rows]
    room = length - sum(sizes)
    tokens = [row.input_ids for row in rows] + [np.full(room, pad, np.int64)]
    labels = [_targets(row.labels) for row in rows] + [np.full(room, IGNORED, np.int64)]
    kinds = [row.media_kinds for row in rows] + [np.zeros(room, np.int64)]
    numbers = np.repeat(np.arange(len(rows) + 1), [*sizes, room])
    return Packed(
        np.concatenate(tokens),
        np.concatenate(labels),
        np.concatenate(kinds),
        np.concatenate([np.arange(n) for n in (*sizes, room)]),
        np.where(numbers < len(rows), numbers + 1, 0),
        _media(rows),
    )


def _targets(labels: Ints) -> Ints:
    """The labels without the row's first token, which only another row could predict."""
    kept = labels.copy()
    kept[:1] = IGNORED
    return kept


def _media(rows: Sequence[Any]) -> dict[str, NDArray[Any]]:
    found = {}
    for name in MEDIA:
        parts = [value for row in rows if (value := getattr(row, name)) is not None and len(value)]
        if parts:
            found[name] = np.concatenate([np.asarray(part) for part in parts])
    return found


def block_mask(segments: torch.Tensor) -> torch.Tensor:
    """Which token may see which: earlier ones of the same row.

    Args:
        segments: int64, [b, t].

    Returns:
        bool, [b, 1, t, t]; padding sees padding, so that no line is empty.
    """
    import torch

    size = segments.shape[1]
    same = segments[:, None, :, None] == segments[:, None, None, :]
    return same & torch.ones(size, size, dtype=torch.bool, device=segments.device).tril()


def collate(sequences: Sequence[Packed], *, trim: bool = False) -> dict[str, torch.Tensor]:
    """A batch for the model: tokens, labels, kinds and positions [b, t], segments, and the media.

    The mask is made from the segments where the model is, [b, t] being t times smaller.

    Args:
        sequences: All of one length.
        trim: Whether to cut off padding that no sequence needs.
    """
    import torch

    size = len(sequences[0].input_ids)
    if trim:
        longest = max(int(np.count_nonzero(item.segments)) for item in sequences)
        size = min(size, max(_STEP, -(-longest // _STEP) * _STEP))
    names = ("input_ids", "labels", "media_kinds", "position_ids", "segments")
    batch = {
        name: torch.from_numpy(np.stack([getattr(item, name)[:size] for item in sequences]))
        for name in names
    }
    for name in MEDIA:
        parts = [item.media[name] for item in sequences if name in item.media]
        if parts:
            batch[name] = torch.from_numpy(np.concatenate(parts))
    return batch
