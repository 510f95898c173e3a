"""Second and third turns: the same again, changed, in another modality, or something else."""

from __future__ import annotations

from dataclasses import replace

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.changes import Changes
from modaverse_training.nano.lm.rows import HANDLE, Call, Row, slot
from modaverse_training.nano.lm.vocabulary import article


class Turns(Changes):
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
            first, second = self.changed()
        before = first.said()
        if not HANDLE.search(second.text) and self.words.chance(0.12):  # handles are counted
            other = self.talk() if self.words.chance(0.5) else self.single()
            before = (*other.said(), *before)
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
