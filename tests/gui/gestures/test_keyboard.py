"""The canvas without a mouse, through key events."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from engine.api import Edge, Workflow
from studio.designer.canvas.gestures.spot import Spot
from studio.designer.canvas.keyboard import nearest
from studio.designer.edits import Rect
from studio.designer.selection import Selected
from tests.gui.gestures.canvas import ALT, CTRL, SHIFT, Canvas, steps_at

Draw = Callable[[Workflow], Canvas]
Key = Qt.Key


def test_arrows_go_to_the_nearest_step_that_way(canvas: Canvas) -> None:
    canvas.key(Key.Key_Right)
    assert canvas.selected.steps == {"a"}  # nothing was selected: the first in sight
    canvas.key(Key.Key_Right)
    assert canvas.selected.steps == {"b"}
    canvas.key(Key.Key_Down)
    assert canvas.selected.steps == {"lone"}
    canvas.key(Key.Key_Up)
    assert canvas.selected.steps == {"a"}
    canvas.key(Key.Key_Left)
    assert canvas.selected.steps == {"a"} and not canvas.commands


def test_shift_and_arrows_extend_from_the_step_reached_last(canvas: Canvas) -> None:
    canvas.key(Key.Key_Right)
    canvas.key(Key.Key_Right, SHIFT)
    canvas.key(Key.Key_Right, SHIFT)
    assert canvas.selected.steps == {"a", "b", "c"}


def test_arrows_leave_a_body_only_when_nothing_else_lies_that_way() -> None:
    boxes = {
        "each": Rect(0, 0, 500, 44),  # of a container: its header
        "one": Rect(28, 64, 184, 56),
        "two": Rect(260, 64, 184, 56),
        "end": Rect(560, 0, 184, 56),
    }
    around = frozenset({"each"})
    assert nearest(boxes, "one", 1, 0, around) == "two"
    assert nearest(boxes, "two", 1, 0, around) == "end"
    assert nearest(boxes, "one", 0, -1, around) == "each"
    assert nearest(boxes, "end", 1, 0) == ""


def test_tab_goes_along_the_wire_and_shift_tab_back(canvas: Canvas) -> None:
    canvas.scene.selection.select_steps(["a"])
    canvas.key(Key.Key_Tab)
    canvas.key(Key.Key_Tab)
    assert canvas.selected.steps == {"c"}
    asked: list[Spot] = []
    canvas.surface.search_requested.connect(asked.append)
    canvas.key(Key.Key_Tab)
    assert canvas.selected.steps == {"c"}
    assert [spot.source for spot in asked] == [("c", "next")]  # there is no further one: one to add is searched for
    field = QApplication.focusWidget()
    assert isinstance(field, QLineEdit)
    QTest.keyClick(field, Key.Key_Escape)
    assert canvas.view.hasFocus()
    canvas.key(Key.Key_Backtab, SHIFT)
    assert canvas.selected.steps == {"b"}
    canvas.key(Key.Key_Right, ALT)
    canvas.key(Key.Key_Left, ALT)
    canvas.key(Key.Key_Left, ALT)
    assert canvas.selected.steps == {"a"}


def test_tab_takes_the_topmost_of_several_wires(draw: Draw) -> None:
    canvas = draw(
        steps_at(
            ("if", "control.condition", 0, 100),
            ("low", "control.log", 232, 200),
            ("high", "control.log", 232, 0),
            edges=(Edge("if", "true", "low"), Edge("if", "false", "high")),
        )
    )
    canvas.scene.selection.select_steps(["if"])
    canvas.key(Key.Key_Tab)
    assert canvas.selected.steps == {"high"}


def test_tab_with_nothing_selected_is_left_to_the_action(canvas: Canvas) -> None:
    asked: list[str] = []
    canvas.actions.bind("insert.step", lambda: asked.append("step"))
    canvas.actions.set_context("document")
    canvas.actions.attach("canvas", canvas.view)
    canvas.key(Key.Key_Tab)
    canvas.key(Key.Key_A)
    assert asked == ["step", "step"]
    canvas.scene.selection.select_steps(["a"])
    canvas.key(Key.Key_Tab)
    assert asked == ["step", "step"] and canvas.selected.steps == {"b"}
    canvas.key(Key.Key_Insert)
    assert asked == ["step", "step", "step"]


def test_ctrl_and_arrows_move_by_the_grid_as_one_command(canvas: Canvas) -> None:
    canvas.scene.selection.select_steps(["lone"])
    for key in (Key.Key_Right, Key.Key_Right, Key.Key_Down):
        canvas.key(key, CTRL)
    canvas.key(Key.Key_Up, CTRL | ALT)
    assert canvas.place("lone") == (56, 207)
    assert canvas.commands == ["Move 1 step"] and canvas.undone()


def test_another_selection_is_another_command(canvas: Canvas) -> None:
    canvas.scene.selection.select_steps(["lone"])
    canvas.key(Key.Key_Right, CTRL)
    canvas.scene.selection.select_steps(["a"])
    canvas.key(Key.Key_Right, CTRL)
    assert canvas.commands == ["Move 1 step", "Move 1 step"]


def test_ctrl_and_arrows_with_only_a_wire_selected_do_nothing(canvas: Canvas) -> None:
    canvas.scene.selection.set(Selected(edges=frozenset({Edge("a", "next", "b")})))
    canvas.key(Key.Key_Right, CTRL)
    assert not canvas.commands


def test_escape_gives_up_the_selection_then_the_focus(canvas: Canvas) -> None:
    canvas.scene.selection.select_steps(["a"])
    canvas.key(Key.Key_Escape)
    assert not canvas.selected and canvas.view.hasFocus()
    other = QLineEdit(canvas.view.window())
    other.show()
    canvas.key(Key.Key_Escape)
    assert not canvas.view.hasFocus()


@pytest.mark.parametrize("chosen", ["", "b"])
def test_the_menu_key_opens_the_menu_of_what_is_selected(canvas: Canvas, chosen: str) -> None:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QContextMenuEvent
    from PySide6.QtWidgets import QMenu

    canvas.scene.selection.select_steps([chosen] if chosen else [])
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(canvas.view.viewport(), event)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    ids = [action.objectName() for action in menu.actions()]
    assert ("step.connect" in ids) == bool(chosen) and ("insert.note" in ids) == (not chosen)
    menu.close()


def test_a_key_during_a_drag_changes_what_it_snaps_to(canvas: Canvas) -> None:
    from PySide6.QtCore import QPointF
    from PySide6.QtTest import QTest

    start = canvas.middle("lone")
    canvas.begin(start, start + QPointF(37, 61))
    snapped = canvas.scene.geometry.boxes["lone"]
    QTest.keyPress(canvas.view, Key.Key_Control, CTRL)
    assert canvas.scene.geometry.boxes["lone"].x == 77 != snapped.x
    QTest.keyRelease(canvas.view, Key.Key_Control)
    assert canvas.scene.geometry.boxes["lone"] == snapped
    canvas.key(Key.Key_Escape)


def test_five_thousand_steps_answer_an_arrow(draw: Draw) -> None:
    placed = [(f"s{n}", "control.log", 232.0 * (n % 70), 96.0 * (n // 70)) for n in range(5000)]
    canvas = draw(steps_at(*placed))
    canvas.scene.selection.select_steps(["s71"])
    canvas.key(Key.Key_Left)
    assert canvas.selected.steps == {"s70"}
