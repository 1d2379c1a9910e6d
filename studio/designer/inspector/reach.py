"""What the expressions of a step can read: steps before it, inputs, variables, the item of a loop. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from engine.api import HANDLER, LOOPS, Catalog, Plan, Workflow
from studio.base.i18n import tr
from studio.designer.canvas.look import title
from studio.forms.context import Names, StepName
from studio.forms.shape import result_schema

_SETTER = "control.set"
_HANDLERS = ("catch", "finally")


def names_of_step(workflow: Workflow, plan: Plan, catalog: Catalog, step_id: str) -> Names:
    """The names in reach of the step `step_id`."""
    upstream = _upstream(workflow, plan, step_id)
    steps = []
    for step in workflow.steps:
        if step.id == step_id:
            continue
        activity = catalog.get(step.activity)
        near = step.id in upstream
        # What an activity gives is only worth looking up where it can be read.
        schema = result_schema(activity) if near else {}
        label = title(step, activity)
        steps.append(StepName(step.id, label, step.activity, schema, near))
    around = plan.enclosing(step_id)
    by_id = {step.id: step.activity for step in workflow.steps}
    variables, known = _variables(workflow)
    return Names(
        tuple(steps),
        {item.name: item.label or item.help or item.type for item in workflow.inputs},
        variables,
        known,
        any(by_id.get(container) in LOOPS for container, _ in around) or step_id in plan.cyclic,
        HANDLER in around or any(port in _HANDLERS for _, port in around),
    )


def _upstream(workflow: Workflow, plan: Plan, step_id: str) -> frozenset[str]:
    """The steps that lead here; in the error handler also every step outside of it."""
    found: set[str] = set()
    waiting = [step_id]
    while waiting:
        for edge in plan.predecessors.get(waiting.pop(), ()):
            if edge.source not in found:
                found.add(edge.source)
                waiting.append(edge.source)
    around = list(plan.enclosing(step_id))
    if HANDLER in around:
        found |= {step.id for step in workflow.steps if HANDLER not in plan.enclosing(step.id)}
    # A step in a body that this one is not in can only be read through its container.
    mine = {container for container, _ in around}
    return frozenset(
        id for id in found if id != step_id and all(one in mine or not one for one, _ in plan.enclosing(id))
    )


def _variables(workflow: Workflow) -> tuple[dict[str, str], bool]:
    """The variables there are, and whether these are all."""
    found = {name: tr("variable") for name in workflow.variables}
    known = True
    for step in workflow.steps:
        if step.activity != _SETTER:
            continue
        for value in step.parameters.values():
            if isinstance(value, Mapping):
                found.update(dict.fromkeys(map(str, value), tr("set by {step}", step=step.id)))
            elif isinstance(value, str) and "{{" in value:
                known = False
    return found, known
