"""The wheel: what is in it, and that it works outside the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from modaverse.media import Image

ROOT = Path(__file__).parents[1]
PACKAGES = {
    "modaverse": ROOT / "modaverse",
    "modaverse_tools": ROOT / "tools" / "modaverse_tools",
    "modaverse_training": ROOT / "training" / "modaverse_training",
    "modaverse_apps": ROOT / "apps" / "modaverse_apps",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that holds what installing the wheel would put beside other packages."""
    folder = tmp_path_factory.mktemp("installed")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def outside(installed: Path, folder: Path, *arguments: str) -> str:
    """The output of Python, run in `folder`, that finds the installed wheel before the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout


def test_top_level_names(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.split("/")[0] for name in archive.namelist()}
    (metadata,) = (name for name in names if name.endswith(".dist-info"))
    assert names - {metadata} == set(PACKAGES)


def test_no_folder_above_the_packages_is_a_package() -> None:
    assert not [path for path in PACKAGES.values() if (path.parent / "__init__.py").exists()]


def test_every_tracked_file_of_the_packages_is_in_it(wheel: Path) -> None:
    """Weights, lists of words and the mark of a typed package, too."""
    with zipfile.ZipFile(wheel) as archive:
        present = set(archive.namelist())
    for name, folder in PACKAGES.items():
        listed = subprocess.run(
            ["git", "ls-files", "-z", "."], cwd=folder, check=True, capture_output=True, text=True
        )
        wanted = {f"{name}/{file}" for file in listed.stdout.split("\0") if file}
        deleted = {path for path in wanted if not (folder / path.split("/", 1)[1]).exists()}
        assert wanted - deleted <= present
    assert "modaverse/py.typed" in present


def test_metadata(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        read = {
            name.split("/", 1)[1]: archive.read(name).decode()
            for name in archive.namelist()
            if ".dist-info/" in name
        }
    assert "License-Expression: Apache-2.0" in read["METADATA"]
    assert "Apache License" in read["licenses/LICENSE"]
    assert "modaverse = modaverse.cli:main" in read["entry_points.txt"]


def test_extras_and_pins_agree() -> None:
    """Every requirement is pinned, and nothing is pinned that nobody asks for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert {"demo", "serve", "train", "langchain", "whisper", "ray", "all", "dev"} <= set(extras)
    pinned = {
        line.split("==")[0].lower().replace("_", "-")
        for line in (ROOT / "constraints.txt").read_text().splitlines()
        if line and not line.startswith("#")
    }
    asked = [*project["dependencies"], *(each for extra in extras.values() for each in extra)]
    names = {each.split(">")[0].split("[")[0].lower() for each in asked} - {"modaverse"}
    assert names - pinned <= {"python-multipart", "trackio", "uvicorn"}
    assert pinned - names <= {"huggingface-hub", "tokenizers"}
    assert not [name for name in names if name in ("torchvision", "torchaudio")]


def test_it_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    script = (
        "import modaverse, modaverse_tools, numpy\n"
        "from modaverse import Image, Toolbox\n"
        "print(modaverse.__file__)\n"
        "print(modaverse_tools.__file__)\n"
        "print(Image.load(numpy.zeros((4, 6))).face())\n"
        "print(len(Toolbox.default()) >= 7)\n"
    )
    lines = outside(installed, tmp_path, "-c", script).splitlines()
    assert Path(lines[0]) == installed / "modaverse" / "__init__.py"
    assert Path(lines[1]) == installed / "modaverse_tools" / "__init__.py"
    assert lines[2:] == ["image, 6x4", "True"]


def test_the_command_works_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    assert "plan" in outside(installed, tmp_path, "-m", "modaverse", "--help")
    assert not list(tmp_path.iterdir())


def test_it_makes_a_picture_outside_the_checkout(installed: Path, tmp_path: Path) -> None:
    """With the weights of the wheel: the request is planned and painted by what was built."""
    said = json.loads(
        outside(installed, tmp_path, "-m", "modaverse", "run", "Draw a fox", "--json")
    )
    (made,) = said["media"]
    picture = Image.load(tmp_path / made["path"])
    assert picture.array.shape == (256, 256, 3)
    assert picture.array.std() > 5  # something is painted
    assert not said["failed"]
