"""Pooling, projections and the time of frames, against torch's own pooling where it has it."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from modaverse.model.projection import FrameTime, Projection, heard, pool_grid, pool_time


def test_a_grid_is_laid_over_the_patches_row_by_row() -> None:
    patches = torch.arange(16.0)[None, :, None]  # a 4 x 4 picture whose patches are numbered
    assert pool_grid(patches, 4).flatten().tolist() == [2.5, 4.5, 10.5, 12.5]
    assert pool_grid(patches, 2).flatten().tolist() == [5.5 + 1, 7.5 + 1]  # left and right
    assert pool_grid(patches, 1).flatten().tolist() == [7.5]
    assert torch.equal(pool_grid(patches, 16), patches)


@pytest.mark.parametrize("extra", [1, 5])
def test_a_class_token_and_registers_are_no_patches(extra: int) -> None:
    patches = torch.randn(2, 16, 3)
    with_others = torch.cat([torch.full((2, extra, 3), 1e6), patches], 1)
    assert torch.equal(pool_grid(with_others, 6), pool_grid(patches, 6))


@pytest.mark.parametrize("tokens", [1, 3, 8, 60])
def test_time_is_cut_into_equal_stretches(tokens: int) -> None:
    features = torch.randn(2, 50, 4)
    usual = functional.adaptive_avg_pool1d(features.transpose(1, 2), tokens).transpose(1, 2)
    assert torch.allclose(pool_time(features, tokens, torch.ones(2)), usual, atol=1e-6)


def test_padding_after_a_sound_is_left_out() -> None:
    features = torch.randn(2, 50, 4)
    share = torch.tensor([0.2, 1.0])
    pooled = pool_time(features, 4, share)
    assert torch.allclose(pooled[:1], pool_time(features[:1, :10], 4, torch.ones(1)), atol=1e-6)
    assert torch.allclose(pooled[1:], pool_time(features[1:], 4, torch.ones(1)), atol=1e-6)
    assert torch.isfinite(pool_time(features, 4, torch.zeros(2))).all()


def test_the_end_of_a_sound_is_heard() -> None:
    spectrogram = torch.full((3, 16, 100), -0.5)
    spectrogram[0, 3, :25] = 0.7
    spectrogram[1, 3, 99] = 0.7
    assert heard(spectrogram).tolist() == [0.25, 1.0, 1.0]  # silence alone is heard as a whole
    as_clap = spectrogram.transpose(1, 2)[:, None]
    assert heard(as_clap).tolist() == [0.25, 1.0, 1.0]


@pytest.mark.parametrize(("kind", "layers"), [("linear", 1), ("mlp", 2)])
def test_soft_tokens_begin_as_large_as_words(kind: str, layers: int) -> None:
    torch.manual_seed(0)
    projection = Projection(256, 512, kind=kind, scale=0.03)
    assert len(projection.layers) == layers
    made = projection(torch.randn(8, 4, 256))
    assert made.shape == (8, 4, 512)
    assert 0.01 < float(made.detach().std()) < 0.04
    assert projection(torch.randn(1, 1, 256, dtype=torch.bfloat16)).dtype == torch.float32


def test_time_says_nothing_at_first_and_never_at_zero() -> None:
    time = FrameTime(32)
    moments = torch.tensor([0.0, 0.5, 90.0])
    assert time(moments).abs().max() == 0
    torch.nn.init.normal_(time.mix.weight)
    told = time(moments)
    assert told.shape == (3, 1, 32)
    assert told[0].abs().max() == 0
    assert (told[1] - told[2]).abs().max() > 0.1
