"""Beam search: the likeliest whole answer, under the grammar, the budget and the cache."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch

from modaverse.errors import Cancelled, ConfigError, LLMError
from modaverse.llm import MultimodalLLM, Sampling, TransformersLLM
from modaverse.llm.base import never
from modaverse.llm.batch import BatchNetwork
from modaverse.llm.beams import decode_beams
from modaverse.llm.debug import write_checkpoint
from modaverse.llm.decode import Writer
from modaverse.llm.guided import Guide
from modaverse.model import ModaVerseConfig, ModaVerseForConditionalGeneration, ModaVerseProcessor
from tests.multimodal import ask, picture, write_parts

if TYPE_CHECKING:
    from numpy.typing import NDArray

PROMPT = "hello"
ANYTHING = r"start: /[^\n]{0,40}/"


class Hesitates:
    """A network that knows how likely some answers are, and nothing else.

    It keeps a cache as a model does: what each row has read, chosen and repeated by `keep`.
    """

    def __init__(self, tokenizer: Any, guide: Guide, odds: dict[str, float]) -> None:
        self.size = guide.vocabulary
        self.start = len(tokenizer(PROMPT)["input_ids"])
        self.answers = {
            (*tokenizer(text)["input_ids"], tokenizer.eos_token_id): share
            for text, share in odds.items()
        }
        self.rows: list[list[int]] = [[]]
        self.most = 0

    def read(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        assert len(rows) == len(self.rows)
        self.most = max(self.most, len(rows))
        self.rows = [[*seen, *more] for seen, more in zip(self.rows, rows, strict=True)]
        return np.stack([self._next(tuple(row[self.start :])) for row in self.rows])

    def keep(self, rows: Sequence[int]) -> None:
        self.rows = [list(self.rows[row]) for row in rows]

    def _next(self, written: tuple[int, ...]) -> NDArray[np.float32]:
        odds = np.full(self.size, 1e-9)
        for answer, share in self.answers.items():
            if len(answer) > len(written) and answer[: len(written)] == written:
                odds[answer[len(written)]] += share
        logits: NDArray[np.float32] = np.log(odds / odds.sum()).astype(np.float32)
        return logits


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(write_checkpoint(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="module")
def guide(tokenizer: Any) -> Guide:
    return Guide(tokenizer, len(tokenizer) + 5, [tokenizer.eos_token_id])


@pytest.fixture(scope="module")
def hesitating(tokenizer: Any, guide: Guide) -> Callable[..., str]:
    """What is written by a network of these odds, with this many beams."""

    def write(
        odds: dict[str, float],
        width: int,
        grammar: str = ANYTHING,
        length: int = 60,
        cancelled: Callable[[], bool] = never,
    ) -> str:
        network: Any = Hesitates(tokenizer, guide, odds)
        writer = Writer(guide, guide.constraint(grammar), Sampling(max_tokens=length))
        prompt = tokenizer(PROMPT)["input_ids"]
        tokens = decode_beams(network, prompt, writer, width, cancelled)
        assert network.most <= width
        return guide.bytes_of(tokens).decode()

    return write


POWLAST = {"qxa": 0.15, "qxb": 0.14, "qxc": 0.13, "zebra": 0.3, "yak": 0.28}


def test_the_likeliest_whole_wins_over_the_likeliest_beginning(
    hesitating: Callable[..., str],
) -> None:
    assert hesitating(POWLAST, 1) == "qxa"
    assert hesitating(POWLAST, 4) == "zebra"


@pytest.mark.parametrize("width", [1, 2, 4, 8])
def test_an_answer_may_be_the_beginning_of_another(
    hesitating: Callable[..., str], width: int
) -> None:
    longer = {"zz": 0.3, "zzy": 0.7}
    assert hesitating(longer, width) == "zzy"
    assert hesitating({"zz": 0.7, "zzy": 0.3}, width) == "zz"


def test_nothing_may_be_the_likeliest_answer(hesitating: Callable[..., str]) -> None:
    assert hesitating({"": 0.6, "zebra": 0.4}, 3) == ""


def test_the_grammar_holds_on_every_way(hesitating: Callable[..., str]) -> None:
    assert hesitating(POWLAST, 4, r'start: "yak" | "qxc" | "qxb"') == "yak"


def test_forced_tokens_of_unlike_lengths_go_through_one_cache(
    hesitating: Callable[..., str],
) -> None:
    forced = r'start: ("y" "ak is here" | "z" "ebra is over there, by the river") (" a" | " b")'
    odds = {
        "yak is here a": 0.3,
        "yak is here b": 0.3,
        "zebra is over there, by the river a": 0.35,
        "zebra is over there, by the river b": 0.05,
    }
    assert hesitating(odds, 1, forced).startswith("yak")
    assert hesitating(odds, 4, forced) == "zebra is over there, by the river a"


def test_a_budget_that_ends_in_a_call_is_an_error(hesitating: Callable[..., str]) -> None:
    with pytest.raises(LLMError, match="cut off after 3 tokens"):
        hesitating(POWLAST, 4, r'start: "{" /[a-z]{30,40}/ "}"', length=3)


def test_it_can_be_cancelled(hesitating: Callable[..., str]) -> None:
    with pytest.raises(Cancelled):
        hesitating(POWLAST, 4, cancelled=lambda: True)


@pytest.mark.parametrize("odds", [{"a": math.nan}])
def test_logits_that_are_no_numbers_are_an_error(
    hesitating: Callable[..., str], odds: dict[str, float]
) -> None:
    with pytest.raises(LLMError, match="not numbers"):
        hesitating(odds, 2)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_parts(tmp_path_factory.mktemp("parts"))
    torch.manual_seed(0)
    model = ModaVerseForConditionalGeneration.from_parts(
        folder / "llama", folder / "siglip", folder / "whisper", vision_tokens=2, beams=4
    )
    for weights in model.projections.parameters():
        torch.nn.init.normal_(weights, 0, 0.5)
    model.save_pretrained(folder / "whole")
    ModaVerseProcessor.from_parts(model.config).save_pretrained(folder / "whole")
    return folder


def test_a_search_that_is_wide_enough_finds_what_trying_everything_finds(home: Path) -> None:
    llm = TransformersLLM(home / "qwen3", device="cpu")
    loaded = llm.load()
    prompt = loaded.prompt.read(ask("which letters?")).tokens
    ends = sorted(loaded.guide.ends)
    tokens = {letter: loaded.guide._tokenizer.tokenize_str(letter)[0] for letter in "xyz"}

    def score(answer: Sequence[int]) -> float:
        with torch.inference_mode():
            odds = loaded.model(input_ids=torch.tensor([[*prompt, *answer]])).logits[0]
        odds = odds[len(prompt) - 1 :].double().log_softmax(-1)
        said = sum(float(odds[place, token]) for place, token in enumerate(answer))
        return said + max(float(odds[len(answer), end]) for end in ends)

    every = [
        [tokens[letter] for letter in letters]
        for size in range(4)
        for letters in itertools.product("xyz", repeat=size)
    ]
    grammar = 'start: (("x" | "y" | "z") | ("x" | "y" | "z") ("x" | "y" | "z") | \
        ("x" | "y" | "z") ("x" | "y" | "z") ("x" | "y" | "z"))?'
    writer = Writer(loaded.guide, loaded.guide.constraint(grammar), Sampling())
    network = BatchNetwork(loaded, "tiny", [{}])
    assert decode_beams(network, prompt, writer, 64, never) == max(every, key=score)


def test_only_what_is_looked_at_is_searched(home: Path) -> None:
    searching = MultimodalLLM(home / "whole", device="cpu")
    config = json.loads((home / "whole" / "config.json").read_text())
    assert searching.settings.beams == config["beams"] == 4
    seen, read = ask("what?", image1=picture(1)), ask("hello there")
    by_chance = replace(seen, sampling=Sampling(1, 1.0, max_tokens=60))
    assert len(list(searching.stream(seen))) == 1
    assert len(list(searching.stream(read))) > 1
    assert len(list(searching.stream(by_chance))) > 1
    requests = [seen, read, by_chance, ask("and now?", image1=picture(2))]
    assert searching.write(requests) == ["".join(searching.stream(each)) for each in requests]


def test_the_folder_of_a_model_says_how_many(home: Path, tmp_path: Path) -> None:
    folder = write_checkpoint(tmp_path / "lm")
    (folder / "modaverse.json").write_text('{"dialect": "lines", "system": false, "beams": 3}')
    llm = TransformersLLM(folder, device="cpu")
    request = replace(ask("hello"), sampling=Sampling(max_tokens=60))
    assert llm.settings.beams == 3
    assert len(list(llm.stream(request))) == 1
    assert llm.write([request]) == ["".join(llm.stream(request))]


@pytest.mark.parametrize("beams", [0, 65, "many", True])
def test_numbers_that_cannot_be_are_refused(tmp_path: Path, beams: object) -> None:
    folder = write_checkpoint(tmp_path / "lm")
    (folder / "modaverse.json").write_text(json.dumps({"beams": beams}))
    with pytest.raises(ConfigError, match=r"beams is .*1\.\.64"):
        _ = TransformersLLM(folder, device="cpu").settings
    if type(beams) is int:
        with pytest.raises(ConfigError, match=r"beams is .*1\.\.64"):
            ModaVerseConfig(beams=beams)
