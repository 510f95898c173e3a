"""The benchmark of plans that hold: its outcomes are those of `Agent.plan`; Ctrl-C keeps them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from modaverse import Agent, LLMError, ModaVerseError
from modaverse.dialect import Dialect, Lines
from modaverse.llm import LLMRequest, TransformersLLM
from modaverse.llm.debug import write_checkpoint
from tests.scripts import BENCHMARKS, benchmark


@pytest.fixture(name="script")
def _script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.chdir(BENCHMARKS.parent)
    return benchmark("plan_validity", monkeypatch)


class Written:
    """Writes given texts, in turn, and remembers how many requests came at once."""

    name = "written"

    def __init__(self, *texts: str | ModaVerseError) -> None:
        self.texts = list(texts)
        self.batches: list[int] = []

    def dialect(self, toolbox: Any) -> Dialect:
        return Lines(toolbox)

    def write(self, requests: Sequence[LLMRequest], *, batch: int) -> list[str | ModaVerseError]:
        self.batches.append(len(requests))
        return [self.texts.pop(0) for _ in requests]


def use(script: ModuleType, monkeypatch: pytest.MonkeyPatch, llm: Any) -> None:
    ahead = script.Ahead(llm)
    agent = Agent(ahead)
    monkeypatch.setattr(script, "planner", lambda: (agent, ahead))


def test_the_outcomes_are_those_of_requests_planned_alone(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = write_checkpoint(tmp_path)
    (folder / "modaverse.json").write_text('{"dialect":"lines","system":false}')
    llm = TransformersLLM(folder, device="cpu")
    use(script, monkeypatch, llm)
    requests = ["draw a fox", "", "x" * 20_001, "{#1} </s>\x00", " \n", "much " * 3000]
    alone = Agent(llm)
    expected = {request: script.outcome(alone, request) for request in requests}
    assert script.outcomes(requests) == expected
    assert list(expected.values()).count("typed error: RequestError") >= 3
    agent, _ = script.planner()
    for request in (request for request, what in expected.items() if what == "valid plan"):
        assert agent.plan(request) == alone.plan(request)


def test_wrong_plans_are_mended_together_and_errors_told(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = 'no-such-tool with {"a": 1} ->'
    llm = Written("hello", wrong, wrong, LLMError("the budget ended"), "mended", wrong)
    use(script, monkeypatch, llm)
    assert script.outcomes(["a", "b", "c", "d", " "]) == {
        "a": "valid plan",
        "b": "valid plan",
        "c": "typed error: PlanError",
        "d": "typed error: LLMError",
        " ": "typed error: RequestError",
    }
    assert [count for count in llm.batches if count] == [4, 2]


def test_a_bad_outcome_fails_the_run(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    use(script, monkeypatch, Written(*["hello"] * 3))
    assert script.main(["--count", "1"]) == 0
    assert "1 of 1  valid plan" in capsys.readouterr().out
    monkeypatch.setattr(script, "check", lambda *_: ["a problem"])
    use(script, monkeypatch, Written(*["hello"] * 3))
    assert script.main(["--count", "1"]) == 1
    assert "INVALID" in capsys.readouterr().out


def test_ctrl_c_tells_what_there_is_and_a_journal_goes_on(
    script: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[str] = []

    def outcomes(requests: Sequence[str]) -> dict[str, str]:
        if len(asked) == 4:
            raise KeyboardInterrupt
        asked.extend(requests)
        return dict.fromkeys(requests, "valid plan")

    monkeypatch.setattr(script, "outcomes", outcomes)
    monkeypatch.setattr(script, "TOGETHER", 2)
    command = ["--count", "7", "--journal", str(tmp_path / "journal.jsonl")]
    assert script.main(command) == 130
    shown = capsys.readouterr()
    assert "stopped after 4 of 7" in shown.out
    assert "4 of 4  valid plan" in shown.out
    assert shown.err.startswith("2 of 7: valid plan 2")
    asked.append("")  # no more Ctrl-C
    assert script.main(command) == 0
    assert "7 of 7  valid plan" in capsys.readouterr().out
    assert len(asked) == len(set(asked)) == 8
