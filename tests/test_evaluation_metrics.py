"""Metrics of texts, media and boxes against values made by hand, and judges on tiny networks."""

from __future__ import annotations

import json
import sys
import types
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.errors import BackendMissing, ConfigError, DataError, MediaError
from modaverse.media import Audio, Image, Video
from modaverse.model.debug import write_encoder
from modaverse_training.evaluation import detection, judges, media_metrics, text_metrics
from modaverse_training.evaluation.extractors import TwoTowers, load_extractor
from modaverse_training.evaluation.figures import Figure
from tests.multimodal import write_towers


def value(figures: list[Any]) -> float:
    return float(figures[0].value)


# Texts


def test_bleu_of_sacrebleu() -> None:
    said = ["the cat sat on the mat", "rain falls on a roof"]
    assert value(text_metrics.bleu(said, [[said[0], "x"], [said[1]]])) == pytest.approx(100)
    figure = text_metrics.bleu(["a b c d", "e f g h"], [["a b c d"], ["e f x h"]])[0]
    # n-grams right: 7 of 8, 4 of 6, 2 of 4, 1 of 2
    assert figure.value == pytest.approx(100 * (7 / 8 * 4 / 6 * 2 / 4 * 1 / 2) ** 0.25)
    assert figure.low <= figure.value <= figure.high


def test_error_rates_of_jiwer() -> None:
    figure = text_metrics.wer(["a dog barks"], [["a dog is barking"]])[0]
    assert (figure.value, figure.hits) == (0.5, (2, 4))
    assert value(text_metrics.cer(["abd"], [["abc"]])) == pytest.approx(1 / 3)
    assert value(text_metrics.wer(["a b c d"], [["x"]])) == 4.0
    assert text_metrics.plain("It's  a DOG!") == "it's a dog"


def test_meteor_with_exact_words() -> None:
    # 5 of 6 words in 2 runs: harmonic mean 5/6, penalty 0.5 (2/5)^3
    figure = text_metrics.meteor_exact(["the cat sat on the mat"], [["the cat sat on a mat", "x"]])
    assert value(figure) == pytest.approx(100 * 5 / 6 * (1 - 0.5 * 0.4**3))
    assert value(text_metrics.meteor_exact(["a"], [["b"]])) == 0.0


def test_cider_d() -> None:
    # Row 1: one of two words, no pair; row 2: nothing. log 2 cancels: (1/2 + 0 + 0 + 0) / 4
    figure = text_metrics.cider(["x y", "a"], [["x z"], ["q"]])
    assert value(figure) == pytest.approx(1000 * 0.125 / 2)
    same = text_metrics.cider(["a b c d", "e f g h"], [["a b c d"], ["e f g h"]])
    assert value(same) == pytest.approx(1000)
    longer = text_metrics.cider(["a b c d z", "q"], [["a b c d"], ["r"]])
    assert 0 < value(longer) < 500  # one word too long


def test_rouge_and_meteor_come_from_their_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    class Scorer:
        def __init__(self, names: list[str], use_stemmer: bool) -> None:
            self.names = names

        def score_multi(self, references: list[str], said: str) -> dict[str, Any]:
            share = float(said in references)
            return {name: types.SimpleNamespace(fmeasure=share) for name in self.names}

    package, module = types.ModuleType("rouge_score"), types.ModuleType("rouge_score.rouge_scorer")
    module.RougeScorer = Scorer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "rouge_score", package)
    monkeypatch.setitem(sys.modules, "rouge_score.rouge_scorer", module)
    found = text_metrics.rouge(["a", "b"], [["x", "a"], ["c"]])
    assert [(figure.name, figure.value) for figure in found] == [
        ("rouge1", 50.0), ("rouge2", 50.0), ("rougeL", 50.0),
    ]  # fmt: skip
    monkeypatch.setitem(sys.modules, "rouge_score", None)
    monkeypatch.delitem(sys.modules, "rouge_score.rouge_scorer")
    with pytest.raises(BackendMissing) as caught:
        text_metrics.rouge(["a"], [["a"]])
    assert "[train]" in caught.value.hint

    class Meteor:
        def compute_score(self, wanted: Any, said: Any) -> tuple[float, list[float]]:
            assert wanted == {0: ["a", "b"]}
            assert said == {0: ["c"]}
            return 0.25, [0.25]

    name = "pycocoevalcap.meteor.meteor"
    for part in ("pycocoevalcap", "pycocoevalcap.meteor", name):
        monkeypatch.setitem(sys.modules, part, types.ModuleType(part))
    sys.modules[name].Meteor = Meteor  # type: ignore[attr-defined]
    assert value(text_metrics.meteor(["c"], [["a", "b"]])) == 25.0
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BackendMissing) as caught:
        text_metrics.meteor(["c"], [["a"]])
    assert "[captions]" in caught.value.hint


