"""The agent: from a request to a plan, from a plan to media, or all the way in one step."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field

from modaverse.cancel import CancelToken
from modaverse.conversation import Attachment, Conversation, number, opened
from modaverse.errors import RequestError
from modaverse.events import Event, Reply, gathered
from modaverse.library import Library
from modaverse.llm.base import LLM, Sampling, load_llm
from modaverse.media import Limits, Media
from modaverse.plan import Plan
from modaverse.provenance import Provenance
from modaverse.runner import Runner, RunSettings
from modaverse.toolbox import Toolbox
from modaverse.turn import Turn, TurnSettings

if TYPE_CHECKING:
    from modaverse.residency import Residency
    from modaverse.tool import Tool

__all__ = ["Agent", "AgentSettings"]


class AgentSettings(BaseModel):
    """How an agent works.

    Attributes:
        max_rounds: How often the LLM may plan for one request; from the second time on it sees
            the short faces of the results so far.
        max_tokens: Longest answer of the LLM, in its tokens.
        temperature: 0 takes the likeliest token each time.
        top_p: Only the likeliest tokens that together reach this share are sampled.
        system: A message to the LLM before all others.
        history: Earlier turns of a chat that the LLM reads.
        max_request: Longest request, in characters.
        max_attachments: Most attachments to one request.
        run: How calls are run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_rounds: int = Field(default=1, ge=1, le=10)
    max_tokens: int = Field(default=512, ge=16, le=65_536)
    temperature: float = Field(default=0.0, ge=0, le=2)
    top_p: float = Field(default=1.0, gt=0, le=1)
    system: str = ""
    history: int = Field(default=8, ge=0, le=1000)
    max_request: int = Field(default=20_000, ge=1)
    max_attachments: int = Field(default=32, ge=0)
    run: RunSettings = RunSettings()


