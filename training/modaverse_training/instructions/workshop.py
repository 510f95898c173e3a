"""What a toolbox can do for the grammars: which tool paints, films, speaks, and its options."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from modaverse.errors import ConfigError
from modaverse.plan import closest

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.toolbox import Toolbox

__all__ = ["ROLES", "Workshop", "a", "joined", "nice_values"]

# What a tool of each role takes beside its prompt, and makes; and the tool that has it by default.
ROLES: Mapping[str, tuple[tuple[str, ...], str, str]] = {
    "paint": ((), "image", "text-to-image"),
    "film": ((), "video", "text-to-video"),
    "sound": ((), "audio", "text-to-audio"),
    "speak": ((), "audio", "text-to-speech"),
    "change": (("image",), "image", "image-to-image"),
    "move": (("image",), "video", "image-to-video"),
    "still": (("video",), "image", "video-to-image"),
    "track": (("video",), "audio", "video-to-audio"),
    "join": (("video", "audio"), "video", "add-soundtrack"),
}
_MADE = {"paint": "pictures", "sound": "sounds", "speak": "speech", "film": "videos"}
_LANGUAGES = {
    "en": "British", "en-us": "American", "de": "German", "fr": "French", "es": "Spanish",
    "it": "Italian", "pt": "Portuguese", "nl": "Dutch", "sv": "Swedish", "pl": "Polish",
    "cs": "Czech", "tr": "Turkish", "ru": "Russian", "el": "Greek", "fi": "Finnish",
    "hu": "Hungarian", "ro": "Romanian", "zh": "Chinese",
}  # fmt: skip
_STEPS = (0.25, 0.5, 1, 2, 5, 10, 20, 25, 50, 100)  # between the values that people name


class Workshop:
    """A toolbox, by what can be done with it.

    Args:
        toolbox: The tools that plans may call.
        roles: Tools of other names for some of `ROLES`: `{"paint": "my-painter"}`.

    Raises:
        ConfigError: A role is unknown, its tool is not there or does not fit it.
    """

    def __init__(self, toolbox: Toolbox, roles: Mapping[str, str] | None = None) -> None:
        self.toolbox = toolbox
        named = dict(roles or {})
        self._options: dict[str, Mapping[str, list[Any]]] = {}
        self._tools = {role: named.get(role, names[2]) for role, names in ROLES.items()}
        problems = [f"{role!r} is no role; {closest(role, ROLES)}" for role in named.keys() - ROLES]
        problems += [
            f"the tool {name!r} cannot {role}: it is not there, or takes or makes something else"
            for role, name in named.items()
            if role in ROLES and not self.can(role)
        ]
        if problems:
            raise ConfigError(problems=problems)

    @cached_property
    def tools(self) -> tuple[str, ...]:
        """The names of the tools, in order."""
        return tuple(self.toolbox)

    def can(self, *roles: str) -> bool:
        """Whether there is a fitting tool for each of these roles."""
        return self._able.issuperset(roles)

    def tool(self, role: str) -> str:
        """The name of a role's tool."""
        return self._tools[role]

    def output(self, tool: str) -> Modality:
        """What a tool makes."""
        return self.toolbox[tool].spec.output

    @cached_property
    def abilities(self) -> str:
        """What can be made from words: "pictures, sounds and speech"."""
        return joined(made for role, made in _MADE.items() if self.can(role)) or "nothing"

    def options(self, tool: str, rng: Random) -> tuple[str, Any] | None:
        """One option of a tool and a value that is not its default; None if it has none."""
        values = self._values(tool)
        if not values:
            return None
        name = rng.choice(list(values))
        return name, rng.choice(values[name])

    def _values(self, tool: str) -> Mapping[str, list[Any]]:
        """Values that a person might name, of each option of a tool that has some."""
        if tool not in self._options:  # a schema takes milliseconds to make
            properties = self.toolbox[tool].spec.option_schema()["properties"]
            nice = {name: nice_values(rule) for name, rule in properties.items()}
            self._options[tool] = {name: values for name, values in nice.items() if values}
        return self._options[tool]

    @cached_property
    def _able(self) -> frozenset[str]:
        return frozenset(role for role in ROLES if self._fits(role))

    def _fits(self, role: str) -> bool:
        takes, makes, _ = ROLES[role]
        name = self._tools[role]
        if name not in self.toolbox:
            return False
        spec = self.toolbox[name].spec
        return spec.output == makes and tuple(slot.modality for slot in spec.inputs) == takes


def nice_values(rule: Mapping[str, Any]) -> list[Any]:
    """Values of an option that a person might name, from its JSON schema; not the default."""
    default = rule.get("default")
    if "enum" in rule:
        values = list(rule["enum"])
    elif rule.get("type") == "boolean":
        values = [True, False]
    elif rule.get("type") in ("integer", "number"):
        values = _round_numbers(rule)
    else:
        values = []
    return [value for value in values if value != default]


def in_words(name: str, value: Any) -> str:
    """The value of an option as a person names it."""
    if name == "language" and value in _LANGUAGES:
        return _LANGUAGES[value]
    return value if isinstance(value, str) else json.dumps(value)


def a(noun: str) -> str:
    """The noun with its article, unless it has one or needs none.

    Example:
        >>> a("owl"), a("pair of scissors"), a("rain"), a("the sun")
        ('an owl', 'a pair of scissors', 'rain', 'the sun')
    """
    first = noun.split(" ", 1)[0].lower()
    if first in ("a", "an", "the", "some", "two") or noun.lower() in _UNCOUNTED:
        return noun
    if noun.endswith("s") and not noun.endswith(("ss", "us")) and " of " not in noun:
        return noun  # several
    vowel = noun[:1].lower() in "aeiou" and not noun.lower().startswith(("uni", "eu", "one"))
    return f"{'an' if vowel else 'a'} {noun}"


_UNCOUNTED = frozenset((
    "applause", "birdsong", "bread", "broccoli", "cheese", "corn", "fire", "ice cream", "music",
    "rain", "running water", "speech", "thunder", "traffic", "typing", "water", "wind",
))  # fmt: skip


def joined(words: Iterable[str]) -> str:
    """Words as a list in a sentence: "a, b and c"."""
    *first, last = [*words] or [""]
    return f"{', '.join(first)} and {last}" if first else last


def _round_numbers(rule: Mapping[str, Any]) -> list[Any]:
    """A few round numbers in the range of an option, at most some twenty."""
    whole = rule["type"] == "integer"
    low = rule.get("minimum", rule.get("exclusiveMinimum", 0 if whole else 0.0))
    high = rule.get("maximum", rule.get("exclusiveMaximum", max(10, 10 * abs(low))))
    step = next((s for s in _STEPS if (high - low) / s <= 20 and not (whole and s < 1)), 100)
    first = -(-low // step)  # the first multiple of the step in the range
    count = int((high - first * step) / step) + 1
    values = [(first + i) * step for i in range(min(count, 21))]
    ends = ("exclusiveMinimum", "exclusiveMaximum")
    kept = [value for value in values if value not in [rule.get(end) for end in ends]]
    return [int(value) if whole or value == int(value) else float(value) for value in kept]
