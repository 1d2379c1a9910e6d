"""Moving and zooming with a real mouse and real keys, and what floats above the canvas."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from engine.api import Edge, Layout, Place, Step, Workflow
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.live import Link, StepLive
from studio.designer.canvas.view import LARGEST, SMALLEST

from .conftest import SAMPLE, Canvas

Open = Callable[..., Canvas]
FAILURE = StepLive(
    "failed",
    "2 attempts",
    message="orders.xlsx is open in Excel.\nClose it, or write to another file name.",
    links=(Link("retry", "Retry now"), Link("details", "Show details"), Link("third", "Too many")),
)


def wheel(
    shown: Canvas, at: QPoint, notches: float, keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    port = shown.view.viewport()
    event = QWheelEvent(
        QPointF(at),
        QPointF(port.mapToGlobal(at)),
        QPoint(),
        QPoint(0, round(notches * 120)),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(port, event)


def drag(shown: Canvas, start: QPoint, end: QPoint, button: Qt.MouseButton) -> None:
    port = shown.view.viewport()
    QTest.mousePress(port, button, Qt.KeyboardModifier.NoModifier, start)
    for share in (0.3, 0.7, 1.0):
        at = start + (end - start) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(at),
            QPointF(port.mapToGlobal(at)),
            Qt.MouseButton.NoButton,
            button,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(port, event)
    QTest.mouseRelease(port, button, Qt.KeyboardModifier.NoModifier, end)


@pytest.mark.parametrize("notches", [1, -1, 3, -6])
def test_ctrl_and_wheel_zoom_at_the_mouse(canvas: Open, notches: float) -> None:
    shown = canvas()
    at = QPoint(730, 160)
    under, zoom = shown.view.mapToScene(at), shown.view.zoom
    wheel(shown, at, notches, Qt.KeyboardModifier.ControlModifier)
    assert (shown.view.zoom > zoom) == (notches > 0)
    moved = shown.view.mapToScene(at) - under
    assert abs(moved.x()) <= 1 / shown.view.zoom and abs(moved.y()) <= 1 / shown.view.zoom


def test_zooming_there_and_back_ends_where_it_began(canvas: Open) -> None:
    shown = canvas()
    at = QPoint(611, 333)
    before = shown.view.seen().center()
    for notches in (1, 1, 1, 1, -1, -1, -1, -1):
        wheel(shown, at, notches, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.zoom == pytest.approx(1.0)
    assert (shown.view.seen().center() - before).manhattanLength() < 8


def test_zoom_has_limits(canvas: Open) -> None:
    shown = canvas()
    wheel(shown, QPoint(500, 300), 500, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.zoom == LARGEST
    wheel(shown, QPoint(500, 300), -500, Qt.KeyboardModifier.ControlModifier)
    assert shown.view.zoom == SMALLEST
    shown.picture()


def test_the_wheel_scrolls_down_and_with_shift_across(canvas: Open) -> None:
    shown = canvas()
    before = shown.view.seen().center()
    wheel(shown, QPoint(500, 300), -1)
    assert shown.view.seen().center() == before + QPointF(0, 60)
    wheel(shown, QPoint(500, 300), -1, Qt.KeyboardModifier.ShiftModifier)
    assert shown.view.seen().center() == before + QPointF(60, 60)


def test_the_middle_button_pans(canvas: Open) -> None:
    shown = canvas()
    before = shown.view.seen().center()
    drag(shown, QPoint(500, 300), QPoint(420, 350), Qt.MouseButton.MiddleButton)
    assert shown.view.seen().center() == before + QPointF(80, -50)


def test_the_space_bar_makes_the_left_button_pan(canvas: Open) -> None:
    shown = canvas()
    before = shown.view.seen().center()
    drag(shown, QPoint(500, 300), QPoint(420, 350), Qt.MouseButton.LeftButton)
    assert shown.view.seen().center() == before
    QTest.keyPress(shown.view, Qt.Key.Key_Space)
    assert shown.view.viewport().cursor().shape() is Qt.CursorShape.OpenHandCursor
    drag(shown, QPoint(500, 300), QPoint(420, 350), Qt.MouseButton.LeftButton)
    QTest.keyRelease(shown.view, Qt.Key.Key_Space)
    assert shown.view.seen().center() == before + QPointF(80, -50)
    assert shown.view.viewport().cursor().shape() is not Qt.CursorShape.OpenHandCursor


def test_panning_shows_what_it_would_show_drawn_anew(canvas: Open) -> None:
    shown = canvas()
    shown.view.set_minimap(True)
    shown.view.zoom_bar.show()
    QTest.qWait(200)
    for step in ((13, 0), (0, -9), (-40, 31)):
        drag(shown, QPoint(500, 300), QPoint(500 + step[0], 300 + step[1]), Qt.MouseButton.MiddleButton)
        QApplication.processEvents()
    copied = shown.view.grab().toImage()
    shown.view.viewport().update()
    assert copied == shown.view.grab().toImage()


def test_the_zoom_bar_zooms_and_fits(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    bar = shown.view.zoom_bar
    bar.show()
    qtbot.mouseClick(bar.larger, Qt.MouseButton.LeftButton)
    assert shown.view.zoom == pytest.approx(1.25) and bar.percent.text() == "125 %"
    qtbot.mouseClick(bar.smaller, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar.smaller, Qt.MouseButton.LeftButton)
    assert bar.percent.text() == "80 %"
    qtbot.mouseClick(bar.percent, Qt.MouseButton.LeftButton)
    assert shown.view.zoom == 1.0
    qtbot.mouseClick(bar.everything, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: shown.view.seen().contains(shown.scene.content()))
    assert not shown.view.minimap.isVisible()
    qtbot.mouseClick(bar.map, Qt.MouseButton.LeftButton)
    assert shown.view.minimap.isVisible()
    qtbot.mouseClick(bar.map, Qt.MouseButton.LeftButton)
    assert not shown.view.minimap.isVisible()


@pytest.mark.parametrize("down", [0, 150])
def test_fitting_leaves_no_step_under_the_minimap(canvas: Open, down: int) -> None:
    steps = tuple(Step(f"s{number}", "control.log") for number in range(4))
    places = {f"s{number}": Place(number * 232, number * down) for number in range(4)}
    shown = canvas(Workflow(steps=steps, layout=Layout(steps=places)))
    shown.view.set_minimap(True)
    shown.view.resize(700, 420)
    shown.view.fit(animate=False)
    under = shown.view.minimap.geometry()
    boxes = [shown.view.mapFromScene(shown.scene.box(step.id)).boundingRect() for step in steps]
    assert not any(under.intersects(box) for box in boxes)
    assert shown.view.seen().contains(shown.scene.content())
    zoom = shown.view.zoom
    shown.view.set_minimap(False)
    shown.view.fit(animate=False)
    assert shown.view.zoom > zoom if down else shown.view.zoom == zoom  # room is given up only where it is needed


def test_a_press_on_the_minimap_looks_there(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    shown.view.set_minimap(True)
    shown.view.zoom_to(2.0)
    small = shown.view.minimap
    left, right = QPoint(12, small.height() // 2), QPoint(small.width() - 12, small.height() // 2)
    qtbot.mouseClick(small, Qt.MouseButton.LeftButton, pos=left)
    at_left = shown.view.seen().center().x()
    qtbot.mousePress(small, Qt.MouseButton.LeftButton, pos=left)
    qtbot.mouseMove(small, right)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(right),
        QPointF(small.mapToGlobal(right)),
        Qt.MouseButton.NoButton,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(small, event)
    qtbot.mouseRelease(small, Qt.MouseButton.LeftButton, pos=right)
    assert shown.view.seen().center().x() - at_left > 0.7 * shown.scene.content().width()


def test_what_floats_stays_in_its_corner(canvas: Open) -> None:
    shown = canvas()
    shown.view.set_minimap(True)
    shown.view.zoom_bar.show()
    places = shown.view.minimap.geometry(), shown.view.zoom_bar.geometry()
    drag(shown, QPoint(500, 300), QPoint(300, 350), Qt.MouseButton.MiddleButton)
    wheel(shown, QPoint(500, 300), 2)
    assert (shown.view.minimap.geometry(), shown.view.zoom_bar.geometry()) == places
    shown.view.resize(800, 500)
    area = shown.view.viewport().rect()
    assert area.contains(shown.view.minimap.geometry()) and area.contains(shown.view.zoom_bar.geometry())


def test_fit_shows_everything_and_never_enlarges(canvas: Open) -> None:
    shown = canvas()
    shown.view.zoom_to(2.5)
    shown.view.fit(animate=False)
    assert shown.view.seen().contains(shown.scene.content()) and shown.view.zoom <= 1
    shown.selection.select_steps(["off"])
    shown.view.fit_selection(animate=False)
    assert shown.view.zoom == 1 and shown.view.seen().contains(shown.scene.box("off"))


def test_an_empty_canvas_can_be_fitted(canvas: Open) -> None:
    shown = canvas(Workflow())
    shown.view.fit(animate=False)
    assert shown.view.zoom == 1
    shown.picture()


def test_the_way_to_a_step_is_travelled(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    shown.view.zoom_to(0.2)
    shown.view.center_on("help")
    assert shown.view.zoom == pytest.approx(0.2), "it takes a moment"
    qtbot.waitUntil(lambda: shown.view.zoom == 0.7)
    assert (shown.view.seen().center() - shown.scene.box("help").center()).manhattanLength() < 4
    shown.view.center_on("nobody")


def test_a_plus_appears_beside_the_free_outlets_of_the_step_under_the_mouse(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    shown.view.look_at(QPointF(700, 200))
    heard: list[Hit] = []
    shown.view.hovered.connect(heard.append)
    qtbot.mouseMove(shown.view.viewport(), shown.step("stamp"))
    assert heard[-1] == Hit("step", "stamp")
    outlet = shown.scene.geometry.outlet("stamp", "next")
    assert [(step, port) for _, step, port in shown.scene.pluses] == [("stamp", "next")]
    assert shown.shows("accent", outlet.x + 12, outlet.y - 6, 16, 12)
    plus = shown.scene.pluses[0][0]
    assert shown.view.hit(shown.at(plus.x, plus.y)) == Hit("port", "stamp", "next")
    qtbot.mouseMove(shown.view.viewport(), shown.at(300, 30))
    assert shown.scene.pluses == (), "both outlets of the condition lead somewhere"
    qtbot.mouseMove(shown.view.viewport(), QPoint(10, 690))
    assert not shown.shows("accent", outlet.x + 12, outlet.y - 6, 16, 12)


def test_a_wire_under_the_mouse_is_lifted(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    middle = shown.scene.geometry.curves[Edge("any", "false", "off")].middle
    before = shown.picture()
    qtbot.mouseMove(shown.view.viewport(), shown.at(*middle))
    assert shown.picture() != before
    qtbot.mouseMove(shown.view.viewport(), QPoint(10, 690))
    assert shown.picture() == before


def test_what_is_shortened_has_its_full_text_as_tooltip(canvas: Open) -> None:
    name = "A very long name that can never fit into a step on the canvas"
    shown = canvas(Workflow(steps=(Step("a", "control.log", {"message": "hi"}, label=name),)))
    shown.picture()
    at = shown.step("a")
    event = QHelpEvent(QEvent.Type.ToolTip, at, shown.view.viewport().mapToGlobal(at))
    QApplication.sendEvent(shown.view.viewport(), event)
    assert QToolTip.text() == f"{name}\nhi"
    QToolTip.hideText()


def test_a_failed_step_says_so_in_a_bubble_whose_links_can_be_clicked(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    shown.scene.set_live({"any": FAILURE})
    shown.scene.flush()
    bubble = shown.view.bubble
    assert bubble.isVisible() and bubble.width() == 236
    assert bubble.what.text() == "orders.xlsx is open in Excel."
    assert bubble.next.text() == "Close it, or write to another file name."
    assert [button.text() for button in bubble.links] == ["Retry now", "Show details"]
    heard: list[tuple[str, str]] = []
    shown.view.link_clicked.connect(lambda step, link: heard.append((step, link)))
    qtbot.mouseClick(bubble.links[1], Qt.MouseButton.LeftButton)
    assert heard == [("any", "details")]
    shown.scene.set_live({"any": None})
    shown.scene.flush()
    assert not bubble.isVisible()


def test_the_bubble_is_that_of_the_selected_step_else_the_newest(canvas: Open) -> None:
    shown = canvas()
    shown.scene.set_live({"any": FAILURE})
    shown.scene.flush()
    shown.scene.set_live({"read": StepLive("failed", message="No such file")})
    shown.scene.flush()
    assert shown.view.bubble.step_id == "read"
    shown.selection.select_steps(["any"])
    assert shown.view.bubble.step_id == "any"
    shown.selection.clear()
    assert shown.view.bubble.step_id == "read"


def test_the_bubble_follows_its_step_and_hides_from_afar(canvas: Open) -> None:
    shown = canvas()
    shown.scene.set_live({"any": FAILURE})
    shown.scene.flush()
    bubble = shown.view.bubble
    before = bubble.pos()
    drag(shown, QPoint(500, 500), QPoint(560, 540), Qt.MouseButton.MiddleButton)
    assert bubble.pos() == before + QPoint(60, 40)
    shown.view.zoom_to(0.4)
    assert not bubble.isVisible()
    shown.view.zoom_to(1.0)
    assert bubble.isVisible()


class Recorder:
    """A router that takes everything and notes it."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def __getattr__(self, name: str) -> Callable[[Any], bool]:
        def take(event: Any) -> bool:
            self.taken.append(name)
            return True

        return take


