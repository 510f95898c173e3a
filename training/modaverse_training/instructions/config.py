"""The settings of a data set: what a TOML file may say, all checked, every problem told at once.

out = "data/first"
rows = { train = 20000, validation = 500, test = 500 }

[[sources]]
kind = "coco"
path = "annotations/captions_train2017.json"
media = "train2017"
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from modaverse.errors import ConfigError, Problem
from modaverse.plan import closest
from modaverse_training.instructions.cells import CELLS, Cell
from modaverse_training.instructions.grammar import Mix
from modaverse_training.instructions.items import Split
from modaverse_training.instructions.readers import READERS

__all__ = ["AugmentConfig", "BackConfig", "BuildConfig", "RowCounts", "SourceConfig", "read_config"]

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=0)]


def _several(value: object) -> object:
    """A list, also from its only item."""
    return value if isinstance(value, list | tuple) else [value]


Words = Annotated[tuple[str, ...], BeforeValidator(_several)]
Paths = Annotated[tuple[Path, ...], BeforeValidator(_several)]


class Table(BaseModel):
    """A table of settings: frozen, and an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceConfig(Table):
    """A set of captions.

    Attributes:
        kind: Which reader: coco, flickr30k, audiocaps, clotho, msrvtt, librispeech, common-voice,
            plain, or concepts, which needs no path.
        path: Its file of captions, or its folder.
        media: The folder of its media files; without one only the captions are used.
        missing: What to do about a media file that is not there.
        name: How its media files are called, if not as usual: `"Y{youtube_id}.flac"`.
        split: Use all of it for this split.
        modality: Of a plain table whose files do not tell.
        columns: Of a plain table: which column is `path`, `caption`, `key`, `name`, `split`.
        limit: The most items to take; 0 for all. The paper takes 50,000 of a modality.
        count: How many of each modality `concepts` makes.
        render: Whether `concepts` makes files too, in `media` of the output folder.
    """

    kind: str
    path: Path | None = None
    media: Path | None = None
    missing: Literal["raise", "skip", "caption"] = "raise"
    name: str = ""
    split: Split | None = None
    modality: Literal["image", "audio", "video", "speech"] | None = None
    columns: dict[str, str] = {}
    limit: Count = 0
    count: Count = 600
    render: bool = False

    @field_validator("kind")
    @classmethod
    def _a_reader(cls, kind: str) -> str:
        if kind not in READERS:
            raise ValueError(f"there is no reader {kind!r}; {closest(kind, READERS)}")
        return kind


class RowCounts(Table):
    """How many rows to make of each split; a split of 0 has no file."""

    train: Count = 2000
    validation: Count = 100
    test: Count = 100


class BackConfig(Table):
    """Requests written by an LLM.

    Attributes:
        llm: As `--llm`: a folder, a hub id, `http://host/v1#model`; empty for none.
        rewrite: Share of the rows whose request it writes anew, from the plan.
        invent: Share of the rows about an attachment that it makes, request and prompt.
        tools: Share of the rows that it makes from the docstrings of the tools in focus.
        splits: In which splits.
        verify: Whether it must route its own requests as their plans do; doubles the calls.
        calls: The most questions to it, over all runs into one folder; 0 for no limit.
        tokens: The most tokens, estimated.
        temperature: How freely it writes.
        max_tokens: Longest answer.
    """

    llm: str = ""
    rewrite: Share = 0.3
    invent: Share = 0.1
    tools: Share = 0.0
    splits: tuple[Split, ...] = ("train",)
    verify: bool = False
    calls: Count = 0
    tokens: Count = 0
    temperature: float = Field(default=0.8, ge=0, le=2, allow_inf_nan=False)
    max_tokens: int = Field(default=300, ge=16)


class AugmentConfig(Table):
    """Variations of training rows, added to them.

    Attributes:
        media: Share of the rows with pictures or sounds that get a varied twin.
        words: Share of the rows that get a twin in another frame of words.
        paraphrase: Share of the rows that get a twin in the words of the LLM.
    """

    media: Share = 0.0
    words: Share = 0.0
    paraphrase: Share = 0.0


