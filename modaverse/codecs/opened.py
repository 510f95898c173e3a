"""A media file that was read but not decoded: its bytes, its name, and what it really holds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from modaverse.codecs.files import (
    DEFAULT_LIMITS,
    KINDS,
    Limits,
    Modality,
    Source,
    kind_of,
    read_source,
)
from modaverse.errors import MediaError

# Containers that hold sound alone, or pictures with sound.
_EITHER = ("mov", "m4a", "matroska", "ogg", "asf", "flv", "avi", "mpegts", "mpeg")

_WORDS = {
    "text": "text",
    "image": "a picture",
    "audio": "a sound",
    "video": "a video",
    "media": "a picture, sound or video",
}
_HINTS = {
    "text": "give a picture, sound or video file",
    "image": "use Image.load or load_media",
    "audio": "use Audio.load or load_media",
    "video": "use Video.load or load_media",
}


@dataclass(frozen=True, slots=True)
class Opened:
    """The bytes of a file, its name for messages, and the kind of its container."""

    data: bytes
    name: str
    kind: str

    @classmethod
    def of(cls, source: Source | Opened | object, limits: Limits = DEFAULT_LIMITS) -> Opened:
        """Read `source` and tell its kind.

        Raises:
            MediaError: it cannot be read, or is of no known kind.
        """
        if isinstance(source, Opened):
            return source
        data, name = read_source(source, limits)
        kind = kind_of(data)
        if kind is None:
            raise MediaError(
                f"{name} is no picture, sound or video of a known kind",
                hint="use PNG, JPEG, GIF, WebP, WAV, FLAC, MP3, OGG, MP4 or WebM",
            )
        return cls(data, name, kind)

    def modality(self, limits: Limits = DEFAULT_LIMITS) -> Modality:
        """What is really inside.

        Raises:
            MediaError: the file is too damaged to tell.
        """
        from modaverse.codecs import pictures, videos

        usual = KINDS[self.kind]
        if usual == "image":
            return "video" if pictures.is_animated(self.data, self.name, limits) else "image"
        if self.kind in _EITHER:
            return "video" if videos.has_pictures(self.data, self.kind, self.name) else "audio"
        return usual

    def is_not(self, wanted: Modality | Literal["media"]) -> MediaError:
        """The error for a file that holds something else than what is wanted."""
        try:
            found = self.modality()
        except MediaError as error:
            return error
        return MediaError(
            f"{self.name} is {_WORDS[found]}, not {_WORDS[wanted]}", hint=_HINTS[found]
        )
