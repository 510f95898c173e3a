"""Settings from a TOML file, a recipe or a run's folder, changed by `key=value` words."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from modaverse.errors import ConfigError, Problem
from modaverse.llm.places import expanded, is_path
from modaverse_training.alignment.config import AlignmentConfig, clashes

__all__ = [
    "CONFIG_FILE",
    "Resolved",
    "as_toml",
    "read_config",
    "read_run",
    "recipes",
    "write_config",
]

CONFIG_FILE = "config.toml"  # in a run's folder: every setting as it was resolved
_RECIPES = Path(__file__).parent / "recipes"
_MODELS = ("language", "vision", "audio", "start")


@dataclass(frozen=True)
class Resolved:
    """Settings, and who set what.

    Attributes:
        config: The settings.
        origin: For each dotted name that was set: the file, or "typed"; the others are defaults.
    """

    config: AlignmentConfig
    origin: Mapping[str, str]

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Every setting in order: its dotted name, its value as TOML, and who set it."""
        for name, value in _flat(self.config.as_tables()):
            yield name, _value(value), self.origin.get(name, "default")


def recipes() -> dict[str, Path]:
    """The recipes that come with the package, by name."""
    return {path.stem: path for path in sorted(_RECIPES.glob("*.toml"))}


def read_config(source: str | Path, words: Sequence[str] = (), *, files: bool = True) -> Resolved:
    """Read a TOML file, or a recipe by its name, and change it by `key=value` words.

    Paths in the file are relative to its folder, those that are typed to the working directory;
    the run's folder always to the working directory.

    Args:
        source: The file, or the name of a recipe.
        words: As typed: `training.batch=32`, `data.train=rows.jsonl`, `lora.targets='["q_proj"]'`.
        files: Whether the files of rows must be there.

    Raises:
        ConfigError: Something is wrong; every problem is listed.
    """
    path = _found(source)
    values = _read(path)
    origin = {name: str(path) for name, _ in _flat(values)}
    _place(values, path.resolve().parent)
    problems: list[Problem] = []
    for word in words:
        if name := _put(values, word, problems):
            origin = {key: who for key, who in origin.items() if not _within(key, name)}
            origin[name] = "typed"
    config = _checked(values, problems, files=files)
    return Resolved(config, _spread(origin, config))


def read_run(run: str | Path) -> AlignmentConfig:
    """The settings that a run was made with; its data need not be there any more.

    Raises:
        ConfigError: The folder is no run.
    """
    path = Path(run) / CONFIG_FILE
    if not path.is_file():
        raise ConfigError(
            f"{run} is no run of the alignment: it holds no {CONFIG_FILE}",
            hint="name the folder that `modaverse train` wrote",
        )
    return _checked(_read(path), [], files=False)


def write_config(config: AlignmentConfig, path: Path) -> None:
    """Write every setting as TOML, which `read_config` reads back."""
    path.write_text(as_toml(config), encoding="utf-8")


def as_toml(config: AlignmentConfig) -> str:
    """Every setting as TOML."""
    tables = config.as_tables()
    plain = [f"{key} = {_value(v)}" for key, v in tables.items() if not isinstance(v, dict)]
    for key, table in tables.items():
        if isinstance(table, dict):
            plain += ["", f"[{key}]", *(f"{name} = {_value(v)}" for name, v in table.items())]
    return "\n".join(plain) + "\n"


def _found(source: str | Path) -> Path:
    path = Path(source).expanduser()
    if path.is_file():
        return path
    if recipe := recipes().get(str(source)):
        return recipe
    raise ConfigError(
        f"there is no file {source}, and no recipe of that name",
        hint=f"name a TOML file, or one of: {', '.join(recipes())}",
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        hint = 'write lines as key = "value", below a [table]'
        raise ConfigError(f"{path} is not TOML: {error}", hint=hint) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror or error}") from error


def _put(values: dict[str, Any], word: str, problems: list[Problem]) -> str:
    """Set what a typed word says; gives the dotted name, or nothing if it is no such word."""
    name, equals, text = word.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        problems.append(Problem(f"{word!r} is no setting; write key=value, as training.batch=32"))
        return ""
    table = values
    for key in keys[:-1]:
        inner = table.setdefault(key, {})
        if not isinstance(inner, dict):
            problems.append(Problem(f"{name.strip()}: {key} is not a table"))
            return ""
        table = inner
    typed = {keys[-1]: _typed(text.strip())}
    _place(_nested(keys[:-1], typed), Path.cwd())
    table.update(typed)
    return ".".join(keys)


