"""The fields that forms are made of, by themselves."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu, QWidget

from studio.base.preferences import preferences
from studio.base.theme import theme
from studio.widgets.cells import Column
from studio.widgets.code_edit import CodeEdit
from studio.widgets.highlighter import language
from studio.widgets.section import Section
from studio.widgets.segmented import Segmented
from studio.widgets.switch import Switch
from studio.widgets.table_edit import TableEdit
from tests.gui.forms.conftest import type_keys


def shown(widget: QWidget, qtbot: Any) -> Any:
    qtbot.addWidget(widget)
    widget.show()
    widget.activateWindow()
    qtbot.waitUntil(widget.isActiveWindow)
    widget.setFocus()
    return widget


@pytest.fixture
def code(qtbot: Any) -> CodeEdit:
    made = CodeEdit("python")
    made.resize(400, 300)
    found: CodeEdit = shown(made, qtbot)
    return found


def test_code_indents_and_unindents(code: CodeEdit) -> None:
    told: list[str] = []
    code.text_edited.connect(told.append)
    type_keys(code, "def f():\nreturn 1")
    assert code.text() == "def f():\n    return 1" == told[-1]
    QTest.keyClick(code, Qt.Key.Key_Home)
    QTest.keyClick(code, Qt.Key.Key_Backspace)
    assert code.text() == "def f():\nreturn 1"
    QTest.keyClick(code, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(code, Qt.Key.Key_Tab)
    assert code.text() == "    def f():\n    return 1"
    QTest.keyClick(code, Qt.Key.Key_Backtab, Qt.KeyboardModifier.ShiftModifier)
    assert code.text() == "def f():\nreturn 1"
    QTest.keyClick(code, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert code.text() == "# def f():\n# return 1"
    QTest.keyClick(code, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert code.text() == "def f():\nreturn 1"


def test_code_from_outside_keeps_the_cursor_and_tells_nothing(code: CodeEdit) -> None:
    code.set_text("one\ntwo\nthree")
    code.go_to(2, 3)
    told: list[str] = []
    code.text_edited.connect(told.append)
    code.set_text("one\ntwo\nthree\nfour")
    assert code.textCursor().position() == 6 and told == []
    code.go_to(99, 99)
    assert code.textCursor().blockNumber() == 3


def test_characters_that_look_alike_are_kept_apart(code: CodeEdit) -> None:
    text = "a\xa0b\u2028c\td"
    code.set_text(text)
    assert code.text() == text


def test_marks_are_drawn_and_explained(code: CodeEdit) -> None:
    code.set_text("a\nb\nc")
    code.set_marks({2: ("error", "This is wrong."), 99: ("warning", "Nowhere.")})
    assert any(one.cursor.blockNumber() == 1 for one in code.extraSelections())
    code.repaint()
    assert code.grab().width() == code.width()


def test_a_click_beside_a_line_goes_there(code: CodeEdit, qtbot: Any) -> None:
    code.set_text("a\nb\nc\nd")
    line = code.fontMetrics().height()
    qtbot.mouseClick(code._gutter, Qt.MouseButton.LeftButton, pos=QPoint(4, int(line * 2.6)))
    assert code.textCursor().blockNumber() == 2


@pytest.mark.parametrize("name", ["python", "shell", "json", "sql", "yaml", "regex", "markdown", "bash", "py"])
def test_every_language_is_coloured_without_changing_a_letter(name: str, qtbot: Any) -> None:
    assert language(name) is not None
    text = (
        '"""a\nb""" \'x\' # c\ndef f(x): return 12.5 -- {"a": [true, null]}\n/* SELECT\n1 */ - a: b\n```\nx\n```\n'
        "{{ steps.a.output }} (?P<n>[a-z]+) **bold** $HOME --flag " + "x" * 30_000
    )
    made = CodeEdit(name)
    qtbot.addWidget(made)
    made.set_text(text)
    assert made.text() == text
    theme().changed.emit()


def test_an_unknown_language_is_plain(qtbot: Any) -> None:
    assert language("cobol") is None
    made = CodeEdit("cobol")
    qtbot.addWidget(made)
    made.set_text("MOVE 1 TO X")
    made.set_language("sql")
    assert made.text() == "MOVE 1 TO X"


def test_a_section_folds_with_mouse_and_keys_and_remembers(qtbot: Any) -> None:
    built: list[int] = []

    def build(section: Section) -> None:
        built.append(1)
        section.add(QLabel("inside"))

    made = Section("If it fails", expanded=False, name="test", build=build)
    shown(made, qtbot)
    assert built == [] and made.body.isHidden()
    qtbot.mouseClick(made._header, Qt.MouseButton.LeftButton)
    assert built == [1] and not made.body.isHidden()
    QTest.keyClick(made._header, Qt.Key.Key_Left)
    assert made.body.isHidden()
    QTest.keyClick(made._header, Qt.Key.Key_Space)
    assert not made.body.isHidden() and built == [1]
    assert preferences().state("section.test") is True
    again = Section("If it fails", expanded=False, name="test")
    qtbot.addWidget(again)
    assert again.expanded


def test_segments_walk_with_the_arrows(qtbot: Any) -> None:
    made = Segmented(["One", "Two", "Three"])
    made.resize(300, 30)
    shown(made, qtbot)
    told: list[int] = []
    made.picked.connect(told.append)
    made.set_ghost(1)
    assert made.index == -1 and made.spoken().value == "Two"
    QTest.keyClick(made, Qt.Key.Key_Right)
    QTest.keyClick(made, Qt.Key.Key_Left)
    QTest.keyClick(made, Qt.Key.Key_Left)
    QTest.keyClick(made, Qt.Key.Key_Left)
    assert told == [2, 1, 0] and made.index == 0
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(290, 10))
    assert told[-1] == 2
    made.set_index(7)
    assert made.index == -1


def test_segments_without_room_are_a_list(qtbot: Any) -> None:
    made = Segmented(["Fail the execution", "Skip the row", "Repair it"])
    made.resize(made.narrowest, 30)
    shown(made, qtbot)
    assert not made.folded and made.minimumSizeHint().width() < made.narrowest / 2
    made.resize(120, 30)
    assert made.folded
    told: list[int] = []
    made.picked.connect(told.append)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(menu.actions()[1]).center())
    assert told == [1] and made.index == 1
    QTest.keyClick(made, Qt.Key.Key_Down)
    assert told == [1, 2]


def test_a_switch_is_switched_with_space(qtbot: Any) -> None:
    made = shown(Switch(), qtbot)
    QTest.keyClick(made, Qt.Key.Key_Space)
    assert made.isChecked()
    qtbot.waitUntil(lambda: made._place == 1.0)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
    assert not made.isChecked()


@pytest.fixture
def table(qtbot: Any) -> TableEdit:
    made = TableEdit([Column("a", ghost="Type to add"), Column("b", ("x", "y"))], extensible=True)
    made.resize(320, 300)
    found: TableEdit = shown(made, qtbot)
    return found


def test_an_empty_table_is_only_a_button(table: TableEdit, qtbot: Any) -> None:
    assert table.view.isHidden() and table.rows() == []
    qtbot.mouseClick(table.add, Qt.MouseButton.LeftButton)
    assert not table.view.isHidden()
    type_keys(QApplication.focusWidget(), "one\n")
    qtbot.waitUntil(lambda: table.rows() == [["one", ""]])
    table.set_rows([])
    assert table.view.isHidden()


def test_cells_are_cleared_rows_moved_and_removed(table: TableEdit) -> None:
    told: list[int] = []
    table.edited.connect(lambda: told.append(1))
    table.set_rows([["1", "x"], ["2", "y"], ["3", ""]])
    assert told == []
    table.view.setFocus()
    table.view.go_to(0, 0)
    QTest.keyClick(table.view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [row[0] for row in table.rows()] == ["2", "1", "3"]
    QTest.keyClick(table.view, Qt.Key.Key_Delete)
    assert table.rows()[1] == ["", "x"]
    QTest.keyClick(table.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert [row[0] for row in table.rows()] == ["2", "3"]
    table.view.go_to(2, 0)
    QTest.keyClick(table.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    assert len(table.rows()) == 2
    assert len(told) == 3


def test_columns_are_added_renamed_and_removed(table: TableEdit) -> None:
    table.set_rows([["1", "x"]])
    table.add_column()
    type_keys(QApplication.focusWidget(), "region\n")
    assert table.columns() == ["a", "b", "region"]
    table.model.rename(2, "a")
    assert table.columns()[2] == "region"
    table.model.remove_column(0)
    assert table.columns() == ["b", "region"] and table.rows() == [["x", ""]]


def test_more_is_pasted_than_there_is_room_for(table: TableEdit) -> None:
    table.set_rows([["1", "x"]])
    table.view.setFocus()
    table.view.go_to(0, 1)
    QGuiApplication.clipboard().setText("p\tq\r\nr\ts\r\n")
    QTest.keyClick(table.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(table.columns()) == 3
    assert table.rows() == [["1", "p", "q"], ["", "r", "s"]]
    QGuiApplication.clipboard().clear()
    QTest.keyClick(table.view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(table.rows()) == 2


def test_a_broken_clipboard_breaks_nothing(table: TableEdit) -> None:
    table.set_rows([["1", "x"]])
    table.view.go_to(0, 0)
    QGuiApplication.clipboard().setText('"never closed\ta\nb' + "\t" * 300)
    table.view.paste()
    assert table.rows()


def test_cut_takes_the_cells_along(table: TableEdit) -> None:
    table.set_rows([["1", "x"], ["2", "y"]])
    table.view.setFocus()
    table.view.go_to(0, 0)
    QTest.keyClick(table.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClick(table.view, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "1\tx"
    assert table.rows() == [["", ""], ["2", "y"]]
