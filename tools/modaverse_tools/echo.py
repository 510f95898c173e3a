"""Echo tools: instant, deterministic tools of every modality, to test and document with.

What they make depends on the prompt and the seed only, needs no model, and takes milliseconds:
`Agent(llm, echo.toolbox())`.
"""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from modaverse.errors import ToolError
from modaverse.media import Audio, Image, Video
from modaverse.tool import Context, tool
from modaverse.toolbox import Toolbox

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "echo_audio",
    "echo_caption",
    "echo_fail",
    "echo_image",
    "echo_slideshow",
    "echo_text",
    "echo_video",
    "echo_wait",
    "toolbox",
]

_FRAMES = 4
_FPS = 4.0
_RATE = 8000  # Hz


def toolbox() -> Toolbox:
    """All echo tools."""
    return Toolbox(
        [
            echo_text,
            echo_image,
            echo_audio,
            echo_video,
            echo_caption,
            echo_slideshow,
            echo_wait,
            echo_fail,
        ]
    )


@tool
def echo_text(prompt: str, *, times: Annotated[int, Field(ge=1, le=9)] = 1) -> str:
    """Say the prompt back."""
    return " ".join([prompt] * times)


@tool
def echo_image(
    prompt: str, *, size: Annotated[int, Field(ge=8, le=512)] = 32, context: Context
) -> Image:
    """Make a picture of stripes in colours that stand for the prompt."""
    image = Image(_stripes(prompt, context.seed, size))
    context.report(1, 1, image)
    return image


@tool
def echo_audio(
    prompt: str, *, seconds: Annotated[float, Field(ge=0.1, le=10)] = 0.5, context: Context
) -> Audio:
    """Make a tone whose pitch stands for the prompt."""
    import numpy as np

    pitch = 200 + int.from_bytes(_digest(prompt, context.seed)[:2], "big") / 100  # 200 to 855 Hz
    clock = np.arange(round(seconds * _RATE), dtype=np.float32) / _RATE
    tone = 0.3 * np.sin(2 * np.pi * np.float32(pitch) * clock)
    return Audio(tone[:, None].astype(np.float32), _RATE)  # [n, 1]


@tool
def echo_video(prompt: str, *, context: Context) -> Video:
    """Make a video of stripes that move, in colours that stand for the prompt."""
    import numpy as np

    still = _stripes(prompt, context.seed, 32)
    frames = []
    for step in range(_FRAMES):
        frames.append(np.roll(still, 4 * step, axis=0))
        context.report(step + 1, _FRAMES, Image(frames[-1]))
    return Video(np.stack(frames), _FPS)  # [t, h, w, 3]


@tool
def echo_caption(prompt: str, image: Image) -> str:
    """Tell the size of a picture in words."""
    return f"{prompt} {image.face()}".strip()


@tool
def echo_slideshow(prompt: str, image: Image, audio: Audio | None = None) -> Video:
    """Make a video that shows one picture, with a sound if one is given."""
    import numpy as np

    still = image.array[..., :3]
    return Video(np.stack([still] * _FRAMES), _FPS, audio)


@tool
def echo_wait(
    prompt: str, *, seconds: Annotated[float, Field(ge=0, le=60)] = 0.1, context: Context
) -> str:
    """Wait, telling how far it is, and say the prompt back; stops at once when asked to."""
    steps = max(1, round(seconds / 0.01))
    for step in range(steps):
        context.report(step + 1, steps)
        time.sleep(seconds / steps)
    return prompt


@tool
def echo_fail(prompt: str) -> str:
    """Fail with the prompt as the reason."""
    raise ToolError(prompt or "asked to fail", tool="echo-fail", hint="this tool always fails")


def _digest(prompt: str, seed: int) -> bytes:
    return hashlib.sha256(f"{seed}:{prompt}".encode(errors="surrogatepass")).digest()


def _stripes(prompt: str, seed: int, size: int) -> NDArray[np.uint8]:
    """Eight horizontal stripes, uint8 [size, size, 3]."""
    import numpy as np

    colours = np.frombuffer(_digest(prompt, seed)[:24], np.uint8).reshape(8, 3)
    rows = colours[np.arange(size) * 8 // size]  # [size, 3]
    return np.ascontiguousarray(np.broadcast_to(rows[:, None], (size, size, 3)))
