"""What is selected in an open workflow; the canvas, the outline, the forms and the YAML view share it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal

from engine.api import Edge, Workflow


@dataclass(frozen=True, slots=True)
class Selected:
    """Ids of steps, notes and frames, and edges."""

    steps: frozenset[str] = frozenset()
    edges: frozenset[Edge] = frozenset()
    notes: frozenset[str] = frozenset()
    frames: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.steps or self.edges or self.notes or self.frames)

    def __len__(self) -> int:
        return len(self.steps) + len(self.edges) + len(self.notes) + len(self.frames)

    def __or__(self, other: Selected) -> Selected:
        return Selected(
            self.steps | other.steps, self.edges | other.edges, self.notes | other.notes, self.frames | other.frames
        )

    def __xor__(self, other: Selected) -> Selected:
        return Selected(
            self.steps ^ other.steps, self.edges ^ other.edges, self.notes ^ other.notes, self.frames ^ other.frames
        )

    def within(self, workflow: Workflow) -> Selected:
        """Only what the workflow still has."""
        return Selected(
            self.steps & {step.id for step in workflow.steps} if self.steps else self.steps,
            self.edges & set(workflow.edges) if self.edges else self.edges,
            self.notes & {note.id for note in workflow.layout.notes} if self.notes else self.notes,
            self.frames & {frame.id for frame in workflow.layout.frames} if self.frames else self.frames,
        )


class Selection(QObject):
    """The selection of one editor, which calls `keep_to` after every change of the document."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value = Selected()

    @property
    def value(self) -> Selected:
        return self._value

    @property
    def steps(self) -> frozenset[str]:
        return self._value.steps

    @property
    def only_step(self) -> str:
        """The id of the step that is selected alone; empty otherwise."""
        return next(iter(self._value.steps)) if len(self._value) == 1 and self._value.steps else ""

    def set(self, value: Selected) -> None:
        if value != self._value:
            self._value = value
            self.changed.emit()

    def select_steps(self, ids: Iterable[str]) -> None:
        self.set(Selected(frozenset(ids)))

    def clear(self) -> None:
        self.set(Selected())

    def add(self, value: Selected) -> None:
        self.set(self._value | value)

    def toggle(self, value: Selected) -> None:
        self.set(self._value ^ value)

    def keep_to(self, workflow: Workflow) -> None:
        """Forget what the workflow no longer has."""
        self.set(self._value.within(workflow))

    def rename(self, old: str, new: str) -> None:
        """A selected step has another id now."""
        if old in self._value.steps:
            self.set(replace(self._value, steps=self._value.steps - {old} | {new}))
