"""A wire is allowed exactly when the engine finds nothing wrong with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import Edge, Step, Workflow
from studio.designer import edits
from studio.designer.rules import Refusals, why_not
from tests.unit.studio.edits.workflows import catalog, chain, graph_problems, plan_of, ports, workflows


@settings(deadline=None, max_examples=50)
@given(workflows(), st.data())
def test_a_wire_is_refused_exactly_when_it_would_be_a_problem(workflow: Workflow, data: st.DataObject) -> None:
    source = data.draw(st.sampled_from(workflow.steps))
    port = data.draw(st.sampled_from(ports(source)))
    refusals = Refusals(workflow, plan_of(workflow), catalog(), source.id, port)
    for target in workflow.steps:
        answer = refusals.why_not(target.id)
        wired = replace(workflow, edges=(*workflow.edges, Edge(source.id, port, target.id)))
        assert bool(answer) == bool(graph_problems(wired)), (answer, workflow.edges, source.id, port, target.id)


@settings(deadline=None, max_examples=30)
@given(workflows(), st.data())
def test_a_wire_that_is_moved_is_judged_as_if_it_were_gone(workflow: Workflow, data: st.DataObject) -> None:
    if not workflow.edges:
        return
    moved = data.draw(st.sampled_from(workflow.edges))
    if graph_problems(edits.disconnect(workflow, [moved])):
        return  # what goes wrong by the cut alone is not the fault of where the wire goes then
    refusals = Refusals(workflow, plan_of(workflow), catalog(), moved.source, moved.port, moved=moved)
    for target in workflow.steps:
        changed = edits.move_target(workflow, moved, target.id)
        same = Edge(moved.source, moved.port, target.id) in set(workflow.edges) - {moved}
        assert bool(refusals.why_not(target.id)) == bool(same or graph_problems(changed))


LOOP = Workflow(
    steps=(
        Step("start", "control.log"),
        Step("each", "control.foreach", {"items": [1]}),
        Step("inner", "control.log"),
        Step("behind", "control.log"),
        Step("stop", "control.stop"),
        Step("help", "control.log", label="Call for help"),
        Step("then", "control.log"),
    ),
    edges=(
        Edge("start", "next", "each"),
        Edge("each", "body", "inner"),
        Edge("each", "done", "behind"),
        Edge("help", "next", "then"),
    ),
    on_error="help",
)


@pytest.mark.parametrize(
    ("source", "port", "target", "said"),
    [
        ("start", "next", "start", "A step cannot lead to itself."),
        ("start", "next", "each", "leads to “For each” already"),
        ("behind", "next", "start", "would run in a circle"),
        ("start", "next", "help", "“Call for help” starts the error handler, and nothing may lead to it."),
        ("start", "next", "then", "belongs to the error handler"),
        ("start", "next", "inner", "is in the body of “For each”. Lead the wire to “For each” instead."),
        ("each", "done", "inner", "only its outlet “body” leads to"),
        ("inner", "next", "behind", "The wire would leave the body of “For each”."),
        ("then", "next", "behind", "The wire would leave the error handler"),
        ("stop", "next", "behind", "Nothing can follow “Stop”."),
        ("start", "maybe", "stop", "has no outlet “maybe”"),
        ("start", "next", "nowhere", "There is no step here."),
        ("nowhere", "next", "start", "There is no step here."),
    ],
)
def test_every_refusal_says_why(source: str, port: str, target: str, said: str) -> None:
    assert said in why_not(LOOP, plan_of(LOOP), catalog(), source, port, target)


def test_a_start_with_followers_elsewhere_does_not_join_a_body() -> None:
    workflow = replace(
        LOOP,
        steps=(*LOOP.steps, Step("free", "control.log"), Step("lone", "control.log")),
        edges=(*LOOP.edges, Edge("free", "next", "behind")),
    )
    refusals = Refusals(workflow, plan_of(workflow), catalog(), "inner", "next")
    assert "also reached from outside" in refusals.why_not("free")
    assert refusals.allowed(step.id for step in workflow.steps) == {"lone", "stop"}


def test_an_unknown_activity_has_whatever_outlet_one_likes() -> None:
    workflow = replace(chain("one", "two"), steps=(Step("one", "acme.stamp"), Step("two", "control.log")), edges=())
    assert why_not(workflow, plan_of(workflow), catalog(), "one", "stamped", "two") == ""
