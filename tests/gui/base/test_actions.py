"""Actions as data: the context decides what can be done, keys can be changed and stay."""

from __future__ import annotations

import sys
from functools import partial

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from studio.base.actions import Action, Actions
from studio.base.keys import latin, pressed_keys, shown_keys
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


CTRL, SHIFT, NONE = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.NoModifier,
)


def key(code: int, letter: str, held: Qt.KeyboardModifier = NONE) -> QKeyEvent:
    """The key of a scan code as a layout gives it that writes `letter` with it."""
    code += 0 if sys.platform == "win32" else 8
    return QKeyEvent(QEvent.Type.KeyPress, ord(letter.upper()), held, code, 0, 0, letter)


@pytest.mark.parametrize(
    ("code", "letter", "held", "meant"),
    [
        (46, "ц", NONE, "C"),  # phonetic
        (46, "ъ", NONE, "C"),  # traditional
        (31, "я", CTRL, "Ctrl+S"),
        (44, "ю", CTRL | SHIFT, "Ctrl+Shift+Z"),
        (51, "р", CTRL, "Ctrl+,"),
        (13, "=", CTRL, "Ctrl+="),
        (16, "a", CTRL, "Ctrl+A"),  # French: a Latin letter is what it says
        (39, "ö", CTRL, "Ctrl+Ö"),
    ],
)
def test_a_letter_of_another_script_is_the_latin_one_at_its_place(
    code: int, letter: str, held: Qt.KeyboardModifier, meant: str
) -> None:
    assert QKeySequence(latin(key(code, letter, held))) == QKeySequence(meant)


def test_keys_work_where_the_layout_has_no_latin_letters(qtbot: QtBot) -> None:
    actions = Actions()
    actions.add([SAVE, Action("step.disable", "Disable", ("D",), scope="canvas"), Action("edit.undo", "", ("Ctrl+Z",))])
    window, canvas, field = QWidget(), QWidget(), QLineEdit()
    canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    layout = QVBoxLayout(window)
    layout.addWidget(canvas)
    layout.addWidget(field)
    qtbot.addWidget(window)
    done: list[str] = []
    actions.attach("window", window)
    actions.attach("canvas", canvas)
    for id in ("file.save", "step.disable", "edit.undo"):
        actions.bind(id, partial(done.append, id))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()

    def press(widget: QWidget, *events: QKeyEvent) -> list[str]:
        widget.setFocus()
        done.clear()
        for event in events:
            QApplication.sendEvent(widget, event)
        return done

    assert press(canvas, key(32, "а")) == ["step.disable"]
    assert press(canvas, key(31, "я", CTRL)) == []  # not possible without a document
    actions.set_context("document")
    assert press(canvas, key(31, "я", CTRL)) == ["file.save"]
    assert press(field, key(32, "а"), key(31, "я")) == [] and field.text() == "ая"
    assert press(field, key(31, "я", CTRL)) == ["file.save"]
    # What the field has a use for it gets.
    assert press(field, key(44, "ю", CTRL)) == [] and field.text() == ""
    assert press(canvas, key(44, "ю", CTRL)) == ["edit.undo"]


def test_enter_is_one_key(qtbot: QtBot, actions: Actions) -> None:
    window = QWidget()
    done: list[str] = []
    qtbot.addWidget(window)
    actions.attach("window", window)
    actions.add([Action("group.open", "Open", ("Ctrl+Return",))])
    actions.bind("group.open", lambda: done.append("open"))
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
        qtbot.keyClick(window, key, CTRL)
    assert done == ["open", "open"]
    assert actions.shown_keys("group.open") == shown_keys("Ctrl+Return") == "Ctrl+Enter"
    assert actions.qaction("group.open").shortcut().toString() == "Ctrl+Enter"  # as menus show it
    keypad = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Enter, CTRL | Qt.KeyboardModifier.KeypadModifier)
    assert pressed_keys(keypad) == "Ctrl+Return"
