"""Checks and conversions of numpy arrays that are to become media."""

from __future__ import annotations

import hashlib
import math
import sys
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from modaverse.codecs.files import Limits
from modaverse.codecs.pictures import check_frames, check_pixels
from modaverse.codecs.sounds import MAX_CHANNELS, check_length
from modaverse.codecs.videos import MAX_FPS
from modaverse.errors import MediaError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image as Pil

MIN_RATE, MAX_RATE = 1_000, 384_000  # Hz
_TOLERANCE = 1e-3  # how far floats may be out of their range by rounding; they are clipped


def is_array(source: object) -> TypeGuard[NDArray[Any]]:
    """True for numpy arrays."""
    return isinstance(source, np.ndarray)


def is_pil(source: object) -> TypeGuard[Pil.Image]:
    """True for Pillow's pictures; does not import Pillow, which whoever made one has done."""
    pil = sys.modules.get("PIL.Image")
    return pil is not None and isinstance(source, pil.Image)


# --- what the values hold ------------------------------------------------------------------------


def frozen_picture(array: object) -> NDArray[np.uint8]:
    """`array`, read-only, if it is uint8 [h, w, 3 or 4]."""
    wanted = "uint8 [height, width, 3 or 4]"
    checked = _checked(array, (3,), wanted)
    if checked.dtype != np.uint8 or checked.shape[2] not in (3, 4):
        raise _misfit(array, wanted)
    return _frozen(checked)


def frozen_frames(array: object) -> NDArray[np.uint8]:
    """`array`, read-only, if it is uint8 [t, h, w, 3]."""
    wanted = "uint8 [frames, height, width, 3]"
    checked = _checked(array, (4,), wanted)
    if checked.dtype != np.uint8 or checked.shape[3] != 3:
        raise _misfit(array, wanted)
    return _frozen(checked)


def frozen_samples(array: object) -> NDArray[np.float32]:
    """`array`, read-only, if it is float32 [n, channels] in -1..1."""
    wanted = f"float32 [samples, 1..{MAX_CHANNELS} channels] in -1..1"
    checked = _checked(array, (2,), wanted)
    if checked.dtype != np.float32 or checked.shape[1] > MAX_CHANNELS:
        raise _misfit(array, wanted)
    _check_range(checked, -1, 0)
    return _frozen(checked)


def checked_rate(rate: object) -> int:
    """`rate` in Hz as an int.

    Raises:
        MediaError: it is no whole number, or not in 1 kHz to 384 kHz.
    """
    number = _number(rate)
    if number != int(number) or not MIN_RATE <= number <= MAX_RATE:
        raise MediaError(
            f"the rate of a sound is a whole number in {MIN_RATE}..{MAX_RATE} Hz, not {rate!r}",
            hint="usual rates are 16000, 44100 and 48000",
        )
    return int(number)


def checked_fps(fps: object) -> float:
    """`fps` as a float.

    Raises:
        MediaError: it is no number above 0, or larger than any player shows.
    """
    number = _number(fps)
    if not 0 < number <= MAX_FPS:
        raise MediaError(
            f"frames a second are above 0 and at most {MAX_FPS:g}, not {fps!r}",
            hint="usual rates are 8, 25 and 30",
        )
    return number


def _number(value: object) -> float:
    """`value` as a float; 0, which is out of every range here, if it is no finite number."""
    if isinstance(value, int | float | np.integer | np.floating) and math.isfinite(value):
        return float(value)
    return 0.0


# --- what people give ----------------------------------------------------------------------------


def to_picture(array: NDArray[Any], limits: Limits) -> NDArray[np.uint8]:
    """An array [h, w], [h, w, 1], [h, w, 3] or [h, w, 4] as uint8 [h, w, 3 or 4]."""
    wanted = "uint8 or 0..1 floats [height, width], or with 1, 3 or 4 channels last"
    _checked(array, (2, 3), wanted)
    height, width, *channels = array.shape
    if channels not in ([], [1], [3], [4]):
        raise _misfit(array, wanted)
    check_pixels(width, height, "the picture", limits)
    picture = _to_uint8(array).reshape(height, width, -1)
    return np.repeat(picture, 3, axis=2) if picture.shape[2] == 1 else picture


