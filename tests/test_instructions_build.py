"""Builds: whole data sets from small sources, gone on with after a kill, and what is wrong told."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.errors import ConfigError, DataError, LLMError
from modaverse.llm import LLMRequest, ScriptedLLM
from modaverse.media import Audio, Image
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.build import Build, Report
from modaverse_training.instructions.config import BuildConfig, read_config
from modaverse_training.instructions.dedup import normal
from modaverse_training.instructions.items import Split
from modaverse_training.instructions.phrases import banks
from modaverse_training.instructions.plans import pair_of, problems_of
from modaverse_training.instructions.row import Row, Turn, read_rows, write_rows

THINGS = ("fox", "lighthouse", "bicycle", "choir", "waterfall", "robot", "violin", "tractor")
TOOLBOX = Toolbox.default()


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sets of pictures and sounds, in the formats of COCO and Clotho."""
    place = tmp_path_factory.mktemp("sets")
    images, notes, clotho = [], [], ["file_name," + ",".join(f"caption_{n}" for n in range(1, 6))]
    (place / "jpg").mkdir()
    (place / "wav").mkdir()
    for n in range(120):
        thing = f"{THINGS[n % 8]} number {n} beside a {THINGS[n // 8 % 8]}"
        Image(np.full((16, 16, 3), n, np.uint8)).save(place / f"jpg/{n}.png")
        images.append({"id": n, "file_name": f"{n}.png"})
        notes.append({"image_id": n, "caption": f"A {thing} ."})
        if n < 60:
            wave = np.sin(np.arange(4000) * (0.02 + n / 100)) * 0.3
            Audio(wave.astype(np.float32)[:, None], 8000).save(place / f"wav/{n}.wav")
            clotho.append(f"{n}.wav," + ",".join(f"A {thing} humming {m}." for m in range(5)))
    (place / "coco.json").write_text(json.dumps({"images": images, "annotations": notes}))
    (place / "clotho.csv").write_text("\n".join(clotho))
    return place


@pytest.fixture
def folder(tmp_path: Path, sets: Path) -> Path:
    """A folder of its own for a test, in which the sets can be found."""
    for file in sets.iterdir():
        (tmp_path / file.name).symlink_to(file)
    return tmp_path


def settings(folder: Path, **more: Any) -> BuildConfig:
    values: dict[str, Any] = {
        "out": folder / "out",
        "rows": {"train": 100, "validation": 10, "test": 10},
        "sources": [
            {"kind": "coco", "path": folder / "coco.json", "media": folder / "jpg"},
            {"kind": "clotho", "path": folder / "clotho.csv", "media": folder / "wav"},
        ],
    }
    return BuildConfig.model_validate({**values, **more})


def rows_of(report: Report) -> dict[str, list[Row]]:
    return {split: list(read_rows(file)) for split, file in report.files.items()}


def test_a_data_set_whose_rows_hold_and_whose_splits_are_apart(folder: Path) -> None:
    told: list[tuple[str, int, int]] = []
    report = Build(settings(folder), tell=lambda *step: told.append(step)).run()
    made = rows_of(report)
    assert {split: len(rows) for split, rows in made.items()} == {
        "train": 100,
        "validation": 10,
        "test": 10,
    }
    assert ("train rows", 100, 100) in told
    everything = [row for rows in made.values() for row in rows]
    for row in everything:
        assert not problems_of(row, TOOLBOX)
        for reference in row.media:
            file = reference.file(report.out)
            assert file is not None
            assert file.is_file()
    assert len({row.id for row in everything}) == len(everything)
    pairs = {pair_of(row, TOOLBOX) for row in made["train"]}
    assert {("image", "text"), ("audio", "image"), ("image", "audio")} <= pairs

    families = {split: {row.family for row in rows} for split, rows in made.items()}
    media = {split: {ref.path for row in rows for ref in row.media} for split, rows in made.items()}
    asked = {split: {normal(row.request) for row in rows} for split, rows in made.items()}
    for parts in (families, media, asked):
        assert not parts["train"] & (parts["validation"] | parts["test"])
        assert not parts["validation"] & parts["test"]
    stats = json.loads((report.out / "stats.json").read_text())
    assert stats["train"]["rows"] == 100
    assert stats["train"]["lacking"] == 0
    assert [(source.kind, source.items) for source in report.sources] == [
        ("coco", 120),
        ("clotho", 60),
    ]


def test_the_same_seed_gives_the_same_files(folder: Path) -> None:
    first = Build(settings(folder)).run()
    content = {split: file.read_bytes() for split, file in first.files.items()}
    second = Build(settings(folder)).run(fresh=True)
    assert {split: file.read_bytes() for split, file in second.files.items()} == content
    other = Build(settings(folder, seed=1, out=folder / "other")).run()
    assert other.files["train"].read_bytes() != content["train"]


