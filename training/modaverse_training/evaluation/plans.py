"""Plans against the plans that were wanted: modalities, tools, prompts, words, validity.

Plans are taken as the LLM first writes them: greedily, under the grammar of the tools and handles
at hand where it is a local model, and without a second try.
"""

from __future__ import annotations

import re
import time
from collections.abc import Container, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from modaverse.errors import LLMError, MediaError, ModaVerseError, PlanError, RequestError
from modaverse.llm.base import LLM, LLMRequest
from modaverse.plan import Plan, check
from modaverse_training.evaluation.cases import Case, request_of, wanted_plan
from modaverse_training.evaluation.figures import Figure, ratio, seconds, wilson

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.plan import Handle
    from modaverse.toolbox import Toolbox

__all__ = [
    "Answer",
    "Planner",
    "Verdict",
    "content_words",
    "families",
    "figures",
    "judge",
    "kept_words",
    "outputs",
    "overlap",
    "verdict",
]

#: Words that carry no content: what is left when these are dropped must stand in the prompt.
FUNCTION_WORDS = frozenset((
    "a", "an", "the", "this", "that", "these", "those", "of", "in", "on", "at", "to", "from", "by",
    "with", "and", "or", "but", "for", "as", "is", "are", "was", "were", "be", "it", "its", "his",
    "her", "their", "my", "your", "our", "i", "you", "he", "she", "they", "we", "me", "him", "them",
    "some", "any",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What an LLM wrote for one request.

    Attributes:
        text: As it stands.
        plan: What it says; empty if it is no plan.
        error: Why it is no plan, or no plan that holds; empty if it is one.
        seconds: How long it took.
    """

    text: str
    plan: Plan
    error: str
    seconds: float


class Planner:
    """Asks one LLM for plans.

    Args:
        llm: The LLM.

    Attributes:
        answered: Whether it has answered yet. Until then, an error is one of the LLM as a whole
            (no server, a wrong name), and is raised; later it is one of the request.
    """

    def __init__(self, llm: LLM) -> None:
        self.llm = llm
        self.answered = False

    def plan(self, request: LLMRequest) -> Answer:
        """The LLM's plan.

        Raises:
            LLMError: The LLM cannot be reached, or has never answered.
            BackendMissing, ConfigError, OutOfMemory: It cannot be used at all.
        """
        started = time.perf_counter()
        try:
            text: str | ModaVerseError = "".join(self.llm.stream(request))
        except (RequestError, MediaError, LLMError) as failure:
            text = failure
        return self._read(text, request, started)

    def plan_many(self, requests: Sequence[LLMRequest]) -> list[Answer]:
        """The plans of several requests: at once where the LLM can, which is sooner.

        Raises:
            ModaVerseError: As of `plan`.
        """
        write = getattr(self.llm, "write", None)
        if write is None:
            return [self.plan(request) for request in requests]
        started = time.perf_counter()
        texts = write(requests)
        return [
            self._read(text, request, started)
            for text, request in zip(texts, requests, strict=True)
        ]

    def _read(self, text: str | ModaVerseError, request: LLMRequest, started: float) -> Answer:
        """What a text says, or why there is none."""
        plan, error = Plan(), ""
        if isinstance(text, LLMError) and (text.retryable or not self.answered):
            raise text
        if isinstance(text, ModaVerseError):
            return Answer("", plan, _told(text), time.perf_counter() - started)
        self.answered = True
        try:
            plan = self.llm.dialect(request.toolbox).parse(text)
            error = "; ".join(p.message for p in check(plan, request.toolbox, request.handles))
        except PlanError as failure:
            error = _told(failure)
        return Answer(text, plan, error, time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one case came to.

    Attributes:
        id: Of the case.
        family: Of the case.
        request: What was asked.
        wanted: The plan that was wanted, in the lines dialect.
        answer: What the LLM wrote.
        error: Why that is no valid plan; empty if it is one.
        modalities: Whether the results are of exactly the wanted modalities, in their order.
        tools: Whether the tools are exactly the wanted ones, in their order.
        prompts: Whether every prompt is the wanted one, word for word, of the same tools.
        exact: Whether the plan is the wanted one, reply text and all.
        kept: Content words of the wanted prompts that stand in the plan's prompts.
        words: Content words of the wanted prompts.
        seconds: How long planning took.
        standins: Attachments that came with a stand-in, as there was no file.
    """

    id: str
    family: str
    request: str
    wanted: str
    answer: str
    error: str
    modalities: bool
    tools: bool
    prompts: bool
    exact: bool
    kept: int
    words: int
    seconds: float
    standins: Sequence[Handle] = ()

    def form(self) -> dict[str, Any]:
        """The verdict as a JSON line says it."""
        return asdict(self)


def judge(
    planner: Planner, case: Case, toolbox: Toolbox, *, sees: Container[Modality] = ()
) -> Verdict:
    """Let an LLM plan one case, and compare.

    Args:
        planner: Asks the LLM.
        case: What is asked and wanted.
        toolbox: The tools that are offered.
        sees: The modalities of which an attachment without a file comes with a stand-in.

    Raises:
        DataError: The case is broken, or a file of it.
        ModaVerseError: See `Planner.plan`.
    """
    answer = planner.plan(request_of(case, planner.llm, toolbox, sees=sees))
    return replace(verdict(case, answer, toolbox), standins=case.unfilled(sees))


def verdict(case: Case, answer: Answer, toolbox: Toolbox) -> Verdict:
    """Compare an answer with the plan that was wanted.

    Raises:
        DataError: The case is broken.
    """
    wanted = wanted_plan(case, toolbox)
    plan, holds = answer.plan, not answer.error
    kept, words = kept_words(wanted, plan)
    calls = [(call.tool, call.prompt) for call in plan.calls]
    return Verdict(
        id=case.id,
        family=case.family,
        request=case.request,
        wanted=case.wanted,
        answer=answer.text,
        error=answer.error,
        modalities=holds and outputs(plan, toolbox) == outputs(wanted, toolbox),
        tools=holds and [tool for tool, _ in calls] == [call.tool for call in wanted.calls],
        prompts=holds and calls == [(call.tool, call.prompt) for call in wanted.calls],
        exact=plan == wanted,
        kept=kept,
        words=words,
        seconds=answer.seconds,
    )


def outputs(plan: Plan, toolbox: Toolbox) -> list[Modality | None]:
    """The modality of each result; None where there is no such tool."""
    return [toolbox[c.tool].spec.output if c.tool in toolbox else None for c in plan.calls]


def content_words(text: str) -> list[str]:
    """The words of a prompt that carry content, in lower case."""
    return [word for word in re.findall(r"\w+", text.lower()) if word not in FUNCTION_WORDS]


def overlap(wanted: str, got: str) -> tuple[int, int]:
    """How many content words of a text stand in another, each as often; and of how many."""
    there, asked = content_words(got), content_words(wanted)
    kept = 0
    for word in asked:
        if word in there:
            there.remove(word)
            kept += 1
    return kept, len(asked)


def kept_words(wanted: Plan, got: Plan) -> tuple[int, int]:
    """How many content words of the wanted prompts stand in the plan's prompts, and of how many.

    Each call is held against the call of the same place among those of its tool.
    """
    kept = total = 0
    for tool in dict.fromkeys(call.tool for call in wanted.calls):
        theirs = [call.prompt for call in got.calls if call.tool == tool]
        for place, prompt in enumerate(c.prompt for c in wanted.calls if c.tool == tool):
            found, asked = overlap(prompt, theirs[place] if place < len(theirs) else "")
            kept, total = kept + found, total + asked
    return kept, total


def figures(verdicts: Sequence[Verdict]) -> list[Figure]:
    """The figures of some verdicts. Words hang together within a row, so rows are resampled."""
    count = len(verdicts)
    return [
        wilson("modalities exact", sum(v.modalities for v in verdicts), count),
        wilson("tools exact", sum(v.tools for v in verdicts), count),
        ratio("content words kept", [(v.kept, v.words) for v in verdicts]),
        wilson("prompts identical", sum(v.prompts for v in verdicts), count),
        wilson("plan identical", sum(v.exact for v in verdicts), count),
        wilson("valid", sum(not v.error for v in verdicts), count),
        seconds("seconds a plan, median", [v.seconds for v in verdicts]),
    ]


def families(verdicts: Sequence[Verdict]) -> dict[str, list[Verdict]]:
    """The verdicts by family, in their order."""
    found: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        found.setdefault(verdict.family, []).append(verdict)
    return found


def _told(failure: ModaVerseError) -> str:
    return f"{type(failure).__name__}: {failure.message}"
