"""ModaVerse: one LLM plans in plain language, and tools make the pictures, sounds and videos.

Everything public is loaded on first use, so `import modaverse` needs no backend.
"""

from __future__ import annotations

import sys
from types import ModuleType

TYPE_CHECKING = False  # not that of typing, which takes longer to import than all the rest here

if TYPE_CHECKING:
    from modaverse.agent import Agent
    from modaverse.chat import Chat
    from modaverse.errors import (
        BackendMissing,
        Cancelled,
        ConfigError,
        LibraryError,
        LLMError,
        MediaError,
        ModaVerseError,
        OutOfMemory,
        PlanError,
        Problem,
        RequestError,
        ToolDefinitionError,
        ToolError,
        ToolTimeout,
    )
    from modaverse.events import Reply
    from modaverse.library import Library
    from modaverse.media import Audio, Image, Limits, Video, load_media
    from modaverse.plan import Plan, ToolCall
    from modaverse.tool import Context, Tool, tool
    from modaverse.toolbox import Toolbox

__version__ = "0.1.0"

__all__ = [
    "Agent",
    "Audio",
    "BackendMissing",
    "Cancelled",
    "Chat",
    "ConfigError",
    "Context",
    "Image",
    "LLMError",
    "Library",
    "LibraryError",
    "Limits",
    "MediaError",
    "ModaVerseError",
    "OutOfMemory",
    "Plan",
    "PlanError",
    "Problem",
    "Reply",
    "RequestError",
    "Tool",
    "ToolCall",
    "ToolDefinitionError",
    "ToolError",
    "ToolTimeout",
    "Toolbox",
    "Video",
    "__version__",
    "load_media",
    "tool",
]

_HOMES = {
    "agent": ("Agent",),
    "chat": ("Chat",),
    "errors": (
        "BackendMissing",
        "Cancelled",
        "ConfigError",
        "LLMError",
        "LibraryError",
        "MediaError",
        "ModaVerseError",
        "OutOfMemory",
        "PlanError",
        "Problem",
        "RequestError",
        "ToolDefinitionError",
        "ToolError",
        "ToolTimeout",
    ),
    "events": ("Reply",),
    "library": ("Library",),
    "media": ("Audio", "Image", "Limits", "Video", "load_media"),
    "plan": ("Plan", "ToolCall"),
    "tool": ("Context", "Tool", "tool"),
    "toolbox": ("Toolbox",),
}
_MODULE_OF = {name: f"modaverse.{home}" for home, names in _HOMES.items() for name in names}


def _module(name: str) -> ModuleType:
    from importlib import import_module  # only now, so that `import modaverse` costs nothing

    return import_module(name)


def __getattr__(name: str) -> object:
    """Load a public name from its module on first use."""
    home = _MODULE_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """The public names, loaded or not."""
    return sorted(__all__)


class _Package(ModuleType):
    """This package, where `modaverse.tool` is the decorator also once its module is imported.

    Python binds each submodule to its name in the package; the module `modaverse.tool` would
    hide the function that it is named after.
    """

    @property
    def tool(self) -> object:
        return _module("modaverse.tool").tool

    @tool.setter
    def tool(self, _submodule: ModuleType) -> None:
        """Leave the name to the function."""


sys.modules[__name__].__class__ = _Package
