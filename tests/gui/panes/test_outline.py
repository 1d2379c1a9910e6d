from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from PySide6.QtCore import QModelIndex, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from engine.api import Edge, Problem, Step, Workflow
from studio.designer import edits
from studio.designer.canvas.live import StepLive
from studio.designer.editor import Editor
from studio.designer.outline import OutlinePane
from studio.designer.outline.tree import Key as RowKey
from studio.designer.run.model import RunModel
from studio.designer.selection import Selected
from tests.gui.panes.conftest import Open

Key, Mod, Left = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton.LeftButton
TEXT = """
rpa: 1
name: x
on_error: tell
steps:
  - {id: read, activity: files.read, with: {path: a}, label: Read orders}
  - {id: each, activity: control.foreach, with: {items: [1]}}
  - {id: write, activity: files.write, with: {path: a, text: b}, disabled: true}
  - {id: tell, activity: control.log, with: {message: m}}
edges: [read.next -> each, each.body -> write]
layout:
  notes: [{id: n, text: "# Late"}]
  frames: [{id: f, title: Far, x: 9000, y: 9000}]
"""


@pytest.fixture
def shown(qtbot: QtBot) -> Callable[[Editor | None], OutlinePane]:
    def show(editor: Editor | None) -> OutlinePane:
        pane = OutlinePane()
        qtbot.addWidget(pane)
        pane.resize(260, 400)
        pane.show()
        pane.show_editor(editor)
        return pane

    return show


def lines(pane: OutlinePane, parent: QModelIndex | None = None, indent: str = "") -> list[str]:
    found = []
    parent = parent or QModelIndex()
    for row in range(pane.model.rowCount(parent)):
        index = pane.model.index(row, 0, parent)
        found.append(indent + index.data())
        found += lines(pane, index, indent + "  ")
    return found


def step(pane: OutlinePane, id: str) -> QModelIndex:
    return pane.model.index_of(("step", id))


def reads(pane: OutlinePane, key: RowKey, text: str) -> bool:
    return bool(pane.model.index_of(key).data() == text)


def click(pane: OutlinePane, index: QModelIndex, modifiers: Qt.KeyboardModifier = Mod.NoModifier) -> None:
    place: QPoint = pane.view.visualRect(index).center()
    QTest.mouseClick(pane.view.viewport(), Left, modifiers, place)


