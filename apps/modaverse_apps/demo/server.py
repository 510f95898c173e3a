"""Serving the demo: to this machine, with nothing from outside, and nothing left at the end."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import tempfile
import threading
import webbrowser
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from modaverse.agent import Agent
from modaverse.commands.streams import note
from modaverse.errors import BackendMissing, ConfigError, ModaVerseError
from modaverse.extras import install_line
from modaverse_apps.demo.session import Sessions

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["launch", "serve"]

# A page may load only what this server sends, whatever stands in a prompt or in an answer.
_POLICY = (
    "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def launch(
    agent: Agent, *, host: str = "127.0.0.1", port: int = 7860, browser: bool = False
) -> None:
    """Serve the demo until Ctrl-C.

    Args:
        agent: Who answers.
        host: Address to listen at; the default is reached from this machine only.
        port: Port; 0 takes a free one.
        browser: Whether to open a browser on it.

    Raises:
        BackendMissing: Gradio is not installed.
        ConfigError: The port is taken.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that being ended cleans up, too
    note("starting the demo …")
    with serve(agent, host=host, port=port) as url:
        note(f"ModaVerse is at {url} (Ctrl-C ends it)")
        threading.Thread(target=_warm_up, args=(agent,), daemon=True).start()
        if browser:
            webbrowser.open(url)
        threading.Event().wait()


@contextlib.contextmanager
def serve(agent: Agent, *, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve the demo as long as the block lasts; gives its URL.

    Args:
        agent: Who answers.
        host: Address to listen at.
        port: Port; 0 takes a free one.

    Raises:
        BackendMissing: Gradio is not installed.
        ConfigError: The port is taken.
    """
    port = _free(host, port)
    with _scratch() as root:
        page = _page_module()
        sessions = Sessions(agent, root)
        blocks = page.build(sessions)
        try:
            _, url, _ = blocks.launch(
                server_name=host,
                server_port=port,
                max_file_size=agent.limits.max_bytes,
                app_kwargs={"middleware": [(_OwnHeaders, (), {})]},
                **page.LOOKS,
                **page.QUIET,
            )
            yield url.rstrip("/")
        finally:
            sessions.close()
            blocks.close(verbose=False)


class _OwnHeaders:
    """Middleware that adds our headers to each answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sender(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        await self._app(scope, receive, sender)


def _page_module() -> ModuleType:
    """The module of the page, which imports Gradio."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        from modaverse_apps.demo import page
    except ImportError as error:
        raise BackendMissing(
            f"the demo cannot be loaded: {error}", hint=install_line("demo")
        ) from error
    return page


@contextlib.contextmanager
def _scratch() -> Iterator[Path]:
    """A folder for uploads and results, Gradio's own copies included; removed at the end."""
    before = os.environ.get("GRADIO_TEMP_DIR")
    with tempfile.TemporaryDirectory(prefix="modaverse-demo-", ignore_cleanup_errors=True) as name:
        root = Path(name).resolve()
        os.environ["GRADIO_TEMP_DIR"] = str(root / "uploads")
        try:
            yield root
        finally:
            if before is None:
                del os.environ["GRADIO_TEMP_DIR"]
            else:
                os.environ["GRADIO_TEMP_DIR"] = before


def _free(host: str, port: int) -> int:
    """The port, if it is free; of 0, some free port.

    Raises:
        ConfigError: It is taken, or there is no such address here.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ConfigError(
                f"cannot listen at {host}, port {port}: {error.strerror or error}",
                hint="choose another one: modaverse demo --port 0 takes any that is free",
            ) from error
        free: int = probe.getsockname()[1]
        return free


def _warm_up(agent: Agent) -> None:
    """Load the LLM before the first request; if it cannot be loaded, that request says so."""
    with contextlib.suppress(ModaVerseError):
        _ = agent.llm
