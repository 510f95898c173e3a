"""What to type to install the packages of an extra: in a checkout, and elsewhere."""

from __future__ import annotations

import shlex
from pathlib import Path

__all__ = ["install_line"]

_ROOT = Path(__file__).resolve().parents[1]  # beside a pyproject.toml it is a checkout


def install_line(extra: str, *, root: Path = _ROOT) -> str:
    """The pip line that brings an extra.

    Args:
        extra: Its name in pyproject.toml, such as "demo".
        root: The folder in which the package lies.
    """
    if not (root / "pyproject.toml").is_file():
        return f"pip install {shlex.quote(f'modaverse[{extra}]')}"
    place = "." if root == Path.cwd() else str(root)
    return f"pip install -e {shlex.quote(f'{place}[{extra}]')}"
