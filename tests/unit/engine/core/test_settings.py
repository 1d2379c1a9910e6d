"""A flag beats a variable beats the file beats the default; a bad value names its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.core import settings
from engine.core.errors import SettingsError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / settings.FILE).write_text('durability = "process"\nmax_executions = 3\nlog_level = "info"\n', "utf-8")
    return tmp_path


def test_the_order_of_the_places(home: Path) -> None:
    found = settings.read(
        {"home": str(home), "log_level": "error", "no_color": None},
        {"RPA_MAX_EXECUTIONS": "5", "RPA_LOG_LEVEL": "debug", "RPA_HOME": "/elsewhere"},
    )
    assert (found.home, found.durability, found.max_executions, found.log_level) == (home, "process", 5, "error")
    assert found.no_color is False
    assert found.origin["home"] == "--home"
    assert found.origin["durability"] == f"{home / settings.FILE}: durability"
    assert found.origin["max_executions"] == "the environment variable RPA_MAX_EXECUTIONS"
    assert found.origin["no_color"] == settings.DEFAULT


def test_without_a_home_the_platform_has_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "RPA_HOME"):
        monkeypatch.delenv(name, raising=False)
    found = settings.read({}, {})
    assert found.home.is_relative_to(tmp_path)
    assert found.origin["home"] == settings.DEFAULT


def test_the_file_may_name_the_home(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text(f"home = {str(tmp_path / 'data')!r}\n", "utf-8")
    assert settings.read({}, {}, file=file).home == tmp_path / "data"


def test_a_relative_home_starts_at_the_current_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert settings.read({"home": "here"}, {}).home == tmp_path / "here"


@pytest.mark.parametrize(
    ("name", "value", "place", "allowed"),
    [
        ("RPA_DURABILITY", "half", "RPA_DURABILITY cannot be 'half'", "full or process"),
        ("RPA_MAX_EXECUTIONS", "0", "RPA_MAX_EXECUTIONS cannot be '0'", "from 1 to 10000"),
        ("RPA_MAX_EXECUTIONS", "9" * 30, "RPA_MAX_EXECUTIONS", "from 1 to 10000"),
        ("RPA_MAX_EXECUTIONS", "٣", "RPA_MAX_EXECUTIONS", "a whole number"),
        ("RPA_NO_COLOR", "maybe", "RPA_NO_COLOR", "true or false"),
        ("RPA_HOME", "  ", "RPA_HOME", "a folder"),
        ("RPA_HOME", "a\0b", "RPA_HOME", "a folder"),
    ],
)
def test_a_bad_variable(tmp_path: Path, name: str, value: str, place: str, allowed: str) -> None:
    with pytest.raises(SettingsError) as error:
        settings.read({}, {"RPA_HOME": str(tmp_path), name: value})
    assert place in error.value.message
    assert allowed in error.value.hint


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("durability = ", "is not TOML"),
        ("durability = 7", "durability cannot be '7'"),
        ("max_executions = true", "max_executions cannot be 'True'"),
        ("colour = true", "there is no setting 'colour'"),
        ("\x00", "is not TOML"),
    ],
)
def test_a_bad_file(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / settings.FILE
    file.write_text(content, "utf-8")
    with pytest.raises(SettingsError) as error:
        settings.read({"home": str(tmp_path)}, {})
    assert str(file) in error.value.message
    assert message in error.value.message
    assert error.value.hint


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    (tmp_path / settings.FILE).write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="is not TOML"):
        settings.read({"home": str(tmp_path)}, {})


def test_a_home_that_is_a_file(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    for home in (taken, taken / "below"):
        with pytest.raises(SettingsError, match="there is a file of that name") as error:
            settings.read({"home": str(home)}, {}).make_home()
        assert "--home" in error.value.hint


def test_the_home_is_made(tmp_path: Path) -> None:
    found = settings.read({"home": str(tmp_path / "a" / "b")}, {})
    found.make_home()
    found.make_home()
    assert found.home.is_dir()
    assert found.store.parent == found.logs.parent == found.home
