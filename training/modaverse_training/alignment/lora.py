"""Loading what is aligned: frozen weights as they are stored or quantized, and LoRA upon them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from modaverse.errors import BackendMissing, ConfigError, LLMError, ModaVerseError
from modaverse.llm.backend import quiet, require
from modaverse_training.alignment.config import LoraSettings, ModelConfig

__all__ = [
    "base_of",
    "checkpointed",
    "fitting",
    "load_frozen",
    "loading",
    "lora_config",
    "with_lora",
]


def base_of(language: str) -> str:
    """The folder or hub id of a language model; "nano" is the one that comes with the package."""
    if language != "nano":
        return language
    from modaverse_tools.nano_llm import FOLDER

    return str(FOLDER)


def load_frozen(auto: Any, config: ModelConfig) -> Any:
    """The language model, frozen.

    Args:
        auto: The class of transformers that picks the architecture.
        config: What is aligned.

    Raises:
        BackendMissing: Its weights, or the package for quantizing them, are not there.
        LLMError: Its files are damaged.
    """
    import torch

    options: dict[str, Any] = {
        "dtype": config.dtype if config.dtype == "auto" else getattr(torch, config.dtype),
        "attn_implementation": config.attention,
    }
    if config.quantize != "none":
        options |= {"quantization_config": _quantization(config), "device_map": _own_device()}
    name = base_of(config.language)
    with loading(name), quiet():
        model = auto.from_pretrained(name, **options)
        if config.quantize != "none":
            peft = require("peft")
            model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    return model.requires_grad_(False)


def lora_config(lora: LoraSettings) -> Any:
    """The adapter's settings in peft's words."""
    return require("peft").LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha or 2 * lora.rank,
        lora_dropout=lora.dropout,
        target_modules="all-linear" if lora.targets == ("all-linear",) else list(lora.targets),
        task_type="CAUSAL_LM",
    )


def with_lora(model: Any, lora: LoraSettings) -> Any:
    """The model with an untrained adapter, whose factors are float32 and alone learn.

    Raises:
        ConfigError: The model has no layers of the names that the settings give.
    """
    with fitting(lora):
        return require("peft").get_peft_model(model, lora_config(lora))


@contextmanager
def fitting(lora: LoraSettings) -> Iterator[None]:
    """Put an adapter on.

    Raises:
        ConfigError: The model has no layers of the names that the settings give.
    """
    try:
        yield
    except ValueError as error:
        raise ConfigError(
            f"lora.targets = {', '.join(lora.targets)}: {_first_line(error)}",
            hint='name linear layers of the model, or write lora.targets = "all-linear"',
        ) from error


def checkpointed(model: Any) -> None:
    """Compute the activations of each block anew in the backward pass instead of keeping them."""
    model.activation_checkpointing_enable({"use_reentrant": False})


@contextmanager
def loading(name: str) -> Iterator[None]:
    """Errors of loading, typed.

    Raises:
        BackendMissing: The files are not there.
        LLMError: They are damaged, or of no such model.
    """
    try:
        yield
    except (ModaVerseError, MemoryError):
        raise
    except OSError as error:
        raise BackendMissing(
            f"the model {name!r} cannot be found: {_first_line(error)}",
            hint="name a folder with config.json and weights, or a hub id while online",
        ) from error
    except Exception as error:  # damaged files surface as whatever their reader happens to raise
        raise LLMError(f"the model {name!r} cannot be loaded: {_first_line(error)}") from error


def _quantization(config: ModelConfig) -> Any:
    """QLoRA's: 4 bits as normal floats, scales quantized again (arXiv 2305.14314); or 8 bits."""
    import torch

    transformers = require("transformers")
    if config.quantize == "8bit":
        return transformers.BitsAndBytesConfig(load_in_8bit=True)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _own_device() -> dict[str, int]:
    """The whole model on the device of this process."""
    import os

    return {"": int(os.environ.get("LOCAL_RANK", "0"))}


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
