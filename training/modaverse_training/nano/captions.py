"""Captions of scenes and sounds in many wordings, with the labels that the text encoder learns."""

from __future__ import annotations

from functools import cache
from random import Random
from typing import Final

from modaverse_training.nano import wordnet
from modaverse_training.nano.concepts import (
    COLOUR_WORDS,
    COLOURS,
    MOTIONS,
    PLACES,
    drawables,
    sounds,
)
from modaverse_training.nano.scenes import Scene, Thing

TEMPOS: Final = {
    "slow": ("slow", "slowly", "calm", "sad"),
    "fast": ("fast", "quick", "lively", "happy"),
}
REGISTERS: Final = {"low": ("low", "deep"), "high": ("high", "high-pitched", "bright")}

_FRAMES: Final = (
    "{}", "{}", "{}", "{}", "a photo of {}", "a picture of {}", "an image of {}", "a drawing of {}",
    "an illustration of {}", "a painting of {}", "a cartoon of {}", "a photograph of {}",
    "an emoji of {}", "an icon of {}",
)  # fmt: skip
_VIDEO_FRAMES: Final = (
    "{}",
    "{}",
    "{}",
    "{}",
    "a video of {}",
    "a clip of {}",
    "an animation of {}",
)
_SOUND_FRAMES: Final = (
    "{}",
    "{}",
    "{}",
    "the sound of {}",
    "a recording of {}",
    "{} sound",
    "{} noise",
)
_MUSIC_FRAMES: Final = (
    "{} music",
    "a {} melody",
    "a {} tune",
    "music played on a {}",
    "{} solo",
    "a song on the {}",
)
#: Wordings for judging alone.
HELD_OUT_FRAMES: Final = (
    "one {}, clearly visible", "{}, as in a storybook", "a scene showing {}", "nothing but {}",
    "my favourite: {}", "look, {}!",
)  # fmt: skip
_MOODS: Final = (
    "cute", "happy", "funny", "beautiful", "pretty", "nice", "old", "young", "shiny", "lovely",
    "realistic", "detailed", "simple", "colourful", "friendly", "sleepy", "angry", "proud",
    "fluffy", "single", "round", "majestic", "smiling",
)  # fmt: skip
_DOINGS: Final = (
    "sitting", "standing", "lying", "resting", "waiting", "parked", "sleeping", "smiling",
    "looking up", "playing", "placed", "alone", "shining", "eating",
)  # fmt: skip

#: Label sets of the text encoder, in order; index 0 always means "not said".
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "thing": ("", *(concept.name for concept in drawables())),
    "colour": ("", *COLOURS),
    "background": ("", *COLOURS, *PLACES),
    "motion": ("", *MOTIONS),
    "sound": ("", *sounds()),
    "tempo": ("", *TEMPOS),
    "register": ("", *REGISTERS),
}


