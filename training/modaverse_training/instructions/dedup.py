"""Rows that say the same: equal in normal form, or near to it by MinHash."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse_training.instructions.row import Row

__all__ = ["Seen", "Similar", "normal", "shingles"]

_WORD = re.compile(r"\w+")
_SHINGLE = 5  # characters
_PRIME = (1 << 61) - 1
_PERMUTATIONS, _BANDS = 64, 16
_SEED = 20_107


def normal(text: str) -> str:
    """A text without case, accents of writing, punctuation and spacing.

    Example:
        >>> normal("  Draw a FOX, please! ")
        'draw a fox please'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(folded))


def shingles(text: str) -> frozenset[int]:
    """The 5-character pieces of a text's normal form, as numbers."""
    plain = f" {normal(text)} "
    pieces = {plain[i : i + _SHINGLE] for i in range(max(1, len(plain) - _SHINGLE + 1))}
    return frozenset(zlib.crc32(piece.encode()) for piece in pieces)


class Similar:
    """Texts in which near ones are found fast.

    MinHash with banding finds candidates (Broder 1997; Leskovec et al., Mining of Massive Datasets,
    section 3.4), and their true Jaccard similarity decides.

    Args:
        threshold: Jaccard similarity of 5-character pieces from which on two texts are near.
    """

    def __init__(self, threshold: float = 0.8) -> None:
        import numpy as np

        rng = np.random.default_rng(_SEED)
        self._factors = rng.integers(1, _PRIME, _PERMUTATIONS, dtype=np.uint64)
        self._offsets = rng.integers(0, _PRIME, _PERMUTATIONS, dtype=np.uint64)
        self._threshold = threshold
        self._texts: list[frozenset[int]] = []
        self._buckets: dict[Hashable, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        """How many texts are in it."""
        return len(self._texts)

    def add(self, text: str, group: Hashable = None) -> None:
        """Remember a text, in a group of its own or that of all."""
        pieces = shingles(text)
        number = len(self._texts)
        self._texts.append(pieces)
        for key in self._keys(pieces, group):
            self._buckets[key].append(number)

    def near(self, text: str, group: Hashable = None) -> bool:
        """Whether a near text of the group is remembered."""
        pieces = shingles(text)
        candidates = {
            number for key in self._keys(pieces, group) for number in self._buckets.get(key, ())
        }
        return any(
            len(pieces & self._texts[n]) >= self._threshold * len(pieces | self._texts[n])
            for n in candidates
        )

    def _keys(self, pieces: frozenset[int], group: Hashable) -> Iterable[Hashable]:
        """The buckets of a text: its MinHash signature in bands."""
        rows = _PERMUTATIONS // _BANDS
        signature = self._signature(pieces)
        for band in range(_BANDS):
            yield group, band, signature[band * rows : (band + 1) * rows].tobytes()

    def _signature(self, pieces: frozenset[int]) -> NDArray[np.uint64]:
        """The least hash of the pieces under each permutation: uint64 [64]."""
        import numpy as np

        values = np.fromiter(pieces, np.uint64, len(pieces))
        with np.errstate(over="ignore"):  # the product wraps around, as it should
            hashed = values[None] * self._factors[:, None] + self._offsets[:, None]
        hashed ^= hashed >> np.uint64(29)
        signature: NDArray[np.uint64] = hashed.min(1)
        return signature


class Seen:
    """The rows so far, to tell whether another one is new.

    Two rows are the same only if the same media are attached to them: "what is this?" may be asked
    of every picture.

    Args:
        threshold: Similarity from which on rows count as the same; above 1 only equal ones do.
    """

    def __init__(self, threshold: float = 0.9) -> None:
        self._exact: set[Hashable] = set()
        self._similar = Similar(threshold) if threshold <= 1 else None

    def why_not(self, row: Row) -> str:
        """What a row is of one so far, `duplicate` or `near-duplicate`; empty if it is new."""
        media, said = _identity(row)
        if (media, normal(said)) in self._exact:
            return "duplicate"
        if self._similar is not None and self._similar.near(said, media):
            return "near-duplicate"
        return ""

    def add(self, row: Row) -> None:
        """Remember a row."""
        media, said = _identity(row)
        self._exact.add((media, normal(said)))
        if self._similar is not None:
            self._similar.add(said, media)


def _identity(row: Row) -> tuple[Hashable, str]:
    """What is attached to a row, and all that is said in it."""
    media = tuple((ref.modality, ref.path or ref.caption) for ref in row.media)
    return media, "\n".join(turn.content for turn in row.messages)
