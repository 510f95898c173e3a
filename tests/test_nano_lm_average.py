"""The average of models: its weights, its folder, and what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from modaverse.errors import ConfigError
from modaverse_training.nano.lm import average


def write_model(folder: Path, *values: float, name: str = "w") -> Path:
    folder.mkdir()
    save_file({name: torch.tensor(values, dtype=torch.bfloat16)}, folder / "model.safetensors")
    (folder / "config.json").write_text(f'{{"of": "{folder.name}"}}')
    return folder


def test_weights_are_averaged_and_the_first_gives_the_rest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = write_model(tmp_path / "one", 1, 2), write_model(tmp_path / "two", 3, -2)
    three = write_model(tmp_path / "three", 5, 3)
    out = tmp_path / "out"
    monkeypatch.setattr(sys, "argv", ["average", *map(str, (one, two, three)), "--out", str(out)])
    average.main()
    found = load_file(out / "model.safetensors")["w"]
    assert found.dtype == torch.bfloat16
    assert found.tolist() == [3.0, 1.0]
    assert (out / "config.json").read_text() == '{"of": "one"}'
    average.average([one, two], one)  # in place
    assert load_file(one / "model.safetensors")["w"].tolist() == [2.0, 0.0]


def test_models_of_other_shapes_are_refused(tmp_path: Path) -> None:
    one = write_model(tmp_path / "one", 1, 2)
    for other in (
        write_model(tmp_path / "long", 1, 2, 3),
        write_model(tmp_path / "x", 1, name="x"),
    ):
        with pytest.raises(ConfigError, match="different shapes"):
            average.average([one, other], tmp_path / "out")
    assert not (tmp_path / "out").exists()
