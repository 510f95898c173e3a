"""What a tool says of itself, read for how a person would ask for it.

The description's first words give the noun ("a QR code") and an order ("make a QR code that holds
…"); `Args:` gives the units of options; a section `Examples:` gives requests, one a line:

Examples:
        Make a QR code for https://example.org => qr-code: https://example.org
        a QR code of hello with error correction H => qr-code with {"level":"H"}: hello
        I want to scan {prompt} with my phone

Behind the arrow stands the plan's line; without one, `{prompt}` is the place of the prompt.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from modaverse.dialect import Lines
from modaverse.errors import PlanError, Problem, ToolDefinitionError
from modaverse.media import Modality
from modaverse.plan import ToolCall, check
from modaverse.tool import FunctionTool, Tool, ToolSpec
from modaverse.toolbox import Toolbox
from modaverse_training.instructions.workshop import nice_values

__all__ = ["Example", "OptionWords", "Subject", "read_subject"]

_SECTION = re.compile(r"^(\w+):\s*$")
_ENTRY = re.compile(r"^(\w+)(?: \([^)]*\))?:\s*(.*)$")
_ARROW = " => "
# Verb, then a noun with or without an article, up to a word that begins what is said of it.
_OPENING = re.compile(
    r"(?P<verb>[a-z]+) (?:(?P<article>an?|the|some) )?(?P<noun>[\w'-]+(?: [\w'-]+){0,2}?)"
    r"(?= (?:of|for|from|with|without|that|which|who|whose|where|in|into|to|as|by|on|at|look|out|"
    r"made|of the|between|about|around)\b|[,.:;]|$)",
    re.IGNORECASE,
)
_STOPS = re.compile(r"[.;:]\s|[.;:]$")
_GENERIC = frozenset((
    "picture", "image", "photo", "photograph", "drawing", "video", "clip", "film", "animation",
    "sound", "audio", "noise", "speech", "music", "text", "file", "prompt", "words", "media", "it",
))  # fmt: skip
_ATTACHED: Mapping[Modality, str] = {
    "image": r"picture|image|photo|photograph|drawing",
    "video": r"video|clip|film|animation",
    "audio": r"sound|audio|recording|song",
    "text": r"text|note",
}


@dataclass(frozen=True)
class Example:
    """A request that the tool's author wrote.

    Attributes:
        request: What a person says.
        call: What answers it.
    """

    request: str
    call: ToolCall


@dataclass(frozen=True)
class OptionWords:
    """An option as people speak of it.

    Attributes:
        name: As in the schema.
        label: A few words for it.
        values: Values that a person might name, none of them the default.
        numeric: Whether they are numbers.
    """

    name: str
    label: str
    values: tuple[Any, ...]
    numeric: bool


@dataclass(frozen=True)
class Subject:
    """A tool, as people speak of it.

    Attributes:
        spec: The tool's face.
        noun: What it makes, without an article: "QR code"; empty if only generic words say it.
        order: Its description as an order, with `{x}` in the prompt's place or `{it}` in that of
            its inputs; empty if there is neither.
        about: What it and its prompt are for, in small letters.
        options: Its options.
        examples: Requests with their calls.
        phrases: Requests with `{prompt}`.
    """

    spec: ToolSpec
    noun: str
    order: str
    about: str
    options: tuple[OptionWords, ...]
    examples: tuple[Example, ...]
    phrases: tuple[str, ...]

    @property
    def name(self) -> str:
        """The tool's name."""
        return self.spec.name

    @property
    def spoken(self) -> str:
        """The tool's name as words."""
        return self.name.replace("-", " ")

    @property
    def called(self) -> str:
        """What its results are called."""
        return self.noun or _RESULTS[self.spec.output]

    @property
    def takes_prompt(self) -> bool:
        """Whether requests say what the prompt is to be."""
        return not self.spec.inputs or any(example.call.prompt for example in self.examples)


_RESULTS: Mapping[Modality, str] = {
    "image": "picture", "audio": "sound", "video": "video", "text": "text",
}  # fmt: skip


