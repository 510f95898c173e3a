"""The nano upscaler: a small residual network that gives a nano picture twice its pixels.

It adds to what a bicubic filter makes of the picture what such pictures have at twice the size:
edges, and no mottles.
"""

from __future__ import annotations

import torch
from diffusers import ConfigMixin, ModelMixin
from diffusers.configuration_utils import register_to_config
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["NanoUpscaler", "enlarged"]

_DETAIL = 4.0  # what is fine in a picture is about so much weaker than its colours


class NanoUpscaler(ModelMixin, ConfigMixin):  # type: ignore[misc]
    """A picture -> the same with twice the pixels a side, of any even size.

    It reads squares of 2 x 2 pixels and writes squares of 4 x 4, the residual of a bicubic filter,
    so that nothing is computed at full size. Beside the colours it reads how they differ from those
    around, since that is what it works on. Blocks without norms and the shuffle at the end are
    those of EDSR (Lim et al., arXiv 1707.02921).

    Args:
        width: Channels.
        depth: Residual blocks.
    """

    @register_to_config  # type: ignore[untyped-decorator]
    def __init__(self, width: int = 56, depth: int = 5) -> None:
        super().__init__()
        self.enter = _convolution(24, width)
        self.blocks = nn.ModuleList(_Block(width) for _ in range(depth))
        self.leave = nn.Conv2d(width, 48, 3, 1, 1)
        for part in self.leave.parameters():
            nn.init.zeros_(part)  # so it begins as a bicubic filter

    def forward(self, pictures: Tensor) -> Tensor:
        """Pictures [b, 3, h, w] in -1..1 -> [b, 3, 2 h, 2 w], about in -1..1."""
        plain = functional.interpolate(
            pictures, scale_factor=2.0, mode="bicubic", align_corners=False
        )
        around = functional.avg_pool2d(pictures, 5, 1, 2, count_include_pad=False)
        seen = torch.cat([pictures, _DETAIL * (pictures - around)], 1)
        maps = self.enter(functional.pixel_unshuffle(seen, 2))
        for block in self.blocks:
            maps = block(maps)
        made: Tensor = plain + functional.pixel_shuffle(self.leave(maps), 4)
        return made


class _Block(nn.Module):
    """Two convolutions and a shortcut."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = _convolution(width, width)
        self.second = _convolution(width, width, 0.4)  # so that the blocks add up to about 1

    def forward(self, maps: Tensor) -> Tensor:
        """Maps [b, c, h, w] -> the same."""
        inner: Tensor = self.second(functional.silu(self.first(maps)))
        return maps + inner


def _convolution(read: int, write: int, gain: float = 1.0) -> nn.Conv2d:
    """Of 3 x 3, that keeps the scale of its maps (He et al., arXiv 1502.01852) times a gain."""
    made = nn.Conv2d(read, write, 3, 1, 1)
    nn.init.kaiming_normal_(made.weight, nonlinearity="relu")
    with torch.no_grad():
        made.weight.mul_(gain)
        if made.bias is not None:
            made.bias.zero_()
    return made


@torch.no_grad()
def enlarged(model: NanoUpscaler, pictures: Tensor) -> Tensor:
    """Pictures with twice the pixels a side.

    They go through the network one by one, so that a picture does not depend on its neighbours in
    a batch, not even in the last digit.

    Args:
        model: Trained.
        pictures: [n, 3, h, w] in -1..1, h and w even.

    Returns:
        [n, 3, 2 h, 2 w] in -1..1, float32.
    """
    source = pictures.clamp(-1, 1).to(model.dtype)
    return torch.cat([model(source[row : row + 1]).float() for row in range(len(source))]).clamp(
        -1, 1
    )
