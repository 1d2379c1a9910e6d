from __future__ import annotations

from pathlib import Path

import pytest

from engine.core import settings
from engine.core.errors import SettingsError
from studio.base.i18n import set_language, tr_sentence
from studio.settings.engine_settings import HELPS, LABELS, EngineSettings

OWN = """# my settings
log_level = "info"   # while I look for something

max_executions = 4
"""


def made(home: Path, text: str | None = None, **environment: str) -> EngineSettings:
    home.mkdir(exist_ok=True)
    if text is not None:
        (home / "settings.toml").write_text(text, "utf-8")
    return EngineSettings(settings.read(environment={"RPA_HOME": str(home), **environment}))


def test_everything_declared_has_a_name_and_a_help() -> None:
    names = {one.name for one in settings.declarations()}
    assert set(LABELS) == names and set(HELPS) == names


def test_the_choices_are_those_of_the_declarations(tmp_path: Path) -> None:
    engine = made(tmp_path)
    assert engine.choices("durability") == ("full", "process")
    assert engine.choices("log_level") == ("debug", "info", "warning", "error")
    assert engine.choices("max_executions") == () and engine.choices("home") == ()
    assert engine.is_switch("no_color") and engine.is_folder("home") and not engine.is_folder("durability")


def test_a_change_keeps_the_rest_of_the_file(tmp_path: Path) -> None:
    engine = made(tmp_path, OWN)
    engine.set("durability", "process")
    engine.set("max_executions", "8")
    assert engine.file.read_text("utf-8") == (OWN.replace("= 4", "= 8") + 'durability = "process"\n')
    again = settings.read(environment={"RPA_HOME": str(tmp_path)})
    assert (again.durability, again.max_executions, again.log_level) == ("process", 8, "info")
    engine.set("log_level", None)
    assert "log_level" not in engine.file.read_text("utf-8") and "# my settings" in engine.file.read_text("utf-8")


def test_where_a_value_comes_from_and_when_it_takes_effect(tmp_path: Path) -> None:
    engine = made(tmp_path, OWN, RPA_DURABILITY="process")
    assert engine.origin("durability") == "Set by the environment variable RPA_DURABILITY"
    assert engine.origin("log_level") == "Set in settings.toml"
    assert engine.origin("log_format") == "This is the default"
    assert engine.fixed_by("durability") and not engine.fixed_by("log_level")
    assert not any(engine.needs_restart(name) for name in engine.names())
    engine.set("log_format", "json")
    engine.set("durability", "full")
    assert [name for name in engine.names() if engine.needs_restart(name)] == ["log_format"]
    engine.set("log_format", None)
    assert not engine.needs_restart("log_format")


@pytest.mark.parametrize(
    ("name", "value"), [("max_executions", "many"), ("max_executions", 0), ("durability", "no"), ("home", "a\0b")]
)
def test_what_cannot_be_is_refused(tmp_path: Path, name: str, value: object) -> None:
    engine = made(tmp_path, OWN)
    assert engine.check(name, value).startswith("This must be ")
    with pytest.raises(SettingsError):
        engine.set(name, value)
    assert engine.file.read_text("utf-8") == OWN


def test_a_file_that_is_broken_is_not_written(tmp_path: Path) -> None:
    engine = made(tmp_path)
    engine.file.write_text("log_level = \n", "utf-8")
    engine.reload()
    assert "is not TOML" in engine.error
    with pytest.raises(SettingsError):
        engine.set("log_level", "info")
    assert engine.file.read_text("utf-8") == "log_level = \n"


def test_a_file_that_cannot_be_written_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    engine = made(tmp_path / "home")
    engine.file = tmp_path / "file" / "settings.toml"
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(SettingsError, match="cannot be written"):
        engine.set("log_level", "info")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "home"]


def test_the_file_is_the_one_that_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert made(tmp_path).file == tmp_path / "settings.toml"
    by_flag = settings.read({"home": str(tmp_path)}, {})
    assert settings.file_of(by_flag) == tmp_path / "settings.toml"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    assert settings.file_of(settings.read({}, {})).name == "settings.toml"
    assert settings.file_of(settings.read({}, {})).parent != tmp_path


def test_why_a_value_cannot_be_is_said_in_the_language_of_the_window(tmp_path: Path) -> None:
    engine = made(tmp_path / "home")
    with pytest.raises(SettingsError) as raised:
        settings.read(environment={"RPA_HOME": str(tmp_path), "RPA_MAX_EXECUTIONS": "lots"})
    set_language("bg")
    try:
        assert engine.check("max_executions", "lots") == "Трябва да е цяло число от 1 до 10000."
        assert engine.check("durability", "half") == "Трябва да е full или process."
        assert tr_sentence(raised.value.hint) == "допустимо е цяло число от 1 до 10000"
        assert engine.choices("log_level") == ("debug", "info", "warning", "error")
    finally:
        set_language("en")
