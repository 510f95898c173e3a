"""Teach a model a tool that it has never seen, and put that into force if nothing was lost by it.

Data from the tool's docstring, options and examples; the adapter goes on from the one in force,
with rows of what was known before among the new ones; both are measured before and after on
requests that nothing was learned from. It is installed only if

- the old requests did not get worse: the share of exact plans fell by no more than the margin (2
  points unless told otherwise); and by no more than half of it where there are so many more plans
  lost than won that chance makes it in less than one case in twenty (sign test on the plans that
  changed): there are always requests that the new tool may rightly take;
- the tool was learned: more plans won than lost, by the same test.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from modaverse import __version__
from modaverse.errors import ConfigError, RequestError
from modaverse.llm.base import load_llm
from modaverse.llm.checkpoint import ModelSettings
from modaverse.llm.installed import (
    ADAPTER,
    Installed,
    fingerprint,
    home_of,
    install,
    installed,
)
from modaverse.llm.local import LocalLLM
from modaverse.llm.multimodal import MultimodalLLM
from modaverse.plan import closest
from modaverse.toolbox import BUILT_IN, Toolbox
from modaverse_training.evaluation.cases import Case, read_cases
from modaverse_training.instructions.row import Row, read_rows, write_rows
from modaverse_training.newtool import old
from modaverse_training.newtool.learning import Lesson, learn
from modaverse_training.newtool.material import Material, held_back, rows_of
from modaverse_training.newtool.measuring import LEVEL, Paired, exact
from modaverse_training.newtool.subject import Subject, read_subject

__all__ = ["Report", "Wishes", "align", "preview"]

_NEW, _OLD = 120, 120  # held-out requests by grammar: of the tool, of what was known before
_EARLIER = 600  # rows of each tool that was learned here before
_TAUGHT, _HELD_OUT = "taught", "held-out"  # folders beside an installed adapter

Tell = Callable[[str], None]
Step = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Wishes:
    """What is wanted.

    Attributes:
        tool: The tool's name.
        base: The model: "nano", a folder or a hub id.
        out: Folder of the adapter; None for the one from which the model takes it by itself.
        rows: How many rows teach the tool; as many are of what was known before.
        replay: Files of instruction rows that the base was aligned on; nano has its own.
        requests: Files of requests by hand, for the tool or for others, to measure on as well.
        margin: Points by which the exact plans of old requests may fall.
        seed: Repeats everything.
        fresh: Begin a new adapter and forget the tools that were learned here before.
    """

    tool: str
    base: str = "nano"
    out: Path | None = None
    rows: int = 5000
    replay: tuple[Path, ...] = ()
    requests: tuple[Path, ...] = ()
    margin: float = 2.0
    seed: int = 0
    fresh: bool = False


@dataclass(frozen=True)
class Report:
    """What it came to.

    Attributes:
        tool: The tool.
        folder: Where the adapter is, or would be.
        refused: Why it was not installed; empty if it was.
        new: Exact plans of requests for the tool.
        old: Exact plans of requests for what was known before.
        rows: Rows of the tool, and of what was known before, that were learned from.
        seconds: Of making the data, training and measuring.
        computed: Seconds of one CPU core in these.
    """

    tool: str
    folder: Path
    refused: str
    new: Paired
    old: Paired
    rows: tuple[int, int]
    seconds: float
    computed: float

    def form(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "tool": self.tool,
            "installed": not self.refused,
            "folder": str(self.folder),
            "reason": self.refused,
            "new": self.new.form(),
            "old": self.old.form(),
            "rows": {"tool": self.rows[0], "replay": self.rows[1]},
            "seconds": round(self.seconds, 1),
            "cpu_seconds": round(self.computed, 1),
        }


@dataclass(frozen=True)
class _Base:
    """The model that is taught.

    Attributes:
        name: As it was named.
        weights: The folder of its weights; a hub id if it has none here.
        settings: How it writes plans.
        home: Where its adapter is installed.
        start: The alignment in force, which the new one goes on from; None for none.
        tools: The tools that were learned here before.
    """

    name: str
    weights: str
    settings: ModelSettings
    home: Path
    start: Path | None
    tools: tuple[str, ...]

    def fingerprint(self) -> str:
        """The name of its weights."""
        folder = Path(self.weights)
        return fingerprint(folder) if folder.is_dir() else self.weights

    def llm(self, alignment: Path | None, tools: Sequence[str] = ()) -> LocalLLM:
        """The model with an alignment that teaches these tools; without one, as it came."""
        options: dict[str, Any] = {"adapter": alignment / ADAPTER if alignment else None}
        if self.name == "nano" and alignment:
            options["learned"] = tuple(tools)
        llm = load_llm(self.name, **options)
        assert isinstance(llm, LocalLLM)
        return llm


def align(
    wishes: Wishes, *, tell: Tell = print, step: Step | None = None, quiet: bool = False
) -> Report:
    """Make data, train, measure, and install the adapter if nothing was lost by it.

    Args:
        wishes: What is wanted.
        tell: Takes lines for the person.
        step: Takes what is being measured, how many are done, and of how many.
        quiet: Whether the training shows no progress.

    Raises:
        RequestError: There is no such tool, or it is one that every model knows.
        ConfigError: The base is no local language model, or there are no rows of what it knows.
        ToolDefinitionError: An example in the tool's docstring does not hold.
        ModaVerseError: As training and planning raise.
    """
    clock, computed = time.perf_counter(), time.process_time()
    step = step or _silent
    toolbox = Toolbox.default()
    subject = _subject(wishes.tool, toolbox)
    base = _base(wishes)
    material = _material(wishes, subject, toolbox, base)
    by_hand = [case for path in wishes.requests for case in read_cases(path)]
    material = material.without(case.request for case in by_hand)
    tell(
        f"{len(material.taught)} rows teach {subject.name}, "
        f"{len(material.rehearsed)} repeat what {base.name} knew"
    )
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="modaverse-align-")))
        new, known = _cases(material, by_hand, subject.name, work)
        if not new or not known:
            raise ConfigError(
                f"there is nothing to measure {'the tool' if known else 'the old'} on",
                hint="make more rows with --rows, or name files with --requests",
            )
        before = _measured(base.llm(base.start, base.tools), new, known, toolbox, "before", step)
        lesson = Lesson(
            base.name, base.settings, base.start, material.mixed(wishes.seed), seed=wishes.seed
        )
        trained = learn(lesson, work, quiet=quiet, tell=tell)
        tools = (*base.tools, subject.name)
        after = _measured(base.llm(trained, tools), new, known, toolbox, "after", step)
        pairs = (
            Paired.of(f"new, {subject.name}", before[0], after[0]),
            Paired.of("old", before[1], after[1]),
        )
        report = Report(
            tool=subject.name,
            folder=base.home,
            refused=_refusal(*pairs, margin=wishes.margin),
            new=pairs[0],
            old=pairs[1],
            rows=(len(material.taught), len(material.rehearsed)),
            seconds=time.perf_counter() - clock,
            computed=time.process_time() - computed,
        )
        if not report.refused:
            _keep(trained, material, base, report)
        return report


def preview(wishes: Wishes, count: int) -> list[Row]:
    """A few of the rows that would teach the tool.

    Raises:
        RequestError: There is no such tool.
        ToolDefinitionError: An example in its docstring does not hold.
    """
    toolbox = Toolbox.default()
    subject = _subject(wishes.tool, toolbox)
    others = old.simple(old.nano_rows())
    return rows_of(subject, toolbox, others, "train", count=count, seed=wishes.seed)


def _subject(name: str, toolbox: Toolbox) -> Subject:
    if name in BUILT_IN:
        raise RequestError(
            f"every model knows {name}: it comes with ModaVerse", hint="name a tool of a plugin"
        )
    if name not in toolbox:
        raise RequestError(
            f"there is no tool {name!r} here; {closest(name, toolbox)}",
            hint="install its package with pip; `modaverse tools new NAME` writes one",
        )
    return read_subject(toolbox[name])


def _base(wishes: Wishes) -> _Base:
    """The model, and what it was taught here before."""
    remote = wishes.base.startswith(("http://", "https://"))
    llm = None if remote else load_llm(wishes.base, adapter=None)
    senses = isinstance(llm, MultimodalLLM) and wishes.base != "nano"  # nano is taught without them
    if not isinstance(llm, LocalLLM) or senses:
        raise ConfigError(
            f"{wishes.base} cannot be taught here", hint="name nano, or a causal LM's folder"
        )
    if wishes.base == "nano":
        from modaverse_tools.nano_llm import FOLDER

        weights = str(FOLDER)
    else:
        weights = wishes.base
    home = wishes.out or home_of(wishes.base)
    start, tools = (None, ()) if wishes.fresh else _start(home, weights, wishes)
    return _Base(wishes.base, weights, llm.settings, home, start, tools)


def _start(home: Path, weights: str, wishes: Wishes) -> tuple[Path | None, tuple[str, ...]]:
    """The alignment that is there already, and the tools that it teaches."""
    found = installed(home)
    if found is None:
        if home.exists() and any(home.iterdir()):
            raise ConfigError(
                f"{home} holds something else than an adapter", hint="choose another --out"
            )
        return None, ()
    folder = Path(weights)
    if found.weights != (fingerprint(folder) if folder.is_dir() else weights):
        raise ConfigError(
            f"the adapter in {home} was made for weights {found.weights} of {found.base}, and "
            f"these are others",
            hint=f"modaverse align --tool {wishes.tool} --fresh begins a new one",
        )
    return home, found.tools


def _material(wishes: Wishes, subject: Subject, toolbox: Toolbox, base: _Base) -> Material:
    """Rows to learn and to measure on."""
    seed, count = wishes.seed, wishes.rows
    if wishes.replay:
        known = [row for path in wishes.replay for row in read_rows(path)]
        learned, held = held_back(known, _NEW + _OLD, seed)
    elif wishes.base == "nano":
        held = old.nano_held_out() + old.nano_grammar(_OLD, seed + 1)
        learned = old.nano_rehearsal(count, seed + 2)
    else:
        raise ConfigError(
            f"what {wishes.base} was aligned on is not known",
            hint="name its rows, which are repeated and measured: --replay FILE",
        )
    others = old.simple(learned)
    taught = rows_of(subject, toolbox, others, "train", count=count, seed=seed)
    new = rows_of(subject, toolbox, others, "validation", count=_NEW, seed=seed)
    for name in base.tools:
        if name in toolbox and name != subject.name:
            learned += _some(_rows(base.home / _TAUGHT, name), _EARLIER, seed)
            held += _rows(base.home / _HELD_OUT, name)
    return Material(taught, learned, new, held)


def _some(rows: Sequence[Row], count: int, seed: int) -> list[Row]:
    """Some of the rows, by chance."""
    return Random(seed).sample(list(rows), min(count, len(rows)))


def _rows(folder: Path, tool: str) -> list[Row]:
    path = folder / f"{tool}.jsonl"
    return list(read_rows(path)) if path.is_file() else []


def _cases(
    material: Material, by_hand: Sequence[Case], tool: str, work: Path
) -> tuple[list[Case], list[Case]]:
    """What is measured: requests for the tool, and others."""
    found = []
    for name, rows in (("new", material.new), ("old", material.old)):
        write_rows(work / f"{name}.jsonl", rows)
        found.append(read_cases(work / f"{name}.jsonl") if rows else [])
    for case in by_hand:
        calls_it = any(line.startswith(tool) for line in case.wanted.splitlines())
        found[0 if calls_it else 1].append(case)
    return found[0], found[1]


def _measured(
    llm: LocalLLM,
    new: Sequence[Case],
    known: Sequence[Case],
    toolbox: Toolbox,
    when: str,
    step: Step,
) -> tuple[list[bool], list[bool]]:
    """Whether the plans for the tool, and for the rest, are the wanted ones."""
    results = []
    for name, cases in (("new", new), ("old", known)):
        results.append(exact(llm, cases, toolbox, partial(step, f"{name}, {when}")))
    llm.unload()
    return results[0], results[1]


def _refusal(new: Paired, known: Paired, *, margin: float) -> str:
    """Why an adapter is not to be installed; empty if it is."""
    if known.drop > margin:
        return f"old plans got worse by {known.drop:.1f} points, more than {margin:g}"
    if known.worse < LEVEL and known.drop > margin / 2:
        return (
            f"old plans got worse: {known.lost} lost and {known.won} won, which chance makes in "
            f"{100 * known.worse:.1f} % of cases"
        )
    if new.better >= LEVEL:
        return f"{new.name.removeprefix('new, ')} was not learned"
    return ""


def _keep(trained: Path, material: Material, base: _Base, report: Report) -> None:
    """Put the alignment into force, with the rows that a later one must repeat."""
    for kind, rows in ((_TAUGHT, material.taught), (_HELD_OUT, material.new)):
        earlier = base.home / kind
        if base.start and earlier.is_dir():
            shutil.copytree(earlier, trained / kind)
        write_rows(trained / kind / f"{report.tool}.jsonl", rows)
    record = Installed(
        base=base.name,
        weights=base.fingerprint(),
        tools=(*(name for name in base.tools if name != report.tool), report.tool),
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        figures=report.form(),
    )
    install(trained, base.home, record)


def _silent(_: str, __: int, ___: int) -> None:
    """Tell nothing."""
