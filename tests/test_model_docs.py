"""The page about the multimodal LLM runs as it stands."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from modaverse.model import ModaVerseConfig, ModaVerseProcessor
from modaverse.plan import Plan

PAGE = Path(__file__).parents[1] / "docs" / "model.md"


def test_the_page_runs_from_top_to_bottom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) >= 6
    for code in blocks:
        exec(compile(code, "docs/model.md", "exec"), names)
    assert isinstance(names["plan"], Plan)
    assert names["written"].shape[1] == names["batch"]["input_ids"].shape[1] + 8
    assert names["loss"].item() > 0
    assert list(names["llm"].stream(names["request"]))


def test_its_tables_name_what_there_is() -> None:
    page = PAGE.read_text()
    config = ModaVerseConfig(text_config=None)
    told = re.findall(r"^\| (`\w+`[^|]*)\|", page, re.MULTILINE)
    named = {name for cell in told for name in re.findall(r"`(\w+)`", cell)}
    taken = {*ModaVerseProcessor.model_input_names.fget(None), "labels"}  # type: ignore[attr-defined]
    options = {name for name in named - taken if hasattr(config, name)}
    assert taken <= named
    assert named - taken == options
    for name, default in (("vision_tokens", 4), ("audio_tokens", 8), ("max_frames", 8)):
        assert getattr(config, name) == default
        assert re.search(rf"^\| `{name}` \|.*\| {default} \|$", page, re.MULTILINE)
