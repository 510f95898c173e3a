"""Requests that come with files: to take from, to join, to change, and what cannot be done yet."""

from __future__ import annotations

import re
from dataclasses import replace

from modaverse_training.instructions.phrases import drawn, filled, places, wordings
from modaverse_training.nano.lm import frames
from modaverse_training.nano.lm.rows import INSIDE, Call, Row, slot
from modaverse_training.nano.lm.seen import Seen


class Attachments(Seen):
    """Makes requests with attachments."""

    def attached(self) -> Row:
        """Requests about files that come with them."""
        row = self.rng.choices(
            (
                self._inside, self._edit, self._from_video, self._join, self._picture_changed,
                self._picture_moved, self._to_be_looked_at,
            ),
            (0.12, 0.08, 0.14, 0.12, 0.2, 0.16, 0.5),
        )[0]()  # fmt: skip
        return self._renumbered(row) if self.words.chance(0.2) else row

    def _renumbered(self, row: Row) -> Row:
        """The row as a later turn has it: handles count on from earlier media."""
        if len(set(row.attachments)) < len(row.attachments):
            return row
        new = {f"{m}1": f"{m}{self.rng.randint(2, 6)}" for m in row.attachments}

        def renamed(text: str) -> str:
            return re.sub(
                r"\b(image1|audio1|video1)\b", lambda m: new.get(m.group(), m.group()), text
            )

        return replace(
            row, request=renamed(row.request), text=renamed(row.text),
            calls=tuple(renamed(c) for c in row.calls), attachments=tuple(new.values()),
        )  # fmt: skip

    def _inside(self) -> Row:
        modality = self.rng.choice(("image", "audio", "video"))
        files, handle, which = self._pick_handle(modality)
        template = self.words.filled(self.words.pick(frames.INSIDE[modality]))
        if which and "{r}" not in template:
            template += " in {r}"
        request = template.replace("{r}", self._refer(modality, which, handle))
        return Row(
            self.punctuated(request), INSIDE[modality].format(handle), (), files, family="inside"
        )

    def _to_be_looked_at(self) -> Row:
        """What only those can make of a file who see or hear it: its sound, another like it."""
        modality = self.rng.choices(("image", "video", "audio"), (0.55, 0.3, 0.15))[0]
        files, handle, which = self._pick_handle(modality)
        wanted = self.rng.choice(("text", "name", "check", "image", "audio", "video"))
        phrases = wordings(f"{modality}-{wanted}")
        if which:  # it has to be said which of several files is meant
            phrases = tuple(phrase for phrase in phrases if "it" in places(phrase))
        request = filled(
            drawn(self.rng.choice(phrases), self.rng),
            {"it": self._refer(modality, which, handle), "y": self.words.thing()[0]},
        )
        answer = INSIDE[modality].format(handle)
        return Row(self.punctuated(request), answer, (), files, family="to-be-looked-at")

    def _edit(self) -> Row:
        modality = self.rng.choices(("audio", "video"), (0.6, 0.4))[0]
        files, handle, which = self._pick_handle(modality)
        template = self.words.filled(self.words.pick(frames.EDITS[modality]))
        if which and "{r}" not in template:
            template += " in {r}"
        request = template.replace("{r}", self._refer(modality, which, handle))
        request = self.words.pick(("", "", "", "please ", "can you ", "could you ")) + request
        return Row(
            self.punctuated(request), f"I cannot change {handle} yet.", (), files, family="edit"
        )

    def _from_video(self) -> Row:
        files, handle, which = self._pick_handle("video")
        draw = self.rng.random()
        refer = self._refer("video", which, handle)
        if draw < 0.45:
            template = self.words.pick(
                frames.SOUND_OF_VIDEO
                if not which
                else tuple(t for t in frames.SOUND_OF_VIDEO if "{r}" in t)
            )
            calls: tuple[Call, ...] = (Call("video-to-audio", "", (handle,)),)
            request = template.replace("{r}", refer)
        else:
            template = self.words.pick(
                frames.STILL_OF_VIDEO
                if not which
                else tuple(t for t in frames.STILL_OF_VIDEO if "{r}" in t)
            )
            request, options = self._timed(template, 0 if self.words.chance(0.4) else 60)
            request = request.replace("{r}", refer)
            calls = (Call("video-to-image", "", (handle,), options),)
        request = (
            self.words.pick(("", "", "", "please ", "can you ", "could you ", "i need you to "))
            + request
            if not request.startswith(("a ", "the ", "i ", "audio", "still", "what"))
            else self.words.pick(("", "", "give me ", "i want ", "i'd like ")) + request
        )
        if self.words.chance(0.12):
            extra = self.closed()
            joiner = self.words.pick((" and ", ", and ", ". then ", " plus "))
            request += joiner + self.ordered(extra)
            calls += extra.calls
        row = self._row(self.punctuated(request), calls, "from-video")
        return replace(row, attachments=files)

    def _join(self) -> Row:
        draw = self.rng.random()
        if draw < 0.45:
            files: tuple[str, ...] = (
                ("video", "audio") if self.words.chance(0.7) else ("audio", "video")
            )
            video, sound = "video1", "audio1"
            a, v = self.words.pick(frames.AUDIO_FILE), self.words.pick(frames.VIDEO_FILE)
            if self.words.chance(0.15):
                files, sound, a = (
                    ("video", "audio", "audio"),
                    *self.rng.choice(
                        [
                            ("audio1", "the first audio"),
                            ("audio2", "the second audio"),
                            ("audio2", "audio2"),
                            ("audio1", "audio1"),
                        ]
                    ),
                )
            elif self.words.chance(0.12):
                files, video, v = (
                    ("video", "video", "audio"),
                    *self.rng.choice(
                        [
                            ("video1", "the first video"),
                            ("video2", "the second video"),
                            ("video2", "video2"),
                            ("video1", "video1"),
                        ]
                    ),
                )
            request = (
                self.words.pick(
                    frames.JOIN
                    if sound == "audio1" and video == "video1" and len(files) == 2
                    else frames.JOIN[:8]
                )
                .replace("{a}", a)
                .replace("{v}", v)
            )
            calls: tuple[Call, ...] = (Call("add-soundtrack", "", (video, sound)),)
        elif draw < 0.8:
            files = ("video",)
            v = self.words.pick(frames.VIDEO_FILE)
            if self.words.chance(0.3):
                sentence = self.words.sentence()
                first = Call("text-to-speech", sentence)
                request = (
                    self.words.pick(frames.VOICE_OVER)
                    .replace("{v}", v)
                    .replace("{q}", self.quoted(sentence))
                )
            else:
                sound = self.words.music() if self.words.chance(0.4) else self.words.sound()
                first = Call("text-to-audio", sound)
                request = (
                    self.words.pick(frames.SOUND_UNDER)
                    .replace("{v}", v)
                    .replace("{s}", slot(sound))
                )
            calls = (first, Call("add-soundtrack", "", ("video1", "#1")))
        elif draw < 0.95:
            files = ("audio",)
            motion = self.words.motion()
            request = (
                self.words.pick(frames.VIDEO_FOR_AUDIO)
                .replace("{a}", self.words.pick(frames.AUDIO_FILE))
                .replace("{v}", slot(motion))
            )
            calls = (Call("text-to-video", motion), Call("add-soundtrack", "", ("#1", "audio1")))
        else:
            files = ("video", "video")
            x, y = self.rng.choice([(1, 2), (2, 1)])
            request = (
                self.words.pick(
                    (
                        "put the [sound|audio] of video{x} under video{y}",
                        "use the [sound|audio] of video{x} for video{y}",
                        "add the [sound|audio|soundtrack] from video{x} to video{y}",
                    )
                )
                .replace("{x}", str(x))
                .replace("{y}", str(y))
            )
            calls = (
                Call("video-to-audio", "", (f"video{x}",)),
                Call("add-soundtrack", "", (f"video{y}", "#1")),
            )
        request = self.words.pick(("", "", "", "please ", "can you ", "could you ")) + request
        return replace(self._row(self.punctuated(request), calls, "join"), attachments=files)

    def new_wish_with_attachment(self) -> Row:
        """An attachment that the request has no use for."""
        row = self.several() if self.words.chance(0.1) else self.single()
        files = self.rng.choice(
            [
                ("image",),
                ("audio",),
                ("video",),
                ("image", "image"),
                ("video", "audio"),
                ("image", "audio"),
            ]
        )
        lead = self.words.pick(frames.ASIDE).replace(
            "{f}", self.rng.choice(frames.FILE_NAMES[files[0]])
        )
        return replace(row, request=lead + row.request, attachments=files, family="aside")
