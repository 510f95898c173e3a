"""Train the nano language model from nothing on the grammar's stream and hand-written rows.

The learning rate stays level, so that a run can be stopped, resumed with better data, and cooled
down at any time: `--decay N` ends the run by N steps of falling rate, and `--cool M` lets the rate
fall in the last M of its `--minutes`. `--init FOLDER` trains a shipped model further.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse_training.nano.lm import corpus, families, hard, tokenizer
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.vocabulary import WordNet

if TYPE_CHECKING:
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

log = logging.getLogger(__name__)
TOKENIZER_ROWS = 40_000  # rows of the stream that the merges are learnt from


@dataclass(frozen=True)
class Settings:
    """A pretraining run."""

    out: Path
    init: Path | None = None  # a new run begins with this model's weights and tokenizer
    steps: int = 5000
    decay: int = 0  # of the steps, how many the rate falls to zero in
    batch: int = 16
    length: int = 256
    rate: float = 3e-3
    warmup: int = 100
    share: float = 0.2  # of hand-written rows
    family: tuple[tuple[str, float], ...] = ()  # of these, how it begins; their weight
    hard: bool = False  # those that the model answers badly at the start come more often
    dropout: float = 0.0  # of what embeddings, attention and feed-forward give, in training
    matrices: bool = False  # embeddings and norms stay: what reads into them still fits
    request_weight: float = 0.1
    seed: int = 1
    minutes: float = 0.0  # stop (and save) after so long; 0: never
    cool: float = 0.0  # of the minutes, how many the rate falls to zero in
    compile: bool = True
    save_every: int = 100
    log_every: int = 10


def model(vocabulary: int = tokenizer.VOCABULARY) -> LlamaForCausalLM:
    """The untrained network: 7.4 M parameters, embeddings tied."""
    from transformers import LlamaConfig, LlamaForCausalLM

    return LlamaForCausalLM(LlamaConfig(
        vocab_size=vocabulary, hidden_size=256, num_hidden_layers=6, intermediate_size=1024,
        num_attention_heads=8, num_key_value_heads=8, max_position_embeddings=512,
        tie_word_embeddings=True, rms_norm_eps=1e-5,
        pad_token_id=0, bos_token_id=None, eos_token_id=3,
        attn_implementation="sdpa", initializer_range=0.03,
    ))  # fmt: skip


def loss_of(network: Any, batch: corpus.Batch) -> torch.Tensor:
    """Weighted cross-entropy per target of a packed batch; a row attends to itself only."""
    import torch

    from modaverse_training.precision import FAST_BFLOAT16, autocast

    length = batch.tokens.shape[1]
    causal = torch.ones(length, length, dtype=torch.bool).tril()
    same = batch.rows[:, :, None] == batch.rows[:, None, :]  # [b, t, t]
    kind = torch.bfloat16 if FAST_BFLOAT16 else torch.float32
    mask = torch.zeros(same.shape, dtype=kind).masked_fill(~(same & causal), -1e9)
    with autocast():
        logits = network(
            input_ids=batch.tokens, position_ids=batch.positions, attention_mask=mask[:, None],
            use_cache=False,
        ).logits  # fmt: skip
    losses = torch.nn.functional.cross_entropy(
        logits[:, :-1].flatten(0, 1).float(), batch.tokens[:, 1:].flatten(), reduction="none"
    )
    weights = batch.weights[:, 1:].flatten()
    return (losses * weights).sum() / weights.sum()


class Optimizer:
    """Muon for the matrices, AdamW for embeddings and norms if they learn, under one rate."""

    def __init__(self, network: torch.nn.Module, rate: float) -> None:
        import torch

        from modaverse_training.nano.lm.muon import Muon

        named = [(n, p) for n, p in network.named_parameters() if p.requires_grad]
        others = [p for n, p in named if not _is_matrix(n, p)]
        self.rate = rate
        self.parts: list[torch.optim.Optimizer] = [
            Muon([p for n, p in named if _is_matrix(n, p)], lr=rate)
        ]
        if others:
            self.parts.append(
                torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True)
            )

    def step(self, factor: float) -> None:
        """One update at `factor` of the full rate."""
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = self.rate * factor
            part.step()
            part.zero_grad()

    def state(self) -> list[dict[str, Any]]:
        """What a checkpoint needs."""
        return [part.state_dict() for part in self.parts]

    def restore(self, state: list[dict[str, Any]]) -> None:
        """Continue from a checkpoint."""
        for part, saved in zip(self.parts, state, strict=True):
            part.load_state_dict(saved)


def _is_matrix(name: str, weight: torch.Tensor) -> bool:
    """Whether a weight is a matrix of a layer, and not of the embeddings."""
    return weight.ndim == 2 and "embed" not in name


def drop_out(network: LlamaForCausalLM, share: float) -> None:
    """Drop a share of what goes into the residual stream, where gradients are kept."""
    import torch

    def dropped(_module: Any, _given: Any, out: torch.Tensor) -> torch.Tensor:
        learning = torch.is_grad_enabled()
        return torch.nn.functional.dropout(out, share) if learning else out

    if share:
        network.model.embed_tokens.register_forward_hook(dropped)
        for layer in network.model.layers:
            layer.self_attn.o_proj.register_forward_hook(dropped)
            layer.mlp.down_proj.register_forward_hook(dropped)


def factor(step: int, settings: Settings, minutes: float = 0.0) -> float:
    """The share of the full rate at a step, `minutes` into this run: up, level, then a fall."""
    share = min(1.0, (step + 1) / max(1, settings.warmup))
    if settings.decay:
        share = min(share, (settings.steps - step) / settings.decay)
    if settings.minutes and settings.cool:
        share = min(share, (settings.minutes - minutes) / settings.cool)
    return max(0.0, share)


def make_tokenizer(path: Path, wordnet: WordNet) -> PreTrainedTokenizerFast:
    """Load the tokenizer of the run, or train it on the stream's own text."""
    from transformers import PreTrainedTokenizerFast

    if (path / "tokenizer.json").exists():
        loaded: PreTrainedTokenizerFast = PreTrainedTokenizerFast.from_pretrained(path)
        return loaded
    grammar = Grammar(0, wordnet)
    rows = iter(grammar)
    hand = corpus.read_rows(corpus.REQUESTS / "train.jsonl")
    texts = ["".join(t for t, _ in corpus.segments(next(rows))) for _ in range(TOKENIZER_ROWS)]
    texts += ["".join(t for t, _ in corpus.segments(row)) for row in hand * 4]
    trained = tokenizer.train(texts)
    trained.save_pretrained(path)
    return trained


