"""What a run leaves: planned with, loaded by plain peft, merged, pushed; and the command line."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import huggingface_hub
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from typer.testing import CliRunner

from modaverse.cli import app, main
from modaverse.errors import BackendMissing, ConfigError, LibraryError
from modaverse.llm import LLMRequest, Message, Sampling, load_llm
from modaverse.llm.debug import write_checkpoint
from modaverse.media import Image
from modaverse.model.alignment import assemble
from modaverse.model.debug import write_encoder
from modaverse.toolbox import Toolbox
from modaverse_training.alignment import run as stage
from modaverse_training.alignment.merge import merge
from modaverse_training.alignment.preview import preview
from modaverse_training.alignment.push import card, push
from modaverse_training.alignment.reading import read_run, write_config
from tests.alignment_models import settings, write_data

TOKENS = torch.tensor([[5, 60, 61, 62, 7, 90, 33]])


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A language model, encoders, rows, and a run of each kind: `plain` and `seeing`."""
    home = tmp_path_factory.mktemp("result")
    language = write_checkpoint(home / "lm")
    rows = write_data(home / "data", 12, media=True)
    model = {
        "vision": str(write_encoder(home / "eyes", "siglip")),
        "audio": str(write_encoder(home / "ears", "whisper")),
    }
    training = {"learning_rate": 0.05, "epochs": 6}
    stage.train(settings(language, rows, home / "plain", training=training), quiet=True)
    stage.train(
        settings(language, rows, home / "seeing", training=training, model=model), quiet=True
    )
    return home


def planned(folder: Path, small_image: Image) -> str:
    llm = load_llm(str(folder), device="cpu")
    request = LLMRequest(
        (Message("user", "draw this", ("image1",)),),
        Toolbox.default().only("text-to-image"),
        {"image1": "image"},
        Sampling(max_tokens=64),
        media={"image1": small_image},
    )
    return "".join(llm.stream(request))


# ---- planning with it
@pytest.mark.parametrize("run", ["plain", "seeing"])
def test_an_alignment_plans_as_its_merged_model_does(
    home: Path, tmp_path: Path, run: str, small_image: Image
) -> None:
    whole = merge(home / run, tmp_path / "whole")
    assert planned(whole, small_image) == planned(home / run / "alignment", small_image)
    assert planned(whole, small_image) == planned(home / run, small_image)
    assert load_llm(str(home / run)).name == run


def test_plain_peft_loads_the_adapter(home: Path) -> None:
    from peft import PeftModel

    base = AutoModelForCausalLM.from_pretrained(home / "lm")
    with torch.no_grad():
        untouched = base(TOKENS).logits
        adapted = PeftModel.from_pretrained(base, home / "seeing" / "alignment" / "adapter")
        ours, _ = assemble(home / "seeing" / "alignment")
        assert torch.allclose(adapted(TOKENS).logits, ours(input_ids=TOKENS).logits, atol=1e-4)
        assert not torch.allclose(untouched, ours(input_ids=TOKENS).logits, atol=1e-2)
    config = json.loads((home / "seeing/alignment/adapter/adapter_config.json").read_text())
    assert config["modules_to_save"] is None  # what vLLM would refuse


def test_a_merged_language_model_is_a_plain_folder(home: Path, tmp_path: Path) -> None:
    whole = merge(home / "plain", tmp_path / "whole")
    model = AutoModelForCausalLM.from_pretrained(whole)
    ours, _ = assemble(home / "plain" / "alignment")
    with torch.no_grad():
        assert torch.allclose(model(TOKENS).logits, ours(input_ids=TOKENS).logits, atol=1e-4)
    assert AutoTokenizer.from_pretrained(whole).chat_template
    assert json.loads((whole / "modaverse.json").read_text())["dialect"] == "lines"


def test_a_new_run_goes_on_from_an_alignment(home: Path, tmp_path: Path) -> None:
    config = settings(
        home / "lm", home / "data/rows.jsonl", tmp_path / "more",
        model={"start": str(home / "plain")}, training={"learning_rate": 1e-9},
    )  # fmt: skip
    report = stage.train(config, quiet=True)
    before, _ = assemble(home / "plain" / "alignment")
    after, _ = assemble(report.alignment)
    with torch.no_grad():
        old, new = (model(input_ids=TOKENS).logits for model in (before, after))
    assert torch.allclose(old, new, atol=1e-4)
    with pytest.raises(ConfigError, match="holds no alignment"):
        stage.train(
            config.model_copy(
                update={
                    "out": tmp_path / "none",
                    "model": config.model.model_copy(update={"start": str(tmp_path)}),
                }
            ),
            quiet=True,
        )


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda home, out: home / "data", "is no run"),
        (lambda home, out: _unended(home, out), "has not ended"),
    ],
)
def test_only_an_ended_run_is_merged(home: Path, tmp_path: Path, make: Any, reason: str) -> None:
    with pytest.raises(ConfigError, match=reason):
        merge(make(home, tmp_path / "run"), tmp_path / "whole")


def _unended(home: Path, out: Path) -> Path:
    out.mkdir()
    write_config(read_run(home / "plain"), out / "config.toml")
    return out


