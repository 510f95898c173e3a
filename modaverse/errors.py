"""Every error that ModaVerse raises on purpose, in one tree named by who must act.

ModaVerseError
├─ RequestError             the person must change the request (empty, too long, unknown handle)
├─ MediaError               a media value cannot be read, is over a limit, or is not what it claims
├─ PlanError                text is no plan, or the plan does not fit the toolbox and the handles
├─ ToolError                a tool failed
│  ├─ ToolTimeout           it took longer than it may
│  └─ ToolDefinitionError   its author must change its signature, docstring or options
├─ BackendMissing           a package or weights are missing; the hint is the line to type
├─ OutOfMemory              the device or the memory budget is too small
├─ Cancelled                somebody asked to stop
├─ LibraryError             a folder is full or read-only, or an index is damaged
├─ LLMError                 the language model cannot be reached or answers badly
├─ DataError                a data file cannot be read, or a row in it is broken
├─ TrainingError            a training cannot go on: nothing to learn from, or its loss is no number
└─ ConfigError              settings are wrong; lists all problems at once
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from modaverse.plan import ToolCall

__all__ = [
    "BackendMissing",
    "Cancelled",
    "ConfigError",
    "DataError",
    "LLMError",
    "LibraryError",
    "MediaError",
    "ModaVerseError",
    "OutOfMemory",
    "PlanError",
    "Problem",
    "RequestError",
    "ToolDefinitionError",
    "ToolError",
    "ToolTimeout",
    "TrainingError",
]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a plan, a request or a configuration.

    Attributes:
        message: What is wrong and what is allowed, in one sentence.
        call: Id of the tool call at fault, counted from 1; None if no single call is.
        span: Start and end offset of the fault in the text that was parsed; None if unknown.
        hint: What to do next; may be empty.
    """

    message: str
    call: int | None = None
    span: tuple[int, int] | None = None
    hint: str = ""

    def __str__(self) -> str:
        """The message, led by the call it is about."""
        return self.message if self.call is None else f"call {self.call}: {self.message}"


class ModaVerseError(Exception):
    """Root of every error raised on purpose.

    Args:
        message: What was wrong and, where it helps, what is allowed.
        hint: What to do next, in one line; may be empty.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        """The message, then the hint on a line of its own."""
        return f"{self.message}\nhint: {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Pickle by attributes, so that errors keep their hints across processes."""
        return (_rebuild, (type(self), self.args, self.__dict__.copy()))


def _rebuild(
    kind: type[ModaVerseError], args: tuple[object, ...], state: dict[str, object]
) -> ModaVerseError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class RequestError(ModaVerseError):
    """The person must change the request: it is empty, too long, or speaks of what is not there."""


class MediaError(ModaVerseError):
    """A media value cannot be read, is over a limit, or is not what it claims to be."""


class PlanError(ModaVerseError):
    """A text is no plan, or the plan does not fit the toolbox and the handles.

    Args:
        message: What is wrong; by default made from the problems.
        problems: Every problem found, not only the first.
        hint: What to do next; by default the first problem's hint.
    """

    def __init__(
        self, message: str = "", *, problems: Sequence[Problem] = (), hint: str = ""
    ) -> None:
        first_hint = next((problem.hint for problem in problems if problem.hint), "")
        super().__init__(
            message or _listed("the plan does not hold", problems), hint=hint or first_hint
        )
        self.problems = tuple(problems) or (Problem(self.message, hint=self.hint),)


class ToolError(ModaVerseError):
    """A tool failed.

    Args:
        message: What went wrong.
        tool: Name of the tool; empty if unknown.
        call: The call it was answering; None outside a run.
        hint: What to do next.
    """

    def __init__(
        self, message: str, *, tool: str = "", call: ToolCall | None = None, hint: str = ""
    ) -> None:
        super().__init__(message, hint=hint)
        self.tool = tool
        self.call = call


class ToolTimeout(ToolError):
    """A tool took longer than its run allows."""


class ToolDefinitionError(ToolError):
    """A tool is badly defined; its author must change the signature, docstring or options."""


class BackendMissing(ModaVerseError):
    """A package or model weights are missing; the hint is the line to type."""


class OutOfMemory(ModaVerseError):
    """The device, or the budget given for it, has too little memory for a model."""


class Cancelled(ModaVerseError):
    """Somebody asked to stop; what was finished before is kept."""

    def __init__(
        self,
        message: str = "cancelled",
        *,
        hint: str = "what was finished before is kept; ask again for the rest",
    ) -> None:
        super().__init__(message, hint=hint)


class LibraryError(ModaVerseError):
    """A file cannot be stored or found again: full disk, read-only folder, damaged index."""


class LLMError(ModaVerseError):
    """The language model cannot be reached, or its answer makes no sense.

    Args:
        message: What went wrong.
        retryable: True if the same request may succeed a little later.
        hint: What to do next.
    """

    def __init__(self, message: str, *, retryable: bool = False, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retryable = retryable


class DataError(ModaVerseError):
    """A data file cannot be read, or a row in it is broken.

    Args:
        message: What is wrong; `file` and `line` are put before it.
        file: The data file or folder; empty if there is none.
        line: The line of the file, or the row of a table, counted from 1; None if it is the whole.
        hint: What to do next.
    """

    def __init__(
        self, message: str, *, file: str = "", line: int | None = None, hint: str = ""
    ) -> None:
        place = file if line is None else f"{file}, line {line}"
        super().__init__(f"{place}: {message}" if place else message, hint=hint)
        self.reason = message
        self.file = file
        self.line = line


class TrainingError(ModaVerseError):
    """A training cannot go on: it has nothing to learn from, or its loss is no number any more."""


class ConfigError(ModaVerseError):
    """Settings are wrong.

    Args:
        message: What is wrong; by default made from the problems.
        problems: Every problem found, not only the first.
        hint: What to do next.
    """

    def __init__(
        self, message: str = "", *, problems: Sequence[Problem | str] = (), hint: str = ""
    ) -> None:
        found = tuple(Problem(item) if isinstance(item, str) else item for item in problems)
        super().__init__(message or _listed("the settings are wrong", found), hint=hint)
        self.problems = found or (Problem(self.message, hint=self.hint),)


def _listed(title: str, problems: Sequence[Problem]) -> str:
    """`title` and every problem: on one line if there is one, else one a line."""
    if not problems:
        return title
    if len(problems) == 1:
        return str(problems[0])
    return "\n".join([f"{title}:", *(f"- {problem}" for problem in problems)])
