"""Tiny random language models in the real file formats, to test loading and decoding with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from modaverse.llm.backend import quiet, require

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

__all__ = ["Architecture", "write_adapter", "write_checkpoint"]

Architecture = Literal["qwen3", "llama"]

_END = "<|im_end|>"
_SPECIAL = (_END, "<|im_start|>")
_CORPUS = (
    "text-to-image: a red fox in the snow\ntext-to-image with {}: the big house by the sea",
    "text-to-speech with {}: Hello, I am a fox. Here is your picture. Here are your 2 pictures.",
    "text-to-video from image1: the dog jumps\ntext-to-audio: rain and thunder in the night",
    '{"text":"","calls":[{"tool":"text-to-image","prompt":"a","inputs":["image1"],"options":{}}]}',
)
# ChatML, with the tools in the system turn as the instruct models have them
_TEMPLATE = """\
{%- if tools %}{{ '<|im_start|>system\\n' }}
{%- if messages[0].role == 'system' %}{{ messages[0].content + '\\n' }}{% endif %}
{%- for tool in tools %}{{ (tool | tojson) + '\\n' }}{% endfor %}{{ '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
{%- if not (tools and loop.first and message.role == 'system') %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"""


def write_checkpoint(
    folder: Path | str,
    *,
    architecture: Architecture = "qwen3",
    width: int = 32,
    layers: int = 2,
    positions: int = 8192,
    seed: int = 0,
) -> Path:
    """Write a random causal LM with a byte-level BPE tokenizer and a ChatML template.

    Args:
        folder: Where to; made if it is not there.
        architecture: Model class of transformers.
        width: Size of a hidden state; a multiple of 16.
        layers: Number of transformer blocks.
        positions: Longest context, in tokens.
        seed: Start of the random weights; the same seed writes the same weights.

    Returns:
        The folder, which `from_pretrained` and `TransformersLLM` read.

    Raises:
        BackendMissing: torch, transformers or tokenizers is not installed.
    """
    torch = require("torch")
    folder = Path(folder)
    tokenizer = _tokenizer()
    config = _config(architecture, len(tokenizer), width, layers, positions)
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        model = require("transformers").AutoModelForCausalLM.from_config(config)
        model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_adapter(folder: Path | str, base: Path | str, *, rank: int = 2, seed: int = 0) -> Path:
    """Write a LoRA adapter with random weights for the model in `base`; gives the folder.

    Raises:
        BackendMissing: torch, transformers or peft is not installed.
    """
    torch, peft = require("torch"), require("peft")
    folder = Path(folder)
    with torch.random.fork_rng(devices=[]), quiet():
        torch.manual_seed(seed)
        model = require("transformers").AutoModelForCausalLM.from_pretrained(base)
        lora = peft.LoraConfig(
            r=rank,
            lora_alpha=16 * rank,
            target_modules=["q_proj", "v_proj"],
            init_lora_weights=False,  # the usual start is zero, which would change nothing
            task_type="CAUSAL_LM",
        )
        peft.get_peft_model(model, lora).save_pretrained(folder)
    return folder


def _tokenizer() -> PreTrainedTokenizerFast:
    tokenizers, transformers = require("tokenizers"), require("transformers")
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=512,
        special_tokens=list(_SPECIAL),
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(_CORPUS, trainer)
    tokenizer: PreTrainedTokenizerFast = transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, eos_token=_END, pad_token=_END
    )
    tokenizer.chat_template = _TEMPLATE
    return tokenizer


def _config(
    architecture: Architecture, vocabulary: int, width: int, layers: int, positions: int
) -> Any:
    transformers = require("transformers")
    kinds = {"qwen3": transformers.Qwen3Config, "llama": transformers.LlamaConfig}
    end = 0  # `_END` is the first special token
    return kinds[architecture](
        vocab_size=vocabulary,
        hidden_size=width,
        intermediate_size=2 * width,
        num_hidden_layers=layers,
        num_attention_heads=2,
        num_key_value_heads=2,
        head_dim=width // 2,
        max_position_embeddings=positions,
        tie_word_embeddings=True,
        bos_token_id=None,
        eos_token_id=end,
        pad_token_id=end,
    )
