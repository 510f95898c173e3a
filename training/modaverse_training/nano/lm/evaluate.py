"""Measure a language model on hand-written requests: modalities, content words, validity.

What is measured, and how, is in `modaverse_training.evaluation.plans`; `modaverse eval --rows` puts
the same figures into a report.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from modaverse.llm.base import LLM, Message, load_llm
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation import plans
from modaverse_training.evaluation.cases import Case
from modaverse_training.evaluation.figures import line, measured, wilson
from modaverse_training.evaluation.plans import Planner, Verdict
from modaverse_training.nano.lm.corpus import read_rows
from modaverse_training.nano.lm.rows import Row, handles

__all__ = ["Verdict", "as_json", "case_of", "judge", "report"]


def case_of(row: Row, name: str = "") -> Case:
    """A row as the evaluation reads it."""
    messages = []
    for request, answer in row.history:
        messages += [Message("user", request), Message("assistant", answer)]
    names = handles(row.attachments)
    messages.append(Message("user", row.request, names))
    kinds = {name: name.rstrip("0123456789") for name in names}
    return Case(
        id=name,
        messages=tuple(messages),
        wanted=row.answer(),
        handles=kinds,  # type: ignore[arg-type]
        family=row.family,
    )


def judge(llm: LLM, row: Row, toolbox: Toolbox) -> Verdict:
    """Let the model plan one row, and compare."""
    return plans.judge(Planner(llm), case_of(row), toolbox)


def report(verdicts: Sequence[Verdict], *, families: bool = True) -> str:
    """The figures as text."""
    lines = [line(figure) for figure in measured(plans.figures(verdicts))]
    for family, mine in plans.families(verdicts).items() if families else ():
        kept, words = sum(v.kept for v in mine), sum(v.words for v in mine)
        lines.append(
            line(wilson(f"  {family}", sum(v.modalities for v in mine), len(mine)))
            + (f"   words {100 * kept / words:.0f} %" if words else "")
        )
    return "\n".join(lines)


def as_json(verdicts: Iterable[Verdict]) -> str:
    """Every verdict as a JSON line."""
    return "\n".join(
        json.dumps({
            "family": v.family, "request": v.request, "wanted": v.wanted, "got": v.answer,
            "modalities": v.modalities, "tools": v.tools, "kept": v.kept, "words": v.words,
            "error": v.error,
        }, ensure_ascii=False)
        for v in verdicts
    )  # fmt: skip


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("requests", type=Path, help="JSONL of hand-written rows")
    parser.add_argument("--llm", default="nano", help="as in load_llm: nano, or a model's folder")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--show", type=int, default=0, help="print so many wrong plans")
    parser.add_argument("--out", type=Path, help="write every verdict here, as JSONL")
    arguments = parser.parse_args()
    toolbox, planner = Toolbox.default(), Planner(load_llm(arguments.llm))
    rows = read_rows(arguments.requests)
    if arguments.limit:
        step = max(1, len(rows) // arguments.limit)
        rows = rows[::step]
    verdicts = [plans.judge(planner, case_of(row), toolbox) for row in rows]
    print(report(verdicts))
    wrong = [v for v in verdicts if not v.tools or v.kept < v.words]
    for v in wrong[: arguments.show]:
        print(f"\n[{v.family}] {v.request}\n  wanted {v.wanted!r}\n  got    {v.answer!r} {v.error}")
    if arguments.out:
        arguments.out.write_text(as_json(verdicts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
