"""Several requests written at once, each under its own grammar, leaving the batch when it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from modaverse.errors import Cancelled, LLMError
from modaverse.llm.backend import memory_errors, require, threads
from modaverse.llm.decode import Writer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.llm.local import Loaded

__all__ = ["BatchNetwork", "decode_batch"]


class BatchNetwork:
    """Several conversations in one model: reads tokens of each, remembers them in one cache.

    Args:
        loaded: The model.
        name: Of the model, for errors.
        beside: What each conversation reads together with its first tokens; see `Loaded.perceive`.
    """

    def __init__(self, loaded: Loaded, name: str, beside: Sequence[Mapping[str, Any]]) -> None:
        self._loaded = loaded
        self._name = name
        self._beside: Sequence[Mapping[str, Any]] = beside
        self._cache: Any = None
        self._seen: Any = None  # int64 [b, tokens so far]: 1 where one was read, 0 in padding

    def read(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Read more tokens of each; gives the logits of the next, float32, [b, vocabulary]."""
        torch = require("torch")
        model, pad = self._loaded.model, 0  # any token will do: it is masked
        width = max(len(row) for row in rows)
        tokens = torch.tensor([[pad] * (width - len(row)) + list(row) for row in rows])
        fresh = torch.tensor([[0] * (width - len(row)) + [1] * len(row) for row in rows])
        seen = fresh if self._seen is None else torch.cat([self._seen, fresh], 1)
        places = (seen.cumsum(1) - 1).clamp(min=0)[:, -width:]
        given = {"input_ids": tokens, "attention_mask": seen, "position_ids": places}
        given |= _joined(self._beside, rows, width)
        with threads(self._loaded.threads), memory_errors(self._name), torch.inference_mode():
            answer = model(
                **{name: value.to(model.device) for name, value in given.items()},
                past_key_values=self._cache,
                use_cache=True,
                **self._loaded.last_only,
            )
            self._cache, self._seen, self._beside = answer.past_key_values, seen, ()
            logits: NDArray[np.float32] = answer.logits[:, -1].float().cpu().numpy()
            return logits

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with these conversations only, in this order."""
        torch = require("torch")
        if self._cache is None:
            self._beside = [self._beside[row] for row in rows]
            return
        chosen = torch.tensor(rows)
        self._seen = self._seen[chosen]
        with threads(self._loaded.threads), torch.inference_mode():
            self._cache.batch_select_indices(chosen.to(self._loaded.model.device))


def decode_batch(
    network: BatchNetwork,
    prompts: Sequence[Sequence[int]],
    writers: Sequence[Writer],
    cancelled: Callable[[], bool],
) -> list[list[int] | LLMError]:
    """Write the answers to several prompts, each as `decode` writes it.

    Args:
        network: The model, which has read nothing yet.
        prompts: Tokens of each conversation.
        writers: Of each.
        cancelled: Asked before each step.

    Returns:
        The tokens of each answer, or why it is none.

    Raises:
        Cancelled: `cancelled()` became True.
    """
    rows = [_Row(prompt, writer) for prompt, writer in zip(prompts, writers, strict=True)]
    live = rows
    while True:
        if cancelled():
            raise Cancelled
        live = _kept(network, live, [row for row in live if row.goes_on()])
        if not live:
            return [row.error or row.answer for row in rows]
        scores = network.read([row.unread for row in live])
        alive = [row for row, of in zip(live, scores, strict=True) if row.chooses(of)]
        live = _kept(network, live, alive)


class _Row:
    """One answer of a batch: what it says so far, and what of it the model has not read."""

    def __init__(self, prompt: Sequence[int], writer: Writer) -> None:
        self.unread = list(prompt)
        self.answer: list[int] = []
        self.error: LLMError | None = None
        self._writer = writer

    def goes_on(self) -> bool:
        """Write what is forced; False if the answer ends there."""
        try:
            while step := self._writer.forced():
                self._write(step)
        except LLMError as error:
            self.error, step = error, None
        return step is not None

    def chooses(self, scores: NDArray[np.float32]) -> bool:
        """Write one more token, now that the model has read all; False if the answer ends."""
        self.unread = []
        try:
            step = self._writer.choose(scores)
        except LLMError as error:
            self.error, step = error, None
        self._write(step or [])
        return step is not None

    def _write(self, step: list[int]) -> None:
        self.answer += step
        self.unread += step


def _kept(network: BatchNetwork, live: list[_Row], alive: list[_Row]) -> list[_Row]:
    """The rows that go on, the others having left the batch."""
    if alive and len(alive) < len(live):
        network.keep([place for place, row in enumerate(live) if row in alive])
    return alive


def _joined(
    beside: Sequence[Mapping[str, Any]], rows: Sequence[Sequence[int]], width: int
) -> dict[str, Any]:
    """What is read beside the tokens of several conversations: kinds padded, media in a row."""
    torch = require("torch")
    names: Iterable[str] = dict.fromkeys(name for given in beside for name in given)
    joined = {
        name: torch.cat([given[name] for given in beside if name in given])
        for name in names
        if name != "media_kinds"
    }
    if "media_kinds" in names:
        kinds = torch.zeros(len(rows), width, dtype=torch.int64)
        for number, (given, row) in enumerate(zip(beside, rows, strict=True)):
            if "media_kinds" in given:
                start = width - len(row)  # forced tokens may follow those that have kinds
                kinds[number, start : start + given["media_kinds"].shape[1]] = given["media_kinds"]
        joined["media_kinds"] = kinds
    return joined
