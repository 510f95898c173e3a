"""What the words of edits and motions ask for: a table of instructions, read as a person would."""

from __future__ import annotations

from pathlib import Path

import pytest

from modaverse_tools.nano_edits import CAMERA, COLOURS, Edit, motion_of, read, remark
from modaverse_tools.nano_open import MOTIONS
from modaverse_training.nano import concepts

CASES = [
    line.split("|")
    for line in Path(__file__).with_name("nano_edit_cases.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]
MOVES = {
    "moving to the right": ("the dog runs to the right", "the red car drives off", "the cat walks"),
    "moving to the left": ("move it left", "the ship should sail to the left"),
    "rising": ("fly up", "the rocket takes off", "the balloon rises slowly", "the bird flies"),
    "falling": ("the leaf falls", "let it sink", "the apple drops"),
    "bouncing": ("let the fox jump", "hopping around"),
    "spinning": ("make it spin", "rotate the star", "don't jump, spin", "it turns around"),
    "growing": ("it grows", "coming closer", "make the dog bigger and bigger"),
    "shrinking": ("it gets smaller", "let it disappear", "go away"),
    "shaking": ("it trembles with cold", "dancing", "make it wiggle"),
    "swinging": ("swinging like a pendulum", "let it sway"),
    "zoom in": ("zoom in", "zoom into the picture slowly"),
    "zoom out": ("zoom out slowly",),
    "pan right": ("pan over it from left to right",),
    "pan left": ("pan to the left",),
    "pan up": ("the camera moves up",),
    "pan down": ("the camera goes down",),
}


def short(edit: Edit) -> str:
    """An edit as the table writes it: factors and strengths by their sign."""
    value = edit.value
    if isinstance(value, float):
        least = 1 if edit.kind in ("size", "light") else 0
        value = f"{value:g}" if edit.kind == "turn" else "+" if value > least else "-"
    return f"{edit.kind}:{value}".replace(" ", "-") + (
        "" if edit.where == "all" else f"@{edit.where}"
    )


@pytest.mark.parametrize(("prompt", "wanted"), CASES)
def test_instructions_are_understood(prompt: str, wanted: str) -> None:
    assert {short(edit) for edit in read(prompt)} == set(wanted.split())


@pytest.mark.parametrize("name", concepts.COLOURS)
def test_all_colours_are_those_of_training(name: str) -> None:
    assert COLOURS.keys() == concepts.COLOURS.keys()
    assert COLOURS[name] == concepts.COLOURS[name]
    for word in (name, *concepts.COLOUR_WORDS[name]):
        assert read(f"make it {word}") == (Edit("colour", name),)


@pytest.mark.parametrize("name", concepts.PLACES)
def test_all_wordings_of_places_are_known(name: str) -> None:
    for wording in concepts.PLACES[name]:
        assert read(f"the dog {wording}") == (Edit("ground", name),), wording


def test_all_things_can_be_put_in_another_ones_place() -> None:
    missed = [
        thing.name
        for thing in concepts.drawables()
        if Edit("thing", thing.name) not in read(f"turn it into a {thing.name}")
    ]
    assert not missed


@pytest.mark.parametrize("name", MOVES)
def test_motions_are_understood(name: str) -> None:
    assert name in (*MOTIONS, *CAMERA)
    assert {motion_of(prompt) for prompt in MOVES[name]} == {name}


@pytest.mark.parametrize(("name", "wording"), [*zip(concepts.MOTIONS, MOTIONS, strict=True)])
def test_wordings_of_training_name_their_motion(name: str, wording: str) -> None:
    missed = [told for told in concepts.MOTIONS[name] if motion_of(told) != wording]
    # "zooming in" is the camera's business where there is a picture
    assert set(missed) <= {"zooming in", "zooming out"}


@pytest.mark.parametrize("prompt", ["animate it", "bring it to life", "turn this into a video"])
def test_no_motion_is_none(prompt: str) -> None:
    assert motion_of(prompt) is None


def test_of_a_whole_book_only_the_beginning_is_read() -> None:
    assert read("make it red " + "and so on " * 10_000) == read("make it red")
    assert read("on and on " * 10_000 + "make it red") == ()


def test_more_and_less_are_told_apart() -> None:
    (little,), (plain,), (much,) = (read(f"{how}bigger") for how in ("a bit ", "", "much "))
    assert 1 < float(little.value) < float(plain.value) < float(much.value)


def test_a_remark_tells_what_nano_can_do_and_shortens_what_was_said() -> None:
    told = remark("straighten  the\ntower " + 40 * "very ")
    assert "recolour" in told
    assert 'in "straighten the tower very' in told
    assert "…" in told
    assert len(told) < 250
