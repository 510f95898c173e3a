"""`modaverse run` and `chat`: results as files, JSON for scripts, partial failure, Ctrl-C."""

from __future__ import annotations

import contextlib
import errno
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modaverse.cli import main
from modaverse.commands import ERROR, INTERRUPTED, OK, SOME_FAILED, streams
from modaverse.commands.output import OutFolder
from modaverse.errors import LibraryError
from modaverse.events import Item
from modaverse.library import Library
from modaverse.llm.base import LLMRequest
from modaverse.llm.scripted import ScriptedLLM
from modaverse.media import Image, load_media
from modaverse.provenance import Provenance
from modaverse.tool import Context, tool
from modaverse.toolbox import Toolbox
from modaverse_tools import echo

Script = Callable[..., ScriptedLLM]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Script:
    """Set what the LLM says; tools are echo tools, and everything stays in `tmp_path`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MODAVERSE_LIBRARY", str(tmp_path / "library"))
    monkeypatch.setenv("MODAVERSE_CONFIG", str(tmp_path / "config.toml"))
    (tmp_path / "config.toml").write_text("")
    monkeypatch.setattr(streams, "prepare", lambda: None)
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: echo.toolbox()))

    def say(*replies: str) -> ScriptedLLM:
        llm = ScriptedLLM(replies)
        monkeypatch.setattr("modaverse.agent.load_llm", lambda spec: llm)
        return llm

    return say


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


def test_results_are_files_with_readable_names(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Here they are.\necho-image: a red fox\necho-audio: its bark\necho-video: it runs")
    assert main(["run", "a fox, please"]) == OK
    files = ["01-echo-image.png", "02-echo-audio.wav", "03-echo-video.mp4"]
    assert names("modaverse-out") == files
    kinds = [load_media(Path("modaverse-out") / name).face().split(",")[0] for name in files]
    assert kinds == ["image", "audio", "video"]
    shown = capsys.readouterr()
    assert shown.err == ""
    assert shown.out == (
        "Here they are.\n"
        "#1  echo-image  a red fox\n"
        "#2  echo-audio  its bark\n"
        "#3  echo-video  it runs\n"
        "saved modaverse-out/01-echo-image.png (image, 32x32)\n"
        "saved modaverse-out/02-echo-audio.wav (audio, 0.5 s, 8000 Hz, mono)\n"
        "saved modaverse-out/03-echo-video.mp4 (video, 1.0 s, 32x32, 4 fps, silent)\n"
    )


def test_run_as_json_is_what_scripts_rely_on(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script('Here.\necho-image with {"size":16}: a fox\necho-fail: no luck')
    assert main(["run", "a fox", "--json", "--seed", "7", "--out", "made"]) == SOME_FAILED
    answer = printed(capsys)
    assert list(answer) == ["text", "plan", "media", "failed", "warnings"]
    assert answer["warnings"] == []
    assert answer["text"] == answer["plan"]["text"] == "Here."
    assert answer["plan"]["calls"][0] == {
        "id": 1,
        "tool": "echo-image",
        "output": "image",
        "prompt": "a fox",
        "inputs": [],
        "options": {"size": 16},
    }
    (media,) = answer["media"]
    assert (media["path"], media["modality"], media["call"]) == (
        "made/01-echo-image.png",
        "image",
        1,
    )
    assert media["provenance"] == Library.read(media["path"]).model_dump(mode="json")
    assert answer["failed"] == [
        {"call": 2, "type": "ToolError", "message": "no luck", "hint": "this tool always fails"}
    ]


def test_a_failed_call_is_told_and_the_rest_is_there(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Here.\necho-fail: no luck\necho-image: a fox")
    assert main(["run", "a fox"]) == SOME_FAILED
    shown = capsys.readouterr()
    assert names("modaverse-out") == ["02-echo-image.png"]
    assert "saved modaverse-out/02-echo-image.png" in shown.out
    assert shown.err == "error: call 1 (echo-fail): no luck\nhint: this tool always fails\n"


USED = "Here.\necho-image: a fox\necho-caption from #1: what is it\necho-image: {#2}"


def test_what_was_asked_for_stands_before_what_was_used_for_it(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script(USED, USED, USED)
    assert main(["run", "a fox"]) == OK
    told = [line for line in capsys.readouterr().out.splitlines() if "modaverse-out" in line]
    assert [line.split(" (")[0] for line in told] == [
        "saved modaverse-out/03-echo-image.png",
        "used in #2: modaverse-out/01-echo-image.png",
        "used in #3: modaverse-out/02-echo-caption.txt",
    ]
    assert main(["run", "a fox", "--json"]) == OK
    assert [(m["call"], m["used_in"]) for m in printed(capsys)["media"]] == [
        (1, [2]),
        (2, [3]),
        (3, []),
    ]
    assert main(["run", "a fox", "--quiet", "--out", "quiet"]) == OK
    assert capsys.readouterr().out.split() == [
        "quiet/03-echo-image.png",
        "quiet/01-echo-image.png",
        "quiet/02-echo-caption.txt",
    ]


def test_what_a_failed_call_was_to_use_is_a_result(
    script: Script, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Here.\necho-image: a fox\necho-caption from #1: what\necho-fail: {#2}")
    assert main(["run", "a fox"]) == SOME_FAILED
    shown = capsys.readouterr().out
    assert "saved modaverse-out/02-echo-caption.txt" in shown
    assert "used in #2: modaverse-out/01-echo-image.png" in shown


@tool(name="echo-note")
def noted(prompt: str, *, context: Context) -> str:
    """Say the prompt back, with a note."""
    context.note("it \x1b[31mechoes")
    return prompt


def test_what_a_tool_has_to_say_is_told_once_on_stderr(
    script: Script, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = echo.toolbox() | Toolbox([noted])
    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: tools))
    script(*["Here.\necho-note: one\necho-note: two"] * 3)
    assert main(["run", "x"]) == OK
    assert capsys.readouterr().err == "note: it [31mechoes\n"
    assert main(["run", "x", "--json"]) == OK
    assert [media["notes"] for media in printed(capsys)["media"]] == [["it \x1b[31mechoes"]] * 2
    assert main(["run", "x", "--quiet"]) == OK
    assert capsys.readouterr().err == ""


def test_quiet_prints_only_paths(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script("Here.\necho-image: a fox", "Hello!")
    assert main(["run", "a fox", "--quiet"]) == OK
    assert main(["run", "hi", "-q"]) == OK
    assert capsys.readouterr() == ("modaverse-out/01-echo-image.png\nHello!\n", "")


def test_nothing_is_overwritten(script: Script) -> None:
    script("Here.\necho-image: a\necho-image: b", "Here.\necho-image: c")
    Path("modaverse-out").mkdir()
    Path("modaverse-out/07-notes.txt").write_text("mine")
    assert main(["run", "two"]) == OK
    before = {name: Path("modaverse-out", name).read_bytes() for name in names("modaverse-out")}
    assert main(["run", "one"]) == OK
    assert names("modaverse-out") == [
        "07-notes.txt",
        "08-echo-image.png",
        "09-echo-image.png",
        "10-echo-image.png",
    ]
    assert all(Path("modaverse-out", name).read_bytes() == data for name, data in before.items())


def test_a_plain_answer_makes_no_folder(script: Script, capsys: pytest.CaptureFixture[str]) -> None:
    script("Hello!")
    assert main(["run", "hi"]) == OK
    assert capsys.readouterr().out == "Hello!\n"
    assert not Path("modaverse-out").exists()


def test_the_same_seed_gives_the_same_bytes(script: Script) -> None:
    script(*["Here.\necho-video: a fox"] * 3)
    for seed, out in (("3", "a"), ("3", "b"), ("4", "c")):
        assert main(["run", "a fox", "--seed", seed, "--out", out]) == OK
    made = [Path(out, "01-echo-video.mp4").read_bytes() for out in "abc"]
    assert made[0] == made[1] != made[2]


def test_attachments_come_with_the_request(script: Script, small_image: Image) -> None:
    small_image.save("photo.png")
    llm = script("Look.\necho-caption from image1: it is")
    assert main(["run", "what is it?", "photo.png", "--out", "made"]) == OK
    assert Path("made/01-echo-caption.txt").read_text() == "it is image, 24x16"
    assert llm.requests[0].handles == {"image1": "image"}


@pytest.mark.parametrize(
    ("typed", "type", "message"),
    [
        ([""], "RequestError", "the request is empty"),
        (["x" * 100_000], "RequestError", "100,000 characters"),
        (["paint image3 red"], "RequestError", "there is no image3"),
        (["x", "missing.png"], "MediaError", "there is no file"),
        (["x", "."], "MediaError", "is a folder"),
        (["x", "https://example.org/a.png"], "MediaError", "is a URL, which is not fetched"),
        (["x", "empty.png"], "MediaError", "empty"),
        (["x", "--out", "config.toml"], "LibraryError", "is not a folder"),
        (["x", "--out", "config.toml/below"], "LibraryError", "Not a directory"),
        (["x", "--out", "/proc/below"], "LibraryError", "no files can be made there"),
        (["x", "--out", "made/" + "x" * 300], "LibraryError", "name too long"),
        (["x", "--tool", "echo-image"], "ConfigError", "names no model"),
        (["x", "--tool", "echo-smell=m"], "ConfigError", "there is no tool 'echo-smell'"),
        (["x", "--tool", "echo-image=m"], "ConfigError", "has no model"),
        (["x", "--llm", "http://host/v1#m", "--adapter", "a"], "ConfigError", "a server"),
        (["x", "--library", "config.toml"], "LibraryError", "config.toml"),
    ],
)
def test_bad_input_is_a_typed_error(
    typed: list[str],
    type: str,
    message: str,
    script: Script,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script()
    Path("empty.png").write_bytes(b"")
    assert main(["run", *typed, "--json"]) == ERROR
    error = printed(capsys)["error"]
    assert error["type"] == type
    assert message in error["message"]
    assert main(["run", *typed]) == ERROR
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("error: ")
    assert "Traceback" not in shown.err
    assert not Path("modaverse-out").exists()


def test_a_folder_that_fills_up_costs_no_other_result(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Here.\necho-image: a\necho-audio: b")
    save = OutFolder.save

    def full(self: OutFolder, item: Item) -> Path:
        if item.modality == "image":
            raise LibraryError("the disk is full", hint="free some space")
        return save(self, item)

    monkeypatch.setattr(OutFolder, "save", full)
    assert main(["run", "both", "--json"]) == SOME_FAILED
    answer = printed(capsys)
    assert [each["call"] for each in answer["media"]] == [2]
    assert answer["failed"][0]["type"] == "LibraryError"
    assert len(Library("library")) == 2  # what was made is still there


def test_a_full_library_costs_no_result(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script(*["Here.\necho-image: a\necho-caption from #1: it is"] * 2)

    def full(path: Path, data: bytes) -> Path:
        raise LibraryError(f"'{path.name}' cannot be written: No space left", hint="free some")

    monkeypatch.setattr("modaverse.library.write_atomic", full)
    assert main(["run", "both", "--library", "chosen", "--json"]) == OK
    answer = printed(capsys)
    assert names("modaverse-out") == ["01-echo-image.png", "02-echo-caption.txt"]
    assert [each["call"] for each in answer["media"]] == [1, 2]
    assert answer["failed"] == []
    assert [(each["call"], each["type"]) for each in answer["warnings"]] == [
        (1, "LibraryError"),
        (2, "LibraryError"),
    ]
    assert main(["run", "both", "--library", "chosen"]) == OK
    shown = capsys.readouterr()
    assert "saved modaverse-out/04-echo-caption.txt" in shown.out
    assert shown.err.startswith("warning: not in the library: ")


def test_a_library_that_takes_nothing_is_told_of_before_anything_is_made(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Here.\necho-image: a")
    monkeypatch.setattr("modaverse.commands.setup.check_writable", _read_only)
    assert main(["run", "a", "--library", "chosen"]) == OK
    assert names("modaverse-out") == ["01-echo-image.png"]
    assert capsys.readouterr().err == "warning: it is read-only; the library can only be read\n"


def _read_only(folder: Path) -> None:
    raise LibraryError("it is read-only", hint="choose another")


def test_a_default_library_that_cannot_be_used_is_no_hindrance(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script("Here.\necho-image: a")
    (tmp_path / "data").write_text("a file where a folder should be")
    monkeypatch.delenv("MODAVERSE_LIBRARY")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    assert main(["run", "a"]) == OK
    assert names("modaverse-out") == ["01-echo-image.png"]
    assert capsys.readouterr().err.startswith("warning: ")


def test_another_model_behind_a_tool(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from modaverse_tools.diffusion import TextToImage

    monkeypatch.setattr(Toolbox, "default", classmethod(lambda cls: Toolbox([TextToImage()])))
    assert main(["tools", "--json", "--tool", "text-to-image=stabilityai/sd-turbo"]) == OK
    assert printed(capsys)[0]["model"] == "stabilityai/sd-turbo"


@pytest.mark.parametrize("there", [True, False])
@pytest.mark.parametrize("code", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_takes_nothing_is_told_before_anything_is_made(
    there: bool,
    code: int,
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    llm = script("Here.\necho-image: a")
    if there:
        Path("modaverse-out").mkdir()
    write = Path.write_bytes

    def refused(self: Path, data: bytes) -> int:  # chmod does not bind root
        if "modaverse-out" in str(self):
            raise OSError(code, os.strerror(code))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", refused)
    assert main(["run", "a", "--json"]) == ERROR
    error = printed(capsys)["error"]
    assert error["type"] == "LibraryError"
    assert os.strerror(code) in error["message"]
    assert error["hint"]
    assert llm.requests == []
    assert names("modaverse-out") == [] if there else not Path("modaverse-out").exists()
    assert not [name for name in names(".") if name.endswith(".new")]


def test_names_are_given_once_even_to_rivals(tmp_path: Path) -> None:
    """Two processes that count to the same number do not overwrite each other."""
    one, other = OutFolder(tmp_path), OutFolder(tmp_path)
    item = _text_item("hello")
    first = one.save(item)
    other._first = one._first
    second = other.save(item)
    assert first != second
    assert names(str(tmp_path)) == ["01-echo-text.txt", "02-echo-text.txt"]


def test_without_links_files_are_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unsupported(*_: object) -> None:
        raise PermissionError("this file system has no links")

    monkeypatch.setattr(os, "link", unsupported)
    out = OutFolder(tmp_path)
    out.save(_text_item("one"))
    out.save(_text_item("two"))
    assert names(str(tmp_path)) == ["01-echo-text.txt", "02-echo-text.txt"]


def _text_item(text: str) -> Item:
    return Item(1, "text1", "text", text, None, Provenance(tool="echo-text"))


# --- Ctrl-C --------------------------------------------------------------------------------------

_STAGE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # shells ignore it in the background
import modaverse.agent
from modaverse.cli import main
from modaverse.llm.scripted import ScriptedLLM
from modaverse.toolbox import Toolbox
from modaverse_tools import echo
said = 'Here.\\necho-image: first\\necho-wait with {"seconds":60}: long\\necho-text: {#2}'
modaverse.agent.load_llm = lambda spec: ScriptedLLM([said])
Toolbox.default = classmethod(lambda cls: echo.toolbox())
sys.exit(main())
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_ctrl_c_keeps_what_was_made(tmp_path: Path, as_json: bool) -> None:
    environment = {**os.environ, "MODAVERSE_LIBRARY": str(tmp_path / "library")}
    typed = ["run", "both", "--out", str(tmp_path / "out"), *(["--json"] if as_json else [])]
    with subprocess.Popen(
        [sys.executable, "-c", _STAGE, *typed],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        made = tmp_path / "out" / "01-echo-image.png"
        limit = time.monotonic() + 60
        while not made.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == INTERRUPTED
    assert "Traceback" not in err
    assert load_media(made).face() == "image, 32x32"
    if as_json:
        answer = json.loads(out)
        assert [media["path"] for media in answer["media"]] == [str(made)]
        cancelled = {each["call"]: each for each in answer["failed"]}[2]
        assert (cancelled["type"], cancelled["message"]) == ("Cancelled", "cancelled")
        assert "ask again" in cancelled["hint"]
    else:
        assert f"saved {made}" in out
        assert err.endswith("stopped\n")
        assert err.count("hint: what was finished before is kept") == 1


@pytest.mark.parametrize("then", ["an error", "nothing"])
@pytest.mark.parametrize("command", ["run", "plan"])
def test_ctrl_c_that_a_library_swallows_still_stops(
    command: str, then: str, script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def swallow(request: LLMRequest) -> str:
        with contextlib.suppress(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        if then == "an error":
            raise ImportError("cannot import name 'LlamaConfig'")
        return "Here.\necho-image: a fox"

    llm = ScriptedLLM([swallow])
    monkeypatch.setattr("modaverse.agent.load_llm", lambda spec: llm)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        stopped = command == "run" or then == "an error"  # else the plan is there
        assert main([command, "a fox"]) == (INTERRUPTED if stopped else OK)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert not Path("modaverse-out").exists()


# --- chat ----------------------------------------------------------------------------------------


def typing(monkeypatch: pytest.MonkeyPatch, *lines: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))


def test_a_chat_knows_what_came_before(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    llm = script("Here.\necho-image: a fox", "It is.\necho-caption from image1: this is")
    typing(monkeypatch, "a fox", "", "what is image1?")
    assert main(["chat"]) == OK
    assert names("modaverse-out") == ["01-echo-image.png", "02-echo-caption.txt"]
    assert Path("modaverse-out/02-echo-caption.txt").read_text() == "this is image, 32x32"
    assert [message.role for message in llm.requests[1].messages] == ["user", "assistant", "user"]
    shown = capsys.readouterr()
    assert "saved modaverse-out/02-echo-caption.txt" in shown.out
    assert shown.err == ""


def test_chat_commands(
    script: Script,
    monkeypatch: pytest.MonkeyPatch,
    small_image: Image,
    capsys: pytest.CaptureFixture[str],
) -> None:
    small_image.save("my photo.png")
    llm = script("I see.", "Hello again!")
    typing(
        monkeypatch,
        "/attach 'my photo.png'",
        "look",
        "/media",
        "/new",
        "hello",
        "/media",
        "/quit",
        "never read",
    )
    assert main(["chat"]) == OK
    shown = capsys.readouterr()
    lines = [line for line in shown.out.splitlines() if not line.startswith("> /")]
    assert lines == ["> look", "I see.", "> hello", "Hello again!"]
    assert "never read" not in shown.out
    assert shown.err == "attached to the next request: image, 24x16\nimage1: image, 24x16\n"
    assert [request.handles for request in llm.requests] == [{"image1": "image"}, {}]


def test_a_turn_is_undone(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    llm = script("Hello!", "Hello again!")
    typing(monkeypatch, "/undo", "hi", "/undo", "hello", "/quit")
    assert main(["chat"]) == OK
    assert capsys.readouterr().err == "nothing was said yet\nforgotten: hi\n"
    assert [[m.text for m in request.messages] for request in llm.requests] == [["hi"], ["hello"]]


def test_a_chat_goes_on_after_an_error(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Hello!")
    typing(monkeypatch, "/attach none.png", "/attach", "/dance", "make image9 red", "hi")
    assert main(["chat"]) == OK
    shown = capsys.readouterr()
    assert shown.out.endswith("> make image9 red\n> hi\nHello!\n")
    assert shown.err.count("error: ") == shown.err.count("hint: ") == 4
    typing(monkeypatch, "and again")
    assert main(["chat"]) == ERROR  # the script has no more to say


def test_a_chat_in_json_is_a_line_a_turn(
    script: Script, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    script("Hello!", "Here.\necho-image: a fox")
    typing(monkeypatch, "hi", "make image9 red", "a fox")
    assert main(["chat", "--json"]) == OK
    turns = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [list(turn) for turn in turns] == [
        ["text", "plan", "media", "failed", "warnings"],
        ["error"],
        ["text", "plan", "media", "failed", "warnings"],
    ]
    assert turns[2]["media"][0]["path"] == "modaverse-out/01-echo-image.png"
