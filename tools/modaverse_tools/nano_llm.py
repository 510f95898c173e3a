"""The language model of the nano suite: small, offline, aligned to write plans as lines.

With the folders of its senses beside it, it also sees and hears what is attached to a request; text
alone it plans just as without them.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing, ConfigError
from modaverse.llm.installed import in_force
from modaverse.llm.local import LocalLLM
from modaverse.llm.multimodal import MultimodalLLM
from modaverse.llm.taught import TaughtLLM
from modaverse.llm.transformers import TransformersLLM
from modaverse.model.alignment import read_alignment

__all__ = ["FOLDER", "homes", "load"]

FOLDER = Path(__file__).parent / "weights" / "lm"
_SENSES = "senses"  # beside it: an alignment of it with its encoders


def load(*, learned: Collection[str] = (), **options: Any) -> LocalLLM:
    """The nano language model; its weights are read on first use.

    Its folder's `modaverse.json` says how it writes plans. It takes the adapter that was installed
    here (`modaverse align`), which teaches it more tools, and plans with it what calls these; else
    the one in `adapter/` beside the weights, where that has not been merged into them.

    Args:
        learned: The tools that a given `adapter=` teaches: it plans only what calls one of them.
        **options: As for `TransformersLLM` and `MultimodalLLM`, such as `device=` or `adapter=`;
            with `adapter=None` it is as it came.

    Returns:
        A `MultimodalLLM` where its senses are in the package, else a `TransformersLLM`; where it
        was taught more tools, a `TaughtLLM` of two.

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
        options, learned = {**options, "adapter": adapter}, record.tools
    if learned:
        name = options.pop("name", "+".join(("nano", *learned)))
        own = _plain({**options, "adapter": None})
        return TaughtLLM(own, _plain(options), learned, name=name)
    return _plain(options)


def _plain(options: dict[str, Any]) -> LocalLLM:
    """The language model, with its senses where they are, and with an adapter if one is given."""
    own = FOLDER / "adapter"
    if options.get("adapter") is None:
        options = {**options, "adapter": own if (own / "adapter_config.json").is_file() else None}
    options = {"name": "nano", **options}
    _, *senses = homes()
    return MultimodalLLM(senses[0], **options) if senses else TransformersLLM(FOLDER, **options)


def homes() -> list[Path]:
    """The folders of its weights: the language model; then, if all are there, what it senses by."""
    senses = FOLDER.with_name(_SENSES)
    try:
        alignment = read_alignment(senses)
        _ = alignment.adapter  # raises where it should be there and is not
    except ConfigError:
        return [FOLDER]
    parts = [Path(alignment.home(part) or "") for part in alignment.parts]
    if FOLDER.resolve() not in parts or not all((part / "config.json").is_file() for part in parts):
        return [FOLDER]
    return [FOLDER, senses, *(part for part in parts if part != FOLDER.resolve())]
