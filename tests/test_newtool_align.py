"""Teaching a tool: what is measured, when an adapter is installed, where it is in force."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, OK, SOME_FAILED, WRONG_USAGE, streams
from modaverse.commands.learned import look, remarks
from modaverse.errors import ConfigError, LibraryError, ModaVerseError, RequestError
from modaverse.llm import TransformersLLM, load_llm
from modaverse.llm.debug import write_adapter, write_checkpoint
from modaverse.llm.installed import (
    Installed,
    adapters_folder,
    fingerprint,
    home_of,
    in_force,
    install,
    installed,
    remove,
)
from modaverse.llm.taught import TaughtLLM
from modaverse.toolbox import Toolbox
from modaverse_tools import nano_llm
from modaverse_training.instructions.row import read_rows
from modaverse_training.newtool import align, old
from modaverse_training.newtool.align import Wishes
from modaverse_training.newtool.measuring import Paired, exact, sign_test
from tests.newtool import star_map

EXACT = Callable[..., list[bool]]


@pytest.fixture(autouse=True)
def _prepared(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Adapters go to a folder of the test; the toolbox has a tool that nobody knows."""
    monkeypatch.setattr(streams, "prepare", lambda: None)
    monkeypatch.setenv("MODAVERSE_ADAPTERS", str(tmp_path / "adapters"))
    box = Toolbox.default() | star_map
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda _: box))


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A tiny model in the place of nano's."""
    folder = tmp_path / "lm"
    write_checkpoint(folder)
    (folder / "modaverse.json").write_text('{"dialect":"lines","system":false}')
    monkeypatch.setattr(nano_llm, "FOLDER", folder)
    return folder


def put(weights: Path, *tools: str, base: str = "nano") -> Path:
    """An adapter for these tools, in force; gives its folder."""
    made = weights.parent / "made"
    shutil.rmtree(made, ignore_errors=True)
    write_adapter(made / "adapter", weights)
    record = Installed(
        base=base, weights=fingerprint(weights), tools=tools, made="2026-01-02T03:04:05+00:00"
    )
    install(made, home_of(base), record)
    return home_of(base)


# --- what is measured ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hits", "of", "chance"), [(0, 0, 1.0), (0, 5, 1.0), (5, 5, 1 / 32), (3, 4, 5 / 16)]
)
def test_the_sign_test_is_that_of_a_coin(hits: int, of: int, chance: float) -> None:
    assert sign_test(hits, of) == pytest.approx(chance)


def test_pairs_tell_what_was_lost_and_won() -> None:
    pair = Paired.of("old", [True, True, True, False], [True, False, False, True])
    assert (pair.before, pair.after, pair.lost, pair.won, pair.drop) == (3, 2, 2, 1, 25.0)
    assert "75.0 % [30.1, 95.4] -> 50.0 %" in pair.line()
    assert "2 lost, 1 won" in pair.line()
    assert pair.form()["won"] == 1


def _paired(name: str, count: int, before: int, lost: int, won: int) -> Paired:
    return Paired(name, count, before, before - lost + won, lost, won)


@pytest.mark.parametrize(
    ("new", "known", "refused"),
    [
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 200, 180, 3, 2), ""),
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 200, 180, 1, 9), ""),
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 200, 180, 4, 0), ""),
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 900, 800, 7, 0), ""),
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 200, 180, 9, 4), "more than 2"),
        (_paired("new, x", 100, 0, 0, 80), _paired("old", 900, 800, 16, 4), "which chance"),
        (_paired("new, x", 100, 3, 1, 4), _paired("old", 200, 180, 0, 0), "x was not learned"),
    ],
)
def test_an_adapter_is_refused_if_something_was_lost_or_nothing_learned(
    new: Paired, known: Paired, refused: str
) -> None:
    told = align._refusal(new, known, margin=2.0)
    assert refused in told
    assert bool(told) == bool(refused)


# --- where adapters lie --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("env", "platform", "folder"),
    [
        ({"MODAVERSE_ADAPTERS": "/a/b", "XDG_DATA_HOME": "/x"}, "linux", "/a/b"),
        ({"XDG_DATA_HOME": "/x"}, "darwin", "/x/modaverse/adapters"),
        ({}, "linux", "~/.local/share/modaverse/adapters"),
        ({}, "darwin", "~/Library/Application Support/modaverse/adapters"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/modaverse/adapters"),
    ],
)
def test_the_folder_suits_the_platform(env: dict[str, str], platform: str, folder: str) -> None:
    assert adapters_folder(env, platform) == Path(folder).expanduser()


