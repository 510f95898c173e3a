"""What rows are judged by: the critic, sameness, held-out data, counts and weights."""

from __future__ import annotations

import json
import math
from pathlib import Path
from random import Random

import pytest

from modaverse.errors import ConfigError, DataError, PlanError
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.critic import faults, leaked, lost, named_modalities
from modaverse_training.instructions.dedup import Seen, Similar, normal, shingles
from modaverse_training.instructions.leakage import HeldOut
from modaverse_training.instructions.plans import pair_of, planned, problems_of
from modaverse_training.instructions.row import MediaRef, Row, Turn, write_rows
from modaverse_training.instructions.sampling import epoch_weights, resampled, shares
from modaverse_training.instructions.stats import statistics

TOOLBOX = Toolbox.default()
FOX = "Here is your picture.\ntext-to-image: a red fox in the snow"


def row(
    request: str = "please paint a red fox in the snow",
    answer: str = FOX,
    *,
    media: tuple[MediaRef, ...] = (),
    name: str = "r",
    family: str = "f",
    before: tuple[Turn, ...] = (),
) -> Row:
    handles = tuple(ref.handle for ref in media)
    turns = (
        Turn(role="user", content=request, handles=handles),
        Turn(role="assistant", content=answer),
    )
    return Row(
        id=name, messages=(*before, *turns), tools=tuple(TOOLBOX), media=media, family=family
    )


def shown(caption: str = "a brown dog on a beach", path: str | None = None) -> MediaRef:
    return MediaRef(handle="image1", modality="image", path=path, caption=caption)


GOOD = [
    row(),
    row("say “Mind the gap”", "Here is your speech.\ntext-to-speech: Mind the gap"),
    row("hello", "Hello!"),
    row("what would this picture sound like?", "Here.\ntext-to-audio: barking", media=(shown(),)),
    row("draw the dog again", "Here.\ntext-to-image: a brown dog on a beach", media=(shown(),)),
    row("two foxes and rain", "Here.\ntext-to-image: two foxes\ntext-to-audio: rain"),
]


@pytest.mark.parametrize("good", GOOD, ids=lambda one: one.request)
def test_the_critic_lets_good_rows_pass(good: Row) -> None:
    assert faults(good, TOOLBOX) == ()


BAD = [
    ("?!", FOX, (), "empty"),
    ("a red fox in the snow " * 80, FOX, (), "long"),
    ("paint a red fox\n\nin the snow", FOX, (), "long"),
    ("Sure, here is the request: a red fox in the snow", FOX, (), "canned"),
    ('{"prompt": "a red fox in the snow"}', FOX, (), "canned"),
    ("text-to-image a red fox in the snow", FOX, (), "canned"),
    ("As an AI I want a red fox in the snow", FOX, (), "canned"),
    ("[image1] a red fox in the snow", FOX, (), "canned"),
    ("a red fox in the snow like image2", FOX, (shown(),), "handle"),
    ("paint an animal", FOX, (), "content: the request does not say"),
    ("paint a blue fox in the snow", FOX, (), "content: the request does not say red"),
    ("paint 3 foxes", "Here.\ntext-to-image: 4 foxes", (), "content: the request does not say 4"),
    ("make a video of a red fox in the snow", FOX, (), "modality"),
    ("let me hear a red fox in the snow", FOX, (), "modality"),
    ("draw a fox", "text-to-picture: a fox", (), "plan"),
    ("draw a fox", 'Here.\ntext-to-image with {"size":3}: a fox', (), "plan"),
    ("draw a fox", "Here.\ntext-to-image from image1: a fox", (), "plan"),
    ("draw a fox", "", (), "plan"),
    (
        "what is the brown dog on that beach doing in this picture?",
        "A brown dog on a beach.",
        (shown(),),
        "leak",
    ),
]


@pytest.mark.parametrize(("request_", "answer", "media", "kind"), BAD)
def test_the_critic_throws_bad_rows_away_and_says_why(
    request_: str, answer: str, media: tuple[MediaRef, ...], kind: str
) -> None:
    found = faults(row(request_, answer, media=media), TOOLBOX)
    assert any(fault.startswith(kind) for fault in found), found


def test_examples_that_the_writer_was_given_are_not_to_be_repeated() -> None:
    example = "hey, got time for a quick sketch of a heron?"
    said = row("got time for a quick sketch of a heron", "Here.\ntext-to-image: a heron")
    assert faults(said, TOOLBOX) == ()
    assert any(f.startswith("canned") for f in faults(said, TOOLBOX, canned=[example]))


def test_references_are_no_content() -> None:
    box = TOOLBOX.only("text-to-speech")
    said = row("read it", "Here.\ntext-to-speech: {#1}")
    assert not any(f.startswith("content") for f in faults(said, box))


@pytest.mark.parametrize(
    ("prompt", "request_", "missing"),
    [
        ("a dog running on the grass", "film a dog that runs on grass", []),
        ("three red balls", "three balls please", ["red"]),
        ("a boat", "a ship", ["boat"]),
        ("one big old wooden house by a lake", "an old wooden house by the lake", []),
    ],
)
def test_lost_words(prompt: str, request_: str, missing: list[str]) -> None:
    assert lost(prompt, request_) == missing


