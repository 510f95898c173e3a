"""From a run to one folder with whole weights that needs no adapter and no other folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from modaverse.codecs.files import unwritable
from modaverse.errors import ConfigError
from modaverse.llm.backend import quiet, require
from modaverse.llm.checkpoint import SETTINGS_FILE
from modaverse_training.alignment.aligned import ADAPTER, context_of
from modaverse_training.alignment.lora import base_of, loading
from modaverse_training.alignment.push import alignment_of
from modaverse_training.alignment.reading import read_run

__all__ = ["merge"]


def merge(run: Path, out: Path) -> Path:
    """Add the adapter of a run into the weights that it was trained on, and write them whole.

    A language model without encoders becomes a plain folder of transformers; with encoders, one
    of `ModaVerseForConditionalGeneration`. A quantized base is merged into its full weights.

    Args:
        run: The run's folder.
        out: A folder that is empty or not there.

    Returns:
        `out`.

    Raises:
        ConfigError: The folder is no ended run, `out` holds something, or the base has changed.
        BackendMissing: The base is not there.
        LibraryError: `out` cannot be written.
    """
    alignment, config = alignment_of(run), read_run(run)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"{out} is there already", hint="choose another with --out")
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    with loading(base_of(config.model.language)), quiet():
        own = config.model.kind == "own-eyes"
        parts = _with_own_eyes(alignment, config.model) if own else _behind_encoders(alignment)
    try:
        part.mkdir(parents=True)
        for each in parts:
            each.save_pretrained(part)
        if not (part / "processor_config.json").is_file() or own:
            said: dict[str, Any] = {
                "dialect": config.model.dialect,
                "system": config.model.system,
                "context": context_of(config),
            }
            if own:
                said |= {"max_frames": config.model.max_frames, "own_eyes": "."}
            (part / SETTINGS_FILE).write_text(json.dumps(said) + "\n", encoding="utf-8")
        shutil.rmtree(out, ignore_errors=True)
        part.rename(out)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise unwritable(out, error) from error
    return out


def _behind_encoders(alignment: Path) -> tuple[Any, Any]:
    """Model and processor; of a model without encoders its language model and tokenizer."""
    from modaverse.model.alignment import assemble

    model, processor = assemble(alignment)
    if model.vision_encoder is None and model.audio_encoder is None:
        return model.language_model, processor.tokenizer
    return model, processor


def _with_own_eyes(alignment: Path, model: Any) -> tuple[Any, Any]:
    """Model and processor of one that sees by itself."""
    from modaverse_training.alignment.eyes import Eyes

    auto, peft = require("transformers").AutoModelForImageTextToText, require("peft")
    whole = auto.from_pretrained(model.language, dtype="auto")
    whole = peft.PeftModel.from_pretrained(whole, str(alignment / ADAPTER)).merge_and_unload()
    eyes = Eyes(model.language, dialect=model.dialect, system=model.system, frames=model.max_frames)
    return whole, eyes
