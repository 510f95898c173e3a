"""Calls, plans and tools that the tests of the runner run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from modaverse.events import (
    Event,
    Failure,
    Item,
    gathered,
)
from modaverse.plan import Plan, ToolCall
from modaverse.residency import Residency
from modaverse.runner import Runner, RunSettings
from modaverse.tool import Tool
from modaverse.toolbox import Toolbox
from modaverse_tools import echo


def call(id: int, name: str, prompt: str = "x", *inputs: str, **options: Any) -> ToolCall:
    return ToolCall(id=id, tool=name, prompt=prompt, inputs=inputs, options=options)


def plan(*calls: ToolCall) -> Plan:
    return Plan(calls=calls)


def runner(*tools: Tool, **keywords: Any) -> Runner:
    settings = RunSettings(**{"grace": 2.0, **keywords.pop("settings", {})})
    keywords.setdefault("residency", Residency())
    return Runner(echo.toolbox() | Toolbox(tools), settings=settings, **keywords)


def outcome(events: Iterator[Event]) -> tuple[dict[int, Item], dict[int, Failure]]:
    reply = gathered(Plan(), events)
    return {item.call: item for item in reply.items}, {f.call: f for f in reply.failed}


class Fickle(Tool):
    """Raise what it is told to, one error a call, then work."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.calls = 0
        self.log: list[str] = []

    def load(self, device: str) -> None:
        self.log.append("load")

    def unload(self) -> None:
        self.log.append("unload")

    def run(self, prompt: str) -> str:
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return prompt


class Slow(Tool):
    """Take a while without looking whether it should stop."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.running = 0
        self.most = 0

    def run(self, prompt: str) -> str:
        self.running += 1
        self.most = max(self.most, self.running)
        time.sleep(self.seconds)
        self.running -= 1
        return prompt


class Parallel(Slow):
    """Work several times at once."""

    name = "parallel"
    concurrent = True
