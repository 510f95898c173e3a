"""Settings of the alignment stage: files, typed words, every problem at once, and what is saved."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from modaverse.errors import ConfigError
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.reading import (
    CONFIG_FILE,
    as_toml,
    read_config,
    read_run,
    recipes,
    write_config,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "rows.jsonl").touch()
    path = tmp_path / "mine.toml"
    path.write_text(
        'seed = 3\n[model]\nlanguage = "some/model"\n'
        '[data]\ntrain = ["rows.jsonl"]\n[training]\nbatch = 8\n'
    )
    return path


def test_a_file_is_read_and_its_paths_stand_beside_it(file: Path) -> None:
    config = read_config(file).config
    assert config.model.language == "some/model"
    assert [source.path for source in config.data.train] == [file.parent / "rows.jsonl"]
    assert (config.seed, config.training.batch, config.lora.rank) == (3, 8, 16)


def test_typed_words_win_and_their_paths_are_of_the_working_directory(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "more.parquet").touch()
    monkeypatch.chdir(elsewhere)
    config = read_config(
        file,
        [
            "training.batch=32", "lora.targets=q_proj", "training.learning_rate=1e-3",
            'data.train=[{path = "more.parquet", weight = 0.5}]', "out=run",
        ],
    ).config  # fmt: skip
    assert (config.training.batch, config.lora.targets) == (32, ("q_proj",))
    assert config.training.learning_rate == 1e-3
    assert [(s.path, s.weight) for s in config.data.train] == [(elsewhere / "more.parquet", 0.5)]
    assert config.out == elsewhere / "run"


def test_each_value_says_where_it_comes_from(file: Path) -> None:
    told = {name: (value, who) for name, value, who in read_config(file, ["seed=9"]).lines()}
    assert told["seed"] == ("9", "typed")
    assert told["training.batch"] == ("8", str(file))
    assert told["training.clip"] == ("1.0", "default")


def test_a_recipe_can_be_looked_at_before_there_are_rows() -> None:
    assert ("data.train", "[]", "default") in read_config("nano", files=False).lines()
    with pytest.raises(ConfigError, match=r"data\.train: name at least one file of rows"):
        read_config("nano")


def test_every_problem_is_listed_at_once(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(
            file,
            [
                "training.bacth=4", "model.dtype=int7", "data.train=gone.jsonl", "lora.rank=0",
                "nothing", "seed.x=1", "packing.length=8",
            ],
        )  # fmt: skip
    told = caught.value.message
    assert len(caught.value.problems) == 7
    assert "training.bacth: there is no such setting; did you mean batch?" in told
    assert "'int7'" in told
    assert "there is no file" in told
    assert "gone.jsonl" in told
    assert "lora.rank" in told
    assert "'nothing' is no setting" in told
    assert "seed is not a table" in told
    assert "packing.length" in told


def test_what_does_not_go_together_is_listed_with_the_rest(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(
            file,
            [
                "training.epochs=many", "training.micro_batch=3", "training.batch=5",
                "model.dtype=int7", "model.kind=own-eyes", "model.vision=some/eyes",
                "data.turns=none", f"data.validation={file}", "data.validation_share=0.1",
            ],
        )  # fmt: skip
    told = caught.value.message
    assert len(caught.value.problems) == 7
    for reason in (
        "training.epochs", "does not divide batch, 5", "model.dtype", "takes no encoders",
        "cannot be packed", "data.turns", "not both",
    ):  # fmt: skip
        assert reason in told


def test_a_wrong_setting_is_not_blamed_on_others_as_well(file: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(file, ["training.batch=few", "training.micro_batch=3", "packing=7"])
    assert len(caught.value.problems) == 2  # whether 3 divides it is not known
    with pytest.raises(ConfigError) as caught:
        read_config(file, ["model=mine", "data=yours", "training.micro_batch=3"])
    assert len(caught.value.problems) == 3


def test_folders_that_are_not_there_are_listed_with_the_rest(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts").mkdir()
    words = [
        "model.language=parts/nope", "model.vision=./eyes", "model.audio=~/no-such-ears",
        "model.start=/no/such/run", "data.train=nope.jsonl", "lora.rank=0",
    ]  # fmt: skip
    with pytest.raises(ConfigError) as caught:
        read_config(file, words)
    told = caught.value.message
    assert len(caught.value.problems) == 6
    assert f"model.language: there is no folder {tmp_path / 'parts/nope'}" in told
    for setting in ("vision", "audio", "start"):
        assert f"model.{setting}: there is no folder /" in told
    assert read_config(file, words[:4], files=False).config.model.audio.endswith("no-such-ears")
    assert read_config(file, ["model.vision=org/name"]).config.model.vision == "org/name"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("training.micro_batch=3", "does not divide batch, 8"),
        ("training={remember=true, workers=2}", "set workers = 0"),
        ("training={captions=5}", "name model.vision or model.audio"),
        ("model.kind=own-eyes", "set packing.enabled = false"),
        ("training.learning_rate=nan", "training.learning_rate"),
        ("data.validation_share=1", "data.validation_share"),
        ("logging.report_to=paper", "logging.report_to.0"),
        ("data.train=[]", "data.train"),
    ],
)
def test_what_does_not_go_together_is_refused(file: Path, word: str, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        read_config(file, [word])


def test_validation_is_files_or_a_share(file: Path) -> None:
    with pytest.raises(ConfigError, match="not both"):
        read_config(file, [f"data.validation={file}", "data.validation_share=0.1"])


def test_what_is_saved_reads_back_to_the_same(file: Path, tmp_path: Path) -> None:
    config = read_config(
        file, ['model.vision=a "quoted" \\\\ name', "lora.alpha=1e-5"], files=False
    ).config
    run = tmp_path / "run"
    run.mkdir()
    write_config(config, run / CONFIG_FILE)
    assert read_run(run) == config
    assert set(tomllib.loads(as_toml(config))) == set(AlignmentConfig.model_fields)


def test_a_run_can_be_read_when_its_data_is_gone(file: Path, tmp_path: Path) -> None:
    write_config(read_config(file).config, tmp_path / CONFIG_FILE)
    (tmp_path / "rows.jsonl").unlink()
    assert read_run(tmp_path).training.batch == 8
    with pytest.raises(ConfigError, match="is no run"):
        read_run(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("text", "reason"), [("seed = ", "is not TOML"), ("[data", "is not TOML"), (None, "no file")]
)
def test_a_file_that_is_none(tmp_path: Path, text: str | None, reason: str) -> None:
    path = tmp_path / "odd.toml"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=reason):
        read_config(path)


@pytest.mark.parametrize("name", sorted(recipes()))
def test_every_recipe_holds(name: str, tmp_path: Path) -> None:
    rows = tmp_path / "rows.jsonl"
    rows.touch()
    config = read_config(name, [f"data.train={rows}"]).config
    assert config.model.language


def test_the_recipes_are_those_that_are_promised() -> None:
    assert {"nano", "paper", "qwen3-4b", "qwen3-vl"} <= set(recipes())


def test_the_paper_is_followed(tmp_path: Path) -> None:
    (tmp_path / "rows.jsonl").touch()
    config = read_config("paper", [f"data.train={tmp_path / 'rows.jsonl'}"]).config
    assert (config.lora.rank, config.lora.alpha, config.lora.dropout) == (32, 32, 0.1)
    assert config.lora.targets == ("q_proj", "k_proj", "v_proj", "o_proj")
    training = config.training
    assert (training.batch, training.learning_rate, training.epochs, training.warmup) == (
        16, 4e-4, 1, 0.1,
    )  # fmt: skip
    assert (config.packing.length, config.model.vision_tokens) == (512, 1)
    assert config.model.projection == "linear"
