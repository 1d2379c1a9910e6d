from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from engine.api import Workflow, check
from studio.base.i18n import set_language
from studio.designer.editor import Editor
from studio.designer.properties import PropertiesPane
from studio.designer.properties.table import DeclarationTable
from tests.gui.panes.conftest import Open

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
TEXT = """
rpa: 1
name: Orders
inputs:
  day: {type: date}
  many: {type: integer}
steps:
  - {id: a, activity: control.log, with: {message: "{{ inputs.day }}"}}
  - {id: b, activity: control.log, with: {message: m}}
edges: [a.next -> b]
"""


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Editor | None], PropertiesPane]:
    def show(editor: Editor | None) -> PropertiesPane:
        pane = PropertiesPane()
        qtbot.addWidget(pane)
        pane.resize(900, 900)
        pane.show_editor(editor)
        pane.show()
        return pane

    return show


def cell(table: DeclarationTable, row: int, column: int) -> QPoint:
    return table.view.visualRect(table.model.index(row, column)).center()


def write(table: DeclarationTable, row: int, column: int, text: str, qtbot: QtBot) -> None:
    QTest.mouseClick(table.view.viewport(), Left, pos=cell(table, row, column))
    QTest.mouseDClick(table.view.viewport(), Left, pos=cell(table, row, column))
    finish(table, text, qtbot)


def finish(table: DeclarationTable, text: str, qtbot: QtBot) -> None:
    field = table.view.findChild(QLineEdit)
    assert field is not None
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Key.Key_Return)
    qtbot.waitUntil(lambda: table.view.findChild(QLineEdit) is None)


