"""Ships what runs of `modaverse train nano` taught: adapter and projections, as `senses`.

The language model in `lm` stays byte for byte what it is: text alone is planned by it, and the
run's LoRA is only used where something is perceived. So `senses` holds `adapter/`, whose weights
are stored as bfloat16, the projections as they are, and a `modaverse.json` that says
`"adapter": "media"` and names `../lm`, `../vision` and `../hearing`. Of several runs that went on
from one, the mean ships (see `lm/average.py`). The command may be repeated.

    python -m modaverse_training.nano.senses --run FOLDER [FOLDER ...] --weights WEIGHTS
"""

from __future__ import annotations

import argparse
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

from modaverse.errors import BackendMissing, ConfigError
from modaverse.llm.backend import require
from modaverse.llm.checkpoint import Checkpoint, read_settings
from modaverse.llm.installed import fingerprint
from modaverse.model.alignment import (
    ADAPTER,
    FILE,
    PROJECTIONS,
    Alignment,
    Part,
    read_alignment,
)
from modaverse_training.alignment.push import alignment_of
from modaverse_training.nano.lm.average import averaged

SENSES = "senses"
HOMES = {"language_model": "lm", "vision": "vision", "audio": "hearing"}
_SETTINGS, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"  # peft's
_FORMAT = {"format": "pt"}
_OPTIONS = {"language_model": "language", "vision": "vision", "audio": "audio"}  # of the command


def ship(runs: Sequence[Path], weights: Path) -> Path:
    """Write `weights/senses` from runs; gives that folder. Nothing else is changed.

    Args:
        runs: Of `modaverse train`, ended; trained on `weights/lm` and on the encoders in
            `weights/vision` and `weights/hearing`, or on one of these.
        weights: The folder of the nano suite's weights.

    Raises:
        ConfigError: A run has not ended, was trained on other weights than these, or is of another
            shape than the first.
        BackendMissing: A part is not among the weights.
    """
    alignments = [read_alignment(alignment_of(run)) for run in runs]
    for alignment in alignments:
        for part in alignment.parts:
            _check(alignment, part, weights / HOMES[part])
    folder = weights / SENSES
    folder.mkdir(parents=True, exist_ok=True)
    alignment = alignments[0]
    _write_adapter([each.adapter for each in alignments if each.adapter], folder / ADAPTER)
    projections = averaged([each.folder / PROJECTIONS for each in alignments])
    require("safetensors.torch").save_file(projections, folder / PROJECTIONS, _FORMAT)
    said = json.loads((alignment.folder / FILE).read_text("utf-8"))
    for part in alignment.parts:
        said[part]["name"] = f"../{HOMES[part]}"
    # Spoken to as without senses; the run's context is only what its sequences were cut to.
    own = read_settings(Checkpoint(str(weights / HOMES["language_model"])))
    said |= {"dialect": own.dialect, "system": own.system, "context": own.context}
    said |= {"adapter": "media" if alignment.adapter else False}
    (folder / FILE).write_text(json.dumps(said, indent=2) + "\n", "utf-8")
    return folder


def _check(alignment: Alignment, part: str, home: Path) -> None:
    """Refuse a run that was trained on another part than the one that ships."""
    if not (home / "config.json").is_file():
        raise BackendMissing(f"{home} is not there", hint="make nano trains it")
    trained = Path(alignment.home(part) or "")
    # A folder that is gone cannot be compared; its kind and sizes are recorded.
    same = (
        fingerprint(trained) == fingerprint(home)
        if alignment.parts[part].name and trained.is_dir()
        else _alike(alignment.parts[part], home)
    )
    if not same:
        raise ConfigError(
            f"the run was trained on {trained}, whose weights are not those in {home}",
            hint=f"train it with model.{_OPTIONS[part]}={home}",
        )


def _alike(part: Part, home: Path) -> bool:
    """Whether the model in a folder is of a part's kind, and has those of its sizes that it says.

    What the features of an encoder are is not in its own `config.json`.
    """
    config = json.loads((home / "config.json").read_text("utf-8"))
    sizes = all(config.get(name, size) == size for name, size in part.sizes.items())
    return bool(config.get("model_type") == part.model_type) and sizes


def _write_adapter(adapters: Sequence[Path], to: Path) -> None:
    """Write peft's two files: the mean as bfloat16, and no place where anything was trained."""
    shutil.rmtree(to, ignore_errors=True)
    if not adapters:
        return
    to.mkdir()
    values = averaged([adapter / _WEIGHTS for adapter in adapters])
    narrow = {name: value.to(require("torch").bfloat16) for name, value in values.items()}
    require("safetensors.torch").save_file(narrow, to / _WEIGHTS, _FORMAT)
    said = json.loads((adapters[0] / _SETTINGS).read_text("utf-8"))
    said["base_model_name_or_path"] = f"../../{HOMES['language_model']}"
    (to / _SETTINGS).write_text(json.dumps(said, indent=2) + "\n", "utf-8")


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, nargs="+", required=True, help="folders of ended runs")
    parser.add_argument("--weights", type=Path, required=True, help="where lm, vision, hearing are")
    options = parser.parse_args()
    print(ship(options.run, options.weights))


if __name__ == "__main__":
    main()
