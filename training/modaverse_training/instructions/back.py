"""Back-instruction: an LLM writes the request that a plan answers, and the critic reads it.

The way of the paper (arXiv 2401.06395, section 3.3), with every row checked before it is kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from modaverse.errors import PlanError
from modaverse_training.instructions import prompts
from modaverse_training.instructions.critic import faults, leaked
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.items import SPLITS
from modaverse_training.instructions.plans import last_plan
from modaverse_training.instructions.row import Row, Turn

if TYPE_CHECKING:
    from modaverse_training.instructions.items import Kind
    from modaverse_training.instructions.wishes import Desk
    from modaverse_training.instructions.workshop import Workshop
    from modaverse_training.instructions.writer import Writer

__all__ = ["BackInstruction"]

_SEEDS = 2**31
_ROLES: Mapping[Kind, str] = {"image": "paint", "audio": "sound", "video": "film"}
_TEXT: Mapping[str, type] = {"request": str}


class BackInstruction:
    """Has requests written by an LLM, and keeps those in which the critic finds no fault.

    Args:
        writer: The LLM, with its cache and budget.
        workshop: The tools.
        verify: Whether the LLM is also asked what it would make for the request that it wrote,
            and a row is kept only if that is what its plan makes. It costs a second call.

    Attributes:
        kept: How many rows were kept.
        thrown: How many were thrown away, by the kind of fault.
    """

    def __init__(self, writer: Writer, workshop: Workshop, *, verify: bool = False) -> None:
        self.writer = writer
        self.workshop = workshop
        self.verify = verify
        self.kept = 0
        self.thrown: Counter[str] = Counter()

    def rewrite(self, row: Row, rng: Random) -> Row | None:
        """The row with another request for its last plan; None if none was good.

        Raises:
            BudgetSpent, LLMError, Cancelled: As `Writer.ask`.
        """
        question = prompts.rewrite(row, rng.choice(prompts.REGISTERS))
        return self._reworded(row, question, "rewritten", rng)

    def paraphrase(self, row: Row, rng: Random) -> Row | None:
        """The row with its last request in other words; None if those were not good.

        Raises:
            BudgetSpent, LLMError, Cancelled: As `Writer.ask`.
        """
        keep = [
            call.prompt
            for call in last_plan(row).calls
            if call.prompt and call.prompt in row.request
        ]
        question = prompts.paraphrase(row.request, keep, rng.choice(prompts.REGISTERS))
        return self._reworded(row, question, "paraphrased", rng)

    def invent(self, desk: Desk, name: str) -> Row | None:
        """A row about an attachment, of which the LLM writes request and prompt.

        It knows what a grammar cannot: what a quiet lake sounds like.

        Args:
            desk: Tools, items and chance.
            name: Of the row.

        Raises:
            BudgetSpent, LLMError, Cancelled: As `Writer.ask`.
        """
        given = [kind for kind in _ROLES if desk.stock.has(kind)]
        makes = [kind for kind in _ROLES if desk.workshop.can(_ROLES[kind])]
        if not given or not makes:
            return None
        kind, wanted = desk.rng.choice(given), desk.rng.choice(makes)
        item = desk.attachment(kind, to=wanted)
        caption = desk.rng.choice(item.captions)
        question = prompts.invent(caption, kind, wanted, desk.rng.choice(prompts.REGISTERS))
        answer = self._ask(question, {"request": str, "prompt": str}, desk.rng)
        if answer is None:
            return None
        if not leaked(caption, [answer["prompt"]], share=0.3) and kind == wanted:
            self.thrown["content"] += 1  # the same again must speak of the same
            return None
        draft = Draft(desk.workshop)
        draft.attach(item, caption)
        call = Call(desk.workshop.tool(_ROLES[wanted]), answer["prompt"])
        family = f"back-{desk.split}/invented"
        return self._judged(self._drafted(draft, answer["request"], call, family, name), desk.rng)

    def use_tool(self, desk: Desk, tool: str, name: str) -> Row | None:
        """A row that uses a tool, from what the tool says of itself.

        Args:
            desk: Tools, items and chance.
            tool: The tool's name.
            name: Of the row.

        Raises:
            BudgetSpent, LLMError, Cancelled: As `Writer.ask`.
        """
        spec = desk.workshop.toolbox[tool].spec
        draft = Draft(desk.workshop)
        handles = []
        for slot in spec.inputs:
            if slot.modality == "text" or not desk.stock.has(slot.modality):
                break
            item = desk.attachment(slot.modality)
            handles.append(draft.attach(item, item.captions[0]))
        content = desk.stock.anything(desk.rng)
        question = prompts.use_tool(spec, content, desk.rng.choice(prompts.REGISTERS))
        keys = {"request": str, "prompt": str, "options": dict}
        answer = self._ask(question, keys, desk.rng)
        if answer is None:
            return None
        options = tuple(answer["options"].items())
        call = Call(tool, answer["prompt"], tuple(handles), options)
        family = f"back-{desk.split}/tool"
        return self._judged(self._drafted(draft, answer["request"], call, family, name), desk.rng)

    def _drafted(
        self, draft: Draft, request: str, call: Call, family: str, name: str
    ) -> Row | None:
        try:
            reply = reply_to([call], self.workshop)
            draft.exchange(_tidied(request), reply, [call], family)
        except (PlanError, ValidationError):
            self.thrown["plan"] += 1
            return None
        row = draft.row(name)
        return row.model_copy(update={"source": f"back {row.source.removeprefix('grammar ')}"})

    def _reworded(self, row: Row, question: str, how: str, rng: Random) -> Row | None:
        answer = self._ask(question, _TEXT, rng)
        if answer is None:
            return None
        asked = row.messages[-2]
        turn = Turn(role="user", content=_tidied(answer["request"]), handles=asked.handles)
        split = next((split for split in SPLITS if row.id.startswith(split)), "train")
        return self._judged(
            row.model_copy(
                update={
                    "messages": (*row.messages[:-2], turn, row.messages[-1]),
                    "family": f"back-{split}/{how}",
                    "source": f"back {row.source}",
                }
            ),
            rng,
        )

    def _ask(self, question: str, keys: Mapping[str, type], rng: Random) -> dict[str, Any] | None:
        seed = rng.randrange(_SEEDS)
        answer = self.writer.ask(question, keys, system=prompts.SYSTEM, seed=seed)
        if answer is None:
            self.thrown["no answer"] += 1
        return answer

    def _judged(self, row: Row | None, rng: Random) -> Row | None:
        """The row, if the critic finds no fault in it."""
        if row is None:
            return None
        found = faults(row, self.workshop.toolbox, canned=prompts.EXAMPLES)
        if not found and self.verify and not self._agrees(row, rng):
            found = ("route: the LLM would make something else",)
        if found:
            self.thrown[found[0].split(":")[0]] += 1
            return None
        self.kept += 1
        return row

    def _agrees(self, row: Row, rng: Random) -> bool:
        """Whether the LLM says that the request wants what the plan makes."""
        seed = rng.randrange(_SEEDS)
        answer = self.writer.ask(
            prompts.route(row), {"makes": list}, system=prompts.SYSTEM, seed=seed
        )
        if answer is None:
            return False
        made = {self.workshop.output(call.tool) for call in last_plan(row).calls}
        said = {kind for kind in answer["makes"] if isinstance(kind, str)}
        return (said - {"text"} or {"text"}) == (made - {"text"} or {"text"})


def _tidied(request: str) -> str:
    """A request as a person sends it: without quotes around all of it, or space."""
    text = request.strip()
    if len(text) > 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        text = text[1:-1].strip()
    return text