def test_leaked_and_named() -> None:
    assert leaked("a man rides his brown horse", ["a man riding a brown horse"])
    assert not leaked("a man", ["a man", "a woman on a bicycle"])
    assert named_modalities("Draw it and read it aloud") == {"image", "audio"}
    assert named_modalities("a clip") == {"video"}


# ---- plans of several turns
def test_results_of_earlier_turns_have_handles() -> None:
    first = (Turn(role="user", content="draw a fox"), Turn(role="assistant", content=FOX))
    still = "Here.\ntext-to-video: a fox"
    later = (
        *first,
        Turn(role="user", content="film it"),
        Turn(role="assistant", content=still),
    )
    good = row("take a still", "Here.\nvideo-to-image from video1:", before=later)
    assert problems_of(good, TOOLBOX) == ()
    assert [dict(turn.handles) for turn in planned(good, TOOLBOX)] == [
        {},
        {"image1": "image"},
        {"image1": "image", "video1": "video"},
    ]
    bad = row("take a still", "Here.\nvideo-to-image from video2:", before=later)
    assert "video2" in str(problems_of(bad, TOOLBOX)[0])


def test_a_row_of_unknown_tools_is_told() -> None:
    other = row().model_copy(update={"tools": ("my-painter",)})
    assert "my-painter" in str(problems_of(other, TOOLBOX)[0])


@pytest.mark.parametrize(
    ("answer", "out"),
    [
        ("Hello.", "text"),
        (FOX, "image"),
        ("Here.\ntext-to-audio: rain\ntext-to-image: rain", "image+audio"),
        ("Here.\ntext-to-video: a fox\ntext-to-audio: a fox\nadd-soundtrack from #1 #2:", "video"),
        ("text-to-picture: x", "?"),
    ],
)
def test_pairs(answer: str, out: str) -> None:
    assert pair_of(row(answer=answer), TOOLBOX) == ("text", out)
    assert pair_of(row(answer=answer, media=(shown(),)), TOOLBOX) == ("image", out)


# ---- sameness
def test_normal_form() -> None:
    assert normal("  Draw a FOX,\nplease! ") == "draw a fox please"
    assert normal("ﬁne Straße") == "fine strasse"
    assert normal("…") == ""


def test_near_texts_are_found_and_others_are_not() -> None:
    rng = Random(1)
    words = [f"{a}{b}" for a in ("ka", "lo", "mi", "ru", "se") for b in ("n", "r", "t", "x")]
    texts = [" ".join(rng.choices(words, k=14)) for _ in range(300)]
    similar = Similar(0.8)
    for text in texts:
        similar.add(text)
    assert len(similar) == 300
    changed = [text.replace(text.split()[3], "zzz", 1) for text in texts]
    truly = [_jaccard(text, other) >= 0.8 for text, other in zip(texts, changed, strict=True)]
    found = [similar.near(text) for text in changed]
    missed = sum(t and not f for t, f in zip(truly, found, strict=True))
    assert sum(truly) > 20
    assert missed <= 0.1 * sum(truly)
    fresh = [" ".join(rng.choices(words, k=14)) for _ in range(300)]
    assert not any(similar.near(text) for text in fresh if text not in texts)


def _jaccard(one: str, two: str) -> float:
    a, b = set(shingles(one).tolist()), set(shingles(two).tolist())
    return len(a & b) / len(a | b)


def test_groups_are_apart() -> None:
    similar = Similar()
    similar.add("what is in this picture", "a.png")
    assert similar.near("what is in this picture", "a.png")
    assert not similar.near("what is in this picture", "b.png")
    similar.add("")
    assert similar.near("…")


def test_rows_are_the_same_only_about_the_same_media() -> None:
    seen = Seen(0.9)
    asked = (
        "What is in this wonderful picture that I took on my long journey over the mountains, "
        "where nobody speaks my language and the coffee was the best that I ever drank?"
    )
    seen.add(row(asked, "A dog.", media=(shown(path="a.png"),)))
    assert seen.why_not(row(asked.upper(), "a dog", media=(shown(path="a.png"),))) == "duplicate"
    nearly = row(asked.replace("?", "!") + "x", "A dog.", media=(shown(path="a.png"),))
    assert seen.why_not(nearly) == "near-duplicate"
    assert seen.why_not(nearly, exactly=True) == ""
    assert seen.why_not(row(asked, "A dog.", media=(shown(path="b.png"),))) == ""
    only_equal = Seen(1.1)
    only_equal.add(row(asked, "A dog.", media=(shown(path="a.png"),)))
    assert only_equal.why_not(nearly) == ""


