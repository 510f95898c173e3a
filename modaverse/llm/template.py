"""A conversation as the tokens that one local model reads: its template, its tools, its context."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from modaverse.errors import RequestError
from modaverse.llm.backend import require
from modaverse.llm.base import LLMRequest
from modaverse.llm.prompting import Turn, defused, instructions, merged, turns

if TYPE_CHECKING:
    from modaverse.llm.checkpoint import ModelSettings
    from modaverse.toolbox import Toolbox

__all__ = ["Prompt"]

_ANSWER = 32  # tokens that must be left for an answer after the prompt


class Prompt:
    """Puts requests into the words and tokens of one model; made once a model.

    Args:
        tokenizer: The model's, with its chat template; without one the turns are plain lines.
        settings: What the model's folder says about it.
        context: Tokens that prompt and answer may have together; may be infinity.
    """

    def __init__(self, tokenizer: Any, settings: ModelSettings, context: float) -> None:
        self._tokenizer = tokenizer
        self._settings = settings
        self.context = context
        template = str(tokenizer.chat_template or "")
        self._takes_tools = "tools" in template and settings.dialect == "json" and settings.system

    def tokens(self, request: LLMRequest) -> list[int]:
        """The prompt's tokens; the oldest turns are left out if they do not fit.

        Raises:
            RequestError: The last turn alone is too long.
        """
        conversation = self._conversation(request)
        system = [turn for turn in conversation if turn["role"] == "system"]
        spoken = conversation[len(system) :]
        while True:
            tokens = self._encoded(system + spoken, request.toolbox)
            if tokens is not None and len(tokens) + _ANSWER <= self.context:
                return tokens
            if len(spoken) <= 1:
                raise RequestError(
                    f"the request is too long: the model reads at most {self.context} tokens",
                    hint="shorten it, offer fewer tools, or take a model with a longer context",
                )
            spoken = spoken[2:] or spoken[-1:]  # a request and its answer go together

    def _conversation(self, request: LLMRequest) -> list[Turn]:
        system = ""
        if self._settings.system:
            system = instructions(
                request.toolbox, dialect=self._settings.dialect, list_tools=not self._takes_tools
            )
        defuse = defused(self._control_tokens)
        return [
            turn if turn["role"] == "system" else {**turn, "content": defuse(turn["content"])}
            for turn in turns(request.messages, system)
        ]

    @cached_property
    def _longest_token(self) -> int:
        """Characters of the longest token."""
        return max(len(token) for token in self._tokenizer.get_vocab())

    @cached_property
    def _control_tokens(self) -> list[str]:
        added = self._tokenizer.added_tokens_decoder.values()
        return [token.content for token in added if token.special]

    def _encoded(self, conversation: list[Turn], toolbox: Toolbox) -> list[int] | None:
        """The tokens; None if the text is so long that it need not be tokenized to know."""
        text, templated = self._written(conversation, toolbox)
        if len(text) > self.context * self._longest_token:
            return None
        tokens: list[int] = self._tokenizer(
            text,
            add_special_tokens=not templated,
            verbose=False,  # what is too long is refused here, not warned about
        )["input_ids"]
        return tokens

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
