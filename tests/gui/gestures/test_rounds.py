"""Wires, notes and frames without a mouse: gone through, led elsewhere, cut, filled, written, made larger; by keys."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPlainTextEdit, QWidget

from engine.api import Edge, Frame, Note, Workflow
from studio.designer.canvas_actions import surface_of
from studio.designer.selection import Selected
from studio.widgets.pick_list import PickList
from tests.gui.gestures.canvas import ALT, CTRL, SHIFT, row
from tests.gui.gestures.test_actions import Open
from tests.gui.gestures.test_actions import actions as actions
from tests.gui.gestures.test_actions import opened as opened

Key = Qt.Key
AB, BC = Edge("a", "next", "b"), Edge("b", "next", "c")


def marked(workflow: Workflow) -> Workflow:
    frame = Frame("frame", "Read", -40, -60, 640, 160, "")
    note = Note("note", "Hello", 0, 200, 200, 100)
    return replace(workflow, layout=replace(workflow.layout, notes=(note,), frames=(frame,)))


def asked() -> PickList:
    found = QApplication.activePopupWidget()
    assert isinstance(found, PickList)
    return found


def only(edge: Edge) -> Selected:
    return Selected(edges=frozenset({edge}))


def test_w_goes_through_the_wires_that_leave_and_with_shift_those_that_come(opened: Open) -> None:
    editor = opened(replace(row(), edges=(AB, BC, Edge("a", "next", "lone"))))
    view, selection = editor.view, editor.selection
    selection.select_steps(["a"])
    QTest.keyClick(view, Key.Key_W)
    first = selection.value
    QTest.keyClick(view, Key.Key_W)
    second = selection.value
    assert {first.edges, second.edges} == {only(AB).edges, only(Edge("a", "next", "lone")).edges}
    QTest.keyClick(view, Key.Key_W)
    assert selection.value == first
    selection.select_steps(["b"])
    QTest.keyClick(view, Key.Key_W, SHIFT)
    assert selection.value == only(AB)


def test_tab_leaves_a_wire_at_its_end_and_with_shift_at_its_beginning(opened: Open) -> None:
    editor = opened(row())
    editor.selection.set(only(BC))
    QTest.keyClick(editor.view, Key.Key_Tab)
    assert editor.selection.only_step == "c"
    editor.selection.set(only(BC))
    QTest.keyClick(editor.view, Key.Key_Backtab, SHIFT)
    assert editor.selection.only_step == "b"


def test_a_wire_is_cut_and_filled_by_keys(opened: Open) -> None:
    editor = opened(row())
    editor.selection.select_steps(["a"])
    QTest.keyClick(editor.view, Key.Key_W)
    QTest.keyClick(editor.view, Key.Key_A)
    QTest.keyClicks(asked().field, "filter rows")
    QTest.keyClick(asked().field, Key.Key_Return)
    edges = set(editor.document.workflow.edges)
    assert {Edge("a", "next", "filter"), Edge("filter", "next", "b")} <= edges and AB not in edges
    editor.selection.select_steps(["b"])
    QTest.keyClick(editor.view, Key.Key_W)
    QTest.keyClick(editor.view, Key.Key_Delete)
    assert BC not in editor.document.workflow.edges


def test_the_end_of_a_wire_is_led_elsewhere_by_name(opened: Open) -> None:
    editor = opened(row())
    editor.selection.set(only(BC))
    QTest.keyClick(editor.view, Key.Key_C, SHIFT)
    QTest.keyClicks(asked().field, "lone")
    QTest.keyClick(asked().field, Key.Key_Return)
    led = Edge("b", "next", "lone")
    edges = editor.document.workflow.edges
    assert led in edges and BC not in edges and editor.selection.value == only(led)
    assert editor.view.hasFocus() and editor.document.undo_stack.count() == 1


def test_a_step_is_put_into_a_wire_by_name_and_the_wire_is_shown_first(opened: Open) -> None:
    editor = opened(row())
    editor.selection.select_steps(["lone"])
    QTest.keyClick(editor.view, Key.Key_P)
    assert len(editor.selection.value.edges) == 1
    QTest.keyClick(asked().field, Key.Key_Escape)
    assert editor.selection.only_step == "lone" and not editor.document.undo_stack.count()
    QTest.keyClick(editor.view, Key.Key_P)
    first = next(iter(editor.selection.value.edges))
    QTest.keyClick(asked().field, Key.Key_Return)
    edges = editor.document.workflow.edges
    assert first not in edges and Edge(first.source, "next", "lone") in edges
    assert Edge("lone", "next", first.target) in edges and editor.selection.only_step == "lone"


def test_a_wired_step_is_not_put_into_a_wire_and_it_is_said_why(opened: Open) -> None:
    editor = opened(row())
    editor.selection.select_steps(["a"])
    QTest.keyClick(editor.view, Key.Key_P)
    assert QApplication.activePopupWidget() is None and "has wires already" in surface_of(editor).said


def test_b_goes_through_notes_and_frames_and_f2_writes_them(opened: Open) -> None:
    editor = opened(marked(row()))
    QTest.keyClick(editor.view, Key.Key_B)
    assert editor.selection.value == Selected(frames=frozenset({"frame"}))
    QTest.keyClick(editor.view, Key.Key_F2)
    (title,) = [one for one in editor.findChildren(QLineEdit) if one.isVisible()]
    QTest.keyClick(title, Key.Key_A, CTRL)
    QTest.keyClicks(title, "Fetch")
    QTest.keyClick(title, Key.Key_Return)
    assert editor.document.workflow.layout.frames[0].title == "Fetch"
    QTest.keyClick(editor.view, Key.Key_B)
    assert editor.selection.value == Selected(notes=frozenset({"note"}))
    QTest.keyClick(editor.view, Key.Key_F2)
    (text,) = [one for one in editor.findChildren(QPlainTextEdit) if one.isVisible()]
    QTest.keyClicks(text, "Well. ")
    QTest.keyClick(text, Key.Key_Return, CTRL)
    assert "Well. " in editor.document.workflow.layout.notes[0].text
    QTest.keyClick(editor.view, Key.Key_B)
    assert editor.selection.value.frames


def test_alt_shift_and_arrows_resize_and_are_one_command(opened: Open) -> None:
    editor = opened(marked(row()))
    editor.selection.set(Selected(frames=frozenset({"frame"})))
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down):
        QTest.keyClick(editor.view, key, ALT | SHIFT)
    frame = editor.document.workflow.layout.frames[0]
    assert (frame.x, frame.width, frame.height) == (-40, 656, 168)
    editor.selection.set(Selected(notes=frozenset({"note"})))
    for _ in range(20):
        QTest.keyClick(editor.view, Key.Key_Left, ALT | SHIFT)
    assert editor.document.workflow.layout.notes[0].width == 96
    assert editor.document.undo_stack.count() == 2


def test_with_nothing_selected_ctrl_and_arrows_move_the_view(opened: Open) -> None:
    editor = opened(row())
    seen = editor.view.seen()
    QTest.keyClick(editor.view, Key.Key_Right, CTRL)
    assert editor.view.seen().x() > seen.x() and not editor.document.undo_stack.count()


@pytest.mark.parametrize(
    ("chosen", "offered"),
    [(only(AB), "wire.lead"), (Selected(notes=frozenset({"note"})), "edit.rename"), (Selected(frames=frozenset({"frame"})), "edit.rename")],
)
def test_the_menu_key_is_for_whatever_is_selected(opened: Open, chosen: Selected, offered: str) -> None:
    editor = opened(marked(row()))
    editor.selection.set(chosen)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(editor.view.viewport(), event)
    menu: Any = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu) and isinstance(menu, QWidget)
    assert offered in [action.objectName() for action in menu.actions()]
    menu.close()
