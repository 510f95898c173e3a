"""`modaverse chat`: a conversation on the terminal, whose turns are kept."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from modaverse.chat import Chat
from modaverse.commands import ERROR, OK, Choices
from modaverse.commands.follow import follow
from modaverse.commands.forms import outcome_form
from modaverse.commands.meter import Meter
from modaverse.commands.output import OutFolder
from modaverse.commands.screen import show_outcome, show_plan
from modaverse.commands.setup import make_agent
from modaverse.commands.streams import error_form, note, report, tell, tell_json
from modaverse.errors import ModaVerseError, RequestError
from modaverse.media import load_media

if TYPE_CHECKING:
    from modaverse.agent import Agent
    from modaverse.media import Media

__all__ = ["Talk", "chat"]

_HELP = """\
/attach PATH   send a picture, a sound or a video with the next request
/media         list what requests can speak of: image1, audio2 ...
/undo          forget the last request and its answer; results stay
/new           forget the conversation; results stay
/quit          leave"""


def chat(*, out: Path, seed: int, choices: Choices, json: bool, quiet: bool) -> int:
    """Talk until the end of the input; gives the exit code: that of the last turn, if not typed.

    Raises:
        ModaVerseError: The agent cannot be set up.
    """
    talk = Talk(make_agent(choices), OutFolder(out), seed=seed, json=json, quiet=quiet)
    person, shown = sys.stdin.isatty(), not (json or quiet)
    if person and shown:
        tell("Say what you would like. /help lists commands, /quit leaves.")
    for line in _typed(person):
        if shown and not person and line.strip():
            tell(f"> {line.strip()}")  # so that what is printed reads as a conversation
        if not talk.answer(line):
            break
    return OK if person else talk.code


class Talk:
    """A chat that is led by typed lines.

    Args:
        agent: Who answers.
        out: Where results go.
        seed: The same seed and the same lines give the same results.
        json: Whether to print each turn as one line of JSON.
        quiet: Whether to print no more than the paths of results.

    Attributes:
        code: Exit code of the last turn.
    """

    def __init__(
        self,
        agent: Agent,
        out: OutFolder,
        *,
        seed: int = 0,
        json: bool = False,
        quiet: bool = False,
    ) -> None:
        self.code = OK
        self._chat = Chat(agent, seed=seed)
        self._out = out
        self._json = json
        self._quiet = quiet
        self._attached: list[Media] = []

    def answer(self, line: str) -> bool:
        """Do what a line says; False at /quit. An error is told, and the talk goes on."""
        line = line.strip()
        try:
            if line.startswith("/"):
                return self._command(line)
            if line:
                self._send(line)
        except ModaVerseError as error:
            self.code = ERROR
            if self._json:
                tell_json({"error": error_form(error)}, indent=None)
            else:
                report(error)
        return True

    def _send(self, request: str) -> None:
        events = self._chat.stream(request, tuple(self._attached))
        planned = None if self._json or self._quiet else show_plan
        outcome = follow(events, self._out, meter=Meter(shown=not self._quiet), planned=planned)
        self._attached.clear()
        self.code = outcome.code
        if self._json:
            tell_json(outcome_form(outcome, self._chat.agent.toolbox), indent=None)
        else:
            show_outcome(outcome, quiet=self._quiet)

    def _command(self, line: str) -> bool:
        """Commands that begin with a slash."""
        name, _, rest = line.partition(" ")
        if name == "/quit":
            return False
        if name == "/attach":
            self._attach(rest.strip())
        elif name == "/media":
            for handle, value in self._chat.media.items():
                note(f"{handle}: {value if isinstance(value, str) else value.face()}")
        elif name == "/undo":
            undone = self._chat.undo()
            note(f"forgotten: {undone.request}" if undone else "nothing was said yet")
        elif name == "/new":
            self._chat.clear()
            self._attached.clear()
        elif name == "/help":
            note(_HELP)
        else:
            raise RequestError(f"there is no command {name}", hint="/help lists them")
        return True

    def _attach(self, typed: str) -> None:
        """Open a file now, so that one that cannot be read is told of at once."""
        path = typed[1:-1] if typed[:1] in "'\"" and typed[:1] == typed[-1:] else typed
        if not path:
            raise RequestError("/attach needs a path", hint="write /attach photo.png")
        value = load_media(Path(path).expanduser(), limits=self._chat.agent.limits)
        self._attached.append(value)
        if not self._json:
            note(f"attached to the next request: {value.face()}")


def _typed(person: bool) -> Iterator[str]:
    """Lines until the end of the input or Ctrl-C at the prompt."""
    if not person:
        yield from sys.stdin
        return
    with contextlib.suppress(ImportError):
        import readline  # noqa: F401 - importing it gives input() history and editing
    while True:
        try:
            line = input("> ")
        except (EOFError, KeyboardInterrupt):
            note("")
            return
        yield line
