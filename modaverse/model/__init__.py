"""The multimodal LLM in the shape of transformers: encoders, projections, a causal language model.

Loaded on first use, so that importing this package loads neither torch nor transformers.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modaverse.model.alignment import add_lora, load_alignment, save_alignment
    from modaverse.model.configuration import ModaVerseConfig
    from modaverse.model.modeling import ModaVerseForConditionalGeneration
    from modaverse.model.processing import Encoded, ModaVerseProcessor

__all__ = [
    "Encoded",
    "ModaVerseConfig",
    "ModaVerseForConditionalGeneration",
    "ModaVerseProcessor",
    "add_lora",
    "load_alignment",
    "save_alignment",
]

_HOMES = {
    "alignment": ("add_lora", "load_alignment", "save_alignment"),
    "configuration": ("ModaVerseConfig",),
    "modeling": ("ModaVerseForConditionalGeneration",),
    "processing": ("Encoded", "ModaVerseProcessor"),
}
_MODULE_OF = {name: f"modaverse.model.{home}" for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    home = _MODULE_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)
