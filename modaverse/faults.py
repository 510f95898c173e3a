"""What an error of somebody else's code means: memory ran out, or the same may work later."""

from __future__ import annotations

import errno
from collections.abc import Iterator

from modaverse.errors import OutOfMemory

__all__ = ["is_out_of_memory", "is_retryable"]

# What allocators say in a RuntimeError, in lower case: torch's for CPUs (on Linux, on Windows),
# for CUDA, for Apple's GPUs, and CUDA's own libraries.
_MEMORY_WORDS = ("allocate memory", "enough memory", "out of memory", "alloc_failed")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether memory ran out, of the machine or of a device.

    The errors of torch and of other libraries are known by their names and words, so that none of
    them need be imported. What the error was raised from counts too.
    """
    return any(_is_memory(link) for link in _causes(error))


def is_retryable(error: BaseException) -> bool:
    """Whether the same call may succeed a little later."""
    return any(
        getattr(link, "retryable", False) or isinstance(link, ConnectionError | TimeoutError)
        for link in _causes(error)
    )


def _is_memory(error: BaseException) -> bool:
    if isinstance(error, MemoryError | OutOfMemory) or type(error).__name__ == "OutOfMemoryError":
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    told = str(error).lower() if isinstance(error, RuntimeError) else ""
    return any(words in told for words in _MEMORY_WORDS)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, and what it was raised from."""
    link: BaseException | None = error
    seen: set[int] = set()
    while link is not None and id(link) not in seen:  # `raise e from e` makes a ring
        seen.add(id(link))
        yield link
        link = link.__cause__
