"""The demo without a browser: what a chat shows of each event, and what becomes of its files."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from modaverse.agent import Agent
from modaverse.errors import BackendMissing, ConfigError, LLMError
from modaverse.events import CallStarted, Preview, Progress
from modaverse.extras import install_line
from modaverse.library import Library
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM, ScriptedReply
from modaverse.media import Image, load_media
from modaverse.plan import ToolCall
from modaverse.tool import Context, tool
from modaverse_apps.demo.session import Session, Sessions, View
from modaverse_apps.demo.transcript import Message, Transcript, literal
from modaverse_tools import echo

WAIT = 'Wait.\necho-image: a fox\necho-wait with {"seconds":30.0}: long'


def session_of(root: Path, *replies: ScriptedReply, library: Path | None = None) -> Session:
    return Session(Agent(ScriptedLLM(replies), echo.toolbox(), library=library), root)


def last(views: Iterator[View]) -> View:
    *_, view = views
    return view


def text_of(message: Message) -> str:
    return " ".join(block for block in message["content"] if isinstance(block, str))


def files_of(view: View) -> list[Path]:
    blocks = [block for message in view.messages for block in message["content"]]
    return [Path(block["path"]) for block in blocks if isinstance(block, dict)]


def titles_of(view: View) -> list[tuple[str, str | None]]:
    heads = [message["metadata"] for message in view.messages if "metadata" in message]
    return [(head["title"], head.get("status")) for head in heads]


def test_the_result_is_told_from_what_was_used_for_it(tmp_path: Path) -> None:
    session = session_of(tmp_path, "Here.\necho-image: a fox\necho-caption from #1: what is it")
    made = [text_of(m) for m in last(session.send("a fox")).messages if "metadata" not in m][2:]
    assert "`image1`" in made[0]
    assert "used for `text1`" in made[0]
    assert made[1].endswith("`text1` · **result**")


def test_what_a_tool_has_to_say_stands_below_its_result(tmp_path: Path) -> None:
    @tool
    def note_it(prompt: str, *, context: Context) -> str:
        """Say the prompt back, with a note."""
        context.note("It *echoes*.")
        return prompt

    session = Session(Agent(ScriptedLLM(["Here.\nnote-it: x"]), [note_it]), tmp_path)
    assert "ℹ️ It \\*echoes\\*\\." in text_of(last(session.send("x")).messages[-1])


def test_a_turn_shows_request_text_step_and_result(tmp_path: Path) -> None:
    session = session_of(tmp_path, 'Here.\necho-image with {"size":16}: a red fox')
    views = list(session.send("draw a fox", seed=3))
    assert titles_of(views[0]) == [("Planning", "pending")]
    done = views[-1]
    assert [message["role"] for message in done.messages] == ["user", *["assistant"] * 3]
    assert text_of(done.messages[0]) == "draw a fox"
    assert text_of(done.messages[1]) == "Here\\."
    assert titles_of(done) == [("echo-image", "done")]
    step = text_of(done.messages[2])
    assert "> a red fox" in step
    assert "size `16`" in step
    assert "seed `" in step
    assert "`image1`" in text_of(done.messages[3])
    assert done.plan is not None
    assert done.plan["calls"][0]["options"] == {"size": 16}


def test_results_are_files_with_their_provenance(tmp_path: Path) -> None:
    session = session_of(
        tmp_path, "All.\necho-image: a\necho-audio: b\necho-video: c\necho-text: d"
    )
    done = last(session.send("all of it"))
    files = files_of(done)
    assert [file.name for file in files] == ["image1.png", "audio1.wav", "video1.mp4"]
    assert [Library.read(file).prompt for file in files] == ["a", "b", "c"]
    assert text_of(done.messages[-1]).startswith("d")


def test_a_library_keeps_what_the_browser_loses(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    session = session_of(root, "One.\necho-image: a", library=tmp_path / "library")
    shown = files_of(last(session.send("one")))
    session.close()
    assert not any(file.exists() for file in shown)
    assert not list(root.iterdir())
    assert [
        record.provenance and record.provenance.prompt
        for record in Library(tmp_path / "library").find()
    ] == ["a"]


def test_the_seed_decides(tmp_path: Path) -> None:
    def picture(seed: int) -> Any:
        session = session_of(tmp_path, "One.\necho-image: a")
        return load_media(files_of(last(session.send("one", seed=seed)))[0])

    assert picture(1) == picture(1)
    assert picture(1) != picture(2)


def test_a_failed_call_says_why_and_loses_no_other(tmp_path: Path) -> None:
    session = session_of(tmp_path, "Two.\necho-fail: the *disk* is full\necho-image: a")
    done = last(session.send("two"))
    assert titles_of(done) == [("echo-fail: failed", None), ("echo-image", "done")]
    failed = text_of(done.messages[2])
    assert "The \\*disk\\* is full" in failed
    assert "this tool always fails" in failed
    assert len(files_of(done)) == 1


def test_what_needs_a_failed_call_is_skipped(tmp_path: Path) -> None:
    session = session_of(tmp_path, "Two.\necho-fail: no\necho-text: said {#1}")
    assert [title for title, _ in titles_of(last(session.send("two")))] == [
        "echo-fail: failed",
        "echo-text: skipped",
    ]


@pytest.mark.parametrize(
    ("request_text", "reply", "says"),
    [
        ("", "x", "request is empty"),
        ("make image7 darker", "x", "no image7"),
        ("hi", LLMError("the server is away", hint="start it"), "*start it*"),
        ("hi", "echo-smell: roses", "echo\\-smell"),
        ("hi", ValueError("boom"), "boom"),
    ],
)
def test_errors_are_sentences(
    tmp_path: Path, request_text: str, reply: ScriptedReply, says: str
) -> None:
    done = last(session_of(tmp_path, reply, reply).send(request_text))
    note = text_of(done.messages[-1])
    assert note.startswith("⚠️")
    assert says in note
    assert "Traceback" not in note


def test_a_fault_of_ours_is_a_sentence_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(Agent, "turn", lambda *_, **__: 1 / 0)
    done = last(session_of(tmp_path, "x").send("hi"))
    assert "ZeroDivisionError" in text_of(done.messages[-1])
    assert "ZeroDivisionError" in caplog.text


def test_a_bad_attachment_is_refused_and_the_chat_goes_on(tmp_path: Path) -> None:
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    session = session_of(tmp_path, "Hello.")
    done = last(session.send("look", [bad]))
    assert text_of(done.messages[-1]).startswith("⚠️")
    assert len(last(session.send("hi")).messages) == 4


def test_attachments_are_shown_and_can_be_used(tmp_path: Path, small_image: Image) -> None:
    source = small_image.save(tmp_path / "mine.png")
    session = session_of(tmp_path, "See.\necho-caption from image1: It is an")
    done = last(session.send("what size is it", [source]))
    assert files_of(done)[0] == source
    assert "It is an image, 24x16" in text_of(done.messages[-1]).replace("\\", "")


def test_an_attachment_alone_is_no_request(tmp_path: Path, small_image: Image) -> None:
    done = last(session_of(tmp_path).send(" ", [small_image.save(tmp_path / "mine.png")]))
    assert "there is no request" in text_of(done.messages[-1]).lower()


def test_later_turns_find_earlier_results(tmp_path: Path) -> None:
    session = session_of(tmp_path, "One.\necho-image: a", "It.\necho-caption from image1: it is an")
    last(session.send("one"))
    done = last(session.send("what is image1"))
    assert len(done.messages) == 8
    assert titles_of(done)[-1] == ("echo-caption", "done")


def test_stop_ends_the_running_tool_and_keeps_the_rest(tmp_path: Path) -> None:
    session = session_of(tmp_path, WAIT, "Hello.")
    begun = time.monotonic()
    for done in session.send("slow"):
        if any("step" in m.get("metadata", {}).get("log", "") for m in done.messages):
            session.stop()
    assert time.monotonic() - begun < 20
    assert titles_of(done) == [("echo-image", "done"), ("echo-wait: stopped", None)]
    assert files_of(done)[0].is_file()
    assert "Stopped" in text_of(done.messages[-1])
    assert not session.busy
    assert text_of(last(session.send("hi")).messages[-1]) == "Hello\\."


def test_stop_while_planning(tmp_path: Path) -> None:
    def reply(request: LLMRequest) -> str:
        session.stop()
        return "Never said."

    session = session_of(tmp_path, reply)
    assert text_of(last(session.send("hi")).messages[-1]) == "Stopped."


def test_closing_the_stream_stops_the_work(tmp_path: Path) -> None:
    session = session_of(tmp_path, WAIT)
    views = session.send("slow")
    for view in views:
        if any("step" in m.get("metadata", {}).get("log", "") for m in view.messages):
            break
    begun = time.monotonic()
    views.close()  # type: ignore[attr-defined]
    while session.busy:
        assert time.monotonic() - begun < 10
        time.sleep(0.01)


def test_one_request_at_a_time(tmp_path: Path) -> None:
    session = session_of(tmp_path, WAIT)
    views = session.send("slow")
    next(views)
    assert session.busy
    assert list(session.send("another")) == []
    session.stop()
    last(views)


def test_a_new_chat_in_the_middle_of_a_request(tmp_path: Path) -> None:
    session = session_of(tmp_path, WAIT, "Fresh.")
    views = session.send("slow")
    for view in views:
        if files_of(view):
            break
    fresh = session.reset()
    assert not list(views), "a chat that was left is shown no more"
    assert list(fresh) == [View()]
    done = last(session.send("hi"))
    assert [text_of(message) for message in done.messages] == ["hi", "Fresh\\."]
    assert done.plan == {"text": "Fresh."}
    assert not files_of(view)[0].exists()


def test_a_new_chat_is_the_last_thing_that_a_page_is_told(tmp_path: Path) -> None:
    """A view that was under way when the chat was left must not arrive after the empty one."""
    session = session_of(tmp_path, WAIT)
    told: list[View] = []

    def show(views: Iterator[View]) -> None:
        for view in views:
            time.sleep(0.05)  # it is on its way, and only then the next one is asked for
            told.append(view)

    talk = threading.Thread(target=show, args=(session.send("slow"),))
    talk.start()
    while not (told and files_of(told[-1])):
        time.sleep(0.01)
    show(session.reset())
    talk.join(10)
    assert told[-1] == View()
    assert told[-2].busy


def test_after_a_new_chat_the_page_is_told_once_more(tmp_path: Path) -> None:
    session = session_of(tmp_path, WAIT, "Fresh.")
    views = session.send("slow")
    assert next(views).busy
    assert not list(session.settled()), "no chat was left"
    fresh = session.reset()
    assert not list(views)
    assert list(fresh) == [View()]
    assert list(session.settled()) == [View()], "its last view may have come after the empty one"
    done = last(session.send("hi"))
    assert list(session.settled()) == [done], "the requests may end in any order"


def test_a_new_chat_does_not_wait_for_an_llm_that_will_not_stop(tmp_path: Path) -> None:
    stuck = threading.Event()

    def reply(request: LLMRequest) -> str:
        stuck.wait(30)
        return "Too late."

    session = session_of(tmp_path, reply, "Fresh.")
    views = session.send("slow")
    assert next(views).busy
    fresh = session.reset()
    assert not list(views)
    assert list(fresh) == [View()]
    assert not session.busy
    stuck.set()
    assert text_of(last(session.send("hi")).messages[-1]) == "Fresh\\."


def test_browsers_do_not_mix(tmp_path: Path) -> None:
    sessions = Sessions(
        Agent(ScriptedLLM(["One.\necho-image: a", "Two."]), echo.toolbox()), tmp_path
    )
    first = last(sessions["a"].send("one"))
    second = last(sessions["b"].send("two"))
    assert len(first.messages) == 4
    assert [text_of(message) for message in second.messages] == ["two", "Two\\."]
    assert sessions["a"] is sessions["a"]
    sessions.leave("a")
    sessions.leave("a")
    assert len(sessions) == 1
    assert len(list(tmp_path.iterdir())) == 1
    sessions.close()
    assert not list(tmp_path.iterdir())


def test_two_browsers_at_one_time(tmp_path: Path) -> None:
    agent = Agent(ScriptedLLM(["One.\necho-text: a"] * 4), echo.toolbox())
    sessions = Sessions(agent, tmp_path)
    ends: dict[str, View] = {}

    def visit(name: str) -> None:
        ends[name] = last(sessions[name].send(name))

    threads = [threading.Thread(target=visit, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert {name: text_of(view.messages[0]) for name, view in ends.items()} == {
        n: n for n in "abcd"
    }


def test_progress_and_previews_are_shown_while_it_runs(small_image: Image) -> None:
    call = ToolCall(id=1, tool="echo-video", prompt="a fox")
    turn = Transcript("go", (), lambda item: Path("x"))
    turn.take(CallStarted(call))
    turn.take(Progress(call, 3, 20))
    turn.take(Preview(call, small_image))
    step = turn.messages()[-1]
    assert step["metadata"]["log"] == "step 3 of 20"
    assert step["metadata"]["status"] == "pending"
    assert "data:image/png;base64," in text_of(step)
    turn.close()
    assert "data:" not in text_of(turn.messages()[-2])


def test_a_result_that_cannot_be_shown_counts_as_failed(tmp_path: Path) -> None:
    session = session_of(tmp_path, "Two.\necho-image: a\necho-text: b")
    views = session.send("two")
    next(views)
    next(tmp_path.iterdir()).rmdir()  # the folder of its results
    done = last(views)
    assert titles_of(done) == [("echo-image: failed", None), ("echo-text", "done")]


def test_text_is_shown_as_written() -> None:
    assert literal("<b>*x*</b>\n![](http://x/y)").count("\\") >= 8
    assert literal("a\nb") == "a<br>b"


def test_a_taken_port_is_a_typed_error() -> None:
    import socket

    from modaverse_apps.demo import launch

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigError, match="cannot listen") as caught:
            launch(Agent(ScriptedLLM([]), echo.toolbox()), port=taken.getsockname()[1])
    assert "--port" in caught.value.hint


def test_without_gradio_the_hint_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    from modaverse_apps.demo import serve

    monkeypatch.setitem(sys.modules, "gradio", None)
    monkeypatch.delitem(sys.modules, "modaverse_apps.demo.page", raising=False)
    with pytest.raises(BackendMissing) as caught, serve(Agent(ScriptedLLM([]), echo.toolbox())):
        pass
    assert caught.value.hint == install_line("demo")
