"""Tools: typed functions, or classes with a model to load, that make media from a prompt.

@tool                                            a function
def speak_text(prompt: str, *, speed: int = 165) -> Audio:
    '''Read the prompt aloud.'''

class TextToImage(Tool):                         what has a model to load
    '''Paint the prompt.'''
    def load(self, device: str) -> None: ...
    def run(self, prompt: str, *, options: Options, context: Context) -> Image: ...
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, overload

from pydantic import BaseModel

from modaverse.errors import BackendMissing, ModaVerseError, OutOfMemory, ToolError
from modaverse.faults import is_out_of_memory
from modaverse.media import Media, modality_of
from modaverse.toolspec import (
    Context,
    InputSpec,
    Signature,
    ToolOptions,
    ToolSpec,
    read_signature,
    tool_name,
)

__all__ = [
    "Availability",
    "Context",
    "FunctionTool",
    "InputSpec",
    "Tool",
    "ToolOptions",
    "ToolSpec",
    "packages_available",
    "tool",
]


@dataclass(frozen=True)
class Availability:
    """Whether a tool can run here; if not, why, and what to type."""

    ok: bool
    reason: str = ""
    hint: str = ""


class Tool(ABC):
    """Something that makes media (or text) from a prompt and maybe other media.

    A subclass writes `run` with types and a docstring for the class; name, inputs, options and
    output are read from them when the class is defined. Options are keyword-only parameters with
    defaults, or one parameter `options` whose type is a nested model derived from ToolOptions. A
    class whose spec is known only later declares `spec: ToolSpec` itself and sets it; its `run`
    then gets `options` and `context` as keywords.

    Attributes:
        spec: What the tool says about itself.
        name: Set it in a subclass to choose another name than the class's.
        needs: Packages as pip names them, set in a subclass.
        concurrent: Set it to True in a subclass whose `run` may work several times at once.
    """

    spec: ToolSpec
    name: ClassVar[str] = ""
    needs: ClassVar[tuple[str, ...]] = ()
    concurrent: ClassVar[bool] = False
    _signature: ClassVar[Signature | None] = None

    def __init_subclass__(cls, **keywords: Any) -> None:
        """Read the subclass's `run`, unless it is abstract or brings its own spec."""
        super().__init_subclass__(**keywords)
        own_spec = "spec" in vars(cls).get("__annotations__", {}) or "spec" in vars(cls)
        if own_spec or getattr(cls.run, "__isabstractmethod__", False):
            return
        names = {cls.__name__: cls}
        if (options := getattr(cls, "Options", None)) is not None:
            names["Options"] = options
        cls._signature = read_signature(
            cls.run,
            name=tool_name(vars(cls).get("name") or cls.__name__),
            doc=cls.__doc__,
            needs=cls.needs,
            names=names,
        )
        cls.spec = cls._signature.spec

    @abstractmethod
    def run(self, *arguments: Any, **keywords: Any) -> Any:
        """Do the work: `run(prompt, *media, options=…, context=…)`, media in the order of inputs.

        Called with checked arguments; an input that was left out is None.
        """

    @property
    def model(self) -> str:
        """Name of the model behind it, for the provenance; empty if there is none."""
        return ""

    @property
    def knows(self) -> tuple[str, ...]:
        """Names of the only things that it can make; empty: it tries whatever it is asked for."""
        return ()

    @property
    def memory(self) -> int:
        """Bytes that the loaded tool takes on its device, estimated; 0 if it loads nothing."""
        return 0

    def load(self, device: str) -> None:  # noqa: B027 - most tools have nothing to load
        """Bring the model to `device`; does nothing if it is there."""

    def unload(self) -> None:  # noqa: B027 - most tools have nothing to load
        """Let go of the model; a later call loads it again."""

    def available(self) -> Availability:
        """Whether the tool can run here. Cheap: imports and loads nothing."""
        return packages_available(self.spec.needs)

    def call(
        self,
        prompt: str = "",
        inputs: Sequence[Media | str] = (),
        options: Mapping[str, Any] | None = None,
        context: Context | None = None,
    ) -> Media | str:
        """Check the arguments, run the tool, check its result.

        Raises:
            ToolError: Inputs or options do not fit, or the tool failed.
            BackendMissing: A package or weights are missing.
            OutOfMemory: The device has too little memory.
            Cancelled: `context.cancelled()` became true.
        """
        context = context or Context()
        context.check()
        if not isinstance(prompt, str):
            raise ToolError(
                f"{self.spec.name}: the prompt is not text", tool=self.spec.name, hint="pass a str"
            )
        media = self.spec.arrange(inputs)
        checked = self.spec.read_options(options or {})
        if not (state := self.available()).ok:
            raise BackendMissing(f"{self.spec.name} cannot run: {state.reason}", hint=state.hint)
        return self._checked_result(self._guarded(prompt, media, checked, context))

    def __call__(
        self,
        prompt: str = "",
        *inputs: Media | str,
        context: Context | None = None,
        **options: Any,
    ) -> Any:
        """`call` as a plain function call: `speak("Hello", speed=110)`."""
        return self.call(prompt, inputs, options, context)

    def __repr__(self) -> str:
        """The name, inputs and output, as in `<tool add-soundtrack: video, audio -> video>`."""
        takes = ", ".join(slot.modality for slot in self.spec.inputs) or "text"
        return f"<tool {self.spec.name}: {takes} -> {self.spec.output}>"

    def _guarded(
        self,
        prompt: str,
        media: tuple[Media | str | None, ...],
        options: BaseModel,
        context: Context,
    ) -> Any:
        """Run, and turn whatever a tool may raise into our errors."""
        try:
            return self.run(prompt, *media, **self._keywords(options, context))
        except ModaVerseError:
            raise
        except Exception as error:
            if is_out_of_memory(error):
                raise OutOfMemory(
                    f"{self.spec.name} ran out of memory", hint="close other programs and try again"
                ) from error
            raise ToolError(
                f"{self.spec.name} failed: {type(error).__name__}: {error}",
                tool=self.spec.name,
                hint="change the prompt, the inputs or the options, or use another tool",
            ) from error

    def _keywords(self, options: BaseModel, context: Context) -> dict[str, Any]:
        """Options and context as this tool's `run` wants them."""
        signature = self._signature
        if signature is None:
            return {"options": options, "context": context}
        keywords: dict[str, Any] = {}
        if signature.options_as == "model":
            keywords["options"] = options
        elif signature.options_as == "keywords":
            keywords = {key: getattr(options, key) for key in type(options).model_fields}
        return {**keywords, "context": context} if signature.takes_context else keywords

    def _checked_result(self, result: Any) -> Media | str:
        try:
            made = modality_of(result)
        except (ModaVerseError, TypeError, ValueError):
            made = None
        if made != self.spec.output:
            raise ToolError(
                f"{self.spec.name} should make {self.spec.output} and made {type(result).__name__}",
                tool=self.spec.name,
                hint="its author must return what the signature says",
            )
        checked: Media | str = result
        return checked


