"""The one open workflow behind a `QObject`: every change is an edit with a name, can be undone, and is announced.

The document itself is the engine's: pure and unchangeable. Undo knows nothing but it; whatever shows it listens.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from engine.api import SUFFIX, Document, Plan, Port, Problem, Step, Workflow, dumps
from studio.base.i18n import tr
from studio.designer.delta import Delta
from studio.designer.plan import replanned

Ports = Callable[[Step], "tuple[Port, ...]"]
LIMIT = 1000
"""How many edits can be undone."""


_NOTHING = Delta()


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing that happened to the history. `merged` is an edit that became part of the one before it; the `text` of
    `saved` is the SHA-256 of what the file holds, where that is known."""

    kind: Literal["edited", "merged", "undone", "redone", "saved"]
    text: str = ""
    delta: Delta = _NOTHING


class _Edit(QUndoCommand):
    def __init__(
        self, text: str, delta: Delta, key: str, apply: Callable[[Delta, Literal["undone", "redone"]], None]
    ) -> None:
        super().__init__(text)
        self.delta = delta
        self.key = key
        self._apply = apply
        self._done = True

    def redo(self) -> None:
        if self._done:  # the edit was made before it was pushed
            self._done = False
            return
        self._apply(self.delta, "redone")

    def undo(self) -> None:
        self._apply(self.delta.inverted(), "undone")


