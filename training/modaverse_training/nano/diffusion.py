"""Training of the nano generators: diffusion transformers that predict the clean data.

All three (pictures, videos, sounds) work on large patches of the data itself, without an
autoencoder: a plain transformer that predicts the clean sample instead of the noise copes with
patches of hundreds of values (Li and He, "Back to Basics: Let Denoising Generative Models
Denoise", arXiv 2511.13720). The path is rectified flow: z = (1 - s) x + s n for a noise level s.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from modaverse_training.precision import autocast

DROP_CAPTION = 0.1  # how often the caption is withheld, for classifier-free guidance


Rows: TypeAlias = NDArray[np.int64]  # numbers of samples [b]


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained.

    Attributes:
        minutes: Wall-clock budget, counted over all resumed runs.
        batch: Samples a step.
        rate: Peak learning rate of AdamW.
        noise_mean: Mean of the logit of the noise level; above 0 means more noise.
        noise_spread: Its standard deviation.
        seed: Seeds the noise and the order of the data.
        compiled: Fuse the element-wise work with torch.compile: about 3 times the speed on a CPU,
            after a minute of compiling.
    """

    minutes: float
    batch: int = 64
    rate: float = 1e-3
    noise_mean: float = 0.5
    noise_spread: float = 1.2
    seed: int = 3
    compiled: bool = True


Predict = Callable[[nn.Module, Tensor, Tensor, Tensor, Tensor], Tensor]


@dataclass
class Captions:
    """Frozen features of the captions: states float16 [n, s, d], mask bool [n, s]."""

    states: NDArray[np.float16]
    mask: NDArray[np.bool_]
    nothing: tuple[Tensor, Tensor]

    def rows(self, picks: Rows, dropped: NDArray[np.bool_]) -> tuple[Tensor, Tensor]:
        """States and mask of rows; those dropped get the features of the empty caption."""
        states = torch.from_numpy(self.states[picks]).float()
        mask = torch.from_numpy(self.mask[picks]).float()
        where = torch.from_numpy(dropped)
        states[where], mask[where] = self.nothing[0], self.nothing[1].float()
        return states, mask


@torch.no_grad()
def start_from_components(model: Any, clean: Tensor, *, sketched: bool = False) -> None:
    """Let a new PixArt transformer read and write patches in principal components of real ones.

    A patch has several times more values than the model is wide, so what it can write is a plane
    in their space. Beginning with the best plane saves the steps that would go into finding it.

    Args:
        model: Untrained; it reads as many channels as `clean` has, or a multiple of that.
        clean: Training data [n, channels, h, w].
        sketched: Whether its output is added to a sketch; it then begins by writing almost nothing.
    """
    channels, patch = clean.shape[1], model.config.patch_size
    patches = nn.functional.unfold(clean, patch, stride=patch).transpose(1, 2).flatten(0, 1)
    variances, axes = torch.linalg.eigh(torch.cov(patches.T))  # smallest first
    width = model.proj_out.weight.shape[1]
    spread, plane = variances[-width:].clamp(min=1e-6), axes[:, -width:]  # [values, width]
    reading = (plane / (1 + spread).sqrt()).T  # of half clean, half noisy patches: about 1 each
    for start in range(0, model.config.in_channels, channels):  # the sketch is read in like manner
        model.pos_embed.proj.weight[:, start : start + channels] = reading.view(
            -1, channels, patch, patch
        )
    model.pos_embed.proj.bias.zero_()
    in_rows = torch.arange(len(plane)).view(channels, patch, patch).permute(1, 2, 0).flatten()
    model.proj_out.weight.copy_(((0.02 if sketched else 0.3) * plane * spread.sqrt())[in_rows])
    model.proj_out.bias.copy_((0 if sketched else 1) * patches.mean(0)[in_rows])


