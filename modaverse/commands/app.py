"""What can be typed: the `modaverse` command, its options, its exit codes.

The work is in the modules beside this one, one a command, imported when its command runs, so that
`modaverse --help` answers at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from modaverse import __version__
from modaverse.commands import (
    INTERRUPTED,
    OK,
    RESULTS,
    Choices,
    alignment_cli,
    data_cli,
    evaluate_cli,
    tools_cli,
)

__all__ = ["app", "run_command"]

_EXIT_CODES = """\b
Exit codes:
  0    done
  1    some call failed, or some line of a file; the rest is there
  2    wrong usage
  3    an error; its message and a hint stand on stderr
  130  stopped by Ctrl-C; what was made until then stays and is listed

\b
MODAVERSE_DEBUG=1 shows tracebacks and what libraries say."""

app = typer.Typer(
    name="modaverse",
    help="One LLM plans in plain language; tools make the pictures, sounds, speech and videos.",
    epilog=_EXIT_CODES,
    rich_markup_mode=None,  # plain help needs no rich, which takes longer than all the rest
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
gallery_app = typer.Typer(
    help="List what was made, tell how, make it again.",
    rich_markup_mode=None,
)
app.add_typer(gallery_app, name="gallery")

Request = Annotated[
    str,
    typer.Argument(
        metavar="REQUEST", help="What you would like, in your own words; - reads it from stdin."
    ),
]
Files = Annotated[
    list[str] | None,
    typer.Argument(metavar="FILES", help="Pictures, sounds and videos to go with it."),
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder for the results.")]
Seed = Annotated[
    int, typer.Option(metavar="N", min=0, help="The same seed gives the same results.")
]
Llm = Annotated[
    str | None,
    typer.Option(
        "--llm",
        metavar="NAME",
        help="What plans: nano, a model's folder or hub id, or http://host/v1#model.",
    ),
]
Adapter = Annotated[
    str | None,
    typer.Option("--adapter", metavar="NAME", help="A peft adapter for the LLM: folder or hub id."),
]
Device = Annotated[
    str | None,
    typer.Option(
        "--device", metavar="NAME", help="Where models are loaded: cpu, cuda, cuda:1, mps."
    ),
]
Tools = Annotated[
    list[str] | None,
    typer.Option(
        "--tool",
        metavar="NAME=MODEL",
        help="text-to-image=stabilityai/sd-turbo puts another model behind it. May be repeated.",
    ),
]
Library = Annotated[
    Path | None,
    typer.Option("--library", metavar="FOLDER", help="Keeps every result, for the gallery."),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print no more than the results.")]


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """One LLM plans in plain language; tools make the pictures, sounds, speech and videos."""
    if version:
        typer.echo(f"modaverse {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    request: Request,
    files: Files = None,
    out: Out = RESULTS,
    seed: Seed = 0,
    llm: Llm = None,
    adapter: Adapter = None,
    device: Device = None,
    tool: Tools = None,
    library: Library = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Answer one request; results are files in the folder --out."""
    from modaverse.commands.run import run

    choices = Choices(llm, adapter, device, tuple(tool or ()), library)
    return run(request, files or (), out=out, seed=seed, choices=choices, json=json, quiet=quiet)


