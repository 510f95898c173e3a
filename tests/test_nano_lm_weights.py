"""The language model that ships: size, card, and what it makes of requests it has not seen."""

from __future__ import annotations

import json

import pytest

from modaverse.llm.base import load_llm
from modaverse.toolbox import Toolbox
from modaverse_tools.nano_llm import FOLDER
from modaverse_training.nano.lm import evaluate
from modaverse_training.nano.lm.corpus import REQUESTS, read_rows
from modaverse_training.nano.lm.rows import Row

TOOLBOX = Toolbox.default()


def test_the_weights_are_one_small_file_with_a_card() -> None:
    files = list(FOLDER.glob("*.safetensors"))
    assert len(files) == 1
    assert files[0].stat().st_size < 16e6
    settings = json.loads((FOLDER / "modaverse.json").read_text())
    assert settings == {"dialect": "lines", "system": False}
    card = (FOLDER / "README.md").read_text()
    for word in ("data", "commit", "command", "minutes", "cannot"):
        assert word in card.lower(), word


def test_it_plans_requests_that_it_was_not_trained_on() -> None:
    rows = read_rows(REQUESTS / "validation.jsonl")[::9]
    llm = load_llm("nano")
    verdicts = [evaluate.judge(llm, row, TOOLBOX) for row in rows]
    assert not [v.error for v in verdicts if v.error]
    assert sum(v.modalities for v in verdicts) >= 0.85 * len(rows)
    assert sum(v.kept for v in verdicts) >= 0.85 * sum(v.words for v in verdicts)


@pytest.mark.parametrize(
    ("request_", "tool", "prompt"),
    [
        (
            'say "Żółć, Mr. Quibblethwaite, 4711!"',
            "text-to-speech",
            "Żółć, Mr. Quibblethwaite, 4711!",
        ),
        ("draw a zorblax in Ouagadougou", "text-to-image", "a zorblax in Ouagadougou"),
        ("the sound of a gleeping frandle", "text-to-audio", "a gleeping frandle"),
    ],
)
def test_it_copies_what_it_has_never_seen(request_: str, tool: str, prompt: str) -> None:
    verdict = evaluate.judge(
        load_llm("nano"), Row(request_, "", (f"{tool}: {prompt}",), family="copy"), TOOLBOX
    )
    assert verdict.answer.splitlines()[-1] == f"{tool}: {prompt}"
