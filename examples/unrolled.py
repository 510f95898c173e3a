"""One request, step by step: look at the plan, change it, run it, save what it made.

python examples/unrolled.py "Draw a red fox in the snow" [FOLDER]
"""

from __future__ import annotations

import sys
from pathlib import Path

from modaverse import Agent, Plan


def main(request: str, folder: Path) -> None:
    """Answer `request` into `folder`."""
    agent = Agent()
    plan = agent.plan(request)
    print(plan.text)
    for call in plan.calls:
        print(f"#{call.id} {call.tool}: {call.prompt}")

    reply = agent.run(at_night(plan), seed=7)
    folder.mkdir(parents=True, exist_ok=True)
    for number, image in enumerate(reply.images, start=1):
        print("saved", image.save(folder / f"{number}.png"))
    for failure in reply.failed:
        print(f"#{failure.call} failed: {failure.message} {failure.hint}")


def at_night(plan: Plan) -> Plan:
    """The plan with other prompts: a plan is a value, and may be edited before it is paid for."""
    calls = tuple(
        call.model_copy(update={"prompt": f"{call.prompt} at night"})
        if call.tool == "text-to-image"
        else call
        for call in plan.calls
    )
    return plan.model_copy(update={"calls": calls})


if __name__ == "__main__":
    wanted = sys.argv[1] if len(sys.argv) > 1 else "Draw a red fox in the snow"
    main(wanted, Path(sys.argv[2] if len(sys.argv) > 2 else "modaverse-out"))
