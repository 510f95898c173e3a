"""Plans before and after a training, request by request, and what the difference is worth."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from modaverse_training.evaluation.cases import request_of
from modaverse_training.evaluation.figures import wilson
from modaverse_training.evaluation.plans import Planner, verdict

if TYPE_CHECKING:
    from modaverse.llm.base import LLM
    from modaverse.toolbox import Toolbox
    from modaverse_training.evaluation.cases import Case

__all__ = ["LEVEL", "Paired", "exact", "sign_test"]

LEVEL = 0.05  # a difference that chance makes more seldom is none of chance
_TOGETHER = 64  # requests between two words of how far it is


@dataclass(frozen=True)
class Paired:
    """How many plans were the wanted ones, word for word, on the same requests.

    Attributes:
        name: What the requests are.
        count: How many there are.
        before: Right ones before the training.
        after: Right ones after it.
        lost: Right only before.
        won: Right only after.
    """

    name: str
    count: int
    before: int
    after: int
    lost: int
    won: int

    @classmethod
    def of(cls, name: str, before: Sequence[bool], after: Sequence[bool]) -> Paired:
        """From what each request came to."""
        pairs = list(zip(before, after, strict=True))
        return cls(
            name,
            len(pairs),
            sum(before),
            sum(after),
            lost=sum(one and not other for one, other in pairs),
            won=sum(other and not one for one, other in pairs),
        )

    @property
    def drop(self) -> float:
        """Points of 100 by which the rate fell; below 0 if it rose."""
        return 100 * (self.before - self.after) / self.count if self.count else 0.0

    @property
    def worse(self) -> float:
        """Chance of as many losses if nothing had become worse."""
        return sign_test(self.lost, self.lost + self.won)

    @property
    def better(self) -> float:
        """Chance of as many gains if nothing had become better."""
        return sign_test(self.won, self.lost + self.won)

    def line(self) -> str:
        """Both rates with their 95 % intervals, and what changed."""
        rates = [wilson("", hits, self.count) for hits in (self.before, self.after)]
        told = [
            f"{100 * rate.value:.1f} % [{100 * rate.low:.1f}, {100 * rate.high:.1f}]"
            for rate in rates
        ]
        return (
            f"{self.name}: {told[0]} -> {told[1]} exact plans of {self.count}; "
            f"{self.lost} lost, {self.won} won"
        )

    def form(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "name": self.name,
            "count": self.count,
            "before": self.before,
            "after": self.after,
            "lost": self.lost,
            "won": self.won,
        }


def sign_test(hits: int, of: int) -> float:
    """Chance of `hits` or more heads in `of` throws of a fair coin."""
    return float(sum(math.comb(of, k) for k in range(hits, of + 1)) / 2**of)


def exact(
    llm: LLM, cases: Sequence[Case], toolbox: Toolbox, tell: Callable[[int, int], None]
) -> list[bool]:
    """Whether each plan is the wanted one, reply and all.

    Args:
        llm: What plans.
        cases: Requests with the plans that are wanted.
        toolbox: The tools that are offered.
        tell: Takes how many are done, of how many.

    Raises:
        ModaVerseError: As `modaverse_training.evaluation.plans.Planner.plan`.
    """
    planner, found = Planner(llm), list[bool]()
    for start in range(0, len(cases), _TOGETHER):
        part = cases[start : start + _TOGETHER]
        answers = planner.plan_many([request_of(case, llm, toolbox) for case in part])
        pairs = zip(part, answers, strict=True)
        found += [verdict(case, answer, toolbox).exact for case, answer in pairs]
        tell(len(found), len(cases))
    return found
