"""`modaverse train`, `merge` and `push`: the alignment stage, which the core knows by name."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from modaverse.commands import OK
from modaverse.commands.streams import note, tell, tell_json
from modaverse.errors import BackendMissing
from modaverse.extras import install_line

__all__ = ["merge", "preview", "push", "show", "train"]


def train(source: str, words: Sequence[str], *, restart: bool, quiet: bool, json: bool) -> int:
    """Train, or go on with a run; gives the exit code.

    Raises:
        ModaVerseError: As `modaverse_training.alignment.run.train`.
    """
    config = _part("reading").read_config(source, words).config
    try:
        report = _part("run").train(
            config, restart=restart, quiet=quiet or json, tell=_nothing if quiet or json else note
        )
    except KeyboardInterrupt:
        note("stopped; the same command goes on from the last checkpoint")
        raise
    if _is_helper():
        return OK
    if json:
        tell_json(_plain(report))
        return OK
    loss = "" if report.loss is None else f", loss {report.loss:.4f}"
    measured = "" if report.eval_loss is None else f", validation loss {report.eval_loss:.4f}"
    tell(f"{report.alignment}: {report.steps} steps{loss}{measured}, {report.seconds:.0f} s")
    note(f"try it: modaverse chat --llm {config.out}")
    return OK


def show(source: str, words: Sequence[str], *, json: bool) -> int:
    """Print every setting and who set it; gives the exit code.

    Raises:
        ConfigError: The settings are wrong; every problem is listed.
    """
    lines = list(_part("reading").read_config(source, words, files=False).lines())
    if json:
        tell_json({name: {"value": value, "from": who} for name, value, who in lines})
        return OK
    width = max(len(f"{name} = {value}") for name, value, _ in lines)
    for name, value, who in lines:
        tell(f"{f'{name} = {value}':<{min(width, 60)}}  # {who}")
    return OK


def preview(source: str, words: Sequence[str], *, count: int) -> int:
    """Print rows with the tokens that are learned set off; gives the exit code.

    Raises:
        ModaVerseError: As `modaverse_training.alignment.run.prepare`.
    """
    config = _part("reading").read_config(source, words).config
    material = _part("run").prepare(config)
    from rich.console import Console

    console = Console(soft_wrap=True, highlight=False)
    for text in _part("preview").preview(material, count):
        console.print(text)
    return OK


def merge(run: Path, out: Path, *, json: bool) -> int:
    """Write the whole model of a run; gives the exit code.

    Raises:
        ModaVerseError: As `modaverse_training.alignment.merge.merge`.
    """
    folder = _part("merge").merge(run, out)
    return _told({"folder": str(folder)}, json=json)


def push(run: Path, repo: str, *, public: bool, json: bool) -> int:
    """Upload a run's alignment; gives the exit code.

    Raises:
        ModaVerseError: As `modaverse_training.alignment.push.push`.
    """
    return _told({"url": _part("push").push(run, repo, public=public)}, json=json)


def _part(name: str) -> Any:
    """A module of the alignment stage; its warnings are told as those of the core.

    Raises:
        BackendMissing: It, or what it needs, is not installed.
    """
    logging.getLogger("modaverse_training").handlers = logging.getLogger("modaverse").handlers
    try:
        return import_module(f"modaverse_training.alignment.{name}")
    except ImportError as error:
        raise BackendMissing(
            f"training cannot be loaded: {error}", hint=install_line("train")
        ) from error


def _is_helper() -> bool:
    """Whether this is one of several processes, and not the one that tells."""
    rank: int = _part("arguments").world()[0]
    return rank > 0


def _plain(report: Any) -> dict[str, Any]:
    """A report as JSON has it."""
    return {name: str(v) if isinstance(v, Path) else v for name, v in vars(report).items()}


def _told(values: dict[str, str], *, json: bool) -> int:
    if json:
        tell_json(values)
    else:
        for value in values.values():
            tell(value)
    return OK


def _nothing(_: str) -> None:
    """Tell nothing."""
