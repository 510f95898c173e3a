"""Instruction rows: what a row must be, and files of rows, whole, broken or of another kind."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from pydantic import ValidationError

from modaverse.errors import DataError
from modaverse_training.instructions.row import MediaRef, Row, Turn, read_rows, write_rows


def _row(name: str = "a-1", changes: dict[str, object] | None = None) -> Row:
    values: dict[str, object] = {
        "id": name,
        "messages": (
            Turn(role="user", content="what does it say?", handles=("image1",)),
            Turn(role="assistant", content="A fox.\ntext-to-image: a fox \u2603"),
        ),
        "tools": ("text-to-image",),
        "media": (MediaRef(handle="image1", modality="image", path="fox.png", caption="a fox"),),
        "family": "f",
        "source": "s",
    }
    return Row.model_validate({**values, **(changes or {})})


def _turns(*roles: str) -> list[dict[str, object]]:
    return [{"role": role, "content": "x"} for role in roles]


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.parquet", "deep/er/rows.jsonl"])
def test_rows_come_back_as_they_were_written(tmp_path: Path, name: str) -> None:
    rows = [_row("a"), _row("b", {"media": [{"handle": "image1", "modality": "image"}]})]
    assert write_rows(tmp_path / name, iter(rows)) == 2
    reader = read_rows(tmp_path / name)
    assert list(reader) == rows
    assert reader.skipped == 0
    assert [file.name for file in (tmp_path / name).parent.iterdir() if file.is_file()] == [
        Path(name).name
    ]


def test_a_file_that_cannot_be_finished_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, [_row()])

    def broken() -> object:
        yield _row("b")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        write_rows(path, broken())  # type: ignore[arg-type]
    assert list(read_rows(path)) == [_row()]
    assert list(tmp_path.iterdir()) == [path]


def test_datasets_reads_what_is_written(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    write_rows(tmp_path / "rows.parquet", [_row()])
    read = datasets.Dataset.from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path))
    assert Row.model_validate(read[0]) == _row()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"id": ""}, "id"),
        ({"messages": []}, "by turns"),
        ({"messages": _turns("user")}, "by turns"),
        ({"messages": _turns("assistant", "user")}, "by turns"),
        ({"messages": _turns("user", "assistant", "user")}, "by turns"),
        ({"media": []}, "no media for image1"),
        ({"media": [{"handle": "image1", "modality": "image"}] * 2}, "media twice"),
        ({"media": [{"handle": "image1", "modality": "audio"}]}, "not the name of audio"),
        ({"media": [{"handle": "#1", "modality": "image"}]}, "not the name of image"),
        ({"familly": "x"}, "familly"),
        ({"tools": "text-to-image"}, "tools"),
    ],
)
def test_a_broken_row_says_why(changes: dict[str, object], reason: str) -> None:
    with pytest.raises(ValidationError, match=reason):
        _row(changes=changes)


def test_an_assistant_attaches_nothing() -> None:
    turns = [Turn(role="user", content="x"), Turn(role="assistant", content="y", handles=("#1",))]
    with pytest.raises(ValidationError, match="user's message only"):
        _row(changes={"messages": turns})


BROKEN = [
    (b"{", "Expecting property name"),
    (b"[1]", "not list"),
    (b"\xff{}", "codec can't decode"),
    (b'{"id": "\\ud800"}', "valid string"),
    (b"[" * 100_000, "nests too deep"),
    (json.dumps({"id": "x"}).encode(), "messages: Field required"),
]


@pytest.mark.parametrize(("line", "reason"), BROKEN)
def test_a_broken_line_is_told_by_file_line_and_reason(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(_row().model_dump_json().encode() + b"\n\n" + line + b"\n")
    reader = read_rows(path)
    assert next(reader) == _row()
    with pytest.raises(DataError, match=reason) as caught:
        next(reader)
    assert (caught.value.file, caught.value.line) == (str(path), 3)
    assert str(path) in caught.value.message
    assert caught.value.hint


def test_broken_lines_are_skipped_counted_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "rows.jsonl"
    good = _row().model_dump_json().encode()
    lines = [b"\xef\xbb\xbf" + good, *(line for line, _ in BROKEN), *[b"{"] * 20, good]
    path.write_bytes(b"\n".join(lines))
    with caplog.at_level(logging.WARNING):
        reader = read_rows(path, on_error="skip")
        assert list(reader) == [_row(), _row()]
    assert reader.skipped == len(BROKEN) + 20
    assert len(caplog.records) == 11
    assert "left out: 26" in caplog.text


def test_a_broken_row_of_a_table_is_told_by_its_number(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    rows = [_row().model_dump(mode="json"), {**_row().model_dump(mode="json"), "id": ""}]
    parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "rows.parquet")
    with pytest.raises(DataError, match=r"line 2: id: ") as caught:
        list(read_rows(tmp_path / "rows.parquet"))
    assert caught.value.line == 2
    assert list(read_rows(tmp_path / "rows.parquet", on_error="skip")) == [_row()]


@pytest.mark.parametrize("name", ["none.jsonl", "bad.parquet"])
def test_a_file_that_cannot_be_read_is_told_even_when_rows_are_skipped(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "bad.parquet").write_text("no table")
    with pytest.raises(DataError, match=name):
        next(read_rows(tmp_path / name, on_error="skip"))


def test_what_was_asked_and_answered() -> None:
    row = _row()
    assert row.request == "what does it say?"
    assert row.answer.startswith("A fox.")
    assert row.handles() == {"image1": "image"}
    assert row.media[0].file("/data") == Path("/data/fox.png")
    assert MediaRef(handle="audio2", modality="audio").file("/data") is None