def to_frames(array: NDArray[Any], limits: Limits) -> NDArray[np.uint8]:
    """An array [t, h, w, 3] as uint8."""
    _checked(array, (4,), "uint8 or 0..1 floats [frames, height, width, 3]")
    check_pixels(array.shape[2], array.shape[1], "the video", limits)
    check_frames(len(array), array.shape[1:], "the video", limits)
    return _to_uint8(array)


def to_samples(array: NDArray[Any], rate: int, limits: Limits) -> NDArray[np.float32]:
    """An array [n] or [n, channels] of floats, int16 or int32 as float32 [n, channels] in -1..1."""
    wanted = "floats in -1..1, int16 or int32, [samples] or [samples, channels]"
    columns = _checked(array, (1, 2), wanted).reshape(len(array), -1)
    if columns.shape[0] < columns.shape[1]:
        raise MediaError(
            f"an array {list(array.shape)} has more channels than samples",
            hint="samples come first: pass array.T",
        )
    check_length(len(columns), checked_rate(rate), columns.shape[1], "the sound", limits)
    if array.dtype in (np.int16, np.int32):
        return np.asarray(columns / -float(np.iinfo(array.dtype).min), np.float32)
    if array.dtype.kind != "f":
        raise _misfit(array, wanted)
    _check_range(columns, -1, _TOLERANCE)
    return np.asarray(np.clip(columns, -1, 1), np.float32)


def _to_uint8(array: NDArray[Any]) -> NDArray[np.uint8]:
    """Brightness as uint8; floats are taken for 0..1."""
    if array.dtype == np.uint8:
        return array
    if array.dtype.kind != "f":
        raise _misfit(array, "uint8 in 0..255, or floats in 0..1")
    _check_range(array, 0, _TOLERANCE)
    return np.asarray(np.round(np.clip(array, 0, 1) * 255), np.uint8)


def _check_range(array: NDArray[Any], low: int, tolerance: float) -> None:
    """Refuse floats that are no numbers, or not between `low` and 1."""
    least, most = float(array.min()), float(array.max())
    if math.isnan(least) or math.isinf(least) or math.isinf(most):
        raise MediaError("the array holds values that are not numbers", hint="see what made them")
    if least < low - tolerance or most > 1 + tolerance:
        raise MediaError(
            f"floats must be in {low}..1, not {least:.4g}..{most:.4g}",
            hint="scale or clip them first",
        )


def _checked(array: object, dimensions: tuple[int, ...], wanted: str) -> NDArray[Any]:
    if not is_array(array) or array.ndim not in dimensions or array.size == 0:
        raise _misfit(array, wanted)
    return array


def _misfit(array: object, wanted: str) -> MediaError:
    if not is_array(array):
        return MediaError(f"{type(array).__name__} is no array", hint=f"give {wanted}")
    shape = ", ".join(str(length) for length in array.shape)
    return MediaError(f"an array {array.dtype} [{shape}] does not fit", hint=f"give {wanted}")


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """`array`, contiguous and read-only; copied if anybody could still write into it."""
    if array.flags.writeable or not array.flags.c_contiguous:
        array = array.copy(order="C")
        array.flags.writeable = False
    return array


def read_only(array: NDArray[Any]) -> NDArray[Any]:
    """`array`, which nobody else holds, as one that need not be copied to be kept."""
    array.flags.writeable = False
    return array


def equal(left: NDArray[Any], right: NDArray[Any]) -> bool:
    """True if shape and every value are the same."""
    return bool(np.array_equal(left, right))


def content_hash(array: NDArray[Any]) -> int:
    """The same number for equal arrays."""
    digest = hashlib.blake2b(array.data, digest_size=8, usedforsecurity=False)
    digest.update(repr(array.shape).encode())
    return int.from_bytes(digest.digest(), "big")
