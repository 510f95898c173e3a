"""The grammars: they allow every plan that holds, and nothing else."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llguidance import LLMatcher, LLTokenizer, TokenizerWrapper
from pydantic import Field
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

from modaverse.dialect import Dialect, Json, Lines
from modaverse.media import Audio, Image, Modality, Video
from modaverse.plan import Plan, ToolCall, check
from modaverse.tool import Tool, tool
from modaverse.toolbox import Toolbox


@tool
def draw(
    prompt: str,
    *,
    style: str = "plain",
    width: int = 64,
    sharp: bool = True,
    weight: Annotated[float, Field(gt=0, lt=1)] = 0.5,
    colours: list[Literal["red", "blue"]] | None = None,
) -> Image:
    """Draw a picture; the options are of every kind."""
    raise NotImplementedError


@tool
def caption(prompt: str, image: Image | None = None, audio: Audio | None = None) -> str:
    """Say what there is."""
    raise NotImplementedError


@tool
def edit_image(prompt: str, image: Image, note: str) -> Image:
    """Change a picture as a note says."""
    raise NotImplementedError


@tool
def film(prompt: str, video: Video) -> Video:
    """Go on with a video; nothing here makes the first one."""
    raise NotImplementedError


@tool
def odd(
    prompt: str,
    *,
    anything: Any = None,
    weights: dict[str, int] | None = None,
    look: Annotated[str, Field(json_schema_extra={"pattern": "(?=a)a"})] = "a",
) -> Image:
    """Take options that are hard to put into a grammar."""
    raise NotImplementedError


BUILT_IN = Toolbox.default()
MIXED = Toolbox([draw, caption, edit_image, film])
HANDLES: dict[str, Modality] = {"image1": "image", "image12": "image", "text1": "text"}
SETTINGS: dict[str, tuple[Toolbox, dict[str, Modality]]] = {
    "built-in": (BUILT_IN, {}),
    "built-in with a video": (BUILT_IN, {"video1": "video"}),
    "mixed": (MIXED, {}),
    "mixed with handles": (MIXED, HANDLES),
    "mixed with a video": (MIXED, {"video3": "video"}),
}
ALL_SETTINGS = pytest.mark.parametrize("setting", SETTINGS)
DIALECTS = pytest.mark.parametrize("name", ["lines", "json"])


def dialect_for(name: str, toolbox: Toolbox) -> Dialect:
    return Lines(toolbox) if name == "lines" else Json()


class _Bytes:
    """The tokenizer of one token a byte, as llguidance wants to see it."""

    eos_token_id = 256
    bos_token_id = None
    tokens = (*(bytes([byte]) for byte in range(256)), b"<|end|>")
    special_token_ids = (256,)

    def __call__(self, text: str | bytes) -> list[int]:
        return list(text if isinstance(text, bytes) else text.encode())


BYTES = LLTokenizer(TokenizerWrapper(_Bytes()))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> LLTokenizer:
    """A byte-level BPE tokenizer whose tokens straddle the joints of a plan."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=700,
        special_tokens=["<|end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(), trainer)
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    tokenizer.save(str(path))
    return LLTokenizer(str(path), eos_token=tokenizer.token_to_id("<|end|>"))


def _corpus() -> list[str]:
    lines = [
        'Here.\ntext-to-image with {"size":64,"steps":4}: a fox\nvideo-to-audio from #1: x',
        'draw with {"style":"oil"}: a {#1} b\ncaption from image1: what\nfilm from video3:',
        '{"text":"Hi","calls":[{"tool":"draw","prompt":"a","inputs":["#1"],"options":{}}]}',
    ]
    return [line for line in lines for _ in range(20)]


def matcher(source: str, tokenizer: LLTokenizer = BYTES) -> LLMatcher:
    made = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(source))
    assert not made.is_error(), made.get_error()
    return made


def accepts(source: str, text: str) -> bool:
    made = matcher(source)
    spelt = list(text.encode())
    return bool(made.try_consume_tokens(spelt) == len(spelt) and made.is_accepting())


def characters(extra: str = "") -> st.SearchStrategy[str]:
    """Anything but control characters, and often what means something to a dialect."""
    pieces = ["{", "{#", "{te", "{text", "{image1", "#1}", "\\", '"', ":", " from ", " with ", "\n"]
    pieces += ["draw", "draw: ", "text-to-image: ", "well-known with ", "-", "é", "\u2028", "🦊"]
    one = st.characters(exclude_categories=["Cc", "Cs"])
    return st.lists(one | st.sampled_from(pieces), max_size=12).map("".join)


