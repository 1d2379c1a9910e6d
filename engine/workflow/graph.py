"""The graph of a workflow: which steps belong to which body, and in what order they can run.

A *region* is what runs as one: the main flow, the error handler, or the body behind a port of a container. The body
of a port is every step that is reached through that port and in no other way (in the words of flow graphs: the
steps that the port dominates). An edge from a body to a step outside has *escaped*; it belongs to no region.

Everything here is linear in the size of the workflow and walks with loops, not calls: 20,000 steps in a row are fine.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from engine.sdk.activity import Activity, Port
from engine.workflow.model import Edge, Step, Workflow

if TYPE_CHECKING:
    from networkx import DiGraph

RegionKey = tuple[str, str]
"""Container and body port; or one of the two below."""

MAIN: RegionKey = ("", "main")
HANDLER: RegionKey = ("", "handler")
ERROR = Port("error")
"""The port that every step has."""

Ports = Callable[[Step], Sequence[Port]]


@dataclass(frozen=True, slots=True)
class Region:
    """Steps that run as one; every edge here joins two of them.

    `steps` stand in an order in which they can run, in that of the file where several are possible. `entries` start
    with the region. `incoming` counts the edges into a step, `outgoing` lists those out of it as (port, target).
    `live` are the steps that the body port leads to and that wait for others of the region all the same: one of
    their edges is live from the start. `sinks` have no edge out.
    """

    steps: tuple[str, ...] = ()
    entries: tuple[str, ...] = ()
    incoming: Mapping[str, int] = field(default_factory=dict)
    outgoing: Mapping[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    live: tuple[str, ...] = ()
    sinks: tuple[str, ...] = ()


_EMPTY = Region()


def step_ports(step: Step, activity: Activity | None) -> tuple[Port, ...]:
    """The ports of a step besides `error`: those of its activity and those its parameters add. Unknown: none."""
    if activity is None:
        return ()
    if not activity.dynamic_ports:
        return activity.ports
    value = step.parameters.get(activity.dynamic_ports)
    names: list[str] = []
    for item in value if isinstance(value, (list, tuple)) else ():
        name = item.get("port") if isinstance(item, Mapping) else item
        if isinstance(name, str) and name and "{{" not in name:
            names.append(name)
    known = {port.name for port in activity.ports}
    return (*activity.ports, *(Port(name) for name in dict.fromkeys(names) if name not in known))


class Plan:
    """What the runtime walks: the regions of a workflow, and which of them each step is in.

    A plan can be made of any workflow, also a wrong one: edges to steps that do not exist, edges from a step to
    itself and repeated edges are left out, and the steps of a cycle stand last in the main region.
    """

    def __init__(self, workflow: Workflow, ports: Ports) -> None:
        self.workflow = workflow
        self._steps = {step.id: step for step in reversed(workflow.steps)}
        self._rank = {id: rank for rank, id in enumerate(dict.fromkeys(step.id for step in workflow.steps))}
        self._bodies = {(id, port.name) for id, step in self._steps.items() for port in ports(step) if port.body}
        self.edges: tuple[Edge, ...] = tuple(
            edge
            for edge in dict.fromkeys(workflow.edges)
            if edge.source in self._steps and edge.target in self._steps and edge.source != edge.target
        )
        """The edges between different steps that exist, each once."""
        self.successors: dict[str, list[Edge]] = {id: [] for id in self._rank}
        self.predecessors: dict[str, list[Edge]] = {id: [] for id in self._rank}
        for edge in self.edges:
            self.successors[edge.source].append(edge)
            self.predecessors[edge.target].append(edge)
        self.order, self.cyclic = self._sorted()
        """All steps in an order in which they can run, and those that stand on or behind a cycle."""
        self._inside: dict[str, RegionKey] = {}
        self._around: dict[RegionKey, RegionKey] = {}
        self._depth: dict[RegionKey, int] = {MAIN: 0, HANDLER: 1}
        self._assign()

    @classmethod
    def of(cls, workflow: Workflow, ports: Ports) -> Plan:
        """The plan of `workflow`; `ports` gives the ports of a step (none for an unknown activity)."""
        return cls(workflow, ports)

    def _sorted(self) -> tuple[tuple[str, ...], frozenset[str]]:
        waiting = {id: len(edges) for id, edges in self.predecessors.items()}
        names = list(self._rank)
        ready = [rank for id, rank in self._rank.items() if not waiting[id]]
        order: list[str] = []
        while ready:
            id = names[heapq.heappop(ready)]
            order.append(id)
            for edge in self.successors[id]:
                waiting[edge.target] -= 1
                if not waiting[edge.target]:
                    heapq.heappush(ready, self._rank[edge.target])
        left = [id for id in names if waiting[id]]
        return (*order, *left), frozenset(left)

    def _assign(self) -> None:
        """Find the innermost region of every step: what is common to all its edges, from the outside in."""
        self._around[HANDLER] = MAIN
        for id in self.order:
            edges = self.predecessors[id]
            if id in self.cyclic:
                inside = MAIN
            elif not edges:
                inside = HANDLER if id == self.workflow.on_error else MAIN
            else:
                inside = self.context(edges[0])
                for edge in edges[1:]:
                    inside = self._common(inside, self.context(edge))
            self._inside[id] = inside
            for edge in self.successors[id]:
                if (id, edge.port) in self._bodies:
                    self._around[id, edge.port] = inside
                    self._depth[id, edge.port] = self._depth[inside] + 1

    def context(self, edge: Edge) -> RegionKey:
        """The region that an edge leads from: the body itself where it leaves by a body port."""
        if (edge.source, edge.port) in self._bodies:
            return edge.source, edge.port
        return self._inside.get(edge.source, MAIN)

    def _common(self, one: RegionKey, other: RegionKey) -> RegionKey:
        while one != other:
            if self._depth.get(one, 0) >= self._depth.get(other, 0):
                one = self._around.get(one, MAIN)
            else:
                other = self._around.get(other, MAIN)
        return one

    def inside(self, step_id: str) -> RegionKey:
        """The innermost region that a step is in."""
        return self._inside.get(step_id, MAIN)

    def enclosing(self, step_id: str) -> Iterable[RegionKey]:
        """The regions around a step from the inside out, without `MAIN`."""
        key = self.inside(step_id)
        while key != MAIN:
            yield key
            key = self._around.get(key, MAIN)

    def around(self, key: RegionKey) -> RegionKey:
        """The region that a region is in; `MAIN` is in itself."""
        return self._around.get(key, MAIN)

    @cached_property
    def owner(self) -> Mapping[str, RegionKey | None]:
        """Container and port of the innermost body that each step is in; None in the main flow and the handler."""
        return {id: key if key[0] else None for id, key in self._inside.items()}

    @cached_property
    def escaped(self) -> tuple[Edge, ...]:
        """The edges that leave a body (or the error handler)."""
        return tuple(edge for edge in self.edges if self.context(edge) != self.inside(edge.target))

    @cached_property
    def regions(self) -> Mapping[RegionKey, Region]:
        """Every region that holds a step."""
        steps: dict[RegionKey, list[str]] = {MAIN: []}
        for id in self.order:
            steps.setdefault(self._inside[id], []).append(id)
        return {key: self._region(key, ids) for key, ids in steps.items()}

    def _region(self, key: RegionKey, ids: list[str]) -> Region:
        members = set(ids)
        incoming = dict.fromkeys(ids, 0)
        outgoing: dict[str, tuple[tuple[str, str], ...]] = {}
        for id in ids:
            edges = tuple(
                (edge.port, edge.target)
                for edge in self.successors[id]
                if edge.target in members and (id, edge.port) not in self._bodies
            )
            outgoing[id] = edges
            for _, target in edges:
                incoming[target] += 1
        if key in self._bodies:
            reached = {edge.target for edge in self.successors[key[0]] if edge.port == key[1]}
        else:
            reached = {id for id in ids if not self.predecessors[id]}
        first = sorted((id for id in reached if id in members), key=self._rank.__getitem__)
        return Region(
            steps=tuple(ids),
            entries=tuple(id for id in first if not incoming[id] or self._steps[id].join == "any"),
            incoming=incoming,
            outgoing=outgoing,
            live=tuple(id for id in first if incoming[id]),
            sinks=tuple(id for id in ids if not outgoing[id]),
        )

    @property
    def main(self) -> Region:
        """What runs from the start."""
        return self.regions[MAIN]

    @property
    def handler(self) -> Region | None:
        """What runs when the execution fails; None without an `on_error`."""
        return self.regions.get(HANDLER)

    def region(self, step_id: str, port: str) -> Region:
        """The body behind a port of a step; an empty one where nothing is connected."""
        return self.regions.get((step_id, port), _EMPTY)

    def cycle(self) -> tuple[str, ...]:
        """The steps of one cycle in order, the first repeated at the end; empty where there is none."""
        if not self.cyclic:
            return ()
        # Whatever is left over has a predecessor that is left over too: walking back must come round.
        seen: dict[str, int] = {}
        path: list[str] = []
        id = next(id for id in self._rank if id in self.cyclic)
        while id not in seen:
            seen[id] = len(path)
            path.append(id)
            id = next(edge.source for edge in self.predecessors[id] if edge.source in self.cyclic)
        found = path[seen[id] :][::-1]
        start = found.index(min(found, key=self._rank.__getitem__))
        found = found[start:] + found[:start]
        return (*found, found[0])

    def networkx(self) -> DiGraph[str]:
        """The same graph for networkx."""
        return as_digraph(self.workflow)


def as_digraph(workflow: Workflow) -> DiGraph[str]:
    """Steps as nodes (attribute `step`), edges with the list of their `ports`. Edges to unknown steps are left out."""
    import networkx

    graph: DiGraph[str] = networkx.DiGraph()
    for step in workflow.steps:
        graph.add_node(step.id, step=step)
    for edge in workflow.edges:
        if edge.source in graph and edge.target in graph:
            ports = graph.edges[edge.source, edge.target]["ports"] if graph.has_edge(edge.source, edge.target) else []
            graph.add_edge(edge.source, edge.target, ports=[*ports, edge.port])
    return graph


def upstream(workflow: Workflow, step_id: str) -> set[str]:
    """The steps from which `step_id` can be reached."""
    import networkx

    return set(networkx.ancestors(as_digraph(workflow), step_id))


def downstream(workflow: Workflow, step_id: str) -> set[str]:
    """The steps that can be reached from `step_id`."""
    import networkx

    return set(networkx.descendants(as_digraph(workflow), step_id))
