"""Tiny random models in their real formats, and rows, to run the alignment stage with."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from transformers import (
    Qwen2VLImageProcessorPil,
    Qwen3VLConfig,
    Qwen3VLForConditionalGeneration,
)

from modaverse.llm.backend import quiet
from modaverse.llm.debug import write_checkpoint
from modaverse.media import Audio, Image, Video
from modaverse.model.debug import write_encoder
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.instructions.row import MediaRef, Row, Turn, write_rows

TOOLS = ("text-to-image", "text-to-audio", "text-to-speech")
FILES: tuple[tuple[str, Literal["image", "audio", "video"], str], ...] = (
    ("image1", "image", "a.png"),
    ("audio1", "audio", "a.wav"),
    ("video1", "video", "a.mp4"),
)
COLOURS = {"red": (230, 20, 20), "green": (20, 230, 20), "blue": (20, 20, 230)}
PITCHES = {"low": 150, "middle": 900, "high": 4000}
EACH = 4
THINGS = ("fox", "red house by the sea", "dog", "bell in the old tower of a town", "rain")


def write_qwen3_vl(folder: Path) -> Path:
    """A Qwen3-VL with its image processor, tokenizer and template."""
    write_checkpoint(folder)
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    marks = ["<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
    tokenizer.add_special_tokens({"additional_special_tokens": marks})
    tokenizer.chat_template = (
        "{%- for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}"
        "{%- if m.content is string %}{{ m.content }}{%- else %}{%- for part in m.content %}"
        "{%- if part.type == 'image' %}{{ '<|vision_start|><|image_pad|><|vision_end|>' }}"
        "{%- else %}{{ part.text }}{%- endif %}{%- endfor %}{%- endif %}{{ '<|im_end|>\n' }}"
        "{%- endfor %}{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{%- endif %}"
    )
    numbers = [tokenizer.convert_tokens_to_ids(mark) for mark in marks]
    torch.manual_seed(3)
    config = Qwen3VLConfig(
        text_config={
            "vocab_size": len(tokenizer), "hidden_size": 32, "intermediate_size": 32,
            "num_hidden_layers": 2, "num_attention_heads": 2, "num_key_value_heads": 2,
            "head_dim": 16, "rope_parameters": {
                "rope_type": "default", "rope_theta": 10000.0, "mrope_section": [4, 2, 2],
            },
        },
        vision_config={
            "depth": 1, "hidden_size": 16, "intermediate_size": 16, "num_heads": 2,
            "patch_size": 4, "spatial_merge_size": 2, "temporal_patch_size": 2,
            "out_hidden_size": 32, "num_position_embeddings": 16, "deepstack_visual_indexes": [0],
        },
        vision_start_token_id=numbers[0], vision_end_token_id=numbers[1],
        image_token_id=numbers[2], video_token_id=numbers[3], tie_word_embeddings=True,
    )  # fmt: skip
    with quiet():
        Qwen3VLForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    Qwen2VLImageProcessorPil(
        patch_size=4, merge_size=2, temporal_patch_size=2,
        size={"shortest_edge": 64, "longest_edge": 256},
    ).save_pretrained(folder)  # fmt: skip
    return folder


def write_media(folder: Path) -> None:
    """A picture, a sound and a video that rows may name."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    Image(rng.integers(0, 255, (20, 24, 3), dtype=np.uint8)).save(folder / "a.png")
    Audio(rng.uniform(-0.5, 0.5, (4000, 1)).astype(np.float32), 16000).save(folder / "a.wav")
    frames = rng.integers(0, 255, (4, 16, 16, 3), dtype=np.uint8)
    Video(frames, 4.0).save(folder / "a.mp4")


def rows(count: int, *, media: bool = False) -> list[Row]:
    """Requests of different lengths; with media every second one has some attached."""
    return [_row(number, media=media and number % 2 == 0) for number in range(count)]


