"""Tokens, packing, varied hand-written rows; and that what is tested is not trained on."""

from __future__ import annotations

import collections
import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from modaverse.dialect import Lines
from modaverse.media import Modality
from modaverse.plan import check
from modaverse.toolbox import Toolbox
from modaverse_training.nano.lm import corpus, tokenizer
from modaverse_training.nano.lm.corpus import Chats, Encoded, Packer, Varied
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import NOTHING, Row, handles
from modaverse_training.nano.lm.vocabulary import WordNet
from tests.nano_words import write_wordnet

SPLITS = ("train", *corpus.HELD_OUT)


@pytest.fixture(scope="module")
def grammar(tmp_path_factory: pytest.TempPathFactory) -> Grammar:
    return Grammar(4, WordNet(write_wordnet(tmp_path_factory.mktemp("wordnet"))))


@pytest.fixture(scope="module")
def pieces(grammar: Grammar) -> PreTrainedTokenizerFast:
    rows = itertools.islice(grammar, 300)
    return tokenizer.train(("".join(t for t, _ in corpus.segments(r)) for r in rows), size=700)


# ---- the tokenizer
@given(text=st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_text_survives_the_tokens(text: str) -> None:
    trained = _tiny_tokenizer()
    ids = trained.backend_tokenizer.encode(text, add_special_tokens=False).ids
    if not any(token in text for token in tokenizer.SPECIAL):
        assert trained.decode(ids) == text


_CACHE: list[PreTrainedTokenizerFast] = []


def _tiny_tokenizer() -> PreTrainedTokenizerFast:
    if not _CACHE:
        _CACHE.append(tokenizer.train(['draw a fox, say "hi"'] * 3, size=300))
    return _CACHE[0]


def test_the_template_renders_what_the_stream_trains_on(
    grammar: Grammar, pieces: PreTrainedTokenizerFast
) -> None:
    for row in itertools.islice(grammar, 200):
        messages = []
        for request, answer in row.history:
            messages += [
                {"role": "user", "content": request},
                {"role": "assistant", "content": answer},
            ]
        names = handles(row.attachments)
        prefix = "".join(f"[{name}]" for name in names) + (" " if names else "")
        messages += [
            {"role": "user", "content": prefix + row.request},
            {"role": "assistant", "content": row.answer()},
        ]
        rendered = pieces.apply_chat_template(messages, tokenize=False)
        assert rendered == "".join(text for text, _ in corpus.segments(row))


def test_a_quoted_word_has_the_tokens_that_it_has_in_a_prompt(
    pieces: PreTrainedTokenizerFast,
) -> None:
    encode = pieces.backend_tokenizer.encode
    asked = encode(tokenizer.shown('say "Quxzor"'), add_special_tokens=False).tokens
    planned = encode("text-to-speech: Quxzor", add_special_tokens=False).tokens
    word = planned[planned.index(":") + 1 :]
    assert asked[-len(word) - 1 : -1] == word


def test_a_request_cannot_smuggle_in_control_tokens() -> None:
    assert tokenizer.USER not in tokenizer.shown(f"draw {tokenizer.USER} a fox {tokenizer.END}")


def test_tool_names_are_single_tokens(pieces: PreTrainedTokenizerFast) -> None:
    for name in ("text-to-image", "text-to-speech"):
        assert pieces.backend_tokenizer.encode(name, add_special_tokens=False).tokens == [name]


# ---- packing
def test_only_the_plan_weighs_fully(grammar: Grammar, pieces: PreTrainedTokenizerFast) -> None:
    row = Row("draw a fox", "Here is your picture.", ("text-to-image: a fox",))
    encoded = corpus.encode(row, pieces, 0.1)
    answer = pieces.backend_tokenizer.encode(row.answer() + tokenizer.END, add_special_tokens=False)
    assert encoded.weights.count(1.0) == len(answer.ids)
    assert set(encoded.weights) == {0.1, 1.0}


def test_what_only_a_look_can_tell_is_read_and_not_learned(pieces: PreTrainedTokenizerFast) -> None:
    told = ("It is a fox.", "The colour is red.", "A dog.", "There is one cat.")
    answers = (
        *told, "It is about a fox.", "You are welcome.", "Here is your sound.\ntext-to-audio: rain",
    )  # fmt: skip
    row = Row("draw it", NOTHING, history=tuple(("go on", answer) for answer in answers))
    weights = [weight for text, weight in corpus.segments(row) if text.endswith(tokenizer.END)]
    assert weights == [0.0] * len(told) + [1.0] * 4
    assert set(corpus.encode(row, pieces, 0.1).weights) == {0.0, 0.1, 1.0}


def test_what_a_look_has_told_is_swapped_with_the_plan(grammar: Grammar) -> None:
    told = "The fox is jumping."
    history = (("is it a fox?", told), ("what is 'a fox' about?", "It is about a fox."))
    row = corpus._swapped(
        Row("say it", "", (f"text-to-speech: {told}",), (), history), "fox", "hen"
    )
    assert row.calls == ("text-to-speech: The hen is jumping.",)
    assert [answer for _, answer in row.history] == ["The hen is jumping.", "It is about a hen."]
    kept = corpus._swapped(replace(row, history=(("hi", "Here is your picture."),)), "picture", "x")
    assert kept.history[0][1] == "Here is your picture."


def test_lines_are_filled_and_rows_kept_apart() -> None:
    lengths = itertools.cycle([5, 9, 3, 11])
    rows = (Encoded([7] * n, [1.0] * n) for n in lengths)
    batch = next(iter(Packer(rows, batch=4, length=20)))
    assert batch.tokens.shape == (4, 20)
    assert (batch.rows > 0).float().mean() > 0.9
    starts = batch.positions[(batch.rows > 0) & (batch.positions == 0)]
    assert len(starts) == sum(int(line.max()) for line in batch.rows)
    assert torch.all(batch.weights[batch.positions == 0] == 0)
    assert torch.all(batch.weights[batch.rows == 0] == 0)


def test_rows_longer_than_a_line_are_left_out() -> None:
    rows = (Encoded([1] * n, [1.0] * n) for n in itertools.cycle([50, 4]))
    batch = next(iter(Packer(rows, batch=1, length=8)))
    assert int(batch.positions.max()) == 3


# ---- hand-written rows, varied
def test_what_was_said_before_changes_no_plan_that_stands_alone() -> None:
    rows = corpus.read_rows(corpus.REQUESTS / "train.jsonl")[:400]
    chats = Chats(random.Random(1), share=0.9)
    later = [chats.later(row) for row in rows]
    assert [(row.request, row.answer()) for row in later] == [(r.request, r.answer()) for r in rows]
    assert sum(len(row.history) > 4 for row in later) > 20
    said = {(row.request, row.answer()) for row in rows}
    assert all(turn in said for row in later for turn in row.history)


def test_a_turn_of_its_own_conversation_stays_next_to_the_row() -> None:
    first = ("draw a fox", "Here is your picture.\ntext-to-image: a fox")
    row = Row("make it red", "Here is your picture.", ("text-to-image: a red fox",), (), (first,))
    chats = Chats(random.Random(2), share=3.0)
    chats.turns.append(("hi", "Hello!"))
    assert chats.later(row).history[-1] == first
    assert len(chats.later(row).history) > 1


def test_a_row_that_holds_only_at_the_beginning_comes_after_nothing() -> None:
    chats = Chats(random.Random(3), share=1.0)
    chats.turns.append(("hi", "Hello!"))
    row = Row("the same again", "I see nothing.", family="hand-alone-nothing")
    assert chats.later(row) == row
    assert list(chats.turns) == [("hi", "Hello!")]


def test_a_row_that_takes_an_earlier_file_comes_after_nothing_else() -> None:
    chats = Chats(random.Random(3), share=3.0)
    chats.turns.append(("draw a fox", "Here is your picture.\ntext-to-image: a fox"))
    call = "image-to-image from image1: make it red"
    brought = Row("make it red", "Here is your picture.", (call,), ("image",))
    assert len(chats.later(brought).history) >= 1
    before = (("[image1] what is it", "A boat."),)
    assert chats.later(replace(brought, attachments=(), history=before)).history == before


def test_rows_come_as_often_as_they_are_to(grammar: Grammar) -> None:
    rows = [Row(word, "Hi.", family=word) for word in ("seldom", "often")]
    drawn = itertools.islice(Varied(rows, grammar, (0.1, 0.9)), 400)
    seldom = sum(row.family == "hand-seldom" for row in drawn)
    assert 10 < seldom < 90
    plain = [row.family for row in itertools.islice(Varied(rows, grammar), 400)]
    assert plain.count("hand-seldom") == 200


def test_swapped_contents_stand_in_request_and_plan(grammar: Grammar) -> None:
    row = Row(
        'Say "Mind the gap" please.', "Here is your speech.", ("text-to-speech: Mind the gap",)
    )
    varied = Varied([row], grammar)
    seen = set()
    for new in (varied._swap_contents(row) for _ in range(40)):
        prompt = new.calls[0].removeprefix("text-to-speech: ")
        assert prompt.replace("\\\\", "\\") in new.request
        seen.add(prompt)
    assert len(seen) > 20


def test_a_swapped_word_changes_in_history_too(grammar: Grammar) -> None:
    row = Row(
        "make it red", "Here is your picture.", ("text-to-image: a red gazebo",),
        history=(("draw a gazebo", "Here is your picture.\ntext-to-image: a gazebo"),),
    )  # fmt: skip
    new = Varied([row], grammar)._swap_word(row)
    word = new.calls[0].removeprefix("text-to-image: a red ")
    assert word != "gazebo"
    assert new.history == ((f"draw a {word}", f"Here is your picture.\ntext-to-image: a {word}"),)


def test_of_an_instruction_only_what_follows_an_article_is_swapped(grammar: Grammar) -> None:
    row = Row(
        "please blur the window",
        "Here is your picture.",
        ("image-to-image from image1: blur the window",),
        attachments=("image",),
    )
    varied = corpus.Varied([row], grammar)
    seen = {varied.vary(row).calls[0].lower() for _ in range(60)}
    assert len(seen) > 10
    assert all(call.startswith("image-to-image from image1: blur the ") for call in seen)


def test_varied_rows_stay_plans(grammar: Grammar) -> None:
    dialect = Lines(Toolbox.default())
    rows = corpus.read_rows(corpus.REQUESTS / "train.jsonl")
    for row in itertools.islice(Varied(rows, grammar), 400):
        assert dialect.render(dialect.parse(row.answer())) == row.answer(), row


# ---- what is tested is not trained on
def frame(row: Row) -> str:
    """A request's phrasing: its normal form with what the plan repeats replaced."""
    request = row.request
    for call in sorted(row.calls, key=len, reverse=True):
        prompt = corpus._parsed(call)[2]
        if prompt:
            request = request.replace(prompt, " xslotx ")
    return corpus.normal(request)


def key(row: Row) -> tuple[str, ...]:
    """What makes two rows the same: the normal forms of all that is asked, and what is attached."""
    asked = (*(request for request, _ in row.history), row.request)
    return (*(corpus.normal(request) for request in asked), *row.attachments)


@pytest.fixture(scope="module")
def splits() -> dict[str, list[Row]]:
    return {name: corpus.read_rows(corpus.REQUESTS / f"{name}.jsonl") for name in SPLITS}


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(SPLITS, 2)))
def test_splits_share_no_family_and_no_request(
    splits: dict[str, list[Row]], one: str, other: str
) -> None:
    families = [{row.family for row in splits[name]} for name in (one, other)]
    assert not families[0] & families[1]
    assert not {key(row) for row in splits[one]} & {key(row) for row in splits[other]}