def test_rouge_of_rouge_score() -> None:
    pytest.importorskip("rouge_score")
    found = text_metrics.rouge(["a dog runs"], [["the cats sat", "a dog running fast"]])
    # with stems 3 of 3 words and of 4: 2 (3/3) (3/4) / (3/3 + 3/4); pairs 2 of 2 and of 3
    assert [figure.value for figure in found] == pytest.approx([600 / 7, 80, 600 / 7])


def test_cider_d_is_that_of_pycocoevalcap() -> None:
    scorers = pytest.importorskip("pycocoevalcap.cider.cider_scorer")
    said = ["a dog runs on the beach", "two red apples", "rain falls on a tin roof at night"]
    wanted = [
        ["a dog is running on the beach", "the dog runs"],
        ["there are two red apples on a table"],
        ["rain falls on a tin roof", "rain at night"],
    ]
    scorer = scorers.CiderScorer()
    for pair in zip(said, wanted, strict=True):
        scorer += pair
    assert value(text_metrics.cider(said, wanted)) == pytest.approx(100 * scorer.compute_score()[0])


def test_texts_that_cannot_be_compared() -> None:
    pairs: list[tuple[list[str], list[list[str]]]] = [([], []), (["a"], []), (["a"], [[]])]
    for said, wanted in pairs:
        with pytest.raises(DataError):
            text_metrics.bleu(said, wanted)
    with pytest.raises(DataError, match="empty"):
        text_metrics.wer(["a"], [[" "]])


def test_the_command_for_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "pairs.jsonl"
    file.write_text('{"hypothesis": "A dog!", "references": ["a dog"]}\n')
    monkeypatch.setattr(sys, "argv", ["x", str(file), "--metric", "wer", "--plain"])
    assert text_metrics.main() == 0
    assert capsys.readouterr().out.startswith("WER                                  0.0 %")
    for broken, told in (
        ('{"hypotheses": "a", "refs": ["a"]}',
         "it lacks 'hypothesis' and 'references'; found: 'hypotheses', 'refs'"),
        ("{}", "it lacks 'hypothesis' and 'references'; found: nothing"),
        ('["a"]', "it is no JSON object, but of type list"),
        ("a dog", "it is no JSON: "),
        ('{"hypothesis": 3, "references": ["a"]}', "'hypothesis' is no text, but of type int"),
        ('{"hypothesis": "a", "references": "a"}', "'references' is no list of one text or more"),
    ):  # fmt: skip
        file.write_text(f"{broken}\n")
        assert text_metrics.main() == 3
        assert f"line 1: {told}" in capsys.readouterr().err


def test_a_missing_package_matters_where_its_metric_was_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(*_: object) -> list[Figure]:
        raise BackendMissing("no such package")

    file = tmp_path / "pairs.jsonl"
    file.write_text('{"hypothesis": "A dog!", "references": ["a dog"]}\n')
    monkeypatch.setattr(
        text_metrics, "METRICS", {"wer": text_metrics.METRICS["wer"], "meteor": missing}
    )
    for words, code in (([], 0), (["--metric", "meteor"], 1)):
        monkeypatch.setattr(sys, "argv", ["x", str(file), *words])
        assert text_metrics.main() == code
        shown = capsys.readouterr()
        assert "meteor: no such package" in shown.err
        assert ("WER" in shown.out) == (code == 0)


# Media


