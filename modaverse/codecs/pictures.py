"""Still and animated pictures to arrays and back, with Pillow."""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

import numpy as np

from modaverse.codecs.files import Limits, check_complete, decoding, encoding, over_limit
from modaverse.errors import MediaError

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image as Pil

# Without a handler of its own Pillow's complaints about damaged files end on the terminal.
logging.getLogger("PIL").addHandler(logging.NullHandler())

# Formats whose readers are plain decoders: none runs other programs, as Pillow's for EPS does.
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM")
_ANIMATED = (
    "PNG",
    "GIF",
    "WEBP",
    "AVIF",
)  # a second picture in a TIFF or JPEG is a page, not a frame
_LEAST_FRAME = 0.02  # seconds; browsers, too, show shorter frames of a GIF longer


def open_picture(data: bytes, name: str, limits: Limits) -> Pil.Image:
    """The picture in `data`, not decoded yet, its size checked."""
    from PIL import Image as Pil

    with decoding(name), warnings.catch_warnings():
        warnings.simplefilter("ignore", Pil.DecompressionBombWarning)  # the limits decide
        try:
            picture = Pil.open(io.BytesIO(data), formats=_FORMATS)
        except Pil.DecompressionBombError:
            raise _too_many_pixels(name, limits) from None
    check_pixels(picture.width, picture.height, name, limits)
    return picture


def check_pixels(width: int, height: int, name: str, limits: Limits) -> None:
    """Refuse a picture or frame of more than `limits.max_pixels`."""
    if width * height > limits.max_pixels:
        raise _too_many_pixels(f"{name} ({width:,}x{height:,})", limits)


def _too_many_pixels(name: str, limits: Limits) -> MediaError:
    return over_limit(name, "larger", limits.max_pixels, "pixels", "max_pixels")


def is_animated(data: bytes, name: str, limits: Limits) -> bool:
    """True if the picture moves: an animated GIF, PNG, WebP or AVIF."""
    picture = open_picture(data, name, limits)
    with decoding(name):
        return picture.format in _ANIMATED and bool(getattr(picture, "is_animated", False))


def from_pil(picture: Pil.Image, limits: Limits) -> NDArray[np.uint8]:
    """A Pillow picture, upright, uint8 [h, w, 3 or 4]."""
    check_pixels(picture.width, picture.height, "the picture", limits)
    with decoding("the picture"):
        return to_array(picture)


def decode(data: bytes, kind: str, name: str, limits: Limits) -> NDArray[np.uint8]:
    """The picture in `data`, upright, uint8 [h, w, 3 or 4]; of an animated one the first frame."""
    check_complete(data, kind, name)
    picture = open_picture(data, name, limits)
    with decoding(name):
        picture.load()
        return to_array(picture)


def decode_animation(data: bytes, name: str, limits: Limits) -> tuple[NDArray[np.uint8], float]:
    """The frames of an animated picture on white, uint8 [t, h, w, 3], and frames a second.

    Frames are repeated so that each is shown as long as the file asks for.
    """
    picture = open_picture(data, name, limits)
    with decoding(name):
        shown = [
            (_on_white(frame), max(float(frame.info.get("duration", 0)) / 1000, _LEAST_FRAME))
            for frame in _frames(picture, name, limits)
        ]
    shortest = min(seconds for _, seconds in shown)
    repeats = [max(1, round(seconds / shortest)) for _, seconds in shown]
    check_frames(sum(repeats), shown[0][0].shape, name, limits)
    if sum(repeats) * shortest > limits.max_seconds:
        raise over_limit(name, "longer", limits.max_seconds, "seconds", "max_seconds")
    return np.repeat(np.stack([frame for frame, _ in shown]), repeats, axis=0), 1 / shortest


def _frames(picture: Pil.Image, name: str, limits: Limits) -> Iterator[Pil.Image]:
    for index in range(limits.max_frames + 1):
        check_frames(index + 1, (picture.height, picture.width), name, limits)
        try:
            picture.seek(index)
        except EOFError:
            return
        picture.load()
        yield picture


def check_frames(count: int, shape: tuple[int, ...], name: str, limits: Limits) -> None:
    """Refuse a video of more frames, or more pixels in all, than `limits` allows."""
    if count > limits.max_frames:
        raise over_limit(name, "longer", limits.max_frames, "frames", "max_frames")
    if count * shape[0] * shape[1] > limits.max_video_pixels:
        limit = limits.max_video_pixels
        raise over_limit(name, "larger", limit, "pixels in all frames", "max_video_pixels")


def _on_white(picture: Pil.Image) -> NDArray[np.uint8]:
    from PIL import Image as Pil

    layer = picture.convert("RGBA")
    return np.asarray(Pil.alpha_composite(Pil.new("RGBA", layer.size, "white"), layer))[..., :3]


def to_array(picture: Pil.Image) -> NDArray[np.uint8]:
    """Any Pillow picture as uint8 [h, w, 3], or [h, w, 4] if parts are transparent, upright."""
    from PIL import ImageOps

    with suppress(Exception):  # a damaged orientation tag is no reason to refuse the picture
        picture = ImageOps.exif_transpose(picture)
    if picture.mode in ("F", "I") or picture.mode.startswith("I;16"):
        grey = _grey_to_8_bits(np.asarray(picture))
        return np.repeat(grey[..., None], 3, axis=2)
    transparent = "A" in picture.mode or "a" in picture.mode or "transparency" in picture.info
    # LAB has an "A" that is no alpha
    mode = "RGBA" if transparent and picture.mode != "LAB" else "RGB"
    return np.asarray(picture if picture.mode == mode else picture.convert(mode))


def _grey_to_8_bits(grey: NDArray[np.generic]) -> NDArray[np.uint8]:
    """Deep grey as 8 bits: integers count as 16 bits and floats as 0..1, unless larger."""
    values = grey.astype(np.float64)
    if not np.isfinite(values).all():
        raise MediaError("the picture holds values that are not numbers", hint="export it again")
    scales = (1.0, 255.0, 65535.0) if grey.dtype.kind == "f" else (65535.0, 2147483647.0)
    white = next((scale for scale in scales if values.max() <= scale), values.max())
    return np.round(np.clip(values / white, 0, 1) * 255).astype(np.uint8)


def encode(array: NDArray[np.uint8], tags: Mapping[str, str]) -> bytes:
    """A PNG file with `tags` as its text; the same input gives the same bytes."""
    from PIL import Image as Pil
    from PIL.PngImagePlugin import PngInfo

    file = io.BytesIO()
    with encoding("the picture"):
        text = PngInfo()
        for key, value in tags.items():
            text.add_text(key, value)
        Pil.fromarray(array).save(file, "PNG", pnginfo=text)
    return file.getvalue()


def read_tags(data: bytes, name: str, limits: Limits) -> dict[str, str]:
    """The texts in a PNG file; nothing for other formats."""
    picture = open_picture(data, name, limits)
    if picture.format != "PNG":
        return {}
    return {str(key): str(text) for key, text in picture.info.items() if isinstance(text, str)}
