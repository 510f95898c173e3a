"""TaskBench's files: its tools as a toolbox, its requests, and the tool calls they want.

TaskBench (Shen et al., NeurIPS 2024, arXiv 2311.18760), its tools of kinds ("input-type",
"output-type"): multimedia and Hugging Face. A folder holds `tool_desc.json` and the wanted calls:
`data.json` (or `data.jsonl`), one row a line, with "arguments"; or `gold_sample.jsonl`, which has
the names of the tools alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modaverse.errors import DataError, ToolError
from modaverse.media import MODALITIES, Modality
from modaverse.plan import Handle, Plan
from modaverse.tool import InputSpec, Tool, ToolSpec
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.pairs import numbered_lines

__all__ = [
    "BenchRow",
    "BenchTool",
    "Node",
    "attached",
    "node_of",
    "nodes_of",
    "read_bench",
    "toolbox_of",
]

_TOOLS = "tool_desc.json"
_GOLD = ("data.json", "data.jsonl", "gold_sample.jsonl")
_HINT = f"give a folder with {_TOOLS} and one of {', '.join(_GOLD)}"
_REFERENCE = re.compile(r"\{#([1-9][0-9]*)\}")
# A file's name in a request, but not the end of a web address.
_FILE = re.compile(
    r"(?<![\w/:.%-])[\w-]+\.(?:(?P<image>jpe?g|png|gif|bmp)|(?P<audio>wav|mp3|flac|ogg)"
    r"|(?P<video>mp4|avi|mov|mkv|webm))(?![\w/])"
)


@dataclass(frozen=True, slots=True)
class Node:
    """A tool call as TaskBench writes it.

    Attributes:
        task: The tool, by TaskBench's name.
        arguments: Texts and files as they stand; `<node-0>` is the result of the first call.
    """

    task: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One request and the calls that it wants.

    Attributes:
        id: TaskBench's.
        kind: "single", "chain" or "dag".
        request: What is asked.
        nodes: The wanted calls.
        arguments: Whether the arguments are known too, and not the tools alone.
    """

    id: str
    kind: str
    request: str
    nodes: tuple[Node, ...]
    arguments: bool


class BenchTool(Tool):
    """A tool that is known by its description: it can be planned for, and does not run.

    Its media are optional, so that a plan may name the tool where the request names no file.

    Args:
        record: {"id", "desc", "input-type", "output-type"}.

    Attributes:
        task: TaskBench's name of it.
        takes: The kinds of its inputs, in TaskBench's words.
        takes_text: Whether it works on a text or a web address beside media.
        kind: What it gives, in TaskBench's words.
    """

    spec: ToolSpec

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.task = str(record["id"])
        takes = self.takes = tuple(str(kind).lower() for kind in record["input-type"])
        gives = [str(kind).lower() for kind in record["output-type"]]
        self.kind = gives[0] if gives else "none"
        media = [kind for kind in MODALITIES if kind != "text" and kind in takes]
        self.takes_text = len([kind for kind in takes if kind in media]) < len(takes)
        named = [f"{kind}{takes[:n].count(kind) or ''}" for n, kind in enumerate(takes)]
        self.spec = ToolSpec(
            name=re.sub(r"[^a-z0-9]+", "-", self.task.lower()).strip("-"),
            description=str(record["desc"]),
            output=_modality(self.kind),
            inputs=tuple(
                InputSpec(name, _modality(kind), required=False)
                for name, kind in zip(named, takes, strict=True)
                if kind in media
            ),
        )

    def run(self, *_: Any, **__: Any) -> Any:
        """It cannot be run.

        Raises:
            ToolError: Always.
        """
        raise ToolError(
            f"{self.spec.name} is a description to measure plans with", tool=self.spec.name
        )


