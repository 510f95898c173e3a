"""How the matrix asks: for each pair of modalities, requests that name no concept of their own.

They are for measuring alone: who makes training data drops the requests that `is_wording` knows,
and a test checks that none stands among the hand-written ones. Where a text is given, it stands at
{}. One a line, to hold them out: python -m modaverse_training.evaluation.phrasings > FILE
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache

from modaverse.media import Modality

__all__ = ["PHRASINGS", "is_wording"]

PHRASINGS: Mapping[tuple[Modality, Modality], tuple[str, ...]] = {
    ("text", "text"): (
        "Which thing are the words '{}' about? Just tell me.",
        "Tell me the one object that this line is about: {}",
        "In '{}', what is the main thing called? Words are enough.",
    ),
    ("text", "image"): (
        "I would love a picture that shows {}.",
        "Could I get an illustration of {} for my wall?",
        "Please make an image for my blog: {}",
    ),
    ("text", "audio"): (
        "I would love to listen to this: {}.",
        "Could I get a recording of {} for my podcast?",
        "Please make a sound effect for my game: {}",
    ),
    ("text", "video"): (
        "I would love a short clip that shows {}.",
        "Could I get some footage of {} for my film?",
        "Please make an animation for my website: {}",
    ),
    ("image", "text"): (
        "Which thing is shown in this picture? One word will do.",
        "Tell me what the attached image has in it.",
        "Describe the attached image to someone who cannot see it.",
    ),
    ("image", "image"): (
        "Make one more picture of the thing that this one shows.",
        "Draw the thing from this image once more, but in another place.",
        "Please paint the same kind of thing as here again for me.",
    ),
    ("image", "audio"): (
        "What would the thing in this picture sound like? Play it to me.",
        "Make the sound that belongs to the thing in this image.",
        "Let me hear the thing that is shown in this picture.",
    ),
    ("image", "video"): (
        "Make a short clip in which the thing from this picture moves.",
        "Bring the thing in this image to life, as a video.",
        "I want to watch the thing in this picture move about.",
    ),
    ("audio", "text"): (
        "Which thing makes the noise in this recording? One word will do.",
        "Tell me what the attached sound is a sound of.",
        "Describe the attached sound to someone who cannot hear it.",
    ),
    ("audio", "image"): (
        "Draw whatever makes the noise in this recording.",
        "Make a picture of the thing that you hear in this sound.",
        "Show me the thing that can be heard here, as an image.",
    ),
    ("audio", "audio"): (
        "Make one more sound of the thing that makes this one.",
        "Let me hear the thing from this recording once more, a bit differently.",
        "Please make the same kind of sound as here again for me.",
    ),
    ("audio", "video"): (
        "Make a video of whatever makes the noise in this recording.",
        "Show me a clip of the thing that you hear in this sound.",
        "I want to watch the thing that can be heard here move about.",
    ),
    ("video", "text"): (
        "Which thing moves in this clip? One word will do.",
        "Tell me what the attached video has in it.",
        "Describe the attached video to someone who cannot watch it.",
    ),
    ("video", "image"): (
        "Make a picture of the thing that moves in this clip.",
        "Draw the thing from this video, standing still.",
        "Show me the thing in this clip once more, as an image.",
    ),
    ("video", "audio"): (
        "What would the thing in this clip sound like? Play it to me.",
        "Make the sound that belongs to the thing in this silent video.",
        "Let me hear the noise of the thing that moves in this clip.",
    ),
    ("video", "video"): (
        "Make one more video of the thing that this one shows.",
        "Film the thing from this clip once more, moving in another way.",
        "Please make a new clip with the same kind of thing as here.",
    ),
}


def is_wording(request: str) -> bool:
    """Whether a request is worded as the matrix asks, whatever text it gives, case and commas."""
    return _pattern().fullmatch(_normal(request)) is not None


@cache
def _pattern() -> re.Pattern[str]:
    several = (_normal(text.replace("{}", " given ")) for row in PHRASINGS.values() for text in row)
    return re.compile("|".join(re.escape(text).replace("given", ".+") for text in several))


def _normal(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))


if __name__ == "__main__":
    print("\n".join(text for row in PHRASINGS.values() for text in row))
