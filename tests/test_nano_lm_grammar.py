"""The grammar of requests: what it makes is a request with the plan that answers it."""

from __future__ import annotations

import itertools
import random
import re
from pathlib import Path

import pytest

from modaverse.dialect import Lines
from modaverse.errors import ConfigError
from modaverse.plan import check
from modaverse.toolbox import Toolbox
from modaverse_training.nano.lm import frames, grammar, phrases
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import CLOSE, OPEN, Call, Row, handles, reply
from modaverse_training.nano.lm.vocabulary import (
    LEXICAL_FILES,
    Vocabulary,
    WordNet,
    article,
    ing,
    mistype,
    third,
)
from tests.nano_words import write_wordnet

TOOLBOX = Toolbox.default()


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory: pytest.TempPathFactory) -> WordNet:
    return WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet")))


@pytest.fixture(scope="module")
def rows(wordnet: WordNet) -> list[Row]:
    return list(itertools.islice(Grammar(3, wordnet), 1500))


def test_wordnet_gives_words_by_kind_and_their_examples(wordnet: WordNet) -> None:
    assert wordnet.nouns["animal"] == ["animal one", "animal two"]
    assert wordnet.common["animal"] == ["animal one"]
    assert "she sang of the sea" in wordnet.examples
    assert "a first kind of animal" in wordnet.glosses


def test_every_row_is_valid_under_the_default_toolbox(rows: list[Row]) -> None:
    dialect = Lines(TOOLBOX)
    for row in rows:
        plan = dialect.parse(row.answer())
        brought = re.findall(r"\[((?:image|audio|video)\d)\]", " ".join(r for r, _ in row.history))
        made = sum("image-to-image" in answer for _, answer in row.history if brought)
        images = sum(name.startswith("image") for name in brought)
        newer = [f"image{number}" for number in range(images + 1, images + made + 1)]
        names = (*handles(row.attachments), *brought, *newer)
        known = {name: name.rstrip("0123456789") for name in names}
        assert check(plan, TOOLBOX, known) == (), row
        assert dialect.render(plan) == row.answer()


def test_no_mark_and_no_slot_is_left_over(rows: list[Row]) -> None:
    left = re.compile(r"\{(?!\"|[^\w]|\w\W)[a-z]{1,8}\}|[" + OPEN + CLOSE + "]")
    for row in rows:
        for text in (row.request, row.answer(), *itertools.chain(*row.history)):
            assert not left.search(text), row


def test_one_wish_is_copied_word_for_word(rows: list[Row]) -> None:
    single = [row for row in rows if row.family in ("single", "bare", "question")]
    assert {row.family for row in single} == {"single", "bare", "question"}
    for row in single:
        prompt = row.calls[0].split(": ", 1)[1]
        prompt = prompt.replace("\\n", "\n").replace("\\\\", "\\")
        assert prompt in row.request, row


def test_all_kinds_of_rows_occur(rows: list[Row]) -> None:
    families = {row.family for row in rows}
    assert {
        "single", "question", "bare", "several", "alike", "many-ways", "pronoun", "soundtrack",
        "still", "without", "talk", "knowledge", "knowledge-and-media", "inside", "edit",
        "from-video", "join", "aside", "changed-mind", "follow-single", "follow-changed",
        "follow-speech-again", "plain", "measured", "picture-changed", "picture-moved", "about",
        "to-be-looked-at", "seen-heard", "seen-picture", "too-much",
    } <= families  # fmt: skip
    tools = {line.split()[0].split(":")[0] for row in rows for line in row.calls}
    assert tools == set(TOOLBOX)


def test_an_instruction_is_copied_without_manners_and_without_the_picture_s_name(
    rows: list[Row],
) -> None:
    told = [row for row in rows if row.family.startswith("picture-")]
    assert len(told) > 20
    for row in told:
        tool, prompt = row.calls[0].split(": ", 1)
        assert tool.split()[0] in ("image-to-image", "image-to-video")
        said, kept = (re.findall(r"[^\s.,!?]+", text.lower()) for text in (row.request, prompt))
        assert set(kept) <= set(said), row
        assert not re.match(r"(please|can you|could you)\b", prompt, re.I), row
        onto = re.match(r"(add|put|draw|paint|insert|place)\b", prompt, re.I)
        assert onto or not re.search(r" (in|of|from|on) image\d$", prompt, re.I), row


def test_what_a_text_is_about_is_told_in_the_text_s_own_word(rows: list[Row]) -> None:
    asked = [row for row in rows if row.family == "about"]
    assert len(asked) > 10
    for row in asked:
        named = row.text.removeprefix("It is about ").removesuffix(".")
        assert not row.calls
        assert re.sub("^an? ", "", named) in row.request


def test_a_seed_repeats_the_stream(wordnet: WordNet) -> None:
    one, two, other = (list(itertools.islice(Grammar(s, wordnet), 40)) for s in (5, 5, 6))
    assert one == two
    assert one != other