def _cell(value: object) -> object:
    """A pair of modalities, also from "image -> audio"."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split("->"))


class BuildConfig(Table):
    """All settings of a data set.

    Attributes:
        out: Its folder.
        rows: How many rows of each split.
        sources: Sets of captions; by default the nano suite's concepts, without files.
        include: Files of rows that are checked and put before the training rows.
        on_error: What a broken row of a source or an included file brings: "raise" stops with its
            line and reason; "skip" leaves it out and counts it.
        against: Files of held-out rows, requests or prompts that no row may give away.
        format: Of the files.
        seed: The same seed gives the same rows.
        tools: Names of the tools; by default all that are installed.
        more_tools: Tools beside, each as "module:attribute".
        described: Files or folders of tool descriptions, as TaskBench's `tool_desc.json`: the rows
            are made from these descriptions, and their plans may call these tools alone.
        roles: Tools of other names for what the grammar wants: `{ paint = "my-painter" }`.
        focus: Tools to make rows for from their docstrings; `mix.tools` says how many.
        cells: Pairs of modalities, as "image -> audio"; by default all.
        attach: "files" attaches only what has a file; "captions" also what is only told of, for
            LLMs that read text alone.
        temperature: Above 1, sets of many captions are drawn from less than they could be.
        near: Similarity from which on two rows count as the same; above 1 only equal ones do.
        leak: Similarity from which on a request gives a held-out one away.
        mix: How often each kind of row is made.
        back: Requests written by an LLM.
        augment: Variations of training rows.
    """

    out: Path = Path("modaverse-data")
    rows: RowCounts = RowCounts()
    sources: tuple[SourceConfig, ...] = (SourceConfig(kind="concepts"),)
    include: Paths = ()
    on_error: Literal["raise", "skip"] = "raise"
    against: Paths = ()
    format: Literal["jsonl", "parquet"] = "jsonl"
    seed: int = Field(default=0, ge=0)
    tools: Words = ()
    more_tools: Words = ()
    described: Paths = ()
    roles: dict[str, str] = {}
    focus: Words = ()
    cells: tuple[Annotated[Cell, BeforeValidator(_cell)], ...] = ()
    attach: Literal["files", "captions"] = "files"
    temperature: float = Field(default=2.0, ge=1)
    near: float = Field(default=0.9, gt=0)
    leak: float = Field(default=0.8, gt=0)
    mix: Mix = Mix()
    back: BackConfig = BackConfig()
    augment: AugmentConfig = AugmentConfig()

    @field_validator("cells")
    @classmethod
    def _known_cells(cls, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
        if unknown := [cell for cell in cells if cell not in CELLS]:
            raise ValueError(f"there is no pair {' -> '.join(unknown[0])}")
        return cells


def read_config(
    path: str | Path | None, typed: Mapping[str, Any] | None = None, *, files: bool = True
) -> BuildConfig:
    """The settings of a TOML file, with what was typed put over them.

    Paths in the file are relative to its folder, those that are typed to the working directory.

    Args:
        path: The file; None for the defaults.
        typed: Settings that win, by name.
        files: Whether the files that it names must be there.

    Raises:
        ConfigError: Something is wrong; every problem is listed.
    """
    values = {} if path is None else _placed(_read(Path(path)), Path(path).parent)
    for name, value in (typed or {}).items():
        if isinstance(value, Mapping):
            value = {**_table(values.get(name)), **value}
        values[name] = value
    problems: list[Problem] = []
    config = None
    try:
        config = BuildConfig.model_validate(values)
    except ValidationError as error:
        problems = [Problem(_told(item)) for item in error.errors(include_url=False)]
    if config is not None:
        problems = [*_unfit(config), *(_missing(config) if files else ())]
    if config is None or problems:
        raise ConfigError(problems=problems, hint="docs/data.md tells every setting")
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror or error}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is no TOML: {error}") from error


def _placed(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The settings with the paths of a file seen from its folder."""

    def placed(value: object) -> object:
        if isinstance(value, str):
            return str(folder / Path(value).expanduser())
        return [placed(item) for item in value] if isinstance(value, list) else value

    for name in ("out", "include", "against", "described"):
        if name in values:
            values[name] = placed(values[name])
    sources = values.get("sources")
    for source in sources if isinstance(sources, list) else ():
        for name in ("path", "media"):
            if isinstance(source, dict) and name in source:
                source[name] = placed(source[name])
    return values


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _unfit(config: BuildConfig) -> Iterable[Problem]:
    """Settings that do not fit each other."""
    shares = config.back.rewrite + config.back.invent + config.back.tools
    if config.back.llm and shares > 1:
        yield Problem(f"the shares of back add up to {shares:g}; they must not exceed 1")
    if config.back.tools and config.back.llm and not config.focus:
        yield Problem("back.tools needs tools in focus")
    if config.mix.tools and not config.focus:
        yield Problem("mix.tools needs tools in focus")
    if config.augment.paraphrase and not config.back.llm:
        yield Problem("augment.paraphrase needs back.llm")
    if config.described and (config.focus or config.more_tools or config.roles):
        yield Problem("with described tools there are no focus, more_tools or roles")
    kinds = ("pair", "several", "follow", "told", "aside", "refuse", "tools")
    if not any(getattr(config.mix, kind) for kind in kinds):
        yield Problem("every share of mix is 0")
    for number, source in enumerate(config.sources, 1):
        if source.path is None and source.kind != "concepts":
            yield Problem(f"sources.{number}: {source.kind} needs a path")


def _missing(config: BuildConfig) -> Iterable[Problem]:
    """Files and folders that are named and are not there."""
    named = [*config.include, *config.against, *config.described]
    named += [path for source in config.sources for path in (source.path, source.media) if path]
    return (Problem(f"there is no {path}") for path in named if not path.exists())


def _told(fault: Any) -> str:
    place = ".".join(str(part) for part in fault["loc"])
    message = str(fault["msg"]).removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
