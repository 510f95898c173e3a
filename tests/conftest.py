"""What every test stands on: nothing can be downloaded, one thread for models, tiny media."""

from __future__ import annotations

import os

# Before any backend is imported: these are read once, at import.
os.environ.update(
    {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "DO_NOT_TRACK": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": "1",
        "MODAVERSE_ADAPTERS": "/dev/null/adapters",  # none that somebody trained here is in force
    }
)

import ipaddress
import socket
from typing import Any

import numpy as np
import pytest

from modaverse.media import Audio, Image, Video


class NetworkForbiddenError(RuntimeError):
    """A test tried to reach another machine; no OSError, so that no client retries or hides it."""


def _is_local(address: Any) -> bool:
    """True for sockets of this machine: files, and loopback addresses."""
    host = address[0] if isinstance(address, tuple) else address
    if not isinstance(address, tuple) or host in ("", None, "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).split("%")[0]).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and name look-up that leaves this machine."""
    if request.node.get_closest_marker("network"):
        return

    def guarded(real: Any) -> Any:
        def connect(self: socket.socket, address: Any) -> Any:
            if not _is_local(address):
                raise NetworkForbiddenError(f"a test wanted to connect to {address!r}")
            return real(self, address)

        return connect

    real_lookup = socket.getaddrinfo

    def lookup(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if not _is_local((name,)):
            raise NetworkForbiddenError(f"a test wanted to look up {host!r}")
        return real_lookup(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded(socket.socket.connect))
    monkeypatch.setattr(socket.socket, "connect_ex", guarded(socket.socket.connect_ex))
    monkeypatch.setattr(socket, "getaddrinfo", lookup)


@pytest.fixture
def small_image() -> Image:
    """A picture of 24x16 pixels: a red square on blue, no two rows alike."""
    array = np.zeros((16, 24, 3), np.uint8)
    array[..., 2] = np.linspace(100, 250, 16)[:, None]
    array[4:12, 8:16] = (220, 30, 30)
    return Image(array)


@pytest.fixture
def small_audio() -> Audio:
    """A quarter of a second of 440 Hz, mono, at 16 kHz."""
    time = np.arange(4000, dtype=np.float32) / 16000
    return Audio((0.5 * np.sin(2 * np.pi * 440 * time)).astype(np.float32)[:, None], 16000)


@pytest.fixture
def small_video(small_audio: Audio) -> Video:
    """Half a second at 8 fps, 24x16 pixels: a white bar goes to the right, with sound."""
    frames = np.zeros((4, 16, 24, 3), np.uint8)
    for index in range(4):
        frames[index, :, 6 * index : 6 * index + 6] = 255
    return Video(frames, 8.0, small_audio)
