"""The grammar of the plans that hold: which calls, handles and options an LLM may write next.

A grammar is llguidance's Lark with parameters. The parameter of a rule is a set of bits, one for
each modality and call: bit 8*m + k says that call k+1 made modality m. So a handle `#2` is allowed
exactly where call 2 has made what the input wants, and the grammar stays small: it is never
unrolled over the modalities that eight calls may have. (Syntax: llguidance's own documents
`syntax.md` and `parametric.md`.)
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, reduce
from itertools import product
from typing import TYPE_CHECKING, Any

from modaverse.dialect.base import MAX_CALLS, MAX_PROMPT
from modaverse.dialect.patterns import prompt_characters, without_references
from modaverse.plan import HANDLE_KINDS

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.tool import Tool, ToolSpec

__all__ = ["Call", "CallSyntax", "Rules", "Use", "add_calls", "literal"]

_MAX_REFERENCES = 4  # in one prompt
_MAX_STRING = 200  # characters of an option that sets no bound itself
_MAX_ITEMS = 16  # items of an option that sets no bound itself
_MAX_NUMBER = 999_999_999  # of an option that sets no bound itself
_FINEST = 0.0001  # step of a number: bounds its decimals
_KINDS = {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"}  # what narrows a value down
_COMPACT = {
    "whitespace_flexible": False,
    "json_allowed_escapes": 'n\\"',
    "lenient": True,  # what llguidance cannot enforce, `modaverse.plan.check` still does
}


@dataclass(frozen=True)
class Use:
    """A rule used in another: with the bits as they are, or with one more bit set."""

    rule: str
    set_bit: int | None = None


@dataclass(frozen=True)
class Alternative:
    """One way to write a rule, allowed only under a condition on the bits ("" is always)."""

    symbols: tuple[str | Use, ...]
    condition: str = ""


@dataclass
class Rules:
    """Rules of a grammar under construction, in the order in which they are printed."""

    alternatives: dict[str, list[Alternative]] = field(default_factory=dict)
    terminals: dict[str, str] = field(default_factory=dict)

    def add(self, rule: str, *symbols: str | Use, condition: str = "") -> Use:
        """Add a way to write `rule`; plain strings are Lark source. No symbols: the empty text."""
        self.alternatives.setdefault(rule, []).append(Alternative(symbols or ('""',), condition))
        return Use(rule)

    def terminal(self, name: str, source: str) -> str:
        """Define a terminal by its Lark source; gives its name."""
        self.terminals[name] = source
        return name

    def source(self) -> str:
        """The whole grammar as Lark source."""
        carrying = self._carrying()
        lines = []
        for rule, ways in self.alternatives.items():
            head = f"{rule}::_" if rule in carrying else rule
            written = [self._written(way, carrying, inner=rule in carrying) for way in ways]
            lines.append(f"{head}: " + "\n  | ".join(written))
        lines += [f"{name}: {source}" for name, source in self.terminals.items()]
        return "\n".join(lines) + "\n"

    def _carrying(self) -> set[str]:
        """The rules that depend on the bits; llguidance wants no parameter on the others."""
        carrying: set[str] = set()
        while True:
            more = {
                rule
                for rule, ways in self.alternatives.items()
                if rule != "start" and any(_depends(way, carrying) for way in ways)
            }
            if more == carrying:
                return carrying
            carrying = more

    def _written(self, way: Alternative, carrying: set[str], *, inner: bool) -> str:
        symbols = [
            _used(symbol, carrying, inner=inner) if isinstance(symbol, Use) else symbol
            for symbol in way.symbols
        ]
        return " ".join(symbols) + (f" %if {way.condition}" if way.condition else "")


def _depends(way: Alternative, carrying: set[str]) -> bool:
    uses = (symbol for symbol in way.symbols if isinstance(symbol, Use))
    return bool(way.condition) or any(use.rule in carrying for use in uses)


def _used(use: Use, carrying: set[str], *, inner: bool) -> str:
    if use.rule not in carrying:
        return use.rule
    if not inner:
        return f"{use.rule}::0"
    return f"{use.rule}::_" if use.set_bit is None else f"{use.rule}::set_bit({use.set_bit})"


@dataclass(frozen=True)
class Call:
    """One way to call a tool, for a dialect to write.

    Attributes:
        tool: Name of the tool.
        inputs: A rule for each input.
        options: Rule for the JSON of the options; None where none are given.
        prompt: Rule for the prompt; None where it is left empty.
    """

    tool: str
    inputs: tuple[Use, ...]
    options: Use | None
    prompt: Use | None


@dataclass(frozen=True)
class CallSyntax:
    r"""How a dialect writes calls; the rest is common to all dialects.

    Attributes:
        symbols: The symbols of a call.
        between: Lark source of what stands between two calls.
        special: The characters that a prompt writes with a backslash before them, as the inside of
            a regex class. A line feed is written `\n` in every dialect.
    """

    symbols: Callable[[Call], tuple[str | Use, ...]]
    between: str
    special: str


def literal(text: str) -> str:
    """Lark source of a fixed text."""
    return json.dumps(text, ensure_ascii=False)


def add_calls(
    rules: Rules,
    toolbox: Mapping[str, Tool],
    handles: Mapping[str, Modality],
    syntax: CallSyntax,
) -> Use | None:
    """Add the rules for one to eight calls.

    Args:
        rules: The grammar to add to.
        toolbox: The tools, by name.
        handles: The values that exist, with their modality.
        syntax: How the dialect writes a call.

    Returns:
        The rule for the calls; None if no tool can be called with what exists.
    """
    specs = _reachable([tool.spec for tool in toolbox.values()], set(handles.values()))
    if not specs:
        return None
    return _CallRules(rules, specs, handles, syntax).add()


def _reachable(specs: Sequence[ToolSpec], modalities: set[Modality]) -> list[ToolSpec]:
    """The tools whose required inputs exist, or can be made by other such tools."""
    there = set(modalities)
    while True:
        reachable = [spec for spec in specs if _required(spec) <= there]
        more = there | {spec.output for spec in reachable}
        if more == there:
            return reachable
        there = more


def _required(spec: ToolSpec) -> set[Modality]:
    return {slot.modality for slot in spec.inputs if slot.required}


class _CallRules:
    """Adds the rules for calls of the tools `specs`, which all can be reached."""

    def __init__(
        self,
        rules: Rules,
        specs: Sequence[ToolSpec],
        handles: Mapping[str, Modality],
        syntax: CallSyntax,
    ) -> None:
        self.rules = rules
        self.specs = specs
        self.handles = handles
        self.syntax = syntax
        taken = {slot.modality for spec in specs for slot in spec.inputs} | {"text"}
        made = {spec.output for spec in specs}
        self.tracked = sorted(taken & made)

    def add(self) -> Use:
        """The rule for one to MAX_CALLS calls."""
        prompt = self._add_prompt()
        for spec in self.specs:
            self._add_tool(spec, prompt)
        for place in range(1, MAX_CALLS + 1):
            last = place == MAX_CALLS
            self.rules.add(f"after{place}")
            if not last:
                self.rules.add(f"after{place}", self.syntax.between, Use(f"calls{place + 1}"))
            for output in dict.fromkeys(spec.output for spec in self.specs):
                after = Use(f"after{place}", self._bit(output, place))
                self.rules.add(f"calls{place}", Use(f"make_{output}"), after)
        return Use("calls1")

    def _add_tool(self, spec: ToolSpec, prompt: Use) -> None:
        name = spec.name.replace("-", "_")
        schema = _bounded_json(spec.option_schema())
        options: list[Use | None] = [None]
        if schema:
            options.append(self.rules.add(f"options_{name}", f"%json {schema}"))
        prompts = [prompt, None] if spec.inputs else [prompt]
        for modalities in _fillings(spec):
            if not all(self._exists(modality) for modality in modalities):
                continue
            inputs = tuple(self._add_input(modality) for modality in modalities)
            for option, told in product(options, prompts):
                symbols = self.syntax.symbols(Call(spec.name, inputs, option, told))
                self.rules.add(f"call_{name}", *symbols, condition=self._condition(modalities))
        self.rules.add(f"make_{spec.output}", Use(f"call_{name}"))

    def _add_input(self, modality: Modality) -> Use:
        """The rule for the handles of a modality."""
        rule = f"some_{modality}"
        if rule in self.rules.alternatives:
            return Use(rule)
        names = [literal(name) for name, kind in self.handles.items() if kind == modality]
        if names:
            self.rules.add(rule, self.rules.terminal(rule.upper(), " | ".join(names)))
        for place in self._makers(modality):
            condition = f"bit_set({self._bit(modality, place)})"
            self.rules.add(rule, literal(f"#{place}"), condition=condition)
        return Use(rule)

    def _add_prompt(self) -> Use:
        """The rule for a prompt: plain, or with up to _MAX_REFERENCES texts taken in."""
        first, unit = prompt_characters(self.syntax.special)
        safe = f"/{without_references(self.syntax.special, HANDLE_KINDS)}/"
        plain = self.rules.terminal("PROMPT", f"/{first}{unit}{{0,{MAX_PROMPT - 1}}}/ & {safe}")
        prompt = self.rules.add("prompt", plain)
        if not self._exists("text"):
            return prompt
        self.rules.terminal("REST", f"/{unit}{{1,{MAX_PROMPT}}}/ & {safe}")
        self._add_references()
        self.rules.add("prompt", Use("mixed1"))
        for count in range(1, _MAX_REFERENCES + 1):
            rule = f"mixed{count}"
            self.rules.add(rule, Use("reference"))
            self.rules.add(rule, Use("reference"), "REST")
            if count < _MAX_REFERENCES:
                self.rules.add(rule, Use("reference"), Use(f"mixed{count + 1}"))
        return prompt

    def _add_references(self) -> None:
        """The rule for some words and the `{text1}` or `{#1}` behind them, as one terminal each.

        The lexer takes the longest match, so the words alone would swallow the brace.
        """
        words = self.rules.terminal("WORDS", "REST?")
        names = [literal(f"{{{name}}}") for name, kind in self.handles.items() if kind == "text"]
        if names:
            source = f"{words} ({' | '.join(names)})"
            self.rules.add("reference", self.rules.terminal("REFERENCE", source))
        for place in self._makers("text"):
            source = f"{words} {literal(f'{{#{place}}}')}"
            terminal = self.rules.terminal(f"REFERENCE_{place}", source)
            self.rules.add("reference", terminal, condition=f"bit_set({self._bit('text', place)})")

    def _exists(self, modality: Modality) -> bool:
        return modality in self.tracked or modality in self.handles.values()

    def _makers(self, modality: Modality) -> range:
        """The calls whose result a later call may use, if they make this modality."""
        return range(1, MAX_CALLS) if modality in self.tracked else range(0)

    def _bit(self, modality: Modality, place: int) -> int | None:
        if modality not in self.tracked or place == MAX_CALLS:
            return None
        return self.tracked.index(modality) * MAX_CALLS + place - 1

    def _condition(self, modalities: Sequence[Modality]) -> str:
        """That there is a value of each modality by now."""
        missing = sorted(set(modalities) - set(self.handles.values()))
        starts = [self.tracked.index(modality) * MAX_CALLS for modality in missing]
        made = [f"ne([{start}:{start + MAX_CALLS}], 0)" for start in starts]
        return reduce(lambda one, other: f"and({one}, {other})", made) if made else ""


def _fillings(spec: ToolSpec) -> list[tuple[Modality, ...]]:
    """The modalities of every list of inputs that the tool can arrange into its slots."""
    choices = [[True] if slot.required else [True, False] for slot in spec.inputs]
    fillings = (
        tuple(slot.modality for slot, kept in zip(spec.inputs, choice, strict=True) if kept)
        for choice in product(*choices)
    )
    return list(dict.fromkeys(fillings))


def _bounded_json(schema: Mapping[str, Any]) -> str | None:
    """A schema of options for `%json`: compact, at least one option, every length bounded.

    An option whose schema llguidance cannot read is left out; None if none remains.
    """
    bounded = _bounded(schema)
    readable = {name: rule for name, rule in bounded["properties"].items() if _readable(rule)}
    options = {**bounded, "properties": readable, "minProperties": 1, "x-guidance": _COMPACT}
    return json.dumps(options) if readable else None


def _readable(rule: Mapping[str, Any]) -> bool:
    return _compiles(json.dumps({"properties": {"x": rule}, "required": ["x"], "type": "object"}))


@cache
def _compiles(schema: str) -> bool:
    from llguidance import LLMatcher

    lenient = {"x-guidance": _COMPACT}
    source = f"start: %json {json.dumps({**json.loads(schema), **lenient})}"
    return not LLMatcher.validate_grammar_with_warnings(LLMatcher.grammar_from_lark(source))[0]


def _bounded(schema: Any) -> Any:
    """The schema with names in order, and with a bound wherever it sets none itself."""
    if schema is True or (isinstance(schema, Mapping) and not schema.keys() & _KINDS):
        return {"anyOf": [_bounded({"type": kind}) for kind in ("string", "number", "boolean")]}
    if not isinstance(schema, Mapping):
        return schema
    bounded = {key: _bounded_part(key, value) for key, value in schema.items()}
    kind = bounded.get("type")
    if bounded.keys() & {"enum", "const"}:
        return bounded
    if kind == "string":
        bounded.setdefault("maxLength", _MAX_STRING)
    if kind == "array":
        bounded.setdefault("maxItems", _MAX_ITEMS)
    if kind == "object" and "properties" not in bounded:
        bounded.setdefault("maxProperties", _MAX_ITEMS)
    if kind in ("integer", "number"):
        if not bounded.keys() & {"minimum", "exclusiveMinimum"}:
            bounded["minimum"] = -_MAX_NUMBER
        if not bounded.keys() & {"maximum", "exclusiveMaximum"}:
            bounded["maximum"] = _MAX_NUMBER
    if kind == "number":
        bounded.setdefault("multipleOf", _FINEST)
    return bounded


def _bounded_part(key: str, value: Any) -> Any:
    if key == "properties":
        return {name: _bounded(value[name]) for name in sorted(value)}
    if key in ("anyOf", "oneOf", "allOf", "prefixItems"):
        return [_bounded(item) for item in value]
    return _bounded(value) if key in ("items", "additionalProperties") else value
