"""The commands of docs/training.md run as they stand, but for fewer steps and no hub."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from pathlib import Path

import pytest

from modaverse.cli import main
from modaverse_tools.nano_llm import FOLDER
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.reading import recipes
from tests.alignment_models import write_data

PAGE = (Path(__file__).parents[1] / "docs" / "training.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\S+)\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
COMMANDS = [
    shlex.split(line, comments=True)
    for kind, block in BLOCKS
    if kind == "sh"
    for line in block.splitlines()
]
FEWER = ["training.steps=1", "training.batch=2", "training.micro_batch=2", "training.device=cpu"]


@pytest.mark.skipif(not (FOLDER / "config.json").is_file(), reason="the nano weights are not here")
def test_the_commands_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, count in (("train", 24), ("test", 4)):
        write_data(tmp_path / "data", count).rename(tmp_path / "data" / f"{name}.jsonl")
    ran = []
    for program, *words in COMMANDS:
        if program != "modaverse" or words[0] in ("data", "push"):
            continue
        extra = FEWER if words[0] == "train" and "--preview" not in words else []
        assert main([*words, *extra]) == 0, capsys.readouterr().err
        ran.append(words[0])
    assert ran == ["train", "train", "plan", "eval", "merge"]
    report = json.loads((tmp_path / "eval/mine/report.json").read_text())
    assert report["made"]["llm"] == "mine"
    assert report["suites"][0]["name"] == "plans"
    assert len((tmp_path / "eval/mine/plans.jsonl").read_text().splitlines()) >= 4
    assert capsys.readouterr().out.count("⟦") == 3
    assert (tmp_path / "merged" / "model.safetensors").is_file()


def test_the_settings_are_settings() -> None:
    shown = [tomllib.loads(block) for kind, block in BLOCKS if kind == "toml"]
    assert len(shown) == 1
    config = AlignmentConfig.model_validate(shown[0])
    assert [source.weight for source in config.data.train] == [1, 2]
    for name in re.findall(r"`(?:--)?((?:model|data|training|packing|logging)\.\w+)[=`]", PAGE):
        table, key = name.split(".")
        assert key in AlignmentConfig.model_fields[table].annotation.model_fields  # type: ignore[union-attr]


def test_every_recipe_stands_in_the_table() -> None:
    assert set(re.findall(r"^\| `([\w-]+)` \|", PAGE, re.MULTILINE)) >= set(recipes())