@cache
def words_for(concept: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A concept's own words, and WordNet's kinds of it that no other concept claims."""
    own = (drawables()[concept].name, *drawables()[concept].words)
    return own, tuple(word for word in _kinds()[concept] if word not in _claimed())


@cache
def _kinds() -> tuple[tuple[str, ...], ...]:
    return tuple(wordnet.kinds_of(concept.name) for concept in drawables())


@cache
def _claimed() -> frozenset[str]:
    """Words that mean more than one concept, or another concept's own name."""
    seen: set[str] = set()
    twice: set[str] = {word for c in drawables() for word in (c.name, *c.words)}
    for kinds in _kinds():
        twice |= seen & set(kinds)
        seen |= set(kinds)
    return frozenset(twice | set(COLOURS))


def caption(scene: Scene, rng: Random, *, plain: bool = False) -> str:
    """One of the many captions of a scene; `plain` leaves out moods, doings and rare words."""
    text = _thing(scene.thing, rng, plain=plain)
    if not plain and scene.motion is None and rng.random() < 0.2:
        text += " " + rng.choice(_DOINGS)
    tail = [_background(scene, rng)]
    if scene.motion is not None:
        tail.insert(0 if rng.random() < 0.8 else 1, rng.choice(MOTIONS[scene.motion]))
    text = " ".join([text, *(part for part in tail if part)])
    frames = _FRAMES if scene.motion is None else _VIDEO_FRAMES
    return _cased(rng.choice(frames).format(text), rng)


def held_out_caption(scene: Scene, rng: Random) -> str:
    """A caption of a scene in a wording that training never uses, for judging."""
    text = _thing(scene.thing, rng, plain=True)
    doing = rng.choice(MOTIONS[scene.motion]) if scene.motion else ""
    tail = " ".join(part for part in (doing, _background(scene, rng)) if part)
    return rng.choice(HELD_OUT_FRAMES).format(f"{text} {tail}".strip())


def sound_caption(sound: str, tempo: str, register: str, rng: Random, *, music: bool) -> str:
    """One of the many captions of a sound: its name, tempo and register ("" where not said)."""
    text = rng.choice(sounds()[sound]) if rng.random() < 0.7 else sounds()[sound][0]
    said = [rng.choice(TEMPOS[tempo])] if tempo else []
    said += [rng.choice(REGISTERS[register])] if register else []
    rng.shuffle(said)
    if rng.random() < 0.12:
        said.append(rng.choice(("loud", "quiet", "soft", "gentle", "distant", "beautiful", "nice")))
    frame = rng.choice(_MUSIC_FRAMES if music and rng.random() < 0.5 else _SOUND_FRAMES)
    article = rng.choice(("", "", "a ")) if frame == "{}" else ""
    text = (
        " ".join([*said, frame.format(text)])
        if rng.random() < 0.5
        else frame.format(" ".join([*said, text]))
    )
    return _cased(article + text, rng)


def labels(
    scene: Scene | None = None, *, sound: str = "", tempo: str = "", register: str = ""
) -> tuple[int, ...]:
    """The label indices of a scene or a sound, one for each entry of `LABELS`."""
    values = dict.fromkeys(LABELS, 0)
    if scene is not None:
        values["thing"] = scene.thing.concept + 1
        values["colour"] = LABELS["colour"].index(scene.thing.colour or "")
        values["background"] = LABELS["background"].index(scene.background or "")
        values["motion"] = LABELS["motion"].index(scene.motion or "")
    values["sound"] = LABELS["sound"].index(sound)
    values["tempo"] = LABELS["tempo"].index(tempo)
    values["register"] = LABELS["register"].index(register)
    return tuple(values.values())


def _thing(thing: Thing, rng: Random, *, plain: bool) -> str:
    concept = drawables()[thing.concept]
    own, kinds = words_for(thing.concept)
    noun = concept.name if plain or rng.random() < 0.6 else rng.choice(own)
    if not plain and kinds and rng.random() < 0.12:
        noun = rng.choice(kinds)
    said = []
    if not plain and rng.random() < 0.2:
        said.append(rng.choice(_MOODS) if rng.random() < 0.7 else rng.choice(wordnet.adjectives()))
    if thing.colour:
        words = (thing.colour,) if plain or rng.random() < 0.8 else COLOUR_WORDS[thing.colour]
        said.append(rng.choice(words or (thing.colour,)))
    phrase = " ".join([*said, noun])
    article = "an" if phrase[0] in "aeiou" else "a"
    return phrase if rng.random() < 0.15 else f"{rng.choice((article, article, 'the'))} {phrase}"


def _background(scene: Scene, rng: Random) -> str:
    name = scene.background
    if name is None:
        return ""
    if name in PLACES:
        return rng.choice(PLACES[name])
    colour = rng.choice((name, name, *COLOUR_WORDS[name]))
    article = "an" if colour[0] in "aeiou" else "a"
    patterns = (
        "on {1} {0} background",
        "on {0}",
        "with {1} {0} background",
        "against {1} {0} background",
    )
    return rng.choice(patterns).format(colour, article)


def _cased(text: str, rng: Random) -> str:
    """Now and then a capital or a full stop, as people write."""
    if rng.random() < 0.2:
        text = text[0].upper() + text[1:]
    return text + "." if rng.random() < 0.12 else text
