"""Captioned pictures: COCO and Flickr30k, as they are published and as Karpathy split them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from modaverse.errors import DataError
from modaverse_training.instructions.items import Item, Split
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.readers.tables import (
    columns_of,
    found,
    read_json,
    read_lines,
    read_table,
    text_of,
)

__all__ = ["coco", "flickr30k"]

# Karpathy's "restval" pictures are trained on by everybody.
_SPLITS: dict[str, Split] = {
    "train": "train", "restval": "train", "val": "validation", "test": "test",
}  # fmt: skip


def coco(request: Request, files: Files) -> Iterator[Item]:
    """COCO captions: `captions_train2017.json` (https://cocodataset.org), or `dataset_coco.json`.

    Raises:
        DataError: The file is neither.
    """
    data = read_json(request.path)
    if "dataset" in data and "images" in data:
        yield from _karpathy(request, files, data["images"])
        return
    found(data, ("images", "annotations"), file=request.path, where="it")
    captions: dict[str, list[str]] = defaultdict(list)
    for number, note in enumerate(_listed(data["annotations"], request.path, "annotations"), 1):
        where = f"annotation {number}"
        with files.row():
            pair = found(note, ("image_id", "caption"), file=request.path, where=where)
            image, caption = (text_of(value, file=request.path, where=where) for value in pair)
            captions[image].append(caption)
    for number, image in enumerate(_listed(data["images"], request.path, "images"), 1):
        where = f"image {number}"
        named = None
        with files.row():
            pair = found(image, ("id", "file_name"), file=request.path, where=where)
            named = [text_of(value, file=request.path, where=where) for value in pair]
        if named is None or named[0] not in captions:
            continue
        key, name = named
        path, kept = files.find(name, file_name=name, id=key)
        if kept:
            yield Item(key, "image", tuple(captions[key]), path, source="coco")


def flickr30k(request: Request, files: Files) -> Iterator[Item]:
    """Flickr30k captions, in any form in which they go around.

    `results_20130124.token` of the authors, `results.csv` with bars, `captions.txt` with commas,
    `flickr_annotations_30k.csv` with a column `raw`, and Karpathy's `dataset_flickr30k.json`.

    Raises:
        DataError: The file is none of these.
    """
    path = request.path
    if path.suffix == ".json":
        (pictures,) = found(read_json(path), ("images",), file=path, where="it")
        yield from _karpathy(request, files, pictures)
    elif path.suffix == ".token":
        yield from _grouped(files, _tokens(path, files))
    elif "raw" in (columns := columns_of(path)):
        yield from _raw(request, files)
    elif "image" in columns:
        lines = read_table(path, ("image", "caption"), files.refuse)
        yield from _grouped(files, ((row["image"], row["caption"]) for _, row in lines))
    else:
        names = ("image_name", "comment_number", "comment")
        lines = read_table(path, names, files.refuse, delimiter="|", quoted=False)
        yield from _grouped(files, ((row["image_name"], row["comment"]) for _, row in lines))


def _tokens(path: Path, files: Files) -> Iterator[tuple[str, str]]:
    """Lines `1000092795.jpg#0<TAB>Two young guys …`."""
    for number, line in read_lines(path):
        name, tab, caption = line.partition("\t")
        image, mark, _ = name.rpartition("#")
        if not (tab and mark):
            told = "it is no `NAME.jpg#0<TAB>CAPTION`"
            files.refuse(DataError(told, file=str(path), line=number))
            continue
        yield image, caption


def _raw(request: Request, files: Files) -> Iterator[Item]:
    """A table whose column `raw` holds the captions as a JSON list."""
    for number, row in read_table(request.path, ("raw", "filename"), files.refuse):
        texts = []
        with files.row():
            texts = _listed_texts(row["raw"], request.path, number)
        if not texts:
            continue
        name = row["filename"].strip()
        path, kept = files.find(name, file_name=name)
        if kept:
            split = _SPLITS.get(row.get("split", ""))
            yield Item(name, "image", tuple(texts), path, split=split, source="flickr30k")


def _listed_texts(raw: str, path: Path, number: int) -> list[str]:
    """The texts of a JSON list in a table."""
    try:
        captions = json.loads(raw)
    except ValueError as error:
        raise DataError(f"raw is no JSON list: {error}", file=str(path), line=number) from error
    listed = _listed(captions, path, "raw", line=number)
    return [text_of(each, file=path, where="raw", line=number) for each in listed]


def _grouped(files: Files, captions: Iterable[tuple[str, str]]) -> Iterator[Item]:
    """An item for each picture, with all its captions."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for name, caption in captions:
        grouped[name.strip()].append(caption.strip())
    for name, texts in grouped.items():
        path, kept = files.find(name, file_name=name)
        if kept:
            yield Item(name, "image", tuple(texts), path, source="flickr30k")


def _karpathy(request: Request, files: Files, pictures: object) -> Iterator[Item]:
    """Pictures as in Karpathy's `dataset_*.json`."""
    source = "coco" if "coco" in request.path.stem else "flickr30k"
    for number, picture in enumerate(_listed(pictures, request.path, "images"), 1):
        where = f"image {number}"
        columns = ("filename", "sentences", "split")
        texts = []
        with files.row():
            name, sentences, split = found(picture, columns, file=request.path, where=where)
            listed = _listed(sentences, request.path, where)
            raw = [found(s, ("raw",), file=request.path, where=where)[0] for s in listed]
            texts = [text_of(text, file=request.path, where=where) for text in raw]
        if not texts:
            continue
        folder = str(picture.get("filepath", ""))
        path, kept = files.find(f"{folder}/{name}" if folder else name, name, file_name=name)
        if kept:
            yield Item(name, "image", tuple(texts), path, split=_SPLITS.get(split), source=source)


def _listed(value: object, path: Path, what: str, *, line: int | None = None) -> list[Any]:
    if isinstance(value, list):
        return value
    raise DataError(f"{what} is a {type(value).__name__}, not a list", file=str(path), line=line)