@st.composite
def holding_plans(draw: st.DrawFn, toolbox: Toolbox, handles: Mapping[str, Modality]) -> Plan:
    """Plans that hold, within the bounds of the grammars."""
    known = dict(handles)
    calls: list[ToolCall] = []
    for place in range(1, draw(st.integers(0, 8)) + 1):
        usable = [made for made in toolbox.values() if _fillable(made, known)]
        if not usable:
            break
        call = draw(_holding_call(place, draw(st.sampled_from(usable)), known))
        known[f"#{place}"] = toolbox[call.tool].spec.output
        calls.append(call)
    text = draw(characters().filter(lambda text: text.count("\n") < 3))
    return Plan(text=text if calls else text.strip() or "Hi.", calls=tuple(calls))


def _fillable(made: Tool, known: Mapping[str, Modality]) -> bool:
    return all(slot.modality in known.values() for slot in made.spec.inputs if slot.required)


@st.composite
def _holding_call(draw: st.DrawFn, place: int, made: Tool, known: dict[str, Modality]) -> ToolCall:
    inputs: list[str] = []
    for slot in made.spec.inputs:
        fitting = [name for name, modality in known.items() if modality == slot.modality]
        if slot.required or (fitting and draw(st.booleans())):
            inputs.append(draw(st.sampled_from(fitting)))
    readable = [name for name, modality in known.items() if modality == "text"]
    prompt = draw(characters())
    if draw(st.booleans()) and readable:
        prompt += f"{{{draw(st.sampled_from(readable))}}}" + draw(characters())
    options = {
        name: draw(_option(rule))
        for name, rule in made.spec.option_schema()["properties"].items()
        if draw(st.integers(0, 3)) == 0
    }
    told = prompt if prompt.strip() or made.spec.inputs else "a fox"
    return ToolCall(
        id=place, tool=made.spec.name, prompt=told, inputs=tuple(inputs), options=options
    )


def _option(rule: Mapping[str, Any]) -> st.SearchStrategy[Any]:
    if "anyOf" in rule:
        return st.one_of([_option(one) for one in rule["anyOf"]])
    if "enum" in rule:
        return st.sampled_from(rule["enum"])
    low, high = rule.get("minimum", 1), rule.get("maximum", 1000)
    kinds: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "boolean": st.booleans(),
        "integer": st.integers(low, high),
        "string": characters().map(lambda text: text[:100]),
        "array": st.lists(st.sampled_from(["red", "blue"]), max_size=3),
    }
    if rule["type"] == "number":
        top = rule.get("exclusiveMaximum", high)
        return st.floats(low if top > 1 else 0.01, top - 0.01).map(lambda value: round(value, 2))
    return kinds[rule["type"]]


@ALL_SETTINGS
@DIALECTS
@given(data=st.data())
@settings(max_examples=20, deadline=None)
def test_every_plan_that_holds_is_allowed(setting: str, name: str, data: st.DataObject) -> None:
    toolbox, handles = SETTINGS[setting]
    plan = data.draw(holding_plans(toolbox, handles))
    if check(plan, toolbox, handles):  # a piece of prompt may have become a reference
        return
    dialect = dialect_for(name, toolbox)
    text = dialect.render(plan)
    assert accepts(dialect.grammar(toolbox, handles), text), text


def proposals(name: str, toolbox: Toolbox) -> list[str]:
    """Pieces of plans that a random model tries beside single tokens, to get further into them."""
    common = ["a fox", "{#1}", "{text1}", "#1", "#2", *toolbox]
    if name == "json":
        return [
            *common,
            '"',
            ",",
            '"]',
            "{}",
            "]}",
            "}]}",
            '","calls":[',
            '{"tool":"',
            '","inputs":["',
        ]
    ends = (": ", " from ", ' with {"')
    heads = [f"{start}{tool}{end}" for start in ("", "\n") for tool in toolbox for end in ends]
    return [*common, *heads, "\n", " ", ":", ": a fox", ": a {#2} b", ' with {"', "Here it is."]


def walk(source: str, tokenizer: LLTokenizer, pieces: list[str], seed: int) -> str:
    """One text that a model choosing at random could write under the grammar."""
    chance = random.Random(seed)
    made = matcher(source, tokenizer)
    written: list[int] = []
    while not made.is_stopped():
        if made.is_accepting() and chance.random() < 0.03:
            break
        if chance.random() < 0.6:
            proposal = tokenizer.tokenize_str(chance.choice(pieces))
            written += proposal[: made.try_consume_tokens(proposal)]
            continue
        allowed = _allowed(made, tokenizer)
        assert allowed, f"nothing may follow {tokenizer.decode_str(written)!r}"
        token = chance.choice(allowed)
        if token == tokenizer.eos_token:
            break
        assert made.consume_token(token)
        written.append(token)
    return tokenizer.decode_bytes(written).decode()


