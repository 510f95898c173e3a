"""Where a build stands, kept beside its parts, so that it can go on after a kill."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from modaverse.errors import DataError
from modaverse_training.instructions.config import BuildConfig
from modaverse_training.instructions.items import Split
from modaverse_training.instructions.row import replacing

__all__ = ["FILE", "Part", "Progress"]

FILE = "build.json"
_SAME = frozenset({"out"})  # settings that do not change the rows


class Part(BaseModel):
    """How far one split is.

    Attributes:
        next: Number of the next candidate.
        rows: Candidates that became rows.
        more: Varied twins of them.
        bytes: Length of the part file when this was true.
        dropped: Candidates that were left out, by reason.
        thrown: What the LLM wrote and the critic threw away, by kind of fault.
        written: Rows in whose making the LLM had a part.
        spent: Whether the budget for the LLM was spent on the way.
        done: Whether it is complete.
    """

    model_config = ConfigDict(extra="forbid")

    next: int = 0
    rows: int = 0
    more: int = 0
    bytes: int = 0
    dropped: dict[str, int] = {}
    thrown: dict[str, int] = {}
    written: int = 0
    spent: bool = False
    done: bool = False

    def drop(self, reason: str) -> None:
        """Count a candidate that was left out."""
        self.dropped = {**self.dropped, reason: self.dropped.get(reason, 0) + 1}


class Progress(BaseModel):
    """How far a build is.

    Attributes:
        settings: A digest of the settings; a build of others must not go on in the same folder.
        config: The settings in full, for people.
        parts: The splits that were begun.
        finished: Whether the files are in place.
    """

    model_config = ConfigDict(extra="forbid")

    settings: str
    config: dict[str, object]
    parts: dict[Split, Part] = {}
    finished: bool = False

    @classmethod
    def of(cls, config: BuildConfig, *, fresh: bool) -> Self:
        """The progress of a build in its folder; a new one if there is none.

        Args:
            config: The settings.
            fresh: Begin anew, whatever is there.

        Raises:
            DataError: The folder holds a build of other settings, or its file is damaged.
        """
        plain = config.model_dump(mode="json")
        told = json.dumps({k: v for k, v in plain.items() if k not in _SAME}, sort_keys=True)
        new = cls(settings=hashlib.sha256(told.encode()).hexdigest()[:16], config=plain)
        path = config.out / FILE
        if fresh or not path.is_file():
            return new
        try:
            old = cls.model_validate_json(path.read_bytes())
        except (ValidationError, OSError) as error:
            raise DataError("it is damaged", file=str(path), hint="--fresh builds anew") from error
        if old.settings != new.settings:
            raise DataError(
                "the folder holds a data set of other settings",
                file=str(config.out),
                hint="choose another folder, or --fresh to build anew in this one",
            )
        return old

    def part(self, split: Split) -> Part:
        """The part of a split; begun if it was not."""
        return self.parts.setdefault(split, Part())

    def save(self, folder: Path) -> None:
        """Write it down in one step."""
        with replacing(folder / FILE) as part, part.open("w", encoding="utf-8") as file:
            file.write(self.model_dump_json(indent=2))
            file.flush()
            os.fsync(file.fileno())
