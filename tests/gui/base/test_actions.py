"""Actions as data: the context decides what can be done, keys can be changed and stay."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.base.actions import Action, Actions
from studio.base.preferences import preferences

SAVE = Action("file.save", "Save", ("Ctrl+S",), "floppy-disk", "File", when=("document",))
DELETE = Action("edit.delete", "Delete", ("Del",), when=("document", "selection"), unless=("running",), scope="canvas")


@pytest.fixture
def actions(qapp: object) -> Actions:
    made = Actions()
    made.add([SAVE, DELETE])
    return made


def test_the_context_decides(actions: Actions) -> None:
    done: list[str] = []
    actions.bind("edit.delete", lambda: done.append("delete"))
    assert not actions.trigger("edit.delete")
    actions.set_context("document")
    actions.set_context("selection")
    assert actions.trigger("edit.delete")
    actions.set_context("running")
    assert not actions.possible("edit.delete")
    assert done == ["delete"]


def test_what_nobody_does_cannot_be_asked_for(actions: Actions) -> None:
    actions.set_context("document")
    assert not actions.possible("file.save")


def test_keys_of_the_canvas_work_only_there(actions: Actions, qtbot: QtBot) -> None:
    window, canvas, field = QWidget(), QWidget(), QLineEdit()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    layout = QVBoxLayout(window)
    layout.addWidget(canvas)
    layout.addWidget(field)
    qtbot.addWidget(window)
    done: list[str] = []
    actions.attach("window", window)
    actions.attach("canvas", canvas)
    actions.bind("file.save", lambda: done.append("save"))
    actions.bind("edit.delete", lambda: done.append("delete"))
    for name in ("document", "selection"):
        actions.set_context(name)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Delete)
    qtbot.keyClick(field, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert done == ["save"]
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Delete)
    assert done == ["save", "delete"]


def test_keys_can_be_changed_and_stay(actions: Actions) -> None:
    actions.set_keys("file.save", ("Ctrl+Alt+S",))
    again = Actions()
    again.add([SAVE, DELETE])
    assert again.keys("file.save") == ("Ctrl+Alt+S",)
    assert "Ctrl+Alt+S" in again.qaction("file.save").toolTip()
    again.set_keys("file.save", None)
    assert again.keys("file.save") == ("Ctrl+S",)
    assert preferences().state("keys") == {}


def test_a_key_meant_twice_is_told(actions: Actions) -> None:
    assert actions.conflicts("ctrl+s", but="edit.delete", scope="canvas") == ["file.save"]
    assert actions.conflicts("Ctrl+S", but="file.save") == []


@pytest.mark.parametrize("nonsense", [7, [], {"file.save": 3}, {"file.save": [None]}, {"no.such": ["A"]}])
def test_nonsense_in_the_memory_does_no_harm(nonsense: object) -> None:
    preferences().set_state("keys", nonsense)
    made = Actions()
    made.add([SAVE])
    assert made.qaction("file.save").text() == "Save"


def test_an_id_is_declared_once(actions: Actions) -> None:
    with pytest.raises(ValueError, match="twice"):
        actions.add([SAVE])
