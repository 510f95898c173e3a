"""`modaverse doctor`: what is needed here, whether it works, and what to type where it does not."""

from __future__ import annotations

import importlib
import importlib.metadata
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from modaverse.codecs.files import check_writable
from modaverse.commands import ERROR, OK, Choices
from modaverse.commands.learned import NANO, REMOVAL, look
from modaverse.commands.listing import show_checked
from modaverse.commands.meter import Meter
from modaverse.commands.setup import chosen_settings
from modaverse.commands.streams import tell_json
from modaverse.commands.tools import availability
from modaverse.config import Settings, build_toolbox, config_path
from modaverse.errors import ModaVerseError
from modaverse.extras import install_line
from modaverse.library import Library
from modaverse.llm.base import load_llm

__all__ = ["Finding", "doctor"]

# What pip calls it, and what Python imports; these come with `pip install modaverse`.
_PACKAGES = {
    "torch": "torch",
    "transformers": "transformers",
    "diffusers": "diffusers",
    "safetensors": "safetensors",
    "llguidance": "llguidance",
    "numpy": "numpy",
    "pillow": "PIL",
    "av": "av",
    "soundfile": "soundfile",
    "espeakng-loader": "espeakng_loader",
    "pydantic": "pydantic",
}
_EXTRAS = {"accelerate": "", "peft": "", "gradio": "demo", "openai": "openai"}
_ROOM = 1e9  # bytes that should be free on the disk of the library
_STYLES = {"ok": "green", "note": "dim", "broken": "bold red"}


@dataclass(frozen=True)
class Finding:
    """What was looked at, and how it is.

    Attributes:
        name: What.
        state: "broken" is needed and does not work; "note" is worth knowing.
        detail: How it is.
        hint: What to type; may be empty.
    """

    name: str
    state: Literal["ok", "note", "broken"]
    detail: str
    hint: str = ""


def doctor(choices: Choices, *, json: bool) -> int:
    """Look at everything and tell each; gives the exit code, not 0 if something is broken."""
    found = []
    with Meter(shown=not json, label="looking") as meter:  # some of it takes seconds
        for finding in _findings(choices):
            found.append(finding)
            if not json:
                with meter.aside():
                    _show(finding)
    if json:
        tell_json([asdict(finding) for finding in found])
    return ERROR if any(finding.state == "broken" for finding in found) else OK


def _show(finding: Finding) -> None:
    state = finding.state
    show_checked(state, _STYLES[state], finding.name, finding.detail, finding.hint)


def _findings(choices: Choices) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("python", "ok", f"{version} on {sys.platform}")
    yield from (_package(name, module) for name, module in _PACKAGES.items())
    yield from (_extra(name, extra) for name, extra in _EXTRAS.items())
    try:
        settings = chosen_settings(choices)
    except ModaVerseError as error:
        yield _broken("settings", error)
        settings = Settings()
    else:
        file = config_path()
        yield Finding("settings", "ok", str(file) if file.is_file() else "the defaults")
    yield _checked("device", _device, settings)
    yield _checked("language model", _llm, settings)
    yield from _adapter(settings)
    yield from _tools(settings)
    yield _checked("files", _files, settings)
    yield _checked("speech", _speech, settings)
    yield _checked("library", _library, settings)
    yield _checked("disk", _disk, settings)


def _checked(name: str, look: Callable[[Settings], Finding | str], settings: Settings) -> Finding:
    """What a look finds; whatever it raises is a finding too."""
    try:
        found = look(settings)
    except ModaVerseError as error:
        return _broken(name, error)
    except Exception as error:  # a broken package may raise anything
        return Finding(name, "broken", f"{type(error).__name__}: {error}")
    return Finding(name, "ok", found) if isinstance(found, str) else found


def _broken(name: str, error: ModaVerseError) -> Finding:
    return Finding(name, "broken", error.message, error.hint)


