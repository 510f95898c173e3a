"""`modaverse run`: one request, answered; its results as files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from modaverse.commands import Choices
from modaverse.commands.follow import follow
from modaverse.commands.forms import outcome_form
from modaverse.commands.meter import Meter
from modaverse.commands.output import OutFolder
from modaverse.commands.request import request_of
from modaverse.commands.screen import show_outcome, show_plan
from modaverse.commands.setup import make_agent
from modaverse.commands.streams import tell_json

__all__ = ["run"]


def run(
    request: str,
    files: Sequence[str],
    *,
    out: Path,
    seed: int,
    choices: Choices,
    json: bool,
    quiet: bool,
) -> int:
    """Answer a request, for "-" the one on stdin; gives the exit code.

    Raises:
        ModaVerseError: There was no plan, or the folder cannot take results.
    """
    folder = OutFolder(out)
    agent = make_agent(choices)
    request = request_of(request)
    outcome = follow(
        agent.stream(request, files, seed=seed),
        folder,
        meter=Meter(shown=not quiet),
        planned=None if json or quiet else show_plan,
    )
    if json:
        tell_json(outcome_form(outcome, agent.toolbox))
    else:
        show_outcome(outcome, quiet=quiet)
    return outcome.code
