"""The nano suite's own concepts as a set: scenes, sounds and motions, rendered or only told of.

Where a folder for files is given, pictures, sounds and videos are rendered there just as the
nano models learned them; a file that is there is not made again. Scenes that the nano suite holds
out for judging are the test split here.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from modaverse.errors import BackendMissing
from modaverse_training.instructions.items import Item, Split, split_of
from modaverse_training.instructions.readers.base import Files, Request
from modaverse_training.instructions.workshop import a
from modaverse_training.nano import scenes
from modaverse_training.nano.concepts import MOTIONS, PLACES, drawables, sounds, usual_colours

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse_training.nano.synthesis import Take

__all__ = ["SEEN", "SOUNDING", "concepts"]

_COUNT = 3000  # items of each modality if nobody says how many
_TOGETHER = 200  # sounds that are rendered at once
_FPS = 8.0
_CAPTIONS = 3  # of an item
_TINTED = 0.5  # of the things: those in one colour are the hardest to name

# drawing | the sound that belongs to it, by the names of the two lists
SOUNDING: dict[str, str] = {
    "dog": "dog", "cat": "cat", "cow": "cow", "chicken": "rooster", "bird": "bird", "frog": "frog",
    "bee": "bee", "owl": "owl", "wolf": "wolf", "horse": "horse", "fire": "fire", "train": "train",
    "helicopter": "helicopter", "alarm clock": "alarm", "phone": "phone", "bell": "bell",
    "piano": "piano", "guitar": "guitar", "violin": "violin", "trumpet": "trumpet", "drum": "drums",
    "car": "engine", "truck": "engine", "bus": "horn", "police car": "siren",
    "ambulance": "siren", "fire engine": "siren", "volcano": "explosion",
}  # fmt: skip
# sound | what is seen where it is heard, if there is no drawing of its name
SEEN: dict[str, str] = {
    "rooster": "a rooster", "cricket": "a cricket", "rain": "rain", "thunder": "a thunderstorm",
    "wind": "trees in the wind", "waves": "waves", "stream": "a stream", "engine": "a car",
    "siren": "an ambulance", "clock": "a clock", "alarm": "an alarm clock", "knock": "a door",
    "footsteps": "a person walking", "applause": "a clapping crowd", "heartbeat": "a heart",
    "typing": "a laptop", "explosion": "an explosion", "laser": "a laser gun", "horn": "a car",
    "whistle": "a whistle", "drums": "a drum", "bass": "a bass guitar", "choir": "a choir",
}  # fmt: skip
_SPEAKING = 30  # sounds for one of a voice
_VOICE = ("somebody speaking", "a person talking", "a voice", "a speaking voice")
_TEMPOS = {"": "", "slow": "slow", "fast": "fast"}
_REGISTERS = {"": "", "low": "low", "high": "high-pitched"}


def concepts(request: Request, files: Files) -> Iterator[Item]:
    """Items of the nano suite: `request.count` pictures, and as many sounds and videos; voices.

    Raises:
        BackendMissing: Something is to be rendered, and the emoji font, FluidSynth or, for voices,
            WordNet is missing.
    """
    count = request.count or _COUNT
    yield from _pictures(request, count, video=False)
    yield from _sounds(request, count)
    yield from _voices(request, count // _SPEAKING)
    yield from _pictures(request, count, video=True)


def _pictures(request: Request, count: int, *, video: bool) -> Iterator[Item]:
    """Pictures, or videos, of every drawable thing in equal shares."""
    kind = "video" if video else "image"
    for number in range(count):
        rng = Random(f"{request.seed} {kind} {number}")
        concept = number % len(drawables())
        scene = scenes.sample_scene(rng, concept=concept, video=video, tinted=_TINTED)
        thing = drawables()[concept]
        heard = SOUNDING.get(thing.name)
        yield Item(
            key=f"{kind} {number}",
            modality="video" if video else "image",
            captions=tuple(_told(scene, rng) for _ in range(_CAPTIONS)),
            path=_picture_file(request, scene, number),
            name=thing.name,
            plural=thing.several(),
            facts=_facts(scene, rng),
            elsewhere={"audio": sounds()[heard][:3] if heard else ()},
            split="test" if scenes.held_out(scene) else _split(f"{kind} {number}"),
            source="concepts",
        )


def _told(scene: scenes.Scene, rng: Random) -> str:
    """A caption of a scene: all that it says, in plain words."""
    name = drawables()[scene.thing.concept].name
    words = [a(f"{scene.thing.colour} {name}" if scene.thing.colour else name)]
    if scene.motion:
        words.append(rng.choice(MOTIONS[scene.motion]))
    if scene.background:
        words.append(_ground(scene.background, rng))
    return " ".join(words)


def _ground(background: str, rng: Random) -> str:
    """Where a thing is, in plain words."""
    if background in PLACES:
        return rng.choice(PLACES[background])
    return f"on {a(background)} background"


def _facts(scene: scenes.Scene, rng: Random) -> dict[str, str]:
    """What answers questions about the thing of a scene, each kind with an opening of its own.

    A small model that begins every answer alike goes on with a fact of another kind.
    """
    name, background = drawables()[scene.thing.concept].name, scene.background
    ground = _ground(background, rng) if background else "on a plain background"
    facts = {
        "colour": f"The colour is {scene.thing.colour or usual_colours()[name]}.",
        "place": f"The scene is {ground}.",
        "count": f"There is one {name}.",
    }
    if scene.motion:
        facts["doing"] = f"The thing is {rng.choice(MOTIONS[scene.motion])}."
    return facts


def _picture_file(request: Request, scene: scenes.Scene, number: int) -> str | None:
    """The file of a picture or video, rendered if it is not there; None without a folder."""
    if request.cache is None:
        return None
    what = f"{request.seed} {scene}"
    name = f"{'video' if scene.motion else 'image'}-{number:05}-{zlib.crc32(what.encode()):08x}"
    file = request.cache / f"{name}{'.mp4' if scene.motion else '.png'}"
    if not file.is_file():
        from modaverse.media import Image, Video

        rng = Random(what)
        request.cache.mkdir(parents=True, exist_ok=True)
        if scene.motion:
            Video(scenes.film(scene, rng), _FPS).save(file)
        else:
            Image(scenes.draw(scene, rng)).save(file)
    return str(file)


def _sounds(request: Request, count: int) -> Iterator[Item]:
    """Sounds of the list in equal shares, slow and fast, low and high."""
    from modaverse_training.nano.synthesis import sample_takes

    takes = sample_takes(count, request.seed)
    for start in range(0, count, _TOGETHER):
        part = takes[start : start + _TOGETHER]
        paths = _sound_files(request, part, start)
        for number, (take, path) in enumerate(zip(part, paths, strict=True), start):
            rng = Random(f"{request.seed} audio {number}")
            yield Item(
                key=f"audio {number}",
                modality="audio",
                captions=tuple(_heard(take, rng) for _ in range(_CAPTIONS)),
                path=path,
                name=take.sound,
                elsewhere={"image": (_seen(take.sound),), "video": (_seen(take.sound),)},
                split=_split(f"audio {number}"),
                source="concepts",
            )


def _heard(take: Take, rng: Random) -> str:
    """A caption of a sound: what it is, its tempo and register where it has some."""
    words = [_TEMPOS[take.tempo], _REGISTERS[take.register], rng.choice(sounds()[take.sound][:3])]
    return " ".join(word for word in words if word)


@cache
def _seen(sound: str) -> str:
    """What is seen where a sound is heard."""
    drawn = {concept.name for concept in drawables()}
    return a(sound) if sound in drawn else SEEN.get(sound, a(sound))


def _sound_files(request: Request, takes: Sequence[Take], start: int) -> list[str | None]:
    """The files of these sounds, rendered if they are not there; Nones without a folder."""
    if request.cache is None:
        return [None] * len(takes)
    folder = request.cache
    files = [
        folder / f"audio-{number:05}-{zlib.crc32(repr(take).encode()):08x}.wav"
        for number, take in enumerate(takes, start)
    ]
    wanted = [place for place, file in enumerate(files) if not file.is_file()]
    if wanted:
        folder.mkdir(parents=True, exist_ok=True)
        _render([takes[place] for place in wanted], [files[place] for place in wanted])
    return [str(file) for file in files]


def _voices(request: Request, count: int) -> Iterator[Item]:
    """Voices, of which nothing is known but that they speak."""
    seen = ("a person speaking",)
    for number in range(count):
        yield Item(
            key=f"voice {number}",
            modality="audio",
            captions=_VOICE,
            path=_voice_file(request, number),
            name="voice",
            elsewhere={"image": seen, "video": seen},
            split=_split(f"voice {number}"),
            source="concepts",
        )


def _voice_file(request: Request, number: int) -> str | None:
    """The file of a voice that says random words, rendered if it is not there."""
    if request.cache is None:
        return None
    file = request.cache / f"voice-{number:05}-{request.seed}.wav"
    if not file.is_file():
        from modaverse_training.nano.ears import speech

        request.cache.mkdir(parents=True, exist_ok=True)
        (wave,) = speech(1, zlib.crc32(file.stem.encode()))  # int16 [samples], 16 kHz
        _save(wave, file)
    return str(file)


def _render(takes: Sequence[Take], files: Sequence[Path]) -> None:
    from modaverse_training.nano.synthesis import perform

    try:
        waves = perform(takes)  # int16 [n, samples], 16 kHz
    except FileNotFoundError as error:
        raise BackendMissing(
            f"instruments cannot be rendered: {error}",
            hint="apt-get install fluidsynth fluid-soundfont-gm",
        ) from error
    for wave, file in zip(waves, files, strict=True):
        _save(wave, file)


def _save(wave: NDArray[np.int16], file: Path) -> None:
    """Write a wave, int16 [samples] at 16 kHz."""
    import numpy as np

    from modaverse.media import Audio

    samples = wave.astype(np.float32) / np.float32(32768)
    Audio(samples[:, None], 16_000).save(file)


def _split(key: str) -> Split:
    """The split of an item: one in twenty for validation, another for test."""
    return split_of(Item(key, "image", (), source="concepts"))
