"""The surface of a request: capitals, full stops, courtesies, as different people write."""

from __future__ import annotations

import re
from random import Random

__all__ = ["quoted", "styled"]

_QUESTION = re.compile(
    r"(what|which|who|how|where|when|why|is|are|do|does|did|can|could|would|will|may|might)\b"
)
_LEADS = (
    "please ", "hey, ", "hi, ", "ok, ", "well, ", "so, ", "good evening. ", "hello! ", "now, ",
    "if possible, ", "quick one: ", "dear assistant, ",
)  # fmt: skip
_TAILS = (" please", ", please", ", thanks", ", thank you", " now", ", if you can", ". many thanks")
_QUOTES = (('"', '"'), ("“", "”"), ("'", "'"), ("«", "»"), ("„", "“"))


def quoted(text: str, rng: Random) -> str:
    """The text between quotes of some country; none of them stands in it."""
    fit = [pair for pair in _QUOTES if not any(mark in text for mark in pair)]
    before, after = rng.choice((*fit[:1], *fit) or (('"', '"'),))
    return f"{before}{text}{after}"


def styled(request: str, rng: Random, *, closed: bool = False) -> str:
    """A request as somebody writes it: with or without courtesies, capitals and a last mark.

    Args:
        request: As a phrase gives it: beginning small, without a last mark.
        rng: Decides.
        closed: Whether the request ends in words that a plan repeats, so that nothing may follow.
    """
    asking = bool(_QUESTION.match(request))
    text = request
    if rng.random() < 0.1:
        text = rng.choice(_LEADS) + text
    if not closed and rng.random() < 0.1 and text[-1:].isalnum():
        text += rng.choice(_TAILS)
    if not closed and text[-1:] not in ".?!:":
        marks = ("?", "?", "?", "") if asking else ("", ".", ".", "!" if rng.random() < 0.2 else "")
        text += rng.choice(marks)
    draw = rng.random()
    return text if draw < 0.35 else text[:1].upper() + text[1:]
