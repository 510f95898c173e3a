"""Tasks by what goes in and what comes out: text, pictures, sounds and videos, all sixteen pairs.

A task is named after its bank of phrases; those that ask for a fact, of a picture or of a video,
share a bank. Each makes one exchange; `CELLS` has them by pair.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from modaverse.media import Modality
from modaverse_training.instructions import edits
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.phrases import filled
from modaverse_training.instructions.style import styled
from modaverse_training.instructions.wishes import Phrase
from modaverse_training.instructions.workshop import a

if TYPE_CHECKING:
    from modaverse.plan import Handle
    from modaverse_training.instructions.items import Fact, Item, Kind
    from modaverse_training.instructions.stock import Known, Source
    from modaverse_training.instructions.wishes import Desk

__all__ = ["CELLS", "TASKS", "Cell", "Task", "as_sentence", "asked_of", "guess", "prompt_for"]

Cell = tuple[Modality, Modality]

_BYSTANDER = 0.15  # share of the requests with an attachment that the request is not about


@dataclass(frozen=True)
class Task:
    """One way to go from one modality to another.

    Attributes:
        name: Also that of its bank.
        cell: What goes in, and what comes out.
        roles: What the tools must be able to do.
        make: Makes the exchange.
        attached: The kind of item that it needs; None if it needs none.
        known: What must be known of the item.
        weight: How often, compared with the other tasks of its cell.
    """

    name: str
    cell: Cell
    roles: tuple[str, ...]
    make: Callable[[Desk, Draft, Task], None]
    attached: Source | None = None
    known: Known = "captions"
    weight: float = 1.0

    @property
    def kind(self) -> Source:
        """The kind of item that it attaches."""
        if self.attached is None:
            raise ValueError(f"the task {self.name} attaches nothing")
        return self.attached

    def ready(self, desk: Desk) -> bool:
        """Whether there are the tools and items that it needs."""
        if not desk.workshop.can(*self.roles):
            return False
        if self.attached is None:
            return desk.stock.size > 0
        enough = desk.stock.has(self.attached, self.known)
        return enough and (self.known != "name" or desk.stock.can_differ(self.attached))


def as_sentence(caption: str) -> str:
    """A caption as a sentence of its own."""
    text = caption[:1].upper() + caption[1:]
    return text if text[-1:] in ".!?" else f"{text}."


def prompt_for(item: Item, modality: Modality, desk: Desk) -> str:
    """What to ask a tool for so that it makes in this modality what the item shows."""
    own = item.elsewhere.get(modality)
    if own == () and item.name:  # no face of its own: what the tool knows of the thing
        return a(item.name)
    return desk.rng.choice(own or item.captions)


def attach(desk: Desk, draft: Draft, item: Item, caption: str, kind: Source) -> tuple[Handle, str]:
    """Attach an item, now and then beside another; gives its handle and words for it."""
    if not desk.chance(_BYSTANDER):
        handle = draft.attach(item, caption)
        return handle, desk.refer(kind, handle)
    other_kind: Source = kind if desk.chance(0.5) else desk.rng.choice(("image", "audio", "video"))
    if not desk.stock.has(other_kind):
        other_kind = kind
    other = desk.attachment(other_kind)
    alike = other.modality == item.modality
    if desk.chance(0.5):
        handle = draft.attach(item, caption)
        draft.attach(other, other.captions[0])
    else:
        draft.attach(other, other.captions[0])
        handle = draft.attach(item, caption)
    return handle, desk.refer(kind, handle, count=1 + alike)


def _finish(desk: Desk, draft: Draft, phrase: Phrase, text: str, *calls: Call) -> None:
    request = styled(phrase.text, desk.rng, closed=phrase.closed)
    draft.exchange(request, text or reply_to(calls, desk.workshop), calls, phrase.family.name)


# ---- from text
def _wish(desk: Desk, draft: Draft, task: Task) -> None:
    wish = desk.wish(task.roles[0])
    _finish(desk, draft, wish.phrase, "", wish.call)


_WORDS: Mapping[str, Callable[[str], str]] = {
    "echo": lambda text: text,
    "capitals": str.upper,
    "count": lambda text: str(len(text.split())),
    "last": lambda text: text.split()[-1].strip(".,;:!?"),
}


def _words(desk: Desk, draft: Draft, task: Task) -> None:
    said = desk.content("speak")
    phrase = desk.about(task.name, said)
    what = phrase.family.name.split("/")[1].split("-")[0]
    _finish(desk, draft, phrase, _WORDS[what](said))


def _about(desk: Desk, draft: Draft, task: Task) -> None:
    kinds: tuple[Source, ...] = ("image", "audio", "video")
    there = [kind for kind in kinds if desk.stock.has(kind, "name")]
    item = desk.attachment(desk.rng.choice(there), "name")
    phrase = desk.about(task.name, desk.rng.choice(item.captions))
    _finish(desk, draft, phrase, as_sentence(a(item.name)))


def talk(desk: Desk, draft: Draft, task: str = "talk") -> None:
    """Small talk, or a refusal: a family that brings its own answer."""
    that = desk.rng.choice(("picture", "sound", "video"))
    phrase = desk.plain(task, made=desk.workshop.abilities, that=that)
    text = filled(phrase.family.reply, {"made": desk.workshop.abilities, "that": that})
    _finish(desk, draft, phrase, text)


def _talk(desk: Desk, draft: Draft, task: Task) -> None:
    talk(desk, draft, task.name)


# ---- answers about what is attached
def _describe(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment(task.kind)
    caption = desk.rng.choice(item.captions)
    _, it = attach(desk, draft, item, caption, task.kind)
    _finish(desk, draft, desk.plain(task.name, it=it), as_sentence(caption))


def _name(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment(task.kind, "name")
    _, it = attach(desk, draft, item, desk.rng.choice(item.captions), task.kind)
    _finish(desk, draft, desk.plain(task.name, it=it), as_sentence(a(item.name)))


def guess(desk: Desk, item: Item) -> tuple[str, str]:
    """A thing that a named item is asked to be, right half of the time, and the answer.

    The answer names the item and leaves the verdict to who asked: small models that name a thing
    rightly still say yes or no by chance.
    """
    asked = item.name if desk.chance(0.5) else desk.stock.other_name(item, desk.rng)
    return a(asked), f"It is {a(item.name)}."


def _check(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment(task.kind, "name")
    asked, answer = guess(desk, item)
    handle = draft.attach(item, desk.rng.choice(item.captions))
    phrase = desk.plain(task.name, it=desk.refer(task.kind, handle), y=asked)
    _finish(desk, draft, phrase, answer)


def _fact(desk: Desk, draft: Draft, task: Task) -> None:
    """A question about the one thing that an item shows: its colour, its place, what it does."""
    item = desk.attachment(task.kind, task.known)
    _, it = attach(desk, draft, item, desk.rng.choice(item.captions), task.kind)
    _finish(desk, draft, asked_of(desk, item, task.known, it), item.facts[task.known])


def asked_of(desk: Desk, item: Item, fact: str, it: str) -> Phrase:
    """A question about a fact of an item, which is spoken of as `it`."""
    values = {"it": it, "n": item.name, "ns": item.plural}
    unknown = frozenset(place for place, value in values.items() if not value)
    return desk.phrase(fact, values, without=unknown)


# ---- something new after what is attached
def _remake(desk: Desk, draft: Draft, task: Task) -> None:
    (role,) = task.roles
    target = task.cell[1]
    spoken = role == "speak"
    item = desk.attachment(task.kind, to=None if spoken else target)
    said = desk.rng.choice(item.captions) if spoken else prompt_for(item, target, desk)
    caption = said if said in item.captions else desk.rng.choice(item.captions)
    _, it = attach(desk, draft, item, caption, task.kind)
    if spoken and not item.spoken:
        said = as_sentence(said)
    tool = desk.workshop.tool(role)
    phrase, options = _with_option(desk, desk.plain(task.name, it=it), tool)
    _finish(desk, draft, phrase, "", Call(tool, said, options=options))


def _with_option(
    desk: Desk, phrase: Phrase, tool: str
) -> tuple[Phrase, tuple[tuple[str, object], ...]]:
    option = desk.workshop.options(tool, desk.rng) if desk.chance(0.1) else None
    if option is None:
        return phrase, ()
    return Phrase(phrase.text + desk.asked(*option), phrase.family, phrase.closed), (option,)


def _change(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("image")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "image")
    order, like = edits.order(desk.rng), edits.like(desk.rng)
    phrase = desk.plain(task.name, it=it, change=order, like=like)
    prompt = order if order in phrase.text else like
    _finish(desk, draft, phrase, "", Call(desk.workshop.tool("change"), prompt, (handle,)))


def _move(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("image")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "image")
    motion = edits.motion(desk.rng)
    phrase = desk.plain(task.name, it=it, motion=motion)
    _finish(desk, draft, phrase, "", Call(desk.workshop.tool("move"), motion, (handle,)))


def _still(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("video")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "video")
    tool = desk.workshop.tool("still")
    option = desk.workshop.options(tool, desk.rng) if desk.chance(0.5) else None
    at = desk.asked(*option).strip(" ,") if option else ""
    phrase = desk.plain(task.name, it=it, at=at)
    options = (option,) if option else ()
    _finish(desk, draft, phrase, "", Call(tool, "", (handle,), options))


def _track(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("video")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "video")
    _finish(
        desk, draft, desk.plain(task.name, it=it), "",
        Call(desk.workshop.tool("track"), "", (handle,)),
    )  # fmt: skip


def _score(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("video", to="audio")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "video")
    sound = Call(desk.workshop.tool("sound"), prompt_for(item, "audio", desk))
    join = Call(desk.workshop.tool("join"), "", (handle, "#1"))
    _finish(desk, draft, desk.plain(task.name, it=it), "", sound, join)


def _under(desk: Desk, draft: Draft, task: Task) -> None:
    item = desk.attachment("audio")
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), "audio")
    content = desk.content("film")
    film = Call(desk.workshop.tool("film"), content)
    join = Call(desk.workshop.tool("join"), "", ("#1", handle))
    _finish(desk, draft, desk.about(task.name, content, it=it), "", film, join)


def _remakes() -> list[Task]:
    """The tasks that make something new of what an attachment shows or says."""
    kinds: tuple[tuple[str, Source, Modality], ...] = (
        ("image", "image", "image"), ("audio", "audio", "audio"),
        ("said", "speech", "audio"), ("video", "video", "video"),
    )  # fmt: skip
    makes: tuple[tuple[Modality, str], ...] = (
        ("image", "paint"), ("audio", "sound"), ("video", "film"),
    )  # fmt: skip
    as_often = {"image-image": 2.0, "image-video": 2.0}  # as the picture itself is changed or moved
    return [
        Task(name, (modality, out), (role,), _remake, kind, weight=as_often.get(name, 1.0))
        for source, kind, modality in kinds
        for out, role in makes
        for name in [f"{source}-{out}"]
    ]


_ASKED: Mapping[Fact, float] = {"colour": 0.5, "place": 0.3, "doing": 0.4, "count": 0.1}
_FACTS: Mapping[Kind, tuple[Fact, ...]] = {
    "image": ("colour", "place", "count"),
    "audio": (),
    "video": ("colour", "place", "count", "doing"),
}


def _answers() -> list[Task]:
    """The tasks that a sentence answers."""
    kinds: tuple[Kind, ...] = ("image", "audio", "video")
    tasks = []
    for kind in kinds:
        cell: Cell = (kind, "text")
        tasks += [
            Task(f"{kind}-text", cell, (), _describe, kind, weight=2),
            Task(f"{kind}-name", cell, (), _name, kind, "name"),
            Task(f"{kind}-check", cell, (), _check, kind, "name"),
            *(
                Task(f"{kind}-{fact}", cell, (), _fact, kind, fact, _ASKED[fact])
                for fact in _FACTS[kind]
            ),
        ]
    return tasks


TASKS: tuple[Task, ...] = (
    Task("paint", ("text", "image"), ("paint",), _wish),
    Task("sound", ("text", "audio"), ("sound",), _wish),
    Task("speak", ("text", "audio"), ("speak",), _wish),
    Task("film", ("text", "video"), ("film",), _wish),
    Task("words", ("text", "text"), (), _words),
    Task("about", ("text", "text"), (), _about, "image", "name"),
    Task("talk", ("text", "text"), (), _talk),
    *_answers(),
    Task("transcribe", ("audio", "text"), (), _describe, "speech", weight=2),
    *_remakes(),
    Task("image-speech", ("image", "audio"), ("speak",), _remake, "image", weight=0.5),
    Task("say-again", ("audio", "audio"), ("speak",), _remake, "speech"),
    Task("change", ("image", "image"), ("change",), _change, "image", weight=2),
    Task("move", ("image", "video"), ("move",), _move, "image", weight=2),
    Task("still", ("video", "image"), ("still",), _still, "video"),
    Task("track", ("video", "audio"), ("track",), _track, "video"),
    Task("score", ("video", "video"), ("sound", "join"), _score, "video"),
    Task("under", ("audio", "video"), ("film", "join"), _under, "audio"),
)


def _by_cell() -> Mapping[Cell, tuple[Task, ...]]:
    found: dict[Cell, list[Task]] = defaultdict(list)
    for task in TASKS:
        found[task.cell].append(task)
    return {cell: tuple(tasks) for cell, tasks in found.items()}


CELLS: Mapping[Cell, tuple[Task, ...]] = _by_cell()
