"""Rows for tools that are known by a file of descriptions: invented tools, no installed ones."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from modaverse.cli import main
from modaverse.errors import ConfigError, DataError
from modaverse.llm.debug import write_checkpoint
from modaverse.toolbox import Toolbox
from modaverse_training.alignment.reading import write_config
from modaverse_training.evaluation.taskbench_data import BenchTool, toolbox_of
from modaverse_training.instructions.build import Build
from modaverse_training.instructions.config import read_config
from modaverse_training.instructions.described.frames import (
    AFTER,
    ASKS,
    BEFORE,
    HAVES,
    NAMED,
    ORDERS,
    THINGS,
    WOES,
)  # fmt: skip
from modaverse_training.instructions.described.inputs import articled
from modaverse_training.instructions.described.reading import Described, read_described
from modaverse_training.instructions.described.requests import DescribedRows
from modaverse_training.instructions.items import SPLITS, Item, Split
from modaverse_training.instructions.plans import last_plan, problems_of
from modaverse_training.instructions.row import Row, read_rows
from modaverse_training.instructions.stock import Stock
from modaverse_training.instructions.workshop import Workshop
from tests.alignment_models import settings

TOOLS: Sequence[tuple[str, str, list[str], str]] = (
    ("Plate Reader", "Reads the license plate from a given photo of a car.", ["image"], "text"),
    ("Face Blurrer", "Blurs faces or license plates in an input video.", ["video"], "video"),
    ("Bird Recognition", "Identifies birds from a given recording.", ["audio"], "text"),
    ("Rust Finder", "Detects rust on a blurry input image using edge detection (ED).", ["image"],
     "text"),
    ("Podcast Merger", "Merges two audio files into a longer podcast.", ["audio", "audio"],
     "audio"),
    ("Room Acoustics", "Changes the room of a given audio file according to user instructions, "
     "such as cathedral, cellar, or bathroom.", ["audio", "text"], "audio"),
    ("Recipe Lookup", "Searches for recipes based on a given query.", ["text"], "text"),
    ("Page Fetcher", "Fetches the page behind a given URL.", ["url"], "text"),
    ("Poem Shortener", "Shortens a given poem or text, producing a haiku.", ["text"], "text"),
    ("Mood-to-Music", "Composes a melody based on a given text description.", ["text"], "audio"),
    ("Optics", "Optical flow of a video", ["video"], "video"),
)  # fmt: skip


def write(folder: Path, tools: Sequence[tuple[str, str, list[str], str]] = TOOLS) -> Path:
    nodes = [
        {"id": name, "desc": told, "input-type": takes, "output-type": [gives]}
        for name, told, takes, gives in tools
    ]
    path = folder / "tools.json"
    path.write_text(json.dumps({"nodes": nodes}))
    return path


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> Toolbox:
    return toolbox_of(write(tmp_path_factory.mktemp("described")))


def made(box: Toolbox, split: Split, count: int, items: Sequence[Item] = ()) -> list[Row]:
    rows = DescribedRows(Workshop(box), Stock(items, split), split, seed=4)
    return [rows.row(number) for number in range(count)]


def described(box: Toolbox, name: str) -> Described:
    tool = box[name]
    assert isinstance(tool, BenchTool)
    return read_described(tool)


def test_descriptions_are_read(box: Toolbox) -> None:
    blur = described(box, "face-blurrer")
    assert (blur.verb, blur.rest, blur.roles) == (
        "blur", "faces or license plates in {0}", ("video",),
    )  # fmt: skip
    assert {"faces", "license plates"} < set(blur.objects)
    assert (blur.by_name, blur.results) == (("blur", "faces"), ())
    rust = described(box, "rust-finder")
    assert (rust.states, rust.sides) == (("blurry",), ("using edge detection (ED)",))
    merge = described(box, "podcast-merger")
    assert merge.rest == "{0} and {1}"
    assert (merge.makes, merge.by_name) == (("a longer podcast",), ("merge", "podcast"))
    room = described(box, "room-acoustics")
    assert room.roles == ("audio", "instruction")
    assert room.examples == ("cathedral", "cellar", "bathroom")
    roles = {name: described(box, name).roles for name in box}
    assert (roles["recipe-lookup"], roles["page-fetcher"]) == (("topic",), ("url",))
    assert (roles["poem-shortener"], roles["mood-to-music"]) == (("passage",), ("thing",))
    assert described(box, "poem-shortener").states == ()
    assert described(box, "mood-to-music").turned == ("mood", "music")
    assert described(box, "optics").verb == ""  # no order, but a thing


@pytest.mark.parametrize("split", SPLITS)
def test_rows_hold_and_ask_for_every_tool(box: Toolbox, split: Split) -> None:
    rows = made(box, split, 500)
    called: Counter[str] = Counter()
    for row in rows:
        assert not problems_of(row, box), row
        assert not re.search(r"[{}\[\]|]", row.request), row.request
        (call,) = last_plan(row).calls
        called[call.tool] += 1
        for reference in row.media:  # a file is attached because the request names it
            assert "." not in reference.caption or reference.caption in row.request
    assert set(called) == set(box)
    assert min(called.values()) > 20
    assert rows == made(box, split, 500)


def test_a_tool_is_asked_for_in_hundreds_of_wordings(box: Toolbox) -> None:
    rows = made(box.only("face-blurrer"), "train", 600)
    wordings = {re.sub(r"\S+\.(mp4|avi|mov)\S*", "FILE", row.request.lower()) for row in rows}
    assert len(wordings) > 500
    said = " ".join(wordings)
    for words in ("hide faces", "number plates", "unrecognizable", "face blurrer", "clip"):
        assert words in said, words


def test_a_verb_means_what_fits_its_input(box: Toolbox) -> None:
    asked = " ".join(row.request for row in made(box.only("plate-reader"), "train", 200))
    assert "extract" in asked.lower()
    assert "aloud" not in asked  # a photo is read otherwise than a letter
    found = " ".join(row.request for row in made(box.only("rust-finder"), "train", 200))
    assert "spot" in found
    assert "the web" not in found


def test_what_a_tool_is_told_stands_in_the_prompt(box: Toolbox) -> None:
    prompts = {
        name: [last_plan(row).calls[0].prompt for row in made(box.only(name), "train", 60)]
        for name in ("page-fetcher", "room-acoustics", "recipe-lookup", "face-blurrer")
    }
    assert all("." in prompt for prompt in prompts["page-fetcher"])
    assert sum("cellar" in prompt for prompt in prompts["room-acoustics"]) > 5
    assert all(prompts["recipe-lookup"])
    assert not any(prompts["face-blurrer"])
    for row in made(box.only("page-fetcher", "recipe-lookup"), "train", 80):
        assert last_plan(row).calls[0].prompt in row.request or "Https" in row.request


def test_tools_that_begin_alike_are_told_apart(tmp_path: Path) -> None:
    alike = (
        ("Simple Writer", "Rewrites a given text in a simpler manner.", ["text"], "text"),
        ("Pirate Writer", "Rewrites a given text using pirate words.", ["text"], "text"),
    )
    for row in made(toolbox_of(write(tmp_path, alike)), "train", 300):
        order = re.match(r"(please )?rewrite\b(.*)", row.request, re.I)
        if order and "said" not in row.family:
            assert re.search(r"simpl|pirate|easier|plain", row.request, re.I), row.request


def test_media_of_a_stock_are_attached(box: Toolbox) -> None:
    items = [Item("a", "video", ("a fox",), path="fox.mp4", split="train", source="mine")]
    rows = made(box.only("optics"), "train", 40, items)
    assert {ref.path for row in rows for ref in row.media} == {"fox.mp4"}


def test_frames_of_a_split_are_its_own() -> None:
    for table in (AFTER, ASKS, BEFORE, HAVES, NAMED, ORDERS, THINGS, WOES):
        lines = [set(table[split]) for split in SPLITS]
        assert all(lines)
        assert not any(one & other for n, one in enumerate(lines) for other in lines[n + 1 :])


def test_a_build_from_a_file_of_descriptions(tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "data.toml").write_text(
        'described = "tools.json"\nout = "data"\n'
        "rows = { train = 60, validation = 20, test = 0 }\n"
        "sources = [{ kind = 'concepts', count = 30 }]\n"
    )
    report = Build(read_config(tmp_path / "data.toml")).run()
    rows = list(read_rows(report.files["train"]))
    assert len(rows) == 60
    assert {row.tools for row in rows} == {tuple(toolbox_of(tmp_path / "tools.json"))}
    held_out = {row.request for row in read_rows(report.files["validation"])}
    assert not held_out & {row.request for row in rows}


def test_a_build_tells_only_of_sources_that_were_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = write(tmp_path, [tool for tool in TOOLS if tool[2] == ["text"]])
    build = ["data", "build", "--described", str(tools), "--rows", "6", "--measured", "2"]
    assert main([*build, "--out", str(tmp_path / "one")]) == 0
    told = capsys.readouterr()
    assert "train.jsonl  6 rows" in told.out
    assert "source" not in told.out
    assert "no row has an attachment" not in told.err  # none of these tools takes any
    assert main([*build, "--out", str(tmp_path / "two"), "--source", "concepts"]) == 0
    assert "source concepts: 1820 items" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"described": ["nowhere.json"]}, "there is no nowhere.json"),
        ({"described": ["."], "focus": ["x"]}, "no focus"),
    ],
)
def test_settings_that_cannot_be(more: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read_config(None, more)


def test_a_file_that_describes_no_such_tools(tmp_path: Path) -> None:
    path = tmp_path / "tools.json"
    path.write_text('{"nodes": [{"id": "book_hotel", "desc": "Books.", "parameters": []}]}')
    with pytest.raises(DataError, match="input-type"):
        Build(read_config(None, {"described": [path], "out": tmp_path / "data"}))
    with pytest.raises(ConfigError, match="no tool among"):
        DescribedRows(Workshop(Toolbox()), Stock([], "train"), "train")


def test_articles() -> None:
    assert articled("a image of an text") == "an image of a text"


def test_from_a_file_of_descriptions_to_its_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The commands of docs/evaluation.md, with a tiny random model and few rows."""
    tools = write(tmp_path, TOOLS[:4]).rename(tmp_path / "tool_desc.json")
    gold = {"id": "1", "type": "single", "user_request": "Which birds sing in wood.wav?",
            "tools": ["Bird Recognition"]}  # fmt: skip
    (tmp_path / "gold_sample.jsonl").write_text(json.dumps(gold) + "\n")
    rows = ["--rows", "24", "--measured", "4", "--out", str(tmp_path / "data"), "-q"]
    assert main(["data", "build", "--described", str(tools), *rows]) == 0
    language = write_checkpoint(tmp_path / "lm")
    config = settings(language, tmp_path / "data/train.jsonl", tmp_path / "run")
    write_config(config, tmp_path / "run.toml")
    assert main(["train", str(tmp_path / "run.toml"), "training.steps=2", "-q"]) == 0
    run, out = str(tmp_path / "run"), str(tmp_path / "eval")
    held_out = str(tmp_path / "data/test.jsonl")
    capsys.readouterr()
    ask = ["eval", run, "--rows", held_out, "--described", str(tools), "--taskbench"]
    assert main([*ask, str(tmp_path), "--out", out, "-q"]) == 0
    plans, bench = json.loads(Path(out, "report.json").read_text())["suites"]
    assert plans["figures"][0]["count"] == 4
    assert bench["groups"]["single"][0]["name"] == "n-F1"
    assert {figure["name"]: figure["value"] for figure in bench["figures"]}["valid"] == 1.0
