"""Judges: what tells which concept a text, a picture, a sound or a video shows.

A judge is trained apart from all that it judges: by the nano suite's own classifiers, or a CLIP or
CLAP model that compares with the names of the concepts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from modaverse.errors import BackendMissing, ConfigError, MediaError
from modaverse.media import Audio, Image, Media, Video
from modaverse_training.evaluation.extractors import TwoTowers

if TYPE_CHECKING:
    from torch import Tensor

__all__ = [
    "Judge",
    "NanoImageJudge",
    "NanoSoundJudge",
    "WordJudge",
    "ZeroShotJudge",
    "load_judge",
    "nano_words",
]

_SIDE = 64  # pixels that the nano judge of pictures was trained on
_RATE = 16_000  # Hz that the nano judge of sounds was trained on
_LENGTH = 3 * _RATE  # samples, likewise


class Judge(Protocol):
    """Tells concepts."""

    @property
    def name(self) -> str:
        """What it is, for the report."""
        ...

    def judge(self, value: Media | str) -> Mapping[str, float]:
        """The probability of each concept that it knows; empty if it can tell nothing.

        Raises:
            MediaError: It cannot judge such a value.
        """
        ...


class WordJudge:
    """Finds concepts in a text by their words; the one that is named first counts most.

    Args:
        words: Names and other words of each concept.
    """

    name = "words"

    def __init__(self, words: Mapping[str, Sequence[str]]) -> None:
        self._concepts: dict[str, list[str]] = {}
        for concept, several in words.items():
            for word in several:
                self._concepts.setdefault(" ".join(_split(word)), []).append(concept)
        longest = sorted(self._concepts, key=len, reverse=True)
        self._pattern = re.compile(rf"(?<!\S)({'|'.join(map(re.escape, longest))})(?!\S)")

    def judge(self, value: Media | str) -> Mapping[str, float]:
        """Each concept named has half the weight of the one before; of a word with several, all."""
        if not isinstance(value, str):
            raise MediaError("words are found in texts alone")
        named: dict[str, float] = {}
        weight = 1.0
        for match in self._pattern.finditer(" ".join(_split(value))):
            concepts = [name for name in self._concepts[match[1]] if name not in named]
            named |= dict.fromkeys(concepts, weight)
            weight /= 2 if concepts else 1
        total = sum(named.values())
        return {concept: share / total for concept, share in named.items()}


class NanoImageJudge:
    """The nano suite's judge of pictures, which also judges videos, frame by frame.

    Args:
        folder: Where `modaverse_training.nano.image_classifier train --out` left it.

    Raises:
        BackendMissing: It is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        weights = Path(folder) / "concept.safetensors"
        if not weights.is_file():
            raise BackendMissing(
                f"there is no judge of pictures in {folder}",
                hint=f"python -m modaverse_training.nano.image_classifier train --out {folder}",
            )
        from safetensors.torch import load_file

        from modaverse_training.nano.concepts import drawables
        from modaverse_training.nano.image_classifier import ConceptJudge

        self.name = "nano classifier of pictures"
        self._concepts = [concept.name for concept in drawables()]
        self._network = ConceptJudge()
        self._network.load_state_dict(load_file(weights))
        self._network.eval()

    def judge(self, value: Media | str) -> Mapping[str, float]:
        """The probability of each drawable concept; of a video, the mean over its frames."""
        import torch

        with torch.inference_mode():
            found = self._network(_pixels(value)).softmax(-1).mean(0)
        return dict(zip(self._concepts, found.tolist(), strict=True))


