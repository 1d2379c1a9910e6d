"""Where things lie: containers enclose their bodies, and bringing a geometry up to an edit equals making it anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Catalog, Edge, Place, Plan, Step, Workflow, step_ports
from engine.workflow.model import Layout
from studio.designer.canvas.curve import Curve, Point, flow_curve
from studio.designer.canvas.geometry import Geometry
from studio.designer.canvas.shape import (
    BODY_AROUND,
    BODY_LEFT,
    CONTAINER_WIDTH,
    FARTHEST,
    HEADER,
    STEP_HEIGHT,
    STEP_WIDTH,
)
from studio.designer.edits.places import Rect

CATALOG = Catalog(entry_points=False)


def ports(step: Step) -> tuple[object, ...]:
    return step_ports(step, CATALOG.get(step.activity))


def made(workflow: Workflow) -> Geometry:
    return Geometry(workflow, Plan.of(workflow, ports), ports)  # type: ignore[arg-type]


def workflow(steps: dict[str, tuple[str, float, float]], *edges: str) -> Workflow:
    def edge(text: str) -> Edge:
        source, _, target = text.partition(" -> ")
        step, _, port = source.partition(".")
        return Edge(step, port, target)

    return Workflow(
        steps=tuple(Step(id, activity) for id, (activity, _, _) in steps.items()),
        edges=tuple(edge(text) for text in edges),
        layout=Layout({id: Place(x, y) for id, (_, x, y) in steps.items()}),
    )


LOG, EACH, IF, TRY = "control.log", "control.foreach", "control.condition", "control.try"


def test_a_step_stands_where_the_file_says_with_its_ports_on_its_edges() -> None:
    geometry = made(workflow({"a": (LOG, 40, 80)}))
    shape = geometry.shapes["a"]
    assert shape.box == Rect(40, 80, STEP_WIDTH, STEP_HEIGHT)
    assert shape.inlet == (40, 108)
    assert geometry.outlet("a", "next") == (40 + STEP_WIDTH, 108)
    assert geometry.outlet("a", "error") == (58, 136)


def test_several_outlets_make_a_step_higher_and_stand_apart() -> None:
    step = Step("s", "control.switch", {"value": 1, "cases": [{"port": "paid"}, {"port": "late"}]})
    geometry = made(Workflow(steps=(step,), layout=Layout({"s": Place(0, 0)})))
    outs = [outlet for outlet in geometry.shapes["s"].outlets if outlet.kind == "out"]
    assert {"paid", "late"} <= {outlet.name for outlet in outs}
    assert geometry.boxes["s"].height == 16 + 22 * len(outs)
    heights = [outlet.point.y for outlet in outs]
    assert all(later - earlier == 22 for earlier, later in pairwise(heights))
    assert heights[-1] < geometry.boxes["s"].bottom


def test_a_container_encloses_its_bodies_and_theirs() -> None:
    geometry = made(
        workflow(
            {"each": (EACH, 0, 0), "inner": (EACH, 60, 80), "deep": (LOG, 900, 500), "after": (LOG, 2000, 0)},
            "each.body -> inner",
            "inner.body -> deep",
            "each.done -> after",
        )
    )
    outer, inner, deep = geometry.boxes["each"], geometry.boxes["inner"], geometry.boxes["deep"]
    assert outer.holds(inner) and inner.holds(deep)
    assert inner.right - deep.right == BODY_AROUND and inner.bottom - deep.bottom == BODY_AROUND
    assert not outer.holds(geometry.boxes["after"])
    assert geometry.within(["each"]) == {"each", "inner", "deep"}


def test_a_body_left_of_and_above_its_header_is_enclosed_too() -> None:
    geometry = made(workflow({"each": (EACH, 500, 500), "a": (LOG, 100, 100)}, "each.body -> a"))
    box, body = geometry.boxes["each"], geometry.boxes["a"]
    assert (box.x, box.y) == (body.x - BODY_LEFT, body.y - BODY_AROUND - HEADER)
    assert box.right == 500 + CONTAINER_WIDTH and box.holds(body)


def test_an_empty_container_has_room_to_drop_into() -> None:
    box = made(workflow({"each": (EACH, 0, 0)})).boxes["each"]
    assert box.width == CONTAINER_WIDTH and box.height > HEADER + STEP_HEIGHT


def test_body_ports_stand_apart_inside_the_wall() -> None:
    geometry = made(
        workflow(
            {"t": (TRY, 0, 0), "a": (LOG, 200, 80), "b": (LOG, 200, 82), "c": (LOG, 200, 84)},
            "t.body -> a",
            "t.catch -> b",
            "t.finally -> c",
        )
    )
    bodies = [outlet for outlet in geometry.shapes["t"].outlets if outlet.kind == "body"]
    assert [outlet.name for outlet in bodies] == ["body", "catch", "finally"]
    heights = [outlet.point.y for outlet in bodies]
    assert all(later - earlier >= 22 for earlier, later in pairwise(heights))
    assert all(outlet.point.x == geometry.boxes["t"].x + 7 for outlet in bodies)


def test_an_error_wire_leaves_downwards_and_others_to_the_right() -> None:
    geometry = made(workflow({"a": (LOG, 0, 0), "b": (LOG, 100, 300)}, "a.error -> b", "a.next -> b"))
    error, flow = geometry.curves[Edge("a", "error", "b")], geometry.curves[Edge("a", "next", "b")]
    assert error.one.x == error.start.x and error.one.y > error.start.y
    assert flow.one.y == flow.start.y and flow.one.x > flow.start.x
    assert error.end == flow.end == geometry.inlet("b")


def test_wires_from_a_body_to_outside_are_known() -> None:
    geometry = made(
        workflow({"each": (EACH, 0, 0), "a": (LOG, 60, 80), "z": (LOG, 900, 0)}, "each.body -> a", "each.done -> z")
    )
    assert not geometry.leaving
    geometry = made(
        workflow(
            {"each": (EACH, 0, 0), "a": (LOG, 60, 80), "z": (LOG, 900, 0)},
            "each.body -> a",
            "each.done -> z",
            "a.next -> z",
        )
    )
    assert geometry.leaving == {Edge("a", "next", "z")}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 1e300, -1e300])
def test_a_place_that_is_nowhere_counts_as_none(value: float) -> None:
    flow = workflow({"a": (LOG, 0, 0), "b": (LOG, 0, 0)}, "a.next -> b")
    flow = replace(flow, layout=Layout({"a": Place(0, 0), "b": Place(value, value)}))
    box = made(flow).boxes["b"]
    assert abs(box.x) <= FARTHEST and abs(box.y) <= FARTHEST and not box.meets(made(flow).boxes["a"])


def test_steps_without_places_do_not_lie_on_each_other() -> None:
    flow = workflow({f"s{index}": (LOG, 0, 0) for index in range(30)}, *(f"s{i}.next -> s{i + 1}" for i in range(20)))
    geometry = made(replace(flow, layout=Layout()))
    boxes = list(geometry.boxes.values())
    assert not any(one.meets(other) for index, one in enumerate(boxes) for other in boxes[:index])


def test_wires_that_make_no_sense_are_drawn_as_far_as_they_can() -> None:
    geometry = made(
        workflow(
            {"a": (LOG, 0, 0), "b": ("acme.unknown", 300, 0)},
            "a.next -> a",
            "a.next -> b",
            "a.next -> b",
            "a.nowhere -> b",
            "b.other -> a",
            "ghost.next -> a",
            "a.next -> ghost",
        )
    )
    assert sorted(str(edge) for edge in geometry.curves) == [
        "a.next -> a",
        "a.next -> b",
        "a.nowhere -> b",
        "b.other -> a",
    ]
    assert geometry.shapes["b"].outlet("other") is not None


def test_a_very_deep_nest_is_no_problem() -> None:
    depth = 3000
    steps = {f"e{index}": (EACH, 30.0 * index, 50.0 * index) for index in range(depth)}
    geometry = made(workflow(steps, *(f"e{i}.body -> e{i + 1}" for i in range(depth - 1))))
    assert geometry.boxes["e0"].holds(geometry.boxes[f"e{depth - 1}"])
    assert len(geometry.within(["e0"])) == depth
    moved = geometry.shift([f"e{depth - 1}"], 1000, 1000)
    assert len(moved.steps) == depth


def test_a_shift_is_forgotten_as_if_it_had_not_been() -> None:
    flow = workflow(
        {"each": (EACH, 0, 0), "a": (LOG, 60, 80), "b": (LOG, 300, 80), "z": (LOG, 900, 0)},
        "each.body -> a",
        "a.next -> b",
        "each.done -> z",
    )
    geometry = made(flow)
    before, curves = dict(geometry.shapes), dict(geometry.curves)
    moved = geometry.shift(["b"], 400, 200)
    assert moved.steps == {"b", "each"}
    assert geometry.boxes["each"].holds(geometry.boxes["b"])
    assert moved.edges >= {Edge("a", "next", "b"), Edge("each", "done", "z")}
    geometry.shift((), 0, 0)
    assert geometry.shapes == before and geometry.curves == curves


def test_a_short_level_wire_does_not_run_back_over_itself() -> None:
    across = [x for x, _ in flow_curve(Point(0, 0), Point(21, 0)).points(50)]
    assert across == sorted(across)


def test_a_point_on_a_curve_is_near_it() -> None:
    curve = flow_curve(Point(0, 0), Point(300, 120))
    assert curve.distance(*curve.at(0.3)) < 2
    assert curve.distance(150, -200) > 100
    bounds = curve.bounds
    assert all(bounds.x <= x <= bounds.right and bounds.y <= y <= bounds.bottom for x, y in curve.points())
    assert isinstance(curve, Curve)


ACTIVITIES = (LOG, IF, EACH, TRY, "acme.unknown")
PORTS = ("next", "true", "false", "body", "done", "catch", "error")


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    count = draw(st.integers(1, 7))
    ids = [f"s{index}" for index in range(count)]
    steps = tuple(Step(id, draw(st.sampled_from(ACTIVITIES))) for id in ids)
    pairs = st.tuples(st.sampled_from(ids), st.sampled_from(PORTS), st.sampled_from([*ids, "ghost"]))
    edges = tuple(Edge(*edge) for edge in draw(st.lists(pairs, max_size=10)))
    spots = st.integers(-40, 40).map(lambda value: value * 16.0)
    places = {id: Place(draw(spots), draw(spots)) for id in ids if draw(st.integers(0, 9))}
    return Workflow(steps=steps, edges=edges, layout=Layout(places), on_error=draw(st.sampled_from([None, *ids])))


@settings(max_examples=60, deadline=None)
@given(st.lists(workflows(), min_size=2, max_size=4))
def test_following_edits_gives_what_starting_anew_gives(states: list[Workflow]) -> None:
    geometry = made(states[0])
    for before, after in pairwise(states):
        known = dict(geometry.shapes), dict(geometry.curves)
        moved = geometry.update(after, Plan.of(after, ports), structure=True)  # type: ignore[arg-type]
        fresh = made(after)
        assert geometry.shapes == fresh.shapes
        assert geometry.curves == fresh.curves
        assert (geometry.leaving, geometry.members, geometry.boxes) == (fresh.leaving, fresh.members, fresh.boxes)
        differing = {id for id in known[0].keys() | fresh.shapes.keys() if known[0].get(id) != fresh.shapes.get(id)}
        assert differing <= moved.steps
        changed = {
            edge for edge in known[1].keys() | fresh.curves.keys() if known[1].get(edge) != fresh.curves.get(edge)
        }
        assert changed <= moved.edges
        assert before is not after


@settings(max_examples=60, deadline=None)
@given(workflows(), st.data())
def test_moving_steps_gives_what_starting_anew_gives(flow: Workflow, data: st.DataObject) -> None:
    geometry = made(flow)
    spots = st.integers(-40, 40).map(lambda value: value * 16.0)
    ids = data.draw(st.sets(st.sampled_from([step.id for step in flow.steps]), min_size=1))
    places = dict(flow.layout.steps) | {id: Place(data.draw(spots), data.draw(spots)) for id in sorted(ids)}
    after = replace(flow, layout=replace(flow.layout, steps=places))
    geometry.update(after, Plan.of(after, ports), structure=False, steps=ids)  # type: ignore[arg-type]
    fresh = made(after)
    assert geometry.shapes == fresh.shapes and geometry.curves == fresh.curves and geometry.boxes == fresh.boxes


@settings(max_examples=60, deadline=None)
@given(workflows())
def test_every_container_encloses_whatever_is_in_its_bodies(flow: Workflow) -> None:
    geometry = made(flow)
    for id, members in geometry.members.items():
        assert all(geometry.boxes[id].holds(geometry.boxes[member]) for member in members)


def test_what_the_file_does_not_place_covers_nothing() -> None:
    drawn = workflow(
        {
            "begin": ("control.log", 0, 0),
            "next": ("control.log", 0, 0),
            "each": ("control.foreach", 0, 0),
            "fill": ("control.log", 0, 0),
            "send": ("control.log", 0, 0),
            "inner": ("control.foreach", 0, 0),
            "deep": ("control.log", 0, 0),
            "end": ("control.log", 0, 0),
        },
        "begin.next -> next", "begin.next -> each", "each.body -> fill", "fill.next -> send", "fill.next -> inner",
        "inner.body -> deep", "each.done -> end",
    )  # fmt: skip
    geometry = made(replace(drawn, layout=Layout()))
    boxes = {id: shape.box for id, shape in geometry.shapes.items()}
    inside = {"each": {"fill", "send", "inner", "deep"}, "inner": {"deep"}}
    for one in boxes:
        for other in boxes:
            if one < other and other not in inside.get(one, ()) and one not in inside.get(other, ()):
                a, b = boxes[one], boxes[other]
                apart = a.right <= b.x or b.right <= a.x or a.bottom <= b.y or b.bottom <= a.y
                assert apart, (one, a, other, b)
