"""What an agent costs beside its LLM and its tools: one turn of ours, of smolagents, of langchain.

    python benchmarks/agent_overhead.py [--turns 200] [--json]

Each agent gets an LLM that answers at once from a script and the same instant tool, so that all the
time is the agent's own. The others ask the LLM a second time, after the tool, for the last word;
ours does so with `max_rounds=2`, and by default does not need to.
"""

from __future__ import annotations

import argparse
import gc
import importlib.metadata
import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from modaverse.agent import Agent, AgentSettings
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image
from modaverse.tool import Context
from modaverse_tools import echo

REQUEST = "Draw a red fox, please."
TEXT = "Here is your picture."
PROMPT = "a red fox"
_WARM_UP = 5  # turns that are not timed


@dataclass(frozen=True)
class Contender:
    """An agent, ready to answer.

    Attributes:
        name: Its package.
        llm_calls: How often it asks the LLM in one turn.
        turn: Answers the request once; returns the picture that was made.
    """

    name: str
    llm_calls: int
    turn: Callable[[], Image]


def paint(prompt: str) -> Image:
    """The body of the tool, the same for all."""
    made = echo.echo_image.run(prompt, size=32, context=Context())
    assert isinstance(made, Image)
    return made


def modaverse(rounds: int) -> Contender:
    """Our agent; with two rounds the LLM has the last word, as with the others."""
    script = [f"{TEXT}\necho-image: {PROMPT}", TEXT][:rounds]
    agent = Agent(
        ScriptedLLM(script, repeat=True),
        echo.toolbox(),
        settings=AgentSettings(max_rounds=rounds),
    )
    name = "modaverse" if rounds == 1 else f"modaverse, max_rounds={rounds}"
    return Contender(name, rounds, lambda: agent.chat(REQUEST).images[0])


def smolagents() -> Contender:
    """The ToolCallingAgent of smolagents; raises ImportError if it is not installed."""
    import smolagents as smol
    from smolagents.models import (
        ChatMessage,
        ChatMessageToolCall,
        ChatMessageToolCallFunction,
        MessageRole,
        TokenUsage,
    )

    def message(name: str, arguments: dict[str, str]) -> Any:
        function = ChatMessageToolCallFunction(name=name, arguments=arguments)
        call = ChatMessageToolCall(id="1", type="function", function=function)
        return ChatMessage(
            role=MessageRole.ASSISTANT,
            content="",
            tool_calls=[call],
            token_usage=TokenUsage(input_tokens=1, output_tokens=1),
        )

    class Scripted(smol.Model):  # type: ignore[misc]
        steps = 0

        def generate(self, *_: Any, **__: Any) -> Any:
            self.steps += 1
            if self.steps % 2:
                return message("echo_image", {"prompt": PROMPT})
            return message("final_answer", {"answer": TEXT})

    made: list[Image] = []

    class EchoImage(smol.Tool):  # type: ignore[misc]
        name = "echo_image"
        description = "Make a picture of stripes in colours that stand for the prompt."
        inputs = {"prompt": {"type": "string", "description": "What to show."}}  # noqa: RUF012
        output_type = "any"

        def forward(self, prompt: str) -> Any:
            made[:] = [paint(prompt)]
            return made[0]

    agent = smol.ToolCallingAgent(
        tools=[EchoImage()], model=Scripted(), verbosity_level=smol.LogLevel.OFF
    )

    def turn() -> Image:
        assert agent.run(REQUEST) == TEXT
        return made.pop()

    return Contender("smolagents", 2, turn)


def langchain() -> Contender:
    """What create_agent of langchain makes; raises ImportError if it is not installed."""
    from langchain.agents import create_agent
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, ToolMessage
    from langchain_core.outputs import ChatGeneration, ChatResult
    from langchain_core.tools import StructuredTool

    class Scripted(BaseChatModel):  # type: ignore[misc]
        @property
        def _llm_type(self) -> str:
            return "scripted"

        def bind_tools(self, *_: Any, **__: Any) -> Any:
            return self

        def _generate(self, messages: Any, *_: Any, **__: Any) -> Any:
            call = {"name": "echo_image", "args": {"prompt": PROMPT}, "id": "1"}
            if isinstance(messages[-1], ToolMessage):
                answer = AIMessage(TEXT)
            else:
                answer = AIMessage("", tool_calls=[call])
            return ChatResult(generations=[ChatGeneration(message=answer)])

    def echo_image(prompt: str) -> tuple[str, Image]:
        """Make a picture of stripes in colours that stand for the prompt."""
        made = paint(prompt)
        return made.face(), made

    tool = StructuredTool.from_function(echo_image, response_format="content_and_artifact")
    agent = create_agent(Scripted(), [tool])

    def turn() -> Image:
        state = agent.invoke({"messages": [("user", REQUEST)]})
        assert state["messages"][-1].content == TEXT
        artifact = state["messages"][-2].artifact
        assert isinstance(artifact, Image)
        return artifact

    return Contender("langchain", 2, turn)


def measure(contender: Contender, turns: int) -> float:
    """Median time of a turn, in milliseconds."""
    for _ in range(_WARM_UP):
        contender.turn()
    gc.collect()
    times = []
    for _ in range(turns):
        began = time.perf_counter()
        contender.turn()
        times.append(time.perf_counter() - began)
    return 1e3 * statistics.median(times)


def version(name: str) -> str:
    """The installed version of a package; ours is that of the checkout."""
    from modaverse import __version__

    package = name.split(",")[0]
    return __version__ if package == "modaverse" else importlib.metadata.version(package)


def measure_all(turns: int) -> tuple[list[dict[str, Any]], list[str]]:
    """A row for each agent, ours first, and how to install those that are missing."""
    rows: list[dict[str, Any]] = []
    missing = []
    makers: Sequence[tuple[str, Callable[[], Contender]]] = (
        ("modaverse", lambda: modaverse(1)),
        ("modaverse", lambda: modaverse(2)),
        ("smolagents", smolagents),
        ("langchain", langchain),
    )
    for package, make in makers:
        try:
            contender = make()
        except ImportError as error:
            missing.append(f"{package} is not measured ({error}): pip install {package}")
            continue
        milliseconds = measure(contender, turns)
        rows.append(
            {
                "agent": contender.name,
                "version": version(contender.name),
                "llm_calls": contender.llm_calls,
                "ms": round(milliseconds, 3),
                "ratio": round(milliseconds / rows[0]["ms"], 2) if rows else 1.0,
            }
        )
    return rows, missing


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--turns", type=int, default=200, help="turns to time (default: 200)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    rows, missing = measure_all(options.turns)
    if options.json:
        print(json.dumps({"turns": options.turns, "rows": rows, "missing": missing}))
        return
    print(f"One turn with one instant tool and a scripted LLM; median of {options.turns} turns.")
    print(f"{'agent':<32} {'LLM calls':>9} {'ms a turn':>10} {'times modaverse':>16}")
    for row in rows:
        title = f"{row['agent']} {row['version']}"
        print(f"{title:<32} {row['llm_calls']:>9} {row['ms']:>10.2f} {row['ratio']:>16.2f}")
    for line in missing:
        print(line)


if __name__ == "__main__":
    main()
