"""Reading a local language model: weights, tokenizer, adapter, and its `modaverse.json`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from modaverse.errors import BackendMissing, ConfigError, LLMError, ModaVerseError
from modaverse.hub import nearby
from modaverse.llm.backend import memory_errors, quiet, require
from modaverse.llm.base import DialectName

__all__ = [
    "MOST_BEAMS",
    "SETTINGS_FILE",
    "Checkpoint",
    "ModelSettings",
    "fit_for",
    "load_errors",
    "read_settings",
    "refuse_gaps",
    "resolve",
]

SETTINGS_FILE = "modaverse.json"
MOST_BEAMS = 64  # more is a slip of the keyboard
_ADAPTER_FILE = "adapter_config.json"
_SMALL = 500_000_000  # parameters: up to here float32 fits on a CPU and is the fastest there


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What `modaverse.json` in a model's or an adapter's folder says about it.

    Attributes:
        dialect: How it writes plans.
        system: Whether it needs a system message that explains plans and lists the tools; a model
            aligned by this project does not.
        context: Longest conversation and answer it was trained for, in tokens; None if as in its
            own configuration.
        beams: Ways in which an answer is written at once, the likeliest whole being taken, all at
            once; 1 takes the likeliest token each time, as it comes. A model with senses does so
            only where it looks or listens.
    """

    dialect: DialectName = "json"
    system: bool = True
    context: int | None = None
    beams: int = 1


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where a model lies: its base, and an adapter or none. Folders or hub ids."""

    base: str
    adapter: str | None = None

    def load(self, device: str, dtype: str | None) -> tuple[Any, Any]:
        """The model, in evaluation mode on the device, and its tokenizer.

        Raises:
            BackendMissing: A package or the weights are missing.
            ConfigError: The adapter was made for another base.
            LLMError: The files are damaged, or of no causal language model.
            OutOfMemory: The device is too small.
        """
        self.check_adapter()
        torch = require("torch")
        near = nearby(self.base, self.adapter)
        with load_errors(self.base), memory_errors(self.base), near, quiet():
            model = _weights(self.base, device, dtype)
            if self.adapter:
                model = self.adapted(model)
            tokenizer = require("transformers").AutoTokenizer.from_pretrained(
                self._tokenizer_home(), trust_remote_code=False
            )
            return model.to(torch.device(device)).eval(), tokenizer

    def adapted(self, model: Any) -> Any:
        """The model with the adapter added into its weights, so that it costs nothing a token.

        Raises:
            ConfigError: The adapter does not fit the model.
        """
        peft = require("peft")
        try:
            return peft.PeftModel.from_pretrained(model, self.adapter).merge_and_unload()
        except (RuntimeError, ValueError, KeyError) as error:
            recorded = _recorded_base(self.adapter or "") or "an unnamed model"
            raise _foreign(self.adapter, recorded, self.base, str(error)) from error

    def check_adapter(self) -> None:
        """An adapter goes onto the model it was trained on; the folder may have moved since.

        Raises:
            ConfigError: The adapter is none, or was made for another base.
        """
        if self.adapter is None:
            return
        recorded = _recorded_base(self.adapter)
        if Path(self.base) in Path(self.adapter).parents:
            return  # it lies within its base's own folder
        if recorded and Path(recorded).name.lower() != Path(self.base).name.lower():
            raise _foreign(self.adapter, recorded, self.base)

    def _tokenizer_home(self) -> str:
        folder = Path(self.adapter or "")
        own = self.adapter and (folder / "tokenizer_config.json").is_file()
        return str(folder) if own else self.base


def resolve(model: str, adapter: str | None) -> Checkpoint:
    """The checkpoint that is meant; the folder of an adapter alone stands for it on its base.

    Raises:
        ConfigError: The folder holds neither a model nor an adapter that names its base.
    """
    folder = Path(model)
    if not folder.is_dir() or (folder / "config.json").is_file():
        return Checkpoint(model, adapter)
    if adapter is None and (folder / _ADAPTER_FILE).is_file():
        base = _recorded_base(model)
        if base:
            return Checkpoint(base, model)
    raise ConfigError(
        f"the folder {model} holds no language model",
        hint="name a folder with config.json, weights and tokenizer.json",
    )


def read_settings(checkpoint: Checkpoint) -> ModelSettings:
    """The settings beside the adapter, else beside the base, else the defaults.

    Raises:
        ConfigError: The file is not what it must be; every problem is listed.
    """
    for home in (checkpoint.adapter, checkpoint.base):
        if home and (found := _beside(home, SETTINGS_FILE)):
            return _settings(found)
    return ModelSettings()


def _settings(path: Path) -> ModelSettings:
    wrong = []
    given = _json(path)
    names = [field.name for field in fields(ModelSettings)]
    wrong += [f"there is no setting {key!r}" for key in given if key not in names]
    if given.get("dialect", "json") not in ("lines", "json"):
        wrong.append(f"dialect is {given['dialect']!r}; it must be 'lines' or 'json'")
    if not isinstance(given.get("system", True), bool):
        wrong.append(f"system is {given['system']!r}; it must be true or false")
    context = given.get("context")
    if context is not None and (type(context) is not int or context < 1):
        wrong.append(f"context is {context!r}; it must be a number of tokens, 1 or more")
    beams = given.get("beams", 1)
    if type(beams) is not int or not 1 <= beams <= MOST_BEAMS:
        wrong.append(f"beams is {beams!r}; it must be a whole number in 1..{MOST_BEAMS}")
    if wrong:
        raise ConfigError(problems=wrong, hint=f"see {path}; it may say {', '.join(names)}")
    return ModelSettings(**given)


def _recorded_base(adapter: str) -> str | None:
    """The base that an adapter says it was trained on.

    Raises:
        ConfigError: It is no adapter.
    """
    found = _beside(adapter, _ADAPTER_FILE)
    if found is None:
        raise ConfigError(
            f"{adapter} is no adapter", hint=f"name a folder or hub id with {_ADAPTER_FILE}"
        )
    return _json(found).get("base_model_name_or_path") or None


def _beside(home: str, name: str) -> Path | None:
    """A file of a folder or a hub repository; None if it is not there or cannot be fetched.

    Raises:
        BackendMissing: The hub cannot be reached, and nothing of the repository is here.
    """
    if Path(home).is_dir():
        path = Path(home) / name
        return path if path.is_file() else None
    if Path(home).is_absolute() or home.startswith("."):
        return None
    with nearby(home):
        found = require("transformers.utils").cached_file(
            home,
            name,
            _raise_exceptions_for_gated_repo=False,
            _raise_exceptions_for_missing_entries=False,
            _raise_exceptions_for_connection_errors=False,
        )
    return Path(found) if found else None


def _json(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", hint="download it again") from error
    if not isinstance(read, dict):
        raise ConfigError(f"{path} must hold a JSON object", hint="download it again")
    return read


def _foreign(adapter: str | None, recorded: str, base: str, reason: str = "") -> ConfigError:
    """The error that an adapter is of another base, or of what lay there under the same name."""
    if reason and Path(recorded).resolve() == Path(base).resolve():
        lines = [line.strip() for line in reason.splitlines() if line.strip()]
        told = next((line for line in lines if "mismatch" in line), lines[0])
        return ConfigError(
            f"the adapter {adapter} does not fit {base!r}, which is not what it was when the "
            f"adapter was trained on it: {told}",
            hint="put back the model that it was trained on, or train anew",
        )
    return ConfigError(
        f"the adapter {adapter} was trained on {recorded!r} and does not fit {base!r}",
        hint=f"load it on {recorded!r}, or take the adapter of {base!r}",
    )


def _weights(base: str, device: str, dtype: str | None) -> Any:
    torch = require("torch")
    auto = require("transformers").AutoModelForCausalLM
    model, report = auto.from_pretrained(
        base,
        dtype=getattr(torch, dtype) if dtype else "auto",
        trust_remote_code=False,
        output_loading_info=True,
    )
    refuse_gaps(base, report)
    return model if dtype else fit_for(model, device)


def refuse_gaps(name: str, report: Any, *, within: str = "") -> None:
    """Refuse a checkpoint that lacks weights, which transformers would make up.

    Args:
        name: Of the checkpoint.
        report: What `from_pretrained` tells with `output_loading_info=True`.
        within: Only weights whose names begin so are needed.

    Raises:
        LLMError: Some are missing.
    """
    if absent := sorted(key for key in report["missing_keys"] if key.startswith(within)):
        raise LLMError(
            f"{name!r} lacks {len(absent)} of the model's weights, such as {absent[0]}",
            hint="download it again, or name a complete model of this kind",
        )


def fit_for(model: Any, device: str) -> Any:
    """A CPU is slow in float16: small models go up to float32, large ones to bfloat16."""
    torch = require("torch")
    if not device.startswith("cpu") or model.dtype == torch.float32:
        return model
    if model.num_parameters() <= _SMALL:
        return model.float()
    return model.to(torch.bfloat16) if model.dtype == torch.float16 else model


@contextmanager
def load_errors(model: str) -> Iterator[None]:
    """Turn whatever goes wrong while `model` is loaded into typed errors.

    Raises:
        BackendMissing: It is not there.
        LLMError: It is damaged, or no model of this kind.
    """
    try:
        yield
    except (ModaVerseError, MemoryError):
        raise
    except OSError as error:
        raise BackendMissing(
            f"the language model {model!r} cannot be found: {_first_line(error)}",
            hint="name a folder with config.json and weights, or a hub id while online",
        ) from error
    except Exception as error:  # damaged files surface as whatever their reader happens to raise
        raise LLMError(
            f"the language model {model!r} cannot be loaded: {_first_line(error)}",
            hint="download it again, or name another causal language model",
        ) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
