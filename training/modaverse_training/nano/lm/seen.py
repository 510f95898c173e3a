"""Later turns of a chat about a file that was attached before, or about what was made."""

from __future__ import annotations

from dataclasses import dataclass

from modaverse_training.nano.lm import frames
from modaverse_training.nano.lm.frames import seen as said
from modaverse_training.nano.lm.pictures import Pictures
from modaverse_training.nano.lm.rows import INSIDE, Call, Row, slot

_MAKES = {"image": "text-to-image", "video": "text-to-video", "audio": "text-to-audio"}


@dataclass(frozen=True)
class _Known:
    """What the first turn told: the file, the thing in it, with its doings or place, the answer."""

    modality: str
    handle: str
    subject: str
    whole: str
    answer: str


class Seen(Pictures):
    """Makes requests whose history holds what was perceived in a file."""

    def seen(self) -> Row:
        """A turn after nano has said what is in a file, or made something of the sort."""
        if self.words.chance(0.3):
            return self._made()
        modality = self.rng.choices(("image", "audio", "video"), (0.6, 0.2, 0.2))[0]
        handle = f"{modality}{self.rng.choice((1, 1, 1, 1, 2, 3))}"
        subject = self.words.thing()[0]
        whole = subject
        if modality == "video" and self.words.chance(0.6):
            whole += f" {self.words.doing()}"
        elif modality == "image" and self.words.chance(0.4):
            whole += f" {self.words.place()}"
        asked, answer = self._perceived(modality, handle, subject, whole)
        known = _Known(modality, handle, subject, whole, answer)
        makers = [self._heard, self._remade, self._looked_at_again, self._said_aloud]
        if modality == "image":
            makers += [self._picture_used] * 4
        row = self.rng.choice(makers)(known)
        return Row(
            row.request, row.text, row.calls,
            history=((f"[{handle}] {asked}", answer),), family=f"seen-{row.family}",
        )  # fmt: skip

    def _perceived(self, modality: str, handle: str, subject: str, whole: str) -> tuple[str, str]:
        """The turn in which the file came: the request, and the answer that names what it holds."""
        refer = self._refer(modality, "", handle)
        draw = self.rng.random()
        if draw < 0.2:  # whether it is something
            guess = subject if self.words.chance(0.5) else self.words.thing()[0]
            asked = self.words.pick((f"is {refer} {guess}", f"do you think {refer} is {guess}"))
            return self.punctuated(asked), f"It is {subject}."
        if draw < 0.35:  # something made of it at once
            tool = self.rng.choice(tuple(_MAKES.values()))
            asked = self.words.pick(frames.NOW_AS[tool])
            made = self._row(asked, (Call(tool, whole),), "")
            return self.punctuated(asked), made.answer()
        asked = self.words.filled(self.words.pick(frames.INSIDE[modality])).replace("{r}", refer)
        return self.punctuated(asked), f"{whole[:1].upper()}{whole[1:]}."

    def _heard(self, known: _Known) -> Row:
        """The sound of what was named."""
        if self.words.chance(0.5):
            request = self.words.pick(frames.NOW_AS["text-to-audio"])
        else:
            thing = self.words.pick(said.THE_SEEN)
            request = self.words.pick(frames.SOUND_QUESTIONS).replace("{x}", thing)
        prompt = known.whole if known.answer.startswith("Here ") else known.subject
        calls = (Call("text-to-audio", prompt),)
        return self._row(self.punctuated(request), calls, "heard")

    def _remade(self, known: _Known) -> Row:
        """A picture or a video of what was named."""
        guessed = known.answer.startswith("It is ")
        whole = known.subject if guessed else known.whole
        if known.modality == "image" or self.words.chance(0.3):
            tool, request = "text-to-image", self.words.pick(said.LIKE_SEEN)
        else:
            tool = self.rng.choice(("text-to-image", "text-to-video"))
            request = self.words.pick(frames.NOW_AS[tool])
        return self._row(self.punctuated(request), (Call(tool, whole),), "remade")

    def _looked_at_again(self, known: _Known) -> Row:
        """A question that only another look can answer."""
        request = self.words.filled(self.words.pick(said.LOOK_AGAIN[known.modality]))
        answer = INSIDE[known.modality].format(known.handle)
        return Row(self.punctuated(request), answer, (), family="again")

    def _said_aloud(self, known: _Known) -> Row:
        """The answer, spoken."""
        if known.answer.startswith("Here "):
            return self._heard(known)
        calls = (Call("text-to-speech", known.answer),)
        return self._row(self.punctuated(self.words.pick(said.SAY_SEEN)), calls, "said")

    def _picture_used(self, known: _Known) -> Row:
        """The picture that was attached is to be changed, or to move."""
        tool = "image-to-video" if self.words.chance(0.4) else "image-to-image"
        names = ("it", "it", "it", "the picture", "the picture I sent", known.handle)
        refer = self.words.pick(names)
        request, prompt, ordered = self._instruction(tool, refer, named="", orders=0.7)
        request = self._asked_for(request) if ordered else request
        calls = (Call(tool, prompt, (known.handle,)),)
        return self._row(self.punctuated(request), calls, "picture")

    def _made(self) -> Row:
        """What an answer has made is asked about: the prompt tells."""
        tool = self.rng.choice(tuple(said.WHAT_WAS_MADE))
        content = {
            "text-to-image": self.words.scene, "text-to-video": self.words.motion,
            "text-to-audio": self.words.sound,
        }[tool]()  # fmt: skip
        asked = self.words.pick(frames.FIRST[tool.removeprefix("text-to-")])
        first = self._row(
            self.punctuated(asked.replace("{x}", slot(content))), (Call(tool, content),), ""
        )
        if self.words.chance(0.5):  # what only a look can tell, and the handle counts from 1
            made = tool.removeprefix("text-to-")
            request = self.words.filled(self.words.pick(said.LOOK_AGAIN[made]))
            answer, family = INSIDE[made].format(f"{made}1"), "alone-seen-made"
        else:
            request = self.words.pick(said.WHAT_WAS_MADE[tool])
            answer, family = f"{content[:1].upper()}{content[1:]}.", "seen-made"
        return Row(self.punctuated(request), answer, history=first.said(), family=family)
