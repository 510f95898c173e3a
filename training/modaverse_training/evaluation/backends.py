"""The field's libraries, imported when a metric needs one."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from modaverse.errors import BackendMissing
from modaverse.extras import install_line

__all__ = ["library"]

_EXTRAS = {"pycocoevalcap": "captions"}  # of all other libraries it is "train"


def library(module: str) -> Any:
    """A module of a library that computes a metric.

    Raises:
        BackendMissing: It is not installed; the hint is the line to type.
    """
    package = module.split(".")[0]
    try:
        return import_module(module)
    except ImportError as error:
        raise BackendMissing(
            f"this metric is computed by {package}, which cannot be imported: {error}",
            hint=install_line(_EXTRAS.get(package, "train")),
        ) from error
