"""What a tool says about itself: inputs, options and output, read from a typed signature."""

from __future__ import annotations

import inspect
import json
import re
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, PydanticUserError, ValidationError, create_model
from pydantic.fields import FieldInfo

from modaverse.errors import Cancelled, ToolDefinitionError, ToolError
from modaverse.media import Audio, Image, Media, Modality, Video, modality_of

__all__ = [
    "Context",
    "InputSpec",
    "Signature",
    "ToolOptions",
    "ToolSpec",
    "read_signature",
    "tool_name",
]

_MODALITIES: Mapping[Any, Modality] = {str: "text", Image: "image", Audio: "audio", Video: "video"}
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_DOC_SECTION = re.compile(r"^(Args|Arguments|Returns|Raises|Yields|Examples?|Notes?):\s*$", re.M)
_LONGEST_NAME = 64  # the limit of OpenAI-compatible servers

Styled = Literal["model", "keywords", "none"]


def _ignore_progress(step: int, total: int, preview: Image | None) -> None:
    """Default of `Context.progress`."""


def _ignore_note(text: str) -> None:
    """Default of `Context.note`."""


def _never() -> bool:
    """Default of `Context.cancelled`."""
    return False


@dataclass(frozen=True)
class Context:
    """What a run hands to a tool beside its arguments.

    Attributes:
        seed: Same seed, same arguments: same result on the same machine.
        device: Where models run, in torch's words ("cpu", "cuda:0").
        progress: Called with step (1..total), total, and a preview picture or None.
        cancelled: True once somebody asked to stop.
        note: Called with what a person should know of a result that was made all the same, in one
            sentence.
    """

    seed: int = 0
    device: str = "cpu"
    progress: Callable[[int, int, Image | None], None] = _ignore_progress
    cancelled: Callable[[], bool] = _never
    note: Callable[[str], None] = _ignore_note

    def check(self) -> None:
        """Raise Cancelled if somebody asked to stop."""
        if self.cancelled():
            raise Cancelled

    def report(self, step: int, total: int, preview: Image | None = None) -> None:
        """Tell how far the work has come, and raise Cancelled if somebody asked to stop."""
        self.check()
        self.progress(step, total, preview)


