"""What can be typed behind `modaverse data`; the work is in `modaverse.commands.data`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modaverse.commands import OK

__all__ = ["add_to"]

data_app = typer.Typer(
    help="Make instruction data, look at it, count what is in it.",
    rich_markup_mode=None,
    no_args_is_help=False,
)

Files = Annotated[
    list[Path],
    typer.Argument(metavar="FILES", help="Rows, as JSONL or parquet.", show_default=False),
]
Skip = Annotated[bool, typer.Option("--skip-broken", help="Leave broken rows out, and say so.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]
Limit = Annotated[int, typer.Option(metavar="N", min=1, help="The most to show.")]


@data_app.callback(invoke_without_command=True)
def data(context: typer.Context) -> int:
    """Make instruction data, look at it, count what is in it."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
    return OK


@data_app.command()
def build(
    config: Annotated[
        Path | None, typer.Argument(metavar="CONFIG", help="A TOML file; see docs/data.md.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="Folder of the data set.")
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KIND[=PATH[@MEDIA]]",
            help="A set of captions: coco, flickr30k, audiocaps, clotho, msrvtt, librispeech, "
            "common-voice, plain or concepts; its file, and the folder of its media. May be "
            "repeated.",
        ),
    ] = None,
    described: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Descriptions of tools, as TaskBench's tool_desc.json or its folder: rows are "
            "made from them, and plan with these tools alone. May be repeated.",
        ),
    ] = None,
    rows: Annotated[int | None, typer.Option(metavar="N", min=0, help="Rows to train on.")] = None,
    measured: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="Rows for validation, and for test.")
    ] = None,
    include: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows to check and take in. May be repeated."),
    ] = None,
    on_error: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT", help="A broken row of a source or an included file: raise, or skip."
        ),
    ] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Held-out requests that no row may give away. May be repeated."
        ),
    ] = None,
    llm: Annotated[
        str | None,
        typer.Option(
            "--llm", metavar="NAME", help="Writes requests too: a folder, or http://host/v1#model."
        ),
    ] = None,
    calls: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="The most questions to the LLM; 0: any.")
    ] = None,
    tokens: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="The most tokens of the LLM; 0: any.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", min=0, help="The same seed gives the same rows.")
    ] = None,
    format: Annotated[str | None, typer.Option(metavar="NAME", help="jsonl or parquet.")] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Build anew in a folder that holds a data set.")
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no more than the files.")
    ] = False,
) -> int:
    """Make instruction data from captions, tools and concepts.

    A build that was stopped goes on when the same command is typed again.
    """
    from modaverse.commands.data import build

    typed = {
        "out": out,
        "source": source,
        "described": described,
        "rows": rows,
        "measured": measured,
        "include": include,
        "on_error": on_error,
        "against": against,
        "llm": llm,
        "calls": calls,
        "tokens": tokens,
        "seed": seed,
        "format": format,
    }
    return build(config, typed, fresh=fresh, json=json, quiet=quiet)


@data_app.command()
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Rows, as JSONL or parquet.")],
    limit: Limit = 5,
    pair: Annotated[
        str, typer.Option(metavar="IN->OUT", help="Only this pair: image->audio.")
    ] = "",
    family: Annotated[
        str, typer.Option(metavar="TEXT", help="Only families whose name contains it.")
    ] = "",
    text: Annotated[str, typer.Option(metavar="TEXT", help="Only rows in which it is said.")] = "",
    row: Annotated[str, typer.Option("--id", metavar="ID", help="Only this row.")] = "",
    sample: Annotated[
        int | None,
        typer.Option(metavar="SEED", min=0, help="Rows drawn by this seed, not the first ones."),
    ] = None,
    skip_broken: Skip = False,
    json: Json = False,
) -> int:
    """Show rows as conversations."""
    from modaverse.commands.data import Wanted, show

    wanted = Wanted(pair=pair, family=family, text=text, id=row)
    return show(file, wanted, limit=limit, sample=sample, skip=skip_broken, json=json)


@data_app.command()
def stats(
    files: Files,
    temperature: Annotated[
        float,
        typer.Option(
            metavar="T", min=1, help="Of the weights: 1 keeps the imbalance, more evens it out."
        ),
    ] = 2.0,
    skip_broken: Skip = False,
    json: Json = False,
) -> int:
    """Count what is in files of rows, and weigh it against imbalance."""
    from modaverse.commands.data import stats

    return stats(files, temperature=temperature, skip=skip_broken, json=json)


def add_to(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.add_typer(data_app, name="data")
