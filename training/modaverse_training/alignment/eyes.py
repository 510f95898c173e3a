"""Rows for a model that sees by itself: its own processor, padding instead of packing.

A picture stands after its mark, `[image1]`; a video is its frames, as pictures; a sound is its mark
alone. The answer follows the model's own template for the request, and its end token is learned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from modaverse.errors import BackendMissing
from modaverse.llm.backend import quiet, require
from modaverse.llm.prompting import defused, instructions
from modaverse.media import Image, Video
from modaverse_training.alignment.packing import IGNORED, Ints

if TYPE_CHECKING:
    import torch

    from modaverse.llm.base import DialectName, LLMRequest, Message
    from modaverse.media import Media, Modality

__all__ = ["Eyes", "Seen", "collate_seen"]

_STEP = 64  # lengths of batches are multiples: few shapes, few kernels


@dataclass(frozen=True)
class Seen:
    """A request and its answer as such a model takes them.

    Attributes:
        input_ids: int64, [t].
        labels: int64, [t]; `IGNORED` but for the answer and its end.
        along: Tensors of one value a token, [t].
        whole: Tensors of the pictures, to be joined along their first axis.
    """

    input_ids: Ints
    labels: Ints
    along: dict[str, torch.Tensor]
    whole: dict[str, torch.Tensor]


class Eyes:
    """Encodes requests and answers with a model's own processor.

    Args:
        model: Folder or hub id.
        dialect: How plans are written.
        system: Whether a system message explains plans and lists the tools.
        frames: The most frames that are taken from a video.

    Raises:
        BackendMissing: The processor, or a package it needs, is not there.
    """

    def __init__(self, model: str, *, dialect: DialectName, system: bool, frames: int) -> None:
        self._processor = _processor(model)
        self._dialect = dialect
        self._system = system
        self._frames = frames
        self.tokenizer = self._processor.tokenizer
        added = self.tokenizer.added_tokens_decoder.values()
        self._defuse = defused(token.content for token in added if token.special)

    @property
    def perceives(self) -> frozenset[Modality]:
        """Pictures, and videos as their frames."""
        return frozenset({"image", "video"})

    @property
    def by_size(self) -> bool:
        """A larger picture has more tokens."""
        return True

    @property
    def pad(self) -> int:
        """The token of the padding."""
        token = self.tokenizer.pad_token_id
        return int(self.tokenizer.eos_token_id if token is None else token)

    def encode(self, request: LLMRequest, answer: str) -> Seen:
        """The tokens of a request and its answer."""
        text, pictures = self._read(request)
        read = self._processor(text=[text], images=pictures or None, return_tensors="pt")
        prompt = read.pop("input_ids")[0].numpy()
        read.pop("attention_mask")
        ending = self.tokenizer(
            self._defuse(answer) + self.tokenizer.eos_token, add_special_tokens=False
        )["input_ids"]
        learned = np.asarray(ending, np.int64)
        return _joined(prompt, learned, dict(read))

    def written(self, request: LLMRequest) -> str:
        """The request as the model's template writes it."""
        return self._read(request)[0]

    def measure(self, request: LLMRequest, answer: str) -> tuple[int, int]:
        """How many tokens they have, and how many of these are the answer and its end."""
        seen = self.encode(request, answer)
        return len(seen.input_ids), int((seen.labels != IGNORED).sum())

    def save_pretrained(self, folder: Path) -> None:
        """Write the processor, so that the folder of the model is whole."""
        self._processor.save_pretrained(folder)

    def _read(self, request: LLMRequest) -> tuple[str, list[Any]]:
        """A request as the template writes it, and its pictures in their order."""
        pictures: list[Any] = []
        turns = [self._turn(message, request, pictures) for message in request.messages]
        if self._system:
            told = instructions(request.toolbox, dialect=self._dialect)
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
        parts.append({"type": "text", "text": lead + self._defuse(message.text)})
        return {"role": message.role, "content": parts}

    def _pictures(self, media: Media | None) -> list[Any]:
        if isinstance(media, Image):
            return [media.pil().convert("RGB")]
        if isinstance(media, Video):
            count = len(media.frames)
            places = np.linspace(0, count - 1, min(count, self._frames)).round().astype(int)
            return [media.frame(int(place)).pil().convert("RGB") for place in places]
        return []


def collate_seen(rows: Sequence[Seen], *, pad: int) -> dict[str, torch.Tensor]:
    """A batch for the model: rows are padded on the right to one length.

    Returns:
        input_ids, labels, attention_mask int64 [b, t], and what else the processor made.
    """
    import torch

    size = max(len(row.input_ids) for row in rows)
    size = -(-size // _STEP) * _STEP

    def padded(values: Sequence[torch.Tensor], filler: int) -> torch.Tensor:
        return torch.stack(
            [torch.nn.functional.pad(v, (0, size - len(v)), value=filler) for v in values]
        )

    tokens = [torch.from_numpy(row.input_ids) for row in rows]
    batch = {
        "input_ids": padded(tokens, pad),
        "labels": padded([torch.from_numpy(row.labels) for row in rows], IGNORED),
        "attention_mask": padded([torch.ones_like(row) for row in tokens], 0),
    }
    for name in rows[0].along:
        batch[name] = padded([row.along[name] for row in rows], 0)
    for name in sorted({name for row in rows for name in row.whole}):
        batch[name] = torch.cat([row.whole[name] for row in rows if name in row.whole])
    return batch


def _joined(prompt: Ints, learned: Ints, read: dict[str, torch.Tensor]) -> Seen:
    import torch

    labels = np.concatenate([np.full(len(prompt), IGNORED, np.int64), learned])
    along, whole = {}, {}
    for name, value in read.items():
        if value.shape[:2] == (1, len(prompt)):  # one value a token; the answer is plain text
            along[name] = torch.nn.functional.pad(value[0], (0, len(learned)))
        else:
            whole[name] = value
    return Seen(np.concatenate([prompt, learned]), labels, along, whole)


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
