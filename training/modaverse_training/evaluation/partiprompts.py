"""The suite `partiprompts`: do PartiPrompts, asked for as pictures, go to the picture tool whole?

PartiPrompts (Yu et al., TMLR 2022, arXiv 2206.10789) are prompts with a category and a challenge,
in a file of tab-separated columns: Prompt, Category, Challenge, Note.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modaverse.errors import DataError
from modaverse.llm.base import LLMRequest, Message
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.figures import Figure, ratio, seconds, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.plans import Planner, outputs, overlap
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.suite import Section, Suite, digest

__all__ = ["REQUEST", "PartiPrompt", "PartiPromptsSuite", "read_prompts"]

#: How a prompt is put as a request: many are no requests by themselves ("bond", "element").
REQUEST = "Draw a picture of this: {}"
FILE = "PartiPrompts.tsv"
_COLUMNS = ("Prompt", "Category", "Challenge")


@dataclass(frozen=True, slots=True)
class PartiPrompt:
    """One prompt, its category (animals, arts) and what is hard about it."""

    prompt: str
    category: str
    challenge: str


def read_prompts(path: str | Path) -> list[PartiPrompt]:
    """The prompts of PartiPrompts' file, or of the folder that holds it.

    Raises:
        DataError: It cannot be read, lacks a column, or a row is cut short.
    """
    source = Path(path)
    source = source / FILE if source.is_dir() else source
    try:
        with source.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise DataError(f"it has no column {', '.join(missing)}", file=str(source))
            prompts = [_prompt(row, source, reader.line_num) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(
            f"it cannot be read: {error}", file=str(source), hint=f"give {FILE}"
        ) from error
    if not prompts:
        raise DataError("there are no prompts in it", file=str(source))
    return prompts


def _prompt(row: Mapping[str, str | None], source: Path, line: int) -> PartiPrompt:
    prompt, category, challenge = (row[name] for name in _COLUMNS)
    if not prompt or category is None or challenge is None:
        raise DataError("the row lacks a column", file=str(source), line=line)
    return PartiPrompt(prompt, category, challenge)


class PartiPromptsSuite(Suite[tuple[int, PartiPrompt]]):
    """PartiPrompts as requests.

    Args:
        planner: Asks the LLM.
        prompts: The prompts.
        toolbox: The tools.
    """

    name = "partiprompts"
    title = "Routing of PartiPrompts"

    def __init__(self, planner: Planner, prompts: Sequence[PartiPrompt], toolbox: Toolbox) -> None:
        self._planner, self._prompts, self._toolbox = planner, prompts, toolbox

    def tasks(self) -> Sequence[tuple[int, PartiPrompt]]:
        """The prompts, numbered as in the file."""
        return list(enumerate(self._prompts, 1))

    def named(self, task: tuple[int, PartiPrompt]) -> str:
        """The number of a prompt."""
        return str(task[0])

    def run(self) -> Mapping[str, Any]:
        """The prompts, the wording and the tools."""
        return {
            "prompts": digest(asdict(prompt) for prompt in self._prompts),
            "request": REQUEST,
            "tools": list(self._toolbox),
        }

    def judge(self, task: tuple[int, PartiPrompt]) -> Record:
        """Where one prompt goes, and how much of it arrives."""
        prompt = task[1]
        asked = LLMRequest((Message("user", REQUEST.format(prompt.prompt)),), self._toolbox)
        answer = self._planner.plan(asked)
        made = outputs(answer.plan, self._toolbox)
        said = [c.prompt for c, m in zip(answer.plan.calls, made, strict=True) if m == "image"]
        kept, words = overlap(prompt.prompt, " ".join(said))
        return {
            **asdict(prompt),
            "answer": answer.text,
            "error": answer.error,
            "routed": made == ["image"] and not answer.error,
            "pictures": len(said),
            "kept": kept,
            "words": words,
            "whole": said == [prompt.prompt],
            "seconds": answer.seconds,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """Routing and words kept, of all prompts, by category and by challenge."""
        count = len(records)
        groups = {
            f"one picture and nothing else, by {column}": _routed_by(records, column)
            for column in ("category", "challenge")
        }
        return Section(
            self.name,
            self.title,
            [
                wilson("one picture and nothing else", sum(r["routed"] for r in records), count),
                wilson("at least one picture", sum(r["pictures"] > 0 for r in records), count),
                ratio("content words kept", [(r["kept"], r["words"]) for r in records]),
                wilson("prompt word for word", sum(r["whole"] for r in records), count),
                wilson("valid", sum(not r["error"] for r in records), count),
                seconds("seconds a plan, median", [r["seconds"] for r in records]),
            ],
            groups,
            notes=(f"Each prompt was put as: {REQUEST.format('PROMPT')}",),
            wrong=[
                {
                    "asked": r["prompt"],
                    "wanted": "one picture",
                    "got": r["answer"],
                    "error": r["error"],
                }
                for r in records
                if not r["routed"]
            ][:SHOWN],
        )


def _routed_by(records: Sequence[Record], column: str) -> list[Figure]:
    found = []
    for name in sorted({record[column] for record in records}):
        some = [record for record in records if record[column] == name]
        found.append(wilson(name or "(none)", sum(r["routed"] for r in some), len(some)))
    return found
