"""Any table of captions: JSONL, or CSV and parquet as `datasets` reads them; columns by name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing, DataError
from modaverse.extras import install_line
from modaverse_training.instructions.items import SPLITS, Item, Kind, Split
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.readers.tables import read_lines
from modaverse_training.instructions.row import first_line

__all__ = ["plain"]

# Names that columns usually have, the likeliest first.
_PATHS = ("path", "file_name", "filename", "file", "image", "audio", "video", "image_path")
_CAPTIONS = ("caption", "captions", "text", "sentence", "sentences", "transcript", "description")
_BUILDERS = {".json": "json", ".parquet": "parquet", ".csv": "csv"}
_KINDS: Mapping[str, Kind] = {
    **dict.fromkeys((".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"), "image"),
    **dict.fromkeys((".wav", ".flac", ".mp3", ".ogg", ".m4a", ".opus"), "audio"),
    **dict.fromkeys((".mp4", ".webm", ".mkv", ".mov", ".avi"), "video"),
}
_ENDS: Mapping[str, str] = {"image": ".png", "audio": ".wav", "video": ".mp4"}


def plain(request: Request, files: Files) -> Iterator[Item]:
    """A table with a column of captions, and maybe one of paths or of the media themselves.

    A caption may be a list of them. Media inside the table, as the hub's own sets have them, are
    written to `request.cache`.

    Raises:
        DataError: The file cannot be read, a column is missing, or the modality cannot be told.
        BackendMissing: `datasets` is not installed.
    """
    columns: tuple[str, str | None] | None = None
    with closing(_records(request.path, files)) as records:
        for number, record in records:
            columns = columns or _columns(request, record)
            yield from _items(request, files, record, columns, number)


def _items(
    request: Request,
    files: Files,
    record: Mapping[str, Any],
    columns: tuple[str, str | None],
    number: int,
) -> Iterator[Item]:
    """The item of a row, if there is any in it."""
    parsed = None
    with files.row():
        parsed = _parsed(request, record, columns, number)
    if parsed is None or not parsed[0]:
        return
    texts, kind, name, inside = parsed
    if inside is not None:
        file, kept = _written(request, inside, name, kind), True
    else:
        file, kept = files.find(name, path=name) if name else (None, True)
    if kept:
        yield Item(
            key=str(record.get(request.columns.get("key", "")) or name or texts[0]),
            modality=kind,
            captions=texts,
            path=file,
            spoken=request.modality == "speech",
            name=str(record.get(request.columns.get("name", "")) or ""),
            split=_split(record.get(request.columns.get("split", "split"))),
            source=request.path.stem,
        )


def _parsed(
    request: Request, record: Mapping[str, Any], columns: tuple[str, str | None], number: int
) -> tuple[tuple[str, ...], Kind, str | None, bytes | None]:
    """The captions of a row, its modality, and the name of its file or its bytes; or neither."""
    caption, path = columns
    texts = _texts(record.get(caption), request.path, caption, number)
    name, inside = _media(record.get(path)) if path else (None, None)
    return texts, _kind(request, name, number), name, inside


def _columns(request: Request, record: Mapping[str, Any]) -> tuple[str, str | None]:
    """The column of captions, and that of media if there is one."""
    caption = _column(request, record, "caption", _CAPTIONS)
    if caption is None:
        raise DataError(
            f"there is no column {' or '.join(_CAPTIONS)}; there are: {', '.join(record)}",
            file=str(request.path),
            hint='say which one it is: columns = { caption = "…" }',
        )
    return caption, _column(request, record, "path", _PATHS)


def _records(path: Path, files: Files) -> Generator[tuple[int, dict[str, Any]], None, None]:
    """The rows of a table, counted from 1; of JSONL, with the numbers of their lines."""
    if not path.exists():
        raise DataError("there is no such file", file=str(path))
    if path.suffix == ".jsonl":
        yield from _lines(path, files)
        return
    try:
        import datasets
    except ImportError as error:
        raise BackendMissing(
            f"tables are read by `datasets`: {error}", hint=install_line("train")
        ) from error
    builder = _BUILDERS.get(path.suffix)
    try:
        if path.is_dir():
            data = datasets.load_from_disk(str(path))
        elif builder is None:
            raise DataError(
                f"{path.suffix or 'no ending'} is no table", file=str(path),
                hint=f"use .jsonl, {', '.join(_BUILDERS)}, or a folder of `save_to_disk`",
            )  # fmt: skip
        else:
            data = datasets.load_dataset(
                builder, data_files=str(path), split="train", streaming=True
            )
        yield from enumerate(_undecoded(data, datasets), 1)
    except (OSError, ValueError, TypeError, RuntimeError) as error:
        raise DataError(f"it cannot be read: {first_line(error)}", file=str(path)) from error


def _lines(path: Path, files: Files) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSONL file; one by one, so that a broken line costs no other."""
    for number, line in read_lines(path):
        with files.row():
            try:
                record = json.loads(line)
            except (ValueError, RecursionError) as error:
                told = f"it is no JSON: {error}"
                raise DataError(told, file=str(path), line=number) from error
            if not isinstance(record, dict):
                told = f"it is a {type(record).__name__}, not an object"
                raise DataError(told, file=str(path), line=number)
            yield number, record


