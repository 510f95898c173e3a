"""The text encoder that all nano generators share: a T5 encoder taught to read captions.

It learns to name everything a caption says (things, colours, place, motion, sound ...) from the
mean of its token states. Trained in minutes on text alone and then frozen, it hands the
generators a conditioning that is well ordered from their first step.

    python -m modaverse_training.nano.text_encoder --out FOLDER
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing
from torch import Tensor, nn
from torch.nn import functional
from transformers import PreTrainedTokenizerFast, T5Config, T5EncoderModel

from modaverse_training.nano import captions, scenes
from modaverse_training.nano.concepts import sounds
from modaverse_training.precision import autocast

LENGTH = 32  # tokens of a caption; the pipelines' max_sequence_length
VOCABULARY = 4096
MUSIC_FROM = "piano"  # this and all later sounds are instruments


def sample_row(rng: Random) -> tuple[str, tuple[int, ...]]:
    """A random caption (picture, video or sound) and its labels."""
    kind = rng.random()
    if kind < 0.25:
        names = list(sounds())
        sound = rng.choice(names)
        music = names.index(sound) >= names.index(MUSIC_FROM)
        tempo = rng.choice(("", "", "slow", "fast"))
        register = rng.choice(("", "", "", "low", "high"))
        text = captions.sound_caption(sound, tempo, register, rng, music=music)
        return text, captions.labels(sound=sound, tempo=tempo, register=register)
    scene = scenes.sample_scene(rng, video=kind < 0.45)
    return captions.caption(scene, rng), captions.labels(scene)


def train_tokenizer(rng: Random, *, rows: int = 60_000) -> PreTrainedTokenizerFast:
    """A byte-level BPE of the captions, so that no word is unknown."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=["<pad>", "</s>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator((sample_row(rng)[0].lower() for _ in range(rows)), trainer)
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", model_max_length=LENGTH
    )


class CaptionReader(nn.Module):
    """The encoder with one linear head a label set, on the mean of the token states."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder = T5EncoderModel(
            T5Config(
                vocab_size=VOCABULARY,
                d_model=192,
                d_kv=48,
                d_ff=512,
                num_layers=4,
                num_heads=4,
                feed_forward_proj="gated-gelu",
                pad_token_id=0,
                eos_token_id=1,
                dropout_rate=0.0,
            )
        )
        self.heads = nn.ModuleList(nn.Linear(192, len(names)) for names in captions.LABELS.values())

    def forward(self, ids: Tensor, mask: Tensor) -> list[Tensor]:
        """Token ids and mask [b, s] -> logits [b, n] of every label set."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state  # [b, s, d]
        weights = mask.unsqueeze(-1).to(states.dtype)
        mean = (states * weights).sum(1) / weights.sum(1)
        return [head(mean) for head in self.heads]


def train(out: Path, *, minutes: float, batch: int = 128, seed: int = 1) -> None:
    """Train tokenizer and encoder and save both, in transformers' format, under `out`.

    What is already there is trained further, at half the learning rate.
    """
    resumed = (out / "heads.pt").is_file()
    torch.manual_seed(seed + resumed)
    rng = Random(seed + resumed)
    model = CaptionReader()
    if resumed:
        tokenizer = PreTrainedTokenizerFast.from_pretrained(out / "tokenizer")
        model.encoder = T5EncoderModel.from_pretrained(out / "text_encoder")
        model.heads.load_state_dict(torch.load(out / "heads.pt", weights_only=True))
    else:
        tokenizer = train_tokenizer(rng)
    rate = 1e-3 if resumed else 2e-3
    fast: Callable[[Tensor, Tensor], list[Tensor]] = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, weight_decay=0.01, fused=True)
    start, step = time.monotonic(), 0
    while (spent := (time.monotonic() - start) / (60 * minutes)) < 1:
        optimizer.param_groups[0]["lr"] = rate * min(1.0, step / 100, 3 * (1 - spent) + 0.01)
        rows = [sample_row(rng) for _ in range(batch)]
        loss, right = _loss(fast, tokenizer, rows)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        if step % 100 == 0:
            print(f"step {step} loss {loss.item():.3f} captions all right {right:.3f}", flush=True)
    tokenizer.save_pretrained(out / "tokenizer")
    model.encoder.save_pretrained(out / "text_encoder")
    torch.save(model.heads.state_dict(), out / "heads.pt")


def _loss(
    model: Callable[[Tensor, Tensor], list[Tensor]],
    tokenizer: PreTrainedTokenizerFast,
    rows: list[tuple[str, tuple[int, ...]]],
) -> tuple[Tensor, float]:
    fields = tokenizer(
        [text for text, _ in rows],
        padding="max_length",
        max_length=LENGTH,
        truncation=True,
        return_tensors="pt",
    )
    target = torch.tensor([label for _, label in rows])  # [b, label sets]
    with autocast():
        logits = model(fields.input_ids, fields.attention_mask)
    losses = [functional.cross_entropy(one.float(), target[:, i]) for i, one in enumerate(logits)]
    guesses = torch.stack([one.argmax(-1) for one in logits], 1)
    return torch.stack(losses).sum(), (guesses == target).all(1).float().mean().item()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=6)
    options = parser.parse_args()
    train(options.out, minutes=options.minutes)


if __name__ == "__main__":
    main()
