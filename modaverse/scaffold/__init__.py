"""A package with one tool, written from the working examples that lie in this folder.

`image.py`, `audio.py`, `video.py` and `text.py` are tools called new-tool, with a function
`new_tool`; the files that end in `.txt` are what goes with any of them. Writing a package puts
the chosen name in place of theirs.
"""

from __future__ import annotations

import ast
import keyword
from collections.abc import Mapping
from pathlib import Path

from modaverse.codecs.files import MODALITIES, unwritable
from modaverse.errors import RequestError, ToolDefinitionError
from modaverse.toolbox import BUILT_IN
from modaverse.toolspec import tool_name

__all__ = ["LONGEST_NAME", "write_package"]

LONGEST_NAME = 32  # characters; what is written stays within lines of 100

_HOME = Path(__file__).parent
_TOOL, _FUNCTION, _OUTPUT = "new-tool", "new_tool", "OUTPUT"


def write_package(name: str, *, output: str = "image", folder: Path | None = None) -> Path:
    """Write a package with a tool that works, its test, and all that pip and ModaVerse need.

    Args:
        name: The tool's name, or the function's: `qr-code`, `qr_code`.
        output: What the tool makes: image, audio, video or text.
        folder: Where to; it must not be there, or be empty. By default `modaverse-NAME`.

    Returns:
        The folder.

    Raises:
        ToolDefinitionError: The name cannot name a tool and a function, or is taken.
        RequestError: There is no such modality, or the folder holds something.
        LibraryError: The folder cannot be written.
    """
    if output not in MODALITIES:
        raise RequestError(
            f"there is no modality {output!r}", hint=f"it is one of: {', '.join(MODALITIES)}"
        )
    source = (_HOME / f"{output}.py").read_text(encoding="utf-8")
    name = _checked(name, source)
    folder = Path(f"modaverse-{name}") if folder is None else folder
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise RequestError(
            f"{folder} is there already, and is not an empty folder",
            hint="choose another with --folder; nothing was written",
        )
    _write(folder, _files(name, output, source))
    return folder


def _checked(name: str, source: str) -> str:
    """The tool's name, if a tool and its function can have it.

    Raises:
        ToolDefinitionError: They cannot.
    """
    checked = tool_name(name)
    function = checked.replace("-", "_")
    used = {node.id for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Name)}
    imported = {
        alias.asname or alias.name
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    if len(checked) > LONGEST_NAME:
        why = f"has {len(checked)} characters"
        hint = f"use {LONGEST_NAME} at most"
    elif checked in BUILT_IN:
        why, hint = "is a built-in tool", "choose another name"
    elif keyword.iskeyword(function) or function in (used | imported) - {_FUNCTION}:
        why = "means something else in Python, or in the tool's own code"
        hint = f"say more, such as {checked}-maker"
    else:
        return checked
    raise ToolDefinitionError(f"'{checked}' {why}", tool=checked, hint=hint)


def _files(name: str, output: str, source: str) -> Mapping[str, str]:
    """What to write, by its place in the folder."""
    function = name.replace("-", "_")
    package = f"modaverse_{function}"
    texts = {
        "pyproject.toml": _template("pyproject.toml.txt"),
        "README.md": _template("README.md.txt"),
        f"{package}/__init__.py": source,
        f"{package}/py.typed": "",
        f"tests/test_{function}.py": _template("test_tool.py.txt").replace(_OUTPUT, output),
    }
    return {
        place: text.replace(_TOOL, name).replace(_FUNCTION, function)
        for place, text in texts.items()
    }


def _template(name: str) -> str:
    return (_HOME / name).read_text(encoding="utf-8")


def _write(folder: Path, texts: Mapping[str, str]) -> None:
    try:
        for place, text in texts.items():
            path = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise unwritable(folder, error) from error
