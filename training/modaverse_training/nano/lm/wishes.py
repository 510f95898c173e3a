"""One wish for one picture, video, sound or sentence, in one of very many phrasings."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.rows import Call, Row, reply, slot
from modaverse_training.nano.lm.vocabulary import Vocabulary, WordNet, third

Options = dict[str, str | int | float]


@dataclass(frozen=True)
class Wish:
    """A phrase that asks for calls: an order ("draw a fox") or a thing ("a drawing of a fox")."""

    phrase: str
    calls: tuple[Call, ...]
    order: bool
    final: bool = False  # nothing may follow: an unquoted sentence ends only where the request ends


class Wishes:
    """Makes wishes, and requests that hold one of them.

    Args:
        seed: Repeats the stream.
        wordnet: Given to share one copy.
    """

    def __init__(self, seed: int = 0, wordnet: WordNet | None = None) -> None:
        self.rng = random.Random(seed)
        self.words = Vocabulary(self.rng, wordnet or WordNet())

    # ---- single wishes
    def closed(self, tool: str | None = None) -> Wish:
        """A wish that other words may follow."""
        while (wish := self.wish(tool)).final:
            pass
        return wish

    def wish(self, tool: str | None = None) -> Wish:
        """One wish for one call."""
        tool = (
            tool
            or self.rng.choices(
                ("text-to-image", "text-to-video", "text-to-audio", "text-to-speech"),
                (0.3, 0.22, 0.24, 0.24),
            )[0]
        )
        return {
            "text-to-image": self._image, "text-to-video": self._video,
            "text-to-audio": self._audio, "text-to-speech": self._speech,
        }[tool]()  # fmt: skip

    def _frame(
        self, orders: tuple[str, ...], things: tuple[str, ...], share: float
    ) -> tuple[str, bool]:
        order = self.words.chance(share)
        return self.words.pick(orders if order else things), order

    def _image(self) -> Wish:
        frame, order = self._frame(frames.IMAGE_ORDERS, frames.IMAGE_THINGS, 0.45)
        options: Options = {}
        if "{size}" in frame:
            word, size = self.rng.choice(frames.SIZES)
            frame, options = frame.replace("{size}", word), {"size": size}
        content = self.words.scene()
        return self._filled(frame, "text-to-image", content, order, options)

    def _video(self) -> Wish:
        frame, order = self._frame(frames.VIDEO_ORDERS, frames.VIDEO_THINGS, 0.4)
        if "{bare}" in frame:  # make a fox run, let the ball roll
            content = f"{self.words.thing()[0]} {self.words.verb()}"
            if self.words.chance(0.5):
                content += f" {self.rng.choice(phrases.WAYS)}"
            frame = frame.replace("{bare}", "{x}")
        else:
            content = self.words.motion()
        options: Options = {}
        if "{size}" in frame:
            word, size = self.rng.choice(frames.SIZES)
            frame, options = frame.replace("{size}", word), {"size": size}
        return self._filled(frame, "text-to-video", content, order, options)

    def _audio(self) -> Wish:
        if self.words.chance(0.35):
            frame, order = self._frame(frames.MUSIC_ORDERS, frames.MUSIC_THINGS, 0.6)
            content = self.words.music()
        else:
            frame, order = self._frame(frames.SOUND_ORDERS, frames.SOUND_THINGS, 0.35)
            content = self.words.sound()
        options: Options = {}
        if "{seconds}" in frame:
            word, seconds = self.rng.choice(frames.SECONDS)
            frame, options = frame.replace("{seconds}", word), {"seconds": seconds}
        return self._filled(frame, "text-to-audio", content, order, options)

    def _filled(
        self,
        frame: str,
        tool: str,
        content: str,
        order: bool,
        options: Options,
    ) -> Wish:
        if "{x}" not in frame:
            frame += " {x}"
        return Wish(frame.replace("{x}", slot(content)), (Call(tool, content, (), options),), order)

    def unnamed(self) -> Wish:
        """A thing alone, whose own words tell whether it is a sound, a picture or a video."""
        tool, make = self.rng.choices(
            (
                ("text-to-audio", self.words.heard),
                ("text-to-audio", self.words.musical_work),
                ("text-to-image", self.words.visual_work),
                ("text-to-video", self.words.shot),
            ),
            (0.4, 0.2, 0.2, 0.2),
        )[0]
        content = make()
        return Wish(slot(content), (Call(tool, content),), order=False)

    def _speech(self, sentence: str | None = None) -> Wish:
        options: Options = {}
        if self.words.chance(0.32):
            frame, options = self._voice()
            if "language" in options and self.words.chance(0.7) and sentence is None:
                sentence = self.rng.choice(
                    phrases.FOREIGN.get(str(options["language"]), phrases.CHATTER)
                )
            order = True
        else:
            frame, order = self._frame(frames.SPEECH_ORDERS, frames.SPEECH_THINGS, 0.7)
        sentence = sentence or self.words.sentence()
        if "{q}" in frame:
            frame = self.words.filled(frame)
            return Wish(
                frame.replace("{q}", self.quoted(sentence)),
                (Call("text-to-speech", sentence, (), options),),
                order,
            )
        if "{x}" in frame:  # without quotation marks: the words stand last
            call = Call("text-to-speech", sentence, (), options)
            return Wish(frame.replace("{x}", slot(sentence)), (call,), order, final=True)
        name = self.words.name() if self.words.chance(0.6) else self.words.noun()
        return Wish(
            frame.replace("{name}", slot(name)), (Call("text-to-speech", name, (), options),), order
        )

    def quoted(self, sentence: str) -> str:
        """The sentence as a slot in one of the kinds of quotation marks."""
        if '"' in sentence:
            left, right = "“”" if self.words.chance(0.5) else "«»"
        else:
            left, right = self.rng.choices(
                (('"', '"'), ("“", "”"), ("'", "'"), ("«", "»"), ("„", "“")),
                (0.62, 0.1, 0.22, 0.03, 0.03),
            )[0]
        return left + slot(sentence) + right

    def _voice(self) -> tuple[str, Options]:
        """A frame that asks for a voice, a language or a speed, and the options it means."""
        language, voice, speed = "", "", 0
        draw = self.rng.random()
        if draw < 0.5 or draw > 0.85:
            language = self.rng.choice(list(phrases.LANGUAGE_NAMES))
        if 0.5 <= draw < 0.75 or draw > 0.9:
            voice = self.rng.choice(list(frames.VOICES))
        if 0.72 <= draw < 0.9 or draw > 0.97:
            speed = self.rng.choice([110, 110, 260, 260, self.rng.randint(80, 400)])
        options: Options = {}
        extras = []
        if language:
            options["language"] = language
            extras.append(
                self.words.pick(frames.IN_LANGUAGE).replace("{l}", phrases.LANGUAGE_NAMES[language])
            )
        if voice:
            options["voice"] = voice
            extras.append(self.words.pick(frames.VOICES[voice]))
        if speed:
            options["speed"] = speed
            known = frames.SPEEDS.get(speed)
            extras.append(
                self.words.pick(known)
                if known
                else self.words.pick(frames.WORDS_A_MINUTE).replace("{n}", str(speed))
            )
        self.rng.shuffle(extras)
        if voice == "whisper" and len(extras) == 1 and self.words.chance(0.5):
            return self.words.pick(
                ("whisper {q}", "whisper: {q}", "whisper [softly|]{q}", "{q}, whispered")
            ), options
        if voice == "croak" and len(extras) == 1 and self.words.chance(0.5):
            return self.words.pick(("croak {q}", "croak: {q}", "{q}, croaked")), options
        extra = ", ".join(extras) if self.words.chance(0.2) else " ".join(extras)
        frame = self.words.pick(frames.SPEECH_WITH_EXTRA)
        if extra.startswith(("in ", "with ", "as ", "using ", "at ")) and self.words.chance(0.25):
            frame = self.words.pick(
                ("{e}: {q}", "{e}, [say|speak|read] {q}", "{e} [say|speak|read aloud] {q}")
            )
        return frame.replace("{e}", extra), options

    # ---- requests of one or more wishes
    def single(self) -> Row:
        """One wish, asked for in one of very many ways."""
        if self.words.chance(0.16):
            return self._question()
        if self.words.chance(0.06):
            return self._bare()
        wish = self.unnamed() if self.words.chance(0.14) else self.wish()
        return self._row(self.asked(wish), wish.calls, "single")

    def _row(self, request: str, calls: tuple[Call, ...], family: str) -> Row:
        return Row(request, reply(calls), tuple(c.line() for c in calls), family=family)

    def ordered(self, wish: Wish) -> str:
        """The wish as an order: a thing gets a verb."""
        if wish.order:
            return wish.phrase
        return self.words.pick(frames.THING_TO_ORDER).replace("{w}", wish.phrase)

    def asked(self, wish: Wish) -> str:
        """The wish as a whole request: plain, polite, indirect, or with a story around it."""
        wrap = self.words.pick(frames.WRAP_ORDER if wish.order else frames.WRAP_THING)
        while wish.final and not wrap.endswith("{w}"):
            wrap = self.words.pick(frames.WRAP_ORDER if wish.order else frames.WRAP_THING)
        request = self.words.filled(wrap).replace("{w}", wish.phrase)
        request = self._story(request, not wish.final) if self.words.chance(0.1) else request
        return self.capitalised(request) if wish.final else self.punctuated(request)

    def capitalised(self, request: str) -> str:
        """A capital in front, or not."""
        return request[:1].upper() + request[1:] if self.words.chance(0.45) else request

    def _story(self, request: str, may_lead: bool) -> str:
        draw = self.rng.random()
        story = self.words.filled(self.words.pick(frames.STORIES))
        if draw < 0.35:
            story = self.rng.choice(self.words.statements).rstrip(".")
        if draw < 0.1:
            story += f" and {self.rng.choice(self.words.statements).rstrip('.')}"
        if may_lead and self.words.chance(0.12):
            return f"{request.rstrip('.!?')}. {story[0].upper() + story[1:]}"
        joiner = self.rng.choice(
            [". ", ". ", ". ", ", so ", ", and ", ": ", "; ", "! ", " - ", ". So, "]
        )
        return story + joiner + (request[:1].upper() + request[1:] if joiner == ". " else request)

    def punctuated(self, request: str) -> str:
        """An end mark, a capital, or neither."""
        request = self.capitalised(request)
        question = re.match(
            r"(can|could|would|will|may|might|is|do|does|what|how|which)\b", request, re.I
        )
        if self.words.chance(0.55) and not request.endswith((".", "!", "?")):
            request += (
                "?"
                if question and self.words.chance(0.8)
                else self.rng.choices(".!?", (0.85, 0.13, 0.02))[0]
            )
        return request

    def _question(self) -> Row:
        """Questions that a picture, a sound or a voice answers."""
        draw = self.rng.random()
        if draw < 0.45:
            content = self.words.sound() if self.words.chance(0.5) else self.words.thing()[0]
            template, tool = self.words.pick(frames.SOUND_QUESTIONS), "text-to-audio"
        elif draw < 0.75:
            content = self.words.scene()
            template, tool = self.words.pick(frames.IMAGE_QUESTIONS), "text-to-image"
        elif draw < 0.85:
            content = f"{self.words.thing()[0]} {third(self.words.verb())}"
            template, tool = self.words.pick(frames.VIDEO_QUESTIONS), "text-to-video"
        else:
            content = self.words.name() if self.words.chance(0.5) else self.words.sentence()
            template, tool = self.words.pick(frames.SPEECH_QUESTIONS), "text-to-speech"
        call: tuple[Call, ...] = (Call(tool, content),)
        body = self.quoted(content) if "{q}" in template else slot(content)
        request = re.sub(r"\{[xq]\}", lambda _: body, template)
        return self._row(self.punctuated(request), call, "question")

    def _bare(self) -> Row:
        """Only the thing itself: a picture by custom."""
        content = self.words.thing()[0] if self.words.chance(0.4) else self.words.scene()
        request = self.words.pick(
            (
                "{x}",
                "{x} please",
                "{x}, please",
                "just {x}",
                "maybe {x}",
                "{x}, if you [can|please]",
            )
        ).replace("{x}", slot(content))
        return self._row(
            request + self.rng.choice(["", "", ".", "!"]), (Call("text-to-image", content),), "bare"
        )