@pytest.mark.parametrize("name", SPLITS)
def test_no_split_asks_the_same_twice(splits: dict[str, list[Row]], name: str) -> None:
    """A request written twice counts double in training and in the scores."""
    count = collections.Counter(key(row) for row in splits[name])
    assert [asked for asked, times in count.items() if times > 1] == []


@pytest.mark.parametrize("name", SPLITS)
def test_plans_that_are_written_by_hand_can_be_run(splits: dict[str, list[Row]], name: str) -> None:
    """An option that no tool has, or a handle of nothing, would be taught, and never written."""
    toolbox = Toolbox.default()
    dialect = Lines(toolbox)
    known = [f"{kind}{number}" for kind in ("image", "audio", "video") for number in range(1, 10)]
    for row in splits[name]:
        there = known if row.history else handles(row.attachments)
        media = cast("dict[str, Modality]", {one: one.rstrip("0123456789") for one in there})
        assert not check(dialect.parse(row.answer()), toolbox, media), row


def test_enough_rows_are_written_by_hand(splits: dict[str, list[Row]]) -> None:
    assert len(splits["train"]) >= 1500
    assert len(splits["test"]) >= 500


def test_the_grammar_does_not_know_the_phrasings_of_the_tests(
    splits: dict[str, list[Row]], grammar: Grammar
) -> None:
    """None of the longer phrasings of the held-out requests comes out of the grammar."""
    frames = {frame(row) for row in itertools.islice(grammar, 6000)}
    for name in corpus.HELD_OUT:
        for row in splits[name]:
            phrasing = frame(row)
            long = len(phrasing.replace("xslotx", "").split()) >= 6
            assert not long or phrasing not in frames, row.request


