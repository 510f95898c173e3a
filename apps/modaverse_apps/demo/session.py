"""One chat for each browser session: it takes requests, can be stopped, and cleans up."""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeAlias

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

_Told: TypeAlias = "SimpleQueue[Event | Exception | None]"  # None: that was all


@dataclass(frozen=True)
class View:
    """What a browser shows of a chat.

    Attributes:
        messages: All messages, oldest first.
        plan: The last plan as JSON; None if there is none.
        busy: Whether a request is being answered.
    """

    messages: list[Message] = field(default_factory=list)
    plan: dict[str, Any] | None = None
    busy: bool = False


class Session:
    """One browser's chat, and the folder in which its results lie for the browser.

    Its views come in order: who reads them asks for the next one when the last one has been sent,
    and until then nobody else says anything. So whatever is told last is true, also where a chat
    is left in the middle of its work.

    Args:
        agent: Who answers.
        root: A folder that the browser may read; the session makes its own in it.
    """

    def __init__(self, agent: Agent, root: Path) -> None:
        self._agent = agent
        self._root = root
        self._voice = threading.Lock()  # held by the one whose views are shown
        self._talk = _Talk(agent, root)
        self._left = False  # whether a chat was ever left for another one

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        return self._talk.busy.locked()

    def send(
        self, request: str, attachments: Sequence[Path] = (), *, seed: int = 0
    ) -> Iterator[View]:
        """Answer a request, and tell each time what to show.

        Never raises: an error is a message. Closing the iterator stops the work. While another
        request is being answered nothing happens, and nothing is told.
        """
        talk = self._talk
        if not talk.busy.acquire(blocking=False):
            return
        with self._voice:
            yield from talk.answer(request, tuple(attachments), seed)

    def stop(self) -> None:
        """Stop the request that is being answered; what it has made is kept."""
        self._talk.stop()

    def reset(self) -> Iterator[View]:
        """Stop, forget everything that was said and shown, and tell what to show then.

        The new chat is there at once, even if the work of the old one takes long to stop.
        """
        left, self._talk = self._talk, _Talk(self._agent, self._root)
        self._left = True
        left.leave()
        return self._now(left)

    def settled(self) -> Iterator[View]:
        """What to show after the server's last word on a request; nothing: what it shows is true.

        Gradio ends a request by its last view once more, and if its chat was left, that may arrive
        after the empty view of the new one.
        """
        if self._left:
            with self._voice:
                yield self._talk.view

    def close(self) -> None:
        """Stop, and remove the results from the browser's folder; a library keeps its own."""
        self._talk.leave()
        self._talk.remove()

    def _now(self, left: _Talk) -> Iterator[View]:
        """What there is to show when the chat that was left has said its last word."""
        with self._voice:
            left.remove()
            yield self._talk.view


class _Talk:
    """One chat, from its first request until it is left for another one.

    Args:
        agent: Who answers.
        root: Where the folder of its results is made.

    Attributes:
        busy: Held while a request is being answered.
        view: What was told last.
    """

    def __init__(self, agent: Agent, root: Path) -> None:
        self.busy = threading.Lock()
        self.view = View()
        self._chat = Chat(agent)
        self._folder = Path(tempfile.mkdtemp(prefix="chat-", dir=root))
        self._token = CancelToken()
        self._told: _Told = SimpleQueue()
        self._left = False

    def answer(self, request: str, attachments: tuple[Path, ...], seed: int) -> Iterator[View]:
        """One turn, by who holds `busy`. A chat that was left says nothing any more."""
        past = self.view.messages
        turn = Transcript(request, attachments, lambda item: _kept(item, self._folder))
        pace = _Pace()
        self._chat.seed = seed
        self._begin(request, attachments)
        try:
            if not self._left:
                yield self._show(past, turn)
            while (told := self._told.get()) is not None and not self._left:
                if isinstance(told, Exception):
                    turn.fail(told)
                    continue
                turn.take(told)
                if pace.now(told):
                    yield self._show(past, turn)
        finally:
            self._token.cancel()
            turn.close()
            end = self._show(past, turn, busy=False)
        if not self._left:
            yield end

    def stop(self) -> None:
        """Stop the request that is being answered."""
        self._token.cancel()

    def leave(self) -> None:
        """Stop, and say no more."""
        self._left = True
        self._token.cancel()
        self._told.put(None)

    def remove(self) -> None:
        """Remove the results."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _begin(self, request: str, attachments: tuple[Path, ...]) -> None:
        """Work in a thread of its own: what takes long to stop must not hold up a new chat."""
        self._token = CancelToken()
        self._told = SimpleQueue()
        if self._left:
            self.leave()  # this turn, too
        threading.Thread(
            target=self._work,
            args=(request, attachments, self._token, self._told),
            name="modaverse-demo-turn",
            daemon=True,
        ).start()

    def _work(
        self, request: str, attachments: tuple[Path, ...], token: CancelToken, told: _Told
    ) -> None:
        """Put what happens, and None at the end."""
        try:
            if not request.strip() and attachments:
                raise RequestError("there is no request", hint="say what to do with the attachment")
            for event in self._chat.stream(request, attachments, cancel=token):
                told.put(event)
        except Exception as error:  # whatever it is, people get a sentence
            if not isinstance(error, ModaVerseError):
                _log.exception("a request failed by a fault of the program")
            told.put(error)
        finally:
            self.busy.release()
            told.put(None)

    def _show(self, past: list[Message], turn: Transcript, *, busy: bool = True) -> View:
        plan = turn.plan.model_dump(mode="json", exclude_defaults=True)
        self.view = View([*past, *turn.messages()], plan or None, busy)
        return self.view


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


def _kept(item: Item, folder: Path) -> Path:
    """The result as a file named by its handle, with its provenance inside."""
    target = folder / f"{item.handle}{_SUFFIXES[item.modality]}"
    if item.path is not None and item.path.suffix == target.suffix:
        return Path(shutil.copyfile(item.path, target))
    return item.save(target)