def test_name_and_description_are_one_edit_each(opened: Open, shown: Callable[..., PropertiesPane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    pane.name.selectAll()
    QTest.keyClicks(pane.name, "Daily")
    QTest.keyClicks(pane.description, "At night")
    assert (editor.document.workflow.name, editor.document.workflow.description) == ("Daily", "At night")
    assert [text for text, _ in editor.document.history()] == ["Rename workflow", "Change description"]
    editor.document.undo()
    editor.document.undo()
    assert (pane.name.text(), pane.description.toPlainText()) == ("Orders", "")


def test_an_input_is_renamed_wherever_it_is_read(
    opened: Open, shown: Callable[..., PropertiesPane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    write(pane.inputs, 0, 0, "date", qtbot)
    assert editor.document.workflow.steps[0].parameters == {"message": "{{ inputs.date }}"}
    assert editor.document.undo_stack.undoText() == "Rename input"
    write(pane.inputs, 0, 0, "many", qtbot)
    assert pane.inputs.error.isVisible() and "many" in pane.inputs.error.text()
    set_language("bg")
    write(pane.inputs, 0, 0, "many", qtbot)
    assert not pane.inputs.error.text()[0].isascii()
    assert pane.inputs.model.index(0, 0).data() == "date"
    editor.document.undo()
    assert pane.inputs.model.index(0, 0).data() == "day"


def test_the_cells_of_an_input(opened: Open, shown: Callable[..., PropertiesPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    table = pane.inputs
    write(table, 1, 2, "How many", qtbot)
    write(table, 1, 4, "3", qtbot)
    box = table.view.visualRect(table.model.index(1, 3))
    QTest.mouseClick(table.view.viewport(), Left, pos=QPoint(box.left() + 12, box.center().y()))
    changed = editor.document.workflow.inputs[1]
    assert (changed.label, changed.default, changed.required) == ("How many", 3, False)
    table.view.setCurrentIndex(table.model.index(1, 1))
    QTest.keyClick(table.view, Key.Key_F2)
    choice = table.view.findChild(QComboBox)
    assert choice is not None and choice.currentText() == "Whole number"
    QTest.keyClick(choice, Key.Key_Home)
    QTest.keyClick(choice, Key.Key_Return)
    table.view.itemDelegate().commitData.emit(choice)
    assert editor.document.workflow.inputs[1].type == "text"


def test_inputs_are_added_moved_and_removed(opened: Open, shown: Callable[..., PropertiesPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    QTest.mouseClick(pane.inputs.add_button, Left)
    finish(pane.inputs, "folder", qtbot)
    names = [item.name for item in editor.document.workflow.inputs]
    assert names == ["day", "many", "folder"]
    QTest.keyClick(pane.inputs.view, Key.Key_Up, Mod.AltModifier)
    assert [item.name for item in editor.document.workflow.inputs] == ["day", "folder", "many"]
    QTest.mouseClick(pane.inputs.up_button, Left)
    assert [item.name for item in editor.document.workflow.inputs] == ["folder", "day", "many"]
    QTest.keyClick(pane.inputs.view, Key.Key_Delete)
    assert [item.name for item in editor.document.workflow.inputs] == ["day", "many"]
    texts = [text for text, _ in editor.document.history()]
    assert texts == ["Add input", "Rename input", "Move input", "Move input", "Remove input"]
    for left in (1, 0):  # what nothing can be done with is not offered
        QTest.keyClick(pane.inputs.view, Key.Key_Delete)
        assert pane.inputs.up_button.isHidden()
        assert pane.inputs.remove_button.isHidden() == (left == 0)


def test_variables_and_outputs(opened: Open, shown: Callable[..., PropertiesPane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    assert pane.variables.nothing.isVisible()
    for table, name, value in ((pane.variables, "rows", "[1, 2]"), (pane.outputs, "sum", "{{ vars.rows }}")):
        pane.area.ensureWidgetVisible(table)
        QTest.mouseClick(table.add_button, Left)
        finish(table, name, qtbot)
        write(table, 0, 1, value, qtbot)
    assert editor.document.workflow.variables == {"rows": [1, 2]}
    assert editor.document.workflow.outputs == {"sum": "{{ vars.rows }}"}
    write(pane.variables, 0, 0, "lines", qtbot)
    assert editor.document.workflow.outputs == {"sum": "{{ vars.lines }}"}


def test_settings(opened: Open, shown: Callable[..., PropertiesPane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    QTest.keyClick(pane.policy, Key.Key_End)
    pane.policy.activated.emit(pane.policy.currentIndex())
    QTest.keyClicks(pane.timeout, "5")
    QTest.keyClicks(pane.timeout, "x")
    assert pane.timeout.property("problem") is True
    assert editor.document.workflow.settings.timeout == "5"
    QTest.keyClick(pane.timeout, Key.Key_Backspace)
    QTest.keyClicks(pane.timeout, "m")
    pane.parallel.setFocus()
    QTest.keyClick(pane.parallel, Key.Key_Down)
    settings = editor.document.workflow.settings
    assert (settings.in_doubt, settings.timeout, settings.max_parallel) == ("fail", "5m", 99)
    assert pane.timeout.property("problem") is False
    for _ in range(3):
        editor.document.undo()
    assert editor.document.workflow.settings == Workflow().settings
    assert pane.timeout.text() == "" and pane.parallel.value() == 100


def test_an_error_handler_is_created_and_chosen(opened: Open, shown: Callable[..., PropertiesPane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    pane.show_section("on_error")
    QTest.mouseClick(pane.create_handler, Left)
    workflow = editor.document.workflow
    assert workflow.on_error == "log" and workflow.step("log").parameters == {"message": "{{ error.message }}"}
    assert editor.selection.only_step == "log" and not pane.create_handler.isVisible()
    assert not [problem for problem in check(workflow, editor.catalog) if problem.severity == "error"]
    assert editor.document.undo_stack.undoText() == "Create an error handler"
    assert [pane.handler.itemData(row) for row in range(pane.handler.count())] == [None, "a", "log"]
    QTest.keyClick(pane.handler, Key.Key_Home)
    pane.handler.activated.emit(pane.handler.currentIndex())
    assert editor.document.workflow.on_error is None


def test_a_handler_that_is_gone_is_still_named(opened: Open, shown: Callable[..., PropertiesPane]) -> None:
    pane = shown(opened("rpa: 1\nname: x\non_error: gone\nsteps: [{id: a, activity: control.stop}]\n"))
    assert pane.handler.currentText() == "gone (not there)"


def test_none_and_another_workflow(opened: Open, shown: Callable[..., PropertiesPane]) -> None:
    pane = shown(None)
    assert pane.nothing.isVisible() and not pane.area.isVisible()
    one, other = opened(TEXT), opened(Workflow("y"))
    pane.show_editor(one)
    assert pane.inputs.model.rowCount() == 2
    pane.show_editor(other)
    assert pane.name.text() == "y" and not pane.inputs.model.rowCount()
    assert not one.document.dirty and not other.document.dirty
