"""What an LLM is here: messages and a toolbox in, the text of a plan out, piece by piece."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, runtime_checkable

from modaverse.errors import BackendMissing, ConfigError
from modaverse.llm.places import expanded, refuse_absent

if TYPE_CHECKING:
    from modaverse.dialect import Dialect
    from modaverse.media import Media, Modality
    from modaverse.plan import Handle
    from modaverse.toolbox import Toolbox

__all__ = [
    "LLM",
    "DialectName",
    "LLMRequest",
    "Message",
    "Role",
    "Sampling",
    "dialect_named",
    "load_llm",
    "never",
]

Role = Literal["system", "user", "assistant"]
DialectName = Literal["lines", "json"]


def never() -> bool:
    """The answer of a request that nobody can cancel."""
    return False


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation.

    Attributes:
        role: Who speaks.
        text: What is said; an assistant's text is a plan in the LLM's dialect.
        handles: Media that appear with this message: attachments, and results so far.
    """

    role: Role
    text: str
    handles: tuple[Handle, ...] = ()

    def shown(self, after: Mapping[Handle, str] | None = None) -> str:
        """The text as a model reads it: a user's handles stand before it, `[image1][audio1] hi`.

        Args:
            after: What follows the handle of a value that the model perceives.
        """
        if self.role != "user" or not self.handles:
            return self.text
        after = after or {}
        marks = (f"[{handle}]{after.get(handle, '')}" for handle in self.handles)
        return f"{''.join(marks)} {self.text}"


@dataclass(frozen=True, slots=True)
class Sampling:
    """How tokens are chosen.

    Attributes:
        seed: Start of the random numbers; the same seed gives the same text.
        temperature: 0 takes the likeliest token each time; 1 samples from the model's own odds.
        top_p: Only the likeliest tokens that together reach this share are sampled, 0 < top_p <= 1.
        max_tokens: Longest answer, in tokens of the model.

    Raises:
        ConfigError: A value is out of range; every problem is listed.
    """

    seed: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    max_tokens: int = 512

    def __post_init__(self) -> None:
        """Refuse values that no sampler can follow."""
        wrong = []
        if not (math.isfinite(self.temperature) and self.temperature >= 0):
            wrong.append(f"temperature is {self.temperature}; it must be 0 or more")
        if not 0 < self.top_p <= 1:
            wrong.append(f"top_p is {self.top_p}; it must be above 0 and at most 1")
        if self.max_tokens < 1:
            wrong.append(f"max_tokens is {self.max_tokens}; it must be 1 or more")
        if wrong:
            raise ConfigError(problems=wrong)


@dataclass(frozen=True, slots=True)
class LLMRequest:
    """Everything an LLM needs to write one plan.

    Attributes:
        messages: The conversation, oldest first; the last one is the person's request.
        toolbox: The tools that the plan may call.
        handles: The media that the plan may use, with their modalities.
        sampling: How tokens are chosen.
        cancelled: Asked between tokens; True stops the writing with `Cancelled`.
        media: The values of the handles, for an LLM that sees or hears; others leave them alone.
    """

    messages: tuple[Message, ...]
    toolbox: Toolbox
    handles: Mapping[Handle, Modality] = field(default_factory=dict)
    sampling: Sampling = field(default_factory=Sampling)
    cancelled: Callable[[], bool] = never
    media: Mapping[Handle, Media] = field(default_factory=dict)

    @property
    def asked(self) -> str:
        """What the person said in the whole conversation."""
        return "\n".join(message.text for message in self.messages if message.role == "user")


@runtime_checkable
class LLM(Protocol):
    """Whatever turns messages and tools into the text of a plan."""

    @property
    def name(self) -> str:
        """Short name for people and for provenance."""
        ...

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """The dialect in which this LLM writes plans for `toolbox`."""
        ...

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """Write the plan as text deltas; joined, they are one text in the LLM's dialect.

        Raises:
            RequestError: The conversation is longer than the model can read.
            LLMError: The model cannot be reached, or its answer makes no sense.
            Cancelled: `request.cancelled()` became True.
        """
        ...


def dialect_named(name: DialectName, toolbox: Toolbox) -> Dialect:
    """The dialect called `name`, set up for the tools of `toolbox`."""
    if name == "lines":
        from modaverse.dialect import Lines

        return Lines(toolbox)
    from modaverse.dialect import Json

    return Json()


def load_llm(spec: str | LLM, **options: Any) -> LLM:
    """The LLM that a short text names. Nothing heavy is loaded before it is first used.

    Args:
        spec: `"nano"` for the model that comes with the package; `"http(s)://host/v1#model"` for an
            OpenAI-compatible server; else the folder or hub id of a causal language model, of a
            multimodal LLM of ours or its alignment, the folder of a run of `modaverse train` (also
            of a model that sees by itself, or of it merged), or of a peft adapter that names its
            base. An LLM is returned as it is.
        **options: Passed to the LLM's constructor, such as `adapter=` or `device=`.

    Raises:
        ConfigError: The text names no LLM, or a folder that is not there.
        BackendMissing: `"nano"` was asked for and its package is not installed.
    """
    if not isinstance(spec, str):
        return spec
    spec = spec.strip()
    if not spec:
        raise ConfigError(
            "no LLM named", hint="use 'nano', a model folder, or http://host/v1#model"
        )
    for place in filter(None, (spec, options.get("adapter"))):
        refuse_absent(str(place))
    spec = expanded(spec)
    if spec == "nano":
        return _load_nano(options)
    if spec.startswith(("http://", "https://")):
        return _load_server(spec, options)
    from modaverse.llm.multimodal import MultimodalLLM, is_multimodal

    result = Path(spec) / "alignment"  # what a training run leaves
    if result.is_dir() and is_multimodal(str(result)):
        spec, options = str(result), {"name": Path(spec).name, **options}
    if is_multimodal(spec):
        return MultimodalLLM(spec, **options)
    from modaverse.llm.seeing import SeeingLLM, own_eyes

    if own_eyes(result) is not None:
        return SeeingLLM(result, **{"name": Path(spec).name, **options})
    if own_eyes(spec) is not None:
        return SeeingLLM(spec, **options)
    from modaverse.llm.transformers import TransformersLLM

    return TransformersLLM(spec, **options)


def _load_nano(options: dict[str, Any]) -> LLM:
    try:
        module = import_module("modaverse_tools.nano_llm")
    except ModuleNotFoundError as error:
        raise BackendMissing(
            "the nano language model is not installed", hint="pip install modaverse"
        ) from error
    llm: LLM = module.load(**options)
    return llm


def _load_server(spec: str, options: dict[str, Any]) -> LLM:
    from modaverse.llm.openai import OpenAICompatibleLLM

    base_url, _, model = spec.partition("#")
    if not model:
        raise ConfigError(f"{base_url} names a server but no model", hint=f"write {base_url}#MODEL")
    return OpenAICompatibleLLM(base_url, model, **options)
