"""The alignment stage from end to end on tiny models: loss, packing, resuming, disks and errors."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from modaverse.errors import ConfigError, DataError, LibraryError, TrainingError
from modaverse.llm.debug import write_checkpoint
from modaverse.media import Media
from modaverse.model.debug import write_encoder
from modaverse_training.alignment import data, features, sequences
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.aligned import load_aligned, load_encoder
from modaverse_training.alignment.callbacks import read_metrics
from modaverse_training.alignment.checkpoints import last_good
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.data import Asker, read_examples
from modaverse_training.alignment.objective import plan_loss
from modaverse_training.alignment.packing import collate, pack
from modaverse_training.alignment.reading import CONFIG_FILE, write_config
from modaverse_training.alignment.sequences import Sequences
from tests.alignment_models import rows, settings, write_data
from tests.multimodal import film, picture, sound

PARALLEL = Path(stage.__file__).parent / "recipes" / "parallel"

pytestmark = pytest.mark.filterwarnings("ignore::UserWarning:torch.utils.data")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A language model, eyes, ears, and rows with media."""
    home = tmp_path_factory.mktemp("parts")
    return {
        "language": write_checkpoint(home / "lm"),
        "vision": write_encoder(home / "eyes", "siglip"),
        "audio": write_encoder(home / "ears", "whisper"),
        "rows": write_data(home / "data", 24, media=True),
    }


def multimodal(parts: dict[str, Path], out: Path, **tables: Any) -> AlignmentConfig:
    model = {"vision": str(parts["vision"]), "audio": str(parts["audio"]), "max_frames": 2}
    tables["model"] = {**model, **tables.get("model", {})}
    return settings(parts["language"], parts["rows"], out, **tables)


def losses(run: Path) -> list[float]:
    return [line["loss"] for line in read_metrics(run) if "loss" in line]


# ---- the loss
@pytest.mark.parametrize("attention", ["sdpa", "eager"])
def test_packed_rows_have_the_loss_they_have_alone(
    parts: dict[str, Path], tmp_path: Path, attention: str
) -> None:
    config = multimodal(parts, tmp_path, model={"attention": attention})
    reader = load_encoder(config)
    aligned = load_aligned(config, reader)
    aligned.model.eval()
    asker = Asker("lines", told=False)
    examples = read_examples(
        config.data.train, reader, asker, turns="last", on_error="raise", length=256
    )
    data = Sequences(examples, [()], reader, asker, length=256, pad=reader.pad)
    encoded = [data.encoded(number) for number in range(4)]
    head = aligned.model.get_output_embeddings()

    def loss(batch: Any) -> tuple[float, int]:
        with torch.no_grad():
            total, tokens = plan_loss(aligned.model, head, batch, attention=attention)
        return total.item(), int(tokens)

    alone = [loss(collate([pack([row], 256, reader.pad)], trim=True)) for row in encoded]
    together = loss(collate([pack(encoded[:3], 256, 0), pack(encoded[3:], 256, 0)]))
    assert together[1] == sum(tokens for _, tokens in alone)
    assert together[0] == pytest.approx(sum(total for total, _ in alone), rel=1e-5)
    # and transformers' own loss of each row, with no packing, mask or selection of ours
    for row, (total, tokens) in zip(encoded, alone, strict=True):
        plain = {
            name: torch.from_numpy(getattr(row, name))[None]
            for name in ("input_ids", "media_kinds", "labels")
        } | {
            name: torch.from_numpy(getattr(row, name))
            for name in ("pixel_values", "frame_times", "audio_values")
            if getattr(row, name) is not None
        }
        with torch.no_grad():
            assert aligned.model(**plain).loss.item() == pytest.approx(total / tokens, rel=1e-5)


def test_all_that_learns_learns_and_nothing_else(parts: dict[str, Path], tmp_path: Path) -> None:
    config = multimodal(parts, tmp_path, training={"checkpointing": True})
    aligned = load_aligned(config, load_encoder(config))
    before = {name: value.clone() for name, value in aligned.model.state_dict().items()}
    report = stage.train(config, quiet=True)
    assert report.steps >= 2
    assert report.trained == aligned.trained()
    fresh = load_aligned(config, load_encoder(config))
    fresh.restore(report.alignment)
    after = fresh.model.state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert all("lora_" in name or name.startswith("projections.") for name in moved)
    parts_moved = {name.split(".")[1] for name in moved if name.startswith("projections.")}
    assert parts_moved == {"vision", "audio", "time"}
    assert sum("lora_B" in name for name in moved) == 2 * 4  # q, k, v, o of two layers


