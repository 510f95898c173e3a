"""Average the weights of models that were trained on from the same one: better than each of them.

As model soups (Wortsman et al., 2022, arXiv 2203.05482): fine-tuned from one point, they lie in one
basin, and errors that only one of them makes are averaged away. It costs nothing at use.

    python -m modaverse_training.nano.lm.average FOLDER FOLDER ... --out FOLDER
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from modaverse.errors import ConfigError

_WEIGHTS = "model.safetensors"


def average(models: Sequence[Path], out: Path) -> None:
    """Write the mean of some models, with the files beside the weights of the first.

    Args:
        models: Folders as `save_pretrained` writes them.
        out: The folder to write; may be one of them.

    Raises:
        ConfigError: They are not of one shape.
        OSError: One holds no weights.
    """
    import torch
    from safetensors.torch import load_file, save_file

    weights = [load_file(folder / _WEIGHTS) for folder in models]
    first = weights[0]
    for folder, other in zip(models, weights, strict=True):
        if {k: v.shape for k, v in other.items()} != {k: v.shape for k, v in first.items()}:
            raise ConfigError(
                f"{folder} and {models[0]} are models of different shapes",
                hint="average models that were trained on from the same one",
            )
    mean = {
        name: torch.stack([w[name].float() for w in weights]).mean(0).to(value.dtype)
        for name, value in first.items()
    }
    if out.resolve() != models[0].resolve():
        shutil.copytree(models[0], out, dirs_exist_ok=True)
    save_file(mean, out / _WEIGHTS, {"format": "pt"})


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("models", type=Path, nargs="+", help="folders of models")
    parser.add_argument("--out", type=Path, required=True, help="where the average goes")
    options = parser.parse_args()
    average(options.models, options.out)


if __name__ == "__main__":
    main()
