"""Settings: the file, the environment, and every problem at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from modaverse.config import (
    Settings,
    build_agent,
    config_path,
    default_library,
    load_settings,
)
from modaverse.errors import ConfigError
from modaverse.llm.scripted import ScriptedLLM
from modaverse.residency import shared_residency


def written(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path | None, env: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigError) as told:
        load_settings(path, env=env)
    return [problem.message for problem in told.value.problems]


def test_without_a_file_everything_has_a_default(tmp_path: Path) -> None:
    settings = load_settings(env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert settings == Settings()
    assert settings.llm == "nano"
    assert settings.library == default_library()
    assert settings.agent.run.workers == 2


def test_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        llm = "http://127.0.0.1:8080/v1#qwen3"
        library = "~/results"
        without = ["text-to-video"]
        memory = 6
        [agent]
        max_rounds = 3
        [agent.run]
        timeout = 30
        [limits]
        max_seconds = 20.5
        """,
    )
    for settings in (
        load_settings(path, env={}),
        load_settings(env={"MODAVERSE_CONFIG": str(path)}),
    ):
        assert settings.llm == "http://127.0.0.1:8080/v1#qwen3"
        assert settings.library == Path.home() / "results"
        assert settings.without == ("text-to-video",)
        assert settings.memory == 6
        assert settings.agent.max_rounds == 3
        assert settings.agent.run.timeout == 30
        assert settings.limits.max_seconds == 20.5


def test_the_user_s_own_file_is_found(tmp_path: Path) -> None:
    env = {"XDG_CONFIG_HOME": str(tmp_path)}
    config_path(env).parent.mkdir()
    config_path(env).write_text('llm = "mine"')
    assert load_settings(env=env).llm == "mine"


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, 'llm = "file"\n[agent.run]\nworkers = 3\nretries = 1')
    env = {
        "MODAVERSE_LLM": "env",
        "MODAVERSE_LIBRARY": "",
        "MODAVERSE_WITHOUT": "text-to-video, text-to-audio",
        "MODAVERSE_AGENT__RUN__WORKERS": "5",
        "MODAVERSE_LIMITS__MAX_BYTES": "1000",
        "MODAVERSE_API_KEY": "read by the LLM itself",
        "UNRELATED": "x",
    }
    settings = load_settings(path, env=env)
    assert settings.llm == "env"
    assert settings.library is None
    assert settings.without == ("text-to-video", "text-to-audio")
    assert (settings.agent.run.workers, settings.agent.run.retries) == (5, 1)
    assert settings.limits.max_bytes == 1000


def test_every_problem_is_listed_with_its_place(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        lmm = "nano"
        device = "GPU please"
        [agent]
        max_rounds = 0
        [agent.run]
        workers = "many"
        wrokers = 2
        [limits]
        max_sconds = 3
        max_bytes = "few"
        """,
    )
    found = problems(path, {"MODAVERSE_AGENT__RUN__TIMEOUT": "-1", "MODAVERSE_NONSENSE": "1"})
    assert len(found) == 9
    for part in (
        "lmm: there is no such setting; there are agent, device",
        "nonsense: there is no such setting",
        "agent.max_rounds: should be greater than or equal to 1, not 0",
        "agent.run.workers: should be a valid integer",
        "agent.run.wrokers: there is no such setting; there are grace, retries, timeout, workers",
        "limits.max_sconds: there is no such setting",
        "limits.max_bytes: should be a valid integer",
        "device: String should match",
    ):
        assert any(part in message for message in found), (part, found)
    (timeout,) = (message for message in found if message.startswith("agent.run.timeout"))
    assert "MODAVERSE_AGENT__RUN__TIMEOUT" in timeout
    assert all(str(path) in message or "MODAVERSE_" in message for message in found)


def test_limits_below_zero_are_listed_with_the_rest(tmp_path: Path) -> None:
    path = written(tmp_path, "llm = 3\n[limits]\nmax_bytes = -1\nmax_pixels = 0")
    found = problems(path, {})
    assert len(found) == 3
    assert any("limits.max_pixels must be above 0" in message for message in found)


@pytest.mark.parametrize(
    ("env", "part"),
    [
        ({"MODAVERSE_AGENT": "x"}, "agent"),
        ({"MODAVERSE_LLM": "a", "MODAVERSE_LLM__X": "b"}, "llm is not a table"),
        ({"MODAVERSE_LIMITS": "x"}, "limits: must be a table"),
    ],
)
def test_variables_that_do_not_fit(tmp_path: Path, env: dict[str, str], part: str) -> None:
    assert any(part in message for message in problems(written(tmp_path, ""), env))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, "llm = ")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_settings(path, env={})
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="is not TOML"):
        load_settings(path, env={})
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings(tmp_path, env={})
    with pytest.raises(ConfigError, match="no settings file"):
        load_settings(env={"MODAVERSE_CONFIG": str(tmp_path / "absent.toml")})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings().llm = "other"  # type: ignore[misc]


def test_an_agent_from_settings(tmp_path: Path) -> None:
    settings = Settings(library=tmp_path, without=("text-to-video",), memory=2.0, device="cuda:1")
    agent = build_agent(settings, llm=ScriptedLLM(["Hello."]))
    assert "text-to-video" not in agent.toolbox
    assert agent.library is not None
    assert agent.library.root == tmp_path
    assert agent.residency.budget == 2_000_000_000
    assert agent.residency.device == "cuda:1"
    assert agent.chat("Hi").text == "Hello."


def test_an_agent_without_library_and_limits_on_memory() -> None:
    agent = build_agent(Settings(library=None))
    assert agent.library is None
    assert agent.residency is shared_residency("cpu")


def test_other_models_behind_tools() -> None:
    settings = Settings(library=None, models={"text-to-image": "some/model"})
    tool = build_agent(settings).toolbox["text-to-image"]
    assert getattr(tool, "model", None) == "some/model"


@pytest.mark.parametrize(
    "changes", [{"without": ("text-to-smell",)}, {"models": {"text-to-smell": "x"}}]
)
def test_tools_to_leave_out_or_change_must_exist(changes: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="no tool 'text-to-smell'"):
        build_agent(Settings(library=None, **changes))
