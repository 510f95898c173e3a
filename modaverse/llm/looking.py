"""Who writes a plan where an adapter plans what is seen: the language model alone, or who looks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from modaverse.errors import ModaVerseError, PlanError
from modaverse.media import Video, modality_of

if TYPE_CHECKING:
    from modaverse.llm.base import LLMRequest, Message
    from modaverse.media import Modality
    from modaverse.plan import Handle, Plan, ToolCall

__all__ = ["Sight", "Turn"]

# Words about a file: neither a verdict, nor of the speaker, nor any of the standing replies.
_DESCRIBED = re.compile(
    r"(?!(yes|no|it is|i|you|all|here|hello|goodbye|nothing)\b)\w", re.IGNORECASE
)
# What a language model says of a file that has to be looked at, and of none that cannot be changed.
_BLIND = re.compile(r"\b(look inside|listen to|watch|see|hear)\b", re.IGNORECASE)
# Words for a file that is not the newest.
_EARLIER = re.compile(
    r"\b(first|second|third|earlier|older?|original|previous|before|attached|sent|uploaded)\b",
    re.IGNORECASE,
)
_HANDLE = re.compile(r"\b(?:image|audio|video)[0-9]+\b")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


@dataclass(frozen=True)
class Sight:
    """What an aligned model can perceive of a conversation.

    Attributes:
        modalities: What it sees and hears.
        system: Whether files of system messages are read, too.
    """

    modalities: frozenset[Modality]
    system: bool = False

    def anything(self, request: LLMRequest) -> bool:
        """Whether there is anything in the conversation that could be looked at."""
        return any(modality_of(value) in self.modalities for value in request.media.values())

    def brought(self, messages: Iterable[Message], request: LLMRequest) -> set[Handle]:
        """What is to be seen or heard of what comes with these messages of a request.

        An aligned model reads of an answer's results by their prompts alone, so they bring nothing:
        what a chat has made must not change how its next request is planned.
        """
        named = (message.handles for message in messages if message.role == "user" or self.system)
        return {name for names in named for name in names if self.sees(name, request)}

    def sees(self, name: Handle, request: LLMRequest) -> bool:
        """Whether a handle is of something that can be perceived."""
        return name in request.media and modality_of(request.media[name]) in self.modalities


@dataclass(frozen=True)
class Turn:
    """The newest turn of a conversation in which there is something to look at.

    Attributes:
        request: The conversation.
        sight: What can be perceived of it.
        alone: What the language model alone wrote, or why it wrote nothing.
        parse: Reads a plan.
    """

    request: LLMRequest
    sight: Sight
    alone: str | ModaVerseError
    parse: Callable[[str], Plan]

    @cached_property
    def look(self) -> LLMRequest | None:
        """What to ask who looks: at what a turn brings, and later if words speak of a file.

        Where media are planned by an adapter that knows little else, the language model plans later
        turns by itself, until it speaks of a file in words alone, by its handle ("I cannot look
        inside image1"): such an answer is for those who can. Where that is a file that an answer
        has made, they are asked as if it had just been attached.
        """
        request, plan = self.request, self._plan
        attached = self.sight.brought(request.messages, request)
        if self._brought or (plan is None and attached):
            return request
        if plan is None or plan.calls:
            return None
        named = _HANDLE.findall(plan.text)
        if not _BLIND.search(plan.text):
            return request if attached.intersection(named) else None
        meant = self._meant(named[0]) if named else None
        if meant is None or meant in attached:
            return request if meant else None
        *before, asked = request.messages
        told = [message for message in before if message.role == "system"]
        return replace(request, messages=(*told, replace(asked, handles=(meant,))))

    def settled(self, looked: str | ModaVerseError) -> str | ModaVerseError:
        """What was written with a look, or, where that hands a file to a tool, without.

        Changing a picture or taking the sound out of a video needs nobody who looks, and the
        language model knows more of the ways in which that is asked for. But who looks knows better
        where both make something of words, where it makes what no tool can make of the files, such
        as the sound of a picture, and where it describes them. (It takes nearly anything for the
        question whether it is something, so such an answer tells nothing. Nor does it know
        the options of tools that take files: what was said to one, "3 seconds", is believed.)
        And a still of a video is a new picture where who looks paints one, unless a time is told:
        it has rehearsed both ways, and the words for either are nearly the same.

        Of a result that was looked at apart from the conversation, only words are taken.

        Args:
            looked: What was written of `look`, or why nothing was.
        """
        plan, other = self._plan, self._read(looked)
        if plan is None:
            return looked
        if self.look is not self.request:
            return self.alone if other is None or other.calls else looked
        handed = [call for call in plan.calls if self._is_handed(call)]
        if not handed:
            return looked
        if other is None or any(self._is_said(call) for call in handed):
            return self.alone
        if not other.calls:
            return looked if _DESCRIBED.match(other.text) else self.alone
        return looked if self._knows_better(plan, other) else self.alone

    @cached_property
    def _plan(self) -> Plan | None:
        """What the language model alone plans; None if it is no plan."""
        return self._read(self.alone)

    @cached_property
    def _brought(self) -> set[Handle]:
        """What the newest message brings to look at."""
        return self.sight.brought(self.request.messages[-1:], self.request)

    def _read(self, text: str | ModaVerseError) -> Plan | None:
        """The plan that a text is; None if it is none."""
        if isinstance(text, ModaVerseError):
            return None
        try:
            return self.parse(text)
        except PlanError:
            return None

    def _meant(self, named: Handle) -> Handle | None:
        """The file that is meant where a handle is named: the newest like it, or of any kind.

        A language model that reads no handles of results has to count them, and mostly begins at
        the first. So its own handle is believed only where words speak of an earlier file; but what
        the person names is meant.
        """
        request, asked = self.request, self.request.messages[-1].text
        handles = [name for message in request.messages for name in message.handles]
        visible = [name for name in handles if self.sight.sees(name, request)]
        if named in asked or (named in visible and _EARLIER.search(asked)):
            return named if named in visible else None
        if named in request.media and not self.sight.sees(named, request):
            return None
        kind = named.rstrip("0123456789")
        alike = [name for name in visible if name.rstrip("0123456789") == kind]
        newest = (alike or visible)[-1:]
        return newest[0] if newest else None

    def _knows_better(self, plan: Plan, other: Plan) -> bool:
        """Whether who looks uses tools that the language model, too, feeds with words alone.

        Or makes what no tool can make of the files, or a picture where the other only takes one out
        of a video.
        """
        box = self.request.toolbox
        if all(map(self._is_still, plan.calls)) and all(map(self._is_painted, other.calls)):
            return True
        from_words = {call.tool for call in plan.calls if not box[call.tool].spec.inputs}
        if from_words.issuperset(call.tool for call in other.calls):
            return True
        given = {self.request.handles[handle] for handle in self._brought}
        of_files = {
            tool.spec.output
            for tool in box.values()
            if tool.spec.inputs and given.issuperset(slot.modality for slot in tool.spec.inputs)
        }
        made = of_files | {box[call.tool].spec.output for call in plan.calls}
        return made.isdisjoint(box[call.tool].spec.output for call in other.calls)

    def _is_handed(self, call: ToolCall) -> bool:
        """Whether a call takes a file of this turn; a silent video has no sound to be taken."""
        taken = self._brought.intersection(call.inputs)
        if self.request.toolbox[call.tool].spec.output != "audio":
            return bool(taken)
        values = [self.request.media[handle] for handle in taken]
        return any(not isinstance(value, Video) or value.audio is not None for value in values)

    def _is_still(self, call: ToolCall) -> bool:
        """Whether a call takes a picture out of a file as it is, from nowhere in particular."""
        makes = self.request.toolbox[call.tool].spec.output
        return makes == "image" and bool(call.inputs) and not call.prompt and not call.options

    def _is_painted(self, call: ToolCall) -> bool:
        """Whether a call makes a picture of words alone."""
        return self.request.toolbox[call.tool].spec.output == "image" and not call.inputs

    def _is_said(self, call: ToolCall) -> bool:
        """Whether an option of a call is a number that the newest message says."""
        words = re.findall(r"[\w.]*\w", self.request.messages[-1].text.lower())
        numbers = [
            float(value) for value in call.options.values() if isinstance(value, (int, float))
        ]
        said = {f"{number:g}" for number in numbers}
        said |= {_NUMBERS[int(number)] for number in numbers if number in range(len(_NUMBERS))}
        return not said.isdisjoint(words)
