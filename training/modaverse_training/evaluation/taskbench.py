"""The suite `taskbench`: TaskBench's n-F1, e-F1, t-F1 and v-F1, with its tools in the toolbox.

The measures are those of the paper (Shen et al., NeurIPS 2024, arXiv 2311.18760) as its released
evaluation computes them for tools of kinds: each is an F1 over all rows together of what a row
has, each thing once:
  n  the tools;
  e  pairs of tools, one of which works on the other's result;
  t  for each argument, its tool and its kind: of a result what the tool gives, of a text that
     names a file image, audio or video by its ending, else text;
  v  the same with the value: the argument itself, and of a result the tool that made it.
Files that a request names are attached to it (`video1` for example.mp4) and count by their names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from modaverse.llm.base import LLMRequest, Message
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.figures import Figure, f1, seconds, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.suite import Section, Suite, digest
from modaverse_training.evaluation.taskbench_data import (
    BenchRow,
    BenchTool,
    Node,
    attached,
    nodes_of,
)

__all__ = ["Graph", "TaskBenchSuite", "compared", "graph_of"]

Measure = Literal["n", "e", "t", "v"]
MEASURES: tuple[Measure, ...] = ("n", "e", "t", "v")

_NODE = re.compile(r"<node-(\d+)>")
# The endings by which the released evaluation tells a file's kind, in its order.
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "image": ("jpg", "png", "jpeg", "gif", "bmp", "tiff", "svg", "ico"),
    "audio": ("mp3", "wav", "wma", "ogg", "aac", "flac", "aiff", "au"),
    "video": ("mp4", "avi", "mov", "flv", "wmv", "mkv", "webm", "m4v", "mpg", "mpeg"),
}


@dataclass(frozen=True, slots=True)
class Graph:
    """What the measures compare: sets, so that what a row has twice counts once.

    Attributes:
        n: Tools.
        e: (maker, user) of each result that is used.
        t: (tool, kind) of each argument.
        v: (tool, kind, value) of each argument.
    """

    n: frozenset[str]
    e: frozenset[tuple[str, ...]]
    t: frozenset[tuple[str, ...]]
    v: frozenset[tuple[str, ...]]


def graph_of(nodes: Sequence[Node], kinds: Mapping[str, str]) -> Graph:
    """The graph of some calls.

    Args:
        nodes: The calls, in order.
        kinds: What each tool gives, in TaskBench's words.
    """
    names = [node.task.replace("_", " ") for node in nodes]
    links, arguments = set(), set()
    for place, node in enumerate(nodes):
        for argument in node.arguments:
            found = _NODE.search(argument)
            if found is None:
                arguments.add((names[place], _kind(argument), argument))
                continue
            maker = int(found[1])
            if maker != place and maker < len(names):
                links.add((names[maker], names[place]))
                kind = kinds.get(names[maker], "other")
                arguments.add((names[place], kind, names[maker]))
    pairs = frozenset((tool, kind) for tool, kind, _ in arguments)
    return Graph(frozenset(names), frozenset(links), pairs, frozenset(arguments))


def compared(gold: Graph, got: Graph) -> dict[Measure, tuple[int, int, int]]:
    """For each measure what is right, what was predicted, and what was wanted."""
    return {
        "n": _counts(gold.n, got.n),
        "e": _counts(gold.e, got.e),
        "t": _counts(gold.t, got.t),
        "v": _counts(gold.v, got.v),
    }


class TaskBenchSuite(Suite[BenchRow]):
    """TaskBench's requests.

    Args:
        planner: Asks the LLM.
        rows: The requests and the calls they want.
        toolbox: TaskBench's tools.
    """

    name = "taskbench"
    title = "TaskBench"

    def __init__(self, planner: Planner, rows: Sequence[BenchRow], toolbox: Toolbox) -> None:
        self._planner, self._rows, self._toolbox = planner, rows, toolbox
        tools = [tool for tool in toolbox.values() if isinstance(tool, BenchTool)]
        self._kinds = {tool.task: tool.kind for tool in tools}

    def tasks(self) -> Sequence[BenchRow]:
        """The rows."""
        return self._rows

    def named(self, task: BenchRow) -> str:
        """TaskBench's id."""
        return task.id

    def run(self) -> Mapping[str, Any]:
        """The rows and the tools."""
        parts = [(r.id, r.request, [(n.task, n.arguments) for n in r.nodes]) for r in self._rows]
        return {"rows": digest(parts), "tools": list(self._toolbox)}

    def judge(self, task: BenchRow) -> Record:
        """Compare the plan of one request with the wanted calls."""
        files = attached(task.request)
        answer = self._planner.plan(
            LLMRequest(
                (Message("user", task.request, tuple(files)),),
                self._toolbox,
                {handle: modality for handle, (_, modality) in files.items()},
            )
        )
        names = {handle: name for handle, (name, _) in files.items()}
        nodes = nodes_of(answer.plan, self._toolbox, names)
        counts = compared(graph_of(task.nodes, self._kinds), graph_of(nodes, self._kinds))
        measured = MEASURES if task.arguments else MEASURES[:1]
        return {
            "kind": task.kind,
            "request": task.request,
            "wanted": [[node.task, *node.arguments] for node in task.nodes],
            "answer": answer.text,
            "error": answer.error,
            "counts": {measure: counts[measure] for measure in measured},
            "seconds": answer.seconds,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """The measures of all rows, and by their kind."""
        kinds = list(dict.fromkeys(record["kind"] for record in records))
        whole = [r for r in records if len(set(r["counts"]["n"])) == 1]
        known = any("v" in record["counts"] for record in records)
        notes = [
            "Files that a request names are attached to it. A plan that is not valid counts with "
            "the calls that it has.",
        ]
        if not known:
            notes.append(
                "The rows tell the tools alone, so e-F1, t-F1 and v-F1 were not measured: they "
                "need TaskBench's whole data.json."
            )
        return Section(
            self.name,
            self.title,
            [
                *_figures(records),
                wilson("exactly the tools", len(whole), len(records)),
                wilson("valid", sum(not r["error"] for r in records), len(records)),
                seconds("seconds a plan, median", [r["seconds"] for r in records]),
            ],
            {kind: _figures([r for r in records if r["kind"] == kind]) for kind in kinds},
            notes=notes,
            wrong=[
                {
                    "asked": record["request"],
                    "wanted": "\n".join(": ".join(node) for node in record["wanted"]),
                    "got": record["answer"],
                    "error": record["error"],
                }
                for record in records
                if record not in whole
            ][:SHOWN],
        )


def _figures(records: Sequence[Record]) -> list[Figure]:
    found = []
    for measure in MEASURES:
        counts = [r["counts"][measure] for r in records if measure in r["counts"]]
        if counts:
            found.append(f1(f"{measure}-F1", counts))
    return found


def _counts(gold: frozenset[Any], got: frozenset[Any]) -> tuple[int, int, int]:
    return len(gold & got), len(got), len(gold)


def _kind(argument: str) -> str:
    """What kind of value an argument is, by the file that it names."""
    for kind, endings in _ENDINGS.items():
        if any(f".{ending}" in argument for ending in endings):
            return kind
    return "text"
