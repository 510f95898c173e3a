"""Rows as a model reads them, with the tokens that it learns from set off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from rich.text import Text

from modaverse.commands.streams import printable
from modaverse_training.alignment.data import load_media
from modaverse_training.alignment.packing import IGNORED

if TYPE_CHECKING:
    from modaverse_training.alignment.run import Material

__all__ = ["preview"]

_SOFT = {1: "▒", 2: "░"}  # what stands for a soft token of a picture, of a sound


def preview(material: Material, count: int) -> Iterator[Text]:
    """The first rows of a run as they are masked.

    Args:
        material: What `prepare` read.
        count: How many rows.

    Yields:
        A line about a row, then its text: what is learned is bold and green, and stands between
        ⟦ and ⟧, which also show where there are no colours; ▒ and ░ are soft tokens.
    """
    order = (number for held in material.schedule.sequences for number in held)
    shown = list(dict.fromkeys(order))[:count]
    for number in shown:
        example = material.learned.items[number]
        media = load_media(example, material.encoder.perceives)
        row = material.encoder.encode(
            material.asker.request(example, media), material.asker.answer(example)
        )
        learned = int((row.labels[1:] != IGNORED).sum())
        title = f"{example.row.id}  {len(row.input_ids)} tokens, {learned} learned"
        yield Text(title, style="dim")
        yield masked(row, material.encoder.tokenizer)


def masked(row: Any, tokenizer: Any) -> Text:
    """An encoded row as text; runs of learned tokens are set off."""
    text = Text()
    kinds = getattr(row, "media_kinds", None)
    for start, end in _runs(row.labels, kinds):
        kind = 0 if kinds is None else int(kinds[start])
        if kind:
            text.append(_SOFT[kind] * (end - start), style="cyan")
            continue
        tokens = row.input_ids[start:end].tolist()
        words = printable(tokenizer.decode(tokens, skip_special_tokens=False))
        if row.labels[start] == IGNORED:
            text.append(words)
        else:
            text.append(f"⟦{words}⟧", style="bold green")
    return text


def _runs(labels: Any, kinds: Any) -> Iterator[tuple[int, int]]:
    """Stretches of places that are alike."""
    start = 0

    def face(place: int) -> tuple[bool, int]:
        return bool(labels[place] == IGNORED), 0 if kinds is None else int(kinds[place])

    for place in range(1, len(labels) + 1):
        if place == len(labels) or face(place) != face(start):
            yield start, place
            start = place
