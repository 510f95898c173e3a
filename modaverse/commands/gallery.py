"""`modaverse gallery`: what the library holds, how a file was made, and making it again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from modaverse.commands import OK, Choices
from modaverse.commands.follow import Outcome
from modaverse.commands.forms import outcome_form
from modaverse.commands.interrupts import remembered
from modaverse.commands.listing import show_list
from modaverse.commands.meter import Meter
from modaverse.commands.output import OutFolder
from modaverse.commands.screen import show_outcome, show_rows
from modaverse.commands.setup import chosen_settings, make_agent
from modaverse.commands.streams import note, tell, tell_json
from modaverse.config import build_toolbox
from modaverse.errors import ConfigError, RequestError
from modaverse.library import Library
from modaverse.media import MODALITIES, Modality

if TYPE_CHECKING:
    from modaverse.index import Record
    from modaverse.provenance import Provenance

__all__ = ["find", "rerun", "show"]

_DIGITS = 10  # of a digest that is shown


def find(
    text: str, tool: str, modality: str, *, limit: int, library: Path | None, json: bool
) -> int:
    """List results, newest first; gives the exit code.

    Raises:
        RequestError: There is no such modality.
        LibraryError: The library cannot be opened, or there is none in the folder that was named.
    """
    if modality and modality not in MODALITIES:
        raise RequestError(
            f"there is no modality {modality!r}", hint=f"it is one of: {', '.join(MODALITIES)}"
        )
    wanted: Modality | None = modality or None
    folder = _folder(library)
    if library is None and not Library.is_there(folder):
        records: tuple[Record, ...] = ()
        nothing = f"nothing was made yet: there is no library in {folder}"
    else:
        with Library(folder, make=False) as held:
            records = held.find(text=text, tool=tool, modality=wanted, limit=limit)
        nothing = "nothing found"
    if json:
        tell_json([_form(record) for record in records])
    elif records:
        show_list(("digest", "made", "tool", "prompt"), map(_row, records), map(_entry, records))
    else:
        note(nothing)
    return OK


def show(file: str, *, library: Path | None, json: bool) -> int:
    """Tell how a file was made; gives the exit code.

    Raises:
        LibraryError: The file does not say, or the library has no such digest.
        MediaError: The file cannot be read.
    """
    path = _path(file, library)
    made = Library.read(path)
    if json:
        tell_json({"path": str(path), "provenance": made.model_dump(mode="json")})
        return OK
    tell(str(path))
    show_rows((name, value) for name, value in _told(made) if value)
    return OK


def rerun(
    file: str,
    files: Sequence[str],
    *,
    out: Path,
    choices: Choices,
    json: bool,
    quiet: bool,
) -> int:
    """Make a file again; gives the exit code.

    Raises:
        LibraryError: The file does not say how it was made.
        RequestError: Media that it was made from are missing.
        ModaVerseError: See `Agent.rerun`.
    """
    folder = OutFolder(out)
    path = _path(file, choices.library)
    agent = make_agent(_with_model(choices, Library.read(path)))
    with remembered(), Meter(shown=not quiet, label=f"making {path.name} again"):
        reply = agent.rerun(path, files)
    outcome = Outcome(reply.plan, failed=list(reply.failed))
    for item in reply.items:
        outcome.save(item, folder)
    if json:
        tell_json(outcome_form(outcome, agent.toolbox))
    else:
        show_outcome(outcome, quiet=quiet)
    return outcome.code


def _folder(chosen: Path | None) -> Path:
    folder = chosen_settings(Choices(library=chosen)).library
    if folder is None:
        raise ConfigError("the settings say that there is no library", hint="give --library FOLDER")
    return folder


def _path(file: str, library: Path | None) -> Path:
    """The file that is meant, by its path or by its digest in the library."""
    path = Path(file).expanduser()
    is_digest = len(file) >= 6 and all(digit in "0123456789abcdef" for digit in file)
    if path.exists() or not is_digest:
        return path
    with Library(_folder(library), make=False) as held:
        return held.get(file).path


def _with_model(choices: Choices, made: Provenance) -> Choices:
    """The choices, with the model that made the file, unless another one was asked for."""
    if any(pair.startswith(f"{made.tool}=") for pair in choices.tools):
        return choices
    toolbox = build_toolbox(chosen_settings(choices))
    if not made.model or made.tool not in toolbox or toolbox[made.tool].model == made.model:
        return choices
    pair = f"{made.tool}={made.model}"
    return Choices(None, None, choices.device, (*choices.tools, pair), choices.library)


def _form(record: Record) -> dict[str, Any]:
    made = record.provenance
    return {
        "digest": record.digest,
        "path": str(record.path),
        "modality": record.modality,
        "created": record.when.isoformat(timespec="seconds"),
        "provenance": made.model_dump(mode="json") if made else None,
    }


def _row(record: Record) -> tuple[str, ...]:
    """What people see of it; `gallery show` with the digest tells the file."""
    return _entry(record)[:-1]


def _entry(record: Record) -> tuple[str, ...]:
    """Digest, when it was made, tool, prompt and file."""
    made = record.provenance
    return (
        record.digest[:_DIGITS],
        record.when.astimezone().strftime("%Y-%m-%d %H:%M"),
        made.tool if made else "",
        made.prompt if made else "",
        str(record.path),
    )


def _told(made: Provenance) -> list[tuple[str, str]]:
    """Provenance, line by line."""
    options = ", ".join(f"{name}={value}" for name, value in made.options.items())
    return [
        ("tool", made.tool),
        ("model", made.model),
        ("prompt", made.prompt),
        ("options", options),
        ("seed", str(made.seed)),
        ("made from", ", ".join(digest[:_DIGITS] for digest in made.inputs)),
        ("call", str(made.call)),
        ("version", made.version),
    ]
