"""Writing under a grammar: forced tokens skip ahead; a spent budget and a loop end validly."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import copy
from typing import TYPE_CHECKING, Protocol

from modaverse.errors import Cancelled, LLMError
from modaverse.llm.base import Sampling

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.llm.guided import Constraint, Guide

__all__ = ["Network", "Writer", "decode"]

_RESERVE = 64  # the last tokens of a budget, kept for closing what is open
_AGAIN = 5  # times in a row that a phrase may stand in one text before the model counts as stuck
_SHORTEST, _LONGEST = 8, 96  # bytes of such a phrase


class Network(Protocol):
    """One run of a causal language model, with its cache of what was read before."""

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read more tokens; gives the logits of the next one, float32, [vocabulary]."""
        ...


def decode(
    network: Network,
    prompt: Sequence[int],
    *,
    guide: Guide,
    constraint: Constraint,
    sampling: Sampling,
    cancelled: Callable[[], bool],
    asked: str = "",
) -> Iterator[list[int]]:
    """Write the answer to `prompt`, in steps of one token or several forced ones.

    Args:
        network: The model, which has read nothing yet.
        prompt: Tokens of the conversation; at least one.
        guide: The tokenizer's side of the grammar.
        constraint: The grammar, at its start.
        sampling: How tokens are chosen, and how many at most.
        cancelled: Asked before each step.
        asked: What the person said; a phrase that they repeat themselves may be repeated.

    Yields:
        The tokens of each step, without the one that ends the answer.

    Raises:
        Cancelled: `cancelled()` became True.
        LLMError: The budget ran out where no valid plan can end, or the logits are not numbers.
    """
    writer = Writer(guide, constraint, sampling, asked)
    unread = list(prompt)
    while True:
        if cancelled():
            raise Cancelled
        step = writer.forced()
        if step == []:
            step = writer.choose(network.read(unread))
            unread = []
        if step is None:
            return
        unread += step
        yield step


