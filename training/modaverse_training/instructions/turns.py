"""Requests of more than one step: several wishes, second turns, asides, and what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from modaverse_training.instructions import edits
from modaverse_training.instructions.cells import as_sentence, asked_of, attach, guess, talk
from modaverse_training.instructions.draft import Call, Draft, reply_to
from modaverse_training.instructions.phrases import bank, drawn
from modaverse_training.instructions.stock import kind_of
from modaverse_training.instructions.style import styled
from modaverse_training.instructions.wishes import MAKERS
from modaverse_training.instructions.workshop import ROLES, Workshop

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse_training.instructions.items import Item
    from modaverse_training.instructions.stock import Source
    from modaverse_training.instructions.wishes import Desk, Wish

__all__ = ["aside", "follow", "refuse", "several", "told_and_made"]

_AS = {"paint": "as-image", "sound": "as-audio", "film": "as-video"}
_AS_MODALITY: Mapping[str, Modality] = {"paint": "image", "sound": "audio", "film": "video"}
_DESCRIBED: tuple[Source, ...] = ("image", "audio", "video")
_ORDER = re.compile(
    r"(please |just |)(draw|paint|make|create|play|say|read|film|animate|show|let|generate|sketch|"
    r"speak|illustrate|render|shoot|record|announce|pronounce|put|produce|turn)\b"
)


def several(desk: Desk) -> Draft | None:
    """Two or three wishes in one request; None if nothing can be made."""
    draft = Draft(desk.workshop)
    count = 2 if desk.chance(0.8) else 3
    wishes = [wish for _ in range(count) if (wish := _spoken_last(desk)) is not None]
    bare = [wish for wish in wishes if wish.phrase.closed and wish.role == "speak"]
    wishes = [wish for wish in wishes if wish not in bare] + bare[:1]  # nothing may follow it
    if not wishes:
        return None
    text = wishes[0].phrase.text
    joiner = bank("joiners").family(desk.split, desk.rng)
    for wish in wishes[1:]:
        between = drawn(desk.rng.choice(joiner.phrases), desk.rng)
        gap = "" if between[0] in ".,;" else " "
        text = f"{text.rstrip('.')}{gap}{between} {wish.phrase.text}"
    calls = [wish.call for wish in wishes]
    request = styled(text, desk.rng, closed=wishes[-1].phrase.closed)
    family = wishes[-1].phrase.family.name.replace("/", "/several-")
    draft.exchange(request, reply_to(calls, desk.workshop), calls, family)
    return draft


def _spoken_last(desk: Desk) -> Wish | None:
    """A wish that may stand among others: an order, so that words behind it are not part of it."""
    for _ in range(20):
        wish = desk.any_wish()
        if wish is None or _ORDER.match(wish.phrase.text):
            return wish
    return None


def follow(desk: Desk) -> Draft | None:
    """A first turn, then one or two that go on from it; None if nothing can be made."""
    draft = Draft(desk.workshop)
    step = _begin(desk, draft)
    if step is None:
        return None
    for _ in range(1 if desk.chance(0.75) else 2):
        step = _go_on(desk, draft, step)
    return draft


class _Step:
    """Where a conversation stands.

    Args:
        call: The call of the last turn; None if it was answered in words.
        role: Of that call; empty if there was none.
        item: What was attached and spoken of, if anything was.
        said: What the last turn was about.
    """

    def __init__(self, call: Call | None, role: str, item: Item | None, said: str) -> None:
        self.call, self.role, self.item, self.said = call, role, item, said


def _begin(desk: Desk, draft: Draft) -> _Step | None:
    kinds = [kind for kind in _DESCRIBED if desk.stock.has(kind)]
    if kinds and desk.chance(0.5):
        kind = desk.rng.choice(kinds)
        item = desk.attachment(kind, to="audio")
        caption = desk.rng.choice(item.captions)
        _, it = attach(desk, draft, item, caption, kind)
        phrase = desk.plain(f"{kind}-text", it=it)
        request = styled(phrase.text, desk.rng)
        draft.exchange(request, as_sentence(caption), (), phrase.family.name)
        return _Step(None, "", item, caption)
    roles = [role for role in ("paint", "sound", "film") if desk.workshop.can(role)]
    if not roles:
        return None
    wish = desk.wish(desk.rng.choice(roles))
    _say(desk, draft, wish.phrase.text, wish.phrase.family.name, wish.call)
    return _Step(wish.call, wish.role, None, wish.call.prompt)


def _go_on(desk: Desk, draft: Draft, step: _Step) -> _Step:
    moves: list[Callable[[Desk, Draft, _Step], _Step]] = [_as_other, _as_other]
    if step.call is not None:
        moves += [partial(_again, step.call), partial(_altered, step.call)]
    elif desk.workshop.can("speak"):
        moves.append(_read_out)
    if not any(desk.workshop.can(role) for role in _AS if role != step.role):
        moves = moves[2:] or [_thank]
    if any(desk.stock.has(kind) for kind in _DESCRIBED):
        moves.append(_look_at)
    if step.item is not None:
        moves.append(partial(_look_again, step.item))
    if desk.chance(0.1):
        moves = [_thank]
    return desk.rng.choice(moves)(desk, draft, step)


def _as_other(desk: Desk, draft: Draft, step: _Step) -> _Step:
    """What was made or found, in another modality."""
    roles = [role for role in _AS if role != step.role and desk.workshop.can(role)]
    role = desk.rng.choice(roles)
    said = step.said
    if step.item is not None:
        said = _carried(desk, step.item, role, said)
    phrase = desk.plain(_AS[role])
    call = Call(desk.workshop.tool(role), said)
    _say(desk, draft, phrase.text, phrase.family.name, call)
    return _Step(call, role, step.item, said)


def _carried(desk: Desk, item: Item, role: str, said: str) -> str:
    """What to ask for in another modality: the words used so far, unless the item knows better."""
    known = item.elsewhere.get(_AS_MODALITY[role])
    return desk.rng.choice(known) if known else said


def _again(call: Call, desk: Desk, draft: Draft, step: _Step) -> _Step:
    """The same call once more."""
    phrase = desk.plain("again")
    _say(desk, draft, phrase.text, phrase.family.name, call)
    return step


def _altered(call: Call, desk: Desk, draft: Draft, step: _Step) -> _Step:
    """The same, but otherwise: the picture is changed if a tool can, else the wish is made anew."""
    tail = edits.tail(step.role, desk.rng)
    phrase = desk.plain("altered", tail=tail)
    if step.role == "paint" and desk.workshop.can("change") and draft.results:
        last = next(h for h in reversed(draft.results) if draft.results[h] == "image")
        change = Call(desk.workshop.tool("change"), tail, (last,))
        _say(desk, draft, phrase.text, phrase.family.name, change)
        return _Step(change, step.role, step.item, step.said)
    said = f"{call.prompt} {tail.removeprefix('but ')}"
    call = replace(call, prompt=said)
    _say(desk, draft, phrase.text, phrase.family.name, call)
    return _Step(call, step.role, step.item, said)


def _read_out(desk: Desk, draft: Draft, step: _Step) -> _Step:
    """The answer in words, aloud."""
    phrase = desk.plain("as-speech")
    call = Call(desk.workshop.tool("speak"), as_sentence(step.said))
    _say(desk, draft, phrase.text, phrase.family.name, call)
    return _Step(None, "", step.item, step.said)


def _look_at(desk: Desk, draft: Draft, step: _Step) -> _Step:
    """Something that is attached only now."""
    kind = desk.rng.choice([kind for kind in _DESCRIBED if desk.stock.has(kind)])
    item = desk.attachment(kind)
    before = sum(handle.startswith(kind) for handle in draft.taken)
    caption = desk.rng.choice(item.captions)
    handle = draft.attach(item, caption)
    # "this picture" is the newest; "the first" would count what was made before, too
    phrase = desk.plain(f"{kind}-text", it=handle if before else desk.refer(kind, handle))
    request = styled(phrase.text, desk.rng)
    draft.exchange(request, as_sentence(caption), (), phrase.family.name)
    return _Step(None, "", item, caption)


def _look_again(item: Item, desk: Desk, draft: Draft, step: _Step) -> _Step:
    """Another question about what was attached before."""
    kind = kind_of(item)
    if item.facts and desk.chance(0.4):
        fact = desk.rng.choice(tuple(item.facts))
        phrase, answer = asked_of(desk, item, fact, "it"), item.facts[fact]
    elif item.name and desk.stock.can_differ(kind) and desk.chance(0.5):
        asked, answer = guess(desk, item)
        phrase = desk.plain(f"{kind}-check", it="it", y=asked)
    else:
        phrase = desk.plain(f"{kind}-text", it="it")
        answer = as_sentence(desk.rng.choice(item.captions))
    draft.exchange(styled(phrase.text, desk.rng), answer, (), phrase.family.name)
    return _Step(None, "", item, step.said)


def _thank(desk: Desk, draft: Draft, step: _Step) -> _Step:
    talk(desk, draft)
    return step


def told_and_made(desk: Desk) -> Draft | None:
    """One request that wants an answer in words and something made of it."""
    kinds = [kind for kind in _DESCRIBED if desk.stock.has(kind)]
    roles = [role for role in _AS if desk.workshop.can(role)]
    if not kinds or not roles:
        return None
    kind, role = desk.rng.choice(kinds), desk.rng.choice(roles)
    item, draft = desk.attachment(kind, to=_AS_MODALITY[role]), Draft(desk.workshop)
    caption = desk.rng.choice(item.captions)
    _, it = attach(desk, draft, item, caption, kind)
    then = desk.rng.choice(_THEN[role])
    phrase = desk.plain("told", it=it, then=then)
    said = _carried(desk, item, role, caption)
    call = Call(desk.workshop.tool(role), said)
    text = f"{as_sentence(caption)} {reply_to([call], desk.workshop)}"
    draft.exchange(styled(phrase.text, desk.rng), text, [call], phrase.family.name)
    return draft


_THEN = {
    "paint": ("draw it", "paint it", "make a new picture of it", "illustrate it"),
    "sound": ("let me hear it", "play its sound", "make the sound of it"),
    "film": ("film it", "make a video of it", "animate it"),
}


def aside(desk: Desk) -> Draft | None:
    """A wish that has no use for what is attached."""
    kinds = [kind for kind in _DESCRIBED if desk.stock.has(kind)]
    wish = desk.any_wish()
    if wish is None or not kinds:
        return None
    kind, draft = desk.rng.choice(kinds), Draft(desk.workshop)
    item = desk.attachment(kind)
    handle = draft.attach(item, item.captions[0])
    before = desk.plain("aside", it=desk.refer(kind, handle))
    request = styled(f"{before.text} {wish.phrase.text}", desk.rng, closed=wish.phrase.closed)
    draft.exchange(request, reply_to([wish.call], desk.workshop), [wish.call], before.family.name)
    return draft


def refuse(desk: Desk, *, reduced: bool = False) -> Draft | None:
    """A request that nothing here can fulfil.

    Args:
        desk: What it is made with.
        reduced: Also leave a tool out of the row and ask for what it would make. A model that is
            not told its tools cannot learn from such a row.
    """
    if reduced and desk.chance(0.5):
        return _without_tool(desk)
    draft = Draft(desk.workshop)
    kinds = [kind for kind in _DESCRIBED if desk.stock.has(kind) and not _changes(desk, kind)]
    if kinds and desk.chance(0.4):
        _refuse_edit(desk, draft, desk.rng.choice(kinds))
    else:
        talk(desk, draft, desk.rng.choice(("impossible", "missing")))
    return draft


def _changes(desk: Desk, kind: Source) -> bool:
    """Whether a tool might change what is attached, so that a refusal would be wrong."""
    box = desk.workshop.toolbox
    specs = [box[name].spec for name in desk.workshop.tools if name != desk.workshop.tool("join")]
    return any(
        spec.output == kind and kind in [slot.modality for slot in spec.inputs] for spec in specs
    )


def _refuse_edit(desk: Desk, draft: Draft, kind: Source) -> None:
    """A change of what is attached, for which there is no tool."""
    item = desk.attachment(kind)
    handle, it = attach(desk, draft, item, desk.rng.choice(item.captions), kind)
    change = {"change": edits.order(desk.rng), "like": edits.like(desk.rng)}
    phrase = desk.plain("change" if kind == "image" else f"edit-{kind}", it=it, **change)
    request = styled(phrase.text, desk.rng)
    draft.exchange(request, f"I cannot change {handle}.", (), phrase.family.name)


def _without_tool(desk: Desk) -> Draft | None:
    """A wish for what no tool of the row makes."""
    roles = [role for role in MAKERS if desk.workshop.can(role)]
    if not roles:
        return None
    role = desk.rng.choice(roles)
    wish = desk.wish(role)
    makes = ROLES[role][1]
    kept = [
        name
        for name in desk.workshop.tools
        if name != wish.call.tool and (role == "speak" or desk.workshop.output(name) != makes)
    ]
    draft = Draft(Workshop(desk.workshop.toolbox.only(*kept)))
    what = {"paint": "pictures", "sound": "sounds", "speak": "speech", "film": "videos"}[role]
    request = styled(wish.phrase.text, desk.rng, closed=wish.phrase.closed)
    draft.exchange(request, f"I have no tool that makes {what}.", (), wish.phrase.family.name)
    return draft


def _say(desk: Desk, draft: Draft, text: str, family: str, *calls: Call) -> None:
    closed = any(call.prompt and text.endswith(call.prompt) for call in calls)
    request = styled(text, desk.rng, closed=closed)
    draft.exchange(request, reply_to(calls, desk.workshop), calls, family)
