"""The precision of training: bfloat16 only where the processor multiplies tiles of it."""

from __future__ import annotations

import pytest
import torch

from modaverse_training import precision


@pytest.mark.parametrize(("fast", "dtype"), [(True, torch.bfloat16), (False, torch.float32)])
def test_products_are_computed_in_what_is_fast(
    monkeypatch: pytest.MonkeyPatch, fast: bool, dtype: torch.dtype
) -> None:
    monkeypatch.setattr(precision, "FAST_BFLOAT16", fast)
    with precision.autocast():
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == dtype
