"""Requests that come with pictures which are to be changed or to move."""

from __future__ import annotations

from dataclasses import replace

from modaverse_training.nano.lm import frames
from modaverse_training.nano.lm.combined import Combined
from modaverse_training.nano.lm.rows import Call, Row, slot
from modaverse_training.nano.lm.wishes import Options

_WHERE = ("in", "in", "on", "of", "from")
_BEFORE = ("", "", "", "please ", "can you ", "could you ", "i want you to ", "would you please ")
_AFTER = ("", "", "", "", " please", ", please", " for me", ", thanks")

_GAVE = ("sent", "attached", "uploaded", "gave you")
_GIVEN = ("my attached", "my uploaded", "the uploaded", "the given", "the provided")

_TEMPLATES = {  # orders, wishes
    "image-to-image": (frames.EDITED, frames.EDITED_TO),
    "image-to-video": (frames.MOVED, frames.MOVED_TO),
}


class Pictures(Combined):
    """Makes requests for changes and motions of attached pictures."""

    def _pick_handle(self, modality: str) -> tuple[tuple[str, ...], str, str]:
        """Attachments with one of this modality, its handle, and the word that tells which one."""
        if self.words.chance(0.75):
            return (modality,), f"{modality}1", ""
        if self.words.chance(0.5):
            other = self.rng.choice([m for m in ("image", "audio", "video") if m != modality])
            both = [modality, other]
            self.rng.shuffle(both)
            return tuple(both), f"{modality}1", "the " + modality
        number = self.rng.randint(1, 2)
        which = self.rng.choice([("first", "second")[number - 1], f"{modality}{number}"])
        return (modality, modality), f"{modality}{number}", which

    def _refer(self, modality: str, which: str, handle: str) -> str:
        names = frames.FILE_NAMES[modality]
        if which.startswith("the "):
            return self.rng.choice([f"the {self.rng.choice(names)}", handle])
        if which in ("first", "second"):
            return f"the {which} {self.rng.choice(names)}"
        if which:
            return which
        return self.words.pick(
            (
                f"this {self.rng.choice(names)}",
                f"the {self.rng.choice(names)}",
                f"my {self.rng.choice(names)}",
                handle,
                f"the attached {self.rng.choice(names)}",
                "this",
                "it",
                f"that {self.rng.choice(names)}",
                f"the {self.rng.choice(names)} I {self.rng.choice(_GAVE)}",
                f"{self.rng.choice(_GIVEN)} {self.rng.choice(names)}",
            )
        )

    def _picture_changed(self) -> Row:
        """A picture that is to be changed, now and then beside another wish."""
        files, handle, which = self._pick_handle("image")
        tool, refer = "image-to-image", self._refer("image", which, handle)
        request, prompt, ordered = self._instruction(tool, refer, named=which, orders=0.7)
        request = self._asked_for(request) if ordered else request + self.words.pick(_AFTER)
        return self._on_picture(request, Call(tool, prompt, (handle,)), files)

    def _picture_moved(self) -> Row:
        """A picture that is to move, perhaps for so many seconds."""
        files, handle, which = self._pick_handle("image")
        tool, refer = "image-to-video", self._refer("image", which, handle)
        request, prompt, ordered = self._instruction(tool, refer, named=which, orders=0.6)
        options: Options = {}
        if self.words.chance(0.25):
            options = {"seconds": self.rng.randint(1, 6)}
            how_long = self.words.pick(frames.MOVE_SECONDS)
            request += f" {how_long.replace('{t}', str(options['seconds']))}".replace(" ,", ",")
        request = self._asked_for(request) if ordered else request
        return self._on_picture(request, Call(tool, prompt, (handle,), options), files)

    def _instruction(
        self, tool: str, refer: str, *, named: str, orders: float
    ) -> tuple[str, str, bool]:
        """What a picture tool is to do: as the request tells it, the prompt, and if it is an order.

        Args:
            tool: "image-to-image" or "image-to-video".
            refer: The words for the picture.
            named: Which of several pictures it is; if so, the request must say it.
            orders: The share of orders ("make it red") among wishes ("red, please").
        """
        ordered = self.words.chance(orders)
        bank = _TEMPLATES[tool][0 if ordered else 1]
        request, prompt = self._told(self.words.pick(bank), refer, named=named)
        if tool == "image-to-video" and not ordered:
            request = self.words.pick(frames.ASK_MOVED).replace("{x}", request)
        return request, prompt, ordered

    def _told(self, template: str, refer: str, *, named: str) -> tuple[str, str]:
        """An instruction as the request tells it, and as the plan does.

        Args:
            template: With {r} for the picture, or {w} where the picture may be told.
            refer: The words for the picture.
            named: Which of several pictures it is; if so, the request must say it.
        """
        filled = self.words.filled(template)
        where = f" {self.rng.choice(_WHERE)} {refer}"
        if named and "{r}" not in filled:
            filled = filled if "{w}" in filled else filled + "{w}"
        elif self.words.chance(0.5):
            where = ""
        parts = [part.replace("{r}", refer) for part in filled.split("{w}")]
        request = where.join(slot(part) if part else "" for part in parts)
        return request, " ".join("".join(parts).split())

    def _asked_for(self, order: str) -> str:
        """An order with a polite word before or after it, or none."""
        return self.words.pick(_BEFORE) + order + self.words.pick(_AFTER)

    def _on_picture(self, request: str, call: Call, files: tuple[str, ...]) -> Row:
        calls: tuple[Call, ...] = (call,)
        if self.words.chance(0.12):
            extra = self.closed()
            joiner = self.words.pick((" and ", ", and ", ". then ", " plus ", ", then "))
            request += joiner + self.ordered(extra)
            calls += extra.calls
        family = "picture-changed" if call.tool == "image-to-image" else "picture-moved"
        return replace(self._row(self.punctuated(request), calls, family), attachments=files)
