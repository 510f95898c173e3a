"""A model and what it was taught: which of the two plans, one request or many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from modaverse.errors import Cancelled, LLMError, RequestError
from modaverse.llm.base import LLMRequest, Message, dialect_named
from modaverse.llm.checkpoint import ModelSettings
from modaverse.llm.taught import TaughtLLM
from modaverse.toolbox import Toolbox
from modaverse_tools import echo

BOX = echo.toolbox()
LEARNED = "Here is your sound.\necho-audio: a bell"
OWN = "Here is your picture.\necho-image: a bell"


class Half:
    """One of the two: answers by the last word of a request, and remembers what it was asked."""

    memory = 7
    settings = ModelSettings("lines", system=False)

    def __init__(self, answers: dict[str, str | BaseException]) -> None:
        self.answers = answers
        self.asked: list[str] = []
        self.loaded = False

    def __repr__(self) -> str:
        return "Half()"

    def _answer(self, request: LLMRequest) -> str | BaseException:
        text = request.messages[-1].text
        self.asked.append(text)
        return self.answers.get(text, OWN)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        answer = self._answer(request)
        if isinstance(answer, BaseException):
            raise answer
        yield answer[:5]
        yield answer[5:]

    def write(self, requests: Sequence[LLMRequest], **_: Any) -> list[Any]:
        return [self._answer(request) for request in requests]

    def dialect(self, toolbox: Toolbox) -> Any:
        return dialect_named("lines", toolbox)

    def perceives(self) -> frozenset[str]:
        return frozenset({"image"})

    def load(self) -> str:
        self.loaded = True
        return "loaded"

    def unload(self) -> None:
        self.loaded = False


def both(taught: dict[str, str | BaseException]) -> tuple[TaughtLLM, Half, Half]:
    own, other = Half({}), Half(taught)
    first: Any = own
    second: Any = other
    return TaughtLLM(first, second, ("echo-audio",), name="nano+echo-audio"), own, other


def request(text: str, box: Toolbox = BOX) -> LLMRequest:
    return LLMRequest((Message("user", text),), box)


def test_a_plan_with_a_learned_tool_is_that_of_what_was_taught() -> None:
    llm, own, _ = both({"ring": LEARNED})
    assert "".join(llm.stream(request("ring"))) == LEARNED
    assert own.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        "Here is your picture.\necho-image: something else",
        "I cannot do that.",
        "no: such: line\necho-audio",
        LLMError("the answer was cut off"),
        RequestError("too long"),
    ],
)
def test_all_else_is_planned_by_the_model_as_it_came(answer: str | BaseException) -> None:
    llm, own, taught = both({"draw": answer})
    assert "".join(llm.stream(request("draw"))) == OWN
    assert own.asked == taught.asked == ["draw"]
    assert llm.write([request("draw")]) == [OWN]


def test_without_the_learned_tool_nothing_is_asked_twice() -> None:
    llm, own, taught = both({"ring": LEARNED})
    small = Toolbox([tool for tool in BOX.values() if tool.spec.name != "echo-audio"])
    assert "".join(llm.stream(request("ring", small))) == OWN
    assert llm.write([request("ring", small)]) == [OWN]
    assert (own.asked, taught.asked) == (["ring", "ring"], [])


def test_many_are_written_as_one_by_one_and_in_their_order() -> None:
    texts = ["draw", "ring", "break", "paint"]
    llm, own, _ = both({"ring": LEARNED, "break": LLMError("cut off")})
    written = llm.write([request(text) for text in texts])
    assert written == [OWN, LEARNED, OWN, OWN]
    assert written == ["".join(llm.stream(request(text))) for text in texts]
    assert own.asked[:3] == ["draw", "break", "paint"]


@pytest.mark.parametrize("error", [Cancelled(), KeyboardInterrupt()])
def test_a_person_who_stops_it_stops_both(error: BaseException) -> None:
    stop: Any = error
    llm, own, _ = both({"draw": stop})
    with pytest.raises(type(error)):
        _ = list(llm.stream(request("draw")))
    assert own.asked == []


def test_it_is_a_local_model_like_the_one_that_it_has() -> None:
    llm, own, taught = both({})
    assert llm.name == "nano+echo-audio"
    assert llm.settings is own.settings
    assert llm.memory == 14  # both are in memory
    assert llm.perceives() == {"image"}
    assert "echo-audio" in repr(llm)
    assert isinstance(llm.dialect(BOX).parse(LEARNED).calls[0].prompt, str)
    told: Any = llm.load()
    assert (told, own.loaded, taught.loaded) == ("loaded", True, True)
    llm.unload()
    assert not own.loaded
    assert not taught.loaded