class Agent:
    """Answers requests made of text and media with text and media.

    Args:
        llm: What plans: "nano" for the one that comes with the package, a model folder or hub id,
            `http://host/v1#model`, or an LLM. It is loaded when it is first needed.
        toolbox: The tools it may call; by default all that are installed.
        library: Where each result is written as soon as it is made, a Library or its folder;
            None: nowhere.
        settings: Limits and habits.
        limits: What attachments may be.
        residency: What loads tools; by default the one of the whole process, on the CPU.

    Example:
        >>> reply = Agent().chat("Draw a red fox in the snow")  # doctest: +SKIP
        >>> reply.images[0].save("fox.png")  # doctest: +SKIP

    In a `with` block it lets go of its models at the end (see `close`).
    """

    def __init__(
        self,
        llm: LLM | str = "nano",
        toolbox: Toolbox | Iterable[Tool] | None = None,
        *,
        library: Library | str | os.PathLike[str] | None = None,
        settings: AgentSettings | None = None,
        limits: Limits | None = None,
        residency: Residency | None = None,
    ) -> None:
        self.settings = settings or AgentSettings()
        self.limits = limits or Limits()
        self._runner = Runner(
            _toolbox(toolbox),
            library=_library(library),
            residency=residency,
            settings=self.settings.run,
        )
        self._llm = llm
        self._loading = threading.Lock()

    @property
    def llm(self) -> LLM:
        """What plans; the first use of it loads it.

        Raises:
            ConfigError: The name given is no LLM's.
            BackendMissing: A package or weights are missing.
        """
        with self._loading:
            if isinstance(self._llm, str):
                self._llm = load_llm(self._llm)
            return self._llm

    @property
    def toolbox(self) -> Toolbox:
        """The tools that it may call."""
        return self._runner.toolbox

    @property
    def library(self) -> Library | None:
        """Where results are written."""
        return self._runner.library

    @property
    def residency(self) -> Residency:
        """What loads and unloads tools."""
        return self._runner.residency

    def plan(
        self, request: str, attachments: Attachment | Sequence[Attachment] = (), *, seed: int = 0
    ) -> Plan:
        """What the agent would do, without doing it.

        Raises:
            RequestError: The request is empty, too long, or speaks of what is not there.
            MediaError: An attachment cannot be read.
            PlanError: The LLM wrote no plan that holds.
            LLMError: The LLM cannot be reached or fails.
        """
        return self.turn(self.ask(request, attachments), seed=seed).plan()

    def run(
        self,
        plan: Plan,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        seed: int = 0,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Run a plan, maybe one that a person has edited.

        Args:
            plan: The plan.
            attachments: What it calls `image1`, `audio1` …, in the order of the request.
            seed: The same seed gives the same results.
            cancel: Stops the run; what was made until then is in the reply.

        Raises:
            PlanError: The plan does not hold; every problem is listed.
            MediaError: An attachment cannot be read.
        """
        media = number(self._opened(attachments))
        return gathered(plan, self._runner.run(plan, media, seed=seed, cancel=cancel))

    def chat(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        seed: int = 0,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Answer one request; nothing of it is remembered (see Chat).

        Raises:
            RequestError: The request is empty, too long, or speaks of what is not there.
            MediaError: An attachment cannot be read.
            PlanError: The LLM wrote no plan that holds.
            LLMError: The LLM cannot be reached or fails.
            Cancelled: Cancelled before there was a plan.
        """
        return self.turn(self.ask(request, attachments), seed=seed, cancel=cancel).run()

    def stream(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        seed: int = 0,
        cancel: CancelToken | None = None,
    ) -> Iterator[Event]:
        """Answer one request and tell what happens; raises as `chat` does.

        Closing the iterator stops the work. The last event is ReplyReady.
        """
        return self.turn(self.ask(request, attachments), seed=seed, cancel=cancel).events()

    def rerun(
        self,
        path: str | os.PathLike[str],
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        cancel: CancelToken | None = None,
    ) -> Reply:
        """Make the result in a file again, from the provenance inside it.

        Args:
            path: A file that ModaVerse made.
            attachments: The media that it was made from, in order, as far as the library does not
                have them.
            cancel: Stops it.

        Raises:
            LibraryError: The file does not say how it was made.
            RequestError: Media that it was made from are missing.
            PlanError: Its tool is not in the toolbox.
            MediaError: The file or an attachment cannot be read.
        """
        made = Library.read(path)
        inputs = self._recalled(made, self._opened(attachments))
        return gathered(Plan(), self._runner.rerun(made, inputs, cancel=cancel))

    def ask(
        self,
        request: str,
        attachments: Attachment | Sequence[Attachment] = (),
        *,
        talk: Conversation | None = None,
    ) -> Conversation:
        """A conversation that ends in `request`, having checked it and loaded its attachments.

        Raises:
            RequestError: The request is empty, too long, or speaks of what is not there.
            MediaError: An attachment cannot be read.
        """
        _check_request(request, self.settings.max_request)
        return (talk or Conversation()).ask(request, self._opened(attachments))

    def turn(self, talk: Conversation, *, seed: int = 0, cancel: CancelToken | None = None) -> Turn:
        """The turn that answers a conversation's last request; nothing happens yet."""
        settings = self.settings
        sampling = Sampling(
            seed=seed,
            temperature=settings.temperature,
            top_p=settings.top_p,
            max_tokens=settings.max_tokens,
        )
        planning = TurnSettings(
            sampling=sampling,
            max_rounds=settings.max_rounds,
            history=settings.history,
            system=settings.system,
        )
        return Turn(self.llm, self._runner, talk, settings=planning, cancel=cancel)

    def close(self) -> None:
        """Let go of the LLM, of idle tools and of the library's index, to free their memory.

        Tools at work stay until they are done. What is used again afterwards is loaded again.
        """
        with self._loading:
            unload = getattr(self._llm, "unload", None)  # not every LLM holds something
        if unload is not None:
            unload()
        self.residency.unload()
        if self.library is not None:
            self.library.close()

    def __enter__(self) -> Self:
        """The agent itself; leaving the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def __repr__(self) -> str:
        """The LLM and the tools."""
        name = self._llm if isinstance(self._llm, str) else self._llm.name
        return f"Agent({name!r}, {self.toolbox!r})"

    def _opened(self, attachments: Attachment | Sequence[Attachment]) -> tuple[Media, ...]:
        return opened(attachments, limits=self.limits, most=self.settings.max_attachments)

    def _recalled(self, made: Provenance, given: Sequence[Media]) -> tuple[Media | str, ...]:
        """The media that a result was made from: from the library, else those given, in order."""
        waiting = list(given)
        inputs: list[Media | str] = []
        for digest in made.inputs:
            if self.library is not None and digest in self.library:
                inputs.append(self.library.get(digest).load())
            elif waiting:
                inputs.append(waiting.pop(0))
            else:
                raise RequestError(
                    f"it was made from {len(made.inputs)} media, and not all of them are here",
                    hint="attach the files it was made from, in their order",
                )
        return tuple(inputs)


def _check_request(request: object, most: int) -> None:
    """Refuse what is no request."""
    if not isinstance(request, str):
        raise RequestError(f"the request is {type(request).__name__}, not text", hint="pass a str")
    if not request.strip():
        raise RequestError("the request is empty", hint="say what you would like to have")
    if len(request) > most:
        raise RequestError(
            f"the request has {len(request):,} characters, more than {most:,}",
            hint="say it in fewer words",
        )


def _toolbox(tools: Toolbox | Iterable[Tool] | None) -> Toolbox:
    if tools is None:
        return Toolbox.default()
    return tools if isinstance(tools, Toolbox) else Toolbox(tools)


def _library(library: Library | str | os.PathLike[str] | None) -> Library | None:
    return library if library is None or isinstance(library, Library) else Library(library)