def test_what_is_remembered_changes_no_loss(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[int] = []
    load = data.load_media

    def counted(*given: Any) -> Any:
        opened.append(1)
        return load(*given)

    monkeypatch.setattr(sequences, "load_media", counted)
    curves, counts = {}, {}
    for remember in (False, True):
        opened.clear()
        training = {"epochs": 3, "remember": remember}
        config = multimodal(parts, tmp_path / str(remember), training=training)
        stage.train(config, quiet=True)
        curves[remember], counts[remember] = losses(config.out), len(opened)
    assert curves[True] == pytest.approx(curves[False], rel=1e-5)
    assert counts[True] == 24  # every row once
    assert counts[False] == 3 * 24


def test_media_that_come_again_are_perceived_once(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = multimodal(parts, tmp_path, training={"remember": True})
    encoder = load_encoder(config)
    model = load_aligned(config, encoder).model
    perception = encoder.processor.perception  # type: ignore[union-attr]
    again: list[list[Media]] = [
        [picture(1)], [sound(1)], [picture(2), sound(1)], [picture(1)], [film(1)],
    ]  # fmt: skip
    media = [perception.perceive(values) for values in again]
    plain = [features.features_of(model, each) for each in media]
    perceived: list[str] = []

    def counted(name: str) -> Callable[[torch.Tensor], torch.Tensor]:
        perceive: Callable[[torch.Tensor], torch.Tensor] = getattr(model, name)

        def count(values: torch.Tensor) -> torch.Tensor:
            perceived.append(name)
            return perceive(values)

        return count

    for name in ("look", "listen"):
        monkeypatch.setattr(model, name, counted(name))
    memory = features.Memory()
    for each, found in zip(media, plain, strict=True):
        known = memory.features_of(model, each)
        assert found.keys() == known.keys()
        assert all(torch.equal(found[name], known[name]) for name in found)
    assert sorted(perceived) == ["listen", "look", "look", "look"]


def test_projections_may_have_a_rate_of_their_own(parts: dict[str, Path], tmp_path: Path) -> None:
    moved = {}
    for rate in (0.0, 1e-6):
        training = {"epochs": 1, "learning_rate": 1e-2, "projection_rate": rate}
        config = multimodal(parts, tmp_path / f"{rate}", training=training)
        torch.manual_seed(config.seed)
        before = load_aligned(config, load_encoder(config)).model.projections.state_dict()
        report = stage.train(config, quiet=True)
        after = load_file(report.alignment / "projections.safetensors")
        moved[rate] = max(
            float((after[name] - before[name]).abs().max()) for name in before if "layers" in name
        )
        adapter = load_file(report.alignment / "adapter" / "adapter_model.safetensors")
        # B begins at zero, and Adam's first steps are as long as the rate
        assert max(float(v.abs().max()) for k, v in adapter.items() if "lora_B" in k) > 5e-3
    assert moved[0.0] > 5e-3
    assert 0 < moved[1e-6] < 1e-5


def test_a_run_learns_and_tells(
    parts: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[str] = []
    config = settings(
        parts["language"], parts["rows"], tmp_path / "run",
        data={"validation_share": 0.2}, training={"epochs": 6, "learning_rate": 0.05},
        logging={"evaluate_every": 3},
    )  # fmt: skip
    report = stage.train(config, tell=told.append)
    curve = losses(config.out)
    assert len(curve) == report.steps
    assert curve[-1] < curve[0] - 0.1
    assert report.loss == curve[-1]
    lines = read_metrics(config.out)
    evaluated = [line["eval_loss"] for line in lines if "eval_loss" in line]
    assert evaluated[-1] == report.eval_loss
    assert evaluated[-1] < evaluated[0]
    assert lines[-2]["epoch"] == pytest.approx(6, abs=0.5)
    assert any("parameters learn" in line for line in told)
    assert any("places filled" in line for line in told)
    assert f"step {report.steps}/{report.steps}" in capsys.readouterr().err
    assert {path.name for path in config.out.iterdir()} >= {
        "alignment", "config.toml", "metrics.jsonl", f"checkpoint-{report.steps}",
    }  # fmt: skip


# ---- going on after a kill
KILLED = """
import sys, time
from modaverse_training.alignment import trainer
step = trainer.AlignmentTrainer.training_step
def slowly(self, *given, **named):
    time.sleep(0.05)
    return step(self, *given, **named)
trainer.AlignmentTrainer.training_step = slowly
from modaverse.cli import main
sys.exit(main(["train", sys.argv[1], "--quiet"]))
"""


def test_a_killed_run_goes_on_with_the_same_losses(parts: dict[str, Path], tmp_path: Path) -> None:
    def config(name: str) -> AlignmentConfig:
        return multimodal(
            parts, tmp_path / name, lora={"rank": 4, "dropout": 0.2}, training={"epochs": 6},
            saving={"every": 2, "keep": 2},
        )  # fmt: skip

    whole = stage.train(config("whole"), quiet=True)
    killed = config("killed")
    write_config(killed, tmp_path / "killed.toml")
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path / "killed.toml")], env=environment
    )
    deadline = time.monotonic() + 600
    while last_good(killed.out) is None and time.monotonic() < deadline:
        assert process.poll() is None, "the run ended before it could be killed"
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not (killed.out / "alignment").exists()
    report = stage.train(killed, quiet=True)
    assert 0 < report.resumed < whole.steps
    assert losses(killed.out) == pytest.approx(losses(config("whole").out), abs=1e-6)
    assert [line["step"] for line in read_metrics(killed.out) if "loss" in line] == list(
        range(1, whole.steps + 1)
    )


