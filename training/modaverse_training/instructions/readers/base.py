"""What every reader of a caption set is given, and the search for the media files beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from modaverse.errors import DataError
from modaverse_training.instructions.items import Item, Kind, Split
from modaverse_training.instructions.row import OnError

__all__ = ["Files", "Missing", "Reader", "Request"]

Missing = Literal["raise", "skip", "caption"]
log = logging.getLogger(__name__)
_LOGGED = 5  # broken rows that are told one by one
_SKIP = 'on_error = "skip" leaves broken rows out'


@dataclass(frozen=True)
class Request:
    """What is to be read.

    Attributes:
        path: The file of captions, or the folder of a set that has several; none for concepts.
        media: The folder of the media files; None if they are not at hand.
        missing: What to do about a media file that is not there: stop, leave the item out, or
            keep its captions.
        on_error: What to do about a broken row: stop, or leave it out.
        name: How the file of an item is called, as `"Y{youtube_id}.flac"`, if not as usual.
        split: The split of every item; by default the set's own, or by chance.
        modality: Of sets of any modality.
        columns: Of sets of any columns: which one is the `path`, the `caption`, …
        cache: Folder for media that the set holds inside its table, or that are rendered.
        count: How many items to make, of sets that are made.
        seed: Of sets that are made.
    """

    path: Path = Path()
    media: Path | None = None
    missing: Missing = "raise"
    on_error: OnError = "raise"
    name: str = ""
    split: Split | None = None
    modality: Kind | Literal["speech"] | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    cache: Path | None = None
    count: int = 0
    seed: int = 0


Reader: TypeAlias = "Callable[[Request, Files], Iterator[Item]]"


class Files:
    """Finds media files and counts those that are missing, and the rows that are broken.

    Args:
        request: Which folder they are in, and what to do about one that is missing, and about a
            broken row.
    """

    def __init__(self, request: Request) -> None:
        self.missing = 0
        self.broken = 0
        self._on_error = request.on_error
        self._folder = request.media
        self._policy = request.missing
        self._own_name = request.name

    def refuse(self, fault: DataError) -> None:
        """Count a broken row that is left out.

        Raises:
            DataError: It is not to be left out.
        """
        if self._on_error == "raise":
            hint = "; ".join(filter(None, (fault.hint, _SKIP)))
            raise DataError(fault.reason, file=fault.file, line=fault.line, hint=hint) from fault
        self.broken += 1
        if self.broken <= _LOGGED:
            log.warning("left out %s", fault.message)

    @contextmanager
    def row(self) -> Iterator[None]:
        """What is done with one row: if that shows it to be broken, see `refuse`."""
        try:
            yield
        except DataError as fault:
            self.refuse(fault)

    def find(self, *names: str, **values: str) -> tuple[str | None, bool]:
        """The first of these files that is there.

        Args:
            *names: As the set is usually published, the likeliest first.
            **values: For a name that the user gave, such as `youtube_id`.

        Returns:
            Its path, None if there is none; and whether the item is to be kept.

        Raises:
            DataError: There is none, and that is not allowed.
        """
        if self._folder is None:
            return None, True
        if self._own_name:
            names = (self._formed(values),)
        for name in names:
            if (file := self._folder / name).is_file():
                return str(file), True
        self.missing += 1
        if self._policy == "raise":
            raise DataError(
                f"there is no {' or '.join(names)}",
                file=str(self._folder),
                hint='missing = "skip" leaves such items out, "caption" keeps their captions',
            )
        return None, self._policy == "caption"

    def _formed(self, values: Mapping[str, str]) -> str:
        try:
            return self._own_name.format_map(dict(values))
        except (KeyError, IndexError, ValueError, AttributeError) as error:
            raise DataError(
                f"the name {self._own_name!r} cannot be filled: {error}",
                hint=f"it may hold: {', '.join(f'{{{name}}}' for name in values) or 'nothing'}",
            ) from error
