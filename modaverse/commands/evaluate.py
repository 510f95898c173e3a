"""`modaverse eval`: measures what plans, by a package that the core knows by name."""

from __future__ import annotations

import contextlib
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from modaverse.commands import OK, Choices
from modaverse.commands.setup import chosen_settings, make_agent
from modaverse.commands.streams import note, tell, tell_json
from modaverse.errors import BackendMissing, ConfigError
from modaverse.extras import install_line

__all__ = ["evaluate", "judges_of"]

_EVALUATION = "modaverse_training.evaluation.evaluate"


def evaluate(choices: Choices, what: Mapping[str, Any], *, json: bool, quiet: bool) -> int:
    """Measure and report; gives the exit code.

    Args:
        choices: What is measured.
        what: Suites, data and limits: the fields of `EvaluationSettings`.
        json: Whether to print what is in report.json.
        quiet: Whether to print no more than the report's path.

    Raises:
        ConfigError: A value is wrong, or a suite lacks its data; all problems are listed.
        BackendMissing: The packages for training are not installed.
        ModaVerseError: Something cannot be measured.
    """
    module = _evaluation()
    settings = _settings(module.EvaluationSettings, what)
    chosen = settings.chosen()  # before anything is loaded
    if "plans" in chosen and not settings.rows and not quiet:
        note("no --rows: the plans are of the requests that nano is tested on")
    agent = make_agent(choices, remember=False)
    with _bar(shown=not quiet) as progress:
        report = module.evaluate(
            agent, settings, models=_models(choices), command=_typed(), progress=progress
        )
    if json:
        tell_json(report.form)
        return OK
    if not quiet:
        tell(report.lines())
        tell()
    tell(str(settings.out / "report.html"))
    return OK


def judges_of(pairs: tuple[str, ...]) -> dict[str, Path]:
    """MODALITY=FOLDER of each `--judge`.

    Raises:
        ConfigError: One names no folder.
    """
    judges = {}
    for pair in pairs:
        modality, _, folder = pair.partition("=")
        if not folder:
            raise ConfigError(
                f"--judge {pair} names no folder",
                hint="write --judge image=FOLDER, or audio=FOLDER",
            )
        judges[modality] = Path(folder)
    return judges


def _evaluation() -> Any:
    try:
        return import_module(_EVALUATION)
    except ImportError as error:
        raise BackendMissing(
            f"the evaluation cannot be loaded: {error}", hint=install_line("train")
        ) from error


def _settings(kind: Any, what: Mapping[str, Any]) -> Any:
    """The settings; every value that is wrong is told of."""
    from pydantic import ValidationError

    try:
        return kind(**what)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = [f"{'.'.join(map(str, f['loc']))}: {f['msg'].lower()}" for f in faults]
        raise ConfigError(problems=told, hint="see modaverse eval --help") from error


def _models(choices: Choices) -> tuple[str, ...]:
    """What the LLM and its adapter are called: their weights tell verdicts apart."""
    names = (chosen_settings(choices).llm, choices.adapter)
    return tuple(_trained(name) for name in names if name)


def _trained(name: str) -> str:
    """The alignment in the folder of a training run, whose checkpoints do not count."""
    folder = Path(name) / "alignment"
    return str(folder) if (folder / "modaverse.json").is_file() else name


def _typed() -> str:
    """The command as it was typed."""
    return shlex.join(["modaverse", *sys.argv[1:]])


@contextlib.contextmanager
def _bar(*, shown: bool) -> Iterator[Callable[[str, int, int], None] | None]:
    """A bar on stderr, one line a suite, if somebody is there to see it."""
    if not shown or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    tasks: dict[str, Any] = {}
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as bars:

        def show(suite: str, done: int, total: int) -> None:
            if suite not in tasks:
                tasks[suite] = bars.add_task(suite, total=total)
            bars.update(tasks[suite], completed=done)

        try:
            yield show
        except KeyboardInterrupt:
            bars.stop()
            note("stopped; the same command goes on from here")
            raise
