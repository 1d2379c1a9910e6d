"""Steps taken out into a workflow of their own, with one step that runs it in their place.

What the steps read from around them becomes inputs of the new workflow, what is read from them its outputs. Where the
result would not do the same as before, it is refused with a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.api import ERROR, HANDLER, Catalog, Edge, Input, Layout, Place, Plan, Step, Workflow
from engine.core.errors import ExpressionError, UsageError
from studio.base.i18n import tr
from studio.designer.edits.ids import named_id, spare_id, step_ids
from studio.designer.edits.places import with_bodies
from studio.designer.edits.ports import outlets, ports_of
from studio.designer.edits.reach import downstream
from studio.designer.edits.removal import delete

SUBWORKFLOW = "control.subworkflow"
_SETTER = "control.set"
_LEAVES_LOOP = frozenset({"control.break", "control.continue"})
_STOP = "control.stop"
_AROUND = ("item", "index", "error", "trigger")
"""Names that an expression reads from what is around its step, and that a called workflow does not have."""
_QUOTED = r"""|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\""""


class CannotGroup(UsageError):
    """These steps cannot be a workflow of their own."""


@dataclass(frozen=True, slots=True)
class Group:
    """`outer` is the workflow with the step `step` in place of the group, `inner` the new workflow that it runs."""

    outer: Workflow
    inner: Workflow
    step: str


def group(workflow: Workflow, catalog: Catalog, steps: Collection[str], name: str, file: str) -> Group:
    """The `steps`, with all in their bodies, as a workflow called `name` that is kept in `file` (as the step names it).

    Raises `CannotGroup`.
    """
    return _Grouping(workflow, catalog, steps).result(name, file)


class _Grouping:
    def __init__(self, workflow: Workflow, catalog: Catalog, steps: Collection[str]) -> None:
        self._workflow, self._catalog = workflow, catalog
        self._plan = Plan.of(workflow, ports_of(catalog))
        self._members = with_bodies(self._plan, {step.id for step in workflow.steps} & set(steps))
        self._steps = [step for step in workflow.steps if step.id in self._members]
        self._by_id = {step.id: step for step in workflow.steps}
        self._inputs: dict[str, str] = {}  # name of the input: the expression that gives it
        self._reads: dict[str, str] = {}  # what is read around the group: the input that gives it
        self._given: dict[str, str] = {}  # a step of the group that is read outside it: the output that gives it

    def result(self, name: str, file: str) -> Group:
        if not self._steps:
            raise CannotGroup(tr("Select the steps that shall be a workflow of their own."))
        self._one_region()
        self._no_way_out()
        before = self._entered()
        after = self._left()
        id = named_id(name, step_ids(self._workflow))
        variables = self._variables()
        inner_steps = tuple(
            replace(step, parameters=self._inward(step, step.parameters, lazy=self._lazy(step))) for step in self._steps
        )
        outer = self._outer(id, file, before, after)
        inner = Workflow(
            name=name,
            inputs=tuple(Input(name) for name in self._inputs),
            variables=variables,
            outputs={output: self._output(step) for step, output in self._given.items()},
            settings=self._workflow.settings,
            steps=inner_steps,
            edges=tuple(e for e in self._workflow.edges if e.source in self._members and e.target in self._members),
            layout=self._layout(),
        )
        return Group(outer, inner, id)

    # -- what may be taken out ---------------------------------------------------------------------------------------

    def _top(self) -> list[str]:
        """The steps of the group that are not in the body of another of it."""
        return [id for id in self._plan.order if id in self._members and self._plan.inside(id)[0] not in self._members]

    def _one_region(self) -> None:
        regions = {self._plan.inside(id) for id in self._top()}
        if self._plan.cyclic & self._members:
            raise CannotGroup(tr("The steps run in a circle. Cut it first."))
        if len(regions) > 1:
            raise CannotGroup(tr("Steps of different bodies cannot be one workflow. Select steps of one body."))

    def _no_way_out(self) -> None:
        for step in self._steps:
            if step.activity == _STOP:
                raise CannotGroup(
                    tr(
                        "“{step}” stops this workflow; in one of its own it would stop only that.",
                        step=self._name(step.id),
                    )
                )
            loops = any(key[0] in self._members for key in self._plan.enclosing(step.id))
            if step.activity in _LEAVES_LOOP and not loops:
                raise CannotGroup(
                    tr("“{step}” leaves a loop that is not selected. Select the loop too.", step=self._name(step.id))
                )

    def _entered(self) -> list[tuple[str, str]]:
        """The outlets (step, port) that lead into the group.

        The new step waits for all of them, so they must lead to each of the first steps and to no other, or else be
        sure to lead on whenever the region runs.
        """
        sources: dict[str, set[tuple[str, str]]] = {}
        for id in self._top():
            edges = self._plan.predecessors[id]
            sources[id] = {(edge.source, edge.port) for edge in edges if edge.source not in self._members}
        heads = self._heads()
        common = sources[heads[0]]
        entering = list(dict.fromkeys(pair for found in sources.values() for pair in sorted(found)))
        same = all(found == (common if id in heads else set()) for id, found in sources.items())
        if not same:
            waits = all(self._by_id[id].join == "all" for id in sources)
            for id, found in sources.items():
                if not waits or any(not self._sure(source, port) for source, port in found):
                    raise CannotGroup(
                        tr("“{step}” is reached in another way than the first of these steps.", step=self._name(id))
                    )
        elif len(common) > 1 and len({self._by_id[id].join for id in heads}) > 1:
            raise CannotGroup(tr("The first of these steps wait in different ways, some for all wires, some for one."))
        behind = downstream(self._workflow, self._members)
        for source, _ in entering:
            if source in behind:
                raise CannotGroup(tr("“{step}” stands between these steps. Select it too.", step=self._name(source)))
        return entering

    def _heads(self) -> list[str]:
        """The steps that start the group: no other of it leads to them."""
        return [id for id in self._top() if all(e.source not in self._members for e in self._plan.predecessors[id])]

    def _sure(self, source: str, port: str) -> bool:
        """Whether an outlet leads on whenever its region runs through: nothing on the way to it decides."""
        waiting, seen = [(source, port)], {source}
        while waiting:
            id, name = waiting.pop()
            ordinary = [p.name for p in outlets(self._by_id[id], self._catalog) if not p.body and p.name != ERROR.name]
            if ordinary != [name]:
                return False
            for edge in self._plan.predecessors[id]:
                if edge.source not in seen and self._plan.inside(edge.source) == self._plan.inside(id):
                    seen.add(edge.source)
                    waiting.append((edge.source, edge.port))
        return True

    def _left(self) -> list[str]:
        """The steps that the group leads on to; each must follow however the group runs."""
        leaving: dict[str, set[Edge]] = {}
        for edge in self._plan.edges:
            if edge.source in self._members and edge.target not in self._members:
                leaving.setdefault(edge.target, set()).add(edge)
        for target, edges in leaving.items():
            if any(edge.port == ERROR.name for edge in edges):
                raise CannotGroup(
                    tr("“{target}” handles an error of one of these steps. Select it too.", target=self._name(target))
                )
            if not self._certain(edges):
                raise CannotGroup(
                    tr(
                        "“{target}” follows only some ways through these steps. Select it too.",
                        target=self._name(target),
                    )
                )
        return list(leaving)

    def _certain(self, edges: Collection[Edge]) -> bool:
        """Whether every way through the group comes to one of these edges."""
        good: set[str] = set()
        for id in reversed(self._plan.order):
            if id not in self._members:
                continue
            ports = [p.name for p in outlets(self._by_id[id], self._catalog) if not p.body and p.name != ERROR.name]
            on = [edge for edge in self._plan.successors[id] if edge in edges or edge.target in good]
            if ports and all(any(edge.port == port for edge in on) for port in ports):
                good.add(id)
        return any(id in good for id in self._heads())

    # -- what crosses the border -------------------------------------------------------------------------------------

    def _variables(self) -> dict[str, Any]:
        """The variables that the group sets move into it, as long as nothing else uses them."""
        own = self._set_by(self._steps)
        others = [step for step in self._workflow.steps if step.id not in self._members]
        shared = self._set_by(others) | {
            path[1]
            for value in [*(step.parameters for step in others), self._workflow.outputs]
            for path in _paths(value)
            if path[0] == "vars" and len(path) > 1
        }
        for name in sorted(own & shared):
            raise CannotGroup(
                tr(
                    "The variable “{name}” is set in these steps and used outside them.",
                    name=name,
                )
            )
        self._own_variables = own
        return {name: value for name, value in self._workflow.variables.items() if name in own}

    def _set_by(self, steps: Collection[Step]) -> set[str]:
        found: set[str] = set()
        for step in steps:
            if step.activity == _SETTER:
                values = step.parameters.get("values")
                if isinstance(values, Mapping):
                    found.update(str(name) for name in values)
                elif step.id in self._members:
                    raise CannotGroup(
                        tr("Which variables “{step}” sets is known only when it runs.", step=self._name(step.id))
                    )
        return found

    def _lazy(self, step: Step) -> frozenset[str]:
        activity = self._catalog.get(step.activity)
        return frozenset(p.name for p in activity.parameters if p.lazy) if activity is not None else frozenset()

    def _inward(self, step: Step, parameters: Mapping[str, Any], lazy: frozenset[str]) -> dict[str, Any]:
        """The parameters of a step of the group, reading inputs where they read what stays outside."""
        loop = any(key[0] in self._members for key in self._plan.enclosing(step.id))
        changed: dict[str, Any] = {}
        for name, value in parameters.items():
            own = {"item", "index"} if name in lazy or loop else set()
            changed[name] = _rewritten(value, lambda text, own=own: self._inward_text(step, text, own))
        return changed

    def _inward_text(self, step: Step, text: str, own: Collection[str]) -> str:
        if not _compiles(text):
            return text
        for path in sorted(set(_paths(text))):
            top = path[0]
            if not _compiles(text):
                break
            if top == "steps" and len(path) > 1 and path[1] not in self._members:
                if path[2:3] != ("output",):
                    raise CannotGroup(
                        tr(
                            "“{step}” reads more of “{other}” than its output.",
                            step=self._name(step.id),
                            other=self._name(path[1]),
                        )
                    )
                text = self._taken(text, ("steps", path[1], "output"), path[1])
            elif top in ("inputs", "vars") and len(path) > 1:
                if top == "inputs" or path[1] not in self._own_variables:
                    text = self._taken(text, (top, path[1]), path[1])
            elif top in ("inputs", "vars", "steps") and len(path) == 1:
                raise CannotGroup(tr("“{step}” reads all of “{name}” at once.", step=self._name(step.id), name=top))
            elif top in _AROUND and top not in own:
                text = self._taken(text, (top,), top)
        if not _compiles(text) or any(
            (path[0] in _AROUND and path[0] not in own)
            or (path[0] == "steps" and len(path) > 1 and path[1] not in self._members)
            for path in _paths(text)
        ):
            raise CannotGroup(
                tr("“{step}” reads its surroundings in a way that cannot be moved.", step=self._name(step.id))
            )
        return text

    def _taken(self, text: str, path: tuple[str, ...], wanted: str) -> str:
        """`text` reading an input where it reads `path`; the input is made the first time."""
        source = ".".join(path)
        if source not in self._reads:
            name = spare_id(wanted, self._inputs.keys())
            self._reads[source] = name
            self._inputs[name] = "{{ " + source + " }}"
        return _replaced(text, path, f"inputs.{self._reads[source]}")

    def _outward(self, value: Any, id: str) -> Any:
        """A value outside the group, reading the outputs of the step `id` where it reads steps of the group."""

        def change(text: str) -> str:
            for path in sorted(set(_paths(text))):
                if path[0] != "steps" or len(path) < 2 or path[1] not in self._members:
                    continue
                if path[2:3] != ("output",):
                    raise CannotGroup(
                        tr("More of “{step}” than its output is read outside these steps.", step=self._name(path[1]))
                    )
                output = self._given.setdefault(path[1], path[1])
                text = _replaced(text, ("steps", path[1], "output"), f"steps.{id}.output.{output}")
            return text

        return _rewritten(value, change)

    def _output(self, step: str) -> str:
        region = self._plan.inside(step)
        before = [
            edge
            for edge in self._plan.predecessors[step]
            if self._plan.context(edge) == region != (edge.source, edge.port)
        ]
        sure = all(self._sure(edge.source, edge.port) for edge in before) and region[0] not in self._members
        return f"{{{{ steps.{step}.output }}}}" if sure else f"{{{{ default(steps.{step}.output, None) }}}}"

    # -- what it becomes ---------------------------------------------------------------------------------------------

    def _outer(self, id: str, file: str, before: list[tuple[str, str]], after: list[str]) -> Workflow:
        workflow = self._workflow
        top = self._top()
        first = next(rank for rank, step in enumerate(workflow.steps) if step.id in self._members)
        steps: list[Step] = []
        for rank, step in enumerate(workflow.steps):
            if rank == first:
                steps.append(Step(id, SUBWORKFLOW, join=self._by_id[self._heads()[0]].join))
            if step.id not in self._members:
                parameters = self._outward(step.parameters, id)
                steps.append(replace(step, parameters=parameters) if parameters != step.parameters else step)
        outputs = self._outward(workflow.outputs, id)
        parameters = {"workflow": file, **({"inputs": dict(self._inputs)} if self._inputs else {})}
        steps = [replace(step, parameters=parameters) if step.id == id else step for step in steps]
        left = delete(workflow, self._members)
        places = [workflow.layout.steps[step] for step in top if step in workflow.layout.steps]
        layout = left.layout
        if places:
            x, y = min(place.x for place in places), min(place.y for place in places)
            layout = replace(layout, steps={**layout.steps, id: Place(x, y)})
        starts = self._plan.inside(top[0]) == HANDLER and workflow.on_error in self._members
        return replace(
            left,
            steps=tuple(steps),
            outputs=outputs,
            variables={k: v for k, v in workflow.variables.items() if k not in self._own_variables},
            edges=(
                *left.edges,
                *(Edge(source, port, id) for source, port in before),
                *(Edge(id, "next", target) for target in after),
            ),
            on_error=id if starts else left.on_error,
            layout=layout,
        )

    def _layout(self) -> Layout:
        places = {id: place for id, place in self._workflow.layout.steps.items() if id in self._members}
        if not places:
            return Layout()
        x, y = min(place.x for place in places.values()), min(place.y for place in places.values())
        return Layout({id: replace(place, x=place.x - x, y=place.y - y) for id, place in places.items()})

    def _name(self, id: str) -> str:
        step = self._by_id.get(id)
        if step is None:
            return id
        activity = self._catalog.get(step.activity)
        return step.label or (tr(activity.label) if activity is not None else id)


def _paths(value: Any) -> Iterator[tuple[str, ...]]:
    """What the expressions in plain data read; a text that is no expression reads nothing."""
    from engine.api import compile_template  # only expressions need it, and no first window does

    for text in _texts(value):
        try:
            found = compile_template(text).expressions
        except ExpressionError:
            continue
        for _, expression in found:
            yield from expression.paths_used
            yield from ((name,) for name in expression.names_used if name in _AROUND)


def _compiles(text: str) -> bool:
    from engine.api import compile_template

    try:
        compile_template(text)
    except ExpressionError:
        return False
    return True


def _texts(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if "{{" in item:
                yield item
        elif isinstance(item, Mapping):
            waiting += item.values()
        elif isinstance(item, (list, tuple)):
            waiting += item


def _rewritten(value: Any, change: Any) -> Any:
    """Plain data with every text that holds an expression sent through `change`."""
    if isinstance(value, str):
        return change(value) if "{{" in value else value
    if isinstance(value, Mapping):
        return {key: _rewritten(item, change) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rewritten(item, change) for item in value]
    return value


def _replaced(text: str, path: tuple[str, ...], new: str) -> str:
    """`text` reading `new` where its expressions read `path`, written with dots or brackets; quoted texts stay."""
    from engine.api import compile_template

    rest = "".join(
        rf"""(?:\s*\.\s*{re.escape(k)}(?!\w)|\s*\[\s*(['"]){re.escape(k)}\{n + 2}\s*\])"""
        for n, k in enumerate(path[1:])
    )
    pattern = re.compile(rf"(?<![\w.])(?P<found>{re.escape(path[0])}{rest}(?!\w))(?!\s*=[^=])" + _QUOTED, re.DOTALL)

    def change(match: re.Match[str]) -> str:
        return new if match["found"] else match[0]

    for _, expression in compile_template(text).expressions:
        source = expression.source
        text = text.replace("{{" + source + "}}", "{{" + pattern.sub(change, source) + "}}")
    return text
