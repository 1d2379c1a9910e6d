"""What the actions of the canvas do, in an editor as the window has it; finding; and what a screen reader is told."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from engine.api import Document, Edge, Frame, Place, Step, Workflow, load
from engine.core.settings import Settings
from studio.base.actions import Actions
from studio.bridge import Bridge
from studio.designer import edits
from studio.designer.actions import ACTIONS
from studio.designer.canvas.find_bar import FindBar, found_steps
from studio.designer.canvas.live import StepLive
from studio.designer.canvas_actions import attach_canvas, bind_canvas, save_group, surface_of
from studio.designer.document import WorkflowDocument
from studio.designer.editor import Editor
from studio.designer.selection import Selected
from studio.widgets.pick_list import PickList
from tests.gui.gestures.canvas import CATALOG, CTRL, SHIFT, row, steps_at

Open = Callable[..., Editor]
Key = Qt.Key
CONTEXT = ("document", "selection", "steps", "step", "calls", "several", "wires")


@pytest.fixture
def actions() -> Actions:
    made = Actions()
    made.add(ACTIONS)
    for name in CONTEXT:
        made.set_context(name)
    return made


@pytest.fixture
def opened(loop: QEventLoop, tmp_path: Path, actions: Actions, qtbot: QtBot) -> Iterator[Open]:
    bridge = Bridge(Settings(home=tmp_path / "home"))
    bridge.__dict__["catalog"] = CATALOG

    def open(workflow: Workflow, path: Path | None = None) -> Editor:
        document = WorkflowDocument(Document(workflow, path=path), edits.ports_of(CATALOG))
        editor = Editor(document, bridge, actions)
        document.setParent(editor)
        attach_canvas(editor)
        bind_canvas(actions, lambda: editor)
        editor.resize(1000, 640)
        qtbot.addWidget(editor)
        with qtbot.waitExposed(editor):
            editor.show()
        editor.activateWindow()
        editor.view.setFocus()
        return editor

    yield open
    bridge.stop()


def commands(editor: Editor) -> list[str]:
    stack = editor.document.undo_stack
    return [stack.text(n) for n in range(stack.count())]


def select(editor: Editor, *ids: str) -> None:
    editor.selection.select_steps(ids)


def places(editor: Editor) -> dict[str, tuple[float, float]]:
    return {id: (place.x, place.y) for id, place in editor.document.workflow.layout.steps.items()}


def test_delete_and_heal_by_key(opened: Open) -> None:
    editor = opened(row())
    select(editor, "b")
    QTest.keyClick(editor.view, Key.Key_Delete, CTRL)
    assert editor.document.workflow.edges == (Edge("a", "next", "c"),)
    select(editor, "a")
    QTest.keyClick(editor.view, Key.Key_Delete)
    assert [step.id for step in editor.document.workflow.steps] == ["c", "lone"]
    assert commands(editor) == ["Delete 1 step and join", "Delete 1 step"] and not editor.selection.value
    editor.document.undo()
    editor.document.undo()
    assert editor.document.workflow == row()


def test_a_selected_wire_is_deleted_alone(opened: Open) -> None:
    editor = opened(row())
    editor.selection.set(Selected(edges=frozenset({Edge("a", "next", "b")})))
    QTest.keyClick(editor.view, Key.Key_Backspace)
    assert editor.document.workflow.edges == (Edge("b", "next", "c"),) and commands(editor) == ["Delete 1 wire"]


def test_select_all_upstream_and_downstream(opened: Open) -> None:
    editor = opened(row())
    select(editor, "b")
    QTest.keyClick(editor.view, Key.Key_Left, CTRL | SHIFT)
    assert editor.selection.steps == {"a", "b"}
    select(editor, "b")
    QTest.keyClick(editor.view, Key.Key_Right, CTRL | SHIFT)
    assert editor.selection.steps == {"b", "c"}
    QTest.keyClick(editor.view, Key.Key_A, CTRL)
    assert len(editor.selection.value) == 6


def test_disable_and_enable(opened: Open) -> None:
    editor = opened(row())
    select(editor, "a", "b")
    for _ in range(2):
        QTest.keyClick(editor.view, Key.Key_D)
    assert commands(editor) == ["Disable 2 steps", "Enable 2 steps"]
    assert editor.document.workflow == row()


def test_tab_with_nothing_selected_and_insert_open_the_search(opened: Open) -> None:
    editor = opened(row())
    QTest.keyClick(editor.view, Key.Key_Tab)
    asked = QApplication.activePopupWidget()
    assert isinstance(asked, PickList)
    QTest.keyClicks(asked.field, "sort rows")
    QTest.keyClick(asked.field, Key.Key_Return)
    assert "sort" in {step.id for step in editor.document.workflow.steps}
    QTest.keyClick(editor.view, Key.Key_Insert)  # behind the one just added
    asked = QApplication.activePopupWidget()
    assert isinstance(asked, PickList)
    QTest.keyClicks(asked.field, "filter rows")
    QTest.keyClick(asked.field, Key.Key_Return)
    assert Edge("sort", "next", "filter") in editor.document.workflow.edges
    for _ in range(6):  # each one further to the right, and out of the window before long
        QTest.keyClick(editor.view, Key.Key_Insert)
        asked = QApplication.activePopupWidget()
        assert isinstance(asked, PickList)
        QTest.keyClicks(asked.field, "filter rows")
        QTest.keyClick(asked.field, Key.Key_Return)
        editor.view.settle()
        assert editor.view.seen().contains(editor.scene.box(editor.selection.only_step).center())


def test_connect_by_key_with_type_ahead(opened: Open) -> None:
    editor = opened(row())
    select(editor, "c")
    QTest.keyClick(editor.view, Key.Key_C)
    asked = QApplication.activePopupWidget()
    assert isinstance(asked, PickList)
    QTest.keyClicks(asked.field, "sort")
    QTest.keyClick(asked.field, Key.Key_Return)
    assert Edge("c", "next", "lone") in editor.document.workflow.edges


def test_rename_writes_the_label_on_the_canvas(opened: Open) -> None:
    editor = opened(row())
    select(editor, "a")
    QTest.keyClick(editor.view, Key.Key_F2)
    (field,) = [one for one in editor.findChildren(QLineEdit) if one.isVisible()]
    QTest.keyClicks(field, "Start here")
    QTest.keyClick(field, Key.Key_Return)
    assert editor.document.workflow.step("a").label == "Start here"


def test_enter_asks_for_the_form_of_the_step(opened: Open, qtbot: QtBot) -> None:
    editor = opened(row())
    select(editor, "b")
    with qtbot.waitSignal(editor.edit_requested) as asked:
        QTest.keyClick(editor.view, Key.Key_Return)
    assert asked.args == ["b"]


def test_a_note_and_a_frame_are_added_and_written_at_once(opened: Open) -> None:
    editor = opened(row())
    QTest.keyClick(editor.view, Key.Key_N)
    (field,) = [one for one in editor.findChildren(QPlainTextEdit) if one.isVisible()]
    QTest.keyClicks(field, "late")
    QTest.keyClick(field, Key.Key_Return, CTRL)
    assert editor.document.workflow.layout.notes[0].text == "late"
    select(editor, "a", "b")
    QTest.keyClick(editor.view, Key.Key_G, CTRL | SHIFT)
    (title,) = [one for one in editor.findChildren(QLineEdit) if one.isVisible()]
    QTest.keyClicks(title, "Collect")
    QTest.keyClick(title, Key.Key_Return)
    frame = editor.document.workflow.layout.frames[0]
    assert frame == Frame("frame", "Collect", -16, -32, 448, 104)


def test_lay_out_all_and_only_the_selection(opened: Open) -> None:
    workflow = edits.move(row(), 3, 77, ["b"])
    editor = opened(workflow)
    select(editor, "a", "b")
    QTest.keyClick(editor.view, Key.Key_L)
    assert places(editor) == {"a": (0, 0), "b": (232, 0), "c": (464, 0), "lone": (40, 200)}
    editor.selection.clear()
    QTest.keyClick(editor.view, Key.Key_L)
    assert places(editor)["lone"] == (0, 96) and commands(editor) == ["Lay out 2 steps", "Lay out 4 steps"]
    editor.document.undo()
    editor.document.undo()
    assert editor.document.workflow == workflow


def test_aligning_moves_a_container_with_its_body(opened: Open, actions: Actions) -> None:
    editor = opened(
        steps_at(
            ("a", "control.log", 0, 0),
            ("each", "control.foreach", 300, 100),
            ("inner", "control.log", 328, 164),
            edges=(Edge("each", "body", "inner"),),
        )
    )
    select(editor, "a", "each", "inner")
    actions.trigger("arrange.top")
    assert places(editor) == {"a": (0, 0), "each": (300, 0), "inner": (328, 64)}
    actions.trigger("arrange.top")
    assert commands(editor) == ["Line up 2 steps"]


def test_the_canvas_is_zoomed_by_the_actions(opened: Open, actions: Actions) -> None:
    editor = opened(row())
    editor.view.zoom_to(1.0)
    actions.trigger("view.zoom_in")
    assert editor.view.zoom > 1
    actions.trigger("view.reset")
    assert editor.view.zoom == 1
    actions.trigger("view.minimap")
    assert not editor.view.minimap.isVisible()


# -- called workflows


def test_grouping_saves_a_workflow_beside_and_calls_it(opened: Open, tmp_path: Path, awaited: Any) -> None:
    editor = opened(row(), tmp_path / "main.rpa.yaml")
    select(editor, "a", "b")
    awaited(save_group(editor, editor.selection.steps, tmp_path / "first_part.rpa.yaml"))
    inner = load(tmp_path / "first_part.rpa.yaml").workflow
    assert inner.name == "First part" and [step.id for step in inner.steps] == ["a", "b"]
    workflow = editor.document.workflow
    assert workflow.step("first_part").parameters == {"workflow": "first_part.rpa.yaml"}
    assert workflow.edges == (Edge("first_part", "next", "c"),)
    assert commands(editor) == ["Group 2 steps into “first_part.rpa.yaml”"] and editor.selection.steps == {"first_part"}
    opened_files: list[Path] = []
    editor.workflow_requested.connect(opened_files.append)
    QTest.keyClick(editor.view, Key.Key_Return, CTRL)
    assert opened_files == [tmp_path / "first_part.rpa.yaml"]
    editor.document.undo()
    assert editor.document.workflow == row()


def test_what_cannot_be_grouped_is_refused_with_a_sentence(opened: Open, actions: Actions, tmp_path: Path) -> None:
    editor = opened(row(), tmp_path / "main.rpa.yaml")
    select(editor, "a", "c")
    actions.trigger("group.subworkflow")
    assert surface_of(editor).said == "“Write to the log” stands between these steps. Select it too."
    assert not commands(editor)


def test_an_unsaved_workflow_is_not_grouped(opened: Open, actions: Actions) -> None:
    editor = opened(row())
    select(editor, "a", "b")
    actions.trigger("group.subworkflow")
    assert "Save this workflow first" in surface_of(editor).said


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({}, "Choose the file of the workflow first."),
        ({"workflow": "{{ inputs.x }}.rpa.yaml"}, "known only when it runs"),
        ({"workflow": "other.rpa.yaml"}, "Save this workflow first"),
    ],
)
def test_a_called_workflow_that_cannot_be_opened_says_why(opened: Open, parameters: dict[str, str], said: str) -> None:
    workflow = Workflow(
        steps=(Step("sub", "control.subworkflow", parameters),),
        layout=replace(Workflow().layout, steps={"sub": Place(0, 0)}),
    )
    editor = opened(workflow)
    box = editor.scene.box("sub")
    QTest.mouseDClick(editor.view.viewport(), Qt.MouseButton.LeftButton, pos=editor.view.mapFromScene(box.center()))
    assert said in surface_of(editor).said


# -- finding


def searchable() -> Workflow:
    workflow = row()
    steps = [
        replace(
            step, label="Read orders" if step.id == "a" else "", parameters={"message": ["x", {"deep": "Orders late"}]}
        )
        if step.id in ("a", "c")
        else step
        for step in workflow.steps
    ]
    return replace(workflow, steps=tuple(steps))


def test_find_counts_marks_and_jumps(opened: Open, actions: Actions) -> None:
    editor = opened(searchable())
    actions.trigger("edit.find")
    bar = editor.findChild(FindBar)
    assert bar is not None and bar.isVisible() and bar.field.hasFocus()
    QTest.keyClicks(bar.field, "orders")
    assert bar.hits == ["a", "c"] and bar.count.text() == "1 of 2" and editor.selection.steps == {"a"}
    QTest.keyClick(bar.field, Key.Key_Return)
    assert editor.selection.steps == {"c"} and bar.count.text() == "2 of 2"
    QTest.keyClick(bar.field, Key.Key_Return)
    QTest.keyClick(bar.field, Key.Key_Return, SHIFT)
    assert editor.selection.steps == {"c"}
    editor.document.edit("Gone", lambda workflow: edits.delete(workflow, {"c"}))
    assert bar.hits == ["a"]
    QTest.keyClicks(bar.field, " nowhere")
    assert bar.count.text() == "Nothing found"
    QTest.keyClick(bar.field, Key.Key_Escape)
    assert not bar.isVisible() and editor.view.hasFocus()


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("read ORDERS", ["a"]),
        ("late", ["a", "c"]),
        ("deep x", ["a", "c"]),
        ("data.sort", ["lone"]),
        ("sort rows", ["lone"]),
        ("lone", ["lone"]),
        ("", []),
        ("  ", []),
        ("zzz", []),
    ],
)
def test_steps_are_found_by_all_that_they_say(query: str, ids: list[str]) -> None:
    workflow = searchable()
    boxes = {id: edits.Rect(place.x, place.y, 184, 56) for id, place in workflow.layout.steps.items()}
    assert found_steps(workflow, CATALOG, query, boxes) == ids


# -- screen readers


def test_a_screen_reader_is_told_of_every_step(opened: Open) -> None:
    editor = opened(searchable())
    canvas = QAccessible.queryAccessibleInterface(editor.view)
    assert canvas.role() is QAccessible.Role.List and canvas.childCount() == 4
    assert canvas.text(QAccessible.Text.Name) == "New workflow, 4 steps"
    first = canvas.child(0)
    assert first.role() is QAccessible.Role.ListItem
    assert first.text(QAccessible.Text.Name) == "Read orders, Write to the log"
    assert first.text(QAccessible.Text.Description) == "leads to Write to the log"
    second = canvas.child(1)
    assert second.text(QAccessible.Text.Description) == "after Read orders; leads to Write to the log"
    assert canvas.child(3).text(QAccessible.Text.Description) == "not connected"
    middle = editor.view.mapFromScene(QPointF(90, 28))
    at = editor.view.viewport().mapToGlobal(middle)
    assert first.rect().contains(at)
    assert canvas.childAt(at.x(), at.y()).text(QAccessible.Text.Name) == "Read orders, Write to the log"
    select(editor, "b")
    assert canvas.focusChild() is not None and canvas.indexOfChild(second) == 1


def test_the_name_of_a_step_says_its_state(opened: Open) -> None:
    editor = opened(steps_at(("a", "control.log", 0, 0), ("u", "acme.stamp", 232, 0)))
    canvas = QAccessible.queryAccessibleInterface(editor.view)
    editor.scene.set_live({"a": StepLive("failed")})
    editor.document.edit("Off", lambda workflow: edits.disable(workflow, {"a"}))
    assert canvas.child(0).text(QAccessible.Text.Name) == "Write to the log, failed, disabled"
    assert canvas.child(1).text(QAccessible.Text.Name) == "u, acme.stamp, unknown activity"
    assert canvas.child(0).state().selectable and not canvas.child(0).state().selected


def test_steps_and_canvases_come_and_go_while_a_screen_reader_listens(opened: Open) -> None:
    QAccessible.setActive(True)
    try:
        editor = opened(row())
        canvas = QAccessible.queryAccessibleInterface(editor.view)
        for rank in range(canvas.childCount()):
            assert canvas.child(rank).text(QAccessible.Text.Name)
        for id in ("a", "b", "c", "lone"):
            select(editor, id)
        assert canvas.child(3).state().selected and canvas.child(3).state().focused
        editor.document.edit("Gone", lambda workflow: edits.delete(workflow, {"a", "b"}))
        gc.collect()
        assert canvas.childCount() == 2 and canvas.child(2) is None
        editor.document.undo()
        assert canvas.childCount() == 4 and canvas.child(0).text(QAccessible.Text.Name) == "Write to the log"
        del canvas
        editor.close()
        editor.deleteLater()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        gc.collect()
        other = opened(row())
        assert QAccessible.queryAccessibleInterface(other.view).childCount() == 4
    finally:
        QAccessible.setActive(False)