def test_the_variable_is_no_setting(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from modaverse.config import load_settings

    empty = tmp_path / "empty.toml"
    empty.write_text("")
    monkeypatch.setenv("MODAVERSE_ADAPTERS", "/somewhere")
    assert load_settings(empty).llm == "nano"


def test_nano_takes_what_is_in_force(weights: Path) -> None:
    plain = load_llm("nano")
    assert plain.name == "nano"
    home = put(weights, "star-map", "emboss")
    taught = load_llm("nano")
    assert isinstance(taught, TaughtLLM)
    assert taught.name == "nano+star-map+emboss"
    assert str(home / "adapter") in repr(taught)
    assert taught.load()
    plainly = load_llm("nano", adapter=home / "adapter")
    assert isinstance(plainly, TransformersLLM)  # an adapter of whoever wants that one alone
    assert load_llm("nano", adapter=None).name == "nano"
    assert remove(home)
    assert not remove(home)
    assert load_llm("nano").name == "nano"


def test_an_adapter_for_other_weights_is_left_alone(
    weights: Path, caplog: pytest.LogCaptureFixture
) -> None:
    put(weights, "star-map")
    (weights / "model.safetensors").write_bytes(b"newer weights")
    with caplog.at_level(logging.WARNING):
        assert load_llm("nano").name == "nano"
    assert "other weights" in caplog.text
    assert "modaverse align --tool star-map --fresh" in caplog.text
    found = look()
    assert found is not None
    assert "other weights" in found.problem
    assert "not learned star-map" in " ".join(remarks(["text-to-image", "star-map"]))


def test_a_damaged_record_costs_nano_nothing(
    weights: Path, caplog: pytest.LogCaptureFixture
) -> None:
    home = put(weights, "star-map")
    (home / "installed.json").write_text("{")
    with caplog.at_level(logging.WARNING):
        assert in_force("nano", weights) is None
    assert "left out" in caplog.text
    with pytest.raises(ConfigError, match="cannot be read"):
        installed(home)
    assert look() is not None


def test_a_later_adapter_takes_the_place_of_an_earlier_one(weights: Path) -> None:
    put(weights, "star-map")
    home = put(weights, "star-map", "emboss")
    record = installed(home)
    assert record is not None
    assert record.tools == ("star-map", "emboss")
    assert [path.name for path in home.parent.iterdir()] == ["nano"]


def test_a_place_that_cannot_be_written_is_told(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "adapters").write_text("a file")
    with pytest.raises(LibraryError, match="cannot be written"):
        put(weights, "star-map")


# --- the command ---------------------------------------------------------------------------------


def run(capsys: pytest.CaptureFixture[str], *typed: str) -> tuple[int, str, str]:
    code = main([*typed])
    shown = capsys.readouterr()
    return code, shown.out, shown.err


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little is measured, and what is known is short."""
    known = [row for row in old.nano_rows() if len(row.request) < 30 and not row.media][:60]
    monkeypatch.setattr(align, "_NEW", 1)
    monkeypatch.setattr(align, "_OLD", 0)
    monkeypatch.setattr(old, "nano_rows", lambda: known)
    monkeypatch.setattr(old, "nano_held_out", lambda: known[:1])
    monkeypatch.setattr(old, "nano_grammar", lambda count, seed: [])


def believe(monkeypatch: pytest.MonkeyPatch, *results: list[bool]) -> None:
    """Let these be what is measured: new and old before, new and old after."""
    given: Iterator[list[bool]] = iter(results)

    def measured(llm: Any, cases: list[Any], toolbox: Any, step: Any) -> list[bool]:
        llm.load()
        return next(given)

    monkeypatch.setattr(align, "exact", measured)


@pytest.mark.usefixtures("quick")
def test_a_tool_is_taught_installed_shown_and_taken_away(
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    good = [[False] * 9, [True] * 3, [True] * 9, [True] * 3]
    believe(monkeypatch, *good)
    typed = ("align", "--tool", "star-map", "--rows", "100", "--json")
    code, out, err = run(capsys, *typed)
    assert code == OK, out + err
    report = json.loads(out)
    assert report["installed"]
    assert (report["new"]["after"], report["old"]["lost"]) == (9, 0)
    home = Path(report["folder"])
    assert home == home_of("nano")
    assert load_llm("nano").name == "nano+star-map"
    assert len(list(read_rows(home / "taught" / "star-map.jsonl"))) > 90
    record = installed(home)
    assert record is not None
    assert record.figures["new"]["won"] == 9

    told = {each["name"]: each for each in json.loads(run(capsys, "doctor", "--json")[1])}
    assert told["adapter"]["state"] == "ok"
    assert "teaches nano star-map" in told["adapter"]["detail"]
    assert "align --remove" in told["adapter"]["hint"]
    assert f"adapter teaches nano star-map; made {record.made[:10]}" in run(capsys, "tools")[2]

    believe(monkeypatch, *good)  # once more: the adapter goes on from itself
    before = (home / "adapter" / "adapter_model.safetensors").read_bytes()
    assert run(capsys, *typed)[0] == OK
    assert (home / "adapter" / "adapter_model.safetensors").read_bytes() != before

    assert run(capsys, "align", "--remove") == (OK, f"removed {home}; nano is as it came\n", "")
    assert load_llm("nano").name == "nano"
    assert "has not learned star-map: modaverse align --tool star-map" in run(capsys, "tools")[2]
    code, _, err = run(capsys, "align", "--remove")
    assert (code, err.splitlines()[0]) == (ERROR, f"error: there is no adapter in {home}")


@pytest.mark.usefixtures("quick")
def test_what_made_the_old_worse_is_not_installed(
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    believe(monkeypatch, [False] * 9, [True] * 3, [True] * 9, [True, True, False])
    out = tmp_path / "mine"
    typed = ("align", "--tool", "star-map", "--rows", "100", "--out", str(out), "--quiet")
    code, told, _ = run(capsys, *typed)
    assert code == SOME_FAILED
    assert "not installed: old plans got worse by 33.3 points, more than 2" in told
    assert "exact plans of 3; 1 lost, 0 won" in told
    assert not out.exists()


@pytest.mark.usefixtures("quick")
def test_a_model_that_learns_nothing_says_so(
    weights: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way with nothing put in its place: the tiny model plans at random."""
    code, out, err = run(capsys, "align", "--tool", "star-map", "--rows", "100")
    assert code == SOME_FAILED, out + err
    assert "not installed: star-map was not learned" in out
    assert "rows teach star-map" in err
    assert "new, after: 1 of 1" in err
    assert not home_of("nano").exists()


def test_a_folder_that_holds_something_else_is_left_alone(weights: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear Ada")
    with pytest.raises(ConfigError, match="something else"):
        align.align(Wishes("star-map", out=tmp_path))
    assert (tmp_path / "letter.txt").is_file()


def test_an_adapter_for_other_weights_is_not_gone_on_with(weights: Path) -> None:
    put(weights, "star-map")
    (weights / "more.safetensors").write_bytes(b"newer weights")
    with pytest.raises(ConfigError, match="was made for weights") as caught:
        align.align(Wishes("star-map"))
    assert fingerprint(weights) not in caught.value.message
    assert "--fresh" in caught.value.hint


@pytest.mark.parametrize(
    ("wishes", "error", "message"),
    [
        (Wishes("text-to-image"), RequestError, "every model knows"),
        (Wishes("star-mop"), RequestError, "star-map"),
        (Wishes("star-map", base="http://localhost:1/v1#m"), ConfigError, "cannot be taught"),
        (Wishes("star-map", base="somebody/model"), ConfigError, "not known"),
    ],
)
def test_what_cannot_be_taught_is_told_at_once(
    wishes: Wishes, error: type[ModaVerseError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        align.align(wishes)
    assert caught.value.hint


def test_the_rows_can_be_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "align", "--tool", "star-map", "--preview", "5")
    assert code == OK
    assert out.count("> ") >= 5
    assert "star-map" in out
    code, out, _ = run(capsys, "align", "--tool", "star-map", "--preview", "2", "--json")
    assert [row["tools"][-1] for row in json.loads(out)] == ["star-map", "star-map"]


def test_the_tool_must_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = run(capsys, "align")
    assert code == WRONG_USAGE
    assert "name the tool" in err


def test_a_package_is_written_by_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "new"
    code, out, err = run(capsys, "tools", "new", "qr-code", "--folder", str(folder))
    assert code == OK
    assert str(folder / "pyproject.toml") in out.splitlines()
    assert f"pip install -e {folder}" in err
    code, _, err = run(capsys, "tools", "new", "qr-code", "--folder", str(folder))
    assert code == ERROR
    assert "nothing was written" in err
    code, out, _ = run(capsys, "tools", "--json", "new", "fox")
    assert code == WRONG_USAGE
    assert "options go behind the command: tools new --json" in out


def test_plans_are_measured_as_the_product_writes_them(weights: Path, tmp_path: Path) -> None:
    from modaverse.llm import ScriptedLLM
    from modaverse_training.evaluation.cases import case_of

    rows = [
        {"request": "a map of Oslo", "text": "Here.", "calls": ["star-map: Oslo"]},
        {"request": "a map of Rome", "text": "Here.", "calls": ["star-map: Rome"]},
    ]
    cases = [case_of(row, str(number)) for number, row in enumerate(rows)]
    llm = ScriptedLLM(["Here.\nstar-map: Oslo", "Here.\nstar-map: Paris"])
    steps: list[tuple[int, int]] = []
    found = exact(llm, cases, Toolbox.default(), lambda *step: steps.append(step))
    assert found == [True, False]
    assert steps == [(2, 2)]
