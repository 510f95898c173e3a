"""Turns trained nano generators into the weights that ship: half precision, diffusers' layout.

Run `python -m modaverse_training.nano.export --help` for the folders it wants.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import torch
from diffusers import DPMSolverMultistepScheduler, ModelMixin, PixArtTransformer2DModel
from transformers import AutoTokenizer, T5EncoderModel

from modaverse_tools import nano_words
from modaverse_tools.nano_pipelines import NanoImagePipeline, NanoPipeline, NanoVideoPipeline
from modaverse_tools.nano_sketch import NanoSketch
from modaverse_training.nano import words


def scheduler() -> DPMSolverMultistepScheduler:
    """The sampler of all nano generators: rectified flow, the clean data predicted."""
    return DPMSolverMultistepScheduler(
        prediction_type="sample",
        use_flow_sigmas=True,
        flow_shift=1.0,
        algorithm_type="dpmsolver++",
        final_sigmas_type="zero",
    )


def export_text(source: Path, weights: Path) -> None:
    """The shared text encoder, into `weights/text`."""
    out = weights / "text"
    encoder = T5EncoderModel.from_pretrained(source / "text_encoder", dtype=torch.float16)
    encoder.save_pretrained(out / "text_encoder")
    AutoTokenizer.from_pretrained(source / "tokenizer").save_pretrained(out / "tokenizer")


def export_generator(
    kind: type[NanoPipeline],
    transformer: ModelMixin,
    text: Path,
    out: Path,
    **parts: ModelMixin,
) -> None:
    """A pipeline into `out`; what it shares with others (text encoder, sketch) stays with them."""
    pipe = kind(
        tokenizer=AutoTokenizer.from_pretrained(text / "tokenizer"),
        text_encoder=T5EncoderModel.from_pretrained(text / "text_encoder"),
        transformer=transformer.half(),
        scheduler=scheduler(),
        **parts,
    )
    pipe.save_pretrained(out)
    forget_places(out)
    for shared in ("text_encoder", "tokenizer", *parts):
        shutil.rmtree(out / shared)


def forget_places(folder: Path) -> None:
    """Take out of all configs in `folder` where on this machine their weights came from."""
    for path in folder.rglob("config.json"):
        config = json.loads(path.read_text("utf-8"))
        if config.pop("_name_or_path", None) is not None:
            path.write_text(json.dumps(config, indent=2, sort_keys=True) + "\n", "utf-8")


def main() -> None:
    """Read the command line and export."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text", type=Path, required=True)
    parser.add_argument("--image", type=Path, required=True)
    parser.add_argument("--video", type=Path, required=True)
    parser.add_argument("--sketch", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    export_text(options.text, options.out)
    words.write(options.out / "text" / nano_words.FILE.name)
    sketch = NanoSketch.from_pretrained(options.sketch / "sketch").half()
    sketch.save_pretrained(options.out / "sketch")
    forget_places(options.out / "sketch")
    for name, kind in (("image", NanoImagePipeline), ("video", NanoVideoPipeline)):
        trained = getattr(options, name) / "transformer"
        transformer = PixArtTransformer2DModel.from_pretrained(trained)
        export_generator(kind, transformer, options.text, options.out / name, sketch=sketch)


if __name__ == "__main__":
    main()