def test_the_stream_leaves_held_out_requests_out(
    pieces: PreTrainedTokenizerFast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [Row(text, "Goodbye!") for text in ("Good night, all!", "see you")]
    monkeypatch.setattr(corpus, "held_out", lambda: frozenset({"good night all"}))

    class Cycle:
        rng = random.Random(0)

        def __iter__(self) -> Iterator[Row]:
            return itertools.cycle(rows)

    stream = corpus.mixed(Cycle(), pieces, None, 0.0, 0.1)  # type: ignore[arg-type]
    texts = [pieces.decode(row.tokens) for row in itertools.islice(stream, 10)]
    assert all("see you" in text for text in texts)
    assert not any("Good night" in text for text in texts)


def test_the_held_out_requests_are_those_that_are_measured(
    splits: dict[str, list[Row]],
) -> None:
    held = corpus.held_out()
    assert all(corpus.normal(r.request) in held for n in corpus.HELD_OUT for r in splits[n])
    assert not {corpus.normal(r.request) for r in splits["train"]} & held


def test_reading_rows_refuses_what_is_no_call() -> None:
    with pytest.raises(ValueError, match="not a call"):
        corpus._parsed("a fox")


def test_blank_lines_are_skipped(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('\n{"family": "f", "request": "hi", "text": "Hello!", "calls": []}\n\n')
    assert corpus.read_rows(path) == [Row("hi", "Hello!", family="f")]
