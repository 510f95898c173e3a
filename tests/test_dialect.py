"""How plans are written and read back, in both dialects."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from modaverse.dialect import Dialect, Json, Lines
from modaverse.errors import PlanError
from modaverse.plan import Plan, ToolCall

TOOLS = ("text-to-image", "text-to-speech", "add-soundtrack", "draw")
LINES = Lines(TOOLS)
JSON = Json()
DIALECTS = pytest.mark.parametrize("dialect", [LINES, JSON], ids=lambda dialect: dialect.name)

# Pieces that mean something in one of the dialects, to mix with any other text.
PIECES = (
    *TOOLS,
    *("text-to-smell", "well-being", ":", ": ", " from ", " with ", " ", "\n", "\r\n", "\r", "\\"),
    *("\\n", "\\\\", "#1", "image1", "text2", "{#1}", "{#", "{text1}", "{", "}", '{"a":1}', '"'),
    *('{"text":"', '","calls":[', '{"tool":"draw","prompt":"x"}', "]}", "[{", ",", "null", "NaN"),
    *("<tool_call>", "</tool_call>", "[TOOL_CALLS]", "<|python_tag|>", '{"name":"draw"}', "```"),
    *("\u2028", "\u2029", "\x85", "\x0b", "\x1c", "\t", "\x00", "\ufeff", "é", "e\u0301", "🦊"),
    "\ud800",
)


def call(tool: str, prompt: str = "", *inputs: str, id: int = 1, **options: Any) -> ToolCall:
    return ToolCall(id=id, tool=tool, prompt=prompt, inputs=inputs, options=options)


def texts() -> st.SearchStrategy[str]:
    soup = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=12)
    return st.one_of(st.text(max_size=60), soup.map("".join))


def values() -> st.SearchStrategy[Any]:
    number = st.integers(-(2**63) + 1, 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    leaf = st.one_of(st.none(), st.booleans(), number, text)
    return st.recursive(
        leaf, lambda inner: st.lists(inner, max_size=3) | mapping(inner), max_leaves=4
    )


def mapping(value: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), value)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Plans of known tools, which need not fit them."""
    handles = st.from_regex(r"(#|image|audio|video|text)[1-9][0-9]{0,2}", fullmatch=True)
    calls = tuple(
        ToolCall(
            id=place,
            tool=draw(st.sampled_from(TOOLS)),
            prompt=draw(texts()),
            inputs=tuple(draw(st.lists(handles, max_size=3))),
            options=draw(mapping(values())) if draw(st.booleans()) else {},
        )
        for place in range(1, draw(st.integers(1, 5)))
    )
    return Plan(text=draw(texts()), calls=calls)


def read(dialect: Dialect, text: str) -> Plan | PlanError:
    try:
        return dialect.parse(text)
    except PlanError as error:
        return error


@DIALECTS
@given(plan=plans())
@settings(max_examples=80, deadline=None)
def test_what_is_rendered_is_read_back(dialect: Dialect, plan: Plan) -> None:
    assert dialect.parse(dialect.render(plan)) == plan


@DIALECTS
@given(text=texts())
@settings(max_examples=200, deadline=None)
@example(text='text-to-image with {"a":' + "[" * 5000 + ": x")
@example(text='{"text":"' + "\\ud800" + '","calls":[{"tool":"draw","prompt":"\\ud800"}]}')
@example(text='draw with {"a":"\\ud800"}: x')
@example(text="draw with {" + '"a":1' + "0" * 5000 + "}: x")
@example(text='{"text":1}')
@example(text='{"calls":{}}')
@example(text="[{}]")
def test_any_text_is_a_plan_or_a_plan_error(dialect: Dialect, text: str) -> None:
    outcome = read(dialect, text)
    if isinstance(outcome, PlanError):
        for problem in outcome.problems:
            assert problem.message
            assert problem.span is not None
            assert 0 <= problem.span[0] <= problem.span[1] <= len(text)
    elif all(made.tool in TOOLS for made in outcome.calls):
        assert dialect.parse(dialect.render(outcome)) == outcome


@DIALECTS
@given(soup=st.binary(max_size=80))
def test_any_bytes_are_a_plan_or_a_plan_error(dialect: Dialect, soup: bytes) -> None:
    for errors in ("replace", "surrogateescape"):
        assert isinstance(read(dialect, soup.decode("utf-8", errors)), Plan | PlanError)


@DIALECTS
@given(plan=plans())
@settings(max_examples=50, deadline=None)
def test_the_reply_is_told_while_it_is_written(dialect: Dialect, plan: Plan) -> None:
    answer = dialect.render(plan)
    told = ""
    for end in range(len(answer) + 1):
        now = dialect.reply_so_far(answer[:end])
        assert now.startswith(told)
        told = now
    if plan.calls or dialect is JSON:
        assert told == plan.text
    else:  # the last line might have become a call
        assert plan.text.startswith(told)


