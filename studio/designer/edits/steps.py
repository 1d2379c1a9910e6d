"""Adding steps, and changing what one says."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import fields, replace
from typing import Any

from engine.api import Catalog, Edge, Place, Step, Workflow
from studio.designer.edits.ids import named_id, step_ids
from studio.designer.edits.places import Rect, free_place, snapped
from studio.designer.edits.ports import main_outlet

STEP_SIZE = (184.0, 56.0)
_FIELDS = frozenset(field.name for field in fields(Step)) - {"id", "parameters", "extra"}


def add_step(
    workflow: Workflow,
    catalog: Catalog,
    activity: str,
    x: float,
    y: float,
    *,
    source: tuple[str, str] | None = None,
    target: str = "",
    parameters: Mapping[str, Any] | None = None,
    taken: Collection[Rect] = (),
    size: tuple[float, float] = STEP_SIZE,
) -> tuple[Workflow, str]:
    """A new step of `activity` at `x`, `y` (upper left), and its id.

    It is wired from the outlet `source` (step, port), and by its main outlet to the step `target`. It moves down until
    it meets none of the boxes `taken`. Required parameters stay open: the problems name them.
    """
    id = named_id(activity, step_ids(workflow))
    step = Step(id, activity, dict(parameters or {}))
    steps = list(workflow.steps)
    # A file reads better when a step stands behind the one it follows.
    at = next((rank + 1 for rank, other in enumerate(steps) if source and other.id == source[0]), len(steps))
    steps.insert(at, step)
    edges = list(workflow.edges)
    if source is not None:
        edges.append(Edge(source[0], source[1], id))
    outlet = main_outlet(step, catalog)
    if target and outlet:
        edges.append(Edge(id, outlet, target))
    place = free_place(x, y, size, taken) if taken else Place(snapped(x), snapped(y))
    layout = replace(workflow.layout, steps={**workflow.layout.steps, id: place})
    return replace(workflow, steps=tuple(steps), edges=tuple(edges), layout=layout), id


def set_parameter(workflow: Workflow, step: str, name: str, value: Any) -> Workflow:
    """The parameter `name` of a step set to `value`, which is plain data."""
    return set_parameters(workflow, step, {name: value})


def set_parameters(
    workflow: Workflow, step: str, values: Mapping[str, Any], *, without: Collection[str] = ()
) -> Workflow:
    """Several parameters of a step set, and those of `without` taken out, which gives them their defaults."""
    found = workflow.step(step)
    parameters = {name: value for name, value in found.parameters.items() if name not in without}
    return _with_step(workflow, replace(found, parameters={**parameters, **values}))


def set_fields(workflow: Workflow, step: str, **values: Any) -> Workflow:
    """Fields of a step other than its id and parameters: `label`, `note`, `retry`, `timeout`, `join`, …

    Raises `KeyError` when there is no such step, `TypeError` for a field that a step has not.
    """
    unknown = sorted(values.keys() - _FIELDS)
    if unknown:
        raise TypeError(f"a step has no field {unknown[0]!r}")
    return _with_step(workflow, replace(workflow.step(step), **values))


def rename(workflow: Workflow, old: str, new: str) -> Workflow:
    """The step `old` called `new`, also where expressions read it. Raises `UsageError` as `rename_step` does."""
    from engine.api import rename_step  # it brings the expressions along, which no first window needs

    return rename_step(workflow, old, new)


def disable(workflow: Workflow, steps: Collection[str], disabled: bool = True) -> Workflow:
    """The steps skipped when the workflow runs, or no longer."""
    return replace(
        workflow,
        steps=tuple(
            replace(step, disabled=disabled) if step.id in steps and step.disabled != disabled else step
            for step in workflow.steps
        ),
    )


def _with_step(workflow: Workflow, changed: Step) -> Workflow:
    steps = list(workflow.steps)
    steps[next(rank for rank, step in enumerate(steps) if step.id == changed.id)] = changed
    return replace(workflow, steps=tuple(steps))
