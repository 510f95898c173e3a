"""The grammar as a constraint on tokens: what is forced, what is allowed, when the text may end."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from modaverse.errors import LLMError
from modaverse.llm.backend import require

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["CLOSERS", "Constraint", "Guide"]

_FEWER = "leave out tools that are not needed, as the setting `without` does"
_COMPILED = 16  # grammars kept; a chat asks for the same one again and again
# What closes an open JSON object, the longest first: tried in this order when the budget runs out.
CLOSERS = ('"}]}', '"]', '"}', '"', "}]}", "]}", "}}", "}", "]")


class Guide:
    """A tokenizer prepared for constrained decoding; made once a model, shared by all requests.

    Args:
        tokenizer: A fast tokenizer of transformers.
        vocabulary: Number of logits of the model, which may be more than the tokenizer has tokens.
        ends: Tokens that end a reply.

    Raises:
        BackendMissing: llguidance is not installed.
        LLMError: The tokenizer is not a fast one, or of a kind llguidance cannot read.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, ends: Sequence[int]) -> None:
        hf = require("llguidance.hf")
        try:
            self._tokenizer = hf.from_tokenizer(tokenizer, n_vocab=vocabulary, eos_token=list(ends))
        except Exception as error:  # llguidance raises bare ValueError and its own kinds alike
            raise LLMError(
                f"this tokenizer cannot be constrained: {error}",
                hint="use a model that has a tokenizer.json",
            ) from error
        self.vocabulary = vocabulary
        self.ends = frozenset(ends)
        self.closers = self._single_tokens(CLOSERS)
        self._compiled: OrderedDict[str, Any] = OrderedDict()
        self._lock = Lock()

    def constraint(self, grammar: str) -> Constraint:
        """A fresh constraint to the Lark `grammar`.

        Raises:
            LLMError: The grammar does not compile.
        """
        with self._lock:
            matcher = self._compiled.get(grammar) or self.compile(grammar)
            self._compiled[grammar] = matcher
            self._compiled.move_to_end(grammar)
            while len(self._compiled) > _COMPILED:
                self._compiled.popitem(last=False)
            return Constraint(matcher.deep_copy(), self)

    def bytes_of(self, tokens: Sequence[int]) -> bytes:
        """The bytes that the tokens write; they may end inside a character."""
        written: bytes = self._tokenizer.decode_bytes(list(tokens))
        return written

    def compile(self, grammar: str) -> Any:
        """The matcher of a Lark grammar, at its start; `constraint` keeps those it has made.

        Raises:
            LLMError: The grammar does not compile.
        """
        matcher = require("llguidance").LLMatcher(self._tokenizer, grammar)
        if matcher.is_error():
            raise LLMError(
                f"the grammar of the plan does not compile: {matcher.get_error()}", hint=_FEWER
            )
        return matcher

    def _single_tokens(self, texts: Sequence[str]) -> tuple[int, ...]:
        encoded = (self._tokenizer.tokenize_str(text) for text in texts)
        return tuple(tokens[0] for tokens in encoded if len(tokens) == 1)


class Constraint:
    """Where one text stands in its grammar."""

    def __init__(self, matcher: Any, guide: Guide) -> None:
        self._matcher = matcher
        self._guide = guide

    def copy(self) -> Constraint:
        """The same place in the same grammar, to go on from in another way."""
        return Constraint(self._matcher.deep_copy(), self._guide)

    @property
    def complete(self) -> bool:
        """Whether the text so far is a whole sentence of the grammar."""
        return bool(self._matcher.is_accepting())

    @property
    def finished(self) -> bool:
        """Whether the text is whole and nothing may follow."""
        return bool(self._matcher.is_stopped())

    def forced(self) -> list[int]:
        """The tokens that must come next, because the grammar leaves no choice; may be empty."""
        tokens: list[int] = self._matcher.compute_ff_tokens()
        return tokens

    def allows(self, token: int) -> bool:
        """Whether `token` may come next. Far cheaper than `mask`."""
        if token in self._guide.ends:
            return self.complete
        return bool(self._matcher.validate_tokens([token]) == 1)

    def mask(self) -> NDArray[np.bool_]:
        """Which tokens may come next: bool, [vocabulary]."""
        import numpy as np

        size = self._guide.vocabulary
        packed = np.zeros((size + 31) // 32, dtype=np.int32)
        self._matcher.unsafe_compute_mask_ptr(packed.ctypes.data, packed.nbytes)
        self._check()
        bits = np.unpackbits(packed.view(np.uint8), count=size, bitorder="little")
        return bits.astype(np.bool_)

    def accept(self, tokens: Sequence[int]) -> None:
        """Go on past `tokens`.

        Raises:
            LLMError: They are not allowed here, or the grammar is too complex.
        """
        if not self._matcher.consume_tokens(list(tokens)):
            self._check()

    def _check(self) -> None:
        if self._matcher.is_error():
            raise LLMError(
                f"the grammar of the plan failed: {self._matcher.get_error()}", hint=_FEWER
            )
