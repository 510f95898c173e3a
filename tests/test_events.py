"""Events and replies: how they show, add up and save themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from modaverse.errors import LibraryError, MediaError, ToolTimeout
from modaverse.events import CallDone, CallFailed, Event, Failure, Item, Reply, face, gathered
from modaverse.library import Library
from modaverse.media import Audio, Image, Media, Modality, Video, modality_of
from modaverse.plan import Plan, ToolCall
from modaverse.provenance import Provenance

MADE = Provenance(tool="t", prompt="<b>fox</b>")
IMAGE = Image(np.zeros((4, 4, 3), np.uint8))
AUDIO = Audio(np.zeros((800, 1), np.float32), 8000)
VIDEO = Video(np.zeros((2, 16, 16, 3), np.uint8), 2.0)


def item(call: int, value: Media | str, path: Path | None = None) -> Item:
    modality: Modality = modality_of(value)
    return Item(call, f"{modality}{call}", modality, value, path, MADE)


REPLY = Reply(
    text="Here & <now>.",
    items=(item(1, IMAGE), item(2, AUDIO), item(3, VIDEO), item(4, "said\nso")),
    failed=(Failure(5, "ToolTimeout", "took > 1 s", "wait"),),
)


def test_results_by_modality() -> None:
    assert REPLY.images == (IMAGE,)
    assert REPLY.audios == (AUDIO,)
    assert REPLY.videos == (VIDEO,)
    assert REPLY.texts == ("said\nso",)
    assert not REPLY.ok
    assert Reply("Hello").ok


def test_a_reply_in_a_notebook_shows_everything_and_escapes_what_others_wrote() -> None:
    shown = REPLY._repr_html_()
    assert "Here &amp; &lt;now&gt;." in shown
    assert '<img src="data:image/png;base64,' in shown
    assert "<audio" in shown
    assert "<video" in shown
    assert "said<br>so" in shown
    assert "took &gt; 1 s" in shown
    assert "&lt;b&gt;fox" in shown
    assert "<b>fox" not in shown


def test_a_reply_as_text(tmp_path: Path) -> None:
    reply = Reply("Here.", items=(item(1, IMAGE, tmp_path / "a.png"), item(2, AUDIO)))
    assert str(reply) == f"Here.\n[image1] {tmp_path / 'a.png'}\n[audio2] {AUDIO.face()}"
    assert "#5 failed] took > 1 s" in str(REPLY)


def test_a_reply_tells_what_is_not_in_the_library() -> None:
    warning = Failure(1, "LibraryError", "<full>", "free some space")
    reply = Reply("Here.", items=(replace(item(1, IMAGE), warning=warning), item(2, AUDIO)))
    assert reply.ok
    assert reply.warnings == (warning,)
    assert str(reply).endswith("[#1 not in the library] <full>")
    assert "#1 is not in the library: &lt;full&gt;" in reply._repr_html_()


def test_reprs_stay_short() -> None:
    assert len(repr(item(1, VIDEO))) < 400


@pytest.mark.parametrize(("value", "name"), [(IMAGE, "a.png"), (AUDIO, "a.flac"), (VIDEO, "a.mp4")])
def test_a_saved_result_tells_how_it_was_made(tmp_path: Path, value: Media, name: str) -> None:
    assert Library.read(item(1, value).save(tmp_path / name)) == MADE


def test_text_is_saved_as_it_is(tmp_path: Path) -> None:
    assert item(1, "é\nb").save(tmp_path / "a.txt").read_bytes() == "é\nb".encode()


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        item(1, IMAGE).save(tmp_path / "a.xyz")
    for value, name in ((IMAGE, "a.png"), ("text", "a.txt")):
        with pytest.raises(LibraryError):
            item(1, value).save(tmp_path / "absent" / name)
    assert list(tmp_path.iterdir()) == []


def test_a_result_knows_its_digest_by_its_file() -> None:
    assert item(1, IMAGE, Path("ab/abcd.png")).digest == "abcd"
    assert item(1, IMAGE).digest == ""


def test_failures_come_from_errors() -> None:
    assert Failure.of(3, ToolTimeout("late", hint="wait")) == Failure(
        3, "ToolTimeout", "late", "wait"
    )
    assert Failure.of(1, ValueError()) == Failure(1, "ValueError", "ValueError")


def test_events_add_up_to_a_reply_in_the_order_of_the_calls() -> None:
    calls = [ToolCall(id=n, tool="t", prompt=str(n)) for n in (1, 2, 3)]
    events: list[Event] = [
        CallFailed(calls[2], Failure(3, "ToolError", "no")),
        CallDone(calls[1], item(2, "b")),
        CallDone(calls[0], item(1, "a")),
    ]
    reply = gathered(Plan(text="Here.", calls=tuple(calls)), iter(events))
    assert reply.texts == ("a", "b")
    assert [failure.call for failure in reply.failed] == [3]
    assert reply.text == "Here."
    assert len(gathered(Plan(), iter(events)).plan.calls) == 3


def test_faces_are_short() -> None:
    assert face(IMAGE) == "image, 4x4"
    assert face("short") == 'text, "short"'
    assert len(face("x" * 10_000)) < 250


def test_results_are_what_no_other_call_used() -> None:
    calls = (ToolCall(id=1, tool="paint"), ToolCall(id=2, tool="sing", inputs=("#1",)))
    reply = Reply("Here.", Plan(calls=calls), (item(1, IMAGE), item(2, AUDIO)))
    assert [made.call for made in reply.results] == [2]
    assert [made.call for made in replace(reply, items=reply.items[:1]).results] == [1]


def test_notes_of_results_are_told_once() -> None:
    noted = replace(item(1, IMAGE), notes=("It was <cut>.",))
    reply = Reply("Here.", items=(noted, replace(noted, call=2)))
    assert reply.notes == ("It was <cut>.",)
    assert str(reply).count("[note] It was <cut>.") == 1
    assert reply._repr_html_().count("It was &lt;cut&gt;.") == 1
