"""The nano vision encoder: a small residual network that tells what a picture or a frame shows.

It learns to name everything that a scene is made of (thing, tint, background, place and turn of the
thing) from the very tokens that a projection will read later: the last maps pooled to a 2 x 2 grid.
The heads that name are thrown away; the network ships, frozen.

    python -m modaverse_training.nano.eyes --out FOLDER [--minutes 20] [--init WEIGHTS/vision]
        [--ship WEIGHTS/vision]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from modaverse.model.perception import frame_numbers
from modaverse_training.nano import scenes
from modaverse_training.nano.concepts import COLOURS, PLACES, drawables
from modaverse_training.nano.image_classifier import roughened

if TYPE_CHECKING:
    from transformers import ResNetModel

SEED = 5003
CHECK_SEED = 5903
GRID = 2  # tokens a side that the heads read
_RATE = 2e-3
_CLIP = 1.0  # norm of the gradient: without it the loss leaps now and then
_TINTED = 0.5  # of the things: in their own colours alone, few are ever mistaken
_SPUN = 0.2  # of the moving ones, beside those that spin by chance: upside down few are known
_BATCH = 128
_FRAMES = 4  # of a video that nano looks at
_PASSES = 3  # over the pictures of a pool, before the next one
TINTS = (None, *COLOURS)
GROUNDS = (None, *COLOURS, *PLACES)


@dataclass(frozen=True)
class Pool:
    """Pictures and what they show.

    Attributes:
        pictures: uint8 [n, 64, 64, 3].
        names: int64 [n, 3]: thing, tint and background.
        poses: float32 [n, 4]: offset in x and y by the side, scale, and turn in whole turns.
    """

    pictures: NDArray[np.uint8]
    names: NDArray[np.int64]
    poses: NDArray[np.float32]


def build(weights: Path | None = None) -> ResNetModel:
    """The network: 64 x 64 pixels to maps [192, 4, 4]; 1.6 M parameters, new or as shipped."""
    from transformers import ResNetConfig, ResNetModel

    if weights is not None:
        return ResNetModel.from_pretrained(weights, dtype=torch.float32)
    return ResNetModel(ResNetConfig(
        embedding_size=48, hidden_sizes=[48, 96, 192], depths=[2, 2, 2], layer_type="basic",
    ))  # fmt: skip


class Naming(nn.Module):
    """The network, and the heads that name what it saw."""

    def __init__(self, tower: ResNetModel) -> None:
        super().__init__()
        self.tower = tower
        wide = tower.config.hidden_sizes[-1]
        kinds = (len(drawables()), len(TINTS), len(GROUNDS))
        self.heads = nn.ModuleList(nn.Linear(wide, count) for count in kinds)
        self.pose = nn.Linear(wide * GRID * GRID, 4)

    def forward(self, pictures: Tensor) -> tuple[Tensor, ...]:
        """Pictures [b, 3, 64, 64] in -1..1 -> logits of thing, tint, background; pose [b, 4].

        Names are read from the mean of the fields: one projection serves all of them later, so no
        field may have words of its own. Only where the thing is depends on the field.
        """
        maps = self.tower(pixel_values=pictures).last_hidden_state  # [b, 192, 4, 4]
        seen = functional.adaptive_avg_pool2d(maps, GRID).flatten(2)  # [b, 192, 4]
        return (*(head(seen.mean(2)) for head in self.heads), self.pose(seen.flatten(1)))


def make_pool(rows: int, seed: int, *, held_out: bool = False) -> Pool:
    """Random scenes, half of them as they stand in a picture, half as a moment of a video."""
    rng = Random(seed)
    pictures: list[scenes.Pixels] = []
    names: list[tuple[int, int, int]] = []
    poses: list[tuple[float, float, float, float]] = []
    while len(pictures) < rows:
        concept = len(pictures) % len(drawables())
        moving = rng.random() < 0.5
        scene = scenes.sample_scene(rng, concept=concept, video=moving, tinted=_TINTED)
        if scenes.held_out(scene) != held_out:
            continue
        if moving and rng.random() < _SPUN:
            scene = replace(scene, motion="spin")
        if moving:
            moment = rng.random()
            dx, dy, scale, angle = scenes.pose(scene.motion or "", moment)
            pictures.append(scenes.frame(scene, rng, moment))
            poses.append((dx / scenes.SIDE, dy / scenes.SIDE, scale - 1, angle / 360))
        else:
            pictures.append(scenes.draw(scene, rng))
            poses.append((0.0, 0.0, 1 / scenes.MOVING - 1, 0.0))
        names.append((concept, TINTS.index(scene.thing.colour), GROUNDS.index(scene.background)))
    return Pool(np.stack(pictures), np.array(names), np.array(poses, np.float32))


@contextmanager
def pools(rows: int, seed: int, first: int) -> Iterator[Iterator[Pool]]:
    """Pools without end; a process of its own draws the next while one is learned from.

    Args:
        rows: Pictures in each.
        seed: Of the pool of number 0.
        first: Number of the one to begin with.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as drawer:

        def drawn() -> Iterator[Pool]:
            number = first
            coming = drawer.submit(make_pool, rows, seed + number)
            while True:
                pool, number = coming.result(), number + 1
                coming = drawer.submit(make_pool, rows, seed + number)
                yield pool

        yield drawn()


def loss_of(answers: tuple[Tensor, ...], names: Tensor, poses: Tensor) -> Tensor:
    """Cross-entropy of the names, and a square error that knows that turns wrap around."""
    naming = sum(
        (functional.cross_entropy(a, n) for a, n in zip(answers, names.T, strict=False)),
        torch.zeros(()),
    )
    off = answers[3] - poses
    off = torch.cat([off[:, :3], torch.sin(torch.pi * off[:, 3:]) / torch.pi], 1)
    return naming + 20 * off.square().mean()


