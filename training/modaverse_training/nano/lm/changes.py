"""Later turns that change what was made: a part of it, its length, its kind, or nothing at all."""

from __future__ import annotations

from dataclasses import dataclass, replace

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.answers import Answers
from modaverse_training.nano.lm.combined import Combined
from modaverse_training.nano.lm.rows import Call, Row, slot, unmarked
from modaverse_training.nano.lm.vocabulary import article, ing, plural
from modaverse_training.nano.lm.wishes import Options

_KINDS = {"image": "text-to-image", "video": "text-to-video", "audio": "text-to-audio"}
_CHANGES = {  # how often each part is changed
    "quality": 0.25, "place": 0.2, "thing": 0.08, "tool": 0.2, "other": 0.1, "measure": 0.04,
    "same": 0.04, "with": 0.08, "doing": 0.05, "sound": 0.05,
}  # fmt: skip
_OF_WHAT_IS_SEEN = ("quality", "with", "sound", "thing", "doing")
_BEFORE = ("quality", "place", "with", "thing", "doing")  # what earlier turns may change
_SIZES = (
    ("bigger", 512), ("larger", 512), ("in large", 512), ("smaller", 128), ("in small", 128),
)  # fmt: skip


@dataclass(frozen=True)
class Scene:
    """What was made, in parts that can be changed one by one.

    Attributes:
        tool: That made it.
        det: "a", "the", "two", or nothing.
        quality: An adjective, or nothing.
        noun: The thing, in the plural after a number.
        doing: With what it does, or nothing.
        place: With where it is, or nothing.
        more: Other words at its end.
    """

    tool: str
    det: str
    quality: str
    noun: str
    doing: str = ""
    place: str = ""
    more: str = ""

    def thing(self) -> str:
        """The thing alone: "a red fox"."""
        body = f"{self.quality} {self.noun}".strip()
        return article(body) if self.det == "a" else f"{self.det} {body}".strip()

    def __str__(self) -> str:
        parts = (self.thing(), self.doing, self.place, self.more)
        return " ".join(part for part in parts if part)


