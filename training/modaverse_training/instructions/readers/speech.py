"""Spoken sentences with their words: LibriSpeech and Common Voice."""

from __future__ import annotations

from collections.abc import Iterator

from modaverse.errors import DataError
from modaverse_training.instructions.items import Item, Split
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.readers.tables import read_lines, read_table

__all__ = ["common_voice", "librispeech"]

_FOLDERS: dict[str, Split] = {"train": "train", "dev": "validation", "test": "test"}


def librispeech(request: Request, files: Files) -> Iterator[Item]:
    """LibriSpeech: a folder with `SPEAKER/CHAPTER/SPEAKER-CHAPTER.trans.txt` somewhere below.

    Each line is `84-121123-0000 GO DO YOU HEAR`; the recording `84-121123-0000.flac` lies beside
    it, or, where a folder of media is named, in the same place below that. The words are all
    capitals there; here they are small. (https://www.openslr.org/12)

    Raises:
        DataError: There is no such file, or a line is broken.
    """
    listings = sorted(request.path.rglob("*.trans.txt")) if request.path.is_dir() else []
    if not listings:
        raise DataError("there is no *.trans.txt in it", file=str(request.path))
    for listing in listings:
        part = listing.relative_to(request.path).parent
        top = next((name for name in (*part.parts, request.path.name) if "-" in name), "")
        split = _FOLDERS.get(top.split("-")[0])
        for number, line in read_lines(listing):
            key, _, words = line.strip().partition(" ")
            if key.count("-") != 2 or not words.strip():
                told = "it is no `SPEAKER-CHAPTER-NUMBER WORDS`"
                files.refuse(DataError(told, file=str(listing), line=number))
                continue
            names = [str(part / f"{key}.{ending}") for ending in ("flac", "wav")]
            path, kept = files.find(*names, id=key)
            if kept:
                yield Item(
                    key.split("-")[0], "audio", (words.lower(),), path,
                    spoken=True, split=split, source="librispeech",
                )  # fmt: skip


def common_voice(request: Request, files: Files) -> Iterator[Item]:
    """Common Voice: `validated.tsv`, `train.tsv` … with `client_id`, `path` and `sentence`.

    The recordings are in the folder `clips` beside it. One speaker's sentences never stand in two
    splits. (https://commonvoice.mozilla.org)

    Raises:
        DataError: A column is missing.
    """
    columns = ("client_id", "path", "sentence")
    split = _FOLDERS.get(request.path.stem)
    for _, row in read_table(request.path, columns, files.refuse, delimiter="\t", quoted=False):
        name = row["path"]
        path, kept = files.find(name, f"{name}.mp3", path=name)
        if kept and row["sentence"].strip():
            yield Item(
                row["client_id"], "audio", (row["sentence"].strip('"'),), path,
                spoken=True, split=split, source="common-voice",
            )  # fmt: skip
