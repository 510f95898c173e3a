"""Captioned sounds: AudioCaps and Clotho."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from modaverse_training.instructions.items import Item
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.readers.tables import read_table

__all__ = ["audiocaps", "clotho"]

_ENDINGS = ("wav", "flac", "mp3", "m4a", "ogg")


def audiocaps(request: Request, files: Files) -> Iterator[Item]:
    """AudioCaps, `train.csv` with `audiocap_id,youtube_id,start_time,caption`.

    The sounds come from YouTube by the user's own means, so they go by several names:
    `Y{youtube_id}.wav`, `{youtube_id}.wav`, `{youtube_id}_{start_time}.wav`, `{audiocap_id}.wav`.
    (https://github.com/cdjkim/audiocaps)

    Raises:
        DataError: A column is missing.
    """
    columns = ("audiocap_id", "youtube_id", "start_time", "caption")
    clips: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for _, row in read_table(request.path, columns, files.refuse):
        clips[row["youtube_id"], row["start_time"]].append(row)
    for (video, start), rows in clips.items():
        stems = (f"Y{video}", video, f"{video}_{start}", *(row["audiocap_id"] for row in rows))
        names = [f"{stem}.{ending}" for stem in stems for ending in _ENDINGS]
        values = {"youtube_id": video, "start_time": start, "audiocap_id": rows[0]["audiocap_id"]}
        path, kept = files.find(*names, **values)
        if kept:
            captions = tuple(row["caption"] for row in rows)
            yield Item(f"{video} {start}", "audio", captions, path, source="audiocaps")


def clotho(request: Request, files: Files) -> Iterator[Item]:
    """Clotho, `clotho_captions_development.csv` with `file_name,caption_1,…,caption_5`.

    (https://zenodo.org/records/4783391)

    Raises:
        DataError: A column is missing.
    """
    columns = tuple(f"caption_{number}" for number in range(1, 6))
    for _, row in read_table(request.path, ("file_name", *columns), files.refuse):
        name = row["file_name"]
        path, kept = files.find(name, file_name=name)
        captions = tuple(row[column] for column in columns if row[column].strip())
        if kept and captions:
            yield Item(name, "audio", captions, path, source="clotho")