def test_nothing_is_merged_over(home: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(ConfigError, match="there already"):
        merge(home / "plain", tmp_path)


# ---- pushing it
class Hub:
    """A hub that keeps what it is sent."""

    sent: dict[str, bytes]
    private: bool

    def create_repo(self, repo: str, **options: Any) -> Any:
        type(self).private = options["private"]
        return huggingface_hub.RepoUrl(f"https://huggingface.co/{repo}")

    def upload_folder(self, *, folder_path: Path, repo_id: str, commit_message: str) -> None:
        type(self).sent = {
            str(path.relative_to(folder_path)): path.read_bytes()
            for path in Path(folder_path).rglob("*")
            if path.is_file()
        }


def test_what_is_pushed_names_no_place_of_the_machine(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(huggingface_hub, "HfApi", Hub)
    assert push(home / "seeing", "me/mine") == "https://huggingface.co/me/mine"
    assert Hub.private
    assert set(Hub.sent) == {
        "README.md", "modaverse.json", "projections.safetensors",
        "adapter/adapter_config.json", "adapter/adapter_model.safetensors",
    }  # fmt: skip
    text = {name: data for name, data in Hub.sent.items() if not name.endswith(".safetensors")}
    assert not any(str(home).encode() in data for data in text.values())
    assert json.loads(text["adapter/adapter_config.json"])["base_model_name_or_path"] == "lm"
    assert b"rank 4, alpha 8" in text["README.md"]
    assert b"loss" in text["README.md"]


def test_a_card_names_its_base_on_the_hub(home: Path) -> None:
    config = read_run(home / "plain")
    model = config.model.model_copy(update={"language": "Qwen/Qwen3-4B"})
    assert "base_model: Qwen/Qwen3-4B\n" in card(config.model_copy(update={"model": model}), [])


def test_offline_it_says_so(home: Path) -> None:
    with pytest.raises(LibraryError, match="me/mine cannot be uploaded to") as caught:
        push(home / "plain", "me/mine")
    assert "go online" in caught.value.hint


@pytest.mark.parametrize(("status", "hint"), [(401, "hf auth login"), (503, "go online")])
def test_a_hub_that_refuses(
    home: Path, monkeypatch: pytest.MonkeyPatch, status: int, hint: str
) -> None:
    class Refuses(Hub):
        def create_repo(self, repo: str, **options: Any) -> Any:
            answer = SimpleNamespace(status_code=status, headers={}, request=None)
            raise huggingface_hub.errors.HfHubHTTPError("no", response=answer)  # type: ignore[arg-type]

    monkeypatch.setattr(huggingface_hub, "HfApi", Refuses)
    with pytest.raises(LibraryError) as caught:
        push(home / "plain", "me/mine")
    assert hint in caught.value.hint


def test_a_name_that_is_none_is_told(home: Path) -> None:
    with pytest.raises(ConfigError, match="no name of a repository"):
        push(home / "plain", "not/a/name")


# ---- the command line
def typed(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, words, catch_exceptions=False, standalone_mode=False)
    return int(result.return_value or 0), result.stdout


@pytest.fixture
def file(home: Path, tmp_path: Path) -> str:
    config = settings(home / "lm", home / "data/rows.jsonl", tmp_path / "run")
    write_config(config, tmp_path / "mine.toml")
    return str(tmp_path / "mine.toml")


def test_train_merge_and_plan_from_the_command_line(
    file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", file, "training.epochs=2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["steps"] >= 2
    assert main(["merge", str(tmp_path / "run"), "--out", str(tmp_path / "whole")]) == 0
    assert capsys.readouterr().out.strip() == str(tmp_path / "whole")
    llm = ["--llm", report["alignment"], "--json"]
    assert main(["plan", "a red fox", *llm]) == 0
    assert json.loads(capsys.readouterr().out)["error"] is None


def test_show_tells_every_setting_and_who_set_it(file: str) -> None:
    code, out = typed("train", file, "seed=9", "--show")
    assert code == 0
    lines = dict(line.split("  # ") for line in out.splitlines())
    assert {line.split(" =")[0].strip(): who for line, who in lines.items()}["seed"] == "typed"
    assert len(lines) > 30


def test_preview_sets_off_what_is_learned(file: str, home: Path) -> None:
    code, out = typed("train", file, "--preview", "2")
    assert code == 0
    assert out.count("⟦Here is your picture.") == 2
    assert out.count("<|im_end|>⟧") == 2
    config = read_run(home / "seeing")
    shown = list(preview(stage.prepare(config), 12))
    assert any("[image1]" + "▒" * 4 in text.plain for text in shown)
    assert any(str(span.style) == "bold green" for text in shown for span in text.spans)


def test_three_mistakes_are_listed_together(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", file, "lora.rnk=4", "training.batch=0", "model.dtype=odd"]) == 3
    told = capsys.readouterr().err
    assert "did you mean rank?" in told
    assert "training.batch" in told
    assert "model.dtype" in told


def test_training_that_is_not_installed_is_told(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from modaverse.commands import train

    def missing(name: str) -> Any:
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(train, "import_module", missing)
    with pytest.raises(BackendMissing, match="training cannot be loaded"):
        train.show(file, (), json=False)
