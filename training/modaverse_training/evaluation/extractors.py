"""Feature extractors that a user names: a function of theirs, or a CLIP, SigLIP or CLAP folder."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from modaverse.errors import BackendMissing, ConfigError, MediaError
from modaverse.llm.backend import quiet
from modaverse.media import Audio, Image, Media, Video
from modaverse_training.evaluation.figures import Floats

__all__ = ["Extractor", "TwoTowers", "load_extractor"]

Extractor: TypeAlias = Callable[[Sequence[Media]], Any]
"""Media -> features [n, d], in any array type that numpy reads."""

_FRAMES = 8  # frames of a video, evenly spread
_BATCH = 32
_TOKENIZERS = ("tokenizer.json", "vocab.json", "vocab.txt", "spiece.model")


class TwoTowers:
    """A CLIP, SigLIP or CLAP checkpoint: media and texts as unit vectors of one space.

    Pictures are for CLIP and SigLIP (a video counts as the mean of 8 of its frames), sounds for
    CLAP. Nothing is downloaded.

    Args:
        folder: With weights, processor and tokenizer, as `save_pretrained` leaves them.

    Raises:
        ConfigError: The folder holds no such model.
        BackendMissing: The weights cannot be read.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.kind = _model_type(self.folder)
        if self.kind not in ("clip", "siglip", "siglip2", "clap"):
            raise ConfigError(
                f"{folder} holds no CLIP, SigLIP or CLAP model",
                hint="give a folder of save_pretrained whose config.json says so",
            )
        from transformers import AutoModel, AutoProcessor

        try:
            with quiet():
                self._model = AutoModel.from_pretrained(self.folder, local_files_only=True).eval()
                self._processor = AutoProcessor.from_pretrained(self.folder, local_files_only=True)
        except (OSError, ValueError) as error:
            raise BackendMissing(
                f"the model in {folder} cannot be loaded: {error}",
                hint="the folder needs weights, preprocessor_config.json and a tokenizer",
            ) from error

    def __call__(self, media: Sequence[Media]) -> Floats:
        """Media -> unit vectors float64 [n, d].

        Raises:
            MediaError: A value is of a modality that the model does not know.
        """
        parts = [media[start : start + _BATCH] for start in range(0, len(media), _BATCH)]
        if self.kind == "clap":
            return np.concatenate([self._heard(part) for part in parts])
        return np.concatenate([self._seen(part) for part in parts])

    def texts(self, texts: Sequence[str]) -> Floats:
        """Texts -> unit vectors float64 [n, d].

        Raises:
            BackendMissing: There is no tokenizer in the folder.
        """
        import torch

        # Without these files transformers makes up a tokenizer of no words, and says nothing.
        if not any((self.folder / name).is_file() for name in _TOKENIZERS):
            raise BackendMissing(
                f"the model in {self.folder} cannot read texts: it has no tokenizer",
                hint="put its tokenizer.json and tokenizer_config.json beside the weights",
            )

        padding = "max_length" if self.kind.startswith("siglip") else True
        inputs = self._processor(
            text=list(texts), padding=padding, truncation=True, return_tensors="pt"
        )
        with torch.inference_mode():
            return _unit(self._model.get_text_features(**inputs))

    @property
    def scale(self) -> float:
        """What the model multiplies cosines by before its softmax."""
        name = "logit_scale_a" if self.kind == "clap" else "logit_scale"
        return float(getattr(self._model, name).detach().exp())

    def _seen(self, media: Sequence[Media]) -> Floats:
        import torch

        frames = [_pictures(value) for value in media]
        inputs = self._processor(
            images=[picture for several in frames for picture in several], return_tensors="pt"
        )
        with torch.inference_mode():
            found = _unit(self._model.get_image_features(**inputs))
        ends = np.cumsum([len(several) for several in frames])[:-1]
        whole = np.stack([part.mean(0) for part in np.split(found, ends)])
        unit: Floats = whole / np.linalg.norm(whole, axis=1, keepdims=True)
        return unit

    def _heard(self, media: Sequence[Media]) -> Floats:
        import torch

        whole = self._processor
        rate = int(getattr(whole, "feature_extractor", whole).sampling_rate)
        waves = [_wave(value, rate) for value in media]
        words = {"audio": waves} if hasattr(whole, "feature_extractor") else {"raw_speech": waves}
        inputs = whole(**words, sampling_rate=rate, return_tensors="pt")
        with torch.inference_mode():
            return _unit(self._model.get_audio_features(**inputs))


def load_extractor(name: str) -> Extractor:
    """The extractor of a name: "module:function", or the folder of a CLIP, SigLIP or CLAP model.

    Modules are found as Python finds them, and in the working directory too.

    Raises:
        ConfigError: There is no such function or model.
        BackendMissing: The weights cannot be read.
    """
    if Path(name).is_dir():
        return TwoTowers(name)
    module_name, colon, attribute = name.partition(":")
    if not colon:
        raise ConfigError(
            f"{name!r} is no extractor", hint="give module:function, or a CLIP or CLAP folder"
        )
    if (here := os.getcwd()) not in sys.path:
        sys.path.append(here)
    try:
        found = getattr(import_module(module_name), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"{name} cannot be imported: {error}") from error
    if not callable(found):
        raise ConfigError(f"{name} is no function", hint="it takes media and gives features [n, d]")
    extractor: Extractor = found
    return extractor


def _model_type(folder: Path) -> str:
    try:
        return str(json.loads((folder / "config.json").read_text("utf-8"))["model_type"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _pictures(value: Media) -> list[Any]:
    """A picture, or frames of a video, for a processor."""
    if isinstance(value, Image):
        return [value.pil().convert("RGB")]
    if isinstance(value, Video):
        places = np.linspace(0, len(value.frames) - 1, min(_FRAMES, len(value.frames))).round()
        return [Image(value.frames[int(place)]).pil() for place in places]
    raise MediaError("this model looks at pictures and videos, and was given a sound")


def _wave(value: Media, rate: int) -> Any:
    if not isinstance(value, Audio):
        raise MediaError("this model listens to sounds, and was given something else")
    return value.mono().resample(rate).samples[:, 0]


def _unit(output: Any) -> Floats:
    """Features of a model as unit vectors."""
    found = np.asarray(getattr(output, "pooler_output", output), np.float64)
    unit: Floats = found / np.linalg.norm(found, axis=-1, keepdims=True)
    return unit
