"""Rows that teach a tool: requests in very many phrasings, with the plans that answer them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from modaverse.conversation import next_handles
from modaverse.dialect import Lines
from modaverse.plan import Plan, ToolCall
from modaverse_training.instructions.row import MediaRef, Row, Turn
from modaverse_training.instructions.style import quoted, styled
from modaverse_training.instructions.workshop import a
from modaverse_training.nano.lm.phrases import expand
from modaverse_training.newtool import phrases
from modaverse_training.newtool.contents import Contents, kinds_of
from modaverse_training.newtool.phrases import Split
from modaverse_training.newtool.subject import OptionWords, Subject

__all__ = ["Requests", "Simple", "reply"]

_NUMBERS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve",
)  # fmt: skip
_DETERMINER = re.compile(r"^(a|an|the|my|our|some) ", re.IGNORECASE)
_PLACES = ("{x}", "{q}", "{x})", "{q})")
_WITH_OPTION = 0.45  # share of the wishes for tools with options
_LONG = 90  # characters of a wish that others are joined to
_PLURAL = {"speech": "speeches"}
_JOINERS = (" and ", ", and ", " and also ", ", then ", " and then ", " plus ", ". Also, ", "; ")


@dataclass(frozen=True)
class Simple:
    """A short request of one call for another tool, to join with wishes for this one.

    Attributes:
        request: As somebody wrote it.
        call: What answers it.
        called: What its result is called in an answer.
    """

    request: str
    call: ToolCall
    called: str


@dataclass(frozen=True)
class _Wish:
    """A part of a request: a thing ("a QR code of x"), an order, or a whole request.

    Attributes:
        text: The words.
        prompt: Of the call.
        options: Of the call.
        form: "thing", "order" or "whole".
        closed: Whether it ends in words of the prompt, so that no other mark may follow.
    """

    text: str
    prompt: str
    options: tuple[tuple[str, Any], ...] = ()
    form: str = "thing"
    closed: bool = False


class Requests:
    """An endless stream of rows for one tool and one split.

    Args:
        subject: The tool.
        tools: Names of all tools that the rows offer, this one among them.
        others: Requests for other tools.
        split: Whose phrasings are used; examples of the tool's author are for training.
        seed: Repeats the stream.
    """

    def __init__(
        self,
        subject: Subject,
        tools: Sequence[str],
        others: Sequence[Simple],
        *,
        split: Split = "train",
        seed: int = 0,
    ) -> None:
        self.subject = subject
        self.split = split
        self.rng = Random(f"{seed} {split} {subject.name}")
        self._tools = tuple(tools)
        self._others = others
        self._dialect = Lines(self._tools)
        scenes = [each.call.prompt for each in others if each.call.tool == "text-to-image"]
        said = [each.call.prompt for each in others if each.call.tool == "text-to-speech"]
        samples = [each.call.prompt for each in subject.examples if each.call.prompt]
        self.contents = Contents(self.rng, kinds_of(subject.about), samples, scenes, said)
        self._count = 0

    def __iter__(self) -> Iterator[Row]:
        """Rows without end."""
        makers = [(0.62, self._single), (0.12, self._with_others), (0.1, self._follow_up)]
        if self.split == "train":
            makers.append((0.12, self._contrast))
        if not self.subject.spec.inputs:
            makers.append((0.04, self._two))
        weights = [weight for weight, _ in makers]
        while True:
            (make,) = self.rng.choices([make for _, make in makers], weights)
            row = make()
            if row is not None:
                self._count += 1
                yield row

    # ---- rows
    def _single(self) -> Row | None:
        """One wish."""
        wish = self._wish()
        return self._row([(self._asked(wish), self._plan([self._call(wish)]))], "single")

    def _with_others(self) -> Row | None:
        """A wish for this tool and one for another in one request."""
        wish = self._wish()
        if not self._others or wish.form == "whole" or wish.closed or len(wish.text) > _LONG:
            return None
        other = self.rng.choice(self._others)
        mine = wish.text if wish.form == "order" else f"{self._verb()} {wish.text}"
        theirs = _inside(other.request)
        first = self.rng.random() < 0.5 and not other.request.endswith(('"', "”", "»"))
        first = first and other.call.tool != "text-to-speech"
        parts = [(theirs, other.call, other.called), (mine, self._call(wish), self.subject.called)]
        if not first:
            parts.reverse()
        joiner = self.rng.choice(_JOINERS)
        request = joiner.join(text for text, _, _ in parts)
        closed = parts[-1][0] is theirs
        plan = self._plan([call for _, call, _ in parts], [called for _, _, called in parts])
        return self._row([(styled(request, self.rng, closed=closed), plan)], "several")

    def _two(self) -> Row | None:
        """Two of the same."""
        one, other = self._content(""), self._content("")
        template = self._pick(
            (
                "two {s}[: one|, one] [for|of|with] {x}[,| and] one [for|of|with] {y}",
                "{an} [for|of] {x} and {another} [for|of] {y}",
                "{an} [for|of] {x}, {another} [for|of] {y}",
                "two {s}: {x} and {y}",
            )
        )
        noun = self.subject.noun or self.subject.spoken
        thing = self._filled(template, one, s=f"{noun}s", another=f"another {noun}", y=other)
        wish = _Wish(thing, "", closed=True)
        calls = [self._call(replace(wish, prompt=content)) for content in (one, other)]
        return self._row([(self._asked(wish), self._plan(calls))], "two")

    def _follow_up(self) -> Row | None:
        """A second turn: again, for something else, with an option; or after another tool's."""
        if self._others and self.rng.random() < 0.35:
            other = self.rng.choice(self._others)
            first = (other.request, self._plan([other.call], [other.called]))
            wish = self._wish()
            second = (self._asked(wish), self._plan([self._call(wish)]))
            return self._row([first, second], "after")
        wish = self._wish()
        first = (self._asked(wish), self._plan([self._call(wish)]))
        kinds = ["again", "other"] if self.subject.takes_prompt else ["again"]
        if self.subject.options and not wish.options:
            kinds.append("option")
        kind = self.rng.choice(kinds)
        template = self._pick(phrases.SAMENESS[kind][self.split])
        if kind == "again":
            text = self._filled(template)
        elif kind == "other":
            content = self._content(template)
            text = self._filled(template, content)
            wish = replace(wish, prompt=content)
        else:
            option = self.rng.choice(self.subject.options)
            value = self.rng.choice(option.values)
            text = self._filled(template, o=self._option(option, value))
            wish = replace(wish, options=((option.name, value),))
        asked = styled(text, self.rng, closed=kind == "other")
        return self._row([first, (asked, self._plan([self._call(wish)]))], f"again-{kind}")

    def _contrast(self) -> Row | None:
        """A request for another tool, in words near to this one's."""
        tools = [tool for tool in phrases.CONTRASTS if tool in self._tools]
        if not tools:
            return None
        tool = self.rng.choice(tools)
        frame = self._pick(phrases.CONTRASTS[tool])
        kind = "line" if "{line}" in frame else "scene"
        asides = phrases.ASIDES[kind]
        if kind == "scene" and tool != "text-to-image":
            asides = tuple(text for text in asides if "{an}" not in text)
        said = self.contents.filled(self._filled(self._pick(asides), n=self._noun()))
        request = frame.replace(f"{{{kind}}}", said)
        called = {"text-to-speech": "speech", "text-to-image": "picture", "text-to-video": "video"}
        call = ToolCall(id=1, tool=tool, prompt=said)
        plan = self._plan([call], [called.get(tool, "sound")])
        return self._row([(styled(request, self.rng, closed=True), plan)], "contrast")

    # ---- wishes
    def _wish(self) -> _Wish:
        """One wish for one call."""
        subject, draw = self.subject, self.rng.random()
        written = bool(subject.examples or subject.phrases) and self.split == "train"
        if written and draw < (0.22 if subject.noun else 0.4):
            return self._as_written()
        if subject.spec.inputs:
            return self._for_media()
        if draw > 0.95 or not (subject.noun or subject.order):
            return self._plain(self._pick(phrases.NAMED[self.split]), "whole")
        if not subject.noun:
            return self._plain(subject.order, "order")
        if draw > 0.82:
            tables = (phrases.QUESTIONS, phrases.WHOLE)
            return self._plain(self._pick(self.rng.choice(tables)[self.split]), "whole")
        form = "order" if draw > 0.68 else "thing"
        table = phrases.ORDERS if form == "order" else phrases.THINGS
        return self._optional(self._pick(table[self.split]), form)

    def _plain(self, template: str, form: str) -> _Wish:
        """The wish without options."""
        content = self._content(template)
        closed = template.rstrip("?").endswith(_PLACES)
        return _Wish(self._filled(template, content), content, (), form, closed)

    def _content(self, template: str) -> str:
        """A content for a template; its last mark stays only where quotes keep it apart."""
        content = self.contents.draw()
        if "{x} {n}" in template:
            content = _DETERMINER.sub("", content)
        return content if "{q}" in template else content.rstrip(" .!?")

    def _optional(self, template: str, form: str) -> _Wish:
        """The wish, with an option or two if the tool has some."""
        content = self._content(template)
        options: list[tuple[str, Any]] = []
        front, back = "", ""
        if self.subject.options and self.rng.random() < _WITH_OPTION:
            count = 2 if len(self.subject.options) > 1 and self.rng.random() < 0.15 else 1
            for option in self.rng.sample(self.subject.options, count):
                value = self.rng.choice(option.values)
                options.append((option.name, value))
                ahead = self._front(option, value) if "{an}" in template and not front else ""
                if ahead and self.rng.random() < 0.4:
                    front = ahead
                else:
                    back += self._option(option, value)
        text = self._filled(template, content, front=front)
        if back and re.search(r"[.:;,-] ?\S+$", template) and self.rng.random() < 0.5:
            text = f"{back.strip(' ,;()')}: {text}" if form == "thing" else text + back
        else:
            text += back
        closed = not back and template.endswith(_PLACES)
        return _Wish(text, content, tuple(options), form, closed)

    def _as_written(self) -> _Wish:
        """A request of the tool's author, as it is or with another content."""
        examples = self.subject.examples
        if self.subject.phrases and self.rng.random() < len(self.subject.phrases) / (
            len(examples) + len(self.subject.phrases)
        ):
            phrase = self.rng.choice(self.subject.phrases)
            content = self._content(phrase)
            return _Wish(phrase.replace("{prompt}", content), content, (), "whole", closed=True)
        example = self.rng.choice(examples)
        request, prompt = example.request, example.call.prompt
        options = tuple(example.call.options.items())
        if prompt and prompt in request and self.rng.random() < 0.8:
            content = self._content("")
            if not _DETERMINER.match(prompt):  # perhaps one stands before it: "a blues pattern"
                content = _DETERMINER.sub("", content)
            request, prompt = request.replace(prompt, content), content
        closed = request.rstrip(" .!?").endswith(prompt) if prompt else False
        return _Wish(request, prompt, options, "whole", closed)

    def _for_media(self) -> _Wish:
        """A wish that speaks of what is attached."""
        template = self._pick(phrases.ATTACHED[self.split])
        content = self.contents.draw() if self.subject.takes_prompt else ""
        order = self.subject.order or f"use {self.subject.spoken} on {{it}}"
        text = self._filled(template.replace("{desc}", order), content)
        return _Wish(text, content, (), "order")

    def _asked(self, wish: _Wish) -> str:
        """The wish as a whole request."""
        if wish.form == "whole":
            inner = _inside(wish.text)
            text = inner if wish.prompt in inner else wish.text
            return self._styled(text, wish, closed=wish.closed)
        wraps = phrases.WRAPPED_THINGS if wish.form == "thing" else phrases.WRAPPED_ORDERS
        wrap = self._pick(wraps[self.split])
        while wish.closed and not wrap.endswith("{w}") and self.rng.random() < 0.7:
            wrap = self._pick(wraps[self.split])
        text = self.contents.filled(wrap).replace("{w}", wish.text)
        if self.rng.random() < 0.08:
            story = self.contents.filled(self._pick(phrases.STORIES[self.split]))
            text = f"{story}{self.rng.choice(('. ', ', so ', ', ', ': ', '! '))}{text}"
        return self._styled(text, wish, closed=wish.closed and wrap.endswith("{w}"))

    def _styled(self, text: str, wish: _Wish, *, closed: bool) -> str:
        """The request as somebody writes it, with the words of the prompt left alone."""
        written = styled(text, self.rng, closed=closed)
        if wish.prompt in text and wish.prompt not in written:
            return text  # its first word got a capital
        return written

    # ---- words
    def _pick(self, templates: Iterable[str]) -> str:
        """One of the templates, its alternatives decided."""
        text = expand(self.rng.choice(tuple(templates)), self.rng).strip()
        return text.replace(" ,", ",").replace(" '", "'")

    def _verb(self) -> str:
        return self.rng.choice(("make", "create", "give me", "generate", "i want", "i need", "do"))

    def _noun(self) -> str:
        """The noun as people write it, in capitals or not."""
        noun = self.subject.noun or self.subject.spoken
        return noun.lower() if self.rng.random() < 0.3 else noun

    def _filled(self, template: str, content: str = "", *, front: str = "", **more: str) -> str:
        """The template with the words of the tool and the content in its places."""
        noun = more.get("n") or self._noun()
        values = {
            "n": f"{front}{noun}", "an": a(f"{front}{noun}"), "tool": self.subject.name,
            "spoken": self.subject.spoken, "it": self._attached(), "x": content,
            "seems": "sound" if self.subject.spec.output == "audio" else "look",
            "desc": "", "link": "", **more,
        }  # fmt: skip
        if "{desc}" in template:
            template = template.replace("{desc}", self.subject.order or "make {an} of {x}")
        if "{link}" in template:
            template = template.replace("{link}", self._link())
        if "{q}" in template:
            values["q"] = quoted(content, self.rng)
        text = re.sub(r"\{(\w+)\}", lambda place: values.get(place[1], place[0]), template)
        return re.sub(r"\b(a|an|the) (a|an|the|my|our) ", r"\2 ", text) if not content else text

    def _link(self) -> str:
        """What the description says between the noun and the prompt: "that holds"."""
        between = self.subject.order.rpartition(self.subject.noun)[2] if self.subject.noun else ""
        link = between.partition("{x}")[0].strip() if "{x}" in between else ""
        return link or self.rng.choice(("of", "for", "from", "with"))

    def _attached(self) -> str:
        slots = self.subject.spec.inputs
        if len(slots) != 1:
            return "these" if slots else "it"
        word = {"image": "picture", "audio": "sound", "video": "video", "text": "text"}
        name = word[slots[0].modality]
        if name == "picture":
            name = self.rng.choice(("picture", "photo", "image"))
        choices = ("it", "this", "that", f"this {name}", f"the {name}", f"my {name}")
        return self.rng.choice((*choices, f"{slots[0].modality}1"))

    def _option(self, option: OptionWords, value: Any) -> str:
        """An option in words, to stand behind a wish; begins with a space or a mark."""
        if isinstance(value, bool):
            kind = "yes" if value else "no"
        elif value == 0 and self.rng.random() < 0.6:
            kind = "no"
        else:
            kind = "number" if option.numeric else "word"
        table = phrases.OPTIONS[kind][self.split]
        short = isinstance(value, str) and len(value) < 3  # a bare letter would tell nothing
        template = self._pick(
            [text for text in table if not short or "{label}" in text or "{name}" in text]
        )
        words = [option.name.replace("_", " "), option.label]
        label = self.rng.choice([word for word in words if word])
        text = (
            template.replace("{v}", self._value(value))
            .replace("{label}", label)
            .replace("{name}", option.name)
        )
        return text if text[0] in ",;" else f" {text}"

    def _front(self, option: OptionWords, value: Any) -> str:
        """An option before the noun: "triadic ", "4-bar "; empty where that says nothing."""
        if isinstance(value, str):
            return f"{value} " if len(value) > 2 else ""
        label = option.label or option.name.replace("_", " ")
        if isinstance(value, bool) or " " in label:
            return ""
        one = label[:-1] if label.endswith("s") else label
        joiner = self.rng.choice(("-", " "))
        return f"{self._value(value)}{joiner}{one} "

    def _value(self, value: Any) -> str:
        if type(value) is int and 0 <= value < len(_NUMBERS) and self.rng.random() < 0.4:
            return _NUMBERS[value]
        return str(value)

    # ---- plans
    def _call(self, wish: _Wish) -> ToolCall:
        handles = next_handles([slot.modality for slot in self.subject.spec.inputs], ())
        return ToolCall(
            id=1,
            tool=self.subject.name,
            prompt=wish.prompt,
            inputs=tuple(handles),
            options=dict(wish.options),
        )

    def _plan(self, calls: Sequence[ToolCall], called: Sequence[str] = ()) -> str:
        """The answer that makes these calls, in the lines dialect."""
        names = list(called) or [self.subject.called] * len(calls)
        numbered = tuple(
            call.model_copy(update={"id": place}) for place, call in enumerate(calls, 1)
        )
        return self._dialect.render(Plan(text=reply(names), calls=numbered))

    def _row(self, turns: Sequence[tuple[str, str]], family: str) -> Row:
        kinds = [slot.modality for slot in self.subject.spec.inputs if slot.modality != "text"]
        handles = next_handles(kinds, ())
        media = tuple(
            MediaRef(handle=handle, modality=kind)
            for handle, kind in zip(handles, kinds, strict=True)
        )
        messages: list[Turn] = []
        for number, (asked, answer) in enumerate(turns):
            shown = tuple(handles) if not number and family != "contrast" else ()
            messages.append(Turn(role="user", content=asked, handles=shown))
            messages.append(Turn(role="assistant", content=answer))
        return Row(
            id=f"{self.subject.name}/{self.split}-{self._count:06}",
            messages=tuple(messages),
            tools=self._tools,
            media=media if family != "contrast" else (),
            family=f"{self.subject.name}/{self.split}-{family}",
            source=f"docstring of {self.subject.name}",
        )


def reply(names: Sequence[str]) -> str:
    """The sentence that goes with results of these names."""
    if len(set(names)) < len(names):
        return f"Here are your {len(names)} {_PLURAL.get(names[0], f'{names[0]}s')}."
    verb = "are" if len(names) > 1 else "is"
    return f"Here {verb} {' and '.join(f'your {name}' for name in names)}."


def _inside(request: str) -> str:
    """A request as a part of a longer one: without its capital and its last mark."""
    text = request.rstrip(" .!?")
    first = text.split(" ")[0]
    plain = first[1:].islower() or first in ("I", "A")
    return text[:1].lower() + text[1:] if plain and first != "I" else text
