"""The plan of a workflow after an edit, made from the plan before it: what the edit left alone is taken over.

It equals `Plan.of` of the new workflow. Copies and single walks over tuples remain, which take a millisecond for ten
thousand steps; what costs more is done again only where the edit can have changed it.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence

from engine.api import HANDLER, MAIN, Edge, Plan, Port, RegionKey, Step, Workflow
from studio.designer.delta import Splice

Ports = Callable[[Step], Sequence[Port]]
_FEW = 8
"""New steps up to which it is quicker to put them into the order than to find all of it anew."""


def replanned(before: Plan, workflow: Workflow, ports: Ports) -> Plan:
    """The plan of `workflow`, which is that of `before` after an edit. `ports` must answer as it did for `before`."""
    if before.workflow is workflow:
        return before
    if before.cyclic or len(before.order) != len(before.workflow.steps):
        return Plan.of(workflow, ports)
    made = _Replanned(before, workflow, ports)
    return made if made.possible else Plan.of(workflow, ports)


class _Replanned(Plan):
    def __init__(self, before: Plan, workflow: Workflow, ports: Ports) -> None:
        self.workflow = workflow
        self._steps = {step.id: step for step in reversed(workflow.steps)}
        self._before = before
        self.possible = len(self._steps) == len(workflow.steps) and self._rank_steps()
        """False where the edit changed so much that starting anew is quicker."""
        if not self.possible:
            return
        turned = self._take_bodies(ports)
        ends = self._lead_edges()
        self.order, self.cyclic = self._ordered(ends)
        if self.cyclic:
            self._inside, self._around, self._depth = {}, {}, {MAIN: 0, HANDLER: 1}
            self._assign()
        else:
            self._follow(turned, ends)
        del self._before, self._added, self._gone

    def _rank_steps(self) -> bool:
        """False where steps that stay have changed places in the file."""
        before = self._before
        self._added = frozenset(self._steps.keys() - before._rank.keys())
        self._gone = frozenset(before._rank.keys() - self._steps.keys())
        ids = [step.id for step in self.workflow.steps]
        known = list(before._rank)
        if ids == known:
            self._rank = before._rank
            return True
        self._rank = dict(zip(ids, range(len(ids)), strict=True))
        if self._added:
            ids = [id for id in ids if id not in self._added]
        if self._gone:
            known = [id for id in known if id not in self._gone]
        return ids == known

    def _take_bodies(self, ports: Ports) -> set[str]:
        """Know the body ports, and give the steps that have others than before."""
        old, bodies = self._before._steps, set(self._before._bodies)
        for id in self._gone:
            bodies -= {(id, port.name) for port in ports(old[id])}
        turned: set[str] = set()
        for id, step in self._steps.items():
            if (known := old.get(id)) is not step:
                has = {(id, port.name) for port in ports(step) if port.body}
                had = {(id, port.name) for port in ports(known) if port.body} if known is not None else set()
                if has != had:
                    bodies -= had
                    bodies |= has
                    turned.add(id)
        self._bodies = bodies
        return turned

    def _lead_edges(self) -> set[str]:
        """Know what leads where, and give the steps at the ends of what came or went."""
        before, workflow = self._before, self.workflow
        splice = Splice.between(before.workflow.edges, workflow.edges)
        ends = {id for _, edge in (*splice.removed, *splice.inserted) for id in (edge.source, edge.target)}
        if strange := self._added | self._gone:  # edges may have named a step that was not there yet, or still do
            ends |= strange
            both = (*before.workflow.edges, *workflow.edges)
            ends |= {id for e in both if e.source in strange or e.target in strange for id in (e.source, e.target)}
        self.edges, self.successors, self.predecessors = before.edges, before.successors, before.predecessors
        if not ends:
            return ends
        self.successors, self.predecessors = dict(before.successors), dict(before.predecessors)
        for id in self._gone:
            del self.successors[id], self.predecessors[id]
        known = self._steps.keys()
        ends &= known
        for id in ends:
            self.successors[id], self.predecessors[id] = [], []
        found = [edge for edge in workflow.edges if edge.source in ends or edge.target in ends]
        for edge in dict.fromkeys(found):
            if edge.source in known and edge.target in known and edge.source != edge.target:
                if edge.source in ends:
                    self.successors[edge.source].append(edge)
                if edge.target in ends:
                    self.predecessors[edge.target].append(edge)
        if sum(map(len, self.successors.values())) == len(workflow.edges):
            self.edges = workflow.edges
        else:
            unique = dict.fromkeys(workflow.edges)
            self.edges = tuple(e for e in unique if e.source in known and e.target in known and e.source != e.target)
        return ends

    def _ordered(self, ends: set[str]) -> tuple[tuple[str, ...], frozenset[str]]:
        """Every step stands as early as it can: only steps of a lower rank are between it and the last before it.

        So the order before the edit, with the new steps put in by that rule, is the order after it, if the rule
        holds for those at the ends of what came or went.
        """
        if not ends and not self._gone:
            return self._before.order, frozenset()
        if len(self._added) > _FEW:
            return self._sorted()
        order, rank = list(self._before.order), self._rank
        if self._gone:
            order = [id for id in order if id not in self._gone]
        for id in sorted(self._added, key=rank.__getitem__):
            start = 1 + max((order.index(e.source) for e in self.predecessors[id] if e.source in order), default=-1)
            own = rank[id]
            at = next((at for at in range(start, len(order)) if rank[order[at]] > own), len(order))
            order.insert(at, id)
        place = dict(zip(order, range(len(order)), strict=True))
        for id in ends:
            at = place[id]
            start = 1 + max((place[edge.source] for edge in self.predecessors[id]), default=-1)
            if start > at or (start < at and max(map(rank.__getitem__, order[start:at])) > rank[id]):
                return self._sorted()
        return tuple(order), frozenset()

    def _follow(self, turned: set[str], ends: set[str]) -> None:
        """Find the region of every step that may be in another one than before."""
        before = self._before
        self._inside, self._around, self._depth = dict(before._inside), dict(before._around), dict(before._depth)
        for id in self._gone:
            del self._inside[id]
            for edge in before.successors[id]:
                self._forget((id, edge.port))
        waiting = set(ends)
        for id in turned:
            waiting |= {edge.target for edge in self.successors[id]}
        waiting |= turned
        if before.workflow.on_error != self.workflow.on_error:
            waiting |= {id for id in (before.workflow.on_error, self.workflow.on_error) if id in self._steps and id}
        place = dict(zip(self.order, range(len(self.order)), strict=True)) if waiting else {}
        queue = [(place[id], id) for id in waiting]
        heapq.heapify(queue)
        seen = set(waiting)
        while queue:
            _, id = heapq.heappop(queue)
            inside = self._region_of(id)
            moved = self._inside.get(id) != inside
            self._inside[id] = inside
            if not self._lead_bodies(id, inside):
                # A body that has moved may change what the edges out of it have in common with others.
                self._inside, self._around, self._depth = {}, {}, {MAIN: 0, HANDLER: 1}
                self._assign()
                return
            for edge in self.successors[id] if moved else ():
                if edge.target not in seen:
                    seen.add(edge.target)
                    heapq.heappush(queue, (place[edge.target], edge.target))
        if not before.escaped and not any(self._escapes(edge) for id in seen for edge in self._around_step(id)):
            self.__dict__["escaped"] = ()

    def _region_of(self, id: str) -> RegionKey:
        edges = self.predecessors[id]
        if not edges:
            return HANDLER if id == self.workflow.on_error else MAIN
        inside = self.context(edges[0])
        for edge in edges[1:]:
            inside = self._common(inside, self.context(edge))
        return inside

    def _lead_bodies(self, id: str, inside: RegionKey) -> bool:
        """Know where the bodies of a step are; False where one was elsewhere before."""
        wired = {(id, edge.port) for edge in self.successors[id]} & self._bodies
        for edge in self._before.successors.get(id, ()):
            if (id, edge.port) not in wired:
                self._forget((id, edge.port))
        for key in wired:
            if self._around.setdefault(key, inside) != inside:
                return False
            self._depth[key] = self._depth[inside] + 1
        return True

    def _forget(self, key: RegionKey) -> None:
        self._around.pop(key, None)
        self._depth.pop(key, None)

    def _around_step(self, id: str) -> list[Edge]:
        return [*self.predecessors[id], *self.successors[id]]

    def _escapes(self, edge: Edge) -> bool:
        return self.context(edge) != self.inside(edge.target)
