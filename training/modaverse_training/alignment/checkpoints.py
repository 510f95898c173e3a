"""Checkpoints of a run: which are good, and what happens when the disk is full."""

from __future__ import annotations

import contextlib
import errno
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from modaverse.errors import LibraryError

__all__ = ["STATE_FILE", "discard_broken", "discard_from", "guarded", "last_good", "step_of"]

STATE_FILE = "trainer_state.json"  # what the Trainer writes last
_NAME = re.compile(r"checkpoint-(\d+)")
_FULL = (errno.ENOSPC, errno.EDQUOT)
# What torch (its ends of an archive lie elsewhere than it wrote) and safetensors say when a file
# takes less than it is given; the first two tell no reason, and that is a disk without room.
_SHORT = ("inline_container", "PytorchStreamWriter")
_WRITERS = (*_SHORT, "SafetensorError", "iostream", "No space")


def step_of(checkpoint: Path) -> int:
    """The step after which a checkpoint was written."""
    found = _NAME.fullmatch(checkpoint.name)
    return int(found[1]) if found else -1


def last_good(run: Path) -> Path | None:
    """The newest checkpoint that was written to its end; None if there is none."""
    found = [path for path in _all(run) if _whole(path)]
    return max(found, key=step_of, default=None)


def discard_broken(run: Path) -> list[str]:
    """Delete checkpoints that a kill cut off; gives their names."""
    broken = [path for path in _all(run) if not _whole(path)]
    for path in broken:
        shutil.rmtree(path, ignore_errors=True)
    return [path.name for path in broken]


def discard_from(run: Path, step: int) -> None:
    """Delete the checkpoints that were written after this step or later."""
    for path in _all(run):
        if step_of(path) >= step:
            shutil.rmtree(path, ignore_errors=True)


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Write a checkpoint, or the result; if that fails, delete what there is of it.

    The checkpoints before it are kept.

    Raises:
        LibraryError: The disk is full, or the folder cannot be written.
    """
    try:
        yield
    except Exception as error:
        if not _of_the_disk(error):
            raise
        shutil.rmtree(folder, ignore_errors=True)
        good = last_good(folder.parent)
        kept = f"{good.name} is kept, and the run goes on from it" if good else "none is kept"
        name = folder.name.removeprefix(".").removesuffix(".part")
        raise LibraryError(
            f"{name} cannot be written: {_reason(error)}; {kept}",
            hint=f"free space on the disk of {folder.parent}, then type the same command",
        ) from error


def _all(run: Path) -> list[Path]:
    return [path for path in run.glob("checkpoint-*") if step_of(path) >= 0]


def _whole(checkpoint: Path) -> bool:
    try:
        state = json.loads((checkpoint / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(state.get("global_step") == step_of(checkpoint))


def _of_the_disk(error: BaseException) -> bool:
    """Whether writing failed; torch and safetensors say so in their own ways."""
    if isinstance(error, OSError):
        return True
    text = f"{type(error).__name__} {error}"
    return any(word in text for word in _WRITERS)


def _reason(error: BaseException) -> str:
    text = str(error)
    full = isinstance(error, OSError) and error.errno in _FULL
    if full or "No space" in text or any(word in text for word in _SHORT):
        return "the disk is full"
    return (text.strip() or type(error).__name__).splitlines()[0]
