"""Requests as a model reads them that sees by itself: its own processor and template.

A picture stands after its mark, `[image1]`; a video is its frames, as pictures; a sound is its mark
alone. Training and use read the same tokens because both come through here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.errors import BackendMissing, RequestError
from modaverse.llm.backend import quiet, require
from modaverse.llm.prompting import defused, instructions
from modaverse.llm.template import Prompt, Prompted
from modaverse.media import Image, Video

if TYPE_CHECKING:
    from modaverse.llm.base import LLMRequest, Message
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.media import Media, Modality

__all__ = ["FRAMES", "Sighted", "SightedPrompt"]

FRAMES = 8  # the most frames of a video, where nothing else is said
_ANSWER = 32  # tokens that must be left for an answer after the prompt


@dataclass(frozen=True, slots=True)
class Sighted(Prompted):
    """What such a model reads.

    Attributes:
        beside: Tensors that it reads with the tokens, as its processor made them: of one value a
            token, [1, t], or of the pictures.
    """

    beside: Mapping[str, Any] = field(default_factory=dict)


class SightedPrompt(Prompt):
    """Puts requests into the tokens and pictures of one model; made once a model.

    Args:
        model: Folder or hub id.
        settings: How plans are written, and whether a system message explains them.
        frames: The most frames that are taken from a video.

    Raises:
        BackendMissing: The processor, or a package it needs, is not there.
    """

    def __init__(self, model: str, settings: ModelSettings, frames: int = FRAMES) -> None:
        self._processor = _processor(model)
        self._frames = frames
        self.tokenizer = self._processor.tokenizer
        super().__init__(self.tokenizer, settings, math.inf)
        added = self.tokenizer.added_tokens_decoder.values()
        self.defuse = defused(token.content for token in added if token.special)

    @property
    def perceives(self) -> frozenset[Modality]:
        """Pictures, and videos as their frames."""
        return frozenset({"image", "video"})

    def text(self, request: LLMRequest) -> str:
        """The whole conversation as the template writes it, with a mark for each picture."""
        return self._rendered(request)[0]

    def encoded(self, request: LLMRequest) -> Sighted:
        """The tokens and pictures of a whole request, however long it is."""
        text, pictures = self._rendered(request)
        read = dict(self._processor(text=[text], images=pictures or None, return_tensors="pt"))
        tokens = read.pop("input_ids")[0].tolist()
        read.pop("attention_mask")
        return Sighted(tokens, [0] * len(tokens), beside=read)

    def read(self, request: LLMRequest, *, answer: int = _ANSWER) -> Sighted:
        """What the model reads; the oldest turns are left out if they do not fit.

        Args:
            request: What is asked.
            answer: Tokens that must be left for the answer.

        Raises:
            RequestError: The last turn alone is too long.
        """
        while True:
            sighted = self.encoded(request)
            if len(sighted.tokens) + answer <= self.context:
                return sighted
            messages = request.messages
            if len(messages) <= 1:
                raise RequestError(
                    f"the request is too long: the model reads at most {self.context} tokens",
                    hint="shorten it, attach fewer or smaller pictures, or offer fewer tools",
                )
            request = replace(request, messages=messages[2:] or messages[-1:])

    def save_pretrained(self, folder: Path) -> None:
        """Write the processor, so that the folder of the model is whole."""
        self._processor.save_pretrained(folder)

    def _rendered(self, request: LLMRequest) -> tuple[str, list[Any]]:
        """A request as the template writes it, and its pictures in their order."""
        pictures: list[Any] = []
        turns = [self._turn(message, request, pictures) for message in request.messages]
        if self._settings.system:
            told = instructions(request.toolbox, dialect=self._settings.dialect)
            turns.insert(0, {"role": "system", "content": [{"type": "text", "text": told}]})
        text: str = self._processor.apply_chat_template(
            turns, tokenize=False, add_generation_prompt=True
        )
        return text, pictures

    def _turn(self, message: Message, request: LLMRequest, pictures: list[Any]) -> dict[str, Any]:
        """A message as chat templates of such models take it; its pictures are noted."""
        parts: list[dict[str, str]] = []
        for handle in message.handles if message.role == "user" else ():
            parts.append({"type": "text", "text": f"[{handle}]"})
            for picture in self._pictures(request.media.get(handle)):
                pictures.append(picture)
                parts.append({"type": "image"})
        lead = " " if parts else ""
        parts.append({"type": "text", "text": lead + self.defuse(message.text)})
        return {"role": message.role, "content": parts}

    def _pictures(self, media: Media | None) -> list[Any]:
        if isinstance(media, Image):
            return [media.pil().convert("RGB")]
        if isinstance(media, Video):
            count = len(media.frames)
            taken = min(count, self._frames)
            places = [round(n * (count - 1) / max(taken - 1, 1)) for n in range(taken)]
            return [media.frame(place).pil().convert("RGB") for place in places]
        return []


def _processor(model: str) -> Any:
    transformers = require("transformers")
    with quiet():
        try:
            return transformers.AutoProcessor.from_pretrained(model)
        except OSError as error:
            raise BackendMissing(
                f"the processor of {model!r} cannot be found: {str(error).splitlines()[0]}",
                hint="name a folder with preprocessor_config.json and tokenizer.json, or a hub id",
            ) from error
        except (ImportError, AttributeError, ValueError):
            return _Pictures(model)  # it wants torchvision, which pictures do not need


class _Pictures:
    """What a processor of the Qwen-VL family does to text and pictures, without torchvision.

    Each `<|image_pad|>` becomes as many as the picture has merged patches.

    Raises:
        BackendMissing: The model is of another family.
    """

    def __init__(self, model: str) -> None:
        transformers = require("transformers")
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(model)
        self._images = transformers.AutoImageProcessor.from_pretrained(model)
        self._mark = self.tokenizer.convert_tokens_to_ids("<|image_pad|>")
        if not hasattr(self._images, "merge_size") or self._mark is None:
            raise BackendMissing(
                f"the processor of {model!r} needs the package 'torchvision'",
                hint="install the torchvision that fits your torch",
            )

    def apply_chat_template(self, turns: list[dict[str, Any]], **options: Any) -> str:
        """The conversation in the model's template."""
        text: str = self.tokenizer.apply_chat_template(turns, **options)
        return text

    def __call__(
        self, *, text: list[str], images: list[Any] | None, return_tensors: str
    ) -> dict[str, Any]:
        """Tokens of one text and the patches of its pictures."""
        import torch

        read: dict[str, Any] = {}
        tokens = self.tokenizer(text[0], return_tensors=return_tensors)["input_ids"][0]
        if images:
            read = dict(self._images(images=images, return_tensors=return_tensors))
            patches = read["image_grid_thw"].prod(-1) // self._images.merge_size**2
            repeats = torch.ones_like(tokens)
            repeats[tokens == self._mark] = patches
            tokens = tokens.repeat_interleave(repeats)
        ids = tokens[None]
        kinds = (ids == self._mark).int()
        whole = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
        return {**whole, "mm_token_type_ids": kinds, **read}

    def save_pretrained(self, folder: Path) -> None:
        """Write tokenizer and image processor."""
        self.tokenizer.save_pretrained(folder)
        self._images.save_pretrained(folder)
