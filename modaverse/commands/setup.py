"""From what was chosen on the command line, and the settings, to an agent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.codecs.files import check_writable
from modaverse.commands import Choices
from modaverse.commands.streams import note
from modaverse.config import Settings, build_agent, default_library, load_settings
from modaverse.errors import ConfigError, LibraryError
from modaverse.library import Library
from modaverse.llm.base import LLM, load_llm
from modaverse.llm.places import refuse_absent

if TYPE_CHECKING:
    from modaverse.agent import Agent

__all__ = ["chosen_settings", "make_agent"]


def chosen_settings(choices: Choices) -> Settings:
    """The settings of the file and the environment, with the choices put over them.

    Raises:
        ConfigError: A setting or a choice is wrong.
    """
    settings = load_settings()
    chosen: dict[str, Any] = {"llm": choices.llm, "device": choices.device}
    chosen["library"] = choices.library.expanduser() if choices.library else None
    update = {name: value for name, value in chosen.items() if value}
    update["models"] = {**settings.models, **_models(choices.tools)}
    return settings.model_copy(update=update)


def make_agent(choices: Choices, *, remember: bool = True) -> Agent:
    """An agent as chosen; its models are loaded when they are first needed.

    Args:
        choices: The choices.
        remember: Whether results also go to the library.

    Raises:
        ConfigError: A setting or a choice is wrong.
        BackendMissing: The LLM's weights are missing.
        LibraryError: Somebody chose a library where none can be.
    """
    settings = chosen_settings(choices)
    for place in filter(None, (settings.llm, choices.adapter)):
        refuse_absent(place)  # before the tools are imported
    library = _library(settings) if remember else None
    settings = settings.model_copy(update={"library": library})
    return build_agent(settings, llm=_llm(choices, settings))


def _llm(choices: Choices, settings: Settings) -> LLM | None:
    """The LLM, if it needs more than a name."""
    options: dict[str, Any] = {"adapter": choices.adapter, "device": choices.device}
    options = {name: value for name, value in options.items() if value}
    if settings.llm.startswith(("http://", "https://")):
        if choices.adapter:
            raise ConfigError(
                "--adapter is for a local LLM, and this one is a server",
                hint="leave --adapter out, or name a model's folder with --llm",
            )
        return None
    return load_llm(settings.llm, **options) if options else None


def _models(pairs: tuple[str, ...]) -> dict[str, str]:
    """NAME=MODEL of each `--tool`."""
    models = {}
    for pair in pairs:
        name, _, model = pair.partition("=")
        if not name or not model:
            raise ConfigError(
                f"--tool {pair} names no model",
                hint="write NAME=MODEL, such as --tool text-to-image=stabilityai/sd-turbo",
            )
        models[name] = model
    return models


def _library(settings: Settings) -> Path | None:
    """The library's folder; None if there shall be none, or if it is of no use here.

    A library that cannot take results, because its disk is full or read-only, is told of before
    anything is made and hinders nothing: results go to --out in any case.

    Raises:
        LibraryError: Somebody chose it, and a file is in its way.
    """
    folder = settings.library
    if folder is None:
        return None
    try:
        Library(folder).close()
    except LibraryError as error:
        in_the_way = isinstance(error.__cause__, FileExistsError | NotADirectoryError)
        if in_the_way and folder != default_library():
            raise
        note(f"warning: {error.message}; there will be no library")
        return None
    try:
        check_writable(folder)
    except LibraryError as error:
        note(f"warning: {error.message}; the library can only be read")
    return folder