# ---- held-out data
def test_held_out_requests_families_and_media(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"one")
    (tmp_path / "copy.png").write_bytes(b"one")
    (tmp_path / "b.png").write_bytes(b"two")
    kept = row(
        "what on earth is to be seen here?", "A dog.", media=(shown(path="a.png"),), family="k"
    )
    write_rows(tmp_path / "kept.jsonl", [kept])
    held = HeldOut()
    held.add_file(tmp_path / "kept.jsonl")
    held.add("Draw a fox")
    assert len(held) == 2

    def why(request: str, **more: object) -> str:
        return held.why_not(row(request, **more), tmp_path)  # type: ignore[arg-type]

    assert why("draw  a FOX!") == "held-out request"
    assert why("draw a box") == ""
    assert why("please make an image for my blog: a box") == "held-out request"  # the matrix
    assert why("so what on earth is to be seen here") == "near held-out request"
    assert why("x", family="k") == "held-out family"
    assert why("x", media=(shown(path="copy.png"),)) == "held-out media"
    assert why("x", media=(shown(path="b.png"),)) == ""
    before = (Turn(role="user", content="draw a fox"), Turn(role="assistant", content="No."))
    assert why("again", before=before) == "held-out request"


def test_files_of_held_out_requests(tmp_path: Path) -> None:
    lines = [
        {"request": "Paint the sea", "history": [["user", "and before"], ["assistant", "x"]]},
        {"prompt": "a photo of a bench", "tag": "single_object"},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n\n")
    (tmp_path / "b.txt").write_text("\ufeffone request\n\nanother request\n")
    held = HeldOut()
    held.add_file(tmp_path / "a.jsonl")
    held.add_file(tmp_path / "b.txt")
    for request in ("paint the sea", "and before", "a photo of a bench", "one request"):
        assert held.why_not(row(request), tmp_path) == "held-out request"
    for content in ("{", '{"text": "x"}', "[]", '{"messages": 3}'):
        (tmp_path / "c.jsonl").write_text(f'{{"request": "x"}}\n{content}\n')
        with pytest.raises(DataError) as caught:
            held.add_file(tmp_path / "c.jsonl")
        assert caught.value.line == 2
    with pytest.raises(DataError, match="cannot be read"):
        held.add_file(tmp_path / "none.txt")


# ---- weights
def test_temperature_evens_out() -> None:
    counts = {"a": 900, "b": 100}
    assert shares(counts, 1) == pytest.approx({"a": 0.9, "b": 0.1})
    assert shares(counts, 2) == pytest.approx({"a": 0.75, "b": 0.25})
    assert shares(counts, math.inf) == pytest.approx({"a": 0.5, "b": 0.5})
    weights = epoch_weights(counts, 2)
    assert weights == pytest.approx({"a": 0.75 * 1000 / 900, "b": 0.25 * 1000 / 100})
    assert sum(weights[g] * n for g, n in counts.items()) == pytest.approx(1000)
    for wrong in (0.5, math.nan, -1):
        with pytest.raises(ConfigError):
            shares(counts, wrong)


def test_resampled_rows_are_balanced_and_repeatable() -> None:
    rows = list(range(100))
    groups = ["a"] * 90 + ["b"] * 10
    drawn = resampled(rows, groups, size=101, temperature=math.inf, seed=1)
    assert len(drawn) == 101
    rare = [n for n in drawn if n >= 90]
    assert len(rare) in (50, 51)
    assert {rare.count(n) for n in range(90, 100)} <= {5, 6}
    common = [n for n in drawn if n < 90]
    assert len(set(common)) == len(common)
    assert drawn == resampled(rows, groups, size=101, temperature=math.inf, seed=1)
    assert drawn != resampled(rows, groups, size=101, temperature=math.inf, seed=2)


# ---- counts
def test_statistics(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    rows = [
        row(),
        row("Please paint a red fox, in the snow.", name="s"),
        row("what?", "A dog.", media=(shown(path="a.png"),), family="g"),
        row("hm", 'Here.\ntext-to-image with {"size":64}: a\ntext-to-audio: b', media=(shown(),)),
        row("x", "no-tool: y"),
    ]
    found = statistics(rows, TOOLBOX, folder=tmp_path)
    assert found.rows == 5
    assert found.pairs == {
        "text -> image": 2,
        "image -> text": 1,
        "image -> image+audio": 1,
        "text -> ?": 1,
    }
    assert found.families == {"f": 4, "g": 1}
    assert found.options == {"text-to-image.size": 1}
    assert found.tools == {"text-to-image": 3, "text-to-audio": 1}
    assert found.calls == {"1": 2, "0": 1, "2": 1}
    assert found.distinct == pytest.approx(4 / 5)
    assert (found.media, found.lacking, found.unplanned) == ({"image": 2}, 1, 1)
    assert (found.requests.longest, found.requests.median) == (8, 1)
    assert found.weights["image -> text"] > found.weights["text -> image"]
    nothing = statistics([], TOOLBOX)
    assert (nothing.rows, nothing.weights, nothing.requests.longest) == (0, {}, 0)


def test_an_answer_that_is_no_plan() -> None:
    with pytest.raises(PlanError):
        list(planned(row(answer="no-such-tool: x"), TOOLBOX))
