"""The demo as a process of its own, with a scripted LLM and echo tools, for the browser to use."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from modaverse.agent import Agent
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse_apps.demo import launch
from modaverse_apps.demo import session as sessions
from modaverse_apps.demo.session import Session, View
from modaverse_tools import echo


def answer(request: LLMRequest) -> str:
    """What the scripted LLM says."""
    text = request.messages[-1].text
    if "slowly" in text:
        return 'Here it is.\necho-image: a fox\necho-wait with {"seconds":60.0}: long'
    if "mine" in text:
        return "Let me see.\necho-caption from image1: This is an"
    return 'See ![](http://192.0.2.1/x.png).\necho-image with {"size":64}: a red fox'


class LateSession(Session):
    """One whose server is busy: it ends late what it has to say of a chat that was left."""

    def send(self, *said: Any, **options: Any) -> Iterator[View]:
        """As any session does."""
        talk = self._talk
        yield from super().send(*said, **options)
        if talk is not self._talk:
            time.sleep(0.7)


if __name__ == "__main__":
    sessions.Session = LateSession  # type: ignore[misc]
    launch(Agent(ScriptedLLM([answer], repeat=True), echo.toolbox()), port=0)
