"""Provenance: how a result was made, as it stands in the library's index and inside the file."""

from __future__ import annotations

import hashlib
import json

from pydantic import BaseModel, ConfigDict, JsonValue, ValidationError

from modaverse.errors import LibraryError
from modaverse.media import Media, Video, modality_of

__all__ = ["TAG", "Provenance", "content_digest"]

TAG = "modaverse"  # the one tag key under which provenance is embedded in files


class Provenance(BaseModel):
    """What must be known to make a result again.

    It holds no time stamp, so that the same call with the same seed gives the same bytes; when a
    result was made stands in the library's index (`Record.created`).

    Attributes:
        tool: Name of the tool.
        model: What the tool calls its model; empty if it has none.
        prompt: The prompt that the tool got, with text results already put in.
        options: The options that were asked for; the rest had the tool's defaults.
        seed: The seed of this very call, not that of the run.
        inputs: Digests of the input media, in order: of their files in the library
            (`Record.digest`) or, for attachments and without a library, of their content
            (`content_digest`).
        call: Id of the call in its plan.
        version: Version of ModaVerse.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")  # files of other versions stay readable

    tool: str
    model: str = ""
    prompt: str = ""
    options: dict[str, JsonValue] = {}
    seed: int = 0
    inputs: tuple[str, ...] = ()
    call: int = 1
    version: str = ""

    def tags(self) -> dict[str, str]:
        """The provenance as file tags, for `value.encode(tags=...)` and `value.save(...)`."""
        return {TAG: self.to_json()}

    def to_json(self) -> str:
        """One line of JSON with sorted keys: equal provenances give equal text."""
        return json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))

    def __hash__(self) -> int:
        """Equal provenances have equal hashes."""
        return hash(self.to_json())

    @classmethod
    def from_json(cls, text: str) -> Provenance:
        """Read back what `to_json` wrote.

        Raises:
            LibraryError: The text is no provenance.
        """
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise LibraryError(
                "the provenance in the file cannot be read", hint="the file was changed by hand"
            ) from error


def content_digest(value: Media | str) -> str:
    """SHA-256 (hex) of a value's content: its samples or pixels, shape and rate, not its file.

    The same media value has the same digest whatever file it came from, if the format lost nothing.
    """
    digest = hashlib.sha256(modality_of(value).encode())
    _feed(digest, value)
    return digest.hexdigest()


def _feed(digest: hashlib._Hash, value: Media | str) -> None:
    if isinstance(value, str):
        digest.update(value.encode("utf-8", "surrogatepass"))
        return
    from modaverse.media import Audio, Image

    if isinstance(value, Image):
        _feed_array(digest, value.array, "")
    elif isinstance(value, Audio):
        _feed_array(digest, value.samples, f"{value.rate}")
    elif isinstance(value, Video):
        _feed_array(digest, value.frames, f"{float(value.fps)}")
        if value.audio is not None:
            _feed(digest, value.audio)


def _feed_array(digest: hashlib._Hash, array: object, rate: str) -> None:
    import numpy as np

    held = np.ascontiguousarray(array)
    digest.update(f"|{held.dtype.str}{held.shape}{rate}|".encode())
    digest.update(held.data)
