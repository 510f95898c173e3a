"""Adapters that were trained here for a model and are in force: where they lie, what they teach.

adapters/           in the user's data folder, or the folder that MODAVERSE_ADAPTERS names
└─ nano/            of the model "nano"
   ├─ adapter/      peft's files
   ├─ installed.json   which weights it was made for, the tools it teaches, what was measured
   └─ …             what it was trained on

An adapter is only right for the very weights that it was trained on, so the record holds their
fingerprint, and an adapter for others is left alone.
"""

from __future__ import annotations

import hashlib
import logging
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from modaverse.codecs.files import unwritable
from modaverse.errors import ConfigError

__all__ = [
    "ADAPTER",
    "VARIABLE",
    "Installed",
    "adapters_folder",
    "fingerprint",
    "home_of",
    "in_force",
    "install",
    "installed",
    "remove",
]

VARIABLE = "MODAVERSE_ADAPTERS"
ADAPTER = "adapter"
_RECORD = "installed.json"
_SHOWN = 12  # digits of a fingerprint

log = logging.getLogger(__name__)


class Installed(BaseModel):
    """What `installed.json` says.

    Attributes:
        base: The model that it is for.
        weights: Fingerprint of that model's weights.
        tools: The tools that it teaches, in the order in which they were learned.
        made: When, in ISO 8601.
        version: Of ModaVerse, that made it.
        figures: What was measured when it was made, as the report has it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base: str = Field(min_length=1)
    weights: str
    tools: tuple[str, ...]
    made: str
    version: str = ""
    figures: dict[str, Any] = {}

    def fits(self, weights: Path) -> bool:
        """Whether it was made for the weights in a folder."""
        return self.weights == fingerprint(weights)


def adapters_folder(env: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """Where adapters are installed, whether the folder is there or not.

    Args:
        env: The environment; by default the process's.
        platform: As `sys.platform` has it.
    """
    env = os.environ if env is None else env
    if chosen := env.get(VARIABLE):
        return Path(chosen).expanduser()
    if base := env.get("XDG_DATA_HOME"):
        return Path(base).expanduser() / "modaverse" / "adapters"
    if platform == "win32" and (base := env.get("LOCALAPPDATA")):
        return Path(base) / "modaverse" / "adapters"
    base = "~/Library/Application Support" if platform == "darwin" else "~/.local/share"
    return Path(base).expanduser() / "modaverse" / "adapters"


def home_of(base: str) -> Path:
    """The folder of a model's adapter: its own name, or the last part of its path or hub id."""
    return adapters_folder() / (Path(base).name or "model")


def fingerprint(folder: Path) -> str:
    """A name for the weights in a folder: SHA-256 of its safetensors files, shortened."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        digest.update(file.name.encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:_SHOWN]


def installed(home: Path) -> Installed | None:
    """What is installed in a folder; None if there is nothing.

    Raises:
        ConfigError: The record cannot be read.
    """
    path = home / _RECORD
    try:
        return Installed.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise ConfigError(
            f"{path} cannot be read: {reason}", hint="modaverse align --remove takes it away"
        ) from error


def in_force(base: str, weights: Path) -> tuple[Path, Installed] | None:
    """The installed adapter of a model, as a folder of peft's, and what it says of itself.

    One that cannot be used is left out with a warning: the model works without it.

    Args:
        base: The model.
        weights: The folder of its weights.
    """
    home = home_of(base)
    try:
        found = installed(home)
    except ConfigError as error:
        log.warning("the adapter in %s is left out: %s", home, error.message)
        return None
    if found is None:
        return None
    if not found.fits(weights):
        log.warning(
            "the adapter in %s is left out: it was made for other weights of %s; make it anew "
            "with modaverse align --tool %s --fresh",
            home,
            base,
            found.tools[-1] if found.tools else "NAME",
        )
        return None
    return home / ADAPTER, found


def install(folder: Path, home: Path, record: Installed) -> None:
    """Put an alignment into force; the one that was there goes when the other is whole.

    Args:
        folder: With `adapter/` and whatever belongs to it; copied.
        home: Where to.
        record: What it is.

    Raises:
        LibraryError: The place cannot be written.
    """
    part, old = home.with_name(f".{home.name}.part"), home.with_name(f".{home.name}.old")
    try:
        for left in (part, old):
            shutil.rmtree(left, ignore_errors=True)
        shutil.copytree(folder, part)
        (part / _RECORD).write_text(record.model_dump_json(indent=2) + "\n", encoding="utf-8")
        if home.exists():
            home.rename(old)
        part.rename(home)
        shutil.rmtree(old, ignore_errors=True)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise unwritable(home, error) from error


def remove(home: Path) -> bool:
    """Take an adapter out of force and delete it; tells whether there was one.

    Raises:
        LibraryError: It cannot be deleted.
    """
    if not (home / _RECORD).is_file():
        return False
    try:
        shutil.rmtree(home)
    except OSError as error:
        raise unwritable(home, error) from error
    return True