def test_a_finished_build_is_not_built_again_and_another_is_refused(folder: Path) -> None:
    report = Build(settings(folder)).run()
    stamp = report.files["train"].stat().st_mtime_ns
    again = Build(settings(folder)).run()
    assert again.files["train"].stat().st_mtime_ns == stamp
    assert again.stats == report.stats
    with pytest.raises(DataError, match="other settings") as caught:
        Build(settings(folder, seed=1)).run()
    assert "--fresh" in caught.value.hint
    fresh = Build(settings(folder, seed=1)).run(fresh=True)
    assert fresh.files["train"].stat().st_mtime_ns != stamp
    (folder / "out/build.json").write_text("{")
    with pytest.raises(DataError, match="damaged"):
        Build(settings(folder)).run()


@pytest.mark.parametrize("lost", ["train", "validation"])
def test_a_split_whose_file_was_taken_away_is_built_again(folder: Path, lost: Split) -> None:
    files = Build(settings(folder)).run().files
    content = {split: path.read_bytes() for split, path in files.items()}
    files[lost].unlink()
    again = Build(settings(folder)).run().files
    assert {split: path.read_bytes() for split, path in again.items()} == content


class _Stop(Exception):
    pass


@pytest.mark.parametrize("stop_after", [1, 2, 3])
def test_a_build_that_was_stopped_goes_on_to_the_same_files(
    folder: Path, monkeypatch: pytest.MonkeyPatch, stop_after: int
) -> None:
    from modaverse_training.instructions import writing

    monkeypatch.setattr(writing, "_EVERY", 20)
    whole = Build(settings(folder, out=folder / "whole")).run()
    seen = 0

    def stop(what: str, done: int, total: int) -> None:
        nonlocal seen
        seen += what == "train rows" and done < total
        if seen == stop_after:
            raise _Stop

    with pytest.raises(_Stop):
        Build(settings(folder), tell=stop).run()
    with (folder / "out/.train.jsonl").open("ab") as part:
        part.write(b'{"id": "half a ro')  # what a kill leaves
    resumed = Build(settings(folder)).run()
    for split, file in whole.files.items():
        # paths differ only where they are seen from the folder, and here all are absolute
        assert resumed.files[split].read_bytes() == file.read_bytes()
    assert resumed.parts == whole.parts


def saved_rows(out: Path) -> int:
    """How many training rows a build has safely on the disk."""
    try:
        parts = json.loads((out / "build.json").read_text())["parts"]
    except FileNotFoundError:
        return 0
    return int(parts.get("train", {"rows": 0})["rows"])


def test_a_build_survives_sigkill(folder: Path) -> None:
    config = settings(folder, out=folder / "killed", rows={"train": 4000, "test": 5})
    code = (
        "import sys; from modaverse_training.instructions.build import Build;"
        "from modaverse_training.instructions.config import BuildConfig;"
        "from modaverse_training.instructions import writing; writing._EVERY = 20;"
        "Build(BuildConfig.model_validate_json(sys.argv[1])).run()"
    )
    words = [sys.executable, "-c", code, config.model_dump_json()]
    process = subprocess.Popen(words, env={**os.environ, "OMP_NUM_THREADS": "1"})
    part = folder / "killed/.train.jsonl"
    try:
        for _ in range(6000):  # a busy machine takes its time
            if saved_rows(folder / "killed") > 0:
                break
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    assert 0 < saved_rows(folder / "killed") < 4000
    saved = json.loads((folder / "killed/build.json").read_text())["parts"]["train"]
    # a build of as many rows as were safe, continued, is a build that was never killed
    short = BuildConfig.model_validate({**config.model_dump(), "out": folder / "whole"})
    lines = part.read_bytes()[: saved["bytes"]].splitlines()
    whole = Build(
        short.model_copy(update={"rows": short.rows.model_copy(update={"train": len(lines)})})
    ).run()
    assert whole.files["train"].read_bytes().splitlines() == lines


def test_parquet(folder: Path) -> None:
    pytest.importorskip("pyarrow")
    rows = {"train": 20, "validation": 0, "test": 0}
    report = Build(settings(folder, format="parquet", rows=rows)).run()
    assert list(report.files) == ["train"]
    assert report.files["train"].name == "train.parquet"
    assert len(rows_of(report)["train"]) == 20
    assert not list(report.out.glob(".*.jsonl"))


