"""Two hand-written requests in one: two wishes, or a wish beside a question or a remark.

What people write by hand is about one thing, mostly; where one wish ends and the next begins is
learned from pairs of them, of which there are as many as the square of the rows.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from modaverse_training.nano.lm.rows import NOTHING, UNKNOWN, Call, Row, reply

LONGEST = 260  # characters of a joined request
_TRIES = 50
_CALL = re.compile(
    r"([a-z]+(?:-[a-z]+)+)(?: from ([^:{\n]*?))?(?: with \{[^}]*\})?:(?: (.*))?$", re.S
)
# words by which one half would say something about the other
_BACK = re.compile(
    r"\b(it|its|them|their|they|that|this|these|those|same|others?|another|else|both|again|also|"
    r"too|then|next|last|first|second|rest|each|every|all|only|just|no|not|none|nothing|never|"
    r"instead|without|rather|thanks?|cheers|ta|sorry|actually|wait)\b|n't\b|n'\b",
    re.I,
)
# words of a wish about a file that would say something about a wish beside it
_LIMITS = re.compile(
    r"\b(only|just|nothing|no|not|none|never|instead|else|rest|same|both|otherwise|leave|keep)\b|"
    r"n't\b",
    re.I,
)
_REFUSES = re.compile(
    r"\b(no|not|none|nothing|never|nope|stop|scrap|cancel|forget|hold|leave|skip|pass|enough|blank|"
    r"quit|shelve|drop|belay|keep|spare|sorry|instead|actually|thanks?|want|need|"
    r"was (?:gonna|going|about))\b|n't\b",
    re.I,
)
_OVER = (
    "\n", " Also, ", " And ", " Oh, and ", " Besides, ", " On top of that: ", " Apart from that, ",
)  # fmt: skip
_ON = (
    "; ", ", and ", " and ", ", then ", " plus ", " + ", ", also ", " - and ", ", besides, ", " / ",
    " and after that ", " & ", ", oh and ", "\n", ". ", ", apart from that ", ", as well: ",
)  # fmt: skip


class Joined:
    """Draws two rows that stand for themselves and makes one of them.

    Args:
        rows: Hand-written ones; those that lean on earlier turns or the whole request are left out,
            and a wish about files stands beside one that needs none.
        rng: Gives all chance.
    """

    def __init__(self, rows: Sequence[Row], rng: random.Random) -> None:
        alone = [row for row in rows if _stands_alone(row)]
        wishes = [row for row in alone if row.calls]
        self.wishes = [
            row for row in wishes if not row.attachments and not _BACK.search(_around(row))
        ]
        self.changes = [
            row for row in wishes if row.attachments and not _LIMITS.search(row.request)
        ]
        self.questions = [row for row in alone if row.text == UNKNOWN and "?" in row.request[-2:]]
        self.remarks = [row for row in alone if row.text == NOTHING and _is_remark(row.request)]
        self.rng = rng

    def __bool__(self) -> bool:
        """Whether there are wishes to join."""
        return len(self.wishes) > 1

    def draw(self) -> Row | None:
        """A row of two, whose family begins with `joined-`; None where hardly any two fit."""
        joined = (self.join(*self.halves()) for _ in range(_TRIES))
        return next((row for row in joined if row is not None), None)

    def halves(self) -> tuple[Row, Row]:
        """Two rows in the order in which they are to be said."""
        wish, kind = self.rng.choice(self.wishes), self.rng.random()
        others = self.wishes
        if kind < 0.15 and self.questions:
            others = self.questions
        elif kind < 0.4 and self.remarks:
            others = self.remarks
        elif kind < 0.6 and self.changes:
            # after another wish "brighter" might be about what that makes
            return self.rng.choice(self.changes), wish
        other = self.rng.choice(others)
        return (other, wish) if self.rng.random() < 0.6 else (wish, other)

    def join(self, first: Row, second: Row) -> Row | None:
        """One row of two, or None where it would not be clear where the first ends."""
        if first.request == second.request or not (_ends(first) and _begins(second)):
            return None
        request = self._said(first, second)
        if len(request) > LONGEST:
            return None
        calls = first.calls + second.calls
        unknown = UNKNOWN in (first.text, second.text)
        return Row(
            request, UNKNOWN if unknown else _reply(calls), calls,
            first.attachments + second.attachments,
            family=f"joined-{first.family}+{second.family}",
        )  # fmt: skip

    def _said(self, first: Row, second: Row) -> str:
        before, after = first.request.rstrip(), second.request.lstrip()
        whole = not (first.calls and second.calls)  # a question, a remark: sentences
        if before[-1] in ".!?…":
            link = " " if self.rng.random() < (0.8 if whole else 0.4) else self.rng.choice(_OVER)
        elif whole:
            link = self.rng.choice((". ", ", ", "\n", " - ", "... ", "; "))
        else:
            link = self.rng.choice(_ON)
        if link[-1] == " " and not link.strip().endswith((".", "!")) and link.strip():
            after = _lowered(second, after)
        return before + link + after


def _stands_alone(row: Row) -> bool:
    """Whether earlier turns do not count, and the answer is one of the usual ones."""
    if row.history or row.family.startswith("alone-") or len(row.calls) > 2:
        return False
    if not row.calls:
        return row.text in (UNKNOWN, NOTHING) and not row.attachments
    linked = any("#" in name for call in map(_parsed, row.calls) for name in call.inputs)
    return not linked and row.text == _reply(row.calls)


def _parsed(line: str) -> Call:
    match = _CALL.match(line)
    if match is None:
        raise ValueError(f"not a call: {line!r}")
    return Call(match[1], match[3] or "", tuple((match[2] or "").split()))


def _reply(calls: Sequence[str]) -> str:
    return reply(tuple(map(_parsed, calls)))


def _prompts(row: Row) -> list[str]:
    return [prompt for prompt in (_parsed(call).prompt for call in row.calls) if prompt]


def _around(row: Row) -> str:
    """The request without what the plan repeats of it."""
    text = row.request
    for prompt in _prompts(row):
        text = text.replace(prompt, " ", 1)
    return text


def _ends(row: Row) -> bool:
    """Whether the words of a speech would not swallow what follows."""
    if not any(_parsed(call).tool == "text-to-speech" for call in row.calls):
        return True
    end = row.request.rstrip(" .!?")
    return not any(end.endswith(prompt.rstrip(" .!?")) for prompt in _prompts(row))


def _begins(row: Row) -> bool:
    """Whether words of its own say that this is a wish, and not more of the one before."""
    return not row.calls or len(re.findall(r"[^\W\d_]{2,}", _around(row))) > 1


def _is_remark(request: str) -> bool:
    return len(request.split()) > 4 and not _REFUSES.search(request)


def _lowered(row: Row, text: str) -> str:
    """Without the capital of a sentence's beginning, unless the plan repeats it."""
    starts = any(text.startswith(prompt) for prompt in _prompts(row))
    word = re.match(r"[A-Z][a-z]+", text)
    return text if starts or word is None else text[0].lower() + text[1:]
