"""Rows about attached files that need no look: whole, with files, and none that is held out."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

import pytest

from modaverse.toolbox import Toolbox
from modaverse_training.instructions.plans import last_plan, problems_of
from modaverse_training.instructions.row import MediaRef, Row, Turn, read_rows, write_rows
from modaverse_training.nano import handed, wordnet
from modaverse_training.nano.lm import corpus

pytestmark = pytest.mark.skipif(not wordnet.FOLDER.is_dir(), reason="no WordNet here")
ENDS = {"image": "png", "audio": "wav", "video": "mp4"}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of rows about three files of each modality, one of them twice."""
    made = []
    for number, modality in enumerate([*ENDS] * 3 + ["image"]):
        path = f"media/{number % 9}.{ENDS[modality]}"
        ref = MediaRef(handle=f"{modality}1", modality=modality, path=path, caption="a cat")
        turns = (
            Turn(role="user", content="what is it", handles=(ref.handle,)),
            Turn(role="assistant", content="A cat."),
        )
        made.append(Row(id=str(number), messages=turns, tools=("text-to-image",), media=(ref,)))
    write_rows(tmp_path / "train.jsonl", made)
    return tmp_path


def test_media_count_once(data: Path) -> None:
    found = handed.shelves(data / "train.jsonl")
    assert {modality: len(refs) for modality, refs in found.items()} == dict.fromkeys(ENDS, 3)


def test_rows_hold_and_hand_files_to_tools(data: Path) -> None:
    rows = list(islice(handed.rows(data / "train.jsonl"), 200))
    box, held_out = Toolbox.default(), corpus.held_out()
    used = 0
    for row in rows:
        assert not problems_of(row, box)
        assert len(row.messages) == 2
        assert row.messages[0].handles == tuple(row.handles())
        assert all(ref.path and ref.path.endswith(ENDS[ref.modality]) for ref in row.media)
        assert not row.answer.startswith(("I cannot look", "I cannot listen", "I cannot watch"))
        assert corpus.normal(row.request) not in held_out
        inputs = {name for call in last_plan(row).calls for name in call.inputs}
        used += bool(inputs & set(row.handles()))
    assert used > 0.7 * len(rows)
    families = {row.family.split("/")[1].split("-")[0] for row in rows}
    assert {"hand", "picture", "aside"} <= families
    assert list(islice(handed.rows(data / "train.jsonl"), 200)) == rows
    assert len({row.id for row in rows}) == len(rows)


def test_the_command_writes_them_beside_the_rows(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["handed", "--data", str(data), "--count", "20"])
    handed.main()
    assert len(list(read_rows(data / "handed.jsonl"))) == 20


def test_what_has_no_file_is_left_out(data: Path) -> None:
    pictures = [row for row in read_rows(data / "train.jsonl") if "image1" in row.handles()]
    write_rows(data / "train.jsonl", pictures)
    for row in islice(handed.rows(data / "train.jsonl"), 50):
        assert set(row.handles().values()) == {"image"}
