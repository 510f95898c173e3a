"""The nano audio encoder: a small residual network that tells what can be heard.

It learns to name sound, tempo and register (and a speaking voice) from the very tokens that a
projection will read later: its frames pooled to a few stretches of time. The heads that name are
thrown away; the encoder ships, frozen.

    python -m modaverse_training.nano.ears --out FOLDER [--minutes 20] [--ship WEIGHTS/hearing]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from modaverse_training.nano.concepts import sounds
from modaverse_training.nano.synthesis import Take, levelled, make_pool
from modaverse_training.precision import autocast

if TYPE_CHECKING:
    from transformers import ResNetModel, WhisperFeatureExtractor

SEED = 6007
CHECK_SEED = 6907
RATE = 16_000
SECONDS = 3
TOKENS = 4  # stretches of time that the heads read
SPEECH = "speech"
_LEARNING_RATE = 2e-3
_LEVELS = {"": 0, "slow": 1, "fast": 2, "low": 1, "high": 2}


def names() -> list[str]:
    """What can be heard, in label order: every sound, and a speaking voice."""
    return [*sounds(), SPEECH]


def build() -> ResNetModel:
    """The untrained network: spectrograms [1, 80, 300] to maps [192, 3, 10]; 1.6 M parameters."""
    from transformers import ResNetConfig, ResNetModel

    return ResNetModel(ResNetConfig(
        num_channels=1, embedding_size=48, hidden_sizes=[48, 96, 192], depths=[2, 2, 2],
        layer_type="basic", downsample_in_first_stage=True,
    ))  # fmt: skip


def extractor() -> WhisperFeatureExtractor:
    """Waves of 16 kHz -> log-mel features [80, 300] as Whisper has them, cut or padded to 3 s."""
    from transformers import WhisperFeatureExtractor

    return WhisperFeatureExtractor(feature_size=80, sampling_rate=RATE, chunk_length=SECONDS)


class Naming(nn.Module):
    """The encoder, and the heads that name what it heard."""

    def __init__(self, encoder: ResNetModel) -> None:
        super().__init__()
        self.encoder = encoder
        wide = encoder.config.hidden_sizes[-1]
        self.sound = nn.Linear(wide, len(names()))
        self.manner = nn.ModuleList(nn.Linear(wide * TOKENS, 3) for _ in range(2))

    def forward(self, features: Tensor) -> tuple[Tensor, ...]:
        """Features [b, 80, 300] -> logits of sound, tempo and register.

        The sound is read from the mean of the stretches: one projection serves all of them later.
        """
        maps = self.encoder(features[:, None]).last_hidden_state  # [b, 192, 3, 10]
        frames = maps.mean(2)  # over the pitch, as the model reads it
        heard = functional.adaptive_avg_pool1d(frames, TOKENS)  # [b, 192, 4]
        heard = functional.dropout(heard, 0.2, self.training)
        return (self.sound(heard.mean(2)), *(head(heard.flatten(1)) for head in self.manner))


def speech(count: int, seed: int) -> NDArray[np.int16]:
    """Voices that say random words: int16 [n, 48000] at 16 kHz."""
    from modaverse_tools.speech import text_to_speech
    from modaverse_training.nano import wordnet

    rng, words = Random(seed), wordnet.adjectives()
    waves = np.zeros((count, SECONDS * RATE), np.int16)
    for row in waves:
        text = " ".join(rng.choices(words, k=rng.randint(2, 8)))
        voice = {"voice": rng.choice(("neutral", "male", "female")), "speed": rng.randint(120, 240)}
        said: Any = text_to_speech.call(text, (), {**voice, "pitch": rng.randint(20, 80)})
        wave = said.mono().resample(RATE).samples[:, 0].astype(np.float64)
        part = wave[: len(row)]
        row[: len(part)] = np.round(levelled(part) * 32767)
    return waves


def features(waves: NDArray[np.int16]) -> NDArray[np.float16]:
    """Waves int16 [n, 48000] -> log-mel features float16 [n, 80, 300]."""
    make = extractor()
    parts = [
        make(list(part.astype(np.float32) / 32768), sampling_rate=RATE, return_tensors="np")
        for part in np.array_split(waves, max(1, len(waves) // 64))
    ]
    return np.concatenate([part["input_features"].astype(np.float16) for part in parts])


def dataset(out: Path, count: int, seed: int) -> tuple[NDArray[np.float16], NDArray[np.int64]]:
    """Features [n, 80, 300] and labels [n, 3] of sounds and of speech, from disk if there."""
    kept = out / "features.npz"
    if not kept.is_file():
        waves, takes = make_pool(out, count, seed)
        voices = speech(count // 30, seed)
        everything = np.concatenate([np.asarray(waves), voices])
        np.savez(kept, features=features(everything), labels=_labels(takes, len(voices)))
    loaded = np.load(kept)
    return loaded["features"], loaded["labels"]


def _labels(takes: Sequence[Take], voices: int) -> NDArray[np.int64]:
    order = names()
    rows = [(order.index(t.sound), _LEVELS[t.tempo], _LEVELS[t.register]) for t in takes]
    return np.array(rows + [(order.index(SPEECH), 0, 0)] * voices)


def spoilt(batch: Tensor) -> Tensor:
    """Features [b, 80, 300] shifted in time, louder or softer, duller or brighter, with noise."""
    count = len(batch)
    batch = torch.roll(batch, int(torch.randint(-60, 60, ())), 2)
    tilt = torch.linspace(-1, 1, 80)[:, None] * 0.15 * torch.randn(count, 1, 1)
    batch = batch + tilt + 0.1 * torch.randn(count, 1, 1)
    return batch + 0.15 * torch.rand(count, 1, 1) * torch.randn_like(batch)


def train(out: Path, *, minutes: float, count: int = 5400) -> ResNetModel:
    """Train the encoder; a folder that holds a state is continued.

    Args:
        out: Folder of data and state.
        minutes: Wall-clock budget over all resumed runs.
        count: Sounds to learn from; each is spoilt anew whenever it is drawn.
    """
    torch.manual_seed(SEED)
    inputs, labels = dataset(out / "pool", count, SEED)
    naming = Naming(build())
    trained = [weight for weight in naming.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=_LEARNING_RATE, weight_decay=0.05, fused=True)
    state, spent, step = out / "state.pt", 0.0, 0
    if state.is_file():
        saved = torch.load(state, weights_only=True)
        naming.load_state_dict(saved["naming"])
        optimizer.load_state_dict(saved["optimizer"])
        spent, step = saved["spent"], saved["step"]
    naming.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    order = np.random.default_rng(SEED + step)
    start = time.monotonic() - 60 * spent
    while (spent := (time.monotonic() - start) / 60) < minutes:
        share = min(1.0, step / 200, 2 * (1 - spent / minutes))
        optimizer.param_groups[0]["lr"] = _LEARNING_RATE * share
        picks = order.integers(len(inputs), size=64)
        with autocast():
            answers = naming(spoilt(torch.from_numpy(inputs[picks]).float()))
        wanted = torch.from_numpy(labels[picks])
        loss = torch.stack([
            functional.cross_entropy(answer.float(), target)
            for answer, target in zip(answers, wanted.T, strict=True)
        ]).sum()  # fmt: skip
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        step += 1
        if step % 50 == 0:
            print(f"step {step} loss {loss.item():.3f} {spent:.1f} min", flush=True)
        if step % 500 == 0:
            parts = {"naming": naming.state_dict(), "optimizer": optimizer.state_dict()}
            torch.save({**parts, "spent": spent, "step": step}, state.with_suffix(".new"))
            state.with_suffix(".new").replace(state)
    report(naming.eval(), out)
    naming.encoder.save_pretrained(out / "encoder")
    return naming.encoder


@torch.no_grad()
def report(naming: Naming, out: Path, count: int = 324) -> tuple[float, ...]:
    """Print how often sounds, tempos and registers of fresh renderings are named rightly."""
    inputs, labels = dataset(out / "check", count, CHECK_SEED)
    parts = [naming(part.float()) for part in torch.split(torch.from_numpy(inputs), 64)]
    rates = []
    for kind, name in enumerate(("sound", "tempo", "register")):
        guesses = torch.cat([part[kind].argmax(1) for part in parts]).numpy()
        rates.append(float((guesses == labels[:, kind]).mean()))
        print(f"{name} of fresh renderings {rates[-1]:.3f}")
    return tuple(rates)


def ship(encoder: ResNetModel, weights: Path) -> None:
    """The encoder in half precision, with the feature extractor that it needs."""
    encoder.half().save_pretrained(weights)
    extractor().save_pretrained(weights)


def main() -> None:
    """Read the command line, train, and ship if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--count", type=int, default=5400, help="sounds to learn from")
    parser.add_argument("--ship", type=Path, help="write the finished weights here")
    options = parser.parse_args()
    encoder = train(options.out, minutes=options.minutes, count=options.count)
    if options.ship:
        ship(encoder, options.ship)


if __name__ == "__main__":
    main()
