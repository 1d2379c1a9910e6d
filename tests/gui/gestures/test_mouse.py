"""Every gesture through mouse events: what it does, under which name, and that undo brings everything back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.api import Edge, Frame, Note, Workflow
from studio.base.preferences import preferences
from studio.designer import edits
from studio.designer.canvas.gestures.spot import Spot
from studio.designer.selection import Selected
from tests.gui.gestures.canvas import ALT, CTRL, LEFT, NONE, SHIFT, Canvas, row, steps_at

Draw = Callable[[Workflow], Canvas]
AB, BC = Edge("a", "next", "b"), Edge("b", "next", "c")


def by(point: QPointF, dx: float, dy: float) -> QPointF:
    return point + QPointF(dx, dy)


# -- choosing


def test_clicks_select_ctrl_toggles_and_shift_adds(canvas: Canvas) -> None:
    canvas.click(canvas.middle("a"))
    assert canvas.selected == Selected(frozenset({"a"}))
    canvas.click(canvas.middle("b"), SHIFT)
    canvas.click(canvas.middle("c"), CTRL)
    assert canvas.selected.steps == {"a", "b", "c"}
    canvas.click(canvas.middle("a"), CTRL)
    assert canvas.selected.steps == {"b", "c"}
    canvas.click(canvas.middle("b"))
    assert canvas.selected.steps == {"b"}
    canvas.click(QPointF(700, 300))
    assert not canvas.selected and not canvas.commands


def test_a_click_on_a_wire_selects_it(canvas: Canvas) -> None:
    canvas.click(canvas.wire("a", "b"))
    assert canvas.selected == Selected(edges=frozenset({AB}))


def test_a_rubber_band_selects_what_it_touches_and_ctrl_keeps_what_was_selected(canvas: Canvas) -> None:
    canvas.drag(QPointF(-20, -40), QPointF(300, 80))
    assert canvas.selected == Selected(frozenset({"a", "b"}), frozenset({AB}))
    canvas.drag(QPointF(20, 300), QPointF(60, 230), keys=CTRL)
    assert canvas.selected.steps == {"a", "b", "lone"}
    canvas.drag(QPointF(20, 300), QPointF(60, 230))
    assert canvas.selected.steps == {"lone"}
    assert not canvas.commands and canvas.view.gesture is None


def test_a_band_takes_a_frame_only_when_it_holds_it(draw: Draw) -> None:
    workflow = row()
    layout = replace(
        workflow.layout, frames=(Frame("f", "", 0, 300, 200, 100),), notes=(Note("n", "x", 300, 300, 96, 48),)
    )
    canvas = draw(replace(workflow, layout=layout))
    canvas.drag(QPointF(-30, 290), QPointF(320, 350))
    assert canvas.selected == Selected(notes=frozenset({"n"}))
    canvas.drag(QPointF(-30, 290), QPointF(320, 420))
    assert canvas.selected == Selected(notes=frozenset({"n"}), frames=frozenset({"f"}))


def test_escape_takes_a_band_back(canvas: Canvas) -> None:
    canvas.click(canvas.middle("c"))
    canvas.begin(QPointF(-20, -40), QPointF(300, 80))
    assert canvas.selected.steps == {"a", "b"}
    canvas.key(Qt.Key.Key_Escape)
    assert canvas.selected.steps == {"c"} and canvas.view.gesture is None
    canvas.release(QPointF(300, 80))
    assert canvas.selected.steps == {"c"}


# -- moving


def test_a_step_moves_on_the_grid_as_one_named_command(canvas: Canvas) -> None:
    preferences().set("guides", False)
    canvas.drag(canvas.middle("lone"), by(canvas.middle("lone"), 101, 59))
    assert canvas.place("lone") == (144, 256)
    assert canvas.commands == ["Move 1 step"]
    assert canvas.selected.steps == {"lone"} and canvas.undone()


def test_several_steps_move_together(canvas: Canvas) -> None:
    preferences().set("guides", False)
    canvas.drag(QPointF(-20, -40), QPointF(300, 80))
    canvas.drag(canvas.middle("b"), by(canvas.middle("b"), 16, 96))
    assert (canvas.place("a"), canvas.place("b"), canvas.place("c")) == ((16, 96), (248, 96), (464, 0))
    assert canvas.commands == ["Move 2 steps"] and canvas.undone()


@pytest.mark.parametrize("keys", [CTRL, ALT])
def test_ctrl_or_alt_turns_snapping_off(canvas: Canvas, keys: Qt.KeyboardModifier) -> None:
    start = canvas.middle("lone")
    canvas.press(start)
    canvas.move(by(start, 20, 20), keys)
    canvas.move(by(start, 37, 61), keys)
    canvas.release(by(start, 37, 61), keys)
    assert canvas.place("lone") == (77, 261) and canvas.undone()


def test_without_snapping_a_step_stays_where_it_is_let_go(canvas: Canvas) -> None:
    preferences().set("snap", False)
    preferences().set("guides", False)
    canvas.drag(canvas.middle("lone"), by(canvas.middle("lone"), 37, 61))
    assert canvas.place("lone") == (77, 261)


def test_a_step_comes_to_rest_level_with_another_and_a_guide_shows_it(canvas: Canvas) -> None:
    start = canvas.middle("lone")
    canvas.begin(start, by(start, 189, 101))  # 229 is three from 232, where b stands
    assert canvas.scene.overlay._guides
    canvas.release(by(start, 189, 101))
    assert canvas.place("lone")[0] == 232
    assert not canvas.scene.overlay._guides and canvas.undone()


def test_a_container_takes_its_body_along(draw: Draw) -> None:
    preferences().set("guides", False)
    canvas = draw(
        steps_at(
            ("each", "control.foreach", 0, 0),
            ("inner", "control.log", 40, 80),
            ("end", "control.log", 400, 0),
            edges=(Edge("each", "body", "inner"), Edge("each", "done", "end")),
        )
    )
    canvas.drag(canvas.middle("each"), by(canvas.middle("each"), 80, 160))
    assert (canvas.place("each"), canvas.place("inner"), canvas.place("end")) == ((80, 160), (120, 240), (400, 0))
    assert canvas.commands == ["Move 2 steps"] and canvas.undone()


def test_a_frame_takes_along_what_lies_inside(draw: Draw) -> None:
    preferences().set("guides", False)
    workflow = row()
    layout = replace(
        workflow.layout,
        frames=(Frame("f", "Read", -16, -48, 450, 130),),
        notes=(Note("n", "x", 0, 66, 96, 8),),
    )
    canvas = draw(replace(workflow, layout=layout))
    start = QPointF(100, -36)
    canvas.drag(start, by(start, 80, 40))
    assert canvas.place("a") == (80, 40) and canvas.place("b") == (312, 40) and canvas.place("c") == (464, 0)
    assert canvas.workflow.layout.frames[0].x == 64
    assert canvas.selected == Selected(frames=frozenset({"f"})) and canvas.undone()


def test_a_step_that_the_file_puts_nowhere_can_be_moved(draw: Draw) -> None:
    preferences().set("guides", False)
    canvas = draw(steps_at(("a", "control.log", float("nan"), 1e300), ("b", "control.log", 0, 0)))
    at = canvas.scene.geometry.place("a")
    canvas.drag(canvas.middle("a"), by(canvas.middle("a"), 80, 40))
    assert canvas.place("a") == (at.x + 80, at.y + 40)


def test_escape_during_a_move_leaves_no_trace(canvas: Canvas) -> None:
    boxes = dict(canvas.scene.geometry.boxes)
    canvas.click(canvas.middle("c"))
    canvas.begin(canvas.middle("lone"), by(canvas.middle("lone"), 200, 60))
    assert canvas.scene.geometry.boxes["lone"] != boxes["lone"]
    canvas.key(Qt.Key.Key_Escape)
    assert dict(canvas.scene.geometry.boxes) == boxes
    assert canvas.document.document is canvas.start and not canvas.commands
    canvas.release(QPointF(300, 300))
    assert not canvas.commands and canvas.view.gesture is None


def test_a_step_without_wires_goes_into_the_wire_it_is_let_go_over(canvas: Canvas) -> None:
    canvas.drag(canvas.middle("lone"), canvas.wire("a", "b"))
    assert set(canvas.workflow.edges) == {Edge("a", "next", "lone"), Edge("lone", "next", "b"), BC}
    places = [canvas.place(id)[0] for id in ("a", "lone", "b", "c")]
    assert places == [0, 232, 464, 696]  # what stood behind has made room
    assert canvas.commands == ["Put “Sort rows” into a wire"] and canvas.undone()


def test_a_wired_step_is_only_moved_over_a_wire(canvas: Canvas) -> None:
    canvas.drag(canvas.middle("c"), canvas.wire("a", "b"))
    assert set(canvas.workflow.edges) == {AB, BC} and canvas.commands == ["Move 1 step"]


def test_a_step_without_wires_joins_the_body_it_is_let_go_in(draw: Draw) -> None:
    canvas = draw(
        steps_at(
            ("each", "control.foreach", 0, 0),
            ("inner", "control.log", 28, 64),
            ("lone", "data.sort", 40, 300),
            edges=(Edge("each", "body", "inner"),),
        )
    )
    canvas.drag(canvas.middle("lone"), QPointF(222, 110))
    assert Edge("inner", "next", "lone") in canvas.workflow.edges
    assert canvas.commands == ["Put “Sort rows” into “For each”"]
    assert canvas.scene.geometry.owner("lone") == "each" and canvas.undone()


def test_holding_a_step_at_the_edge_scrolls_the_canvas(canvas: Canvas, qtbot: QtBot) -> None:
    preferences().set("guides", False)
    before = canvas.view.mapToScene(QPoint(0, 0))
    edge = canvas.view.mapToScene(QPoint(996, 300))
    canvas.begin(canvas.middle("lone"), edge)
    qtbot.waitUntil(lambda: canvas.view.mapToScene(QPoint(0, 0)).x() > before.x() + 50)
    QTest.mouseRelease(canvas.view.viewport(), LEFT, NONE, QPoint(996, 300))
    assert canvas.place("lone")[0] > edge.x() - 50 and canvas.undone()


# -- wires


def test_a_wire_is_drawn_from_an_outlet_to_a_step(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("c"), canvas.inlet("lone"))
    assert Edge("c", "next", "lone") in canvas.workflow.edges
    assert canvas.commands == ["Connect “Write to the log” to “Sort rows”"] and canvas.undone()


def test_a_wire_may_be_let_go_anywhere_on_a_step(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("a", "error"), canvas.middle("lone"))
    assert Edge("a", "error", "lone") in canvas.workflow.edges


def test_a_refused_wire_says_why_beside_the_mouse_and_changes_nothing(canvas: Canvas) -> None:
    told: list[str] = []
    canvas.surface.refused.connect(told.append)
    canvas.begin(canvas.outlet("c"), canvas.middle("a"))
    assert "would run in a circle" in canvas.surface.said
    canvas.release(canvas.middle("a"))
    assert not canvas.commands and len(told) == 1


def test_the_steps_a_wire_may_lead_to_are_lit(canvas: Canvas) -> None:
    canvas.begin(canvas.outlet("b"), QPointF(300, 300))
    gesture = canvas.router.gesture
    assert gesture is not None and gesture.__class__.__name__ == "Lead"
    assert gesture._lit == {"lone"}  # type: ignore[attr-defined]
    plain = canvas.view.grab().toImage()
    canvas.key(Qt.Key.Key_Escape)
    assert canvas.view.grab().toImage() != plain and not canvas.commands


def test_a_wire_let_go_over_nothing_asks_what_shall_follow(canvas: Canvas) -> None:
    asked: list[Spot] = []
    canvas.surface.search_requested.disconnect()
    canvas.surface.search_requested.connect(asked.append)
    canvas.drag(canvas.outlet("c"), QPointF(560, 260))
    assert asked[0].source == ("c", "next") and (asked[0].at.x(), asked[0].at.y()) == (560, 232)
    assert not canvas.commands


def test_the_end_of_a_wire_is_led_to_another_step(canvas: Canvas) -> None:
    canvas.drag(canvas.inlet("c"), canvas.middle("lone"))
    assert canvas.workflow.edges == (AB, Edge("b", "next", "lone"))
    assert canvas.commands == ["Lead a wire to “Sort rows”"] and canvas.undone()


def test_the_end_of_a_wire_let_go_over_nothing_cuts_it(canvas: Canvas) -> None:
    canvas.drag(by(canvas.inlet("c"), -16, 0), QPointF(500, 300))
    assert canvas.workflow.edges == (AB,) and canvas.commands == ["Cut a wire"] and canvas.undone()


def test_the_end_of_a_wire_let_go_where_it_was_changes_nothing(canvas: Canvas) -> None:
    canvas.drag(canvas.inlet("c"), QPointF(500, 300), canvas.middle("c"))
    assert not canvas.commands and canvas.document.document is canvas.start


def test_shift_leads_the_start_of_a_wire_elsewhere(canvas: Canvas) -> None:
    canvas.drag(canvas.outlet("b"), canvas.outlet("lone"), keys=SHIFT)
    assert canvas.workflow.edges == (AB, Edge("lone", "next", "c"))
    assert canvas.commands == ["Lead a wire from “Sort rows”"] and canvas.undone()


def test_a_wire_is_drawn_backwards_from_an_inlet(canvas: Canvas) -> None:
    canvas.drag(canvas.inlet("lone"), canvas.middle("a"))
    assert Edge("a", "next", "lone") in canvas.workflow.edges and canvas.undone()


def test_a_wire_drawn_backwards_over_nothing_asks_what_leads_there(canvas: Canvas) -> None:
    asked: list[Spot] = []
    canvas.surface.search_requested.disconnect()
    canvas.surface.search_requested.connect(asked.append)
    canvas.drag(canvas.inlet("lone"), QPointF(-150, 300))
    assert asked[0].target == "lone" and asked[0].source is None


@pytest.mark.parametrize("keys", [ALT, CTRL | SHIFT])
def test_alt_cuts_every_wire_the_stroke_crosses(canvas: Canvas, keys: Qt.KeyboardModifier) -> None:
    canvas.drag(QPointF(208, -60), QPointF(208, 120), QPointF(440, 120), QPointF(440, -60), keys=keys)
    assert canvas.workflow.edges == () and canvas.commands == ["Cut 2 wires"] and canvas.undone()


def test_a_stroke_beside_all_wires_cuts_none(canvas: Canvas) -> None:
    canvas.drag(QPointF(300, 120), QPointF(400, 300), keys=ALT)
    assert not canvas.commands


def test_a_click_on_a_free_outlet_asks_what_shall_follow(canvas: Canvas) -> None:
    asked: list[Spot] = []
    canvas.surface.search_requested.disconnect()
    canvas.surface.search_requested.connect(asked.append)
    canvas.click(canvas.outlet("c"))
    assert asked[0].source == ("c", "next") and asked[0].at.x() == 464 + 184 + 48


# -- frames and notes


def test_frames_and_notes_are_resized_by_their_edges(draw: Draw) -> None:
    workflow = row()
    layout = replace(
        workflow.layout, frames=(Frame("f", "", 0, 300, 200, 96),), notes=(Note("n", "x", 304, 304, 96, 48),)
    )
    canvas = draw(replace(workflow, layout=layout))
    canvas.drag(QPointF(200, 350), QPointF(261, 350))
    frame = canvas.workflow.layout.frames[0]
    assert (frame.x, frame.y, frame.width, frame.height) == (0, 300, 264, 96)
    canvas.drag(QPointF(304, 304), QPointF(281, 277))
    note = canvas.workflow.layout.notes[0]
    assert (note.x, note.y, note.width, note.height) == (280, 280, 120, 72)
    assert canvas.commands == ["Resize a frame", "Resize a note"] and canvas.undone()


def test_a_note_is_never_smaller_than_can_be_grabbed_and_escape_takes_back(draw: Draw) -> None:
    workflow = row()
    canvas = draw(replace(workflow, layout=replace(workflow.layout, notes=(Note("n", "x", 304, 304, 200, 100),))))
    canvas.begin(QPointF(504, 350), QPointF(100, 350))
    assert canvas.scene.notes["n"].box.width == 96
    canvas.key(Qt.Key.Key_Escape)
    assert canvas.scene.notes["n"].box.width == 200 and not canvas.commands


# -- double clicks and menus


def test_a_double_click_edits_a_step_and_opens_a_called_workflow(draw: Draw) -> None:
    canvas = draw(steps_at(("a", "control.log", 0, 0), ("sub", "control.subworkflow", 232, 0)))
    edited: list[str] = []
    opened: list[str] = []
    canvas.surface.edit_requested.connect(edited.append)
    canvas.surface.open_requested.connect(opened.append)
    canvas.double_click(canvas.middle("a"))
    canvas.double_click(canvas.middle("sub"))
    assert (edited, opened) == (["a"], ["sub"])


def test_a_right_click_selects_what_the_menu_is_for(canvas: Canvas) -> None:
    canvas.click(canvas.middle("a"))
    canvas.press(canvas.middle("b"), NONE, Qt.MouseButton.RightButton)
    assert canvas.selected.steps == {"b"}
    canvas.click(canvas.middle("a"), SHIFT)
    canvas.press(canvas.middle("b"), NONE, Qt.MouseButton.RightButton)
    assert canvas.selected.steps == {"a", "b"}


# -- what may go wrong


def test_a_document_that_changes_during_a_drag_cancels_it(canvas: Canvas) -> None:
    canvas.begin(canvas.middle("lone"), by(canvas.middle("lone"), 80, 80))
    canvas.document.edit("Elsewhere", lambda workflow: edits.set_fields(workflow, "a", label="New"))
    assert canvas.view.gesture is None
    canvas.move(by(canvas.middle("lone"), 120, 80))
    canvas.release(by(canvas.middle("lone"), 120, 80))
    assert canvas.commands == ["Elsewhere"] and canvas.place("lone") == (40, 200)
    assert canvas.scene.geometry.boxes["lone"].x == 40


@pytest.mark.parametrize("gesture", ["move", "wire", "end", "cut", "band"])
def test_the_step_under_a_gesture_may_be_deleted(canvas: Canvas, gesture: str) -> None:
    points = {
        "move": (canvas.middle("b"), QPointF(300, 250)),
        "wire": (canvas.outlet("b"), QPointF(300, 250)),
        "end": (canvas.inlet("b"), QPointF(300, 250)),
        "cut": (QPointF(208, -60), QPointF(208, 90)),
        "band": (QPointF(180, -60), QPointF(440, 90)),
    }[gesture]
    canvas.begin(*points, keys=ALT if gesture == "cut" else NONE)
    canvas.document.edit("Gone", lambda workflow: edits.delete(workflow, {"b"}))
    canvas.move(QPointF(320, 260))
    canvas.release(QPointF(320, 260))
    assert canvas.commands == ["Gone"]
    assert canvas.undone()


@pytest.mark.parametrize("where", ["middle", "outlet", "inlet"])
def test_the_step_may_be_deleted_between_press_and_drag(canvas: Canvas, where: str) -> None:
    point: QPointF = getattr(canvas, where)("c")
    canvas.press(point)
    canvas.document.edit("Gone", lambda workflow: edits.delete(workflow, {"c"}))
    canvas.move(by(point, 40, 40))
    canvas.release(by(point, 40, 40))
    assert canvas.commands == ["Gone"] and canvas.view.gesture is None and not canvas.selected


def test_undo_during_a_drag_cancels_it(canvas: Canvas) -> None:
    canvas.drag(canvas.middle("lone"), by(canvas.middle("lone"), 80, 80))
    canvas.begin(canvas.middle("lone"), by(canvas.middle("lone"), 80, 0))
    canvas.document.undo()
    canvas.release(by(canvas.middle("lone"), 80, 0))
    assert canvas.place("lone") == (40, 200) and canvas.document.document == canvas.start


def test_a_release_far_outside_the_window_counts_where_the_mouse_is(canvas: Canvas) -> None:
    preferences().set("guides", False)
    start = canvas.middle("lone")
    canvas.begin(start, by(start, 3000, 2000))
    canvas.release(by(start, 3000, 2000))
    assert canvas.place("lone") == (3040, 2200) and canvas.undone()


def test_a_release_that_never_comes_cancels(canvas: Canvas) -> None:
    canvas.begin(canvas.middle("lone"), by(canvas.middle("lone"), 80, 80))
    canvas.move(QPointF(400, 400), buttons=Qt.MouseButton.NoButton)
    assert canvas.view.gesture is None and not canvas.commands
    assert canvas.scene.geometry.boxes["lone"].x == 40


def test_another_button_during_a_drag_cancels_it(canvas: Canvas) -> None:
    canvas.begin(canvas.middle("lone"), by(canvas.middle("lone"), 80, 80))
    canvas.press(QPointF(400, 400), NONE, Qt.MouseButton.RightButton)
    canvas.release(QPointF(400, 400))
    assert not canvas.commands and canvas.view.gesture is None


def test_five_thousand_selected_steps_move_as_one_command(draw: Draw) -> None:
    preferences().set("guides", False)
    placed = [(f"s{n}", "control.log", 232.0 * (n % 70), 96.0 * (n // 70)) for n in range(5000)]
    canvas = draw(steps_at(*placed))
    canvas.scene.selection.select_steps(id for id, *_ in placed)
    start = canvas.middle("s0")
    canvas.press(start)
    canvas.move(by(start, 40, 0))
    canvas.move(by(start, 80, 80))
    canvas.release(by(start, 80, 80))
    assert canvas.commands == ["Move 5,000 steps"] and canvas.place("s4999")[0] == placed[4999][2] + 80
    assert canvas.undone()


def test_the_middle_button_pans_and_selects_nothing(canvas: Canvas) -> None:
    before = canvas.view.mapToScene(QPoint(0, 0))
    QTest.mousePress(canvas.view.viewport(), Qt.MouseButton.MiddleButton, NONE, QPoint(300, 300))
    canvas.move(canvas.view.mapToScene(QPoint(360, 340)), buttons=Qt.MouseButton.MiddleButton)
    QTest.mouseRelease(canvas.view.viewport(), Qt.MouseButton.MiddleButton, NONE, QPoint(360, 340))
    assert canvas.view.mapToScene(QPoint(0, 0)) == before - QPointF(60, 40)
    assert not canvas.selected and LEFT is Qt.MouseButton.LeftButton
