"""Plans from a local causal language model of transformers, with or without a peft adapter."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from modaverse.errors import LLMError
from modaverse.llm.base import DialectName
from modaverse.llm.checkpoint import ModelSettings, read_settings, resolve
from modaverse.llm.guided import Guide
from modaverse.llm.local import Loaded, LocalLLM, Network, context_of
from modaverse.llm.template import Prompt

__all__ = ["Loaded", "Network", "TransformersLLM", "ends_of"]


class TransformersLLM(LocalLLM):
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
        super().__init__(
            name or Path(model).name or str(model),
            device=device,
            dtype=dtype,
            dialect=dialect,
            threads=threads,
        )
        self._checkpoint = resolve(str(model), str(adapter) if adapter else None)

    def __repr__(self) -> str:
        """The model and its adapter."""
        return f"TransformersLLM({self._checkpoint.base!r}, adapter={self._checkpoint.adapter!r})"

    @property
    def memory(self) -> int:
        """Bytes of the weights on disk; 0 if they are not in a folder."""
        files = Path(self._checkpoint.base).glob("*.safetensors")
        return sum(file.stat().st_size for file in files)

    def _said(self) -> ModelSettings:
        return read_settings(self._checkpoint)

    def _load(self, device: str) -> Loaded:
        model, tokenizer = self._checkpoint.load(device, self._dtype)
        vocabulary = model.get_output_embeddings().weight.shape[0]
        return Loaded(
            model=model,
            prompt=Prompt(tokenizer, self.settings, context_of(model, self.settings)),
            guide=Guide(tokenizer, vocabulary, ends_of(model, tokenizer)),
            threads=self._threads_for(model, device),
        )


# What ends a turn in the common chat templates; a base model's own end is often another token.
_TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>")


def ends_of(model: Any, tokenizer: Any) -> tuple[int, ...]:
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
