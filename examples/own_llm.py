"""An LLM of your own: anything with a name, a dialect, and a stream of text can plan.

This one knows a single trick: it reads every request aloud. python examples/own_llm.py "Hello!"
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from modaverse import Agent, Plan, Toolbox, ToolCall
from modaverse.dialect import Dialect, Lines
from modaverse.llm import LLMRequest


class Parrot:
    """Plans to speak whatever it is told."""

    name = "parrot"

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """Plans are written as lines."""
        return Lines(toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """The plan, all at once."""
        call = ToolCall(id=1, tool="text-to-speech", prompt=request.messages[-1].text)
        yield self.dialect(request.toolbox).render(Plan(text="I say:", calls=(call,)))


def main(request: str) -> None:
    """Let the parrot speak, and tell how long it spoke."""
    reply = Agent(Parrot()).chat(request)
    for audio in reply.audios:
        print(reply.text, f"{audio.seconds:.1f} s of speech")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "Hello!")