def _allowed(made: LLMatcher, tokenizer: LLTokenizer) -> list[int]:
    bits = int.from_bytes(made.compute_bitmask(), "little")
    return [token for token in range(tokenizer.vocab_size) if bits >> token & 1]


@ALL_SETTINGS
@DIALECTS
def test_whatever_a_random_model_writes_holds(setting: str, name: str, words: LLTokenizer) -> None:
    toolbox, handles = SETTINGS[setting]
    dialect = dialect_for(name, toolbox)
    source = dialect.grammar(toolbox, handles)
    pieces = proposals(name, toolbox)
    made = []
    for seed in range(24):
        text = walk(source, words if seed % 3 else BYTES, pieces, seed)
        plan = dialect.parse(text)
        assert not check(plan, toolbox, handles), text
        assert dialect.parse(dialect.render(plan)) == plan
        made.append(plan)
    assert any(plan.calls for plan in made)


FOX = "text-to-image: a fox"
NESTED = '{"text":"Hi","calls":[{"tool":"text-to-image","prompt":"a fox","inputs":[],"options":'


# What may be written stands before the mark, what may not follow behind it.
FORBIDDEN = [
    "text-to-smell¦: x",
    "a-b¦: c",
    "text-to-image: ¦",
    "text-to-image: ¦ x",
    f"{FOX}\n¦",
    f"{FOX}\n¦Enjoy!",
    f"{FOX}\n¦\n{FOX}",
    "Hi.\ntext-to-image ¦from image1: x",
    "Hi.\nadd-soundtrac¦k fromvoice from #1:",
    "Hi.\nvideo-to-image from¦voice: x",
    "Hi.\nvideo-to-image¦a still from #1:",
    "text-to-video¦, then",
    "video-to-image from video¦2: x",
    "video-to-image from ¦#1: x",
    f"{FOX}\n¦add-soundtrack from #1",
    f"{FOX}\nvideo-to-audio from ¦#1:",
    "text-to-audio: a\nadd-soundtrack from ¦#1 #1: x",
    "text-to-video: a\ntext-to-audio: b\nadd-soundtrack from #¦2 #1:",
    "text-to-video: a\nvideo-to-audio from #¦2:",
    'text-to-image with {"s¦eed":1}: x',
    'text-to-image with {"steps":5¦1}: x',
    'text-to-image with {"size":64,¦ "steps":9}: x',
    'text-to-image with {"steps":9¦,"size":64}: x',
    "text-to-image with {¦}: x",
    "text-to-image: a {#¦1} b",
    "text-to-image: a {text¦1} b",
    "text-to-image: a¦\tb",
    "text-to-image: a\N{NO-BREAK SPACE}\N{LINE SEPARATOR}b\n¦\n",
    "text-to-image: a \\¦t b",
    f"text-to-image: {400 * 'x'}¦x",
    f"{600 * 'x'}¦x",
    "a\nb\nc\nd\ne\nf\ng\nh\n¦i",
    "\n".join([FOX] * 8) + f"¦\n{FOX}",
    "¦ Hi.",
    "¦\nHi.",
]


@pytest.mark.parametrize("text", FORBIDDEN)
def test_lines_allows_nothing_else(text: str) -> None:
    allowed, _, forbidden = text.partition("¦")
    made = matcher(Lines(BUILT_IN).grammar(BUILT_IN, {"video1": "video"}))
    spelt = list((allowed + forbidden).encode())
    reached = made.try_consume_tokens(spelt)
    assert bytes(spelt[:reached]).decode() == allowed
    assert forbidden or not made.is_accepting()


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"text":"","calls":[]}',
        '{"text":"Hi","calls":[]} ',
        '{"text":"Hi" ,"calls":[]}',
        '{"text":"a\tb","calls":[]}',
        '{"text":"a\\u0007b","calls":[]}',
        f'{{"text":"{601 * "x"}","calls":[]}}',
        NESTED + '{"seed":1}}]}',
        NESTED + '{"size":65}}]}',
        NESTED + "{}},]}",
        NESTED.replace("a fox", "") + "{}}]}",
        NESTED.replace("a fox", "{#1}") + "{}}]}",
        NESTED.replace("[]", '["#1"]') + "{}}]}",
        NESTED.replace("text-to-image", "text-to-smell") + "{}}]}",
    ],
)
def test_json_allows_nothing_else(text: str) -> None:
    source = Json().grammar(BUILT_IN, {})
    assert accepts(source, NESTED + "{}}]}")
    assert not accepts(source, text)


