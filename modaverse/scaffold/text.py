"""new-tool, a tool for ModaVerse: spelling as pilots do."""

from __future__ import annotations

from typing import Literal

from modaverse.tool import Context, tool

__all__ = ["new_tool"]

_WORDS = """
    Alfa Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliett Kilo Lima Mike November
    Oscar Papa Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu
"""
_ALPHABET = {word[0].lower(): word for word in _WORDS.split()}


@tool
def new_tool(
    prompt: str,
    *,
    style: Literal["words", "list"] = "words",
    context: Context,
) -> str:
    """Make a radio spelling of the prompt, as pilots spell: Golf for G.

    Args:
        prompt: What is spelt; what is no letter from A to Z stays as it is.
        style: All in one line of words, or a list of one a line.
        context: Tells how far the work has come, and whether to stop.

    Examples:
        a radio spelling of Heathrow => new-tool: Heathrow
        spell "KLM 1023" as pilots do => new-tool: KLM 1023
        list a spelling of Oslo => new-tool with {"style":"list"}: Oslo
        how does a pilot spell {prompt}?
    """
    letters = [letter for letter in prompt if not letter.isspace()]
    context.report(1, 1)
    spelt = [_ALPHABET.get(letter.lower(), letter) for letter in letters]
    return (" " if style == "words" else "\n").join(spelt)
