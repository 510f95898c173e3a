"""Readers of caption sets, each on a tiny set in the very format in which it is published."""

from __future__ import annotations

import json
import wave
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modaverse.errors import BackendMissing, ConfigError, DataError
from modaverse.media import Audio, Image, load_media, modality_of
from modaverse_training.instructions.items import Item, is_noun_phrase, split_of, tidy
from modaverse_training.instructions.readers import READERS, Reading, Request
from modaverse_training.instructions.readers.concepts import _voices

COCO: dict[str, object] = {
    "info": {"description": "COCO 2017 Dataset", "year": 2017},
    "licenses": [{"url": "http://x", "id": 4, "name": "Attribution License"}],
    "images": [
        {"license": 4, "file_name": "000000397133.jpg", "height": 427, "width": 640, "id": 397133},
        {"license": 1, "file_name": "000000037777.jpg", "height": 230, "width": 352, "id": 37777},
        {"license": 1, "file_name": "000000000009.jpg", "height": 230, "width": 352, "id": 9},
    ],
    "annotations": [
        {"image_id": 397133, "id": 370509, "caption": "A man is in a kitchen making pizzas."},
        {"image_id": 37777, "id": 281051, "caption": "The dining table is cleared  .\n"},
        {"image_id": 397133, "id": 370888, "caption": "Man in apron standing on front of oven"},
    ],
}
KARPATHY: dict[str, object] = {
    "images": [
        {
            "filepath": "val2014",
            "sentids": [770337],
            "filename": "COCO_val2014_000000391895.jpg",
            "imgid": 0,
            "split": split,
            "sentences": [{"tokens": ["a"], "raw": "A man with a red helmet.", "imgid": 0}],
            "cocoid": 391895,
        }
        for split in ("test", "restval")
    ],
    "dataset": "coco",
}
TOKEN = (
    "1000092795.jpg#0\tTwo young guys with shaggy hair look at their hands .\n"
    "1000092795.jpg#1\tTwo men in green shirts are standing in a yard .\n"
    "10002456.jpg#0\tSeveral men in hard hats are operating a giant pulley system .\n"
)
BARS = (
    "image_name| comment_number| comment\n"
    "1000092795.jpg| 0| Two young guys with shaggy hair , outside .\n"
    '1000092795.jpg| 1| A man in a "Snoop" shirt .\n'
)
COMMAS = 'image,caption\n1000.jpg,"A child, in a pink dress ."\n1000.jpg,A girl going in .\n'
RAW = (
    "raw,sentids,split,filename,img_id\n"
    '"[""Two young guys."", ""Two men.""]","[0, 1]",val,1000092795.jpg,0\n'
)
AUDIOCAPS = (
    "audiocap_id,youtube_id,start_time,caption\n"
    "91139,r1nicOVtvkQ,130,A woman talks nearby as water pours\n"
    "58146,-PVPcqOBFBg,30,\"A crowd claps, then stops\"\n"
    "58147,-PVPcqOBFBg,30,People applaud\n"
)  # fmt: skip
CLOTHO = (
    "file_name,caption_1,caption_2,caption_3,caption_4,caption_5\n"
    "Distorted AM Radio noise.wav,A muddled noise.,A signal.,Noise of a radio.,Hiss.,A hum.\n"
)
MSRVTT: dict[str, object] = {
    "info": {"contributor": "Microsoft MSM group", "year": "2016", "version": "1.0"},
    "videos": [
        {
            "category": 9,
            "url": "https://www.youtube.com/watch?v=9lZi22qLlEo",
            "video_id": "video0",
            "start time": 137.72,
            "end time": 149.44,
            "split": "validate",
            "id": 0,
        }
    ],
    "sentences": [
        {"caption": "a car is shown", "video_id": "video0", "sen_id": 109462},
        {"caption": "in a parking lot", "video_id": "video0", "sen_id": 109463},
    ],
}
JSFUSION = "key,vid_key,video_id,sentence\nret0,msr9770,video9770,a person is connecting a wire\n"
LIBRI = "84-121123-0000 GO DO YOU HEAR\n84-121123-0001 BUT IN LESS THAN FIVE MINUTES HE WAS BACK\n"
COMMON = (
    "client_id\tpath\tsentence_id\tsentence\tsentence_domain\tup_votes\tdown_votes\tage\tgender\t"
    "accents\tvariant\tlocale\tsegment\n"
    "d59478fb\tcommon_voice_en_17.mp3\t8a1c\tHe said \"no\" and left.\t\t2\t1\t\t\t\t\ten\t\n"
)  # fmt: skip


