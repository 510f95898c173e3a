"""Plans from a local causal language model of transformers, with or without a peft adapter."""

from __future__ import annotations

import codecs
import inspect
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import ConfigError, LLMError
from modaverse.llm.backend import memory_errors, require, threads
from modaverse.llm.base import DialectName, LLMRequest, dialect_named
from modaverse.llm.checkpoint import ModelSettings, read_settings, resolve
from modaverse.llm.decode import decode
from modaverse.llm.guided import Guide
from modaverse.llm.template import Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.dialect import Dialect
    from modaverse.toolbox import Toolbox

__all__ = ["Loaded", "Network", "TransformersLLM"]

_TINY = 100_000_000  # parameters: below, a second thread costs more than it brings
_DTYPES = ("float32", "bfloat16", "float16")


class TransformersLLM:
    """A causal language model from a folder or the hub, decoding under the grammar of the plan.

    Nothing is loaded before the first use, or `load()`.

    Args:
        model: Folder or hub id of a model, or folder of an adapter that names its base.
        adapter: Folder or hub id of a peft adapter for the model.
        device: In torch's words; by default a GPU if there is one, else the CPU.
        dtype: "float32", "bfloat16" or "float16"; by default what suits weights and device.
        dialect: How plans are written; "auto" follows the folder's `modaverse.json`, else json.
        threads: CPU threads for decoding; by default one for tiny models, else torch's own number.
        name: Name for people and for provenance; by default the last part of `model`.

    Raises:
        ConfigError: The dtype, the dialect or the folder is none.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        adapter: str | Path | None = None,
        device: str | None = None,
        dtype: str | None = None,
        dialect: DialectName | Literal["auto"] = "auto",
        threads: int | None = None,
        name: str | None = None,
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
        self.name = name or Path(model).name or str(model)
        self._checkpoint = resolve(str(model), str(adapter) if adapter else None)
        self._device = device
        self._dtype = dtype
        self._asked_dialect = dialect
        self._threads = threads
        self._loaded: Loaded | None = None
        self._lock = Lock()

    def __repr__(self) -> str:
        """The model and its adapter."""
        return f"TransformersLLM({self._checkpoint.base!r}, adapter={self._checkpoint.adapter!r})"

    @cached_property
    def settings(self) -> ModelSettings:
        """What the model's folder says about it, with the dialect asked for."""
        found = read_settings(self._checkpoint)
        asked = self._asked_dialect
        if asked == "auto" or asked == found.dialect:
            return found
        return replace(found, dialect=asked, system=True)  # it was not trained on this one

    @property
    def memory(self) -> int:
        """Bytes of the weights on disk; 0 if they are not in a folder."""
        files = Path(self._checkpoint.base).glob("*.safetensors")
        return sum(file.stat().st_size for file in files)

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
                self._loaded = self._load()
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
        prompt = loaded.prompt.tokens(request)
        most = int(min(request.sampling.max_tokens, loaded.prompt.context - len(prompt)))
        sampling = replace(request.sampling, max_tokens=most)
        grammar = self.dialect(request.toolbox).grammar(request.toolbox, request.handles)
        steps = decode(
            Network(loaded, self.name),
            prompt,
            guide=loaded.guide,
            constraint=loaded.guide.constraint(grammar),
            sampling=sampling,
            cancelled=request.cancelled,
        )
        characters = codecs.getincrementaldecoder("utf-8")("replace")
        for step in steps:
            if text := characters.decode(loaded.guide.bytes_of(step)):
                yield text

    def _load(self) -> Loaded:
        device = _device(self._device)
        model, tokenizer = self._checkpoint.load(device, self._dtype)
        count = self._threads
        if count is None and device == "cpu" and model.num_parameters() < _TINY:
            count = 1
        vocabulary = model.get_output_embeddings().weight.shape[0]
        return Loaded(
            model=model,
            prompt=Prompt(tokenizer, self.settings, _context(model, self.settings)),
            guide=Guide(tokenizer, vocabulary, _ends(model, tokenizer)),
            threads=count,
        )


@dataclass(frozen=True)
class Loaded:
    """A model in memory, with everything that is made once from it."""

    model: Any
    prompt: Prompt
    guide: Guide
    threads: int | None


class Network:
    """One conversation in the model: reads tokens, remembers them in its cache."""

    def __init__(self, loaded: Loaded, name: str) -> None:
        self._loaded = loaded
        self._name = name
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
            )
            self._cache = answer.past_key_values
            logits: NDArray[np.float32] = answer.logits[0, -1].float().cpu().numpy()
            return logits


def _context(model: Any, settings: ModelSettings) -> float:
    """Tokens that prompt and answer may have together; infinity if the model does not say."""
    own = getattr(model.config.get_text_config(), "max_position_embeddings", None)
    return min(own or math.inf, settings.context or math.inf)


# What ends a turn in the common chat templates; a base model's own end is often another token.
_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


def _ends(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """The tokens that end an answer."""
    named = model.generation_config.eos_token_id if model.generation_config else None
    ends = [*(named if isinstance(named, list) else [named]), tokenizer.eos_token_id]
    template = str(tokenizer.chat_template or "")
    vocabulary = tokenizer.get_added_vocab()
    ends += [vocabulary.get(mark) for mark in _TURN_ENDS if mark in template]
    found = tuple(dict.fromkeys(end for end in ends if end is not None))
    if not found:
        raise LLMError(
            "the model names no token that ends an answer",
            hint="set eos_token_id in its generation_config.json",
        )
    return found


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
