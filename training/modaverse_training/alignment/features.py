"""What the frozen encoders make of media, before the projections that are trained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

if TYPE_CHECKING:
    from modaverse.model import Encoded
    from modaverse.model.perception import Perceived

__all__ = ["features_of"]


def features_of(model: Any, media: Perceived | Encoded) -> dict[str, Tensor]:
    """Features by the projection that reads them: [n, k, d], on the encoders' device."""
    found = {}
    if media.pixel_values is not None:
        pixels = torch.from_numpy(media.pixel_values).to(model.vision_encoder.device)
        found["vision"] = model.look(pixels)
    if media.audio_values is not None:
        waves = torch.from_numpy(media.audio_values).to(model.audio_encoder.device)
        found["audio"] = model.listen(waves)
    return found
