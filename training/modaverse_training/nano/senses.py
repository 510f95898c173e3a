"""Ships what a run of `modaverse train nano` taught: its adapter and projections, as `senses`.

The language model in `lm` stays byte for byte what it is: text alone is planned by it, and the
run's LoRA is only used where something is perceived. So `senses` holds `adapter/`, whose weights
are stored as bfloat16, the projections as they are, and a `modaverse.json` that says
`"adapter": "media"` and names `../lm`, `../vision` and `../hearing`. The command may be repeated.

    python -m modaverse_training.nano.senses --run FOLDER --weights WEIGHTS
"""

from __future__ import annotations

import argparse
import json
import shutil
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

SENSES = "senses"
HOMES = {"language_model": "lm", "vision": "vision", "audio": "hearing"}
_SETTINGS, _WEIGHTS = "adapter_config.json", "adapter_model.safetensors"  # peft's
_OPTIONS = {"language_model": "language", "vision": "vision", "audio": "audio"}  # of the command


def ship(run: Path, weights: Path) -> Path:
    """Write `weights/senses` from a run; gives that folder. Nothing else is changed.

    Args:
        run: Of `modaverse train`, ended; trained on `weights/lm` and on the encoders in
            `weights/vision` and `weights/hearing`, or on one of these.
        weights: The folder of the nano suite's weights.

    Raises:
        ConfigError: The run has not ended, or was trained on other weights than these.
        BackendMissing: A part is not among the weights.
    """
    alignment = read_alignment(alignment_of(run))
    for part in alignment.parts:
        _check(alignment, part, weights / HOMES[part])
    folder = weights / SENSES
    folder.mkdir(parents=True, exist_ok=True)
    _copy_adapter(alignment.adapter, folder / ADAPTER)
    shutil.copyfile(alignment.folder / PROJECTIONS, folder / PROJECTIONS)
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


def _copy_adapter(adapter: Path | None, to: Path) -> None:
    """Copy peft's two files: the weights as bfloat16, and no place where anything was trained."""
    shutil.rmtree(to, ignore_errors=True)
    if adapter is None:
        return
    to.mkdir()
    torch, safetensors = require("torch"), require("safetensors.torch")
    values = safetensors.load_file(adapter / _WEIGHTS)
    narrow = {name: value.to(torch.bfloat16) for name, value in values.items()}
    safetensors.save_file(narrow, to / _WEIGHTS, {"format": "pt"})
    said = json.loads((adapter / _SETTINGS).read_text("utf-8"))
    said["base_model_name_or_path"] = f"../../{HOMES['language_model']}"
    (to / _SETTINGS).write_text(json.dumps(said, indent=2) + "\n", "utf-8")


def main() -> None:
    """Read the command line and ship."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the ended run")
    parser.add_argument("--weights", type=Path, required=True, help="where lm, vision, hearing are")
    options = parser.parse_args()
    print(ship(options.run, options.weights))


if __name__ == "__main__":
    main()
