"""The workflow under examination: what every rule needs to know about it, and the problems found so far."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Protocol

from engine.sdk.activity import Activity
from engine.workflow.codec import Document, Mark, nearest
from engine.workflow.comments import KeyPath, item_names
from engine.workflow.graph import Plan, step_ports
from engine.workflow.model import Edge, Step
from engine.workflow.problem import Problem, Severity
from engine.workflow.shape import fields


class Catalog(Protocol):
    """What rules ask of the catalog of activities."""

    @property
    def errors(self) -> Mapping[str, str]:
        """Messages of the plug-ins that could not be loaded, by name."""

    def get(self, id: str) -> Activity | None:
        """The activity of that id, also under a former id."""

    def ids(self) -> Sequence[str]:
        """The ids of all activities."""


class Report:
    """Rules read the workflow from here and `add` what they find."""

    def __init__(self, document: Document, catalog: Catalog) -> None:
        self.document = document
        self.workflow = document.workflow
        self.catalog = catalog
        self.found: list[tuple[tuple[int, ...], Problem]] = []
        ids = item_names(("steps",), [{"id": step.id} for step in self.workflow.steps])
        self.steps: tuple[tuple[KeyPath, Step], ...] = tuple(
            (("steps", name), step) for name, step in zip(ids, self.workflow.steps, strict=True)
        )
        """Each step with its place."""
        edges = item_names(("edges",), [str(edge) for edge in self.workflow.edges])
        self.edges: tuple[tuple[KeyPath, Edge], ...] = tuple(
            (("edges", name), edge) for name, edge in zip(edges, self.workflow.edges, strict=True)
        )
        """Each edge with its place."""
        self.by_id = {step.id: step for step in self.workflow.steps}
        self._activities: dict[str, Activity | None] = {}
        self._sections = {field.key: rank for rank, field in enumerate(fields(type(self.workflow)))}
        self._ranks = {path: rank for rank, (path, _) in enumerate((*self.steps, *self.edges))}

    def activity(self, step: Step) -> Activity | None:
        """The activity of a step; None if it is unknown."""
        if step.activity not in self._activities:
            self._activities[step.activity] = self.catalog.get(step.activity)
        return self._activities[step.activity]

    @cached_property
    def plan(self) -> Plan:
        return Plan.of(self.workflow, lambda step: step_ports(step, self.activity(step)))

    @cached_property
    def unsure(self) -> frozenset[str]:
        """The steps whose body cannot be told: behind an unknown activity, or on or behind a circle."""
        found = set(self.plan.cyclic)
        waiting = [step.id for step in self.workflow.steps if self.activity(step) is None]
        while waiting:
            for edge in self.plan.successors[waiting.pop()]:
                if edge.target not in found:
                    found.add(edge.target)
                    waiting.append(edge.target)
        return frozenset(found)

    def add(
        self,
        severity: Severity,
        code: str,
        path: KeyPath,
        message: str,
        *,
        hint: str = "",
        fix: Mapping[str, Any] | None = None,
        text: str = "",
        offset: int = 0,
    ) -> None:
        """Note a problem with what stands at `path`; `offset` into the text that stands there narrows it down."""
        mark = nearest(self.document.marks, path)
        line, column = (mark.line, mark.column) if self.document.marks else (0, 0)
        if text and path in self.document.marks:
            line, column = self._within(mark, text, offset) or (line, column)
        step = str(path[1]).partition("#")[0] if len(path) > 1 and path[0] == "steps" else ""
        parameter = str(path[3]) if step and len(path) > 3 and path[2] == "with" else ""
        problem = Problem(severity, code, message, step, parameter, line, column, hint, fix or {}, path)
        order = (line, column, self._sections.get(str(path[0]), 99) if path else -1, self._ranks.get(path[:2], -1))
        self.found.append((order, problem))

    @cached_property
    def _line_starts(self) -> list[int]:
        text = self.document.text
        starts = [0]
        while (end := text.find("\n", starts[-1])) >= 0:
            starts.append(end + 1)
        return starts

    def _within(self, mark: Mark, text: str, offset: int) -> tuple[int, int] | None:
        """Where the character `offset` of the value `text` stands in the file, unless escapes hide it."""
        before = text.rfind("\n", 0, offset) + 1
        end = text.find("\n", before)
        line = text[before:] if end < 0 else text[before:end]
        place = self.document.text.find(line, mark.start, mark.end)
        if place < 0:
            return None
        index = place + offset - before
        row = bisect_right(self._line_starts, index) - 1
        return row + 1, index - self._line_starts[row] + 1

    def problems(self) -> list[Problem]:
        """All that was found, in the order of the file."""
        return [problem for _, problem in sorted(self.found, key=lambda entry: entry[0])]