def read_subject(tool: Tool) -> Subject:
    """Read what a tool says of itself.

    Raises:
        ToolDefinitionError: An example's call is none of this tool's, or does not hold.
    """
    text = inspect.cleandoc(_doc(tool))
    sections = _sections(text)
    arguments = dict(_entries(sections.get("Args", ())))
    lines = [line.strip() for line in sections.get("Examples", ())]
    spec = tool.spec
    examples = tuple(_example(line, tool) for line in lines if _ARROW in line)
    opening = _STOPS.split(" ".join(spec.description.split()))[0].strip()
    return Subject(
        spec=spec,
        noun=_noun(opening),
        order=_order(opening, spec),
        about=" ".join([spec.name, spec.description, arguments.get("prompt", "")]).lower(),
        options=tuple(_options(spec, arguments)),
        examples=examples,
        phrases=tuple(line for line in lines if _ARROW not in line and "{prompt}" in line),
    )


def _doc(tool: Tool) -> str:
    """The whole docstring; of a tool that has none of its own, the description."""
    if isinstance(tool, FunctionTool):
        return tool.function.__doc__ or tool.spec.description
    return vars(type(tool)).get("__doc__") or tool.spec.description


def _sections(text: str) -> dict[str, list[str]]:
    """The lines of each section of a docstring in Google's style, by its heading."""
    found: dict[str, list[str]] = {}
    lines: list[str] = found.setdefault("", [])
    for line in text.splitlines():
        heading = _SECTION.match(line)
        if heading:
            lines = found.setdefault(heading[1], [])
        elif line.strip():
            lines.append(line)
    return found


def _entries(lines: list[str] | tuple[()]) -> Iterator[tuple[str, str]]:
    """Names and texts of a section `Args:`; a text may go on in deeper lines."""
    name, text = "", ""
    depth = min((len(line) - len(line.lstrip()) for line in lines), default=0)
    for line in lines:
        entry = _ENTRY.match(line[depth:])
        if entry:
            if name:
                yield name, text
            name, text = entry[1], entry[2]
        else:
            text += " " + line.strip()
    if name:
        yield name, text


def _noun(opening: str) -> str:
    found = _OPENING.match(opening)
    if found is None or found["article"] is None:
        return ""
    noun = found["noun"]
    return "" if noun.split()[-1].lower() in _GENERIC else noun


def _order(opening: str, spec: ToolSpec) -> str:
    """The description as somebody would order it."""
    order = opening[:1].lower() + opening[1:]
    if not spec.inputs:
        found, count = re.subn(r"\bthe prompt(?!')", "{x}", order, count=1)
        return found.partition(",")[0] if count and "{x}" in found.partition(",")[0] else ""
    for slot in spec.inputs[:1]:
        found, count = re.subn(
            rf"\b(an?|the) ({_ATTACHED[slot.modality]})\b", "{it}", order, count=1
        )
        if count and len(spec.inputs) == 1:
            return found
    return ""


def _options(spec: ToolSpec, arguments: Mapping[str, str]) -> Iterator[OptionWords]:
    for name, rule in spec.option_schema()["properties"].items():
        values = tuple(nice_values(rule))
        if values:
            numeric = not any(isinstance(value, bool | str) for value in values)
            yield OptionWords(name, _label(arguments.get(name, "")), values, numeric)


def _label(text: str) -> str:
    """The first words of an option's description, if they name it: "error correction"."""
    first = re.split(r"[,.:;]", text)[0].strip()
    words = re.sub(r"^number of ", "", first, flags=re.IGNORECASE).partition(" of ")[0].split()
    if not 0 < len(words) <= 3 or words[0].lower() in ("whether", "how", "what", "which", "if"):
        return ""
    return " ".join([words[0].lower() if words[0][1:].islower() else words[0], *words[1:]])


def _example(line: str, tool: Tool) -> Example:
    request, _, written = line.partition(_ARROW)
    box = Toolbox([tool])
    handles = {f"{slot.modality}1": slot.modality for slot in tool.spec.inputs}
    try:
        plan = Lines(box).parse(written)
        problems: tuple[Problem, ...] = check(plan, box, handles)
    except PlanError as error:
        problems = error.problems
    else:
        if len(plan.calls) == 1 and not plan.text and not problems:
            return Example(request.strip(), plan.calls[0])
        problems = problems or (Problem("it is not one call"),)
    raise ToolDefinitionError(
        f"tool '{tool.spec.name}': the example {line!r} does not hold: {problems[0].message}",
        tool=tool.spec.name,
        hint=f"write REQUEST => {tool.spec.name}: PROMPT in its docstring",
    )
