"""The commands, the settings and the code of docs/data.md run as they stand."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from modaverse.cli import main
from modaverse_training.instructions.config import BuildConfig
from modaverse_training.instructions.readers import READERS
from modaverse_training.instructions.row import Row

PAGE = (Path(__file__).parents[1] / "docs" / "data.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def blocks(kind: str) -> list[str]:
    return [block for name, block in BLOCKS if name == kind]


def test_the_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for line in blocks("sh")[0].splitlines():
        program, *words = shlex.split(line, comments=True)
        if program == "modaverse":
            fewer = [word.replace("2000", "60") for word in words]
            assert main(fewer) == 0, capsys.readouterr().err
    assert len((tmp_path / "data/first/train.jsonl").read_text().splitlines()) == 60


def test_the_row_is_a_row_and_the_settings_are_settings() -> None:
    (row,) = blocks("json")
    assert Row.model_validate(json.loads(row)).handles() == {"image1": "image"}
    (settings,) = blocks("toml")
    config = BuildConfig.model_validate(tomllib.loads(settings))
    assert config.back.calls == 50_000
    assert [source.kind for source in config.sources] == ["coco", "audiocaps", "plain", "concepts"]


def test_every_reader_stands_in_the_table() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) == set(READERS)


def test_the_code_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = blocks("python")
    exec(compile(code, "docs/data.md", "exec"), {})
    assert capsys.readouterr().out.count("paint-mood") >= 2
