"""Plans from a model that sees by itself, such as Qwen3-VL, aligned by `modaverse train`.

The folder's `modaverse.json` names the model as `"own_eyes"`; `adapter/` lies beside it, unless it
has been merged into the model, whose own folder this then is (".").
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import BackendMissing, ConfigError, LLMError, ModaVerseError, RequestError
from modaverse.hub import nearby
from modaverse.llm.backend import memory_errors, quiet, require
from modaverse.llm.base import DialectName, LLMRequest, never
from modaverse.llm.checkpoint import (
    SETTINGS_FILE,
    Checkpoint,
    ModelSettings,
    fit_for,
    load_errors,
    refuse_gaps,
)
from modaverse.llm.guided import Guide
from modaverse.llm.local import Loaded, LocalLLM, Network, context_of
from modaverse.llm.sighted import FRAMES, Sighted, SightedPrompt
from modaverse.llm.transformers import ends_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.llm.template import Prompted
    from modaverse.media import Modality

__all__ = ["OwnEyes", "SeeingLLM", "own_eyes"]

_ADAPTER = "adapter"
_KEY = "own_eyes"


@dataclass(frozen=True, slots=True)
class OwnEyes:
    """What the folder of such a model says.

    Attributes:
        model: Folder or hub id of the model itself.
        adapter: The folder of its adapter; None if that is in the weights already.
        settings: How plans are written.
        frames: The most frames that are taken from a video.
    """

    model: str
    adapter: str | None
    settings: ModelSettings
    frames: int


def own_eyes(folder: str | Path) -> OwnEyes | None:
    """What a folder says of a model that sees by itself; None if it is that of something else.

    Raises:
        ConfigError: It says what cannot be.
    """
    folder = Path(folder)
    try:
        said = json.loads((folder / SETTINGS_FILE).read_text(encoding="utf-8"))
        if not isinstance(said, dict) or not said.get(_KEY):
            return None
    except (OSError, ValueError):
        return None
    adapter = folder / _ADAPTER
    try:
        beside = folder / said[_KEY]
        settings = ModelSettings(
            said.get("dialect", "lines"), said.get("system", False), said.get("context")
        )
        frames = int(said.get("max_frames", FRAMES))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"{folder / SETTINGS_FILE} is not what it must be: {error}", hint="copy the folder anew"
        ) from error
    return OwnEyes(
        str(beside.resolve()) if beside.is_dir() else said[_KEY],
        str(adapter) if adapter.is_dir() else None,
        settings,
        frames,
    )


class SeeingLLM(LocalLLM):
    """A model that sees by itself, aligned by `modaverse train`; pictures and frames of videos.

    Nothing is loaded before the first use, or `load()`.

    Args:
        model: The alignment's folder, or that of the merged model.
        language_model: Where the model itself lies; by default where it lay when it was trained.
        adapter: Must be None: it has its own.
        device: In torch's words; by default a GPU if there is one, else the CPU.
        dtype: "float32", "bfloat16" or "float16"; by default what suits weights and device.
        dialect: How plans are written; "auto" as it was trained.
        threads: CPU threads for decoding; by default one for tiny models, else torch's own number.
        name: Name for people and for provenance; by default the last part of `model`.

    Raises:
        ConfigError: The dtype, the dialect or the folder is none, or an adapter was given.
    """

    def __init__(
        self,
        model: str | Path,
        *,
        language_model: str | Path | None = None,
        adapter: str | Path | None = None,
        device: str | None = None,
        dtype: str | None = None,
        dialect: DialectName | Literal["auto"] = "auto",
        threads: int | None = None,
        name: str | None = None,
    ) -> None:
        super().__init__(
            name or Path(model).name or str(model),
            device=device,
            dtype=dtype,
            dialect=dialect,
            threads=threads,
        )
        found = own_eyes(model)
        if found is None:
            raise ConfigError(
                f"{model} is not the folder of a model that sees by itself",
                hint="name the run of a training with model.kind=own-eyes",
            )
        if adapter is not None:
            raise ConfigError(
                f"{model} has an adapter of its own and takes no other", hint="leave --adapter out"
            )
        self._home = str(model)
        self._own = replace(found, model=str(language_model)) if language_model else found
        self._reading = Lock()

    def __repr__(self) -> str:
        """The folder, and the model it is for."""
        return f"SeeingLLM({self._home!r}, language_model={self._own.model!r})"

    @property
    def memory(self) -> int:
        """Bytes of the weights on disk; 0 if they are not in a folder."""
        return sum(file.stat().st_size for file in Path(self._own.model).glob("*.safetensors"))

    def perceives(self) -> frozenset[Modality]:
        """Pictures and videos; of sounds it knows the handles."""
        return frozenset({"image", "video"})

    def write(
        self,
        requests: Sequence[LLMRequest],
        *,
        batch: int = 16,
        cancelled: Callable[[], bool] = never,
    ) -> list[str | ModaVerseError]:
        """As of every local model, but one after the other: pictures have places of three axes."""
        written: list[str | ModaVerseError] = []
        for request in requests:
            try:
                written.append("".join(self.stream(replace(request, cancelled=cancelled))))
            except (RequestError, LLMError) as error:
                written.append(error)
        return written

    def _said(self) -> ModelSettings:
        return self._own.settings

    def _load(self, device: str) -> Loaded:
        torch, own = require("torch"), self._own
        if Path(own.model).is_absolute() and not Path(own.model).is_dir():
            raise BackendMissing(
                f"the model {own.model}, which {self._home} was trained on, is not there any more",
                hint="say where it lies now: language_model= in load_llm, or its name in "
                f"{Path(self._home) / SETTINGS_FILE}",
            )
        auto = require("transformers").AutoModelForImageTextToText
        checkpoint = Checkpoint(own.model, own.adapter)
        checkpoint.check_adapter()
        near = nearby(own.model)
        with load_errors(own.model), memory_errors(own.model), near, quiet():
            model, report = auto.from_pretrained(
                own.model,
                dtype=getattr(torch, self._dtype) if self._dtype else "auto",
                trust_remote_code=False,
                output_loading_info=True,
            )
            refuse_gaps(own.model, report)
            model = model if self._dtype else fit_for(model, device)
            model = checkpoint.adapted(model) if own.adapter else model
            model = model.to(torch.device(device)).eval()
            prompt = SightedPrompt(own.model, self.settings, own.frames)
        prompt.context = context_of(model, self.settings)
        vocabulary = model.get_output_embeddings().weight.shape[0]
        return Loaded(
            model=model,
            prompt=prompt,
            guide=Guide(prompt.tokenizer, vocabulary, ends_of(model, prompt.tokenizer)),
            threads=self._threads_for(model, device),
        )

    def _network(self, loaded: Loaded, request: LLMRequest, prompted: Prompted) -> Network:
        beside = prompted.beside if isinstance(prompted, Sighted) else {}
        return _SeeingNetwork(loaded, self.name, beside, len(prompted.tokens), self._reading)


class _SeeingNetwork(Network):
    """One conversation in a model that sees; the model itself keeps how pictures move its places.

    Args:
        loaded: The model.
        name: Of the model, for errors.
        beside: What it reads together with the first tokens.
        size: Tokens of the prompt, of which `beside` may have values.
        lock: Of the model: no two conversations may be in it at once.
    """

    def __init__(
        self, loaded: Loaded, name: str, beside: Mapping[str, Any], size: int, lock: Lock
    ) -> None:
        super().__init__(
            loaded, name, {key: value.to(loaded.model.device) for key, value in beside.items()}
        )
        self._size = size
        self._reading = lock
        self._moved: Any = None

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        """Read more tokens; gives the logits of the next one, float32, [vocabulary]."""
        pad = require("torch").nn.functional.pad
        forced = len(tokens) - self._size  # tokens of the answer that are read with the prompt
        self._beside = {
            key: pad(value, (0, forced)) if value.shape == (1, self._size) else value
            for key, value in self._beside.items()
        }
        with self._reading:
            if self._keeper is not None:
                self._keeper.rope_deltas = self._moved
            scores = super().read(tokens)
            if self._keeper is not None:
                self._moved = self._keeper.rope_deltas
        return scores

    @cached_property
    def _keeper(self) -> Any:
        """The part of the model that keeps it; None if there is none."""
        parts = self._loaded.model.modules()
        return next((part for part in parts if hasattr(part, "rope_deltas")), None)