def toolbox_of(folder: str | Path) -> Toolbox:
    """The tools that a file describes, or `tool_desc.json` in a folder.

    Raises:
        DataError: The file cannot be read, or describes no such tools.
    """
    source = Path(folder) / _TOOLS if Path(folder).is_dir() else Path(folder)
    try:
        records = json.loads(source.read_text(encoding="utf-8"))["nodes"]
        return Toolbox([BenchTool(record) for record in records])
    except (OSError, ValueError) as error:
        raise DataError(f"it cannot be read: {error}", file=str(source), hint=_HINT) from error
    except (KeyError, TypeError) as error:
        raise DataError(
            f"a tool lacks {error}",
            file=str(source),
            hint="only tools with input-type and output-type can be taken (not daily life APIs)",
        ) from error


def read_bench(folder: str | Path) -> list[BenchRow]:
    """The requests of a folder whose wanted calls are known.

    Raises:
        DataError: There is no such file, or a row is broken.
    """
    source = next((p for name in _GOLD if (p := Path(folder) / name).is_file()), None)
    if source is None:
        raise DataError("there are no wanted calls in it", file=str(folder), hint=_HINT)
    rows = []
    for number, line in numbered_lines(source):
        try:
            rows.append(_row(json.loads(line)))
        except (KeyError, TypeError, ValueError) as error:
            told = f"it has no {error}" if isinstance(error, KeyError) else str(error)
            raise DataError(told, file=str(source), line=number) from error
    if not rows:
        raise DataError("there are no rows in it", file=str(source))
    return rows


def attached(request: str) -> dict[Handle, tuple[str, Modality]]:
    """The files that a request names, as attachments: handles, with name and modality.

    They are numbered by modality in the order in which they are first named.
    """
    found: dict[Handle, tuple[str, Modality]] = {}
    for match in _FILE.finditer(request):
        name, kind = match[0], match.lastgroup
        modality = next(m for m in MODALITIES if m == kind)
        if name not in (known for known, _ in found.values()):
            number = 1 + sum(m == modality for _, m in found.values())
            found[f"{modality}{number}"] = (name, modality)
    return found


def nodes_of(plan: Plan, toolbox: Toolbox, files: Mapping[Handle, str]) -> tuple[Node, ...]:
    """A plan as TaskBench would write it.

    Args:
        plan: Its calls.
        toolbox: Of `BenchTool`s.
        files: The names of the attached files.
    """
    nodes = []
    for call in plan.calls:
        tool = toolbox.get(call.tool)
        if not isinstance(tool, BenchTool):
            continue
        given = [_argument(handle, files) for handle in call.inputs]
        said = _REFERENCE.sub(lambda match: f"<node-{int(match[1]) - 1}>", call.prompt)
        nodes.append(Node(tool.task, (*given, *([said] if said and tool.takes_text else []))))
    return tuple(nodes)


def _argument(handle: Handle, files: Mapping[Handle, str]) -> str:
    return f"<node-{int(handle[1:]) - 1}>" if handle[0] == "#" else files.get(handle, handle)


def _row(record: Any) -> BenchRow:
    """A row of any of the forms in which TaskBench was released."""
    if not isinstance(record, dict):
        raise TypeError("a row is a JSON object")
    request = record.get("user_request") or record["instruction"]
    known = next((record[name] for name in ("task_nodes", "tool_nodes") if name in record), None)
    kind = str(record.get("type", ""))
    if known is None:
        nodes = tuple(Node(str(name)) for name in record["tools"])
    else:
        nodes = tuple(
            node_of(node) for node in (json.loads(known) if isinstance(known, str) else known)
        )
    return BenchRow(str(record["id"]), kind, str(request), nodes, known is not None)


def node_of(record: Mapping[str, Any]) -> Node:
    """A call as the data have it; an argument may be a text, a list of texts or {name: value}.

    Raises:
        KeyError: It names no task.
    """
    return Node(str(record["task"]), tuple(_texts(record.get("arguments") or ())))


def _texts(arguments: Sequence[Any]) -> Iterator[str]:
    for argument in arguments:
        value = next(iter(argument.values()), "") if isinstance(argument, dict) else argument
        yield " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _modality(kind: str) -> Modality:
    """A web address is a text; so is what a tool gives that gives nothing."""
    return next((modality for modality in MODALITIES if modality == kind), "text")
