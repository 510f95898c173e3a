"""Rows that say the same: equal in normal form, or near to it by MinHash."""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Hashable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse_training.instructions.row import Row

__all__ = ["Seen", "Similar", "normal", "shingles"]

_WORD = re.compile(r"\w+")
_SHINGLE = 5  # characters
_PERMUTATIONS = 64
_NEAR = 0.88  # a threshold from which on eight hashes a band still find nearly all pairs
_SEED = 20_107


def normal(text: str) -> str:
    """A text without case, accents of writing, punctuation and spacing.

    Example:
        >>> normal("  Draw a FOX, please! ")
        'draw a fox please'
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(_WORD.findall(folded))


def shingles(text: str) -> NDArray[np.uint32]:
    """The 5-character pieces of a text's normal form as sorted, different numbers: uint32 [n]."""
    import numpy as np

    plain = f" {normal(text)} ".encode()
    count = max(1, len(plain) - _SHINGLE + 1)
    pieces = {zlib.crc32(plain[i : i + _SHINGLE]) for i in range(count)}
    return np.sort(np.fromiter(pieces, np.uint32, len(pieces)))


class Similar:
    """Texts in which near ones are found fast.

    MinHash with banding finds candidates (Broder 1997; Leskovec et al., Mining of Massive Datasets,
    section 3.4), and their true Jaccard similarity decides. A text takes about 2 kB.

    Args:
        threshold: Jaccard similarity of 5-character pieces from which on two texts are near.
    """

    def __init__(self, threshold: float = 0.8) -> None:
        import numpy as np

        rng = np.random.default_rng(_SEED)
        top = np.iinfo(np.uint64).max
        self._factors = rng.integers(0, top, _PERMUTATIONS, np.uint64) | np.uint64(1)
        self._offsets = rng.integers(0, top, _PERMUTATIONS, np.uint64)
        self._threshold = threshold
        self._rows = 8 if threshold >= _NEAR else 4  # hashes a band
        self._texts: list[NDArray[np.uint32]] = []
        self._buckets: dict[int, list[int]] = {}

    def __len__(self) -> int:
        """How many texts are in it."""
        return len(self._texts)

    def add(self, text: str, group: Hashable = None) -> None:
        """Remember a text, in a group of its own or that of all."""
        pieces = shingles(text)
        for key in self._keys(pieces, group):
            self._buckets.setdefault(key, []).append(len(self._texts))
        self._texts.append(pieces)

    def near(self, text: str, group: Hashable = None) -> bool:
        """Whether a near text of the group is remembered."""
        pieces = shingles(text)
        candidates = {n for key in self._keys(pieces, group) for n in self._buckets.get(key, ())}
        return any(_jaccard(pieces, self._texts[n]) >= self._threshold for n in candidates)

    def _keys(self, pieces: NDArray[np.uint32], group: Hashable) -> list[int]:
        """The buckets of a text: its MinHash signature in bands."""
        signature = self._signature(pieces)
        bands = signature.reshape(-1, self._rows)
        return [hash((group, band, values.tobytes())) for band, values in enumerate(bands)]

    def _signature(self, pieces: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """The least hash of the pieces under each function: uint64 [64].

        The upper bits of a product with an odd number are a hash (Dietzfelbinger et al. 1997).
        """
        import numpy as np

        values = pieces.astype(np.uint64)
        hashed = values[None] * self._factors[:, None] + self._offsets[:, None]  # wraps around
        signature: NDArray[np.uint64] = (hashed >> np.uint64(20)).min(1)
        return signature


def _jaccard(one: NDArray[np.uint32], two: NDArray[np.uint32]) -> float:
    import numpy as np

    both = len(np.intersect1d(one, two, assume_unique=True))
    return both / (len(one) + len(two) - both)


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

    def why_not(self, row: Row, *, exactly: bool = False) -> str:
        """What a row is of one so far, `duplicate` or `near-duplicate`; empty if it is new.

        Args:
            row: The row.
            exactly: Whether only equal rows count.
        """
        media, said = _identity(row)
        if hash((media, normal(said))) in self._exact:
            return "duplicate"
        if not exactly and self._similar is not None and self._similar.near(said, media):
            return "near-duplicate"
        return ""

    def add(self, row: Row) -> None:
        """Remember a row."""
        media, said = _identity(row)
        self._exact.add(hash((media, normal(said))))
        if self._similar is not None:
            self._similar.add(said, media)


def _identity(row: Row) -> tuple[Hashable, str]:
    """What is attached to a row, and all that is said in it."""
    media = tuple((ref.modality, ref.path or ref.caption) for ref in row.media)
    return media, "\n".join(turn.content for turn in row.messages)
