"""What nano has learned here: the adapter in force, as `tools`, `doctor` and `align` tell of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from modaverse.errors import ConfigError
from modaverse.llm.installed import home_of, installed
from modaverse.toolbox import BUILT_IN

__all__ = ["NANO", "REMOVAL", "Learned", "look", "remarks"]

NANO = "nano"
REMOVAL = "modaverse align --remove"


@dataclass(frozen=True)
class Learned:
    """The adapter that is installed for nano.

    Attributes:
        home: Its folder.
        tools: The tools that it teaches; none if it is not in force.
        made: The day on which it was made.
        problem: Why it is not in force; empty if it is.
    """

    home: Path
    tools: tuple[str, ...]
    made: str = ""
    problem: str = ""

    def told(self) -> str:
        """What there is, in a line."""
        if self.problem:
            return f"not in force: {self.problem}; {self.home}"
        return f"teaches nano {', '.join(self.tools)}; made {self.made}; {self.home}"


def look() -> Learned | None:
    """The adapter of nano; None if there is none, or nano is not installed."""
    home = home_of(NANO)
    try:
        found = installed(home)
        weights: Path = import_module("modaverse_tools.nano_llm").FOLDER
    except ConfigError as error:
        return Learned(home, (), problem=error.message)
    except ImportError:
        return None
    if found is None:
        return None
    if not found.fits(weights):
        return Learned(home, (), problem="it was made for other weights of nano")
    return Learned(home, found.tools, found.made[:10])


def remarks(tools: Iterable[str]) -> list[str]:
    """What to know before nano is asked for one of these tools."""
    learned = look()
    known = {*BUILT_IN, *(learned.tools if learned else ())}
    told = [f"adapter {learned.told()}; {REMOVAL} takes it away"] if learned else []
    if unknown := [name for name in tools if name not in known]:
        told.append(
            f"nano has not learned {', '.join(unknown)}: modaverse align --tool {unknown[0]}"
        )
    return told
