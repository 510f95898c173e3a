"""The report: report.json for machines, report.html for people, report.png to show elsewhere."""

from __future__ import annotations

import base64
import html
import json
import os
import platform
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from modaverse import __version__
from modaverse.codecs.files import make_folder, write_atomic
from modaverse_training.evaluation.figures import Figure, line, value_text
from modaverse_training.evaluation.picture import figures_png, matrix_png
from modaverse_training.evaluation.suite import Section

__all__ = ["circumstances", "commit", "machine", "summary", "write_report"]

_STYLE = """
:root{--ink:#1b1f24;--pale:#656d76;--line:#d8dee4;--ground:#fff;--bar:#4c78a8;--soft:#eef2f6}
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--pale:#8b949e;--line:#30363d;
--ground:#0d1117;--bar:#6ea8dc;--soft:#161b22}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--ground);margin:2rem auto;
max-width:60rem;padding:0 1rem}
h1{font-size:1.6rem}h2{margin-top:2.4rem;font-size:1.25rem}
table{border-collapse:collapse;width:100%}td,th{padding:.25rem .5rem;text-align:left;
border-bottom:1px solid var(--line)}td.n{text-align:right;font-variant-numeric:tabular-nums;
white-space:nowrap}dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem 1rem}
dt{color:var(--pale)}dd{margin:0;overflow-wrap:anywhere}.note{color:var(--pale)}
summary{cursor:pointer;margin:.6rem 0}pre{white-space:pre-wrap;margin:0;font-size:.85rem}
.wrong{background:var(--soft);padding:.5rem .75rem;margin:.5rem 0;border-radius:.4rem}
svg{display:block}img{max-width:100%}
"""
_BAR = 220  # points of a bar that stands for 1


def circumstances(command: str, llm: str) -> dict[str, Any]:
    """What a figure was measured with and on: LLM, version, commit, machine, command."""
    return {
        "llm": llm,
        "version": __version__,
        "commit": commit(),
        "machine": machine(),
        "command": command,
    }


def commit() -> str:
    """The commit of this checkout, "+changes" if files differ from it; empty outside of one."""
    here = Path(__file__).parent
    told = [_git(here, "rev-parse", "HEAD"), _git(here, "status", "--porcelain", "-uno")]
    if not told[0]:
        return ""
    return f"{told[0]}{'+changes' if told[1] else ''}"


def machine() -> str:
    """Processor, cores, accelerators and Python; nothing that tells whose machine it is."""
    parts = [f"{os.cpu_count()} cores", _processor(), f"Python {platform.python_version()}"]
    if (threads := os.environ.get("OMP_NUM_THREADS")) is not None:
        parts.insert(1, f"OMP_NUM_THREADS={threads}")
    torch = sys.modules.get("torch")  # without it nothing ran on a device of this machine
    if torch is not None and torch.cuda.is_available():
        parts.insert(0, torch.cuda.get_device_name())
    return ", ".join(part for part in parts if part)


def write_report(out: Path, sections: Sequence[Section], made: Mapping[str, Any]) -> dict[str, Any]:
    """Write report.json, report.html, report.png and, of a matrix, matrix.png.

    Args:
        out: The folder.
        sections: What was measured, a suite each.
        made: What it was measured with; see `circumstances`.

    Returns:
        What is in report.json.

    Raises:
        LibraryError: The folder cannot be written to.
    """
    make_folder(out)
    form = {"made": dict(made), "suites": [section.form() for section in sections]}
    text = json.dumps(form, indent=2, ensure_ascii=False)
    write_atomic(out / "report.json", f"{text}\n".encode())
    for section in sections:
        if "cells" in section.data:
            write_atomic(out / "matrix.png", _matrix(section, made))
    shown = [(section.title, section.figures) for section in sections]
    write_atomic(out / "report.png", figures_png(shown, _caption(made)))
    write_atomic(out / "report.html", _page(sections, made).encode())
    return form


def summary(sections: Sequence[Section]) -> str:
    """The figures as lines for the terminal."""
    parts = []
    for section in sections:
        lines = [section.title, *(f"  {line(figure)}" for figure in section.figures)]
        for name, group in section.groups.items():
            if len(group) > 1 or section.name == "taskbench":
                lines += [f"  {name}", *(f"    {line(figure, width=32)}" for figure in group)]
        parts.append("\n".join([*lines, *(f"  note: {note}" for note in section.notes)]))
    return "\n\n".join(parts)


