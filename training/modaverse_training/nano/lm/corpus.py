"""The stream that the language model learns from: rows as tokens, packed to one fixed length."""

from __future__ import annotations

import json
import random
import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from modaverse.dialect.base import compact
from modaverse_training.evaluation.phrasings import is_wording
from modaverse_training.nano.lm.grammar import Grammar
from modaverse_training.nano.lm.joined import Joined
from modaverse_training.nano.lm.phrases import CHATTER, COLOURS, FUNCTION_WORDS, QUANTITIES
from modaverse_training.nano.lm.rows import ABOUT, HANDLE, OPEN, Row, handles, slot
from modaverse_training.nano.lm.tokenizer import END, PLAN, USER, shown

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedTokenizerFast

REQUESTS = Path(__file__).parents[1] / "requests"
JOINED = 0.15  # how many rows of two come after one row as it was written
HELD_OUT = ("validation", "test", "blind", "scenes")
_STANDING = (  # how answers in words begin that need no look
    "Here", "All right", "I ", "You are welcome", "Hello", "Goodbye", "What would", ABOUT,
)  # fmt: skip
_COMMON = {
    *FUNCTION_WORDS,
    *COLOURS,
    *QUANTITIES,
    "picture",
    "video",
    "sound",
    "image",
    "one",
    "it",
}


def read_rows(path: Path) -> list[Row]:
    """The hand-written rows of a JSONL file."""
    rows = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.strip():
            continue
        data = json.loads(line)
        rows.append(Row(
            data["request"], data["text"], tuple(_ordered(c) for c in data["calls"]),
            tuple(data.get("attachments", ())),
            tuple((role, _ordered(text)) for role, text in data.get("history", ())), data["family"],
        ))  # fmt: skip
    return [replace(row, history=_paired(row.history)) for row in rows]


def normal(text: str) -> str:
    """A request without case, punctuation and spacing: what makes two requests the same."""
    return " ".join(re.findall(r"\w+", text.lower()))


def held_out(folder: Path = REQUESTS) -> frozenset[str]:
    """The requests that are for measuring only, in normal form."""
    rows = [row for name in HELD_OUT for row in read_rows(folder / f"{name}.jsonl")]
    return frozenset(normal(row.request) for row in rows)


def may_be_learned(row: Row, forbidden: frozenset[str]) -> bool:
    """Whether nobody in it asks what is held out, however short that is, or as the matrix asks.

    Nor may marks of slots be left in it.

    Args:
        row: Of the grammar, or written by hand.
        forbidden: What `held_out` gives.
    """
    asked = (row.request, *(request for request, _ in row.history))
    if OPEN in row.request or any(map(is_wording, asked)):
        return False
    return not forbidden.intersection(map(normal, asked))


def _ordered(text: str) -> str:
    """The text with the options of its calls in the order of the grammar."""
    pattern = re.compile(r"^([a-z-]+(?: from [^:{\n]*?)? with )(\{[^}\n]*\})(?=:)", re.M)
    return pattern.sub(lambda m: m.group(1) + compact(json.loads(m.group(2))), text)


