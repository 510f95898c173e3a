"""Ships what a run of `modaverse train nano` taught: words into `lm`, projections into `senses`.

The run's LoRA is added into the weights of the language model, which stays one plain text LLM. What
is left lies in `senses`: the projections, and a `modaverse.json` that names `../lm`, `../vision`
and `../hearing`. The command may be repeated: weights that have the LoRA do not get it twice.

    python -m modaverse_training.nano.senses --run FOLDER --weights WEIGHTS
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing, ConfigError
from modaverse.llm.backend import quiet, require
from modaverse.llm.checkpoint import Checkpoint, read_settings
from modaverse.llm.installed import fingerprint
from modaverse.model.alignment import (
    FILE,
    PROJECTIONS,
    Alignment,
    check_language,
    read_alignment,
)
from modaverse_training.alignment.push import alignment_of

SENSES = "senses"
HOMES = {"language_model": "lm", "vision": "vision", "audio": "hearing"}
_WEIGHTS = "model.safetensors"
_RECORD = "shipped.json"  # in the run: fingerprints of the language model before and after


def ship(run: Path, weights: Path) -> Path:
    """Merge the adapter of a run into `weights/lm`, and write `weights/senses`; gives the latter.

    Args:
        run: Of `modaverse train`, ended; trained on `weights/lm` and on the encoders in
            `weights/vision` and `weights/hearing`, or on one of these.
        weights: The folder of the nano suite's weights.

    Raises:
        ConfigError: The run has not ended, or was trained on other weights than these.
        BackendMissing: A part is not among the weights.
        LLMError: A part is damaged.
    """
    alignment = read_alignment(alignment_of(run))
    for part in alignment.parts:
        _check(alignment, part, weights / HOMES[part])
    _merge(alignment, run / _RECORD, weights / HOMES["language_model"])
    return _leave(alignment, weights)


def _check(alignment: Alignment, part: str, home: Path) -> None:
    """Refuse a run that was trained on another encoder than the one that ships."""
    if not (home / "config.json").is_file():
        raise BackendMissing(f"{home} is not there", hint="make nano trains it")
    trained = Path(alignment.home(part) or "")
    if part == "language_model" or not trained.is_dir():
        return  # the language model may have been merged; its sizes are looked at
    if fingerprint(trained) != fingerprint(home):
        raise ConfigError(
            f"the run was trained on {trained}, whose weights are not those in {home}",
            hint=f"train it with model.{part}={home}",
        )


def _merge(alignment: Alignment, record: Path, home: Path) -> None:
    """Add the adapter into the weights in `home`, unless they have it.

    Factors, product and sum are float32; only the sum is rounded, to what the weights are stored
    in. In bfloat16 each of them would be.
    """
    if alignment.adapter is None:
        return
    now, mine = fingerprint(home), fingerprint(alignment.adapter)
    known = json.loads(record.read_text("utf-8")) if record.is_file() else {"before": now}
    if now == known.get("after") and mine == known["adapter"]:
        return
    if now != known["before"]:
        raise ConfigError(
            f"the weights in {home} are neither those that the run was trained on nor those that "
            "were made of it",
            hint=f"put the former back, or delete {record} if they are the former",
        )
    with quiet(), tempfile.TemporaryDirectory(dir=home.parent, prefix=".lm.") as work:
        model: Any = require("transformers").AutoModelForCausalLM.from_pretrained(home)
        check_language(alignment, model)
        stored = model.dtype
        merged = Checkpoint(str(home), str(alignment.adapter)).adapted(model.float())
        merged.to(stored).save_pretrained(work)
        if not (Path(work) / _WEIGHTS).is_file():
            raise ConfigError(f"{home} is too large for one file", hint="ship a smaller model")
        known = {"before": now, "after": fingerprint(Path(work)), "adapter": mine}
        record.write_text(json.dumps(known) + "\n", "utf-8")
        shutil.copymode(home / _WEIGHTS, Path(work) / _WEIGHTS)
        (Path(work) / _WEIGHTS).replace(home / _WEIGHTS)  # the other files stay as they are


def _leave(alignment: Alignment, weights: Path) -> Path:
    """Write projections and `modaverse.json`; a card that is there stays."""
    folder = weights / SENSES
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(alignment.folder / PROJECTIONS, folder / PROJECTIONS)
    said = json.loads((alignment.folder / FILE).read_text("utf-8"))
    for part in alignment.parts:
        said[part]["name"] = f"../{HOMES[part]}"
    # Spoken to as without senses; the run's context is only what its sequences were cut to.
    own = read_settings(Checkpoint(str(weights / HOMES["language_model"])))
    said |= {"dialect": own.dialect, "system": own.system, "context": own.context}
    said |= {"adapter": False}
    (folder / FILE).write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    return folder


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the ended run")
    parser.add_argument("--weights", type=Path, required=True, help="where lm, vision, hearing are")
    options = parser.parse_args()
    print(ship(options.run, options.weights))


if __name__ == "__main__":
    main()
