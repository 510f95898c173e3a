"""The command line as a whole: help, usage, errors, exit codes, clean streams, speed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from modaverse import __version__, errors
from modaverse.cli import main
from modaverse.commands import ERROR, INTERRUPTED, OK, WRONG_USAGE, streams
from modaverse.extras import install_line

COMMANDS = ["run", "chat", "plan", "tools", "gallery", "doctor", "demo"]


@pytest.fixture(autouse=True)
def _no_preparation(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the test process's own streams, warnings and logging as they are."""
    monkeypatch.setattr(streams, "prepare", lambda: None)


def spoil(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let every `modaverse tools` end in an error."""

    def fail(*_: object, **__: object) -> int:
        raise error

    monkeypatch.setattr("modaverse.commands.tools.tools", fail)


def fresh(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    """The command in a process of its own; with `code`, that is run before it."""
    start = f"import sys\n{code}\nfrom modaverse.cli import main\nsys.exit(main())"
    return subprocess.run(
        [sys.executable, "-c", start, *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == OK
    assert capsys.readouterr().out == f"modaverse {__version__}\n"


@pytest.mark.parametrize("typed", [[], ["--help"], ["-h"]])
def test_help_lists_the_commands(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(typed) == OK
    shown = capsys.readouterr().out
    assert all(f"\n  {command} " in shown for command in COMMANDS)
    assert "130  stopped by Ctrl-C" in shown


@pytest.mark.parametrize("command", [*COMMANDS, "gallery show", "gallery rerun"])
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == OK
    assert "--library" in capsys.readouterr().out or command in ("plan", "tools", "doctor")


@pytest.mark.parametrize("columns", [80, 100])
@pytest.mark.parametrize("command", [*COMMANDS, "gallery show", "gallery rerun"])
def test_help_breaks_no_name_at_its_hyphen(
    command: str, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert main([*command.split(), "--help"]) == OK
    assert not [line for line in capsys.readouterr().out.splitlines() if line.endswith("-")]


@pytest.mark.parametrize(
    ("typed", "message", "hint"),
    [
        (["run"], "Missing argument 'REQUEST'.", "see modaverse run --help"),
        (["run", "x", "--frob"], "No such option: --frob", "see modaverse run --help"),
        (["frob"], "No such command 'frob'.", "see modaverse --help"),
        (["run", "x", "--seed", "many"], "Invalid value for '--seed'", "see modaverse run --help"),
        (["plan"], "either a request or --jsonl FILE", "see modaverse"),
        (["plan", "x", "--jsonl", "-"], "either a request or --jsonl FILE", "see modaverse"),
        (["gallery", "--tool", "x", "show", "y"], "options go behind the command", "see modaverse"),
    ],
)
def test_wrong_usage_is_told_in_two_lines(
    typed: list[str], message: str, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(typed) == WRONG_USAGE
    shown = capsys.readouterr()
    lines = shown.err.splitlines()
    assert shown.out == ""
    assert len(lines) == 2
    assert lines[0].startswith("error: ")
    assert message in lines[0]
    assert lines[1].startswith(f"hint: {hint}")


def test_wrong_usage_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--json"]) == WRONG_USAGE
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out)["error"]["type"] == "UsageError"


def test_errors_are_two_lines_on_stderr(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(monkeypatch, errors.BackendMissing("no torch", hint="pip install torch"))
    assert main(["tools"]) == ERROR
    assert capsys.readouterr() == ("", "error: no torch\nhint: pip install torch\n")


def test_errors_as_json_on_stdout(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(monkeypatch, errors.ConfigError(problems=["a is wrong", "ü is wrong"]))
    assert main(["tools", "--json"]) == ERROR
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out) == {
        "error": {
            "type": "ConfigError",
            "message": "the settings are wrong:\n- a is wrong\n- ü is wrong",
            "hint": "",
        }
    }


def test_a_fault_of_ours_shows_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    spoil(monkeypatch, KeyError("fox"))
    assert main(["tools"]) == ERROR
    told = capsys.readouterr().err
    assert told.startswith("error: KeyError: 'fox'\nhint: ")
    assert "MODAVERSE_DEBUG=1" in told


def test_debugging_shows_the_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODAVERSE_DEBUG", "1")
    spoil(monkeypatch, errors.LLMError("the server is gone"))
    assert main(["tools"]) == ERROR
    told = capsys.readouterr().err
    assert "Traceback" in told
    assert told.endswith("error: the server is gone\n")


def test_ctrl_c_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(monkeypatch, KeyboardInterrupt())
    assert main(["tools"]) == INTERRUPTED


def test_texts_cannot_take_over_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    streams.tell("a\x1b]0;owned\x07b\x9b2J\tc\nd")
    assert capsys.readouterr().out == "a]0;ownedb2J\tc\nd\n"


def test_help_and_version_load_nothing_heavy() -> None:
    code = (
        "import atexit\n"
        "heavy = ('torch', 'numpy', 'pydantic', 'rich', 'transformers', 'PIL', 'av')\n"
        "atexit.register(lambda: print(*[n for n in heavy if n in sys.modules], file=sys.stderr))"
    )
    done = fresh("--help", code=code)
    assert (done.returncode, done.stderr) == (OK, "\n")


def test_help_answers_at_once() -> None:
    used = min(_cpu_seconds("--help") for _ in range(3))
    assert used < 0.3  # of this process; how long a person waits depends on who else computes


def _cpu_seconds(*arguments: str) -> float:
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert fresh(*arguments).returncode == OK
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_what_libraries_say_stays_off_the_streams() -> None:
    code = (
        "import modaverse.commands.tools, logging, warnings\n"
        "def noisy(*_, **__):\n"
        "    warnings.warn('do not use me', FutureWarning)\n"
        "    logging.getLogger('transformers').warning('a model was loaded')\n"
        "    logging.getLogger('modaverse.x').warning('left out a plugin')\n"
        "    return 0\n"
        "modaverse.commands.tools.tools = noisy"
    )
    done = fresh("tools", code=code)
    assert (done.returncode, done.stdout) == (OK, "")
    assert done.stderr == "warning: left out a plugin\n"


def test_a_reader_that_goes_away_is_no_error() -> None:
    code = (
        "import modaverse.commands.tools\n"
        "def long(*_, **__):\n"
        "    for n in range(100_000): print('line', n)\n"
        "    return 0\n"
        "modaverse.commands.tools.tools = long\n"
        "from modaverse.cli import main\n"
        "sys.exit(main())"
    )
    with subprocess.Popen(
        [sys.executable, "-c", f"import sys\n{code}", "tools"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""


def test_a_tool_that_does_not_stop_does_not_keep_the_process() -> None:
    code = (
        "import modaverse.commands.tools, threading, time\n"
        "def stuck(*_, **__):\n"
        "    target = lambda: time.sleep(60)\n"
        "    threading.Thread(target=target, name='modaverse-1-stuck').start()\n"
        "    raise KeyboardInterrupt\n"
        "modaverse.commands.tools.tools = stuck"
    )
    start = time.monotonic()
    assert fresh("tools", code=code).returncode == INTERRUPTED
    assert time.monotonic() - start < 50


def test_python_m_modaverse(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "modaverse", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == f"modaverse {__version__}\n"


def test_the_demo_is_a_package_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> object:
        raise ModuleNotFoundError("No module named 'gradio'", name="gradio")

    monkeypatch.setattr("modaverse.commands.demo.import_module", absent)
    assert main(["demo"]) == ERROR
    assert f"hint: {install_line('demo')}\n" in capsys.readouterr().err


def test_an_extra_is_installed_from_where_the_package_lies(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert install_line("demo", root=tmp_path) == "pip install 'modaverse[demo]'"
    (tmp_path / "pyproject.toml").touch()
    assert install_line("demo", root=tmp_path) == f"pip install -e '{tmp_path}[demo]'"
    monkeypatch.chdir(tmp_path)
    assert install_line("demo", root=tmp_path) == "pip install -e '.[demo]'"


def test_the_demo_is_launched_with_an_agent(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    launched: list[tuple[object, int, bool]] = []

    class Apps:
        @staticmethod
        def launch(agent: object, *, port: int, browser: bool) -> None:
            launched.append((agent, port, browser))

    find: Callable[[str], object] = lambda name: Apps  # noqa: E731
    monkeypatch.setattr("modaverse.commands.demo.import_module", find)
    assert main(["demo", "--port", "0", "--library", str(tmp_path)]) == OK
    ((agent, port, browser),) = launched
    assert type(agent).__name__ == "Agent"
    assert (port, browser) == (0, False)
