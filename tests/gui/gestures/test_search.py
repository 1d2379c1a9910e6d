"""Search and add, connecting by name, dropping from elsewhere, and writing on the canvas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from engine.api import Edge, Frame, Note, Workflow
from studio.designer import edits
from studio.designer.canvas.gestures.drop import ACTIVITY
from studio.designer.canvas.gestures.spot import recent
from studio.designer.canvas.search_popup import search_target, spot_for
from studio.widgets.pick_list import PICK, PickList
from tests.gui.gestures.canvas import CTRL, Canvas, row, steps_at

Draw = Callable[[Workflow], Canvas]
Key = Qt.Key


def popup() -> PickList:
    found = QApplication.activePopupWidget()
    assert isinstance(found, PickList)
    return found


def pick(text: str) -> None:
    """Type and press Enter in the list that is open."""
    asked = popup()
    QTest.keyClicks(asked.field, text)
    QTest.keyClick(asked.field, Key.Key_Return)


def test_a_double_click_on_the_canvas_adds_the_step_that_is_searched_for(canvas: Canvas) -> None:
    canvas.double_click(QPointF(600, 300))
    pick("read csv")
    assert canvas.workflow.step("read_csv").activity == "data.read_csv"
    assert canvas.place("read_csv") == (512, 272)
    assert canvas.selected.steps == {"read_csv"} and recent()[0] == "data.read_csv"
    assert canvas.commands == ["Add “Read CSV”"] and canvas.view.hasFocus() and canvas.undone()


def test_a_wire_let_go_over_nothing_is_wired_to_what_is_picked(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("c"), QPointF(560, 260))
    assert canvas.scene.overlay._wire is not None
    pick("filter rows")
    assert Edge("c", "next", "filter") in canvas.workflow.edges and canvas.place("filter") == (560, 232)
    assert canvas.scene.overlay._wire is None and canvas.undone()


def test_escape_in_the_list_leaves_everything_as_it_was(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("c"), QPointF(560, 260))
    QTest.keyClick(popup().field, Key.Key_Escape)
    assert QApplication.activePopupWidget() is None
    assert not canvas.commands and canvas.scene.overlay._wire is None and canvas.view.hasFocus()


def test_the_list_offers_only_what_can_follow(draw: Draw) -> None:
    canvas = draw(
        steps_at(
            ("each", "control.foreach", 0, 0),
            ("inner", "control.log", 40, 80),
            ("end", "control.log", 460, 0),
            edges=(Edge("each", "body", "inner"), Edge("each", "done", "end")),
        )
    )
    canvas.drag(canvas.outlet("inner"), QPointF(300, 260))
    assert {"control.break", "control.stop", "data.sort"} <= {pick.id for pick in popup().picks}
    QTest.keyClick(popup().field, Key.Key_Escape)
    canvas.drag(canvas.outlet("end"), QPointF(700, 260))
    offered = {pick.id for pick in popup().picks}
    assert "control.break" not in offered and "control.stop" in offered
    QTest.keyClick(popup().field, Key.Key_Escape)
    canvas.double_click(canvas.wire("each", "end", "done"))
    offered = {pick.id for pick in popup().picks}
    assert "control.stop" not in offered and "data.sort" in offered  # nothing could follow a stop
    pick("sort rows")
    assert {Edge("each", "done", "sort"), Edge("sort", "next", "end")} <= set(canvas.workflow.edges)


def test_recent_activities_come_first(canvas: Canvas) -> None:
    for text, y in (("sort rows", 230), ("zip files", 340)):
        canvas.double_click(QPointF(600, y))
        pick(text)
    canvas.double_click(QPointF(-150, 330))
    listed = popup().picks
    assert [pick.id for pick in listed[:2]] == ["files.zip", "data.sort"] and listed[0].group == "Recent"
    assert listed[0].tile == "cat-files" and listed[0].hint == "Files and folders"
    QTest.keyClick(popup().field, Key.Key_Escape)


@pytest.mark.parametrize("text", ["csv", "data.read_csv", "tsv", "into a table"])
def test_activities_are_found_by_label_id_and_keyword(canvas: Canvas, text: str) -> None:
    canvas.double_click(QPointF(600, 300))
    QTest.keyClicks(popup().field, text)
    assert "data.read_csv" in {pick.id for pick in popup().picks}
    QTest.keyClick(popup().field, Key.Key_Escape)


def test_a_key_puts_the_step_behind_the_selected_one_clear_of_others(canvas: Canvas) -> None:
    canvas.scene.selection.select_steps(["a"])
    spot = spot_for(canvas.surface)
    assert spot.source == ("a", "next")
    canvas.surface.search_requested.emit(spot)
    pick("sort rows")
    assert canvas.place("sort") == (232, 72)  # b stands at 232, 0
    assert Edge("a", "next", "sort") in canvas.workflow.edges


def test_a_new_container_keeps_clear_of_others_with_its_whole_box(draw: Draw) -> None:
    canvas = draw(steps_at(("a", "control.log", 0, 0), ("below", "control.log", 300, 100)))
    canvas.scene.selection.select_steps(["a"])
    canvas.surface.search_requested.emit(spot_for(canvas.surface))
    pick("for each")
    boxes = canvas.scene.geometry.boxes
    assert not boxes["foreach"].meets(boxes["below"]) and not boxes["foreach"].meets(boxes["a"])


def test_what_is_gone_when_something_is_picked_is_no_longer_wired(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("c"), QPointF(560, 260))
    canvas.document.edit("Gone", lambda workflow: edits.delete(workflow, {"c"}))
    pick("sort rows")
    assert "sort" in {step.id for step in canvas.workflow.steps}
    assert canvas.workflow.edges == (Edge("a", "next", "b"),) and canvas.undone()


def test_connecting_by_name_offers_only_allowed_steps(canvas: Canvas) -> None:
    asked = search_target(canvas.surface, "b")
    offered = {pick.data for pick in asked.picks if not pick.off}
    assert offered == {("next", "lone"), ("error", "lone"), ("error", "c")}
    pick("sort")
    assert Edge("b", "next", "lone") in canvas.workflow.edges and canvas.undone()


def test_connecting_shows_the_wire_before_it_is_made(canvas: Canvas) -> None:
    asked = search_target(canvas.surface, "c")
    assert canvas.scene.overlay._wire is not None
    QTest.keyClick(asked.field, Key.Key_Escape)
    assert canvas.scene.overlay._wire is None and not canvas.commands


def test_connecting_by_name_says_why_a_step_is_none(canvas: Canvas) -> None:
    said: list[str] = []
    canvas.surface.refused.connect(said.append)
    asked = search_target(canvas.surface, "b")
    assert [pick.id for pick in asked.picks if pick.off] == ["next a"] and asked.picks[-1].off
    QTest.keyClicks(asked.field, "a")
    row = next(row for row in range(asked.view.model().rowCount()) if asked.view.model().index(row, 0).data(PICK).off)
    index = asked.view.model().index(row, 0)
    asked.view.setCurrentIndex(index)
    QTest.keyClick(asked.field, Key.Key_Return)
    assert "circle" in said[0] and "circle" in index.data(Qt.ItemDataRole.AccessibleTextRole)
    assert asked.isVisible() and not canvas.commands
    assert canvas.scene.overlay._wire is not None and canvas.scene.overlay._wire[1] == "refused"
    QTest.keyClick(asked.field, Key.Key_Escape)


# -- dropping


def drag_over(canvas: Canvas, data: QMimeData, *points: QPointF, drop: bool = True) -> QDropEvent:
    port, at = canvas.view.viewport(), QPointF(canvas.at(points[-1]))
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(port, QDragEnterEvent(canvas.at(points[0]), copy, data, left, none))
    for point in points:
        QApplication.sendEvent(port, QDragMoveEvent(canvas.at(point), copy, data, left, none))
    event = QDropEvent(at, copy, data, left, none)
    QApplication.sendEvent(port, event if drop else QDragLeaveEvent())
    return event


def activity(id: str) -> QMimeData:
    data = QMimeData()
    data.setData(ACTIVITY, id.encode())
    return data


def test_an_activity_from_the_palette_becomes_a_step_where_it_is_let_go(canvas: Canvas) -> None:
    drag_over(canvas, activity("data.sort"), QPointF(300, 300), QPointF(500, 300))
    assert canvas.place("sort") == (408, 272) and canvas.selected.steps == {"sort"}
    assert canvas.scene.overlay._box is None and canvas.undone()


def test_an_activity_let_go_over_a_wire_goes_into_it(canvas: Canvas) -> None:
    drag_over(canvas, activity("data.sort"), canvas.wire("a", "b"))
    assert {Edge("a", "next", "sort"), Edge("sort", "next", "b")} <= set(canvas.workflow.edges) and canvas.undone()


def test_an_activity_that_nothing_can_follow_does_not_go_into_a_wire(canvas: Canvas) -> None:
    drag_over(canvas, activity("control.stop"), canvas.wire("a", "b"))
    assert Edge("a", "next", "b") in canvas.workflow.edges


def test_an_activity_let_go_in_a_loop_joins_its_body(draw: Draw) -> None:
    canvas = draw(steps_at(("each", "control.foreach", 0, 0)))
    drag_over(canvas, activity("data.sort"), QPointF(130, 90))
    assert canvas.workflow.edges == (Edge("each", "body", "sort"),)
    box = canvas.scene.geometry.boxes["each"]
    drag_over(canvas, activity("control.log"), QPointF(box.right - 8, box.bottom - 8))
    assert Edge("sort", "next", "log") in canvas.workflow.edges or Edge("each", "body", "log") in canvas.workflow.edges
    assert canvas.undone()


def test_leaving_the_canvas_takes_back_what_was_shown(canvas: Canvas) -> None:
    drag_over(canvas, activity("data.sort"), QPointF(300, 300), drop=False)
    assert canvas.scene.overlay._box is None and not canvas.commands


def test_workflow_files_are_opened_and_others_refused(canvas: Canvas, tmp_path: Path) -> None:
    dropped: list[Path] = []
    canvas.surface.file_dropped.connect(dropped.append)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in ("a.rpa.yaml", "b.txt")])
    drag_over(canvas, data, QPointF(300, 300))
    assert dropped == [tmp_path / "a.rpa.yaml"]
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "b.txt"))])
    drag_over(canvas, data, QPointF(300, 300))
    assert len(dropped) == 1 and not canvas.commands


def test_a_dropped_activity_that_nobody_knows_is_added_as_it_is(canvas: Canvas) -> None:
    drag_over(canvas, activity("acme.stämp\x00"), QPointF(500, 300))
    assert len(canvas.workflow.steps) == 5 and canvas.undone()


# -- writing


def with_marks() -> Workflow:
    workflow = row()
    layout = replace(
        workflow.layout, frames=(Frame("f", "Old", 0, 300, 300, 96),), notes=(Note("n", "old", 320, 300, 160, 80),)
    )
    return replace(workflow, layout=layout)


def editors(canvas: Canvas, kind: type[QLineEdit] | type[QPlainTextEdit]) -> Sequence[QLineEdit | QPlainTextEdit]:
    return [one for one in canvas.view.window().findChildren(kind) if one.isVisible()]


def test_a_double_click_writes_a_note_and_leaving_keeps_it(draw: Draw) -> None:
    canvas = draw(with_marks())
    canvas.double_click(QPointF(400, 340))
    (editor,) = editors(canvas, QPlainTextEdit)
    QTest.keyClicks(editor, "new a1")
    canvas.click(QPointF(600, 200))
    canvas.view.setFocus()
    assert canvas.workflow.layout.notes[0].text == "new a1"
    assert canvas.commands == ["Write a note"] and not editors(canvas, QPlainTextEdit) and canvas.undone()


def test_escape_leaves_a_note_as_it_was_and_ctrl_enter_keeps(draw: Draw) -> None:
    canvas = draw(with_marks())
    canvas.double_click(QPointF(400, 340))
    (editor,) = editors(canvas, QPlainTextEdit)
    QTest.keyClicks(editor, "new")
    QTest.keyClick(editor, Key.Key_Escape)
    assert not canvas.commands and canvas.view.hasFocus()
    canvas.double_click(QPointF(400, 340))
    (editor,) = editors(canvas, QPlainTextEdit)
    QTest.keyClicks(editor, "kept")
    QTest.keyClick(editor, Key.Key_Return, CTRL)
    assert canvas.workflow.layout.notes[0].text == "kept"


def test_a_double_click_names_a_frame(draw: Draw) -> None:
    canvas = draw(with_marks())
    canvas.double_click(QPointF(40, 312))
    (editor,) = editors(canvas, QLineEdit)
    QTest.keyClicks(editor, "Collect")
    QTest.keyClick(editor, Key.Key_Return)
    assert canvas.workflow.layout.frames[0].title == "Collect" and canvas.undone()


def test_a_note_that_is_deleted_while_it_is_written_stays_deleted(draw: Draw) -> None:
    canvas = draw(with_marks())
    canvas.double_click(QPointF(400, 340))
    (editor,) = editors(canvas, QPlainTextEdit)
    QTest.keyClicks(editor, "too late")
    canvas.document.edit("Gone", lambda workflow: edits.delete(workflow, notes=["n"]))
    assert canvas.commands == ["Gone"] and not canvas.workflow.layout.notes