def train(
    out: Path, *, minutes: float, rows: int = 15_000, seed: int = SEED, init: Path | None = None
) -> ResNetModel:
    """Train the network; a folder that holds a state is continued.

    Args:
        out: Folder of the state.
        minutes: Wall-clock budget over all resumed runs.
        rows: Pictures of a pool; each is roughened anew whenever it is taken.
        seed: Of the pictures and their order.
        init: Shipped weights to go on from, with heads of its own and at half the rate.
    """
    torch.manual_seed(seed)
    naming = Naming(build(init))
    rate = _RATE / 2 if init else _RATE
    optimizer = torch.optim.AdamW(naming.parameters(), lr=rate, weight_decay=0.05, fused=True)
    state, spent, step = out / "state.pt", 0.0, 0
    out.mkdir(parents=True, exist_ok=True)
    if state.is_file():
        saved = torch.load(state, weights_only=True)
        naming.load_state_dict(saved["naming"])
        optimizer.load_state_dict(saved["optimizer"])
        spent, step = saved["spent"], saved["step"]
    naming.train()  # what was loaded comes with its statistics held fast
    naming.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    order = np.random.default_rng(seed + step)
    each = max(1, _PASSES * rows // _BATCH)  # steps with a pool
    with pools(rows, seed, step // each) as coming:
        pool = next(coming)
        start = time.monotonic() - 60 * spent
        while (spent := (time.monotonic() - start) / 60) < minutes:
            optimizer.param_groups[0]["lr"] = rate * min(1.0, step / 200, 2 * (1 - spent / minutes))
            loss = _step(naming, optimizer, pool, order.integers(rows, size=_BATCH))
            step += 1
            if step % each == 0:
                pool = next(coming)
            if step % 50 == 0:
                print(f"step {step} loss {loss:.3f} {spent:.1f} min", flush=True)
            if step % 500 == 0:
                parts = {"naming": naming.state_dict(), "optimizer": optimizer.state_dict()}
                torch.save({**parts, "spent": spent, "step": step}, state.with_suffix(".new"))
                state.with_suffix(".new").replace(state)
    report(naming.eval())
    naming.tower.save_pretrained(out / "tower")
    return naming.tower


def _step(
    naming: Naming, optimizer: torch.optim.Optimizer, pool: Pool, picks: NDArray[np.int64]
) -> float:
    """One step on these pictures of a pool; gives the loss."""
    batch = torch.from_numpy(pool.pictures[picks]).movedim(-1, -3).float() / 127.5 - 1
    answers = naming(roughened(batch).contiguous(memory_format=torch.channels_last))
    names, poses = torch.from_numpy(pool.names[picks]), torch.from_numpy(pool.poses[picks])
    loss = loss_of(answers, names, poses)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(naming.parameters(), _CLIP)
    optimizer.step()
    return loss.item()


@torch.no_grad()
def report(naming: Naming, rows: int = 1560) -> tuple[float, ...]:
    """Print how often things, tints and backgrounds of held-out scenes are named rightly.

    And how often things of whole videos are, by the mean over the frames that are looked at.
    """
    pool = make_pool(rows, CHECK_SEED, held_out=True)
    rates = []
    pictures = torch.from_numpy(pool.pictures).movedim(-1, -3).float() / 127.5 - 1
    answers = [naming(part) for part in torch.split(pictures, 128)]
    for kind, name in enumerate(("thing", "tint", "background")):
        guesses = torch.cat([answer[kind].argmax(1) for answer in answers]).numpy()
        rates.append(float((guesses == pool.names[:, kind]).mean()))
        print(f"{name} of held-out scenes {rates[-1]:.3f}")
    frames, concepts = _films(rows // 3, CHECK_SEED)  # float32 [n, f, 3, 64, 64], int64 [n]
    odds = [naming(film)[0].log_softmax(1).mean(0) for film in frames]
    guesses = torch.stack(odds).argmax(1).numpy()
    rates.append(float((guesses == concepts).mean()))
    print(f"thing of held-out videos {rates[-1]:.3f}")
    return tuple(rates)


def _films(count: int, seed: int) -> tuple[Tensor, NDArray[np.int64]]:
    """What is looked at of held-out videos, half of the things tinted; and their things."""
    rng = Random(seed)
    films: list[scenes.Pixels] = []
    while len(films) < count:
        concept = len(films) % len(drawables())
        scene = scenes.sample_scene(rng, concept=concept, video=True, tinted=_TINTED)
        if scenes.held_out(scene):
            films.append(scenes.film(scene, rng)[frame_numbers(scenes.FRAMES, _FRAMES)])
    pictures = torch.from_numpy(np.stack(films)).movedim(-1, -3).float() / 127.5 - 1
    return pictures, np.arange(count) % len(drawables())


def ship(tower: ResNetModel, weights: Path) -> None:
    """The network in half precision, with the image processor that it needs."""
    from transformers import SiglipImageProcessorPil

    tower.half().save_pretrained(weights)
    side = {"height": scenes.SIDE, "width": scenes.SIDE}
    SiglipImageProcessorPil(size=side).save_pretrained(weights)


def main() -> None:
    """Read the command line, train, and ship if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--rows", type=int, default=15_000, help="pictures that are drawn at once")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--init", type=Path, help="shipped weights to go on from")
    parser.add_argument("--ship", type=Path, help="write the finished weights here")
    options = parser.parse_args()
    given = {name: getattr(options, name) for name in ("minutes", "rows", "seed", "init")}
    tower = train(options.out, **given)
    if options.ship:
        ship(tower, options.ship)


if __name__ == "__main__":
    main()
