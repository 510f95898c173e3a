"""The suite `captions`: what an LLM says of pictures, sounds and videos, against references.

A file has one {"path": "dog.jpg", "references": ["a dog on grass", …]} a line, with paths relative
to it; `"request"` asks otherwise, and `"spoken": true` marks words that are spoken in a recording.
Descriptions are measured by BLEU, ROUGE, METEOR's exact stage and CIDEr-D, transcripts by WER and
CER (`modaverse_training.evaluation.text_metrics`), all of them without case and punctuation. Files
that the LLM cannot look into are left out, and told of.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modaverse.conversation import next_handles
from modaverse.errors import BackendMissing, DataError, MediaError
from modaverse.llm.base import LLMRequest, Message
from modaverse.media import Modality, load_media, modality_of
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.cases import OnError
from modaverse_training.evaluation.figures import Figure, seconds, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.pairs import numbered_lines
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.standins import perceived
from modaverse_training.evaluation.suite import Section, Suite, digest
from modaverse_training.evaluation.text_metrics import METRICS, plain

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

log = logging.getLogger(__name__)

__all__ = ["REQUESTS", "TRANSCRIBE", "CaptionSuite", "Captioned", "read_captioned"]

#: How a description is asked for where the line does not say it.
REQUESTS: Mapping[Modality, str] = {
    "image": "Describe this picture in a few words.",
    "audio": "Describe this sound in a few words.",
    "video": "Describe this video in a few words.",
}
#: And how a transcript is.
TRANSCRIBE = "Write down the words that are spoken in this recording."

_OF_DESCRIPTIONS = ("bleu", "rouge", "meteor-exact", "cider")
_OF_TRANSCRIPTS = ("wer", "cer")
_HINT = 'write lines as {"path": "dog.jpg", "references": ["a dog on grass"]}'

_Text = Annotated[str, Field(pattern=r"\w")]  # without a word there is nothing to compare


class Captioned(BaseModel):
    """A file and what people say of it.

    Attributes:
        path: Of the file.
        references: What it shows, or the words that are spoken in it; at least one.
        request: How the LLM is asked; empty as `REQUESTS` has it.
        spoken: Whether words that are spoken are wanted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: Path
    references: tuple[_Text, ...] = Field(min_length=1)
    request: str = ""
    spoken: bool = False

    @property
    def fingerprint(self) -> tuple[str, int, int]:
        """What is asked and wanted, and what tells the file from another: its size and time."""
        found = self.path.stat()
        asked = self.model_dump_json(exclude={"path"})
        return f"{self.path.name} {asked}", found.st_size, found.st_mtime_ns


def read_captioned(path: str | Path, *, on_error: OnError = "raise") -> list[Captioned]:
    """The files and references of a JSONL file.

    Args:
        path: The file.
        on_error: "skip" leaves broken lines and those without their files out, and logs them.

    Raises:
        DataError: It cannot be read or holds nothing, a line is broken, or a file is not there.
    """
    source, found = Path(path), []
    for number, line in numbered_lines(source, hint=_HINT):
        try:
            found.append(_captioned(line, source.parent))
        except ValueError as error:
            fault = DataError(str(error), file=str(source), line=number, hint=_HINT)
            if on_error == "raise":
                raise fault from error
            log.warning("left out %s", fault.message)
    if not found:
        raise DataError("there are no lines to measure", file=str(source), hint=_HINT)
    return found


def _captioned(line: str, folder: Path) -> Captioned:
    """What a line says, with the place of its file; a ValueError tells what is wrong with it."""
    try:
        one = Captioned.model_validate_json(line)
    except ValidationError as error:
        raise ValueError("; ".join(f"{_place(e)}: {e['msg']}" for e in error.errors())) from error
    file = folder / one.path
    try:
        there = file.is_file()
    except OSError as error:  # no name of a file at all
        raise ValueError(f"path: {error.strerror}") from error
    if not there:
        raise ValueError(f"there is no file {one.path}")
    return one.model_copy(update={"path": file})


def _place(error: ErrorDetails) -> str:
    return ".".join(map(str, error["loc"])) or "the line"


