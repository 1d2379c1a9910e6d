from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.api import Edge, Frame, Input, Layout, Note, Place, Step, Workflow, compare, loads
from studio.designer.difference.changes import compared

THEIRS = loads("""
rpa: 1
name: Orders
inputs: {day: {type: date}}
steps:
  - {id: read, activity: data.read_csv, with: {path: a.csv}}
  - {id: sum, activity: data.aggregate, with: {rows: "{{ steps.read.output.rows }}"}}
  - {id: mail, activity: files.write, with: {path: x, text: "{{ steps.sum.output }}"}}
  - {id: log, activity: control.log, with: {message: done}}
edges: [read.next -> sum, sum.next -> mail, mail.next -> log]
layout:
  steps: {read: {x: 0, y: 0}, sum: {x: 240, y: 0}, mail: {x: 480, y: 0}, log: {x: 720, y: 0}}
""").workflow

MINE = loads("""
rpa: 1
name: Orders of the day
inputs: {day: {type: datetime}}
steps:
  - {id: read_orders, activity: data.read_csv, with: {path: a.csv}}
  - {id: sum, activity: data.aggregate, with: {rows: "{{ steps.read_orders.output.rows }}", by: [region]}}
  - {id: log, activity: control.log, with: {message: done}}
  - {id: zip, activity: files.zip, with: {path: y}}
edges: [read_orders.next -> sum, sum.next -> log, log.next -> zip]
layout:
  steps: {read_orders: {x: 0, y: 0}, sum: {x: 240, y: 0}, log: {x: 480, y: 96}, zip: {x: 720, y: 0}}
  notes: [{id: n, text: New}]
""").workflow


def test_everything_that_differs_is_told_once_and_marked() -> None:
    found = compared(THEIRS, MINE)
    assert [(item.kind, item.name) for item in found.items] == [
        ("renamed", "read_orders"),
        ("changed", "sum"),
        ("moved", "log"),
        ("added", "zip"),
        ("removed", "mail"),
        ("wire-added", "sum.next -> log"),
        ("workflow", "name"),
        ("workflow", "inputs"),
        ("canvas", "notes"),
    ]
    assert found.marks == {"read_orders": "renamed", "sum": "changed", "log": "moved", "zip": "added"}
    assert [step.id for step in found.ghosts.steps] == ["mail"]
    assert {str(edge) for edge in found.ghosts.edges} == {"sum.next -> mail", "mail.next -> log"}
    assert found.ghosts.layout.steps == {"mail": Place(480, 0)}
    assert {str(edge) for edge in found.wires} == {"sum.next -> log", "log.next -> zip"}
    assert [(change.key, change.new) for change in found.items[1].details] == [("with.by", ["region"])]


def test_a_removed_step_comes_back_with_its_wires_where_it_stood() -> None:
    (removed,) = (item for item in compared(THEIRS, MINE).items if item.kind == "removed")
    taken = removed.take(MINE)
    assert [step.id for step in taken.steps] == ["read_orders", "sum", "mail", "log", "zip"]
    assert {"sum.next -> mail", "mail.next -> log"} <= {str(edge) for edge in taken.edges}
    assert taken.layout.steps["mail"] == Place(480, 0)
    assert removed.take(taken) is taken


def test_what_is_equal_has_nothing_to_tell() -> None:
    found = compared(THEIRS, THEIRS)
    assert (found.items, found.marks, found.wires, found.ghosts.steps) == ((), {}, frozenset(), ())


names = st.sampled_from(["a", "b", "c", "d"])
values = st.sampled_from([1, "x", "{{ steps.a.output }}", ["{{ steps.b.output }}"]])
steps = st.builds(
    Step, names, st.sampled_from(["control.set", "files.read"]), st.dictionaries(names, values, max_size=2),
    label=st.sampled_from(["", "L"]), disabled=st.booleans(), extra=st.dictionaries(st.just("x-own"), values, max_size=1),
)  # fmt: skip
places = st.builds(Place, st.sampled_from([0.0, 8.0]), st.just(0.0))
workflows = st.builds(
    Workflow,
    name=st.sampled_from(["", "N"]),
    inputs=st.lists(st.builds(Input, names, required=st.booleans()), max_size=2, unique_by=lambda one: one.name).map(tuple),
    variables=st.dictionaries(names, values, max_size=2),
    outputs=st.dictionaries(names, values, max_size=2),
    on_error=st.none() | names,
    steps=st.lists(steps, max_size=4, unique_by=lambda step: step.id).map(tuple),
    edges=st.lists(st.builds(Edge, names, st.sampled_from(["next", "error"]), names), max_size=5, unique=True).map(tuple),
    layout=st.builds(
        Layout,
        st.dictionaries(names, places, max_size=3),
        st.lists(st.builds(Note, names, names), max_size=1).map(tuple),
        st.lists(st.builds(Frame, names, names), max_size=1).map(tuple),
        st.dictionaries(st.just("x-own"), values, max_size=1),
    ),
    extra=st.dictionaries(st.sampled_from(["x-own", "owner.team"]), values, max_size=2),
)  # fmt: skip


@given(workflows, workflows, st.data())
def test_taking_one_after_the_other_ends_where_nothing_differs(mine: Workflow, theirs: Workflow, data: Any) -> None:
    for _ in range(60):
        items = compared(theirs, mine).items
        if not items:
            assert not compare(theirs, mine).logic
            return
        taken = data.draw(st.sampled_from(items)).take(mine)
        assert taken != mine
        mine = taken
    raise AssertionError("taking leads in a circle")


@given(workflows, workflows)
def test_marks_are_on_what_is_there_and_ghosts_on_what_is_not(mine: Workflow, theirs: Workflow) -> None:
    found = compared(theirs, mine)
    here = {step.id for step in mine.steps}
    assert found.marks.keys() <= here
    assert not here & {step.id for step in found.ghosts.steps}
    assert found.wires <= set(mine.edges)
    assert not set(found.ghosts.edges) & set(mine.edges)
    for item in found.items:
        assert isinstance(replace(item.take(mine)), Workflow)
