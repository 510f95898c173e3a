"""The data sets of a run: sequences of rows for the model, encoded when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from torch.utils.data import Dataset

from modaverse.errors import TrainingError
from modaverse_training.alignment.data import Asker, Encoder, Examples, load_media
from modaverse_training.alignment.packing import IGNORED, Packed, pack

if TYPE_CHECKING:
    from modaverse_training.alignment.eyes import Eyes, Seen

__all__ = ["Rows", "Sequences"]


class Sequences(Dataset[Packed]):
    """Packed sequences, in the order of a schedule.

    Args:
        examples: What they are made of.
        held: For each sequence the numbers of its examples; there may be none.
        encoder: Of the model.
        asker: Puts the requests.
        length: Tokens of a sequence.
        pad: The token of the padding.
        remember: Makes of an encoded row what is kept in memory for later epochs; None keeps none.
    """

    def __init__(
        self,
        examples: Examples,
        held: Sequence[tuple[int, ...]],
        encoder: Encoder,
        asker: Asker,
        *,
        length: int,
        pad: int,
        remember: Callable[[Any], Any] | None = None,
    ) -> None:
        self._examples = examples
        self._held = held
        self._encoder = encoder
        self._asker = asker
        self._length = length
        self._pad = pad
        self._remember = remember
        self._kept: dict[int, Any] = {}

    def __len__(self) -> int:
        """Number of sequences."""
        return len(self._held)

    def __getitem__(self, place: int) -> Packed:
        """A sequence.

        Raises:
            DataError: A media file cannot be read any more.
            TrainingError: Its rows are longer than they were measured.
        """
        rows = [self._row(number) for number in self._held[place]]
        if sum(len(row.input_ids) for row in rows) > self._length:
            names = ", ".join(self._examples.items[n].name for n in self._held[place])
            raise TrainingError(
                f"{names}: longer than when they were measured",
                hint="their media files have changed since the run began; type the command again",
            )
        return pack(rows, self._length, self._pad)

    def _row(self, number: int) -> Any:
        if self._remember is None:
            return self.encoded(number)
        if number not in self._kept:
            self._kept[number] = self._remember(self.encoded(number))
        return self._kept[number]

    def encoded(self, number: int) -> Any:
        """An example as the model reads it, with its media."""
        example = self._examples.items[number]
        media = load_media(example, self._encoder.perceives)
        request = self._asker.request(example, media)
        return self._encoder.encode(request, self._asker.answer(example))


class Rows(Dataset["Seen"]):
    """Rows for a model that sees by itself, in the order of a schedule.

    Args:
        examples: The rows.
        held: For each place the number of its example, or none.
        encoder: Of the model.
        asker: Puts the requests.
    """

    def __init__(
        self, examples: Examples, held: Sequence[tuple[int, ...]], encoder: Eyes, asker: Asker
    ) -> None:
        self._examples = examples
        self._held = held
        self._encoder = encoder
        self._asker = asker

    def __len__(self) -> int:
        """Number of rows."""
        return len(self._held)

    def __getitem__(self, place: int) -> Seen:
        """A row; an empty place is the first row with nothing to learn.

        Raises:
            DataError: A media file cannot be read any more.
        """
        number = self._held[place][0] if self._held[place] else 0
        example = self._examples.items[number]
        media = load_media(example, self._encoder.perceives)
        request = self._asker.request(example, media)
        row = self._encoder.encode(request, self._asker.answer(example))
        if self._held[place]:
            return row
        return replace(row, labels=np.full_like(row.labels, IGNORED))
