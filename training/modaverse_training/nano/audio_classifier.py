"""The judge of generated sounds: a small CNN that never meets the generator's data.

It learns from renderings of its own (another seed), on spectrograms of its own (other window and
bands), spoilt by noise, shifts and fades so that it does not lean on the cleanliness of synthesis.

    python -m modaverse_training.nano.audio_classifier --out FOLDER [--weights FOLDER]
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from modaverse_tools.mel import MelCodec
from modaverse_tools.nano_audio import NanoAudioPipeline
from modaverse_tools.pipeline import GUIDANCE, STEPS, WEIGHTS
from modaverse_training.nano.concepts import sounds
from modaverse_training.nano.synthesis import Pool, Take, make_pool, sample_takes

_EYES = MelCodec(window=800, hop=400, bands=64)
#: Frames around a caption that no training caption has.
_UNSEEN_FRAMES = ("{}, please", "let me hear {}", "{} in the background", "some {} here")


class SoundJudge(nn.Module):
    """Which of the 54 sounds a log-mel spectrogram shows."""

    def __init__(self, classes: int, width: int = 24) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 1
        for depth in range(4):
            outputs = width * 2 ** min(depth, 2)
            layers += [nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.ReLU()]
            layers.append(nn.MaxPool2d(2))
            inputs = outputs
        self.layers = nn.Sequential(*layers)
        self.head = nn.Linear(3 * inputs * 4, classes)

    def forward(self, mel: Tensor) -> Tensor:
        """Log-mel [b, 64, frames] -> logits [b, classes]."""
        seen = self.layers(mel.unsqueeze(1) / 3 + 1.5)  # [b, c, 4, t]
        summary = torch.cat([seen.mean(3), seen.amax(3), seen.std(3)], 1)
        logits: Tensor = self.head(functional.dropout(summary.flatten(1), 0.3, self.training))
        return logits


def train(waves: Pool, takes: Sequence[Take], *, epochs: int = 20, seed: int = 11) -> SoundJudge:
    """Teach a judge from int16 waves [n, samples]."""
    torch.manual_seed(seed)
    names = list(sounds())
    labels = torch.tensor([names.index(take.sound) for take in takes])
    judge = SoundJudge(len(names))
    optimizer = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.02)
    steps = epochs * (len(takes) // 32)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    for step in range(steps):
        picks = np.random.default_rng(seed + step).integers(len(takes), size=32)
        sound = _spoilt(torch.from_numpy(waves[picks].astype(np.float32) / 32768))
        loss = functional.cross_entropy(judge(_EYES.encode(sound)), labels[picks])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            print(f"step {step} of {steps} loss {loss.item():.3f}", flush=True)
    return judge.eval()


@torch.no_grad()
def probabilities(judge: SoundJudge, waves: Tensor) -> Tensor:
    """How likely each sound is in float waves [n, samples], at the common loudness: [n, sounds]."""
    loud = waves / (waves.std(1, keepdim=True) + 1e-6) * 0.12
    parts = [judge(_EYES.encode(part)).softmax(1) for part in torch.split(loud, 64)]
    return torch.cat(parts)


def guesses(judge: SoundJudge, waves: Tensor) -> list[str]:
    """What the judge hears in float waves [n, samples]."""
    names = list(sounds())
    return [names[i] for i in probabilities(judge, waves).argmax(1).tolist()]


def held_out_captions(takes: Sequence[Take], known: set[str], seed: int) -> list[str]:
    """For each take a caption that is in no training set; every other one in an unseen frame."""
    rng = Random(seed)
    texts = []
    for number, take in enumerate(takes):
        if number % 2:
            words = [w for w in (take.tempo, take.register, rng.choice(sounds()[take.sound])) if w]
            texts.append(rng.choice(_UNSEEN_FRAMES).format(" ".join(words)))
            continue
        tries = [take.caption(rng) for _ in range(50)]
        texts.append(next((text for text in tries if text not in known), tries[0]))
    return texts


def generate(
    pipe: NanoAudioPipeline,
    texts: Sequence[str],
    *,
    seed: int,
    steps: int = STEPS,
    guidance: float = GUIDANCE,
) -> Tensor:
    """Generated waves [n, samples] of captions, in batches."""
    parts = []
    for start in range(0, len(texts), 18):
        made = pipe(
            list(texts[start : start + 18]),
            num_inference_steps=steps,
            guidance_scale=guidance,
            generator=torch.Generator().manual_seed(seed + start),
        )
        parts.append(torch.from_numpy(made.audios))
    return torch.cat(parts)


def score(title: str, wanted: Sequence[str], heard: Sequence[str]) -> float:
    """Print the share of right guesses and the most frequent mistakes."""
    pairs = list(zip(wanted, heard, strict=True))
    right = sum(a == b for a, b in pairs)
    print(f"{title}: {right} of {len(pairs)} recognised ({right / len(pairs):.1%})")
    wrong = Counter(f"{a} heard as {b}" for a, b in pairs if a != b)
    print("  " + ", ".join(f"{what} x{count}" for what, count in wrong.most_common(12)))
    return right / len(pairs)


def load_judge(out: Path, count: int, seed: int) -> SoundJudge:
    """The judge of a folder, trained there first if it is not there."""
    judge = SoundJudge(len(sounds()))
    if not (out / "judge.pt").is_file():
        waves, takes = make_pool(out / "train", count, seed)
        torch.save(train(waves, takes, seed=seed).state_dict(), out / "judge.pt")
    judge.load_state_dict(torch.load(out / "judge.pt", weights_only=True))
    return judge.eval()


def main() -> None:
    """Read the command line, train the judge if need be, and print the scores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--weights", type=Path, default=WEIGHTS / "audio", help="the pipeline to judge"
    )
    parser.add_argument("--known", type=Path, help="captions of the training, one a line")
    parser.add_argument("--each", type=int, default=4, help="generated sounds of each kind")
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--count", type=int, default=1080, help="renderings to learn from")
    parser.add_argument("--seed", type=int, default=1011)
    options = parser.parse_args()
    judge = load_judge(options.out, options.count, options.seed)
    waves, takes = make_pool(options.out / "test", 6 * len(sounds()), options.seed + 1)
    real = torch.from_numpy(waves.astype(np.float32) / 32768)
    score("held-out renderings", [take.sound for take in takes], guesses(judge, real))
    pipe = NanoAudioPipeline.from_pretrained(options.weights)
    pipe.set_progress_bar_config(disable=True)
    known = set(options.known.read_text().split("\n")) if options.known else set()
    asked = sample_takes(options.each * len(sounds()), options.seed + 2)
    texts = held_out_captions(asked, known, options.seed)
    made = generate(pipe, texts, seed=options.seed, steps=options.steps, guidance=options.guidance)
    heard = guesses(judge, made)
    wanted = [take.sound for take in asked]
    unsure = "" if known else ", half of the captions perhaps those of training (no --known)"
    score(f"generated sounds{unsure}", wanted, heard)
    score("of these, in frames unseen in training", wanted[1::2], heard[1::2])


def _spoilt(waves: Tensor) -> Tensor:
    """Shifted by up to 0.3 s, with noise, louder or softer, duller or brighter."""
    shift = int(torch.randint(-4800, 4800, ()))
    waves = torch.roll(waves, shift, 1)
    count = len(waves)
    hiss = torch.randn_like(waves) * 10 ** (-1.5 - 2 * torch.rand(count, 1)) * 0.3
    tilt = 0.6 * (torch.rand(count, 1) - 0.5)
    waves = waves + tilt * torch.roll(waves, 1, 1)
    return (waves + hiss) * 10 ** (0.3 * (torch.rand(count, 1) - 0.5))


if __name__ == "__main__":
    main()
