"""Each recipe trains for a few steps on a tiny random checkpoint of its real architecture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoTokenizer

from modaverse.errors import BackendMissing, ConfigError
from modaverse.llm.debug import write_checkpoint
from modaverse.model.debug import write_encoder
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.aligned import load_encoder
from modaverse_training.alignment.callbacks import read_metrics
from modaverse_training.alignment.eyes import Eyes, collate_seen
from modaverse_training.alignment.packing import IGNORED
from modaverse_training.alignment.reading import read_config
from modaverse_training.alignment.run import train
from modaverse_training.alignment.sequences import Rows
from tests.alignment_models import settings, write_data, write_qwen3_vl

SMALL = [
    "training.steps=3", "training.batch=4", "training.micro_batch=2", "training.workers=0",
    "training.device=cpu", "training.epochs=8", "logging.every=1", "logging.evaluate_every=0",
]  # fmt: skip

SHORT = ["packing.length=320"]


def vicuna(folder: Path) -> list[str]:
    """A Llama whose tokenizer has no template, CLIP and CLAP."""
    write_checkpoint(folder / "lm", architecture="llama")
    (folder / "lm" / "chat_template.jinja").unlink()
    write_encoder(folder / "eyes", "clip")
    write_encoder(folder / "ears", "clap")
    return ["language=lm", "vision=eyes", "audio=ears"]


def qwen3(folder: Path) -> list[str]:
    write_checkpoint(folder / "lm", architecture="qwen3")
    write_encoder(folder / "eyes", "siglip")
    write_encoder(folder / "ears", "whisper")
    return ["language=lm", "vision=eyes", "audio=ears", *SHORT]


def qwen3_vl(folder: Path) -> list[str]:
    write_qwen3_vl(folder / "lm")
    return ["language=lm"]


def nano(folder: Path) -> list[str]:
    write_checkpoint(folder / "lm", architecture="llama")
    return ["language=lm", *SHORT]


@pytest.mark.parametrize(
    ("recipe", "write"),
    [("nano", nano), ("paper", vicuna), ("qwen3-4b", qwen3), ("qwen3-vl", qwen3_vl)],
)
def test_a_recipe_trains(
    recipe: str,
    write: Callable[[Path], list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    model = [word if "." in word else f"model.{word}" for word in write(tmp_path)]
    write_data(tmp_path / "data", 16, media=recipe != "nano")
    config = read_config(recipe, [*SMALL, *model, "data.train=data/rows.jsonl", "out=run"]).config
    report = train(config, quiet=True)
    losses = [line["loss"] for line in read_metrics(config.out) if "loss" in line]
    assert len(losses) == report.steps == 3
    assert all(1 < loss < 10 for loss in losses)
    assert (report.alignment / "adapter" / "adapter_model.safetensors").is_file()
    has_projections = (report.alignment / "projections.safetensors").is_file()
    assert has_projections == (recipe in ("paper", "qwen3-4b"))


# The nano recipe's own settings on a fixed random model, so that a new release of the weights does
# not change them.
GOLDEN = [5.99023, 5.99165, 5.73208, 5.58626]


def test_the_first_losses_of_the_nano_recipe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_checkpoint(tmp_path / "lm", architecture="llama", width=64)
    write_data(tmp_path / "data", 60)
    words = [
        "model.language=lm", "data.train=data/rows.jsonl", "out=run", "training.steps=4",
        "training.batch=4", "training.micro_batch=4", "training.precision=float32",
        "training.device=cpu", "training.learning_rate=0.02", "logging.every=1",
    ]  # fmt: skip
    config = read_config("nano", words).config
    train(config, quiet=True)
    losses = [line["loss"] for line in read_metrics(config.out) if "loss" in line]
    assert losses == pytest.approx(GOLDEN, abs=1e-3)


# ---- a model that sees by itself
@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    home = tmp_path_factory.mktemp("seeing")
    return {
        "model": write_qwen3_vl(home / "lm"),
        "rows": write_data(home / "data", 8, media=True),
    }


def own_eyes(seeing: dict[str, Path], out: Path, **tables: Any) -> Any:
    tables["model"] = {"kind": "own-eyes", **tables.get("model", {})}
    tables["packing"] = {"enabled": False, "length": 512}
    return settings(seeing["model"], seeing["rows"], out, **tables)


def test_its_rows_hold_pictures_and_learn_the_plan_only(
    seeing: dict[str, Path], tmp_path: Path
) -> None:
    material = stage.prepare(own_eyes(seeing, tmp_path))
    eyes = material.encoder
    assert isinstance(eyes, Eyes)
    places = [(number,) for number in range(8)]
    rows = Rows(material.learned, [*places, ()], eyes, material.asker)
    seen, plain = rows[2], rows[1]  # row 2 has a picture, a sound and a video; row 1 nothing
    mark = eyes.tokenizer.convert_tokens_to_ids("<|image_pad|>")
    grid = seen.whole["image_grid_thw"]
    assert len(grid) == 1 + 4  # the picture, and the frames of the video
    assert (seen.input_ids == mark).sum() == int(grid.prod(-1).sum()) // 4
    assert plain.whole == {}
    for row in (seen, plain):
        learned = row.labels[row.labels != IGNORED].tolist()
        told = eyes.tokenizer.decode(learned)
        assert told.startswith("Here is your picture.\ntext-to-image:")
        assert told.endswith(eyes.tokenizer.eos_token)
    assert (rows[8].labels == IGNORED).all()
    batch = collate_seen([seen, plain], pad=eyes.pad)
    assert batch["input_ids"].shape == batch["mm_token_type_ids"].shape
    assert batch["attention_mask"].sum(1).tolist() == [len(seen.input_ids), len(plain.input_ids)]


def test_its_run_goes_on_and_merges(seeing: dict[str, Path], tmp_path: Path) -> None:
    from transformers import AutoModelForImageTextToText

    from modaverse_training.alignment.merge import merge

    config = own_eyes(seeing, tmp_path / "run", saving={"every": 1})
    first = train(config, quiet=True)
    (config.out / f"checkpoint-{first.steps}" / "trainer_state.json").unlink()
    again = train(config, quiet=True)
    assert again.resumed == first.steps - 1
    assert again.loss == pytest.approx(first.loss, abs=1e-5)
    whole = merge(config.out, tmp_path / "whole")
    model = AutoModelForImageTextToText.from_pretrained(whole)
    base = AutoModelForImageTextToText.from_pretrained(seeing["model"])
    name = "model.language_model.layers.0.self_attn.q_proj.weight"
    assert not torch.equal(model.state_dict()[name], base.state_dict()[name])
    assert AutoTokenizer.from_pretrained(whole).chat_template


# ---- what is not there
@pytest.mark.parametrize(
    ("tables", "package"),
    [
        ({"model": {"quantize": "4bit"}}, "bitsandbytes"),
        ({"logging": {"report_to": ["wandb"]}}, "wandb"),
        ({"model": {"attention": "flash_attention_2"}}, "flash-attn"),
    ],
)
def test_a_missing_package_is_told_before_anything_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tables: dict[str, Any], package: str
) -> None:
    from modaverse_training.alignment import arguments

    monkeypatch.setattr(arguments, "find_spec", lambda name: None)
    config = settings(tmp_path / "nowhere", write_data(tmp_path, 4), tmp_path / "run", **tables)
    with pytest.raises(BackendMissing, match=package) as caught:
        stage.prepare(config)
    assert caught.value.hint == f"pip install {package}"


@pytest.mark.parametrize(
    ("training", "why"), [({"device": "cpu"}, "device is cpu"), ({"device": "auto"}, "none here")]
)
def test_without_a_gpu_nothing_is_read_of_what_is_to_be_quantized(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, training: dict[str, Any], why: str
) -> None:
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: False)
    config = settings(
        tmp_path / "nowhere", tmp_path / "no-rows.jsonl", tmp_path / "run",
        model={"quantize": "4bit"}, training=training,
    )  # fmt: skip
    with pytest.raises(ConfigError, match=f"4bit needs a GPU, and .*{why}") as caught:
        train(config, quiet=True)
    assert "model.quantize=none" in caught.value.hint


@pytest.mark.parametrize("part", ["language", "vision", "audio"])
def test_a_missing_part_is_named(tmp_path: Path, part: str) -> None:
    language = write_checkpoint(tmp_path / "lm")
    model = {part: str(tmp_path / "gone")}
    config = settings(language, write_data(tmp_path, 4), tmp_path / "run", model=model)
    with pytest.raises(BackendMissing, match="gone"):
        load_encoder(config)


def test_layers_that_are_not_there_are_told(tmp_path: Path) -> None:
    language = write_checkpoint(tmp_path / "lm")
    config = settings(
        language, write_data(tmp_path, 4), tmp_path / "run", lora={"targets": ["nose_proj"]}
    )
    with pytest.raises(ConfigError, match=r"lora\.targets = nose_proj"):
        train(config, quiet=True)


def test_an_optimizer_that_there_is_not_is_told(tmp_path: Path) -> None:
    language = write_checkpoint(tmp_path / "lm")
    training = {"optimizer": "adamm"}
    config = settings(language, write_data(tmp_path, 4), tmp_path / "run", training=training)
    with pytest.raises(ConfigError, match="adamm"):
        train(config, quiet=True)
