"""The README's Python and its `modaverse` commands run as they stand, with the nano suite."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from modaverse.cli import app
from modaverse_tools.pipeline import WEIGHTS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\S+)([^\n]*)\n(.*?)^```", README, re.DOTALL | re.MULTILINE)

pytestmark = pytest.mark.skipif(
    not (WEIGHTS / "lm").is_dir(), reason="the nano weights are not in this checkout"
)


def test_the_python_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    blocks = [code for kind, note, code in BLOCKS if kind == "python" and "notest" not in note]
    assert len(blocks) >= 4
    for code in blocks:
        exec(compile(code, "README.md", "exec"), names)
    assert (tmp_path / "fox.png").stat().st_size > 1000
    assert (tmp_path / "owl.wav").stat().st_size > 10_000
    assert list((tmp_path / "results").rglob("*.mp4"))


def test_the_first_command_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    line = next(code for kind, _, code in BLOCKS if kind == "sh" and "modaverse run" in code)
    result = CliRunner().invoke(app, shlex.split(line)[1:])
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in (tmp_path / "modaverse-out").iterdir()} >= {".png", ".wav"}


def test_every_command_named_in_the_table_exists() -> None:
    table = re.findall(r"^\| `modaverse (\w+)", README, re.MULTILINE)
    assert len(table) >= 6
    for name in table:
        assert CliRunner().invoke(app, [name, "--help"]).exit_code == 0


def test_the_files_it_points_to_are_there() -> None:
    for target in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target
