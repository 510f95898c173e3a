"""Places of models: a path that leads nowhere is told before anything heavy is imported."""

from __future__ import annotations

import re
from pathlib import Path

from modaverse.errors import ConfigError

__all__ = ["expanded", "is_path", "refuse_absent"]


def expanded(place: str) -> str:
    """The place with a leading `~` as the home folder; names and addresses stay as they are."""
    try:
        return str(Path(place).expanduser()) if place.startswith("~") else place
    except RuntimeError:  # there is no such user
        return place


def refuse_absent(place: str) -> None:
    """Refuse a path that leads to no folder; what may be a hub id or a server's address passes.

    Args:
        place: Of a model or of an adapter.

    Raises:
        ConfigError: It is a file, or can only be a path and there is no such folder.
    """
    path = Path(expanded(place))
    if "://" in place or path.is_dir():
        return
    if path.is_file():
        raise ConfigError(f"{path} is a file and no folder of a model", hint=_HINT)
    if is_path(place):
        raise ConfigError(f"there is no folder {path}", hint=_HINT)


_HINT = "name a folder that holds a model, a hub id such as Qwen/Qwen3-0.6B, or nano"


def is_path(place: str) -> bool:
    """Whether a text cannot be a hub id, which is NAME or NAME/NAME."""
    names = re.split(r"[/\\]", place)
    return place[:1] in (".", "~") or "\\" in place or len(names) > 2 or not all(names)
