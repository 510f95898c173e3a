"""Uploading an alignment to the hub, with a card that says how it was made."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from modaverse.errors import ConfigError, LibraryError
from modaverse.llm.backend import require
from modaverse_training.alignment.callbacks import read_metrics
from modaverse_training.alignment.config import AlignmentConfig
from modaverse_training.alignment.reading import read_run
from modaverse_training.alignment.run import ALIGNMENT

__all__ = ["alignment_of", "card", "push"]


def alignment_of(run: Path) -> Path:
    """The alignment of a run.

    Raises:
        ConfigError: The folder is no run, or one that has not ended.
    """
    read_run(run)
    folder = run / ALIGNMENT
    if not folder.is_dir():
        raise ConfigError(
            f"the run {run} has not ended: it holds no {ALIGNMENT}/",
            hint="type its `modaverse train` command again; it goes on where it stopped",
        )
    return folder


def push(run: Path, repo: str, *, public: bool = False) -> str:
    """Upload a run's alignment and its card.

    Args:
        run: The run's folder.
        repo: `owner/name` of a model repository; made if it is not there.
        public: Whether everybody may see it, if it is made now.

    Returns:
        Its address.

    Raises:
        ConfigError: The folder is no ended run, or `repo` is no name.
        LibraryError: The hub cannot be reached, or does not let us in.
    """
    folder = alignment_of(run)
    hub = require("huggingface_hub")
    text = card(read_run(run), read_metrics(run))
    try:
        with tempfile.TemporaryDirectory() as name:
            parcel = packed(folder, Path(name) / "parcel", text)
            api = hub.HfApi()
            url = api.create_repo(repo, private=not public, exist_ok=True, repo_type="model")
            api.upload_folder(
                folder_path=parcel, repo_id=url.repo_id, commit_message="An alignment of ModaVerse"
            )
    except hub.errors.HFValidationError as error:
        raise ConfigError(f"{repo!r} is no name of a repository", hint="owner/name") from error
    except Exception as error:
        if not _of_the_network(error):
            raise
        raise _refused(error, repo) from error
    return str(url)


def packed(alignment: Path, parcel: Path, text: str) -> Path:
    """A copy of an alignment to send away, with its card; it names no place of this machine."""
    shutil.copytree(alignment, parcel, ignore=shutil.ignore_patterns("README.md"))
    (parcel / "README.md").write_text(text, encoding="utf-8")
    for path in parcel.rglob("*.json"):
        said = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps(_without_places(said), indent=2) + "\n", encoding="utf-8")
    return parcel


def _without_places(value: Any) -> Any:
    """JSON with the last part of each path instead of the path."""
    if isinstance(value, dict):
        return {key: _without_places(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_places(item) for item in value]
    if isinstance(value, str) and Path(value).is_absolute():
        return Path(value).name
    return value


def card(config: AlignmentConfig, metrics: list[dict[str, Any]]) -> str:
    """The card of an alignment, in the hub's Markdown; it names no place of the machine."""
    model, lora, training = config.model, config.lora, config.training
    bases = {
        "language model": model.language, "vision encoder": model.vision,
        "audio encoder": model.audio,
    }  # fmt: skip
    named = {what: _public(name) for what, name in bases.items() if name}
    losses = [line for line in metrics if "loss" in line]
    measured = [line["eval_loss"] for line in metrics if "eval_loss" in line]
    lines = [
        "---",
        "library_name: modaverse",
        *([f"base_model: {model.language}"] if _is_hub_id(model.language) else []),
        "tags: [modaverse, lora, multimodal]",
        "---",
        f"# {config.out.name}",
        "",
        "An alignment of ModaVerse: a LoRA adapter (`adapter/`, plain peft) and projections.",
        "",
        *(f"- {what}: `{name}`" for what, name in named.items()),
        f"- LoRA: rank {lora.rank}, alpha {lora.alpha or 2 * lora.rank:g}, "
        f"on {', '.join(lora.targets)}",
        f"- training: {training.epochs:g} epochs, batch {training.batch}, "
        f"learning rate {training.learning_rate:g}, seed {config.seed}",
    ]
    if losses:
        lines.append(f"- after {losses[-1]['step']} steps: loss {losses[-1]['loss']:.4f} a token")
    if measured:
        lines.append(f"- on rows that it never learned from: {measured[-1]:.4f} a token")
    return "\n".join([*lines, ""])


def _is_hub_id(name: str) -> bool:
    return name.count("/") == 1 and not name.startswith(("/", ".", "~"))


def _public(name: str) -> str:
    return name if _is_hub_id(name) else Path(name).name


def _of_the_network(error: Exception) -> bool:
    """Whether the hub, or the way to it, is at fault; its HTTP library has changed its name."""
    by_http = type(error).__module__.startswith("httpx")
    return by_http or isinstance(error, OSError | require("huggingface_hub").errors.HfHubHTTPError)


def _refused(error: Exception, repo: str) -> LibraryError:
    status = getattr(getattr(error, "response", None), "status_code", None)
    reason = (str(error).strip() or type(error).__name__).splitlines()[0]
    if status in (401, 403):
        hint = "log in with `hf auth login`, as somebody who may write there"
    else:
        hint = "go online (and unset HF_HUB_OFFLINE), then type the same command"
    return LibraryError(f"{repo} cannot be uploaded to: {reason}", hint=hint)
