"""The suite `matrix`: from any modality to any, does the concept come through?

For each of text, image, audio and video given, and each of them wanted: an example of a concept is
given, words ask for the other modality without naming the concept (unless it is given in words),
and a judge that was trained apart says which concept the result shows. 16 cells, each with a rate,
a count and an interval.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from modaverse.dialect import Lines
from modaverse.errors import LLMError, MediaError, ModaVerseError, PlanError, RequestError
from modaverse.media import MODALITIES, Media, Modality
from modaverse_training.evaluation.figures import Figure, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.phrasings import PHRASINGS, writer_of
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.standins import perceived
from modaverse_training.evaluation.suite import Section, Suite, digest, spread

if TYPE_CHECKING:
    from modaverse.agent import Agent
    from modaverse.events import Reply
    from modaverse_training.evaluation.judges import Judge
    from modaverse_training.evaluation.material import Material

__all__ = ["Cell", "MatrixSuite", "Outcome", "Task"]

Outcome = Literal["right", "wrong", "nothing", "failed", "cannot"]


@dataclass(frozen=True, slots=True)
class Task:
    """One example of one cell.

    Attributes:
        given: The modality of the example.
        wanted: The modality that is asked for.
        concept: What the example shows.
        number: Counts the examples of the cell from 0.
    """

    given: Modality
    wanted: Modality
    concept: str
    number: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell of the matrix came to.

    Attributes:
        given: The modality of the examples.
        wanted: The modality that was asked for.
        figure: How often the concept came through; None if it was not measured.
        why: Why not; empty if it was.
    """

    given: Modality
    wanted: Modality
    figure: Figure | None
    why: str = ""

    def form(self) -> dict[str, Any]:
        """The cell as JSON says it."""
        figure = self.figure.form() if self.figure else None
        return {"in": self.given, "out": self.wanted, "figure": figure, "why": self.why}


