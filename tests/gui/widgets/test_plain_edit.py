"""The undo of a field lasts as long as there is something in it to undo; then it is the document's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.widgets.plain_edit import PlainEdit

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def edit(qtbot: QtBot) -> Iterator[PlainEdit]:
    window = QWidget()
    column = QVBoxLayout(window)
    made = PlainEdit(window)
    column.addWidget(made)
    column.addWidget(QLineEdit(window))
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    made.setFocus()
    yield made


def test_undo_is_the_fields_own_first_and_then_the_documents(qtbot: QtBot, edit: PlainEdit) -> None:
    undone: list[bool] = []
    shortcut = QShortcut(QKeySequence.StandardKey.Undo, edit.window())
    shortcut.activated.connect(lambda: undone.append(True))
    qtbot.keyClicks(edit, "ab")
    qtbot.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert (edit.text(), undone) == ("", [])
    qtbot.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert undone == [True]


def test_a_field_forgets_its_history_when_it_is_left(qtbot: QtBot, edit: PlainEdit) -> None:
    qtbot.keyClicks(edit, "ab")
    other = edit.window().findChild(QLineEdit)
    assert isinstance(other, QLineEdit)
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    edit.setFocus()
    qtbot.keyClick(edit, Qt.Key.Key_Z, CONTROL)
    assert edit.text() == "ab"


def test_only_what_a_person_does_is_told(qtbot: QtBot, edit: PlainEdit) -> None:
    told: list[str] = []
    edit.text_edited.connect(told.append)
    edit.set_text("one\u00a0two")
    qtbot.keyClicks(edit, "x")
    with edit.quietly():
        edit.insertPlainText("y")
    assert told == ["xone\u00a0two"] and edit.text() == "xyone\u00a0two"