def test_a_checkpoint_that_was_cut_off_is_not_gone_on_from(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    config = settings(parts["language"], parts["rows"], tmp_path / "run", training={"epochs": 3})
    first = stage.train(config, quiet=True)
    assert first.steps == 6
    (config.out / "checkpoint-6" / "trainer_state.json").write_text('{"global_st')
    again = stage.train(config, quiet=True)
    assert again.resumed == 4
    assert again.loss == pytest.approx(first.loss, abs=1e-6)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"training": {"learning_rate": 1e-5}}, "learning_rate was 0.003 and is 1e-05"),
        ({"lora": {"rank": 2}}, "lora.rank was 4 and is 2"),
    ],
)
def test_a_run_is_not_gone_on_with_other_settings(
    parts: dict[str, Path], tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    out = tmp_path / "run"
    stage.train(settings(parts["language"], parts["rows"], out), quiet=True)
    other = settings(parts["language"], parts["rows"], out, **change)
    with pytest.raises(ConfigError, match=reason):
        stage.train(other, quiet=True)
    assert stage.train(other, quiet=True, restart=True).resumed == 0


def test_a_run_is_not_gone_on_with_other_rows(parts: dict[str, Path], tmp_path: Path) -> None:
    data = write_data(tmp_path / "data", 12)
    config = settings(parts["language"], data, tmp_path / "run")
    stage.train(config, quiet=True)
    data.write_text(data.read_text().replace("fox 0", "cat 0"))
    with pytest.raises(ConfigError, match="rows have changed"):
        stage.train(config, quiet=True)


# ---- what is learned from
def test_every_answer_of_a_row_can_be_learned(parts: dict[str, Path], tmp_path: Path) -> None:
    row = rows(1)[0].model_dump(mode="json")
    row["messages"] = [*row["messages"], *row["messages"]]
    data = tmp_path / "rows.jsonl"
    data.write_text(json.dumps(row) + "\n")
    counts = {}
    for turns in ("last", "all"):
        table = {"train": [str(data)], "turns": turns}
        config = settings(parts["language"], data, tmp_path, data=table)
        counts[turns] = stage.prepare(config).learned
    assert [item.turn for item in counts["all"].items] == [1, 3]
    assert [item.turn for item in counts["last"].items] == [3]
    assert counts["all"].learned[0] == counts["all"].learned[1] == counts["last"].learned[0]
    assert counts["all"].lengths[0] < counts["all"].lengths[1]


def test_plans_are_learned_in_the_dialect_of_the_model(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    model = {"dialect": "json", "system": True, "context": 8000}
    config = settings(
        parts["language"], parts["rows"], tmp_path, model=model, packing={"length": 8000}
    )
    material = stage.prepare(config)
    example = material.learned.items[1]
    plan = json.loads(material.asker.answer(example))
    assert plan["calls"][0]["tool"] == "text-to-image"
    row = material.encoder.encode(
        material.asker.request(example, {}), material.asker.answer(example)
    )
    told = material.encoder.tokenizer.decode(row.input_ids.tolist())
    assert '"text-to-speech"' in told  # the tools of the row stand in the system message
    assert '"text-to-video"' not in told


def test_a_tool_that_is_not_there_stops_a_model_that_is_told_of_tools(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    text = rows(1)[0].model_copy(update={"tools": ("text-to-smell",)}).model_dump_json()
    data = tmp_path / "rows.jsonl"
    data.write_text(text.replace("text-to-image", "text-to-smell") + "\n")
    assert len(stage.prepare(settings(parts["language"], data, tmp_path)).learned.items) == 1
    told = settings(parts["language"], data, tmp_path, model={"system": True})
    with pytest.raises(DataError, match=r"row 'r0': there is no tool 'text-to-smell'"):
        stage.prepare(told)


# ---- what goes wrong
@pytest.mark.parametrize(
    "fault",
    [
        OSError(28, "No space left on device"),
        RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 20800 vs 20692"),
        RuntimeError("PytorchStreamWriter failed writing file data/3: file write failed"),
    ],
)
def test_a_full_disk_keeps_the_last_good_checkpoint(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    config = settings(parts["language"], parts["rows"], tmp_path / "run", training={"epochs": 3})
    save = torch.save

    def fill(value: Any, path: Any, *given: Any, **named: Any) -> None:
        if "checkpoint-4" in str(path):
            raise fault
        save(value, path, *given, **named)

    monkeypatch.setattr(torch, "save", fill)
    with pytest.raises(LibraryError, match=r"disk is full; checkpoint-2 is kept") as caught:
        stage.train(config, quiet=True)
    assert "free space" in caught.value.hint
    assert not (config.out / "checkpoint-4").exists()
    monkeypatch.undo()
    assert stage.train(config, quiet=True).resumed == 2


def test_a_disk_that_is_full_at_the_end_keeps_the_last_checkpoint(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from safetensors import SafetensorError

    from modaverse_training.alignment.aligned import BehindEncoders

    keep = BehindEncoders.keep

    def fill(self: Any, folder: Path, state: Any) -> None:
        if folder.name == ".alignment.part":
            (folder / "half").touch()
            raise SafetensorError("Error while serializing: I/O error: No space left on device")
        keep(self, folder, state)

    monkeypatch.setattr(BehindEncoders, "keep", fill)
    config = settings(parts["language"], parts["rows"], tmp_path / "run")
    told = r"^alignment cannot be written: the disk is full; checkpoint-2 is kept"
    with pytest.raises(LibraryError, match=told):
        stage.train(config, quiet=True)
    assert not list(config.out.glob("*alignment*"))


def test_a_loss_that_is_no_number_stops_the_run(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modaverse_training.alignment import trainer

    real, calls = plan_loss, iter(range(1000))

    def explode(*given: Any, **named: Any) -> Any:
        total, tokens = real(*given, **named)
        return (total * float("nan") if next(calls) >= 5 else total), tokens

    monkeypatch.setattr(trainer, "plan_loss", explode)
    config = settings(
        parts["language"], parts["rows"], tmp_path / "run", training={"epochs": 3},
        saving={"every": 1},
    )  # fmt: skip
    with pytest.raises(TrainingError, match=r"became nan after step 2; checkpoint-1 is kept") as it:
        stage.train(config, quiet=True)
    assert last_good(config.out) == config.out / "checkpoint-1"  # what came to the bad loss is gone
    assert "--restart" in it.value.hint
    monkeypatch.undo()
    start = re.search(r"model\.start=(\S+)", it.value.hint)
    assert start
    again = settings(
        parts["language"], parts["rows"], tmp_path / "new", model={"start": start[1]},
        training={"learning_rate": 1e-4},
    )  # fmt: skip
    assert stage.train(again, quiet=True).alignment.is_dir()
    assert stage.train(config, quiet=True, restart=True).alignment.is_dir()


@pytest.mark.parametrize("saved", [1, 100])  # as a checkpoint, or at the end alone
def test_weights_that_are_no_numbers_are_never_kept(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saved: int
) -> None:
    step = torch.optim.AdamW.step

    def spoil(self: Any, *given: Any, **named: Any) -> Any:
        done = step(self, *given, **named)
        self.param_groups[0]["params"][0].data[0, 0] = float("inf")
        return done

    monkeypatch.setattr(torch.optim.AdamW, "step", spoil)
    config = settings(
        parts["language"], parts["rows"], tmp_path / "run", training={"steps": 1},
        saving={"every": saved},
    )  # fmt: skip
    with pytest.raises(TrainingError, match=r"after step 1; no checkpoint is kept"):
        stage.train(config, quiet=True)
    assert not list(config.out.glob("*checkpoint*")) + list(config.out.glob("*alignment*"))


def test_a_measurement_that_is_no_number_stops_the_run(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from modaverse_training.alignment import trainer

    def explode(model: Any, *given: Any, **named: Any) -> Any:
        total, tokens = plan_loss(model, *given, **named)
        return (total if model.training else total * float("inf")), tokens

    monkeypatch.setattr(trainer, "plan_loss", explode)
    config = settings(
        parts["language"], parts["rows"], tmp_path / "run", data={"validation_share": 0.2},
        logging={"evaluate_every": 2},
    )  # fmt: skip
    with pytest.raises(TrainingError, match=r"measured on became inf after step 2"):
        stage.train(config, quiet=True)
    assert last_good(config.out) is None


def test_a_row_of_which_nothing_is_learned_is_named(parts: dict[str, Path], tmp_path: Path) -> None:
    row = rows(1)[0].model_dump(mode="json")
    row["messages"][1]["content"] = ""
    data = tmp_path / "rows.jsonl"
    data.write_text(json.dumps(row) + "\n")
    with pytest.raises(TrainingError, match=r"row 'r0' \(family 'draw'\): its template masks"):
        stage.prepare(settings(parts["language"], data, tmp_path / "run"))


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ('{{ "hello" }}', "I have long been"),
        ("{{ messages[0].content | upper }} assistant:", "and louder"),  # the second turn is lost
    ],
)
def test_a_template_that_leaves_out_the_request_is_told(
    tmp_path: Path, template: str, said: str
) -> None:
    language = write_checkpoint(tmp_path / "lm")
    (language / "chat_template.jinja").write_text(template)
    row = rows(1)[0].model_dump(mode="json")
    more = [{"role": "user", "content": "and louder"}, row["messages"][1]]
    data = tmp_path / "rows.jsonl"
    data.write_text(json.dumps({**row, "messages": [*row["messages"], *more]}) + "\n")
    with pytest.raises(TrainingError, match=f"{language} leaves out .*{said}") as caught:
        stage.prepare(settings(language, data, tmp_path / "run"))
    assert "chat_template" in caught.value.hint


def broken(tmp_path: Path) -> Path:
    """Good rows, one that is no JSON, one without its picture, and one that is too long."""
    lost, long = (row.model_dump(mode="json") for row in rows(2))
    lost["media"] = [{"handle": "image1", "modality": "image", "path": "gone.png"}]
    lost["messages"][0]["handles"] = ["image1"]
    long["messages"][0]["content"] = "draw " * 400
    good = [row.model_dump_json() for row in rows(8)]
    path = tmp_path / "rows.jsonl"
    path.write_text("\n".join([*good, "{", json.dumps(lost), json.dumps(long)]) + "\n")
    return path


def test_broken_rows_stop_the_run_with_their_line_or_name(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    config = settings(parts["language"], broken(tmp_path), tmp_path / "run")
    with pytest.raises(DataError, match="line 9") as caught:
        stage.prepare(config)
    assert "data.on_error=skip" in caught.value.hint


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        (9, r"rows\.jsonl, line 9: row 'r0': the file of image1 is not there: .*gone\.png"),
        (10, r"rows\.jsonl, line 9: row 'r1': the request is too long.*256 tokens"),
    ],
)
def test_a_row_that_cannot_be_used_is_told_with_its_place(
    parts: dict[str, Path], tmp_path: Path, place: int, reason: str
) -> None:
    path = broken(tmp_path)
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:8], lines[place]]))
    with pytest.raises(DataError, match=reason) as caught:
        stage.prepare(multimodal({**parts, "rows": path}, tmp_path / "run"))
    assert "data.on_error=skip" in caught.value.hint


