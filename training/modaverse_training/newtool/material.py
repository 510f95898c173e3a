"""The rows of one alignment: of the tool, of what was known, and held out of both."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random
from typing import TYPE_CHECKING

from modaverse.dialect import Lines
from modaverse.plan import Plan
from modaverse_training.instructions.dedup import normal
from modaverse_training.instructions.items import Item
from modaverse_training.instructions.row import Row, Turn
from modaverse_training.instructions.toolrows import tool_rows
from modaverse_training.nano.lm.rows import NAMES
from modaverse_training.newtool.requests import Requests, Simple, reply

if TYPE_CHECKING:
    from modaverse.toolbox import Toolbox
    from modaverse_training.newtool.phrases import Split
    from modaverse_training.newtool.subject import Subject

__all__ = ["Material", "held_back", "rows_of"]

_BY_DOCSTRING = 0.12  # share of the rows that the grammar of all tools makes
_ITEMS = 300  # contents that it draws from


@dataclass(frozen=True)
class Material:
    """What is learned and what is measured on.

    Attributes:
        taught: Rows of the tool.
        rehearsed: Rows of what was known before.
        new: Held-out rows of the tool, in phrasings of other families.
        old: Held-out rows of what was known before.
    """

    taught: Sequence[Row]
    rehearsed: Sequence[Row]
    new: Sequence[Row]
    old: Sequence[Row]

    def mixed(self, seed: int) -> list[Row]:
        """Everything that is learned, in an order by chance."""
        rows = [*self.taught, *self.rehearsed]
        Random(seed).shuffle(rows)
        return rows

    def without(self, requests: Iterable[str]) -> Material:
        """The same, learning none of these requests, nor of those that are measured on."""
        forbidden = {normal(row.request) for row in (*self.new, *self.old)}
        forbidden |= {normal(request) for request in requests}

        def allowed(rows: Sequence[Row]) -> list[Row]:
            return [
                row
                for row in rows
                if all(normal(turn.content) not in forbidden for turn in row.messages[::2])
            ]

        return Material(allowed(self.taught), allowed(self.rehearsed), self.new, self.old)


def rows_of(
    subject: Subject,
    toolbox: Toolbox,
    others: Sequence[Simple],
    split: Split,
    *,
    count: int,
    seed: int,
) -> list[Row]:
    """Rows that teach a tool, each request once.

    Args:
        subject: The tool.
        toolbox: All tools.
        others: Requests for other tools, to join with and to tell apart.
        split: Whose phrasings are used.
        count: How many.
        seed: Repeats the rows.
    """
    requests = Requests(subject, tuple(toolbox), others, split=split, seed=seed)
    described = iter(_described(subject, toolbox, requests, split, count, seed))
    rng = Random(f"{seed} {split}")
    found: dict[str, Row] = {}
    stream = iter(requests)
    for _ in range(20 * count):  # a tool without prompts has only so many phrasings
        row = next(described, None) if rng.random() < _BY_DOCSTRING else None
        row = row or next(stream)
        found.setdefault(" / ".join(turn.content for turn in row.messages[::2]), row)
        if len(found) == count:
            break
    return list(found.values())


def held_back(rows: Sequence[Row], count: int, seed: int) -> tuple[list[Row], list[Row]]:
    """Rows to learn from and rows to measure on, apart by chance."""
    shuffled = list(rows)
    Random(seed).shuffle(shuffled)
    count = min(count, len(shuffled) // 5)
    return shuffled[count:], shuffled[:count]


def _described(
    subject: Subject,
    toolbox: Toolbox,
    requests: Requests,
    split: Split,
    count: int,
    seed: int,
) -> Iterator[Row]:
    """Rows by the grammar of all tools, about our contents and with our names for results."""
    drawn = islice(iter(requests.contents.draw, None), _ITEMS)
    kinds = [slot.modality for slot in subject.spec.inputs if slot.modality != "text"]
    items = [
        Item(f"content-{n}", kind, (content,), source="contents", split=split)
        for n, content in enumerate(drawn)
        for kind in dict.fromkeys((*kinds, "image"))
        if content
    ]
    if any(slot.modality == "text" for slot in subject.spec.inputs):
        return  # that grammar attaches no texts
    names = {**NAMES, subject.name: subject.called}
    dialect = Lines(tuple(toolbox))
    for row in tool_rows(toolbox, [subject.name], items, split, count=count, seed=seed):
        yield row.model_copy(
            update={
                "id": f"{subject.name}/docstring-{row.id}",
                "messages": tuple(_renamed(turn, dialect, names) for turn in row.messages),
                "source": f"docstring of {subject.name}",
            }
        )


def _renamed(turn: Turn, dialect: Lines, names: dict[str, str]) -> Turn:
    """An answer whose sentence calls results as these names do."""
    if turn.role == "user":
        return turn
    plan = dialect.parse(turn.content)
    if not plan.calls or not all(call.tool in names for call in plan.calls):
        return turn
    told = Plan(text=reply([names[call.tool] for call in plan.calls]), calls=plan.calls)
    return turn.model_copy(update={"content": dialect.render(told)})
