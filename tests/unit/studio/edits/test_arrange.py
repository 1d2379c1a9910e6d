"""The automatic layout: nothing overlaps, the flow goes right, bodies lie inside, handlers below."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Edge, Frame, Layout, Note, Place, Step, Workflow
from studio.designer import arrange, edits
from studio.designer.canvas.geometry import Geometry
from studio.designer.edits import Rect
from tests.unit.studio.edits.workflows import catalog, chain, plan_of, sound, workflows


def geometry_of(workflow: Workflow) -> Geometry:
    return Geometry(workflow, plan_of(workflow), edits.ports_of(catalog()))


def laid_out(workflow: Workflow, only: set[str] | None = None) -> Workflow:
    geometry = geometry_of(workflow)
    places = arrange.layered(geometry, plan_of(workflow), only)
    return arrange.laid_out(workflow, places, geometry.boxes)


def boxes_of(workflow: Workflow) -> dict[str, Rect]:
    return dict(geometry_of(workflow).boxes)


@settings(deadline=None, max_examples=60)
@given(workflows(14))
def test_no_box_meets_another_and_bodies_lie_in_their_containers(workflow: Workflow) -> None:
    changed = laid_out(workflow)
    sound(changed)
    plan, boxes = plan_of(changed), boxes_of(changed)
    ids = list(boxes)
    for rank, one in enumerate(ids):
        around_one = {container for container, _ in plan.enclosing(one)}
        for other in ids[rank + 1 :]:
            around_other = {container for container, _ in plan.enclosing(other)}
            if other in around_one:
                assert boxes[other].holds(boxes[one])
            elif one in around_other:
                assert boxes[one].holds(boxes[other])
            else:
                assert not boxes[one].meets(boxes[other], 31), (one, other, boxes[one], boxes[other])


@settings(deadline=None, max_examples=60)
@given(workflows(14))
def test_the_flow_goes_right_and_errors_hang_below(workflow: Workflow) -> None:
    changed = laid_out(workflow)
    plan, boxes = plan_of(changed), boxes_of(changed)
    for edge in changed.edges:
        source, target = boxes[edge.source], boxes[edge.target]
        if (edge.source, edge.port) == plan.inside(edge.target) or edge.port != "error":
            assert target.x > source.x
            continue
        # What an error outlet leads to, as long as none of it leads back to the flow, hangs below.
        starts = {other.target for other in plan.successors[edge.source] if other.port == "error"}
        handler = edits.downstream(changed, starts)
        if all(
            before.source in handler or (before.source, before.port) == (edge.source, "error")
            for id in handler
            for before in plan.predecessors[id]
        ):
            assert target.y >= source.bottom + 40 and target.x >= source.x + 32


@settings(deadline=None, max_examples=30)
@given(workflows(14))
def test_laying_out_again_changes_nothing(workflow: Workflow) -> None:
    once = laid_out(workflow)
    assert laid_out(once) == once


@settings(deadline=None, max_examples=40)
@given(workflows(14), st.sets(st.integers(0, 13), min_size=1))
def test_only_what_is_selected_moves(workflow: Workflow, ranks: set[int]) -> None:
    chosen = {step.id for rank, step in enumerate(workflow.steps) if rank in ranks}
    moved, _, _ = edits.moving(workflow, plan_of(workflow), {}, chosen)
    changed = laid_out(workflow, chosen)
    sound(changed)
    for id, place in workflow.layout.steps.items():
        if id not in moved:
            assert changed.layout.steps[id] == place


def test_a_row_stands_48_apart_on_one_line_from_where_it_began() -> None:
    workflow = chain("a", "b", "c")
    workflow = edits.move(workflow, 400, 80, ["a", "b", "c"])
    workflow = edits.move(workflow, 3, 77, ["b"])
    places = laid_out(workflow).layout.steps
    assert [(place.x, place.y) for place in places.values()] == [(400, 80), (632, 80), (864, 80)]


def test_branches_lie_40_apart_around_the_middle_and_do_not_cross() -> None:
    workflow = Workflow(
        steps=(
            Step("a", "control.log"),
            Step("if", "control.condition"),
            Step("no", "control.log"),
            Step("yes", "control.log"),
            Step("end", "control.log"),
        ),
        edges=(
            Edge("a", "next", "if"),
            Edge("if", "false", "no"),
            Edge("if", "true", "yes"),
            Edge("no", "next", "end"),
            Edge("yes", "next", "end"),
        ),
    )
    boxes = boxes_of(laid_out(workflow))
    assert boxes["no"].y == boxes["yes"].bottom + 40
    assert boxes["yes"].y < boxes["end"].y < boxes["no"].y


def test_a_handler_hangs_below_its_step_32_to_the_right() -> None:
    workflow = replace(
        chain("a", "b", "c"),
        steps=(*chain("a", "b", "c").steps, Step("tell", "control.log"), Step("more", "control.log")),
        edges=(*chain("a", "b", "c").edges, Edge("b", "error", "tell"), Edge("tell", "next", "more")),
    )
    boxes = boxes_of(laid_out(workflow))
    assert (boxes["tell"].x, boxes["tell"].y) == (boxes["b"].x + 32, boxes["b"].bottom + 40)
    assert (boxes["more"].x, boxes["more"].y) == (boxes["tell"].right + 48, boxes["tell"].y)


def test_a_frame_goes_with_its_steps_and_a_note_with_the_nearest() -> None:
    workflow = edits.move(chain("a", "b", "far"), 1000, 600, ["far"])
    layout = replace(
        workflow.layout,
        frames=(Frame("f", "", 1440, 560, 240, 120),),
        notes=(Note("n", "", 1480, 680, 96, 48),),
    )
    changed = laid_out(replace(workflow, layout=layout)).layout
    dx, dy = changed.steps["far"].x - 1464, changed.steps["far"].y - 600
    assert (dx, dy) == (-1000, -600)
    assert (changed.frames[0].x, changed.frames[0].y) == (1440 + dx, 560 + dy)
    assert (changed.notes[0].x, changed.notes[0].y) == (1480 + dx, 680 + dy)


def test_five_thousand_steps_are_laid_out_without_a_recursion() -> None:
    workflow = chain(*(f"s{n}" for n in range(5000)))
    boxes = boxes_of(laid_out(replace(workflow, layout=Layout())))
    assert boxes["s4999"].x == boxes["s0"].x + 4999 * 232 and boxes["s4999"].y == boxes["s0"].y


def test_a_circle_is_laid_out_all_the_same() -> None:
    workflow = chain("a", "b", "c")
    workflow = replace(workflow, edges=(*workflow.edges, Edge("c", "next", "a"), Edge("a", "next", "a")))
    boxes = list(boxes_of(laid_out(workflow)).values())
    assert len(boxes) == 3 and not any(one.meets(other) for one in boxes for other in boxes if one is not other)


def test_aligning_and_spreading() -> None:
    boxes = {"a": Rect(0, 0, 100, 50), "b": Rect(130, 40, 200, 50), "c": Rect(500, 90, 100, 70)}
    assert {id: place.x for id, place in arrange.align(boxes, "left").items()} == {"a": 0, "b": 0, "c": 0}
    assert {id: place.x for id, place in arrange.align(boxes, "right").items()} == {"a": 500, "b": 400, "c": 500}
    assert {id: place.x for id, place in arrange.align(boxes, "center").items()} == {"a": 250, "b": 200, "c": 250}
    assert {id: place.y for id, place in arrange.align(boxes, "top").items()} == {"a": 0, "b": 0, "c": 0}
    assert {id: place.y for id, place in arrange.align(boxes, "bottom").items()} == {"a": 110, "b": 110, "c": 90}
    assert {id: place.y for id, place in arrange.align(boxes, "middle").items()} == {"a": 55, "b": 55, "c": 45}
    assert arrange.spread(boxes, "x") == {"a": Place(0, 0), "b": Place(200, 40), "c": Place(500, 90)}
    assert arrange.spread({"a": boxes["a"], "b": boxes["b"]}, "y") == {"a": Place(0, 0), "b": Place(130, 40)}
    assert arrange.align({}, "left") == {} and arrange.spread({}, "x") == {}
