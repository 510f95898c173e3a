"""Toolboxes: the tools that an agent may call, with a lazy table of the built-in ones."""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import inspect
import json
import logging
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from modaverse.errors import (
    BackendMissing,
    ConfigError,
    RequestError,
    ToolDefinitionError,
)
from modaverse.tool import Tool, ToolSpec

__all__ = ["BUILT_IN", "ENTRY_POINTS", "Toolbox"]

BUILT_IN: Mapping[str, str] = {
    "text-to-image": "modaverse_tools.diffusion:TextToImage",
    "text-to-video": "modaverse_tools.diffusion:TextToVideo",
    "text-to-audio": "modaverse_tools.diffusion:TextToAudio",
    "text-to-speech": "modaverse_tools.speech:text_to_speech",
    "image-to-image": "modaverse_tools.pictures:ImageToImage",
    "image-to-video": "modaverse_tools.pictures:ImageToVideo",
    "add-soundtrack": "modaverse_tools.video:add_soundtrack",
    "video-to-image": "modaverse_tools.video:video_to_image",
    "video-to-audio": "modaverse_tools.video:video_to_audio",
}
ENTRY_POINTS = "modaverse.tools"

log = logging.getLogger(__name__)


class Toolbox(Mapping[str, Tool]):
    """An immutable set of tools by name, in order.

    Args:
        tools: Tools; their names must differ.

    Raises:
        ToolDefinitionError: Something is no tool, or two share a name.

    Attributes:
        problems: Plugins that could not be used, one sentence each.
    """

    def __init__(self, tools: Iterable[Tool] = ()) -> None:
        self.problems: tuple[str, ...] = ()
        self._entries: dict[str, Tool | str] = {}  # a str is a reference "module:attribute"
        for item in tools:
            name = _checked(item).spec.name
            if name in self._entries:
                raise ToolDefinitionError(
                    f"two tools are named '{name}'", tool=name, hint="rename or drop one of them"
                )
            self._entries[name] = item

    @classmethod
    def default(cls) -> Toolbox:
        """The built-in tools, then those of installed plugins. Loads no model.

        A plugin that is broken, or takes a name that is taken, is left out and told of in
        `.problems`; it never costs the other tools.
        """
        box = cls()
        box._entries.update(BUILT_IN)
        problems = []
        for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
            try:
                box._add_plugin(point.load())
            except Exception as error:  # a plugin is somebody else's code
                problems.append(f"plugin '{point.name}' ({point.value}): {error}")
                log.warning("left out %s", problems[-1])
        box.problems = tuple(problems)
        return box

    def __getitem__(self, name: str) -> Tool:
        """The tool of this name; imports its module if it is a built-in not used before."""
        entry = self._entries[name]
        if isinstance(entry, str):
            entry = self._entries[name] = _resolved(entry)
        return entry

    def __iter__(self) -> Iterator[str]:
        """Names in order."""
        return iter(self._entries)

    def __len__(self) -> int:
        """Number of tools."""
        return len(self._entries)

    def __contains__(self, name: object) -> bool:
        """Whether there is a tool of this name; imports nothing."""
        return name in self._entries

    def __or__(self, other: Toolbox | Tool) -> Toolbox:
        """Both; where names meet, the right one stands."""
        right = other if isinstance(other, Toolbox) else Toolbox([other])
        return self._with({**self._entries, **right._entries}, right.problems)

    def __repr__(self) -> str:
        """The names."""
        return f"Toolbox({', '.join(self._entries)})"

    def without(self, *names: str) -> Toolbox:
        """The toolbox less these tools.

        Raises:
            RequestError: There is no tool of such a name.
        """
        self._check_names(names)
        return self._with({k: v for k, v in self._entries.items() if k not in names})

    def only(self, *names: str) -> Toolbox:
        """The toolbox of just these tools, in this order.

        Raises:
            RequestError: There is no tool of such a name.
        """
        self._check_names(names)
        return self._with({name: self._entries[name] for name in names})

    def with_model(self, name: str, model: str) -> Toolbox:
        """The toolbox with another model behind a tool that can change it.

        Args:
            name: The tool; its class takes the model as an argument.
            model: What the tool calls a model: mostly a folder, or a name on a hub.

        Raises:
            RequestError: There is no such tool.
            ConfigError: The tool has no model to choose.
        """
        self._check_names([name])
        make: Callable[..., Tool] = type(self[name])
        if "model" not in inspect.signature(make).parameters:
            raise ConfigError(
                f"the tool '{name}' has no model that could be another one",
                hint="`modaverse tools` lists those that have one, with its name",
            )
        return self | make(model=model)

    def specs(self) -> tuple[ToolSpec, ...]:
        """What each tool says about itself, in order."""
        return tuple(tool.spec for tool in self.values())

    def describe(self) -> str:
        """The tools for an LLM to read, one a line: name, inputs, output, purpose, options."""
        return "\n".join(_described(spec) for spec in self.specs())

    def json_schemas(self) -> list[dict[str, Any]]:
        """The tools in the `tools` format of OpenAI-compatible servers.

        The arguments of a function are those of a ToolCall: `prompt`, `inputs`, `options`.
        """
        return [_function_schema(spec) for spec in self.specs()]

    def _add_plugin(self, offered: object) -> None:
        """Take in what an entry point names: a tool, a tool class, or several tools."""
        if isinstance(offered, type) and issubclass(offered, Tool):
            offered = _instance(offered)
        several = isinstance(offered, Iterable) and not isinstance(offered, (Tool, Mapping))
        found = Toolbox(offered if several else [offered])  # type: ignore[list-item, arg-type]
        if taken := [name for name in found if name in self._entries]:
            raise ToolDefinitionError(
                f"the name '{taken[0]}' is taken",
                tool=taken[0],
                hint="its author must choose another name",
            )
        self._entries.update(found._entries)

    def _with(self, entries: Mapping[str, Tool | str], problems: tuple[str, ...] = ()) -> Toolbox:
        box = Toolbox()
        box._entries = dict(entries)
        box.problems = self.problems + problems
        return box

    def _check_names(self, names: Iterable[str]) -> None:
        if unknown := [name for name in names if name not in self._entries]:
            raise RequestError(
                f"there is no tool '{unknown[0]}'", hint=f"the tools are: {', '.join(self)}"
            )