class WorkflowDocument(QObject):
    """`ports` tells the outlets of a step; without it no step has a body."""

    changed = Signal(object)
    """`Delta`: after every edit, undo and redo."""
    happened = Signal(object)
    """`Moment`: what a recovery file keeps."""
    dirty_changed = Signal(bool)
    path_changed = Signal()
    problems_changed = Signal()

    def __init__(
        self, document: Document | None = None, ports: Ports | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._document = document if document is not None else Document(Workflow())
        self._ports: Ports = ports or (lambda step: ())
        self._plan: Plan | None = None
        self._before: Plan | None = None
        """The plan of how it stood when it was last asked for."""
        self._problems: tuple[Problem, ...] = ()
        self._edits: list[_Edit] = []
        self._forced_dirty = False
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(LIMIT)
        self.undo_stack.cleanChanged.connect(self._cleaned)

    def _cleaned(self, clean: bool) -> None:
        self.dirty_changed.emit(self._forced_dirty or not clean)

    @property
    def document(self) -> Document:
        return self._document

    @property
    def workflow(self) -> Workflow:
        return self._document.workflow

    @property
    def path(self) -> Path | None:
        """Where it is kept; None until it is saved."""
        return self._document.path

    @property
    def title(self) -> str:
        """What to call it: its name, else that of its file."""
        if self.workflow.name:
            return self.workflow.name
        return self.path.name.removesuffix(SUFFIX) if self.path is not None else tr("New workflow")

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return self._forced_dirty or not self.undo_stack.isClean()

    @property
    def plan(self) -> Plan:
        """The regions of the workflow as it is now."""
        if self._plan is None:
            before, self._before = self._before, None
            planned = Plan.of if before is None else partial(replanned, before)
            self._plan = planned(self.workflow, self._ports)
        return self._plan

    def ports(self, step: Step) -> tuple[Port, ...]:
        """The outlets of a step besides `error`."""
        return tuple(self._ports(step))

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self._problems

    def set_problems(self, problems: tuple[Problem, ...]) -> None:
        """What a check of this workflow found."""
        if problems != self._problems:
            self._problems = problems
            self.problems_changed.emit()

    def text(self) -> str:
        """The YAML that saving would write. Raises `DocumentError` for values that no file can hold."""
        return dumps(self.workflow, self._document.comments)

    def edit(self, text: str, change: Workflow | Callable[[Workflow], Workflow], *, merge: str = "") -> bool:
        """Make a change under a (translated) name that undo shows. False where it changes nothing.

        Edits in a row with the same `merge` are undone as one. What `change` raises passes through, and nothing is
        changed then.
        """
        workflow = change if isinstance(change, Workflow) else change(self.workflow)
        if workflow is self.workflow:
            return False
        return self.edit_document(text, lambda document: replace(document, workflow=workflow), merge=merge)

    def edit_document(self, text: str, change: Callable[[Document], Document], *, merge: str = "") -> bool:
        """The same for a change that also moves comments, such as a rename."""
        before = self._document
        after = change(before)
        delta = Delta.between(before, after)
        if not delta:
            return False
        self._document = replace(after, path=before.path)
        last = self._edits[-1] if self._edits and self.undo_stack.index() == len(self._edits) else None
        if merge and last is not None and last.key == merge and not self.undo_stack.isClean():
            start = last.delta.inverted().applied(before)
            last.delta = Delta.between(start, self._document)
            self._announce(delta, Moment("merged", text, delta))
            return True
        self._push(text, delta, merge)
        self._announce(delta, Moment("edited", text, delta))
        return True

    def _push(self, text: str, delta: Delta, key: str = "") -> None:
        edit = _Edit(text, delta, key, self._step)
        del self._edits[self.undo_stack.index() :]
        self._edits.append(edit)
        self.undo_stack.push(edit)
        del self._edits[: len(self._edits) - self.undo_stack.count()]

    def undo(self) -> None:
        self.undo_stack.undo()

    def redo(self) -> None:
        self.undo_stack.redo()

    def end_merge(self) -> None:
        """Let the next edit be undone on its own, whatever its key."""
        if self._edits:
            self._edits[-1].key = ""

    def _step(self, delta: Delta, kind: Literal["undone", "redone"]) -> None:
        self._document = delta.applied(self._document)
        self.end_merge()
        self._announce(delta, Moment(kind, "", delta))

    def _announce(self, delta: Delta, moment: Moment) -> None:
        if delta.logic and self._plan is not None:
            self._before, self._plan = self._plan, None
        # First what keeps the work safe, then what shows it.
        self.happened.emit(moment)
        self.changed.emit(delta)

    def forget_plan(self) -> None:
        """Ask for the outlets anew: an activity was loaded, or is gone."""
        self._plan = self._before = None

    def history(self) -> list[tuple[str, Delta]]:
        """Name and change of every edit that can be undone or redone, oldest first; `undo_stack.index()` of them are
        done."""
        return [(edit.text(), edit.delta) for edit in self._edits]

    def restore(self, document: Document, history: list[tuple[str, Delta]], done: int, *, saved: int = -1) -> None:
        """Take up an earlier session: `document` is how it stood when `done` of the edits in `history` were done, and
        the file holds it as of `saved` edits (-1: none of them)."""
        before = self._document
        self.undo_stack.clear()
        self._edits.clear()
        for delta in (delta.inverted() for _, delta in reversed(history[:done])):
            document = delta.applied(document)
        self._document = document
        if saved != 0:
            self.undo_stack.resetClean()
        for index, (text, delta) in enumerate(history, 1):
            self._document = delta.applied(self._document)
            self._push(text, delta)
            if index == saved:
                self.undo_stack.setClean()
        self._plan = self._before = None
        self.undo_stack.blockSignals(True)
        self.undo_stack.setIndex(done)
        self.undo_stack.blockSignals(False)
        self.undo_stack.indexChanged.emit(done)
        self.changed.emit(Delta.between(before, self._document))
        self.path_changed.emit()
        self.dirty_changed.emit(self.dirty)

    def mark_saved(self, path: Path | None = None, known: str = "") -> None:
        """The file at `path` (without it: where it is kept) holds what the document says now. `known` is the SHA-256
        of the file, where it is known."""
        moved = path is not None and path != self.path
        if moved:
            self._document = replace(self._document, path=path)
        self._forced_dirty = False
        self.undo_stack.setClean()
        self.end_merge()
        self.happened.emit(Moment("saved", known))
        if moved:
            self.path_changed.emit()
        self.dirty_changed.emit(self.dirty)

    def mark_unsaved(self) -> None:
        """The file no longer holds what the document says: it was deleted, or changed by somebody else."""
        self._forced_dirty = True
        self.undo_stack.resetClean()
        self.dirty_changed.emit(True)
