"""What comes before a step and what comes after it. Linear in the size of the workflow, and no recursion."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from engine.api import Workflow


def upstream(workflow: Workflow, steps: Collection[str]) -> frozenset[str]:
    """The steps from which one of `steps` can be reached, and `steps` themselves."""
    return _reached(steps, _neighbours((edge.target, edge.source) for edge in workflow.edges))


def downstream(workflow: Workflow, steps: Collection[str]) -> frozenset[str]:
    """The steps that can be reached from one of `steps`, and `steps` themselves."""
    return _reached(steps, _neighbours((edge.source, edge.target) for edge in workflow.edges))


def before(workflow: Workflow, step: str) -> tuple[str, ...]:
    """The steps that lead right to `step`, in the order of the wires."""
    return tuple(dict.fromkeys(edge.source for edge in workflow.edges if edge.target == step))


def after(workflow: Workflow, step: str) -> tuple[str, ...]:
    """The steps that `step` leads right to, in the order of the wires."""
    return tuple(dict.fromkeys(edge.target for edge in workflow.edges if edge.source == step))


def _neighbours(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, other in pairs:
        found.setdefault(one, []).append(other)
    return found


def _reached(steps: Collection[str], neighbours: Mapping[str, list[str]]) -> frozenset[str]:
    found = set(steps)
    waiting = list(steps)
    while waiting:
        for id in neighbours.get(waiting.pop(), ()):
            if id not in found:
                found.add(id)
                waiting.append(id)
    return frozenset(found)
