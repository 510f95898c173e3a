"""The benchmark of an agent's turn runs, with or without the packages that it compares to."""

from __future__ import annotations

import builtins
import importlib.util
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "agent_overhead.py"


@pytest.fixture(name="benchmark_module")
def _benchmark_module(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    spec = importlib.util.spec_from_file_location("agent_overhead", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "agent_overhead", module)
    spec.loader.exec_module(module)
    return module


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
