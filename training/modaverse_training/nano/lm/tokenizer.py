"""The byte-level BPE of the nano language model, and its chat template.

Every byte has a token, so any text can be copied. Digits and punctuation marks stand alone. The
template sets a space before a request and after an opening quotation mark, so that a word has the
same tokens in the request as in the plan, where a prompt follows a colon and a space.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

VOCABULARY = 4096
PAD, USER, PLAN, END = "<|pad|>", "<|user|>", "<|plan|>", "<|end|>"
SPECIAL = (PAD, USER, PLAN, END)
PIECES = (
    r"(?:text|video|image)-to-(?:image|video|audio|speech)|add-soundtrack"
    r"| ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}]|\s"
)
_OPENINGS = ('"', "“", "«", "„", "'", "(", "‘", "[")
_REPLACED = "".join(f"|replace({(' ' + m)!r}, {(' ' + m + ' ')!r})" for m in _OPENINGS if m != "[")
CHAT_TEMPLATE = (
    "{%- for message in messages -%}"
    "{%- if message['role'] == 'user' -%}"
    "{%- set text = message['content']|string"
    + "".join(f"|replace({token!r}, '')" for token in SPECIAL)
    + "|trim -%}"
    "{{- '" + USER + "' -}}{{- (' ' + text)|replace('\\n', '\\n ')" + _REPLACED + " -}}"
    "{%- elif message['role'] == 'assistant' -%}"
    "{{- '" + PLAN + "' + message['content'] + '" + END + "' -}}"
    "{%- endif -%}"
    "{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{- '" + PLAN + "' -}}{%- endif -%}"
)


def shown(request: str, handles: Sequence[str] = ()) -> str:
    """The request as the chat template renders it: what the model reads of a user's message."""
    text = "".join(f"[{handle}]" for handle in handles) + (" " if handles else "") + request
    for token in SPECIAL:
        text = text.replace(token, "")
    text = (" " + text.strip()).replace("\n", "\n ")
    for mark in _OPENINGS:
        if mark != "[":
            text = text.replace(f" {mark}", f" {mark} ")
    return text


def train(texts: Iterable[str], size: int | None = None) -> PreTrainedTokenizerFast:
    """Learn the merges from texts and wrap the result for transformers.

    Args:
        texts: Rendered conversations.
        size: The number of tokens, special ones included.
    """
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
    from transformers import PreTrainedTokenizerFast

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size or VOCABULARY,
        special_tokens=list(SPECIAL),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token=PAD,
        eos_token=END,
        additional_special_tokens=[USER, PLAN],
        chat_template=CHAT_TEMPLATE,
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    )
