"""The precision that a processor trains fastest in: bfloat16 where it multiplies tiles of it.

Elsewhere that is float32.

Instructions for bfloat16 alone do not make it fast: on an Intel Xeon with AVX512-BF16 and without
AMX, products of matrices took 1.8 times as long as in float32.
"""

from __future__ import annotations

import torch

__all__ = ["FAST_BFLOAT16", "autocast"]

FAST_BFLOAT16: bool = torch.cpu._is_amx_tile_supported()


def autocast(device: str = "cpu") -> torch.autocast:
    """Computes in bfloat16 where that is faster; elsewhere nothing is changed.

    Args:
        device: Kind of the device that is computed on; others than processors know bfloat16.
    """
    return torch.autocast(device, torch.bfloat16, enabled=device != "cpu" or FAST_BFLOAT16)