def test_broken_rows_are_left_out_if_asked_to(parts: dict[str, Path], tmp_path: Path) -> None:
    data = {"train": [str(broken(tmp_path))], "on_error": "skip"}
    config = multimodal({**parts, "rows": tmp_path / "rows.jsonl"}, tmp_path / "run", data=data)
    material = stage.prepare(config)
    assert len(material.learned.items) == 8
    assert material.learned.skipped == {"broken": 1, "unusable": 2}


def test_rows_with_damaged_media_stop_or_are_left_out_before_anything_is_learned(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    path = broken(tmp_path)
    good, lost = path.read_text().splitlines()[:8], path.read_text().splitlines()[9]
    (tmp_path / "gone.png").write_bytes(b"\x89PNG no more")
    path.write_text("\n".join([*good, lost]))
    with pytest.raises(DataError, match="image1 cannot be read") as caught:
        stage.train(multimodal({**parts, "rows": path}, tmp_path / "stopped"), quiet=True)
    assert "data.on_error=skip" in caught.value.hint
    data = {"train": [str(path)], "on_error": "skip"}
    material = stage.prepare(multimodal({**parts, "rows": path}, tmp_path / "run", data=data))
    assert len(material.learned.items) == 8
    assert material.learned.skipped == {"unusable": 1}


def test_an_answer_that_calls_a_tool_its_row_lacks_stops_or_is_left_out(
    parts: dict[str, Path], tmp_path: Path
) -> None:
    path = tmp_path / "rows.jsonl"
    bad = rows(1)[0].model_dump(mode="json")
    bad["id"], bad["messages"][-1]["content"] = "bad", "Here.\ntext-to-music: a waltz"
    path.write_text("\n".join([*(row.model_dump_json() for row in rows(8)), json.dumps(bad)]))
    with pytest.raises(DataError, match=r"line 9: row 'bad': its answer .* 'text-to-music'"):
        stage.prepare(settings(parts["language"], path, tmp_path / "run"))
    data = {"train": [str(path)], "on_error": "skip"}
    material = stage.prepare(settings(parts["language"], path, tmp_path / "run", data=data))
    assert material.learned.skipped == {"unusable": 1}


def test_processes_must_share_the_batch_evenly(
    parts: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(ConfigError, match="need a multiple of 6"):
        stage.train(settings(parts["language"], parts["rows"], tmp_path / "run"))


# ---- several processes
def test_a_gathered_state_is_kept_as_the_models_own(parts: dict[str, Path], tmp_path: Path) -> None:
    config = multimodal(parts, tmp_path)
    aligned = load_aligned(config, load_encoder(config))
    aligned.keep(tmp_path / "own", None)
    gathered = {name: value.clone() for name, value in aligned.model.state_dict().items()}
    for value in aligned.model.parameters():  # as if it were only a part of each weight
        value.data.zero_()
    aligned.keep(tmp_path / "gathered", gathered)
    for name in ("adapter/adapter_model.safetensors", "projections.safetensors"):
        own, other = (load_file(tmp_path / place / name) for place in ("own", "gathered"))
        assert own.keys() == other.keys()
        assert all(torch.equal(own[key], other[key]) for key in own)


@pytest.mark.parametrize("path", sorted(PARALLEL.glob("*.yaml")), ids=lambda path: path.stem)
def test_accelerate_reads_the_recipes_for_larger_machines(path: Path) -> None:
    from accelerate.commands.config.config_args import load_config_from_file

    config = load_config_from_file(str(path))
    assert config.distributed_type in ("FSDP", "DEEPSPEED")
    assert config.fsdp_config or config.deepspeed_config


@pytest.mark.slow
def test_two_processes_have_the_losses_of_one(parts: dict[str, Path], tmp_path: Path) -> None:
    one = multimodal(parts, tmp_path / "one")
    stage.train(one, quiet=True)
    two = multimodal(parts, tmp_path / "two")
    write_config(two, tmp_path / CONFIG_FILE)
    subprocess.run(
        [
            sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch", "--cpu",
            "--num_processes", "2", "--num_machines", "1", "--mixed_precision", "no",
            "--main_process_port", "0", "--dynamo_backend", "no",
            "-m", "modaverse", "train", str(tmp_path / CONFIG_FILE), "--quiet",
        ],
        check=True,
        timeout=600,
        env={**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert losses(two.out) == pytest.approx(losses(one.out), abs=2e-5)
    assert (two.out / "alignment" / "projections.safetensors").is_file()
