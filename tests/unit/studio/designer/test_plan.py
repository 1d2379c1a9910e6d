"""A plan that follows edits equals the plan made anew."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Catalog, Edge, Plan, Step, Workflow, step_ports
from studio.designer.plan import replanned

CATALOG = Catalog(entry_points=False)
IDS = [f"s{number}" for number in range(9)]
ACTIVITIES = ("control.log", "control.foreach", "control.try", "control.condition", "acme.unknown")
PORTS = ("next", "body", "done", "true", "catch", "error")


def ports(step: Step) -> tuple[object, ...]:
    return step_ports(step, CATALOG.get(step.activity))


def planned(workflow: Workflow) -> Plan:
    return Plan.of(workflow, ports)  # type: ignore[arg-type]


def all_of(plan: Plan) -> dict[str, object]:
    return {
        "edges": plan.edges,
        "successors": plan.successors,
        "predecessors": plan.predecessors,
        "order": plan.order,
        "cyclic": plan.cyclic,
        "inside": {id: plan.inside(id) for id in plan.order},
        "enclosing": {id: list(plan.enclosing(id)) for id in plan.order},
        "contexts": [plan.context(edge) for edge in plan.edges],
        "around": {plan.context(edge): plan.around(plan.context(edge)) for edge in plan.edges},
        "escaped": plan.escaped,
        "regions": plan.regions,
        "order of regions": list(plan.regions),
        "owner": plan.owner,
        "cycle": plan.cycle(),
    }


edges = st.builds(Edge, st.sampled_from(IDS), st.sampled_from(PORTS), st.sampled_from(IDS))


@st.composite
def edit(draw: st.DrawFn, before: Workflow) -> Workflow:
    """One of the edits that a person makes, or a wild one."""
    kind = draw(st.sampled_from(["wire", "wire", "cut", "cut", "add", "add", "delete", "turn", "handler", "order"]))
    steps, known = list(before.steps), [step.id for step in before.steps]
    if kind == "wire":
        rank = draw(st.integers(0, len(before.edges)))
        return replace(before, edges=(*before.edges[:rank], draw(edges), *before.edges[rank:]))
    if kind == "cut" and before.edges:
        gone = draw(st.sampled_from(before.edges))
        return replace(before, edges=tuple(edge for edge in before.edges if edge is not gone))
    if kind == "add":
        id = draw(st.sampled_from(IDS))
        if id not in known:
            steps.insert(draw(st.integers(0, len(steps))), Step(id, draw(st.sampled_from(ACTIVITIES))))
        return replace(before, steps=tuple(steps), edges=(*before.edges, *draw(st.lists(edges, max_size=2))))
    if kind == "delete" and steps:
        id = draw(st.sampled_from(known))
        return replace(
            before,
            steps=tuple(step for step in steps if step.id != id),
            edges=tuple(edge for edge in before.edges if id not in (edge.source, edge.target)),
        )
    if kind == "turn" and steps:
        rank = draw(st.integers(0, len(steps) - 1))
        steps[rank] = replace(steps[rank], activity=draw(st.sampled_from(ACTIVITIES)))
        return replace(before, steps=tuple(steps))
    if kind == "handler":
        return replace(before, on_error=draw(st.sampled_from([None, *IDS])))
    return replace(before, steps=tuple(draw(st.permutations(steps))))


@st.composite
def starts(draw: st.DrawFn) -> Workflow:
    """Wires of a small workflow lead on, so that it runs; what the edits make of it may be anything."""
    count = draw(st.integers(2, len(IDS)))
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] < pair[1])
    wires = draw(st.lists(st.tuples(pairs, st.sampled_from(PORTS)), max_size=10))
    steps = tuple(Step(id, draw(st.sampled_from(ACTIVITIES))) for id in IDS[:count])
    return Workflow(steps=steps, edges=tuple(Edge(IDS[one], port, IDS[other]) for (one, other), port in wires))


@settings(max_examples=150, deadline=None)
@given(starts(), st.data())
def test_following_edits_gives_the_plan_made_anew(workflow: Workflow, data: st.DataObject) -> None:
    plan = planned(workflow)
    for _ in range(6):
        workflow = data.draw(edit(workflow))
        before = all_of(plan) if data.draw(st.booleans()) else None
        following = replanned(plan, workflow, ports)  # type: ignore[arg-type]
        assert before is None or all_of(plan) == before, "what others hold is left as it was"
        plan = following
        fresh = all_of(planned(workflow))
        assert {name: value for name, value in all_of(plan).items() if value != fresh[name]} == {}


def test_what_an_edit_leaves_alone_is_taken_over() -> None:
    workflow = Workflow(
        steps=tuple(Step(id, "control.log") for id in IDS),
        edges=tuple(Edge(one, "next", other) for one, other in pairwise(IDS)),
    )
    before = planned(workflow)
    after = replanned(before, replace(workflow, edges=workflow.edges[:-1]), ports)  # type: ignore[arg-type]
    assert after.successors["s0"] is before.successors["s0"]
    assert after.successors["s7"] == []
