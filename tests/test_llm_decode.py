"""Decoding under a grammar: forced tokens, budgets, sampling and cancelling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from modaverse.errors import Cancelled, LLMError
from modaverse.llm.base import Sampling, never
from modaverse.llm.debug import write_checkpoint
from modaverse.llm.decode import decode
from modaverse.llm.guided import Guide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PROMPT = "hello"
STUCK = "a hat on a dog "
CALLS = r"""
start: reply call*
reply: /[^\n]{0,40}/
call: "\n" ("text-to-image" | "text-to-speech") ": " /[^\n]{1,40}/
"""
JSON = r"""
start: "{\"text\":\"" /[a-z ]{0,40}/ "\",\"calls\":[" (call ("," call)*)? "]}"
call: "{\"prompt\":\"" /[a-z ]{1,400}/ "\"}"
"""


class Wishes:
    """A network that wishes to write a given text and then to end; it counts its runs."""

    def __init__(self, tokenizer: Any, guide: Guide, text: str) -> None:
        self.guide = guide
        self.tokenizer = tokenizer
        self.text = text.encode()
        tokens = tokenizer(text)["input_ids"]
        self.following = {
            guide.bytes_of(tokens[:place]): token for place, token in enumerate(tokens)
        }
        self.read_tokens: list[int] = []
        self.runs = 0
        self.prompt = len(tokenizer(PROMPT)["input_ids"])

    def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
        import numpy as np

        self.runs += 1
        self.read_tokens += tokens
        written = self.guide.bytes_of(self.read_tokens[self.prompt :])
        scores = np.zeros(self.guide.vocabulary, dtype=np.float32)
        scores[self._next(written)] = 9.0
        return scores

    def _next(self, written: bytes) -> int:
        if written in self.following or not self.text.startswith(written):
            return int(self.following.get(written, self.tokenizer.eos_token_id))
        rest = self.text.removeprefix(written).decode()  # forced tokens cut the text elsewhere
        return int([*self.tokenizer(rest)["input_ids"], self.tokenizer.eos_token_id][0])


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    from transformers import AutoTokenizer

    folder: Path = write_checkpoint(tmp_path_factory.mktemp("tiny"))
    return AutoTokenizer.from_pretrained(folder)


@pytest.fixture(scope="module")
def guide(tokenizer: Any) -> Guide:
    return Guide(tokenizer, len(tokenizer) + 5, [tokenizer.eos_token_id])


def write(
    network: Wishes,
    grammar: str,
    sampling: Sampling | None = None,
    cancelled: Callable[[], bool] = never,
    asked: str = "",
) -> str:
    guide = network.guide
    steps = decode(
        network,
        network.tokenizer(PROMPT)["input_ids"],
        guide=guide,
        constraint=guide.constraint(grammar),
        sampling=sampling or Sampling(),
        cancelled=cancelled,
        asked=asked,
    )
    return guide.bytes_of([token for step in steps for token in step]).decode()


def test_what_the_grammar_allows_is_written_as_the_network_wishes(
    tokenizer: Any, guide: Guide
) -> None:
    text = "Here is a fox, é and 狐.\ntext-to-image: a fox"
    assert write(Wishes(tokenizer, guide, text), CALLS) == text


def test_the_network_is_not_run_for_forced_tokens(tokenizer: Any, guide: Guide) -> None:
    network = Wishes(tokenizer, guide, "\ntext-to-image: a fox")
    written = write(network, CALLS)
    assert written == "\ntext-to-image: a fox"
    steps = len(tokenizer(written)["input_ids"])
    assert network.runs < steps
    # and every token but the last was still read, in order, for the next ones to follow
    assert written.startswith(guide.bytes_of(network.read_tokens[network.prompt :]).decode())


def test_what_the_grammar_forbids_is_not_written(tokenizer: Any, guide: Guide) -> None:
    written = write(Wishes(tokenizer, guide, "\ntext-to-smell: roses"), CALLS)
    assert "smell" not in written
    assert written.startswith("\ntext-to-")


def test_no_control_token_is_written_even_if_the_network_wishes_it(
    tokenizer: Any, guide: Guide
) -> None:
    written = write(Wishes(tokenizer, guide, "hi <|im_start|>user"), CALLS)
    assert "<|im_start|>" not in written


def test_a_finished_grammar_ends_without_running_the_network_again(
    tokenizer: Any, guide: Guide
) -> None:
    network = Wishes(tokenizer, guide, "irrelevant")
    assert write(network, 'start: "a fixed sentence"') == "a fixed sentence"
    assert network.runs <= 1


LONG = r"""
start: reply call*
reply: /[^\n]*/
call: "\n" ("text-to-image" | "text-to-speech") ": " /[^\n]+/
"""


@pytest.mark.parametrize("grammar", [LONG, JSON])
def test_who_repeats_a_phrase_without_end_is_stopped(
    tokenizer: Any, guide: Guide, grammar: str
) -> None:
    begin = '{"text":"","calls":[{"prompt":"' if grammar == JSON else "Here.\ntext-to-image: "
    written = write(Wishes(tokenizer, guide, begin + STUCK * 20), grammar)
    assert written.startswith(begin + STUCK * 4)
    assert written.count(STUCK) <= 5
    assert written.rstrip().endswith('"}]}' if grammar == JSON else "dog")


def test_what_the_person_repeats_may_be_repeated(tokenizer: Any, guide: Guide) -> None:
    said = "text-to-speech: " + STUCK * 20
    assert write(Wishes(tokenizer, guide, "\n" + said), LONG, asked=f"say {STUCK * 20}").endswith(
        STUCK * 20
    )


def test_the_same_call_may_come_often(tokenizer: Any, guide: Guide) -> None:
    text = "Here." + "\ntext-to-image: a small red fox" * 8
    assert write(Wishes(tokenizer, guide, text), LONG) == text
    each = '{"prompt":"a small red fox"}'
    text = f'{{"text":"here","calls":[{",".join([each] * 8)}]}}'
    assert write(Wishes(tokenizer, guide, text), JSON) == text


def test_a_spent_budget_closes_the_json(tokenizer: Any, guide: Guide) -> None:
    network = Wishes(tokenizer, guide, '{"text":"a","calls":[{"prompt":"' + "a fox " * 60)
    written = write(network, JSON, Sampling(max_tokens=80))
    assert written.endswith('"}]}')
    assert len(tokenizer(written)["input_ids"]) <= 80


def test_a_spent_budget_ends_lines_where_they_are_whole(tokenizer: Any, guide: Guide) -> None:
    network = Wishes(tokenizer, guide, "Here.\ntext-to-image: " + "a fox " * 6)
    written = write(network, CALLS, Sampling(max_tokens=16))
    assert written.startswith("Here.\ntext-to-image: a")
    assert len(tokenizer(written)["input_ids"]) <= 16


def test_a_budget_too_small_for_any_plan_is_an_error(tokenizer: Any, guide: Guide) -> None:
    with pytest.raises(LLMError, match="cut off after 3 tokens") as caught:
        write(Wishes(tokenizer, guide, '{"text":"a"'), JSON, Sampling(max_tokens=3))
    assert "max_tokens" in caught.value.hint


def test_sampling_is_repeatable_by_its_seed_and_stays_in_the_grammar(
    tokenizer: Any, guide: Guide
) -> None:
    def sampled(seed: int) -> str:
        network = Wishes(tokenizer, guide, "anything")
        return write(network, CALLS, Sampling(seed=seed, temperature=5.0, max_tokens=40))

    texts = {seed: sampled(seed) for seed in range(4)}
    assert sampled(2) == texts[2]
    assert len(set(texts.values())) > 1
    assert all("\n\n" not in text for text in texts.values())


def test_a_small_top_p_leaves_only_the_likeliest(tokenizer: Any, guide: Guide) -> None:
    text = "Here is a fox."
    sampling = Sampling(seed=3, temperature=2.0, top_p=0.05)
    assert write(Wishes(tokenizer, guide, text), CALLS, sampling) == text


@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_logits_that_are_not_numbers_are_an_error(
    tokenizer: Any, guide: Guide, temperature: float
) -> None:
    class Broken(Wishes):
        def read(self, tokens: Sequence[int]) -> NDArray[np.float32]:
            return super().read(tokens) * float("nan")

    with pytest.raises(LLMError, match="not numbers"):
        write(Broken(tokenizer, guide, "hi"), CALLS, Sampling(temperature=temperature))


def test_it_stops_between_tokens_when_cancelled(tokenizer: Any, guide: Guide) -> None:
    network = Wishes(tokenizer, guide, "Here is a very long story about a fox.")
    with pytest.raises(Cancelled):
        write(network, CALLS, cancelled=lambda: network.runs >= 3)
    assert network.runs == 3


def test_a_grammar_that_does_not_compile_is_an_error(guide: Guide) -> None:
    with pytest.raises(LLMError, match="does not compile"):
        guide.constraint("start: nowhere")


def test_constraints_of_one_grammar_do_not_share_their_place(guide: Guide) -> None:
    first, second = guide.constraint(JSON), guide.constraint(JSON)
    first.accept(first.forced())
    assert second.forced()
    assert not second.complete


def test_mask_and_allows_agree(tokenizer: Any, guide: Guide) -> None:
    constraint = guide.constraint(CALLS)
    constraint.accept(tokenizer("Here.\ntext-to-image: ")["input_ids"])
    mask = constraint.mask()
    assert mask.shape == (guide.vocabulary,)
    assert [constraint.allows(token) for token in range(guide.vocabulary)] == mask.tolist()


def test_tokens_off_the_grammar_are_refused(tokenizer: Any, guide: Guide) -> None:
    constraint = guide.constraint(JSON)
    with pytest.raises(LLMError, match="failed"):
        constraint.accept(tokenizer("zzz")["input_ids"])


def test_a_slow_tokenizer_is_refused() -> None:
    with pytest.raises(LLMError, match="cannot be constrained"):
        Guide(object(), 10, [0])
