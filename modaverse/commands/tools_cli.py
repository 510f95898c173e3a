"""What can be typed about tools: `modaverse tools`, `tools show`, `tools new` and `align`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from modaverse.commands import OK, Choices

__all__ = ["add_to"]

Json = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]
Models = Annotated[
    list[str] | None,
    typer.Option(
        "--tool",
        metavar="NAME=MODEL",
        help="text-to-image=stabilityai/sd-turbo puts another model behind it. May be repeated.",
    ),
]
app = typer.Typer(
    help="List the tools and their options, and whether they run here.", rich_markup_mode=None
)


@app.callback(invoke_without_command=True)
def tools(context: typer.Context, tool: Models = None, json: Json = False) -> int:
    """List the tools and their options, and whether they run here."""
    if context.invoked_subcommand is not None:
        if tool or json:
            name = f"tools {context.invoked_subcommand}"
            raise typer.BadParameter(f"options go behind the command: {name} --json")
        return OK
    from modaverse.commands.tools import tools as list_tools

    return list_tools(Choices(tools=tuple(tool or ())), json=json)


@app.command()
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The tool's name: text-to-image.")],
    tool: Models = None,
    json: Json = False,
) -> int:
    """Tell all about one tool, and what its model was taught to make if that is all it can."""
    from modaverse.commands.tools import show

    return show(name, Choices(tools=tuple(tool or ())), json=json)


@app.command()
def new(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The tool's name, in small letters: qr-code.")
    ],
    output: Annotated[
        str, typer.Option(metavar="MODALITY", help="What it makes: image, audio, video or text.")
    ] = "image",
    folder: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", help="Where to; by default modaverse-NAME."),
    ] = None,
    json: Json = False,
) -> int:
    """Write a package with a new tool that works, and its test."""
    from modaverse.commands.tools import new as write

    return write(name, output, folder, json=json)


def align(
    tool: Annotated[
        str, typer.Option(metavar="NAME", help="The tool to teach; its package is installed.")
    ] = "",
    base: Annotated[
        str, typer.Option(metavar="NAME", help="The model: nano, a folder or a hub id.")
    ] = "nano",
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FOLDER", help="Put the adapter here instead."),
    ] = None,
    rows: Annotated[
        int, typer.Option(metavar="N", min=100, help="Rows for the tool, and as many old ones.")
    ] = 5000,
    replay: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Rows that the base was aligned on. May be repeated."),
    ] = None,
    requests: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Requests by hand to measure on. May be repeated."),
    ] = None,
    margin: Annotated[
        float,
        typer.Option(
            metavar="POINTS", min=0, max=100, help="What exact plans of old requests may fall by."
        ),
    ] = 2.0,
    seed: Annotated[
        int, typer.Option(metavar="N", min=0, help="The same seed gives the same data.")
    ] = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Forget what the model was taught here before.")
    ] = False,
    preview: Annotated[
        int, typer.Option(metavar="N", min=0, help="Show N of the rows; do not train.")
    ] = 0,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the adapter away; the model is as it came.")
    ] = False,
    json: Json = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no more than the results.")
    ] = False,
) -> int:
    """Teach a model a tool that it has never seen, in minutes.

    Data from the tool's docstring, a LoRA adapter with old rows among the new ones, measured before
    and after. It is installed only if old requests did not get worse; else the exit code is 1.
    """
    from modaverse.commands import align as command

    if remove:
        return command.remove(base, out, json=json)
    if not tool:
        raise typer.BadParameter("name the tool", param_hint="--tool")
    if preview:
        return command.preview(tool, count=preview, seed=seed, json=json)
    return command.align(
        {
            "tool": tool,
            "base": base,
            "out": out,
            "rows": rows,
            "replay": tuple(replay or ()),
            "requests": tuple(requests or ()),
            "margin": margin,
            "seed": seed,
            "fresh": fresh,
        },
        json=json,
        quiet=quiet,
    )


def add_to(root: typer.Typer) -> None:
    """Give the commands to the command line."""
    root.add_typer(app, name="tools")
    root.command()(align)
