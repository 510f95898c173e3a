"""Media as values: `Image`, `Audio` and `Video` load, check, save and show themselves.

    image = Image.load("fox.jpg")           # or bytes, an open file, an array, a PIL picture
    image.thumbnail().save("small.png")
    video = load_media("what-is-this.bin")  # told by its content, not by its name

Values are frozen and equal if their content is. They hold decoded data; `encode` and `save` give
files that ordinary players open, byte for byte the same for the same value. Only a video that was
read from a file keeps what was encoded there, so that it is never encoded twice.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from modaverse.codecs.files import (
    DEFAULT_LIMITS,
    KINDS,
    MODALITIES,
    Limits,
    Modality,
    Source,
    sniff,
    write_atomic,
)
from modaverse.codecs.opened import Opened
from modaverse.errors import MediaError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from PIL import Image as Pil

    from modaverse.codecs.copies import Copies
    from modaverse.codecs.sounds import AudioFormat

__all__ = [
    "MODALITIES",
    "Audio",
    "Image",
    "Limits",
    "Media",
    "Modality",
    "Source",
    "Video",
    "load_media",
    "modality_of",
    "read_tags",
    "sniff",
]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Image:
    """A still picture.

    Attributes:
        array: uint8 [h, w, 3 or 4], red, green, blue and maybe opacity; read-only.

    Raises:
        MediaError: the array has another shape or type; `Image.load` converts more kinds.
    """

    array: NDArray[np.uint8]

    def __post_init__(self) -> None:
        from modaverse.codecs import arrays

        object.__setattr__(self, "array", arrays.frozen_picture(self.array))

    @classmethod
    def load(
        cls,
        source: Source | Image | Pil.Image | NDArray[Any],
        *,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Image:
        """Read a picture: turned upright, palettes, deep grey and CMYK converted to RGB.

        Args:
            source: A path, bytes, an open binary file, a PIL picture, or an array [h, w],
                [h, w, 1], [h, w, 3] or [h, w, 4] of uint8 or of floats in 0..1. Of an animated
                picture the first frame is taken.
            limits: How large it may be.

        Raises:
            MediaError: it cannot be read, is no picture, or is over a limit.
        """
        if isinstance(source, Image):
            return source
        from modaverse.codecs import arrays, pictures

        if arrays.is_array(source):
            return cls(arrays.to_picture(source, limits))
        if arrays.is_pil(source):
            return cls(pictures.from_pil(source, limits))
        return cls._decode(Opened.of(source, limits), limits)

    @classmethod
    def _decode(cls, opened: Opened, limits: Limits) -> Image:
        from modaverse.codecs import pictures

        if KINDS[opened.kind] != "image":
            raise opened.is_not("image")
        return cls(pictures.decode(opened.data, opened.kind, opened.name, limits))

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.array.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.array.shape[0])

    def pil(self) -> Pil.Image:
        """The picture for Pillow, mode RGB or RGBA."""
        from PIL import Image as Pil

        return Pil.fromarray(self.array)

    def encode(self, tags: Mapping[str, str] | None = None) -> bytes:
        """A PNG file with `tags` as its text."""
        from modaverse.codecs import pictures

        return pictures.encode(self.array, tags or {})

    def save(self, path: str | os.PathLike[str], tags: Mapping[str, str] | None = None) -> Path:
        """Write a PNG file in one step: there is never half a file.

        Raises:
            MediaError: the name does not end in .png; other formats: `image.pil().save(...)`.
            LibraryError: the folder is missing, full or may not be written to.
        """
        _check_suffix(path, (".png",), "a picture")
        return write_atomic(path, self.encode(tags))

    def thumbnail(self, size: int = 256) -> Image:
        """The picture at most `size` pixels wide and high; never enlarged."""
        if max(self.width, self.height) <= size:
            return self
        import numpy as np

        small = self.pil()
        small.thumbnail((size, size))
        return Image(np.asarray(small))

    def face(self) -> str:
        """A few words for the LLM: "image, 64x64"."""
        return f"image, {self.width}x{self.height}"

    def __repr__(self) -> str:
        return f"Image({self.width}x{self.height})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Image):
            return NotImplemented
        from modaverse.codecs import arrays

        return arrays.equal(self.array, other.array)

    def __hash__(self) -> int:
        from modaverse.codecs import arrays

        return arrays.content_hash(self.array)

    def _repr_png_(self) -> bytes:
        return self.encode()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Audio:
    """A sound.

    Attributes:
        samples: float32 [n, channels] in -1..1; read-only.
        rate: Samples a second (Hz) of each channel.

    Raises:
        MediaError: shape, type or range differ; `Audio.load` converts more kinds.
    """

    samples: NDArray[np.float32]
    rate: int

    def __post_init__(self) -> None:
        from modaverse.codecs import arrays

        object.__setattr__(self, "samples", arrays.frozen_samples(self.samples))
        object.__setattr__(self, "rate", arrays.checked_rate(self.rate))

    @classmethod
    def load(
        cls,
        source: Source | Audio | NDArray[Any],
        *,
        rate: int | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Audio:
        """Read a sound.

        Args:
            source: A path, bytes, an open binary file, or an array [n] or [n, channels] of floats
                in -1..1 or of int16 or int32.
            rate: Samples a second of an array; files know theirs.
            limits: How long it may be.

        Raises:
            MediaError: it cannot be read, is no sound, or is over a limit.
        """
        if isinstance(source, Audio):
            return source
        from modaverse.codecs import arrays

        if arrays.is_array(source):
            if rate is None:
                raise MediaError("an array of samples needs its rate", hint="pass rate=16000")
            return cls(arrays.to_samples(source, rate, limits), rate)
        return cls._decode(Opened.of(source, limits), limits)

    @classmethod
    def _decode(cls, opened: Opened, limits: Limits) -> Audio:
        from modaverse.codecs import arrays, sounds

        if opened.modality(limits) != "audio":
            raise opened.is_not("audio")
        samples, rate = sounds.decode(opened.data, opened.kind, opened.name, limits)
        return cls(arrays.read_only(samples), rate)

    @property
    def seconds(self) -> float:
        """Length in seconds."""
        return len(self.samples) / self.rate

    def encode(self, tags: Mapping[str, str] | None = None, format: AudioFormat = "wav") -> bytes:
        """A file with `tags` in its comment: "wav" or "flac" (16 bits), "mp3" or "ogg" (Opus).

        A rate that the format lacks becomes the next one that it has (Opus: 48 kHz).

        Raises:
            MediaError: an unknown format, or more than 2 channels for mp3 or ogg.
        """
        from modaverse.codecs import sounds

        return sounds.encode(self.samples, self.rate, format, tags or {})

    def save(self, path: str | os.PathLike[str], tags: Mapping[str, str] | None = None) -> Path:
        """Write a .wav, .flac, .mp3 or .ogg file, by its name, in one step.

        Raises:
            MediaError: another ending.
            LibraryError: the folder is missing, full or may not be written to.
        """
        from modaverse.codecs.sounds import AudioFormat

        formats = get_args(AudioFormat)
        suffix = _check_suffix(path, tuple(f".{name}" for name in formats), "a sound")
        chosen = next(name for name in formats if suffix == f".{name}")
        return write_atomic(path, self.encode(tags, chosen))

    def resample(self, rate: int) -> Audio:
        """The same sound at `rate` Hz; its length changes by less than one sample."""
        from modaverse.codecs import arrays, sounds

        rate = arrays.checked_rate(rate)
        if rate == self.rate:
            return self
        return Audio(sounds.resample(self.samples, self.rate, rate), rate)

    def mono(self) -> Audio:
        """The mean of all channels."""
        if self.samples.shape[1] == 1:
            return self
        return Audio(self.samples.mean(axis=1, keepdims=True, dtype="float32"), self.rate)

    def thumbnail(self, size: int = 256) -> Image:
        """A picture of the wave form over time, `size` pixels wide and a quarter as high."""
        import numpy as np

        wave = self.mono().samples[:, 0]
        height = max(2, size // 4)
        edges = np.linspace(0, len(wave), size + 1).astype(int)
        starts = np.minimum(edges[:-1], len(wave) - 1)
        low, high = np.minimum.reduceat(wave, starts), np.maximum.reduceat(wave, starts)
        rows = np.linspace(1, -1, height)[:, None]  # [height, 1]
        thickness = 1 / (height - 1)  # silence, too, is a line
        drawn = (rows <= high + thickness) & (rows >= low - thickness)  # [height, size]
        ink = np.array([31, 78, 121], np.uint8)
        return Image(np.where(drawn[..., None], ink, np.uint8(255)))

    def face(self) -> str:
        """A few words for the LLM: "audio, 3.0 s, 16000 Hz, mono"."""
        channels = self.samples.shape[1]
        layout = {1: "mono", 2: "stereo"}.get(channels, f"{channels} channels")
        return f"audio, {self.seconds:.1f} s, {self.rate} Hz, {layout}"

    def __repr__(self) -> str:
        return f"Audio({self.face().removeprefix('audio, ')})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Audio):
            return NotImplemented
        from modaverse.codecs import arrays

        return self.rate == other.rate and arrays.equal(self.samples, other.samples)

    def __hash__(self) -> int:
        from modaverse.codecs import arrays

        return hash((self.rate, arrays.content_hash(self.samples)))

    def _repr_html_(self) -> str:
        return (
            f'<audio controls src="{_data_url(self.encode(format="flac"), "audio/flac")}"></audio>'
        )


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Video:
    """Moving pictures, maybe with sound.

    Attributes:
        frames: uint8 [t, h, w, 3]; read-only.
        fps: Frames a second, the same all along.
        audio: The sound, from the first frame on; None for a silent video.

    Raises:
        MediaError: shape, type or rate differ.
    """

    frames: NDArray[np.uint8]
    fps: float
    audio: Audio | None = None
    _copies: Copies | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        from modaverse.codecs import arrays

        object.__setattr__(self, "frames", arrays.frozen_frames(self.frames))
        object.__setattr__(self, "fps", arrays.checked_fps(self.fps))

    @classmethod
    def load(
        cls,
        source: Source | Video | NDArray[Any],
        *,
        fps: float | None = None,
        audio: Audio | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> Video:
        """Read a video, its sound with it, or an animated picture.

        A variable frame rate becomes a constant one: frames are repeated or left out.

        Args:
            source: A path, bytes, an open binary file, or an array [t, h, w, 3] of uint8 or of
                floats in 0..1.
            fps: Frames a second of an array; files know theirs.
            audio: The sound that goes with an array.
            limits: How long and large it may be.

        Raises:
            MediaError: it cannot be read, is no video, or is over a limit.
        """
        if isinstance(source, Video):
            return source
        from modaverse.codecs import arrays

        if arrays.is_array(source):
            if fps is None:
                raise MediaError("an array of frames needs its rate", hint="pass fps=8")
            return cls(arrays.to_frames(source, limits), fps, audio)
        return cls._decode(Opened.of(source, limits), limits)

    @classmethod
    def _decode(cls, opened: Opened, limits: Limits) -> Video:
        from modaverse.codecs import arrays, pictures, videos

        if opened.modality(limits) != "video":
            raise opened.is_not("video")
        if KINDS[opened.kind] == "image":
            frames, fps = pictures.decode_animation(opened.data, opened.name, limits)
            return cls(arrays.read_only(frames), fps)
        found = videos.decode(opened.data, opened.kind, opened.name, limits)
        sound = None
        if found.samples is not None:
            sound = Audio(arrays.read_only(found.samples), found.rate)
        return cls(arrays.read_only(found.frames), found.fps, sound)._with(found.copies)

    @property
    def seconds(self) -> float:
        """Length of the pictures in seconds."""
        return len(self.frames) / self.fps

    def frame(self, index: int) -> Image:
        """The frame at `index`, counted from 0; from the end if negative.

        Raises:
            MediaError: there is no such frame.
        """
        count = len(self.frames)
        if not -count <= index < count:
            raise MediaError(f"there is no frame {index}", hint=f"frames go from 0 to {count - 1}")
        return Image(self.frames[index])

    def with_sound(self, audio: Audio | None, *, frames: int | None = None) -> Video:
        """The same pictures with another sound, or with none.

        Pictures that were read from a file are not encoded again when the result is saved, if
        they can be cut at its end.

        Args:
            audio: The sound.
            frames: How many frames there shall be; if there are fewer, they start again.
        """
        import numpy as np

        count = len(self.frames) if frames is None else frames
        shown = self.frames
        if count != len(shown):
            shown = shown[np.arange(count) % len(shown)]
        copies = self._copies and self._copies.with_sound(count)
        return Video(shown, self.fps, audio)._with(copies)

    def _with(self, copies: Copies | None) -> Video:
        """The video itself, which nobody else has yet, with what of it need not be encoded."""
        object.__setattr__(self, "_copies", copies)
        return self

    def encode(self, tags: Mapping[str, str] | None = None) -> bytes:
        """An MP4 file (H.264, AAC), `tags` in its comment; an odd width or height grows by 1.

        What was read from a file of this kind is written as it was there, not encoded once more.
        """
        from modaverse.codecs import videos

        sound = None if self.audio is None else (self.audio.samples, self.audio.rate)
        return videos.encode(self.frames, self.fps, sound, tags or {}, copies=self._copies)

    def save(self, path: str | os.PathLike[str], tags: Mapping[str, str] | None = None) -> Path:
        """Write an MP4 file in one step.

        Raises:
            MediaError: the name does not end in .mp4.
            LibraryError: the folder is missing, full or may not be written to.
        """
        _check_suffix(path, (".mp4",), "a video")
        return write_atomic(path, self.encode(tags))

    def thumbnail(self, size: int = 256) -> Image:
        """The frame in the middle, at most `size` pixels wide and high."""
        return self.frame(len(self.frames) // 2).thumbnail(size)

    def face(self) -> str:
        """A few words for the LLM: "video, 2.0 s, 64x64, 8 fps, silent"."""
        height, width = self.frames.shape[1:3]
        sound = "with sound" if self.audio else "silent"
        return f"video, {self.seconds:.1f} s, {width}x{height}, {self.fps:.4g} fps, {sound}"

    def __repr__(self) -> str:
        return f"Video({self.face().removeprefix('video, ')})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Video):
            return NotImplemented
        from modaverse.codecs import arrays

        same_pace = self.fps == other.fps and self.audio == other.audio
        return same_pace and arrays.equal(self.frames, other.frames)

    def __hash__(self) -> int:
        from modaverse.codecs import arrays

        return hash((self.fps, self.audio, arrays.content_hash(self.frames)))

    def _repr_html_(self) -> str:
        source = _data_url(self.encode(), "video/mp4")
        return f'<video controls loop src="{source}"></video>'


Media: TypeAlias = Image | Audio | Video


def load_media(
    source: Source | Media | Pil.Image | NDArray[Any], *, limits: Limits = DEFAULT_LIMITS
) -> Media:
    """Read whatever `source` really holds, told by its content and not by its name.

    Raises:
        MediaError: it cannot be read, is no media, or is over a limit.
    """
    if isinstance(source, Image | Audio | Video):
        return source
    from modaverse.codecs import arrays

    if arrays.is_array(source) and source.ndim not in (2, 3):
        raise MediaError(
            f"an array {list(source.shape)} is no picture",
            hint="for others use Audio.load(array, rate=…) or Video.load(array, fps=…)",
        )
    if arrays.is_array(source) or arrays.is_pil(source):
        return Image.load(source, limits=limits)
    opened = Opened.of(source, limits)
    modality = opened.modality(limits)
    if modality == "image":
        return Image._decode(opened, limits)
    if modality == "audio":
        return Audio._decode(opened, limits)
    if modality == "video":
        return Video._decode(opened, limits)
    raise opened.is_not("media")


def modality_of(value: Media | str) -> Modality:
    """The modality of a value; plain strings are text.

    Raises:
        MediaError: `value` is neither media nor text.
    """
    if isinstance(value, str):
        return "text"
    if isinstance(value, Image):
        return "image"
    if isinstance(value, Audio):
        return "audio"
    if isinstance(value, Video):
        return "video"
    raise MediaError(f"{type(value).__name__} is no media", hint="use load_media first")


def read_tags(source: Source, *, limits: Limits = DEFAULT_LIMITS) -> dict[str, str]:
    """The tags that `encode` put into a file; a comment of another origin is under "comment".

    Raises:
        MediaError: the file cannot be read.
    """
    from modaverse.codecs import pictures, sounds

    opened = Opened.of(source, limits)
    if KINDS[opened.kind] == "image":
        return pictures.read_tags(opened.data, opened.name, limits)
    if opened.kind == "text":
        raise opened.is_not("media")
    return sounds.read_tags(opened.data, opened.kind, opened.name)


def _check_suffix(path: str | os.PathLike[str], allowed: tuple[str, ...], what: str) -> str:
    """The ending of `path`, in lower case, if it is one that tells what the file will hold."""
    suffix = Path(path).suffix.lower()
    if suffix not in allowed:
        raise MediaError(
            f"{os.fspath(path)!r} does not end in {' or '.join(allowed)}, as {what} must",
            hint=f"name it, say, {Path(path).stem + allowed[0]!r}",
        )
    return suffix


def _data_url(data: bytes, mime: str) -> str:
    return f"data:{mime};base64,{base64.b64encode(data).decode()}"
