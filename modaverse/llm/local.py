"""What every local model shares: loading once, decoding under the grammar, one device."""

from __future__ import annotations

import codecs
import inspect
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import ConfigError, LLMError, ModaVerseError, RequestError
from modaverse.llm.backend import memory_errors, require, threads
from modaverse.llm.base import DialectName, LLMRequest, Sampling, dialect_named, never
from modaverse.llm.batch import BatchNetwork, decode_batch
from modaverse.llm.beams import decode_beams
from modaverse.llm.decode import Writer, decode
from modaverse.llm.guided import Constraint, Guide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.dialect import Dialect
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.llm.template import Prompt, Prompted
    from modaverse.toolbox import Toolbox

__all__ = ["Loaded", "LocalLLM", "Network", "context_of", "device_for"]

_TINY = 100_000_000  # parameters: below, a second thread costs more than it brings
_DTYPES = ("float32", "bfloat16", "float16")


def _nothing(request: LLMRequest, prompted: Prompted) -> Mapping[str, Any]:
    """What a model reads beside text, if it reads nothing else."""
    return {}


@dataclass(frozen=True)
class Loaded:
    """A model in memory, with everything that is made once from it.

    Attributes:
        model: Of transformers, in evaluation mode.
        prompt: Puts requests into its words.
        guide: Its tokenizer, prepared for grammars.
        threads: CPU threads that it computes on; None leaves them alone.
        perceive: What the model reads beside the tokens, as arguments of its `forward`.
    """

    model: Any
    prompt: Prompt
    guide: Guide
    threads: int | None
    perceive: Callable[[LLMRequest, Prompted], Mapping[str, Any]] = _nothing

    @cached_property
    def last_only(self) -> dict[str, int]:
        """The argument that spares the model the logits of all tokens but the last."""
        accepted = inspect.signature(self.model.forward).parameters
        return {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}