LINE_CASES = [
    ("", Plan()),
    ("Hello!", Plan(text="Hello!")),
    ("draw: a fox", Plan(calls=(call("draw", "a fox"),))),
    (
        'Here is a fox, and its voice.\ntext-to-image: a red fox in the snow\ntext-to-speech with '
        '{"language":"en","speed":110}: Hello, I am a fox.',
        Plan(
            text="Here is a fox, and its voice.",
            calls=(
                call("text-to-image", "a red fox in the snow"),
                call("text-to-speech", "Hello, I am a fox.", id=2, speed=110, language="en"),
            ),
        ),
    ),
    (
        "add-soundtrack from video1 #1:\nadd-soundtrack from #1 audio2: loud",
        Plan(
            calls=(
                call("add-soundtrack", "", "video1", "#1"),
                call("add-soundtrack", "loud", "#1", "audio2", id=2),
            )
        ),
    ),
    (r"draw: one\ntwo \\n C:\\x", Plan(calls=(call("draw", "one\ntwo \\n C:\\x"),))),
    ("\\draw: is a tool\n\\\\o/", Plan(text="draw: is a tool\n\\o/")),
    ("a\u2028b\x85c\nd", Plan(text="a\u2028b\x85c\nd")),
    ("draw: a\u2028draw: b\x0bdraw: c", Plan(calls=(call("draw", "a\u2028draw: b\x0bdraw: c"),))),
    ('draw with {"a":"x: y"}: z', Plan(calls=(call("draw", "z", a="x: y"),))),
    ("draw: x with {} from image1: y", Plan(calls=(call("draw", "x with {} from image1: y"),))),
]  # fmt: skip


@pytest.mark.parametrize(("text", "plan"), LINE_CASES)
def test_lines_are_written_exactly_so(text: str, plan: Plan) -> None:
    assert LINES.render(plan) == text
    assert LINES.parse(text) == plan


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("\r\nHi.\r\ndraw: a fox\r\n\r\n", "Hi.\ndraw: a fox"),
        ("Hi.\n\ndraw:a fox  \n\ndraw:   b\n", "Hi.\ndraw: a fox\ndraw: b"),
        ("draw from image1,#1 : x", "draw from image1 #1: x"),
        ('draw with { "b" : 1, "a": 2 } : x', 'draw with {"a":2,"b":1}: x'),
        (r"draw: C:\dir", r"draw: C:\\dir"),
        ("draw with {}: x", "draw: x"),
    ],
)
def test_lines_reads_what_has_only_one_meaning(text: str, canonical: str) -> None:
    assert LINES.render(LINES.parse(text)) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "text-to-image is a tool that draws.",
        "You can say text-to-image: a fox",
        " text-to-image: a fox",
        "[IMAGE] a fox",
        "Text-to-image: a fox",
        "text-to-image with care",
        "draw with me",
        "draw from memory",
        "drawing: a fox",
        "say: hello",
        "well-being with friends: a story",
        "- text-to-image: a fox",
        "text-to-image from a friend",
    ],
)
def test_mere_mentions_trigger_nothing(text: str) -> None:
    assert LINES.parse(text) == Plan(text=text)


