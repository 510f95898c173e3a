"""Any LLM as a writer of data: asked for JSON, remembered on disk, and within a budget."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from modaverse.errors import LLMError, PlanError, RequestError
from modaverse.llm.base import LLM, LLMRequest, Message, Sampling, never
from modaverse.toolbox import Toolbox

__all__ = ["Budget", "BudgetSpent", "Writer", "read_answer"]

_CHARACTERS = 4  # of a token, roughly; servers do not all tell how many they counted
_PATIENCE = 5  # failures in a row after which the LLM is given up
_LONGEST_ANSWER = 20_000  # characters that are looked through
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS spent (calls INTEGER NOT NULL, tokens INTEGER NOT NULL);
"""


class BudgetSpent(Exception):
    """Nothing more may be asked; the answers so far are remembered."""


@dataclass(frozen=True)
class Budget:
    """What may be spent, over all runs that share a cache; 0 is no limit.

    Attributes:
        calls: Questions to the LLM.
        tokens: Of questions and answers together, estimated at four characters each.
    """

    calls: int = 0
    tokens: int = 0


class Writer:
    """Asks an LLM and reads its answers as JSON; a context manager.

    Args:
        llm: Any.
        cache: The file of the answers; a question that was answered is not asked again. None
            remembers only for as long as the writer lives.
        budget: What may be spent.
        temperature: How freely it writes.
        max_tokens: Longest answer.
        cancelled: Asked between tokens.

    Attributes:
        asked: Questions put to the LLM.
        remembered: Questions answered from the cache.
        failed: Questions that it could not answer.
        unread: Answers that held no JSON of the right form.
    """

    def __init__(
        self,
        llm: LLM,
        *,
        cache: Path | None = None,
        budget: Budget | None = None,
        temperature: float = 0.8,
        max_tokens: int = 300,
        cancelled: Callable[[], bool] = never,
    ) -> None:
        self._llm = llm
        self._budget = budget or Budget()
        self._temperature, self._max_tokens = temperature, max_tokens
        self._cancelled = cancelled
        self.asked = self.remembered = self.failed = self.unread = 0
        self._in_a_row = 0
        if cache is not None:
            cache.parent.mkdir(parents=True, exist_ok=True)
        self._store = sqlite3.connect(cache or ":memory:", isolation_level=None)
        self._store.executescript(_SCHEMA)

    def __enter__(self) -> Self:
        """The writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the cache."""
        self._store.close()

    @property
    def spent(self) -> Budget:
        """What was spent so far, in all runs that share the cache."""
        query = "SELECT COALESCE(SUM(calls), 0), COALESCE(SUM(tokens), 0) FROM spent"
        with closing(self._store.execute(query)) as found:
            calls, tokens = found.fetchone()
        return Budget(calls, tokens)

    def ask(
        self, question: str, keys: Mapping[str, type], *, system: str, seed: int
    ) -> dict[str, Any] | None:
        """The answer to a question; None if there is none of the right form.

        Args:
            question: What is asked.
            keys: What the answer must have, and of which type.
            system: What the LLM is told before.
            seed: Another seed may get another answer to the same question.

        Raises:
            BudgetSpent: It is not remembered, and nothing more may be spent.
            LLMError: The LLM failed many times in a row.
            Cancelled: Somebody asked to stop.
        """
        text = self._text(question, system, seed)
        if text is None:
            return None
        answer = read_answer(text, keys)
        if answer is None:
            self.unread += 1
        return answer

    def _text(self, question: str, system: str, seed: int) -> str | None:
        sampling = Sampling(seed, self._temperature, max_tokens=self._max_tokens)
        what = [self._llm.name, repr(self._llm) if _plain(self._llm) else "", system, question]
        key = hashlib.sha256(json.dumps([*what, repr(sampling)]).encode()).hexdigest()
        query = "SELECT answer FROM answers WHERE key = ?"
        with closing(self._store.execute(query, (key,))) as found:
            known = found.fetchone()
        if known is not None:
            self.remembered += 1
            answer: str = known[0]
            return answer
        self._check_budget()
        written = self._written((Message("system", system), Message("user", question)), sampling)
        characters = len(system) + len(question) + len(written or "")
        self._store.execute("INSERT INTO spent VALUES (1, ?)", (characters // _CHARACTERS,))
        if written is not None:
            self._store.execute("INSERT OR REPLACE INTO answers VALUES (?, ?)", (key, written))
        return written

    def _written(self, messages: Sequence[Message], sampling: Sampling) -> str | None:
        """What the LLM writes; None if it fails. No tools are offered, so it is free to write."""
        self.asked += 1
        nothing = Toolbox()
        request = LLMRequest(tuple(messages), nothing, sampling=sampling, cancelled=self._cancelled)
        try:
            written = "".join(self._llm.stream(request))
        except RequestError:  # this question is too long, others may not be
            self.failed += 1
            return None
        except LLMError:
            self.failed += 1
            self._in_a_row += 1
            if self._in_a_row >= _PATIENCE:
                raise
            return None
        self._in_a_row = 0
        try:
            return self._llm.dialect(nothing).parse(written).text or written
        except PlanError:
            return written

    def _check_budget(self) -> None:
        spent = self.spent
        for limit, used in (
            (self._budget.calls, spent.calls),
            (self._budget.tokens, spent.tokens),
        ):
            if limit and used >= limit:
                raise BudgetSpent


def read_answer(text: str, keys: Mapping[str, type]) -> dict[str, Any] | None:
    """The first JSON object in a text that has these keys, of these types; None if there is none.

    Whatever stands around it is left aside: a fence, an apology, what the model thought.
    """
    decoder = json.JSONDecoder()
    text = text[:_LONGEST_ANSWER]
    at = text.find("{")
    while at >= 0:
        try:
            value, _ = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict) and all(isinstance(value.get(k), t) for k, t in keys.items()):
            return {key: value[key] for key in keys}
        at = text.find("{", at + 1)
    return None


def _plain(llm: LLM) -> bool:
    """Whether an LLM's repr says which one it is, and not only where it lies in memory."""
    return " at 0x" not in repr(llm)
