"""Many requests at once: each plan is the one that its request alone would get."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch

from modaverse.errors import Cancelled, LLMError, OutOfMemory, RequestError
from modaverse.llm import LLMRequest, MultimodalLLM, Sampling, TransformersLLM
from modaverse.llm.local import LocalLLM
from modaverse.model import ModaVerseForConditionalGeneration, ModaVerseProcessor
from tests.multimodal import ask, film, picture, sound, write_parts


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_parts(tmp_path_factory.mktemp("parts"))
    torch.manual_seed(0)
    model = ModaVerseForConditionalGeneration.from_parts(
        folder / "llama", folder / "siglip", folder / "whisper", vision_tokens=2
    )
    for weights in model.projections.parameters():
        torch.nn.init.normal_(weights, 0, 0.5)
    model.save_pretrained(folder / "whole")
    ModaVerseProcessor.from_parts(model.config).save_pretrained(folder / "whole")
    return folder


@pytest.fixture(scope="module")
def seeing(home: Path) -> MultimodalLLM:
    return MultimodalLLM(home / "whole", device="cpu")


def requests() -> list[LLMRequest]:
    """Of many lengths, with none, one and several media, chosen at random and not."""
    asked = [
        ask("hi"),
        ask("two of them, and a longer request", image1=picture(1), image2=picture(2)),
        ask("hear", audio1=sound(1)),
        ask("everything", video1=film(1), audio1=sound(2), image1=picture(3)),
        ask("nothing to see here, but much to read " * 3),
    ]
    return [
        replace(request, sampling=Sampling(seed, temperature, max_tokens=length))
        for request, (seed, temperature, length) in zip(
            asked, [(0, 0, 60), (1, 1, 90), (2, 1.5, 70), (3, 0, 60), (4, 1, 80)], strict=True
        )
    ]


def alone(llm: LocalLLM, asked: Sequence[LLMRequest]) -> list[str]:
    return ["".join(llm.stream(request)) for request in asked]


@pytest.mark.parametrize("batch", [1, 2, 16])
def test_media_go_with_their_requests(seeing: MultimodalLLM, batch: int) -> None:
    assert seeing.write(requests(), batch=batch) == alone(seeing, requests())


@pytest.mark.parametrize("language", ["qwen3", "llama"])
@pytest.mark.parametrize("dialect", ["lines", "json"])
def test_a_model_of_words_does_it_too(home: Path, language: str, dialect: Any) -> None:
    llm = TransformersLLM(home / language, dialect=dialect, device="cpu")
    assert llm.write(requests()) == alone(llm, requests())


def test_an_error_stands_where_there_is_no_plan(home: Path) -> None:
    llm = TransformersLLM(home / "qwen3", dialect="json", device="cpu")
    good, other = requests()[0], requests()[4]
    long = replace(good, messages=ask("much " * 9000).messages)
    short = replace(good, sampling=Sampling(max_tokens=2))
    written = llm.write([long, good, short, other])
    assert isinstance(written[0], RequestError)
    assert isinstance(written[2], LLMError)
    assert "max_tokens" in written[2].hint
    assert [written[1], written[3]] == alone(llm, [good, other])


def test_nothing_is_written_of_nothing(seeing: MultimodalLLM) -> None:
    assert seeing.write([]) == []


def test_it_can_be_cancelled_between_tokens(seeing: MultimodalLLM) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 3

    with pytest.raises(Cancelled):
        seeing.write(requests(), cancelled=cancelled)
    assert len(asked) == 4


def test_the_model_is_run_for_those_that_go_on_only(
    seeing: MultimodalLLM, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = seeing.load().model
    sizes: list[int] = []
    real = model.language_model.forward

    def watched(*args: Any, **given: Any) -> Any:
        sizes.append(len(given["inputs_embeds"]))
        return real(*args, **given)

    monkeypatch.setattr(model.language_model, "forward", watched)
    seeing.write(requests())
    assert sizes[0] == 5
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 3


def test_memory_that_runs_out_is_said_so(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    llm = MultimodalLLM(home / "whole", device="cpu")

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(llm.load().model, "forward", full)
    with pytest.raises(OutOfMemory, match="whole"):
        llm.write(requests())
