"""What the frozen encoders make of media, before the projections that are trained."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from modaverse.model.perception import Perceived

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from modaverse.model import Encoded

_ARGUMENTS = {"vision": "pixel_values", "audio": "audio_values"}

__all__ = ["Memory", "features_of"]


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


class Memory:
    """Features that are kept: what comes again in the same company is not perceived again."""

    def __init__(self) -> None:
        self._known: dict[bytes, Tensor] = {}

    def features_of(self, model: Any, media: Perceived | Encoded) -> dict[str, Tensor]:
        """As the function of that name, but float32, on the CPU, and not to be written to."""
        found = {}
        for name, argument in _ARGUMENTS.items():
            values: NDArray[np.float32] | None = getattr(media, argument)
            if values is None:
                continue
            key = _digest(name, values)
            if key not in self._known:
                made = features_of(model, Perceived(**{argument: values}))
                self._known[key] = made[name].float().cpu()
            found[name] = self._known[key]
        return found


def _digest(name: str, values: NDArray[np.float32]) -> bytes:
    """What tells arrays apart by all that is in them."""
    told = blake2b(f"{name} {values.shape} {values.dtype}".encode(), digest_size=16)
    told.update(values.tobytes())
    return told.digest()
