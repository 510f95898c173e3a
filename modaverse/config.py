"""Settings: a TOML file and MODAVERSE_ variables, checked as a whole.

    # ~/.config/modaverse/config.toml, or the file that MODAVERSE_CONFIG names
    llm = "http://127.0.0.1:8080/v1#qwen3"
    library = "~/Pictures/modaverse"

    [agent.run]
    workers = 4

The same by environment: MODAVERSE_LLM, MODAVERSE_LIBRARY, MODAVERSE_AGENT__RUN__WORKERS. A variable
wins over the file.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from modaverse.agent import Agent, AgentSettings
from modaverse.errors import ConfigError, Problem
from modaverse.llm.base import LLM
from modaverse.media import Limits
from modaverse.residency import Residency, shared_residency
from modaverse.toolbox import Toolbox

__all__ = [
    "Settings",
    "build_agent",
    "build_toolbox",
    "config_path",
    "default_library",
    "load_settings",
]

_PREFIX = "MODAVERSE_"
# Variables with another meaning.
_NOT_SETTINGS = {"MODAVERSE_ADAPTERS", "MODAVERSE_API_KEY", "MODAVERSE_CONFIG", "MODAVERSE_DEBUG"}


def default_library() -> Path:
    """Where results go if nobody says otherwise: modaverse in the user's data folder."""
    base = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(base).expanduser() / "modaverse"


def config_path(env: Mapping[str, str] | None = None) -> Path:
    """The settings file, whether it is there or not."""
    env = os.environ if env is None else env
    if chosen := env.get("MODAVERSE_CONFIG"):
        return Path(chosen).expanduser()
    base = env.get("XDG_CONFIG_HOME") or "~/.config"
    return Path(base).expanduser() / "modaverse" / "config.toml"


def _folder(value: object) -> object:
    """A path with `~` written out; an empty text means none."""
    if isinstance(value, str):
        return Path(value).expanduser() if value else None
    return value


def _words(value: object) -> object:
    """A list, also from a text with commas, as variables hold it."""
    if isinstance(value, str):
        return tuple(word.strip() for word in value.split(",") if word.strip())
    return value


