"""A model that sees by itself, after its training: it is loaded, reads as it learned, and plans."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from modaverse.cli import main
from modaverse.errors import BackendMissing, ConfigError, RequestError
from modaverse.llm import LLMRequest, Message, Sampling, load_llm
from modaverse.llm.local import Network
from modaverse.llm.seeing import SeeingLLM, own_eyes
from modaverse.llm.sighted import Sighted, SightedPrompt
from modaverse.media import Image
from modaverse.toolbox import Toolbox
from modaverse_training.alignment.aligned import load_aligned, load_encoder
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.data import load_media
from modaverse_training.alignment.merge import merge
from modaverse_training.alignment.run import prepare, train
from tests.alignment_models import settings, write_data, write_qwen3_vl


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> AlignmentConfig:
    """The settings of a run that has ended."""
    home = tmp_path_factory.mktemp("seeing")
    model = write_qwen3_vl(home / "vl")
    config = settings(
        model, write_data(home / "data", 8, media=True), home / "run",
        model={"kind": "own-eyes", "language": str(model), "max_frames": 3},
        packing={"enabled": False, "length": 512}, training={"learning_rate": 0.05},
    )  # fmt: skip
    train(config, quiet=True)
    return config


@pytest.fixture(scope="module")
def llm(config: AlignmentConfig) -> SeeingLLM:
    llm = load_llm(str(config.out), device="cpu", dtype="float32")
    assert isinstance(llm, SeeingLLM)
    return llm


def asked(text: str, *pictures: Image, tokens: int = 40) -> LLMRequest:
    media = {f"image{n}": picture for n, picture in enumerate(pictures, 1)}
    return LLMRequest(
        (Message("user", text, tuple(media)),),
        Toolbox.default(),
        dict.fromkeys(media, "image"),
        Sampling(max_tokens=tokens),
        media=media,
    )


def conversation(llm: SeeingLLM, request: LLMRequest) -> Network:
    return llm._network(llm.load(), request, llm.load().prompt.read(request))


def picture(width: int) -> Image:
    rng = np.random.default_rng(width)
    return Image(rng.integers(0, 255, (32, width, 3), dtype=np.uint8))


def test_it_reads_what_it_learned_from(config: AlignmentConfig, llm: SeeingLLM) -> None:
    material = prepare(config)
    example = material.learned.items[2]  # a picture, a sound and a video
    request = material.asker.request(example, load_media(example, llm.perceives()))
    row = material.encoder.encode(request, material.asker.answer(example))
    read = llm.load().prompt.read(request)
    assert isinstance(read, Sighted)
    assert read.tokens == row.input_ids[: len(read.tokens)].tolist()
    assert torch.equal(read.beside["pixel_values"], row.whole["pixel_values"])
    assert len(read.beside["image_grid_thw"]) == 1 + 3  # the picture, and frames of the video
    # and its logits, a few tokens at a time, are those of the model that was trained
    trained = load_aligned(config, load_encoder(config))
    trained.restore(config.out / "alignment")
    batch = {key: value for key, value in trained.collate([row]).items() if key != "labels"}
    with torch.no_grad():
        whole = trained.model.eval()(**batch).logits[0].numpy()
    tokens, start = row.input_ids.tolist(), len(read.tokens)
    others = [asked("a text"), asked("a picture", picture(40))]
    network, *beside = (conversation(llm, each) for each in (request, *others))
    for end, first in ((start + 2, 0), (start + 3, start + 2), (len(tokens), start + 3)):
        scores = network.read(tokens[first:end])
        np.testing.assert_allclose(scores, whole[end - 1], atol=1e-4)
        for each, other in zip(beside, others, strict=True):  # in the same model meanwhile
            each.read(llm.load().prompt.read(other).tokens if first == 0 else [7])
    for each, other in zip(beside, others, strict=True):
        alone = conversation(llm, other)
        alone.read(llm.load().prompt.read(other).tokens)
        np.testing.assert_allclose(
            each.read([7]), [alone.read([7]) for _ in range(3)][-1], atol=1e-4
        )


def test_it_plans_and_so_does_what_it_is_merged_into(
    config: AlignmentConfig, llm: SeeingLLM, tmp_path: Path
) -> None:
    requests = [asked("draw me a fox"), asked("what is this?", picture(40)), asked("a" * 9000)]
    plans = llm.write(requests)
    assert isinstance(plans[2], RequestError)  # longer than it was trained for
    for request, plan in zip(requests[:2], plans, strict=False):
        assert plan == "".join(llm.stream(request))
        llm.dialect(request.toolbox).parse(str(plan))
    whole = load_llm(str(merge(config.out, tmp_path / "whole")), device="cpu", dtype="float32")
    assert isinstance(whole, SeeingLLM)
    assert whole.settings == llm.settings
    assert whole.write(requests[:2]) == plans[:2]
    assert whole.perceives() == {"image", "video"}
    assert whole.memory > 0


def test_long_conversations_lose_their_oldest_turns(llm: SeeingLLM) -> None:
    spoken = [Message("user", "one " * 100), Message("assistant", "yes"), Message("user", "two")]
    request = LLMRequest((*spoken[:2], *spoken), Toolbox.default())
    read = llm.load().prompt.read(request)
    prompt = llm.load().prompt
    assert isinstance(prompt, SightedPrompt)
    text = prompt.tokenizer.decode(read.tokens)
    assert text.count("yes") == 1  # of two
    assert "two" in text


def test_the_commands_take_such_a_run(
    config: AlignmentConfig, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(config.out.parent)
    assert main(["plan", "a red fox", "--llm", str(config.out), "--json"]) in (0, 1)
    told = capsys.readouterr()
    assert "holds no language model" not in told.err
    assert json.loads(told.out)


def test_what_cannot_be_loaded_is_told(config: AlignmentConfig, tmp_path: Path) -> None:
    moved = shutil.copytree(config.out, tmp_path / "moved") / "alignment"
    said = json.loads((moved / "modaverse.json").read_text())

    def saying(**changes: Any) -> None:
        (moved / "modaverse.json").write_text(json.dumps({**said, **changes}))

    with pytest.raises(ConfigError, match="takes no other"):
        load_llm(str(moved), adapter=str(moved / "adapter"))
    saying(own_eyes="/gone/vl")
    gone = load_llm(str(moved.parent), device="cpu")
    assert isinstance(gone, SeeingLLM)
    with pytest.raises(BackendMissing, match="/gone/vl") as caught:
        gone.load()
    assert "language_model=" in caught.value.hint
    there = load_llm(str(moved.parent), device="cpu", language_model=config.model.language)
    assert isinstance(there, SeeingLLM)
    assert there.load().model is not None
    for broken in ({"max_frames": "many"}, {"own_eyes": 7}):
        saying(**broken)
        with pytest.raises(ConfigError, match="not what it must be"):
            own_eyes(moved)
    (moved / "modaverse.json").write_text("{")
    assert own_eyes(moved) is None
