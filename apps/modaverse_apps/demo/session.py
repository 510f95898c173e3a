"""One chat for each browser session: it takes requests, can be stopped, and cleans up."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from modaverse.agent import Agent
from modaverse.cancel import CancelToken
from modaverse.chat import Chat
from modaverse.errors import ModaVerseError, RequestError
from modaverse.events import Event, Item, Preview, Progress, TextDelta
from modaverse_apps.demo.transcript import Message, Transcript

__all__ = ["Session", "Sessions", "View"]

_log = logging.getLogger("modaverse.demo")  # below the logger that the command shows

_SUFFIXES = {"image": ".png", "audio": ".wav", "video": ".mp4"}
_PERIOD = 0.2  # seconds between views that show no more than progress


@dataclass(frozen=True)
class View:
    """What a browser shows of a chat.

    Attributes:
        messages: All messages, oldest first.
        plan: The last plan as JSON; None if there is none.
    """

    messages: list[Message]
    plan: dict[str, Any] | None = None


class Session:
    """One chat, and the folder in which its results lie for the browser.

    Args:
        agent: Who answers.
        root: A folder that the browser may read; the session makes its own in it.
    """

    def __init__(self, agent: Agent, root: Path) -> None:
        self._agent = agent
        self._root = root
        self._begin()

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self._busy.locked()

    def send(
        self, request: str, attachments: Sequence[Path] = (), *, seed: int = 0
    ) -> Iterator[View]:
        """Answer a request, and tell each time what to show.

        Never raises: an error is a message. Closing the iterator stops the work. While another
        request is being answered nothing happens, and nothing is told.
        """
        busy = self._busy
        if not busy.acquire(blocking=False):
            return
        try:
            yield from self._answer(request, tuple(attachments), seed)
        finally:
            busy.release()

    def stop(self) -> None:
        """Stop the request that is being answered; what it has made is kept."""
        self._token.cancel()

    def reset(self) -> None:
        """Stop, and forget everything that was said and shown."""
        self.close()
        self._begin()

    def close(self) -> None:
        """Stop, and remove the results from the browser's folder; a library keeps its own."""
        self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self) -> None:
        self._busy = threading.Lock()  # of this chat: one that was left need not have ended
        self._chat = Chat(self._agent)
        self._messages: list[Message] = []
        self._token = CancelToken()
        self._folder = Path(tempfile.mkdtemp(prefix="chat-", dir=self._root))

    def _answer(self, request: str, attachments: tuple[Path, ...], seed: int) -> Iterator[View]:
        """One turn; all that it needs is held here, so that a reset in the middle does no harm."""
        chat, past = self._chat, self._messages
        token = self._token = CancelToken()
        folder = self._folder
        turn = Transcript(request, attachments, lambda item: _kept(item, folder))
        chat.seed = seed
        yield _view(past, turn)
        try:
            pace = _Pace()
            if not request.strip() and attachments:
                raise RequestError("there is no request", hint="say what to do with the attachment")
            for event in chat.stream(request, attachments, cancel=token):
                turn.take(event)
                if chat is self._chat and pace.now(event):  # a chat that was left is not shown
                    yield _view(past, turn)
        except Exception as error:  # whatever it is, people get a sentence
            if not isinstance(error, ModaVerseError):
                _log.exception("a request failed by a fault of the program")
            turn.fail(error)
        finally:
            token.cancel()
        turn.close()
        past += turn.messages()
        if chat is self._chat:
            yield View(past, _plan(turn))


class Sessions:
    """The sessions of all browsers, by the name that the server gives each.

    Attributes:
        agent: Who answers in all of them.
        root: A folder that browsers may read.
    """

    def __init__(self, agent: Agent, root: Path) -> None:
        self.agent = agent
        self.root = root
        self._all: dict[str, Session] = {}
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> Session:
        """The session of that name; made if there is none."""
        with self._lock:
            if name not in self._all:
                self._all[name] = Session(self.agent, self.root)
            return self._all[name]

    def __len__(self) -> int:
        """How many there are."""
        return len(self._all)

    def leave(self, name: str) -> None:
        """A browser has left: stop its work and remove its results."""
        with self._lock:
            session = self._all.pop(name, None)
        if session is not None:
            session.close()

    def close(self) -> None:
        """Leave all."""
        for name in list(self._all):
            self.leave(name)


class _Pace:
    """Says which events are worth a new view: all but quick repetitions of progress."""

    def __init__(self) -> None:
        self._last = 0.0

    def now(self, event: Event) -> bool:
        """Whether to show what there is."""
        minor = isinstance(event, Progress | Preview | TextDelta)
        if minor and time.monotonic() - self._last < _PERIOD:
            return False
        self._last = time.monotonic()
        return True


def _view(past: list[Message], turn: Transcript) -> View:
    return View([*past, *turn.messages()], _plan(turn))


def _plan(turn: Transcript) -> dict[str, Any] | None:
    plan = turn.plan.model_dump(mode="json", exclude_defaults=True)
    return plan or None


def _kept(item: Item, folder: Path) -> Path:
    """The result as a file named by its handle, with its provenance inside."""
    target = folder / f"{item.handle}{_SUFFIXES[item.modality]}"
    if item.path is not None and item.path.suffix == target.suffix:
        return Path(shutil.copyfile(item.path, target))
    return item.save(target)
