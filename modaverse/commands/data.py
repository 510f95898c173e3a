"""`modaverse data`: makes, shows and counts instruction rows, by a package known by name."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from modaverse.commands import OK, SOME_FAILED
from modaverse.commands.streams import note, tell, tell_json
from modaverse.errors import BackendMissing, ConfigError
from modaverse.extras import install_line

__all__ = ["Wanted", "build", "show", "stats"]

_WIDEST = 12  # lines of a table that people are shown
_POOL = 10_000  # rows among which those of a sample are drawn


@dataclass(frozen=True)
class Wanted:
    """Which rows to show; an empty field asks for nothing.

    Attributes:
        pair: As `image -> audio`.
        family: Part of the family's name.
        text: Part of what is said.
        id: The row's id.
    """

    pair: str = ""
    family: str = ""
    text: str = ""
    id: str = ""


def build(
    config: Path | None, typed: Mapping[str, Any], *, fresh: bool, json: bool, quiet: bool
) -> int:
    """Build a data set, or go on with it; gives the exit code.

    Args:
        config: The TOML file, if any.
        typed: What was typed by the name of its option; None for what was not.
        fresh: Whether to begin anew.
        json: Whether to print the report as JSON.
        quiet: Whether to print no more than the files.

    Returns:
        The exit code: 1 if fewer rows could be made than were wanted.

    Raises:
        ModaVerseError: As `Build.run`, and for wrong settings.
    """
    settings = _part("config").read_config(config, _settings(typed))
    with _bar(shown=not (quiet or json)) as progress:
        report = _part("build").Build(settings, tell=progress).run(fresh=fresh)
    if json:
        tell_json(_report_form(report))
    else:
        for split, file in report.files.items():
            part, counted = report.parts[split], report.stats[split]
            tell(f"{file}  {counted.rows} rows" if not quiet else str(file))
            if not quiet:
                _tell_part(part)
        # Rows of described tools bring their own contents; they need no source that nobody named.
        if not quiet and (not settings.described or "sources" in settings.model_fields_set):
            _tell_sources(report)
    if _lacks_attachments(settings, report):
        note(
            "warning: no row has an attachment, since no source has media for it; name their "
            "folder (KIND=PATH@MEDIA), or set `render = true` for concepts in a TOML file"
        )
    for source in _untrained(settings, report):
        note(
            f"warning: source {source.kind} gives no row of train: its items are all for "
            f"{' and '.join(source.splits)}. A set's own splits are kept, and items of "
            'one picture or speaker stand in one split; `split = "train"` in its table of a TOML '
            "file takes all of it to train on"
        )
    for split, why in report.stopped.items():
        note(f"warning: {split}: {why}; name more captions, or raise `near`")
    return SOME_FAILED if report.stopped else OK


def show(
    file: Path, wanted: Wanted, *, limit: int, sample: int | None, skip: bool, json: bool
) -> int:
    """Show rows of a file; gives the exit code.

    Raises:
        DataError: The file cannot be read, or a row is broken and none are to be skipped.
    """
    reader = _part("row").read_rows(file, on_error="skip" if skip else "raise")
    fits = _fitting(wanted)
    rows = list(islice(filter(fits, reader), limit if sample is None else _POOL))
    if sample is not None:
        rows = Random(sample).sample(rows, min(limit, len(rows)))
    if json:
        tell_json([row.model_dump(mode="json") for row in rows])
        return OK
    for row in rows:
        _tell_row(row)
    if not rows:
        note("no such row")
    if reader.skipped:
        note(f"warning: broken rows left out: {reader.skipped}")
    return OK


def stats(files: Sequence[Path], *, temperature: float, skip: bool, json: bool) -> int:
    """Count what is in files of rows; gives the exit code.

    Raises:
        DataError: A file cannot be read, or a row is broken and none are to be skipped.
    """
    from modaverse.toolbox import Toolbox

    row, counting = _part("row"), _part("stats")
    toolbox = Toolbox.default()
    found: dict[str, Any] = {}
    for file in files:
        reader = row.read_rows(file, on_error="skip" if skip else "raise")
        counted = counting.statistics(reader, toolbox, folder=file.parent, temperature=temperature)
        found[str(file)] = counted
        if reader.skipped:
            note(f"warning: {file}: broken rows left out: {reader.skipped}")
    sampling = _part("sampling")
    counts = {name: counted.rows for name, counted in found.items() if counted.rows}
    weights = sampling.epoch_weights(counts, temperature) if len(counts) > 1 else {}
    if json:
        forms = {name: counted.model_dump(mode="json") for name, counted in found.items()}
        tell_json({"files": forms, "weights": weights})
        return OK
    for name, counted in found.items():
        _tell_stats(name, counted)
    if weights:
        tell("for a config of `modaverse train`:")
        listed = ", ".join(
            f'{{ path = "{name}", weight = {weight:.3g} }}' for name, weight in weights.items()
        )
        tell(f"  train = [{listed}]")
    return OK


def _lacks_attachments(settings: Any, report: Any) -> bool:
    """Whether rows about attachments were asked for and none were made.

    Tools that are only described say themselves what is attached.
    """
    asked = not settings.cells or any(given != "text" for given, _ in settings.cells)
    attached = any(counted.media for counted in report.stats.values())
    return bool(settings.sources) and not settings.described and asked and not attached


def _untrained(settings: Any, report: Any) -> list[Any]:
    """The sources of which nothing can be in the rows to train on, though such are made.

    One whose table says for what split it is was meant so.
    """
    if not settings.rows.train:
        return []
    pairs = zip(settings.sources, report.sources, strict=True)
    return [
        made
        for asked, made in pairs
        if made.items and asked.split is None and "train" not in made.splits
    ]


def _settings(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the settings have it."""
    names = ("out", "include", "on_error", "against", "described", "seed", "format")
    values = {name: typed[name] for name in names if typed.get(name) not in (None, [])}
    if typed.get("source"):
        values["sources"] = [_source(text) for text in typed["source"]]
    rows = {"train": typed.get("rows")}
    rows |= dict.fromkeys(("validation", "test"), typed.get("measured"))
    back = {name: typed.get(name) for name in ("llm", "calls", "tokens")}
    for name, table in (("rows", rows), ("back", back)):
        if said := {key: value for key, value in table.items() if value is not None}:
            values[name] = said
    return values


