"""The agent: requests, plans, repairs, rounds, streaming, re-runs."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.agent import Agent, AgentSettings
from modaverse.cancel import CancelToken
from modaverse.conversation import Conversation, next_handles
from modaverse.errors import (
    Cancelled,
    LibraryError,
    LLMError,
    MediaError,
    OutOfMemory,
    PlanError,
    RequestError,
)
from modaverse.events import (
    CallDone,
    CallFailed,
    CallStarted,
    PlanReady,
    Progress,
    ReplyReady,
    TextDelta,
)
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Audio, Image, Limits, Video
from modaverse.plan import Plan, ToolCall
from modaverse.residency import Residency
from modaverse.rounds import joined
from modaverse_tools import echo

FOX = "Here is your picture.\necho-image: a red fox"
PICTURE = Image(np.full((8, 8, 3), 7, np.uint8))


def agent(*replies: Any, **keywords: Any) -> Agent:
    return Agent(ScriptedLLM(replies), echo.toolbox(), **keywords)


def llm_of(agent: Agent) -> ScriptedLLM:
    assert isinstance(agent.llm, ScriptedLLM)
    return agent.llm


# --- plan, run, chat -----------------------------------------------------------------------------


def test_plan_makes_nothing(tmp_path: Path) -> None:
    made = agent(FOX, library=tmp_path).plan("Draw a red fox")
    assert made.text == "Here is your picture."
    assert made.calls == (ToolCall(id=1, tool="echo-image", prompt="a red fox"),)
    assert list(tmp_path.glob("*/*")) == []


def test_chat_is_plan_and_run() -> None:
    reply = agent(FOX).chat("Draw a red fox", seed=4)
    assert reply.text == "Here is your picture."
    assert reply.ok
    again = agent(FOX).run(reply.plan, seed=4)
    assert again.images == reply.images
    assert again == reply
    assert agent(FOX).chat("Draw a red fox", seed=5).images != reply.images


def test_a_reply_without_calls() -> None:
    reply = agent("Hello!").chat("Hi")
    assert (reply.text, reply.items, reply.plan.calls) == ("Hello!", (), ())


def test_run_takes_an_edited_plan_and_checks_it() -> None:
    plan = agent(FOX).plan("Draw a red fox")
    edited = plan.model_copy(
        update={"calls": (plan.calls[0].model_copy(update={"prompt": "owl"}),)}
    )
    assert agent().run(edited).items[0].provenance.prompt == "owl"
    broken = Plan(calls=(ToolCall(id=1, tool="echo-smell", prompt="x", inputs=("image1",)),))
    with pytest.raises(PlanError, match="echo-smell"):
        agent().run(broken)


def test_results_are_written_to_the_library(tmp_path: Path) -> None:
    working = agent(FOX, library=tmp_path)
    reply = working.chat("Draw a red fox")
    assert working.library is not None
    assert [record.path for record in working.library] == [reply.items[0].path]


def test_a_failed_call_does_not_lose_the_others() -> None:
    reply = agent("Here.\necho-fail: no\necho-text: yes").chat("both")
    assert reply.texts == ("yes",)
    assert [failure.message for failure in reply.failed] == ["no"]


def test_the_llm_is_loaded_when_first_used(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []

    def load(name: str) -> ScriptedLLM:
        loaded.append(name)
        return ScriptedLLM([FOX, FOX])

    monkeypatch.setattr("modaverse.agent.load_llm", load)
    lazy = Agent("some-model", echo.toolbox())
    assert "some-model" in repr(lazy)
    assert loaded == []
    lazy.chat("x")
    lazy.chat("x")
    assert loaded == ["some-model"]


def test_tools_may_come_as_a_list() -> None:
    small = Agent(ScriptedLLM(["echo-text: hi"]), [echo.echo_text])
    assert small.chat("x").texts == ("hi",)


def test_closing_lets_go_of_models_and_loads_them_again_when_needed(tmp_path: Path) -> None:
    class Heavy(ScriptedLLM):
        unloaded = 0

        def unload(self) -> None:
            self.unloaded += 1

    llm = Heavy([FOX], repeat=True)
    residency = Residency()
    with Agent(llm, echo.toolbox(), library=tmp_path, residency=residency) as working:
        assert working.chat("Draw a red fox").ok
        assert residency.loaded
    assert llm.unloaded == 1
    assert residency.loaded == ()
    assert working.chat("Draw it again").ok
    with agent(FOX):
        pass  # neither an LLM that holds nothing nor a missing library is in the way


# --- requests ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ("", "is empty"),
        (" \n\t", "is empty"),
        ("a" * 20_001, "has 20,001 characters, more than 20,000"),
        ("make image1 red", "there is no image1"),
        ("mix audio2, please", "there is no audio2"),
        (b"bytes", "is bytes, not text"),
    ],
)
def test_bad_requests(request_: Any, message: str) -> None:
    working = agent(FOX)
    for method in (working.chat, working.plan, working.stream):
        with pytest.raises(RequestError, match=message) as told:
            method(request_)
        assert told.value.hint
    assert llm_of(working).requests == []


def test_half_characters_do_not_reach_the_llm() -> None:
    working = agent(FOX)
    working.chat("a \ud83e\udd8a and half of one \ud83e")
    assert llm_of(working).requests[0].messages[-1].text == "a \U0001f98a and half of one \ufffd"


@pytest.mark.parametrize(
    "text", ["a text2speech joke", "the sign says IMAGE1", "image-1", "#image3"]
)
def test_what_only_looks_like_a_handle(text: str) -> None:
    assert agent(FOX).chat(text).ok


def test_attachments_of_every_kind_are_numbered_by_modality(tmp_path: Path) -> None:
    sound = echo.echo_audio("x")
    film = echo.echo_video("x")
    path = PICTURE.save(tmp_path / "a.png")
    sources = [path, sound, path.read_bytes(), io.BytesIO(path.read_bytes()), film, str(path)]
    working = agent("echo-slideshow from image3 audio1:")
    reply = working.chat("Show image3 with audio1", sources)
    assert reply.ok
    asked = llm_of(working).requests[0]
    names = ("image1", "audio1", "image2", "image3", "video1", "image4")
    assert asked.messages[-1].handles == names
    assert asked.handles == dict.fromkeys(names, "image") | {"audio1": "audio", "video1": "video"}
    assert reply.items[0].handle == "video2"


@pytest.mark.parametrize(
    "one",
    [
        PICTURE,
        PICTURE.encode(),
        bytearray(PICTURE.encode()),
        memoryview(PICTURE.encode()),
        io.BytesIO(PICTURE.encode()),
        PICTURE.array,
    ],
)
def test_one_attachment_needs_no_list(one: Any) -> None:
    assert agent("echo-caption from image1: It is").chat("What is it?", one).texts == (
        "It is image, 8x8",
    )


def test_bad_attachments(tmp_path: Path) -> None:
    for bad in (tmp_path, tmp_path / "absent.png", b"", "http://example.com/a.png"):
        with pytest.raises((MediaError, RequestError)):
            agent(FOX).chat("look", [bad])
    with pytest.raises(MediaError):
        agent(FOX, limits=Limits(max_pixels=10)).chat("look", [PICTURE.encode()])
    with pytest.raises(RequestError, match="33 attachments"):
        agent(FOX).chat("look", [PICTURE] * 33)


# --- what the LLM gets and gives -----------------------------------------------------------------


def test_what_the_llm_is_asked() -> None:
    settings = AgentSettings(system="Be brief.", max_tokens=99, temperature=0.5, top_p=0.9)
    working = agent(FOX, settings=settings)
    working.chat("  Draw a fox \n", seed=3)
    (asked,) = llm_of(working).requests
    assert [(m.role, m.text) for m in asked.messages] == [
        ("system", "Be brief."),
        ("user", "Draw a fox"),
    ]
    sampling = asked.sampling
    assert (sampling.seed, sampling.max_tokens, sampling.temperature) == (3, 99, 0.5)
    assert asked.toolbox is working.toolbox


def test_a_plan_that_does_not_hold_is_repaired_once() -> None:
    working = agent("echo-smell: roses\necho-caption: it", FOX)
    reply = working.chat("Draw a red fox")
    assert reply.ok
    first, second = llm_of(working).requests
    assert second.messages[: len(first.messages)] == first.messages
    answer, correction = second.messages[-2:]
    assert (answer.role, answer.text) == ("assistant", "echo-smell: roses\necho-caption: it")
    assert correction.role == "user"
    assert "echo-smell" in correction.text


def test_a_second_bad_plan_is_an_error() -> None:
    working = agent("echo-image from video9: x", "echo-image from video9: x", FOX)
    with pytest.raises(PlanError) as told:
        working.chat("x")
    assert told.value.problems
    assert len(llm_of(working).requests) == 2


class Broken:
    """An LLM of somebody else's, that raises."""

    name = "broken"

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def dialect(self, toolbox: Any) -> Any:
        return ScriptedLLM([]).dialect(toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        yield "Here"
        raise self.error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (LLMError("no server", retryable=True), LLMError),
        (ValueError("odd"), LLMError),
        (MemoryError(), OutOfMemory),
        (RuntimeError("CUDA error: out of memory"), OutOfMemory),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_what_an_llm_raises(error: BaseException, kind: type[BaseException]) -> None:
    with pytest.raises(kind):
        Agent(Broken(error), echo.toolbox()).chat("x")


def test_idle_tools_make_room_for_the_llm() -> None:
    working = agent(MemoryError(), FOX, MemoryError(), FOX, residency=Residency())
    with pytest.raises(OutOfMemory):
        working.chat("nothing is loaded that could go")
    working.chat("x")
    assert working.residency.loaded == (echo.echo_image,)
    assert working.chat("x").ok
    assert len(llm_of(working).requests) == 4


# --- streaming -----------------------------------------------------------------------------------


def test_events_of_a_turn() -> None:
    events = list(agent("Here is\nyour picture.\necho-image: a fox").stream("Draw a fox"))
    deltas = [event.text for event in events if isinstance(event, TextDelta)]
    assert "".join(deltas) == "Here is\nyour picture."
    assert len(deltas) > 1
    kinds = [type(event) for event in events if not isinstance(event, TextDelta | Progress)]
    assert kinds[0] is PlanReady
    assert kinds[1] is CallStarted
    assert kinds[-2:] == [CallDone, ReplyReady]


@pytest.mark.parametrize(
    "said",
    [
        "Here.\necho-image: a fox\necho-text: echo-image: x",
        "echo-image: a fox",
        'Say.\necho-text with {"times":2}: a',
        "Mentions echo-image in passing.\n\\echo-image: is how calls look.\n\nEnd.",
        "",
    ],
)
def test_deltas_are_the_reply_text_and_nothing_else(said: str) -> None:
    events = list(agent(said, said).stream("x"))
    last = events[-1]
    assert isinstance(last, ReplyReady)
    assert "".join(e.text for e in events if isinstance(e, TextDelta)) == last.reply.text


def test_text_comes_before_the_llm_is_done() -> None:
    events = agent("One two three.\necho-image: a fox").stream("x")
    first = next(events)
    assert first == TextDelta("One")
    events.close()  # type: ignore[attr-defined]


def test_closing_the_stream_closes_the_llm() -> None:
    closed = threading.Event()

    class Watched(Broken):
        def stream(self, request: LLMRequest) -> Iterator[str]:
            try:
                yield "One two"
                yield " three"
            finally:
                closed.set()

    events = Agent(Watched(ValueError()), echo.toolbox()).stream("x")
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert closed.is_set()


def test_cancelled_while_planning() -> None:
    token = CancelToken()
    events = agent("One two three four.").stream("x", cancel=token)
    next(events)
    token.cancel()
    with pytest.raises(Cancelled):
        list(events)


def test_cancelled_while_running_keeps_what_was_made() -> None:
    token = CancelToken()
    said = 'Here.\necho-text: made\necho-wait with {"seconds":30}: {#1}\necho-text: {#2}'
    events = []
    for event in agent(said).stream("x", cancel=token):
        events.append(event)
        if isinstance(event, Progress):
            token.cancel()
    last = events[-1]
    assert isinstance(last, ReplyReady)
    assert last.reply.texts == ("made",)
    assert {failure.type for failure in last.reply.failed} == {"Cancelled"}
    assert sum(isinstance(event, CallFailed) for event in events) == 2


# --- rounds --------------------------------------------------------------------------------------


def rounds(count: int) -> AgentSettings:
    return AgentSettings(max_rounds=count)


def test_one_round_by_default() -> None:
    working = agent(FOX, FOX)
    working.chat("x")
    assert len(llm_of(working).requests) == 1


def test_the_llm_sees_short_faces_and_may_plan_again() -> None:
    working = agent(
        "I look.\necho-caption from image1: It is an\necho-fail: no luck",
        "Here.\necho-image: like {text1}\necho-caption from #1:",
        "Done.",
        settings=rounds(4),
    )
    reply = working.chat("Draw image1 again", PICTURE)
    second, third = llm_of(working).requests[1:]
    told = second.messages[-1]
    assert told.role == "user"
    assert '#1 text1: text, "It is an image, 8x8"' in told.text
    assert "#2 failed: no luck" in told.text
    assert told.handles == ("text1",)
    assert second.handles == {"image1": "image", "text1": "text"}
    assert third.handles == {"image1": "image", "text1": "text", "image2": "image", "text3": "text"}

    assert reply.text == "I look.\nHere.\nDone."
    assert [call.id for call in reply.plan.calls] == [1, 2, 3, 4]
    assert reply.plan.calls[2].prompt == "like {#1}"
    assert reply.plan.calls[3].inputs == ("#3",)
    assert [item.call for item in reply.items] == [1, 3, 4]
    assert [item.handle for item in reply.items] == ["text1", "image2", "text3"]
    assert [failure.call for failure in reply.failed] == [2]


def test_a_turn_of_several_rounds_is_one_plan_that_can_be_run_again() -> None:
    first = agent(FOX, "Look.\necho-caption from image1: It is", "Done.", settings=rounds(3))
    reply = first.chat("Draw a fox and describe it", seed=9)
    again = agent().run(reply.plan, seed=9)
    assert again.items == reply.items


def test_rounds_end_at_the_limit_and_without_calls() -> None:
    endless = agent(FOX, FOX, FOX, FOX, settings=rounds(3))
    assert len(endless.chat("x").plan.calls) == 3
    done = agent(FOX, "Done.", FOX, settings=rounds(3))
    assert len(done.chat("x").plan.calls) == 1
    assert len(llm_of(done).requests) == 2


def test_deltas_of_rounds_add_up_to_the_text() -> None:
    events = list(agent(FOX, "And\nthat is it.", settings=rounds(2)).stream("x"))
    text = "".join(event.text for event in events if isinstance(event, TextDelta))
    last = events[-1]
    assert isinstance(last, ReplyReady)
    assert text == last.reply.text == "Here is your picture.\nAnd\nthat is it."


def test_joining_plans_renames_references() -> None:
    first = Plan(text="a", calls=(ToolCall(id=1, tool="t", prompt="p"),))
    second = Plan(calls=(ToolCall(id=1, tool="t", prompt="{text1} {#1} {#x}", inputs=("image2",)),))
    call = joined(first, second, {"image2": 1}).calls[1]
    assert (call.id, call.prompt, call.inputs) == (2, "{text1} {#2} {#x}", ("#1",))


# --- re-runs -------------------------------------------------------------------------------------


def test_a_result_is_made_again_from_its_file(tmp_path: Path) -> None:
    working = agent('echo-text: x\necho-image with {"size":16}: {#1}', library=tmp_path / "a")
    item = working.chat("x", seed=8).items[1]
    assert item.path is not None
    moved = tmp_path / "moved.png"
    moved.write_bytes(item.path.read_bytes())
    elsewhere = agent(library=tmp_path / "b").rerun(moved)
    again = elsewhere.items[0].path
    assert again is not None
    assert again.read_bytes() == item.path.read_bytes()
    assert elsewhere.plan.calls[0].tool == "echo-image"


def test_a_re_run_finds_its_inputs_in_the_library_or_among_attachments(tmp_path: Path) -> None:
    working = agent("echo-image: x\necho-slideshow from #1 audio1:", library=tmp_path / "a")
    sound = echo.echo_audio("x")
    assert isinstance(sound, Audio)
    path = working.chat("x", sound).items[1].path
    assert path is not None
    again = working.rerun(path, sound)
    assert again.items[0].path == path
    with pytest.raises(RequestError, match="not all of them are here") as told:
        working.rerun(path)
    assert "attach" in told.value.hint
    other = working.rerun(path, echo.echo_audio("another"))
    assert isinstance(other.items[0].value, Video)
    assert other.items[0].path != path


def test_files_that_cannot_be_re_run(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="does not say"):
        agent().rerun(PICTURE.save(tmp_path / "plain.png"))
    with pytest.raises(MediaError):
        agent().rerun(tmp_path / "absent.png")


# --- conversations -------------------------------------------------------------------------------


def test_handles_count_on() -> None:
    assert next_handles(["image", "audio", "image"]) == ["image1", "audio1", "image2"]
    assert next_handles(["image", "text"], ["image2", "image9", "video1"]) == ["image10", "text1"]


def test_only_recent_turns_are_read() -> None:
    talk = Conversation()
    for n in range(5):
        talk = talk.ask(f"request {n}", ()).answer(f"answer {n}", ())
    talk = talk.ask("now", ())
    assert [m.text for m in talk.recent(1)] == ["request 4", "answer 4", "now"]
    assert [m.text for m in talk.recent(0)] == ["now"]
    assert len(talk.recent(100)) == 11
