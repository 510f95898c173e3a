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
    POSITIONS,
    SIZES,
    drawables,
    plural,
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
    "realistic", "detailed", "simple", "colourful", "friendly", "sleepy", "angry", "proud", "fluffy",
    "single", "round", "majestic", "smiling",
)  # fmt: skip
_DOINGS: Final = (
    "sitting", "standing", "lying", "resting", "waiting", "parked", "sleeping", "smiling", "looking up",
    "playing", "placed", "alone", "shining", "eating",
)  # fmt: skip

#: Label sets of the text encoder, in order; index 0 always means "not said".
LABELS: Final[dict[str, tuple[str, ...]]] = {
    "first": ("", *(c.name for c in drawables())),
    "second": ("", *(c.name for c in drawables())),
    "first_colour": ("", *COLOURS),
    "second_colour": ("", *COLOURS),
    "background": ("", *COLOURS, *PLACES),
    "position": ("", *POSITIONS),
    "size": ("", *SIZES),
    "count": ("", "2", "3"),
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
    parts = [_thing(thing, scene, rng, plain=plain) for thing in scene.things]
    if len(parts) == 2:
        text = rng.choice(("{} and {}", "{} and {}", "{} next to {}", "{} beside {}", "{} with {}"))
        text = text.format(*parts)
    else:
        text = parts[0]
    if not plain and scene.motion is None and rng.random() < 0.2:
        text += " " + rng.choice(_DOINGS)
    tail = [_position(scene, rng), _background(scene, rng)]
    if rng.random() < 0.3:
        tail.reverse()
    if scene.motion is not None:
        tail.insert(0 if rng.random() < 0.8 else len(tail), rng.choice(MOTIONS[scene.motion]))
    text = " ".join([text, *(part for part in tail if part)])
    frames = _FRAMES if scene.motion is None else _VIDEO_FRAMES
    return _cased(rng.choice(frames).format(text), rng)


def held_out_caption(scene: Scene, rng: Random) -> str:
    """A caption of a scene in a wording that training never uses, for judging."""
    text = _thing(scene.things[0], scene, rng, plain=True)
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
        for slot, thing in zip(("first", "second"), scene.things, strict=False):
            values[slot] = thing.concept + 1
            values[slot + "_colour"] = LABELS["first_colour"].index(thing.colour or "")
        values["background"] = LABELS["background"].index(scene.background or "")
        values["position"] = LABELS["position"].index(scene.position or "")
        values["size"] = LABELS["size"].index(scene.size or "")
        values["count"] = scene.count - 1
        values["motion"] = LABELS["motion"].index(scene.motion or "")
    values["sound"] = LABELS["sound"].index(sound)
    values["tempo"] = LABELS["tempo"].index(tempo)
    values["register"] = LABELS["register"].index(register)
    return tuple(values.values())


def _thing(thing: Thing, scene: Scene, rng: Random, *, plain: bool) -> str:
    concept = drawables()[thing.concept]
    own, kinds = words_for(thing.concept)
    noun = concept.name if plain or rng.random() < 0.6 else rng.choice(own)
    if not plain and kinds and rng.random() < 0.12:
        noun = rng.choice(kinds)
    said = []
    if scene.size:
        said.append(rng.choice(SIZES[scene.size]))
    if not plain and rng.random() < 0.2:
        said.append(rng.choice(_MOODS) if rng.random() < 0.7 else rng.choice(wordnet.adjectives()))
    if thing.colour:
        words = (thing.colour,) if plain or rng.random() < 0.8 else COLOUR_WORDS[thing.colour]
        said.append(rng.choice(words or (thing.colour,)))
    if scene.count > 1:
        many = concept.several() if noun == concept.name else plural(noun)
        number = {2: ("two", "2", "a pair of"), 3: ("three", "3")}[scene.count]
        return " ".join([rng.choice(number), *said, many])
    phrase = " ".join([*said, noun])
    article = "an" if phrase[0] in "aeiou" else "a"
    return phrase if rng.random() < 0.15 else f"{rng.choice((article, article, 'the'))} {phrase}"


def _position(scene: Scene, rng: Random) -> str:
    return rng.choice(POSITIONS[scene.position]) if scene.position else ""


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
