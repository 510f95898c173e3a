"""The judge of nano pictures and videos: convolutional networks, trained apart.

The judge has another architecture and another seed than the generators, learns from its own draws
of the scenes (with blur, noise and shifts, so that it judges the drawing and not the pixels), and
never takes part in generation. It says whether the asked concept came through.

    python -m modaverse_training.nano.image_classifier train --out FOLDER
    python -m modaverse_training.nano.image_classifier judge --out FOLDER [--count 300] [--video]
"""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn import functional

from modaverse_tools.pipeline import GUIDANCE, STEPS, WEIGHTS
from modaverse_training.nano import captions, scenes
from modaverse_training.nano.concepts import MOTIONS, drawables
from modaverse_training.precision import autocast

Labels: TypeAlias = NDArray[np.int64]  # [n]

TRAIN_SEED = 7001
ROUNDS = 600  # batches of 128 pictures
JUDGE_SEED = 9001  # captions, scenes and noise of the judged pictures come from this


class ConceptJudge(nn.Module):
    """A residual network: pictures of 64 x 64 -> which concept."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 32, 4, 2, 1), nn.BatchNorm2d(32), nn.ReLU())
        self.body = nn.Sequential(
            _Block(32, 64, 2), _Block(64, 128, 2), _Block(128, 192, 2), _Block(192, 256, 1)
        )
        self.head = nn.Linear(256, len(drawables()))

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures [b, 3, 64, 64] in -1..1 -> logits [b, concepts]."""
        logits: Tensor = self.head(self.body(self.stem(pictures)).mean((2, 3)))
        return logits


class MotionJudge(nn.Module):
    """A network over space and time: 16 grey frames of 32 x 32 -> which motion."""

    def __init__(self) -> None:
        super().__init__()
        wide = (1, 16, 32, 48)
        self.body = nn.Sequential(
            *(
                nn.Sequential(nn.Conv3d(a, b, 3, 2, 1), nn.BatchNorm3d(b), nn.ReLU())
                for a, b in pairwise(wide)
            )
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(48 * 2 * 4 * 4, len(MOTIONS)))

    def forward(self, frames: Tensor) -> Tensor:
        """Frames [b, 16, 3, 64, 64] in -1..1 -> logits [b, motions]."""
        grey = functional.avg_pool2d(frames.mean(2), 2).unsqueeze(1)  # [b, 1, 16, 32, 32]
        still = grey.median(2, keepdim=True).values
        logits: Tensor = self.head(self.body((grey - still).abs()))
        return logits


class _Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, wide: int, out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(wide, out, 3, stride, 1, bias=False)
        self.second = nn.Conv2d(out, out, 3, 1, 1, bias=False)
        self.norms = nn.ModuleList([nn.BatchNorm2d(out), nn.BatchNorm2d(out)])
        self.short = nn.Conv2d(wide, out, 1, stride, bias=False)

    def forward(self, maps: Tensor) -> Tensor:
        """Maps [b, c, h, w] -> [b, out, h / stride, w / stride]."""
        inner = functional.relu(self.norms[0](self.first(maps)))
        return functional.relu(self.norms[1](self.second(inner)) + self.short(maps))


def roughened(pictures: Tensor) -> Tensor:
    """Pictures [b, 3, 64, 64], a little shifted, blurred, lit and noised, each batch anew."""
    shift = [int(step) for step in torch.randint(-4, 5, (2,))]
    pictures = torch.roll(pictures, shift, (2, 3))
    if torch.rand(()) < 0.5:
        small = functional.interpolate(pictures, scale_factor=0.5, mode="area")
        pictures = functional.interpolate(small, scale_factor=2, mode="bilinear")
    light = 1 + 0.2 * torch.randn(len(pictures), 1, 1, 1)
    return pictures * light + 0.1 * torch.rand(()) * torch.randn_like(pictures)


