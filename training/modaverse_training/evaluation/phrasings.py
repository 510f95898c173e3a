"""How the matrix asks: for each pair of modalities, requests that name no concept of their own.

They are for measuring alone: a test checks that none stands among the requests of a training set.
Where a text is given, it stands at {}.
"""

from __future__ import annotations

from collections.abc import Mapping

from modaverse.media import Modality

__all__ = ["PHRASINGS", "normal_forms"]

PHRASINGS: Mapping[tuple[Modality, Modality], tuple[str, ...]] = {
    ("text", "text"): (
        "Take these words: {}. Which thing are they about? Answer in words only.",
        "Somebody wrote {}. Tell me, in a word, what thing that names.",
        "Name the thing in this line, no media please: {}",
    ),
    ("text", "image"): (
        "Let my eyes have {}, as a still.",
        "For the wall of the nursery I want to see {}, painted.",
        "Put {} on a canvas for me.",
    ),
    ("text", "audio"): (
        "Let my ears have this: {}, as it sounds.",
        "For a radio play I need to hear {}.",
        "Fill my headphones with {} for a moment.",
    ),
    ("text", "video"): (
        "Let it move on my screen: {}, as footage.",
        "For the opening seconds of a film I need {}, shot in motion.",
        "Roll the camera on {} for me.",
    ),
    ("image", "text"): (
        "Put a name to the thing in here for me.",
        "If you had to say what this shows, what would you say?",
        "My friend cannot see the attachment. Tell her what is in it.",
    ),
    ("image", "image"): (
        "Have the same thing stand somewhere else, in a fresh still.",
        "I liked what this shows. Paint me one more of its kind.",
        "Another still with this very thing in it, if you can.",
    ),
    ("image", "audio"): (
        "Suppose the thing in here made its noise: let me listen.",
        "Give this its voice, as I would hear it next to me.",
        "What it shows, but for my ears.",
    ),
    ("image", "video"): (
        "Wake the thing in here up: I want it moving, as footage.",
        "Let what this shows stir for a few seconds on film.",
        "What it shows, but as moving footage.",
    ),
    ("audio", "text"): (
        "Put a name to what is making this noise.",
        "If you had to say what can be heard here, what would you say?",
        "My friend has no speakers. Tell her what she is missing.",
    ),
    ("audio", "image"): (
        "Show me, painted, whatever is making this noise.",
        "What you hear there, but for my eyes, as a still.",
        "Let me look at the source of this, on a canvas.",
    ),
    ("audio", "audio"): (
        "Have the same source sound once more, in a fresh take.",
        "I liked what I heard. Let me listen to another of its kind.",
        "One more noise from the same source, if you can.",
    ),
    ("audio", "video"): (
        "Show me in motion, as footage, whatever is making this noise.",
        "What you hear there, but filmed and moving.",
        "Let me watch the source of this for a few seconds.",
    ),
    ("video", "text"): (
        "Put a name to the thing that moves in here.",
        "If you had to say what this footage follows, what would you say?",
        "My friend missed the footage. Tell her what was in it.",
    ),
    ("video", "image"): (
        "Freeze what moves in here into one still for me.",
        "What this footage follows, as something I can hang on the wall.",
        "From the footage to a still, same thing.",
    ),
    ("video", "audio"): (
        "The footage is silent: let me listen to the noise its thing makes.",
        "Give the thing that moves in here its voice, for my ears.",
        "What this footage follows, as I would hear it beside me.",
    ),
    ("video", "video"): (
        "Have the same thing move once more, in fresh footage.",
        "I liked what the footage follows. Film me another of its kind.",
        "More footage with this very thing in it, if you can.",
    ),
}


def normal_forms() -> frozenset[str]:
    """The wordings without case, punctuation and the text that is given, to look for leaks by."""
    return frozenset(
        " ".join(word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split())
        for several in PHRASINGS.values()
        for text in several
    )