def test_the_frechet_distance_of_gaussians() -> None:
    real = [[0.0], [2.0]]  # mean 1, variance 2
    assert media_metrics.frechet_distance(real, [[3.0], [5.0]]) == pytest.approx(9)
    assert media_metrics.frechet_distance(real, [[0.0], [4.0]]) == pytest.approx(1 + 10 - 2 * 4)
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(4000, 3)), rng.normal(size=(4000, 3)) @ np.diag([1, 2, 3]) + [0, 1, 0]
    assert media_metrics.frechet_distance(a, b) == pytest.approx(1 + 1 + 4, rel=0.1)
    for wrong in ([[1.0]], [[1.0, 2.0], [1.0, 3.0]]):
        with pytest.raises(DataError, match="cannot be compared"):
            media_metrics.frechet_distance(real, wrong)


def test_the_frechet_distance_is_that_of_torchmetrics() -> None:
    fid = pytest.importorskip("torchmetrics.image.fid")
    import torch

    class Features(torch.nn.Module):
        """Takes features for pictures, so that they are compared as they are."""

        num_features = 5

        def forward(self, features: torch.Tensor) -> torch.Tensor:
            return features

    rng = np.random.default_rng(0)
    real, made = rng.normal(size=(40, 5)), rng.normal(0.3, 1.5, size=(50, 5))
    theirs = fid.FrechetInceptionDistance(feature=Features()).set_dtype(torch.float64)
    theirs.update(torch.from_numpy(real), real=True)
    theirs.update(torch.from_numpy(made), real=False)
    assert media_metrics.frechet_distance(real, made) == pytest.approx(float(theirs.compute()))


def pictures(folder: Path, *shades: int) -> Path:
    folder.mkdir()
    for place, shade in enumerate(shades):
        Image(np.full((8, 8, 3), shade, np.uint8)).save(folder / f"{place}.png")
    return folder


def test_fid_with_an_extractor_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real, made = pictures(tmp_path / "real", 0, 2), pictures(tmp_path / "made", 3, 5)
    (real / "notes.txt").write_text("no medium")
    (tmp_path / "mine_for_fid.py").write_text(
        "import numpy as np\ndef mean(media):\n"
        "    return np.array([[m.array.mean()] for m in media])\nnothing = 3\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    typed = ["x", "fid", str(real), str(made), "--extractor", "mine_for_fid:mean"]
    monkeypatch.setattr(sys, "argv", typed)
    assert media_metrics.main() == 0
    assert capsys.readouterr().out.split()[:2] == ["FID", "9.00"]
    for name in ("mine_for_fid:nothing", "mine_for_fid:absent", "no_such:thing", "nothing"):
        with pytest.raises(ConfigError):
            load_extractor(name)
    monkeypatch.setattr(sys, "argv", [*typed[:3], str(tmp_path / "none"), *typed[4:]])
    assert media_metrics.main() == 3


def some_media(count: int, *, seed: int, wide: float = 1.0) -> list[Image]:
    """Pictures of one row whose colours are drawn from a normal distribution."""
    drawn = np.random.default_rng(seed).normal(128, 20 * wide, (count, 1, 2, 3))
    return [Image(np.clip(drawn[place], 0, 255).astype(np.uint8)) for place in range(count)]


def colours(media: Any) -> Any:
    return np.stack([item.array.reshape(-1) / 20 for item in media])


@pytest.mark.parametrize("wide", [1.0, 1.5])  # the same distribution, where all is bias; another
def test_the_interval_of_a_distance_contains_it_and_shrinks(wide: float) -> None:
    widths = []
    for count in (3, 5, 12, 40, 150, 600):
        real, made = some_media(count, seed=1), some_media(count, seed=2, wide=wide)
        figure = media_metrics.set_distance("FID", real, made, colours)
        assert 0 <= figure.low <= figure.value <= figure.high
        assert (figure.count, figure.method) == (count, "jackknife")
        widths.append(figure.high - figure.low)
    assert widths[-3] > widths[-2] > widths[-1] > 0


def test_the_interval_of_a_distance_at_its_ends() -> None:
    media = some_media(12, seed=1)
    same = media_metrics.set_distance("FID", media, media, colours)
    assert same.low == 0.0
    assert same.value == pytest.approx(0, abs=1e-9)
    few = media_metrics.set_distance("FID", media[:2], media, colours)
    assert (few.low, few.high) == (0.0, np.inf)


def test_the_interval_of_a_distance_covers_in_19_of_20_cases() -> None:
    rng = np.random.default_rng(0)
    drawn = [(rng.normal(size=(40, 3)), rng.normal(0.5, 1.5, size=(40, 3))) for _ in range(200)]
    middle = np.mean([media_metrics.frechet_distance(a, b) for a, b in drawn])
    media = [Image(np.zeros((1, 1, 3), np.uint8))] * 40
    covered = 0
    for pair in drawn[:100]:
        sides = iter(pair)

        def extractor(_: Any, sides: Any = sides) -> Any:
            return next(sides)

        found = media_metrics.set_distance("FID", media, media, extractor)
        covered += bool(found.low <= middle <= found.high)
    assert 90 <= covered <= 99


def test_an_extractor_that_gives_no_features() -> None:
    media = [Image(np.zeros((2, 2, 3), np.uint8))] * 2
    with pytest.raises(DataError, match=r"finite numbers|features of shape"):
        media_metrics.set_distance("FID", media, media, lambda given: [np.nan] * len(given))


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_towers(tmp_path_factory.mktemp("clip"), "clip")


@pytest.fixture(scope="module")
def clap(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_towers(tmp_path_factory.mktemp("clap"), "clap")


def test_clip_and_clap_give_unit_vectors(
    clip: Path, clap: Path, small_image: Image, small_video: Video, small_audio: Audio
) -> None:
    towers = TwoTowers(clip)
    found = towers([small_image, small_video, small_image])
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1])
    assert found[0] == pytest.approx(found[2])
    still = Video(np.repeat(small_image.array[None], 3, axis=0), 8.0)
    assert towers([still])[0] == pytest.approx(found[0], abs=1e-6)
    assert TwoTowers(clap)([small_audio]).shape == (1, towers.texts(["a dog"]).shape[1])
    with pytest.raises(MediaError):
        towers([small_audio])
    with pytest.raises(MediaError):
        TwoTowers(clap)([small_image])


