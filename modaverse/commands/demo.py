"""`modaverse demo`: the chat in a browser, which lives in a package that the core knows by name."""

from __future__ import annotations

from importlib import import_module

from modaverse.commands import OK, Choices
from modaverse.commands.setup import make_agent
from modaverse.errors import BackendMissing
from modaverse.extras import install_line

__all__ = ["demo"]

_DEMO = "modaverse_apps.demo"


def demo(choices: Choices, *, port: int, browser: bool) -> int:
    """Serve the demo until Ctrl-C; gives the exit code.

    Raises:
        BackendMissing: The packages of the demo are not installed.
        ModaVerseError: The agent cannot be set up.
    """
    try:
        module = import_module(_DEMO)
        launch = module.launch
    except ImportError as error:
        raise BackendMissing(
            f"the demo cannot be loaded: {error}", hint=install_line("demo")
        ) from error
    launch(make_agent(choices), port=port, browser=browser)
    return OK
