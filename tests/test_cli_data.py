"""`modaverse data`: what is typed, what is printed, what goes wrong."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, OK, SOME_FAILED, WRONG_USAGE, streams
from modaverse.commands import data as module
from modaverse_training.instructions.row import MediaRef, Row, Turn, read_rows, write_rows


@pytest.fixture(autouse=True)
def _plain_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "prepare", lambda: None)


def row(name: str, request: str, answer: str, *, media: tuple[MediaRef, ...] = ()) -> Row:
    handles = tuple(reference.handle for reference in media)
    return Row(
        id=name,
        messages=(
            Turn(role="user", content=request, handles=handles),
            Turn(role="assistant", content=answer),
        ),
        tools=("text-to-image", "text-to-audio"),
        media=media,
        family=f"family-{name}",
        source="hand",
    )


DOG = MediaRef(handle="image1", modality="image", path="dog.png", caption="a dog")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "dog.png").write_bytes(b"x")
    rows = [
        row("a", "draw a fox", "Here is your picture.\ntext-to-image: a fox"),
        row("b", "what does it sound like?", "Here.\ntext-to-audio: barking", media=(DOG,)),
        row("c", "hello", "Hello!"),
    ]
    write_rows(tmp_path / "rows.jsonl", rows)
    return tmp_path / "rows.jsonl"


def built(out: Path, *more: str) -> int:
    return main(
        ["data", "build", "--out", str(out), "--source", "concepts", "--rows", "30",
         "--measured", "5", *more]
    )  # fmt: skip


def test_build_tells_the_files_and_goes_on_where_it_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert built(out) == OK
    told = capsys.readouterr().out
    assert f"{out / 'train.jsonl'}  30 rows" in told
    assert "source concepts: 1820 items" in told
    assert len(list(read_rows(out / "train.jsonl"))) == 30
    assert built(out, "--quiet") == OK
    assert capsys.readouterr().out.splitlines() == [
        str(out / f"{split}.jsonl") for split in ("train", "validation", "test")
    ]
    assert built(out, "--seed", "1") == ERROR
    assert "--fresh" in capsys.readouterr().err
    assert built(out, "--seed", "1", "--fresh", "--json") == OK
    report = json.loads(capsys.readouterr().out)
    assert report["stats"]["train"]["rows"] == 30
    assert report["files"]["test"] == str(out / "test.jsonl")
    (source,) = report["sources"]
    assert sum(source.pop("splits").values()) == 1820
    assert source == {"kind": "concepts", "items": 1820, "missing": 0, "broken": 0, "unfit": 0}


def test_build_leaves_broken_rows_out_if_asked_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sounds = tmp_path / "sounds.csv"
    captions = [f"A bell rings {how}." for how in ("once", "twice", "softly", "far away", "again")]
    header = ",".join(["file_name", *(f"caption_{number}" for number in range(1, 6))])
    whole = [",".join([f"{number}.wav", *captions]) for number in range(40)]
    sounds.write_text("\n".join([header, "x.wav,A bell.", *whole]))
    source = ("--source", f"clotho={sounds}")
    assert built(tmp_path / "out", *source) == ERROR
    assert f"{sounds}, line 2: it has 2 fields" in capsys.readouterr().err
    assert built(tmp_path / "out", *source, "--on-error", "skip") == OK
    assert "source clotho: 40 items" in (told := capsys.readouterr().out)
    assert ", 1 broken rows left out" in told
    assert built(tmp_path / "other", *source, "--on-error", "never") == ERROR
    assert "on_error" in capsys.readouterr().err


def test_attachments_that_no_source_has_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert built(tmp_path / "plain") == OK
    assert "no row has an attachment" in capsys.readouterr().err
    head = f'out = "{tmp_path}/x"\nrows = {{ train = 12, validation = 2, test = 2 }}\n'
    source = '[[sources]]\nkind = "concepts"\ncount = 10\n'
    config = tmp_path / "config.toml"
    for text in (f'{head}cells = ["text -> image"]\n{source}', f"{head}{source}render = true\n"):
        config.write_text(text)
        assert main(["data", "build", str(config), "--fresh"]) == OK
        assert "attachment" not in capsys.readouterr().err


def test_a_source_that_gives_nothing_to_train_on_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "LibriSpeech" / "dev-clean" / "84" / "121"
    place.mkdir(parents=True)
    (place / "84-121.trans.txt").write_text("84-121-0000 GO DO YOU HEAR\n84-121-0001 I DO\n")
    config = tmp_path / "config.toml"

    def told(*, split: str = "", rows: int = 6) -> tuple[str, str]:
        config.write_text(
            f'out = "{tmp_path}/out"\nattach = "captions"\n'
            f"rows = {{ train = {rows}, validation = 2, test = 2 }}\n"
            '[[sources]]\nkind = "concepts"\ncount = 60\n'
            '[[sources]]\nkind = "librispeech"\npath = "LibriSpeech"\nmissing = "caption"\n'
            f"{split}\n"
        )
        assert main(["data", "build", str(config), "--fresh"]) == OK
        return capsys.readouterr()

    out, err = told()
    assert "source librispeech: 2 items (2 for validation), 2 files missing" in out
    assert "source librispeech gives no row of train: its items are all for validation." in err
    assert "source concepts gives" not in err
    out, err = told(split='split = "train"')
    assert "source librispeech: 2 items (2 for train)" in out
    assert "no row of train" not in err
    assert "no row of train" not in told(split='split = "test"')[1]  # so it was meant
    assert "no row of train" not in told(rows=0)[1]


def test_build_from_a_file_with_options_over_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "data.toml").write_text(
        'out = "made"\nattach = "captions"\n[rows]\ntrain = 20\nvalidation = 0\ntest = 0\n'
        '[[sources]]\nkind = "concepts"\ncount = 150\n'
    )
    assert main(["data", "build", str(tmp_path / "data.toml"), "--rows", "12"]) == OK
    rows = list(read_rows(tmp_path / "made" / "train.jsonl"))
    assert len(rows) == 12
    assert any(one.media for one in rows)
    assert "source concepts: 455 items" in capsys.readouterr().out


def test_a_set_and_its_media_by_option(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    notes = [{"image_id": n, "caption": f"A dog number {n} running"} for n in range(90)]
    images = [{"id": n, "file_name": f"{n}.jpg"} for n in range(90)]
    (tmp_path / "c.json").write_text(json.dumps({"images": images, "annotations": notes}))
    (tmp_path / "jpg").mkdir()
    for n in range(90):
        (tmp_path / f"jpg/{n}.jpg").touch()
    source = f"coco={tmp_path / 'c.json'}@{tmp_path / 'jpg'}"
    words = ["data", "build", "--out", str(tmp_path / "out"), "--source", source]
    assert main([*words, "--rows", "30", "--measured", "0"]) == OK
    rows = list(read_rows(tmp_path / "out/train.jsonl"))
    assert any(one.media and str(one.media[0].path).endswith(".jpg") for one in rows)
    (tmp_path / "jpg/3.jpg").unlink()
    assert main([*words, "--rows", "30", "--measured", "0", "--fresh"]) == ERROR
    assert "there is no 3.jpg" in capsys.readouterr().err


def test_fewer_rows_than_wanted_are_a_warning_and_exit_code_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from modaverse_training.instructions import writing

    monkeypatch.setattr(writing, "_TIRED", 20)
    (tmp_path / "data.toml").write_text(
        'out = "made"\n[rows]\nvalidation = 0\ntest = 0\n[mix]\npair = 0\nseveral = 0\n'
        "follow = 0\ntold = 0\naside = 0\nrefuse = 1\n"
    )
    assert main(["data", "build", str(tmp_path / "data.toml")]) == SOME_FAILED
    assert "rows are different enough" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["build", "--source", "cocoa=x"], ERROR, "no reader 'cocoa'"),
        (["build", "--source", "=x"], ERROR, "names no kind"),
        (["build", "--source", "coco=/nowhere.json"], ERROR, "no /nowhere.json"),
        (["build", "--format", "csv"], ERROR, "format"),
        (["build", "--rows", "-1"], WRONG_USAGE, "--rows"),
        (["build", "/nowhere.toml"], ERROR, "cannot read /nowhere.toml"),
        (["show", "/nowhere.jsonl"], ERROR, "no such file"),
        (["show", "/nowhere.jsonl", "--pair", "image"], ERROR, "is no pair"),
        (["stats"], WRONG_USAGE, "FILES"),
        (["stats", "/nowhere.jsonl"], ERROR, "no such file"),
    ],
)
def test_what_goes_wrong(
    words: list[str], code: int, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", *words]) == code
    assert told in capsys.readouterr().err


def test_show_conversations(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", str(file), "--limit", "2"]) == OK
    shown = capsys.readouterr().out
    assert "a  (family-a; hand)\n       user: draw a fox\n" in shown
    assert "  assistant: Here is your picture.\n             text-to-image: a fox\n" in shown
    assert '  image1: dog.png "a dog"\n       user: [image1] what does it sound like?' in shown
    assert "hello" not in shown


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        (["--pair", "image->audio"], ["b"]),
        (["--pair", "text -> text"], ["c"]),
        (["--family", "ily-a"], ["a"]),
        (["--text", "fox"], ["a"]),
        (["--id", "c"], ["c"]),
        (["--text", "nothing such"], []),
        (["--sample", "1", "--limit", "3"], ["a", "b", "c"]),
    ],
)
def test_show_only_some(
    file: Path, choice: list[str], ids: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data", "show", str(file), *choice, "--json"]) == OK
    assert sorted(one["id"] for one in json.loads(capsys.readouterr().out)) == ids


def test_stats_and_weights_of_several_files(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    few = file.with_name("few.jsonl")
    write_rows(few, [row("d", "hi", "Hello!")])
    assert main(["data", "stats", str(file), str(few)]) == OK
    told = capsys.readouterr().out
    assert f"{file}: 3 rows, 100.0% different requests" in told
    assert "attached: 1 image; without a file: 0" in told
    assert "image -> audio  weight 1" in told
    assert f'{{ path = "{few}", weight = 1.46 }}' in told
    assert main(["data", "stats", str(file), str(few), "--json", "--temperature", "1"]) == OK
    form = json.loads(capsys.readouterr().out)
    assert form["weights"] == {str(file): 1.0, str(few): 1.0}
    assert form["files"][str(file)]["tools"] == {"text-to-image": 1, "text-to-audio": 1}


@pytest.mark.parametrize("command", ["show", "stats"])
def test_broken_rows_stop_or_are_left_out(
    file: Path, command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with file.open("a") as rows:
        rows.write('{"id": "x"}\n')
    assert main(["data", command, str(file)]) == ERROR
    assert f"{file}, line 4: messages: Field required" in capsys.readouterr().err
    assert main(["data", command, str(file), "--skip-broken"]) == OK
    assert "broken rows left out: 1" in capsys.readouterr().err
    assert main(["data", command, str(file), "--json"]) == ERROR
    assert json.loads(capsys.readouterr().out)["error"]["type"] == "DataError"


def test_without_the_training_packages_the_hint_is_the_line_to_type(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ImportError(f"no module {name}")

    monkeypatch.setattr(module, "import_module", missing)
    for words in (["build"], ["show", str(file)], ["stats", str(file)]):
        assert main(["data", *words]) == ERROR
        told = capsys.readouterr().err
        assert "cannot be loaded" in told
        assert "pip install" in told


def test_show_and_stats_need_no_torch(file: Path) -> None:
    code = (
        "import sys; from modaverse.cli import main;"
        f"main(['data', 'show', {str(file)!r}]); main(['data', 'stats', {str(file)!r}]);"
        "assert not {'torch', 'transformers', 'datasets'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)


def test_data_alone_tells_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data"]) == OK
    assert "build" in capsys.readouterr().out
