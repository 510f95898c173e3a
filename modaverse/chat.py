"""A chat: turns that know what was said and made before."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from modaverse.agent import Agent
from modaverse.cancel import CancelToken
from modaverse.conversation import Attachment, Conversation
from modaverse.events import Event, Reply
from modaverse.media import Media
from modaverse.plan import Handle, Plan
from modaverse.runner import seed_for
from modaverse.turn import Turn

__all__ = ["Chat", "ChatTurn"]


@dataclass(frozen=True)
class ChatTurn:
    """One exchange of a chat.

    Attributes:
        request: What was asked.
        attachments: Handles of the media that came with it.
        reply: The answer; of a turn that was stopped, what there was of it.
    """

    request: str
    attachments: tuple[Handle, ...]
    reply: Reply


class Chat:
    """A conversation with an agent, in which "make it darker" finds what was made before.

    Not for several threads at once: a turn begins where the last one ended.

    Args:
        agent: Who answers.
        seed: The same seed and the same requests give the same results.

    Example:
        >>> chat = Chat(Agent())  # doctest: +SKIP
        >>> chat.send("Draw a red fox")  # doctest: +SKIP
        >>> chat.send("Now as a video").videos[0].save("fox.mp4")  # doctest: +SKIP
    """

    def __init__(self, agent: Agent, *, seed: int = 0) -> None:
        self.agent = agent
        self.seed = seed
        self._talk = Conversation()
        self._past: tuple[tuple[Conversation, ChatTurn], ...] = ()  # what was before each turn

    @property
    def turns(self) -> tuple[ChatTurn, ...]:
        """What was said, oldest first."""
        return tuple(turn for _, turn in self._past)

    @property
    def media(self) -> Mapping[Handle, Media | str]:
        """All that requests can speak of, by handle: attachments and results."""
        return MappingProxyType(dict(self._talk.media))

    def send(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Say something and get the answer.

        A turn that raises leaves the chat as it was.

        Raises:
            RequestError: The request is empty, too long, or speaks of what is not there.
            MediaError: An attachment cannot be read.
            PlanError: The LLM wrote no plan that holds.
            LLMError: The LLM cannot be reached or fails.
            Cancelled: Cancelled before there was a plan.
        """
        turn = self._turn(request, attachments, cancel)
        try:
            return turn.run()
        finally:
            self._remember(turn)

    def stream(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]:
        """Say something and be told what happens; raises as `send` does.

        If the iterator is closed early, the chat remembers what was made until then.
        """
        return self._events(self._turn(request, attachments, cancel))

    def plan(self, request: str, attachments: Attachment | Sequence[Attachment] = ()) -> Plan:
        """What the answer would do; the chat does not remember having been asked."""
        return self._turn(request, attachments, None).plan()

    def undo(self) -> ChatTurn | None:
        """Forget the newest turn and what came of it, and give it; None if nothing was said.

        Results stay in the library.
        """
        if not self._past:
            return None
        *past, (self._talk, last) = self._past
        self._past = tuple(past)
        return last

    def clear(self) -> None:
        """Forget everything; results stay in the library."""
        self._talk, self._past = Conversation(), ()

    def __repr__(self) -> str:
        """How long it is and what it holds."""
        return f"Chat({len(self._past)} turns, {', '.join(self._talk.media) or 'no media'})"

    def _turn(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment],
        cancel: CancelToken | None,
    ) -> Turn:
        talk = self.agent.ask(request, attachments, talk=self._talk)
        # Each turn has its own seed, so that "again" makes something else.
        count = len(self._past)
        seed = seed_for(self.seed, -count) if count else self.seed
        return self.agent.turn(talk, seed=seed, cancel=cancel)

    def _events(self, turn: Turn) -> Iterator[Event]:
        try:
            yield from turn.events()
        finally:
            self._remember(turn)

    def _remember(self, turn: Turn) -> None:
        if not turn.planned:
            return
        asked = turn.talk.messages[-1]
        told = ChatTurn(asked.text, asked.handles, turn.reply)
        self._past, self._talk = (*self._past, (self._talk, told)), turn.conversation()
