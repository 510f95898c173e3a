"""Captioned videos: MSR-VTT."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from modaverse.errors import DataError
from modaverse_training.instructions.items import Item, Split
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.readers.tables import (
    found,
    read_json,
    read_table,
    text_of,
)

__all__ = ["msrvtt"]

_SPLITS: dict[str, Split] = {"train": "train", "validate": "validation", "test": "test"}
_ENDINGS = ("mp4", "webm", "mkv", "avi")


def msrvtt(request: Request, files: Files) -> Iterator[Item]:
    """MSR-VTT: `train_val_videodatainfo.json` of 2016, or the 1k-A split as CSV.

    The JSON has `videos` with `video_id` and `split`, and `sentences` with `video_id` and
    `caption`; the CSV has the columns `video_id` and `sentence`.

    Raises:
        DataError: A column is missing.
    """
    captions: dict[str, list[str]] = defaultdict(list)
    splits: dict[str, Split | None] = {}
    if request.path.suffix == ".json":
        _from_json(request, files, captions, splits)
    else:
        for _, row in read_table(request.path, ("video_id", "sentence"), files.refuse):
            captions[row["video_id"]].append(row["sentence"])
    for name, texts in captions.items():
        path, kept = files.find(*(f"{name}.{ending}" for ending in _ENDINGS), video_id=name)
        if kept:
            yield Item(name, "video", tuple(texts), path, split=splits.get(name), source="msrvtt")


def _from_json(
    request: Request,
    files: Files,
    captions: dict[str, list[str]],
    splits: dict[str, Split | None],
) -> None:
    path = request.path
    data = read_json(path, ("videos", "sentences"))
    for key in ("videos", "sentences"):
        if not isinstance(data[key], list):
            raise DataError(f"{key} is a {type(data[key]).__name__}, not a list", file=str(path))
    for number, video in enumerate(data["videos"], 1):
        with files.row():
            (name,) = found(video, ("video_id",), file=path, where=f"video {number}")
            splits[str(name)] = _SPLITS.get(video.get("split", ""))
    for number, sentence in enumerate(data["sentences"], 1):
        where = f"sentence {number}"
        with files.row():
            name, caption = found(sentence, ("video_id", "caption"), file=path, where=where)
            captions[str(name)].append(text_of(caption, file=path, where=where))