def _source(text: str) -> dict[str, str]:
    """KIND, KIND=PATH or KIND=PATH@MEDIA as a table of settings.

    Raises:
        ConfigError: It names no kind.
    """
    kind, _, rest = text.partition("=")
    path, _, media = rest.rpartition("@") if "@" in rest else (rest, "", "")
    if not kind:
        raise ConfigError(
            f"--source {text} names no kind", hint="write --source coco=captions.json"
        )
    named = {"kind": kind, "path": path, "media": media}
    return {name: value for name, value in named.items() if value}


def _fitting(wanted: Wanted) -> Callable[[Any], bool]:
    """Whether a row is wanted."""
    from modaverse.toolbox import Toolbox

    pair_of, toolbox = _part("plans").pair_of, Toolbox.default()
    pair = wanted.pair.replace(" ", "")
    if pair and "->" not in pair:
        raise ConfigError(f"--pair {wanted.pair} is no pair", hint="write --pair 'image -> audio'")

    def fits(row: Any) -> bool:
        if wanted.id and row.id != wanted.id:
            return False
        if wanted.family not in row.family:
            return False
        if wanted.text and not any(wanted.text in turn.content for turn in row.messages):
            return False
        return not pair or "->".join(pair_of(row, toolbox)) == pair

    return fits


def _tell_row(row: Any) -> None:
    tell(f"{row.id}  ({row.family or 'no family'}; {row.source or 'no source'})")
    for reference in row.media:
        told = f' "{reference.caption}"' if reference.caption else ""
        tell(f"  {reference.handle}: {reference.path or 'no file'}{told}")
    for turn in row.messages:
        attached = "".join(f"[{handle}]" for handle in turn.handles)
        first, *more = turn.content.split("\n")
        tell(f"  {turn.role:>9}: {attached}{' ' if attached else ''}{first}")
        for line in more:
            tell(f"{' ' * 13}{line}")
    tell()