@functools.cache
def _instance(kind: type[Tool]) -> Tool:
    """One object of a class in a process, so that its model loads once."""
    return kind()


@functools.cache
def _resolved(reference: str) -> Tool:
    """The tool at "module:attribute"; the same object each time, so that models load once.

    Raises:
        BackendMissing: The module cannot be imported.
    """
    module_name, _, attribute = reference.partition(":")
    try:
        found = getattr(importlib.import_module(module_name), attribute)
    except ImportError as error:
        raise BackendMissing(
            f"the tools in {module_name} cannot be imported: {error}", hint="pip install modaverse"
        ) from error
    return _checked(_instance(found) if isinstance(found, type) else found)


def _checked(item: object) -> Tool:
    if isinstance(item, Tool):
        return item
    given = getattr(item, "__name__", repr(item))
    hint = f"pass an instance, {given}()" if isinstance(item, type) else "put @tool above it"
    raise ToolDefinitionError(f"'{given}' is no tool", tool=str(given), hint=hint)


def _described(spec: ToolSpec) -> str:
    slots = [f"{slot.modality}{'' if slot.required else '?'}" for slot in spec.inputs]
    purpose = re.sub(r"\s+", " ", spec.description)
    properties = spec.option_schema()["properties"]
    options = ", ".join(f"{name} ({_range(rule)})" for name, rule in properties.items())
    head = f"- {spec.name}: {' + '.join(['prompt', *slots])} -> {spec.output}. {purpose}"
    return f"{head} Options: {options}." if options else head


def _range(rule: Mapping[str, Any]) -> str:
    """What an option may be and is by default, in short: `80..400, default 165`."""
    if "enum" in rule:
        allowed = "|".join(str(value) for value in rule["enum"])
    elif "minimum" in rule and "maximum" in rule:
        allowed = f"{rule['minimum']}..{rule['maximum']}"
    else:
        allowed = str(rule.get("type", "any"))
    default = rule.get("default")
    return allowed if default is None else f"{allowed}, default {json.dumps(default)}"


def _function_schema(spec: ToolSpec) -> dict[str, Any]:
    required = sum(slot.required for slot in spec.inputs)
    properties: dict[str, Any] = {"prompt": {"type": "string"}}
    if spec.inputs:
        slots = ", then ".join(f"the handle of {slot.modality}" for slot in spec.inputs)
        properties["inputs"] = {
            "type": "array",
            "items": {"type": "string"},
            "minItems": required,
            "maxItems": len(spec.inputs),
            "description": f"{slots}; such as {spec.inputs[0].modality}1, or #1 for call 1",
        }
    if spec.options.model_fields:
        properties["options"] = spec.option_schema()
    return {
        "type": "function",
        "function": {
            "name": spec.name,
            "description": spec.description,
            "parameters": {
                "type": "object",
                "properties": properties,
                "required": ["prompt", "inputs"] if required else ["prompt"],
                "additionalProperties": False,
            },
        },
    }
