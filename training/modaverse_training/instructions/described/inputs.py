"""The inputs of one request for a described tool: what is attached, what is said, how it is named.

A file is named as people name those that they attach ("the video 'trip.mp4'"); words to work on
stand in the request, or behind it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from random import Random

from modaverse_training.instructions.described import contents
from modaverse_training.instructions.described.reading import Described, Role
from modaverse_training.instructions.style import quoted

__all__ = ["MEDIA", "Given", "articled", "given"]

MEDIA: tuple[Role, ...] = ("image", "audio", "video")
_CALLED = {
    "image": ("image", "picture", "photo", "image"),
    "audio": ("audio", "recording", "sound", "audio file"),
    "video": ("video", "clip", "video file", "footage"),
}
_PASSAGES = ("text", "text", "text", "paragraph", "sentence", "passage", "message")


@dataclass(frozen=True)
class Given:
    """One input of a request.

    Attributes:
        role: What it is.
        name: How it is spoken of first.
        again: How it is spoken of later.
        value: What the plan's prompt says of it; empty for a file.
        file: The name of the attached file; empty if it has none.
        attached: Whether it is attached.
        behind: What comes behind the whole request.
    """

    role: Role
    name: str
    again: str
    value: str = ""
    file: str = ""
    attached: bool = False
    behind: str = ""


def given(tool: Described, rng: Random) -> tuple[Given, ...]:
    """The inputs of one request, in the tool's order; no two files have one name.

    Args:
        tool: The tool.
        rng: Decides.
    """
    found: list[Given] = []
    for place in range(len(tool.roles)):
        one = _one(tool, place, rng)
        while one.file and one.file in (other.file for other in found):
            one = _one(tool, place, rng)
        found.append(replace(one, name=articled(one.name)))
    return tuple(found)


def articled(text: str) -> str:
    """The text with "a" or "an" as the next word wants it.

    Example:
        >>> articled("a image of an text")
        'an image of a text'
    """
    text = re.sub(r"\ba (?=[aeio])", "an ", text)
    return re.sub(r"\ban (?=[b-df-gj-lnp-tv-z])", "a ", text)


def _one(tool: Described, place: int, rng: Random) -> Given:
    """An input of a tool."""
    role = tool.roles[place]
    if role in MEDIA:
        return _medium(tool, place, rng)
    if role == "url":
        return _address(tool, rng)
    if role == "passage":
        return _passage(tool, place, rng)
    if role == "instruction":
        how = contents.instruction(tool.examples, rng)
        return Given(role, how, how, how)
    said = contents.subject(rng) if role == "topic" else contents.thing(rng)
    draw = rng.random()
    name = said if draw < 0.55 else quoted(said, rng)
    if draw > 0.9:
        word = rng.choice(("the topic", "the words", "the phrase", "this:", "the following:"))
        name = f"{word} {name}"
    return Given(role, name, rng.choice(("it", "that", "this")), said)


def _medium(tool: Described, place: int, rng: Random) -> Given:
    """A picture, a sound or a video: by its file's name, or as what is attached, or as nothing."""
    role = tool.roles[place]
    several = tool.roles.count(role) > 1
    noun = rng.choice(
        (*_CALLED[role], *(tool.nouns[place : place + 1] if tool.nouns[place] else ()))
    )
    again = "it" if len([r for r in tool.roles if r in MEDIA]) == 1 else f"the {noun}"
    nth = ""
    if several:
        nth = ("first", "second", "third")[min(2, tool.roles[:place].count(role))]
        again = f"the {nth} {rng.choice((noun, 'one'))}"
    elif rng.random() < 0.35:
        again = f"{rng.choice(('the', 'this'))} {noun}"
    like = ""
    if tool.states and rng.random() < 0.25:
        like = f"{rng.choice(tool.states)} "
    draw = rng.random()
    if draw < 0.72:
        return _file(role, f"{like}{noun}", again, rng)
    if draw < 0.88:
        own = rng.choice((f"this {like}{noun}", f"the attached {like}{noun}", f"my {like}{noun}",
                          f"the {like}{noun} I attached", f"the {like}{noun} above"))  # fmt: skip
        return Given(role, f"the {nth} {noun}" if several else own, again, attached=True)
    thing = contents.thing(rng)
    vague = rng.choice((
        f"my {like}{noun}", f"a {like}{noun} of {thing}", f"the {like}{noun} of {thing}",
        f"the {like}{noun}", f"a {like}{noun}",
    ))  # fmt: skip
    return Given(role, vague, again)


def _file(role: Role, noun: str, again: str, rng: Random) -> Given:
    file = contents.file_name(role, rng)
    marked = file if rng.random() < 0.45 else quoted(file, rng)
    own = rng.choice(("the", "my", "the", "this", "a", "our"))
    name = rng.choice((
        marked, marked, marked, f"{own} {noun} {marked}", f"{own} {noun} file {marked}",
        f"{own} {noun} ({file})", f"the file {marked}", f"{own} {noun} called {marked}",
        f"{own} {noun} named {marked}", f"{own} {noun} {marked}",
    )).replace("file file", "file")  # fmt: skip
    return Given(role, name, again, file=file, attached=True)


def _address(tool: Described, rng: Random) -> Given:
    gives = tool.tool.kind
    at = contents.address(gives if gives in ("image", "audio", "video") else "text", rng)
    marked = at if rng.random() < 0.5 else quoted(at, rng)
    word = rng.choice(("link", "URL", "address", "web address", "page", "site", "url"))
    name = rng.choice((
        marked, marked, marked, f"the {word} {marked}", f"this {word}: {marked}",
        f"the following {word}: {marked}", f"the given {word} {marked}",
    ))  # fmt: skip
    return Given("url", name, rng.choice(("it", f"that {word}", "it")), at)


def _passage(tool: Described, place: int, rng: Random) -> Given:
    """Words to work on: within the request, behind it, in a file, or not told at all."""
    called = tool.nouns[place]
    noun = rng.choice(_PASSAGES) if called in ("", "text") else rng.choice((called, called, "text"))
    if tool.states and rng.random() < 0.2:
        noun = f"{rng.choice(tool.states)} {noun}"
    again = rng.choice(("it", f"the {noun}", f"this {noun}"))
    draw = rng.random()
    if draw < 0.1:
        file = contents.file_name("text", rng)
        name = rng.choice(
            (file, quoted(file, rng), f"the {noun} in {file}", f"the {noun} file {file}")
        )
        return Given("passage", name, again, file)
    if draw < 0.2:
        thing = contents.subject(rng)
        vague = rng.choice((f"my {noun}", f"a {noun} about {thing}", f"the {noun} about {thing}",
                            f"my {noun} about {thing}", f"a {noun}"))  # fmt: skip
        return Given("passage", vague, again, vague.partition(" about ")[2] or vague)
    text = contents.passage(tool.tool.spec.description, rng)
    if draw < 0.6:
        pointer = rng.choice((
            f"this {noun}", f"the following {noun}", f"the {noun} below", f"a {noun}",
            f"the given {noun}", f"my {noun}",
        ))  # fmt: skip
        behind = text if rng.random() < 0.3 else quoted(text, rng)
        return Given("passage", pointer, again, text, behind=behind)
    marked = quoted(text, rng)
    before = rng.choice(("", "", f"the {noun} ", f"this {noun}: ", f"the following {noun}: "))
    return Given("passage", f"{before}{marked}", again, text)