def train(
    model: nn.Module,
    predict: Predict,
    batch_of: Callable[[Rows], Tensor],
    captions: Captions,
    recipe: Recipe,
    out: Path,
    *,
    save: Callable[[Any], None],
    given_of: Callable[[Rows], Tensor] | None = None,
) -> None:
    """Train until the recipe's minutes are spent; resumes from `out/state.pt` after a kill.

    Args:
        model: The transformer.
        predict: (model, noisy, noise level [b], caption states, caption mask) -> clean data.
        batch_of: Row numbers -> clean data, float32, about unit scale.
        captions: Features of the captions of all rows.
        recipe: Budget and optimiser.
        out: Folder of the resumable state.
        save: Writes the averaged model; called every few minutes and at the end.
        given_of: Row numbers -> a sketch of the data, which the model sees beside the noisy data
            and adds its output to.
    """
    torch.manual_seed(recipe.seed)
    out.mkdir(parents=True, exist_ok=True)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model.to(device)
    average = copy.deepcopy(model).requires_grad_(False)
    fast: Any = torch.compile(model) if recipe.compiled else model
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.rate, betas=(0.9, 0.97), weight_decay=0.01, fused=True
    )
    step, spent = read_state(out / "state.pt", model, average, optimizer)
    rng = np.random.default_rng(recipe.seed + step)
    rows = len(captions.states)
    losses: list[float] = []
    last = time.monotonic()
    while spent < 60 * recipe.minutes:
        done = spent / (60 * recipe.minutes)
        optimizer.param_groups[0]["lr"] = recipe.rate * min(
            (step + 1) / 200, 1, 3 * (1 - done) + 0.02
        )
        picks = rng.integers(rows, size=recipe.batch)
        states, mask = captions.rows(picks, rng.random(recipe.batch) < DROP_CAPTION)
        clean, states, mask = (part.to(device) for part in (batch_of(picks), states, mask))
        given = given_of(picks).to(device) if given_of else None
        loss = _loss(fast, predict, clean, states, mask, recipe, given)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        step += 1
        follow(average, model, min(0.9995, (step + 1) / (step + 20)) if done < 0.97 else 0.99)
        losses.append(loss.item())
        now = time.monotonic()
        spent, last = spent + now - last, now
        if step % 50 == 0:
            mean, rate = np.mean(losses[-200:]), step * recipe.batch / spent
            print(f"step {step} {spent / 60:.1f} min loss {mean:.4f} {rate:.0f}/s", flush=True)
        if step % 500 == 0:
            write_state(out / "state.pt", model, average, optimizer, step, spent)
            save(average)
    write_state(out / "state.pt", model, average, optimizer, step, spent)
    save(average)


def _loss(
    model: nn.Module,
    predict: Predict,
    clean: Tensor,
    states: Tensor,
    mask: Tensor,
    recipe: Recipe,
    given: Tensor | None = None,
) -> Tensor:
    """Squared error of the velocity that the predicted clean data implies."""
    logit = recipe.noise_mean + recipe.noise_spread * torch.randn(len(clean), device=clean.device)
    level = torch.sigmoid(logit)  # [b]
    wide = level.view(-1, *[1] * (clean.dim() - 1))
    noisy = (1 - wide) * clean + wide * torch.randn_like(clean)
    if given is not None:
        noisy = torch.cat([noisy, given], 1)
    with autocast(clean.device.type):
        guess = predict(model, noisy, level, states, mask)
    if given is not None:
        guess = guess + given  # the model writes what the sketch lacks
    return (((guess.float() - clean) / wide.clamp(min=0.1)) ** 2).mean()


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Move the average towards the model, all but a share of `decay` of the way."""
    for slow, fast in zip(average.parameters(), model.parameters(), strict=True):
        slow.lerp_(fast, 1 - decay)


def write_state(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer,
    step: int, spent: float,
) -> None:  # fmt: skip
    """Write the whole state beside the old one and swap, so that a kill loses nothing."""
    state = {
        "model": model.state_dict(),
        "average": average.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "spent": spent,
    }
    torch.save(state, path.with_suffix(".tmp"))
    path.with_suffix(".tmp").replace(path)


def read_state(
    path: Path, model: nn.Module, average: nn.Module, optimizer: torch.optim.Optimizer
) -> tuple[int, float]:
    """Steps and minutes of the state at `path`, read back; 0 if there is none."""
    if not path.is_file():
        return 0, 0.0
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    average.load_state_dict(state["average"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"]), float(state["spent"])


@torch.no_grad()
def read_captions(texts: list[str], folder: Path, *, length: int = 32) -> Captions:
    """Features of captions by the frozen text encoder in `folder`."""
    from transformers import AutoTokenizer, T5EncoderModel

    tokenizer = AutoTokenizer.from_pretrained(folder / "tokenizer")
    encoder = T5EncoderModel.from_pretrained(folder / "text_encoder").eval()
    found, masks = [], []
    for start in range(0, len(texts) + 1, 256):
        fields = tokenizer(
            [*texts[start : start + 256], ""],
            padding="max_length",
            max_length=length,
            truncation=True,
            return_tensors="pt",
        )
        with autocast():
            states = encoder(fields.input_ids, attention_mask=fields.attention_mask)[0]
        nothing = states[-1].float(), fields.attention_mask[-1].bool()
        found.append(states[:-1].half().numpy())
        masks.append(fields.attention_mask[:-1].bool().numpy())
    return Captions(np.concatenate(found), np.concatenate(masks), nothing)