def _package(name: str, module: str) -> Finding:
    """A needed package: imported, because one that is installed may still be broken."""
    try:
        importlib.import_module(module)
        return Finding(name, "ok", importlib.metadata.version(name))
    except ModuleNotFoundError:
        return Finding(name, "broken", "not installed", f"pip install {name}")
    except Exception as error:
        told = (str(error) or type(error).__name__).splitlines()[0]
        hint = f"pip install --force-reinstall {name}"
        return Finding(name, "broken", f"cannot be imported: {told}", hint)


def _extra(name: str, extra: str) -> Finding:
    """A package that only some uses need; not imported."""
    try:
        return Finding(name, "ok", importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        hint = install_line(extra) if extra else f"pip install {name}"
        return Finding(name, "note", "not installed; not always needed", hint)


def _device(settings: Settings) -> Finding | str:
    import torch

    there = {"cpu": True, "cuda": torch.cuda.is_available()}
    there["mps"] = torch.backends.mps.is_available()
    names = ", ".join(name for name, is_there in there.items() if is_there)
    detail = f"{settings.device}; there are: {names}; {torch.get_num_threads()} CPU threads"
    if there.get(settings.device.split(":")[0], False):
        return detail
    return Finding("device", "broken", detail, "use --device cpu")


def _llm(settings: Settings) -> Finding | str:
    """Whether the LLM is there; a server is not asked, a hub id is not downloaded."""
    llm = load_llm(settings.llm)
    if settings.llm.startswith(("http://", "https://")):
        return Finding("language model", "note", f"{llm.name} at a server, which was not asked")
    memory = int(getattr(llm, "memory", 0))
    if not memory and not Path(settings.llm).is_dir():
        return Finding("language model", "note", f"{llm.name}, from the hub when first used")
    return f"{llm.name}, {memory / 1e6:.0f} MB"


def _adapter(settings: Settings) -> Iterator[Finding]:
    """What nano was taught here, if anything."""
    learned = look() if settings.llm == NANO else None
    if learned is not None:
        yield Finding("adapter", "note" if learned.problem else "ok", learned.told(), REMOVAL)


def _tools(settings: Settings) -> Iterator[Finding]:
    try:
        toolbox = build_toolbox(settings)
    except ModaVerseError as error:
        yield _broken("tools", error)
        return
    for name in toolbox:
        state = availability(toolbox, name)
        if not state.ok:
            yield Finding(name, "broken", state.reason, state.hint)
            continue
        tool = toolbox[name]
        size = f"{tool.memory / 1e6:.0f} MB" if tool.memory else ""
        yield Finding(name, "ok", ", ".join(part for part in (tool.model, size) if part) or "ready")
    for problem in toolbox.problems:
        yield Finding("plugin", "broken", problem, "pip uninstall it, or mend it")


def _files(_: Settings) -> str:
    """Write and read back a picture, a sound and a video; no program called ffmpeg is needed."""
    import numpy as np

    from modaverse.media import Audio, Image, Video, load_media

    sound = Audio(np.zeros((8000, 1), np.float32), 8000)
    video = Video(np.zeros((4, 32, 32, 3), np.uint8), 8.0, sound)
    values: list[Any] = [Image(np.zeros((8, 8, 3), np.uint8)), sound, video]
    for value in values:
        load_media(value.encode())
    return "pictures, sounds and videos are written and read"


def _speech(settings: Settings) -> str:
    toolbox = build_toolbox(settings)
    if "text-to-speech" not in toolbox:
        return "no tool for it"
    speech = toolbox["text-to-speech"].call("Hello.")
    return str(getattr(speech, "face", lambda: "text")())


def _library(settings: Settings) -> Finding | str:
    if settings.library is None:
        return Finding("library", "note", "none; results go to --out only")
    check_writable(settings.library)
    if not Library.is_there(settings.library):
        return f"{settings.library}, made with the first result"
    with Library(settings.library) as library:
        return f"{library.root}, {len(library)} results"


def _disk(settings: Settings) -> Finding | str:
    folder = settings.library or Path.cwd()
    there = next(each for each in (folder, *folder.absolute().parents) if each.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 1e9:.1f} GB free beside {there}"
    if free >= _ROOM:
        return detail
    return Finding("disk", "note", detail, "free some space")
