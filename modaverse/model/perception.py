"""Pictures, videos and sounds as an encoder takes them, and the soft tokens that stand for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from modaverse.media import Audio, Image, Media, Video

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image as Pil

    from modaverse.media import Modality

__all__ = [
    "AUDIO",
    "MEDIA",
    "TEXT",
    "VISION",
    "Perceived",
    "Perception",
    "SoftTokens",
    "frame_numbers",
]

TEXT, VISION, AUDIO = 0, 1, 2  # kinds of tokens


@dataclass(frozen=True, slots=True)
class SoftTokens:
    """How many soft tokens stand for a medium; see `ModaVerseConfig`, whose words these are."""

    vision_tokens: int = 4
    audio_tokens: int = 8
    max_frames: int = 8
    video_sound: bool = False

    @classmethod
    def of(cls, config: Any) -> SoftTokens:
        """Those of a model's configuration."""
        return cls(**{name: getattr(config, name) for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Perceived:
    """Media as the encoders take them; None where there are none.

    Attributes:
        pixel_values: float32 [n, c, h, w]: pictures and frames.
        frame_times: float32 [n], in seconds; 0 for a picture.
        audio_values: float32 [m, …], as the feature extractor makes them.
    """

    pixel_values: NDArray[np.float32] | None = None
    frame_times: NDArray[np.float32] | None = None
    audio_values: NDArray[np.float32] | None = None

    @staticmethod
    def joined(parts: Iterable[Perceived]) -> Perceived:
        """The media of several conversations, in their order."""
        parts = list(parts)
        names = Perceived.__slots__
        found = {name: [v for p in parts if (v := getattr(p, name)) is not None] for name in names}
        return Perceived(**{name: np.concatenate(v) for name, v in found.items() if v})


# What a batch holds of media, by the names of the model's arguments: as the encoders take them, or
# the features that they make of them.
MEDIA = (*Perceived.__slots__, "vision_features", "audio_features")


class Perception:
    """What an image processor and a feature extractor make of media.

    Args:
        image_processor: Of transformers; None for a model without eyes.
        feature_extractor: Of transformers; None for a model without ears.
        soft: How many soft tokens stand for a medium.
    """

    def __init__(
        self, image_processor: Any | None, feature_extractor: Any | None, soft: SoftTokens
    ) -> None:
        self._image_processor = image_processor
        self._feature_extractor = feature_extractor
        self.soft = soft

    @property
    def modalities(self) -> frozenset[Modality]:
        """What it perceives."""
        seen: tuple[Modality, ...] = ("image", "video") if self._image_processor else ()
        listened: tuple[Modality, ...] = ("audio",) if self._feature_extractor else ()
        return frozenset((*seen, *listened))

    def kinds(self, value: Media) -> list[int]:
        """The soft tokens of a value by their kinds; none if it is not perceived."""
        frames = len(self._frames(value)) * self.soft.vision_tokens
        sounds = len(self._sounds(value)) * self.soft.audio_tokens
        return [VISION] * frames + [AUDIO] * sounds

    def perceive(self, values: Sequence[Media]) -> Perceived:
        """Values as the encoders take them, in their order."""
        frames = [frame for value in values for frame in self._frames(value)]
        sounds = [sound for value in values for sound in self._sounds(value)]
        pixels = times = waves = None
        if frames:
            pictures = [_opaque(array) for array, _ in frames]
            processor: Any = self._image_processor
            pixels = _array(processor(images=pictures, return_tensors="np"))
            times = np.array([seconds for _, seconds in frames], np.float32)
        if sounds:
            waves = self._spectrograms(sounds)
        return Perceived(pixels, times, waves)

    def _frames(self, value: Media) -> list[tuple[NDArray[np.uint8], float]]:
        """What is looked at: arrays uint8 [h, w, 3 or 4] and their times in seconds."""
        if self._image_processor is None:
            return []
        if isinstance(value, Image):
            return [(value.array, 0.0)]
        if isinstance(value, Video):
            numbers = frame_numbers(len(value.frames), self.soft.max_frames)
            return [(value.frames[number], number / value.fps) for number in numbers]
        return []

    def _sounds(self, value: Media) -> list[Audio]:
        """What is listened to."""
        if self._feature_extractor is None:
            return []
        if isinstance(value, Audio):
            return [value]
        heard = isinstance(value, Video) and value.audio is not None and self.soft.video_sound
        return [value.audio] if heard else []  # type: ignore[union-attr, list-item]

    def _spectrograms(self, sounds: Sequence[Audio]) -> NDArray[np.float32]:
        extractor: Any = self._feature_extractor
        rate = int(extractor.sampling_rate)
        # Whisper and CLAP say so differently; CLAP would cut a stretch out at random.
        most = getattr(extractor, "n_samples", None) or getattr(extractor, "nb_max_samples", None)
        waves = [sound.mono().resample(rate).samples[:most, 0] for sound in sounds]
        return _array(extractor(waves, sampling_rate=rate, return_tensors="np"))


def frame_numbers(count: int, most: int) -> list[int]:
    """Which of `count` frames to look at: all, or the first, the last, and as far apart between.

    A motion is seen in full only from its beginning to its end, and there a thing is upright most
    often. Of one frame alone, the middle tells the most.
    """
    if count <= most:
        return list(range(count))
    if most == 1:
        return [count // 2]
    return [round(place * (count - 1) / (most - 1)) for place in range(most)]


def _array(made: Any) -> NDArray[np.float32]:
    """The one array of a processor's answer that an encoder reads."""
    name = "pixel_values" if "pixel_values" in made else "input_features"
    return np.asarray(made[name], dtype=np.float32)


def _opaque(array: NDArray[np.uint8]) -> Pil.Image:
    """A picture in RGB; what shines through is white."""
    from PIL import Image as Pil

    if array.shape[2] == 3:
        return Pil.fromarray(np.ascontiguousarray(array))
    picture = Pil.fromarray(np.ascontiguousarray(array))
    ground = Pil.new("RGBA", picture.size, "white")
    return Pil.alpha_composite(ground, picture).convert("RGB")