def run(settings: Settings) -> None:
    """Train, saving a checkpoint every so many steps and the model at the end.

    A folder that holds a checkpoint is continued.
    """
    import torch
    from transformers import LlamaForCausalLM, PreTrainedTokenizerFast

    torch.manual_seed(settings.seed)
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    settings.out.mkdir(parents=True, exist_ok=True)
    (settings.out / "settings.json").write_text(json.dumps(asdict(settings), default=str, indent=1))
    wordnet = WordNet()
    if settings.init and not (settings.out / "tokenizer.json").exists():
        PreTrainedTokenizerFast.from_pretrained(settings.init).save_pretrained(settings.out)
    pieces = make_tokenizer(settings.out, wordnet)
    network = model(len(pieces))
    if settings.init:
        network.load_state_dict(LlamaForCausalLM.from_pretrained(settings.init).state_dict())
    for name, weight in network.named_parameters():
        weight.requires_grad_(_is_matrix(name, weight) or not settings.matrices)
    drop_out(network, settings.dropout)
    optimizer = Optimizer(network, settings.rate)
    checkpoint, step, seen = settings.out / "checkpoint.pt", 0, 0
    losses: list[float] = []  # of every step of this run
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(saved["network"])
        optimizer.restore(saved["optimizer"])
        step, seen = saved["step"], saved["seen"]
    # a resumed run draws other rows than it has seen
    grammar = Grammar(settings.seed * 1_000_003 + step, wordnet)
    grammar.words.pieces = corpus.word_pieces(pieces)
    written = corpus.read_rows(corpus.REQUESTS / "train.jsonl")
    often = families.weights(written, settings.family)
    if settings.hard:
        often = hard.weights(hard.surprise(network, pieces, written), often)
    hand = corpus.Varied(written, grammar, often)
    stream = corpus.mixed(grammar, pieces, hand, settings.share, settings.request_weight)
    batches = iter(corpus.Packer(stream, settings.batch, settings.length))
    compute: Callable[[Any, corpus.Batch], torch.Tensor] = loss_of
    if settings.compile:
        compute = torch.compile(loss_of)

    def save() -> None:
        state = {
            "network": network.state_dict(),
            "optimizer": optimizer.state(),
            "step": step,
            "seen": seen,
            "losses": losses,
        }
        torch.save(state, checkpoint.with_suffix(".new"))
        os.replace(checkpoint.with_suffix(".new"), checkpoint)

    started = marked = time.monotonic()
    first, seen_then, every = step, seen, settings.log_every
    while step < settings.steps:
        batch = next(batches)
        loss = compute(network, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        minutes = (time.monotonic() - started) / 60
        share = factor(step, settings, minutes)
        if first:  # a resumed run warms up anew
            share *= min(1.0, (step - first + 1) / 20)
        optimizer.step(share)
        step, seen = step + 1, seen + int((batch.rows > 0).sum())
        losses.append(loss.item())
        if step % every == 0:
            rate = (seen - seen_then) / (time.monotonic() - marked)
            log.info(
                "step %d loss %.4f tokens %.2f M, %.0f tokens/s",
                step,
                sum(losses[-every:]) / every,
                seen / 1e6,
                rate,
            )
            marked, seen_then = time.monotonic(), seen
        if step % settings.save_every == 0:
            save()
        if settings.minutes and minutes > settings.minutes:
            break
    save()
    network.to(torch.bfloat16).save_pretrained(settings.out / "model")
    pieces.save_pretrained(settings.out / "model")


def main() -> None:
    """Read the command line."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--init", type=Path, help="folder of a model to train further")
    for name, kind in (
        ("steps", int), ("decay", int), ("batch", int), ("length", int), ("rate", float),
        ("share", float), ("seed", int), ("minutes", float), ("warmup", int), ("save-every", int),
        ("request-weight", float), ("cool", float), ("dropout", float),
    ):  # fmt: skip
        default = getattr(Settings, name.replace("-", "_"))
        parser.add_argument(f"--{name}", type=kind, default=default)
    parser.add_argument(
        "--family", nargs="*", action="extend", default=[], metavar="BEGIN=WEIGHT",
        type=families.weighed,
        help="how often hand-written rows of families that begin so come, as p17-=3",
    )  # fmt: skip
    parser.add_argument(
        "--hard", action="store_true", help="let rows that the model knows at the start come seldom"
    )
    parser.add_argument(
        "--matrices", action="store_true", help="leave embeddings and norms as they are"
    )
    parser.add_argument("--no-compile", dest="compile", action="store_false")
    options = parser.parse_args()
    if options.hard and not options.init and not (options.out / "checkpoint.pt").exists():
        parser.error("--hard needs --init: all rows are alike to a model that knows nothing")
    run(Settings(**vars(options)))


if __name__ == "__main__":
    main()
