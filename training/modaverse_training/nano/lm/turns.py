"""Second and third turns: the same again, changed, in another modality, or something else."""

from __future__ import annotations

from dataclasses import replace

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.answers import Answers
from modaverse_training.nano.lm.combined import Combined
from modaverse_training.nano.lm.rows import Call, Row, slot, unmarked
from modaverse_training.nano.lm.vocabulary import article, ing, plural
from modaverse_training.nano.lm.wishes import Options


class Turns(Combined, Answers):
    """Makes requests with a history."""

    def follow_up(self) -> Row:
        """A second or third turn."""
        draw = self.rng.random()
        if draw < 0.2:
            first, second = (
                self.single(),
                self.rng.choices(
                    (self.single, self.several, self.talk, self.knowledge, self.pronoun),
                    (0.5, 0.15, 0.25, 0.05, 0.05),
                )[0](),
            )
            if self.words.chance(0.2):
                first = self.talk() if self.words.chance(0.6) else self.knowledge()
            if second.calls and self.words.chance(0.5):
                lead = self.words.pick(frames.NEXT)
                second = replace(second, request=lead + second.request)
        elif draw < 0.36:
            first, second = self._speech_again()
        elif draw < 0.48:
            first, second = self._part_swapped()
        else:
            first, second = self._changed()
        before = (*first.history, (unmarked(first.request), first.answer()))
        if self.words.chance(0.12):
            other = self.talk() if self.words.chance(0.5) else self.single()
            before = ((unmarked(other.request), other.answer()), *before)
        return replace(second, history=before, family="follow-" + (second.family or "up"))

    def _speech_again(self) -> tuple[Row, Row]:
        sentence = self.words.sentence()
        wish = self._speech(sentence)
        old = wish.calls[0]
        if old.prompt != sentence:
            sentence = old.prompt
        options = dict(old.options)
        kind = self.rng.choice(["language", "voice", "speed", "same"])
        if kind == "language":
            language = self.rng.choice(list(phrases.LANGUAGE_NAMES))
            options["language"] = language
            how = self.words.pick(frames.IN_LANGUAGE).replace(
                "{l}", phrases.LANGUAGE_NAMES[language]
            )
        elif kind == "voice":
            voice = self.rng.choice(list(frames.VOICES))
            options["voice"] = voice
            how = self.words.pick(frames.VOICES[voice])
        elif kind == "speed":
            speed = self.rng.choice([110, 260])
            options["speed"] = speed
            how = self.words.pick(frames.SPEEDS[speed] + frames.COMPARED[speed])
        else:
            how = self.words.pick(
                (
                    "again",
                    "once more",
                    "one more time",
                    "repeat that",
                    "say it again",
                    "the same again",
                )
            )
        order = [k for k in ("language", "voice", "speed") if k in options]
        call = Call("text-to-speech", sentence, (), {k: options[k] for k in order})
        request = (
            self.words.pick(frames.SPEECH_AGAIN).replace("{e}", how) if kind != "same" else how
        )
        return self._row(self.asked(wish), wish.calls, "single"), self._row(
            self.punctuated(request), (call,), "speech-again"
        )

    def _part_swapped(self) -> tuple[Row, Row]:
        """A scene of two things, and then with another in the place of one."""
        tool, key, content = self.rng.choice(
            [
                ("text-to-image", "image", self.words.thing),
                ("text-to-video", "video", self.words.thing),
                ("text-to-audio", "audio", self.words.thing),
            ]
        )
        one, old, new = content()[0], content()[0], content()[0]
        if tool == "text-to-audio" and self.words.chance(0.6):
            form = article(
                f"{self.rng.choice(phrases.MOODS)} {self.rng.choice(phrases.MUSIC_FORMS)}"
            )
            one = form if self.words.chance(0.7) else "music"
            old, new = (article(self.rng.choice(phrases.INSTRUMENTS)) for _ in range(2))
        link = "on" if tool == "text-to-audio" else self.rng.choice(phrases.PREPOSITIONS)
        wanted = one
        if self.words.chance(0.65):
            before, after = f"{one} {link} {old}", f"{one} {link} {new}"
            wanted = old
        else:
            before, after = f"{one} {link} {old}", f"{new} {link} {old}"
        template = self.words.pick(frames.SWAPPED)
        while wanted == one and "{y}" not in template:  # which one is meant must be said
            template = self.words.pick(frames.SWAPPED)
        request = template.replace("{x}", slot(new)).replace("{y}", slot(wanted))
        head = self.words.pick(frames.FIRST[key]).replace("{x}", slot(before))
        first = self._row(self.punctuated(head), (Call(tool, before),), "single")
        return first, self._row(self.punctuated(request), (Call(tool, after),), "swapped")

    def _changed(self) -> tuple[Row, Row]:
        """A picture, video or sound asked for again, changed or in another modality."""
        rng, words = self.rng, self.words
        tool = rng.choices(("text-to-image", "text-to-video", "text-to-audio"), (0.55, 0.25, 0.2))[
            0
        ]
        adjective, head = (
            words.adjective(),
            rng.choice(phrases.THINGS)
            if words.chance(0.6)
            else words.noun("animal", "artifact", "object", "person", "food"),
        )
        had = words.chance(0.4)
        det = rng.choice(["a", "a", "a", "the", "my", "two", "three", ""])
        noun = plural(head) if det in ("two", "three") else head
        rest = ""
        if tool == "text-to-video" or words.chance(0.15):
            rest += f" {ing(words.verb())}" + (
                f" {rng.choice(phrases.WAYS)}" if words.chance(0.3) else ""
            )
        if words.chance(0.3):
            rest += f" {words.place()}"

        def build(adj: str, end: str = "") -> str:
            body = f"{adj} {noun}".strip()
            if det == "a":
                body = article(body)
            elif det:
                body = f"{det} {body}"
            return body + rest + end

        base = build(adjective if had else "")
        makers = {
            "text-to-image": frames.FIRST["image"],
            "text-to-video": frames.FIRST["video"],
            "text-to-audio": frames.FIRST["audio"],
        }
        first = self._row(
            self.punctuated(words.pick(makers[tool]).replace("{x}", slot(base))),
            (Call(tool, base),),
            "single",
        )
        kind = rng.choices(
            ("colour", "place", "tool", "other", "size", "same", "with", "doing", "sound"),
            (0.25, 0.2, 0.22, 0.12, 0.04, 0.04, 0.1, 0.05, 0.06),
        )[0]
        if tool == "text-to-audio" and kind in ("colour", "with", "sound"):
            kind = rng.choice(("tool", "size"))
        options: Options = {}
        calls: tuple[Call, ...]
        if kind == "colour":
            other = rng.choice(phrases.COLOURS) if words.chance(0.7) else words.adjective()
            request = words.pick(frames.MAKE_IT).replace("{a}", slot(other)).replace("{n}", noun)
            prompt = build(other)
        elif kind == "place":
            place = words.place()
            request = words.pick(frames.AGAIN_BUT).replace("{p}", slot(place))
            prompt = f"{base} {place}"
        elif kind == "with":
            place = f"with {words.thing()[0]}"
            request = (
                words.pick(
                    (
                        "{p}",
                        "{p} please",
                        "add {t}",
                        "give it {t}",
                        "now {p}",
                        "again {p}",
                        "put {t} in",
                    )
                )
                .replace("{p}", slot(place))
                .replace("{t}", slot(place[5:]))
            )
            prompt = f"{base} {place}"
        elif kind == "doing":
            way = ing(words.verb())
            request = words.pick(
                ("{p}", "{p} please", "now {p}", "but {p}", "again, {p}", "the same one {p}")
            ).replace("{p}", slot(way))
            prompt = f"{base} {way}"
        elif kind == "tool":
            tool = rng.choice(
                [t for t in ("text-to-image", "text-to-video", "text-to-audio") if t != tool]
            )
            request, prompt = words.pick(frames.NOW_AS[tool]), base
        elif kind == "size" and tool == "text-to-audio":
            word, seconds = rng.choice(frames.SECONDS)
            template = words.pick(frames.SHORTER)
            request, prompt, options = template.replace("{t}", word), base, {"seconds": seconds}
        elif kind == "size":
            word, size = rng.choice(
                [
                    ("bigger", 512),
                    ("larger", 512),
                    ("in large", 512),
                    ("smaller", 128),
                    ("in small", 128),
                ]
            )
            request, prompt, options = (
                words.pick(
                    (
                        f"{word} please",
                        f"make the picture {word}",
                        f"the same {word}",
                        word,
                        f"can i have it {word}",
                    )
                ),
                base,
                {"size": size},
            )
        elif kind == "same":
            request, prompt = (
                words.pick(
                    (
                        "again",
                        "another one",
                        "once more",
                        "one more please",
                        "try again",
                        "do it again",
                        "the same again",
                        "repeat",
                    )
                ),
                base,
            )
        elif kind == "sound":
            sound = words.sound()
            request = words.pick(
                (
                    "with the sound of {s}",
                    "put {s} under it",
                    "add {s} as its sound",
                    "with {s} as the soundtrack",
                )
            ).replace("{s}", slot(sound))
            calls = (
                Call("text-to-video", base),
                Call("text-to-audio", sound),
                Call("add-soundtrack", "", ("#1", "#2")),
            )
            return first, self._row(self.punctuated(request), calls, "changed")
        else:
            prompt = words.thing()[0]
            request = words.pick(frames.ANOTHER).replace("{x}", slot(prompt))
        calls = (Call(tool, prompt, (), options),)
        return first, self._row(self.punctuated(request), calls, "changed")
