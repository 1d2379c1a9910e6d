"""Steps: their ids, what they do, and the constants of their parameters."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.api import Activity, Catalog, Parameter, Place, Problem, Step, Workflow, rename_step
from studio.base.i18n import tr
from studio.designer.edits import heal, named_id, spare_id
from studio.designer.fixes.data import conversions, shown
from studio.designer.fixes.fix import Fix, fix, near, step_at, with_step

_BESIDE = 24.0
"""How far from its namesake a step is put that had no place of its own, in canvas units."""


def missing_key(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    return [_deleted(workflow.steps[rank], catalog)] if rank is not None else []


def bad_id(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    if rank is None:
        return []
    step = workflow.steps[rank]
    new = named_id(step.id.replace(".", "_") or step.label or step.activity, {other.id for other in workflow.steps})
    return [Fix(tr("Rename it to “{name}”", name=new), lambda document: rename_step(document, step.id, new))]


def duplicate_id(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    if rank is None:
        return []
    step = workflow.steps[rank]
    new = spare_id(step.id, {other.id for other in workflow.steps})

    def change(workflow: Workflow) -> Workflow:
        changed = with_step(workflow, rank, replace(step, id=new))
        place = workflow.layout.steps.get(step.id)
        if place is None:
            return changed
        beside = Place(place.x + _BESIDE, place.y + _BESIDE)
        return replace(changed, layout=replace(changed.layout, steps={**changed.layout.steps, new: beside}))

    return [fix(tr("Rename the second one to “{name}”", name=new), change)]


def unknown_activity(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    if rank is None:
        return []
    step = workflow.steps[rank]
    ids = catalog.ids()
    name = step.activity.rpartition(".")[2]
    alike = [id for id in ids if id.rpartition(".")[2] == name]
    fixes = []
    for id in list(dict.fromkeys([*alike, *near(step.activity, ids)]))[:3]:
        found = catalog.get(id)
        label = tr(found.label) if found is not None else id
        text = tr("Use “{label}” ({id})", label=label, id=id)
        fixes.append(fix(text, _with(rank, replace(step, activity=id))))
    return [*fixes, _deleted(step, catalog)]


def unknown_parameter(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    step = workflow.steps[rank] if rank is not None else None
    if rank is None or step is None or problem.parameter not in step.parameters:
        return []
    activity = catalog.get(step.activity)
    free = [name for name in activity.by_name if name not in step.parameters] if activity is not None else []
    fixes = []
    for name in near(problem.parameter, free):
        renamed = {name if old == problem.parameter else old: value for old, value in step.parameters.items()}
        fixes.append(fix(tr("Rename it to “{name}”", name=name), _with(rank, replace(step, parameters=renamed))))
    return [*fixes, _removed(rank, step, problem.parameter)]


def missing_parameter(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    activity = catalog.get(workflow.steps[rank].activity) if rank is not None else None
    if rank is None or activity is None:
        return []
    given = workflow.steps[rank].parameters
    missing = [one for one in activity.parameters if one.required and one.name not in given]
    named = [one for one in missing if f"{one.name!r}" in problem.message] or missing
    return [_focus(tr("Fill in “{label}”", label=tr(one.hints.label)), one.name) for one in named[:1]]


def bad_parameter(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    step = workflow.steps[rank] if rank is not None else None
    activity = catalog.get(step.activity) if step is not None else None
    name = problem.parameter
    if rank is None or step is None or activity is None or name not in step.parameters or name not in activity.by_name:
        return []
    parameter, value = activity.by_name[name], step.parameters[name]
    fixes = []
    for other in [*_choices(activity, parameter, value), *conversions(value)]:
        if not activity.check({name: other}):
            changed = replace(step, parameters={**step.parameters, name: other})
            fixes.append(fix(tr("Write {value}", value=shown(other)), _with(rank, changed)))
    if not parameter.required:
        fixes = [*fixes[:3], _removed(rank, step, name)]
    return [*fixes[:4], _focus(tr("Change “{label}”", label=tr(parameter.hints.label)), name)]


def plain_secret(problem: Problem, workflow: Workflow, catalog: Catalog) -> list[Fix]:
    rank = step_at(workflow, problem)
    step = workflow.steps[rank] if rank is not None else None
    if rank is None or step is None or problem.parameter not in step.parameters:
        return []
    name = re.sub(r"\W+", "_", f"{step.id}_{problem.parameter}")
    value = f"{{{{ secret({name!r}) }}}}"
    changed = replace(step, parameters={**step.parameters, problem.parameter: value})
    return [fix(tr("Read the secret “{name}” instead", name=name), _with(rank, changed))]


def _choices(activity: Activity, parameter: Parameter, value: Any) -> list[Any]:
    """What the parameter may be, where that is a short list: what is nearest to `value` first."""
    schema = activity.schema()["properties"].get(parameter.name, {})
    found = list(parameter.hints.choices) or schema.get("enum", [])
    for member in schema.get("anyOf", ()):
        found = found or member.get("enum", [])
    texts = [choice for choice in found if isinstance(choice, str)]
    return list(dict.fromkeys([*near(str(value), texts), *found]))[:3]


def _with(rank: int, step: Step) -> Callable[[Workflow], Workflow]:
    return lambda workflow: with_step(workflow, rank, step)


def _removed(rank: int, step: Step, name: str) -> Fix:
    left = {other: value for other, value in step.parameters.items() if other != name}
    return fix(tr("Remove “{key}”", key=name), _with(rank, replace(step, parameters=left)))


def _deleted(step: Step, catalog: Catalog) -> Fix:
    text = tr("Delete “{step}”", step=step.label or step.id)
    return fix(text, lambda workflow: heal(workflow, catalog, [step.id]))


def _focus(text: str, name: str) -> Fix:
    return Fix(text, lambda document: document, focus=name)