class LocalLLM(ABC):
    """A model of transformers on this machine. Nothing is loaded before the first use, or `load()`.

    Args:
        name: Name for people and for provenance.
        device: In torch's words; by default a GPU if there is one, else the CPU.
        dtype: "float32", "bfloat16" or "float16"; by default what suits weights and device.
        dialect: How plans are written; "auto" as the model's folder says.
        threads: CPU threads for decoding; by default one for tiny models, else torch's own number.

    Raises:
        ConfigError: The dtype or the dialect is none.
    """

    def __init__(
        self,
        name: str,
        *,
        device: str | None = None,
        dtype: str | None = None,
        dialect: DialectName | Literal["auto"] = "auto",
        threads: int | None = None,
    ) -> None:
        if dtype not in (None, *_DTYPES):
            raise ConfigError(
                f"dtype is {dtype!r}; it must be one of: {', '.join(_DTYPES)}",
                hint="leave it out for what suits the weights and the device",
            )
        if dialect not in ("auto", "lines", "json"):
            raise ConfigError(
                f"dialect is {dialect!r}; it must be 'auto', 'lines' or 'json'",
                hint="leave it out to follow the model's own modaverse.json",
            )
        self.name = name
        self._device = device
        self._dtype = dtype
        self._asked_dialect = dialect
        self._threads = threads
        self._loaded: Loaded | None = None
        self._lock = Lock()

    @cached_property
    def settings(self) -> ModelSettings:
        """What the model's folder says about it, with the dialect asked for."""
        found = self._said()
        asked = self._asked_dialect
        if asked == "auto" or asked == found.dialect:
            return found
        return replace(found, dialect=asked, system=True)  # it was not trained on this one

    @property
    @abstractmethod
    def memory(self) -> int:
        """Bytes of the weights on disk; 0 if they are not in a folder."""

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """The dialect in which the model writes plans for `toolbox`."""
        return dialect_named(self.settings.dialect, toolbox)

    def load(self) -> Loaded:
        """Load weights and tokenizer now; gives them, and only gives them if they are there.

        Raises:
            BackendMissing: A package or the weights are missing.
            ConfigError: The adapter was made for another base, or there is no such device.
            LLMError: The files are damaged, or of no causal language model.
            OutOfMemory: The device is too small.
        """
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load(device_for(self._device))
            return self._loaded

    def unload(self) -> None:
        """Let go of the weights; the next use loads them again."""
        with self._lock:
            self._loaded = None

    def _loaded_for(self, requests: Sequence[LLMRequest]) -> Loaded:
        """What is needed to write these; a model whose parts come one by one gives those."""
        return self.load()

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """Write a plan that holds under the grammar, as text deltas of whole characters.

        Raises:
            RequestError: The request is longer than the model can read.
            LLMError: The budget of tokens ended in the middle of a call.
            OutOfMemory: The device is too small for the conversation.
            Cancelled: `request.cancelled()` became True.
            BackendMissing: A package or the weights are missing.
        """
        loaded = self._loaded_for([request])
        prompted = loaded.prompt.read(request)
        if self._beams(request) > 1:
            yield self._likeliest(loaded, request, prompted, request.cancelled)
            return
        steps = decode(
            self._network(loaded, request, prompted),
            prompted.tokens,
            guide=loaded.guide,
            constraint=self._constraint(loaded, request),
            sampling=_within(loaded, request, prompted),
            cancelled=request.cancelled,
            asked=request.asked,
        )
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        for step in steps:
            if text := characters.decode(loaded.guide.bytes_of(step)):
                yield text

    def write(
        self,
        requests: Sequence[LLMRequest],
        *,
        batch: int = 16,
        cancelled: Callable[[], bool] = never,
    ) -> list[str | ModaVerseError]:
        """The plans of many requests, several at a time: what `stream` writes, but sooner.

        Args:
            requests: What is asked.
            batch: Requests that are in the model at once; those of like length go together.
            cancelled: Asked between tokens, instead of each request's own.

        Returns:
            The text of each plan; where there is none, the RequestError or LLMError that says why.

        Raises:
            OutOfMemory: The device is too small for so many at once.
            Cancelled: `cancelled()` became True.
            BackendMissing: A package or the weights are missing.
        """
        loaded = self._loaded_for(requests)
        written: dict[int, str | ModaVerseError] = {}
        read: dict[int, Prompted] = {}
        for number, request in enumerate(requests):
            try:
                read[number] = loaded.prompt.read(request)
            except RequestError as error:
                written[number] = error
        for number in [each for each in read if self._beams(requests[each]) > 1]:
            row = (loaded, requests[number], read.pop(number))
            try:
                written[number] = self._likeliest(*row, cancelled)
            except LLMError as error:
                written[number] = error
        order = sorted(read, key=lambda number: len(read[number].tokens))
        for start in range(0, len(order), batch):
            numbers = order[start : start + batch]
            rows = [(requests[number], read[number]) for number in numbers]
            written |= zip(numbers, self._together(loaded, rows, cancelled), strict=True)
        return [written[number] for number in range(len(requests))]

    def _together(
        self,
        loaded: Loaded,
        rows: Sequence[tuple[LLMRequest, Prompted]],
        cancelled: Callable[[], bool],
    ) -> list[str | ModaVerseError]:
        """The plans of requests that are in the model at once."""
        answers = decode_batch(
            BatchNetwork(loaded, self.name, [loaded.perceive(*row) for row in rows]),
            [prompted.tokens for _, prompted in rows],
            [self._writer(loaded, *row) for row in rows],
            cancelled,
        )
        return [
            answer
            if isinstance(answer, LLMError)
            else loaded.guide.bytes_of(answer).decode("utf-8", "replace")
            for answer in answers
        ]

    def _likeliest(
        self,
        loaded: Loaded,
        request: LLMRequest,
        prompted: Prompted,
        cancelled: Callable[[], bool],
    ) -> str:
        """The plan that a search by beams finds; raises as `stream` does."""
        tokens = decode_beams(
            BatchNetwork(loaded, self.name, [loaded.perceive(request, prompted)]),
            prompted.tokens,
            self._writer(loaded, request, prompted),
            self._beams(request),
            cancelled,
        )
        return loaded.guide.bytes_of(tokens).decode("utf-8", "replace")

    def _beams(self, request: LLMRequest) -> int:
        """Ways in which a plan is written at once; one where tokens are drawn by chance."""
        return self.settings.beams if request.sampling.temperature == 0 else 1

    def _writer(self, loaded: Loaded, request: LLMRequest, prompted: Prompted) -> Writer:
        """What holds a plan to its grammar and its budget."""
        sampling = _within(loaded, request, prompted)
        return Writer(loaded.guide, self._constraint(loaded, request), sampling, request.asked)

    def _network(self, loaded: Loaded, request: LLMRequest, prompted: Prompted) -> Network:
        """A conversation in the model that has read nothing yet."""
        return Network(loaded, self.name, loaded.perceive(request, prompted))

    def _constraint(self, loaded: Loaded, request: LLMRequest) -> Constraint:
        """The grammar of a request's plan, at its start."""
        grammar = self.dialect(request.toolbox).grammar(request.toolbox, request.handles)
        return loaded.guide.constraint(grammar)

    @abstractmethod
    def _said(self) -> ModelSettings:
        """What the model's folder says about it."""

    @abstractmethod
    def _load(self, device: str) -> Loaded:
        """Read the weights; raises as `load` does."""

    def _threads_for(self, model: Any, device: str) -> int | None:
        if self._threads is None and device == "cpu" and model.num_parameters() < _TINY:
            return 1
        return self._threads


