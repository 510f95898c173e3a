"""The suite `plans`: exactness, routing and prompt fidelity on rows with their wanted plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

from modaverse.errors import DataError, RequestError
from modaverse.media import MODALITIES, Modality
from modaverse.plan import Handle
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.cases import Case
from modaverse_training.evaluation.figures import wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.plans import Planner, Verdict, families, figures, judge
from modaverse_training.evaluation.standins import drawn, perceived
from modaverse_training.evaluation.suite import Section, Suite, digest

__all__ = ["SHOWN", "RowSuite"]

SHOWN = 20  # wrong plans that a report shows


class RowSuite(Suite[Case]):
    """Plans against wanted plans.

    Args:
        planner: Asks the LLM.
        cases: What is asked and wanted.
        toolbox: All tools; a row that names its own is offered those alone.
        sees: The modalities that the LLM looks into; by default what it says of itself. An
            attachment of these that is only named comes with a stand-in, as a user's has a file.

    Raises:
        DataError: Two cases share an id.
    """

    name = "plans"
    title = "Plans of held-out rows"

    def __init__(
        self,
        planner: Planner,
        cases: Sequence[Case],
        toolbox: Toolbox,
        *,
        sees: frozenset[Modality] | None = None,
    ) -> None:
        ids = [case.id for case in cases]
        if twice := next((name for name in ids if ids.count(name) > 1), None):
            raise DataError(f"two rows are named {twice!r}", hint="give each row an id of its own")
        self._planner, self._cases, self._toolbox = planner, cases, toolbox
        self._sees = (perceived(planner.llm) if sees is None else sees) - {"text"}

    def tasks(self) -> Sequence[Case]:
        """The cases."""
        return self._cases

    def named(self, task: Case) -> str:
        """The id of a case."""
        return task.id

    def run(self) -> Mapping[str, Any]:
        """The rows with their stand-ins, and the tools that are offered."""
        parts = [(c.id, [m.text for m in c.messages], c.wanted, c.tools) for c in self._cases]
        filled = [(c.id, some) for c in self._cases if (some := c.unfilled(self._sees))]
        told = {"rows": digest(parts), "tools": list(self._toolbox)}
        if not filled:
            return told  # as of an LLM that sees nothing
        kinds = _kinds(handle for _, some in filled for handle in some)
        # within the rows, too: a journal knows nothing of what a later run no longer names
        return {**told, "rows": digest([*parts, *filled, drawn(kinds)]), "standins": kinds}

    def judge(self, task: Case) -> Record:
        """The verdict on one case."""
        return judge(self._planner, task, self._offered(task), sees=self._sees).form()

    def section(self, records: Sequence[Record]) -> Section:
        """Figures of all, and the modalities by family."""
        verdicts = [Verdict(**{"id": "", **record}) for record in records]
        by_family = families(verdicts)
        return Section(
            self.name,
            self.title,
            figures(verdicts),
            {
                "modalities exact, by family": [
                    wilson(family or "(no family)", sum(v.modalities for v in some), len(some))
                    for family, some in by_family.items()
                ]
            },
            notes=(
                "A row counts as exact only if its plan is valid too. Plans are the LLM's first, "
                "greedy and without a second try.",
                *_stood_in(verdicts),
            ),
            wrong=[
                {"asked": v.request, "wanted": v.wanted, "got": v.answer, "error": v.error}
                for v in verdicts
                if not v.prompts
            ][:SHOWN],
        )

    def _offered(self, case: Case) -> Toolbox:
        if not case.tools:
            return self._toolbox
        try:
            return self._toolbox.only(*case.tools)
        except RequestError as error:
            raise DataError(f"row {case.id}: {error.message}", hint=error.hint) from error


def _kinds(handles: Iterable[Handle]) -> list[Modality]:
    """The modalities of these handles."""
    there = {handle.rstrip("0123456789") for handle in handles}
    return [modality for modality in MODALITIES if modality in there]


def _stood_in(verdicts: Sequence[Verdict]) -> list[str]:
    """Of which modalities there were stand-ins; nothing if there were none."""
    filled = [verdict.standins for verdict in verdicts if verdict.standins]
    if not filled:
        return []
    kinds = ", ".join(_kinds(chain.from_iterable(filled)))
    return [
        f"Stand-ins were attached in {len(filled)} of {len(verdicts)} rows, which name attachments "
        f"that the LLM looks into and give no file of them: {kinds}."
    ]
