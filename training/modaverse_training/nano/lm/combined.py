"""Requests of several wishes: lists, pronouns, soundtracks, stills, refusals, changes of mind."""

from __future__ import annotations

import re

from modaverse_training.nano.lm import frames, phrases
from modaverse_training.nano.lm.rows import Call, Row, slot
from modaverse_training.nano.lm.vocabulary import ing, third
from modaverse_training.nano.lm.wishes import Options, Wish, Wishes


def tool_of(kind: str) -> str:
    """The tool of a second wish, from the name of its bank of phrases."""
    tools = {"image": "text-to-image", "audio": "text-to-audio", "video": "text-to-video"}
    return tools.get(kind.split("-")[0], "text-to-speech")


class Combined(Wishes):
    """Makes requests that hold more than one wish, or a wish and a refusal."""

    def several(self) -> Row:
        """Two to four wishes, joined in every manner."""
        if self.words.chance(0.3):
            return self._alike()
        count = self.rng.choices((2, 3, 4), (0.68, 0.25, 0.07))[0]
        wishes = [self.wish() for _ in range(count)]
        for i, wish in enumerate(wishes):
            while wish.final or (count > 2 and len(wish.phrase) > 90):
                wishes[i] = wish = self.wish()
        if self.words.chance(0.35):  # one frame around a list of things
            things = [self._thing_wish() for _ in range(count)]
            listed = self._listed([t.phrase for t in things])
            wrapped = self.words.filled(self.words.pick(frames.WRAP_THING)).replace("{w}", listed)
            calls = tuple(c for t in things for c in t.calls)
            return self._row(self.punctuated(wrapped), calls, "several")
        orders = [self.ordered(wish) for wish in wishes]
        calls = tuple(c for w in wishes for c in w.calls)
        joined = self._listed(orders)
        wrapped = self.words.filled(self.words.pick(frames.WRAP_ORDER)).replace("{w}", joined)
        return self._row(self.punctuated(wrapped), calls, "several")

    def _thing_wish(self) -> Wish:
        if self.words.chance(0.14):
            return self.unnamed()
        while True:
            wish = self.wish()
            if not wish.order and not wish.final and len(wish.phrase) < 100:
                return wish

    def _listed(self, parts: list[str]) -> str:
        """The parts joined by commas, `and`, `then`, full stops or `as well as`."""
        style = self.rng.random()
        if style < 0.05:
            marks = self.rng.choice(
                [
                    ("1. ", "2. ", "3. ", "4. "),
                    ("1) ", "2) ", "3) ", "4) "),
                    ("a) ", "b) ", "c) ", "d) "),
                    ("- ", "- ", "- ", "- "),
                    ("first: ", "second: ", "third: ", "fourth: "),
                ]
            )
            gap = self.rng.choice([" ", "\n", ", "]) if marks[0] != "- " else "\n"
            return gap.join(mark + part for mark, part in zip(marks, parts, strict=False))
        if style < 0.12:
            return ". ".join(
                [
                    parts[0],
                    *(
                        self.words.pick(("", "", "then ", "also ", "and ", "after that ", "next "))
                        + p
                        for p in parts[1:]
                    ),
                ]
            )
        if style < 0.2:
            return self.rng.choice(["; ", " + ", ", ", " / ", " & ", "\n", ". ", ", then "]).join(
                parts
            )
        if style < 0.28:
            return self.words.pick(("first ", "", "firstly ")) + self.words.pick(
                (", then ", " and then ", ", after that ", " before ", "; then ", ". then ")
            ).join(parts)
        last = self.words.pick(
            (
                " and ",
                " and ",
                " and ",
                ", and ",
                " and also ",
                ", and also ",
                " plus ",
                " as well as ",
                " along with ",
                " together with ",
                ", also ",
                " and then ",
                " with ",
                ". and ",
            )
        )
        return ", ".join(parts[:-1]) + last + parts[-1]

    def _alike(self) -> Row:
        """Several of one modality, or one thing in several modalities."""
        if self.words.chance(0.45):
            return self._one_thing_in_many_ways()
        count = self.rng.choices((2, 3, 4), (0.65, 0.27, 0.08))[0]
        kind = self.rng.choice(["image", "image", "video", "sound", "speech"])
        makers = {
            "image": self.words.scene,
            "video": self.words.motion,
            "sound": self.words.sound,
            "speech": self.words.sentence,
        }
        contents = []
        for _ in range(count):
            content = (
                makers[kind]()
                if self.words.chance(0.5) or kind == "speech"
                else self.words.thing()[0]
            )
            while kind != "speech" and re.search(r" and |,", content):
                content = self.words.thing()[0]
            contents.append(content)
        tool = {
            "image": "text-to-image",
            "video": "text-to-video",
            "sound": "text-to-audio",
            "speech": "text-to-speech",
        }[kind]
        parts = [self.quoted(c) if kind == "speech" else slot(c) for c in contents]
        template = self.words.pick(frames.ALIKE[kind]).replace(
            "{n}", self.rng.choice([str(count), ["two", "three", "four"][count - 2]])
        )
        if "{each}" in template:
            prefix = self.words.pick(frames.EACH[kind])
            listed = (
                self._listed(
                    [
                        prefix.replace("{x}", p)
                        if i == 0 or self.words.chance(0.6)
                        else self.words.pick(
                            ("one of {x}", "another of {x}", "one with {x}")
                        ).replace("{x}", p)
                        for i, p in enumerate(parts)
                    ]
                )
                if kind != "speech"
                else self._listed([prefix.replace("{x}", p) for p in parts])
            )
            request = template.replace("{each}", listed)
        else:
            request = template.replace(
                "{x}",
                f"{', '.join(parts[:-1])} and {parts[-1]}"
                if self.words.chance(0.7)
                else ", ".join(parts),
            )
        return self._row(self.punctuated(request), tuple(Call(tool, c) for c in contents), "alike")

    def _one_thing_in_many_ways(self) -> Row:
        content = self.words.thing()[0] if self.words.chance(0.6) else self.words.motion()
        names = {
            "text-to-image": ("picture", "image", "pic", "drawing", "photo"),
            "text-to-video": ("video", "clip", "animation", "film"),
            "text-to-audio": ("sound", "audio", "noise"),
        }
        tools = self.rng.sample(list(names), self.rng.choices((2, 3), (0.6, 0.4))[0])
        listed = [self.rng.choice(names[t]) for t in tools]
        request = self.words.pick(frames.MANY_WAYS)
        joined = f"{', '.join(listed[:-1])} and {listed[-1]}"
        request = request.replace("{m}", joined).replace("{x}", slot(content))
        if "{each}" in request:
            request = request.replace(
                "{each}", ", ".join(f"{m} of {slot(content)}" for m in listed)
            )
        if "{short}" in request:
            request = request.replace(
                "{short}",
                ", ".join(f"{slot(content)} {m}" for m in listed),
            )
        return self._row(
            self.punctuated(request), tuple(Call(t, content) for t in tools), "many-ways"
        )

    def pronoun(self) -> Row:
        """A second call that speaks of the first one's subject by a pronoun."""
        subject, head_noun = self.words.thing()
        if self.words.chance(0.12):
            subject = head_noun = self.words.strange()
        place = f" {self.words.place()}" if self.words.chance(0.2) else ""
        first_tool = self.rng.choices(
            ("text-to-image", "text-to-audio", "text-to-video"), (0.7, 0.15, 0.15)
        )[0]
        first = Call(first_tool, subject + place)
        key = {"text-to-image": "image", "text-to-audio": "audio", "text-to-video": "video"}[
            first_tool
        ]
        head = self.words.pick(frames.FIRST[key]).replace("{x}", slot(subject + place))
        verb = self.words.verb() if self.words.chance(0.6) else self.rng.choice(phrases.CRIES)
        rest = f" {self.rng.choice(phrases.WAYS)}" if self.words.chance(0.25) else ""
        if self.words.chance(0.15):
            rest = f" {self.words.place()}"
        noun = self.rng.choice(phrases.CRIES) if self.words.chance(0.6) else self.words.noun()
        choices = [k for k in frames.SECOND if not k.startswith(key)]
        kind = self.rng.choice(choices)
        template = self.words.pick(frames.SECOND[kind]).replace("{head}", slot(head_noun))
        owner = subject + ("'" if subject.endswith("s") else "'s")
        forms = {
            "{ing}": (ing(verb) + rest, f"{subject} {ing(verb)}{rest}"),
            "{verb}": (verb + rest, f"{subject} {verb}{rest}"),
            "{third}": (third(verb) + rest, f"{subject} {third(verb)}{rest}"),
            "{noun}": (noun, f"{owner} {noun}"),
            "{place}": (f"{rest or ' ' + self.words.place()}".strip(), ""),
        }
        prompt = subject if kind.endswith("it") else ""
        if kind.endswith("whole"):
            prompt = subject + place
        if tool_of(kind) == "text-to-audio" and self.words.chance(0.2):
            template, prompt = self._of_it(subject, noun, owner)
        for key_, (shown, meant) in forms.items():
            if key_ in template:
                template = template.replace(key_, slot(shown))
                prompt = meant or f"{subject} {shown}"
        tool = tool_of(kind)
        calls = [first]
        if tool == "text-to-speech":
            sentence = self.words.sentence()
            template, prompt = template.replace("{q}", self.quoted(sentence)), sentence
        joiner = self.words.pick(frames.PRONOUN_JOINERS)
        calls.append(Call(tool, prompt))
        request = head + joiner + template
        for _ in range(self.rng.choices((0, 1, 2), (0.8, 0.14, 0.06))[0]):
            extra = self.closed()
            request += self.words.pick((" and ", ", and ", ". then ", "; ", ", ")) + (
                extra.phrase
                if extra.order or not head.startswith(("draw", "paint"))
                else f"make {extra.phrase}"
            )
            calls.extend(extra.calls)
        if self.words.chance(0.3):
            request = (
                self.words.pick(
                    (
                        "please ",
                        "can you ",
                        "could you ",
                        "i want ",
                        "i'd like ",
                        "hey, ",
                        "ok, ",
                        "now ",
                    )
                )
                + request
            )
        return self._row(self.punctuated(request), tuple(calls), "pronoun")

    def _of_it(self, subject: str, noun: str, owner: str) -> tuple[str, str]:
        """A sound named by what it has to do with the subject: `a tune on it`, and its prompt."""
        template = self.words.pick(frames.ON_IT).replace("{noun}", slot(noun))
        plain = template.replace(slot(noun), noun)
        if plain.endswith(" it makes"):
            return template, f"{owner} {plain.removeprefix('the ').removesuffix(' it makes')}"
        return template, plain.removesuffix("it") + subject

    def soundtrack(self) -> Row:
        """A video that carries its sound."""
        motion = self.words.motion() if self.words.chance(0.7) else self.words.thing()[0]
        draw = self.rng.random()
        if draw < 0.25:
            template, sound = self.words.pick(frames.SOUNDTRACK_OWN), motion
            second = Call("text-to-audio", motion)
            request = template.replace("{v}", slot(motion))
        elif draw < 0.75:
            sound = self.words.music() if self.words.chance(0.4) else self.words.sound()
            template = self.words.pick(frames.SOUNDTRACK_OTHER)
            if "{noise}" in template:
                sound = (
                    self.words.noun()
                    if self.words.chance(0.6)
                    else self.rng.choice(phrases.INSTRUMENTS)
                )
            second = Call("text-to-audio", sound)
            request = (
                template.replace("{v}", slot(motion))
                .replace("{s}", slot(sound))
                .replace("{noise}", slot(sound))
            )
        else:
            sentence = self.words.sentence()
            second = Call("text-to-speech", sentence)
            request = (
                self.words.pick(frames.SOUNDTRACK_VOICE)
                .replace("{v}", slot(motion))
                .replace("{q}", self.quoted(sentence))
            )
        calls: tuple[Call, ...] = (
            Call("text-to-video", motion),
            second,
            Call("add-soundtrack", "", ("#1", "#2")),
        )
        wraps = frames.WRAP_THING if request.startswith(("a ", "one ")) else frames.WRAP_ORDER
        request = self.words.filled(self.words.pick(wraps)).replace("{w}", request)
        if self.words.chance(0.1):
            extra = self._thing_wish()
            request += (
                self.words.pick((", and separately ", ", plus ", " and also ", ", and "))
                + extra.phrase
            )
            calls += extra.calls
        return self._row(self.punctuated(request), calls, "soundtrack")

    def still(self) -> Row:
        """A video and a frame of it."""
        motion = self.words.motion()
        longest = 2 if self.words.chance(0.4) else 0
        tail, options = self._timed(self.words.pick(frames.STILL_OF_IT), longest)
        head = self.words.pick(frames.FIRST["video"]).replace("{x}", slot(motion))
        calls: tuple[Call, ...] = (
            Call("text-to-video", motion),
            Call("video-to-image", "", ("#1",), options),
        )
        request = head + self.words.pick(frames.PRONOUN_JOINERS) + tail
        if self.words.chance(0.1):
            extra = self.closed()
            request += " and " + extra.phrase
            calls += extra.calls
        return self._row(self.punctuated(request), calls, "still")

    def _timed(self, template: str, longest: int) -> tuple[str, Options]:
        """A wish for a still at a moment, at most `longest` seconds in (0: at none), its option."""
        if "{nth}" in template:
            nth = self.words.pick(tuple(frames.NTH))
            at = frames.NTH[nth]
            return template.replace("{nth}", nth), {"at": at} if at else {}
        if not longest:
            return template.replace("{at}", "").replace("  ", " ").strip(), {}
        at, options = self._moment(longest)
        return (template if "{at}" in template else f"{template} {{at}}").replace(
            "{at}", at
        ), options

    def _moment(self, longest: int) -> tuple[str, Options]:
        """A point of time in words, at most `longest` seconds in, and the option for it."""
        if self.words.chance(0.15):
            end = self.words.chance(0.7)
            words = frames.AT_THE_END if end else frames.IN_THE_MIDDLE
            return self.words.pick(words), {"at": "end" if end else "middle"}
        if self.words.chance(0.15):
            return self.words.pick(frames.HALF_A_SECOND), {"second": 0.5}
        whole = self.rng.randint(1, longest)
        if longest > 5 and self.words.chance(0.08):
            return f"at {whole // 60}:{whole % 60:02d}", {"second": whole}
        if self.words.chance(0.25):
            part = whole + self.rng.choice([0.5, 0.25, 0.2, 0.8])
            return self.words.pick(frames.AT_SECONDS).replace("{t}", str(part)), {"second": part}
        names = {1: "one", 2: "two", 3: "three", 4: "four", 5: "five", 10: "ten"}
        text = names.get(whole, str(whole)) if self.words.chance(0.2) else str(whole)
        bank = frames.AT_ONE_SECOND if whole == 1 else frames.AT_SECONDS
        return self.words.pick(bank).replace("{t}", text), {"second": whole}

    def without(self) -> Row:
        """A modality named only to be refused."""
        tool = self.rng.choice(
            ("text-to-image", "text-to-video", "text-to-audio", "text-to-speech")
        )
        wish = self.closed(tool)
        others = [t for t in frames.REFUSED if t != tool]
        refused = self.rng.sample(others, self.rng.choices((1, 2), (0.75, 0.25))[0])
        names = [self.words.pick(frames.REFUSED[t]) for t in refused]
        if len(names) == 1:
            refusal = self.words.pick(frames.NO_ONE).replace("{n}", names[0])
        else:
            refusal = (
                self.words.pick(frames.NO_TWO).replace("{a}", names[0]).replace("{b}", names[1])
            )
        if self.words.chance(0.1):
            refusal = self.words.pick(frames.NO_EDIT)
        if self.words.chance(0.6):
            joiner = self.words.pick(
                (
                    ", just ",
                    ", only ",
                    " - just ",
                    ". just ",
                    "; ",
                    ", ",
                    ": ",
                    ". ",
                    ", but ",
                    ", rather ",
                )
            )
            request = refusal + joiner + wish.phrase
        else:
            phrase = self.asked(wish).rstrip(".!?")
            request = (
                phrase + self.words.pick((", ", ". ", ", but ", "; ", " and ", " - ")) + refusal
            )
        return self._row(self.punctuated(request), wish.calls, "without")

    def changed_mind(self) -> Row:
        """A wish taken back at once for another one."""
        tool = self.rng.choice(
            ("text-to-image", "text-to-image", "text-to-video", "text-to-audio", "text-to-speech")
        )
        old = self.closed(tool if self.words.chance(0.7) else None)
        new = self.closed(tool)
        if old.order != new.order and self.words.chance(0.8):
            return self.changed_mind()
        head = self.words.filled(
            self.words.pick(frames.WRAP_ORDER if old.order else frames.WRAP_THING)
        )
        while not head.endswith("{w}"):
            head = self.words.pick(
                ("{w}", "please {w}") if old.order else ("{w}", "i want {w}", "make {w}")
            )
        phrase = new.phrase
        if self.words.chance(0.25) and tool != "text-to-speech":
            content = self.words.thing()[0]
            new = Wish(slot(content), (Call(tool, content),), False)
            old = self.closed(tool)
            phrase = new.phrase
        request = head.replace("{w}", old.phrase) + self.rng.choice(frames.CHANGE_OF_MIND) + phrase
        return self._row(self.punctuated(request), new.calls, "changed-mind")
