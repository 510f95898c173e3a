"""Evaluation of an agent: which suites, with which data, into one report."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from modaverse.errors import ConfigError
from modaverse.media import Modality
from modaverse_tools import nano_llm
from modaverse_training.evaluation.captions import CaptionSuite, read_captioned
from modaverse_training.evaluation.cases import OnError, read_cases
from modaverse_training.evaluation.extractors import load_extractor
from modaverse_training.evaluation.generation import GenerationSuite
from modaverse_training.evaluation.geneval import GenEvalSuite, read_metadata
from modaverse_training.evaluation.judges import Judge, WordJudge, load_judge, nano_words
from modaverse_training.evaluation.material import FileMaterial, Material, NanoMaterial
from modaverse_training.evaluation.matrix import MatrixSuite
from modaverse_training.evaluation.partiprompts import PartiPromptsSuite, read_prompts
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.report import circumstances, summary, write_report
from modaverse_training.evaluation.rows import RowSuite
from modaverse_training.evaluation.suite import Progress, Section, Suite
from modaverse_training.evaluation.taskbench import TaskBenchSuite
from modaverse_training.evaluation.taskbench_data import read_bench, toolbox_of

if TYPE_CHECKING:
    from modaverse.agent import Agent

__all__ = ["HELD_OUT", "SUITES", "EvaluationSettings", "Report", "SuiteName", "evaluate"]

SuiteName = Literal[
    "plans", "geneval", "partiprompts", "taskbench", "captions", "generation", "matrix"
]
SUITES: tuple[SuiteName, ...] = get_args(SuiteName)

#: The hand-written requests that nano is tested on, for plans where no other rows are named.
HELD_OUT = Path(__file__).parents[1] / "nano" / "requests" / "test.jsonl"


class EvaluationSettings(BaseModel):
    """What is measured, on what data.

    Attributes:
        out: The folder of the report and of the journals that a stopped run goes on from.
        suites: Those to measure; by default every one whose data are given, or else `plans`.
        rows: Files of rows, for `plans`; by default `HELD_OUT`.
        described: Descriptions of the tools that these rows call, in place of the installed ones.
        geneval: GenEval's metadata file or its folder.
        partiprompts: The PartiPrompts file or its folder.
        taskbench: TaskBench's folder.
        captions: A file that names media and references.
        generation: Another such file; the likes of its media are made and compared with them.
        extractors: What gives features of media, by modality: "module:function", or the folder of
            a CLIP, SigLIP or CLAP model.
        judges: Folders of the judges of the matrix, by modality. One of image judges videos too.
        material: Examples for the matrix, one a line; by default the nano suite's concepts.
        each: Examples of each cell of the matrix.
        sees: Modalities that the LLM can look into; by default what it says of itself.
        limit: The most tasks of a suite, spread over all of them; 0 for all.
        seed: Of what the matrix and `generation` make.
        again: Whether to throw away the verdicts of an earlier run.
        skip_broken: Whether broken rows are left out, and not an error.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    out: Path
    suites: tuple[SuiteName, ...] = ()
    rows: tuple[Path, ...] = ()
    described: tuple[Path, ...] = ()
    geneval: Path | None = None
    partiprompts: Path | None = None
    taskbench: Path | None = None
    captions: Path | None = None
    generation: Path | None = None
    extractors: dict[Modality, str] = {}
    judges: dict[Modality, Path] = {}
    material: Path | None = None
    each: int = Field(default=20, ge=1)
    sees: tuple[Modality, ...] | None = None
    limit: int = Field(default=0, ge=0)
    seed: int = Field(default=0, ge=0)
    again: bool = False
    skip_broken: bool = False

    def chosen(self) -> tuple[SuiteName, ...]:
        """The suites to measure, in their fixed order.

        Raises:
            ConfigError: A suite lacks its data; everything missing is listed.
        """
        data: dict[SuiteName, object] = {
            "plans": self.rows,
            "geneval": self.geneval,
            "partiprompts": self.partiprompts,
            "taskbench": self.taskbench,
            "captions": self.captions,
            "generation": self.generation,
            "matrix": self.judges,
        }
        if not self.suites:
            return tuple(name for name in SUITES if data[name]) or ("plans",)
        missing = [
            f"the suite {name} needs --{name} {'FOLDER' if name == 'taskbench' else 'FILE'}"
            for name in self.suites
            if not data[name] and name not in ("plans", "matrix")
        ]
        if missing:
            raise ConfigError(
                problems=missing, hint="docs/evaluation.md tells where data come from"
            )
        return tuple(name for name in SUITES if name in self.suites)