def _page(sections: Sequence[Section], made: Mapping[str, Any]) -> str:
    facts = "".join(f"<dt>{_safe(k)}</dt><dd>{_safe(v)}</dd>" for k, v in made.items() if v)
    body = "".join(_part(section, made) for section in sections)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>ModaVerse evaluation: {_safe(made['llm'])}</title><style>{_STYLE}</style></head>"
        f"<body><h1>Evaluation of {_safe(made['llm'])}</h1><dl>{facts}</dl>{body}"
        '<p class="note">Intervals are of 95 %: Wilson\'s for rates of independent trials, '
        "percentiles of 1,000 bootstrap draws of rows for all else. Beside a time stand its 5th "
        "and 95th percentile.</p></body></html>\n"
    )


def _part(section: Section, made: Mapping[str, Any]) -> str:
    parts = [f"<section><h2>{_safe(section.title)}</h2>", _table(section.figures)]
    if "cells" in section.data:
        held = base64.b64encode(_matrix(section, made)).decode()
        parts.append(f'<img alt="the matrix" width="712" src="data:image/png;base64,{held}">')
    parts += [f'<p class="note">{_safe(note)}</p>' for note in section.notes]
    for name, group in section.groups.items():
        parts.append(f"<details><summary>{_safe(name)}</summary>{_table(group)}</details>")
    if section.wrong:
        told = "".join(_wrong(item) for item in section.wrong)
        parts.append(f"<details><summary>some that went wrong</summary>{told}</details>")
    return "".join([*parts, "</section>"])


def _table(figures: Sequence[Figure]) -> str:
    rows = "".join(
        f'<tr><td>{_safe(figure.name)}</td><td class="n">{value_text(figure)}</td>'
        f'<td>{_bar(figure)}</td><td class="n">{_count(figure)}</td></tr>'
        for figure in figures
    )
    return f"<table>{rows}</table>"


def _count(figure: Figure) -> str:
    return f"{figure.hits[0]} of {figure.hits[1]}" if figure.hits else f"{figure.count} rows"


def _bar(figure: Figure) -> str:
    """A rate as a bar, with its interval as a whisker."""
    if figure.unit != "rate":
        return ""
    value, low, high = (
        min(1.0, max(0.0, v)) * _BAR for v in (figure.value, figure.low, figure.high)
    )
    return (
        f'<svg width="{_BAR + 4}" height="16" role="img" aria-label="{100 * figure.value:.1f} %">'
        f'<rect width="{_BAR}" height="10" y="3" rx="2" fill="var(--soft)"/>'
        f'<rect width="{value:.1f}" height="10" y="3" rx="2" fill="var(--bar)"/>'
        f'<path d="M{low:.1f} 8H{high:.1f}M{low:.1f} 4V12M{high:.1f} 4V12" stroke="var(--ink)"/>'
        "</svg>"
    )


def _wrong(item: Mapping[str, str]) -> str:
    rows = "".join(
        f"<dt>{_safe(name)}</dt><dd><pre>{_safe(text)}</pre></dd>"
        for name, text in item.items()
        if text
    )
    return f'<dl class="wrong">{rows}</dl>'


def _matrix(section: Section, made: Mapping[str, Any]) -> bytes:
    return matrix_png(
        section.data["cells"], _caption(made, ": how often the concept comes through")
    )


def _caption(made: Mapping[str, Any], what: str = "") -> str:
    """The line below a picture: whose figures these are, of which commit."""
    name, changes, _ = str(made.get("commit", "")).partition("+")
    short = f"{name[:10]}{changes and '+changes'}"
    return f"{made['llm']}{what}{f', commit {short}' if short else ''}"


def _safe(value: object) -> str:
    return html.escape(str(value))


def _processor() -> str:
    """The processor's name, where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.machine()
    named = (text.partition(":")[2].strip() for text in lines if text.startswith("model name"))
    return next(named, platform.machine())


def _git(folder: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=folder, capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
