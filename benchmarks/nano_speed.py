"""How long the nano suite takes, warm: a plan, a picture, a sound, a sentence, a video; and cold.

python benchmarks/nano_speed.py
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time

from modaverse import Agent, Plan, ToolCall

WISHES = (
    ("picture", "text-to-image", "a red fox in the snow", 3.0),
    ("3 s of sound", "text-to-audio", "rain", 4.0),
    ("speech", "text-to-speech", "Hello, I am a fox.", 3.0),
    ("16 frames of video", "text-to-video", "a ball bouncing", 10.0),
)


def row(name: str, times: list[float], target: float) -> str:
    """One line of the table: median, worst, target."""
    median, worst = statistics.median(times), max(times)
    return f"{name:22} median {median:6.2f} s   worst {worst:6.2f} s   target {target:5.1f} s"


def warm(agent: Agent, runs: int) -> None:
    """Print the times of plans and of each tool, after one run that loads it."""
    request = "Draw a red fox in the snow, and let me hear an owl hooting"
    agent.plan(request)
    times = []
    for number in range(runs):
        start = time.perf_counter()
        agent.plan(request, seed=number)
        times.append(time.perf_counter() - start)
    print(row("plan", times, 0.4))
    for name, tool, prompt, target in WISHES:
        plan = Plan(calls=(ToolCall(id=1, tool=tool, prompt=prompt),))
        agent.run(plan)
        times = []
        for number in range(runs):
            start = time.perf_counter()
            reply = agent.run(plan, seed=number)
            times.append(time.perf_counter() - start)
            if reply.failed:
                sys.exit(f"{name}: {reply.failed[0].message}")
        print(row(name, times, target))


def cold(runs: int) -> None:
    """Print the times of whole processes: --help, and a picture."""
    command = [sys.executable, "-m", "modaverse"]
    with tempfile.TemporaryDirectory() as out:
        wishes = (
            ("--help, cold", ["--help"], 0.3),
            ("picture, cold", ["run", "Draw a green apple", "--out", out, "--quiet"], 12.0),
        )
        for name, arguments, target in wishes:
            times = []
            for _ in range(runs):
                start = time.perf_counter()
                subprocess.run([*command, *arguments], check=True, capture_output=True)
                times.append(time.perf_counter() - start)
            print(row(name, times, target))


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    with Agent() as agent:
        warm(agent, options.runs)
    cold(max(1, options.runs // 2))


if __name__ == "__main__":
    main()
