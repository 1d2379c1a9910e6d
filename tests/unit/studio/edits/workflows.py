"""Workflows as a person might draw them, for tests of edits."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from engine.api import Catalog, Edge, Place, Plan, Step, Workflow, check, dumps, loads
from studio.designer import edits
from studio.designer.rules import Refusals

KINDS = (
    "data.read_csv",
    "data.filter",
    "control.condition",
    "control.foreach",
    "control.try",
    "control.log",
    "control.stop",
    "acme.stamp",
)
GRAPH = frozenset({"cycle", "edge-leaves-body", "handler-reached", "duplicate-edge", "unknown-port", "unknown-step"})


@lru_cache(maxsize=1)
def catalog() -> Catalog:
    return Catalog(entry_points=False)


def plan_of(workflow: Workflow) -> Plan:
    return Plan.of(workflow, edits.ports_of(catalog()))


def graph_problems(workflow: Workflow) -> set[str]:
    """What the engine finds wrong with the graph."""
    return {problem.code for problem in check(workflow, catalog()) if problem.code in GRAPH and not problem.parameter}


def ports(step: Step) -> list[str]:
    return [port.name for port in edits.outlets(step, catalog())]


@st.composite
def workflows(draw: Any, most: int = 10) -> Workflow:
    """A workflow whose graph has no problems: steps, and wires that are allowed."""
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=most))
    workflow = Workflow()
    for rank, kind in enumerate(kinds):
        workflow, id = edits.add_step(workflow, catalog(), kind, draw(st.integers(-400, 400)), 96 * rank)
        if rank and draw(st.booleans()):
            before = draw(st.sampled_from([step.id for step in workflow.steps if step.id != id]))
            workflow = edits.set_parameter(workflow, id, "note", f"{{{{ steps.{before}.output }}}}")
    if draw(st.integers(0, 3)) == 0:
        workflow = replace(workflow, on_error=workflow.steps[-1].id)
    for _ in range(draw(st.integers(0, 2 * most))):
        source = draw(st.sampled_from(workflow.steps))
        port = draw(st.sampled_from(ports(source)))
        target = draw(st.sampled_from(workflow.steps)).id
        if not Refusals(workflow, plan_of(workflow), catalog(), source.id, port).why_not(target):
            workflow = edits.connect(workflow, source.id, port, target)
    return workflow


def sound(workflow: Workflow) -> None:
    """What must hold after every edit: it is saved and read back the same, ids are unique, wires join steps."""
    assert loads(dumps(workflow)).workflow == workflow
    ids = [step.id for step in workflow.steps]
    assert len(ids) == len(set(ids))
    marks = [note.id for note in workflow.layout.notes] + [frame.id for frame in workflow.layout.frames]
    assert len(marks) == len(set(marks))
    assert {end for edge in workflow.edges for end in (edge.source, edge.target)} <= set(ids)
    assert len(set(workflow.edges)) == len(workflow.edges)
    assert set(workflow.layout.steps) <= set(ids)
    assert workflow.on_error is None or workflow.on_error in ids


def chain(*ids: str, activity: str = "control.log") -> Workflow:
    """Steps in a row, 232 apart."""
    return Workflow(
        steps=tuple(Step(id, activity) for id in ids),
        edges=tuple(Edge(one, "next", other) for one, other in pairwise(ids)),
        layout=replace(Workflow().layout, steps={id: Place(232.0 * n, 0.0) for n, id in enumerate(ids)}),
    )