class NanoSoundJudge:
    """The nano suite's judge of sounds; of a video it hears the sound track.

    Args:
        folder: Where `modaverse_training.nano.audio_classifier --out` left it.

    Raises:
        BackendMissing: It is not there.
    """

    def __init__(self, folder: str | Path) -> None:
        weights = Path(folder) / "judge.pt"
        if not weights.is_file():
            raise BackendMissing(
                f"there is no judge of sounds in {folder}",
                hint=f"python -m modaverse_training.nano.audio_classifier --out {folder}",
            )
        import torch

        from modaverse_training.nano.audio_classifier import SoundJudge
        from modaverse_training.nano.concepts import sounds

        self.name = "nano classifier of sounds"
        self._concepts = list(sounds())
        self._network = SoundJudge(len(self._concepts))
        self._network.load_state_dict(torch.load(weights, weights_only=True))
        self._network.eval()

    def judge(self, value: Media | str) -> Mapping[str, float]:
        """The probability of each sound."""
        import torch

        from modaverse_training.nano.audio_classifier import probabilities

        if not isinstance(value, Audio):
            raise MediaError("this judge hears sounds alone")
        wave = value.mono().resample(_RATE).samples[:, 0]
        whole = np.pad(wave, (0, max(0, _LENGTH - len(wave))))  # a short one, and then silence
        found = probabilities(self._network, torch.from_numpy(whole)[None])[0]
        return dict(zip(self._concepts, found.tolist(), strict=True))


class ZeroShotJudge:
    """A CLIP, SigLIP or CLAP model that compares media with the names of concepts.

    Args:
        folder: The model's.
        concepts: Their names.
        template: How a name is put as a text; by default "a picture of {}" or "the sound of {}".

    Raises:
        ConfigError: The folder holds no such model.
        BackendMissing: The weights cannot be read.
    """

    def __init__(self, folder: str | Path, concepts: Sequence[str], template: str = "") -> None:
        self._towers = TwoTowers(folder)
        self.name = f"{self._towers.kind} in {self._towers.folder.name}"
        told = template or ("the sound of {}" if self._towers.kind == "clap" else "a picture of {}")
        self._concepts = list(concepts)
        self._texts = self._towers.texts([told.format(concept) for concept in concepts])  # [n, d]

    def judge(self, value: Media | str) -> Mapping[str, float]:
        """The softmax of the model's own scaled cosines over the concepts."""
        if isinstance(value, str):
            raise MediaError("this judge does not read texts")
        logits = self._towers.scale * (self._towers([value])[0] @ self._texts.T)
        shares = np.exp(logits - logits.max())
        return dict(zip(self._concepts, (shares / shares.sum()).tolist(), strict=True))


def load_judge(folder: str | Path, concepts: Sequence[str]) -> Judge:
    """The judge in a folder, told by what lies there.

    Args:
        folder: Of a nano classifier, or of a CLIP, SigLIP or CLAP model.
        concepts: What a zero-shot judge may choose from.

    Raises:
        ConfigError: There is no judge in it.
        BackendMissing: Its weights cannot be read.
    """
    home = Path(folder)
    if (home / "concept.safetensors").is_file():
        return NanoImageJudge(home)
    if (home / "judge.pt").is_file():
        return NanoSoundJudge(home)
    if (home / "config.json").is_file():
        return ZeroShotJudge(home, concepts)
    raise ConfigError(
        f"there is no judge in {folder}",
        hint="give a folder of a nano classifier (concept.safetensors, judge.pt), CLIP or CLAP",
    )


def nano_words() -> dict[str, tuple[str, ...]]:
    """The words of every nano concept, drawn or heard: names, plurals, other words."""
    from modaverse_training.nano.concepts import drawables, sounds

    words: dict[str, tuple[str, ...]] = {
        concept.name: (concept.name, concept.several(), *concept.words) for concept in drawables()
    }
    for sound, several in sounds().items():
        words[sound] = (*words.get(sound, ()), sound, *several)
    return words


def _split(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def _pixels(value: Media | str) -> Tensor:
    """Frames as the judge was trained on them: float32 [t, 3, 64, 64] in -1..1."""
    import torch
    from PIL import Image as Pil

    if isinstance(value, Image):
        frames = [value]
    elif isinstance(value, Video):
        frames = [Image(frame) for frame in value.frames]
    else:
        raise MediaError("this judge looks at pictures and videos alone")
    fitted = [
        np.asarray(frame.pil().convert("RGB").resize((_SIDE, _SIDE), Pil.Resampling.BOX))
        for frame in frames
    ]
    return torch.from_numpy(np.stack(fitted)).movedim(-1, -3).float() / 127.5 - 1
