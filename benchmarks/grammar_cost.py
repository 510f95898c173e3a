"""What the grammar costs a token: the same small language model with it and without.

    python benchmarks/grammar_cost.py [--model nano|debug|FOLDER] [--tokens 40] [--json]

Four ways to write the same number of tokens after the same prompt:
    generate   `model.generate` of transformers, greedy, no grammar
    free       our loop without a grammar
    masked     our loop under the grammar, with the mask of every token, as logits processors do
    grammar    our loop as it is: forced tokens skip ahead, a mask only if the likeliest is barred
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch: tiny models are fastest so

from modaverse.errors import BackendMissing
from modaverse.llm import LLMRequest, Message, Sampling, TransformersLLM, load_llm
from modaverse.llm.base import never
from modaverse.llm.debug import write_checkpoint
from modaverse.llm.decode import decode
from modaverse.llm.guided import Constraint
from modaverse.llm.transformers import Network
from modaverse.toolbox import Toolbox

REQUEST = "Please draw me a red fox in the snow, and read aloud: the fox says hello."


class Free(Constraint):
    """No grammar at all: everything is allowed, and nothing ends."""

    complete = False
    finished = False

    def forced(self) -> list[int]:
        """Nothing."""
        return []

    def allows(self, token: int) -> bool:
        """Everything but the end."""
        return token not in self._guide.ends

    def accept(self, tokens: Sequence[int]) -> None:
        """Go on."""


class Masked(Constraint):
    """The grammar without its short cuts."""

    def forced(self) -> list[int]:
        """Nothing is skipped."""
        return []

    def allows(self, token: int) -> bool:
        """Nothing is known without the mask."""
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print a table or JSON, and give the exit code."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory() as folder:
        llm, told = _model(options.model, Path(folder))
        figures = measure(llm, tokens=options.tokens, repeats=options.repeats)
    figures["model"] = told
    if options.json:
        json.dump(figures, sys.stdout, indent=2)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_table(figures))
    return 0


def measure(llm: TransformersLLM, *, tokens: int = 40, repeats: int = 10) -> dict[str, Any]:
    """Milliseconds a token of each way (median), the set-up of the grammar, and the ratios."""
    loaded = llm.load()
    toolbox = Toolbox.default()
    request = LLMRequest((Message("user", REQUEST),), toolbox)
    prompt = loaded.prompt.tokens(request)
    dialect = llm.dialect(toolbox)
    grammar = dialect.grammar(toolbox, {})

    def ours(kind: Callable[[Any, Any], Constraint], tokens: int) -> int:
        constraint = loaded.guide.constraint(grammar)
        steps = decode(
            Network(loaded, llm.name),
            prompt,
            guide=loaded.guide,
            constraint=kind(constraint._matcher, loaded.guide),
            sampling=Sampling(max_tokens=tokens),
            cancelled=never,
        )
        return _count(steps, tokens)

    tokens = ours(Constraint, tokens)  # a plan may end earlier; the others write as many
    ways: dict[str, Callable[[], int]] = {
        "generate": lambda: _generate(loaded, prompt, tokens),
        "free": lambda: ours(Free, tokens),
        "masked": lambda: ours(Masked, tokens),
        "grammar": lambda: ours(Constraint, tokens),
    }
    cost = _interleaved(ways, repeats)
    return {
        "parameters": loaded.model.num_parameters(),
        "vocabulary": loaded.guide.vocabulary,
        "prompt_tokens": len(prompt),
        "tokens": tokens,
        "ms_per_token": {name: round(value, 3) for name, value in cost.items()},
        "grammar_beside_free": round(cost["grammar"] / cost["free"], 3),
        "grammar_beside_generate": round(cost["grammar"] / cost["generate"], 3),
        "grammar_source_ms": round(_timed(lambda: dialect.grammar(toolbox, {}), repeats), 3),
        "grammar_compile_ms": round(_timed(lambda: loaded.guide.compile(grammar), repeats), 3),
    }


def _interleaved(ways: dict[str, Callable[[], int]], repeats: int) -> dict[str, float]:
    """Median milliseconds a token; the ways take turns, so that a busy moment hits all alike."""
    spent: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(repeats + 1):
        for name, write in ways.items():
            begun = time.perf_counter()
            written = write()
            if turn:  # the first turn only warms up
                spent[name].append((time.perf_counter() - begun) * 1000 / written)
    return {name: statistics.median(values) for name, values in spent.items()}


def _timed(work: Callable[[], object], repeats: int) -> float:
    """Median milliseconds."""
    spent = []
    for _ in range(repeats):
        begun = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def _count(steps: Any, tokens: int) -> int:
    """How many tokens the loop writes, up to a number."""
    written = 0
    for step in steps:
        written += len(step)
        if written >= tokens:
            break
    return written


def _generate(loaded: Any, prompt: list[int], tokens: int) -> int:
    import torch

    with torch.inference_mode():
        made = loaded.model.generate(
            torch.tensor([prompt], device=loaded.model.device),
            attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
            do_sample=False,
            min_new_tokens=tokens,
            max_new_tokens=tokens,
        )
    return int(made.shape[1]) - len(prompt)


def _model(name: str, folder: Path) -> tuple[TransformersLLM, str]:
    """The model to measure; where the nano model is not there, a random one of its size."""
    if name in ("auto", "nano"):
        try:
            return load_llm("nano", device="cpu"), "nano"  # type: ignore[return-value]
        except BackendMissing:
            if name == "nano":
                raise
    if name in ("auto", "debug"):
        write_checkpoint(folder, width=256, layers=8)
        # as an aligned model: a tokenizer this small would make a long prompt of the instructions
        (folder / "modaverse.json").write_text('{"dialect":"lines","system":false}')
        return TransformersLLM(folder, device="cpu"), "debug (random weights, width 256, 8 layers)"
    return TransformersLLM(name, device="cpu"), Path(name).name


def _table(figures: dict[str, Any]) -> str:
    lines = [
        f"{figures['model']}: {figures['parameters'] / 1e6:.1f} M parameters, "
        f"vocabulary {figures['vocabulary']}, {figures['tokens']} tokens after "
        f"{figures['prompt_tokens']} on one thread",
        *(f"  {name:<9}{value:8.2f} ms a token" for name, value in figures["ms_per_token"].items()),
        f"the grammar: x{figures['grammar_beside_free']} of our loop without it, "
        f"x{figures['grammar_beside_generate']} of generate(); written in "
        f"{figures['grammar_source_ms']} ms, compiled in {figures['grammar_compile_ms']} ms",
    ]
    return "\n".join(lines) + "\n"


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--model", default="auto", help="nano, debug, a folder; default: nano or debug"
    )
    parser.add_argument("--tokens", type=int, default=40, help="how many each way writes")
    parser.add_argument("--repeats", type=int, default=10, help="runs of each way")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    raise SystemExit(main())