def read(kind: str, path: Path, **more: object) -> list[Item]:
    return list(Reading(kind, Request(path, **more)))  # type: ignore[arg-type]


def put(folder: Path, files: Mapping[str, str | bytes | dict[str, object]]) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))


def test_coco(tmp_path: Path) -> None:
    put(tmp_path, {"captions.json": COCO, "jpg/000000397133.jpg": b"", "jpg/000000037777.jpg": b""})
    items = read("coco", tmp_path / "captions.json", media=tmp_path / "jpg")
    assert [item.key for item in items] == ["397133", "37777"]  # 9 has no caption
    assert items[0].captions == (
        "a man is in a kitchen making pizzas",
        "man in apron standing on front of oven",
    )
    assert items[0].path == str(tmp_path / "jpg/000000397133.jpg")
    assert items[1].captions == ("the dining table is cleared",)


def test_karpathy_splits(tmp_path: Path) -> None:
    put(tmp_path, {"dataset_coco.json": KARPATHY})
    items = read("coco", tmp_path / "dataset_coco.json")
    assert [item.split for item in items] == ["test", "train"]
    assert items[0].captions == ("a man with a red helmet",)
    assert items[0].source == "coco"


@pytest.mark.parametrize(
    ("name", "text", "captions"),
    [
        (
            "results_20130124.token",
            TOKEN,
            (
                "two young guys with shaggy hair look at their hands",
                "two men in green shirts are standing in a yard",
            ),
        ),
        (
            "results.csv",
            BARS,
            ("two young guys with shaggy hair, outside", 'a man in a "Snoop" shirt'),
        ),
        ("captions.txt", COMMAS, ("a child, in a pink dress", "a girl going in")),
        ("flickr_annotations_30k.csv", RAW, ("two young guys", "two men")),
    ],
)
def test_flickr30k_in_its_forms(
    tmp_path: Path, name: str, text: str, captions: tuple[str, ...]
) -> None:
    put(tmp_path, {name: text})
    items = read("flickr30k", tmp_path / name)
    assert items[0].captions == captions
    assert items[0].path is None
    assert (items[0].split == "validation") == ("raw" in text)


@pytest.mark.parametrize("stem", ["Y-PVPcqOBFBg.wav", "-PVPcqOBFBg_30.flac", "58146.mp3"])
def test_audiocaps_finds_sounds_by_any_usual_name(tmp_path: Path, stem: str) -> None:
    put(tmp_path, {"train.csv": AUDIOCAPS, f"wav/{stem}": b""})
    reading = Reading(
        "audiocaps", Request(tmp_path / "train.csv", tmp_path / "wav", missing="skip")
    )
    (item,) = reading
    assert item.captions == ("a crowd claps, then stops", "people applaud")
    assert item.path == str(tmp_path / "wav" / stem)
    assert reading.missing == 1


def test_audiocaps_under_a_name_of_ones_own(tmp_path: Path) -> None:
    put(tmp_path, {"t.csv": AUDIOCAPS, "w/r1nicOVtvkQ-130.ogg": b"", "w/-PVPcqOBFBg-30.ogg": b""})
    name = "{youtube_id}-{start_time}.ogg"
    items = read("audiocaps", tmp_path / "t.csv", media=tmp_path / "w", name=name)
    assert [Path(item.path or "").name for item in items] == [
        "r1nicOVtvkQ-130.ogg",
        "-PVPcqOBFBg-30.ogg",
    ]
    with pytest.raises(DataError, match="cannot be filled") as caught:
        read("audiocaps", tmp_path / "t.csv", media=tmp_path / "w", name="{id}.ogg")
    assert "{youtube_id}" in caught.value.hint


