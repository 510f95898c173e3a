"""Tools: what is read from a signature, what is refused, and how a call is checked."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Literal

import numpy as np
import pytest
from pydantic import BaseModel, Field

from modaverse.errors import (
    BackendMissing,
    Cancelled,
    OutOfMemory,
    ToolDefinitionError,
    ToolError,
)
from modaverse.media import Audio, Image, Video
from modaverse.tool import (
    Context,
    InputSpec,
    Tool,
    ToolOptions,
    ToolSpec,
    packages_available,
    tool,
)
from modaverse.toolspec import tool_name

PICTURE = Image(np.zeros((4, 6, 3), np.uint8))
SOUND = Audio(np.zeros((10, 1), np.float32), 8000)
CLIP = Video(np.zeros((2, 4, 6, 3), np.uint8), 8.0)


class Mood(Enum):
    CALM = "calm"
    WILD = "wild"


@tool
def speak_text(
    prompt: str,
    *,
    speed: Annotated[int, Field(ge=80, le=400)] = 165,
    voice: Literal["neutral", "croak"] = "neutral",
) -> Audio:
    """Read the prompt aloud.

    It may take a moment.

    Args:
        prompt: The words.
        speed: Words a minute.
        voice: Which.
    """
    return Audio(np.full((speed, 1), 0.5, np.float32), 8000)


@tool(name="dub", needs=["numpy>=1.0"])
def replace_sound(
    prompt: str, video: Video, audio: Audio, still: Image | None = None, *, context: Context
) -> Video:
    """Replace the sound."""
    context.report(1, 1, still)
    return Video(video.frames, video.fps, audio)


class PaintScene(Tool):
    """Paint the prompt."""

    class Options(ToolOptions):
        """How to paint."""

        size: Literal[64, 128] = 64
        mood: Mood = Mood.CALM

    def __init__(self) -> None:
        self.seen: list[Any] = []

    def run(self, prompt: str, *, options: Options, context: Context) -> Image:
        self.seen.append((prompt, options, context.seed))
        return Image(np.zeros((options.size, options.size, 3), np.uint8))


def test_function_is_read_from_its_signature() -> None:
    spec = speak_text.spec
    assert (spec.name, spec.output, spec.inputs, spec.needs) == ("speak-text", "audio", (), ())
    assert spec.description == "Read the prompt aloud.\n\nIt may take a moment."
    assert spec.option_schema() == {
        "type": "object",
        "properties": {
            "speed": {"type": "integer", "minimum": 80, "maximum": 400, "default": 165},
            "voice": {"type": "string", "enum": ["neutral", "croak"], "default": "neutral"},
        },
        "additionalProperties": False,
    }


def test_inputs_are_read_in_order() -> None:
    spec = replace_sound.spec
    assert spec.name == "dub"
    assert spec.needs == ("numpy>=1.0",)
    assert spec.inputs == (
        InputSpec("video", "video"),
        InputSpec("audio", "audio"),
        InputSpec("still", "image", required=False),
    )
    assert spec.option_schema()["properties"] == {}


def test_class_is_read_from_run_and_docstring() -> None:
    spec = PaintScene.spec
    assert (spec.name, spec.description, spec.output) == (
        "paint-scene",
        "Paint the prompt.",
        "image",
    )
    mood = spec.option_schema()["properties"]["mood"]
    assert mood == {"type": "string", "enum": ["calm", "wild"], "default": "calm"}


def test_class_with_keyword_options_and_own_name() -> None:
    class Whatever(Tool):
        """Repeat the prompt."""

        name = "repeat"

        def run(self, prompt: str, *, times: int = 2) -> str:
            return prompt * times

    assert Whatever.spec.name == "repeat"
    assert Whatever().call("ab", options={"times": 3}) == "ababab"


def test_class_may_bring_its_own_spec() -> None:
    class Remote(Tool):
        spec: ToolSpec

        def __init__(self, spec: ToolSpec) -> None:
            self.spec = spec

        def run(self, prompt: str, *media: Any, options: BaseModel, context: Context) -> str:
            return f"{prompt} {len(media)} {context.seed}"

    remote = Remote(ToolSpec("far", "Far away.", "text", (InputSpec("a", "image", False),)))
    assert remote.call("hi", [PICTURE], context=Context(seed=5)) == "hi 1 5"


def test_subclass_of_a_tool_inherits_its_options() -> None:
    class PaintBetter(PaintScene):
        """Paint better."""

    assert PaintBetter.spec.name == "paint-better"
    assert PaintBetter.spec.options is PaintScene.Options


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("speak_text", "speak-text"),
        ("TextToImage", "text-to-image"),
        ("MIDIToAudio", "midi-to-audio"),
        ("sd15", "sd15"),
        ("_hidden_", "hidden"),
        ("already-good", "already-good"),
    ],
)
def test_tool_name(name: str, made: str) -> None:
    assert tool_name(name) == made


@pytest.mark.parametrize("name", ["2fast", "grüße", "a b", "", "x" * 65, "a--b"])
def test_tool_name_refuses(name: str) -> None:
    with pytest.raises(ToolDefinitionError):
        tool_name(name)


def no_prompt(text: str) -> str:
    """Doc."""
    return text


def prompt_of_wrong_type(prompt: int) -> str:
    """Doc."""
    return ""


def keyword_prompt(*, prompt: str = "") -> str:
    """Doc."""
    return prompt


def no_doc(prompt: str) -> str:
    return prompt


def no_return(prompt: str):  # type: ignore[no-untyped-def]
    """Doc."""


def returns_number(prompt: str) -> int:
    """Doc."""
    return 1


def either(prompt: str) -> Image | Audio:
    """Doc."""
    return PICTURE


def positional_option(prompt: str, speed: int = 1) -> str:
    """Doc."""
    return prompt


def option_without_default(prompt: str, *, speed: int) -> str:
    """Doc."""
    return prompt


def option_without_type(prompt: str, *, speed=1) -> str:  # type: ignore[no-untyped-def]
    """Doc."""
    return prompt


def default_out_of_range(prompt: str, *, speed: Annotated[int, Field(le=3)] = 9) -> str:
    """Doc."""
    return prompt


def optional_before_required(prompt: str, a: Image | None, b: Audio) -> str:
    """Doc."""
    return prompt


def optional_first(prompt: str, a: Image | None = None, b: Audio = SOUND) -> str:
    """Doc."""
    return prompt


def many(prompt: str, *images: Image) -> str:
    """Doc."""
    return prompt


def anything(prompt: str, **options: int) -> str:
    """Doc."""
    return prompt


def no_schema(prompt: str, *, when: Callable[[], int] = int) -> str:
    """Doc."""
    return prompt


def named_inputs(prompt: str, *, inputs: int = 1) -> str:
    """Doc."""
    return prompt


class Loose(BaseModel):
    size: int = 1


def loose_options(prompt: str, *, options: Loose) -> str:
    """Doc."""
    return prompt


def unknown_type(prompt: str, image: Unheard) -> str:  # type: ignore[name-defined]  # noqa: F821
    """Doc."""
    return prompt


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (no_prompt, "first parameter must be 'prompt: str'"),
        (prompt_of_wrong_type, "first parameter must be 'prompt: str'"),
        (keyword_prompt, "keyword-only"),
        (no_doc, "no docstring"),
        (no_return, "returns not annotated"),
        (returns_number, "returns int"),
        (either, "it returns"),
        (positional_option, "'speed' is int, which is no input"),
        (option_without_default, "option 'speed' has no default"),
        (option_without_type, "option 'speed' has no type"),
        (default_out_of_range, "option 'speed': input should be less than or equal to 3, not 9"),
        (optional_before_required, "'a' is optional"),
        (optional_first, "before a required one"),
        (many, "'*images' has no fixed meaning"),
        (anything, "'**options' has no fixed meaning"),
        (no_schema, "no JSON schema"),
        (named_inputs, "'inputs' cannot name an option"),
        (loose_options, "let unknown ones pass"),
        (unknown_type, "cannot be read"),
    ],
)
def test_bad_definitions_are_told_at_once(function: Callable[..., Any], told: str) -> None:
    with pytest.raises(ToolDefinitionError) as caught:
        tool(function)
    assert told in caught.value.message
    assert caught.value.hint


def test_bad_class_is_told_when_it_is_defined() -> None:
    with pytest.raises(ToolDefinitionError, match="no docstring"):

        class Bad(Tool):
            def run(self, prompt: str) -> str:
                return prompt


def test_call_checks_fills_in_and_runs() -> None:
    paint = PaintScene()
    made = paint.call("a fox", options={"size": 128}, context=Context(seed=7))
    assert isinstance(made, Image)
    assert made.width == 128
    prompt, options, seed = paint.seen[0]
    assert (prompt, options.mood, seed) == ("a fox", Mood.CALM, 7)
    assert options.model_fields_set == {"size"}


def test_tools_can_be_called_like_functions() -> None:
    assert len(speak_text("hello", speed=100).samples) == 100
    assert replace_sound("", CLIP, SOUND).audio == SOUND
    assert speak_text.function("hello").rate == 8000


def test_every_option_problem_is_told() -> None:
    with pytest.raises(ToolError) as caught:
        speak_text.call("x", options={"speed": 1, "voice": "robot", "colour": "red"})
    for part in ("'speed'", "80", "'voice'", "'neutral'", "no option 'colour'"):
        assert part in caught.value.message
    assert caught.value.tool == "speak-text"
    assert "speed, voice" in caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "told"),
    [
        ([], "needs video for 'video' and got nothing"),
        ([CLIP], "needs audio for 'audio' and got nothing"),
        ([SOUND, CLIP], "needs video for 'video' and got audio"),
        ([CLIP, SOUND, SOUND], "has no place for audio"),
        ([CLIP, SOUND, PICTURE, PICTURE], "has no place for image"),
        (["text"], "needs video for 'video' and got text"),
    ],
)
def test_inputs_that_do_not_fit(inputs: list[Any], told: str) -> None:
    with pytest.raises(ToolError) as caught:
        replace_sound.call("", inputs)
    assert told in caught.value.message
    assert "video, audio, image" in caught.value.hint


def test_optional_input_is_skipped_for_another_modality() -> None:
    @tool
    def mix(prompt: str, image: Image | None = None, audio: Audio | None = None) -> str:
        """Say what came."""
        return f"{image is not None} {audio is not None}"

    assert mix.call("", [SOUND]) == "False True"
    assert mix.call("", [PICTURE, SOUND]) == "True True"
    assert mix.call("") == "False False"


def test_text_may_be_an_input() -> None:
    @tool
    def join(prompt: str, text: str) -> str:
        """Join."""
        return prompt + text

    assert join.spec.inputs == (InputSpec("text", "text"),)
    assert join.call("a", ["b"]) == "ab"


def test_context_reports_and_stops() -> None:
    told: list[Any] = []
    context = Context(progress=lambda step, total, image: told.append((step, total, image)))
    replace_sound.call("", [CLIP, SOUND, PICTURE], context=context)
    assert told == [(1, 1, PICTURE)]
    with pytest.raises(Cancelled):
        Context(cancelled=lambda: True).report(1, 2)
    with pytest.raises(Cancelled):
        speak_text.call("x", context=Context(cancelled=lambda: True))


@pytest.mark.parametrize(
    ("raised", "wanted", "told"),
    [
        (ValueError("odd"), ToolError, "fail failed: ValueError: odd"),
        (MemoryError(), OutOfMemory, "out of memory"),
        (ToolError("mine"), ToolError, "mine"),
    ],
)
def test_what_a_tool_raises_becomes_ours(
    raised: Exception, wanted: type[Exception], told: str
) -> None:
    @tool
    def fail(prompt: str) -> str:
        """Fail."""
        raise raised

    with pytest.raises(wanted, match=told):
        fail.call("x")


def test_interrupt_passes_through() -> None:
    @tool
    def stop(prompt: str) -> str:
        """Stop."""
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop.call("x")


@pytest.mark.parametrize("made", [None, 3, SOUND, "text"])
def test_result_must_be_what_was_promised(made: Any) -> None:
    @tool
    def lie(prompt: str) -> Image:
        """Make a picture."""
        result: Image = made
        return result

    with pytest.raises(ToolError, match="lie should make image and made"):
        lie.call("x")


def test_prompt_must_be_text() -> None:
    with pytest.raises(ToolError, match="not text"):
        speak_text.call(5)  # type: ignore[arg-type]


def test_missing_package_is_told_with_the_line_to_type() -> None:
    @tool(needs=["no-such-package-xyz>=2", "numpy"])
    def far(prompt: str) -> str:
        """Go far."""
        return prompt

    state = far.available()
    assert (state.ok, state.hint) == (False, "pip install 'no-such-package-xyz>=2'")
    with pytest.raises(BackendMissing, match="not installed: no-such-package-xyz") as caught:
        far.call("x")
    assert caught.value.hint == state.hint


def test_packages_are_found_by_their_pip_names() -> None:
    assert packages_available(["numpy", "pydantic[email]>=2", "espeakng-loader"]).ok


def test_defining_tools_imports_no_backend() -> None:
    code = (
        "import sys, modaverse.tool\n"
        "print([m for m in ('torch', 'transformers', 'PIL', 'av', 'soundfile', 'numpy')"
        " if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=_env()
    )
    assert done.stdout.strip() == "[]"


def _env() -> dict[str, str]:
    return {"PYTHONPATH": ":".join(path for path in sys.path if path)}
