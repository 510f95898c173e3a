"""The page about the command line says what `--help` says; run this file to write it anew."""

from __future__ import annotations

import contextlib
import io
import os
from pathlib import Path
from unittest import mock

from modaverse.cli import main

PAGE = Path(__file__).parent.parent / "docs" / "cli.md"
COMMANDS = (
    "",
    "run",
    "chat",
    "plan",
    "tools",
    "tools show",
    "tools new",
    "align",
    "gallery",
    "gallery show",
    "gallery rerun",
    "doctor",
    "demo",
    "train",
    "merge",
    "push",
    "data",
    "data build",
    "data show",
    "data stats",
    "eval",
)
_MARK = "a test compares it with what `--help` says.\n"


def help_of(command: str) -> str:
    """What a command says about itself, on a terminal 80 columns wide."""
    shown = io.StringIO()
    with (
        mock.patch.dict(os.environ, {"COLUMNS": "80"}),
        mock.patch("modaverse.commands.streams.prepare"),
        contextlib.redirect_stdout(shown),
    ):
        assert main([*command.split(), "--help"]) == 0
    return "\n".join(line.rstrip() for line in shown.getvalue().splitlines())


def page() -> str:
    """The page as it should be: its own words, then the help of every command."""
    words, _, _ = PAGE.read_text(encoding="utf-8").partition(_MARK)
    parts = [
        f"### `{' '.join(('modaverse', *command.split()))}`\n\n```text\n{help_of(command)}\n```\n"
        for command in COMMANDS
    ]
    return f"{words}{_MARK}\n" + "\n".join(parts)


def test_the_page_says_what_help_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python tests/test_cli_docs.py"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
