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

from modaverse.errors import ConfigError
from modaverse.llm.backend import memory_errors, require, threads
from modaverse.llm.base import DialectName, LLMRequest, dialect_named
from modaverse.llm.decode import decode
from modaverse.llm.guided import Guide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.dialect import Dialect
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.llm.template import Prompt, Prompted
    from modaverse.toolbox import Toolbox

__all__ = ["Loaded", "LocalLLM", "Network", "context_of"]

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
            raise ConfigError(f"dtype is {dtype!r}; it must be one of: {', '.join(_DTYPES)}")
        if dialect not in ("auto", "lines", "json"):
            raise ConfigError(f"dialect is {dialect!r}; it must be 'auto', 'lines' or 'json'")
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
                self._loaded = self._load(_device(self._device))
            return self._loaded

    def unload(self) -> None:
        """Let go of the weights; the next use loads them again."""
        with self._lock:
            self._loaded = None

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """Write a plan that holds under the grammar, as text deltas of whole characters.

        Raises:
            RequestError: The request is longer than the model can read.
            LLMError: The budget of tokens ended in the middle of a call.
            OutOfMemory: The device is too small for the conversation.
            Cancelled: `request.cancelled()` became True.
            BackendMissing: A package or the weights are missing.
        """
        loaded = self.load()
        prompted = loaded.prompt.read(request)
        most = int(min(request.sampling.max_tokens, loaded.prompt.context - len(prompted.tokens)))
        sampling = replace(request.sampling, max_tokens=most)
        grammar = self.dialect(request.toolbox).grammar(request.toolbox, request.handles)
        steps = decode(
            Network(loaded, self.name, loaded.perceive(request, prompted)),
            prompted.tokens,
            guide=loaded.guide,
            constraint=loaded.guide.constraint(grammar),
            sampling=sampling,
            cancelled=request.cancelled,
        )
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        for step in steps:
            if text := characters.decode(loaded.guide.bytes_of(step)):
                yield text

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
        accepted = inspect.signature(loaded.model.forward).parameters
        self._last_only = {"logits_to_keep": 1} if "logits_to_keep" in accepted else {}

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read more tokens; gives the logits of the next one, float32, [vocabulary]."""
        torch = require("torch")
        model = self._loaded.model
        with threads(self._loaded.threads), memory_errors(self._name), torch.inference_mode():
            answer = model(
                input_ids=torch.tensor([tokens], device=model.device),  # [1, s]
                past_key_values=self._cache,
                use_cache=True,
                **self._last_only,
                **self._beside,
            )
            self._beside = {}
            self._cache = answer.past_key_values
            logits: NDArray[np.float32] = answer.logits[0, -1].float().cpu().numpy()
            return logits


def context_of(model: Any, settings: ModelSettings) -> float:
    """Tokens that prompt and answer may have together; infinity if the model does not say."""
    own = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(own or math.inf, settings.context or math.inf)


def _device(asked: str | None) -> str:
    """The device to load on: the one asked for if torch has it, else a GPU, else the CPU."""
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
