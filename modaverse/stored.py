"""What a value is once it stands in a file: what others get of it, in this run and in later ones.

Files lose a little: sounds have 16 bits, videos are compressed. Were a result handed on as its tool
made it, making the next one again from the file would give something else.
"""

from __future__ import annotations

from dataclasses import fields

from modaverse.media import Audio, Image, Limits, Media, Video

__all__ = ["as_stored"]

# None: what a tool has made is in memory already.
_NO_LIMITS = Limits(**{field.name: 1 << 62 for field in fields(Limits)})


def as_stored(value: Media | str) -> Media | str:
    """`value` as it will be read from its file; storing that again loses nothing more.

    Raises:
        MediaError: It cannot be encoded.
    """
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, Image):
        return value  # PNG loses nothing
    if isinstance(value, Audio):
        return Audio.load(value.encode(), limits=_NO_LIMITS)
    return Video.load(value.encode(), limits=_NO_LIMITS)