def test_it_mirrors_the_workflow(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    pane = shown(opened(TEXT))
    assert lines(pane) == [
        "Read orders", "For each", "  Write text file", "Far", "Error handler", "  Write to the log", "Notes", "  Late",
    ]  # fmt: skip
    assert pane.view.isExpanded(step(pane, "each"))


def test_an_edit_changes_only_its_rows(opened: Open, shown: Callable[..., OutlinePane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    pane.view.setExpanded(step(pane, "each"), False)
    inserted: list[int] = []
    removed: list[int] = []
    pane.model.rowsInserted.connect(lambda parent, first, last: inserted.append(last - first + 1))
    pane.model.rowsRemoved.connect(lambda parent, first, last: removed.append(last - first + 1))
    workflow, _ = edits.add_step(editor.document.workflow, editor.catalog, "files.copy", 0, 0, source=("each", "done"))
    editor.document.edit("Add", workflow)
    assert (inserted, removed) == ([1], [])
    assert lines(pane)[:4] == ["Read orders", "For each", "  Write text file", "Copy file"]
    assert not pane.view.isExpanded(step(pane, "each"))
    editor.document.undo()
    assert (inserted, removed) == ([1], [1])


def test_selecting_here_selects_on_the_canvas_and_the_other_way(
    opened: Open, shown: Callable[..., OutlinePane]
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    click(pane, step(pane, "read"))
    assert editor.selection.only_step == "read"
    click(pane, step(pane, "write"), Mod.ControlModifier)
    assert editor.selection.steps == {"read", "write"}
    QTest.keyClick(pane.view, Key.Key_Home)
    QTest.keyClick(pane.view, Key.Key_Down)
    assert editor.selection.only_step == "each"
    editor.selection.set(Selected(steps=frozenset({"write"}), notes=frozenset({"n"})))
    assert {index.data() for index in pane.view.selectionModel().selectedRows()} == {"Write text file", "Late"}
    editor.selection.select_steps(["tell"])
    assert pane.view.currentIndex() == step(pane, "tell")
    editor.selection.set(Selected(edges=frozenset({Edge("read", "next", "each")})))
    assert not pane.view.selectionModel().selectedRows() and editor.selection.value.edges


def test_f2_renames_a_step_and_undo_takes_it_back(
    opened: Open, shown: Callable[..., OutlinePane], qtbot: QtBot
) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    cases: list[tuple[RowKey, str, str]] = [
        (("step", "read"), "Read all", "Read orders"),
        (("frame", "f"), "Away", "Far"),
    ]
    for key, typed, undone in cases:
        index = pane.model.index_of(key)
        pane.view.setFocus()
        click(pane, index)
        QTest.keyClick(pane.view, Key.Key_F2)
        field = pane.view.findChild(QLineEdit)
        assert field is not None and field.text() == undone
        field.selectAll()
        QTest.keyClicks(field, typed)
        QTest.keyClick(field, Key.Key_Return)
        qtbot.waitUntil(partial(reads, pane, key, typed))
        assert editor.document.undo_stack.count() == 1
        editor.document.undo()
        assert pane.model.index_of(key).data() == undone
        qtbot.waitUntil(lambda: pane.view.findChild(QLineEdit) is None)


def test_a_note_is_not_renamed_here(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    pane = shown(opened(TEXT))
    click(pane, pane.model.index_of(("note", "n")))
    QTest.keyClick(pane.view, Key.Key_F2)
    assert pane.view.findChild(QLineEdit) is None


def test_delete_deletes_what_is_selected_and_goes_on_beside_it(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    click(pane, step(pane, "read"))
    QTest.keyClick(pane.view, Key.Key_Delete)
    assert [one.id for one in editor.document.workflow.steps] == ["each", "write", "tell"]
    assert editor.document.workflow.edges == (Edge("each", "body", "write"),)
    assert editor.document.undo_stack.undoText() == "Delete 1 item"
    assert pane.view.currentIndex() == step(pane, "each")


def test_enter_shows_the_step_on_the_canvas(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    editor = opened(TEXT)
    editor.resize(600, 400)
    editor.show()
    pane = shown(editor)
    click(pane, step(pane, "tell"))
    QTest.keyClick(pane.view, Key.Key_Return)
    box = editor.scene.box("tell")
    assert editor.view.mapToScene(editor.view.viewport().rect()).boundingRect().contains(box.center())


def test_screen_readers_hear_state_and_problems(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    editor.document.set_problems((Problem("error", "x", "the path is empty", step="read"),))
    said = Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.AccessibleDescriptionRole
    assert step(pane, "read").data(said[0]) == "Read orders, Read text file, 1 problem"
    assert "the path is empty" in step(pane, "read").data(said[1])
    assert step(pane, "write").data(said[0]) == "Write text file, disabled"
    assert pane.model.index_of(("handler", "")).data(said[0]) == "Error handler"


def test_a_run_shows_in_the_rows(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    run = RunModel("1", editor.document.workflow, editor.document.plan)
    pane.show_run(run)
    told: list[str] = []
    pane.model.dataChanged.connect(lambda first, last: told.append(first.data()))
    failed = run._steps["read"] = StepLive("failed", message="There is no file.")
    run.live_changed.emit({"read": failed}, {})
    assert told == ["Read orders"]
    said = step(pane, "read").data(Qt.ItemDataRole.AccessibleTextRole)
    assert said == "Read orders, Read text file, failed"
    assert "There is no file." in step(pane, "read").data(Qt.ItemDataRole.AccessibleDescriptionRole)
    pane.show_run(None)
    assert step(pane, "read").data(Qt.ItemDataRole.AccessibleTextRole) == "Read orders, Read text file"
    run.close()


def test_the_filter_keeps_what_it_stands_under(opened: Open, shown: Callable[..., OutlinePane], qtbot: QtBot) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    editor.selection.select_steps(["read"])
    QTest.keyClicks(pane.search, "text file wri")
    qtbot.waitUntil(lambda: lines(pane) == ["For each", "  Write text file"])
    assert editor.selection.only_step == "read"
    QTest.keyClicks(pane.search, "zzz")
    qtbot.waitUntil(lambda: pane.nothing.isVisible())
    assert "zzz" in pane.nothing.title.text()
    QTest.keyClick(pane.search, Key.Key_Escape)
    qtbot.waitUntil(lambda: len(lines(pane)) == 8)


def test_what_happened_while_it_was_hidden_is_caught_up(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    editor = opened(TEXT)
    pane = shown(editor)
    pane.hide()
    editor.document.edit("Delete", edits.delete(editor.document.workflow, ["read"]))
    editor.selection.select_steps(["tell"])
    pane.show()
    assert lines(pane)[0] == "For each"
    assert pane.view.currentIndex() == step(pane, "tell")


def test_another_workflow_and_none(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    one, other = opened(TEXT), opened(Workflow("y"))
    pane = shown(one)
    pane.show_editor(other)
    assert not lines(pane) and pane.nothing.title.text() == "Add the first step."
    one.document.edit("Delete", edits.delete(one.document.workflow, ["read"]))
    assert not lines(pane)
    pane.show_editor(None)
    assert pane.nothing.title.text() == "No workflow is open."


def test_five_thousand_steps(opened: Open, shown: Callable[..., OutlinePane]) -> None:
    steps = tuple(Step(f"s{number}", "control.log", {"message": "m"}) for number in range(5000))
    edges = tuple(Edge(f"s{number}", "next", f"s{number + 1}") for number in range(4999))
    editor = opened(Workflow("big", steps=steps, edges=edges))
    pane = shown(editor)
    assert pane.model.rowCount() == 5000
    resets: list[int] = []
    pane.model.modelReset.connect(lambda: resets.append(1))
    editor.document.edit("Delete", edits.delete(editor.document.workflow, ["s2500"]))
    editor.document.edit("Label", edits.set_fields(editor.document.workflow, "s4000", label="Here"))
    assert pane.model.rowCount() == 4999 and step(pane, "s4000").data() == "Here"
    editor.selection.select_steps(["s4999"])
    assert pane.view.currentIndex() == step(pane, "s4999")
    assert not resets
