"""Requests that a sentence answers: small talk, and what a small model cannot know."""

from __future__ import annotations

import re

from modaverse_training.instructions.phrases import drawn, filled, wordings
from modaverse_training.nano.concepts import drawables
from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.rows import ABOUT, NOTHING, UNKNOWN, Call, Row, slot
from modaverse_training.nano.lm.vocabulary import COMPOUNDED, article, plural
from modaverse_training.nano.lm.wishes import Wish, Wishes

_MEASURES = (
    "pair", "bunch", "loaf", "cup", "bowl", "slice", "glass", "box", "piece", "pot", "set", "stack",
    "basket", "can", "bag", "ear", "row", "bottle", "jar", "pile", "ball", "deck",
)  # fmt: skip
_NAMES = tuple(thing.name for thing in drawables() if " " in thing.name)


class Answers(Wishes):
    """Makes small talk and questions."""

    def talk(self) -> Row:
        """Greetings, thanks, questions about the assistant, and nothing to do."""
        kind = self.rng.choices(list(frames.TALK), (0.2, 0.2, 0.2, 0.13, 0.27))[0]
        if kind == NOTHING and self.words.chance(0.5):
            return Row(
                self.punctuated(self.rng.choice(self.words.statements)), NOTHING, family="talk"
            )
        text = self.words.filled(self.words.pick(frames.TALK[kind])).strip()
        text = text.replace("modality", self.rng.choice(["picture", "video", "sound", "speech"]))
        return Row(self.punctuated(text), kind, family="talk")

    def about(self) -> Row:
        """A short text, and the question what it is about."""
        subject, head = self._compound() if self.words.chance(0.45) else self.words.thing()
        text = subject
        if self.words.chance(0.5):
            text += f" {self.words.doing()}"
        if self.words.chance(0.6):
            text += f" {self.words.place()}"
        determined = re.match(r"(an?|the|my|our|his|her|their|your)\b|.*'s ", subject)
        given = self.quoted(text) if self.words.chance(0.6) else slot(text)
        if self.words.chance(0.75):
            template = drawn(self.rng.choice(wordings("about")), self.rng)
        else:
            template = self.words.pick(frames.ABOUT)
        request = filled(template, {"x": given, "q": self.quoted(text), "s": slot(text)})
        answer = f"{ABOUT} {article(head) if determined else head}."
        return Row(self.punctuated(request), answer, family="about")

    def _compound(self) -> tuple[str, str]:
        """A noun phrase whose head is of several words, and the head: `a red loaf of bread`."""
        noun = self.words.noun(*COMPOUNDED)
        if self.words.chance(0.4):  # nano's own names of several words: `hot dog`, `pine tree`
            head = self.rng.choice(_NAMES)
        elif self.words.chance(0.4):
            head = self.rng.choice(self.words.wordnet.compounds or [noun])
        elif self.words.chance(0.5):
            head = f"{self.words.pick(_MEASURES)} of {noun}"
        else:
            head = f"{self.rng.choice(phrases.THINGS)} {noun}"
        body = f"{self.words.adjective()} {head}" if self.words.chance(0.6) else head
        return article(body), head

    def knowledge(self) -> Row:
        """What a small model cannot know; now and then together with a wish it can fulfil."""
        question = self.words.filled(self.words.pick(frames.KNOWLEDGE))
        draw = self.rng.random()
        if draw < 0.75:
            if draw < 0.1:
                question = question.rstrip("?.") + self.words.pick(frames.READ_ANSWER)
            if self.words.chance(0.12):
                question = (
                    self.words.pick(
                        (
                            "please ",
                            "hey, ",
                            "can you tell me ",
                            "hi! ",
                            "quick question: ",
                            "tell me, ",
                            "i wonder, ",
                        )
                    )
                    + question
                )
            return Row(self.punctuated(question), UNKNOWN, family="knowledge")
        wish = self.closed()
        if self.words.chance(0.25):  # a question about the very thing that is drawn
            subject, head = self.words.thing()
            question = self.words.filled(self.words.pick(frames.KNOWLEDGE_ABOUT)).replace(
                "{x}", slot(plural(head))
            )
            tool, frame = self.rng.choice(
                [
                    ("text-to-image", "draw {x}"),
                    ("text-to-image", "show me a picture of {x}"),
                    ("text-to-audio", "let me hear {x}"),
                    ("text-to-video", "make a video of {x}"),
                ]
            )
            wish = Wish(frame.replace("{x}", slot(subject)), (Call(tool, subject),), True)
        phrase = self.ordered(wish)
        question = self.punctuated(question)
        if self.words.chance(0.7):
            joiner = self.words.pick((" and ", " also ", " ", " then ", " plus ", ", and "))
            if question[-1] in ".?!":
                joiner = joiner.replace(",", "")
                phrase = phrase[:1].upper() + phrase[1:] if joiner == " " else phrase
            request = question + joiner + phrase
        else:
            request = (
                phrase
                + self.words.pick((" and ", ". ", ", then ", ", and also ", " and tell me: "))
                + question
            )
        lines = tuple(c.line() for c in wish.calls)
        return Row(request, UNKNOWN, lines, family="knowledge-and-media")
