"""Metrics of media with an extractor of the user's: FID, FAD, CLIPScore.

    python -m modaverse_training.evaluation.media_metrics fid REAL MADE --extractor NAME
    python -m modaverse_training.evaluation.media_metrics fad REAL MADE --extractor NAME
    python -m modaverse_training.evaluation.media_metrics clipscore FILE --extractor CLIP_FOLDER

REAL and MADE are folders of pictures or sounds. NAME is module:function (media -> features [n, d])
or a CLIP or CLAP folder; FILE has one {"path", "text"} a line. The figures of papers need their
extractors: Inception-v3 for FID, VGGish for FAD.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from modaverse.errors import ConfigError, DataError, MediaError, ModaVerseError
from modaverse.media import Media, load_media
from modaverse_training.evaluation.extractors import Extractor, TwoTowers, load_extractor
from modaverse_training.evaluation.figures import Figure, Floats, line, mean
from modaverse_training.evaluation.pairs import fields, numbered_lines

__all__ = ["clip_score", "frechet_distance", "media_in", "set_distance"]

_WEIGHT = 2.5  # of CLIPScore, section 3 of its paper
_GROUPS = 10  # that are left out in turn; each is a distance to compute, for each side
# Student's t at 97.5 % for 1 to 9 degrees of freedom
_T = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262)


def frechet_distance(real: ArrayLike, made: ArrayLike) -> float:
    """The Fréchet distance between Gaussians fitted to two sets of features.

    Of Inception features of pictures it is FID (Heusel et al., NeurIPS 2017), of VGGish features of
    sounds FAD (Kilgour et al., Interspeech 2019).

    Args:
        real: Features [n, d], n >= 2.
        made: Features [m, d], m >= 2.

    Raises:
        DataError: Too few features, or of different sizes.
    """
    a, b = np.asarray(real, np.float64), np.asarray(made, np.float64)
    if a.ndim != 2 or b.ndim != 2 or a.shape[1] != b.shape[1] or min(len(a), len(b)) < 2:
        raise DataError(
            f"features of shapes {a.shape} and {b.shape} cannot be compared",
            hint="each side needs [n, d] with n of 2 or more, and the same d",
        )
    spread_a, spread_b = (np.atleast_2d(np.cov(side, rowvar=False)) for side in (a, b))
    # tr((A B)^1/2) by the eigenvalues of A^1/2 B A^1/2, which is symmetric
    values, vectors = np.linalg.eigh(spread_a)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    both = np.sqrt(np.clip(np.linalg.eigvalsh(root @ spread_b @ root), 0, None)).sum()
    apart = ((a.mean(0) - b.mean(0)) ** 2).sum()
    return float(max(0.0, apart + np.trace(spread_a) + np.trace(spread_b) - 2 * both))


def set_distance(
    name: str, real: Sequence[Media], made: Sequence[Media], extractor: Extractor
) -> Figure:
    """The Fréchet distance between two sets of media, with a jackknife's 95 % interval.

    Of fewer media the distance is greater, by an amount that depends on what made them (Chong and
    Forsyth, CVPR 2020, arXiv 1911.07023), so compare equal counts only. A draw of a
    bootstrap has fewer different media than the sets have: its percentiles lie above the value,
    and those mirrored at it below. Here each side is left without one tenth of its media in turn;
    the value plus and minus Student's t times the standard error that these ten and ten values
    give (the jackknife of groups, whose variance is on average not too small: Efron and Stein,
    Annals of Statistics 9, 1981) contains the value for any counts. It tells how far the value of
    as many other media would lie, not how far that of infinitely many lies.

    Args:
        name: Of the figure.
        real: Media, 2 or more.
        made: Media, 2 or more.
        extractor: Media -> features [n, d].

    Returns:
        The distance, 0 or more. With only 2 media on a side the interval is [0, inf].

    Raises:
        DataError: The extractor gives no features of these media, or there are too few.
    """
    a, b = _features(extractor, real), _features(extractor, made)
    value = frechet_distance(a, b)
    low, high = _jackknife(a, b, value)
    return Figure(name, value, low, high, len(made), None, "jackknife", "score")


def clip_score(media: Sequence[Media], texts: Sequence[str], towers: TwoTowers) -> Figure:
    """CLIPScore without references (Hessel et al., EMNLP 2021): 2.5 max(cosine, 0), mean of pairs.

    With a CLAP model and sounds it is what is called CLAP score, times 2.5.

    Raises:
        DataError: Not one text for each media value, or none at all.
    """
    if not media or len(media) != len(texts):
        raise DataError(f"{len(media)} media and {len(texts)} texts cannot be paired")
    cosines = (towers(media) * towers.texts(texts)).sum(1)
    return mean("CLIPScore", [_WEIGHT * max(0.0, float(cosine)) for cosine in cosines])


def media_in(folder: str | Path) -> list[Media]:
    """Every media file of a folder, by name; other files are passed over.

    Raises:
        DataError: There is no such folder, or there are no media in it.
    """
    found: list[Media] = []
    if not Path(folder).is_dir():
        raise DataError("there is no such folder", file=str(folder))
    for path in sorted(Path(folder).iterdir()):
        if path.is_file():
            try:
                found.append(load_media(path))
            except MediaError:
                continue
    if not found:
        raise DataError("there are no media in it", file=str(folder))
    return found


def _jackknife(a: Floats, b: Floats, value: float) -> tuple[float, float]:
    """The ends of the 95 % interval of a Fréchet distance between features [n, d] and [m, d]."""
    if min(len(a), len(b)) < 3:
        return 0.0, math.inf  # without one of two there is no covariance: nothing is known
    variance = 0.0
    for side, measured in ((a, lambda rest: (rest, b)), (b, lambda rest: (a, rest))):
        mixed = np.random.default_rng(0).permutation(len(side))  # neighbours may be alike
        groups = np.array_split(mixed, min(_GROUPS, len(side)))
        without = [frechet_distance(*measured(np.delete(side, group, 0))) for group in groups]
        variance += (len(groups) - 1) * float(np.var(without))
    width = _T[min(_GROUPS, len(a), len(b)) - 2] * math.sqrt(variance)
    return max(0.0, value - width), value + width


def _features(extractor: Extractor, media: Sequence[Media]) -> Floats:
    found = np.asarray(extractor(media), np.float64)
    if found.ndim != 2 or len(found) != len(media) or not np.isfinite(found).all():
        raise DataError(
            f"the extractor gave features of shape {found.shape} for {len(media)} media",
            hint="it must give finite numbers [n, d]",
        )
    return found


def _pairs(path: Path) -> tuple[list[Media], list[str]]:
    media, texts = [], []
    for number, text in numbered_lines(path):
        try:
            place, said = fields(text, "path", "text")
            media.append(load_media(path.parent / str(place)))
            texts.append(str(said))
        except (ValueError, MediaError) as error:
            raise DataError(
                str(error),
                file=str(path),
                line=number,
                hint='write {"path": "a.png", "text": "a fox"}',
            ) from error
    return media, texts


def _measured(options: argparse.Namespace) -> Figure:
    extractor = load_extractor(options.extractor)
    if options.metric != "clipscore":
        if options.made is None:
            raise ConfigError(f"{options.metric} compares two folders", hint="give REAL and MADE")
        sides = media_in(options.real), media_in(options.made)
        return set_distance(options.metric.upper(), *sides, extractor)
    if not isinstance(extractor, TwoTowers):
        raise ConfigError("CLIPScore needs a model that reads texts too", hint="give a CLIP folder")
    return clip_score(*_pairs(options.real), extractor)


def main() -> int:
    """Read the command line and print the figure."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("metric", choices=("fid", "fad", "clipscore"))
    parser.add_argument("real", type=Path, help="folder; for clipscore the JSONL file")
    parser.add_argument("made", type=Path, nargs="?", help="folder")
    parser.add_argument("--extractor", required=True, help="module:function, or a model's folder")
    try:
        print(line(_measured(parser.parse_args())))
    except ModaVerseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
