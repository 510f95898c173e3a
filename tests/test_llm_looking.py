"""Who writes a plan where an adapter plans what is seen: the language model alone, or who looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from modaverse.errors import LLMError
from modaverse.llm import LLMRequest, Message, MultimodalLLM
from modaverse.llm.local import LocalLLM
from modaverse.media import Image, Media
from modaverse.toolbox import Toolbox
from modaverse_tools.pipeline import WEIGHTS
from tests.multimodal import film, picture, sound

TOOLBOX = Toolbox.default()
LOOKED = "It is a cat."
TOLD = "A cat."
CHANGED = "Here is your picture.\nimage-to-image from image1: make it red"
HEARD = "Here is your sound.\ntext-to-audio: a cat"
BLIND = "I cannot look inside image1 yet: I only know that it is an image."


@pytest.fixture
def asked() -> list[LLMRequest]:
    """What either was asked, in turn."""
    return []


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch, asked: list[LLMRequest]) -> Iterator[list[str]]:
    """What the language model alone writes, one text a request; who looks writes LOOKED."""
    texts: list[str] = []

    def stream(self: LocalLLM, request: LLMRequest) -> Iterator[str]:
        asked.append(request)
        yield LOOKED if request.media else texts.pop(0)

    def write(self: LocalLLM, requests: list[LLMRequest], **_: object) -> list[str]:
        return ["".join(stream(self, request)) for request in requests]

    monkeypatch.setattr(LocalLLM, "stream", stream)
    monkeypatch.setattr(LocalLLM, "write", write)
    yield texts
    assert not texts, "the language model was not asked"


@pytest.fixture
def llm() -> MultimodalLLM:
    """Nano's own alignment, of which nothing but its settings is read."""
    return MultimodalLLM(WEIGHTS / "senses")


def _request(*turns: tuple[str, str, tuple[str, ...]], media: dict[str, Media]) -> LLMRequest:
    messages = tuple(Message(role, text, handles) for role, text, handles in turns)  # type: ignore[arg-type]
    kinds = {name: name.rstrip("0123456789") for name in media}
    return LLMRequest(messages, TOOLBOX, kinds, media=media)  # type: ignore[arg-type]


def _first(media: Media) -> LLMRequest:
    name = f"{'image' if isinstance(media, Image) else 'audio'}1"
    return _request(("user", "go on", (name,)), media={name: media})


def _later(text: str = "go on") -> LLMRequest:
    turns = (("user", "what is it?", ("image1",)), ("assistant", LOOKED, ()), ("user", text, ()))
    return _request(*turns, media={"image1": picture(1)})


def test_what_hands_a_file_to_a_tool_is_planned_without_looking(
    llm: MultimodalLLM, words: list[str]
) -> None:
    words.append(CHANGED)
    assert "".join(llm.stream(_first(picture(1)))) == CHANGED


