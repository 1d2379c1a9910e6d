"""A delta turns the one document into the other, and back, whatever was edited."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from engine.api import Document, Edge, Input, Layout, Note, Place, Step, Workflow
from studio.designer.delta import Delta, Splice

_IDS = st.sampled_from([f"s{number}" for number in range(8)])


@st.composite
def workflows(draw: st.DrawFn, base: Workflow | None = None) -> Workflow:
    """A workflow that shares items with `base`, as one that was edited does."""
    known = {step.id: step for step in base.steps} if base is not None else {}
    ids = draw(st.lists(_IDS, unique=True))
    steps = tuple(
        known[id] if id in known and draw(st.booleans()) else Step(id, draw(st.sampled_from(["a.b", "c.d"])))
        for id in ids
    )
    pairs = draw(st.lists(st.tuples(_IDS, _IDS), max_size=6))
    return Workflow(
        name=draw(st.text(max_size=3)),
        inputs=tuple(Input(id) for id in draw(st.lists(_IDS, max_size=3, unique=True))),
        steps=steps,
        edges=tuple(Edge(one, "next", other) for one, other in pairs),
        layout=Layout(
            steps={id: Place(draw(st.integers(0, 3)), 0) for id in draw(st.lists(_IDS, unique=True))},
            notes=tuple(Note(id, "text") for id in draw(st.lists(_IDS, max_size=3, unique=True))),
        ),
    )


@given(st.data())
def test_there_and_back(data: st.DataObject) -> None:
    old = Document(data.draw(workflows()))
    new = Document(data.draw(workflows(old.workflow)))
    delta = Delta.between(old, new)
    assert delta.applied(old) == new
    assert delta.inverted().applied(new) == old
    assert delta or old == new


def test_one_changed_step_of_many_is_all_that_is_kept() -> None:
    steps = tuple(Step(f"s{number}", "a.b") for number in range(5000))
    old = Document(Workflow(steps=steps))
    changed = replace(steps[7], label="Read"), replace(steps[4990], label="Write")
    new = Document(Workflow(steps=(*steps[:7], changed[0], *steps[8:4990], changed[1], *steps[4991:])))
    delta = Delta.between(old, new)
    assert delta.splices == {
        "steps": Splice(((7, steps[7]), (4990, steps[4990])), ((7, changed[0]), (4990, changed[1])))
    }
    assert delta.steps_changed == {"s7", "s4990"}
    assert delta.logic


def test_a_move_is_no_logic() -> None:
    step = Step("read", "a.b")
    old = Document(Workflow(steps=(step,), layout=Layout(steps={"read": Place(0, 0)})))
    new = Document(replace(old.workflow, layout=Layout(steps={"read": Place(8, 0)})))
    delta = Delta.between(old, new)
    assert delta.places == {"read"}
    assert not delta.logic
    assert not delta.steps_changed


def test_another_order_is_told() -> None:
    one, two, three = Step("one", "a.b"), Step("two", "a.b"), Step("three", "a.b")
    old, new = Document(Workflow(steps=(one, two, three))), Document(Workflow(steps=(two, one, three)))
    delta = Delta.between(old, new)
    assert delta.applied(old) == new
    assert delta.steps_changed == {"one", "two"}
    assert not delta.steps_added