def train(out: Path, *, rounds: int = ROUNDS, rows: int = 15_000, films: int = 1_500) -> None:
    """Train both judges on their own draws and say how well they do on fresh ones.

    Args:
        out: Folder for their weights.
        rounds: Batches of pictures; the judge of motions learns from a third as many of videos. Not
            minutes: a judge that was trained on a busy machine must not be a worse one.
        rows: Pictures to draw.
        films: Videos to draw.
    """
    rng = Random(TRAIN_SEED)
    torch.manual_seed(TRAIN_SEED)
    pictures, concepts = _pictures(rng, rows)
    frames, motions, filmed = _films(rng, films)
    stills = frames[:, ::3].reshape(-1, *frames.shape[2:])
    concept = ConceptJudge()
    pictures = np.concatenate([pictures, stills])
    concepts = np.concatenate([concepts, filmed.repeat(len(stills) // len(filmed))])
    _fit(concept, pictures, concepts, rounds=rounds, change=roughened)
    motion = MotionJudge()
    _fit(motion, frames, motions, rounds=rounds // 3, change=lambda batch: batch, batch=32)
    out.mkdir(parents=True, exist_ok=True)
    save_file(concept.state_dict(), out / "concept.safetensors")
    save_file(motion.state_dict(), out / "motion.safetensors")
    fresh = Random(JUDGE_SEED)
    pictures, concepts = _pictures(fresh, 600)
    frames, motions, _ = _films(fresh, 100)
    print(f"concept of fresh drawings {_score(concept, pictures, concepts):.3f}")
    print(f"motion of fresh films {_score(motion, frames, motions):.3f}")


def judge(
    out: Path, *, count: int, video: bool, steps: int = STEPS, weights: Path = WEIGHTS
) -> dict[str, Any]:
    """Generate from held-out scenes, in held-out wordings, and let the judges say what they see.

    Returns:
        Rates of recognised concepts (and motions), the count, and the concepts that failed.
    """
    from modaverse_tools.nano_pipelines import NanoImagePipeline, NanoVideoPipeline

    kind: Any = NanoVideoPipeline if video else NanoImagePipeline
    pipe = kind.from_pretrained(weights / ("video" if video else "image"))
    pipe.set_progress_bar_config(disable=True)
    concept, motion = _load(out)
    rng = Random(JUDGE_SEED)
    seen: list[tuple[bool, bool]] = []
    missed: dict[str, int] = {}
    for number in range(count):
        scene = _judged_scene(rng, number % len(drawables()), video=video)
        generator = torch.Generator().manual_seed(JUDGE_SEED + number)
        told = captions.held_out_caption(scene, rng)
        sampling = {"num_inference_steps": steps, "guidance_scale": GUIDANCE}
        if video:
            made = pipe(told, generator=generator, **sampling).frames[0]
        else:
            made = pipe(told, generator=generator, output_type="np", **sampling).images
        frames = torch.from_numpy(made).permute(0, 3, 1, 2) * 2 - 1  # [t, 3, h, w]
        with torch.no_grad():
            found = concept(frames).softmax(-1).mean(0).argmax().item()
            moved = motion(frames.unsqueeze(0)).argmax().item() if video else 0
        right = found == scene.thing.concept
        seen.append((right, not video or list(MOTIONS)[moved] == scene.motion))
        if not right:
            name = drawables()[scene.thing.concept].name
            missed[name] = missed.get(name, 0) + 1
    table = np.array(seen)
    report: dict[str, Any] = {"count": count, "concept": float(table[:, 0].mean())}
    if video:
        report |= {"motion": float(table[:, 1].mean()), "both": float(table.all(1).mean())}
    return report | {"missed": dict(sorted(missed.items(), key=lambda item: -item[1]))}


def _judged_scene(rng: Random, concept: int, *, video: bool) -> scenes.Scene:
    """A held-out scene of a concept."""
    while True:
        scene = scenes.sample_scene(rng, concept=concept, video=video)
        if scenes.held_out(scene):
            return scene


def _pictures(rng: Random, rows: int) -> tuple[scenes.Pixels, Labels]:
    """Pictures, evenly over the concepts: uint8 [n, 64, 64, 3] and labels."""
    labels = np.arange(rows) % len(drawables())
    chosen = [scenes.sample_scene(rng, concept=int(label)) for label in labels]
    return np.stack([scenes.draw(scene, rng) for scene in chosen]), labels


def _films(rng: Random, rows: int) -> tuple[scenes.Pixels, Labels, Labels]:
    """Videos uint8 [n, 16, 64, 64, 3], their motions and their concepts."""
    chosen = [scenes.sample_scene(rng, video=True) for _ in range(rows)]
    frames = np.stack([scenes.film(scene, rng) for scene in chosen])
    motions = np.array([list(MOTIONS).index(scene.motion or "") for scene in chosen])
    return frames, motions, np.array([scene.thing.concept for scene in chosen])


def _fit(
    model: nn.Module,
    data: scenes.Pixels,
    labels: Labels,
    *,
    rounds: int,
    change: Any,
    batch: int = 128,
) -> None:
    fast = torch.compile(model)
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3, weight_decay=0.02, fused=True)
    order = np.random.default_rng(TRAIN_SEED)
    for step in range(rounds):
        left = 1 - step / rounds
        optimizer.param_groups[0]["lr"] = 2e-3 * min(1.0, step / 50, 2 * left + 0.01)
        picks = order.integers(len(data), size=batch)
        with autocast():
            logits = fast(change(_tensor(data[picks])))
        loss = functional.cross_entropy(logits.float(), torch.from_numpy(labels[picks]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        if step % 50 == 0:
            told = f"{type(model).__name__} step {step} of {rounds} loss {loss.item():.3f}"
            print(told, flush=True)
    model.eval()


def _tensor(data: scenes.Pixels) -> Tensor:
    """uint8 [..., h, w, 3] -> float32 [..., 3, h, w] in -1..1."""
    return torch.from_numpy(data).movedim(-1, -3).float() / 127.5 - 1


@torch.no_grad()
def _score(model: nn.Module, data: scenes.Pixels, labels: Labels) -> float:
    guesses = torch.cat([model(_tensor(data[i : i + 64])) for i in range(0, len(data), 64)])
    return float((guesses.argmax(-1).numpy() == labels).mean())


def _load(out: Path) -> tuple[ConceptJudge, MotionJudge]:
    concept, motion = ConceptJudge(), MotionJudge()
    concept.load_state_dict(load_file(out / "concept.safetensors"))
    motion.load_state_dict(load_file(out / "motion.safetensors"))
    return concept.eval(), motion.eval()


def main() -> None:
    """Read the command line; train the judges or let them judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("verb", choices=("train", "judge"))
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of training")
    parser.add_argument("--count", type=int, default=312)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--video", action="store_true", help="judge videos instead of pictures")
    parser.add_argument("--weights", type=Path, default=WEIGHTS, help="of the generators")
    options = parser.parse_args()
    if options.verb == "train":
        train(options.out, rounds=options.rounds)
    else:
        report = judge(
            options.out,
            count=options.count,
            video=options.video,
            steps=options.steps,
            weights=options.weights,
        )
        print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
