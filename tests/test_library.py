"""The library: addresses, provenance, damage, full disks, killed and rival processes."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from modaverse.errors import LibraryError, MediaError
from modaverse.index import Index
from modaverse.library import Library
from modaverse.media import Audio, Image, Media, Video, load_media
from modaverse.provenance import TAG, Provenance, content_digest

MADE = Provenance(
    tool="echo-image",
    model="nano",
    prompt="a 'fox' in the \"snow\", ❄ 100%",
    options={"size": 64, "style": None},
    seed=2**31,
    inputs=("ab" * 32,),
    call=2,
    version="0.1.0",
)


def picture(shade: int = 0) -> Image:
    return Image(np.full((8, 8, 3), shade, np.uint8))


def sound() -> Audio:
    return Audio(np.linspace(-0.5, 0.5, 800, dtype=np.float32)[:, None], 8000)


def film() -> Video:
    return Video(np.zeros((4, 16, 16, 3), np.uint8), 4.0)


def child(code: str, *arguments: str) -> subprocess.Popen[str]:
    """A Python process that knows this checkout and the helpers of this file."""
    head = """
        import sys
        from pathlib import Path
        import numpy as np
        from modaverse.errors import LibraryError
        from modaverse.library import Library
        from modaverse.media import Image
        from modaverse.provenance import Provenance
        def picture(shade): return Image(np.full((64, 64, 3), shade, np.uint8))
    """
    root = Path(__file__).resolve().parents[1]
    paths = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(head) + textwrap.dedent(code), *arguments],
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def files(root: Path) -> list[str]:
    return sorted(path.name for path in root.glob("*/*"))


@pytest.mark.parametrize("value", [picture(), sound(), film(), "two\nlines, ❄"])
def test_a_result_is_found_again_with_its_provenance(tmp_path: Path, value: Media | str) -> None:
    library = Library(tmp_path)
    record = library.add(value, MADE)
    assert library.get(record.digest) == record
    assert library.find() == (record,)
    assert record.provenance == MADE
    assert Library.read(record.path) == MADE
    assert record.digest in library
    assert abs(record.created - time.time()) < 60
    assert record.when.tzinfo is not None
    if not isinstance(value, Video):  # its format loses a little
        assert content_digest(record.load()) == content_digest(load_or_text(record.path))


def load_or_text(path: Path) -> Media | str:
    return path.read_text(encoding="utf-8") if path.suffix == ".txt" else load_media(path)


def test_files_are_named_by_their_content_and_written_once(tmp_path: Path) -> None:
    library = Library(tmp_path)
    first = library.add(picture(), MADE)
    before = first.path.stat()
    assert library.add(picture(), MADE) == first
    assert first.path.stat().st_mtime_ns == before.st_mtime_ns
    assert first.path == tmp_path / first.digest[:2] / f"{first.digest}.png"
    other = library.add(picture(), MADE.model_copy(update={"seed": 1}))
    assert other.digest != first.digest
    assert len(library) == 2


def test_the_same_result_has_the_same_bytes_in_any_library(tmp_path: Path) -> None:
    records = [Library(tmp_path / name).add(film(), MADE) for name in "ab"]
    assert records[0].path.read_bytes() == records[1].path.read_bytes()


def test_provenance_holds_no_time_stamp() -> None:
    assert "created" not in Provenance.model_fields
    assert MADE.tags() == {TAG: MADE.to_json()}
    assert Provenance.from_json(MADE.to_json()) == MADE


def test_a_file_found_elsewhere_still_tells(tmp_path: Path) -> None:
    moved = tmp_path / "holiday.png"
    moved.write_bytes(Library(tmp_path / "library").add(picture(), MADE).path.read_bytes())
    assert Library.read(moved) == MADE


def test_files_that_tell_nothing(tmp_path: Path) -> None:
    plain = picture().save(tmp_path / "plain.png")
    with pytest.raises(LibraryError, match=r"plain\.png does not say how it was made"):
        Library.read(plain)
    with pytest.raises(LibraryError, match="cannot be read"):
        Library.read(picture().save(tmp_path / "odd.png", tags={TAG: "{}"}))
    (tmp_path / "bad.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for name in ("bad.png", "absent.png", "."):
        with pytest.raises(MediaError):
            Library.read(tmp_path / name)


def test_search(tmp_path: Path) -> None:
    library = Library(tmp_path)
    fox = library.add(picture(1), MADE)
    owl = library.add(picture(2), MADE.model_copy(update={"prompt": "an Owl", "tool": "paint"}))
    tone = library.add(sound(), MADE.model_copy(update={"prompt": "an owl's_call"}))
    assert set(library.find(text="OWL")) == {owl, tone}
    assert library.find(text="owl", modality="audio") == (tone,)
    assert library.find(tool="paint") == (owl,)
    assert library.find(text="100%") == (fox,)
    assert library.find(text="0_%") == ()  # % and _ are no wild cards
    assert library.find(text="l's_c") == (tone,)
    assert len(library.find(limit=2)) == 2
    assert list(library) == list(library.find())
    assert [record.created for record in library] == sorted(
        (record.created for record in library), reverse=True
    )


def test_get_by_the_beginning_of_a_digest(tmp_path: Path) -> None:
    library = Library(tmp_path)
    record = library.add(picture(), MADE)
    assert library.get(record.digest[:8]) == record
    for wrong in ("", record.digest[:5], "f" * 64, "%%%%%%"):
        with pytest.raises(LibraryError, match="has no result"):
            library.get(wrong)


@pytest.mark.parametrize("value", ["a text", picture()])
def test_remove(tmp_path: Path, value: Media | str) -> None:
    library = Library(tmp_path)
    record = library.add(value, MADE)
    assert library.remove(record.digest) == record
    assert files(tmp_path) == []
    assert len(library) == 0
    with pytest.raises(LibraryError, match="cannot read") as told:
        record.load()
    assert told.value.hint


def test_a_damaged_text_and_an_unreadable_note(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Library(tmp_path).add("a text", MADE)
    record.path.write_bytes(b"a \xff")
    assert record.load() == "a \ufffd"

    def refuse(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(LibraryError, match="Permission denied") as told:
        Library.read(record.path)
    assert told.value.hint


@pytest.mark.parametrize("damage", ["gone", "noise", "empty", "old", "no table", "cut"])
def test_the_index_is_made_again_from_the_files(tmp_path: Path, damage: str) -> None:
    with Library(tmp_path) as library:
        added = {library.add(value, MADE) for value in (picture(), sound(), film(), "text")}
    spoil(tmp_path / "index.sqlite", damage)
    found = set(Library(tmp_path))
    assert {(r.digest, r.provenance, r.path) for r in found} == {
        (r.digest, r.provenance, r.path) for r in added
    }


@pytest.mark.parametrize("damage", ["gone", "noise", "no table"])
def test_the_index_is_made_again_under_a_library_in_use(tmp_path: Path, damage: str) -> None:
    library = Library(tmp_path)
    first = library.add(picture(1), MADE)
    spoil(tmp_path / "index.sqlite", damage)
    second = library.add(picture(2), MADE)
    assert {record.digest for record in library} == {first.digest, second.digest}


def spoil(index: Path, how: str) -> None:
    if how == "gone":
        for path in index.parent.glob("index.sqlite*"):
            path.unlink()
    elif how in ("noise", "empty", "cut"):
        data = index.read_bytes()
        for path in index.parent.glob("index.sqlite-*"):
            path.unlink()
        index.unlink()
        index.write_bytes({"noise": b"noise" * 1000, "empty": b"", "cut": data[:5000]}[how])
    else:
        with sqlite3.connect(index) as connection:
            connection.execute("PRAGMA user_version = 99" if how == "old" else "DROP TABLE records")
        connection.close()


def test_files_that_came_or_went_by_hand_are_noticed(tmp_path: Path) -> None:
    with Library(tmp_path) as library:
        gone, kept = library.add(picture(1), MADE), library.add(picture(2), MADE)
    gone.path.unlink()
    (tmp_path / "cd").mkdir(exist_ok=True)
    (tmp_path / "cd" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "cd" / "notes.md").write_text("mine")
    again = Library(tmp_path)
    assert [record.digest for record in again] == [kept.digest]
    assert again.refresh() == 1  # the broken one is looked at again, and left alone
    assert (tmp_path / "cd" / "broken.png").exists()


def test_a_value_without_provenance_is_kept_too(tmp_path: Path) -> None:
    with Library(tmp_path) as library:
        record = library.add(picture())
    (tmp_path / "index.sqlite").unlink()
    assert [(r.digest, r.provenance) for r in Library(tmp_path)] == [(record.digest, None)]


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(LibraryError, match="cannot be written") as told:
            Library(place)
        assert told.value.hint


def test_a_read_only_library_can_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path) as library:
        record = library.add(picture(), MADE)
    monkeypatch.setattr(os, "access", lambda *_: False)
    readable = Library(tmp_path)
    assert readable.get(record.digest) == record
    with pytest.raises(LibraryError, match=r"(?i)read-?only"):
        readable.remove(record.digest)


def test_a_read_only_library_that_lost_its_index_can_be_searched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path) as library:
        record = library.add(picture(), MADE)
    for name in os.listdir(tmp_path):
        if "index" in name:
            (tmp_path / name).unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    readable = Library(tmp_path, make=False)
    assert [found.digest for found in readable.find(text="fox")] == [record.digest]
    assert not [name for name in os.listdir(tmp_path) if "index" in name]


def test_a_damaged_index_that_may_not_be_mended_hides_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path) as library:
        record = library.add(picture(), MADE)
    (tmp_path / "index.sqlite").write_bytes(b"SQLite format 3\0" + bytes(100))
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert Library(tmp_path).get(record.digest).provenance == MADE
    assert (tmp_path / "index.sqlite").stat().st_size == 116


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space"), "database or disk is full"])
def test_an_index_that_does_not_fit_on_the_disk_hides_nothing(
    error: OSError | str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Library(tmp_path) as library:
        record = library.add(picture(), MADE)

    def full(self: Index) -> None:
        raise sqlite3.OperationalError(error) if isinstance(error, str) else error

    with monkeypatch.context() as patch:
        patch.setattr(Index, "_open", full)
        library = Library(tmp_path)
        assert [found.digest for found in library.find(text="fox")] == [record.digest]
        added = library.add(picture(2), MADE)
        assert added.digest in library
    assert {found.digest for found in Library(tmp_path)} == {record.digest, added.digest}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a disk of its own")
def test_a_library_on_a_full_disk_can_be_searched(tmp_path: Path) -> None:
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", str(tmp_path)], check=False
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        with Library(tmp_path) as library:
            kept = library.add(picture(), MADE)
        with contextlib.suppress(OSError), (tmp_path / "filler").open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with Library(tmp_path) as library:
            with pytest.raises(LibraryError, match="No space left") as told:
                library.add(picture(2), MADE)
            assert "free some space" in told.value.hint
            assert [record.digest for record in library] == [kept.digest]
            assert library.get(kept.digest).load() == picture()
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


def test_a_library_is_made_only_if_that_is_wanted(tmp_path: Path) -> None:
    place = tmp_path / "library"
    with pytest.raises(LibraryError, match="there is no library") as told:
        Library(place, make=False)
    assert told.value.hint
    assert not place.exists()
    with Library(place) as library:
        library.add(picture())
    assert len(Library(place, make=False)) == 1


def test_a_full_disk_leaves_no_half_file_and_all_that_was_there(tmp_path: Path) -> None:
    with Library(tmp_path) as library:
        kept = library.add(picture(), MADE)
    process = child(
        """
        import resource
        library = Library(sys.argv[1])
        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), dtype=np.uint8)
        try:
            library.add(Image(noise), Provenance(tool="t"))
        except LibraryError as error:
            print(error.hint)
        """,
        str(tmp_path),
    )
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert "folder" in out
    assert files(tmp_path) == [kept.path.name]
    assert [record.digest for record in Library(tmp_path)] == [kept.digest]


def test_a_killed_process_leaves_whole_files_only(tmp_path: Path) -> None:
    process = child(
        """
        library = Library(sys.argv[1])
        for seed in range(100_000):
            library.add(picture(seed % 256), Provenance(tool="t", seed=seed))
            print(seed, flush=True)
        """,
        str(tmp_path),
    )
    assert process.stdout is not None
    for _ in range(10):
        process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    library = Library(tmp_path)
    assert len(library) >= 10
    for record in library:
        assert isinstance(record.load(), Image)
        assert record.provenance == Library.read(record.path)


def test_what_killed_processes_left_is_cleaned_up_later(tmp_path: Path) -> None:
    with Library(tmp_path) as library:
        folder = library.add(picture(), MADE).path.parent
    old, new = folder / ".x.png.1-ab.part", folder / ".y.png.1-ab.part"
    old.write_bytes(b"half")
    new.write_bytes(b"half")
    os.utime(old, (0, 0))
    Library(tmp_path)
    assert not old.exists()
    assert new.exists()  # somebody may be writing it now


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    code = """
        library = Library(sys.argv[1])
        for seed in range(25):
            tool = sys.argv[2] if seed % 5 else "both"
            library.add(picture(seed), Provenance(tool=tool, seed=seed))
        print(len(library))
    """
    processes = [child(code, str(tmp_path), name) for name in ("one", "two")]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    library = Library(tmp_path)
    assert len(library) == 45  # 20 of each and 5 that both made
    assert len(library.find(tool="both")) == 5


def test_threads_share_one_library(tmp_path: Path) -> None:
    library = Library(tmp_path)
    errors: list[Exception] = []

    def work(start: int) -> None:
        try:
            for shade in range(start, start + 10):
                library.add(picture(shade), MADE)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(5 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert errors == []
    assert len(library) == 25


def test_content_digests_tell_values_apart() -> None:
    wide = Image(np.zeros((2, 8, 3), np.uint8))
    high = Image(np.zeros((8, 2, 3), np.uint8))
    slow = Video(np.zeros((4, 16, 16, 3), np.uint8), 2.0)
    with_sound = Video(np.zeros((4, 16, 16, 3), np.uint8), 4.0, sound())
    values: list[Media | str] = [wide, high, film(), slow, with_sound, sound(), "", "a"]
    assert len({content_digest(value) for value in values}) == len(values)
    assert content_digest(picture(3)) == content_digest(picture(3))
