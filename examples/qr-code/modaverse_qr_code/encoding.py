"""From bytes to the dark and light squares of a QR code: ISO/IEC 18004, versions 1 to 10."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["LONGEST", "encode"]

Bits = NDArray[np.bool_]

_VERSIONS = range(1, 11)
_CODEWORDS = (26, 44, 70, 100, 134, 172, 196, 242, 292, 346)  # of data and correction, by version
# By level: codewords of correction in a block, and blocks; by version.
_CORRECTION = {
    "L": (7, 10, 15, 20, 26, 18, 20, 24, 30, 18),
    "M": (10, 16, 26, 18, 24, 16, 18, 22, 22, 26),
    "Q": (13, 22, 18, 26, 18, 24, 18, 22, 20, 24),
    "H": (17, 28, 22, 16, 22, 28, 26, 26, 24, 28),
}
_BLOCKS = {
    "L": (1, 1, 1, 1, 1, 2, 2, 2, 2, 4),
    "M": (1, 1, 1, 2, 2, 4, 4, 4, 5, 5),
    "Q": (1, 1, 2, 2, 4, 4, 6, 6, 8, 8),
    "H": (1, 1, 2, 4, 4, 4, 5, 6, 8, 8),
}
_LEVEL_BITS = {"L": 1, "M": 0, "Q": 3, "H": 2}
_CENTRES = (
    (), (6, 18), (6, 22), (6, 26), (6, 30), (6, 34), (6, 22, 38), (6, 24, 42), (6, 26, 46),
    (6, 28, 50),
)  # fmt: skip
_FINDER_LIKE = np.array([1, 0, 1, 1, 1, 0, 1], bool)  # what a reader takes for a corner


def _room(version: int, level: str) -> int:
    """Codewords of data."""
    correction = _CORRECTION[level][version - 1] * _BLOCKS[level][version - 1]
    return _CODEWORDS[version - 1] - correction


def _head(version: int) -> int:
    """Bits before the data: four for the mode, and the length."""
    return 12 if version < 10 else 20


# Bytes that fit, by level.
LONGEST = {level: (8 * _room(10, level) - _head(10)) // 8 for level in _CORRECTION}


def encode(data: bytes, level: str) -> Bits:
    """The squares of the smallest code that holds the data.

    Args:
        data: At most `LONGEST[level]` bytes.
        level: Of error correction: "L", "M", "Q" or "H".

    Returns:
        bool [n, n], n = 17 + 4 * version; True is dark. Without a border.
    """
    version = next(v for v in _VERSIONS if 8 * len(data) + _head(v) <= 8 * _room(v, level))
    words = _with_correction(_data_words(data, version, level), version, level)
    squares, free = _patterns(version)
    squares[_path(free)] = _bits(words, int(free.sum()))
    masked = [_masked(squares, free, mask, level) for mask in range(8)]
    return min(masked, key=_penalty)


def _data_words(data: bytes, version: int, level: str) -> bytes:
    """Mode, length, data and filling as codewords."""
    room = _room(version, level)
    text = f"0100{len(data):0{_head(version) - 4}b}" + "".join(f"{byte:08b}" for byte in data)
    text += "0000"[: 8 * room - len(text)]
    text += "0" * (-len(text) % 8)
    words = bytes(int(text[i : i + 8], 2) for i in range(0, len(text), 8))
    return (words + bytes([0xEC, 0x11]) * room)[:room]


def _with_correction(words: bytes, version: int, level: str) -> bytes:
    """Data and correction of all blocks, interleaved."""
    count, correction = _BLOCKS[level][version - 1], _CORRECTION[level][version - 1]
    short, longer = divmod(len(words), count)
    blocks, at = [], 0
    for number in range(count):
        size = short + (number >= count - longer)
        blocks.append(words[at : at + size])
        at += size
    data = [block[i] for i in range(short + 1) for block in blocks if i < len(block)]
    checks = [_remainder(block, correction) for block in blocks]
    return bytes(data + [check[i] for i in range(correction) for check in checks])


def _times(one: int, other: int) -> int:
    """Product in the field of 256 elements with x^8 = x^4 + x^3 + x^2 + 1."""
    product = 0
    while other:
        product ^= one if other & 1 else 0
        one = (one << 1) ^ (0x11D if one & 0x80 else 0)
        other >>= 1
    return product


def _remainder(block: bytes, count: int) -> bytes:
    """Correction of Reed and Solomon: the remainder by (x - 1)(x - 2)(x - 4) … of `count` roots."""
    divisor, root = [1], 1
    for _ in range(count):
        shifted = [_times(part, root) for part in divisor]
        divisor = [a ^ b for a, b in zip([*divisor, 0], [0, *shifted], strict=True)]
        root = _times(root, 2)
    rest = [*block, *[0] * count]
    for i in range(len(block)):
        first = rest[i]
        for k, part in enumerate(divisor):
            rest[i + k] ^= _times(part, first)
    return bytes(rest[len(block) :])


def _patterns(version: int) -> tuple[Bits, Bits]:
    """The squares that are the same in every code of a version, and those that are free."""
    size = 17 + 4 * version
    dark, free = np.zeros((size, size), bool), np.ones((size, size), bool)
    dark[6, ::2] = dark[::2, 6] = True  # the lines that readers count along
    free[6] = free[:, 6] = False
    rings = np.maximum(*np.abs(np.mgrid[-4:5, -4:5]))
    for y, x in ((3, 3), (3, size - 4), (size - 4, 3)):
        _stamp(dark, y, x, (rings != 2) & (rings != 4))
        _stamp(free, y, x, np.zeros((9, 9), bool))
    centres = _CENTRES[version - 1]
    for y in centres:
        for x in centres:
            if (y, x) not in ((6, 6), (6, size - 7), (size - 7, 6)):
                dark[y - 2 : y + 3, x - 2 : x + 3] = rings[2:7, 2:7] != 1
                free[y - 2 : y + 3, x - 2 : x + 3] = False
    free[8, :9] = free[:9, 8] = free[8, -8:] = free[-8:, 8] = False  # the format's places
    dark[-8, 8] = True
    if version >= 7:
        named = version << 12 | _check(version, 12, 0x1F25)
        block = np.array([named >> i & 1 for i in range(18)], bool).reshape(6, 3)
        dark[:6, -11:-8], dark[-11:-8, :6] = block, block.T
        free[:6, -11:-8] = free[-11:-8, :6] = False
    return dark, free


def _stamp(squares: Bits, y: int, x: int, stamp: Bits) -> None:
    """Put a stamp of 9 x 9 with its middle at a place; what falls outside is cut off."""
    size = len(squares)
    rows, columns = (range(max(0, at - 4), min(size, at + 5)) for at in (y, x))
    for row in rows:
        for column in columns:
            squares[row, column] = stamp[row - y + 4, column - x + 4]


def _path(free: Bits) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns of the free squares in the order of the data: up and down in pairs."""
    size = len(free)
    rights = [column - (column <= 6) for column in range(size - 1, 0, -2)]
    places = []
    for number, right in enumerate(rights):
        rows = range(size) if number % 2 else range(size - 1, -1, -1)
        places += [(row, right - i) for row in rows for i in (0, 1) if free[row, right - i]]
    rows_, columns = np.array(places).T
    return rows_, columns


