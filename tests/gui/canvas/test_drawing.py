"""What is drawn is true: colours of states where they belong, at every level of detail and in both themes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.api import Edge, Step, Workflow
from engine.workflow.model import Layout, Note
from studio.base.theme import theme
from studio.designer.canvas.live import StepLive, WireLive
from studio.designer.canvas.shape import STEP_WIDTH
from studio.designer.selection import Selected

from .conftest import Canvas, near

Open = Callable[..., Canvas]
STATUS = [("done", "done"), ("failed", "failed"), ("doubt", "doubt"), ("running", "running"), ("paused", "warn-mark")]


@pytest.fixture(params=["light", "dark"])
def both_themes(request: pytest.FixtureRequest, qapp: QApplication) -> str:
    theme().apply(qapp, request.param)
    return str(request.param)


@pytest.mark.parametrize(("status", "token"), STATUS)
def test_the_corner_of_a_step_shows_its_status(canvas: Open, both_themes: str, status: str, token: str) -> None:
    shown = canvas()
    corner = (STEP_WIDTH - 12, -8, 20, 20)
    assert not shown.shows(token, *corner)
    shown.scene.set_live({"read": StepLive(status)})  # type: ignore[arg-type]
    shown.scene.flush()
    assert shown.shows(token, *corner)
    shown.scene.clear_live()
    shown.scene.flush()
    assert not shown.shows(token, *corner)


@pytest.mark.parametrize("zoom", [1.0, 0.45])
def test_a_tile_has_the_colour_of_its_family(canvas: Open, both_themes: str, zoom: float) -> None:
    shown = canvas()
    shown.view.zoom_to(zoom)
    assert near(shown.color(13, 40), theme().color("cat-data"))
    assert near(shown.color(253, 40), theme().color("cat-flow"))


def test_from_far_a_step_is_a_bar_and_its_status_wins(canvas: Open, both_themes: str) -> None:
    shown = canvas()
    shown.view.zoom_to(0.25)
    assert shown.color(90, 28) == theme().color("cat-data")
    shown.scene.set_live({"read": StepLive("failed")})
    shown.scene.flush()
    assert shown.color(90, 28) == theme().color("failed")
    assert shown.color(330, 28) == theme().color("cat-flow")


@pytest.mark.parametrize("zoom", [1.0, 0.45, 0.25])
def test_the_inside_of_a_container_is_filled(canvas: Open, both_themes: str, zoom: float) -> None:
    shown = canvas()
    shown.view.zoom_to(zoom)
    box = shown.scene.box("each")
    assert shown.color(box.right() - 30, box.bottom() - 10) == theme().color("body-fill")
    assert shown.color(box.right() - 30, box.bottom() + 30) == theme().color("canvas")


def test_a_running_step_has_a_halo(canvas: Open, both_themes: str) -> None:
    shown = canvas()
    assert shown.color(90, -2) != theme().color("running-halo")
    shown.scene.set_live({"read": StepLive("running")})
    shown.scene.flush()
    assert near(shown.color(90, -2), theme().color("running-halo"))


def test_a_selected_step_is_outlined_whatever_its_status(canvas: Open, both_themes: str) -> None:
    shown = canvas()
    shown.scene.set_live({"read": StepLive("failed")})
    shown.selection.select_steps(["read"])
    shown.scene.flush()
    assert shown.shows("focus", 60, -4, 60, 4)


def test_a_disabled_step_is_faint(canvas: Open) -> None:
    shown = canvas()
    assert near(shown.color(580, 244), theme().color("off-fill"))
    shown.document.edit(
        "Enable",
        lambda flow: replace(flow, steps=tuple(replace(step, disabled=False) for step in flow.steps)),
    )
    assert near(shown.color(580, 244), theme().color("raised"))


def test_an_unknown_activity_is_drawn_as_it_is_written(canvas: Open) -> None:
    shown = canvas()
    item = shown.scene.steps["stamp"]
    assert (item.look.title, item.look.known) == ("acme.stamp", False)
    assert shown.shows("warn-mark", 840, -2, STEP_WIDTH, 4)
    assert item.form.outlet("next") is not None, "something can follow it"


def test_wires_show_what_the_run_says(canvas: Open, both_themes: str) -> None:
    shown = canvas()
    edge = Edge("read", "next", "any")
    curve = shown.scene.geometry.curves[edge]
    area = (curve.start.x + 8, curve.start.y - 3, 40, 6)
    assert shown.shows("wire", *area)
    shown.scene.set_live({}, {edge: WireLive("done")})
    shown.scene.flush()
    assert shown.shows("done", *area) and not shown.shows("wire", *area)
    shown.scene.set_live({}, {edge: WireLive("running")})
    shown.scene.flush()
    assert shown.shows("running", *area)
    shown.scene.set_live({}, {edge: None})
    shown.scene.flush()
    assert shown.shows("wire", *area)


def test_an_item_count_stands_on_the_middle_of_its_wire(canvas: Open) -> None:
    shown = canvas()
    edge = Edge("any", "true", "each")
    middle = shown.scene.geometry.curves[edge].middle
    before = shown.picture()
    shown.scene.set_live({}, {edge: WireLive("done", 1284)})
    shown.scene.flush()
    assert shown.picture() != before
    assert shown.shows("raised", middle.x - 12, middle.y - 6, 24, 12)


def test_selected_wires_and_notes_are_marked(canvas: Open) -> None:
    shown = canvas()
    edge = Edge("read", "next", "any")
    curve = shown.scene.geometry.curves[edge]
    shown.selection.set(Selected(edges=frozenset({edge}), notes=frozenset({"n"})))
    assert shown.shows("focus", curve.start.x + 8, curve.start.y - 3, 40, 6)
    assert shown.shows("focus", 20, 198, 100, 4)


def test_a_progress_line_stands_under_the_header(canvas: Open) -> None:
    shown = canvas()
    shown.scene.set_live({"each": StepLive("running", progress=0.5, chip="6 of 12")})
    shown.scene.flush()
    box = shown.scene.box("each")
    assert shown.color(box.x() + 40, 45.5) == theme().color("running")
    assert shown.color(box.right() - 40, 45.5) == theme().color("running-halo")


def test_a_change_of_theme_is_drawn_at_once(canvas: Open, qapp: QApplication) -> None:
    shown = canvas()
    light = shown.picture()
    theme().apply(qapp, "dark")
    assert shown.color(-60, -120) == theme().color("canvas")
    assert near(shown.color(13, 40), theme().color("cat-data"))
    theme().apply(qapp, "light")
    assert shown.picture() == light


def test_larger_text_is_larger_on_the_canvas(canvas: Open, qapp: QApplication) -> None:
    shown = canvas()
    boxes, places = dict(shown.scene.geometry.boxes), shown.document.workflow.layout
    before = shown.view.mapFromScene(shown.scene.box("read")).boundingRect()
    theme().apply(qapp, "light", scale=1.5)
    larger = shown.view.mapFromScene(shown.scene.box("read")).boundingRect()
    assert larger.height() == pytest.approx(1.5 * before.height(), abs=2), "the box grows with its text"
    assert larger.width() == pytest.approx(1.5 * before.width(), abs=2)
    assert (shown.scene.geometry.boxes, shown.document.workflow.layout) == (boxes, places), "and nothing moves"
    assert shown.view.zoom_bar.percent.text() == "100 %"
    theme().apply(qapp, "light")
    assert shown.view.mapFromScene(shown.scene.box("read")).boundingRect().size() == before.size()


def test_a_canvas_opened_with_larger_text_is_as_large(canvas: Open, qapp: QApplication, qtbot: QtBot) -> None:
    theme().apply(qapp, "light", scale=1.5)
    try:
        shown = canvas()
        assert (shown.view.zoom, shown.view.zoom_bar.percent.text()) == (1.5, "100 %")
        shown.view.zoom_bar.show()
        qtbot.mouseClick(shown.view.zoom_bar.larger, Qt.MouseButton.LeftButton)
        assert shown.view.zoom_bar.percent.text() == "125 %"
        qtbot.mouseClick(shown.view.zoom_bar.percent, Qt.MouseButton.LeftButton)
        assert shown.view.zoom == 1.5
    finally:
        theme().apply(qapp, "light")


def test_a_breakpoint_and_a_problem_are_marked(canvas: Open) -> None:
    shown = canvas()
    shown.scene.set_breakpoints({"read": True})
    shown.scene.set_problems({"any": "error"})
    assert shown.shows("breakpoint", -5, -5, 14, 14)
    assert shown.shows("failed", 240 + STEP_WIDTH - 12, -8, 20, 20)
    shown.scene.set_breakpoints({})
    shown.scene.set_problems({})
    assert not shown.shows("breakpoint", -5, -5, 14, 14)
    assert not shown.shows("failed", 240 + STEP_WIDTH - 12, -8, 20, 20)


def test_differences_are_marked_on_steps_and_wires(canvas: Open) -> None:
    shown = canvas()
    edge = Edge("read", "next", "any")
    start = shown.scene.geometry.curves[edge].start
    shown.scene.set_difference({"read": "added", edge: "removed"})
    assert shown.shows("done", 30, 0, 100, 2)
    assert shown.shows("failed", start.x + 8, start.y - 3, 40, 6)
    shown.scene.set_difference({})
    assert not shown.shows("done", 30, 0, 100, 2)
    assert shown.shows("wire", start.x + 8, start.y - 3, 40, 6)


def test_an_empty_canvas_says_what_to_do(canvas: Open) -> None:
    shown = canvas(Workflow())
    assert shown.scene.empty and shown.shows("text-3", -1000, -1000, 3000, 3000)
    before = shown.picture()
    shown.document.edit("Add", lambda flow: replace(flow, steps=(Step("a", "control.log"),)))
    assert not shown.scene.empty
    assert shown.picture() != before


def test_a_note_reads_nothing_from_disk_and_shows_markdown(canvas: Open, tmp_path: object) -> None:
    notes = (
        Note("a", "**bold** ![x](file:///etc/hostname) <img src='file:///etc/hostname'> \0", 0, 0, 200, 100),
        Note("b", "x" * 100_000, 0, 200, float("nan"), -5),
        Note("c", "", float("inf"), 5000, 1e300, 1e300),
    )
    shown = canvas(Workflow(layout=Layout(notes=notes)))
    assert shown.shows("text", 0, 0, 200, 100)
    assert shown.scene.notes["b"].box.width > 0
    shown.view.fit(False)
    shown.picture()


def test_what_is_drawn_at_twice_the_pixels_is_sharp(canvas: Open) -> None:
    shown = canvas()
    image = QImage(2000, 1400, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(2.0)
    painter = QPainter(image)
    shown.view.render(painter, QRectF(0, 0, 1000, 700))
    painter.end()
    at = shown.view.mapFromScene(QPointF(13, 40)) * 2
    assert near(image.pixelColor(at), theme().color("cat-data"))
