"""`modaverse tools new`: a package that passes its own test, the linter and the types."""

from __future__ import annotations

import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from modaverse.errors import LibraryError, ModaVerseError, RequestError, ToolDefinitionError
from modaverse.media import MODALITIES
from modaverse.scaffold import LONGEST_NAME, write_package

ROOT = Path(__file__).parents[1]


def run(*command: str | Path, folder: Path = ROOT) -> str:
    """What a tool of the development extra says; it must not fail."""
    typed = [sys.executable, "-m", *map(str, command)]
    done = subprocess.run(
        typed, capture_output=True, text=True, cwd=folder, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """One package for each output; their names are as long as a name may be."""
    folder = tmp_path_factory.mktemp("packages")
    return {
        output: write_package(
            f"{output}-maker-".ljust(LONGEST_NAME, "x"), output=output, folder=folder / output
        )
        for output in MODALITIES
    }


def test_each_package_passes_its_own_test(packages: dict[str, Path]) -> None:
    """In one process: each brings tests and a tool of its own name."""
    config = next(iter(packages.values())) / "pyproject.toml"
    paths = [f"pythonpath={' '.join(map(str, packages.values()))}"]
    tests = [folder / "tests" for folder in packages.values()]
    told = run("pytest", "-q", "-p", "no:cacheprovider", "-c", config, "-o", *paths, *tests)
    assert f"{6 * len(packages)} passed" in told


def test_the_linter_and_the_types_have_nothing_to_say(packages: dict[str, Path]) -> None:
    for folder in packages.values():
        run("ruff", "check", "--no-cache", ".", folder=folder)
        run("ruff", "format", "--check", "--no-cache", ".", folder=folder)
    # strict, with the settings of this repository: what it has checked itself is not read anew
    run("mypy", *(part for folder in packages.values() for part in folder.glob("[mt]*")))


def test_the_package_builds_and_offers_its_tool(tmp_path: Path) -> None:
    folder = write_package("qr_code", folder=tmp_path / "package")
    run("hatchling", "build", "-t", "wheel", "-d", tmp_path, folder=folder)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        file.extractall(tmp_path / "installed")
        assert "modaverse_qr_code/py.typed" in file.namelist()
    code = "from modaverse.toolbox import Toolbox; print(*Toolbox.default())"
    command = f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {code}"
    done = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.split()[-1] == "qr-code"


def test_every_file_bears_the_name(tmp_path: Path) -> None:
    folder = write_package("GlitchArt", output="video", folder=tmp_path / "here")
    texts = {path.name: path.read_text() for path in folder.rglob("*") if path.is_file()}
    assert sorted(texts) == [
        "README.md", "__init__.py", "py.typed", "pyproject.toml", "test_glitch_art.py",
    ]  # fmt: skip
    assert "def glitch_art(" in texts["__init__.py"]
    points = tomllib.loads(texts["pyproject.toml"])["project"]["entry-points"]
    assert points == {"modaverse.tools": {"glitch-art": "modaverse_glitch_art:glitch_art"}}
    assert not [name for name, text in texts.items() if "new-tool" in text or "new_tool" in text]


def test_the_folder_is_named_after_the_tool(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert write_package("qr-code") == Path("modaverse-qr-code")
    assert (tmp_path / "modaverse-qr-code" / "pyproject.toml").is_file()


@pytest.mark.parametrize(
    ("name", "output", "error", "message"),
    [
        ("", "image", ToolDefinitionError, "cannot name a tool"),
        ("9lives", "image", ToolDefinitionError, "cannot name a tool"),
        ("../etc", "image", ToolDefinitionError, "cannot name a tool"),
        ("grün", "image", ToolDefinitionError, "cannot name a tool"),
        ("x" * (LONGEST_NAME + 1), "image", ToolDefinitionError, "characters"),
        ("class", "image", ToolDefinitionError, "something else in Python"),
        ("tool", "image", ToolDefinitionError, "something else in Python"),
        ("round", "audio", ToolDefinitionError, "something else in Python"),
        ("text-to-image", "image", ToolDefinitionError, "built-in"),
        ("fox", "smell", RequestError, "no modality 'smell'"),
    ],
)
def test_what_cannot_be_written_is_told_before_anything_is(
    tmp_path: Path, name: str, output: str, error: type[ModaVerseError], message: str
) -> None:
    with pytest.raises(error, match=message) as caught:
        write_package(name, output=output, folder=tmp_path / "new")
    assert caught.value.hint
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("mine")
    with pytest.raises(RequestError, match="there already"):
        write_package("fox", folder=tmp_path)
    with pytest.raises(RequestError, match="there already"):
        write_package("fox", folder=tmp_path / "README.md")
    assert [path.name for path in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LibraryError, match="cannot be written"):
        write_package("fox", folder=tmp_path / "file" / "package")
