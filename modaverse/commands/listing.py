"""Lists on stdout: a table on a terminal, elsewhere one line an entry, split by tabs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from modaverse.commands.streams import printable, tell

__all__ = ["show_checked", "show_list"]


def show_list(
    heads: Sequence[str], rows: Iterable[Sequence[str]], entries: Iterable[Sequence[str]]
) -> None:
    """Entries for people, or for programs that read them.

    Args:
        heads: Names of the columns on a terminal.
        rows: The cells there, as many in each row; a cell may have several lines.
        entries: The fields elsewhere, whose order is part of what the command promises.
    """
    if sys.stdout.isatty():
        _show_table(heads, rows)
        return
    for entry in entries:
        tell(_line(entry))


def show_checked(mark: str, style: str, name: str, detail: str, hint: str) -> None:
    """One thing that was looked at, as soon as it was.

    Args:
        mark: How it is, in one word.
        style: rich's name for how that word looks on a terminal.
        name: What it is.
        detail: What was found.
        hint: What to type; may be empty.
    """
    if not sys.stdout.isatty():
        tell(_line((mark, name, detail, hint)))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    line = Table.grid(padding=(0, 2, 0, 0))
    for width in (6, 15):
        line.add_column(width=width, no_wrap=True)
    line.add_column(overflow="fold")
    line.add_row(Text(mark, style), Text(printable(name)), Text(_flat(detail)))
    if hint:
        line.add_row("", "", Text(_flat(hint), "bold"))
    Console(highlight=False).print(line)


def _show_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for index, head in enumerate(heads):
        table.add_column(
            head,
            style=None if index else "bold cyan",
            no_wrap=index == 0,
            overflow="fold",
        )
    for row in rows:
        table.add_row(*(Text("\n".join(map(_flat, cell.split("\n")))) for cell in row))
    Console(highlight=False).print(table)


def _line(fields: Iterable[str]) -> str:
    return "\t".join(map(_flat, fields))


def _flat(text: str) -> str:
    """Text in one line, without what could end a field or take over the terminal."""
    return " ".join(printable(text).split())