@dataclass(frozen=True)
class Report:
    """What was measured.

    Attributes:
        sections: One a suite, in the fixed order.
        form: What is in report.json.
    """

    sections: tuple[Section, ...]
    form: dict[str, Any]

    def lines(self) -> str:
        """The figures as lines for the terminal."""
        return summary(self.sections)


def evaluate(
    agent: Agent,
    settings: EvaluationSettings,
    *,
    models: Sequence[str] = (),
    command: str = "",
    progress: Progress | None = None,
) -> Report:
    """Measure an agent and write its report.

    A run that was stopped goes on where it was: verdicts stand in `SUITE.jsonl` as they come.

    Args:
        agent: Whose LLM plans, and, for the matrix, whose tools make.
        settings: What to measure.
        models: Folders of the LLM's weights, or "nano": verdicts of other weights are not taken up.
        command: What was typed, for the report.
        progress: Told how far each suite is.

    Raises:
        ConfigError: A suite lacks its data, or the folder holds another run's verdicts.
        DataError: Data are broken.
        BackendMissing: A judge or a package is missing.
        LLMError: The LLM cannot be reached.
        LibraryError: The folder cannot be written to.
    """
    built = [_built(name, agent, settings) for name in settings.chosen()]  # all data, before work
    if (load := getattr(agent.llm, "load", None)) is not None:
        load()  # so that no plan's time holds the loading of the model
    identity = {"llm": agent.llm.name, "weights": _weights(models)}
    sections = tuple(
        suite.measure(
            settings.out,
            llm=identity,
            limit=settings.limit,
            again=settings.again,
            progress=progress,
        )
        for suite in built
    )
    made = circumstances(command, agent.llm.name)
    return Report(sections, write_report(settings.out, sections, made))


def _built(name: SuiteName, agent: Agent, settings: EvaluationSettings) -> Suite[Any]:
    planner = Planner(agent.llm)
    sees = None if settings.sees is None else frozenset(settings.sees)
    mode: OnError = "skip" if settings.skip_broken else "raise"
    if name == "plans":
        rows = settings.rows or (HELD_OUT,)
        cases = [case for path in rows for case in read_cases(path, on_error=mode)]
        boxes = [toolbox_of(path) for path in settings.described] or [agent.toolbox]
        return RowSuite(planner, cases, reduce(or_, boxes), sees=sees)
    if name == "geneval":
        return GenEvalSuite(planner, read_metadata(settings.geneval or ""), agent.toolbox)
    if name == "partiprompts":
        return PartiPromptsSuite(planner, read_prompts(settings.partiprompts or ""), agent.toolbox)
    if name == "taskbench":
        folder = settings.taskbench or Path()
        return TaskBenchSuite(planner, read_bench(folder), toolbox_of(folder))
    if name == "captions":
        files = read_captioned(settings.captions or "", on_error=mode)
        return CaptionSuite(planner, files, agent.toolbox, sees=sees, on_error=mode)
    if name == "generation":
        files = read_captioned(settings.generation or "", on_error=mode)
        extractors = {kind: load_extractor(named) for kind, named in settings.extractors.items()}
        folder = settings.out / name
        return GenerationSuite(agent, files, extractors, folder, seed=settings.seed)
    material = FileMaterial(settings.material) if settings.material else NanoMaterial()
    return MatrixSuite(
        agent,
        material,
        _judges(settings, material),
        each=settings.each,
        sees=sees,
        seed=settings.seed,
    )


def _judges(settings: EvaluationSettings, material: Material) -> dict[Modality, Judge]:
    """The judges that were given, that of texts, and that of pictures for videos."""
    names = material.names() if isinstance(material, FileMaterial) else []
    words = {name: (name,) for name in names} if names else nano_words()
    judges: dict[Modality, Judge] = {"text": WordJudge(words)}
    for modality, folder in settings.judges.items():
        judges[modality] = load_judge(folder, names or list(words))
    if "image" in judges:
        judges.setdefault("video", judges["image"])
    return judges


def _weights(models: Sequence[str]) -> str:
    """What tells weights from others of the same name: sizes and times of their files."""
    hashed = hashlib.sha256()
    for model in models:
        folders = nano_llm.homes() if model == "nano" else [Path(model)]
        files = (sorted(folder.rglob("*.safetensors")) for folder in folders if folder.is_dir())
        for file in chain.from_iterable(files):
            found = file.stat()
            hashed.update(f"{file.name} {found.st_size} {found.st_mtime_ns}".encode())
    return hashed.hexdigest()[:16]
