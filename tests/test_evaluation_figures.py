"""Figures, journals and suites: known intervals, and runs that go on after a stop."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from modaverse.errors import ConfigError, LibraryError
from modaverse_training.evaluation import figures
from modaverse_training.evaluation.journal import Journal, Record
from modaverse_training.evaluation.suite import Section, Suite, digest, spread


def test_wilson_is_that_of_the_book() -> None:
    figure = figures.wilson("x", 8, 10)  # 0.49 to 0.94: Newcombe, Stat. Med. 17, 1998, method 3
    assert (figure.value, figure.hits, figure.count) == (0.8, (8, 10), 10)
    assert figure.low == pytest.approx(0.4902, abs=1e-3)
    assert figure.high == pytest.approx(0.9433, abs=1e-3)
    assert figures.wilson("x", 0, 10).low == 0.0
    nothing = figures.wilson("x", 0, 0)
    assert (nothing.low, nothing.high) == (0.0, 1.0)


def test_f1_is_over_all_rows_together() -> None:
    figure = figures.f1("n-F1", [(1, 2, 3), (2, 2, 2)])
    assert figure.value == pytest.approx(2 * 3 / (4 + 5))
    assert figure.low < figure.value < figure.high
    nothing = figures.f1("n-F1", [(0, 0, 0)])
    assert (nothing.count, nothing.low, nothing.high) == (0, 0.0, 1.0)


def test_a_ratio_weighs_rows_by_their_size() -> None:
    figure = figures.ratio("kept", [(1, 1), (1, 9)])
    assert figure.value == pytest.approx(0.2)
    assert figure.hits == (2, 10)
    assert figure.low == pytest.approx(1 / 9)
    assert figure.high == pytest.approx(1.0)


def test_the_interval_of_a_mean_is_that_of_its_standard_error() -> None:
    values = [float(n % 2) for n in range(400)]  # deviation 0.5, so 1.96 * 0.5 / 20 = 0.049
    figure = figures.mean("score", values)
    assert figure.value == 0.5
    assert figure.high - figure.value == pytest.approx(0.049, abs=0.008)
    assert figures.mean("score", values) == figure


def test_rows_that_are_all_right_still_have_an_interval() -> None:
    figure = figures.ratio("kept", [(3, 3)] * 10)
    assert (figure.value, figure.high) == (1.0, 1.0)
    assert figure.low == figures.wilson("", 10, 10).low


def test_rows_that_have_nothing_to_measure_tell_nothing() -> None:
    figure = figures.ratio("kept", [(3, 3), (0, 0), (0, 0)])
    assert (figure.value, figure.low) == (1.0, figures.wilson("", 1, 1).low)
    assert figures.ratio("kept", [(1, 2), (0, 0)]).low == 0.5  # draws of the other alone are none
    nothing = figures.ratio("kept", [(0, 0), (0, 0)])
    assert (nothing.count, nothing.hits) == (0, (0, 0))
    assert figures.measured([nothing, figure, figures.seconds("plan", [])]) == [figure]


def test_lines_for_the_terminal() -> None:
    assert figures.line(figures.wilson("routed", 8, 10), width=8) == (
        "routed    80.0 %  [49.0, 94.3]  8 of 10"
    )
    told = figures.line(figures.seconds("plan", [1.0, 2.0, 3.0]), width=6)
    assert told.startswith("plan     2.000 s")
    assert (
        figures.line(figures.mean("BLEU", [50.0]), width=4)
        == "BLEU   50.00  [50.00, 50.00]  1 rows"
    )


def test_a_journal_takes_up_what_was_done(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.jsonl"
    with Journal(path, {"llm": "nano"}) as journal:
        journal.add("1", {"right": True})
        journal.add("2", {"right": False})
    with path.open("a") as file:
        file.write('{"id": "3", "rig')  # killed in the middle of a line
    with Journal(path, {"llm": "nano"}) as journal:
        assert journal.found == {"1": {"right": True}, "2": {"right": False}}
        journal.add("3", {"right": True})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line.get("id") for line in lines] == [None, "1", "2", "3"]


def test_a_journal_of_another_run_is_not_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    with Journal(path, {"llm": "nano", "seed": 0}) as journal:
        journal.add("1", {})
    with pytest.raises(ConfigError, match="not the same seed") as caught:
        Journal(path, {"llm": "nano", "seed": 1})
    assert "--again" in caught.value.hint
    with Journal(path, {"llm": "nano", "seed": 1}, again=True) as journal:
        assert journal.found == {}


def test_a_journal_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").mkdir()
    with pytest.raises(LibraryError, match="cannot be written"):
        Journal(tmp_path / "x.jsonl", {})


class Counting(Suite[int]):
    """Judges numbers: the even ones are right."""

    name = "counting"
    title = "Counting"

    def __init__(self) -> None:
        self.judged: list[int] = []
        self.stop = -1

    def tasks(self) -> Sequence[int]:
        return range(10)

    def named(self, task: int) -> str:
        return str(task)

    def run(self) -> Mapping[str, Any]:
        return {"numbers": 10}

    def judge(self, task: int) -> Record:
        if task == self.stop:
            raise KeyboardInterrupt
        self.judged.append(task)
        return {"right": task % 2 == 0}

    def section(self, records: Sequence[Record]) -> Section:
        right = sum(record["right"] for record in records)
        return Section(self.name, self.title, [figures.wilson("even", right, len(records))])


def test_a_suite_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    suite, told = Counting(), []
    suite.stop = 4
    with pytest.raises(KeyboardInterrupt):
        suite.measure(tmp_path, llm={"llm": "x"})
    suite.stop = -1
    section = suite.measure(
        tmp_path, llm={"llm": "x"}, progress=lambda name, done, total: told.append((done, total))
    )
    assert suite.judged == list(range(10))  # none of them twice
    assert section.figures[0].hits == (5, 10)
    assert (told[0], told[-1]) == ((0, 10), (10, 10))


def test_a_limit_is_spread_over_all_tasks(tmp_path: Path) -> None:
    suite = Counting()
    suite.measure(tmp_path, llm={}, limit=3)
    assert suite.judged == [0, 3, 6]
    assert spread(range(5), 0) == spread(range(5), 9) == [0, 1, 2, 3, 4]


def test_a_digest_tells_data_apart() -> None:
    assert digest([1, "a"]) == digest([1, "a"]) != digest(["a", 1])