def _bits(words: bytes, count: int) -> Bits:
    """The codewords' bits, and zeros up to `count`."""
    bits = np.unpackbits(np.frombuffer(words, np.uint8)).astype(bool)
    padded: Bits = np.pad(bits, (0, count - len(bits)))
    return padded


def _masked(squares: Bits, free: Bits, mask: int, level: str) -> Bits:
    """The code under one of the eight masks, with the format that tells which."""
    y, x = np.indices(squares.shape)
    pattern = (
        (y + x) % 2, y % 2, x % 3, (y + x) % 3, (y // 2 + x // 3) % 2, y * x % 2 + y * x % 3,
        (y * x % 2 + y * x % 3) % 2, ((y + x) % 2 + y * x % 3) % 2,
    )[mask] == 0  # fmt: skip
    done: Bits = squares ^ (pattern & free)
    named = _LEVEL_BITS[level] << 3 | mask
    text = (named << 10 | _check(named, 10, 0x537)) ^ 0x5412
    bits = [bool(text >> i & 1) for i in range(15)]
    done[[0, 1, 2, 3, 4, 5, 7, 8], 8] = bits[:8]
    done[8, [7, 5, 4, 3, 2, 1, 0]] = bits[8:]
    done[8, -1:-9:-1] = bits[:8]
    done[-7:, 8] = bits[8:]
    return done


def _check(value: int, count: int, divisor: int) -> int:
    """The remainder of `value`, moved up by `count` bits, by a divisor of `count` + 1 bits."""
    rest = value << count
    while rest.bit_length() > count:
        rest ^= divisor << (rest.bit_length() - count - 1)
    return rest


def _penalty(squares: Bits) -> float:
    """How hard the code is to read: long runs, blocks, what looks like a corner, an odd balance."""
    total = 0.0
    for lines in (squares, squares.T):
        for line in lines:
            ends = np.flatnonzero(np.diff(line)) + 1
            runs = np.diff([0, *ends, len(line)])
            total += float(np.where(runs >= 5, runs - 2, 0).sum())
            total += 40 * _corners(np.pad(line, 4))
    same = squares[:-1] == squares[1:]
    total += 3 * float((same[:, :-1] & same[:, 1:] & (squares[:-1, :-1] == squares[:-1, 1:])).sum())
    return total + 10 * int(abs(squares.mean() - 0.5) / 0.05)


def _corners(line: Bits) -> int:
    """How often a line has the look of a corner with four light squares beside it."""
    windows = np.lib.stride_tricks.sliding_window_view(line, 11)  # [n, 11]
    before = ~windows[:, :4].any(1) & (windows[:, 4:] == _FINDER_LIKE).all(1)
    after = ~windows[:, 7:].any(1) & (windows[:, :7] == _FINDER_LIKE).all(1)
    return int(before.sum() + after.sum())
