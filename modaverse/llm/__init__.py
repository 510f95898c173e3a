"""The LLMs that write plans: local transformers models, servers, and scripted ones for tests."""

from __future__ import annotations

from modaverse.llm.base import LLM, LLMRequest, Message, Role, Sampling, load_llm
from modaverse.llm.multimodal import MultimodalLLM
from modaverse.llm.openai import OpenAICompatibleLLM
from modaverse.llm.scripted import ScriptedLLM
from modaverse.llm.transformers import TransformersLLM

__all__ = [
    "LLM",
    "LLMRequest",
    "Message",
    "MultimodalLLM",
    "OpenAICompatibleLLM",
    "Role",
    "Sampling",
    "ScriptedLLM",
    "TransformersLLM",
    "load_llm",
]