def test_clotho(tmp_path: Path) -> None:
    put(tmp_path, {"clotho_captions_development.csv": CLOTHO})
    (item,) = read("clotho", tmp_path / "clotho_captions_development.csv")
    assert item.key == "Distorted AM Radio noise.wav"
    assert item.captions == ("a muddled noise", "a signal", "Noise of a radio", "Hiss", "a hum")
    assert (item.modality, item.spoken) == ("audio", False)


def test_msrvtt(tmp_path: Path) -> None:
    put(tmp_path, {"info.json": MSRVTT, "9k.csv": JSFUSION, "clips/video0.mp4": b""})
    (item,) = read("msrvtt", tmp_path / "info.json", media=tmp_path / "clips")
    assert item.captions == ("a car is shown", "in a parking lot")
    assert item.path == str(tmp_path / "clips/video0.mp4")
    assert item.split == "validation"
    (other,) = read("msrvtt", tmp_path / "9k.csv")
    assert (other.key, other.split) == ("video9770", None)


def test_librispeech(tmp_path: Path) -> None:
    chapter = "LibriSpeech/dev-clean/84/121123"
    put(
        tmp_path,
        {
            f"{chapter}/84-121123.trans.txt": LIBRI,
            f"{chapter}/84-121123-0000.flac": b"",
            f"{chapter}/84-121123-0001.flac": b"",
        },
    )
    for root in ("LibriSpeech", "LibriSpeech/dev-clean"):
        first, second = read("librispeech", tmp_path / root)
        assert first.captions == ("go do you hear",)
        assert first.path == str(tmp_path / chapter / "84-121123-0000.flac")
        assert (first.key, first.split, first.spoken) == ("84", "validation", True)
        assert second.key == "84"


def test_common_voice(tmp_path: Path) -> None:
    put(tmp_path, {"en/test.tsv": COMMON, "en/clips/common_voice_en_17.mp3": b""})
    (item,) = read("common-voice", tmp_path / "en/test.tsv")
    assert item.captions == ('he said "no" and left',)
    assert item.path == str(tmp_path / "en/clips/common_voice_en_17.mp3")
    assert (item.split, item.spoken, item.key) == ("test", True, "d59478fb")