class Settings(BaseModel):
    """All settings, each with a default.

    Attributes:
        llm: What plans: "nano", a model folder or hub id, or `http://host/v1#model`.
        library: Folder for the results; empty for none.
        device: Where tools load their models, in torch's words.
        memory: Bytes (GB, 1e9) that loaded models may take together; None: no limit.
        idle: Seconds after which an unused model is unloaded; None: never.
        without: Tools to leave out.
        models: Other models behind tools, by the tools' names.
        agent: Limits and habits of the agent.
        limits: What attachments may be.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    llm: str = Field(default="nano", min_length=1)
    library: Annotated[Path | None, BeforeValidator(_folder)] = Field(
        default_factory=default_library
    )
    device: str = Field(default="cpu", pattern=r"^[a-z]+(:\d+)?$")
    memory: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    idle: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    without: Annotated[tuple[str, ...], BeforeValidator(_words)] = ()
    models: dict[str, str] = {}
    agent: AgentSettings = AgentSettings()
    limits: Limits = Limits()


def load_settings(
    path: str | os.PathLike[str] | None = None, *, env: Mapping[str, str] | None = None
) -> Settings:
    """Read the settings file, if there is one, and the environment.

    Args:
        path: The file; it must then exist. By default the user's own, which need not.
        env: The environment; by default the process's.

    Raises:
        ConfigError: Something is wrong; every problem is listed, with where it stands.
    """
    env = os.environ if env is None else env
    file = Path(path) if path is not None else config_path(env)
    asked_for = path is not None or bool(env.get("MODAVERSE_CONFIG"))
    values = _read(file, must_exist=asked_for)
    origin: dict[str, str] = {}
    problems: list[Problem] = []
    for name, text in sorted(env.items()):
        if name.startswith(_PREFIX) and name not in _NOT_SETTINGS:
            keys = name.removeprefix(_PREFIX).lower().split("__")
            origin[".".join(keys)] = name
            _put(values, keys, text, problems, name)
    settings, more = _checked(values)
    problems += [_placed(problem, origin, file) for problem in more]
    if settings is None or problems:
        raise ConfigError(problems=problems, hint="see the documentation of the settings")
    return settings


def build_agent(settings: Settings, *, llm: LLM | str | None = None) -> Agent:
    """The agent that these settings describe.

    Args:
        settings: The settings.
        llm: What plans, instead of the one in the settings.

    Raises:
        ConfigError: A tool to leave out, or to change, does not exist.
        LibraryError: The folder for the results cannot be made or opened.
    """
    return Agent(
        llm or settings.llm,
        build_toolbox(settings),
        library=settings.library,
        settings=settings.agent,
        limits=settings.limits,
        residency=_residency(settings),
    )


def build_toolbox(settings: Settings) -> Toolbox:
    """The tools that are installed, as these settings want them.

    Raises:
        ConfigError: A tool to leave out, or to change, does not exist or has no model.
    """
    toolbox = Toolbox.default()
    for setting, names in (("without", settings.without), ("models", settings.models)):
        if unknown := [name for name in names if name not in toolbox]:
            raise ConfigError(
                f"{setting}: there is no tool {unknown[0]!r}",
                hint=f"the tools are: {', '.join(toolbox)}",
            )
    for name, model in settings.models.items():
        toolbox = toolbox.with_model(name, model)
    return toolbox.without(*settings.without)


def _residency(settings: Settings) -> Residency:
    if settings.memory is None and settings.idle is None:
        return shared_residency(settings.device)
    budget = None if settings.memory is None else round(settings.memory * 1e9)
    return Residency(budget, device=settings.device, idle_timeout=settings.idle)


def _read(file: Path, *, must_exist: bool) -> dict[str, Any]:
    """The file's tables; an absent file that nobody asked for is an empty one."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if not must_exist:
            return {}
        raise ConfigError(
            f"there is no settings file {file}", hint="write one, or unset MODAVERSE_CONFIG"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = 'write lines as key = "value"'
        raise ConfigError(f"{file} is not TOML: {error}", hint=hint) from error
    except OSError as error:
        raise ConfigError(
            f"{file} cannot be read: {error.strerror or error}", hint="check its permissions"
        ) from error


def _put(
    values: dict[str, Any], keys: list[str], text: str, problems: list[Problem], name: str
) -> None:
    """Set a nested value."""
    table = values
    for key in keys[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            problems.append(Problem(f"{name}: {key} is not a table"))
            return
        table = inner
    table[keys[-1]] = text


def _checked(values: dict[str, Any]) -> tuple[Settings | None, list[Problem]]:
    """The settings, and what is wrong with them, each led by its dotted name."""
    rest = {key: value for key, value in values.items() if key != "limits"}
    limits, problems = _checked_limits(values.get("limits", {}))
    try:
        return Settings.model_validate({**rest, "limits": limits}), problems
    except ValidationError as error:
        return None, [*_problems(error, Settings, ""), *problems]


def _checked_limits(values: object) -> tuple[Limits, list[Problem]]:
    """The limits, apart from the rest because they are no pydantic model."""
    if not isinstance(values, dict):
        return Limits(), [Problem("limits: must be a table")]
    known = {field.name for field in fields(Limits)}
    problems = [
        Problem(f"limits.{key}: there is no such setting; there are {', '.join(sorted(known))}")
        for key in sorted(values.keys() - known)
    ]
    try:
        held = {key: value for key, value in values.items() if key in known}
        return TypeAdapter(Limits).validate_python(held), problems
    except ValidationError as error:
        return Limits(), [*problems, *_problems(error, Limits, "limits.")]
    except ConfigError as error:
        return Limits(), [
            *problems,
            *(Problem(f"limits.{each.message}") for each in error.problems),
        ]


def _problems(error: ValidationError, model: type, lead: str) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        name = lead + ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            known = ", ".join(_keys_beside(fault["loc"], model))
            yield Problem(f"{name}: there is no such setting; there are {known}")
        else:
            reason = fault["msg"].removeprefix("Input ").removeprefix("Value error, ")
            yield Problem(f"{name}: {reason}, not {fault['input']!r}")


def _keys_beside(place: tuple[int | str, ...], model: Any) -> list[str]:
    """The settings that exist in the table where an unknown one was found."""
    for key in place[:-1]:
        model = model.model_fields[key].annotation
    return sorted(model.model_fields)


def _placed(problem: Problem, origin: Mapping[str, str], file: Path) -> Problem:
    """The problem with the variable or the file that it comes from."""
    name = problem.message.split(":")[0].split(" ")[0]
    return Problem(f"{problem.message} (in {origin.get(name, file)})")