def test_clip_score_by_hand(clip: Path, tmp_path: Path, capsys: Any, monkeypatch: Any) -> None:
    media = [Image(np.full((32, 32, 3), shade, np.uint8)) for shade in (10, 200)]
    towers = TwoTowers(clip)
    cosines = (towers(media) * towers.texts(["a dog", "a fox"])).sum(1)
    wanted = np.mean([2.5 * max(0, cosine) for cosine in cosines])
    figure = media_metrics.clip_score(media, ["a dog", "a fox"], towers)
    assert figure.value == pytest.approx(wanted)
    for place, picture in enumerate(media):
        picture.save(tmp_path / f"{place}.png")
    rows = [{"path": "0.png", "text": "a dog"}, {"path": "1.png", "text": "a fox"}]
    (tmp_path / "pairs.jsonl").write_text("\n".join(map(json.dumps, rows)))
    typed = ["x", "clipscore", str(tmp_path / "pairs.jsonl"), "--extractor", str(clip)]
    monkeypatch.setattr(sys, "argv", typed)
    assert media_metrics.main() == 0
    assert f"{wanted:.2f}" in capsys.readouterr().out
    with pytest.raises(DataError):
        media_metrics.clip_score(media, ["a dog"], towers)
    (tmp_path / "pairs.jsonl").write_text('{"image": "0.png", "text": "a dog"}')
    assert media_metrics.main() == 3
    assert "line 1: it lacks 'path'; found: 'image', 'text'" in capsys.readouterr().err