def _tell_part(part: Any) -> None:
    """What was left out on the way."""
    if part.more:
        tell(f"  {part.more} of them varied twins")
    if part.written:
        tell(f"  {part.written} of them written by the LLM")
    for name, counts in (("left out", part.dropped), ("thrown away by the critic", part.thrown)):
        if counts:
            listed = ", ".join(f"{count} {why}" for why, count in sorted(counts.items()))
            tell(f"  {name}: {listed}")
    if part.spent:
        tell("  the budget for the LLM was spent on the way")


def _tell_sources(report: Any) -> None:
    for source in report.sources:
        missing = f", {source.missing} files missing" if source.missing else ""
        broken = f", {source.broken} broken rows left out" if source.broken else ""
        unfit = f", {source.unfit} without usable captions" if source.unfit else ""
        counts = ", ".join(f"{count} for {split}" for split, count in source.splits.items())
        splits = f" ({counts})" if counts else ""
        tell(f"source {source.kind}: {source.items} items{splits}{missing}{broken}{unfit}")


def _tell_stats(name: str, counted: Any) -> None:
    tell(f"{name}: {counted.rows} rows, {counted.distinct:.1%} different requests")
    asked, answered = counted.requests, counted.answers
    tell(f"  words of a request: {_lengths(asked)}; of an answer: {_lengths(answered)}")
    media = ", ".join(f"{count} {kind}" for kind, count in counted.media.items()) or "none"
    tell(f"  attached: {media}; without a file: {counted.lacking}")
    if counted.unplanned:
        tell(f"  answers that are no plan: {counted.unplanned}")
    for title, counts in (
        ("pairs", counted.pairs), ("families", counted.families), ("sources", counted.sources),
        ("turns", counted.turns), ("calls of a plan", counted.calls), ("tools", counted.tools),
        ("options", counted.options),
    ):  # fmt: skip
        weights = counted.weights if title == "pairs" else {}
        _tell_counts(title, counts, weights)


def _tell_counts(title: str, counts: Mapping[str, int], weights: Mapping[str, float]) -> None:
    """A table of counts, with the weight of each where there is one."""
    if not counts:
        return
    tell(f"  {title}:")
    shown = list(counts.items()) if weights else list(counts.items())[:_WIDEST]
    for name, count in shown:
        weight = f"  weight {weights[name]:.3g}" if name in weights else ""
        tell(f"    {count:>7}  {name}{weight}")
    if len(counts) > len(shown):
        tell(f"             and {len(counts) - len(shown)} more")


def _lengths(lengths: Any) -> str:
    return f"{lengths.mean:g} on average, 95 % up to {lengths.p95}, at most {lengths.longest}"


def _report_form(report: Any) -> dict[str, Any]:
    """The report as JSON has it."""
    return {
        "out": str(report.out),
        "files": {split: str(file) for split, file in report.files.items()},
        "sources": [vars(source) for source in report.sources],
        "parts": {split: part.model_dump(mode="json") for split, part in report.parts.items()},
        "stats": {
            split: counted.model_dump(mode="json") for split, counted in report.stats.items()
        },
        "asked": report.asked,
        "stopped": report.stopped,
    }


def _part(name: str) -> Any:
    """A module of the instruction data.

    Raises:
        BackendMissing: It, or what it needs, is not installed.
    """
    try:
        return import_module(f"modaverse_training.instructions.{name}")
    except ImportError as error:
        raise BackendMissing(
            f"the instruction data cannot be loaded: {error}", hint=install_line("train")
        ) from error


@contextlib.contextmanager
def _bar(*, shown: bool) -> Iterator[Callable[[str, int, int], None]]:
    """A bar on stderr, if somebody is there to see it; called with what, done and total."""
    if not (shown and sys.stderr.isatty()):
        yield lambda _what, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, Any] = {}

        def progress(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total or None)
            bars.update(tasks[what], completed=done)

        yield progress
