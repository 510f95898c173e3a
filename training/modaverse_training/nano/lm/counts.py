"""Requests for so and so many of one thing, and requests that refer to what is not there."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from modaverse.dialect.base import MAX_CALLS
from modaverse_training.nano.lm import frames
from modaverse_training.nano.lm.rows import NOT_THERE, Call, Row, slot
from modaverse_training.nano.lm.wishes import Options, Wishes

MOST = MAX_CALLS  # who asks for more gets as many
NUMBERS = {
    1: ("one", "1"),
    2: ("two", "2", "a pair of", "a couple of"), 3: ("three", "3"), 4: ("four", "4"),
    5: ("five", "5"), 6: ("six", "6", "half a dozen"), 7: ("seven", "7"), 8: ("eight", "8"),
    9: ("nine", "9"), 10: ("ten", "10"), 12: ("twelve", "12", "a dozen"), 15: ("15",),
    20: ("twenty", "20"), 50: ("fifty", "50"), 100: ("a hundred", "100"),
}  # fmt: skip
_COMMON = (2, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 10, 12, 15, 20, 50, 100)
KINDS = {
    "text-to-image": (
        "pictures", "images", "drawings", "photos", "paintings", "sketches", "pics",
        "illustrations",
    ),
    "text-to-audio": (
        "sounds", "recordings", "sound effects", "audio clips", "noises", "sound clips",
    ),
    "text-to-video": (
        "videos", "clips", "short films", "animations", "short videos", "little movies",
    ),
}  # fmt: skip
_REFERS = re.compile(r"\b(it|its|that|this|them|same|one)\b")
_SECONDS = re.compile(r"(?<!\ba )\{n\} sec(onds)?\b( long)?")  # that minutes may stand for
_MINUTES = (
    "half a minute", "a minute", "one minute", "a whole minute", "two minutes", "5 minutes",
    "a quarter of a minute", "a minute and a half", "ten minutes", "an hour", "half an hour",
    "2 min", "1 min",
)  # fmt: skip
TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "5 times", 6: "six times"}


@dataclass(frozen=True)
class Limit:
    """How much a tool makes, and what is too much.

    Attributes:
        options: That ask for the most.
        told: What follows an answer that gives less than was asked for.
        within: Seconds or pixels that it makes.
        name: Of the option that takes them, if any does.
        beyond: Seconds or pixels that are too many.
    """

    options: Options
    told: str
    within: tuple[int, ...]
    name: str
    beyond: tuple[int, ...]


LIMITS = {
    "text-to-audio": Limit(
        {"seconds": 10}, "10 seconds are the longest that I can make.", tuple(range(1, 11)),
        "seconds",
        (11, 12, 15, 20, 25, 30, 40, 45, 60, 90, 100, 120, 300),
    ),
    "text-to-video": Limit(
        {}, "My videos last 2 seconds.", (2,), "",
        (3, 4, 5, 6, 7, 8, 10, 12, 15, 20, 30, 45, 60, 90, 120)
    ),
    "text-to-image": Limit(
        {"size": 512}, "512 pixels are the most that I can make.", (64, 128, 256, 512), "size",
        (600, 640, 720, 768, 800, 1000, 1024, 1080, 1280, 1920, 2048, 4096),
    ),
}  # fmt: skip


class Counts(Wishes):
    """Makes requests for several of one thing."""

    def counted(self) -> Row:
        """One content, wanted a number of times: as many calls, all alike."""
        rng, words = self.rng, self.words
        tool = rng.choices(tuple(KINDS), (0.5, 0.25, 0.25))[0]
        content = self._content(tool)
        number = rng.choice(_COMMON)
        if number in TIMES and words.chance(0.12):
            maker = words.pick(frames.FIRST[tool.removeprefix("text-to-")])
            request = f"{maker.replace('{x}', slot(content))} {TIMES[number]}"
        else:
            said = rng.choice(NUMBERS[number])
            request = (
                words.pick(frames.COUNTED)
                .replace("{n}", said)
                .replace("{k}", rng.choice(KINDS[tool]))
                .replace("{x}", slot(content))
            )
        calls = (Call(tool, content),) * min(number, MOST)
        return self._row(self.punctuated(request), calls, "counted")

    def measured(self) -> Row:
        """So many seconds or pixels: as many, or the most that there are and a word about it."""
        tool = self.rng.choices(tuple(LIMITS), (0.6, 0.2, 0.2))[0]
        content, limit = self._content(tool), LIMITS[tool]
        frame = self.words.filled(self.words.pick(frames.MEASURED[tool]))
        fits = self.words.chance(0.6)
        number = self.rng.choice(limit.within if fits else limit.beyond)
        said = str(number)
        if number in NUMBERS and tool != "text-to-image" and self.words.chance(0.35):
            said = NUMBERS[number][0]
        if not fits and self.words.chance(0.3):
            frame = _SECONDS.sub(self.rng.choice(_MINUTES), frame)
        request = _numbered(frame, said).replace("{x}", slot(content))
        options = limit.options
        if fits:
            options = {limit.name: number} if limit.name else {}
        row = self._row(self.punctuated(request), (Call(tool, content, (), options),), "measured")
        return row if fits else replace(row, text=f"{row.text} {limit.told}", family="too-much")

    def not_there(self) -> Row:
        """Something that was never made is to be changed, or made again."""
        words = self.words
        kind = self.rng.choice(("colour", "tool", "same"))
        if kind == "colour":
            other = words.adjective()
            frame = words.pick(frames.MAKE_THAT)
            request = frame.replace("{a}", other)
        elif kind == "tool":
            request = words.pick(frames.NOW_AS[self.rng.choice(tuple(KINDS))])
            while not _REFERS.search(request):  # "and a picture" refers to nothing by itself
                request = words.pick(frames.NOW_AS[self.rng.choice(tuple(KINDS))])
        else:
            request = words.pick(frames.SAME)
        return Row(self.punctuated(request), NOT_THERE, family="alone-not-there")

    def _content(self, tool: str) -> str:
        if tool == "text-to-audio":
            return self.words.sound()
        if tool == "text-to-video":
            return self.words.motion()
        return self.words.scene() if self.words.chance(0.4) else self.words.thing()[0]


def _numbered(frame: str, said: str) -> str:
    """The frame with a number for {n}; article and noun beside it agree with it."""
    if said in NUMBERS[1]:
        frame = re.sub(r"\bseconds\b", "second", frame)
    if said.startswith("a "):
        frame = frame.replace("a {n}", "{n}")
    elif re.match(r"8|11$|18$|eight", said):
        frame = re.sub(r"\ba \{n\}", "an {n}", frame)
    return frame.replace("{n}", said)
