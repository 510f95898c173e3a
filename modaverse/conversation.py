"""A conversation: what was said so far, and the media that it may speak of by handle."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from modaverse.errors import RequestError
from modaverse.llm.base import Message
from modaverse.media import Audio, Image, Limits, Media, Modality, Video, load_media, modality_of
from modaverse.plan import Handle

if TYPE_CHECKING:
    from modaverse.events import Item

__all__ = ["Attachment", "Conversation", "next_handles", "number", "opened"]

Attachment: TypeAlias = Any
"""What `load_media` takes: a path, bytes, an open file, a PIL image, an array, or a media value."""

_MENTION = re.compile(r"(?<![\w#-])(?:image|audio|video|text)[1-9][0-9]{0,4}(?![\w-])")


@dataclass(frozen=True)
class Conversation:
    """Messages and media; a value, so that a turn that fails leaves nothing behind.

    Attributes:
        messages: Oldest first; a request and its answer for each turn.
        media: Attachments and results by handle.
        digests: Library digests of `media`, where known.
    """

    messages: tuple[Message, ...] = ()
    media: Mapping[Handle, Media | str] = field(default_factory=dict)
    digests: Mapping[Handle, str] = field(default_factory=dict)

    @property
    def handles(self) -> dict[Handle, Modality]:
        """The modality of each handle."""
        return {handle: modality_of(value) for handle, value in self.media.items()}

    def ask(self, request: str, attachments: Sequence[Media]) -> Conversation:
        """The conversation with one more request.

        Raises:
            RequestError: The request speaks of a handle that does not exist.
        """
        added = number(attachments, self.media)
        known = {**self.media, **added}
        unknown = [name for name in _MENTION.findall(request) if name not in known]
        if unknown:
            there = ", ".join(known) or "nothing yet"
            raise RequestError(f"there is no {unknown[0]}", hint=f"there is: {there}")
        message = Message("user", _well_formed(request).strip(), tuple(added))
        return replace(self, messages=(*self.messages, message), media=known)

    def answer(self, text: str, items: Iterable[Item]) -> Conversation:
        """The conversation with an answer, in the LLM's dialect, and the results that it gave."""
        items = tuple(items)
        message = Message("assistant", text, tuple(item.handle for item in items))
        return replace(
            self,
            messages=(*self.messages, message),
            media={**self.media, **{item.handle: item.value for item in items}},
            digests={**self.digests, **{i.handle: i.digest for i in items if i.digest}},
        )

    def recent(self, turns: int) -> tuple[Message, ...]:
        """The last message and the `turns` turns before it."""
        return self.messages[-(2 * turns + 1) :]


def opened(
    attachments: Attachment | Sequence[Attachment], *, limits: Limits, most: int
) -> tuple[Media, ...]:
    """Load attachments; one alone needs no list around it.

    Raises:
        RequestError: There are more than `most`.
        MediaError: One cannot be read, or is over a limit.
    """
    if _is_one(attachments):
        attachments = (attachments,)
    sources = tuple(attachments)
    if len(sources) > most:
        raise RequestError(f"{len(sources)} attachments are too many", hint=f"send {most} at most")
    return tuple(load_media(source, limits=limits) for source in sources)


def number(
    values: Iterable[Media | str], taken: Iterable[Handle] = ()
) -> dict[Handle, Media | str]:
    """The values by handle: `image1`, `audio1`, `image2` …, counted on from those taken."""
    values = tuple(values)
    names = next_handles((modality_of(value) for value in values), taken)
    return dict(zip(names, values, strict=True))


def next_handles(modalities: Iterable[Modality], taken: Iterable[Handle] = ()) -> list[Handle]:
    """A handle for each value; each modality is counted apart, on from those taken."""
    highest: dict[str, int] = {}
    for handle in taken:
        kind = handle.rstrip("0123456789")
        highest[kind] = max(highest.get(kind, 0), int(handle[len(kind) :]))
    names = []
    for modality in modalities:
        highest[modality] = highest.get(modality, 0) + 1
        names.append(f"{modality}{highest[modality]}")
    return names


def _well_formed(text: str) -> str:
    """The text with a mark where it holds half a character, which no tokenizer reads."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _is_one(attachments: Attachment | Sequence[Attachment]) -> bool:
    """Whether this is one attachment, and not several."""
    single = (str, bytes, bytearray, memoryview, os.PathLike, Image, Audio, Video)
    return isinstance(attachments, single) or not isinstance(attachments, Sequence)
