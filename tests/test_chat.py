"""A chat: turns, handles to earlier media, seeds, interruptions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.agent import Agent, AgentSettings
from modaverse.chat import Chat
from modaverse.errors import LLMError, RequestError
from modaverse.events import CallDone, PlanReady, ReplyReady
from modaverse.library import Library
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image
from modaverse_tools import echo

FOX = "Here is your picture.\necho-image: a red fox"
PICTURE = Image(np.full((8, 8, 3), 7, np.uint8))


def chat(*replies: Any, seed: int = 0, **keywords: Any) -> tuple[Chat, ScriptedLLM]:
    llm = ScriptedLLM(replies)
    return Chat(Agent(llm, echo.toolbox(), **keywords), seed=seed), llm


def test_later_turns_know_what_was_said_and_made() -> None:
    talk, llm = chat(FOX, "Here.\necho-slideshow from image1:\necho-caption from image2: It is")
    talk.send("Draw a red fox")
    reply = talk.send("Show image1 and tell me of image2", PICTURE)
    assert reply.ok
    asked = llm.requests[1]
    assert [(m.role, m.text, m.handles) for m in asked.messages] == [
        ("user", "Draw a red fox", ()),
        ("assistant", FOX, ("image1",)),
        ("user", "Show image1 and tell me of image2", ("image2",)),
    ]
    assert asked.handles == {"image1": "image", "image2": "image"}
    assert list(talk.media) == ["image1", "image2", "video1", "text1"]
    assert talk.media["image1"] == talk.turns[0].reply.images[0]
    assert [turn.request for turn in talk.turns] == [m.text for m in asked.messages[::2]]
    assert talk.turns[1].attachments == ("image2",)


def test_the_first_turn_is_what_the_agent_would_answer() -> None:
    talk, llm = chat(FOX, FOX, FOX, seed=3)
    reply = talk.send("Draw a fox")
    assert reply == talk.agent.chat("Draw a fox", seed=3)
    assert len(llm.requests) == 2


def test_again_makes_something_else_and_the_whole_chat_is_repeatable() -> None:
    def made(seed: int) -> list[Image]:
        talk, _ = chat(FOX, FOX, seed=seed)
        return [talk.send(text).images[0] for text in ("Draw a fox", "Again")]

    assert made(1)[0] != made(1)[1]
    assert made(1) == made(1)
    assert made(1) != made(2)


def test_earlier_results_are_parents_by_their_digest(tmp_path: Path) -> None:
    talk, _ = chat(FOX, "echo-caption from image1: It is", library=tmp_path)
    first = talk.send("Draw a fox").items[0]
    second = talk.send("Describe image1").items[0]
    assert second.provenance.inputs == (first.digest,)
    with Library(tmp_path) as library:
        assert library.get(first.digest).load() == first.value


def test_a_turn_that_fails_leaves_the_chat_as_it_was() -> None:
    talk, _ = chat(FOX, LLMError("no server"), "Hello.")
    talk.send("Draw a fox")
    before = (talk.turns, dict(talk.media))
    with pytest.raises(RequestError):
        talk.send("make image7 red")
    with pytest.raises(LLMError):
        talk.send("Again", PICTURE)
    assert (talk.turns, dict(talk.media)) == before
    assert talk.send("Hi").text == "Hello."


def test_a_stream_that_is_closed_early_is_remembered_as_far_as_it_came() -> None:
    talk, llm = chat('Here.\necho-image: x\necho-wait with {"seconds":30}: y', FOX)
    events = talk.stream("Make both")
    for event in events:
        if isinstance(event, CallDone):
            break
    events.close()  # type: ignore[attr-defined]
    assert list(talk.media) == ["image1"]
    assert talk.turns[0].reply.images
    talk.send("Again")
    assert llm.requests[1].messages[1].handles == ("image1",)


def test_a_stream_that_is_closed_before_there_is_a_plan_is_forgotten() -> None:
    talk, _ = chat("One two three.")
    events = talk.stream("x")
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert talk.turns == ()


def test_a_stream_ends_with_the_reply_and_is_remembered() -> None:
    talk, _ = chat(FOX)
    last = list(talk.stream("Draw a fox"))[-1]
    assert isinstance(last, ReplyReady)
    assert talk.turns[0].reply == last.reply


def test_plan_is_not_remembered() -> None:
    talk, llm = chat(FOX, FOX, "echo-caption from image1:")
    talk.plan("Draw a fox")
    assert talk.turns == ()
    talk.send("Draw a fox")
    assert talk.plan("Describe it").calls[0].inputs == ("image1",)
    assert llm.requests[2].handles == {"image1": "image"}


def test_turns_of_several_rounds_are_remembered_as_one() -> None:
    talk, llm = chat(
        FOX, "Look.\necho-caption from image1:", "Hello.", settings=AgentSettings(max_rounds=2)
    )
    talk.send("Draw and describe a fox")
    talk.send("Hi")
    text = llm.requests[2].messages[1].text
    assert text == "Here is your picture.\nLook.\necho-image: a red fox\necho-caption from #1:"
    assert llm.requests[2].messages[1].handles == ("image1", "text1")


def test_only_so_many_turns_are_read() -> None:
    talk, llm = chat(*["Hello."] * 4, settings=AgentSettings(history=1))
    for n in range(4):
        talk.send(f"request {n}")
    assert [m.text for m in llm.requests[3].messages] == ["request 2", "Hello.", "request 3"]


def test_clear_forgets() -> None:
    talk, llm = chat(FOX, FOX)
    talk.send("Draw a fox")
    assert repr(talk) == "Chat(1 turns, image1)"
    talk.clear()
    assert (talk.turns, dict(talk.media)) == ((), {})
    assert talk.send("Draw a fox").items[0].handle == "image1"
    assert len(llm.requests[1].messages) == 1


def test_what_is_undone_was_never_said() -> None:
    talk, llm = chat(FOX, "Here.\necho-image: an owl", FOX)
    assert talk.undo() is None
    first = talk.send("Draw a fox")
    second = talk.send("And an owl")
    undone = talk.undo()
    assert undone is not None
    assert (undone.request, undone.reply) == ("And an owl", second)
    assert list(talk.media) == ["image1"]
    assert [turn.reply for turn in talk.turns] == [first]
    talk.send("Another fox")
    assert [m.text for m in llm.requests[2].messages] == ["Draw a fox", FOX, "Another fox"]
    assert list(talk.media) == ["image1", "image2"]
    assert [talk.undo() is not None for _ in range(3)] == [True, True, False]
    assert repr(talk) == "Chat(0 turns, no media)"


def test_media_cannot_be_changed_from_outside() -> None:
    talk, _ = chat(FOX)
    talk.send("Draw a fox")
    with pytest.raises(TypeError):
        talk.media["image1"] = PICTURE  # type: ignore[index]


def test_a_plan_is_told_before_anything_is_made() -> None:
    talk, _ = chat(FOX)
    kinds = [type(event) for event in talk.stream("Draw a fox")]
    assert kinds.index(PlanReady) < kinds.index(CallDone)
