"""One answer written in several ways at once, of which the likeliest whole is taken.

Token by token, a model that hesitates between two names may begin the one and end the other, and
make up a word. A beam search compares whole answers. It is the sum of log probabilities that
counts, without a penalty of length: scores only fall, so the search may stop, and has missed
nothing that it followed, once no unfinished answer is likelier than the best finished one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from modaverse.errors import Cancelled, LLMError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.llm.batch import BatchNetwork
    from modaverse.llm.decode import Writer

__all__ = ["decode_beams"]


@dataclass
class _Beam:
    """One way to write the answer, so far.

    Attributes:
        writer: Its grammar and budget.
        score: Sum of the log probabilities of its tokens; those that are forced cost nothing.
        unread: What the model has not read of it.
        answer: Its tokens.
        place: Of the row in the model that it goes on from.
    """

    writer: Writer
    score: float
    unread: list[int]
    answer: list[int] = field(default_factory=list)
    place: int = 0


def decode_beams(
    network: BatchNetwork,
    prompt: Sequence[int],
    writer: Writer,
    width: int,
    cancelled: Callable[[], bool],
) -> list[int]:
    """Write the likeliest answer that a search of this width finds.

    Args:
        network: The model, which has read nothing yet, with one conversation.
        prompt: Tokens of the conversation; at least one.
        writer: The grammar and the budget of the answer, at its start.
        width: Ways that are followed at once.
        cancelled: Asked before each step.

    Returns:
        The tokens of the answer, without the one that ends it.

    Raises:
        Cancelled: `cancelled()` became True.
        LLMError: No way led to a valid plan within the budget.
    """
    search = _Search()
    live = search.going_on([_Beam(writer, 0.0, list(prompt))])
    while live and not search.over(live):
        if cancelled():
            raise Cancelled
        scores = network.read([beam.unread for beam in live])
        live = search.going_on(search.grown(live, scores, width))
        if [beam.place for beam in live] != list(range(len(scores))) and live:
            network.keep([beam.place for beam in live])
    return search.answer()


class _Search:
    """The best answer that has ended, and why others could not."""

    def __init__(self) -> None:
        self._best: _Beam | None = None
        self._error = LLMError(
            "the answer could not be begun",
            hint="raise max_tokens, or ask for fewer things at once",
        )

    def over(self, live: Iterable[_Beam]) -> bool:
        """Whether no unfinished answer can become likelier than the best."""
        return self._best is not None and self._best.score >= max(beam.score for beam in live)

    def answer(self) -> list[int]:
        """The best; raises what ended the last way if none led anywhere."""
        if self._best is None:
            raise self._error
        return self._best.answer

    def grown(self, live: Sequence[_Beam], scores: NDArray[np.float32], width: int) -> list[_Beam]:
        """The likeliest ways on, one token longer; those that end are compared with the best."""
        found = [
            (beam.score + score, token, place)
            for place, (beam, row) in enumerate(zip(live, scores, strict=True))
            for token, score in beam.writer.likeliest(row, 2 * width)
        ]
        grown: list[_Beam] = []
        for rank, (score, token, place) in enumerate(sorted(found, key=lambda way: -way[0])):
            parent = live[place]
            if parent.writer.ends(token):
                if rank < width:
                    self._ended(_Beam(parent.writer, score, [], parent.answer))
                continue
            answer = [*parent.answer, token]
            grown.append(_Beam(parent.writer.fork(), score, [token], answer, place))
            if len(grown) == width:
                break
        return grown

    def going_on(self, beams: Iterable[_Beam]) -> list[_Beam]:
        """Write what is forced of each; those that end there are compared with the best."""
        return [beam for beam in beams if self._goes_on(beam)]

    def _goes_on(self, beam: _Beam) -> bool:
        try:
            if beam.answer:
                beam.writer.take(beam.answer[-1])
            while step := beam.writer.forced():
                beam.answer += step
                beam.unread += step
        except LLMError as error:
            self._error = error
            return False
        if step is None:
            self._ended(beam)
        return step is not None

    def _ended(self, beam: _Beam) -> None:
        if self._best is None or beam.score > self._best.score:
            self._best = beam