class CaptionSuite(Suite[tuple[int, Captioned]]):
    """Descriptions and transcripts of files.

    Args:
        planner: Asks the LLM.
        captioned: The files.
        toolbox: The tools that are offered; a good answer calls none.
        sees: The modalities that the LLM looks into; by default what it says of itself.
        on_error: "skip" leaves files that cannot be read out, and tells how many.
    """

    name = "captions"
    title = "Descriptions of files"

    def __init__(
        self,
        planner: Planner,
        captioned: Sequence[Captioned],
        toolbox: Toolbox,
        *,
        sees: frozenset[Modality] | None = None,
        on_error: OnError = "raise",
    ) -> None:
        self._planner, self._captioned, self._toolbox = planner, captioned, toolbox
        self._sees = perceived(planner.llm) if sees is None else sees
        self._on_error = on_error

    def tasks(self) -> Sequence[tuple[int, Captioned]]:
        """The files, numbered from 1."""
        return list(enumerate(self._captioned, 1))

    def named(self, task: tuple[int, Captioned]) -> str:
        """The number of a file."""
        return str(task[0])

    def run(self) -> Mapping[str, Any]:
        """The files, their references, the wordings, what is looked into, and the tools."""
        rows = [one.fingerprint for one in self._captioned]
        asked = [*REQUESTS.values(), TRANSCRIBE]
        return {
            "captions": digest([*rows, asked]),
            "sees": sorted(self._sees),
            "tools": list(self._toolbox),
        }

    def judge(self, task: tuple[int, Captioned]) -> Record:
        """What the LLM says of one file; only why not, where it is left out.

        Raises:
            DataError: The file cannot be read, and such files are not to be left out.
        """
        one = task[1]
        record: Record = {
            "file": one.path.name,
            "references": list(one.references),
            "spoken": one.spoken,
        }
        try:
            medium = load_media(one.path)
        except MediaError as error:
            if self._on_error == "raise":
                hint = "mend it, or leave such files out with --skip-broken"
                raise DataError(error.message, file=str(one.path), hint=hint) from error
            return {**record, "left_out": "cannot be read"}
        kind = modality_of(medium)
        if kind not in self._sees:
            return {**record, "left_out": f"of {kind}, which the LLM does not look into"}
        asked = one.request.strip() or (TRANSCRIBE if one.spoken else REQUESTS[kind])
        (handle,) = next_handles([kind], ())
        answer = self._planner.plan(
            LLMRequest(
                (Message("user", asked, (handle,)),),
                self._toolbox,
                {handle: kind},
                media={handle: medium},
            )
        )
        in_words = not answer.error and not answer.plan.calls and bool(answer.plan.text)
        return {
            **record,
            "left_out": "",
            "modality": kind,
            "asked": asked,
            "said": answer.plan.text,
            "in_words": in_words,
            "error": answer.error,
            "seconds": answer.seconds,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """The metrics of all texts, and those of the descriptions of each modality."""
        asked = [record for record in records if not record["left_out"]]
        left_out = Counter(record["left_out"] for record in records if record["left_out"])
        notes = [
            f"{count} of {len(records)} files left out: {why}." for why, count in left_out.items()
        ]
        told = [record for record in asked if not record["spoken"]]
        found = _scored(told, _OF_DESCRIPTIONS, notes)
        found += _scored([r for r in asked if r["spoken"]], _OF_TRANSCRIPTS, notes)
        kinds = dict.fromkeys(record["modality"] for record in told)
        groups = {
            f"descriptions, {kind}": _scored(
                [record for record in told if record["modality"] == kind], _OF_DESCRIPTIONS, notes
            )
            for kind in (kinds if len(kinds) > 1 else ())
        }
        answered = sum(record["in_words"] for record in asked)
        return Section(
            self.name,
            self.title,
            [
                wilson("answered in words alone", answered, len(asked)),
                *found,
                seconds("seconds an answer, median", [record["seconds"] for record in asked]),
            ],
            groups,
            notes=tuple(dict.fromkeys(notes)),
            wrong=[
                {
                    "asked": f"[{record['file']}] {record['asked']}",
                    "wanted": record["references"][0],
                    "got": record["said"],
                    "error": record["error"],
                }
                for record in asked
                if not record["in_words"]
            ][:SHOWN],
        )


def _scored(records: Sequence[Record], names: Sequence[str], notes: list[str]) -> list[Figure]:
    """Figures of these metrics; one whose library is missing is told in a note instead."""
    if not records:
        return []
    said = [plain(record["said"]) for record in records]
    references = [[plain(text) for text in record["references"]] for record in records]
    found = []
    for name in names:
        try:
            found += METRICS[name](said, references)
        except BackendMissing as error:
            notes.append(f"{name} is left out: {error.message}")
    return found
