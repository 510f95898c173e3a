"""Each of the weights that ship has a card that tells the hub and people what they are."""

from __future__ import annotations

import importlib.util
import json
import math
import re
import struct
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import ModelCard

from modaverse_tools.pipeline import WEIGHTS

TASKS = {
    "audio": ("diffusers", "text-to-audio"),
    "hearing": ("transformers", "feature-extraction"),
    "image": ("diffusers", "text-to-image"),
    "layers": ("diffusers", "image-to-image"),
    "lm": ("transformers", "text-generation"),
    "senses": ("modaverse", "image-text-to-text"),
    "sketch": ("diffusers", "text-to-image"),
    "text": ("transformers", "feature-extraction"),
    "upscaler": ("diffusers", "image-to-image"),
    "video": ("diffusers", "text-to-video"),
    "vision": ("transformers", "image-feature-extraction"),
}


def card(name: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The front matter of a card, and its sections by heading."""
    read = ModelCard.load(WEIGHTS / name / "README.md")
    parts = re.split(r"^## (.+)$", read.text, flags=re.M)
    return read.data.to_dict(), dict(zip(parts[1::2], parts[2::2], strict=True))


def parameters(file: Path) -> int:
    """How many numbers a safetensors file holds."""
    with file.open("rb") as data:
        (length,) = struct.unpack("<Q", data.read(8))
        header = json.loads(data.read(length))
    return sum(math.prod(part["shape"]) for key, part in header.items() if key != "__metadata__")


def test_all_weights_are_known() -> None:
    assert {path.name for path in WEIGHTS.iterdir()} == set(TASKS)


@pytest.mark.parametrize("name", TASKS)
def test_the_front_matter_is_what_the_hub_reads(name: str) -> None:
    front, _ = card(name)
    assert (front["library_name"], front["pipeline_tag"]) == TASKS[name]
    assert (front["license"], front["language"]) == ("apache-2.0", "en")
    assert front["tags"][0] == "modaverse"
    assert len(front["tags"]) > 1


@pytest.mark.parametrize("name", TASKS)
def test_a_card_tells_data_commit_command_time_scores_and_limits(name: str) -> None:
    _, sections = card(name)
    assert sections["Data"].strip()
    made = sections.get("How it was made") or sections["Training"]
    assert re.search(r"\bcommit [0-9a-f]{7}\b", made)
    assert re.search(r"\b[\d.]+\s+minutes\b", made)
    modules = re.findall(r"^python -m (modaverse_training\.[\w.]+) --", made, re.M)
    assert modules
    assert all(importlib.util.find_spec(module) for module in modules)
    assert re.search(r"\d %|0\.0\d", sections["Scores"])
    assert len(re.findall(r"^- ", sections["What it cannot do"], re.M)) >= 2


@pytest.mark.parametrize("name", TASKS)
def test_a_card_counts_the_parameters_rightly(name: str) -> None:
    files = sorted((WEIGHTS / name).rglob("*.safetensors"))  # more than one if it has an adapter
    text = (WEIGHTS / name / "README.md").read_text("utf-8")
    told = [float(count) for count in re.findall(r"([\d.]+) M parameters", text)]
    for file in files:
        count = parameters(file) / 1e6
        assert any(number == pytest.approx(count, abs=0.06) for number in told), (file, count)