def _paired(turns: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """(user, assistant) pairs from a list of (role, text)."""
    texts = [text for _, text in turns]
    return tuple(zip(texts[::2], texts[1::2], strict=True))


def segments(row: Row) -> list[tuple[str, float | None]]:
    """The rendered conversation in parts, each with the weight of its loss; None for requests."""
    parts: list[tuple[str, float | None]] = []
    for request, answer in row.history:
        parts += [(USER + shown(request), None), (PLAN, None), (answer + END, _weight(answer))]
    parts += [(USER + shown(row.request, handles(row.attachments)), None), (PLAN, None)]
    return [*parts, (row.answer() + END, 1.0)]


def _weight(answer: str) -> float:
    """Of an earlier answer: 0 for words of its own, which mostly tell what only a look can tell."""
    return float("\n" in answer or _is_standing(answer))


def _is_standing(line: str) -> bool:
    """Whether a line of an answer is one of the sentences that say what is made, or why nothing."""
    return line.startswith(_STANDING)


# ---- hand-written rows, varied
class Varied:
    """Hand-written rows with the words that request and plan share swapped for random others.

    Args:
        rows: All of them.
        grammar: Gives the other words, and all chance.
        often: How often each row is to come, relative to the others; by default all alike.
    """

    def __init__(self, rows: Sequence[Row], grammar: Grammar, often: Sequence[float] = ()) -> None:
        self.rows = list(rows)
        self.often = list(often)
        self.grammar = grammar
        self.rng = grammar.rng
        self.joined = Joined(self.rows, self.rng)

    def __iter__(self) -> Iterator[Row]:
        """Rows without end: each pass in another order, or drawn by how often they are to come."""
        while True:
            if self.often:
                drawn = self.rng.choices(self.rows, self.often, k=len(self.rows))
            else:
                drawn = self.rng.sample(self.rows, len(self.rows))
            for row in drawn:
                yield self.vary(row)
                if self.joined and self.rng.random() < JOINED:
                    two = self.joined.draw()
                    if two is not None:
                        yield self.vary(two)

    def vary(self, row: Row) -> Row:
        """One row with its contents swapped, most of the time, and noise."""
        draw = self.rng.random()
        if row.calls and draw < 0.75:
            row = self._swap_contents(row)
        elif row.calls and draw < 0.88:
            row = self._swap_word(row)
        if self.rng.random() < 0.5 and not row.text.startswith(ABOUT):
            row = self._noised(row)
        return replace(row, family="hand-" + row.family)

    def _noised(self, row: Row) -> Row:
        """Noise that leaves alone what the plan repeats."""
        request = row.request
        prompts = {_parsed(call)[2] for call in row.calls} - {""}
        for prompt in prompts:
            request = request.replace(prompt, slot(prompt), 1)
        marked = all(slot(prompt) in request for prompt in prompts) and not row.history
        return self.grammar.noised(replace(row, request=request) if marked else row, slips=marked)

    def _swap_contents(self, row: Row) -> Row:
        changed = row
        for call in sorted(row.calls, key=len):
            tool, _, prompt = _parsed(call)
            if not prompt or tool in _ON_PICTURES or not _found(prompt, changed.request):
                continue
            # words that alone say which tool is meant are worth learning as they stand
            keep = 0.1 if _names_modality(tool, prompt, changed.request) else 0.5
            if self.rng.random() < keep:
                continue
            changed = _swapped(changed, prompt, self._content(tool, prompt, changed.request))
        return changed if changed is not row else self._swap_word(row)

    def _content(self, tool: str, old: str, request: str) -> str:
        """Another content of the same kind, beginning in the same manner."""
        words = self.grammar.words
        if tool == "text-to-speech":
            at = request.find(old)
            quoted = at > 0 and request[at - 1] in "\"“'«„"
            if not quoted and self.rng.random() < 0.3 and " " not in old:
                return words.name()
            if not quoted and request[at + len(old) :].strip(" .!?"):  # other wishes follow it
                return re.sub(r"[,.!?]", "", self.rng.choice(CHATTER))
            return words.sentence()
        named = _names_modality(tool, old, request)
        if tool == "text-to-audio":
            musical = re.search(
                r"music|melody|tune|song|piano|guitar|beat|drum|jazz|violin|solo|riff", old
            )
            new = words.music() if musical and self.rng.random() < 0.7 else words.sound()
            if not named:
                new = words.music() if musical else words.heard()
        elif tool == "text-to-video":
            new = words.motion() if " " in old else words.noun("animal", "artifact")
            if not named:
                new = words.seen_moving()
        else:
            new = words.scene()
        if not re.match(r"(a|an|the|my|two|three|some)\b", old, re.I):
            new = re.sub(r"^(a|an|the) ", "", new)
        elif named and len(old.split()) < 4 and self.rng.random() < 0.6:
            new = words.thing()[0]
        return (
            new[:1].upper() + new[1:]
            if old[:1].isupper() and old[1:2].islower() and request.startswith(old)
            else new
        )

    def _swap_word(self, row: Row) -> Row:
        """One word that request or history and plan share, swapped everywhere."""
        parsed = [_parsed(call) for call in row.calls]
        last = " ".join(p for tool, _, p in parsed if _names_modality(tool, p, row.request))
        around = row.request + " " + " ".join(t for pair in row.history for t in pair)
        # an instruction's verb says which tool is meant; what follows an article does not
        on_picture = any(tool in _ON_PICTURES for tool, _, _ in parsed)
        words = _OBJECT if on_picture else _LONG_WORD
        shared = [
            w for w in words.findall(last)
            if w.lower() not in _COMMON and re.search(rf"\b{re.escape(w)}\b", around)
        ]  # fmt: skip
        if not shared:
            return row
        old = self.rng.choice(shared)
        new = self.grammar.words.coined() if self.rng.random() < 0.25 else self.grammar.words.noun()
        if old[0].isupper():
            new = new.upper() if old.isupper() and len(old) > 1 else new[:1].upper() + new[1:]
        return _swapped(row, old, new)


_ON_PICTURES = ("image-to-image", "image-to-video")  # whose prompts are instructions
_LONG_WORD = re.compile(r"[^\W\d_]{3,}")
_OBJECT = re.compile(r"\b(?:the|an?|its|his|her|my|our)\s+([^\W\d_]{3,})", re.I)


class Chats:
    """Puts rows behind turns about other things, which change nothing in their plans.

    A row whose family begins with `alone-` holds only where nothing was said before it; so does one
    that takes or names a file of an earlier turn, since what is made counts on from what there was.
    """

    _COUNTS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 8)

    def __init__(self, rng: random.Random, *, share: float = 0.35, memory: int = 400) -> None:
        self.rng, self.share = rng, share
        self.turns: deque[tuple[str, str]] = deque(maxlen=memory)

    def later(self, row: Row) -> Row:
        """The row, most often as it is, or as the last turn of a longer conversation."""
        share = self.share / 3 if row.history else self.share
        if row.family.removeprefix("hand-").startswith("alone-") or _counts(row):
            return row
        longer = row
        if self.turns and self.rng.random() < share:
            others = self.rng.choices(self.turns, k=self.rng.choice(self._COUNTS))
            longer = replace(row, history=(*others, *row.history))
        if not row.history and not row.attachments:
            self.turns.append((row.request, row.answer()))
        return longer