def test_broken_rows_of_sources_and_included_files_stop_or_are_left_out(folder: Path) -> None:
    for name in ("coco.json", "clotho.csv"):
        content = (folder / name).read_text()
        (folder / name).unlink()  # a link to what other tests read
        (folder / name).write_text(content)
    with (folder / "clotho.csv").open("a") as table:
        table.write("\nx.wav,only one caption\n")
    (folder / "own.jsonl").write_text("{\n")
    broken = {"include": [folder / "own.jsonl"]}
    with pytest.raises(DataError, match=r"clotho\.csv, line 62: it has 2 fields") as caught:
        Build(settings(folder, **broken)).run()
    assert 'on_error = "skip"' in caught.value.hint
    report = Build(settings(folder, on_error="skip", **broken)).run()
    assert [(source.items, source.broken) for source in report.sources] == [(120, 0), (60, 1)]
    assert len(rows_of(report)["train"]) == 100


def test_held_out_requests_and_included_rows(folder: Path) -> None:
    first = Build(settings(folder)).run()
    kept = rows_of(first)["train"]
    (folder / "held.txt").write_text("\n".join(row.request for row in kept[:40] if not row.media))
    own = Row(
        id="mine",
        messages=(
            Turn(role="user", content="my own words for a fox"),
            Turn(role="assistant", content="Here is your picture.\ntext-to-image: a fox"),
        ),
        tools=("text-to-image",),
    )
    broken = own.model_copy(
        update={
            "id": "bad",
            "messages": (own.messages[0], Turn(role="assistant", content="x-y: z")),
        }
    )
    twice = own.model_copy(update={"id": "mine2"})
    write_rows(folder / "own.jsonl", [own, broken, twice, own])
    more = {"against": [folder / "held.txt"], "include": [folder / "own.jsonl"]}
    report = Build(settings(folder, out=folder / "more", **more)).run()
    made = rows_of(report)["train"]
    assert made[0] == own
    dropped = report.parts["train"].dropped
    assert dropped["plan does not hold"] == 1
    assert dropped["duplicate"] >= 1
    assert dropped["same id"] == 1
    assert dropped["held-out request"] > 3
    held = {normal(line) for line in (folder / "held.txt").read_text().splitlines()}
    assert not held & {normal(turn.content) for row in made for turn in row.messages[::2]}


def test_twins_are_varied_and_have_files_in_the_folder(folder: Path) -> None:
    augment = {"media": 1.0, "words": 1.0}
    report = Build(settings(folder, rows={"train": 40, "test": 5}, augment=augment)).run()
    made = rows_of(report)
    varied = [row for row in made["train"] if row.source.endswith("varied")]
    assert varied
    for row in varied:
        for reference in row.media:
            assert str(reference.path).startswith("media/")
            assert (report.out / str(reference.path)).is_file()
    assert [row for row in made["train"] if row.source.endswith("reworded")]
    assert report.parts["train"].rows == 40
    assert report.parts["train"].more == len(made["train"]) - 40
    assert report.parts["test"].more == 0


def _writes(request: LLMRequest) -> str:
    """Rewrites by quoting the prompts of the plan."""
    question = request.messages[1].text
    plan = json.loads(question.split("\n")[1])
    prompts = [line.split(": ", 1)[1] for line in plan.split("\n") if ": " in line]
    return json.dumps({"request": "so my wish is " + " and ".join(prompts)})


def test_an_llm_writes_a_share_within_its_budget(folder: Path) -> None:
    back = {"rewrite": 1.0, "invent": 0.0, "calls": 40}
    llm = ScriptedLLM([_writes], repeat=True)
    report = Build(settings(folder, back=back), llm=llm).run()
    part = report.parts["train"]
    assert len(llm.requests) == report.asked == 40
    assert part.spent
    assert 0 < part.written < 40
    assert part.written + sum(part.thrown.values()) >= 40 - 5
    made = rows_of(report)
    written = [row for row in made["train"] if row.source.startswith("back")]
    assert len(written) == part.written
    assert {row.family for row in written} == {"back-train/rewritten"}
    assert not [row for row in made["test"] if row.source.startswith("back")]
    again = Build(settings(folder, back=back), llm=ScriptedLLM([])).run(fresh=True)
    assert again.files["train"].read_bytes()
    assert again.asked == 0  # every answer is remembered
    assert rows_of(again) == made


def test_an_llm_that_is_down_stops_the_build_and_what_is_made_stays(folder: Path) -> None:
    back = {"rewrite": 1.0, "invent": 0.0}
    down = ScriptedLLM([LLMError("no server at http://x")], repeat=True)
    with pytest.raises(LLMError, match="no server"):
        Build(settings(folder, back=back), llm=down).run()
    assert (folder / "out/.test.jsonl").is_file()
    report = Build(settings(folder, back=back), llm=ScriptedLLM([_writes], repeat=True)).run()
    assert report.stats["train"].rows == 100


def test_rows_that_are_too_much_alike_run_out(folder: Path, monkeypatch: Any) -> None:
    from modaverse_training.instructions import writing

    monkeypatch.setattr(writing, "_TIRED", 60)
    mix = {"pair": 0, "several": 0, "follow": 0, "told": 0, "aside": 0, "refuse": 1}
    told_only = [{"kind": "coco", "path": folder / "coco.json"}]  # nothing to attach
    rows = {"train": 100_000, "validation": 0, "test": 0}
    report = Build(settings(folder, mix=mix, rows=rows, sources=told_only)).run()
    assert "different enough" in report.stopped["train"]
    assert 10 < report.stats["train"].rows < 100_000