@pytest.mark.parametrize(
    ("toolbox", "handles", "allowed"),
    [
        (Toolbox([film]), {}, False),
        (Toolbox([film]), {"image1": "image"}, False),
        (Toolbox([film]), {"video1": "video"}, True),
        (Toolbox([edit_image, film]), {"text1": "text"}, False),
    ],
)
@DIALECTS
def test_without_a_tool_that_can_be_called_there_is_only_text(
    toolbox: Toolbox, handles: dict[str, Modality], allowed: bool, name: str
) -> None:
    dialect = dialect_for(name, toolbox)
    source = dialect.grammar(toolbox, handles)
    assert accepts(source, dialect.render(Plan(text="I cannot.")))
    plan = Plan(calls=(ToolCall(id=1, tool="film", inputs=("video1",)),))
    assert (
        accepts(source, Lines(["film"]).render(plan) if name == "lines" else dialect.render(plan))
        is allowed
    )


LIKE_CALLS = [
    *("draw: x", "draw with me", "draw from it", "draw", "draw, then", "draw for me"),
    *(
        "draw fromvoice from #1:",
        "edit-image",
        "edit-image is a tool",
        "edit-images",
        "edit-image- x",
        "a-b with c",
        "\\o/",
    ),
]


@pytest.mark.parametrize("line", LIKE_CALLS)
def test_text_that_begins_like_a_call_is_allowed_with_a_backslash(line: str) -> None:
    source = Lines(MIXED).grammar(MIXED, {})
    assert not accepts(source, f"Hi.\n{line}") or line == "draw: x"
    assert accepts(source, f"Hi.\n\\{line}")
    assert Lines(MIXED).render(Plan(text=line)) == f"\\{line}"


@pytest.mark.parametrize(
    "line",
    ["drawn: x", "drawing with me", "dra: x", "a-b", "edit-imag", "edit-: x", "edit: x"],
)
def test_text_that_only_looks_like_a_call_is_allowed(line: str) -> None:
    assert accepts(Lines(MIXED).grammar(MIXED, {}), line)


def test_optional_inputs_may_be_left_out_in_any_way() -> None:
    source = Lines(MIXED).grammar(MIXED, {"image1": "image", "audio1": "audio"})
    for inputs in ("", " from image1", " from audio1", " from image1 audio1"):
        assert accepts(source, f"caption{inputs}: what is it")
        assert accepts(source, f"caption{inputs}:")
    assert not accepts(source, "caption from audio1 image1:")


def test_a_prompt_takes_in_texts_only_and_four_at_most() -> None:
    source = Lines(MIXED).grammar(MIXED, {"text1": "text", "image1": "image"})
    assert accepts(source, "caption:\ndraw: a {#1} b {text1}{#1} {c} {#1}")
    assert not accepts(source, "caption:\ndraw: a {#1}{#1}{#1}{#1}{#1}")
    assert not accepts(source, "draw: x\ndraw: {#1}")
    assert not accepts(source, "caption:\ndraw: {#2}")
    assert not accepts(source, "caption:\ndraw: {image1}")


def test_options_without_bounds_are_bounded() -> None:
    source = Lines(MIXED).grammar(MIXED, {})
    assert accepts(source, 'draw with {"colours":["red","red"],"style":"x","width":-12}: y')
    for name, value in {
        "style": f'"{201 * "x"}"',
        "width": "1" + 9 * "0",
        "weight": "0." + 50 * "1",
        "colours": '["red"' + 16 * ',"red"' + "]",
    }.items():
        assert not accepts(source, f'draw with {{"{name}":{value}}}: y')


def test_odd_options_are_bounded_or_left_out() -> None:
    source = Lines([odd.spec.name]).grammar(Toolbox([odd]), {})
    assert accepts(source, 'odd with {"anything":true,"weights":{"a":1}}: x')
    assert not accepts(source, 'odd with {"anything":[[[1]]]}: x')
    assert not accepts(source, 'odd with {"look":"a"}: x')


def test_a_grammar_is_set_up_in_a_few_milliseconds() -> None:
    def cost() -> float:
        begin = time.process_time()
        matcher(Lines(BUILT_IN).grammar(BUILT_IN, {"image1": "image", "video1": "video"}))
        return time.process_time() - begin

    assert min(cost() for _ in range(5)) < 0.05
