"""One fix, and the places that problems speak of."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from engine.api import Document, Edge, Problem, Step, Workflow


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: `text` names it for a button and for the history, `apply` makes it.

    `focus` is the parameter to go to instead, where only a person can tell what belongs there; then `apply` changes
    nothing.
    """

    text: str
    apply: Callable[[Document], Document]
    focus: str = ""


def fix(text: str, change: Callable[[Workflow], Workflow]) -> Fix:
    """A fix that changes the workflow and leaves the comments where they are."""
    return Fix(text, lambda document: replace(document, workflow=change(document.workflow)))


def near(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Those of `known` that a mistyped `word` may mean, the nearest first."""
    return difflib.get_close_matches(word, list(dict.fromkeys(known)), n=most, cutoff=0.6)


def step_at(workflow: Workflow, problem: Problem) -> int | None:
    """The rank of the step that the problem's place names (`read`, or `read#2` for the second of that id)."""
    if len(problem.place) < 2 or problem.place[0] != "steps":
        return None
    return rank_of(problem.place[1], [step.id for step in workflow.steps])


def rank_of(name: str | int, names: list[str]) -> int | None:
    """Where a place's name stands in a list of names; see `engine.workflow.comments`."""
    if isinstance(name, int):
        return name if 0 <= name < len(names) else None
    if name in names:
        return names.index(name)
    base, mark, number = name.rpartition("#")
    ranks = [rank for rank, other in enumerate(names) if mark and other == base]
    wanted = int(number) - 1 if number.isdecimal() else -1
    return ranks[wanted] if 0 <= wanted < len(ranks) else None


def edge_at(workflow: Workflow, problem: Problem) -> int | None:
    """The rank of the edge that the problem's place names."""
    if len(problem.place) < 2 or problem.place[0] != "edges":
        return None
    return rank_of(problem.place[1], [str(edge) for edge in workflow.edges])


def with_step(workflow: Workflow, rank: int, step: Step) -> Workflow:
    """The workflow with another step at that rank."""
    return replace(workflow, steps=(*workflow.steps[:rank], step, *workflow.steps[rank + 1 :]))


def with_edge(workflow: Workflow, rank: int, edge: Edge | None) -> Workflow:
    """The workflow with another edge at that rank, or none; an edge that is there already stands once."""
    new = () if edge is None or edge in workflow.edges else (edge,)
    return replace(workflow, edges=(*workflow.edges[:rank], *new, *workflow.edges[rank + 1 :]))