def _counts(row: Row) -> bool:
    """Whether a call takes, or the answer names, a file that does not come with this turn."""
    told = " ".join([row.text, *(_parsed(call)[1] for call in row.calls)])
    taken = HANDLE.findall(told)
    return not set(taken).issubset(handles(row.attachments))


def _parsed(call: str) -> tuple[str, str, str]:
    """Tool, head and prompt of a call line."""
    match = re.match(r"(([a-z-]+)(?: from [^:{]*?)?(?: with \{[^}]*\})?):(?: (.*))?$", call, re.S)
    if match is None:
        raise ValueError(f"not a call: {call!r}")
    return match.group(2), match.group(1), match.group(3) or ""


# Words beside a content that say by themselves which tool is meant.
_NAMING = {
    "text-to-audio": re.compile(
        r"sound|nois|hear|listen|audio|play|music|sfx|song|tune|melod|record|loud|sing|ears?\b|"
        r"effect|ambien|track|jingle|riff|bpm|foley", re.I
    ),
    "text-to-video": re.compile(
        r"video|vid\b|clip|film|movie|animat|gif|footage|watch|motion|mov(e|ing)|shoot|reel|cartoon",
        re.I,
    ),
}  # fmt: skip


def _names_modality(tool: str, prompt: str, request: str) -> bool:
    """Whether words beside the prompt, and not the prompt alone, say which tool is meant."""
    naming, at = _NAMING.get(tool), request.find(prompt)
    if naming is None or at < 0:
        return True
    before = re.split(r"[,;.|/\n]|\band\b|\bplus\b", request[:at])[-1]
    after = re.split(r"[,;.|/\n?!]|\band\b|\bplus\b", request[at + len(prompt) :])[0]
    return naming.search(f"{before} {after}") is not None


def _found(text: str, within: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(text)}(?!\w)", within) is not None


def _swapped(row: Row, old: str, new: str) -> Row:
    """The row with `old` replaced by `new` in the request, the history and every prompt."""
    pattern = re.compile(rf"(?<!\w){re.escape(old)}(?!\w)")

    def swap(text: str) -> str:
        return pattern.sub(lambda _: new, text)

    def in_call(line: str) -> str:
        _, head, prompt = _parsed(line)
        escaped = new.replace("\\", "\\\\").replace("\n", "\\n")
        return f"{head}:" + (f" {pattern.sub(lambda _: escaped, prompt)}" if prompt else "")

    def in_line(line: str) -> str:
        if re.match(r"(text|video|image)-to-|add-soundtrack", line):
            return in_call(line)
        return line if _is_standing(line) and not line.startswith(ABOUT) else swap(line)

    def in_answer(answer: str) -> str:
        return "\n".join(map(in_line, answer.split("\n")))

    return replace(
        row,
        request=swap(row.request),
        calls=tuple(in_call(c) for c in row.calls),
        history=tuple((swap(request), in_answer(answer)) for request, answer in row.history),
    )


