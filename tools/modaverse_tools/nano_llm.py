"""The language model of the nano suite: small, offline, aligned to write plans as lines."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing
from modaverse.llm.installed import in_force
from modaverse.llm.transformers import TransformersLLM

__all__ = ["FOLDER", "load"]

FOLDER = Path(__file__).parent / "weights" / "lm"


def load(**options: Any) -> TransformersLLM:
    """The nano language model; its weights are read on first use.

    Its folder's `modaverse.json` says how it writes plans. It takes the adapter that was installed
    here (`modaverse align`), which teaches it more tools; else the one in `adapter/` beside the
    weights, where that has not been merged into them.

    Args:
        **options: As for `TransformersLLM`, such as `device=` or `adapter=`; with `adapter=None`
            it is as it came.

    Raises:
        BackendMissing: The weights are not in the package.
    """
    if not (FOLDER / "config.json").is_file():
        raise BackendMissing(
            "the weights of the nano language model are not there",
            hint="make nano (trains them), or pip install modaverse (brings them)",
        )
    if "adapter" not in options and (found := in_force("nano", FOLDER)):
        adapter, record = found
        options = {"adapter": adapter, "name": "+".join(("nano", *record.tools)), **options}
    own = FOLDER / "adapter"
    if options.get("adapter") is None:
        options["adapter"] = own if (own / "adapter_config.json").is_file() else None
    return TransformersLLM(FOLDER, **{"name": "nano", **options})