def test_everything_else_is_the_routers(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    router = Recorder()
    shown.view.router = router
    port = shown.view.viewport()
    qtbot.mouseClick(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    qtbot.mouseDClick(port, Qt.MouseButton.LeftButton, pos=QPoint(300, 300))
    qtbot.mouseMove(port, QPoint(320, 310))
    qtbot.keyClick(shown.view, Qt.Key.Key_Right)
    assert {"press", "release", "double_click", "move", "key_press", "key_release"} <= set(router.taken)
    before = shown.view.seen()
    drag(shown, QPoint(500, 300), QPoint(400, 300), Qt.MouseButton.MiddleButton)
    assert shown.view.seen() != before, "panning is the view's own"


def test_keys_that_nobody_takes_are_passed_on_and_scroll_nothing(canvas: Open) -> None:
    shown = canvas()
    before = shown.view.seen()
    event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_Down, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(shown.view, event)
    assert not event.isAccepted() and shown.view.seen() == before


@pytest.mark.parametrize("zoom", [1.0, 0.2])
def test_a_gesture_draws_above_everything_at_every_zoom(canvas: Open, zoom: float) -> None:
    class Cross:
        def paint(self, painter: QPainter) -> None:
            painter.fillRect(0, 0, 184, 56, Qt.GlobalColor.magenta)

    shown = canvas(SAMPLE)
    shown.view.zoom_to(zoom)
    shown.view.gesture = Cross()
    assert shown.color(90, 28) == Qt.GlobalColor.magenta
