"""Pretraining, alignment and evaluation of the nano language model, with a tiny network."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from modaverse.dialect import Dialect, Lines
from modaverse.errors import ConfigError
from modaverse.llm.base import LLMRequest, load_llm
from modaverse.toolbox import Toolbox
from modaverse_training.nano.lm import (
    align,
    corpus,
    evaluate,
    families,
    hard,
    pretrain,
    tokenizer,
    vocabulary,
)
from modaverse_training.nano.lm.corpus import Batch, Encoded, Packer
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.rows import Row
from tests.nano_words import write_wordnet

TOOLBOX = Toolbox.default()
EVERY_ROW = corpus.read_rows


@pytest.fixture(scope="module")
def wordnet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_wordnet(tmp_path_factory.mktemp("wordnet"))


@pytest.fixture(autouse=True)
def _tiny(monkeypatch: pytest.MonkeyPatch, wordnet: Path) -> None:
    def small(size: int = 300) -> LlamaForCausalLM:
        return LlamaForCausalLM(LlamaConfig(
            vocab_size=size, hidden_size=32, num_hidden_layers=2, intermediate_size=48,
            num_attention_heads=2, num_key_value_heads=2, max_position_embeddings=512,
            tie_word_embeddings=True, pad_token_id=0, bos_token_id=None, eos_token_id=3,
        ))  # fmt: skip

    monkeypatch.setattr(pretrain, "model", small)
    monkeypatch.setattr(pretrain, "TOKENIZER_ROWS", 60)
    monkeypatch.setattr(tokenizer, "VOCABULARY", 300)
    monkeypatch.setattr(vocabulary, "WORDNET", wordnet)
    # a tokenizer of thirty thousand rows takes longer than all that is tested with it
    monkeypatch.setattr(corpus, "read_rows", lambda path: EVERY_ROW(path)[::100])


def _settings(out: Path, **changes: object) -> pretrain.Settings:
    plain = {
        "batch": 2,
        "length": 192,
        "compile": False,
        "save_every": 2,
        "warmup": 1,
        "log_every": 1,
    }
    return pretrain.Settings(out, **{**plain, **changes})  # type: ignore[arg-type]


# ---- pretraining
def test_a_run_learns_saves_and_resumes(tmp_path: Path) -> None:
    pretrain.run(_settings(tmp_path, steps=4))
    saved = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert saved["step"] == 4
    pretrain.run(_settings(tmp_path, steps=6))
    again = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert again["step"] == 6
    assert again["seen"] > saved["seen"]
    assert (tmp_path / "model" / "model.safetensors").exists()
    assert (tmp_path / "model" / "chat_template.jinja").exists()
    assert json.loads((tmp_path / "settings.json").read_text())["steps"] == 6


def test_the_first_losses_of_a_seed_repeat(tmp_path: Path) -> None:
    losses = []
    for name in ("one", "two"):
        pretrain.run(_settings(tmp_path / name, steps=3))
        state = torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)
        losses.append(state["losses"])
    assert losses[0] == losses[1]
    assert losses[0][0] == pytest.approx(5.7, abs=0.3)  # ln 300: it knows nothing yet


@pytest.mark.parametrize(
    ("step", "decay", "expected"),
    [(0, 0, 0.1), (9, 0, 1.0), (999, 0, 1.0), (950, 100, 0.5), (1000, 100, 0.0), (899, 100, 1.0)],
)
def test_the_rate_rises_stays_and_falls(step: int, decay: int, expected: float) -> None:
    settings = pretrain.Settings(Path(), steps=1000, decay=decay, warmup=10)
    assert pretrain.factor(step, settings) == pytest.approx(expected)


def test_the_rate_may_fall_by_the_clock() -> None:
    settings = pretrain.Settings(Path(), minutes=30, cool=10, warmup=1)
    shares = [pretrain.factor(5, settings, minutes) for minutes in (0, 20, 25, 30, 31)]
    assert shares == [1.0, 1.0, 0.5, 0.0, 0.0]


def test_what_a_model_answers_for_sure_comes_seldom() -> None:
    torch.manual_seed(0)
    pieces = tokenizer.train(["draw a fox Here is your picture. text-to-image: a fox"] * 3, 300)
    network = pretrain.model(len(pieces))
    rows = [ROW, Row("draw a fox", "Here is your picture.", ("text-to-image: a fox",))]
    before = hard.surprise(network, pieces, rows)
    optimizer = torch.optim.AdamW(network.parameters(), 1e-2)
    learnt = itertools.repeat(corpus.encode(rows[1], pieces, 0.0))
    batch = next(iter(Packer(learnt, 1, 192)))
    for _ in range(60):
        pretrain.loss_of(network, batch).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        optimizer.zero_grad()
    after = hard.surprise(network, pieces, rows)
    assert after[1] < 0.2 < before[1]
    assert after[0] > 1
    assert hard.weights(after) == [1.0, 0.2]


def test_the_surprise_is_that_of_the_last_plan_alone() -> None:
    """However long the rows are that are read together, and whatever was said before."""
    torch.manual_seed(0)
    pieces = tokenizer.train(["draw a fox"], 300)
    network = pretrain.model(len(pieces))
    (alone,) = hard.surprise(network, pieces, [ROW])
    (first, _) = hard.surprise(
        network, pieces, [ROW, replace(ROW, history=(("hi", "Hello!"),) * 6)]
    )
    assert first == pytest.approx(alone, abs=1e-3)
    tokens = len(pieces(ROW.answer() + tokenizer.END, add_special_tokens=False).input_ids)
    assert alone == pytest.approx(tokens * math.log(300), rel=0.1)  # it knows nothing yet


def test_a_run_may_take_hard_rows_more_often(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[float]] = []

    def weights(surprises: list[float], often: list[float]) -> list[float]:
        given.append(surprises)
        return [a * b for a, b in zip(surprises, often, strict=True)]

    monkeypatch.setattr(hard, "weights", weights)
    few = corpus.read_rows(corpus.REQUESTS / "train.jsonl")[:8]
    monkeypatch.setattr(corpus, "read_rows", lambda path: few)
    pretrain.run(_settings(tmp_path, steps=1, hard=True, family=((few[0].family, 2.0),)))
    assert [len(surprises) for surprises in given] == [8]
    assert min(given[0]) > 10


def test_hard_rows_need_a_model_that_knows_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["pretrain", "--out", str(tmp_path), "--hard"])
    with pytest.raises(SystemExit):
        pretrain.main()
    assert "--hard needs --init" in capsys.readouterr().err


def test_all_kinds_that_are_named_count(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[align.Settings] = []
    monkeypatch.setattr(align, "run", runs.append)
    words = "align --base a --out b --often seen=1 about=0.5 --often edited=2 --family p16-=8"
    monkeypatch.setattr("sys.argv", words.split())
    align.main()
    assert dict(runs[0].often) == {"seen": 1.0, "about": 0.5, "edited": 2.0}
    assert dict(runs[0].family) == {"p16-": 8.0}


def test_rows_of_named_families_come_more_often() -> None:
    rows = [Row("a", "b", (), family=name) for name in ("p15-a", "p16-a", "p16-b", "x-p16-")]
    assert families.weights(rows, [("p16-", 8.0)]) == [1.0, 8.0, 8.0, 1.0]
    assert families.weights(rows, [("p16-", 8.0), ("p16-b", 2.0)]) == [1.0, 8.0, 2.0, 1.0]
    assert families.weights(rows, ()) == []
    with pytest.raises(ConfigError, match="'p61-'"):
        families.weights(rows, [("p61-", 8.0)])


def test_a_row_does_not_see_its_neighbours() -> None:
    torch.manual_seed(0)
    network = pretrain.model()

    def first_row_loss(neighbour: int) -> float:
        rows = iter([Encoded([5, 6, 7, 8], [1.0] * 4), Encoded([neighbour] * 4, [0.0] * 4)] * 96)
        batch = next(iter(Packer(rows, 1, 8)))
        return pretrain.loss_of(network, batch).item()

    assert first_row_loss(9) == pytest.approx(first_row_loss(20), abs=1e-6)


def test_weights_choose_what_counts() -> None:
    torch.manual_seed(0)
    network = pretrain.model()
    tokens = torch.randint(4, 300, (1, 8))
    kept = Batch(
        tokens,
        torch.tensor([[0.0, 0, 0, 0, 1, 1, 1, 1]]),
        torch.arange(8)[None],
        torch.ones(1, 8).long(),
    )
    every = Batch(tokens, torch.ones(1, 8), kept.positions, kept.rows)
    assert pretrain.loss_of(network, kept).item() != pytest.approx(
        pretrain.loss_of(network, every).item()
    )


def test_the_model_that_ships_has_the_promised_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    count = pretrain.model().num_parameters()
    assert 7e6 < count < 8e6
    assert 2 * count < 16e6  # bytes in half precision: one file under the limit


# ---- alignment
@pytest.mark.parametrize("keep", [False, True])
def test_alignment_ships_a_folder_that_plans(tmp_path: Path, keep: bool) -> None:
    pretrain.run(_settings(tmp_path / "base", steps=2))
    base, out = tmp_path / "base" / "model", tmp_path / "out"
    align.run(align.Settings(
        base, out, steps=2, batch=2, length=192, compile=False, keep_adapter=keep
    ))  # fmt: skip
    assert (out / "adapter").exists() == keep
    options = {"adapter": out / "adapter"} if keep else {}
    llm = load_llm(str(out), **options)
    row = Row("draw a fox", "Here is your picture.", ("text-to-image: a fox",), family="f")
    verdict = evaluate.judge(llm, row, TOOLBOX)
    assert "LLMError" in verdict.error or not verdict.error  # it may run on, but not be invalid


def test_the_adapter_changes_the_plan_only(tmp_path: Path) -> None:
    pretrain.run(_settings(tmp_path / "base", steps=1))
    network = align.adapted(tmp_path / "base" / "model", rank=4)
    learning = {n for n, p in network.named_parameters() if p.requires_grad}
    assert learning
    assert all("lora_" in name for name in learning)


def test_the_adapter_drops_out_and_easy_rows_come_seldom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = corpus.read_rows(corpus.REQUESTS / "train.jsonl")[:40]
    monkeypatch.setattr(corpus, "read_rows", lambda path: few)
    drawn: list[list[float]] = []
    varied = corpus.Varied

    def told(rows: list[Row], grammar: Grammar, often: list[float]) -> corpus.Varied:
        drawn.append(often)
        return varied(rows, grammar, often)

    monkeypatch.setattr(corpus, "Varied", told)
    pretrain.run(_settings(tmp_path / "base", steps=1))
    align.run(align.Settings(
        tmp_path / "base" / "model", tmp_path / "on", steps=1, batch=2, length=192, compile=False,
        keep_adapter=True, dropout=0.1, hard=True, family=((few[0].family, 3.0),),
    ))  # fmt: skip
    written = json.loads((tmp_path / "on" / "adapter" / "adapter_config.json").read_text())
    assert written["lora_dropout"] == 0.1
    # an untrained model knows none of the answers, so the families alone tell
    assert drawn[1] == [3.0 if row.family == few[0].family else 1.0 for row in few]


def test_streams_drop_out_in_training_alone() -> None:
    torch.manual_seed(0)
    network = pretrain.model(300)
    pretrain.drop_out(network, 0.5)
    tokens = torch.arange(20, 40)[None]
    assert not torch.equal(network(tokens).logits, network(tokens).logits)
    with torch.no_grad():
        assert torch.equal(network(tokens).logits, network(tokens).logits)


# ---- evaluation
class Parrot:
    """An LLM that gives the same text every time."""

    def __init__(self, text: str) -> None:
        self.name, self.text = "parrot", text

    def dialect(self, toolbox: Toolbox) -> Dialect:
        return Lines(toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        yield self.text


ROW = Row(
    "a red fox, and its sound", "Here are your picture and your sound.",
    ("text-to-image: a red fox", "text-to-audio: a red fox"), family="pairs",
)  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "modalities", "kept", "valid"),
    [
        (ROW.answer(), True, 4, True),
        ("Hi.\ntext-to-image: a fox\ntext-to-audio: red", True, 2, True),
        ("Hi.\ntext-to-image: a red fox", False, 2, True),
        ("Hi.\ntext-to-image: a red fox\ntext-to-speech: a red fox", True, 2, True),
        ("Hi.\nadd-soundtrack from video7 #1:", False, 0, False),
    ],
)
def test_a_plan_is_held_against_the_wanted_one(
    answer: str, modalities: bool, kept: int, valid: bool
) -> None:
    verdict = evaluate.judge(Parrot(answer), ROW, TOOLBOX)
    assert (verdict.modalities, verdict.kept, verdict.words) == (modalities, kept, 4)
    assert (not verdict.error) == valid
    assert verdict.exact == (answer == ROW.answer())


def test_the_report_has_rates_counts_and_families() -> None:
    verdicts = [evaluate.judge(Parrot(text), ROW, TOOLBOX) for text in (ROW.answer(), "No.")]
    text = evaluate.report(verdicts)
    assert "modalities exact" in text
    assert "50.0 %" in text
    assert "1 of 2" in text
    assert "  pairs" in text
    assert len(evaluate.as_json(verdicts).splitlines()) == 2


def test_a_request_is_asked_as_the_product_asks_it() -> None:
    row = Row("again", "x", attachments=("image", "audio", "image"), history=(("hi", "Hello!"),))
    case = evaluate.case_of(row)
    assert [m.role for m in case.messages] == ["user", "assistant", "user"]
    assert case.messages[-1].shown() == "[image1][audio1][image2] again"
    assert case.handles == {"image1": "image", "audio1": "audio", "image2": "image"}


def test_hand_written_rows_can_all_be_asked() -> None:
    dialect = Lines(TOOLBOX)
    for row in EVERY_ROW(corpus.REQUESTS / "train.jsonl"):
        evaluate.case_of(row)
        assert dialect.render(dialect.parse(row.answer())) == row.answer()


def test_rows_are_packed_without_end(wordnet: Path) -> None:
    rows = (Encoded([4] * 6, [1.0] * 6) for _ in itertools.count())
    assert len(list(itertools.islice(Packer(rows, 2, 16), 3))) == 3
