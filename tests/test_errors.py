"""The tree of errors: who derives from whom, what they say, what survives a process border."""

from __future__ import annotations

import ast
import pickle
import re
from pathlib import Path

import pytest

from modaverse import errors
from modaverse.errors import (
    Cancelled,
    ConfigError,
    LLMError,
    ModaVerseError,
    PlanError,
    Problem,
    ToolError,
    ToolTimeout,
)

ROOT = Path(__file__).parents[1]


def test_every_error_has_one_root_and_stands_in_the_drawing() -> None:
    assert errors.__doc__
    drawn = set(re.findall(r"[├└]─ (\w+)", errors.__doc__)) | {"ModaVerseError"}
    defined = {name for name in errors.__all__ if name != "Problem"}
    assert drawn == defined
    assert all(issubclass(getattr(errors, name), ModaVerseError) for name in defined)


def test_text_is_message_then_hint() -> None:
    assert str(ModaVerseError("no such file")) == "no such file"
    assert str(ModaVerseError("no such file", hint="check it")) == "no such file\nhint: check it"


def test_hint_is_given_by_keyword_only() -> None:
    with pytest.raises(TypeError):
        ModaVerseError("message", "hint")  # type: ignore[call-arg]


def test_one_problem_is_the_message() -> None:
    error = PlanError(problems=[Problem("no tool 'x'", call=2, hint="use y")])
    assert error.message == "call 2: no tool 'x'"
    assert error.hint == "use y"
    assert error.problems == (Problem("no tool 'x'", call=2, hint="use y"),)


def test_all_problems_are_listed() -> None:
    error = ConfigError(problems=["workers must be above 0", Problem("unknown key 'sed'")])
    assert "workers must be above 0" in error.message
    assert "unknown key 'sed'" in error.message
    assert len(error.problems) == 2


@pytest.mark.parametrize("kind", [PlanError, ConfigError])
def test_a_bare_message_is_a_problem_too(kind: type[PlanError] | type[ConfigError]) -> None:
    error = kind("not a plan", hint="write a plan")
    assert error.problems == (Problem("not a plan", hint="write a plan"),)


def test_a_given_hint_wins_over_those_of_the_problems() -> None:
    assert PlanError(problems=[Problem("a", hint="b")], hint="c").hint == "c"


def test_tool_errors_name_the_tool() -> None:
    error = ToolTimeout("took over 3 s", tool="text-to-image")
    assert isinstance(error, ToolError)
    assert (error.tool, error.call) == ("text-to-image", None)


def test_cancelled_needs_no_words() -> None:
    assert Cancelled().message == "cancelled"
    assert "ask again" in Cancelled().hint


def test_every_error_that_is_raised_says_what_to_do_next() -> None:
    """Errors that list problems say it there; hints that callers pass on count too."""
    silent = [
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for folder in ("modaverse", "tools")
        for file in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", "") in set(errors.__all__) - {"Problem", "Cancelled"}
        and not {"hint", "problems"} & {keyword.arg for keyword in node.keywords}
    ]
    assert silent == []


@pytest.mark.parametrize(
    "error",
    [
        ModaVerseError("m", hint="h"),
        PlanError("m", problems=[Problem("p", call=1, span=(0, 3))], hint="h"),
        ToolTimeout("m", tool="t", hint="h"),
        Cancelled("m", hint="h"),
        LLMError("m", retryable=True, hint="h"),
        ConfigError(problems=["p", "q"]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_keep_everything_across_processes(error: ModaVerseError) -> None:
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)
