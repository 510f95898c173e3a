"""What can be typed behind `modaverse eval`; the work is in `modaverse.commands.evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modaverse.commands import Choices

__all__ = ["add_to"]

_Llm = Annotated[
    str | None,
    typer.Argument(
        metavar="LLM",
        help="What plans: nano, a model's folder or hub id, a run of modaverse train, or "
        "http://host/v1#model.",
    ),
]
_Suites = Annotated[
    list[str] | None,
    typer.Option(
        "--suite",
        metavar="NAME",
        help="plans, geneval, partiprompts, taskbench, captions, generation or matrix; by default "
        "all whose data are given, or else plans. May be repeated.",
    ),
]
_Rows = Annotated[
    list[Path] | None,
    typer.Option(
        "--rows",
        metavar="FILE",
        help="Rows with wanted plans; by default the requests that nano is tested on. "
        "May be repeated.",
    ),
]
_Described = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="FILE",
        help="Descriptions of the tools that the rows' plans call, as TaskBench's tool_desc.json "
        "or its folder, in place of those that are installed. May be repeated.",
    ),
]
_GenEval = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="GenEval's evaluation_metadata.jsonl or its folder."),
]
_PartiPrompts = Annotated[
    Path | None, typer.Option(metavar="FILE", help="PartiPrompts.tsv or its folder.")
]
_TaskBench = Annotated[
    Path | None,
    typer.Option(metavar="FOLDER", help="TaskBench's tool_desc.json and data.json."),
]
_Captions = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Media with references, for what the LLM says of them."),
]
_Generation = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Such a file too: its captions are made, and compared."),
]
_Extractors = Annotated[
    list[str] | None,
    typer.Option(
        "--extractor",
        metavar="MODALITY=NAME",
        help="Features for FID, FAD and CLIPScore of what is made: module:function, or a CLIP, "
        "SigLIP or CLAP folder. May be repeated.",
    ),
]
_Judges = Annotated[
    list[str] | None,
    typer.Option(
        "--judge",
        metavar="MODALITY=FOLDER",
        help="A judge for the matrix: image=FOLDER (videos too), audio=FOLDER. May be repeated.",
    ),
]
_Material = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Examples for the matrix; by default the nano suite's concepts."
    ),
]
_Each = Annotated[int, typer.Option(metavar="N", min=1, help="Examples of a cell of the matrix.")]
_Sees = Annotated[
    str | None,
    typer.Option(
        metavar="NAMES",
        help="What the LLM can look into: image,audio,video; by default what it says of itself.",
    ),
]
_Limit = Annotated[
    int, typer.Option(metavar="N", min=0, help="The most tasks of a suite, evenly spread; 0: all.")
]
_Out = Annotated[
    Path,
    typer.Option("--out", "-o", metavar="FOLDER", help="Folder of the report and of verdicts."),
]
_Again = Annotated[bool, typer.Option("--again", help="Throw earlier verdicts in --out away.")]
_Skip = Annotated[bool, typer.Option("--skip-broken", help="Leave broken rows out.")]


def evaluate(
    llm: _Llm = None,
    suite: _Suites = None,
    rows: _Rows = None,
    described: _Described = None,
    geneval: _GenEval = None,
    partiprompts: _PartiPrompts = None,
    taskbench: _TaskBench = None,
    captions: _Captions = None,
    generation: _Generation = None,
    extractor: _Extractors = None,
    judge: _Judges = None,
    material: _Material = None,
    each: _Each = 20,
    sees: _Sees = None,
    limit: _Limit = 0,
    out: _Out = Path("modaverse-eval"),
    again: _Again = False,
    skip_broken: _Skip = False,
    seed: Annotated[int, typer.Option(metavar="N", min=0, help="Of what is made.")] = 0,
    adapter: Annotated[
        str | None, typer.Option(metavar="NAME", help="A peft adapter for the LLM.")
    ] = None,
    device: Annotated[
        str | None, typer.Option(metavar="NAME", help="Where models are loaded: cpu, cuda, mps.")
    ] = None,
    tool: Annotated[
        list[str] | None,
        typer.Option("--tool", metavar="NAME=MODEL", help="Another model behind a tool."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the report's path.")] = False,
) -> int:
    """Measure an LLM's plans, what is made of captions, and the matrix of modalities.

    docs/evaluation.md tells where data come from. A run that was stopped goes on where it was when
    the same command is typed again.
    """
    from modaverse.commands.evaluate import evaluate

    what = {
        "out": out,
        "suites": tuple(suite or ()),
        "rows": tuple(rows or ()),
        "described": tuple(described or ()),
        "geneval": geneval,
        "partiprompts": partiprompts,
        "taskbench": taskbench,
        "captions": captions,
        "generation": generation,
        "extractors": tuple(extractor or ()),
        "judges": tuple(judge or ()),
        "material": material,
        "each": each,
        "sees": None if sees is None else tuple(name.strip() for name in sees.split(",") if name),
        "limit": limit,
        "seed": seed,
        "again": again,
        "skip_broken": skip_broken,
    }
    choices = Choices(llm, adapter, device, tuple(tool or ()))
    return evaluate(choices, what, json=json, quiet=quiet)


def add_to(app: typer.Typer) -> None:
    """Add the command to the command line."""
    app.command("eval")(evaluate)