def test_a_folder_without_such_a_model(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no CLIP"):
        load_extractor(str(tmp_path))
    (tmp_path / "config.json").write_text('{"model_type": "clip"}')
    with pytest.raises(BackendMissing):
        load_extractor(str(tmp_path))
    only_eyes = write_encoder(tmp_path / "eyes", "clip")
    with pytest.raises(BackendMissing, match="no tokenizer"):
        TwoTowers(only_eyes).texts(["a dog"])


# Boxes


def test_intersection_over_union() -> None:
    pytest.importorskip("pycocotools")
    found = detection.iou([[0, 0, 2, 2], [0, 0, 0, 0]], [[1, 1, 3, 3], [0, 0, 2, 2], [0, 0, 0, 0]])
    assert found == pytest.approx(np.array([[1 / 7, 1, 0], [0, 0, 0]]))
    assert detection.iou([], [[0, 0, 1, 1]]).shape == (0, 1)
    with pytest.raises(DataError):
        detection.iou([[2, 0, 1, 1]], [[0, 0, 1, 1]])


def test_average_precision_by_hand() -> None:
    pytest.importorskip("pycocotools")
    here, there, far = (0.0, 0.0, 2.0, 2.0), (4.0, 4.0, 6.0, 6.0), (9.0, 9.0, 10.0, 10.0)
    found = [
        [detection.Found(here, "dog", 0.9), detection.Found(here, "dog", 0.8)],  # claimed already
        [
            detection.Found(there, "dog", 0.7),
            detection.Found(far, "cat", 0.99),
            detection.Found(far, "fox", 0.99),  # nowhere wanted, so no label of the mean
        ],
    ]
    wanted = [[("dog", here)], [("dog", there), ("cat", here)]]
    # of dogs precision 1, 1/2, 2/3 at recall 1/2, 1/2, 1: 51 points of 1, and 50 of 2/3; of cats 0
    half = (51 + 50 * 2 / 3) / 101 / 2
    means = detection.mean_average_precision(found, wanted, overlaps=(0.5, 0.75))
    assert means == {
        "mAP": pytest.approx(half), "mAP@0.50": pytest.approx(half), "mAP@0.75": pytest.approx(half)
    }  # fmt: skip
    # overlap 3/4 of the wanted: right at 5 of 10 overlaps (0.50 to 0.70), and at 0.75 itself
    close = [[detection.Found((0.0, 0.0, 3.0, 1.0), "dog", 0.9)]]
    means = detection.mean_average_precision(close, [[("dog", (0.0, 0.0, 4.0, 1.0))]])
    assert means["mAP"] == pytest.approx(6 / 10)
    assert [means["mAP@0.75"], means["mAP@0.80"]] == pytest.approx([1, 0])
    # the second claims the box that is still free, though it overlaps the other more
    twice = [[detection.Found((0.0, 0.0, 4.0, 1.0), "dog", s) for s in (0.9, 0.8)]]
    beside = [[("dog", (0.0, 0.0, 4.0, 1.0)), ("dog", (0.0, 0.0, 3.0, 1.0))]]
    both = detection.mean_average_precision(twice, beside, overlaps=(0.5,))
    assert both["mAP"] == pytest.approx(1)
    assert detection.mean_average_precision([[]], [[]], overlaps=(0.5,)) == {
        "mAP": 0.0, "mAP@0.50": 0.0
    }  # fmt: skip
    assert detection.mean_average_precision([[]], wanted[:1])["mAP"] == 0.0
    with pytest.raises(DataError):
        detection.mean_average_precision([[]], [])


def test_pointing_at_what_was_named() -> None:
    pytest.importorskip("pycocotools")
    box, half, far = (0.0, 0.0, 4.0, 1.0), (0.0, 0.0, 1.0, 1.0), (9.0, 9.0, 10.0, 10.0)
    found = [
        [detection.Found(far, "dog", 0.8), detection.Found(box, "dog", 0.9)],  # the surest counts
        [detection.Found(half, "cat", 0.5), detection.Found(box, "fox", 0.9)],
    ]
    wanted = [[("dog", box)], [("cat", box), ("owl", box)]]  # a quarter of the cat, no owl
    average, right = detection.grounding(found, wanted)
    assert average.value == pytest.approx((1 + 1 / 4 + 0) / 3)
    assert (right.hits, right.low < 1 / 3 < right.high) == ((1, 3), True)
    with pytest.raises(DataError, match="2 pictures, and wanted ones of 1"):
        detection.grounding(found, wanted[:1])


def test_the_command_for_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pycocotools")
    file = tmp_path / "boxes.jsonl"
    file.write_text(
        '{"found": [["fox", [0, 0, 4, 3], 0.9]], "wanted": [["fox", [0, 0, 4, 4]]]}\n'
        '{"found": [], "wanted": []}\n'
    )
    monkeypatch.setattr(sys, "argv", ["x", str(file)])
    assert detection.main() == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    # 3/4 of it overlaps: right up to 0.70, and at 0.75 itself
    assert [row[:2] for row in rows[:4]] == [
        ["mAP", "60.0"], ["mAP@0.50", "100.0"], ["mAP@0.75", "100.0"], ["IoU", "0.75"]
    ]  # fmt: skip
    for broken, told in (
        ("a box", "line 1: the line: invalid json"),
        ('{"found": []}', "line 1: wanted: field required"),
        ('{"found": [["fox", [0, 0, 1], 0.9]], "wanted": []}', "line 1: found.0.1.3: field"),
        ('{"found": [], "wanted": [["fox", [2, 0, 1, 1]]]}', "a box ends before it begins"),
        ('{"found": [], "wanted": []}', "no box is wanted"),
    ):
        file.write_text(f"{broken}\n")
        assert detection.main() == 3
        assert told in capsys.readouterr().err


def test_boxes_need_pycocotools(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pycocotools", "pycocotools.coco", "pycocotools.mask"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(BackendMissing) as caught:
        detection.iou([[0, 0, 1, 1]], [[0, 0, 1, 1]])
    assert "[train]" in caught.value.hint


# Judges


def test_the_concept_that_is_named_first() -> None:
    judge = judges.WordJudge(
        {"dog": ["dog", "dogs", "puppy"], "hot dog": ["hot dog"], "fox": ["fox"]}
    )
    assert judge.judge("I see two DOGS, and a fox.") == {"dog": 2 / 3, "fox": 1 / 3}
    assert judge.judge("a hot-dog") == {"hot dog": 1.0}
    assert judge.judge("a dogma") == {}
    both = judges.WordJudge({"clock": ["clock"], "alarm clock": ["alarm clock", "clock"]})
    assert both.judge("a clock") == {"clock": 0.5, "alarm clock": 0.5}
    with pytest.raises(MediaError):
        judge.judge(Image(np.zeros((2, 2, 3), np.uint8)))


def test_zero_shot_judges(clip: Path, clap: Path, small_image: Image, small_audio: Audio) -> None:
    sees = judges.load_judge(clip, ["dog", "fox"])
    shares = sees.judge(small_image)
    assert sum(shares.values()) == pytest.approx(1)
    towers = TwoTowers(clip)
    logits = towers.scale * (
        towers([small_image])[0] @ towers.texts(["a picture of dog", "a picture of fox"]).T
    )
    assert shares["dog"] / shares["fox"] == pytest.approx(np.exp(logits[0] - logits[1]))
    assert set(judges.load_judge(clap, ["dog", "fox"]).judge(small_audio)) == {"dog", "fox"}
    with pytest.raises(MediaError):
        sees.judge("a dog")


def test_the_nano_judges(
    tmp_path: Path, small_image: Image, small_video: Video, small_audio: Audio
) -> None:
    import torch
    from safetensors.torch import save_file

    from modaverse_training.nano.audio_classifier import SoundJudge
    from modaverse_training.nano.concepts import drawables, sounds
    from modaverse_training.nano.image_classifier import ConceptJudge

    torch.manual_seed(0)
    save_file(ConceptJudge().state_dict(), tmp_path / "concept.safetensors")
    sees = judges.load_judge(tmp_path, [])
    shares = sees.judge(small_image)
    assert list(shares) == [concept.name for concept in drawables()]
    assert sum(shares.values()) == pytest.approx(1, abs=1e-4)
    still = Video(np.repeat(small_image.array[None], 2, axis=0), 8.0)
    assert sees.judge(still) == pytest.approx(shares, abs=1e-5)
    with pytest.raises(MediaError):
        sees.judge(small_audio)
    (tmp_path / "concept.safetensors").unlink()
    torch.save(SoundJudge(len(sounds())).state_dict(), tmp_path / "judge.pt")
    hears = judges.load_judge(tmp_path, [])
    assert list(hears.judge(small_audio)) == list(sounds())
    with pytest.raises(MediaError):
        hears.judge(small_image)
    with pytest.raises(BackendMissing, match="no judge of pictures"):
        judges.NanoImageJudge(tmp_path)
    (tmp_path / "judge.pt").unlink()
    with pytest.raises(ConfigError, match="no judge"):
        judges.load_judge(tmp_path, [])
    with pytest.raises(BackendMissing, match="no judge of sounds"):
        judges.NanoSoundJudge(tmp_path)


def test_the_words_of_the_nano_concepts() -> None:
    judge = judges.WordJudge(judges.nano_words())
    assert max(judge.judge("Two wolves howl at a train"), key=str) == "wolf"
    assert "dog" in judge.judge("a puppy")
    assert "dog" in judge.judge("barking, I think")
