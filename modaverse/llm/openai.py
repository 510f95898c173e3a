"""Plans from any OpenAI-compatible server, by its own tool calls or as text."""

from __future__ import annotations

import os
import queue
import time
from collections.abc import Callable, Iterator
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING, Any, Literal

from modaverse.errors import BackendMissing, Cancelled, ConfigError, LLMError, ModaVerseError
from modaverse.extras import install_line
from modaverse.llm.base import DialectName, LLMRequest, dialect_named
from modaverse.llm.prompting import instructions, turns
from modaverse.llm.server_answer import Answer
from modaverse.llm.server_errors import explained, refused_parameter, refuses_tools, wait_wanted

if TYPE_CHECKING:
    from modaverse.dialect import Dialect
    from modaverse.toolbox import Toolbox

__all__ = ["Mode", "OpenAICompatibleLLM"]

Mode = Literal["auto", "tools", "text"]

_KEYS = ("MODAVERSE_API_KEY", "OPENAI_API_KEY")
_TICK = 0.05  # seconds between looks at whether somebody cancelled
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 20.0  # seconds between attempts; the wait doubles each time


class OpenAICompatibleLLM:
    """A language model behind `/v1/chat/completions`: OpenAI, vLLM, llama.cpp, Ollama and others.

    Args:
        base_url: Address of the API, such as `http://localhost:8000/v1`.
        model: Name of the model on that server.
        api_key: Key for the server; by default from the environment (`MODAVERSE_API_KEY`, then
            `OPENAI_API_KEY`); a server of one's own often needs none.
        mode: "tools" uses the server's tool calls; "text" asks for the plan as text; "auto" begins
            with tools and turns to text when the server refuses them.
        dialect: How plans are written in "text" mode; tool calls are always read as json.
        timeout: Seconds to wait for the server's next sign of life.
        retries: How often a request is repeated that failed before any text came.

    Raises:
        ConfigError: An argument makes no sense; every problem is listed.
    """

    def __init__(
        self,
        base_url: str,
        model: str,
        *,
        api_key: str | None = None,
        mode: Mode = "auto",
        dialect: DialectName = "json",
        timeout: float = 60.0,
        retries: int = 2,
    ) -> None:
        _check(base_url, model, mode, dialect, timeout, retries)
        self.name = model
        self.base_url = base_url.rstrip("/")
        self._key = api_key
        self._mode: Mode = mode
        self._dialect = dialect
        self._timeout = timeout
        self._retries = retries
        self._renamed: dict[str, str | None] = {}  # parameters this server wants otherwise
        self._client: Any = None
        self._lock = Lock()

    def __repr__(self) -> str:
        """Server and model, never the key."""
        return f"OpenAICompatibleLLM({self.base_url!r}, {self.name!r})"

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """Json, unless plans are asked for as text in another dialect."""
        return dialect_named(self._dialect if self._mode == "text" else "json", toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """Write a plan as text deltas. What fails before the first delta is tried again.

        Raises:
            RequestError: The conversation is longer than the model can read.
            LLMError: The server cannot be reached, refuses, or answers with nonsense.
            Cancelled: `request.cancelled()` became True.
            BackendMissing: The package `openai` is not installed.
        """
        attempt = 0
        while True:
            begun = False
            try:
                for delta in self._answer(request):
                    begun = True
                    yield delta
                return
            except LLMError as error:
                if begun or not error.retryable or attempt >= self._retries:
                    raise
                wait = wait_wanted(error) or _FIRST_WAIT * 2**attempt
                _sleep(min(wait, _LONGEST_WAIT), request.cancelled)
                attempt += 1

    def _answer(self, request: LLMRequest) -> Iterator[str]:
        """One attempt, less what the server says it does not take.

        Each round mends one thing, so the rounds come to an end.
        """
        while True:
            by_tools = self._mode != "text"
            answer = Answer()
            try:
                for chunk in self._chunks(self._parameters(request, by_tools), request.cancelled):
                    yield from answer.feed(chunk)
                yield from answer.close()
                return
            except ModaVerseError:
                raise
            except Exception as error:  # the package and its transport raise many kinds
                if not self._mend(error, by_tools):
                    raise explained(error, self.base_url, self.name, self._timeout) from error

    def _mend(self, error: Exception, by_tools: bool) -> bool:
        """Whether the server refused something that the next round can do without."""
        if by_tools and self._mode == "auto" and refuses_tools(error):
            self._mode, self._dialect = "text", "json"
            return True
        refused = refused_parameter(error)
        if refused is None or refused[0] in self._renamed:
            return False
        self._renamed[refused[0]] = refused[1]
        return True

    def _parameters(self, request: LLMRequest, by_tools: bool) -> dict[str, Any]:
        dialect = None if by_tools else self._dialect
        system = ""
        if request.toolbox:  # without tools there is nothing to plan: the caller's words are enough
            system = instructions(request.toolbox, dialect=dialect, list_tools=not by_tools)
        wanted: dict[str, Any] = {
            "max_tokens": request.sampling.max_tokens,
            "temperature": request.sampling.temperature,
            "top_p": request.sampling.top_p,
            "seed": request.sampling.seed,
        }
        names = {name: self._renamed.get(name, name) for name in wanted}
        parameters = {name: wanted[key] for key, name in names.items() if name}
        parameters |= {"model": self.name, "messages": turns(request.messages, system)}
        if by_tools and request.toolbox:
            parameters["tools"] = request.toolbox.json_schemas()
        return parameters

    def _chunks(self, parameters: dict[str, Any], cancelled: Callable[[], bool]) -> Iterator[Any]:
        """The server's chunks, read in another thread so that a silent server can be left at once.

        Raises:
            Exception: Whatever the package or its transport raised.
        """
        client = self._connected()
        arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()
        left = Event()
        Thread(target=_pump, args=(client, parameters, arrived, left), daemon=True).start()
        try:
            while True:
                if cancelled():
                    raise Cancelled
                try:
                    item = arrived.get(timeout=_TICK)
                except queue.Empty:
                    continue
                if item is None:
                    return
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            left.set()

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = _client_class()(
                    base_url=self.base_url,
                    api_key=self._key or _key_from_environment(),
                    timeout=self._timeout,
                    max_retries=0,  # `stream` repeats, because only it knows whether text has come
                )
            return self._client


def _pump(
    client: Any, parameters: dict[str, Any], arrived: queue.SimpleQueue[Any], left: Event
) -> None:
    """Read one answer into the queue: chunks, then None, or the exception that ended it."""
    try:
        with client.chat.completions.create(stream=True, **parameters) as chunks:
            for chunk in chunks:
                if left.is_set():
                    return
                arrived.put(chunk)
        arrived.put(None)
    except Exception as error:  # handed to the reader, which knows what to make of it
        arrived.put(error)


def _sleep(seconds: float, cancelled: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if cancelled():
            raise Cancelled
        time.sleep(min(_TICK, left))


def _client_class() -> Any:
    try:
        from openai import OpenAI
    except ModuleNotFoundError as error:
        raise BackendMissing(
            "a language model server needs the package 'openai'", hint=install_line("openai")
        ) from error
    return OpenAI


def _key_from_environment() -> str:
    """The key of the environment; servers of one's own take any text, but not none."""
    return next((key for name in _KEYS if (key := os.environ.get(name))), "none")


def _check(
    base_url: str, model: str, mode: str, dialect: str, timeout: float, retries: int
) -> None:
    wrong = []
    if not base_url.startswith(("http://", "https://")):
        wrong.append(f"base_url is {base_url!r}; it must begin with http:// or https://")
    if not model:
        wrong.append("model is empty; name one that the server has")
    if mode not in ("auto", "tools", "text"):
        wrong.append(f"mode is {mode!r}; it must be 'auto', 'tools' or 'text'")
    if dialect not in ("lines", "json"):
        wrong.append(f"dialect is {dialect!r}; it must be 'lines' or 'json'")
    if not timeout > 0:
        wrong.append(f"timeout is {timeout}; it must be above 0")
    if retries < 0:
        wrong.append(f"retries is {retries}; it must be 0 or more")
    if wrong:
        raise ConfigError(problems=wrong)
