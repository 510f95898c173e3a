"""Plans as values, and the checks that tell whether a plan holds."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from modaverse.errors import PlanError
from modaverse.media import Audio, Image, Video
from modaverse.plan import Plan, ToolCall, check, checked, closest, dependencies, used_in
from modaverse.tool import tool
from modaverse.toolbox import Toolbox


@tool
def text_to_image(prompt: str, *, size: Annotated[int, Field(ge=64, le=512)] = 256) -> Image:
    """Make a picture."""
    raise NotImplementedError


@tool
def text_to_video(prompt: str) -> Video:
    """Make a video."""
    raise NotImplementedError


@tool
def text_to_audio(prompt: str, *, seconds: Annotated[float, Field(gt=0)] = 3.0) -> Audio:
    """Make a sound."""
    raise NotImplementedError


@tool
def add_soundtrack(prompt: str, video: Video, audio: Audio) -> Video:
    """Put a sound under a video."""
    raise NotImplementedError


@tool
def transcribe(prompt: str, audio: Audio) -> str:
    """Write down what is said."""
    raise NotImplementedError


@tool
def show(prompt: str, image: Image, audio: Audio | None = None, mark: Image | None = None) -> Video:
    """Show a picture for a while."""
    raise NotImplementedError


TOOLBOX = Toolbox([text_to_image, text_to_video, text_to_audio, add_soundtrack, transcribe, show])


def call(tool: str, prompt: str = "", *inputs: str, id: int = 1, **options: Any) -> ToolCall:
    return ToolCall(id=id, tool=tool, prompt=prompt, inputs=inputs, options=options)


def messages(*calls: ToolCall, **handles: Any) -> list[str]:
    numbered = [item.model_copy(update={"id": n}) for n, item in enumerate(calls, start=1)]
    return [str(problem) for problem in check(Plan(calls=tuple(numbered)), TOOLBOX, handles)]


@pytest.mark.parametrize("handle", ["#1", "image1", "audio23", "video1", "text9", "#12345"])
def test_handles(handle: str) -> None:
    assert call("show", "", handle).inputs == (handle,)


@pytest.mark.parametrize(
    "handle",
    ["", "#0", "#01", "image", "1", "img1", "Image1", " image1", "image1\n", "#123456", "#١"],
)
def test_what_is_no_handle(handle: str) -> None:
    with pytest.raises(ValidationError):
        call("show", "", handle)


def test_texts_are_made_canonical() -> None:
    made = Plan(text=" \r\nOne\r\ntwo\rthree\n", calls=(call("show", "\ta\r\nb\u2028\x85c\u2028"),))
    assert made.text == "One\ntwo\nthree"
    assert made.calls[0].prompt == "a\nb\u2028\x85c"
    assert Plan(text="a\ud800b").text == "a\ufffdb"


@pytest.mark.parametrize(
    "value", [math.nan, math.inf, [1.0, {"a": -math.inf}], "\ud800", {"\udfff": 1}, 2**63, b"x"]
)
def test_options_that_json_cannot_carry_are_refused(value: object) -> None:
    with pytest.raises(ValidationError):
        call("show", value=value)


def test_options_nest_only_so_deep() -> None:
    value: Any = 1
    for _ in range(40):
        value = [value]
    with pytest.raises(ValidationError, match="deeper"):
        call("show", value=value)


def test_values_are_frozen_and_closed() -> None:
    with pytest.raises(ValidationError):
        Plan().text = "x"  # type: ignore[misc]
    with pytest.raises(ValidationError):
        ToolCall(id=1, tool="x", model="y")  # type: ignore[call-arg]
    with pytest.raises(ValidationError):
        ToolCall(id=0, tool="x")


def test_references_are_inputs_then_prompt_each_once() -> None:
    made = call(
        "show", "{#2} and {text1}, {#2}, {image1}; not {#0}, {text}, #3, { #4 }", "#1", "#2"
    )
    assert made.references() == ("#1", "#2", "text1", "image1")


def test_dependencies() -> None:
    plan = Plan(
        calls=(
            call("text-to-video", "x"),
            call("transcribe", "", "audio1", id=2),
            call("add-soundtrack", "say {#2}", "#1", "audio1", id=3),
        )
    )
    assert dependencies(plan) == {1: set(), 2: set(), 3: {1, 2}}
    assert dependencies(Plan()) == {}


def test_a_plan_that_holds() -> None:
    assert not messages(
        call("text-to-video", "waves"),
        call("text-to-audio", "surf", seconds=2),
        call("add-soundtrack", "", "#1", "#2"),
        call("transcribe", "", "audio1"),
        call("text-to-image", "the words {#4} and {text1}", size=64),
        call("show", "", "#5"),
        call("show", "", "#5", "audio1"),
        call("show", "", "#5", "image1"),
        call("show", "", "#5", "audio1", "image1"),
        audio1="audio",
        text1="text",
        image1="image",
    )


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (call("text-to-imgae", "x"), "there is no tool 'text-to-imgae'; the tools are: add-sound"),
        (call("text-to-image"), "text-to-image needs a prompt"),
        (call("text-to-image", "x", "image1"), "text-to-image has no place for image1; its inp"),
        (call("text-to-image", "x", size=1000), "option size of text-to-image is 1000, but should"),
        (call("text-to-image", "x", size="64"), 'option size of text-to-image is "64", but should'),
        (call("text-to-image", "x", size=None), "option size of text-to-image is null, but should"),
        (call("text-to-image", "x", sice=64), "text-to-image has no option 'sice'; its options a"),
        (call("text-to-video", "x", size=64), "no option 'size'; its options are: none"),
        (call("transcribe"), "audio of transcribe must be an audio, but it is missing"),
        (
            call("transcribe", "", "image1"),
            "audio of transcribe must be an audio, but image1 is an",
        ),
        (call("transcribe", "", "audio2"), "audio2 is nothing that exists; this call may use: ima"),
        (call("transcribe", "", "#1"), "#1 is no earlier call; this call may use: image1"),
        (call("add-soundtrack", "", "video1"), "audio of add-soundtrack must be an audio, but it"),
        (call("add-soundtrack", "", "audio1", "video1"), "video of add-soundtrack must be a video"),
        (call("show", "", "image1", "video1"), "show has no place for video1; its inputs are, in"),
        (call("text-to-image", "{#1}"), "#1 is no earlier call"),
        (call("text-to-image", "{text1}"), "text1 is nothing that exists"),
        (
            call("text-to-image", "{image1}"),
            "{image1} cannot stand in a prompt: image1 is an image",
        ),
        (call("text-to-image", "a {#1, b"), "'{#1' in the prompt begins a reference but does not"),
        (call("text-to-image", "a {text01}"), "'{text0' in the prompt begins a reference but doe"),
    ],
)
def test_each_problem_is_found_and_told(made: ToolCall, message: str) -> None:
    found = messages(made, image1="image", audio1="audio", video1="video")
    assert any(message in problem for problem in found), found
    assert all(problem.startswith("call 1: ") for problem in found)


def test_hints_tell_what_to_do_next() -> None:
    plan = Plan(
        calls=(
            call("text-to-imgae", "x"),
            call("transcribe", "", "image1", id=2),
            call("text-to-image", "x", id=3, sice=1),
        )
    )
    hints = [problem.hint for problem in check(plan, TOOLBOX, {"image1": "image"})]
    assert hints == ["did you mean text-to-image?", "make an audio first", "did you mean size?"]


def test_every_problem_is_listed_at_once() -> None:
    plan = Plan(calls=(call("nothing", id=2), call("text-to-image", "{#9}", "#7", size=1, id=2)))
    with pytest.raises(PlanError) as caught:
        checked(plan, TOOLBOX, {})
    assert [problem.call for problem in caught.value.problems] == [2, 2, 2, 2, 2, 2]
    assert "its id must be 1" in str(caught.value)


def test_an_unknown_tool_is_the_only_problem_of_what_uses_it() -> None:
    found = messages(call("nothing", "x"), call("transcribe", "", "#1"), call("show", "{#2}", "#1"))
    assert len(found) == 1


def test_a_later_call_cannot_be_used() -> None:
    found = messages(call("transcribe", "", "#2"), call("text-to-audio", "x"))
    assert found == ["call 1: #2 is no earlier call; this call may use: nothing"]


def test_checked_gives_the_plan_itself() -> None:
    plan = Plan(text="Hello!")
    assert checked(plan, Toolbox(), {}) is plan


@pytest.mark.parametrize(
    ("word", "allowed", "sentence"),
    [
        ("siz", ["size", "steps"], "did you mean size?"),
        ("zzz", ["b", "a"], "use one of: a, b"),
        ("x", [], "there are none"),
    ],
)
def test_closest(word: str, allowed: list[str], sentence: str) -> None:
    assert closest(word, allowed) == sentence


def test_what_was_used_is_told_from_what_was_not() -> None:
    plan = Plan(
        calls=(
            ToolCall(id=1, tool="film"),
            ToolCall(id=2, tool="say", prompt="{text1}"),
            ToolCall(id=3, tool="join", inputs=("#1", "#2")),
            ToolCall(id=4, tool="say", prompt="it shows {#1}"),
        )
    )
    assert used_in(plan, {1, 2, 3, 4}) == {1: (3, 4), 2: (3,), 3: (), 4: ()}
    assert used_in(plan, {1, 2, 4}) == {1: (4,), 2: (), 4: ()}
    assert used_in(Plan(), {1}) == {1: ()}