@pytest.mark.parametrize(
    ("text", "fault", "message"),
    [
        ("Hi\ntext-to-smell: x", "text-to-smell", "the tools are: add-soundtrack, draw, te"),
        ("edit-image from image1: x", "edit-image", "there is no tool 'edit-image'"),
        ('edit-it with {"a":1}: x', "edit-it", "there is no tool 'edit-it'"),
        ("draw from clip1 #1: x", "clip1", "'clip1' is no handle; handles look like image1"),
        ("draw from #1 #2 #x: x", "#x", "'#x' is no handle"),
        ("draw from image1", "", "a colon must stand before the prompt"),
        ("draw from image1 a fox: x", "a", "'a' is no handle"),
        ('draw with {"a":1} a fox: x', "a fox: x", "a colon must stand before the prompt"),
        ("draw with {a:1}: x", "{a:1}: x", "no JSON object: Expecting property name"),
        ('draw with {"a":NaN}: x', '{"a":NaN}: x', "NaN is not JSON"),
        ('draw with {"a":1,"a":2}: x', '{"a":1,"a":2}: x', "'a' stands in it twice"),
        ("draw with [1]: x", "[1]: x", "it must begin with a brace"),
        ('draw with {"a":1e999}: x', 'draw with {"a":1e999}: x', "finite number"),
        ("draw: x\nEnjoy!", "Enjoy!", "only calls may stand after the first call"),
    ],
)  # fmt: skip
def test_malformed_lines_are_told_with_their_place(text: str, fault: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        LINES.parse(text)
    (problem,) = caught.value.problems
    assert message in problem.message
    assert problem.span is not None
    assert text[slice(*problem.span)] == fault
    assert problem.hint


def test_every_malformed_line_is_listed() -> None:
    with pytest.raises(PlanError) as caught:
        LINES.parse("draw: x\ndraw from y: z\nwords\ndraw with {: x")
    assert [problem.call for problem in caught.value.problems] == [2, None, 3]


@pytest.mark.parametrize(
    "plan", [Plan(calls=(call("paint", "x"),)), Plan(calls=(call("draw", "x", id=2),))]
)
def test_lines_cannot_write_what_it_could_not_read(plan: Plan) -> None:
    with pytest.raises(PlanError):
        LINES.render(plan)


def test_a_long_answer_is_read_at_once() -> None:
    begin = time.process_time()
    for text in ("draw-" * 20_000, "draw from " + "image1 " * 15_000, "a\n" * 50_000):
        read(LINES, text)
        LINES.reply_so_far(text)
    for text in ("<tool_call> " * 10_000, '{"text":"' + "\\n" * 50_000, "<" * 100_000):
        read(JSON, text)
        JSON.reply_so_far(text)
    assert time.process_time() - begin < 2


ARGUMENTS = '{"prompt":"a fox","inputs":["image1"],"options":{"n":1}}'
OWN = f'{{"tool":"draw",{ARGUMENTS[1:]}'
FUNCTION = f'{{"name":"draw","arguments":{ARGUMENTS}}}'
STRAY = '{"prompt":"a fox","inputs":"image1","n":1}'
JSON_CALLS = [
    f'{{"text":"Hi.","calls":[{OWN}]}}',
    f'{{"calls": [ {OWN.replace(":", " : ")} ],\n"text" : "Hi."}}',
    f'```json\n{{"text":"Hi.","calls":[{OWN}]}}\n```',
    f"Hi.\n<tool_call>\n{FUNCTION}\n</tool_call>",
    f"Hi. [TOOL_CALLS] [{FUNCTION}]",
    f'Hi.<|python_tag|>{{"name":"draw","parameters":{STRAY}}}<|eom_id|>',
]


@pytest.mark.parametrize("text", JSON_CALLS)
def test_json_reads_many_forms(text: str) -> None:
    assert JSON.parse(text) == Plan(text="Hi.", calls=(call("draw", "a fox", "image1", n=1),))


def test_json_is_written_exactly_so() -> None:
    plan = Plan(text="Hi.", calls=(call("draw", "a fox", "image1", n=1),))
    assert JSON.render(plan) == JSON_CALLS[0]
    assert JSON.render(Plan()) == '{"text":"","calls":[]}'


def test_json_reads_messages_of_servers() -> None:
    arguments = json.dumps({"prompt": "a fox", "inputs": ["image1"], "options": {"n": 1}})
    function = {"name": "draw", "arguments": arguments}
    calls = [{"id": "call_1", "type": "function", "function": function}]
    plan = Plan(calls=(call("draw", "a fox", "image1", n=1),))
    assert JSON.parse(json.dumps(calls)) == plan
    message = {"role": "assistant", "content": None, "tool_calls": calls}
    assert JSON.parse(json.dumps(message)) == plan


def test_json_reads_several_marked_calls() -> None:
    block = '<tool_call>\n{"name":"draw","arguments":{"prompt":"x"}}\n</tool_call>'
    assert len(JSON.parse(f"Hi.\n{block}\n{block}\n").calls) == 2


@pytest.mark.parametrize(
    "text", ["Hello!", "I use <tool_call> for it.", "Say {this} or [that].", "[IMAGE] a fox", ""]
)
def test_json_takes_other_text_for_a_reply(text: str) -> None:
    assert JSON.parse(text) == Plan(text=text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"text":"x"', "not JSON"),
        ('{"text":"x"} and more', "text stands after the JSON"),
        ('{"text":"x","media":[]}', "a plan has text and calls, not media"),
        ('{"text":["x"]}', "text must be a string and calls a list"),
        ('{"calls":[{"prompt":"x"}]}', "a call must be an object that names its tool"),
        ('{"calls":[{"tool":"draw","promt":"x"}]}', "a call has no promt"),
        ('{"calls":[{"tool":"draw","prompt":4}]}', "prompt: Input should be a valid string"),
        ('{"calls":[{"tool":"draw","inputs":["x"]}]}', "inputs.0: String should match"),
        ('[{"name":"draw","arguments":"{"}]', "the arguments are not JSON"),
        ('[{"name":"draw","arguments":[1]}]', "the arguments must be an object"),
        ('[{"name":"draw","arguments":{"options":3}}]', "options must be an object"),
        ('<tool_call>{"name":"draw"}</tool_call> Enjoy!', "not JSON"),
    ],
)
def test_malformed_json_is_told(text: str, message: str) -> None:
    with pytest.raises(PlanError) as caught:
        JSON.parse(text)
    assert message in caught.value.problems[0].message


def test_a_character_of_two_halves_is_told_whole() -> None:
    text = '{"text":"a\\ud83e\\udd8ab","calls":[]}'
    told = [JSON.reply_so_far(text[:end]) for end in range(len(text))]
    assert set(told) == {"", "a", "a🦊", "a🦊b"}


def test_a_line_that_may_become_a_call_is_held_back() -> None:
    answer = "Hi.\ndraw from image1: x"
    told = {LINES.reply_so_far(answer[:end]) for end in range(len(answer) + 1)}
    assert told == {"", "H", "Hi", "Hi."}
