"""Requests in the plain wordings that language models of any size are taught with."""

from __future__ import annotations

from modaverse_training.instructions.phrases import drawn, filled, wordings
from modaverse_training.nano.lm.answers import Answers
from modaverse_training.nano.lm.rows import Call, Row, slot

_ROLES = {  # banks of `instructions/phrases`, and the share of each
    "paint": ("text-to-image", 0.28), "film": ("text-to-video", 0.3),
    "sound": ("text-to-audio", 0.27), "speak": ("text-to-speech", 0.15),
}  # fmt: skip


class Plain(Answers):
    """Makes requests whose wordings come from `instructions/phrases`, their contents from here."""

    def plain(self) -> Row:
        """One thing, asked for as most people would."""
        roles = tuple(_ROLES)
        role = self.rng.choices(roles, [_ROLES[r][1] for r in roles])[0]
        content = self._said(role)
        template = drawn(self.rng.choice(wordings(role)), self.rng)
        values = {"x": slot(content), "s": slot(content), "q": self.quoted(content)}
        request = filled(template, values)
        ends_bare = role == "speak" and template.endswith("{s}")  # an end mark would be spoken
        asked = self.capitalised(request) if ends_bare else self.punctuated(request)
        return self._row(asked, (Call(_ROLES[role][0], content),), "plain")

    def _said(self, role: str) -> str:
        """Words for what is to be made."""
        words = self.words
        if role == "speak":
            return words.sentence()
        if role == "sound":
            return words.music() if words.chance(0.25) else words.sound()
        if words.chance(0.25):
            return words.thing()[0]
        return words.motion() if role == "film" else words.scene()
