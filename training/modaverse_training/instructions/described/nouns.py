"""What people call things that descriptions name: other nouns and adjectives of common speech."""

from __future__ import annotations

import re
from collections.abc import Mapping
from random import Random

__all__ = ["said_otherwise"]

_TABLE = """
background noise: noise, hiss, hum, background sounds, static
unwanted sounds: disturbing sounds, unwanted noises, annoying sounds
grammatical errors: grammar mistakes, grammar errors, grammatical mistakes, errors, mistakes
errors: mistakes, faults
keywords: key words, main words, key terms
keyword: key word, term
phrases: expressions, terms
sentiment: mood, emotional tone, feeling, attitude, opinion
emotion: feeling, mood
internet: web, net
topics: subjects, themes
topic: subject, theme
ideas: suggestions, thoughts
corrections: fixes, improvements
playback speed: speed, tempo, pace
slideshow: slide show
slideshow video: slideshow, slide show, video slideshow
panorama: wide picture, panoramic picture
collage: montage
audio effects: sound effects, effects
visual style: style, look, artistic style, appearance
still image: still, frame, single frame, snapshot, screenshot
audio track: sound, soundtrack, audio, sound track
voiceover: voice-over, narration, spoken commentary, narrator
script: text, narration text
speech: spoken words, talk, what is said
timing: time
characteristics: sound, properties
list: collection, set
images: pictures, photos
image: picture, photo
videos: clips, films, video clips
video: clip, film, movie
audio file: sound file, audio, recording, sound
audio: sound, recording
url: link, web address, address
urls: links, web addresses
text content: text, content, words
text: words, writing
color: colour, colours
similar: alike, comparable
relevant: fitting, suitable
important: essential, central
different: other, new
large: big
small: little
people: persons
person: human
faces: people's faces
objects: things, items
license plates: number plates
weather forecast: weather
price: cost
email: mail, e-mail
document: file
documents: files
movie: film
song: tune, piece of music
music: songs, tunes
melody: tune
lyrics: words of the song
company: firm
car: automobile
answer: reply
question: query
summary: overview
table: chart
translation: version in another language
synonyms: other words
"""


def _read(table: str) -> dict[str, tuple[str, ...]]:
    lines = (line.partition(": ") for line in table.strip().splitlines())
    return {name: tuple(told.split(", ")) for name, _, told in lines}


_OTHERS: Mapping[str, tuple[str, ...]] = _read(_TABLE)
_ANY = re.compile(
    r"\b(" + "|".join(sorted(_OTHERS, key=len, reverse=True)) + r")\b(?!\})", re.IGNORECASE
)


def said_otherwise(text: str, rng: Random, share: float = 0.35) -> str:
    """The text with some of its nouns and adjectives replaced by others that mean the same."""

    def other(found: re.Match[str]) -> str:
        if rng.random() >= share:
            return found[0]
        return rng.choice(_OTHERS[found[0].lower()])

    return _ANY.sub(other, text)
