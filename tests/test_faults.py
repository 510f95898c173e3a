"""Errors of other libraries: which of them mean that memory ran out, or that a retry may help."""

from __future__ import annotations

import errno
from collections.abc import Callable

import pytest

from modaverse.errors import LLMError, OutOfMemory, RequestError, ToolError
from modaverse.faults import is_out_of_memory, is_retryable
from modaverse.llm.backend import memory_errors
from modaverse.tool import tool


class OutOfMemoryError(RuntimeError):
    """Named like torch's own."""


FULL = [
    MemoryError(),
    OutOfMemory("too large"),
    OutOfMemoryError("CUDA: tried to allocate 9 GiB"),
    RuntimeError("[enforce fail at alloc_cpu.cpp:126] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("[enforce fail] DefaultCPUAllocator: not enough memory: you tried to allocate 9"),
    RuntimeError("CUDA error: out of memory"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    OSError(errno.ENOMEM, "Cannot allocate memory"),
]
OTHERS = [
    ValueError("out of memory"),
    RuntimeError("the size of tensor a must match the size of tensor b"),
    OSError(errno.ENOSPC, "No space left on device"),
    ToolError("it failed"),
]


def raised_from(cause: Exception) -> ToolError:
    error = ToolError("it failed")
    error.__cause__ = cause
    return error


def as_tool(error: Exception) -> None:
    @tool
    def fail(prompt: str) -> str:
        """Fail."""
        raise error

    fail.call("x")


def as_llm(error: Exception) -> None:
    with memory_errors("a model"):
        raise error


@pytest.mark.parametrize("error", FULL, ids=str)
def test_memory_that_ran_out_is_known_by_many_names(error: Exception) -> None:
    assert is_out_of_memory(error)
    assert is_out_of_memory(raised_from(raised_from(error)))


@pytest.mark.parametrize("error", OTHERS, ids=str)
def test_other_errors_are_not_taken_for_it(error: Exception) -> None:
    assert not is_out_of_memory(error)
    assert not is_out_of_memory(raised_from(error))


@pytest.mark.parametrize("place", [as_tool, as_llm])
@pytest.mark.parametrize("error", FULL, ids=str)
def test_every_place_tells_it_alike(place: Callable[[Exception], None], error: Exception) -> None:
    with pytest.raises(OutOfMemory) as caught:
        place(error)
    assert caught.value.hint or caught.value is error


def test_the_llm_passes_on_what_is_no_lack_of_memory() -> None:
    with pytest.raises(RequestError, match="too long"):
        as_llm(RequestError("too long"))


@pytest.mark.parametrize(
    ("error", "may_pass"),
    [
        (ConnectionResetError(), True),
        (TimeoutError(), True),
        (LLMError("busy", retryable=True), True),
        (LLMError("no such model"), False),
        (ValueError("odd"), False),
    ],
)
def test_what_a_retry_may_help(error: Exception, may_pass: bool) -> None:
    assert is_retryable(error) is may_pass
    assert is_retryable(raised_from(error)) is may_pass


def test_an_error_raised_from_itself_ends() -> None:
    error = ToolError("it failed")
    error.__cause__ = error
    assert not is_out_of_memory(error)
