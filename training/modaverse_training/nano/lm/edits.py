"""Chats about an attached picture that is changed turn by turn, each time the newest."""

from __future__ import annotations

from dataclasses import replace

from modaverse_training.nano.lm.pictures import Pictures
from modaverse_training.nano.lm.rows import Call, Row, unmarked

_LEADS = ("", "", "", "now ", "and ", "and now ", "next ", "then ", "good, ", "ok, ")
_TALK = (  # that needs no answer but a word
    ("thanks", "You are welcome."), ("thank you", "You are welcome."),
    ("great, thanks", "You are welcome."), ("perfect, thank you", "You are welcome."),
    ("wait", "All right, I will make nothing."), ("ok", "All right, I will make nothing."),
)  # fmt: skip


class Edits(Pictures):
    """Makes requests for one more change of a picture that was changed before."""

    def edited(self) -> Row:
        """A picture changed once to six times, and then changed again or set in motion.

        The row holds only where nothing else was made or attached before, since handles count.
        """
        given = self.rng.choices((1, 2), (0.85, 0.15))[0]  # pictures that were attached
        row = self._next_edit("image-to-image", self.rng.randint(1, given), given)
        marks = "".join(f"[image{number}]" for number in range(1, given + 1))
        said: tuple[tuple[str, str], ...] = ((f"{marks} {unmarked(row.request)}", row.answer()),)
        changes = self.rng.choices((1, 2, 3, 4, 5, 6), (0.22, 0.24, 0.2, 0.14, 0.1, 0.1))[0]
        for made in range(1, changes):
            said += self._next_edit("image-to-image", given + made, given).said()
            if self.words.chance(0.15):
                said += (self.rng.choice(_TALK),)
        tool = "image-to-video" if self.words.chance(0.3) else "image-to-image"
        return replace(self._next_edit(tool, given + changes, given), history=said)

    def _next_edit(self, tool: str, number: int, given: int) -> Row:
        """One change of the picture with this number, of so many that were attached."""
        which = f"image{number}" if number <= given > 1 else ""
        refer = which or self.rng.choice(("it", "it", "it", "this", "the picture"))
        request, prompt, ordered = self._instruction(tool, refer, named=which, orders=0.8)
        if ordered and number > given:
            request = self.words.pick(_LEADS) + request
        row = self._row(self.punctuated(request), (Call(tool, prompt, (f"image{number}",)),), "")
        return replace(row, family="alone-edited")