class Network:
    """One conversation in the model: reads tokens, remembers them in its cache.

    Args:
        loaded: The model.
        name: Of the model, for errors.
        beside: What it reads together with the first tokens, as arguments of its `forward`.
    """

    def __init__(self, loaded: Loaded, name: str, beside: Mapping[str, Any] | None = None) -> None:
        self._loaded = loaded
        self._name = name
        self._beside = dict(beside or {})
        self._cache: Any = None

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read more tokens; gives the logits of the next one, float32, [vocabulary]."""
        torch = require("torch")
        model = self._loaded.model
        with threads(self._loaded.threads), memory_errors(self._name), torch.inference_mode():
            answer = model(
                input_ids=torch.tensor([tokens], device=model.device),  # [1, s]
                past_key_values=self._cache,
                use_cache=True,
                **self._loaded.last_only,
                **self._beside,
            )
            self._beside = {}
            self._cache = answer.past_key_values
            logits: NDArray[np.float32] = answer.logits[0, -1].float().cpu().numpy()
            return logits


def _within(loaded: Loaded, request: LLMRequest, prompted: Prompted) -> Sampling:
    """How to sample an answer that still fits into the context."""
    left = loaded.prompt.context - len(prompted.tokens)
    sampling = request.sampling
    return replace(sampling, max_tokens=int(min(sampling.max_tokens, left)))


def context_of(model: Any, settings: ModelSettings) -> float:
    """Tokens that prompt and answer may have together; infinity if the model does not say."""
    own = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(own or math.inf, settings.context or math.inf)


def device_for(asked: str | None) -> str:
    """The device to load on: the one asked for if torch has it, else a GPU, else the CPU.

    Raises:
        ConfigError: There is no such device.
    """
    torch = require("torch")
    if asked is None:
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        kind = torch.device(asked).type
    except RuntimeError as error:
        raise ConfigError(
            f"{asked!r} is no device", hint="use 'cpu', 'cuda' or 'cuda:0'"
        ) from error
    there = {"cpu": True, "cuda": torch.cuda.is_available()}
    there["mps"] = torch.backends.mps.is_available()
    if not there.get(kind, True):
        raise ConfigError(f"there is no device {asked!r} here", hint="use device='cpu'")
    return asked
