"""Random and adversarial requests: how many give a valid plan or a typed error, and nothing else.

python benchmarks/plan_validity.py --count 10000

The counts so far go to stderr. With `--journal FILE` a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from random import Random

from modaverse import Agent, ModaVerseError, Toolbox
from modaverse.dialect import Dialect
from modaverse.llm import LLMRequest, Message
from modaverse.llm.installed import fingerprint
from modaverse.llm.local import LocalLLM
from modaverse.plan import check
from modaverse_tools import nano_llm
from modaverse_training.evaluation.journal import Journal

TOGETHER = 256  # requests between two lines of progress
BATCH = 64  # of them in the model at once; fewer are slower
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


class Later(ModaVerseError):
    """The answer is not written yet."""


class Ahead:
    """An LLM that writes many answers at a time, before `Agent.plan` reads them one by one.

    Args:
        llm: What writes them.
    """

    def __init__(self, llm: LocalLLM) -> None:
        self.name = llm.name
        self._llm = llm
        self._asked: dict[tuple[Message, ...], LLMRequest] = {}
        self._written: dict[tuple[Message, ...], str | ModaVerseError] = {}

    def dialect(self, toolbox: Toolbox) -> Dialect:
        """The LLM's own."""
        return self._llm.dialect(toolbox)

    def stream(self, request: LLMRequest) -> Iterator[str]:
        """The answer or the error that stands for it; Later if it is still to be written."""
        answer = self._written.get(request.messages)
        if answer is None:
            self._asked[request.messages] = request
            raise Later("not written yet")
        if isinstance(answer, ModaVerseError):
            raise answer
        yield answer

    def write(self) -> None:
        """Write all that was asked for and is not written yet."""
        written = self._llm.write(list(self._asked.values()), batch=BATCH)
        self._written |= zip(self._asked, written, strict=True)
        self._asked = {}


@cache
def planner() -> tuple[Agent, Ahead]:
    """The agent of this process, and the LLM that it asks."""
    llm = Ahead(nano_llm.load())
    return Agent(llm), llm


def outcome(agent: Agent, request: str) -> str:
    """What comes of planning a request; nothing yet if its answer is still to be written."""
    try:
        plan = agent.plan(request)
    except Later:
        return ""
    except ModaVerseError as error:
        return f"typed error: {type(error).__name__}"
    except Exception as error:
        return f"UNTYPED: {type(error).__name__}: {request!r}"
    return f"INVALID: {request!r}" if check(plan, agent.toolbox, {}) else "valid plan"


def outcomes(requests: Sequence[str]) -> dict[str, str]:
    """What comes of each request; a plan that has to be mended is asked for again."""
    agent, llm = planner()
    found = dict.fromkeys(requests, "")
    while waiting := [request for request, what in found.items() if not what]:
        llm.write()
        found |= {request: outcome(agent, request) for request in waiting}
    return found


def planned(requests: Sequence[str], jobs: int) -> Iterator[dict[str, str]]:
    """The outcomes of so many requests at a time, in this process or side by side in others."""
    parts = [requests[at : at + TOGETHER] for at in range(0, len(requests), TOGETHER)]
    if jobs == 1:
        yield from map(outcomes, parts)
        return
    ignored = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for this process, which ends the others
    with get_context("spawn").Pool(jobs, signal.signal, ignored) as pool:
        yield from pool.imap(outcomes, parts)


def survey(
    requests: Sequence[str], jobs: int, found: dict[str, str], journal: Journal | None
) -> None:
    """Fill in the outcomes that are not in `found` yet, keep them, and tell how far it is."""
    waiting = [request for request in dict.fromkeys(requests) if request not in found]
    begun = time.perf_counter()
    for done, part in enumerate(planned(waiting, jobs), start=1):
        found |= part
        if journal is not None:
            for request, what in part.items():
                journal.add(request, {"outcome": what})
        each = (time.perf_counter() - begun) / min(done * TOGETHER, len(waiting))
        left = max(0, len(waiting) - done * TOGETHER)
        counts = tally(requests, found)
        told = ", ".join(f"{what} {count}" for what, count in counts.most_common())
        print(
            f"{counts.total()} of {len(requests)}: {told}  "
            f"({each:.2f} s each, {each * left / 60:.0f} min left)",
            file=sys.stderr,
            flush=True,
        )


def tally(requests: Sequence[str], found: Mapping[str, str]) -> Counter[str]:
    """How often each outcome has come so far."""
    return Counter(found[request] for request in requests if request in found)


def main(arguments: Sequence[str] | None = None) -> int:
    """Plan every request and count what comes of it; gives the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1, help="processes side by side")
    parser.add_argument("--journal", type=Path, help="JSONL file of the outcomes, to go on from")
    options = parser.parse_args(arguments)
    rng = Random(options.seed)
    written = [json.loads(line)["request"] for line in ROWS.read_text("utf-8").splitlines()]
    drawn = [random_request(rng) for _ in range(options.count - len(written))]
    requests = (written + drawn)[: options.count]
    weights = {"weights": fingerprint(nano_llm.FOLDER)}
    stopped = False
    with Journal(options.journal, weights) if options.journal else nullcontext() as journal:
        kept = journal.found if journal else {}
        found: dict[str, str] = {request: kept[request]["outcome"] for request in kept}
        try:
            survey(requests, options.jobs, found, journal)
        except KeyboardInterrupt:
            stopped = True
    counts = tally(requests, found)
    if stopped:
        again = "the same command goes on" if journal else "use --journal to be able to go on"
        print(f"stopped after {counts.total()} of {len(requests)} requests; {again}")
    for what, count in counts.most_common():
        print(f"{count:6} of {counts.total()}  {what}")
    bad = any(what.startswith(("UNTYPED", "INVALID")) for what in counts)
    return 130 if stopped else int(bad)


if __name__ == "__main__":
    sys.exit(main())