class MatrixSuite(Suite[Task]):
    """The any-to-any matrix of one agent.

    An LLM that cannot look inside attachments has no right cell with media in, unless its plan
    hands the attachment to a tool (a still of a video, say). Such a cell is told as one that it
    cannot do.

    Args:
        agent: Who answers.
        material: Examples of concepts.
        judges: By the modality that they judge; a column without one is not measured.
        each: Examples of each cell, at even distances over its concepts.
        sees: The modalities that the LLM looks into; by default what it says of itself.
        seed: Of every reply.
    """

    name = "matrix"
    title = "Any-to-any matrix"

    def __init__(
        self,
        agent: Agent,
        material: Material,
        judges: Mapping[Modality, Judge],
        *,
        each: int = 20,
        sees: frozenset[Modality] | None = None,
        seed: int = 0,
    ) -> None:
        self._agent, self._material, self._judges = agent, material, judges
        self._each, self._seed = each, seed
        self._sees = perceived(agent.llm) if sees is None else sees
        self._answered = False

    def tasks(self) -> Sequence[Task]:
        """The examples, cell by cell."""
        return [
            Task(given, wanted, concept, number)
            for given in MODALITIES
            for wanted in MODALITIES
            if wanted in self._judges
            for number, concept in enumerate(self._concepts(given, wanted))
        ]

    def named(self, task: Task) -> str:
        """Cell, number and concept."""
        return f"{task.given}-{task.wanted}-{task.number}-{task.concept}"

    def run(self) -> Mapping[str, Any]:
        """The examples, the wordings, the judges, the seed and the tools."""
        return {
            "material": self._material.fingerprint,
            "phrasings": digest(sorted((*pair, *several) for pair, several in PHRASINGS.items())),
            "judges": {modality: judge.name for modality, judge in self._judges.items()},
            "seed": self._seed,
            "sees": sorted(self._sees),
            "tools": list(self._agent.toolbox),
        }

    def judge(self, task: Task) -> Record:
        """Ask for one example, and let the judge of its modality look at the result."""
        several = PHRASINGS[task.given, task.wanted]
        request = several[task.number % len(several)]
        place = self._places(task)
        given = self._material.example(task.concept, task.given, task.wanted, place)
        attached: tuple[Media, ...] = () if isinstance(given, str) else (given,)
        asked = request.format(given) if isinstance(given, str) else request
        record: Record = {
            "in": task.given,
            "out": task.wanted,
            "concept": task.concept,
            "asked": asked,
        }
        started = time.perf_counter()
        try:
            reply = self._agent.chat(asked, attached, seed=self._seed)
            self._answered = True
        except (PlanError, RequestError, LLMError) as error:
            if isinstance(error, LLMError) and (error.retryable or not self._answered):
                raise
            return {**record, "outcome": "failed", "error": _told(error), "plan": ""}
        plan = Lines(self._agent.toolbox).render(reply.plan)
        found = self._outcome(task, reply)
        return {**record, "plan": plan, **found, "seconds": time.perf_counter() - started}

    def section(self, records: Sequence[Record]) -> Section:
        """Every cell, and how many of the measured examples came through."""
        cells = [self._cell(a, b, records) for a in MODALITIES for b in MODALITIES]
        measured = [cell.figure for cell in cells if cell.figure]
        right = sum(figure.hits[0] for figure in measured if figure.hits)
        worst = min((figure.value for figure in measured), default=0.0)
        blind = [cell for cell in cells if cell.why]
        pairs = {(cell.given, cell.wanted) for cell in cells if cell.figure}
        counted = [record for record in records if (record["in"], record["out"]) in pairs]
        judges = ", ".join(f"{kind} by {judge.name}" for kind, judge in self._judges.items())
        return Section(
            self.name,
            self.title,
            [wilson("came through, measured cells", right, sum(f.count for f in measured))],
            {"came through, by cell": measured, "came through, by wording": _by_writer(counted)},
            notes=[
                f"{len(measured)} of {len(cells)} cells measured; the least rate of a cell is "
                f"{100 * worst:.1f} %.",
                f"Judged: {judges}.",
                *(f"{cell.given} to {cell.wanted}: {cell.why}." for cell in blind),
            ],
            wrong=[
                {
                    "asked": f"[{record['in']} of {record['concept']}] {record['asked']}",
                    "wanted": f"{record['out']} of {record['concept']}",
                    "got": f"{record['plan']}\nseen: {record.get('seen') or record['outcome']}",
                    "error": record.get("error", ""),
                }
                for record in records
                if record["outcome"] not in ("right", "cannot")
            ][:SHOWN],
            data={"cells": [cell.form() for cell in cells]},
        )

    def _concepts(self, given: Modality, wanted: Modality) -> list[str]:
        """The concepts of a cell's examples, each as often as it takes."""
        there = self._material.concepts(given, wanted)
        if self._each <= len(there):
            return spread(there, self._each)
        return [there[number % len(there)] for number in range(self._each)] if there else []

    def _places(self, task: Task) -> int:
        """The how-manieth example of its concept a task is."""
        there = len(self._material.concepts(task.given, task.wanted))
        return task.number // there if self._each > there else 0

    def _outcome(self, task: Task, reply: Reply) -> Record:
        if task.given != "text" and task.given not in self._sees and not _handed_on(task, reply):
            return {"outcome": "cannot"}
        value = _result(reply, task.wanted)
        if value is None:
            told = "; ".join(failure.message for failure in reply.failed)
            return {"outcome": "failed" if told else "nothing", "error": told}
        try:
            shares = self._judges[task.wanted].judge(value)
        except MediaError as error:
            return {"outcome": "failed", "error": _told(error)}
        most = max(shares.values(), default=0.0)
        right = bool(shares) and shares.get(task.concept, 0.0) >= most
        seen = max(shares, key=lambda concept: shares[concept]) if shares else ""
        share = shares.get(task.concept, 0.0)
        return {"outcome": "right" if right else "wrong", "seen": seen, "share": round(share, 4)}

    def _cell(self, given: Modality, wanted: Modality, records: Sequence[Record]) -> Cell:
        mine = [r["outcome"] for r in records if (r["in"], r["out"]) == (given, wanted)]
        if wanted not in self._judges:
            return Cell(given, wanted, None, f"there is no judge of {wanted}")
        if not mine:
            return Cell(given, wanted, None, f"there is no example in {given}")
        if all(outcome == "cannot" for outcome in mine):
            return Cell(given, wanted, None, f"the LLM cannot look inside {given}")
        return Cell(given, wanted, wilson(f"{given} to {wanted}", mine.count("right"), len(mine)))


def _by_writer(records: Sequence[Record]) -> list[Figure]:
    """How many came through of the wordings of each writer."""
    outcomes: dict[str, list[str]] = defaultdict(list)
    for record in records:
        if writer := writer_of((record["in"], record["out"]), record["asked"]):
            outcomes[writer].append(record["outcome"])
    return [
        wilson(f"wordings {writer}", mine.count("right"), len(mine))
        for writer, mine in outcomes.items()
    ]


def _handed_on(task: Task, reply: Reply) -> bool:
    """Whether a tool took the attachment, and made, maybe with others, what was wanted of it."""
    taken = any(f"{task.given}1" in call.inputs for call in reply.plan.calls)
    return taken and (task.wanted != "text" or bool(reply.texts))


def _result(reply: Reply, wanted: Modality) -> Media | str | None:
    """The last result of a modality; of texts, what was said and what tools wrote."""
    if wanted == "text":
        return "\n".join((reply.text, *reply.texts)).strip() or None
    made = [item.value for item in reply.items if item.modality == wanted]
    return made[-1] if made else None


def _told(error: ModaVerseError) -> str:
    return f"{type(error).__name__}: {error.message}"
