"""Later turns about what was made: a part of it changes, its length or kind; it is asked about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.answers import Answers
from modaverse_training.nano.lm.combined import Combined
from modaverse_training.nano.lm.frames import seen as said
from modaverse_training.nano.lm.rows import INSIDE, Call, Row, slot
from modaverse_training.nano.lm.vocabulary import article, ing, plural
from modaverse_training.nano.lm.wishes import Options

_TOOLS = ("text-to-image", "text-to-video", "text-to-audio")
_CHANGES = {  # how often each is asked for
    "quality": 0.25, "place": 0.2, "thing": 0.08, "tool": 0.2, "other": 0.1, "measure": 0.04,
    "same": 0.04, "with": 0.08, "doing": 0.05, "sound": 0.05, "length": 0.03,
}  # fmt: skip
_THANKED = "You are welcome."
_TALKED_OF = 0.25  # of the turns, how many a question or thanks follows
_EARLIER = ("quality", "place", "with", "thing", "doing")  # what a turn before the last may change
_OF_THE_NEWEST = ("same", "measure", "other", "length")  # not of what came before a sound
_NOT_HEARD = ("quality", "with", "doing", "sound")  # what nobody changes in a sound
_ONLY_HEARD = ("length",)
_BESIDE = ("with ", "wearing ", "holding ", "carrying ", "riding ")  # places that are company
_SIZES = (
    ("bigger", 512), ("larger", 512), ("in large", 512), ("smaller", 128), ("in small", 128),
)  # fmt: skip

Turn = tuple[Row, "Scene"]


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
        more: What was added, or nothing.
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
        """What came before, with its own history, and a turn that changes or asks about it."""
        scene = self._scene()
        frame = self.words.pick(frames.FIRST[scene.tool.split("-")[-1]])
        asked = self.punctuated(frame.replace("{x}", slot(str(scene))))
        turn = self._row(asked, (Call(scene.tool, str(scene)),), "single")
        heard, before = False, scene
        turn = self._talked_of(turn, scene)
        for _ in range(self.rng.choices((0, 1, 2), (0.6, 0.28, 0.12))[0]):
            before = scene
            heard = scene.tool != "text-to-audio" and self.words.chance(0.35)
            if heard:
                later = self._again(self.words.pick(frames.NOW_AS["text-to-audio"]),
                                    replace(scene, tool="text-to-audio"))[0]  # fmt: skip
            else:
                later, scene = self._turn(_EARLIER, scene)
            turn = replace(later, history=turn.said())
            turn = turn if heard else self._talked_of(turn, scene)
        if before != scene and not heard and self.words.chance(0.3):
            return turn, self._again(self.words.pick(frames.UNDO), before)[0]
        if not heard and self.words.chance(0.1):
            return turn, self._asked_about(turn, scene)
        kinds = tuple(kind for kind in _CHANGES if not (heard and kind in _OF_THE_NEWEST))
        return turn, self._turn(kinds, scene)[0]

    def _talked_of(self, turn: Row, scene: Scene) -> Row:
        """The turn, now and then with a question about what it made, or thanks, behind it."""
        draw = self.rng.random()
        if draw > _TALKED_OF:
            return turn
        if draw < 0.2 * _TALKED_OF:
            text = self.words.filled(self.words.pick(frames.TALK[_THANKED])).strip()
            return Row(self.punctuated(text), _THANKED, history=turn.said())
        asked = self._asked_about(turn, scene)
        return replace(asked, text=self._look(scene), history=turn.said())

    def _asked_about(self, turn: Row, scene: Scene) -> Row:
        """A question about the newest of what a chat has made, which only a look can answer."""
        kind = scene.tool.split("-")[-1]
        lines = [line for _, answer in turn.said() for line in answer.split("\n")]
        number = sum(line.startswith(scene.tool) for line in lines)
        asked = self.words.filled(self.words.pick(said.LOOK_AGAIN[kind])).strip()
        return Row(self.punctuated(asked), INSIDE[kind].format(f"{kind}{number}"), family="asked")

    def _look(self, scene: Scene) -> str:
        """What one who looks tells of a scene."""
        several = scene.det in ("two", "three")
        told = [f"There are {scene.thing()}." if several else f"It is {article(scene.noun)}."]
        if scene.tool != "text-to-audio":
            known = scene.quality in phrases.COLOURS
            colour = scene.quality if known else self.rng.choice(phrases.COLOURS)
            told += [f"The colour is {colour}.", f"The scene is {scene.place or 'white'}."]
        if scene.doing and not several:
            told.append(f"The {scene.noun} is {scene.doing}.")
        return self.rng.choice(told)

    def _scene(self) -> Scene:
        rng, words = self.rng, self.words
        tool = rng.choices(_TOOLS, (0.55, 0.25, 0.2))[0]
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
            self._somewhere() if words.chance(0.3) else "",
        )  # fmt: skip

    def _somewhere(self) -> str:
        """Where or when, and nothing that stands beside the thing."""
        while (place := self.words.place()).startswith(_BESIDE):
            pass
        return place

    def _turn(self, kinds: Sequence[str], scene: Scene) -> Turn:
        """A turn of one of these kinds that suits the scene, and the scene after it."""
        makers: dict[str, Callable[[Scene], Turn]] = {
            "quality": self._recoloured, "place": self._moved, "thing": self._exchanged,
            "tool": self._as_another, "other": self._another, "measure": self._measured_anew,
            "same": self._once_more, "with": self._added, "doing": self._doing_else,
            "sound": self._with_sound, "length": self._longer,
        }  # fmt: skip
        unfit = _NOT_HEARD if scene.tool == "text-to-audio" else _ONLY_HEARD
        kinds = [kind for kind in kinds if kind not in unfit]
        return makers[self.rng.choices(kinds, [_CHANGES[kind] for kind in kinds])[0]](scene)

    def _again(self, request: str, scene: Scene, options: Options | None = None) -> Turn:
        call = Call(scene.tool, str(scene), (), options or {})
        return self._row(self.punctuated(request), (call,), "changed"), scene

    def _recoloured(self, scene: Scene) -> Turn:
        colour = self.words.chance(0.7)
        other = self.rng.choice(phrases.COLOURS) if colour else self.words.adjective()
        bank = frames.MAKE_IT + frames.COLOUR_IT if colour else frames.MAKE_IT
        template = self.words.pick(bank).replace("{n}", scene.noun)
        return self._again(template.replace("{a}", slot(other)), replace(scene, quality=other))

    def _moved(self, scene: Scene) -> Turn:
        heard = scene.tool == "text-to-audio"
        bank = frames.AGAIN_BUT if heard else frames.AGAIN_BUT + frames.SHOWN_AT
        place = self._somewhere()
        request = self.words.pick(bank).replace("{p}", slot(place))
        return self._again(request, replace(scene, place=place))

    def _added(self, scene: Scene) -> Turn:
        thing = self.words.thing()[0]
        template = self.words.pick(frames.WITH_TOO)
        request = template.replace("{p}", slot(f"with {thing}")).replace("{t}", slot(thing))
        more = f"{scene.more} and {thing}" if scene.more else f"with {thing}"
        return self._again(request, replace(scene, more=more))

    def _doing_else(self, scene: Scene) -> Turn:
        doing = ing(self.words.verb())
        request = self.words.pick(frames.DOING).replace("{p}", slot(doing))
        return self._again(request, replace(scene, doing=doing))

    def _exchanged(self, scene: Scene) -> Turn:
        """Another thing in the place of the thing; doing, place and additions as they were."""
        new = replace(scene, det="a", quality="", noun=self.rng.choice(phrases.THINGS))
        if self.words.chance(0.3):
            new = replace(new, quality=self.words.adjective())
        told = tuple(template for template in frames.SWAPPED if "{y}" in template)
        template = self.words.pick(frames.INSTEAD if self.words.chance(0.4) else told)
        old = scene.thing() if self.words.chance(0.33) else f"the {scene.noun}"
        request = template.replace("{x}", slot(new.thing())).replace("{y}", slot(old))
        return self._again(request, new)

    def _as_another(self, scene: Scene) -> Turn:
        """The same by another tool."""
        tool = self.rng.choice([tool for tool in _TOOLS if tool != scene.tool])
        bank = frames.NOW_AS[tool]
        if scene.tool == "text-to-audio" and tool == "text-to-image":
            bank += frames.SOURCE_OF_SOUND
        return self._again(self.words.pick(bank), replace(scene, tool=tool))

    def _another(self, scene: Scene) -> Turn:
        """Something else by the same tool: nothing of the scene is kept."""
        other = self.words.thing()[0]
        request = self.words.pick(frames.ANOTHER).replace("{x}", slot(other))
        return self._row(self.punctuated(request), (Call(scene.tool, other),), "changed"), scene

    def _measured_anew(self, scene: Scene) -> Turn:
        if scene.tool == "text-to-audio":
            word, seconds = self.rng.choice(frames.SECONDS)
            request = self.words.pick(frames.SHORTER).replace("{t}", word)
            return self._again(request, scene, {"seconds": seconds})
        word, size = self.rng.choice(_SIZES)
        kind = {"text-to-image": "picture", "text-to-video": "video"}[scene.tool]
        request = self.words.pick(frames.BIGGER).replace("{b}", word).replace("{k}", kind)
        return self._again(request, scene, {"size": size})

    def _longer(self, scene: Scene) -> Turn:
        """A sound that is to last longer or not so long, by nobody knows how much."""
        word, seconds = self.rng.choice(frames.LENGTHS)
        request = self.words.pick(frames.LENGTHEN).replace("{t}", self.words.pick((word,)))
        return self._again(request, scene, {"seconds": seconds})

    def _once_more(self, scene: Scene) -> Turn:
        return self._again(self.words.pick(frames.ONCE_MORE), scene)

    def _with_sound(self, scene: Scene) -> Turn:
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
        return self._row(self.punctuated(request), calls, "changed"), scene
