"""The suite `captions`: what an LLM says of pictures, sounds and videos, against references.

A file has one {"path": "dog.jpg", "references": ["a dog on grass", …]} a line, with paths relative
to it; `"request"` asks otherwise, and `"spoken": true` marks words that are spoken in a recording.
Descriptions are measured by BLEU, ROUGE, METEOR's exact stage and CIDEr-D, transcripts by WER and
CER without case and punctuation (`modaverse_training.evaluation.text_metrics`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modaverse.conversation import next_handles
from modaverse.errors import BackendMissing, DataError, MediaError
from modaverse.llm.base import LLMRequest, Message
from modaverse.media import Modality, load_media, modality_of
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation.figures import Figure, seconds, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.suite import Section, Suite, digest
from modaverse_training.evaluation.text_metrics import METRICS, plain

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

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

_Text = Annotated[str, Field(pattern=r"\S")]


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


def read_captioned(path: str | Path) -> list[Captioned]:
    """The files and references of a JSONL file.

    Raises:
        DataError: It cannot be read or is empty, a line is broken, or a file is not there.
    """
    source, found = Path(path), []
    try:
        lines = source.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"it cannot be read: {error}", file=str(source), hint=_HINT) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = Captioned.model_validate_json(line)
        except ValidationError as error:
            told = "; ".join(f"{_place(e)}: {e['msg']}" for e in error.errors())
            raise DataError(told, file=str(source), line=number, hint=_HINT) from error
        file = source.parent / one.path
        if not file.is_file():
            raise DataError(f"there is no file {one.path}", file=str(source), line=number)
        found.append(one.model_copy(update={"path": file}))
    if not found:
        raise DataError("there are no lines in it", file=str(source), hint=_HINT)
    return found


def _place(error: ErrorDetails) -> str:
    return ".".join(map(str, error["loc"])) or "the line"


class CaptionSuite(Suite[tuple[int, Captioned]]):
    """Descriptions and transcripts of files.

    Args:
        planner: Asks the LLM.
        captioned: The files.
        toolbox: The tools that are offered; a good answer calls none.
    """

    name = "captions"
    title = "Descriptions of files"

    def __init__(self, planner: Planner, captioned: Sequence[Captioned], toolbox: Toolbox) -> None:
        self._planner, self._captioned, self._toolbox = planner, captioned, toolbox

    def tasks(self) -> Sequence[tuple[int, Captioned]]:
        """The files, numbered from 1."""
        return list(enumerate(self._captioned, 1))

    def named(self, task: tuple[int, Captioned]) -> str:
        """The number of a file."""
        return str(task[0])

    def run(self) -> Mapping[str, Any]:
        """The files, their references, the wordings and the tools."""
        rows = [
            {**one.model_dump(mode="json"), "size": one.path.stat().st_size}
            for one in self._captioned
        ]
        asked = [*REQUESTS.values(), TRANSCRIBE]
        return {"captions": digest([*rows, asked]), "tools": list(self._toolbox)}

    def judge(self, task: tuple[int, Captioned]) -> Record:
        """What the LLM says of one file."""
        one = task[1]
        record: Record = {
            "file": one.path.name,
            "references": list(one.references),
            "spoken": one.spoken,
        }
        try:
            medium = load_media(one.path)
        except MediaError as error:
            nothing = {"said": "", "in_words": False, "error": error.message, "seconds": 0.0}
            return {**record, "modality": "", "asked": one.request, **nothing}
        kind = modality_of(medium)
        asked = one.request or (TRANSCRIBE if one.spoken else REQUESTS[kind])
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
            "modality": kind,
            "asked": asked,
            "said": answer.plan.text,
            "in_words": in_words,
            "error": answer.error,
            "seconds": answer.seconds,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """The metrics of all texts, and those of the descriptions of each modality."""
        notes: list[str] = []
        told = [record for record in records if not record["spoken"]]
        found = _scored(told, _OF_DESCRIPTIONS, notes)
        found += _scored([r for r in records if r["spoken"]], _OF_TRANSCRIPTS, notes)
        kinds = dict.fromkeys(record["modality"] for record in told if record["modality"])
        groups = {
            f"descriptions, {kind}": _scored(some, _OF_DESCRIPTIONS, notes)
            for kind in (kinds if len(kinds) > 1 else ())
            if (some := [record for record in told if record["modality"] == kind])
        }
        answered = sum(record["in_words"] for record in records)
        return Section(
            self.name,
            self.title,
            [
                wilson("answered in words alone", answered, len(records)),
                *found,
                seconds("seconds an answer, median", [record["seconds"] for record in records]),
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
                for record in records
                if not record["in_words"]
            ][:SHOWN],
        )


def _scored(records: Sequence[Record], names: Sequence[str], notes: list[str]) -> list[Figure]:
    """Figures of these metrics; one whose library is missing is told in a note instead."""
    if not records:
        return []
    said = [record["said"] for record in records]
    references = [record["references"] for record in records]
    if names == _OF_TRANSCRIPTS:
        said = [plain(text) for text in said]
        references = [[plain(text) for text in several] for several in references]
    found = []
    for name in names:
        try:
            found += METRICS[name](said, references)
        except BackendMissing as error:
            notes.append(f"{name} is left out: {error.message}")
    return found
