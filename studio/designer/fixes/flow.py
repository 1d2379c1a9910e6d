"""Wires: that lead nowhere, twice, in a circle, out of a body or into the error handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.api import MAIN, Catalog, Edge, Plan, Problem, RegionKey, Workflow
from studio.base.i18n import tr
from studio.designer.edits import disconnect, heal, main_outlet, outlets, ports_of
from studio.designer.fixes.fix import Fix, edge_at, fix, near, step_at, with_edge
from studio.designer.rules import why_not

Change = Callable[[Workflow], Workflow]


def duplicate_edge(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = edge_at(workflow, problem)
    return [fix(tr("Keep one of the two wires"), _led(rank, None))] if rank is not None else []


def unknown_step(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    if problem.place == ("on_error",):
        return _unknown_handler(workflow)
    rank = edge_at(workflow, problem)
    if rank is None:
        return []
    edge, known = workflow.edges[rank], {step.id for step in workflow.steps}
    left = with_edge(workflow, rank, None)
    fixes = []
    for id in near(edge.source, known) if edge.source not in known and edge.target in known else []:
        led = replace(edge, source=id)
        if _allowed(left, catalog, led):
            fixes.append(fix(tr("Lead it from “{step}”", step=id), _led(rank, led)))
    for id in near(edge.target, known) if edge.target not in known and edge.source in known else []:
        led = replace(edge, target=id)
        if _allowed(left, catalog, led):
            fixes.append(fix(tr("Lead it to “{step}”", step=id), _led(rank, led)))
    return [*fixes, fix(tr("Remove the wire"), _led(rank, None))]


def _unknown_handler(workflow: Workflow) -> list[Fix]:
    reached = {edge.target for edge in workflow.edges}
    free = [step.id for step in workflow.steps if step.id not in reached]
    fixes = [
        fix(tr("Start it with “{step}”", step=id), lambda workflow, id=id: replace(workflow, on_error=id))  # type: ignore[misc]
        for id in near(workflow.on_error or "", free)
    ]
    return [*fixes, fix(tr("Have no error handler"), lambda workflow: replace(workflow, on_error=None))]


def unknown_port(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = edge_at(workflow, problem)
    if rank is None:
        return []
    edge = workflow.edges[rank]
    step = next((step for step in workflow.steps if step.id == edge.source), None)
    if step is None:
        return []
    names = [port.name for port in outlets(step, catalog)]
    left = with_edge(workflow, rank, None)
    fixes = []
    for name in list(dict.fromkeys([*near(edge.port, names), *names]))[:4]:
        led = replace(edge, port=name)
        if led in workflow.edges or _allowed(left, catalog, led):
            fixes.append(fix(tr("Lead it from the outlet “{port}”", port=name), _led(rank, led)))
    return [*fixes, fix(tr("Remove the wire"), _led(rank, None))]


def cycle(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    edge = problem.fix.get("cut")
    if not isinstance(edge, Edge) or edge not in workflow.edges:
        return []
    ends = (edge.source, edge.target)  # wires from another port of the same step close it as well
    closing = [other for other in workflow.edges if (other.source, other.target) == ends]
    return [fix(tr("Remove the wire that closes the circle"), lambda workflow: disconnect(workflow, closing))]


def leaves_body(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    edge = problem.fix.get("cut")
    if not isinstance(edge, Edge) or edge not in workflow.edges:
        return []
    plan = Plan.of(workflow, ports_of(catalog))
    cut = disconnect(workflow, [edge])
    fixes = []
    container = _left(plan, edge)[0]
    step = next((step for step in workflow.steps if step.id == container), None)
    onward = Edge(container, main_outlet(step, catalog) if step is not None else "", edge.target)
    if onward.port and (onward in workflow.edges or _allowed(cut, catalog, onward)):
        text = tr("Go on to “{target}” when “{container}” is done", target=edge.target, container=container)
        fixes.append(fix(text, lambda workflow: _connected(disconnect(workflow, [edge]), onward)))
    fixes.append(fix(tr("Remove the wire"), lambda workflow: disconnect(workflow, [edge])))
    others = [other for other in plan.predecessors.get(edge.target, ()) if plan.context(other) != plan.context(edge)]
    moved = disconnect(workflow, others)
    if others and edge not in Plan.of(moved, ports_of(catalog)).escaped:
        text = tr("Move “{target}” into the body", target=edge.target)
        fixes.append(fix(text, lambda workflow: disconnect(workflow, others)))
    return fixes


def handler_reached(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    start = workflow.on_error
    return [
        fix(
            tr("Remove the wires that lead to it"),
            lambda workflow: disconnect(workflow, [edge for edge in workflow.edges if edge.target == start]),
        ),
        fix(tr("Have no error handler"), lambda workflow: replace(workflow, on_error=None)),
    ]


def outside_loop(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    if rank is None or len(problem.place) > 2:
        return []  # an expression that reads the item of no loop: only its author knows what was meant
    id = workflow.steps[rank].id
    return [fix(tr("Delete “{step}”", step=id), lambda workflow: heal(workflow, catalog, [id]))]


def _led(rank: int, edge: Edge | None) -> Change:
    return lambda workflow: with_edge(workflow, rank, edge)


def _connected(workflow: Workflow, edge: Edge) -> Workflow:
    return workflow if edge in workflow.edges else replace(workflow, edges=(*workflow.edges, edge))


def _allowed(workflow: Workflow, catalog: Catalog, edge: Edge) -> bool:
    plan = Plan.of(workflow, ports_of(catalog))
    return not why_not(workflow, plan, catalog, edge.source, edge.port, edge.target)


def _left(plan: Plan, edge: Edge) -> RegionKey:
    """The outermost region that an edge leaves."""
    inside = plan.inside(edge.target)
    left = key = plan.context(edge)
    while key not in (inside, MAIN):
        left, key = key, plan.around(key)
    return left