@app.command()
def chat(
    out: Out = RESULTS,
    seed: Seed = 0,
    llm: Llm = None,
    adapter: Adapter = None,
    device: Device = None,
    tool: Tools = None,
    library: Library = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Talk; later requests may speak of what came before.

    Lines that begin with a slash are commands: /help lists them.
    """
    from modaverse.commands.chat import chat

    choices = Choices(llm, adapter, device, tuple(tool or ()), library)
    return chat(out=out, seed=seed, choices=choices, json=json, quiet=quiet)


@app.command()
def plan(
    request: Annotated[
        str | None,
        typer.Argument(metavar="REQUEST", help="What you would like; - reads it from stdin."),
    ] = None,
    files: Files = None,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='Plan every line {"request": ..., "attachments": [paths]} of a file; - is stdin.',
        ),
    ] = None,
    seed: Seed = 0,
    llm: Llm = None,
    adapter: Adapter = None,
    device: Device = None,
    tool: Tools = None,
    json: Json = False,
) -> int:
    """Tell what requests would do, without doing it."""
    from modaverse.commands.plan import plan_file, plan_one

    if (request is None) == (jsonl is None):
        raise typer.BadParameter("give either a request or --jsonl FILE", param_hint="REQUEST")
    choices = Choices(llm, adapter, device, tuple(tool or ()))
    if jsonl is not None:
        return plan_file(jsonl, seed=seed, choices=choices)
    return plan_one(request or "", files or (), seed=seed, choices=choices, json=json)


@gallery_app.callback(invoke_without_command=True)
def gallery(
    context: typer.Context,
    text: Annotated[str, typer.Option(metavar="TEXT", help="What the prompt must contain.")] = "",
    tool: Annotated[str, typer.Option(metavar="NAME", help="The tool that made it.")] = "",
    modality: Annotated[
        str, typer.Option(metavar="NAME", help="text, image, audio or video.")
    ] = "",
    limit: Annotated[int, typer.Option(metavar="N", min=1, help="The most to list.")] = 20,
    library: Library = None,
    json: Json = False,
) -> int:
    """List what was made, tell how, make it again."""
    if context.invoked_subcommand is not None:
        if text or tool or modality or library or json:
            name = f"gallery {context.invoked_subcommand}"
            raise typer.BadParameter(f"options go behind the command: {name} --json")
        return OK
    from modaverse.commands.gallery import find

    return find(text, tool, modality, limit=limit, library=library, json=json)


File = Annotated[
    str,
    typer.Argument(metavar="FILE", help="A file made by ModaVerse, or a digest of the library."),
]


@gallery_app.command()
def show(file: File, library: Library = None, json: Json = False) -> int:
    """Tell how a file was made."""
    from modaverse.commands.gallery import show

    return show(file, library=library, json=json)


@gallery_app.command()
def rerun(
    file: File,
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="FILES", help="What it was made from, if not in the library."),
    ] = None,
    out: Out = RESULTS,
    device: Device = None,
    tool: Tools = None,
    library: Library = None,
    json: Json = False,
    quiet: Quiet = False,
) -> int:
    """Make a file again, with the prompt, options, seed and model that it was made with."""
    from modaverse.commands.gallery import rerun

    choices = Choices(None, None, device, tuple(tool or ()), library)
    return rerun(file, files or (), out=out, choices=choices, json=json, quiet=quiet)


@app.command()
def doctor(llm: Llm = None, device: Device = None, json: Json = False) -> int:
    """Check what is needed here, and tell what to type."""
    from modaverse.commands.doctor import doctor

    return doctor(Choices(llm=llm, device=device), json=json)


@app.command()
def demo(
    port: Annotated[
        int, typer.Option(metavar="N", min=0, max=65535, help="Port on 127.0.0.1.")
    ] = 7860,
    browser: Annotated[bool, typer.Option("--browser", help="Open a browser on it.")] = False,
    llm: Llm = None,
    adapter: Adapter = None,
    device: Device = None,
    tool: Tools = None,
    library: Library = None,
) -> int:
    """Open the demo: a chat in the browser, on this machine only."""
    from modaverse.commands.demo import demo

    choices = Choices(llm, adapter, device, tuple(tool or ()), library)
    return demo(choices, port=port, browser=browser)


alignment_cli.add_to(app)
evaluate_cli.add_to(app)
data_cli.add_to(app)
tools_cli.add_to(app)


def run_command(typed: Sequence[str], *, alone: bool = False) -> int:
    """Run what was typed; never shows a traceback unless MODAVERSE_DEBUG is set.

    Args:
        typed: What stood after `modaverse`.
        alone: Whether the process is there for this command alone; it may then end here.

    Returns:
        The exit code.
    """
    from modaverse.commands import streams

    streams.prepare()
    code = _code(list(typed))
    if alone:
        streams.leave(code)
    return code


def _code(typed: list[str]) -> int:
    """Run what was typed; whatever is raised is told in one form."""
    from modaverse.commands import streams

    try:
        code = typer.main.get_command(app).main(typed, prog_name="modaverse", standalone_mode=False)
        streams.flush()
        return code or OK
    except typer.TyperException as error:
        return streams.report_usage(error, typed)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        return streams.hang_up()
    except Exception as error:  # a fault of ours is still no reason to show a traceback
        return streams.report(error, typed)
