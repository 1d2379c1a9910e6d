from __future__ import annotations

from dataclasses import replace

from engine.workflow.diff import ABSENT, Change, StepChange, compare, render
from engine.workflow.model import Edge, Input, Layout, Note, Place, Retry, Step, Workflow
from engine.workflow.rename import rename_step

OLD = Workflow(
    name="Report",
    inputs=(Input("orders", "file"),),
    steps=(
        Step("read", "data.read", {"path": "a", "text": "one\ntwo\nthree"}),
        Step("use", "x.y", {"a": "{{ steps.read.output }}"}),
        Step("gone", "x.z"),
    ),
    edges=(Edge("read", "next", "use"), Edge("use", "next", "gone")),
    layout=Layout({"read": Place(0, 0), "use": Place(1, 1)}),
)


def test_the_same_is_no_difference() -> None:
    found = compare(OLD, OLD)
    assert not found
    assert render(found) == "No differences."


def test_each_kind_of_difference_is_told_apart() -> None:
    new = replace(
        OLD,
        name="Reports",
        inputs=(Input("orders", "folder"), Input("day")),
        steps=(
            replace(OLD.steps[0], parameters={"path": "b", "text": "one\n2\nthree"}, retry=Retry(5)),
            OLD.steps[1],
            Step("mail", "email.send", {"to": "x"}, label="Tell them"),
        ),
        edges=(OLD.edges[0], Edge("use", "next", "mail")),
        layout=Layout({"read": Place(5, 0), "use": Place(1, 1)}, (Note("n", "Hi"),)),
    )
    found = compare(OLD, new)
    assert [step.id for step in found.added] == ["mail"]
    assert [step.id for step in found.removed] == ["gone"]
    (change,) = found.changed
    assert change == StepChange(
        "read",
        (
            Change("retry.attempts", ABSENT, 5),
            Change("with.path", "a", "b"),
            Change("with.text", "one\ntwo\nthree", "one\n2\nthree"),
        ),
    )
    assert found.edges_added == (Edge("use", "next", "mail"),)
    assert found.edges_removed == (Edge("use", "next", "gone"),)
    assert {entry.key for entry in found.document} == {"name", "inputs.orders.type", "inputs.day"}
    assert found.moved == ("read",)
    assert found.logic
    text = render(found, "a", "b")
    for line in (
        "a -> b",
        "  + mail  email.send  (Tell them)",
        "  - gone  x.z",
        '      with.path: "a" -> "b"',
        "        -two",
        "        +2",
        "  moved: read",
    ):
        assert line in text.splitlines()


def test_a_renamed_step_is_no_other_step() -> None:
    found = compare(OLD, rename_step(rename_step(OLD, "read", "load"), "use", "spend"))
    assert found.renamed == (("read", "load"), ("use", "spend"))
    assert not (found.added or found.removed or found.changed or found.edges_added or found.moved)
    assert "  > load (was read)" in render(found).splitlines()


def test_moving_is_not_logic() -> None:
    found = compare(OLD, replace(OLD, layout=Layout({"read": Place(9, 9)})))
    assert found
    assert not found.logic
    assert found.moved == ("read", "use")
    assert render(found).endswith("Only the canvas differs; it runs the same.")


def test_types_count_as_differences() -> None:
    one, other = (Workflow(variables={"a": value}) for value in (1, True))
    assert [change.key for change in compare(one, other).document] == ["variables.a"]
