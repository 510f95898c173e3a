"""The critic: throws away rows that teach something wrong, and says why."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from modaverse.errors import PlanError
from modaverse.plan import REFERENCE
from modaverse_training.instructions.plans import last_plan, problems_of

if TYPE_CHECKING:
    from modaverse.media import Modality
    from modaverse.tool import Tool
    from modaverse_training.instructions.row import Row

__all__ = ["faults", "leaked", "lost", "named_modalities"]

_WORD = re.compile(r"\w+(?:'\w+)?")
# Words without content: what a prompt may leave out or put in.
_EMPTY = frozenset((
    "a", "an", "the", "of", "in", "on", "at", "to", "with", "and", "or", "by", "for", "from", "is",
    "are", "was", "were", "be", "been", "being", "it", "its", "this", "that", "these", "those",
    "there", "as", "into", "out", "up", "over", "under", "near", "some", "any", "very", "really",
    "just", "also", "then", "than", "but", "so", "he", "she", "they", "his", "her", "their", "him",
    "them", "i", "you", "we", "my", "your", "our", "me", "us", "do", "does", "did", "has", "have",
    "had", "can", "could", "would", "will", "may", "might", "not", "no", "here", "where", "which",
    "who", "what", "how", "one",
))  # fmt: skip
# What only a machine that was told its task would write.
_CANNED = re.compile(
    r"as an ai|language model|\bjson\b|\bcaptions?:|\bprompt\b|the (tool|plan|caption)\b|"
    r"\binstruction|sure[,!] here|here (is|are) (the|a|your) (request|message|sentence)|"
    r"\brequest:|\buser:|\bassistant:|text-to-|-to-(image|audio|video|speech)|<[|/]?\w+|```|"
    r"\[(image|audio|video)[0-9]*\]|\{\w*\}",
    re.IGNORECASE,
)
_MENTION = re.compile(r"(?<![\w#-])(?:image|audio|video)[1-9][0-9]*(?![\w-])")
_NAMES: Mapping[Modality, re.Pattern[str]] = {
    "image": re.compile(
        r"\b(pictures?|images?|photos?|photographs?|drawings?|draw|paint(ing|ed)?|sketch(es)?|"
        r"illustrat\w+|pic|portrait|poster|wallpaper|logo|icon)\b", re.I
    ),
    "video": re.compile(
        r"\b(videos?|clips?|films?|movies?|animat\w+|footage|gif|motion)\b", re.I
    ),
    "audio": re.compile(
        r"\b(sounds?|noises?|audio|music|songs?|melod\w+|tunes?|recordings?|hear|listen|aloud|"
        r"speech|voice|say|speak|spoken|read|narrat\w+|play)\b", re.I
    ),
}  # fmt: skip
_FACTS = frozenset((
    "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "red", "orange",
    "yellow", "green", "blue", "purple", "pink", "brown", "black", "white", "gray", "grey",
))  # fmt: skip
_COPIED = 0.6  # share of a caption's words by which a request gives it away
_MOST = 1200  # characters of a request
_KEPT = 0.75  # share of a prompt's words that the request must have


def faults(
    row: Row, toolbox: Mapping[str, Tool], *, canned: Collection[str] = ()
) -> tuple[str, ...]:
    """Why a row must not be learned from; empty if it may.

    Args:
        row: The row.
        toolbox: The tools that it may name.
        canned: Texts that the writer was given and must not repeat, as examples.

    Returns:
        Each fault as `kind: what is wrong`. The kinds are `empty`, `long`, `handle`, `canned`,
        `plan`, `content`, `leak` and `modality`.
    """
    return tuple(_faults(row, toolbox, canned))


def _faults(row: Row, toolbox: Mapping[str, Tool], canned: Collection[str]) -> Iterator[str]:
    request = row.request
    if len(_words(request)) == 0:
        yield "empty: the request has no words"
    if len(request) > _MOST or "\n\n" in request.strip():
        yield f"long: the request has {len(request)} characters, or paragraphs"
    if found := _CANNED.search(request):
        yield f"canned: the request says {found[0]!r}"
    if repeated := leaked(request, canned):
        yield f"canned: the request repeats an example, {repeated[:40]!r}"
    known = {reference.handle for reference in row.media}
    unknown = [name for name in _MENTION.findall(request) if name not in known]
    if unknown and len(row.messages) == 2:  # later turns may speak of results
        yield f"handle: there is no {unknown[0]}"
    problems = problems_of(row, toolbox)
    yield from (f"plan: {problem}" for problem in problems)
    if not problems:
        yield from _of_content(row)
        yield from _of_modality(row, toolbox)


def _of_content(row: Row) -> Iterator[str]:
    """What the plan asks for stands in the request, or in what is attached, and only in one."""
    captions = [reference.caption for reference in row.media if reference.caption]
    if captions and (caption := leaked(row.request, captions, share=_COPIED)):
        yield f"leak: the request tells what is attached, {caption[:40]!r}"
    if row.media or len(row.messages) > 2:
        return
    try:
        prompts = [REFERENCE.sub("", call.prompt) for call in last_plan(row).calls]
    except PlanError:
        return
    for prompt in prompts:
        if missing := lost(prompt, row.request):
            yield f"content: the request does not say {', '.join(missing)}"


def lost(prompt: str, request: str) -> list[str]:
    """The words of a prompt that its request lacks, if they are too many, or one is a fact.

    Counts and colours are facts: what generators get wrong most often must not be taught wrong.
    """
    wanted, there = _words(prompt), _words(request)
    missing = sorted(wanted - there)
    facts = [word for word in missing if word in _FACTS or word.isdigit()]
    return missing if facts or len(missing) > (1 - _KEPT) * len(wanted) else []


def leaked(text: str, sources: Collection[str], *, share: float = 0.8) -> str:
    """The first of the sources of whose words the text has this share; empty if none.

    Sources of fewer than three words are common names, which a request may well have.
    """
    there = _words(text)
    for source in sources:
        words = _words(source)
        if len(words) >= 3 and len(words & there) >= share * len(words):
            return source
    return ""


def named_modalities(request: str) -> frozenset[Modality]:
    """The modalities that a request names: "a picture of a dog" names image."""
    return frozenset(modality for modality, names in _NAMES.items() if names.search(request))


def _of_modality(row: Row, toolbox: Mapping[str, Tool]) -> Iterator[str]:
    """A request that names modalities names what the plan makes, beside what is attached."""
    if len(row.messages) > 2:
        return
    made = {toolbox[call.tool].spec.output for call in last_plan(row).calls}
    named = named_modalities(row.request) - {reference.modality for reference in row.media}
    if made and named and not named & made and not (row.media and made & _given(row)):
        yield (
            f"modality: the request names {', '.join(sorted(named))}, "
            f"the plan makes {', '.join(sorted(made))}"
        )


def _given(row: Row) -> set[Modality]:
    return {reference.modality for reference in row.media}


def _all_words(text: str) -> list[str]:
    return [word.lower() for word in _WORD.findall(text)]


def _words(text: str) -> frozenset[str]:
    """The words of a text that have content, in their bare form."""
    return frozenset(_bare(word) for word in _all_words(text) if word not in _EMPTY)


def _bare(word: str) -> str:
    """A word without the endings that a change of the sentence brings: "running" is "run"."""
    if word in _FACTS:
        return word
    for ending in ("'s", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    if len(word) > 3:
        word = word.rstrip("e")
    return word[:-1] if word[-1:] == word[-2:-1] else word