class FunctionTool(Tool):
    """A tool made from a function by `@tool`; the function itself stays as `.function`."""

    spec: ToolSpec

    def __init__(
        self, function: Callable[..., Any], *, name: str | None = None, needs: Sequence[str] = ()
    ) -> None:
        self.function = function
        self.__doc__ = function.__doc__
        self._own = read_signature(
            function,
            name=tool_name(name or function.__name__),
            doc=function.__doc__,
            needs=needs,
        )
        self.spec = self._own.spec

    def run(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the function."""
        return self.function(*arguments, **keywords)

    @property
    def _signature(self) -> Signature:  # type: ignore[override]
        return self._own


@overload
def tool(function: Callable[..., Any], /) -> FunctionTool: ...


@overload
def tool(
    *, name: str | None = None, needs: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], FunctionTool]: ...


def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    needs: Sequence[str] = (),
) -> FunctionTool | Callable[[Callable[..., Any]], FunctionTool]:
    """Make a tool of a typed function; `@tool` or `@tool(name=…, needs=[…])`.

    Args:
        function: Its first parameter is `prompt: str`, media parameters are the inputs
            (`| None = None` for optional ones), keyword-only parameters with defaults are the
            options, a parameter `context: Context` is handed in, and the return annotation is the
            output. Its docstring is what the LLM reads.
        name: Other than the function's own; `speak_text` becomes `speak-text`.
        needs: Packages as pip names them, looked for when the tool is first used.

    Raises:
        ToolDefinitionError: The signature does not say what a tool must say.
    """

    def make(function: Callable[..., Any]) -> FunctionTool:
        return FunctionTool(function, name=name, needs=needs)

    return make if function is None else make(function)


def packages_available(needs: Sequence[str]) -> Availability:
    """Whether all these packages are installed, without importing any of them."""
    missing = [need for need in needs if not _installed(need)]
    if not missing:
        return Availability(ok=True)
    return Availability(
        ok=False,
        reason=f"not installed: {', '.join(missing)}",
        hint="pip install " + " ".join(f"'{need}'" for need in missing),
    )


def _installed(need: str) -> bool:
    """Whether the package that a requirement such as `soundfile>=0.13` names is there."""
    name = re.split(r"[^A-Za-z0-9._-]", need.strip(), maxsplit=1)[0]
    try:
        importlib.metadata.distribution(name)
    except (importlib.metadata.PackageNotFoundError, ValueError):
        return importlib.util.find_spec(name.replace("-", "_").split(".")[0]) is not None
    return True