def _typed(text: str) -> object:
    """A value as TOML writes it; any other text is that text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text


def _nested(keys: Sequence[str], table: dict[str, Any]) -> dict[str, Any]:
    for key in reversed(keys):
        table = {key: table}
    return table


def _place(values: dict[str, Any], folder: Path) -> None:
    """Write out the paths that stand in `values`, in place; what is no path is left alone."""
    data, model = values.get("data"), values.get("model")
    if isinstance(data, dict):
        for key in data.keys() & {"train", "validation"}:
            found = data[key] if isinstance(data[key], list) else [data[key]]
            data[key] = [_placed_source(item, folder) for item in found]
    if isinstance(model, dict):
        for key in model.keys() & set(_MODELS):
            model[key] = _placed_model(model[key], folder)
    if isinstance(values.get("out"), str):
        values["out"] = str(Path(values["out"]).expanduser().absolute())


def _placed_source(item: object, folder: Path) -> object:
    if isinstance(item, str):
        return str(folder / Path(item).expanduser())
    if isinstance(item, dict) and isinstance(item.get("path"), str):
        return {**item, "path": str(folder / Path(item["path"]).expanduser())}
    return item


def _placed_model(name: object, folder: Path) -> object:
    """A folder with its whole path; else a hub id, or the word "nano".

    What can only be a path, or lies in a folder that is there, is one even if there is none there.
    """
    if not isinstance(name, str) or name in ("", "nano"):
        return name
    place = folder / expanded(name)
    path = is_path(name) or ("/" in name and place.parent.is_dir())
    return str(place) if path or place.is_dir() else name


def _checked(values: dict[str, Any], problems: list[Problem], *, files: bool) -> AlignmentConfig:
    values = {"model": {}, "data": {}, **values}  # so that what they lack is named
    wrong: set[str] = set()
    try:
        config = AlignmentConfig.model_validate(values, context={"files": files, "apart": True})
    except ValidationError as error:
        problems = [*problems, *_problems(error)]
        wrong = {".".join(map(str, fault["loc"][:2])) for fault in error.errors()}
        config = _rest(values, wrong)
    problems += [
        Problem(clash.reason) for clash in clashes(config) if not _touched(clash.names, wrong)
    ]
    if problems:
        raise ConfigError(
            problems=problems,
            hint="modaverse train nano --show prints every setting there is",
        )
    return config


def _rest(values: Mapping[str, Any], wrong: set[str]) -> AlignmentConfig:
    """The settings without the wrong ones, to see whether the others go together."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if name in wrong:
            continue
        kept[name] = value
        if isinstance(value, dict):
            kept[name] = {key: v for key, v in value.items() if f"{name}.{key}" not in wrong}
    for name, needed in (("model", {"language": "nano"}), ("data", {})):
        kept[name] = {**needed, **kept.get(name, {})}
    return AlignmentConfig.model_validate(kept, context={"files": False, "apart": True})


def _touched(names: Iterable[str], wrong: set[str]) -> bool:
    """Whether one of the settings is wrong by itself, or its whole table is."""
    return any(name in wrong or name.partition(".")[0] in wrong for name in names)


def _problems(error: ValidationError) -> Iterator[Problem]:
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"]) or "the settings"
        reason = fault["msg"].removeprefix("Value error, ").removeprefix("Input ")
        if fault["type"] == "extra_forbidden":
            yield Problem(f"{name}: there is no such setting{_meant(fault['loc'])}")
        elif fault["type"] == "missing":
            yield Problem(f"{name}: must be set")
        elif fault["type"] == "value_error":
            yield Problem(f"{name}: {reason}")
        else:
            yield Problem(f"{name}: {reason}, not {fault['input']!r}")


def _meant(place: tuple[int | str, ...]) -> str:
    """The setting that was probably meant, else those that there are."""
    table: Any = AlignmentConfig
    for key in place[:-1]:
        field = getattr(table, "model_fields", {}).get(key)
        table = field.annotation if field else None
    if not (isinstance(table, type) and issubclass(table, BaseModel)):
        return "; there are path, weight"
    names = list(table.model_fields)
    near = difflib.get_close_matches(str(place[-1]), names, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(names)}"


def _flat(values: Mapping[str, Any], lead: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{lead}{key}.")
        else:
            yield f"{lead}{key}", value


def _within(name: str, other: str) -> bool:
    return name == other or name.startswith(f"{other}.")


def _spread(origin: Mapping[str, str], config: AlignmentConfig) -> dict[str, str]:
    """Who set each single setting, where a whole table was set at once."""
    names = [name for name, _ in _flat(config.as_tables())]
    found = {name: [who for key, who in origin.items() if _within(name, key)] for name in names}
    return {name: who[-1] for name, who in found.items() if who}


def _value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_items(value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)  # numbers, true and false


def _items(values: Iterable[object]) -> Iterator[str]:
    return (_value(value) for value in values)
