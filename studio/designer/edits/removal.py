"""Taking things away: with their wires, or so that what stood around them is joined."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from engine.api import ERROR, Catalog, Edge, Plan, Workflow
from studio.designer.edits.ports import outlets, ports_of


def delete(
    workflow: Workflow,
    steps: Collection[str] = (),
    edges: Collection[Edge] = (),
    notes: Collection[str] = (),
    frames: Collection[str] = (),
) -> Workflow:
    """Without these things, and without the wires of these steps."""
    gone, cut, layout = frozenset(steps), frozenset(edges), workflow.layout
    starts = {edge.source for edge in cut}  # an edge has no hash at hand, its source has
    return replace(
        workflow,
        steps=tuple(step for step in workflow.steps if step.id not in gone),
        edges=tuple(
            edge
            for edge in workflow.edges
            if edge.source not in gone and edge.target not in gone and not (edge.source in starts and edge in cut)
        ),
        on_error=None if workflow.on_error in gone else workflow.on_error,
        layout=replace(
            layout,
            steps={id: place for id, place in layout.steps.items() if id not in gone},
            notes=tuple(note for note in layout.notes if note.id not in notes),
            frames=tuple(frame for frame in layout.frames if frame.id not in frames),
        ),
    )


def heal(workflow: Workflow, catalog: Catalog, steps: Collection[str]) -> Workflow:
    """Without these steps, and with what led to each of them joined to what it led on to.

    The flow goes on by the outlet by which a step usually leads on: its first ordinary one that is wired. The body of
    a container that is taken away alone takes its place. A wire that would leave a body is not made.
    """
    plan = Plan.of(workflow, ports_of(catalog))
    by_id = {step.id: step for step in workflow.steps}
    removed = frozenset(steps) & by_id.keys()
    gone = [id for id in plan.order if id in removed]
    incoming = {id: dict.fromkeys(edges) for id, edges in plan.predecessors.items()}
    outgoing = {id: dict.fromkeys(edges) for id, edges in plan.successors.items()}

    def cut(edge: Edge) -> None:
        incoming[edge.target].pop(edge, None)
        outgoing[edge.source].pop(edge, None)

    def join(edge: Edge) -> None:
        if edge.source != edge.target:
            incoming[edge.target][edge] = None
            outgoing[edge.source][edge] = None

    on_error = workflow.on_error
    for id in gone:
        ports = outlets(by_id[id], catalog)
        body = next((port.name for port in ports if port.body), "")
        region = plan.region(id, body) if body else None
        kept = [step for step in region.steps if step not in removed] if region else []
        onward = _onward(outgoing[id], [port.name for port in ports if not port.body and port.name != ERROR.name])
        if kept and region:
            # What followed the container follows the last steps of its body.
            for last in region.sinks:
                if last in removed:
                    continue
                outlet = next((p.name for p in outlets(by_id[last], catalog) if not p.body and p != ERROR), "")
                if outlet:
                    for edge in onward:
                        join(Edge(last, outlet, edge.target))
            onward = [edge for edge in outgoing[id] if edge.port == body]
        for before in list(incoming[id]):
            for edge in onward:
                join(Edge(before.source, before.port, edge.target))
        if on_error == id:
            free = [edge.target for edge in onward if len(incoming[edge.target]) == 1]
            on_error = free[0] if len(free) == 1 else None
        for edge in [*incoming[id], *outgoing[id]]:
            cut(edge)
    left = delete(replace(workflow, on_error=None), steps)
    left = replace(left, on_error=on_error if on_error not in removed else None)
    known = frozenset(left.edges)
    made = [edge for id in plan.order if id not in removed for edge in outgoing[id] if edge not in known]
    if not made:
        return left
    healed = replace(left, edges=(*left.edges, *made))
    wrong = frozenset(Plan.of(healed, ports_of(catalog)).escaped) - frozenset(plan.escaped)
    return replace(healed, edges=tuple(edge for edge in healed.edges if edge in known or edge not in wrong))


def _onward(edges: Collection[Edge], ports: list[str]) -> list[Edge]:
    for port in ports:
        if found := [edge for edge in edges if edge.port == port]:
            return found
    return []
