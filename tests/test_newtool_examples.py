"""The three tools in examples/ that no model has seen: they work, and can be taught."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from modaverse.cli import main
from modaverse.commands import OK
from modaverse.dialect import Lines
from modaverse.plan import check
from modaverse.tool import Tool
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.cases import read_cases
from modaverse_training.newtool import align, old
from modaverse_training.newtool.material import rows_of
from modaverse_training.newtool.subject import read_subject

EXAMPLES = Path(__file__).parents[1] / "examples"
NAMES = ("qr-code", "colour-palette", "drum-pattern")
SEEN = {
    "qr-code": ("QR code", "make a QR code that holds {x}"),
    "colour-palette": ("colour palette", "make a colour palette for a theme"),
    "drum-pattern": ("drum pattern", "make a drum pattern in a style of music"),
}


@pytest.fixture(params=NAMES)
def tool(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Tool:
    """One of them, offered beside the built-in tools."""
    name = request.param
    monkeypatch.syspath_prepend(str(EXAMPLES / name))
    function = name.replace("-", "_")
    found: Tool = getattr(importlib.import_module(f"modaverse_{function}"), function)
    box = Toolbox.default() | found
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda _: box))
    return found


def test_they_pass_their_own_tests() -> None:
    folders = [EXAMPLES / name for name in NAMES]
    typed = ["-q", "-p", "no:cacheprovider", "-c", folders[0] / "pyproject.toml"]
    typed += ["-o", f"pythonpath={' '.join(map(str, folders))}", *(f / "tests" for f in folders)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *map(str, typed)],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_they_say_can_be_read(tool: Tool) -> None:
    subject = read_subject(tool)
    noun, order = SEEN[subject.name]
    assert subject.noun == noun
    assert subject.order in ("", order)
    assert len(subject.examples) >= 5
    assert len(subject.phrases) >= 1
    assert all(option.values for option in subject.options)


def test_requests_by_hand_hold_and_are_not_learned(tool: Tool) -> None:
    name, box = tool.spec.name, Toolbox.default()
    cases = read_cases(EXAMPLES / name / "requests.jsonl")
    plans = [Lines(box).parse(case.wanted) for case in cases]
    assert not [check(plan, box, {}) for plan in plans if check(plan, box, {})]
    assert sum(plan.calls[-1].tool == name or plan.calls[0].tool == name for plan in plans) >= 30
    asked = {case.request.lower().strip(" .!?") for case in cases}
    assert len(asked) == len(cases)
    others = old.simple(old.nano_rows()[:300])
    rows = rows_of(read_subject(tool), box, others, "train", count=500, seed=0)
    assert not asked & {turn.content.lower().strip(" .!?") for r in rows for turn in r.messages}


@pytest.mark.slow
def test_nano_learns_one_in_minutes(
    tool: Tool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The documented commands, whole: taught and used; five to twelve minutes of a core each."""
    monkeypatch.setenv("MODAVERSE_ADAPTERS", str(tmp_path))
    name = tool.spec.name
    requests = EXAMPLES / name / "requests.jsonl"
    report = align.align(align.Wishes(name, requests=(requests,)), quiet=True)
    assert not report.refused, report
    assert report.new.after > 0.45 * report.new.count
    first = json.loads(requests.read_text().splitlines()[0])
    made = tmp_path / "made"
    capsys.readouterr()  # what the training told
    assert main(["run", first["request"], "--out", str(made), "--json"]) == OK
    reply = json.loads(capsys.readouterr().out)
    assert [call["tool"] for call in reply["plan"]["calls"]] == [name]
    assert [path for path in made.iterdir() if path.stat().st_size > 100]