class Writer:
    """One answer under its grammar; asked in turn what is forced, and what to choose.

    Args:
        guide: The tokenizer's side of the grammar.
        constraint: The grammar, at its start.
        sampling: How tokens are chosen, and how many at most.
        asked: What the person said; a phrase that they repeat themselves may be repeated.
    """

    def __init__(
        self,
        guide: Guide,
        constraint: Constraint,
        sampling: Sampling,
        asked: str = "",
    ) -> None:
        self._guide = guide
        self._constraint = constraint
        self._sampling = sampling
        self._choose = _chooser(sampling)
        self._left = sampling.max_tokens
        self._reserve = min(_RESERVE, sampling.max_tokens // 4)
        self._asked = asked.encode()
        self._tail = b""  # of the text that is being written: a line, or a string of JSON

    def forced(self) -> list[int] | None:
        """The tokens that must come next; none if there is a choice, None if the answer ends here.

        Raises:
            LLMError: The budget ran out where no valid plan can end.
        """
        if self._constraint.finished:
            return None
        if self._left <= self._reserve and self._constraint.complete:
            return None
        if self._left <= 0:
            raise _cut(self._sampling)
        return self._accepted(self._constraint.forced())

    def choose(self, scores: NDArray[np.float32]) -> list[int] | None:
        """One more token by its logits, float32, [vocabulary]; None if it ends the answer.

        Raises:
            LLMError: The logits are not numbers.
        """
        closing = self._left <= self._reserve
        closer = _closer(self._guide, self._constraint) if closing else None
        token = self._choose(scores, self._constraint) if closer is None else closer
        return None if token in self._guide.ends else self._accepted([token])

    def likeliest(self, scores: NDArray[np.float32], count: int) -> list[tuple[int, float]]:
        """Tokens that may come next by their logits, with their log probabilities, best first.

        Args:
            scores: float32, [vocabulary].
            count: Tokens at most.

        Raises:
            LLMError: The logits are not numbers.
        """
        import numpy as np

        closing = self._left <= self._reserve
        closer = _closer(self._guide, self._constraint) if closing else None
        if closer is not None:
            return [(closer, 0.0)]
        allowed = _masked(_numbers(scores), self._constraint).astype(np.float64)
        best = np.argsort(-allowed, kind="stable")[:count]
        total = np.logaddexp.reduce(scores.astype(np.float64))
        found = [token for token in best if np.isfinite(allowed[token])]
        return [(int(token), float(allowed[token] - total)) for token in found]

    def ends(self, token: int) -> bool:
        """Whether this token ends the answer."""
        return token in self._guide.ends

    def take(self, token: int) -> None:
        """Go on with a token that may come next."""
        self._accepted([token])

    def fork(self) -> Writer:
        """The same answer so far, to be gone on with in another way."""
        other = copy(self)
        other._constraint = self._constraint.copy()
        return other

    def _accepted(self, step: list[int]) -> list[int]:
        if step:
            self._constraint.accept(step)
            self._left -= len(step)
            if self._stuck(step):
                self._left = min(self._left, self._reserve)
        return step

    def _stuck(self, step: list[int]) -> bool:
        """Whether one phrase has come so often in a row that the model will not leave it."""
        written = self._tail + self._guide.bytes_of(step)
        start = max(written.rfind(b"\n"), written.rfind(b'"')) + 1
        self._tail = written[start:][-_AGAIN * _LONGEST :]
        for size in range(_SHORTEST, len(self._tail) // _AGAIN + 1):
            phrase = self._tail[-size:]
            if self._tail.endswith(phrase * _AGAIN):
                return phrase * 2 not in self._asked
        return False


def _cut(sampling: Sampling) -> LLMError:
    return LLMError(
        f"the answer was cut off after {sampling.max_tokens} tokens, in the middle of a call",
        hint="raise max_tokens, or ask for fewer things at once",
    )


def _closer(guide: Guide, constraint: Constraint) -> int | None:
    """A token that closes an open string or object here, if there is one."""
    return next((token for token in guide.closers if constraint.allows(token)), None)


def _chooser(sampling: Sampling) -> Callable[[NDArray[np.float32], Constraint], int]:
    return _greedy if sampling.temperature == 0 else _Sampler(sampling)


def _greedy(scores: NDArray[np.float32], constraint: Constraint) -> int:
    """The likeliest allowed token. If the likeliest of all is allowed, no mask is needed."""
    best = int(_numbers(scores).argmax())
    return best if constraint.allows(best) else int(_masked(scores, constraint).argmax())


def _numbers(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """The logits, if they are numbers."""
    best = scores.max()  # not a number if any is none
    if best != best:
        raise LLMError("the model's logits are not numbers", hint="load it with dtype='float32'")
    return scores


def _masked(scores: NDArray[np.float32], constraint: Constraint) -> NDArray[np.float32]:
    import numpy as np

    mask = constraint.mask()
    if not mask.any():
        raise LLMError(
            "the grammar of the plan allows no token here",
            hint="this model's tokenizer lacks a character of the grammar; use another LLM",
        )
    return np.where(mask, scores[: len(mask)], np.float32(-np.inf))


class _Sampler:
    """Draws from the allowed tokens by temperature and top_p; repeatable by its seed."""

    def __init__(self, sampling: Sampling) -> None:
        import numpy as np

        self._random = np.random.default_rng(sampling.seed % 2**64)
        self._sampling = sampling

    def __call__(self, scores: NDArray[np.float32], constraint: Constraint) -> int:
        import numpy as np

        scaled = _masked(scores, constraint).astype(np.float64) / self._sampling.temperature
        odds = np.exp(scaled - scaled.max())
        if not np.isfinite(odds).all():
            raise LLMError(
                "the model's logits are not numbers", hint="load it with dtype='float32'"
            )
        order = np.argsort(-odds, kind="stable")
        reached = np.cumsum(odds[order]) / odds.sum()
        kept = int(np.searchsorted(reached, self._sampling.top_p)) + 1
        drawn = self._random.random() * reached[min(kept, len(reached)) - 1]
        return int(order[min(int(np.searchsorted(reached, drawn, side="right")), kept - 1)])