@pytest.mark.parametrize(
    ("calls", "text"),
    [
        ([Call("text-to-image", "x")], "Here is your picture."),
        ([Call("text-to-image", "x")] * 2, "Here are your 2 pictures."),
        (
            [Call("text-to-image"), Call("text-to-video"), Call("text-to-image")],
            "Here are your 2 pictures and your video.",
        ),
        (
            [
                Call("text-to-video"),
                Call("text-to-audio"),
                Call("add-soundtrack", "", ("#1", "#2")),
            ],
            "Here is your video with its sound.",
        ),
        ([Call("add-soundtrack", "", ("video1", "audio1"))], "Here is video1 with audio1."),
        ([Call("video-to-audio", "", ("video1",))], "Here is the sound of video1."),
        ([Call("image-to-image", "red", ("image1",))], "Here is your picture."),
        (
            [Call("image-to-video", "it spins", ("image1",)), Call("text-to-image", "x")],
            "Here are your video and your picture.",
        ),
        (
            [Call("text-to-video"), Call("video-to-image", "", ("#1",))],
            "Here are your video and your picture.",
        ),
    ],
)
def test_the_reply_names_what_is_made(calls: list[Call], text: str) -> None:
    assert reply(tuple(calls)) == text


def test_a_still_is_of_the_frame_that_was_named(wordnet: WordNet) -> None:
    made = Grammar(1, wordnet)
    whole = ("first", "opening", "last", "final", "closing", "middle")
    for template in ("its {nth} frame", "a still {at}"):
        for _ in range(60):
            request, options = made._timed(template, 2)
            assert "{" not in request
            if "{nth}" not in template:
                assert len(options) == 1
                assert bool(re.search(r"\bends?\b", request)) == (options.get("at") == "end")
                half = re.search("middle|half(way| in)", request)
                assert bool(half) == (options.get("at") == "middle")
                continue
            (nth,) = (word for word in whole if word in request)
            places = {"last": "end", "final": "end", "closing": "end", "middle": "middle"}
            assert options == ({"at": places[nth]} if nth in places else {})
    assert made._timed("a still {at} of it", 0) == ("a still of it", {})


def test_slips_spare_the_slots(wordnet: WordNet) -> None:
    made = Grammar(1, wordnet)
    request = f"please draw something wonderful: {OPEN}extraordinary hippopotamus{CLOSE}"
    row = Row(request, "", ("text-to-image: extraordinary hippopotamus",))
    seen = {made.noised(row).request.lower().strip() for _ in range(300)}
    assert all("extraordinary hippopotamus" in request for request in seen)
    assert len(seen) > 5


def test_casing_changes_the_prompt_and_nothing_else_of_a_call(wordnet: WordNet) -> None:
    line = 'text-to-speech with {"language":"de"}: Guten Tag: ja'
    recased = grammar._recased(line, str.upper)
    assert recased == 'text-to-speech with {"language":"de"}: GUTEN TAG: JA'


def test_expand_draws_one_alternative_innermost_first() -> None:
    rng = random.Random(0)
    drawn = {phrases.expand("a [b|[c|d]] e", rng) for _ in range(60)}
    assert drawn == {"a b e", "a c e", "a d e"}


def test_frames_have_balanced_brackets() -> None:
    banks = [v for v in vars(frames).values() if isinstance(v, tuple)]
    for line in itertools.chain(*banks):
        if isinstance(line, str):
            assert line.count("[") == line.count("]"), line
            assert line.count("{") == line.count("}"), line


def test_english_forms() -> None:
    assert [ing(v) for v in ("run", "dance", "lie", "see", "play")] == [
        "running", "dancing", "lying", "seeing", "playing",
    ]  # fmt: skip
    assert [third(v) for v in ("fly", "watch", "play", "go")] == [
        "flies",
        "watches",
        "plays",
        "goes",
    ]
    assert (article("owl"), article("fox")) == ("an owl", "a fox")


def test_a_slip_changes_one_word_only_a_little() -> None:
    rng = random.Random(1)
    for _ in range(50):
        slipped = mistype("lighthouse", rng)
        assert abs(len(slipped) - 10) <= 1
        assert (slipped[0], slipped[-1]) == ("l", "e")
    assert mistype("fox", rng) == "fox"


def test_nonsense_covers_every_piece(wordnet: WordNet) -> None:
    words = Vocabulary(random.Random(2), wordnet)
    words.pieces = (["zq"], ["xj"])
    assert any("zq" in words.strange() for _ in range(100))


def test_each_lexical_file_has_a_number() -> None:
    assert len(set(LEXICAL_FILES.values())) == len(LEXICAL_FILES)


def test_the_fixture_folder_is_what_the_reader_expects(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        WordNet(tmp_path)


def test_kinds_may_come_more_or_less_often(wordnet: WordNet) -> None:
    grammar = Grammar(3, wordnet)
    grammar.weigh({maker.__name__: 0 for _, maker in grammar.kinds} | {"about": 0.5})
    assert {row.family for row in itertools.islice(grammar, 20)} == {"about"}
    with pytest.raises(ConfigError, match="no kind 'abut'") as caught:
        grammar.weigh({"abut": 1})
    assert "about" in caught.value.hint


def test_things_of_several_words_are_named_whole(wordnet: WordNet) -> None:
    grammar = Grammar(3, wordnet)
    answers = {grammar.about().text for _ in range(600)}
    assert {"It is about a hot dog.", "It is about a pine tree."} & answers
