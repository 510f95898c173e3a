"""A conversation as the tokens that one local model reads: its template, its tools, its context.

Training and use read the same tokens because both come through here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from modaverse.errors import LLMError, RequestError
from modaverse.llm.backend import require
from modaverse.llm.base import LLMRequest
from modaverse.llm.prompting import Turn, defused, instructions, merged, turns

if TYPE_CHECKING:
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.media import Media
    from modaverse.plan import Handle
    from modaverse.toolbox import Toolbox

__all__ = ["Prompt", "Prompted"]

_ANSWER = 32  # tokens that must be left for an answer after the prompt
# Noncharacters of Unicode, which no text has; a person's own are taken out before these are put in.
_OPEN, _CLOSE = "\ufdd0", "\ufdd1"
_MARK = re.compile(f"{_OPEN}([0-9]+){_CLOSE}")


@dataclass(frozen=True, slots=True)
class Prompted:
    """What a model reads.

    Attributes:
        tokens: Of its vocabulary; where a soft token stands, the padding token.
        kinds: Of each token: 0 text, 1 vision, 2 audio.
        media: What the soft tokens stand for, in their order.
    """

    tokens: list[int]
    kinds: list[int]
    media: tuple[Handle, ...] = ()


class Prompt:
    """Puts requests into the words and tokens of one model; made once a model.

    Args:
        tokenizer: The model's, with its chat template; without one the turns are plain lines.
        settings: What the model's folder says about it.
        context: Tokens that prompt and answer may have together; may be infinity.
        places: The kinds of the soft tokens that stand for a value (1 vision, 2 audio); none for
            a value that the model does not perceive.
    """

    def __init__(
        self,
        tokenizer: Any,
        settings: ModelSettings,
        context: float,
        places: Callable[[Media], Sequence[int]] | None = None,
    ) -> None:
        self._tokenizer = tokenizer
        self._settings = settings
        self.context = context
        self._places = places
        template = str(tokenizer.chat_template or "")
        self._takes_tools = "tools" in template and settings.dialect == "json" and settings.system

    def tokens(self, request: LLMRequest) -> list[int]:
        """The tokens of `read`, for a model that reads nothing else."""
        return self.read(request).tokens

    def read(self, request: LLMRequest, *, answer: int = _ANSWER) -> Prompted:
        """What the model reads; the oldest turns are left out if they do not fit.

        Args:
            request: What is asked.
            answer: Tokens that must be left for the answer.

        Raises:
            RequestError: The last turn alone is too long.
        """
        perceived = self._perceived(request)
        conversation = self._conversation(request, perceived)
        system = [turn for turn in conversation if turn["role"] == "system"]
        spoken = conversation[len(system) :]
        while True:
            prompted = self._encoded(system + spoken, request.toolbox, perceived)
            if prompted is not None and len(prompted.tokens) + answer <= self.context:
                return prompted
            if len(spoken) <= 1:
                raise RequestError(
                    f"the request is too long: the model reads at most {self.context} tokens",
                    hint="shorten it, offer fewer tools, or take a model with a longer context",
                )
            spoken = spoken[2:] or spoken[-1:]  # a request and its answer go together

    def text(self, request: LLMRequest) -> str:
        """The whole conversation as the template writes it, without what is perceived."""
        return self._written(self._conversation(request, {}), request.toolbox)[0]

    def answer(self, text: str) -> list[int]:
        """The tokens of an answer as the model is to write it, with the one that ends it."""
        return [*self._inner(defused(self._control_tokens)(text)), self.end]

    @cached_property
    def end(self) -> int:
        """The token that the template writes after an answer, else the tokenizer's own end.

        Raises:
            LLMError: There is none.
        """
        special = {token for token in self._tokenizer.added_tokens_decoder if self._special(token)}
        for token in self._after_an_answer():
            if token in special:
                return token
        end: int | None = self._tokenizer.eos_token_id
        if end is None:
            raise LLMError(
                "the tokenizer names no token that ends an answer",
                hint="set eos_token in its tokenizer_config.json",
            )
        return end

    @cached_property
    def pad(self) -> int:
        """The token where none is read: padding, and the places of soft tokens."""
        pad: int | None = self._tokenizer.pad_token_id
        return self.end if pad is None else pad

    def _perceived(self, request: LLMRequest) -> dict[Handle, list[int]]:
        """The kinds of the soft tokens of each handle that has some."""
        if self._places is None:
            return {}
        found = {handle: list(self._places(value)) for handle, value in request.media.items()}
        return {handle: kinds for handle, kinds in found.items() if kinds}

    def _conversation(
        self, request: LLMRequest, perceived: Mapping[Handle, list[int]]
    ) -> list[Turn]:
        system = ""
        if self._settings.system and request.toolbox:  # without tools there is nothing to plan
            system = instructions(
                request.toolbox, dialect=self._settings.dialect, list_tools=not self._takes_tools
            )
        messages = request.messages
        if perceived:
            system = _unmarked(system)
            messages = tuple(replace(m, text=_unmarked(m.text)) for m in messages)
        after = {handle: f"{_OPEN}{n}{_CLOSE}" for n, handle in enumerate(perceived)}
        defuse = defused(self._control_tokens)
        return [
            turn if turn["role"] == "system" else {**turn, "content": defuse(turn["content"])}
            for turn in turns(messages, system, after)
        ]

    @cached_property
    def _longest_token(self) -> int:
        """Characters of the longest token."""
        return max(len(token) for token in self._tokenizer.get_vocab())

    @cached_property
    def _control_tokens(self) -> list[str]:
        added = self._tokenizer.added_tokens_decoder.values()
        return [token.content for token in added if token.special]

    def _special(self, token: int) -> bool:
        return bool(self._tokenizer.added_tokens_decoder[token].special)

    def _encoded(
        self, conversation: list[Turn], toolbox: Toolbox, perceived: Mapping[Handle, list[int]]
    ) -> Prompted | None:
        """The tokens; None if the text is so long that it need not be tokenized to know."""
        text, templated = self._written(conversation, toolbox)
        if len(text) > self.context * self._longest_token:
            return None
        handles = list(perceived)
        # text, number of a handle, text, number, text …
        first, *rest = _MARK.split(text) if perceived else [text]
        prompted = Prompted(tokens := self._pieces(first, special=not templated), [0] * len(tokens))
        media = []
        for number, piece in zip(rest[::2], rest[1::2], strict=True):
            handle = handles[int(number)]
            kinds = perceived[handle]
            words = self._inner(piece)
            prompted.tokens.extend([self.pad] * len(kinds) + words)
            prompted.kinds.extend(kinds + [0] * len(words))
            media.append(handle)
        return replace(prompted, media=tuple(media))

    def _pieces(self, text: str, *, special: bool = False) -> list[int]:
        tokens: list[int] = self._tokenizer(
            text,
            add_special_tokens=special,
            verbose=False,  # what is too long is refused here, not warned about
        )["input_ids"]
        return tokens

    def _inner(self, text: str) -> list[int]:
        """Tokens of text that goes on after others.

        SentencePiece puts a space before a text, which here would be one that nobody wrote. Behind
        a line break it puts none.
        """
        if not text or not self._puts_a_space:
            return self._pieces(text)
        head = self._pieces("\n")
        tokens = self._pieces("\n" + text)
        return tokens[len(head) :] if tokens[: len(head)] == head else self._pieces(text)

    @cached_property
    def _puts_a_space(self) -> bool:
        return bool(self._tokenizer.convert_ids_to_tokens(self._pieces("a"))[0].startswith("▁"))

    def _after_an_answer(self) -> list[int]:
        """The tokens that the template writes after an answer, before anything else is said."""
        if not self._tokenizer.chat_template:
            return []
        said = [{"role": "user", "content": "a"}, {"role": "assistant", "content": _OPEN}]
        text = self._tokenizer.apply_chat_template(said, tokenize=False)
        return self._pieces(text.partition(_OPEN)[2])

    def _written(self, conversation: list[Turn], toolbox: Toolbox) -> tuple[str, bool]:
        """The conversation as one text, and whether the model's own template wrote it."""
        if not self._tokenizer.chat_template:
            lines = [f"{turn['role'].capitalize()}: {turn['content']}\n" for turn in conversation]
            return "".join(lines) + "Assistant:", False
        try:
            return self._templated(conversation, toolbox), True
        except require("jinja2").TemplateError:
            return self._templated(merged(conversation), toolbox), True  # it has no system turn

    def _templated(self, conversation: list[Turn], toolbox: Toolbox) -> str:
        text: str = self._tokenizer.apply_chat_template(
            conversation,
            tools=toolbox.json_schemas() if self._takes_tools else None,
            tokenize=False,
            add_generation_prompt=True,
            enable_thinking=False,  # a plan is short; templates that know no thinking ignore this
        )
        return text


def _unmarked(text: str) -> str:
    """A text without the characters that our marks are made of."""
    return text.replace(_OPEN, "\ufffd").replace(_CLOSE, "\ufffd")
