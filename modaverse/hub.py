"""The model hub: asked quickly whether it can be reached, and left alone while it cannot.

Without a network each file of a model costs the hub's client several retries, a minute and more in
all, before it says so. One short question tells it in a moment.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing

__all__ = ["OFFLINE_HINT", "nearby"]

OFFLINE_HINT = (
    "connect to the network, or name a folder that holds the model; with HF_HUB_OFFLINE=1 only "
    "what was downloaded before is used"
)
_WAIT = 5.0  # seconds for an answer; HF_HUB_ETAG_TIMEOUT, where it is set, is the hub's own word
_FRESH = {True: 60.0, False: 5.0}  # seconds for which it is remembered whether the hub was there
# One of them is in every repository of a model.
_FACES = ("config.json", "adapter_config.json", "model_index.json", "modaverse.json")

_lock = threading.Lock()
_asked: dict[str, tuple[float, bool]] = {}  # by endpoint: when, and whether it was there
_away = 0  # blocks that run while the hub is out of reach


@contextlib.contextmanager
def nearby(*names: str | os.PathLike[str] | None) -> Iterator[None]:
    """Within the block, models come from the hub if it can be reached, else from what is here.

    Args:
        *names: What will be loaded; folders and None count for nothing.

    Raises:
        BackendMissing: The hub cannot be reached, and one of them was never downloaded.
    """
    wanted = [str(name) for name in names if name is not None and _is_hub_id(str(name))]
    hub = _client() if wanted else None
    forbidden = hub is not None and hub.constants.HF_HUB_OFFLINE and not _away
    if hub is None or forbidden or _is_there(hub, wanted[0]):
        yield
        return
    if absent := [name for name in wanted if not _is_cached(hub, name)]:
        raise BackendMissing(
            f"{absent[0]!r} is no folder here, and the model hub {hub.constants.ENDPOINT} cannot "
            "be reached to download it",
            hint=OFFLINE_HINT,
        )
    with _left_alone(hub):
        yield


def _is_hub_id(name: str) -> bool:
    """Whether a name can only be that of a repository."""
    path = Path(name).expanduser()
    return bool(name) and name[0] not in ".~" and not path.is_absolute() and not path.is_dir()


def _client() -> Any:
    """The hub's client; None without it, as what needs it will say."""
    try:
        import huggingface_hub
        import huggingface_hub.constants
    except ImportError:
        return None
    return huggingface_hub


def _is_there(hub: Any, name: str) -> bool:
    """Whether the hub answers, or did so a moment ago."""
    endpoint = str(hub.constants.ENDPOINT)
    with _lock:
        when, there = _asked.get(endpoint, (float("-inf"), True))
        if time.monotonic() - when > _FRESH[there]:
            there = _answers(hub, name)
            _asked[endpoint] = (time.monotonic(), there)
        return there


def _answers(hub: Any, name: str) -> bool:
    """Ask for the head of one file; an answer of any kind will do.

    In a thread, since looking up a name may take longer than any time-out. The question goes the
    way of all others, through the client's own session with its proxies and certificates. Only
    what is surely a lack of connection counts as none.
    """
    seconds = float(os.environ.get("HF_HUB_ETAG_TIMEOUT") or _WAIT)
    url, session = hub.hf_hub_url(name, _FACES[0]), hub.utils.get_session()
    errors: list[BaseException] = []

    def ask() -> None:
        try:
            session.head(url, timeout=seconds)  # for the connection, and again for the answer
        except BaseException as error:
            errors.append(error)

    asking = threading.Thread(target=ask, name="hub-question", daemon=True)
    asking.start()
    asking.join(2 * seconds)
    return not asking.is_alive() and not any(_is_connection_error(error) for error in errors)


def _is_connection_error(error: BaseException) -> bool:
    """Whether nothing was reached; httpx has its own errors, known by the name of their base."""
    return isinstance(error, OSError) or any(
        base.__name__ == "TransportError" for base in type(error).__mro__
    )


def _is_cached(hub: Any, name: str) -> bool:
    """Whether something of a repository was downloaded before; others judge odd names."""
    try:
        found = [hub.try_to_load_from_cache(name, face) for face in _FACES]
    except ValueError:
        return True
    return any(isinstance(path, str) for path in found)


@contextlib.contextmanager
def _left_alone(hub: Any) -> Iterator[None]:
    """Let the client use what is here for as long as such a block runs in any thread."""
    global _away
    with _lock:
        _away += 1
        hub.constants.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        with _lock:
            _away -= 1
            if not _away:
                hub.constants.HF_HUB_OFFLINE = False
