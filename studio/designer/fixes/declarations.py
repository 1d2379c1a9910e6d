"""What the workflow declares: inputs, variables, places on the canvas."""

from __future__ import annotations

import keyword
import re
from dataclasses import replace

from engine.api import Catalog, Edge, Place, Problem, Step, Workflow, rename_input, rename_variable
from studio.base.i18n import tr
from studio.designer.edits import named_id, spare_id
from studio.designer.fixes.fix import Fix, fix

_BEFORE = 232.0
"""How far left of the first steps a new first step is put, in canvas units."""


def duplicate_name(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    name = str(problem.place[-1]) if problem.place else ""
    ranks = [rank for rank, item in enumerate(workflow.inputs) if item.name == name]
    if len(ranks) < 2:
        return []
    new = spare_id(name, {item.name for item in workflow.inputs})

    def rename(workflow: Workflow) -> Workflow:
        inputs = list(workflow.inputs)
        inputs[ranks[1]] = replace(inputs[ranks[1]], name=new)
        return replace(workflow, inputs=tuple(inputs))

    def remove(workflow: Workflow) -> Workflow:
        left = (item for rank, item in enumerate(workflow.inputs) if rank not in ranks[1:])
        return replace(workflow, inputs=tuple(left))

    more = [fix(tr("Rename the second one to “{name}”", name=new), rename)] if len(ranks) == 2 else []
    return [*more, fix(tr("Keep the first “{key}”", key=name), remove)]


def bad_name(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    if len(problem.place) != 2:
        return []
    kind, old = str(problem.place[0]), str(problem.place[1])
    known = [item.name for item in workflow.inputs] if kind == "inputs" else list(workflow.variables)
    if old not in known:
        return []
    new = spare_id(readable_name(old), known)
    rename = rename_input if kind == "inputs" else rename_variable
    return [Fix(tr("Rename it to “{name}”", name=new), lambda document: rename(document, old, new))]


def readable_name(text: str) -> str:
    """A name after `text` that expressions can read behind a dot."""
    name = re.sub(r"[^A-Za-z0-9_]+", "_", text).strip("_")
    if not name or not name[0].isalpha():
        name = f"value_{name}".rstrip("_")
    return f"{name}_1" if keyword.iskeyword(name) else name


def unknown_place(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    id = str(problem.place[-1]) if problem.place else ""
    if id not in workflow.layout.steps:
        return []

    def change(workflow: Workflow) -> Workflow:
        left = {other: place for other, place in workflow.layout.steps.items() if other != id}
        return replace(workflow, layout=replace(workflow.layout, steps=left))

    return [fix(tr("Forget the place"), change)]


def not_evaluated(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    name = str(problem.place[-1]) if problem.place else ""
    if name not in workflow.variables:
        return []

    def first_step(workflow: Workflow) -> Workflow:
        reached = {edge.target for edge in workflow.edges} | {workflow.on_error}
        first = [step.id for step in workflow.steps if step.id not in reached]
        id = named_id(f"set_{name}", {step.id for step in workflow.steps})
        step = Step(id, "control.set", {"values": {name: workflow.variables[name]}})
        places = [workflow.layout.steps[other] for other in first if other in workflow.layout.steps]
        place = Place(min(p.x for p in places) - _BEFORE, min(p.y for p in places)) if places else Place(0, 0)
        return replace(
            workflow,
            variables={**workflow.variables, name: None},
            steps=(step, *workflow.steps),
            edges=(*(Edge(id, "next", other) for other in first), *workflow.edges),
            layout=replace(workflow.layout, steps={**workflow.layout.steps, id: place}),
        )

    return [
        fix(tr("Set “{name}” in a first step", name=name), first_step),
        fix(
            tr("Begin with null"),
            lambda workflow: replace(workflow, variables={**workflow.variables, name: None}),
        ),
    ]
