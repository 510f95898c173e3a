"""The benchmark of the grammar's cost runs and prints what it promises."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from modaverse.llm.debug import write_checkpoint
from tests.scripts import benchmark


def test_it_measures_every_way_and_prints_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    module = benchmark("grammar_cost", monkeypatch)
    folder = write_checkpoint(tmp_path)
    (folder / "modaverse.json").write_text('{"dialect":"lines","system":false}')
    assert module.main(["--model", str(folder), "--tokens", "12", "--repeats", "2", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert set(figures["ms_per_token"]) == {"generate", "free", "masked", "grammar"}
    assert all(value > 0 for value in figures["ms_per_token"].values())
    assert figures["grammar_compile_ms"] > 0
