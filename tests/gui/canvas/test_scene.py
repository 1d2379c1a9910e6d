"""The scene follows the document: after any edits it is what a new scene would be, and only what changed is touched."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.api import Edge, Place, Step, Workflow
from engine.workflow.model import Frame, Layout, Note
from studio.base.theme import theme
from studio.designer.canvas.container import ContainerItem
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.live import StepLive, WireLive
from studio.designer.canvas.motion import MOST
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.document import WorkflowDocument
from studio.designer.selection import Selected

from .conftest import CATALOG, SAMPLE, Canvas, document_of

Open = Callable[..., Canvas]
ACTIVITIES = ("control.log", "control.condition", "control.foreach", "control.try", "acme.unknown")
PORTS = ("next", "true", "body", "done", "error")


def what_is_shown(scene: CanvasScene) -> dict[str, object]:
    """Everything that a scene shows, in plain data."""
    far = scene.far
    return {
        "shapes": scene.geometry.shapes,
        "curves": scene.geometry.curves,
        "steps": {
            id: (item.pos().toTuple(), item.boundingRect().getRect(), item.look, type(item).__name__, item.error_wired)
            for id, item in scene.steps.items()
        },
        "stacking": {id: item.back.zValue() for id, item in scene.steps.items() if isinstance(item, ContainerItem)},
        "wires": {edge: (wire.look, wire.line.toTuple()) for edge, wire in scene.wires.wires.items()},
        "frames": {id: (item.frame, item.box) for id, item in scene.frames.items()},
        "notes": {id: (item.note, item.box) for id, item in scene.notes.items()},
        "far bars": {
            color: sorted(repr(bar.getRect()) for bar in bars) for color, bars in far.steps.lists.items() if bars
        },
        "far lines": {
            look: sorted(repr(line.toTuple()) for line in lines) for look, lines in far.wires.lists.items() if lines
        },
        "far backs": {id: box.getRect() for id, box in far.backs.items()},
        "content": scene.content().getRect(),
    }


def assert_as_new(scene: CanvasScene) -> None:
    fresh = CanvasScene(scene.document, CATALOG)
    assert what_is_shown(scene) == what_is_shown(fresh)
    edges = [edge for tile in scene.wires.tiles for edge in tile.wires]
    assert sorted(map(str, edges)) == sorted(map(str, scene.wires.wires))
    fresh.deleteLater()


@st.composite
def edits(draw: st.DrawFn, ids: list[str]) -> Callable[[Workflow], Workflow]:
    """One edit of any kind, of a workflow with some of these steps."""
    id, other = draw(st.sampled_from(ids)), draw(st.sampled_from(ids))
    kind = draw(
        st.sampled_from(
            ["add", "remove", "connect", "disconnect", "move", "unplace", "change", "note", "frame", "handler", "swap"]
        )
    )
    activity, port = draw(st.sampled_from(ACTIVITIES)), draw(st.sampled_from(PORTS))
    x, y = draw(st.integers(-20, 20)) * 32.0, draw(st.integers(-20, 20)) * 32.0

    def change(flow: Workflow) -> Workflow:
        layout, known = flow.layout, {step.id for step in flow.steps}
        places = dict(layout.steps)
        if kind == "add" and id not in known:
            places[id] = Place(x, y)
            return replace(flow, steps=(*flow.steps, Step(id, activity)), layout=replace(layout, steps=places))
        if kind == "remove":
            return replace(flow, steps=tuple(step for step in flow.steps if step.id != id))
        if kind == "connect":
            return replace(flow, edges=(*flow.edges, Edge(id, port, other)))
        if kind == "disconnect":
            gone = len(flow.edges) and abs(int(x)) % len(flow.edges)
            return replace(flow, edges=flow.edges[:gone] + flow.edges[gone + 1 :])
        if kind == "move":
            return replace(flow, layout=replace(layout, steps={**places, id: Place(x, y)}))
        if kind == "unplace":
            places.pop(id, None)
            return replace(flow, layout=replace(layout, steps=places))
        if kind == "change":
            steps = tuple(replace(s, activity=activity, label=f"{x}") if s.id == id else s for s in flow.steps)
            return replace(flow, steps=steps)
        if kind == "note":
            others = tuple(note for note in layout.notes if note.id != id)
            return replace(flow, layout=replace(layout, notes=(*others, Note(id, "*hi*", x, y)) if x > 0 else others))
        if kind == "frame":
            frames = tuple(frame for frame in layout.frames if frame.id != id)
            changed = (*frames, Frame(id, "F", x, y)) if x > 0 else frames
            return replace(flow, layout=replace(layout, frames=changed))
        if kind == "handler":
            return replace(flow, on_error=id if x > 0 else None)
        return replace(flow, steps=flow.steps[::-1], edges=flow.edges[::-1])

    return change


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_after_any_edits_the_scene_is_what_a_new_one_would_be(qapp: QApplication, data: st.DataObject) -> None:
    start = Workflow(
        steps=(Step("a", "control.foreach"), Step("b", "control.log"), Step("c", "control.log")),
        edges=(Edge("a", "body", "b"), Edge("a", "done", "c"), Edge("b", "error", "c")),
        layout=Layout({"a": Place(0, 0), "b": Place(40, 80), "c": Place(400, 0)}),
    )
    document = document_of(start)
    scene = CanvasScene(document, CATALOG)
    for _ in range(data.draw(st.integers(1, 12))):
        step = data.draw(st.sampled_from(["edit", "edit", "edit", "undo", "redo", "live"]))
        if step == "edit":
            document.edit("Edit", data.draw(edits(["a", "b", "c", "d"])))
        elif step == "live":
            scene.set_live({"a": StepLive("running"), "b": StepLive("done")})
            scene.flush()
            scene.set_live({"a": None, "b": None})
            scene.flush()
        else:
            getattr(document, step)()
    assert_as_new(scene)
    scene.deleteLater()


def test_a_delta_touches_only_what_it_changed(canvas: Open) -> None:
    shown = canvas()
    before = dict(shown.scene.steps)
    wires = dict(shown.scene.wires.wires)
    shown.document.edit("Connect", lambda flow: replace(flow, edges=(*flow.edges, Edge("help", "next", "off"))))
    assert {id: item for id, item in shown.scene.steps.items() if before[id] is not item} == {}
    assert {edge for edge, wire in shown.scene.wires.wires.items() if wires.get(edge) is not wire} == {
        Edge("help", "next", "off")
    }
    assert_as_new(shown.scene)


def test_a_wire_that_is_taken_away_is_gone_everywhere(canvas: Open) -> None:
    shown = canvas()
    edge = SAMPLE.edges[0]
    middle = QPointF(*shown.scene.geometry.curves[edge].middle)
    assert shown.scene.hit(middle).edge == edge
    shown.document.edit("Disconnect", lambda flow: replace(flow, edges=flow.edges[1:]))
    assert shown.scene.hit(middle).kind == "canvas"
    assert_as_new(shown.scene)
    shown.document.undo()
    assert shown.scene.hit(middle).edge == edge
    assert_as_new(shown.scene)


def test_a_wire_that_comes_to_leave_a_body_shows_it(canvas: Open) -> None:
    shown = canvas()
    wires = shown.scene.wires.wires
    shown.document.edit("Connect", lambda flow: replace(flow, edges=(*flow.edges, Edge("say", "next", "help"))))
    assert wires[Edge("say", "next", "help")].look == "leaving"
    inside = tuple(edge for edge in shown.document.workflow.edges if edge.port != "error")
    shown.document.edit("Disconnect", lambda flow: replace(flow, edges=inside))
    assert wires[Edge("say", "next", "help")].look == "rest", "nothing else leads there: it is in the body now"
    assert_as_new(shown.scene)


@pytest.mark.parametrize("zoom", [0.1, 0.3, 0.5, 0.6, 1.0, 2.0])
def test_a_hit_finds_everything_at_every_zoom(canvas: Open, zoom: float) -> None:
    scene = canvas().scene
    geometry = scene.geometry

    def at(x: float, y: float) -> Hit:
        return scene.hit(QPointF(x, y), zoom)

    assert at(*geometry.outlet("read", "next")) == Hit("port", "read", "next")
    assert at(*geometry.outlet("any", "false")) == Hit("port", "any", "false")
    assert at(*geometry.outlet("each", "body")) == Hit("port", "each", "body")
    assert at(*geometry.outlet("each", "error")) == Hit("port", "each", "error")
    assert at(*geometry.inlet("any")) == Hit("port", "any", "", Edge("read", "next", "any"))
    assert at(*geometry.inlet("read")) == Hit("port", "read", "")
    assert at(90, 28) == Hit("step", "read")
    assert at(600, 20) == Hit("step", "each")
    assert at(740, 124) == Hit("canvas", "each")
    wire = Edge("any", "false", "off")
    assert at(*geometry.curves[wire].at(0.5)) == Hit("wire", edge=wire)
    end = geometry.curves[wire].end
    beside = next(p for p in reversed(geometry.curves[wire].points(400)) if math.dist(p, end) >= 25)
    assert at(*beside) == Hit("wire-end", edge=wire)
    assert at(100, 270) == Hit("note", id="n")
    assert at(0, 200) == Hit("note-edge", id="n", side="top-left")
    assert at(200, 260).side == "right"
    assert at(40, -50) == Hit("frame", id="f")
    assert at(220, 140) == Hit("frame-edge", id="f", side="bottom-right")
    assert at(90, 110) == Hit("canvas", id="f")
    assert at(-400, 600) == Hit()


def test_a_container_and_what_is_in_it_are_dragged_together_and_put_back(canvas: Open) -> None:
    shown = canvas()
    scene = shown.scene
    before = what_is_shown(scene)
    scene.drag_offset(["each"], 40, 24, notes=["n"], frames=["f"])
    assert scene.box("say").topLeft() == QPointF(560, 104)
    assert scene.box("each").topLeft() == QPointF(520, 24)
    assert scene.steps["say"].pos() == QPointF(560, 104)
    assert scene.notes["n"].pos() == QPointF(40, 224)
    assert scene.frames["f"].pos() == QPointF(0, -36)
    assert shown.document.workflow is SAMPLE, "trying out changes nothing"
    scene.drag_offset(["read"], 8, 0)
    assert scene.box("say").topLeft() == QPointF(520, 80)
    assert scene.notes["n"].pos() == QPointF(0, 200)
    scene.end_drag()
    assert what_is_shown(scene) == before


def test_a_drag_that_becomes_an_edit_ends_where_it_was_dragged(canvas: Open) -> None:
    shown = canvas()
    shown.scene.drag_offset(["read"], 16, 8)
    moved = {**SAMPLE.layout.steps, "read": Place(16, 8)}
    shown.scene.end_drag()
    shown.document.edit("Move", replace(SAMPLE, layout=replace(SAMPLE.layout, steps=moved)))
    assert shown.scene.box("read").topLeft() == QPointF(16, 8)
    shown.document.undo()
    assert shown.scene.box("read").topLeft() == QPointF(0, 0)
    assert_as_new(shown.scene)


def test_live_states_are_shown_once_a_frame(canvas: Open, qtbot: QtBot) -> None:
    shown = canvas()
    painted: list[int] = []
    shown.scene.painted_over.connect(lambda: painted.append(1))
    for round in range(50):
        shown.scene.set_live({"read": StepLive("running", f"{round}")})
    assert not painted
    qtbot.waitUntil(lambda: bool(painted))
    assert len(painted) == 1
    assert shown.scene.steps["read"].live == StepLive("running", "49")


def test_motion_starts_with_the_first_running_step_and_ends_with_the_last(canvas: Open) -> None:
    scene = canvas().scene
    assert not scene.motion.active
    scene.set_live({"read": StepLive("running")}, {Edge("read", "next", "any"): WireLive("running", 1)})
    scene.flush()
    assert scene.motion.active
    scene.set_live({"read": StepLive("failed")}, {Edge("read", "next", "any"): WireLive("failed")})
    scene.flush()
    assert not scene.motion.active


def test_a_finished_step_settles_and_then_nothing_moves(canvas: Open, qtbot: QtBot) -> None:
    scene = canvas().scene
    scene.set_live({"read": StepLive("running")})
    scene.flush()
    scene.set_live({"read": StepLive("done")})
    scene.flush()
    assert scene.steps["read"].fresh == 1.0
    qtbot.waitUntil(lambda: not scene.motion.active, timeout=3000)
    assert scene.steps["read"].fresh == 0.0


def test_nothing_moves_where_motion_is_reduced(canvas: Open, qapp: QApplication) -> None:
    scene = canvas().scene
    scene.set_live({"read": StepLive("running")})
    scene.flush()
    theme().apply(qapp, "light", reduced=True)
    assert not scene.motion.active
    scene.set_live({"read": StepLive("done")})
    scene.flush()
    assert scene.steps["read"].fresh == 0.0
    theme().apply(qapp, "light")


def test_too_many_moving_steps_stand_still(canvas: Open) -> None:
    count = MOST + 1
    steps = tuple(Step(f"s{index}", "control.log") for index in range(count))
    scene = canvas(Workflow(steps=steps)).scene
    scene.set_live({step.id: StepLive("running") for step in steps[:-1]})
    scene.flush()
    assert scene.motion.active
    scene.set_live({steps[-1].id: StepLive("running")})
    scene.flush()
    assert not scene.motion.active


def test_states_outlive_an_edit_and_go_with_their_step(canvas: Open) -> None:
    shown = canvas()
    shown.scene.set_live({"read": StepLive("failed", message="No such file\nChoose another")})
    shown.scene.set_problems({"read": "error"})
    shown.scene.flush()
    steps = shown.document.workflow.steps
    shown.document.edit("Delete", lambda flow: replace(flow, steps=steps[1:], edges=flow.edges[1:]))
    assert "read" not in shown.scene.steps
    shown.document.undo()
    item = shown.scene.steps["read"]
    assert (item.status, item.problem) == ("failed", "error")


def test_a_step_that_becomes_a_container_is_drawn_as_one(canvas: Open) -> None:
    shown = canvas()
    shown.document.edit(
        "Change",
        lambda flow: replace(
            flow, steps=tuple(replace(s, activity="control.foreach") if s.id == "read" else s for s in flow.steps)
        ),
    )
    assert shown.scene.steps["read"].form.container
    shown.document.undo()
    assert not shown.scene.steps["read"].form.container
    assert_as_new(shown.scene)


def test_what_is_tried_out_is_drawn_and_taken_back(canvas: Open) -> None:
    shown = canvas()
    plain = shown.picture()
    tries: list[tuple[Callable[[], None], Callable[[], None]]] = [
        (
            lambda: shown.scene.provisional_wire(QPointF(0, 300), QPointF(200, 350), "refused"),
            lambda: shown.scene.provisional_wire(None),
        ),
        (lambda: shown.scene.guides([QLineF(0, -100, 0, 400)]), lambda: shown.scene.guides([])),
        (
            lambda: shown.scene.highlight_drop(Hit("port", "any", "true")),
            lambda: shown.scene.highlight_drop(None),
        ),
        (lambda: shown.scene.highlight_drop(Edge("read", "next", "any")), lambda: shown.scene.highlight_drop(None)),
        (lambda: shown.scene.highlight_drop("each"), lambda: shown.scene.highlight_drop(None)),
        (lambda: shown.scene.highlight_drop(QRectF(0, 0, 50, 50)), lambda: shown.scene.highlight_drop(None)),
    ]
    for show, hide in tries:
        show()
        assert shown.picture() != plain
        hide()
        assert shown.picture() == plain


def test_steps_in_an_area_are_those_it_meets(canvas: Open) -> None:
    scene = canvas().scene
    assert scene.steps_in(QRectF(-10, -10, 300, 40)) == {"read", "any"}
    assert scene.steps_in(QRectF(600, 100, 5, 5)) == {"say"}, "the inside of a container is not the container"
    assert scene.steps_in(QRectF(-500, -500, 10, 10)) == frozenset()


def test_a_selection_of_what_is_gone_is_given_up(canvas: Open) -> None:
    shown = canvas()
    shown.selection.set(Selected(frozenset({"read", "any"}), frozenset({Edge("read", "next", "any")})))
    shown.document.edit("Delete", lambda flow: replace(flow, steps=flow.steps[1:], edges=flow.edges[1:]))
    assert shown.selection.value == Selected(frozenset({"any"}))


def test_twenty_thousand_steps_open_and_can_be_looked_at(qtbot: QtBot) -> None:
    count = 20_000
    steps = tuple(Step(f"s{index}", "control.log", {"message": f"{index}"}) for index in range(count))
    edges = tuple(Edge(f"s{index}", "next", f"s{index + 1}") for index in range(count - 1))
    places = {f"s{index}": Place(index % 150 * 240.0, index // 150 * 100.0) for index in range(count)}
    document = document_of(Workflow(steps=steps, edges=edges, layout=Layout(places)))
    scene = CanvasScene(document, CATALOG)
    view = CanvasView(scene)
    qtbot.addWidget(view)
    view.resize(800, 600)
    view.show()
    view.fit(False)
    assert view.viewport().grab().toImage().allGray() is False
    view.center_on(f"s{count - 1}", animate=False)
    assert view.seen().contains(scene.box(f"s{count - 1}"))
    assert scene.hit(scene.box("s777").center()) == Hit("step", "s777")


def test_a_closed_canvas_is_let_go(qtbot: QtBot, qapp: QApplication) -> None:
    import weakref

    document: WorkflowDocument = document_of(SAMPLE)
    scene = CanvasScene(document, CATALOG)
    view = CanvasView(scene)
    view.show()
    view.viewport().grab()
    gone = weakref.ref(scene)
    view.close()
    view.deleteLater()
    scene.deleteLater()
    del view, scene

    def is_gone() -> bool:
        qapp.processEvents()
        gc.collect()
        return gone() is None

    qtbot.waitUntil(is_gone)
    document.edit("Go on", replace(SAMPLE, name="Other"))
