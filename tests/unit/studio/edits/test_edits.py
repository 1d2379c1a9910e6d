"""Every edit leaves a workflow that can be saved, read and drawn, and changes nothing but what it says."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Edge, Place, Retry, Step, Workflow
from studio.designer import edits
from studio.designer.edits import Rect
from studio.designer.rules import why_not
from tests.unit.studio.edits.workflows import (
    KINDS,
    catalog,
    chain,
    graph_problems,
    plan_of,
    sound,
    workflows,
)

QUICK = settings(deadline=None, max_examples=30)
subsets = st.sets(st.integers(0, 9))


def chosen(workflow: Workflow, ranks: set[int]) -> set[str]:
    return {step.id for rank, step in enumerate(workflow.steps) if rank in ranks}


@QUICK
@given(workflows(), st.sampled_from(KINDS), st.floats(-1e5, 1e5), st.floats(-1e5, 1e5))
def test_a_new_step_is_named_after_its_activity_and_stands_on_the_grid(
    workflow: Workflow, kind: str, x: float, y: float
) -> None:
    boxes = [Rect(place.x, place.y, 184, 56) for place in workflow.layout.steps.values()]
    changed, id = edits.add_step(workflow, catalog(), kind, x, y, taken=boxes)
    sound(changed)
    assert id.startswith(kind.partition(".")[2])
    place = changed.layout.steps[id]
    assert place.x % 8 == 0 and place.y % 8 == 0
    assert not any(Rect(place.x, place.y, 184, 56).meets(box, 16) for box in boxes)
    assert [step for step in changed.steps if step.id != id] == list(workflow.steps)


@QUICK
@given(workflows(), st.data())
def test_a_step_is_wired_from_the_outlet_it_is_added_to(workflow: Workflow, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(workflow.steps)).id
    changed, id = edits.add_step(workflow, catalog(), "data.sort", 0, 0, source=(source, "error"))
    sound(changed)
    assert set(changed.edges) - set(workflow.edges) == {Edge(source, "error", id)}
    assert not graph_problems(changed)


@QUICK
@given(workflows(), subsets)
def test_deleting_takes_the_wires_along(workflow: Workflow, ranks: set[int]) -> None:
    gone = chosen(workflow, ranks)
    changed = edits.delete(workflow, gone)
    sound(changed)
    assert {step.id for step in changed.steps} == {step.id for step in workflow.steps} - gone
    assert set(changed.edges) <= set(workflow.edges)


@QUICK
@given(workflows(), subsets)
def test_healing_joins_what_stood_around_and_makes_no_problem(workflow: Workflow, ranks: set[int]) -> None:
    gone = chosen(workflow, ranks)
    changed = edits.heal(workflow, catalog(), gone)
    sound(changed)
    assert {step.id for step in changed.steps} == {step.id for step in workflow.steps} - gone
    assert not graph_problems(changed)


@QUICK
@given(workflows(), st.data())
def test_splicing_puts_a_step_between(workflow: Workflow, data: st.DataObject) -> None:
    if not workflow.edges:
        return
    edge = data.draw(st.sampled_from(workflow.edges))
    boxes = {id: Rect(place.x, place.y, 184, 56) for id, place in workflow.layout.steps.items()}
    follow = edits.downstream(workflow, {edge.target})
    changed, id = edits.splice_in(workflow, catalog(), edge, "data.sort", boxes, follow=follow)
    sound(changed)
    assert edge not in changed.edges
    assert {Edge(edge.source, edge.port, id), Edge(id, "next", edge.target)} <= set(changed.edges)
    assert not graph_problems(changed)


@QUICK
@given(workflows(), st.data())
def test_renaming_follows_everywhere(workflow: Workflow, data: st.DataObject) -> None:
    old = data.draw(st.sampled_from(workflow.steps)).id
    changed = edits.rename(workflow, old, "quite_new")
    sound(changed)
    assert edits.rename(changed, "quite_new", old) == workflow
    assert f"steps.{old}." not in str(changed.steps)


@QUICK
@given(workflows(), subsets, st.integers(-500, 500), st.integers(-500, 500))
def test_moving_moves_bodies_along_and_comes_back(workflow: Workflow, ranks: set[int], dx: int, dy: int) -> None:
    plan = plan_of(workflow)
    steps, _, _ = edits.moving(workflow, plan, {}, chosen(workflow, ranks))
    for id in (step.id for step in workflow.steps):
        assert (id in steps) == (
            id in chosen(workflow, ranks) or any(c in chosen(workflow, ranks) for c, _ in plan.enclosing(id))
        )
    changed = edits.move(workflow, dx, dy, steps)
    sound(changed)
    for id, place in workflow.layout.steps.items():
        moved = (dx, dy) if id in steps else (0, 0)
        assert (changed.layout.steps[id].x, changed.layout.steps[id].y) == (place.x + moved[0], place.y + moved[1])
    assert edits.move(changed, -dx, -dy, steps) == workflow


@QUICK
@given(workflows(), subsets)
def test_what_comes_before_and_after_agrees_with_the_wires(workflow: Workflow, ranks: set[int]) -> None:
    start = chosen(workflow, ranks)
    above, below = edits.upstream(workflow, start), edits.downstream(workflow, start)
    for edge in workflow.edges:
        assert edge.target not in above or edge.source in above
        assert edge.source not in below or edge.target in below
    assert start <= above and start <= below


def test_a_healed_condition_goes_on_by_its_first_wired_outlet() -> None:
    workflow = Workflow(
        steps=(
            Step("a", "control.log"),
            Step("if", "control.condition"),
            Step("b", "control.log"),
            Step("c", "control.log"),
        ),
        edges=(Edge("a", "next", "if"), Edge("if", "false", "c"), Edge("if", "true", "b")),
    )
    assert edits.heal(workflow, catalog(), {"if"}).edges == (Edge("a", "next", "b"),)


def test_healing_a_loop_alone_puts_its_body_in_its_place() -> None:
    workflow = Workflow(
        steps=(*chain("a", "in", "out", "z").steps, Step("each", "control.foreach")),
        edges=(
            Edge("a", "next", "each"),
            Edge("each", "body", "in"),
            Edge("in", "next", "out"),
            Edge("each", "done", "z"),
        ),
    )
    healed = edits.heal(workflow, catalog(), {"each"})
    assert set(healed.edges) == {Edge("a", "next", "in"), Edge("in", "next", "out"), Edge("out", "next", "z")}


def test_healing_the_start_of_the_error_handler_starts_it_with_the_next() -> None:
    workflow = replace(chain("help", "more"), on_error="help")
    assert edits.heal(workflow, catalog(), {"help"}).on_error == "more"
    assert edits.delete(workflow, {"help"}).on_error is None


def test_healing_five_thousand_steps_in_a_row_joins_the_ends() -> None:
    workflow = chain(*(f"s{n}" for n in range(5000)))
    healed = edits.heal(workflow, catalog(), {f"s{n}" for n in range(1, 4999)})
    assert healed.edges == (Edge("s0", "next", "s4999"),)


def test_splicing_makes_room_behind_and_only_there() -> None:
    workflow = chain("a", "b", "c")
    boxes = {id: Rect(place.x, place.y, 184, 56) for id, place in workflow.layout.steps.items()}
    changed, id = edits.splice_in(
        workflow, catalog(), Edge("a", "next", "b"), "data.sort", boxes, follow=edits.downstream(workflow, {"b"})
    )
    places = {id: place.x for id, place in changed.layout.steps.items()}
    assert places == {"a": 0, id: 232, "b": 464, "c": 696}


def test_parameters_and_fields_are_set_one_at_a_time() -> None:
    workflow = chain("a", "b")
    changed = edits.set_parameter(workflow, "a", "message", "hello")
    changed = edits.set_fields(changed, "a", label="Greet", retry=Retry(), timeout="5m", join="any")
    sound(changed)
    assert changed.step("a") == Step(
        "a", "control.log", {"message": "hello"}, label="Greet", retry=Retry(), timeout="5m", join="any"
    )
    assert changed.step("b") is workflow.step("b")
    assert edits.set_parameters(changed, "a", {"level": "error"}, without=["message"]).step("a").parameters == {
        "level": "error"
    }
    with pytest.raises(TypeError, match="no field 'id'"):
        edits.set_fields(workflow, "a", id="b")
    with pytest.raises(KeyError):
        edits.set_fields(workflow, "nobody", label="x")


def test_disabling_leaves_what_is_disabled_already_as_it_is() -> None:
    workflow = edits.disable(chain("a", "b"), {"a"})
    again = edits.disable(workflow, {"a", "b"})
    assert [step.disabled for step in again.steps] == [True, True] and again.steps[0] is workflow.steps[0]


def test_notes_and_frames_share_their_ids_and_are_changed_by_them() -> None:
    workflow, note = edits.add_note(chain("a", "b"), 13, 21, "**late**")
    workflow, frame = edits.frame_around(workflow, [Rect(0, 0, 184, 56), Rect(232, 0, 184, 56)], "Read")
    sound(workflow)
    assert (workflow.layout.notes[0].x, workflow.layout.notes[0].y) == (16, 24)
    found = workflow.layout.frames[0]
    assert Rect(found.x, found.y, found.width, found.height).holds(Rect(0, 0, 416, 56))
    workflow = edits.set_frame(edits.set_note(workflow, note, text="x"), frame, title="Write", width=640.0)
    sound(workflow)
    assert (workflow.layout.notes[0].text, workflow.layout.frames[0].title) == ("x", "Write")
    assert edits.delete(workflow, notes=[note], frames=[frame]) == chain("a", "b")


def test_a_frame_takes_along_what_lies_inside_it() -> None:
    workflow, outer = edits.add_frame(chain("a", "b", "c"), Rect(-16, -32, 448, 112))
    workflow, inner = edits.add_frame(workflow, Rect(-8, -24, 208, 96))
    workflow, note = edits.add_note(workflow, 0, 0, width=96, height=48)
    boxes = {id: Rect(place.x, place.y, 184, 56) for id, place in workflow.layout.steps.items()}
    assert edits.moving(workflow, plan_of(workflow), boxes, frames=[outer]) == (
        frozenset({"a", "b"}),
        frozenset({note}),
        frozenset({outer, inner}),
    )
    assert edits.moving(workflow, plan_of(workflow), boxes, frames=[inner]) == (
        frozenset({"a"}),
        frozenset({note}),
        frozenset({inner}),
    )


@pytest.mark.parametrize(
    ("name", "taken", "id"),
    [
        ("data.read_csv", (), "read_csv"),
        ("data.read_csv", ("read_csv",), "read_csv_2"),
        ("data.read_csv", ("read_csv", "read_csv_2"), "read_csv_3"),
        ("Order report 7", (), "order_report_7"),
        ("Order report 7", ("order_report_7",), "order_report_8"),
        ("control.try", (), "try_1"),
        ("Отчет", (), "step"),
        ("7 days", (), "step_7_days"),
        ("", ("step",), "step_2"),
        ("x" * 90, (), "x" * 64),
    ],
)
def test_ids_are_readable(name: str, taken: tuple[str, ...], id: str) -> None:
    assert edits.named_id(name, taken) == id


def test_moving_an_end_keeps_the_place_of_the_wire() -> None:
    workflow = chain("a", "b", "c")
    assert edits.move_target(workflow, Edge("a", "next", "b"), "c").edges[0] == Edge("a", "next", "c")
    assert edits.move_source(workflow, Edge("b", "next", "c"), "a", "error").edges[1] == Edge("a", "error", "c")
    assert edits.connect(workflow, "a", "next", "b") is workflow
    assert why_not(workflow, plan_of(workflow), catalog(), "a", "error", "c") == ""


def test_a_place_that_the_file_does_not_give_is_taken_from_where_it_is_drawn() -> None:
    workflow = replace(chain("a"), layout=Workflow().layout)
    assert edits.move(workflow, 8, 16, ["a"]) == workflow
    assert edits.move(workflow, 8, 16, ["a"], places={"a": Place(1, 2)}).layout.steps["a"] == Place(9, 18)