def test_a_picture_is_not_changed_where_who_looks_makes_a_sound(
    llm: MultimodalLLM, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.test_llm_looking.LOOKED", HEARD)
    words += [CHANGED, CHANGED]
    request = _first(picture(1))
    assert "".join(llm.stream(request)) == HEARD
    assert llm.write([request]) == [HEARD]


@pytest.mark.parametrize(
    ("text", "believed"),
    [("Let it jump for 3 seconds", True), ("Let it jump for three seconds.", True),
     ("let it jump for a while", False), ("let it jump for 13 seconds", False)],
)  # fmt: skip
def test_an_option_that_was_said_to_a_tool_that_takes_the_file_is_believed(
    llm: MultimodalLLM, words: list[str], monkeypatch: pytest.MonkeyPatch,
    text: str, believed: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("tests.test_llm_looking.LOOKED", HEARD)
    moved = 'Here is your video.\nimage-to-video from image1 with {"seconds":3}: it jump'
    words.append(moved)
    request = _request(("user", text, ("image1",)), media={"image1": picture(1)})
    assert "".join(llm.stream(request)) == (moved if believed else HEARD)


STILL = "Here is a still from video1.\nvideo-to-image from video1:"
SCORED = "Here.\ntext-to-audio: the thing\nadd-soundtrack from video1 #1"
TRACK = "Here is the sound of video1.\nvideo-to-audio from video1:"
PAINTED = "Here is your picture.\ntext-to-image: a cat"


@pytest.mark.parametrize(
    ("alone", "looked", "held"),
    [
        (STILL, PAINTED, False),  # the words for both are alike: who looks has rehearsed either
        (f"{STILL}\nvideo-to-image from video1:", PAINTED, False),
        (STILL.replace(":", ' with {"at":"end"}:'), PAINTED, True),  # a new picture has no end
        (STILL, f"{PAINTED}\n{HEARD.splitlines()[1]}", True),
        (STILL, "Here is your video.\ntext-to-video: a cat", False),  # no tool makes one of it
        (TRACK, HEARD, False),  # it has no sound
        (f"{SCORED}:", PAINTED, True),
        (f"{SCORED}:", HEARD, False),  # both make a sound: who looks knows of what
    ],
)
def test_a_video_is_handed_over_where_a_tool_can_make_what_is_wanted(
    llm: MultimodalLLM, words: list[str], monkeypatch: pytest.MonkeyPatch,
    alone: str, looked: str, held: bool,
) -> None:  # fmt: skip
    monkeypatch.setattr("tests.test_llm_looking.LOOKED", looked)
    words.append(alone)
    request = _request(("user", "go on", ("video1",)), media={"video1": film(1)})
    assert "".join(llm.stream(request)) == (alone if held else looked)


@pytest.mark.parametrize("alone", [BLIND, HEARD, "no plan: {"])
def test_everything_else_about_a_picture_is_planned_by_who_looks(
    llm: MultimodalLLM, words: list[str], alone: str
) -> None:
    words.append(alone)
    assert "".join(llm.stream(_first(picture(1)))) == LOOKED


def test_so_is_what_hands_sounds_and_videos_to_a_tool(llm: MultimodalLLM, words: list[str]) -> None:
    words.append("Here is video1 with audio1.\nadd-soundtrack from video1 audio1:")
    request = _request(
        ("user", "join them", ("video1", "audio1")), media={"video1": film(1), "audio1": sound(1)}
    )
    assert "add-soundtrack from video1 audio1:" in "".join(llm.stream(request))


@pytest.mark.parametrize(
    "told", [TOLD, "no plan: {", "I cannot change image1.", "You are welcome."]
)
def test_who_looks_is_believed_where_the_file_is_described(
    llm: MultimodalLLM, words: list[str], monkeypatch: pytest.MonkeyPatch, told: str
) -> None:
    monkeypatch.setattr("tests.test_llm_looking.LOOKED", told)
    words.append(CHANGED)
    expected = told if told == TOLD else CHANGED
    assert "".join(llm.stream(_first(picture(1)))) == expected


@pytest.mark.parametrize(("alone", "holds"), [(CHANGED, True), (HEARD, False)])
def test_where_looking_fails_what_needs_none_still_holds(
    llm: MultimodalLLM, monkeypatch: pytest.MonkeyPatch, alone: str, holds: bool
) -> None:
    def stream(self: LocalLLM, request: LLMRequest) -> Iterator[str]:
        if request.media:
            raise LLMError("it repeats itself")
        yield alone

    monkeypatch.setattr(LocalLLM, "stream", stream)
    if holds:
        assert "".join(llm.stream(_first(picture(1)))) == alone
    else:
        with pytest.raises(LLMError, match="repeats"):
            list(llm.stream(_first(picture(1))))


@pytest.mark.parametrize("alone", [CHANGED, HEARD, "You are welcome."])
def test_a_later_turn_is_planned_without_looking(
    llm: MultimodalLLM, words: list[str], alone: str
) -> None:
    words.append(alone)
    assert "".join(llm.stream(_later())) == alone


def test_a_later_turn_that_speaks_of_the_file_in_words_is_for_who_looks(
    llm: MultimodalLLM, words: list[str]
) -> None:
    words.append(BLIND)
    assert "".join(llm.stream(_later("what colour is it?"))) == LOOKED


def test_many_are_written_as_each_alone(llm: MultimodalLLM, words: list[str]) -> None:
    words += [CHANGED, BLIND, BLIND, HEARD]
    requests = [_first(picture(1)), _first(picture(2)), _later(), _later()]
    assert llm.write(requests) == [CHANGED, LOOKED, LOOKED, HEARD]


# ---- what an answer has made
MADE = "Here is your picture.\ntext-to-image: a fox"


def _made(text: str = "what colour is it", *, pictures: int = 1) -> LLMRequest:
    turns: list[tuple[str, str, tuple[str, ...]]] = []
    for number in range(1, pictures + 1):
        turns += [("user", "draw a fox", ()), ("assistant", MADE, (f"image{number}",))]
    media: dict[str, Media] = {f"image{n}": picture(n) for n in range(1, pictures + 1)}
    return _request(*turns, ("user", text, ()), media=media)


def test_what_an_answer_has_made_is_looked_at_where_words_cannot_tell(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest]
) -> None:
    words += [BLIND, BLIND]
    assert "".join(llm.stream(_made())) == LOOKED
    assert llm.write([_made()]) == [LOOKED]
    for look in (asked[1], asked[3]):
        assert look.messages == (Message("user", "what colour is it", ("image1",)),)


@pytest.mark.parametrize(
    ("text", "named", "meant"),
    [("what colour is it now", "image1", "image2"), ("what colour is it", "image4", "image2"),
     ("what colour is it", "audio1", "image2"), ("what was the first one", "image1", "image1"),
     ("what colour is image1", "image1", "image1")],
)  # fmt: skip
def test_a_question_is_about_the_newest_result_unless_words_say_otherwise(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest],
    text: str, named: str, meant: str,
) -> None:  # fmt: skip
    words.append(BLIND.replace("image1", named))
    assert "".join(llm.stream(_made(text, pictures=2))) == LOOKED
    assert asked[-1].messages[-1].handles == (meant,)


