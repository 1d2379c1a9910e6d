"""Copies of steps, notes and frames, whose expressions read the copies and not what was copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

from engine.api import Edge, Place, Workflow
from engine.core.errors import ExpressionError
from studio.designer.edits.ids import mark_ids, spare_id, step_ids


def duplicate(
    workflow: Workflow,
    steps: Collection[str],
    notes: Collection[str] = (),
    frames: Collection[str] = (),
    *,
    dx: float = 32.0,
    dy: float = 32.0,
) -> tuple[Workflow, Mapping[str, str]]:
    """Copies beside the originals, and the new id of every one. Wires between the copied steps are copied too."""
    taken = step_ids(workflow)
    new: dict[str, str] = {}
    for step in workflow.steps:
        if step.id in steps and step.id not in new:
            new[step.id] = spare_id(step.id, taken)
            taken.add(new[step.id])
    copies = tuple(
        replace(step, id=new[step.id], parameters=reading(step.parameters, new))
        for step in {step.id: step for step in reversed(workflow.steps) if step.id in new}.values()
    )[::-1]
    edges = tuple(
        Edge(new[edge.source], edge.port, new[edge.target])
        for edge in workflow.edges
        if edge.source in new and edge.target in new
    )
    layout = workflow.layout
    places = {
        new[id]: Place(place.x + dx, place.y + dy, place.extra) for id, place in layout.steps.items() if id in new
    }
    taken = mark_ids(workflow)
    marks: dict[str, str] = {}
    wanted = [note.id for note in layout.notes if note.id in notes]
    for id in [*wanted, *(frame.id for frame in layout.frames if frame.id in frames)]:
        marks[id] = spare_id(id, taken)
        taken.add(marks[id])
    changed = replace(
        workflow,
        steps=(*workflow.steps, *copies),
        edges=(*workflow.edges, *edges),
        layout=replace(
            layout,
            steps={**layout.steps, **places},
            notes=(
                *layout.notes,
                *(replace(n, id=marks[n.id], x=n.x + dx, y=n.y + dy) for n in layout.notes if n.id in notes),
            ),
            frames=(
                *layout.frames,
                *(replace(f, id=marks[f.id], x=f.x + dx, y=f.y + dy) for f in layout.frames if f.id in frames),
            ),
        ),
    )
    return changed, {**new, **marks}


def reading(value: Any, new: Mapping[str, str]) -> Any:
    """Plain data whose expressions read the step `new[x]` where they read `x`; a text that is no expression stays."""
    if isinstance(value, str):
        if "{{" not in value or "steps" not in value:
            return value
        from engine.api import compile_template  # only expressions need it, and no first window does

        try:
            template = compile_template(value)
            read = {
                path[1]
                for _, found in template.expressions
                for path in found.paths_used
                if path[:1] == ("steps",) and len(path) > 1
            }
            for old in sorted(read & new.keys()):
                value = compile_template(value).renamed_step(old, new[old])
        except ExpressionError:
            pass
        return value
    if isinstance(value, Mapping):
        return {key: reading(item, new) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [reading(item, new) for item in value]
    return value
