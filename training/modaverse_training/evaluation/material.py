"""Material of the matrix: held-out examples of concepts, in each modality."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from modaverse.errors import DataError, MediaError
from modaverse.media import Audio, Image, Media, Modality, Video, load_media, modality_of
from modaverse_training.evaluation.pairs import numbered_lines
from modaverse_training.evaluation.suite import digest

if TYPE_CHECKING:
    from modaverse_training.nano.scenes import Scene

__all__ = ["FileMaterial", "Material", "NanoMaterial"]

#: Of the matrix alone: no training and no other judging draws from it.
SEED = 90_401
_RATE = 16_000  # Hz
_FPS = 8.0


class Material(Protocol):
    """Examples of concepts."""

    @property
    def fingerprint(self) -> str:
        """The same only if the examples are."""
        ...

    def concepts(self, given: Modality, wanted: Modality) -> Sequence[str]:
        """The concepts that can be given in one modality and judged in the other, in order."""
        ...

    def example(self, concept: str, given: Modality, wanted: Modality, number: int) -> Media | str:
        """One example; the same arguments give the same one.

        Args:
            concept: One of `concepts(given, wanted)`.
            given: The modality of the example; a text is a phrase: "a dog on a beach".
            wanted: What will be made of it.
            number: Counts examples of a concept from 0.
        """
        ...


class NanoMaterial:
    """The nano suite's concepts: scenes that are held out from training, and fresh renderings.

    Needs what the suite is trained with: the Noto Color Emoji font, FluidSynth and its sound font.
    """

    fingerprint = f"nano {SEED}"

    def concepts(self, given: Modality, wanted: Modality) -> Sequence[str]:
        """What can be drawn, what can be heard, or what can be both where both are needed."""
        from modaverse_training.nano.concepts import drawables, sounds

        drawn, heard = [concept.name for concept in drawables()], list(sounds())
        seen = {"image", "video"} & {given, wanted}
        if "audio" not in (given, wanted):
            return drawn
        return [name for name in drawn if name in heard] if seen else heard

    def example(self, concept: str, given: Modality, wanted: Modality, number: int) -> Media | str:
        """A scene drawn, filmed or told in words; or a sound rendered or told in words."""
        rng = Random(f"{SEED} {concept} {given} {wanted} {number}")
        if given == "audio":
            return self._sound(concept, rng)
        if given == "text" and wanted == "audio":
            return _sound_phrase(concept, rng)
        return self._scene(concept, given, wanted, rng)

    def _sound(self, concept: str, rng: Random) -> Audio:
        from modaverse_training.nano.synthesis import Take, perform

        tempo, register = rng.choice(("", "slow", "fast")), rng.choice(("", "low", "high"))
        wave = perform([Take(concept, tempo, register, rng.randrange(1 << 32))])[0]
        return Audio.load(np.asarray(wave), rate=_RATE)

    def _scene(
        self, concept: str, given: Modality, wanted: Modality, rng: Random
    ) -> Image | Video | str:
        from modaverse_training.nano import scenes
        from modaverse_training.nano.concepts import drawables

        index = [each.name for each in drawables()].index(concept)
        moving = given == "video" or (given == "text" and wanted == "video")
        while not scenes.held_out(scene := scenes.sample_scene(rng, concept=index, video=moving)):
            pass
        if given == "image":
            return Image(scenes.draw(scene, rng))
        if given == "video":
            return Video(scenes.film(scene, rng), _FPS)
        return _scene_phrase(scene, rng)


class Example(BaseModel):
    """A line of a file of material: a phrase, or a media file beside it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    concept: str = Field(min_length=1)
    text: str = ""
    path: str = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Example:
        if bool(self.text) == bool(self.path):
            raise ValueError("give either text or path")
        return self


class FileMaterial:
    """Examples that a user brings: one {"concept", "text"} or {"concept", "path"} a line.

    Args:
        path: The JSONL file; paths in it are relative to its folder.

    Raises:
        DataError: It cannot be read, or a line is broken.
    """

    def __init__(self, path: str | Path) -> None:
        self._path = Path(path)
        self._examples = self._read()

    @property
    def fingerprint(self) -> str:
        """Of the lines, not of what is in the files."""
        return digest(example.model_dump() for _, example in self._examples)

    def names(self) -> list[str]:
        """Every concept, in the order of the file."""
        return list(dict.fromkeys(example.concept for _, example in self._examples))

    def concepts(self, given: Modality, wanted: Modality) -> Sequence[str]:
        """The concepts that have an example in what is given."""
        return list(self._known.get(given, {}))

    def example(self, concept: str, given: Modality, wanted: Modality, number: int) -> Media | str:
        """The examples of a concept in turn, from the first again after the last."""
        several = self._known[given][concept]
        line, chosen = several[number % len(several)]
        return chosen.text or self._media(chosen, line)

    @cached_property
    def _known(self) -> dict[Modality, dict[str, list[tuple[int, Example]]]]:
        """The examples by modality and concept; files are opened once, to know what they are."""
        found: dict[Modality, dict[str, list[tuple[int, Example]]]] = {}
        for line, example in self._examples:
            kind = "text" if example.text else modality_of(self._media(example, line))
            found.setdefault(kind, {}).setdefault(example.concept, []).append((line, example))
        return found

    def _media(self, example: Example, line: int) -> Media:
        try:
            return load_media(self._path.parent / example.path)
        except MediaError as error:
            raise DataError(
                error.message, file=str(self._path), line=line, hint=error.hint
            ) from error

    def _read(self) -> list[tuple[int, Example]]:
        found = []
        for number, text in numbered_lines(self._path):
            try:
                found.append((number, Example.model_validate(json.loads(text))))
            except (ValidationError, ValueError) as error:
                told = (
                    error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
                )
                raise DataError(told, file=str(self._path), line=number) from error
        if not found:
            raise DataError("there are no examples in it", file=str(self._path))
        return found


def _scene_phrase(scene: Scene, rng: Random) -> str:
    """A scene in plain words: "a blue fox turning around in the snow"."""
    from modaverse_training.nano.concepts import MOTIONS, PLACES, drawables

    noun = drawables()[scene.thing.concept].name
    phrase = f"{scene.thing.colour} {noun}" if scene.thing.colour else noun
    parts = [f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"]
    if scene.motion:
        parts.append(rng.choice(MOTIONS[scene.motion]))
    if scene.background in PLACES:
        parts.append(rng.choice(PLACES[scene.background]))
    elif scene.background:
        article = "an" if scene.background[0] in "aeiou" else "a"
        parts.append(f"on {article} {scene.background} background")
    return " ".join(parts)


def _sound_phrase(concept: str, rng: Random) -> str:
    from modaverse_training.nano.concepts import sounds

    return rng.choice(sounds()[concept])
