"""The build of the nano suite: its commands exist, take their arguments, and are not done twice."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from modaverse_training.nano import __main__ as build


def test_every_step_names_a_module_and_comes_after_what_it_needs(tmp_path: Path) -> None:
    found = build.steps(tmp_path / "work", tmp_path / "weights")
    names = [step.name for step in found]
    assert len(set(names)) == len(names)
    for step in found:
        assert find_spec(f"{build.ROOM}.{step.module}") is not None
    order = "text sketch image ship-pictures", "sounds audio ship-audio", "lm align"
    pairs = [pair for line in order for pair in pairwise(line.split())]
    for first, then in pairs:
        assert names.index(first) < names.index(then)


def test_what_is_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> None:
        ran.append(command)
        if "nano.image" in command[2]:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(sys, "argv", ["nano", "--work", str(tmp_path)])
    for _ in range(2):
        with pytest.raises(subprocess.CalledProcessError):
            build.main()
    modules = [command[2].rpartition(".")[2] for command in ran]
    assert modules == ["text_encoder", "sketch", "image", "image"]
    assert "done: python -m modaverse_training.nano.sketch" in capsys.readouterr().out


def test_list_runs_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ran something"))
    monkeypatch.setattr(sys, "argv", ["nano", "--list", "--work", str(tmp_path)])
    build.main()
    assert "lm.pretrain" in capsys.readouterr().out
