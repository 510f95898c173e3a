"""The suite `plans`: exactness, routing and prompt fidelity on rows with their wanted plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from modaverse.errors import DataError, RequestError
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.cases import Case
from modaverse_training.evaluation.figures import wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.plans import Planner, Verdict, families, figures, judge
from modaverse_training.evaluation.suite import Section, Suite, digest

__all__ = ["SHOWN", "RowSuite"]

SHOWN = 20  # wrong plans that a report shows


class RowSuite(Suite[Case]):
    """Plans against wanted plans.

    Args:
        planner: Asks the LLM.
        cases: What is asked and wanted.
        toolbox: All tools; a row that names its own is offered those alone.

    Raises:
        DataError: Two cases share an id.
    """

    name = "plans"
    title = "Plans of held-out rows"

    def __init__(self, planner: Planner, cases: Sequence[Case], toolbox: Toolbox) -> None:
        ids = [case.id for case in cases]
        if twice := next((name for name in ids if ids.count(name) > 1), None):
            raise DataError(f"two rows are named {twice!r}", hint="give each row an id of its own")
        self._planner, self._cases, self._toolbox = planner, cases, toolbox

    def tasks(self) -> Sequence[Case]:
        """The cases."""
        return self._cases

    def named(self, task: Case) -> str:
        """The id of a case."""
        return task.id

    def run(self) -> Mapping[str, Any]:
        """The rows, and the tools that are offered."""
        parts = [(c.id, [m.text for m in c.messages], c.wanted, c.tools) for c in self._cases]
        return {"rows": digest(parts), "tools": list(self._toolbox)}

    def judge(self, task: Case) -> Record:
        """The verdict on one case."""
        return judge(self._planner, task, self._offered(task)).form()

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