class Changes(Combined, Answers):
    """Makes chats about one picture, video or sound that is changed turn by turn."""

    def changed(self) -> tuple[Row, Row]:
        """What came before, with its own history, and a turn that changes the newest of it."""
        scene = self._scene()
        frame = self.words.pick(frames.FIRST[scene.tool.split("-")[-1]])
        asked = self.punctuated(frame.replace("{x}", slot(str(scene))))
        turn = self._row(asked, (Call(scene.tool, str(scene)),), "single")
        for _ in range(self.rng.choices((0, 1, 2), (0.6, 0.28, 0.12))[0]):
            if scene.tool != "text-to-audio" and self.words.chance(0.35):
                later = self._heard_between(scene)
            else:
                later, scene = self._turn(self.rng.choice(_BEFORE), scene)
            history = (*turn.history, (unmarked(turn.request), turn.answer()))
            turn = replace(later, history=history)
        last_is_other = f"{scene.tool}:" not in turn.answer()  # a sound came last
        kinds = [k for k in _CHANGES if not (last_is_other and k in ("same", "measure", "other"))]
        if scene.tool == "text-to-audio":
            kinds = [k for k in kinds if k not in _OF_WHAT_IS_SEEN]
        kind = self.rng.choices(kinds, [_CHANGES[k] for k in kinds])[0]
        return turn, self._turn(kind, scene)[0]

    def _scene(self) -> Scene:
        rng, words = self.rng, self.words
        tool = rng.choices(tuple(_KINDS.values()), (0.55, 0.25, 0.2))[0]
        head = rng.choice(phrases.THINGS)
        if words.chance(0.4):
            head = words.noun("animal", "artifact", "object", "person", "food")
        det = rng.choice(("a", "a", "a", "the", "my", "two", "three", ""))
        doing = ""
        if tool == "text-to-video" or words.chance(0.15):
            doing = ing(words.verb())
            if words.chance(0.3):
                doing += f" {rng.choice(phrases.WAYS)}"
        return Scene(
            tool, det, words.adjective() if words.chance(0.4) else "",
            plural(head) if det in ("two", "three") else head, doing,
            words.place() if words.chance(0.3) else "",
        )  # fmt: skip

    def _heard_between(self, scene: Scene) -> Row:
        """A turn in which the scene is heard: what is changed afterwards is still the scene."""
        request = self.words.pick(frames.NOW_AS["text-to-audio"])
        calls = (Call("text-to-audio", str(scene)),)
        return self._row(self.punctuated(request), calls, "heard")

    def _turn(self, kind: str, scene: Scene) -> tuple[Row, Scene]:
        """A turn that changes one part, and the scene after it."""
        if kind == "quality":
            other = self.words.adjective()
            if self.words.chance(0.7):
                other = self.rng.choice(phrases.COLOURS)
            template = self.words.pick(frames.MAKE_IT).replace("{n}", scene.noun)
            return self._again(template.replace("{a}", slot(other)), replace(scene, quality=other))
        if kind == "place":
            place = self.words.place()
            template = self.words.pick(frames.AGAIN_BUT).replace("{p}", slot(place))
            return self._again(template, replace(scene, place=place))
        if kind == "with":
            thing = self.words.thing()[0]
            template = self.words.pick(frames.WITH_TOO)
            template = template.replace("{p}", slot(f"with {thing}")).replace("{t}", slot(thing))
            more = f"{scene.more} and {thing}" if scene.more else f"with {thing}"
            return self._again(template, replace(scene, more=more))
        if kind == "doing":
            doing = ing(self.words.verb())
            template = self.words.pick(frames.DOING).replace("{p}", slot(doing))
            return self._again(template, replace(scene, doing=doing))
        if kind == "thing":
            return self._exchanged(scene)
        return self._otherwise(kind, scene), scene

    def _again(
        self, request: str, scene: Scene, options: Options | None = None
    ) -> tuple[Row, Scene]:
        call = Call(scene.tool, str(scene), (), options or {})
        return self._row(self.punctuated(request), (call,), "changed"), scene

    def _exchanged(self, scene: Scene) -> tuple[Row, Scene]:
        """Another thing in the place of the thing, all else as it was."""
        noun = self.rng.choice(phrases.THINGS)
        new = replace(scene, det="a", quality="", noun=noun)
        if self.words.chance(0.3):
            new = replace(new, quality=self.words.adjective())
        template = self.words.pick(tuple(t for t in frames.SWAPPED if "{y}" in t))
        old = self.words.pick((f"the {scene.noun}", f"the {scene.noun}", scene.thing()))
        return self._again(
            template.replace("{x}", slot(new.thing())).replace("{y}", slot(old)), new
        )

    def _otherwise(self, kind: str, scene: Scene) -> Row:
        """The scene as it is: in another modality, size or length, again, or with a sound."""
        words, rng = self.words, self.rng
        if kind == "tool":
            tool = rng.choice([t for t in _KINDS.values() if t != scene.tool])
            return self._again(words.pick(frames.NOW_AS[tool]), replace(scene, tool=tool))[0]
        if kind == "measure" and scene.tool == "text-to-audio":
            word, seconds = rng.choice(frames.SECONDS)
            request = words.pick(frames.SHORTER).replace("{t}", word)
            return self._again(request, scene, {"seconds": seconds})[0]
        if kind == "measure":
            word, size = rng.choice(_SIZES)
            request = words.pick(frames.BIGGER).replace("{b}", word)
            return self._again(request, scene, {"size": size})[0]
        if kind == "same":
            return self._again(words.pick(frames.ONCE_MORE), scene)[0]
        if kind == "sound":
            return self._with_sound(scene)
        other = words.thing()[0]
        request = words.pick(frames.ANOTHER).replace("{x}", slot(other))
        return self._row(self.punctuated(request), (Call(scene.tool, other),), "changed")

    def _with_sound(self, scene: Scene) -> Row:
        """The scene as a video that carries a sound: one that is told, or its own."""
        if self.words.chance(0.4):
            sound, request = str(scene), self.words.pick(frames.ITS_SOUND_UNDER)
        else:
            sound = self.words.sound()
            request = self.words.pick(frames.THIS_SOUND_UNDER).replace("{s}", slot(sound))
        calls = (
            Call("text-to-video", str(scene)),
            Call("text-to-audio", sound),
            Call("add-soundtrack", "", ("#1", "#2")),
        )
        return self._row(self.punctuated(request), calls, "changed")