def test_rows_for_tools_of_ones_own(folder: Path) -> None:
    more = {
        "more_tools": ["tests.own_tool:paint_mood"],
        "focus": ["paint-mood"],
        "mix": {"tools": 1.0},
        "rows": {"train": 80, "validation": 0, "test": 0},
    }
    (folder / "own_tool.py").write_text(
        "from modaverse.media import Image\n"
        "from modaverse.tool import tool\n"
        "@tool\n"
        "def paint_mood(prompt: str, *, size: int = 3) -> Image:\n"
        '    """Paint the mood of the prompt."""\n'
        "    raise NotImplementedError\n"
    )
    sys.path.insert(0, str(folder))
    try:
        more["more_tools"] = ["own_tool:paint_mood"]
        report = Build(settings(folder, **more)).run()
    finally:
        sys.path.remove(str(folder))
    answers = [row.answer for row in rows_of(report)["train"]]
    assert sum("\npaint-mood" in answer for answer in answers) > 15
    with pytest.raises(ConfigError, match="no tool at 'nowhere:x'"):
        Build(settings(folder, more_tools=["nowhere:x"]))
    with pytest.raises(ConfigError, match="no tool nothing"):
        Build(settings(folder, tools=["nothing"]))


def test_only_some_pairs(folder: Path) -> None:
    mix = {"pair": 1, "follow": 0, "several": 0, "told": 0, "aside": 0, "refuse": 0}
    rows = {"train": 30, "validation": 0, "test": 0}
    config = settings(folder, cells=["image -> audio"], mix=mix, rows=rows)
    made = rows_of(Build(config).run())["train"]
    assert {pair_of(row, TOOLBOX)[1] for row in made} == {"audio"}
    assert all("image" in pair_of(row, TOOLBOX)[0] for row in made)


def test_a_folder_that_cannot_be_written_to(folder: Path) -> None:
    (folder / "file").write_text("x")
    with pytest.raises(DataError, match="cannot be written") as caught:
        Build(settings(folder, out=folder / "file" / "out")).run()
    assert "goes on" in caught.value.hint


# ---- settings
def test_settings_from_toml_and_from_what_is_typed(folder: Path) -> None:
    (folder / "data.toml").write_text(
        'out = "made"\nseed = 7\n[rows]\ntrain = 10\n'
        '[[sources]]\nkind = "coco"\npath = "coco.json"\nmedia = "jpg"\n'
        '[back]\nllm = "nano"\ncalls = 5\n'
    )
    read = read_config(folder / "data.toml", {"rows": {"test": 3}, "back": {"calls": 9}})
    assert read.out == folder / "made"
    assert (read.seed, read.rows.train, read.rows.test) == (7, 10, 3)
    assert (read.back.llm, read.back.calls) == ("nano", 9)
    assert read.sources[0].media == folder / "jpg"
    assert read_config(None).sources[0].kind == "concepts"


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / "bad.toml").write_text(
        'sed = 7\n[rows]\ntrain = -1\n[[sources]]\nkind = "cocoa"\npath = "x"\n'
        'cells = ["image -> smell"]\n'
    )
    with pytest.raises(ConfigError) as caught:
        read_config(folder / "bad.toml")
    told = [str(problem) for problem in caught.value.problems]
    assert len(told) >= 3
    assert any("sed" in text for text in told)
    assert any("rows.train" in text for text in told)
    assert any("coco" in text for text in told)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[", "no TOML"),
        ('cells = ["image -> smell"]', "cells"),
        ('[[sources]]\nkind = "coco"', "coco needs a path"),
        ('include = ["nowhere.jsonl"]', "there is no .*nowhere.jsonl"),
        ("[mix]\ntools = 1", "mix.tools needs tools in focus"),
        ("[augment]\nparaphrase = 0.5", "augment.paraphrase needs back.llm"),
        ('[back]\nllm = "x"\nrewrite = 0.9\ninvent = 0.9', "add up to 1.8"),
        ("[mix]\npair=0\nseveral=0\nfollow=0\ntold=0\naside=0\nrefuse=0", "every share"),
        ("temperature = 0.5", "temperature"),
    ],
)
def test_settings_that_make_no_sense(folder: Path, text: str, reason: str) -> None:
    (folder / "bad.toml").write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_config(folder / "bad.toml")
    with pytest.raises(ConfigError, match="cannot read"):
        read_config(folder / "none.toml")


def test_every_bank_is_shipped() -> None:
    assert len(list(banks())) > 45
