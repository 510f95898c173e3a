"""The build of the nano suite: its commands exist, take their arguments, and are not done twice."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import pytest

from modaverse.errors import BackendMissing
from modaverse.llm.debug import write_checkpoint
from modaverse.model.debug import write_encoder
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.reading import read_config as read_settings
from modaverse_training.instructions.config import read_config
from modaverse_training.nano import __main__ as build
from modaverse_training.nano import instruments, scenes, wordnet
from tests.alignment_models import write_data


def test_every_step_names_a_module_and_comes_after_what_it_needs(tmp_path: Path) -> None:
    found = build.steps(tmp_path / "work", tmp_path / "weights")
    names = [step.name for step in found]
    assert len(set(names)) == len(names)
    for step in found:
        assert find_spec(step.module) is not None
    order = (
        "text sketch image ship-pictures upscaler judge-image",
        "sounds audio ship-audio",
        "lm lm-one align-one average senses-train",
        "lm lm-two align-two average senses-train",
        "eyes eyes-further senses-train",
        "ears senses-train",
        "senses-data handed senses-train senses-more senses",
    )
    pairs = [pair for line in order for pair in pairwise(line.split())]
    for first, then in pairs:
        assert names.index(first) < names.index(then)


def test_the_senses_are_trained_on_what_ships_and_on_settings_that_hold(tmp_path: Path) -> None:
    weights = tmp_path / "weights"
    write_checkpoint(weights / "lm")
    write_encoder(weights / "vision", "siglip")
    write_encoder(weights / "hearing", "whisper")
    found = {step.name: step for step in build.steps(tmp_path / "work", weights)}
    rows = tmp_path / "work" / "senses-data"
    rows.mkdir(parents=True)
    (tmp_path / "work" / "senses").mkdir()
    for name in ("train", "validation", "handed"):
        write_data(rows, 4).rename(rows / f"{name}.jsonl")

    data = found["senses-data"].arguments
    assert data[:2] == ("data", "build")
    assert data[data.index("--out") + 1] == str(rows)
    made = read_config(data[2], {"out": rows})
    assert made.sources[0].render
    assert made.rows.train > 1000

    runs = [_settings(found[f"senses-{name}"]) for name in ("train", "more")]
    for config in runs:
        assert (config.model.language, config.model.vision, config.model.audio) == tuple(
            str(weights / name) for name in ("lm", "vision", "hearing")
        )
        names = [source.path.name for source in config.data.train]
        assert names == ["train.jsonl", "handed.jsonl"]
    assert [config.model.start for config in runs[1:]] == [str(config.out) for config in runs[:-1]]
    assert found["senses"].arguments == ("--run", str(runs[-1].out), "--weights", str(weights))


def _settings(step: build.Step) -> AlignmentConfig:
    """What a training's words say."""
    verb, recipe, *words = step.arguments
    assert verb == "train"
    return read_settings(recipe, words).config


def test_what_is_done_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> None:
        ran.append(command)
        if "nano.image" in command[2]:
            raise subprocess.CalledProcessError(1, command)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(build, "missing", tuple)
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
    monkeypatch.setattr(build, "missing", lambda: ("wordnet-base",))
    monkeypatch.setattr(sys, "argv", ["nano", "--list", "--work", str(tmp_path / "work")])
    assert build.main() == 0
    assert "lm.pretrain" in capsys.readouterr().out
    assert not (tmp_path / "work").exists()


def test_all_that_is_missing_is_told_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("it ran something"))
    monkeypatch.setattr(scenes, "FONT", tmp_path / "font.ttf")
    monkeypatch.setattr(instruments, "FONT", tmp_path / "font.sf2")
    monkeypatch.setattr(wordnet, "FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    every = "fonts-noto-color-emoji wordnet-base fluidsynth fluid-soundfont-gm"
    with pytest.raises(BackendMissing) as caught:
        build.check()
    assert caught.value.hint == f"sudo apt-get install {every}"
    (tmp_path / "font.ttf").touch()
    assert build.missing() == tuple(every.split()[1:])
    monkeypatch.setattr(sys, "argv", ["nano", "--work", str(tmp_path / "work")])
    assert build.main() == 1
    assert "sudo apt-get install wordnet-base fluidsynth" in capsys.readouterr().err
    assert not (tmp_path / "work").exists()