class ToolOptions(BaseModel):
    """Base for the options of a class tool: frozen, and an unknown option is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


@dataclass(frozen=True)
class InputSpec:
    """A media value (or text) that a tool takes beside its prompt."""

    name: str
    modality: Modality
    required: bool = True


@dataclass(frozen=True)
class ToolSpec:
    """All that a planner must know of a tool.

    Attributes:
        name: Lower-case words joined by hyphens, unique in a toolbox.
        description: What the tool does, as the LLM reads it.
        output: Modality of the result.
        inputs: Media it takes, in order, required ones first.
        options: Model whose fields are the options; each has a default.
        needs: Packages it cannot work without, as pip names them.
    """

    name: str
    description: str
    output: Modality
    inputs: tuple[InputSpec, ...] = ()
    options: type[BaseModel] = ToolOptions
    needs: tuple[str, ...] = ()

    def option_schema(self) -> dict[str, Any]:
        """JSON schema of the options: one object, without `$ref`s or titles."""
        schema = self.options.model_json_schema()
        plain = _plain_schema(schema, schema.get("$defs", {}))
        return {
            "type": "object",
            "properties": plain.get("properties", {}),
            "additionalProperties": False,
        }

    def read_options(self, options: Mapping[str, Any]) -> BaseModel:
        """Check `options` and fill in the defaults.

        Raises:
            ToolError: An option is unknown or out of range; every such problem is listed.
        """
        try:
            return self.options.model_validate(dict(options))
        except ValidationError as error:
            raise ToolError(
                f"{self.name}: " + "; ".join(_told(item) for item in error.errors()),
                tool=self.name,
                hint=f"the options are {_listed(self.options.model_fields) or 'none'}",
            ) from error

    def arrange(self, values: Sequence[Media | str]) -> tuple[Media | str | None, ...]:
        """Put input values into the tool's slots, in order; a slot left empty is None.

        An optional slot is skipped when the next value is of another modality.

        Raises:
            ToolError: A value is missing, too many, or of the wrong modality.
        """
        waiting = list(values)
        placed: list[Media | str | None] = []
        for slot in self.inputs:
            fits = bool(waiting) and modality_of(waiting[0]) == slot.modality
            if not fits and slot.required:
                got = modality_of(waiting[0]) if waiting else "nothing"
                raise self._misfit(f"needs {slot.modality} for '{slot.name}' and got {got}")
            placed.append(waiting.pop(0) if fits else None)
        if waiting:
            raise self._misfit(f"has no place for {_listed([modality_of(v) for v in waiting])}")
        return tuple(placed)

    def _misfit(self, message: str) -> ToolError:
        takes = _listed([slot.modality for slot in self.inputs]) or "no media"
        return ToolError(
            f"{self.name} {message}", tool=self.name, hint=f"its inputs are, in order: {takes}"
        )


@dataclass(frozen=True)
class Signature:
    """A function read as a tool: what it says about itself, and how it wants to be called.

    Attributes:
        spec: The tool's face.
        options_as: Options go in as one model, as keywords, or not at all.
        takes_context: Whether it has a `context` parameter.
    """

    spec: ToolSpec
    options_as: Styled
    takes_context: bool


def tool_name(name: str) -> str:
    """Name of a tool from that of its function or class: `speak_text`, `SpeakText` -> `speak-text`.

    Raises:
        ToolDefinitionError: The name is not of lower-case words joined by hyphens.
    """
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    made = words.replace("_", "-").strip("-").lower()
    if not _NAME.fullmatch(made) or len(made) > _LONGEST_NAME:
        raise ToolDefinitionError(
            f"'{made}' cannot name a tool",
            tool=made,
            hint="use lower-case words joined by hyphens, 64 characters at most: 'speak-text'",
        )
    return made


def read_signature(
    function: Callable[..., Any],
    *,
    name: str,
    doc: str | None,
    needs: Sequence[str] = (),
    names: Mapping[str, Any] | None = None,
) -> Signature:
    """Read a typed function, or the unbound `run` of a class, as a tool.

    Args:
        function: First parameter `prompt: str`; media parameters are inputs; keyword-only
            parameters with defaults, or one pydantic model `options`, are the options; `context`
            is handed in by the run; the return annotation is the output.
        name: The tool's name, already in its final form.
        doc: Docstring; its part before `Args:` describes the tool to the LLM.
        needs: Packages as pip names them.
        names: Extra names that the annotations may use.

    Raises:
        ToolDefinitionError: The signature cannot be read as a tool's; says what would do.
    """
    return _Reader(function, name, names or {}).read(doc, tuple(needs))


class _Reader:
    """Reads one signature; every message names the tool and what its author can do."""

    def __init__(self, function: Callable[..., Any], name: str, names: Mapping[str, Any]) -> None:
        self.name = name
        self.hints = self._hints(function, names)
        parameters = inspect.signature(function).parameters
        self.parameters = [p for key, p in parameters.items() if key != "self"]

    def read(self, doc: str | None, needs: tuple[str, ...]) -> Signature:
        self._check_prompt()
        rest = [p for p in self.parameters[1:] if p.name != "context"]
        positional = [p for p in rest if p.kind is not p.KEYWORD_ONLY and p.name != "options"]
        keywords = [p for p in rest if p not in positional]
        inputs = tuple(self._input(p) for p in positional)
        if any(late.required > early.required for early, late in pairwise(inputs)):
            raise self._wrong("an optional input stands before a required one", "swap them")
        options, options_as = self._options(keywords)
        spec = ToolSpec(self.name, self._description(doc), self._output(), inputs, options, needs)
        self._check_options(spec)
        return Signature(spec, options_as, any(p.name == "context" for p in self.parameters))

    def _hints(self, function: Callable[..., Any], names: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return get_type_hints(function, localns=dict(names), include_extras=True)
        except (NameError, TypeError, AttributeError) as error:
            raise self._wrong(
                f"a type annotation cannot be read ({error})",
                "import the type at the top of the module, not under TYPE_CHECKING",
            ) from error

    def _check_prompt(self) -> None:
        first = self.parameters[0] if self.parameters else None
        if first is None or first.name != "prompt" or self.hints.get("prompt") is not str:
            raise self._wrong("the first parameter must be 'prompt: str'", "add it")
        if first.kind is first.KEYWORD_ONLY:
            raise self._wrong("'prompt' is keyword-only", "put it before the '*'")

    def _input(self, parameter: inspect.Parameter) -> InputSpec:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise self._wrong(f"'*{parameter.name}' has no fixed meaning", "name each parameter")
        kind = self.hints.get(parameter.name)
        if (modality := _MODALITIES.get(kind)) is not None:
            return InputSpec(parameter.name, modality)
        if (modality := _MODALITIES.get(_unwrapped(kind))) is not None:
            if parameter.default is not None:
                raise self._wrong(f"'{parameter.name}' is optional", "give it the default None")
            return InputSpec(parameter.name, modality, required=False)
        raise self._wrong(
            f"'{parameter.name}' is {_shown(kind)}, which is no input",
            "inputs are Image, Audio, Video or str (or one of them | None = None); "
            "options go after a '*'",
        )

    def _options(self, keywords: list[inspect.Parameter]) -> tuple[type[BaseModel], Styled]:
        named = [p.name for p in keywords if p.kind is not p.VAR_KEYWORD]
        if named == ["options"] and len(keywords) == 1:
            return self._options_model(self.hints.get("options")), "model"
        fields = dict(self._field(parameter) for parameter in keywords)
        if not fields:
            return ToolOptions, "none"
        title = "".join(word.title() for word in self.name.split("-")) + "Options"
        try:
            made = create_model(title, __base__=ToolOptions, **fields)
        except (PydanticUserError, NameError, TypeError, ValueError) as error:
            raise self._wrong(f"its options cannot be read ({error})", "simplify them") from error
        return made, "keywords"

    def _options_model(self, model: Any) -> type[BaseModel]:
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            raise self._wrong(
                f"'options' is {_shown(model)}", "make it a pydantic model derived from ToolOptions"
            )
        if model.model_config.get("extra") != "forbid":
            raise self._wrong("its options let unknown ones pass", "derive them from ToolOptions")
        return model

    def _field(self, parameter: inspect.Parameter) -> tuple[str, Any]:
        name = parameter.name
        if parameter.kind is parameter.VAR_KEYWORD:
            raise self._wrong(f"'**{name}' has no fixed meaning", "name each option")
        if name.startswith(("_", "model_")) or name in ("prompt", "inputs", "options"):
            raise self._wrong(f"'{name}' cannot name an option", "rename it")
        if name not in self.hints:
            raise self._wrong(f"option '{name}' has no type", f"write '{name}: int = …'")
        if parameter.default is parameter.empty:
            raise self._wrong(f"option '{name}' has no default", "give it one")
        return name, (self.hints[name], parameter.default)

    def _check_options(self, spec: ToolSpec) -> None:
        """Each option needs a default that its own type and range allow, and a JSON schema."""
        bare = [key for key, field in spec.options.model_fields.items() if field.is_required()]
        if bare:
            raise self._wrong(f"{_listed(bare)} without a default", "give every option a default")
        defaults = {
            key: field.get_default(call_default_factory=True)
            for key, field in spec.options.model_fields.items()
        }
        try:
            spec.options.model_validate(defaults)
            json.dumps(spec.option_schema())
        except ValidationError as error:
            told = "; ".join(_told(item) for item in error.errors())
            raise self._wrong(f"a default is not allowed: {told}", "change it") from error
        except (PydanticUserError, TypeError, ValueError) as error:
            raise self._wrong(
                f"an option has no JSON schema ({error})", "use numbers, text, bool, Literal, list"
            ) from error

    def _output(self) -> Modality:
        kind = self.hints.get("return")
        if (modality := _MODALITIES.get(kind)) is None:
            raise self._wrong(
                f"it returns {_shown(kind)}", "annotate the return as Image, Audio, Video or str"
            )
        return modality

    def _description(self, doc: str | None) -> str:
        text = _DOC_SECTION.split(inspect.cleandoc(doc or ""), maxsplit=1)[0].strip()
        if not text:
            raise self._wrong("it has no docstring", "say in a sentence what it makes")
        return text

    def _wrong(self, message: str, hint: str) -> ToolDefinitionError:
        return ToolDefinitionError(f"tool '{self.name}': {message}", tool=self.name, hint=hint)


def _unwrapped(kind: Any) -> Any:
    """X of `X | None`; None of anything else."""
    if get_origin(kind) not in (Union, types.UnionType):
        return None
    members = [member for member in get_args(kind) if member is not types.NoneType]
    return members[0] if len(members) == 1 else None


def _shown(kind: Any) -> str:
    return "not annotated" if kind is None else getattr(kind, "__name__", str(kind))


def _listed(names: Sequence[str] | Mapping[str, FieldInfo]) -> str:
    return ", ".join(names)


def _told(item: Any) -> str:
    """One pydantic problem in words: which option, what is wrong, what was given."""
    where = ".".join(str(part) for part in item["loc"])
    if item["type"] == "extra_forbidden":
        return f"there is no option '{where}'"
    return f"option '{where}': {item['msg'].lower()}, not {item['input']!r}"


def _plain_schema(node: Any, definitions: Mapping[str, Any], *, names: bool = False) -> Any:
    """`node` with `$ref`s written out and titles dropped; `names` if its keys are field names."""
    if isinstance(node, list):
        return [_plain_schema(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node and not names:
        target = definitions[node["$ref"].rsplit("/", 1)[-1]]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return {
        key: value
        if key in ("default", "const", "enum") and not names
        else _plain_schema(value, definitions, names=key == "properties" and not names)
        for key, value in node.items()
        if names or key not in ("title", "$defs")
    }
