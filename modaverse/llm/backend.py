"""The packages behind local LLMs: loaded on first use, quietly, with typed errors."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from modaverse.errors import BackendMissing, OutOfMemory
from modaverse.faults import is_out_of_memory

__all__ = ["memory_errors", "quiet", "require", "threads"]


def require(package: str) -> Any:
    """Import a package of the local-LLM backend.

    Raises:
        BackendMissing: It is not installed; the hint is the line to type.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        missing = error.name or package
        raise BackendMissing(
            f"local language models need the package {missing!r}", hint=f"pip install {missing}"
        ) from error


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from drawing bars, logging below errors and warning of what it will change.

    Afterwards all is put back. peft still calls what transformers will take away.
    """
    log = require("transformers.utils.logging")
    bars, level = log.is_progress_bar_enabled(), log.get_verbosity()
    log.disable_progress_bar()
    log.set_verbosity(logging.ERROR)
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", category=FutureWarning, module="(transformers|peft)")
            yield
    finally:
        log.set_verbosity(level)
        if bars:
            log.enable_progress_bar()


@contextmanager
def memory_errors(model: str) -> Iterator[None]:
    """Turn a library's ways of saying that memory is full into `OutOfMemory`."""
    try:
        yield
    except OutOfMemory:
        raise
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        raise OutOfMemory(
            f"the memory of the device is too small for {model!r}",
            hint="close other models, shorten the request, or take a smaller model or device='cpu'",
        ) from error


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Let torch compute on `count` threads inside the block; None leaves it alone."""
    if count is None:
        yield
        return
    torch = require("torch")
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)
