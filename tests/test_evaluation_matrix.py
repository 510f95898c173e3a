"""The any-to-any matrix: every outcome of a cell, its examples, its wordings and its picture."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pil

from modaverse.agent import Agent
from modaverse.errors import BackendMissing, DataError, LLMError
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM, ScriptedReply
from modaverse.media import MODALITIES, Audio, Image, Media, Modality, Video
from modaverse.tool import tool
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation import matrix
from modaverse_training.evaluation.figures import mean, wilson
from modaverse_training.evaluation.judges import Judge, WordJudge
from modaverse_training.evaluation.material import FileMaterial, NanoMaterial
from modaverse_training.evaluation.matrix import MatrixSuite
from modaverse_training.evaluation.phrasings import PHRASINGS, is_wording, writer_of
from modaverse_training.evaluation.picture import figures_png, matrix_png
from modaverse_training.evaluation.standins import perceived
from modaverse_training.evaluation.suite import Section
from modaverse_training.nano.lm.corpus import REQUESTS, read_rows

SHADES = {"dog": 50, "fox": 200}  # what a concept looks like


@tool
def paint(prompt: str) -> Image:
    """Paint the prompt."""
    return picture("dog" if "dog" in prompt else "fox")


@tool
def still(prompt: str, video: Video) -> Image:
    """Take a still."""
    return Image(video.frames[0].copy())


@tool
def fail(prompt: str) -> Image:
    """Fail."""
    raise ValueError("no paint")


TOOLBOX = Toolbox([paint, still, fail])


def picture(concept: str) -> Image:
    return Image(np.full((8, 8, 3), SHADES[concept], np.uint8))


class Shades:
    """Tells concepts by their shade."""

    name = "shades"

    def judge(self, value: Media | str) -> Mapping[str, float]:
        assert isinstance(value, Image)
        near = {concept: -abs(shade - value.array.mean()) for concept, shade in SHADES.items()}
        best = max(near, key=lambda concept: near[concept])
        return {concept: float(concept == best) for concept in SHADES}


class Two:
    """Two concepts in words, pictures and videos."""

    fingerprint = "two"

    def concepts(self, given: Modality, wanted: Modality) -> list[str]:
        return [] if given == "audio" else list(SHADES)

    def example(self, concept: str, given: Modality, wanted: Modality, number: int) -> Media | str:
        if given == "text":
            return f"a {concept}"
        shown = picture(concept)
        return shown if given == "image" else Video(np.stack([shown.array] * 2), 8.0)


JUDGES: dict[Modality, Judge] = {
    "text": WordJudge({"dog": ["dog"], "fox": ["fox"]}),
    "image": Shades(),
}


def suite(*replies: ScriptedReply, sees: tuple[Modality, ...] = (), each: int = 2) -> MatrixSuite:
    agent = Agent(ScriptedLLM(replies, repeat=True), TOOLBOX)
    return MatrixSuite(agent, Two(), JUDGES, each=each, sees=frozenset(sees))


def outcome(given: Modality, wanted: Modality, reply: ScriptedReply, **more: object) -> str:
    found = suite(reply, **more).judge(matrix.Task(given, wanted, "dog", 0))  # type: ignore[arg-type]
    return str(found["outcome"])


def test_every_outcome() -> None:
    assert outcome("text", "image", "Here.\npaint: a dog") == "right"
    assert outcome("text", "image", "Here.\npaint: a fox") == "wrong"
    assert outcome("text", "image", "I would rather not.") == "nothing"
    assert outcome("text", "image", "Here.\nfail: a dog") == "failed"
    assert outcome("text", "image", "Here.\npaint with {: a dog") == "failed"
    assert outcome("image", "text", "A dog.", sees=("image",)) == "right"
    assert outcome("image", "text", "A fox, or a dog.", sees=("image",)) == "wrong"


def test_an_llm_that_cannot_look_inside_cannot_unless_a_tool_takes_the_attachment() -> None:
    assert outcome("image", "text", "A dog.") == "cannot"  # a guess is no seeing
    assert outcome("video", "image", "Here.\npaint: a dog") == "cannot"
    assert outcome("video", "image", "Here.\nstill from video1:") == "right"


def test_the_matrix_of_a_blind_llm(tmp_path: Path) -> None:
    llm = ScriptedLLM([answer], repeat=True)
    agent = Agent(llm, TOOLBOX)
    section = MatrixSuite(agent, Two(), JUDGES, each=3).measure(tmp_path, llm={})
    cells = {(cell["in"], cell["out"]): cell for cell in section.data["cells"]}
    assert list(cells) == [(a, b) for a in MODALITIES for b in MODALITIES]
    assert cells["text", "image"]["figure"]["hits"] == (3, 3)
    assert cells["video", "image"]["figure"]["hits"] == (3, 3)
    assert cells["image", "image"]["why"] == "the LLM cannot look inside image"
    assert cells["audio", "text"]["why"] == "there is no example in audio"
    assert cells["text", "video"]["why"] == "there is no judge of video"
    assert section.figures[0].hits == (9, 9)  # and text to text
    assert [figure.hits for figure in section.groups["came through, by wording"]] == [(9, 9)]
    assert "3 of 16 cells measured" in section.notes[0]
    asked = [request.messages[-1].text for request in llm.requests[:3]]
    first = PHRASINGS["text", "text"]
    assert asked == [
        first[0].format("a dog"), first[1].format("a fox"), first[2].format("a dog"),
    ]  # fmt: skip


def answer(request: LLMRequest) -> str:
    """Says and paints what is asked for in words, and takes stills of videos."""
    if "video1" in request.handles:
        return "Here.\nstill from video1:"
    concept = "dog" if "a dog" in request.messages[-1].text else "fox"
    return f"A {concept}.\npaint: a {concept}"


def test_a_matrix_goes_on_where_it_was(tmp_path: Path) -> None:
    measured = suite("Here.\npaint: a dog", LLMError("gone", retryable=True))
    with pytest.raises(LLMError, match="gone"):
        measured.measure(tmp_path, llm={})
    again = suite("Here.\npaint: a dog")
    again.measure(tmp_path, llm={})
    records = [json.loads(line) for line in (tmp_path / "matrix.jsonl").read_text().splitlines()]
    assert len([record for record in records if "id" in record]) == len(again.tasks())
    assert len({record.get("id") for record in records}) == len(records)


def test_what_an_llm_says_of_itself() -> None:
    class Seeing(ScriptedLLM):
        def perceives(self) -> frozenset[str]:
            return frozenset({"image", "smell"})

    assert perceived(Seeing([])) == {"image"}
    assert perceived(ScriptedLLM([])) == frozenset()


# Material and wordings


def test_no_wording_stands_in_a_training_or_test_set() -> None:
    assert is_wording("watch my CLIP and write a one-sentence summary, of what is in it")
    assert is_wording("Would you paint a fox, in the snow for me, please?")
    assert not is_wording("Would you paint: a fox")
    for path in REQUESTS.glob("*.jsonl"):
        if path.stem != "adversarial":
            assert not [row.request for row in read_rows(path) if is_wording(row.request)]


def test_wordings_name_no_concept_and_take_a_text_where_one_is_given() -> None:
    from modaverse_training.evaluation.judges import nano_words

    judge = WordJudge(nano_words())
    for (given, _), several in PHRASINGS.items():
        for wording in several:
            assert ("{}" in wording) == (given == "text")
            named = judge.judge(wording)
            assert given == "text" or not named, (wording, named)


def test_every_wording_is_known_by_its_writer() -> None:
    for pair, several in PHRASINGS.items():
        writers = [writer_of(pair, wording.format("a red dog")) for wording in several]
        assert writers == [writer for writer in dict.fromkeys(writers) for _ in range(3)]
        assert len(set(writers)) == 4
        assert writer_of(pair, "Fetch me a bone") == ""


def test_nano_examples_are_held_out_and_repeatable() -> None:
    pytest.importorskip("modaverse_training.nano.scenes")
    from modaverse_training.nano import scenes

    if not scenes.FONT.is_file():
        pytest.skip("the Noto Color Emoji font is not installed")
    material = NanoMaterial()
    assert len(material.concepts("text", "video")) == 156
    assert len(material.concepts("audio", "text")) == 54
    both = material.concepts("image", "audio")
    assert set(both) == set(material.concepts("video", "audio"))
    assert {"dog", "piano"} <= set(both)
    seen = material.example("dog", "image", "audio", 0)
    assert seen == material.example("dog", "image", "audio", 0)
    assert seen != material.example("dog", "image", "audio", 1)
    assert isinstance(material.example("rocket", "video", "text", 0), Video)
    heard = material.example("rain", "audio", "text", 0)
    assert isinstance(heard, Audio)
    assert heard.seconds == 3.0
    told = material.example("dog", "text", "image", 0)
    assert isinstance(told, str)
    assert "dog" in told


def test_material_of_the_user(tmp_path: Path, small_image: Image) -> None:
    small_image.save(tmp_path / "a.png")
    file = tmp_path / "m.jsonl"
    rows = [
        {"concept": "dog", "text": "a dog"},
        {"concept": "dog", "text": "a big dog"},
        {"concept": "fox", "path": "a.png"},
    ]
    file.write_text("\n".join(map(json.dumps, rows)))
    material = FileMaterial(file)
    assert material.names() == ["dog", "fox"]
    assert list(material.concepts("text", "image")) == ["dog"]
    assert [material.example("dog", "text", "image", n) for n in range(3)] == [
        "a dog", "a big dog", "a dog",
    ]  # fmt: skip
    assert material.example("fox", "image", "text", 0) == small_image
    for broken in ('{"concept": "dog"}', '{"concept": "dog", "text": "a", "path": "b"}', "{"):
        file.write_text(broken)
        with pytest.raises(DataError, match="line 1"):
            FileMaterial(file)
    file.write_text('{"concept": "dog", "path": "none.png"}')
    with pytest.raises(DataError, match="line 1"):
        FileMaterial(file).concepts("image", "text")


# The picture


def test_the_picture_shows_each_cell_in_its_place() -> None:
    section: Section = suite("Here.\npaint: a dog").section([
        {"in": "text", "out": "image", "outcome": "right", "asked": ""},
        {"in": "image", "out": "image", "outcome": "wrong", "asked": "", "concept": "", "plan": ""},
        {"in": "video", "out": "image", "outcome": "cannot"},
    ])  # fmt: skip
    shown = Pil.open(io.BytesIO(matrix_png(section.data["cells"], "of a test")))
    assert shown.format == "PNG"

    def ground(row: int, column: int) -> tuple[int, ...]:
        found = shown.getpixel((2 * (96 + column * 150 + 20), 2 * (64 + row * 84 + 42)))
        assert isinstance(found, tuple)
        return found

    assert ground(0, 1) == (78, 160, 110)  # all right
    assert ground(1, 1) == (214, 96, 77)  # none right
    assert ground(3, 1) == ground(2, 2) == (235, 237, 240)  # cannot; not measured


def test_the_picture_of_figures_has_a_bar_for_each_rate() -> None:
    rates = [wilson("all", 50, 50), wilson("half", 25, 50), wilson("none", 0, 50)]
    long = mean("a name that is far too long to stand beside a bar, so it ends in dots", [1.0, 2.0])
    shown = Pil.open(io.BytesIO(figures_png([("Plans", rates), ("Scores", [long])], "of a test")))
    assert shown.format == "PNG"
    assert shown.size == (2 * 800, 2 * (8 * 24 + 44))
    blue, pale = (76, 120, 168), (238, 242, 246)

    def row(number: int) -> list[Any]:
        """Colours a little above the middle of a line, along a bar of 260 points from 300 on."""
        y = 36 + number * 24 + 24
        return [shown.getpixel((2 * (300 + x), 2 * (y - 5))) for x in (20, 120, 140, 240)]

    assert row(0) == [blue] * 4
    assert row(1) == [blue, blue, pale, pale]
    assert row(2) == [pale] * 4
    white = [shown.getpixel((2 * x, 2 * (36 + 6 * 24))) for x in (2, 12, 302, 420)]
    assert white == [(255, 255, 255)] * 4  # neither a name that runs out of the picture, nor a bar


def test_a_missing_judge_stops_before_anything_is_asked(tmp_path: Path) -> None:
    from modaverse_training.evaluation.judges import NanoSoundJudge

    with pytest.raises(BackendMissing) as caught:
        NanoSoundJudge(tmp_path)
    assert "audio_classifier --out" in caught.value.hint
