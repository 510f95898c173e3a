"""What the README says that nano does, by the weights that ship."""

from __future__ import annotations

import pytest

from modaverse import Agent, Image, Library


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Agent:
    return Agent(library=Library(tmp_path_factory.mktemp("library")))


@pytest.fixture(scope="module")
def cat(agent: Agent) -> Image:
    return agent.chat("Draw a cat").images[0]


@pytest.mark.parametrize(
    ("asked", "tool", "options"),
    [
        ("Put it on a beach", "image-to-image", {}),
        ("Let it jump for 3 seconds", "image-to-video", {"seconds": 3}),
        ("What would it sound like?", "text-to-audio", {}),
    ],
)
def test_a_picture_is_changed_moved_and_heard(
    agent: Agent, cat: Image, asked: str, tool: str, options: dict[str, int]
) -> None:
    (call,) = agent.plan(asked, [cat]).calls
    assert (call.tool, dict(call.options)) == (tool, options)


@pytest.mark.parametrize("asked", ["What is in this picture?", "Is it a dog?"])
def test_a_picture_is_named(agent: Agent, cat: Image, asked: str) -> None:
    plan = agent.plan(asked, [cat])
    assert not plan.calls
    assert "cat" in plan.text.split()[-1]


@pytest.mark.parametrize("seconds", range(2, 10))
def test_seconds_are_taken_as_they_are_said(agent: Agent, seconds: int) -> None:
    (call,) = agent.plan(f"{seconds} seconds of rain").calls
    assert (call.tool, call.prompt, dict(call.options)) == (
        "text-to-audio", "rain", {"seconds": seconds},
    )  # fmt: skip