def test_plain_jsonl_and_csv_with_columns_of_any_name(tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    lines = [
        {"file_name": "a.png", "text": "a fox", "split": "val"},
        {"file_name": "b.mp4", "text": "a dog runs", "split": None},
    ]
    put(tmp_path, {"metadata.jsonl": "\n".join(map(json.dumps, lines)), "a.png": b"", "b.mp4": b""})
    first, second = read("plain", tmp_path / "metadata.jsonl")
    assert (first.modality, first.captions, first.split) == ("image", ("a fox",), "validation")
    assert (second.modality, second.path) == ("video", str(tmp_path / "b.mp4"))
    put(tmp_path, {"t.csv": "wavs,said,who\nx.wav,hello there,Ann\n", "x.wav": b""})
    columns = {"path": "wavs", "caption": "said", "key": "who"}
    (item,) = read("plain", tmp_path / "t.csv", columns=columns, modality="speech")
    assert (item.key, item.spoken, item.captions) == ("Ann", True, ("hello there",))


def test_plain_parquet_with_pictures_inside(tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    import numpy as np

    picture = Image(np.full((4, 4, 3), 200, np.uint8)).encode()
    features = datasets.Features(
        {"image": datasets.Image(), "caption": datasets.List(datasets.Value("string"))}
    )
    table = {"image": [{"bytes": picture, "path": "x.png"}], "caption": [["a wall", "a  page ."]]}
    path = tmp_path / "train-00000-of-00001.parquet"
    datasets.Dataset.from_dict(table, features=features).to_parquet(path)
    (item,) = read("plain", path, modality="image", cache=tmp_path / "media")
    assert item.captions == ("a wall", "a page")
    assert load_media(str(item.path)) == Image.load(picture)
    (bare,) = read("plain", path, modality="image")
    assert bare.path is None


def test_concepts_are_rendered_once(tmp_path: Path) -> None:
    request = Request(tmp_path, cache=tmp_path / "media", count=4)
    try:
        items = list(Reading("concepts", request))
    except Exception as error:  # the font and FluidSynth are the system's
        pytest.skip(str(error))
    assert [item.modality for item in items] == ["image"] * 4 + ["audio"] * 4 + ["video"] * 4
    made = [modality_of(load_media(str(item.path))) for item in items[::4]]
    assert made == ["image", "audio", "video"]
    dog, bark = items[0], items[4]
    assert dog.name == bark.name == "dog"
    assert "dog barking" in dog.elsewhere["audio"]
    assert bark.elsewhere["image"] == ("a dog",)
    with wave.open(str(bark.path)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (16_000, 48_000)
    stamps = {item.path: Path(str(item.path)).stat().st_mtime_ns for item in items}
    again = list(Reading("concepts", request))
    assert again == items
    assert stamps == {item.path: Path(str(item.path)).stat().st_mtime_ns for item in again}


def test_concepts_hold_voices(tmp_path: Path) -> None:
    told = [item for item in read("concepts", Path(), count=60) if item.name == "voice"]
    assert [item.path for item in told] == [None, None]
    try:
        request = Request(tmp_path, cache=tmp_path / "media", count=60)
        (one, other) = _voices(request, 2)
    except BackendMissing as error:  # WordNet, whose words are said, is the system's
        pytest.skip(str(error))
    assert "somebody speaking" in one.captions
    said, other_said = (Audio.load(str(item.path)).samples for item in (one, other))
    assert np.abs(said).max() > 0.1
    assert not np.array_equal(said, other_said)


def test_concepts_hold_out_what_the_nano_suite_holds_out() -> None:
    items = read("concepts", Path(), count=400)
    assert {item.path for item in items} == {None}
    splits = [split_of(item) for item in items]
    assert 0.03 < splits.count("validation") / len(items) < 0.08
    assert splits.count("test") / len(items) > 0.06
    names = {split_of(item): set[str]() for item in items}
    for item in items:
        names[split_of(item)].add(item.name)
    assert len(names["train"]) > 150  # every thing is learned
    house = next(item for item in items if item.name == "house")
    assert house.elsewhere["audio"] == ()


WRONG: list[tuple[str, str, str | dict[str, object], str]] = [
    (
        "coco",
        "x.json",
        {"images": [], "captions": []},
        "no column annotations; there are: images, captions",
    ),
    ("coco", "x.json", {"images": [], "annotations": [{"image_id": 1}]}, "no column caption"),
    ("coco", "x.json", {"images": 3, "annotations": []}, "not a list"),
    (
        "coco",
        "x.json",
        {"images": [], "annotations": [{"image_id": 1, "caption": 2.5}]},
        "not text",
    ),
    ("coco", "x.json", "{", "no JSON"),
    ("coco", "x.json", "[]", "a list, not an object"),
    ("flickr30k", "x.token", "abc.jpg a man\n", "line 1: it is no `NAME.jpg#0"),
    ("flickr30k", "x.csv", "a|b\n", "no columns image_name, comment_number, comment; .* a, b"),
    ("flickr30k", "x.csv", "raw,filename\n[,x.jpg\n", "line 2: raw is no JSON list"),
    ("audiocaps", "x.csv", "youtube_id,caption\n", "no columns audiocap_id, start_time; .* you"),
    ("audiocaps", "x.csv", "audiocap_id,youtube_id,start_time,caption\n1,2\n", "line 2: it has 2"),
    ("clotho", "x.csv", "", "there are: none"),
    ("msrvtt", "x.json", {"videos": []}, "no column sentences; there is: videos"),
    ("msrvtt", "x.json", {"videos": [], "sentences": [[]]}, "sentence 1 is a list"),
    ("librispeech", "x.txt", "", "no \\*.trans.txt"),
    ("common-voice", "x.tsv", "path\ttext\n", "no columns client_id, sentence; there are: path, "),
    ("plain", "x.jsonl", '{"a": 1, "b": 2}\n', "no column caption or .*; there are: a, b"),
    ("plain", "x.jsonl", "{\n", "line 1: it is no JSON"),
    ("plain", "x.jsonl", '{"caption": 7, "path": "x.png"}\n', "neither text nor a list"),
    ("plain", "x.jsonl", '{"caption": "hi", "path": "x.bin"}\n', "picture, sound or video"),
    ("plain", "x.doc", "hi", ".doc is no table"),
]


@pytest.mark.parametrize(("kind", "name", "content", "reason"), WRONG)
def test_a_file_of_another_form_is_a_typed_error(
    tmp_path: Path, kind: str, name: str, content: str | dict[str, object], reason: str
) -> None:
    if kind == "plain":
        pytest.importorskip("datasets")
    put(tmp_path, {name: content})
    with pytest.raises(DataError, match=reason) as caught:
        read(kind, tmp_path / name)
    assert name in caught.value.file


@pytest.mark.parametrize("kind", sorted(set(READERS) - {"concepts"}))
def test_a_missing_file_is_a_typed_error(tmp_path: Path, kind: str) -> None:
    with pytest.raises(DataError, match="nowhere"):
        read(kind, tmp_path / "nowhere.csv")


def test_missing_media_stop_are_skipped_or_told_by_caption(tmp_path: Path) -> None:
    put(tmp_path, {"c.json": COCO, "jpg/000000037777.jpg": b""})
    with pytest.raises(DataError, match=r"no 000000397133\.jpg") as caught:
        read("coco", tmp_path / "c.json", media=tmp_path / "jpg")
    assert "skip" in caught.value.hint
    reading = Reading("coco", Request(tmp_path / "c.json", tmp_path / "jpg", missing="skip"))
    assert [item.key for item in reading] == ["37777"]
    assert reading.missing == 1
    kept = read("coco", tmp_path / "c.json", media=tmp_path / "jpg", missing="caption")
    assert [item.path is None for item in kept] == [True, False]


IMAGES: Any = COCO["images"]
PICTURES: Any = KARPATHY["images"]
VIDEOS: Any = MSRVTT["videos"]
TWO_NOTES = [{"image_id": 397133, "caption": 0.5}, {"image_id": 397133, "caption": "A man."}]
BROKEN: list[tuple[str, str, str | dict[str, object], int]] = [
    ("coco", "x.json", COCO | {"annotations": TWO_NOTES}, 1),
    ("coco", "x.json", COCO | {"images": [{"id": 9, "file_name": 0.5}, *IMAGES]}, 2),
    ("coco", "x.json", KARPATHY | {"images": [{"filename": "x.jpg"}, *PICTURES]}, 2),
    ("flickr30k", "x.token", "abc.jpg a man\n" + TOKEN, 2),
    ("flickr30k", "x.csv", RAW + "[,val,x.jpg\n", 1),
    ("audiocaps", "x.csv", AUDIOCAPS + "1,2\n", 2),
    ("clotho", "x.csv", CLOTHO + "x.wav,A noise.\n", 1),
    ("msrvtt", "x.json", MSRVTT | {"videos": [3, *VIDEOS]}, 1),
    ("msrvtt", "x.csv", JSFUSION + "ret1,msr1\n", 1),
    ("librispeech", "x/84-121123.trans.txt", LIBRI + "HELLO\n", 2),
    ("common-voice", "x.tsv", COMMON + "d59478fb\n", 1),
    ("plain", "x.jsonl", '{"caption": "a fox"}\n{\n[3]\n\n{"caption": 7}\n', 1),
]


@pytest.mark.parametrize(("kind", "name", "content", "whole"), BROKEN)
def test_a_broken_row_stops_or_is_left_out_and_counted(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    kind: str,
    name: str,
    content: str | dict[str, object],
    whole: int,
) -> None:
    put(tmp_path, {name: content})
    path = tmp_path / name.partition("/")[0]
    request = Request(path, missing="caption", modality="image" if kind == "plain" else None)
    with pytest.raises(DataError) as caught:
        list(Reading(kind, request))
    assert "on_error" in caught.value.hint
    reading = Reading(kind, replace(request, on_error="skip"))
    assert len(list(reading)) == whole
    assert reading.broken == (3 if kind == "plain" else 1)
    assert len(caplog.messages) == reading.broken
    assert all(message.startswith("left out") for message in caplog.messages)


def test_a_file_that_is_none_of_its_kind_is_never_left_out(tmp_path: Path) -> None:
    put(tmp_path, {"x.csv": "a,b\n", "x.json": "{"})
    for kind, name in (("audiocaps", "x.csv"), ("coco", "x.json")):
        with pytest.raises(DataError):
            read(kind, tmp_path / name, on_error="skip")


def test_a_reader_that_is_none() -> None:
    with pytest.raises(ConfigError, match="no reader 'cocoa'") as caught:
        Reading("cocoa", Request(Path()))
    assert "coco" in caught.value.hint


def test_captions_that_cannot_be_prompts_are_left_out_and_counted(tmp_path: Path) -> None:
    texts = ["...", "x" * 400, "a {#1} b", "a\\b", "a fox\u0007", "a fox"]
    notes = [{"image_id": i, "caption": text} for i, text in enumerate(texts)]
    images = [{"id": i, "file_name": f"{i}.jpg"} for i in range(len(texts))]
    put(tmp_path, {"c.json": {"images": images, "annotations": notes}})
    reading = Reading("coco", Request(tmp_path / "c.json"))
    assert [item.captions for item in reading] == [("a fox",)]
    assert reading.unfit == 5


def test_limit_and_split_of_ones_own(tmp_path: Path) -> None:
    put(tmp_path, {"c.json": COCO})
    request = Request(tmp_path / "c.json", split="test")
    (item,) = Reading("coco", request, limit=1)
    assert split_of(item) == "test"


@pytest.mark.parametrize(
    ("caption", "plain"),
    [
        ("A man  is riding a horse .", "a man is riding a horse"),
        ("Paris at night.", "Paris at night"),
        ("and so on...", "and so on..."),
        (" Two dogs , one cat\n", "two dogs, one cat"),
    ],
)
def test_tidied(caption: str, plain: str) -> None:
    assert tidy(caption) == plain


@pytest.mark.parametrize(
    ("caption", "phrase"),
    [
        ("a red fox", True),
        ("a man riding a horse", True),
        ("two dogs playing with a ball on the grass", True),
        ("a man is riding a horse", False),
        ("a dog barks in the distance", False),
        ("rain; then wind", False),
    ],
)
def test_noun_phrases(caption: str, phrase: bool) -> None:
    assert is_noun_phrase(caption) is phrase


def test_a_split_goes_by_key_and_keeps_to_the_shares() -> None:
    splits = [split_of(Item(str(n), "image", ("x",), source="coco")) for n in range(4000)]
    assert 0.035 < splits.count("validation") / 4000 < 0.065
    assert 0.035 < splits.count("test") / 4000 < 0.065
    one, two = (Item("7", "image", (text,), source="coco") for text in "ab")
    assert split_of(one) == split_of(two)