def _row(number: int, *, media: bool) -> Row:
    thing = f"{THINGS[number % 5]} {number}"
    references = [
        MediaRef(handle=handle, modality=modality, path=path) for handle, modality, path in FILES
    ][: 1 + number % 3]
    attached = references if media else []
    told = "Please draw me " if number % 3 else "I have long been looking for this picture: "
    return Row(
        id=f"r{number}",
        messages=(
            Turn(role="user", content=told + thing, handles=tuple(r.handle for r in attached)),
            Turn(role="assistant", content=f"Here is your picture.\ntext-to-image: {thing}"),
        ),
        tools=TOOLS,
        media=tuple(attached),
        family="draw",
    )


def write_data(folder: Path, count: int, *, media: bool = False) -> Path:
    """A file of rows, and the media they name beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    if media:
        write_media(folder)
    path = folder / "rows.jsonl"
    write_rows(path, rows(count, media=media))
    return path


def settings(language: Path, rows: Path, out: Path, **tables: dict[str, Any]) -> AlignmentConfig:
    """A small run: batches of 4 sequences of 256 tokens, and a log of each step."""
    plain: dict[str, dict[str, Any]] = {
        "model": {"language": str(language)},
        "data": {"train": [str(rows)]},
        "packing": {"length": 256},
        "lora": {"rank": 4},
        "training": {
            "batch": 4, "micro_batch": 2, "learning_rate": 3e-3, "precision": "float32",
            "device": "cpu",
        },
        "saving": {"every": 2},
        "logging": {"every": 1},
    }  # fmt: skip
    merged = {name: {**plain.get(name, {}), **tables.get(name, {})} for name in plain}
    return AlignmentConfig.model_validate({"out": out, "seed": 5, **merged})


def write_captioned(folder: Path) -> list[MediaRef]:
    """Pictures, videos and sounds of three kinds, each kind with a caption of its own."""
    rng = np.random.default_rng(0)
    found = []
    for number in range(EACH):
        for colour, value in COLOURS.items():
            frames = np.clip(rng.normal(value, 12, (3, 16, 16, 3)), 0, 255).astype(np.uint8)
            picture, film = f"{colour}{number}.png", f"{colour}{number}.mp4"
            Image(frames[0]).save(folder / picture)
            Video(frames, 4.0).save(folder / film)
            found.append(MediaRef(handle="image1", modality="image", path=picture, caption=colour))
            found.append(MediaRef(handle="video1", modality="video", path=film, caption=colour))
        for pitch, hertz in PITCHES.items():
            wave = np.sin(np.arange(4000) / 16000 * 6.283 * hertz) * rng.uniform(0.3, 0.8)
            Audio(wave[:, None].astype(np.float32), 16000).save(folder / f"{pitch}{number}.wav")
            path = f"{pitch}{number}.wav"
            found.append(MediaRef(handle="audio1", modality="audio", path=path, caption=pitch))
    return found


def captioned_row(number: int, reference: MediaRef) -> Row:
    """A row that asks what a medium shows."""
    return Row(
        id=f"r{number}",
        messages=(
            Turn(role="user", content="What is this?", handles=(reference.handle,)),
            Turn(role="assistant", content=f"It shows {reference.caption or 'something'}."),
        ),
        tools=("text-to-image",),
        media=(reference,),
        family="what",
    )


def write_captioned_home(home: Path) -> None:
    """A language model, eyes and ears, captioned media, and rows about these."""
    write_checkpoint(home / "lm")
    write_encoder(home / "eyes", "siglip")
    write_encoder(home / "ears", "whisper")
    references = write_captioned(home)
    write_rows(home / "rows.jsonl", [captioned_row(n, ref) for n, ref in enumerate(references)])


def captioned_settings(
    home: Path, out: Path, *, training: dict[str, Any] | None = None, **model: Any
) -> AlignmentConfig:
    """Settings of a run with what `write_captioned_home` wrote, and these in its tables."""
    parts = {"vision": str(home / "eyes"), "audio": str(home / "ears"), "max_frames": 2}
    return settings(
        home / "lm", home / "rows.jsonl", out,
        model={**parts, "projection_start": "captions", **model}, training=training or {},
    )  # fmt: skip
