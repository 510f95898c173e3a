"""Align the pretrained language model to plans: one LoRA stage, loss on the plan's tokens only.

Hand-written requests, varied, make up most of the stream. By default the adapter is merged into the
weights that ship; `--keep-adapter` leaves it beside the untouched base, as larger models have it.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from modaverse_training.nano.lm import corpus, families, hard
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.pretrain import loss_of
from modaverse_training.nano.lm.vocabulary import WordNet

log = logging.getLogger(__name__)
TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


@dataclass(frozen=True)
class Settings:
    """An alignment run."""

    base: Path
    out: Path
    steps: int = 300
    batch: int = 16
    length: int = 256
    rank: int = 16
    dropout: float = 0.0  # of what the adapter reads
    rate: float = 1e-3
    share: float = 0.65  # of hand-written rows
    often: tuple[tuple[str, float], ...] = ()  # kinds of the grammar's rows, and their weight here
    family: tuple[tuple[str, float], ...] = ()  # of hand-written rows, how it begins; their weight
    hard: bool = False  # rows that the base answers well come less often
    seed: int = 7
    minutes: float = 0.0  # the rate falls to zero by then, if sooner than by the steps; 0: never
    compile: bool = True
    keep_adapter: bool = False


def adapted(base: Path, rank: int, dropout: float = 0.0) -> Any:
    """The base model with an untrained adapter on every matrix of every layer."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    network = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
    config = LoraConfig(
        r=rank,
        lora_alpha=2 * rank,
        lora_dropout=dropout,
        target_modules=TARGETS,
        task_type="CAUSAL_LM",
    )
    return get_peft_model(network, config)


def ship(network: Any, settings: Settings) -> None:
    """Write the folder that `TransformersLLM` reads: weights, tokenizer, dialect."""
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    settings.out.mkdir(parents=True, exist_ok=True)
    if settings.keep_adapter:
        network.save_pretrained(settings.out / "adapter")
        whole = AutoModelForCausalLM.from_pretrained(settings.base, dtype=torch.bfloat16)
    else:
        shutil.rmtree(settings.out / "adapter", ignore_errors=True)
        whole = network.merge_and_unload()
    whole.to(torch.bfloat16).save_pretrained(settings.out)
    PreTrainedTokenizerFast.from_pretrained(settings.base).save_pretrained(settings.out)
    (settings.out / "modaverse.json").write_text('{"dialect":"lines","system":false}\n')


def run(settings: Settings) -> None:
    """Train the adapter and write the folder that ships."""
    import torch
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(settings.seed)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    pieces = PreTrainedTokenizerFast.from_pretrained(settings.base)
    network = adapted(settings.base, settings.rank, settings.dropout)
    trained = [p for p in network.parameters() if p.requires_grad]
    log.info(
        "%.2f M of %.2f M parameters learn", _millions(trained), _millions(network.parameters())
    )
    optimizer = torch.optim.AdamW(trained, lr=settings.rate, betas=(0.9, 0.98), weight_decay=0.0)
    grammar = Grammar(settings.seed, WordNet())
    grammar.words.pieces = corpus.word_pieces(pieces)
    grammar.weigh(dict(settings.often))
    rows = corpus.read_rows(corpus.REQUESTS / "train.jsonl")
    often = families.weights(rows, settings.family)
    if settings.hard:
        base = AutoModelForCausalLM.from_pretrained(settings.base, dtype=torch.float32).eval()
        often = hard.weights(hard.surprise(base, pieces, rows), often)
    hand = corpus.Varied(rows, grammar, often)
    stream = corpus.mixed(grammar, pieces, hand, settings.share, request_weight=0.0)
    batches = iter(corpus.Packer(stream, settings.batch, settings.length))
    compute = torch.compile(loss_of) if settings.compile else loss_of
    started, total = time.monotonic(), 0.0
    for step in range(settings.steps):
        if step == 1:  # building the kernels is no part of the minutes
            started = time.monotonic()
        done = step / settings.steps
        if settings.minutes:
            done = max(done, (time.monotonic() - started) / (60 * settings.minutes))
        if done >= 1:
            break
        loss = compute(network, next(batches))
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        for group in optimizer.param_groups:
            group["lr"] = settings.rate * min((step + 1) / 20, 1.0 - done)
        optimizer.step()
        optimizer.zero_grad()
        total += loss.item()
        if (step + 1) % 10 == 0:
            log.info("step %d loss %.4f", step + 1, total / 10)
            total = 0.0
    ship(network, settings)
    log.info("shipped to %s: %s", settings.out, json.dumps(asdict(settings), default=str))


def _millions(parameters: Any) -> float:
    return float(sum(p.numel() for p in parameters)) / 1e6


def main() -> None:
    """Read the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base", type=Path, required=True, help="folder of the pretrained model")
    parser.add_argument("--out", type=Path, required=True, help="folder that ships")
    for name, kind in (
        ("steps", int), ("batch", int), ("length", int), ("rank", int), ("rate", float),
        ("share", float), ("seed", int), ("minutes", float), ("dropout", float),
    ):  # fmt: skip
        parser.add_argument(f"--{name}", type=kind, default=getattr(Settings, name))
    told = "how often this kind of the grammar's rows comes, as seen=1"
    parser.add_argument(
        "--often", nargs="*", action="extend", default=[], metavar="KIND=WEIGHT",
        type=families.weighed, help=told,
    )  # fmt: skip
    parser.add_argument(
        "--family", nargs="*", action="extend", default=[], metavar="BEGIN=WEIGHT",
        type=families.weighed,
        help="how often hand-written rows of families that begin so come, as p16-=12",
    )  # fmt: skip
    parser.add_argument(
        "--hard", action="store_true", help="let rows that the base answers well come seldom"
    )
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    parser.add_argument("--keep-adapter", action="store_true")
    run(Settings(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
