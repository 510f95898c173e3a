"""Models of a hub: fetched from a small hub of this machine, and what happens when it goes away."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
from huggingface_hub import constants

from modaverse import hub
from modaverse.errors import BackendMissing
from modaverse.llm import LLMRequest, Message, TransformersLLM
from modaverse.llm.debug import write_adapter, write_checkpoint
from modaverse_tools import echo
from modaverse_tools.diffusion import TextToImage

_COMMIT = "c0ffee" * 6 + "0000"
_SOON = 20.0  # seconds, on a busy machine too; the client's retries take a minute and more


class SmallHub(ThreadingHTTPServer):
    """Serves folders as repositories `tiny/FOLDER`; counts what it is asked."""

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.folder = folder
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    """Files as the hub's client asks for them: by HEAD, then by GET."""

    server: SmallHub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def _answer(self) -> None:
        self.server.asked.append(self.path)
        parts = self.path.removeprefix("/api/models").split("/")  # "", "tiny", FOLDER, ...
        home = self.server.folder / parts[2]
        data, missing = b"", "" if home.is_dir() else "RepoNotFound"
        if self.path.startswith("/api/models") and not missing:
            data, missing = self._listing(home), "EntryNotFound" if "tree" in parts else ""
        elif not missing:
            file = home.joinpath(*parts[5:])  # behind "resolve", REVISION
            data, missing = (file.read_bytes(), "") if file.is_file() else (b"", "EntryNotFound")
        self.send_response(404 if missing else 200)
        self.send_header("X-Repo-Commit", _COMMIT)
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()[:40]}"')
        self.send_header("Content-Length", str(len(data)))
        if missing:
            self.send_header("X-Error-Code", missing)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    def _listing(self, home: Path) -> bytes:
        files = [{"rfilename": path.name} for path in home.iterdir()]
        return json.dumps({"id": f"tiny/{home.name}", "sha": _COMMIT, "siblings": files}).encode()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    write_checkpoint(folder / "llm")
    write_adapter(folder / "adapter", folder / "llm")
    return folder


@pytest.fixture
def small_hub(models: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[SmallHub]:
    server = SmallHub(models)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    use(monkeypatch, server.url, tmp_path)
    yield server
    server.shutdown()
    server.server_close()


def use(monkeypatch: pytest.MonkeyPatch, url: str, cache: Path) -> None:
    """Let the client ask this hub, with an empty cache."""
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(huggingface_hub.hf_api.api, "endpoint", url)
    monkeypatch.setattr("transformers.utils.hub._hf_api", None)  # remembers where it asked first
    template = url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache / "hub"))
    monkeypatch.setattr(hub, "_asked", {})
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    huggingface_hub.close_session()


def closed_port() -> str:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


def go_away(server: SmallHub, monkeypatch: pytest.MonkeyPatch) -> None:
    server.shutdown()
    server.server_close()
    huggingface_hub.close_session()
    monkeypatch.setattr(hub, "_asked", {})


def plan_with(llm: TransformersLLM) -> str:
    request = LLMRequest((Message("user", "a fox"),), echo.toolbox())
    return "".join(llm.stream(request))


# --- with a hub ----------------------------------------------------------------------------------


