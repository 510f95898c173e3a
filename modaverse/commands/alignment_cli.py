"""What can be typed to align a model: `modaverse train`, `merge` and `push`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["add_to"]

Run = Annotated[
    Path, typer.Argument(metavar="RUN", help="The folder that `modaverse train` wrote.")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, errors too.")]


def train(
    config: Annotated[
        str, typer.Argument(metavar="CONFIG", help="A TOML file, or the name of a recipe.")
    ],
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Settings to change: training.batch=32."),
    ] = None,
    preview: Annotated[
        int,
        typer.Option(metavar="N", min=0, help="Show N rows with the tokens that are learned."),
    ] = 0,
    show: Annotated[
        bool, typer.Option("--show", help="Print every setting and who set it; do not train.")
    ] = False,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin anew where the folder holds a run already.")
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print no more than the results.")
    ] = False,
    json: Json = False,
) -> int:
    """Align a language model on rows of plans.

    Projections and LoRA are trained at once. A run that was stopped goes on when the same command
    is typed again.
    """
    from modaverse.commands.train import preview as preview_rows
    from modaverse.commands.train import show as show_settings
    from modaverse.commands.train import train as train_model

    if show:
        return show_settings(config, words or (), json=json)
    if preview:
        return preview_rows(config, words or (), count=preview)
    return train_model(config, words or (), restart=restart, quiet=quiet, json=json)


def merge(
    run: Run,
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="FOLDER", help="Folder of the whole model.")
    ],
    json: Json = False,
) -> int:
    """Write an alignment and its base as one whole model."""
    from modaverse.commands.train import merge as merge_run

    return merge_run(run, out, json=json)


def push(
    run: Run,
    repo: Annotated[
        str, typer.Option("--repo", metavar="OWNER/NAME", help="A model repository of the hub.")
    ],
    public: Annotated[
        bool, typer.Option("--public", help="Let everybody see it; by default nobody else does.")
    ] = False,
    json: Json = False,
) -> int:
    """Upload an alignment to the hub, with a card."""
    from modaverse.commands.train import push as push_run

    return push_run(run, repo, public=public, json=json)


def add_to(app: typer.Typer) -> None:
    """Give the commands to the command line."""
    for command in (train, merge, push):
        app.command()(command)
