"""The benchmark of an agent's turn runs, with or without the packages that it compares to."""

from __future__ import annotations

import builtins
import json
from types import ModuleType
from typing import Any

import pytest

from tests.scripts import benchmark


@pytest.fixture(name="benchmark_module")
def _benchmark_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return benchmark("agent_overhead", monkeypatch)


def test_without_the_others_it_measures_us_and_says_what_to_install(
    benchmark_module: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    real = builtins.__import__

    def without_others(name: str, *arguments: Any, **keywords: Any) -> Any:
        if name.split(".")[0] in ("smolagents", "langchain"):
            raise ModuleNotFoundError(f"No module named '{name}'")
        return real(name, *arguments, **keywords)

    monkeypatch.setattr(builtins, "__import__", without_others)
    benchmark_module.main(["--turns", "3", "--json"])
    printed = json.loads(capsys.readouterr().out)
    assert [row["llm_calls"] for row in printed["rows"]] == [1, 2]
    assert printed["rows"][0]["ratio"] == 1
    assert all(row["ms"] > 0 for row in printed["rows"])
    assert ["smolagents" in line for line in printed["missing"]] == [True, False]
    benchmark_module.main(["--turns", "3"])
    assert "pip install langchain" in capsys.readouterr().out


@pytest.mark.parametrize("package", ["smolagents", "langchain"])
@pytest.mark.filterwarnings("ignore")  # their own
def test_the_others_do_the_same_work(benchmark_module: ModuleType, package: str) -> None:
    pytest.importorskip(package)
    contender = getattr(benchmark_module, package)()
    assert contender.turn() == benchmark_module.paint(benchmark_module.PROMPT)
