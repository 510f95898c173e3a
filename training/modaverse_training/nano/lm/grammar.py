"""The grammar of requests: an endless stream of random ones, each with the plan that answers it."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from modaverse.errors import ConfigError
from modaverse_training.nano.lm.attachments import Attachments
from modaverse_training.nano.lm.counts import Counts
from modaverse_training.nano.lm.edits import Edits
from modaverse_training.nano.lm.plain import Plain
from modaverse_training.nano.lm.rows import ABOUT, CLOSE, OPEN, Row, unmarked
from modaverse_training.nano.lm.scenes import Scenes
from modaverse_training.nano.lm.turns import Turns
from modaverse_training.nano.lm.vocabulary import WordNet, mistype


class Grammar(Turns, Attachments, Counts, Plain, Edits, Scenes):
    """An endless stream of rows.

    Args:
        seed: Repeats the stream.
        wordnet: Given to share one copy.
    """

    def __init__(self, seed: int = 0, wordnet: WordNet | None = None) -> None:
        super().__init__(seed, wordnet)
        self.kinds: list[tuple[float, Callable[[], Row]]] = [
            (0.42, self.single), (0.16, self.several), (0.1, self.pronoun),
            (0.05, self.soundtrack), (0.03, self.still), (0.06, self.without), (0.07, self.talk),
            (0.09, self.knowledge), (0.2, self.attached), (0.16, self.follow_up),
            (0.02, self.new_wish_with_attachment), (0.03, self.changed_mind),
            (0.05, self.counted), (0.03, self.not_there), (0.16, self.about), (0.07, self.seen),
            (0.06, self.measured), (0.5, self.plain), (0.08, self.edited),
            (0.15, self.scene),
        ]  # fmt: skip

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Let kinds of rows come more or less often.

        Args:
            weights: Of kinds by the names of their makers; the others keep theirs.

        Raises:
            ConfigError: There is no such kind.
        """
        known = [maker.__name__ for _, maker in self.kinds]
        for name in sorted(set(weights).difference(known)):
            raise ConfigError(f"there is no kind {name!r}", hint=f"there is: {', '.join(known)}")
        self.kinds = [(weights.get(maker.__name__, weight), maker) for weight, maker in self.kinds]

    def __iter__(self) -> Iterator[Row]:
        """Rows without end."""
        weights = [weight for weight, _ in self.kinds]
        makers = [maker for _, maker in self.kinds]
        while True:
            yield self.noised(self.rng.choices(makers, weights)[0]())

    def noised(self, row: Row, *, slips: bool = True) -> Row:
        """The row with slips of the fingers and another case, and without the slots' marks."""
        request, calls = row.request, row.calls
        if slips and self.words.chance(0.12):
            share = self.rng.choice([0.15, 0.3, 0.6])
            pieces = re.split(f"({OPEN}[^{CLOSE}]*{CLOSE})", request)
            request = "".join(
                p if p.startswith(OPEN) else _mistyped(p, self.rng, share) for p in pieces
            )
        ends_in_slot = request.endswith(CLOSE)
        request = unmarked(request)
        draw = (
            1.0 if row.history or row.text.startswith(ABOUT) else self.rng.random()
        )  # history keeps its case, and so must the plan; nor are texts of answers recased
        if draw < 0.17:
            request, calls = request.lower(), tuple(_recased(c, str.lower) for c in calls)
        elif draw < 0.21 and "ß" not in request:
            request, calls = request.upper(), tuple(_recased(c, str.upper) for c in calls)
        if self.words.chance(0.03) and not ends_in_slot:
            request = (
                self.rng.choice(["  ", " ", "\n"])
                + request
                + self.rng.choice(["", " ", "!!", "...", " :)", " thx"])
            )
        return replace(row, request=request, calls=calls)


def _mistyped(text: str, rng: random.Random, share: float) -> str:
    return re.sub(
        r"[A-Za-z]{4,}",
        lambda m: mistype(m.group(), rng) if rng.random() < share else m.group(),
        text,
    )


def _recased(line: str, case: Callable[[str], str]) -> str:
    """The call with its prompt in another case, its head untouched."""
    head = re.match(r"(?:[^:{]|\{[^}]*\})*:", line)
    end = head.end() if head else len(line)
    return line[:end] + case(line[end:]).replace("\\N", "\\n")
