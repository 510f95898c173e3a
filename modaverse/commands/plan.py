"""`modaverse plan`: what requests would do, one at a time or every line of a file."""

from __future__ import annotations

import json as json_format
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.commands import OK, SOME_FAILED, Choices
from modaverse.commands.forms import plan_form
from modaverse.commands.interrupts import remembered
from modaverse.commands.request import request_of
from modaverse.commands.screen import show_plan
from modaverse.commands.setup import make_agent
from modaverse.commands.streams import error_form, tell_json
from modaverse.errors import BackendMissing, ConfigError, RequestError

if TYPE_CHECKING:
    from modaverse.agent import Agent

__all__ = ["plan_file", "plan_one"]

_HINT = 'write lines as {"request": "Draw a fox", "attachments": ["photo.png"]}'


def plan_one(request: str, files: Sequence[str], *, seed: int, choices: Choices, json: bool) -> int:
    """Plan one request, for "-" the one on stdin, and show the plan; gives the exit code.

    Raises:
        ModaVerseError: There is no plan.
    """
    agent = make_agent(choices, remember=False)
    request = request_of(request)
    with remembered():
        plan = agent.plan(request, files, seed=seed)
    if json:
        tell_json({**plan_form(plan, agent.toolbox), "error": None})
    else:
        show_plan(plan)
    return OK


def plan_file(name: str, *, seed: int, choices: Choices) -> int:
    """Plan every line of a file; line n of the output answers line n of the file.

    A line that is broken or cannot be planned gives an error and the next one is planned.

    Args:
        name: The file; "-" is stdin.
        seed: Of every plan.
        choices: What plans.

    Returns:
        The exit code: 1 if some line gave an error.

    Raises:
        RequestError: The file cannot be read.
        BackendMissing, ConfigError: Nothing can be planned at all.
    """
    code = OK
    with remembered() as heard:
        agent = make_agent(choices, remember=False)
        for line in _lines(name):
            answer = _answer(line, agent, seed)
            if heard:
                raise KeyboardInterrupt
            tell_json(answer, indent=None)
            if answer["error"] is not None:
                code = SOME_FAILED
    return code


def _answer(line: bytes, agent: Agent, seed: int) -> dict[str, Any]:
    """One line of the output."""
    try:
        request, attachments = _read(line)
        plan = agent.plan(request, attachments, seed=seed)
    except (BackendMissing, ConfigError):  # no other line would fare better
        raise
    except Exception as error:  # whatever is wrong with one line, the others are still planned
        return {"text": "", "calls": [], "error": error_form(error)}
    return {**plan_form(plan, agent.toolbox), "error": None}


def _read(line: bytes) -> tuple[str, list[str]]:
    """Request and attachments of a line; other keys are labels of whoever wrote the file."""
    try:
        row = json_format.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise RequestError(f"the line is no JSON: {error}", hint=_HINT) from error
    if not isinstance(row, dict):
        raise RequestError("the line is no JSON object", hint=_HINT)
    if not isinstance(row.get("request"), str):
        raise RequestError('the line has no text as "request"', hint=_HINT)
    attachments = row.get("attachments", [])
    if attachments is None:
        attachments = []
    if not isinstance(attachments, list) or not all(isinstance(a, str) for a in attachments):
        raise RequestError('"attachments" must be a list of paths', hint=_HINT)
    return row["request"], attachments


def _lines(name: str) -> Iterator[bytes]:
    """The lines of a file, or of stdin as they come."""
    if name == "-":
        yield from sys.stdin.buffer
        return
    try:
        with Path(name).open("rb") as file:
            yield from file
    except OSError as error:
        raise RequestError(
            f"cannot read {name}: {error.strerror or error}", hint="give a file, or - for stdin"
        ) from error
