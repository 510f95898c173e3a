"""Metrics of texts: BLEU, ROUGE, METEOR and CIDEr of captions, WER and CER of transcripts.

    python -m modaverse_training.evaluation.text_metrics FILE [--metric bleu --metric wer …]

FILE has one {"hypothesis": "…", "references": ["…", …]} a line. BLEU is sacrebleu's, WER and CER
are jiwer's, ROUGE is rouge-score's, METEOR is pycocoevalcap's (which needs Java). CIDEr-D, and
METEOR's exact stage, are small and computed here. Figures have bootstrap intervals over the rows.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from modaverse.errors import BackendMissing, DataError, ModaVerseError
from modaverse_training.evaluation.backends import library
from modaverse_training.evaluation.figures import Figure, line, mean, ratio
from modaverse_training.evaluation.pairs import fields, numbered_lines

__all__ = [
    "METRICS",
    "bleu",
    "cer",
    "cider",
    "meteor",
    "meteor_exact",
    "read_pairs",
    "rouge",
    "wer",
]

References = Sequence[Sequence[str]]

_HINT = 'write lines as {"hypothesis": "a dog barks", "references": ["a dog is barking"]}'
_LONGEST = 4  # words of an n-gram
_SIGMA = 6.0  # words: how fast CIDEr-D falls with a difference in length


def bleu(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """Corpus BLEU-4 of sacrebleu with its own tokenizer and its own bootstrap, 0..100.

    Rows may have different numbers of references.

    Raises:
        BackendMissing: sacrebleu is not installed.
        DataError: There is nothing to compare, or a row has no reference.
    """
    _check(hypotheses, references)
    most = max(map(len, references))
    columns = [[r[n] if n < len(r) else None for r in references] for n in range(most)]
    score = library("sacrebleu").metrics.BLEU().corpus_score(hypotheses, columns, n_bootstrap=1000)
    middle, width = score._mean, score._ci
    ends = (max(0.0, middle - width), min(100.0, middle + width))
    return [Figure("BLEU", score.score, *ends, len(hypotheses), None, "bootstrap", "score")]


def rouge(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """ROUGE-1, -2 and -L (F, with stemming) of rouge-score, 0..100; the best reference counts.

    Raises:
        BackendMissing: rouge-score is not installed.
        DataError: There is nothing to compare, or a row has no reference.
    """
    _check(hypotheses, references)
    names = ("rouge1", "rouge2", "rougeL")
    scorer = library("rouge_score.rouge_scorer").RougeScorer(list(names), use_stemmer=True)
    rows = [
        scorer.score_multi(list(several), said)
        for said, several in zip(hypotheses, references, strict=True)
    ]
    return [mean(name, [100 * row[name].fmeasure for row in rows]) for name in names]


def meteor(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """METEOR 1.5 of pycocoevalcap, 0..100, with stems, synonyms and paraphrases; it runs Java.

    Raises:
        BackendMissing: pycocoevalcap is not installed.
        DataError: There is nothing to compare, or a row has no reference.
    """
    _check(hypotheses, references)
    scorer = library("pycocoevalcap.meteor.meteor").Meteor()
    wanted = {n: list(several) for n, several in enumerate(references)}
    _, rows = scorer.compute_score(wanted, {n: [said] for n, said in enumerate(hypotheses)})
    return [mean("METEOR", [100 * float(row) for row in rows])]


def meteor_exact(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """METEOR's exact stage (Banerjee and Lavie, ACL workshop 2005), 0..100; best reference.

    Words match only if they are the same; there are no stems and no synonyms, so figures are lower
    than METEOR's. Words are matched in the longest common runs first.

    Raises:
        DataError: There is nothing to compare, or a row has no reference.
    """
    _check(hypotheses, references)
    rows = [
        max(_exact(_words(said), _words(reference)) for reference in several)
        for said, several in zip(hypotheses, references, strict=True)
    ]
    return [mean("METEOR (exact words)", [100 * row for row in rows])]


def cider(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """CIDEr-D (Vedantam et al., CVPR 2015), 0..1000 as coco-caption prints it times 100.

    N-grams of 1 to 4 words, weighted by how few rows' references have them, clipped to the
    reference's count, with a Gaussian penalty of the difference in length. Words are split at all
    but letters and digits, where coco-caption takes a parser's tokens. The mean over references,
    not the best. With a single row every weight is 0, and so is the score.

    Raises:
        DataError: There is nothing to compare, or a row has no reference.
    """
    _check(hypotheses, references)
    grams = [[_grams(_words(reference)) for reference in several] for several in references]
    seen = Counter(gram for several in grams for gram in {g for counts in several for g in counts})
    rows = []
    for said, several in zip(hypotheses, grams, strict=True):
        own = _grams(_words(said))
        scores = [_cider_d(own, counts, seen, len(grams)) for counts in several]
        rows.append(1000 * sum(scores) / len(scores))
    return [mean("CIDEr-D", rows)]


def wer(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """Word error rate of jiwer: wrong words of the words said, lower is better; may exceed 1.

    Case and punctuation count; see `plain`. Only the first reference of a row is taken.

    Raises:
        BackendMissing: jiwer is not installed.
        DataError: There is nothing to compare, or a reference is empty.
    """
    return [ratio("WER", _errors(hypotheses, references, "process_words"))]


def cer(hypotheses: Sequence[str], references: References) -> list[Figure]:
    """Character error rate of jiwer; otherwise as `wer`."""
    return [ratio("CER", _errors(hypotheses, references, "process_characters"))]


def plain(text: str) -> str:
    """A text in lower case without punctuation, as transcripts are mostly compared."""
    return " ".join(re.findall(r"\w+(?:'\w+)*", text.lower().replace("’", "'")))


METRICS: Mapping[str, Callable[[Sequence[str], References], list[Figure]]] = {
    "bleu": bleu,
    "rouge": rouge,
    "meteor": meteor,
    "meteor-exact": meteor_exact,
    "cider": cider,
    "wer": wer,
    "cer": cer,
}


def read_pairs(path: str | Path) -> tuple[list[str], list[list[str]]]:
    """Hypotheses and references of a JSONL file.

    Raises:
        DataError: It cannot be read, or a line is broken.
    """
    hypotheses, references = [], []
    for number, text in numbered_lines(path, hint=_HINT):
        try:
            said, several = fields(text, "hypothesis", "references")
        except ValueError as error:
            raise DataError(f"{error}", file=str(path), line=number, hint=_HINT) from error
        if not isinstance(said, str):
            told = f"'hypothesis' is no text, but of type {type(said).__name__}"
            raise DataError(told, file=str(path), line=number, hint=_HINT)
        if not isinstance(several, list) or not several:
            told = "'references' is no list of one text or more"
            raise DataError(told, file=str(path), line=number, hint=_HINT)
        hypotheses.append(said)
        references.append([str(reference) for reference in several])
    return hypotheses, references


def _check(hypotheses: Sequence[str], references: References) -> None:
    if len(hypotheses) != len(references):
        raise DataError(f"{len(hypotheses)} texts and {len(references)} rows of references")
    if not hypotheses or not all(references):
        raise DataError("there is nothing to compare", hint=_HINT)


def _errors(
    hypotheses: Sequence[str], references: References, process: str
) -> list[tuple[float, float]]:
    """(errors, length of the reference) of each row."""
    _check(hypotheses, references)
    if not all(several[0].strip() for several in references):
        raise DataError("a reference is empty, so that there is no rate of errors")
    compare = getattr(library("jiwer"), process)
    pairs = []
    for said, several in zip(hypotheses, references, strict=True):
        found = compare(several[0], said)
        wrong = found.substitutions + found.deletions
        pairs.append((wrong + found.insertions, wrong + found.hits))
    return pairs


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _exact(said: Sequence[str], wanted: Sequence[str]) -> float:
    """METEOR of one pair: harmonic mean with 9 parts recall, less up to half for broken order."""
    free_said, free_wanted = [True] * len(said), [True] * len(wanted)
    matches = chunks = 0
    while run := _longest_run(said, wanted, free_said, free_wanted):
        start, other, length = run
        free_said[start : start + length] = [False] * length
        free_wanted[other : other + length] = [False] * length
        matches, chunks = matches + length, chunks + 1
    if not matches:
        return 0.0
    precision, recall = matches / len(said), matches / len(wanted)
    harmonic = 10 * precision * recall / (recall + 9 * precision)
    return harmonic * (1 - 0.5 * (chunks / matches) ** 3)


def _longest_run(
    said: Sequence[str], wanted: Sequence[str], free_said: list[bool], free_wanted: list[bool]
) -> tuple[int, int, int] | None:
    """The longest run of free words that both have, as two starts and a length."""
    best: tuple[int, int, int] | None = None
    for start in range(len(said)):
        for other in range(len(wanted)):
            length = 0
            while (
                start + length < len(said)
                and other + length < len(wanted)
                and free_said[start + length]
                and free_wanted[other + length]
                and said[start + length] == wanted[other + length]
            ):
                length += 1
            if length > (best[2] if best else 0):
                best = (start, other, length)
    return best


def _grams(words: Sequence[str]) -> Counter[tuple[str, ...]]:
    return Counter(
        tuple(words[start : start + size])
        for size in range(1, _LONGEST + 1)
        for start in range(len(words) - size + 1)
    )


def _cider_d(
    said: Mapping[tuple[str, ...], int],
    wanted: Mapping[tuple[str, ...], int],
    seen: Mapping[tuple[str, ...], int],
    rows: int,
) -> float:
    """The mean over sizes of n-grams of the cosine of clipped weights, with the length penalty."""
    gap = sum(n for g, n in said.items() if len(g) == 1) - sum(
        n for g, n in wanted.items() if len(g) == 1
    )
    total = 0.0
    for size in range(1, _LONGEST + 1):
        mine, theirs = (
            {
                g: n * math.log(rows / max(1, seen.get(g, 0)))
                for g, n in counts.items()
                if len(g) == size
            }
            for counts in (said, wanted)
        )
        norm = math.hypot(*mine.values()) * math.hypot(*theirs.values())
        dot = sum(
            min(weight, theirs.get(g, 0.0)) * theirs.get(g, 0.0) for g, weight in mine.items()
        )
        total += dot / norm if norm else 0.0
    return total / _LONGEST * math.exp(-(gap**2) / (2 * _SIGMA**2))


def main() -> int:
    """Read the command line and print the figures; what cannot be computed is told of.

    Gives 1 if that is so, but for a metric that nobody named and whose package is not installed.
    """
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", type=Path, help="hypotheses and references, JSONL")
    parser.add_argument("--metric", choices=METRICS, action="append", help="may be repeated")
    parser.add_argument("--plain", action="store_true", help="drop case and punctuation first")
    options = parser.parse_args()
    code = 0
    try:
        hypotheses, references = read_pairs(options.file)
    except DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    if options.plain:
        hypotheses = [plain(text) for text in hypotheses]
        references = [[plain(text) for text in several] for several in references]
    for name in options.metric or METRICS:
        try:
            print("\n".join(map(line, METRICS[name](hypotheses, references))))
        except ModaVerseError as error:
            print(f"{name}: {error}", file=sys.stderr)
            if options.metric or not isinstance(error, BackendMissing):
                code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