@pytest.mark.parametrize(
    ("text", "meant"),
    [("what colour is it now", ("image2",)), ("and what was in the picture I sent?", ())],
)
def test_a_question_after_a_change_is_about_what_was_changed(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest], text: str, meant: tuple[str, ...]
) -> None:
    words.append(BLIND)
    turns = (("user", "make it red", ("image1",)), ("assistant", CHANGED, ("image2",)))
    media: dict[str, Media] = {"image1": picture(1), "image2": picture(2)}
    request = _request(*turns, ("user", text, ()), media=media)
    assert "".join(llm.stream(request)) == LOOKED
    assert asked[-1].messages[-1].handles == meant
    assert len(asked[-1].messages) == (1 if meant else 3)  # the whole chat where it was attached


@pytest.mark.parametrize("text", [MADE, "A fox."])
def test_results_that_no_words_speak_of_are_not_looked_at(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest], text: str
) -> None:
    words.append(text)
    assert "".join(llm.stream(_made("what did you draw"))) == text
    assert len(asked) == 1


def test_of_a_look_at_a_result_only_words_are_taken(
    llm: MultimodalLLM, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.test_llm_looking.LOOKED", HEARD)
    words.append(BLIND)
    assert "".join(llm.stream(_made())) == BLIND


@pytest.mark.parametrize(
    ("said", "text"),
    [
        ("what is in image7", BLIND.replace("image1", "image7")),  # what the person names is meant
        ("change the sound", "I cannot change image1 yet."),
        ("what is it called", "It is called image1."),
    ],
)
def test_other_words_about_a_result_stay_as_they_are(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest], said: str, text: str
) -> None:
    words.append(text)
    assert "".join(llm.stream(_made(said))) == text
    assert len(asked) == 1


def test_what_the_person_names_and_is_not_there_is_not_another_file(
    llm: MultimodalLLM, words: list[str]
) -> None:
    text = "I cannot look inside image2 yet."
    words += [text, text]
    assert "".join(llm.stream(_later("what is image2"))) == text  # only image1 was attached
    assert "".join(llm.stream(_later("what is that"))) == LOOKED


def test_a_handle_that_counts_from_a_chat_that_was_cut_is_the_newest(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest]
) -> None:
    words.append(BLIND)
    request = _made(pictures=2)
    shown = replace(request, messages=request.messages[2:])  # image1 was made before these turns
    assert "".join(llm.stream(shown)) == LOOKED
    assert asked[-1].messages[-1].handles == ("image2",)


def test_who_looks_anew_is_told_what_the_system_says(
    llm: MultimodalLLM, words: list[str], asked: list[LLMRequest]
) -> None:
    words.append(BLIND)
    request = _made()
    told = Message("system", "Answer in French.")
    assert "".join(llm.stream(replace(request, messages=(told, *request.messages)))) == LOOKED
    assert asked[-1].messages[0] == told
