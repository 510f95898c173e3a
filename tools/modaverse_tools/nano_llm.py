"""The language model of the nano suite: small, offline, aligned to write plans as lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing
from modaverse.llm.transformers import TransformersLLM

__all__ = ["FOLDER", "load"]

FOLDER = Path(__file__).parent / "weights" / "lm"


def load(**options: Any) -> TransformersLLM:
    """The nano language model; its weights are read on first use.

    Its folder's `modaverse.json` says how it writes plans. An adapter may lie in `adapter/` beside
    the weights, where it has not been merged into them.

    Args:
        **options: As for `TransformersLLM`, such as `device=` or `adapter=`.

    Raises:
        BackendMissing: The weights are not in the package.
    """
    if not (FOLDER / "config.json").is_file():
        raise BackendMissing(
            "the weights of the nano language model are not there",
            hint="make nano (trains them), or pip install modaverse (brings them)",
        )
    adapter = FOLDER / "adapter"
    if (adapter / "adapter_config.json").is_file():
        options = {"adapter": adapter, **options}
    return TransformersLLM(FOLDER, **{"name": "nano", **options})
