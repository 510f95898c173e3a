"""Readers of caption sets: each turns the files of one set, as published, into items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import islice

from modaverse.errors import ConfigError
from modaverse.plan import closest
from modaverse_training.instructions.items import Item
from modaverse_training.instructions.readers.base import Files, Reader, Request
from modaverse_training.instructions.stock import fit

__all__ = ["READERS", "Reading", "Request"]

_ROOM = "modaverse_training.instructions.readers"
READERS: Mapping[str, str] = {
    "coco": f"{_ROOM}.pictures:coco",
    "flickr30k": f"{_ROOM}.pictures:flickr30k",
    "audiocaps": f"{_ROOM}.sounds:audiocaps",
    "clotho": f"{_ROOM}.sounds:clotho",
    "msrvtt": f"{_ROOM}.videos:msrvtt",
    "librispeech": f"{_ROOM}.speech:librispeech",
    "common-voice": f"{_ROOM}.speech:common_voice",
    "plain": f"{_ROOM}.plain:plain",
    "concepts": f"{_ROOM}.concepts:concepts",
}

# Where the media usually are, seen from the file of captions.
_BESIDE = {"common-voice": "clips", "librispeech": ".", "plain": "."}


class Reading(Iterator[Item]):
    """The items of a set that can be used, one by one.

    Args:
        kind: One of `READERS`.
        request: What to read.
        limit: The most items to take; 0 for all.

    Attributes:
        missing: Media files that were not there, so far.
        broken: Rows left out so far because they cannot be read.
        unfit: Items left out so far because no caption of theirs can be used.

    Raises:
        ConfigError: There is no such reader.
        DataError: While iterating: a file cannot be read or lacks a column.
    """

    def __init__(self, kind: str, request: Request, *, limit: int = 0) -> None:
        if kind not in READERS:
            raise ConfigError(f"there is no reader {kind!r}", hint=closest(kind, READERS))
        module, _, name = READERS[kind].partition(":")
        reader: Reader = getattr(import_module(module), name)
        self._files = Files(_with_media(kind, request))
        self.unfit = 0
        items = self._fit(reader(request, self._files), request)
        self._items = islice(items, limit or None)

    @property
    def missing(self) -> int:
        """Media files that were not there."""
        return self._files.missing

    @property
    def broken(self) -> int:
        """Rows that cannot be read."""
        return self._files.broken

    def __next__(self) -> Item:
        """The next item."""
        return next(self._items)

    def _fit(self, items: Iterator[Item], request: Request) -> Iterator[Item]:
        for item in items:
            usable = fit(item)
            if usable is None:
                self.unfit += 1
            else:
                yield usable if request.split is None else replace(usable, split=request.split)


def _with_media(kind: str, request: Request) -> Request:
    """The request with the folder in which this set has its media, if it is there."""
    beside = _BESIDE.get(kind)
    if request.media is not None or beside is None:
        return request
    folder = (request.path if request.path.is_dir() else request.path.parent) / beside
    return replace(request, media=folder) if folder.is_dir() else request
