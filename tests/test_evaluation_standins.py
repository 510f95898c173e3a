"""Stand-ins: who is given which, that files and blind LLMs are left alone, what the report says."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from modaverse.agent import Agent
from modaverse.errors import ConfigError
from modaverse.llm.base import Message
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import MODALITIES, Audio, Image, Media, Modality, Video, modality_of
from modaverse.toolbox import Toolbox
from modaverse_training.evaluation import plans, standins
from modaverse_training.evaluation.cases import Case, case_of, request_of
from modaverse_training.evaluation.evaluate import EvaluationSettings, evaluate
from modaverse_training.evaluation.plans import Planner
from modaverse_training.evaluation.rows import RowSuite
from modaverse_training.evaluation.standins import drawn, standin
from modaverse_training.evaluation.suite import Section
from modaverse_training.nano.lm import evaluate as nano
from modaverse_training.nano.lm.rows import Row

TOOLBOX = Toolbox.default()
MEDIA: tuple[Modality, ...] = ("image", "audio", "video")
ROW = {
    "request": "Now put audio2 under the clip",
    "text": "Here is video1 with audio2.",
    "calls": ["add-soundtrack from video1 audio2:"],
    "attachments": ["video", "audio2"],
    "history": [["user", "A barking dog"], ["assistant", "Here.\ntext-to-audio: a barking dog"]],
}
TALK = {"request": "hello", "text": "Hello!", "calls": []}


class Perceiving(ScriptedLLM):
    """An LLM that looks into some modalities, and remembers what it was given."""

    def __init__(self, *modalities: Modality) -> None:
        super().__init__(["Hm."], repeat=True)
        self.modalities = frozenset(modalities)

    def perceives(self) -> frozenset[Modality]:
        return self.modalities

    @property
    def given(self) -> list[dict[str, Modality]]:
        """The modalities of the media of each request, by handle."""
        return [
            {handle: modality_of(value) for handle, value in request.media.items()}
            for request in self.requests
        ]


def suite(llm: ScriptedLLM, *cases: Case, sees: frozenset[Modality] | None = None) -> RowSuite:
    return RowSuite(Planner(llm), cases, TOOLBOX, sees=sees)


def measured(rows: RowSuite, folder: Path, *, limit: int = 0) -> Section:
    return rows.measure(folder, llm={"llm": "fake"}, limit=limit)


@pytest.mark.parametrize("modality", MEDIA)
def test_a_stand_in_is_always_the_same_and_differs_by_name(modality: Modality) -> None:
    first, again, other = (standin(modality, name) for name in ("rows-1", "rows-1", "rows-2"))
    assert modality_of(first) == modality
    assert first == again
    assert first != other


def test_a_picture_is_one_shape_on_a_ground() -> None:
    for name in map(str, range(30)):
        picture = standin("image", name)
        assert isinstance(picture, Image)
        assert (picture.height, picture.width) == (64, 64)
        colours = np.unique(picture.array.reshape(-1, 3), axis=0)
        assert len(colours) == 2
        ink = (picture.array != picture.array[0, 0]).any(-1)
        assert 200 <= ink.sum() <= 1000  # of 4096 pixels
        assert ink[32, 32]


def test_a_tone_lasts_a_second_and_a_clip_two_in_which_the_shape_moves() -> None:
    tone, clip = standin("audio", "a"), standin("video", "a")
    assert isinstance(tone, Audio)
    assert (tone.rate, tone.seconds, tone.samples.shape) == (16_000, 1.0, (16_000, 1))
    assert 0.4 < np.abs(tone.samples).max() <= 0.5
    assert tone.samples[0] == tone.samples[-1] == 0  # no click
    assert isinstance(clip, Video)
    assert (clip.frames.shape, clip.fps, clip.audio) == ((16, 64, 64, 3), 8.0, None)
    columns = [np.nonzero((f != f[0, 0]).any((0, 2)))[0].mean() for f in clip.frames]
    assert all(before < after for before, after in pairwise(columns))


def test_of_text_there_is_none() -> None:
    with pytest.raises(ValueError, match="no stand-in of text"):
        standin("text", "a")


def test_an_llm_that_perceives_is_given_what_is_attached_and_not_what_was_made() -> None:
    llm = Perceiving(*MEDIA)
    case = case_of(ROW, "rows-1")
    record = suite(llm, case).judge(case)
    assert llm.given == [{"video1": "video", "audio2": "audio"}]
    assert set(llm.requests[0].handles) == {"video1", "audio1", "audio2"}
    assert record["standins"] == ("video1", "audio2")


def test_only_of_what_it_perceives_and_to_a_blind_one_nothing() -> None:
    case = case_of(ROW, "rows-1")
    hears, blind = Perceiving("audio"), ScriptedLLM(["Hm."])
    suite(hears, case).judge(case)
    assert hears.given == [{"audio2": "audio"}]
    record = suite(blind, case).judge(case)
    assert blind.requests[0].media == {}
    assert record["standins"] == ()


def test_what_is_said_of_the_llm_stands_above_what_it_says() -> None:
    case = case_of(ROW, "rows-1")
    llm = Perceiving(*MEDIA)
    suite(llm, case, sees=frozenset({"video"})).judge(case)
    suite(llm, case, sees=frozenset()).judge(case)
    assert llm.given == [{"video1": "video"}, {}]
    unasked = ScriptedLLM(["Hm."])
    suite(unasked, case, sees=frozenset(MODALITIES)).judge(case)
    assert set(unasked.requests[0].media) == {"video1", "audio2"}


def test_attachments_of_earlier_messages_differ_from_those_of_the_last() -> None:
    case = Case(
        "1",
        (
            Message("user", "What is this?", ("image1",)),
            Message("assistant", "A square."),
            Message("user", "And this?", ("image2", "text1")),
        ),
        "A disc.",
        handles={"image1": "image", "image2": "image", "text1": "text", "image3": "image"},
    )
    llm = Perceiving(*MODALITIES)
    suite(llm, case).judge(case)
    media = llm.requests[0].media
    assert set(media) == {"image1", "image2"}  # nobody attached image3
    assert media["image1"] != media["image2"]


def test_files_are_kept(tmp_path: Path, small_image: Image) -> None:
    small_image.save(tmp_path / "a.png")
    case = Case(
        "1",
        (Message("user", "Which is larger?", ("image1", "image2")),),
        "The first.",
        handles={"image1": "image", "image2": "image"},
        files={"image1": tmp_path / "a.png"},
    )
    given = request_of(case, ScriptedLLM([]), TOOLBOX, sees={"image"}).media
    assert given == {"image1": small_image, "image2": standin("image", "1/image2")}
    assert request_of(case, ScriptedLLM([]), TOOLBOX).media == {"image1": small_image}


def test_the_plain_measure_of_the_nano_model_gives_none() -> None:
    llm = Perceiving(*MEDIA)
    row = Row("What is in it?", "A disc.", attachments=("image",))
    assert nano.judge(llm, row, TOOLBOX).standins == ()
    assert llm.given == [{}]


def test_the_report_says_of_which_modalities_there_were(tmp_path: Path) -> None:
    cases = (case_of(TALK, "rows-1"), case_of(ROW, "rows-2"))
    told = " ".join(measured(suite(Perceiving(*MEDIA), *cases), tmp_path / "a").notes)
    assert "Stand-ins were attached in 1 of 2 rows" in told
    assert "no file of them: audio, video." in told
    again = suite(llm := Perceiving(*MEDIA), *cases)  # verdicts come from the journal alone
    assert " ".join(measured(again, tmp_path / "a").notes) == told
    assert llm.requests == []
    first = measured(suite(Perceiving(*MEDIA), *cases), tmp_path / "b", limit=1)
    blind = measured(suite(ScriptedLLM(["Hm."] * 2), *cases), tmp_path / "c")
    assert "Stand-ins" not in " ".join((*first.notes, *blind.notes))


def test_verdicts_with_and_without_are_never_mixed(tmp_path: Path) -> None:
    cases = (case_of(TALK, "rows-1"), case_of(ROW, "rows-2"))
    with_all = suite(Perceiving(*MEDIA), *cases)
    without = suite(Perceiving(*MEDIA), *cases, sees=frozenset())
    assert with_all.run()["standins"] == ["audio", "video"]
    assert suite(ScriptedLLM([]), *cases).run() == without.run()  # what a blind one had is kept
    for number, (first, second) in enumerate(((with_all, without), (without, with_all))):
        measured(first, tmp_path / str(number))
        with pytest.raises(ConfigError, match="another run"):
            measured(second, tmp_path / str(number))
    nothing_attached = suite(Perceiving(*MEDIA), cases[0])
    assert nothing_attached.run() == suite(ScriptedLLM([]), cases[0]).run()


def test_the_verdicts_also_hang_on_how_stand_ins_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    case = case_of(ROW, "rows-1")
    before, kinds = suite(Perceiving(*MEDIA), case).run(), [drawn([kind]) for kind in MEDIA]
    assert len(set(kinds)) == 3
    monkeypatch.setattr(standins, "_SIZE", 32)
    assert [drawn([kind]) == old for kind, old in zip(MEDIA, kinds, strict=True)] == [
        False,
        True,  # a tone has no size
        False,
    ]
    assert suite(Perceiving(*MEDIA), case).run()["rows"] != before["rows"]


@pytest.mark.parametrize(
    ("sees", "given"),
    [(None, {"video1": "video", "audio2": "audio"}), ((), {}), (("audio",), {"audio2": "audio"})],
)
def test_the_option_reaches_the_suite(
    tmp_path: Path, sees: tuple[Modality, ...] | None, given: dict[str, Modality]
) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.write_text(json.dumps(ROW))
    llm = Perceiving("audio", "video")
    evaluate(Agent(llm), EvaluationSettings(out=tmp_path / "out", rows=(rows,), sees=sees))
    assert llm.given == [given]
    notes = json.loads((tmp_path / "out" / "report.json").read_text())["suites"][0]["notes"]
    assert any("Stand-ins" in note for note in notes) is bool(given)


def test_an_agent_gives_the_same_for_real_files() -> None:
    """The same handles with the same media as if a person had attached them."""
    case = case_of({**ROW, "history": [], "attachments": ["video", "audio"]}, "rows-1")
    case_llm, user_llm = Perceiving(*MEDIA), Perceiving(*MEDIA)
    plans.judge(Planner(case_llm), case, TOOLBOX, sees=frozenset(MEDIA))
    given: dict[str, Media] = dict(case_llm.requests[0].media)
    Agent(user_llm).plan(case.request.replace("audio2", "audio1"), list(given.values()))
    assert user_llm.requests[0].media == given
    assert user_llm.requests[0].handles == case_llm.requests[0].handles
    assert user_llm.requests[0].messages[0].handles == case_llm.requests[0].messages[0].handles
