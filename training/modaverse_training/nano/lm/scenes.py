"""Pictures and films told in several clauses and sentences: many things, and yet one result."""

from __future__ import annotations

from modaverse_training.nano.lm.frames import scenes as frames
from modaverse_training.nano.lm.rows import Call, Row, slot
from modaverse_training.nano.lm.wishes import Wishes


class Scenes(Wishes):
    """Makes requests for one picture or film that is told at length."""

    def scene(self) -> Row:
        """One picture, now and then one film, of several things in several clauses."""
        filmed = self.words.chance(0.15)
        content = self.words.motion() if filmed else self._things()
        content += "".join(self._further() for _ in range(self.rng.choice((0, 0, 1, 1, 1, 2, 3))))
        template = self.words.pick(frames.FILMED if filmed else frames.PAINTED)
        request = template.replace("{x}", slot(content))
        tool = "text-to-video" if filmed else "text-to-image"
        return self._row(self.punctuated(request), (Call(tool, content),), "scene")

    def _things(self) -> str:
        """What is to be seen first: two things or more, or a whole scene."""
        if self.words.chance(0.2):
            return self.words.scene().rstrip(".!?")
        text = self._clause(frames.TOGETHER)
        if self.words.chance(0.12):
            text += self.rng.choice((" ", ", ")) + self._clause(frames.WRITTEN)
        return text

    def _further(self) -> str:
        """A clause more, with what parts it from those before."""
        text = self._clause(frames.WRITTEN if self.words.chance(0.15) else frames.TELLING)
        link = self.rng.choices(tuple(frames.LINKS), tuple(frames.LINKS.values()))[0]
        return link + (text[:1].upper() + text[1:] if link == ". " else text)

    def _clause(self, bank: tuple[str, ...]) -> str:
        return self.words.filled(self.words.pick(bank)).rstrip(".!?")