# ---- tokens
def word_pieces(tokenizer: PreTrainedTokenizerFast) -> tuple[list[str], list[str]]:
    """The tokens that begin a word and those that continue one, as text."""
    texts = [tokenizer.decode([i]) for i in range(len(tokenizer))]
    fit = [
        t
        for t in texts
        if t.strip() and t.isprintable() and "�" not in t and "<|" not in t and "{" not in t
    ]
    starts = [t.strip() for t in fit if t.startswith(" ")]
    return starts, [t for t in fit if not t.startswith(" ") and t.isalpha()]


@dataclass(frozen=True)
class Encoded:
    """Tokens of one row and the weight of each as a target."""

    tokens: list[int]
    weights: list[float]


def encode(row: Row, tokenizer: PreTrainedTokenizerFast, request_weight: float) -> Encoded:
    """Tokens of a row; requests weigh `request_weight`, plans 1, what a look has told nothing."""
    tokens: list[int] = []
    weights: list[float] = []
    for text, weight in segments(row):
        ids = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
        tokens += ids
        weights += [request_weight if weight is None else weight] * len(ids)
    return Encoded(tokens, weights)


@dataclass(frozen=True)
class Batch:
    """Packed rows.

    tokens: int64 [b, t]; weights: float32 [b, t], of each token as a target; positions: int64
    [b, t], from 0 in each row; rows: int64 [b, t], the row a token belongs to, 0 for padding.
    """

    tokens: torch.Tensor
    weights: torch.Tensor
    positions: torch.Tensor
    rows: torch.Tensor


class Packer:
    """Packs encoded rows into batches of one fixed shape, so that kernels are built once."""

    def __init__(self, rows: Iterator[Encoded], batch: int, length: int) -> None:
        self.rows, self.batch, self.length = rows, batch, length
        self.pool: list[Encoded] = []

    def line(self) -> list[Encoded]:
        """Rows that fill one line well: the longest that still fits, again and again."""
        while len(self.pool) < 96:
            row = next(self.rows)
            if len(row.tokens) <= self.length:
                self.pool.append(row)
        line = [self.pool.pop(0)]
        room = self.length - len(line[0].tokens)
        while True:
            fits = [i for i, row in enumerate(self.pool) if len(row.tokens) <= room]
            if not fits:
                return line
            best = max(fits, key=lambda i: len(self.pool[i].tokens))
            line.append(self.pool.pop(best))
            room -= len(line[-1].tokens)

    def __iter__(self) -> Iterator[Batch]:
        """Batches without end."""
        import torch

        while True:
            tokens = torch.zeros(self.batch, self.length, dtype=torch.long)
            weights = torch.zeros(self.batch, self.length)
            positions = torch.zeros(self.batch, self.length, dtype=torch.long)
            rows = torch.zeros(self.batch, self.length, dtype=torch.long)
            for b in range(self.batch):
                at = 0
                for number, row in enumerate(self.line(), 1):
                    end = at + len(row.tokens)
                    tokens[b, at:end] = torch.tensor(row.tokens)
                    weights[b, at:end] = torch.tensor(row.weights)
                    weights[b, at] = 0.0  # no row predicts the next row's beginning
                    positions[b, at:end] = torch.arange(end - at)
                    rows[b, at:end] = number
                    at = end
            yield Batch(tokens, weights, positions, rows)


def mixed(
    grammar: Grammar, tokenizer: PreTrainedTokenizerFast, hand: Varied | None, share: float,
    request_weight: float,
) -> Iterator[Encoded]:  # fmt: skip
    """Grammar rows with this share of hand-written ones among them, as tokens.

    Rows that may not be learned are left out (`may_be_learned`).
    """
    forbidden = held_out()
    rng = random.Random(grammar.rng.random())
    chats = Chats(rng)
    generated, written = iter(grammar), iter(hand) if hand else None
    while True:
        row = next(written) if written and rng.random() < share else next(generated)
        if may_be_learned(row, forbidden):
            yield encode(chats.later(row), tokenizer, request_weight)
