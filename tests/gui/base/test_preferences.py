"""What is preferred stays, and no broken file or full disk takes the program down."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.base.preferences import Preferences


@pytest.fixture
def file(tmp_path: Path, qapp: object) -> Path:
    return tmp_path / "home" / "studio.json"


def test_it_is_kept(file: Path, qtbot: QtBot) -> None:
    one = Preferences(file)
    with qtbot.waitSignal(one.changed) as caught:
        one.set("theme", "dark")
    assert caught.args == ["theme"]
    one.set_state("recent", ["a.rpa.yaml"])
    qtbot.waitUntil(file.is_file)
    again = Preferences(file)
    assert again.get("theme") == "dark"
    assert again.state("recent") == ["a.rpa.yaml"]
    again.reset("theme")
    assert again.get("theme") == "system"


@pytest.mark.parametrize("value", ["purple", 3, None, True])
def test_only_what_is_declared_is_taken(file: Path, value: object) -> None:
    one = Preferences(file)
    with pytest.raises(ValueError, match="theme cannot be"):
        one.set("theme", value)
    with pytest.raises(ValueError, match="text_size cannot be"):
        one.set("text_size", 20)
    with pytest.raises(KeyError):
        one.set("no_such", 1)


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"\xff\xfe\x00", b'{"preferences": 3, "state": {}}', b"[" * 100_000]
)
def test_a_broken_file_is_moved_aside(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    one = Preferences(file)
    assert one.get("theme") == "system"
    assert one.error
    assert file.with_suffix(".broken.json").read_bytes() == content
    one.set("theme", "dark")
    one.save()
    assert json.loads(file.read_text("utf-8"))["preferences"] == {"theme": "dark"}


def test_nonsense_values_are_not_taken_from_the_file(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('{"preferences": {"theme": 3, "snap": "yes", "text_size": 1000, "minimap": false}, "state": {}}')
    one = Preferences(file)
    assert (one.get("theme"), one.get("snap"), one.get("text_size"), one.get("minimap")) == ("system", True, 100, False)


def test_where_nothing_can_be_written_the_program_goes_on(tmp_path: Path, qapp: object) -> None:
    (tmp_path / "home").write_text("a file where the folder should be")
    one = Preferences(tmp_path / "home" / "studio.json")
    one.set("theme", "dark")
    one.save()
    assert one.get("theme") == "dark"
    assert one.error
