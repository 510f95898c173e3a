"""What nano was taught: its words are those of training, and a prompt without any is told of."""

from __future__ import annotations

import json
from random import Random

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, OK, streams
from modaverse.errors import ToolError
from modaverse.tool import Context
from modaverse_tools import nano_several
from modaverse_tools.diffusion import TextToAudio, TextToImage, TextToVideo
from modaverse_tools.nano_words import FILE, Kind, knows, names_any, remark
from modaverse_training.nano import captions, scenes, wordnet, words
from modaverse_training.nano.concepts import drawables, sounds

needs_wordnet = pytest.mark.skipif(
    not (wordnet.FOLDER / "data.noun").is_file(), reason="WordNet is not installed"
)


@needs_wordnet
def test_the_words_that_ship_are_those_of_training() -> None:
    shipped = json.loads(FILE.read_text(encoding="utf-8"))
    assert shipped == words.taught(), "run: python -m modaverse_training.nano.words"


def test_nothing_that_ships_is_a_slur() -> None:
    shipped = json.loads(FILE.read_text(encoding="utf-8"))
    said = [word for entries in shipped.values() for words in entries.values() for word in words]
    assert len(said) > 4000
    assert all(wordnet.fit(word) for word in said)


def test_what_wordnet_marks_and_compounds_of_slurs_are_not_fit() -> None:
    assert wordnet.fit("raccoon", "an omnivorous mammal; its name is no slur")
    assert not wordnet.fit("anything", "(ethnic slur) a word for somebody")
    assert not wordnet.fit("anything", "offensive term for somebody")
    assert not wordnet.fit("two gringos")


def test_every_concept_is_known_by_all_its_own_words() -> None:
    assert knows("image") == knows("video") == tuple(concept.name for concept in drawables())
    assert knows("audio") == tuple(sounds())
    for concept in drawables():
        for word in (concept.name, *concept.words, concept.several()):
            assert names_any("image", f"three little {word}, please"), word
    for names in sounds().values():
        for word in names:
            assert names_any("audio", f"a loud {word}"), word


@needs_wordnet
def test_no_caption_of_training_is_remarked_on() -> None:
    rng = Random(5)
    for _ in range(500):
        scene = scenes.training_scene(rng)
        text = captions.caption(scene, rng)
        seen: Kind = "video" if scene.motion else "image"
        assert not remark(seen, text), text
        assert not nano_several.remark(seen, text), text
        name = rng.choice(list(sounds()))
        text = captions.sound_caption(name, "slow", "high", rng, music=rng.random() < 0.5)
        assert not remark("audio", text), text


@pytest.mark.parametrize(
    ("kind", "prompt"),
    [
        ("image", "TWO MICE!"),
        ("image", "the wolf's den"),
        ("image", "fallen leaves"),
        ("image", "a snow-man"),
        ("image", "tee-shirts"),
        ("image", "stars in the sky"),
        ("image", "a plate with doughnuts"),
        ("video", "a flying dragon and horses"),
        ("audio", "wolves howl"),
        ("audio", "a wave is crashing"),
        ("audio", "the crowd claps"),
        ("audio", "someone knocked"),
        ("audio", "it rained"),
    ],
)
def test_other_forms_of_a_word_are_known(kind: Kind, prompt: str) -> None:
    assert names_any(kind, prompt)


@pytest.mark.parametrize(
    ("kind", "prompt"),
    [
        ("image", "a lighthouse"),
        ("image", "Einstein"),
        ("image", "a lighthouse among the stars"),
        ("image", "a lamppost above the clouds"),
        ("video", "a windmill turning"),
        ("audio", "a duck"),
        ("audio", "jazz"),
        ("image", "ein Leuchtturm"),
        ("image", "灯台"),
    ],
)
def test_what_was_not_taught_is_not_known(kind: Kind, prompt: str) -> None:
    assert not names_any(kind, prompt)


def test_the_remark_is_one_sentence_that_says_where_the_list_is() -> None:
    told = remark("image", "a lighthouse\nfar away " * 9)
    assert told.startswith(
        f'nano draws {len(drawables())} things and none of them is named in "a l'
    )
    assert "…" in told
    assert "\n" not in told
    assert told.endswith("modaverse tools show text-to-image lists them")
    assert f"nano makes {len(sounds())} sounds" in remark("audio", "a duck")


def test_nano_tells_a_note_and_other_models_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    monkeypatch.setattr("modaverse_tools.pipeline.Pipeline.run", stop)
    for kind in (TextToImage, TextToVideo, TextToAudio):
        for model, prompt, count in (
            ("nano", "a lighthouse", 1),
            ("nano", "a bell", 0),
            ("nano", "a bell beside a chair", int(kind is not TextToAudio)),
            ("some/model", "a lighthouse", 0),
        ):
            told: list[str] = []
            tool = kind(model)
            with pytest.raises(ToolError, match="Stopped"):
                tool.call(prompt, context=Context(note=told.append))
            assert len(told) == count, (kind, model, prompt)
    assert TextToImage("some/model").knows == ()


def test_tools_show_lists_what_nano_knows(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "prepare", lambda: None)
    assert main(["tools", "show", "text-to-audio"]) == OK
    told = capsys.readouterr().out
    assert ", ".join(sounds()) in told
    assert "runs here" in told
    assert main(["tools", "show", "text-to-image", "--tool", "text-to-image=x/y", "--json"]) == OK
    assert json.loads(capsys.readouterr().out)["knows"] == []
    assert main(["tools", "show", "text-to-imag"]) == ERROR
    assert "did you mean text-to-image?" in capsys.readouterr().err
