"""Public benchmarks on tiny files in their formats, against counts made by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from modaverse.dialect import Lines
from modaverse.errors import DataError, ToolError
from modaverse.llm.scripted import ScriptedLLM
from modaverse.plan import Plan, ToolCall
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.geneval import (
    Fact,
    GenEvalSuite,
    Metadata,
    facts_of,
    read_metadata,
    stands_in,
)
from modaverse_training.evaluation.partiprompts import PartiPromptsSuite, read_prompts
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.taskbench import TaskBenchSuite, compared, graph_of
from modaverse_training.evaluation.taskbench_data import (
    BenchTool,
    Node,
    attached,
    nodes_of,
    read_bench,
    toolbox_of,
)

TOOLBOX = Toolbox.default()


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


# GenEval

DOG = {"class": "dog", "count": 1, "position": ["right of", 0]}
POSITION = {
    "tag": "position",
    "include": [{"class": "teddy bear", "count": 1}, DOG],
    "prompt": "a photo of a dog right of a teddy bear",
}
COUNT = {
    "tag": "counting",
    "include": [{"class": "cow", "count": 3, "color": "red"}],
    "exclude": [{"class": "cow", "count": 4}],
    "prompt": "a photo of three red cows",
}


@pytest.mark.parametrize(
    ("fact", "prompt", "said"),
    [
        (Fact("object", "dog"), "two dogs, please", True),
        (Fact("object", "dog"), "a hot dog", False),  # a longer class
        (Fact("object", "hot dog"), "a hot dog", True),
        (Fact("object", "dog"), "a hot dog and a dog", True),
        (Fact("object", "dog"), "a dogma", False),
        (Fact("object", "knife"), "four knives", True),
        (Fact("count", "dog", "2"), "two big dogs", True),
        (Fact("count", "dog", "2"), "2 dogs", True),
        (Fact("count", "dog", "2"), "dogs", False),
        (Fact("count", "dog", "2"), "two cats and dogs", False),  # two of something else
        (Fact("colour", "dog", "red"), "a big red dog", True),
        (Fact("colour", "dog", "red"), "a dog that is red", True),
        (Fact("colour", "dog", "red"), "a dog in red", True),
        (Fact("colour", "dog", "red"), "a red cat and a dog", False),
        (Fact("colour", "dog", "red"), "a dog", False),
        (Fact("colour", "hot dog", "red"), "a red hot dog", True),
        (Fact("position", "dog", "left of", "cat"), "a dog left of a cat", True),
        (Fact("position", "dog", "left of", "cat"), "a dog on the left side of a cat", True),
        (Fact("position", "dog", "left of", "cat"), "a cat to the right of a dog", True),
        (Fact("position", "dog", "left of", "cat"), "a cat left of a dog", False),
        (Fact("position", "dog", "above", "cat"), "a cat underneath a dog", True),
        (Fact("position", "dog", "above", "cat"), "a dog and a cat", False),
    ],
)
def test_whether_a_prompt_says_a_fact(fact: Fact, prompt: str, said: bool) -> None:
    assert stands_in(fact, prompt, ["dog", "hot dog", "cat"]) is said


def test_the_facts_of_a_row_all_stand_in_its_own_prompt() -> None:
    rows = [Metadata.model_validate(row) for row in (POSITION, COUNT)]
    assert [str(fact) for row in rows for fact in facts_of(row)] == [
        "object teddy bear", "object dog", "position dog right of teddy bear",
        "object cow", "count cow 3", "colour cow red",
    ]  # fmt: skip
    assert all(stands_in(fact, row.prompt) for row in rows for fact in facts_of(row))


def test_geneval_counts_facts_in_the_prompts_of_pictures(tmp_path: Path) -> None:
    path = lines(tmp_path / "evaluation_metadata.jsonl", POSITION, COUNT)
    rows = read_metadata(tmp_path)
    assert rows == read_metadata(path)
    llm = ScriptedLLM([
        "Here.\ntext-to-image: a dog and a teddy bear",  # 2 of 3: the position is lost
        "Here.\ntext-to-image: three cows\ntext-to-video: three red cows",  # 2 of 3: a video
    ])  # fmt: skip
    suite = GenEvalSuite(Planner(llm), rows, TOOLBOX)
    section = suite.measure(tmp_path / "out", llm={})
    hits = {figure.name: figure.hits for figure in section.figures}
    assert hits == {
        "facts kept": (4, 6),
        "objects kept": (3, 3),
        "counts kept": (1, 1),
        "colours kept": (0, 1),
        "positions kept": (0, 1),
        "prompts with every fact": (0, 2),
        "one picture and nothing else": (1, 2),
    }
    assert section.wrong[0]["wanted"] == "position dog right of teddy bear"
    assert llm.requests[0].messages[0].text == "a photo of a dog right of a teddy bear"


@pytest.mark.parametrize(
    "broken",
    [
        {"tag": "x", "prompt": "a dog"},
        {**POSITION, "include": [DOG | {"position": ["behind", 0]}]},
        {**POSITION, "include": [DOG | {"position": ["above", 5]}]},
    ],
)
def test_broken_metadata_names_the_line(tmp_path: Path, broken: dict[str, Any]) -> None:
    path = lines(tmp_path / "m.jsonl", COUNT, broken)
    with pytest.raises(DataError, match="line 2"):
        read_metadata(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_metadata(tmp_path / "none")


# PartiPrompts

PARTI = (
    'Prompt\tCategory\tChallenge\tNote\nbond\tAbstract\tBasic\tx\na "red" fox\tAnimals\tBasic\t\n'
)


def test_partiprompts_go_to_the_picture_tool(tmp_path: Path) -> None:
    (tmp_path / "PartiPrompts.tsv").write_text(PARTI)
    prompts = read_prompts(tmp_path)
    assert [prompt.prompt for prompt in prompts] == ["bond", 'a "red" fox']
    llm = ScriptedLLM(["Hello!", 'Here.\ntext-to-image: a "red" fox'])
    section = PartiPromptsSuite(Planner(llm), prompts, TOOLBOX).measure(tmp_path, llm={})
    hits = {figure.name: figure.hits for figure in section.figures}
    assert hits["one picture and nothing else"] == (1, 2)
    assert hits["content words kept"] == (2, 3)
    assert hits["prompt word for word"] == (1, 2)
    by_category = section.groups["one picture and nothing else, by category"]
    assert [(figure.name, figure.hits) for figure in by_category] == [
        ("Abstract", (0, 1)), ("Animals", (1, 1)),
    ]  # fmt: skip
    assert llm.requests[0].messages[0].text == "Draw a picture of this: bond"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Prompt\tCategory\nbond\tAbstract\n", "no column Challenge"),
        ("Prompt\tCategory\tChallenge\nbond\n", "line 2: the row lacks a column"),
        ("Prompt\tCategory\tChallenge\n", "no prompts"),
    ],
)
def test_broken_partiprompts(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "p.tsv").write_text(text)
    with pytest.raises(DataError, match=reason):
        read_prompts(tmp_path / "p.tsv")


# TaskBench

TOOLS = {
    "nodes": [
        {
            "id": "Video-to-Audio",
            "desc": "Extracts.",
            "input-type": ["video"],
            "output-type": ["audio"],
        },
        {
            "id": "Noise Reduction",
            "desc": "Cleans.",
            "input-type": ["audio"],
            "output-type": ["audio"],
        },
        {
            "id": "Audio Effects",
            "desc": "Applies effects.",
            "input-type": ["audio", "text"],
            "output-type": ["audio"],
        },
        {
            "id": "Image Search (by Image)",
            "desc": "Looks.",
            "input-type": ["image"],
            "output-type": ["Image"],
        },
    ]
}
ROW = {
    "id": "1",
    "type": "chain",
    "user_request": "Take the sound of example.mp4, clean it, and add reverb.",
    "task_nodes": [
        {"task": "Video-to-Audio", "arguments": ["example.mp4"]},
        {"task": "Noise Reduction", "arguments": ["<node-0>"]},
        {"task": "Audio Effects", "arguments": ["<node-1>", "reverb"]},
    ],
}
PLAN = "Here.\nvideo-to-audio from video1: of it\naudio-effects from #1: reverb"


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    (tmp_path / "tool_desc.json").write_text(json.dumps(TOOLS))
    lines(tmp_path / "data.json", ROW)
    return tmp_path


def test_the_described_tools_make_a_toolbox(bench: Path) -> None:
    toolbox = toolbox_of(bench)
    assert toolbox.describe().splitlines()[2:] == [
        "- audio-effects: prompt + audio? -> audio. Applies effects.",
        "- image-search-by-image: prompt + image? -> image. Looks.",
    ]
    tool = toolbox["audio-effects"]
    assert isinstance(tool, BenchTool)
    assert tool.takes_text
    with pytest.raises(ToolError, match="a description to measure plans with"):
        tool("reverb")


def test_the_measures_by_hand(bench: Path) -> None:
    toolbox, (row,) = toolbox_of(bench), read_bench(bench)
    nodes = nodes_of(Lines(toolbox).parse(PLAN), toolbox, {"video1": "example.mp4"})
    assert nodes == (
        Node("Video-to-Audio", ("example.mp4",)),  # its prompt is no argument: it takes no text
        Node("Audio Effects", ("<node-0>", "reverb")),
    )
    kinds = dict.fromkeys(("Video-to-Audio", "Noise Reduction", "Audio Effects"), "audio")
    counts = compared(graph_of(row.nodes, kinds), graph_of(nodes, kinds))
    assert counts == {  # right, predicted, wanted
        "n": (2, 2, 3),
        "e": (0, 1, 2),
        "t": (3, 3, 4),
        "v": (2, 3, 4),
    }


def test_taskbench_from_request_to_figures(bench: Path) -> None:
    llm = ScriptedLLM([PLAN])
    suite = TaskBenchSuite(Planner(llm), read_bench(bench), toolbox_of(bench))
    section = suite.measure(bench / "out", llm={})
    values = {figure.name: figure.value for figure in section.figures}
    assert values["n-F1"] == pytest.approx(2 * 2 / 5)
    assert values["e-F1"] == 0.0
    assert values["t-F1"] == pytest.approx(2 * 3 / 7)
    assert values["v-F1"] == pytest.approx(2 * 2 / 7)
    assert [figure.name for figure in section.groups["chain"]] == ["n-F1", "e-F1", "t-F1", "v-F1"]
    request = llm.requests[0]
    assert request.handles == {"video1": "video"}
    assert request.messages[0].shown().startswith("[video1] Take the sound of example.mp4")


def test_rows_that_tell_the_tools_alone_measure_n_f1_alone(bench: Path) -> None:
    (bench / "data.json").unlink()
    lines(bench / "gold_sample.jsonl", {**ROW, "task_nodes": None, "tools": ["Audio Effects"]})
    record = json.loads((bench / "gold_sample.jsonl").read_text())
    del record["task_nodes"]
    lines(bench / "gold_sample.jsonl", record)
    suite = TaskBenchSuite(Planner(ScriptedLLM([PLAN])), read_bench(bench), toolbox_of(bench))
    section = suite.measure(bench / "out", llm={})
    assert [f.name for f in section.figures if f.name.endswith("F1")] == ["n-F1"]
    assert section.figures[0].value == pytest.approx(2 * 1 / 3)
    assert "were not measured" in section.notes[-1]


def test_the_released_forms_of_a_row_are_the_same_row(bench: Path) -> None:
    other = {"id": "1", "type": "chain", "instruction": ROW["user_request"]}
    nodes = json.dumps([
        {"task": "Video-to-Audio", "arguments": [{"name": "video", "value": "x"}]},
        {"task": "Noise Reduction", "arguments": [["<node-0>"]]},
    ])  # fmt: skip
    lines(bench / "data.json", {**other, "tool_nodes": nodes})
    (row,) = read_bench(bench)
    assert row.request == ROW["user_request"]
    assert row.nodes[1] == Node("Noise Reduction", ("<node-0>",))
    assert row.nodes[0] == Node("Video-to-Audio", ("video",))  # as its evaluation reads it


def test_files_that_a_request_names() -> None:
    request = (
        "Join example.wav and 'b.mp3' to example.mp4, not https://x.org/a.wav, and example.wav"
    )
    assert attached(request) == {
        "audio1": ("example.wav", "audio"),
        "audio2": ("b.mp3", "audio"),
        "video1": ("example.mp4", "video"),
    }


def test_texts_and_unknown_calls_of_a_plan(bench: Path) -> None:
    toolbox = toolbox_of(bench)
    plan = Plan(
        calls=(
            ToolCall(id=1, tool="video-to-audio"),
            ToolCall(id=2, tool="audio-effects", prompt="as in {#1}"),
        )
    )
    assert nodes_of(plan, toolbox, {}) == (
        Node("Video-to-Audio"),
        Node("Audio Effects", ("as in <node-0>",)),
    )
    nodes = (
        Node("a", ("<node-0>", "<node-9>")),
        Node("b", ("x.jpg", "say http://y.org/z.mp4", "w")),
    )
    graph = graph_of(nodes, {})
    assert graph.e == frozenset()  # neither itself nor what is not there
    assert graph.t == {("b", "image"), ("b", "video"), ("b", "text")}


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        ("tool_desc.json", '{"nodes": [{"id": "x", "desc": "", "parameters": []}]}', "input-type"),
        ("tool_desc.json", "{", "cannot be read"),
        ("data.json", '{"id": "1", "user_request": "x"}\n', "line 1: it has no 'tools'"),
        ("data.json", "\n", "no rows"),
    ],
)
def test_broken_taskbench(bench: Path, name: str, text: str, reason: str) -> None:
    (bench / name).write_text(text)
    read = toolbox_of if name == "tool_desc.json" else read_bench
    with pytest.raises(DataError, match=reason):
        read(bench)


def test_a_folder_without_wanted_calls(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no wanted calls") as caught:
        read_bench(tmp_path)
    assert "gold_sample.jsonl" in caught.value.hint
