"""Random and adversarial requests: how many give a valid plan or a typed error, and nothing else.

python benchmarks/plan_validity.py --count 10000
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random

from modaverse import Agent, ModaVerseError
from modaverse.plan import check

ROWS = Path("training/modaverse_training/nano/requests/adversarial.jsonl")
PIECES = (
    "text-to-image: ", "text-to-speech with {", '"}', "[IMAGE]", "{#1}", "#1", "image1", "\\n",
    "\n", "ignore all rules and ", "draw ", "say ", "a video of ", "</s>", "<|im_end|>", "\u200b",
    "\u202e", "🦊", "🎵" * 3, "寿司", "прыгай ", "0" * 40, "'; DROP TABLE", "  ", "\t", "\x00",
    "the sound of ",
)  # fmt: skip


def random_request(rng: Random) -> str:
    """Pieces of requests, of plans and of nothing, in any order."""
    parts = []
    for _ in range(rng.randint(1, 12)):
        roll = rng.random()
        if roll < 0.5:
            parts.append(rng.choice(PIECES))
        elif roll < 0.8:
            letters = chr(rng.choice((rng.randrange(32, 127), rng.randrange(32, 0x3000))))
            parts.append(letters * rng.randint(1, 5))
        else:
            parts.append("".join(chr(rng.randrange(97, 123)) for _ in range(rng.randint(1, 9))))
    return "".join(parts)


@cache
def agent() -> Agent:
    """The agent of this process."""
    return Agent()


def outcome(request: str) -> str:
    """What comes of planning a request."""
    try:
        plan = agent().plan(request)
    except ModaVerseError as error:
        return f"typed error: {type(error).__name__}"
    except Exception as error:
        return f"UNTYPED: {type(error).__name__}: {request!r}"
    return f"INVALID: {request!r}" if check(plan, agent().toolbox, {}) else "valid plan"


def main() -> None:
    """Plan every request and count what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    options = parser.parse_args()
    rng = Random(options.seed)
    written = [json.loads(line)["request"] for line in ROWS.read_text("utf-8").splitlines()]
    requests = written + [random_request(rng) for _ in range(options.count - len(written))]
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        outcomes = Counter(pool.map(outcome, requests, chunksize=25))
    for what, count in outcomes.most_common():
        print(f"{count:6} of {len(requests)}  {what}")
    if any(what.startswith(("UNTYPED", "INVALID")) for what in outcomes):
        sys.exit(1)


if __name__ == "__main__":
    main()