def _undecoded(data: Any, datasets: Any) -> Any:
    """The rows, with pictures and sounds as bytes: decoding them is not our business here."""
    for name, feature in dict(data.features or {}).items():
        if isinstance(feature, datasets.Image | datasets.Audio):
            data = data.cast_column(name, type(feature)(decode=False))
    return data


def _column(
    request: Request, record: Mapping[str, Any], what: str, usual: tuple[str, ...]
) -> str | None:
    """The column that was named for something, which must be there, or a usual one that is."""
    own = request.columns.get(what)
    if own is None:
        return next((name for name in usual if name in record), None)
    if own not in record:
        raise DataError(
            f"there is no column {own}; there are: {', '.join(record)}",
            file=str(request.path),
            hint=f'say which one it is: columns = {{ {what} = "…" }}',
        )
    return own


def _texts(value: object, path: Path, column: str, number: int) -> tuple[str, ...]:
    listed: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not all(isinstance(text, str | None) for text in listed):
        raise DataError(
            f"{column} is neither text nor a list of texts", file=str(path), line=number
        )
    return tuple(text for text in listed if text and text.strip())


def _media(value: object) -> tuple[str | None, bytes | None]:
    """The name of a media file, and its bytes if the table holds them."""
    if isinstance(value, Mapping):
        name, inside = value.get("path"), value.get("bytes")
        return (
            name if isinstance(name, str) else None,
            inside if isinstance(inside, bytes) else None,
        )
    return (value, None) if isinstance(value, str) else (None, None)


def _kind(request: Request, name: str | None, number: int) -> Kind:
    if request.modality is not None:
        return "audio" if request.modality == "speech" else request.modality
    kind = _KINDS.get(Path(name or "").suffix.lower())
    if kind is None:
        raise DataError(
            f"picture, sound or video? {name or 'a row without a file'} does not tell",
            file=str(request.path), line=number, hint='say it: modality = "image"',
        )  # fmt: skip
    return kind


def _written(request: Request, inside: bytes, name: str | None, kind: Kind) -> str | None:
    """The file that media from inside a table were written to; None without a place for them."""
    if request.cache is None:
        return None
    end = Path(name or "").suffix or _ENDS[kind]
    file = request.cache / f"{hashlib.sha256(inside).hexdigest()[:20]}{end}"
    if not file.is_file():
        request.cache.mkdir(parents=True, exist_ok=True)
        file.write_bytes(inside)
    return str(file)


def _split(value: object) -> Split | None:
    named = {"val": "validation", "valid": "validation", "dev": "validation"}.get(
        str(value), str(value)
    )
    return next((split for split in SPLITS if split == named), None)
