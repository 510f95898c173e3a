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
from modaverse.errors import BackendMissing, ConfigError, Problem
from modaverse.extras import install_line

__all__ = ["evaluate"]

_EVALUATION = "modaverse_training.evaluation.evaluate"
_BY_MODALITY = (("--judge", "judges", "FOLDER"), ("--extractor", "extractors", "NAME"))


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
    if "plans" in settings.chosen() and not settings.rows and not quiet:
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


def _evaluation() -> Any:
    try:
        return import_module(_EVALUATION)
    except ImportError as error:
        raise BackendMissing(
            f"the evaluation cannot be loaded: {error}", hint=install_line("train")
        ) from error


def _settings(kind: Any, what: Mapping[str, Any]) -> Any:
    """The settings; everything that is wrong is told of at once.

    Raises:
        ConfigError: All problems are listed.
    """
    from pydantic import ValidationError

    named = dict(what)
    problems: list[Problem | str] = []
    for option, field, wanted in _BY_MODALITY:
        named[field] = dict(pair.partition("=")[::2] for pair in what[field])
        problems += [
            f"{option} {modality} names no {wanted.lower()}: write {option} MODALITY={wanted}"
            for modality, value in named[field].items()
            if not value
        ]
    problems += _absent(named)
    try:
        settings = kind(**named)
        settings.chosen()
    except ValidationError as error:
        faults = error.errors(include_url=False)
        problems += [f"{'.'.join(map(str, f['loc']))}: {f['msg'].lower()}" for f in faults]
    except ConfigError as error:
        problems += error.problems
    if problems:
        raise ConfigError(
            problems=problems, hint="see modaverse eval --help, and docs/evaluation.md for data"
        )
    return settings


def _absent(named: Mapping[str, Any]) -> list[str]:
    """What is said of data that are not there."""
    single = ("geneval", "partiprompts", "taskbench", "captions", "generation", "material")
    places = [(name, named[name]) for name in single if named[name]]
    places += [(name, path) for name in ("rows", "described") for path in named[name]]
    return [
        f"--{name} {path}: there is no such file or folder"
        for name, path in places
        if not path.exists()
    ]


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