def test_a_model_comes_from_the_hub_and_later_from_the_cache(
    small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = plan_with(TransformersLLM("tiny/llm", device="cpu"))
    assert any(path.endswith("model.safetensors") for path in small_hub.asked)
    go_away(small_hub, monkeypatch)
    start = time.monotonic()
    assert plan_with(TransformersLLM("tiny/llm", device="cpu")) == said
    assert time.monotonic() - start < _SOON
    assert constants.HF_HUB_OFFLINE is False


def test_an_adapter_of_the_hub_too(
    small_hub: SmallHub, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = models / "llm"
    said = plan_with(TransformersLLM(base, adapter="tiny/adapter", device="cpu"))
    assert said == plan_with(TransformersLLM(base, adapter=models / "adapter", device="cpu"))
    go_away(small_hub, monkeypatch)
    start = time.monotonic()
    assert plan_with(TransformersLLM(base, adapter="tiny/adapter", device="cpu")) == said
    assert time.monotonic() - start < _SOON


def test_the_hub_is_asked_no_more_than_once_a_moment(small_hub: SmallHub) -> None:
    for _ in range(3):
        with hub.nearby("tiny/llm", None, "tiny/adapter"):
            assert not constants.HF_HUB_OFFLINE
    assert small_hub.asked == ["/tiny/llm/resolve/main/config.json"]


def test_an_answer_of_any_kind_is_an_answer(small_hub: SmallHub) -> None:
    with pytest.raises(BackendMissing, match="cannot be found"):
        TransformersLLM("tiny/nothing", device="cpu").load()
    assert small_hub.asked


def test_the_question_goes_through_the_proxy(
    small_hub: SmallHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(monkeypatch, "http://hub.invalid", tmp_path)
    monkeypatch.setenv("HTTP_PROXY", small_hub.url)
    with hub.nearby("tiny/llm"):
        assert not constants.HF_HUB_OFFLINE
    assert small_hub.asked == ["http://hub.invalid/tiny/llm/resolve/main/config.json"]


def test_folders_need_no_hub(models: Path, small_hub: SmallHub) -> None:
    with hub.nearby(models / "llm", "./llm", "~/llm", "/nowhere/llm", None):
        pass
    assert small_hub.asked == []


# --- without -------------------------------------------------------------------------------------


@pytest.fixture
def silent() -> Iterator[str]:
    """A machine that takes connections and never answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


LOADS: dict[str, Callable[[Path], object]] = {
    "dialect": lambda base: TransformersLLM("tiny/llm", device="cpu").dialect(echo.toolbox()),
    "llm": lambda base: TransformersLLM("tiny/llm", device="cpu").load(),
    "adapter": lambda base: TransformersLLM(base, adapter="tiny/adapter", device="cpu").load(),
    "pipeline": lambda base: TextToImage("tiny/painter").call("a fox"),
}


@pytest.mark.parametrize("what", LOADS)
@pytest.mark.parametrize("answers", [False, True])
def test_without_a_hub_it_fails_soon_and_says_what_to_do(
    what: str,
    answers: bool,
    silent: str,
    models: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    use(monkeypatch, silent if answers else closed_port(), tmp_path)
    monkeypatch.setattr(hub, "_WAIT", 0.2)
    start = time.monotonic()
    with pytest.raises(BackendMissing, match="cannot be reached") as caught:
        LOADS[what](models / "llm")
    assert time.monotonic() - start < _SOON
    assert "name a folder" in caught.value.hint
    assert "HF_HUB_OFFLINE=1" in caught.value.hint


def test_looking_up_a_name_may_hang(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, "http://localhost:9", tmp_path)
    monkeypatch.setattr(hub, "_WAIT", 0.1)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: over.wait(30))
    start = time.monotonic()
    with pytest.raises(BackendMissing), hub.nearby("tiny/llm"):
        pass
    over.set()
    assert time.monotonic() - start < _SOON


def test_who_forbids_the_hub_is_not_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    use(monkeypatch, closed_port(), tmp_path)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "_answers", lambda *_: pytest.fail("it was asked"))
    with hub.nearby("tiny/llm"):
        pass
    assert constants.HF_HUB_OFFLINE is True


def test_faults_of_another_kind_are_left_to_who_loads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    use(monkeypatch, closed_port(), tmp_path)
    monkeypatch.setattr(huggingface_hub.utils, "get_session", lambda: object())
    with hub.nearby("tiny/llm"):
        assert not constants.HF_HUB_OFFLINE


def test_two_blocks_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with hub._left_alone(huggingface_hub):
        with hub._left_alone(huggingface_hub):
            pass
        assert constants.HF_HUB_OFFLINE
    assert not constants.HF_HUB_OFFLINE
