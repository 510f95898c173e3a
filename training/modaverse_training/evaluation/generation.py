"""The suite `generation`: what an agent makes of captions, against the files they are of.

A file has one {"path": "dog.jpg", "references": ["a dog on grass", …]} a line, as for `captions`.
The agent is asked in words for a medium of the file's kind that shows the first reference, and what
it makes is kept in `OUT/generation`. With an extractor of the user's the sets are compared as
papers do: FID of pictures, FAD of sounds, the Fréchet distance of videos, and CLIPScore.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.codecs.files import make_folder
from modaverse.dialect import Lines
from modaverse.errors import DataError, LLMError, MediaError, PlanError, RequestError
from modaverse.media import Media, Modality, load_media, modality_of
from modaverse_training.evaluation.captions import Captioned
from modaverse_training.evaluation.extractors import Extractor, TwoTowers
from modaverse_training.evaluation.figures import Figure, seconds, wilson
from modaverse_training.evaluation.journal import Record
from modaverse_training.evaluation.media_metrics import clip_score, set_distance
from modaverse_training.evaluation.rows import SHOWN
from modaverse_training.evaluation.suite import Section, Suite, digest

if TYPE_CHECKING:
    from modaverse.agent import Agent
    from modaverse.events import Reply

__all__ = ["REQUESTS", "SPEAK", "GenerationSuite"]

#: How a file's like is asked for where the line does not say it.
REQUESTS: Mapping[Modality, str] = {
    "image": "Make a picture: {}.",
    "audio": "Make a sound: {}.",
    "video": "Make a video: {}.",
}
#: And how a recording of spoken words is.
SPEAK = 'Say "{}"'

_NAMES = {  # of the distance of what is made, and of how near it is to its text
    "image": ("FID", "CLIPScore"),
    "audio": ("FAD", "CLIPScore by CLAP"),
    "video": ("Fréchet distance of videos", "CLIPScore of videos"),
    "speech": ("FAD of speech", ""),
}
_ENDINGS: Mapping[Modality, str] = {"image": ".png", "audio": ".wav", "video": ".mp4"}
_AGAIN = "begin anew with --again"


class GenerationSuite(Suite[tuple[int, Captioned]]):
    """What is made of the captions of files.

    Args:
        agent: Who plans and makes.
        captioned: The files and their captions.
        extractors: Of features, by modality; without one, sets of that modality are not compared.
        folder: Where what is made is kept.
        seed: Of the first reply; each takes the next.
    """

    name = "generation"
    title = "What is made of captions"

    def __init__(
        self,
        agent: Agent,
        captioned: Sequence[Captioned],
        extractors: Mapping[Modality, Extractor],
        folder: Path,
        *,
        seed: int = 0,
    ) -> None:
        self._agent, self._captioned, self._extractors = agent, captioned, extractors
        self._folder, self._seed = folder, seed
        self._answered = False

    def tasks(self) -> Sequence[tuple[int, Captioned]]:
        """The captions, numbered from 1."""
        return list(enumerate(self._captioned, 1))

    def named(self, task: tuple[int, Captioned]) -> str:
        """The number of a caption."""
        return str(task[0])

    def run(self) -> Mapping[str, Any]:
        """The files, their captions, the wordings, the seed and the tools; not the extractors."""
        rows = [one.fingerprint for one in self._captioned]
        return {
            "captions": digest([*rows, *REQUESTS.values(), SPEAK]),
            "seed": self._seed,
            "tools": list(self._agent.toolbox),
        }

    def judge(self, task: tuple[int, Captioned]) -> Record:
        """Make one, and keep it.

        Raises:
            DataError: The file of the caption cannot be read.
            LibraryError: What was made cannot be kept.
            LLMError: The LLM cannot be reached.
        """
        number, one = task
        kind = modality_of(_read(one.path, "mend it, or take its line out"))
        wording = SPEAK if one.spoken else REQUESTS[kind]
        asked = one.request.strip() or wording.format(one.references[0].strip().rstrip("."))
        record: Record = {
            "file": str(one.path),
            "text": one.references[0],
            "spoken": one.spoken,
            "modality": kind,
            "asked": asked,
            "made": "",
        }
        started = time.perf_counter()
        try:
            reply = self._agent.chat(asked, seed=self._seed + number - 1)
            self._answered = True
        except (PlanError, RequestError, LLMError) as error:
            if isinstance(error, LLMError) and (error.retryable or not self._answered):
                raise
            return {**record, "plan": "", "error": f"{type(error).__name__}: {error.message}"}
        return {
            **record,
            "plan": Lines(self._agent.toolbox).render(reply.plan),
            "error": "; ".join(failure.message for failure in reply.failed),
            "made": self._kept(reply, kind, number),
            "seconds": time.perf_counter() - started,
        }

    def section(self, records: Sequence[Record]) -> Section:
        """How many were made, and how far the made are from the files, by modality."""
        made = [record for record in records if record["made"]]
        notes: list[str] = []
        figures = [
            wilson("made one of the kind asked for", len(made), len(records)),
            seconds("seconds a reply, median", [record["seconds"] for record in made]),
        ]
        for name, mine in _grouped(made).items():
            figures += self._compared(name, mine, notes)
        return Section(
            self.name,
            self.title,
            figures,
            notes=notes,
            wrong=[
                {
                    "asked": record["asked"],
                    "wanted": record["modality"],
                    "got": record["plan"],
                    "error": record["error"],
                }
                for record in records
                if not record["made"]
            ][:SHOWN],
        )

    def _kept(self, reply: Reply, kind: Modality, number: int) -> str:
        """The name of the file that the last result of a kind was written to, if there is one."""
        found = [item for item in reply.items if item.modality == kind]
        if not found:
            return ""
        make_folder(self._folder)
        return found[-1].save(self._folder / f"{number}{_ENDINGS[kind]}").name

    def _compared(self, name: str, records: Sequence[Record], notes: list[str]) -> list[Figure]:
        """The distance of what was made from the files, and, if it can be told, from the texts."""
        kind = records[0]["modality"]
        distance, nearness = _NAMES[name]
        extractor = self._extractors.get(kind)
        if extractor is None:
            notes.append(f"{distance} is left out: there is no --extractor {kind}=NAME.")
            return []
        if len(records) < 2:
            notes.append(f"{distance} is left out: it needs two or more.")
            return []
        made = [_read(self._folder / record["made"], _AGAIN) for record in records]
        files = [_read(Path(record["file"]), "it was there before") for record in records]
        found = [set_distance(distance, files, made, extractor)]
        if isinstance(extractor, TwoTowers) and nearness:
            score = clip_score(made, [record["text"] for record in records], extractor)
            found.append(replace(score, name=nearness))
        return found


def _grouped(records: Sequence[Record]) -> dict[str, list[Record]]:
    """Records by modality; recordings of words apart from other sounds."""
    groups: dict[str, list[Record]] = {}
    for record in records:
        name = "speech" if record["spoken"] else record["modality"]
        groups.setdefault(name, []).append(record)
    return groups


def _read(path: Path, hint: str) -> Media:
    """A medium of a file.

    Raises:
        DataError: It cannot be read.
    """
    try:
        return load_media(path)
    except MediaError as error:
        raise DataError(error.message, file=str(path), hint=hint) from error
