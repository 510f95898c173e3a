"""OpenAI-compatible servers: an HTTP server on loopback streams, splits, refuses and breaks."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

import pytest

from modaverse.errors import (
    BackendMissing,
    Cancelled,
    ConfigError,
    LLMError,
    PlanError,
    RequestError,
)
from modaverse.extras import install_line
from modaverse.llm import LLMRequest, Message, OpenAICompatibleLLM, Sampling
from modaverse.llm import openai as module
from modaverse.plan import Plan, ToolCall
from modaverse.toolbox import Toolbox
from modaverse_tools import echo

pytest.importorskip("openai")

Answer: TypeAlias = "Callable[[Handler], None]"


class Handler(BaseHTTPRequestHandler):
    """Answers each request with the next of the server's answers."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.asked.append({"path": self.path, "key": self.headers["authorization"], **body})
        self.server.answers.pop(0)(self)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def start(self) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()


class Server(ThreadingHTTPServer):
    """A server with scripted answers; `asked` keeps what came in."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: list[Answer] = []
        self.asked: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setattr(module, "_FIRST_WAIT", 0.01)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def streamed(*deltas: dict[str, Any], reason: str = "stop") -> Answer:
    """An answer of these deltas."""

    def answer(handler: Handler) -> None:
        handler.start()
        for delta in deltas:
            handler.event(json.dumps({"choices": [{"index": 0, "delta": delta}]}))
        end = {"index": 0, "delta": {}, "finish_reason": reason}
        handler.event(json.dumps({"choices": [end]}))
        handler.event(json.dumps({"choices": [], "usage": {"total_tokens": 9}}))
        handler.event("[DONE]")

    return answer


def said(*texts: str, reason: str = "stop") -> Answer:
    """An answer of content alone."""
    return streamed(*({"content": text} for text in texts), reason=reason)


def refused(
    status: int, message: str, headers: dict[str, str] | None = None, **more: Any
) -> Answer:
    """An error of the server."""

    def answer(handler: Handler) -> None:
        body = json.dumps({"error": {"message": message, **more}}).encode()
        handler.send_response(status)
        for name, value in (headers or {}).items():
            handler.send_header(name, value)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def broken_off(*texts: str) -> Answer:
    """An answer whose connection closes in the middle: the last chunk never comes."""

    def answer(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "text/event-stream")
        handler.send_header("transfer-encoding", "chunked")
        handler.end_headers()
        for text in texts:
            event = json.dumps({"choices": [{"index": 0, "delta": {"content": text}}]})
            data = f"data: {event}\n\n".encode()
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        handler.close_connection = True

    return answer


def call(index: int | None, **function: str) -> dict[str, Any]:
    """A fragment of a tool call; the first one of a call has an id."""
    part: dict[str, Any] = {"function": function}
    if index is not None:
        part["index"] = index
    if "name" in function:
        part |= {"id": f"call_{function['name']}_{index}", "type": "function"}
    return {"tool_calls": [part]}


def ask(text: str = "a fox", **sampling: Any) -> LLMRequest:
    return LLMRequest((Message("user", text),), echo.toolbox(), {}, Sampling(**sampling))


def planned(llm: OpenAICompatibleLLM, request: LLMRequest | None = None) -> Plan:
    text = "".join(llm.stream(request or ask()))
    return llm.dialect(echo.toolbox()).parse(text)


FOX = ToolCall(id=1, tool="echo-image", prompt="a red fox")
PLAN_TEXT = (
    '{"text":"Here.","calls":[{"tool":"echo-image","prompt":"a red fox","inputs":[],"options":{}}]}'
)
QWEN_CALL = '<tool_call>\n{"name":"echo-image","arguments":{"prompt":"a red fox"}}\n</tool_call>'


class TestToolCalls:
    def test_split_calls_and_text_become_a_plan(self, server: Server) -> None:
        server.answers = [
            streamed(
                {"role": "assistant", "content": "Here is"},
                {"content": ' a "fox"\n\\.'},
                call(0, name="echo-image", arguments=""),
                call(0, arguments='{"prompt": "a r'),
                call(0, arguments='ed fox"}'),
                call(1, name="echo-text", arguments='{"prompt":"hi",'),
                call(1, arguments='"options":{"times":2}}'),
                reason="tool_calls",
            )
        ]
        plan = planned(OpenAICompatibleLLM(server.url, "m"))
        assert plan.text == 'Here is a "fox"\n\\.'
        assert plan.calls == (
            FOX,
            ToolCall(id=2, tool="echo-text", prompt="hi", options={"times": 2}),
        )

    def test_the_text_streams_before_the_answer_is_whole(self, server: Server) -> None:
        go_on = threading.Event()

        def answer(handler: Handler) -> None:
            handler.start()
            handler.event('{"choices":[{"index":0,"delta":{"content":"Here"}}]}')
            go_on.wait(30)
            handler.event('{"choices":[{"index":0,"delta":{"content":" it is"}}]}')
            handler.event("[DONE]")

        server.answers = [answer]
        llm = OpenAICompatibleLLM(server.url, "m")
        stream = llm.stream(ask())
        first = next(stream)
        assert llm.dialect(echo.toolbox()).reply_so_far(first) == "Here"
        go_on.set()
        assert llm.dialect(echo.toolbox()).parse(first + "".join(stream)).text == "Here it is"

    def test_calls_that_share_an_index_are_told_apart_by_id(self, server: Server) -> None:
        first, second = call(0, name="echo-image"), call(0, name="echo-text")
        server.answers = [
            streamed(first, call(0, arguments='{"prompt":"a"}'), second, call(0, arguments="{}"))
        ]
        plan = planned(OpenAICompatibleLLM(server.url, "m"))
        assert [(c.tool, c.prompt) for c in plan.calls] == [("echo-image", "a"), ("echo-text", "")]

    def test_arguments_beside_prompt_and_inputs_are_options(self, server: Server) -> None:
        arguments = '{"prompt":"x","times":3,"inputs":"#1"}'
        server.answers = [streamed(call(0, name="echo-text", arguments=arguments))]
        (made,) = planned(OpenAICompatibleLLM(server.url, "m")).calls
        assert made.options == {"times": 3}
        assert made.inputs == ("#1",)

    @pytest.mark.parametrize("arguments", ['{"prompt": "a', "[1]", '"x"'])
    @pytest.mark.parametrize("content", ["", "Here."])
    def test_arguments_that_are_no_object_are_a_plan_error(
        self, server: Server, arguments: str, content: str
    ) -> None:
        made = call(0, name="echo-image", arguments=arguments)
        server.answers = [streamed({"content": content}, made)]
        with pytest.raises(PlanError, match="arguments"):
            planned(OpenAICompatibleLLM(server.url, "m"))

    def test_content_that_looks_like_a_plan_stays_text_beside_calls(self, server: Server) -> None:
        made = call(0, name="echo-image", arguments='{"prompt":"a red fox"}')
        server.answers = [streamed({"content": "[a fox]"}, made)]
        plan = planned(OpenAICompatibleLLM(server.url, "m"))
        assert plan == Plan(text="[a fox]", calls=(FOX,))

    def test_a_plain_reply_is_a_plan_without_calls(self, server: Server) -> None:
        server.answers = [said("Hello", "!")]
        assert planned(OpenAICompatibleLLM(server.url, "m")) == Plan(text="Hello!")

    @pytest.mark.parametrize(
        "content",
        [
            PLAN_TEXT,
            QWEN_CALL,
            f"Sure!\n{QWEN_CALL}",
            f"```json\n{PLAN_TEXT}\n```",
        ],
    )
    def test_calls_written_into_the_content_are_read(self, server: Server, content: str) -> None:
        server.answers = [said(*(content[place : place + 7] for place in range(0, 200, 7)))]
        assert planned(OpenAICompatibleLLM(server.url, "m")).calls == (FOX,)

    def test_thinking_aloud_is_left_out(self, server: Server) -> None:
        server.answers = [said("<th", "ink>They want", " a {fox}</thi", "nk>\n\n", "Hello.")]
        assert planned(OpenAICompatibleLLM(server.url, "m")).text == "Hello."


class TestRequest:
    def test_what_the_server_is_asked(self, server: Server) -> None:
        server.answers = [said("Hello.")]
        box = echo.toolbox()
        request = LLMRequest(
            (
                Message("user", "a fox"),
                Message("assistant", "Here.", ("image1",)),
                Message("user", "now red", ("audio1",)),
            ),
            box,
            {"image1": "image", "audio1": "audio"},
            Sampling(seed=7, temperature=0.5, top_p=0.9, max_tokens=99),
        )
        planned(OpenAICompatibleLLM(server.url, "big", api_key="secret"), request)
        (asked,) = server.asked
        assert asked["path"] == "/v1/chat/completions"
        assert asked["key"] == "Bearer secret"
        assert asked["tools"] == box.json_schemas()
        assert [turn["role"] for turn in asked["messages"]] == [
            "system",
            "user",
            "assistant",
            "user",
        ]
        assert asked["messages"][-1]["content"] == "[image1][audio1] now red"
        wanted = {"seed": 7, "temperature": 0.5, "top_p": 0.9, "max_tokens": 99, "model": "big"}
        assert {key: asked[key] for key in wanted} == wanted

    def test_the_key_comes_from_the_environment(
        self, server: Server, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OPENAI_API_KEY", "second")
        monkeypatch.setenv("MODAVERSE_API_KEY", "first")
        server.answers = [said("Hello.")]
        llm = OpenAICompatibleLLM(server.url, "m")
        planned(llm)
        assert server.asked[0]["key"] == "Bearer first"
        assert "first" not in repr(llm)

    def test_an_empty_toolbox_sends_no_tools(self, server: Server) -> None:
        server.answers = [said("Hello.")]
        request = LLMRequest((Message("user", "hi"),), Toolbox())
        assert planned(OpenAICompatibleLLM(server.url, "m"), request).text == "Hello."
        assert "tools" not in server.asked[0]

    @pytest.mark.parametrize("dialect", ["json", "lines"])
    def test_text_mode_explains_the_format_and_sends_no_tools(
        self, server: Server, dialect: Any
    ) -> None:
        text = PLAN_TEXT if dialect == "json" else "Here.\necho-image: a red fox"
        server.answers = [said(text[:9], text[9:])]
        llm = OpenAICompatibleLLM(server.url, "m", mode="text", dialect=dialect)
        assert planned(llm) == Plan(text="Here.", calls=(FOX,))
        assert "tools" not in server.asked[0]
        system = server.asked[0]["messages"][0]["content"]
        assert "- echo-image: prompt -> image." in system
        assert ("TOOL: PROMPT" in system) == (dialect == "lines")


class TestRefusals:
    def test_a_server_without_tools_is_asked_for_text_from_then_on(self, server: Server) -> None:
        server.answers = [
            refused(400, "m does not support tools"),
            said(PLAN_TEXT),
            said(PLAN_TEXT),
        ]
        llm = OpenAICompatibleLLM(server.url, "m")
        assert planned(llm).calls == (FOX,)
        assert planned(llm).calls == (FOX,)
        assert ["tools" in asked for asked in server.asked] == [True, False, False]

    def test_tools_mode_does_not_turn_to_text(self, server: Server) -> None:
        server.answers = [refused(400, "m does not support tools")]
        with pytest.raises(LLMError, match="does not support tools"):
            planned(OpenAICompatibleLLM(server.url, "m", mode="tools"))

    def test_refused_parameters_are_renamed_or_left_out(self, server: Server) -> None:
        server.answers = [
            refused(400, "Use 'max_completion_tokens' instead.", param="max_tokens"),
            refused(400, "Unsupported value: 'temperature' must be 1"),
            said("Hello."),
        ]
        planned(OpenAICompatibleLLM(server.url, "m"), ask(max_tokens=50))
        last = server.asked[-1]
        assert last["max_completion_tokens"] == 50
        assert "max_tokens" not in last
        assert "temperature" not in last

    def test_a_parameter_refused_twice_is_an_error(self, server: Server) -> None:
        server.answers = [refused(400, "no 'seed'")] * 2
        with pytest.raises(LLMError, match="400"):
            planned(OpenAICompatibleLLM(server.url, "m"))

    @pytest.mark.parametrize("status", [408, 429, 500, 503])
    def test_a_busy_server_is_asked_again(self, server: Server, status: int) -> None:
        server.answers = [refused(status, "busy"), refused(status, "busy"), said("Hello.")]
        assert planned(OpenAICompatibleLLM(server.url, "m")).text == "Hello."

    def test_a_server_that_stays_busy_is_given_up(self, server: Server) -> None:
        server.answers = [refused(503, "busy")] * 3
        with pytest.raises(LLMError, match="503: busy") as caught:
            planned(OpenAICompatibleLLM(server.url, "m"))
        assert caught.value.retryable
        assert not server.answers

    def test_the_wait_the_server_asks_for_is_kept(self, server: Server) -> None:
        server.answers = [refused(429, "slow down", {"retry-after": "0.3"}), said("Hello.")]
        begun = time.monotonic()
        planned(OpenAICompatibleLLM(server.url, "m"))
        assert time.monotonic() - begun >= 0.3

    @pytest.mark.parametrize(
        ("status", "told"), [(401, "MODAVERSE_API_KEY"), (404, "'m'"), (418, "log")]
    )
    def test_other_refusals_are_not_repeated_and_say_what_to_do(
        self, server: Server, status: int, told: str
    ) -> None:
        server.answers = [refused(status, "no")]
        with pytest.raises(LLMError, match=f"{status}: no") as caught:
            planned(OpenAICompatibleLLM(server.url, "m"))
        assert told in caught.value.hint
        assert not caught.value.retryable

    def test_a_conversation_too_long_is_the_persons_to_change(self, server: Server) -> None:
        server.answers = [refused(400, "This model's maximum context length is 8 tokens")]
        with pytest.raises(RequestError, match="too long"):
            planned(OpenAICompatibleLLM(server.url, "m"))


class TestFailures:
    def test_a_connection_lost_before_any_text_is_tried_again(self, server: Server) -> None:
        server.answers = [broken_off(), said("Hello.")]
        assert planned(OpenAICompatibleLLM(server.url, "m")).text == "Hello."

    def test_a_connection_lost_in_the_middle_is_an_error(self, server: Server) -> None:
        server.answers = [broken_off("Here is")]
        with pytest.raises(LLMError, match="cannot be reached") as caught:
            planned(OpenAICompatibleLLM(server.url, "m"))
        assert caught.value.retryable
        assert len(server.asked) == 1

    def test_an_error_inside_the_stream_is_told(self, server: Server) -> None:
        def answer(handler: Handler) -> None:
            handler.start()
            handler.event('{"error":{"message":"the GPU is on fire"}}')

        server.answers = [answer]
        with pytest.raises(LLMError, match="GPU is on fire"):
            planned(OpenAICompatibleLLM(server.url, "m", retries=0))

    @pytest.mark.parametrize("data", ["not json", "[1]", '{"choices": 3}', "{}"])
    def test_nonsense_is_a_typed_error(self, server: Server, data: str) -> None:
        def answer(handler: Handler) -> None:
            handler.start()
            handler.event(data)

        server.answers = [answer]
        with pytest.raises(LLMError):
            planned(OpenAICompatibleLLM(server.url, "m", retries=0))

    def test_an_empty_answer_is_asked_for_again(self, server: Server) -> None:
        server.answers = [said(), said("Hello.")]
        assert planned(OpenAICompatibleLLM(server.url, "m")).text == "Hello."

    @pytest.mark.parametrize("mode", ["tools", "text"])
    def test_an_answer_cut_off_is_an_error(self, server: Server, mode: Any) -> None:
        server.answers = [said(PLAN_TEXT[:30], reason="length")]
        with pytest.raises(LLMError, match="cut the answer off") as caught:
            planned(OpenAICompatibleLLM(server.url, "m", mode=mode))
        assert "max_tokens" in caught.value.hint

    def test_a_withheld_answer_is_an_error(self, server: Server) -> None:
        server.answers = [said("I", reason="content_filter")]
        with pytest.raises(LLMError, match="withheld"):
            planned(OpenAICompatibleLLM(server.url, "m"))

    def test_text_that_is_no_plan_is_a_plan_error_of_the_dialect(self, server: Server) -> None:
        server.answers = [said('{"text":"a","calls":[{"tool":')]
        with pytest.raises(PlanError):
            planned(OpenAICompatibleLLM(server.url, "m", mode="text"))

    def test_nobody_at_the_address(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        llm = OpenAICompatibleLLM(f"http://127.0.0.1:{port}/v1", "m", retries=0)
        with pytest.raises(LLMError, match="cannot be reached") as caught:
            planned(llm)
        assert "start the server" in caught.value.hint

    def test_a_server_that_says_nothing_runs_into_the_timeout(self, server: Server) -> None:
        server.answers = [lambda _: time.sleep(0.5)]
        llm = OpenAICompatibleLLM(server.url, "m", timeout=0.1, retries=0)
        with pytest.raises(LLMError, match=r"within 0\.1 s"):
            planned(llm)

    def test_a_silent_server_can_be_left_at_once(self, server: Server) -> None:
        silent = threading.Event()
        server.answers = [lambda _: bool(silent.wait(30))]  # type: ignore[list-item]
        begun = time.monotonic()
        request = LLMRequest(
            (Message("user", "x"),),
            echo.toolbox(),
            cancelled=lambda: time.monotonic() - begun > 0.2,
        )
        with pytest.raises(Cancelled):
            planned(OpenAICompatibleLLM(server.url, "m"), request)
        assert time.monotonic() - begun < 10
        silent.set()

    def test_waiting_to_ask_again_can_be_cancelled(self, server: Server) -> None:
        server.answers = [refused(429, "later", {"retry-after": "19"})]
        begun = time.monotonic()
        request = LLMRequest(
            (Message("user", "x"),), echo.toolbox(), cancelled=lambda: bool(server.asked)
        )
        with pytest.raises(Cancelled):
            planned(OpenAICompatibleLLM(server.url, "m"), request)
        assert time.monotonic() - begun < 10


class TestSettings:
    def test_every_wrong_argument_is_listed(self) -> None:
        with pytest.raises(ConfigError) as caught:
            OpenAICompatibleLLM(
                "ftp://x",
                "",
                mode="loud",  # type: ignore[arg-type]
                dialect="verse",  # type: ignore[arg-type]
                timeout=0,
                retries=-1,
            )
        assert len(caught.value.problems) == 6

    def test_a_missing_package_says_what_to_type(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(__import__("sys").modules, "openai", None)
        with pytest.raises(BackendMissing) as caught:
            planned(OpenAICompatibleLLM("http://127.0.0.1:1/v1", "m"))
        assert caught.value.hint == install_line("openai")  # as doctor has it
