"""What `import modaverse` offers and what it must not load."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import modaverse

HEAVY = ("torch", "numpy", "PIL", "av", "soundfile", "transformers", "diffusers", "pydantic")


def loaded_after(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter holds after `code`."""
    script = f"{code}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_import_loads_no_backend() -> None:
    assert not loaded_after("import modaverse").intersection(HEAVY)


def test_media_loads_no_backend_until_used() -> None:
    assert not loaded_after("import modaverse.media, modaverse.errors").intersection(HEAVY)


def test_all_is_sorted_and_complete() -> None:
    assert len(set(modaverse.__all__)) == len(modaverse.__all__)
    assert set(modaverse.__all__) == set(modaverse._MODULE_OF) | {"__version__"}
    assert dir(modaverse) == sorted(modaverse.__all__)


@pytest.mark.parametrize("name", sorted(set(modaverse.__all__) - {"__version__"}))
def test_public_names_come_from_their_modules(name: str) -> None:
    home = importlib.import_module(modaverse._MODULE_OF[name])
    assert getattr(modaverse, name) is getattr(home, name)


def test_the_decorator_is_not_hidden_by_its_module() -> None:
    code = (
        "import modaverse.tool\n"
        "from modaverse import tool\n"
        "import modaverse.tool\n"
        "assert callable(tool) and callable(modaverse.tool), tool\n"
        "from modaverse.tool import Tool\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, timeout=60)


def test_unknown_names_are_attribute_errors() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        modaverse.Nothing  # noqa: B018
