"""Why a wire may not be drawn, in one plain sentence; what the engine would call a problem is not allowed here.

What decides is the engine's plan: a wire belongs to the region (main flow, body, error handler) that it comes from,
and a step to the region that all its wires have in common. So a wire fits a step of the same region, and a step that
nothing leads to yet, as long as nothing behind that one is reached from elsewhere too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from engine.api import ERROR, HANDLER, MAIN, Catalog, Edge, Plan, RegionKey, Step, Workflow
from studio.base.i18n import tr
from studio.designer.edits.ports import outlets, ports_of


def why_not(workflow: Workflow, plan: Plan, catalog: Catalog, source: str, port: str, target: str) -> str:
    """Why no wire may lead from the outlet `port` of `source` to `target`; "" when it may. `plan` is the workflow's."""
    return Refusals(workflow, plan, catalog, source, port).why_not(target)


class Refusals:
    """The answers for all wires from one outlet: what they share is found out once, so that thousands are quick."""

    def __init__(
        self, workflow: Workflow, plan: Plan, catalog: Catalog, source: str, port: str, *, moved: Edge | None = None
    ) -> None:
        """`moved` is the wire whose end is being led elsewhere: it is as good as gone."""
        if moved is not None:
            workflow = replace(workflow, edges=tuple(edge for edge in workflow.edges if edge != moved))
            plan = Plan.of(workflow, ports_of(catalog))
        self._plan = plan
        self._catalog = catalog
        self._on_error = workflow.on_error
        self._steps = {step.id: step for step in reversed(workflow.steps)}
        self._source, self._port = source, port
        self._above = _above(plan, source)
        self._from = plan.context(Edge(source, port, ""))
        self._chain = list(self._outwards(self._from))
        self.outlet = self._outlet_problem()
        """Why no wire at all may start there; "" when one may."""

    def why_not(self, target: str) -> str:
        """Why the wire may not lead to `target`; "" when it may."""
        if target not in self._steps:
            return tr("There is no step here.")
        if self.outlet:
            return self.outlet
        if target == self._source:
            return tr("A step cannot lead to itself.")
        if Edge(self._source, self._port, target) in self._plan.successors[self._source]:
            return tr(
                "“{source}” leads to “{target}” already.", source=self._name(self._source), target=self._name(target)
            )
        if target in self._above:
            return tr(
                "“{target}” comes before “{source}”: the workflow would run in a circle. To repeat steps, use a loop.",
                target=self._name(target),
                source=self._name(self._source),
            )
        if target == self._on_error:
            return tr("“{target}” starts the error handler, and nothing may lead to it.", target=self._name(target))
        if self._plan.predecessors[target]:
            return self._body_problem(target)
        return self._start_problem(target)

    def allowed(self, targets: Iterable[str]) -> frozenset[str]:
        """Those of `targets` that the wire may lead to."""
        return frozenset(target for target in targets if not self.why_not(target))

    def _outlet_problem(self) -> str:
        step = self._steps.get(self._source)
        if step is None:
            return tr("There is no step here.")
        if self._catalog.get(step.activity) is None:
            return ""
        names = [port.name for port in outlets(step, self._catalog)]
        if self._port in names:
            return ""
        if names == [ERROR.name]:
            return tr("Nothing can follow “{step}”.", step=self._name(self._source))
        return tr("“{step}” has no outlet “{port}”.", step=self._name(self._source), port=self._port)

    def _body_problem(self, target: str) -> str:
        inside = self._plan.inside(target)
        if inside == self._from:
            return ""
        if inside in self._chain:
            return self._leaving(self._chain[self._chain.index(inside) - 1])
        entered = inside
        for key in self._outwards(inside):
            if key in self._chain:
                break
            entered = key
        if entered == HANDLER:
            return tr("“{target}” belongs to the error handler, which runs on its own.", target=self._name(target))
        if entered[0] == self._source or (self._from != MAIN and entered[0] == self._from[0]):
            return tr(
                "“{target}” is in a body of “{container}”, which only its outlet “{port}” leads to.",
                target=self._name(target),
                container=self._name(entered[0]),
                port=entered[1],
            )
        return tr(
            "“{target}” is in the body of “{container}”. Lead the wire to “{container}” instead.",
            target=self._name(target),
            container=self._name(entered[0]),
        )

    def _start_problem(self, target: str) -> str:
        """A start joins the region the wire comes from, and all behind it that is reached in no other way."""
        if self._from == MAIN:
            return ""
        behind = {target}
        waiting = [target]
        while waiting:
            for edge in self._plan.successors[waiting.pop()]:
                if edge.target not in behind:
                    behind.add(edge.target)
                    waiting.append(edge.target)
        for id in behind:
            for edge in self._plan.predecessors[id]:
                if edge.source not in behind and self._from not in self._outwards(self._plan.context(edge)):
                    return self._leaving(self._from, id)
        return ""

    def _leaving(self, body: RegionKey, target: str = "") -> str:
        if target:
            return tr(
                "What follows would leave this body, because “{target}” is also reached from outside it.",
                target=self._name(target),
            )
        if body == HANDLER:
            return tr("The wire would leave the error handler, which runs on its own.")
        return tr(
            "The wire would leave the body of “{container}”. Continue from “{container}” itself.",
            container=self._name(body[0]),
        )

    def _outwards(self, key: RegionKey) -> Iterator[RegionKey]:
        """The region and those around it, `MAIN` last."""
        while key != MAIN:
            yield key
            # The plan does not know the body of an outlet that nothing is connected to yet.
            key = self._plan.inside(self._source) if key == (self._source, self._port) else self._plan.around(key)
        yield MAIN

    def _name(self, id: str) -> str:
        step = self._steps.get(id)
        return name_of(step, self._catalog) if step is not None else id


def name_of(step: Step, catalog: Catalog) -> str:
    """What a person calls a step: its label, else its activity's, else its id."""
    if step.label:
        return step.label
    activity = catalog.get(step.activity)
    return tr(activity.label) if activity is not None else step.id


def _above(plan: Plan, step: str) -> frozenset[str]:
    found: set[str] = set()
    waiting = [step]
    while waiting:
        for edge in plan.predecessors.get(waiting.pop(), ()):
            if edge.source not in found:
                found.add(edge.source)
                waiting.append(edge.source)
    return frozenset(found)
