"""Measure a language model on hand-written requests: modalities, content words, validity.

Plans are written as the product writes them: by `TransformersLLM`, greedily, under the grammar of
the default toolbox and of the handles at hand.
"""

from __future__ import annotations

import argparse
import json
import math
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modaverse.errors import ModaVerseError
from modaverse.llm.base import LLMRequest, Message, load_llm
from modaverse.plan import Plan, check
from modaverse.toolbox import Toolbox
from modaverse_training.nano.lm.corpus import read_rows
from modaverse_training.nano.lm.rows import Row, handles

if TYPE_CHECKING:
    from modaverse.llm.base import LLM
    from modaverse.media import Modality

# Words that carry no content: what is left when these are dropped must stand in the prompt.
FUNCTION_WORDS = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "this",
            "that",
            "these",
            "those",
            "of",
            "in",
            "on",
            "at",
            "to",
            "from",
            "by",
        ),
        *(
            "with",
            "and",
            "or",
            "but",
            "for",
            "as",
            "is",
            "are",
            "was",
            "were",
            "be",
            "it",
            "its",
            "his",
        ),
        *("her", "their", "my", "your", "our", "i", "you", "he", "she", "they", "we", "me", "him"),
        *("them", "some", "any"),
    )
)


@dataclass(frozen=True)
class Verdict:
    """What one row came to."""

    row: Row
    answer: str
    error: str
    modalities: bool
    tools: bool
    exact: bool
    kept: int
    words: int
    seconds: float


def request_of(row: Row, toolbox: Toolbox) -> LLMRequest:
    """The row as the product would ask it."""
    messages = []
    for request, answer in row.history:
        messages += [Message("user", request), Message("assistant", answer)]
    names = handles(row.attachments)
    known: dict[str, Modality] = {n: n.rstrip("0123456789") for n in names}  # type: ignore[misc]
    messages.append(Message("user", row.request, names))
    return LLMRequest(tuple(messages), toolbox, known)


def content_words(text: str) -> list[str]:
    """The words of a prompt that carry content, in lower case."""
    return [w for w in re.findall(r"\w+", text.lower()) if w not in FUNCTION_WORDS]


def kept_words(wanted: Plan, got: Plan) -> tuple[int, int]:
    """How many content words of the wanted prompts stand in the plan's prompts, and of how many.

    Each call is held against the call of the same place among those of its tool.
    """
    kept = total = 0
    for tool in dict.fromkeys(call.tool for call in wanted.calls):
        theirs = [call.prompt for call in got.calls if call.tool == tool]
        for i, prompt in enumerate(c.prompt for c in wanted.calls if c.tool == tool):
            there = content_words(theirs[i]) if i < len(theirs) else []
            for word in content_words(prompt):
                total += 1
                if word in there:
                    there.remove(word)
                    kept += 1
    return kept, total


def judge(llm: LLM, row: Row, toolbox: Toolbox) -> Verdict:
    """Let the model plan one row, and compare."""
    request = request_of(row, toolbox)
    dialect = llm.dialect(toolbox)
    wanted = dialect.parse(row.answer())
    started, answer, got, error = time.perf_counter(), "", Plan(), ""
    try:
        answer = "".join(llm.stream(request))
        got = dialect.parse(answer)
        problems = check(got, toolbox, request.handles)
        error = "; ".join(p.message for p in problems)
    except ModaVerseError as failure:
        error = f"{type(failure).__name__}: {failure.message}"
    seconds = time.perf_counter() - started
    kept, words = kept_words(wanted, got)
    theirs, ours = [c.tool for c in got.calls], [c.tool for c in wanted.calls]
    same = [toolbox[t].spec.output for t in theirs] == [toolbox[t].spec.output for t in ours]
    return Verdict(
        row, answer, error, same and not error, theirs == ours and not error, got == wanted, kept,
        words, seconds,
    )  # fmt: skip


def interval(hits: int, of: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a rate."""
    if not of:
        return 0.0, 1.0
    z, rate = 1.96, hits / of
    middle = rate + z * z / (2 * of)
    width = z * math.sqrt(rate * (1 - rate) / of + z * z / (4 * of * of))
    return max(0.0, (middle - width) / (1 + z * z / of)), min(
        1.0, (middle + width) / (1 + z * z / of)
    )


def figure(name: str, hits: int, of: int) -> str:
    """One line of the report: rate, interval and count."""
    low, high = interval(hits, of)
    rate = 100 * hits / of if of else 0.0
    return f"{name:34} {rate:5.1f} %  [{100 * low:.1f}, {100 * high:.1f}]  {hits} of {of}"


def report(verdicts: Sequence[Verdict], *, families: bool = True) -> str:
    """The figures as text."""
    n = len(verdicts)
    lines = [
        figure("modalities exact", sum(v.modalities for v in verdicts), n),
        figure("tools exact", sum(v.tools for v in verdicts), n),
        figure("content words kept", sum(v.kept for v in verdicts), sum(v.words for v in verdicts)),
        figure("plan identical", sum(v.exact for v in verdicts), n),
        figure("valid", sum(not v.error for v in verdicts), n),
    ]
    times = sorted(v.seconds for v in verdicts)
    lines.append(
        f"seconds a plan: median {times[n // 2]:.3f}, 95th percentile {times[int(n * 0.95)]:.3f}"
    )
    for family in dict.fromkeys(v.row.family for v in verdicts) if families else ():
        mine = [v for v in verdicts if v.row.family == family]
        kept, words = sum(v.kept for v in mine), sum(v.words for v in mine)
        lines.append(
            figure(f"  {family}", sum(v.modalities for v in mine), len(mine))
            + f"   words {100 * kept / words if words else 100:.0f} %"
        )
    return "\n".join(lines)


def as_json(verdicts: Iterable[Verdict]) -> str:
    """Every verdict as a JSON line."""
    return "\n".join(
        json.dumps({
            "family": v.row.family, "request": v.row.request,
            "wanted": v.row.answer(), "got": v.answer,
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
    toolbox, llm = Toolbox.default(), load_llm(arguments.llm)
    rows = read_rows(arguments.requests)
    if arguments.limit:
        step = max(1, len(rows) // arguments.limit)
        rows = rows[::step]
    verdicts = [judge(llm, row, toolbox) for row in rows]
    print(report(verdicts))
    wrong = [v for v in verdicts if not v.tools or v.kept < v.words]
    for v in wrong[: arguments.show]:
        print(
            f"\n[{v.row.family}] {v.row.request}\n  wanted {v.row.answer()!r}"
            f"\n  got    {v.answer!r} {v.error}"
        )
    if arguments.out:
        arguments.out.write_text(as_json(verdicts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
