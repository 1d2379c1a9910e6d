"""The outline pane: filter and tree, in step with the canvas both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QItemSelectionModel, QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QVBoxLayout, QWidget

from engine.api import Problem, Workflow
from studio.base.i18n import tr, trn
from studio.base.theme import set_kind, theme
from studio.designer import edits
from studio.designer.canvas.live import StepLive
from studio.designer.delta import Delta
from studio.designer.outline.model import OutlineModel
from studio.designer.outline.row import OutlineRow
from studio.designer.outline.texts import Sayings, Texts
from studio.designer.outline.tree import Key, Tree, found_in, outline
from studio.designer.selection import Selected
from studio.widgets.empty import EmptyState
from studio.widgets.search_field import SearchField

if TYPE_CHECKING:
    from studio.designer.editor import Editor
    from studio.designer.run.model import RunModel

_Flag = QItemSelectionModel.SelectionFlag


class OutlinePane(QWidget):
    """It follows the editor only while it is visible; what was missed is caught up when it is shown."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("outline")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor: Editor | None = None
        self._run: RunModel | None = None
        self._sayings: Sayings | None = None
        self._bodies: dict[str, tuple[str, ...]] = {}
        self._behind = False
        self._selecting = False
        self.search = SearchField(tr("Filter the outline"), "", self)
        self._filtering = QTimer(self, singleShot=True, interval=80)
        self._filtering.timeout.connect(self._rebuild)
        self.search.textChanged.connect(lambda: self._filtering.start())
        self.model = OutlineModel(self._texts, self._rename, self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(OutlineRow(self.view))
        self.view.selectionModel().selectionChanged.connect(self._take_selection)
        self.view.activated.connect(self._reveal)
        self.view.deleted.connect(self._delete)
        self.nothing = EmptyState("list-dashes", tr("No workflow is open."), "", None, self)
        field = QVBoxLayout()
        field.setContentsMargins(10, 10, 10, 6)
        field.setSpacing(10)
        field.addWidget(self.search)
        field.addWidget(self.nothing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(field)
        column.addWidget(self.view, 1)
        column.addStretch()
        theme().changed.connect(self.view.viewport().update)
        self._show_empty()

    # Following

    def show_editor(self, editor: Editor | None) -> None:
        """Show the workflow of this editor, for now without a run; None for none."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._editor.document.changed.disconnect(self._follow)
            self._editor.document.problems_changed.disconnect(self._show_problems)
            self._editor.selection.changed.disconnect(self._show_selection)
        self._editor = editor
        self._sayings = None
        self.show_run(None)
        if editor is not None:
            self._sayings = Sayings(editor.catalog)
            editor.document.changed.connect(self._follow)
            editor.document.problems_changed.connect(self._show_problems)
            editor.selection.changed.connect(self._show_selection)
        self._start()

    def show_run(self, run: RunModel | None) -> None:
        """Show how this run goes; None for none."""
        if self._run is run:
            return
        if self._run is not None:
            self._run.live_changed.disconnect(self._show_live)
        self._run = run
        if run is not None:
            run.live_changed.connect(self._show_live)
        if self._sayings is not None:
            self._sayings.live = run.steps if run is not None else {}
            self.model.touch(self.model.shown())

    def _start(self) -> None:
        if not self.isVisible():
            self._behind = True
            return
        self._behind = False
        if self._editor is None or self._sayings is None:
            self.model.reset(Tree())
        else:
            self._sayings.know(self._editor.document.workflow)
            self._sayings.problems = _by_step(self._editor.document.problems)
            self.model.reset(self._tree())
            self.view.expandAll()
            self._show_selection()
        self._show_empty()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._behind:
            self._start()

    def _follow(self, delta: Delta) -> None:
        if self._behind or not self.isVisible():
            self._behind = True
            return
        if self._editor is None or self._sayings is None:
            return
        self._sayings.know(self._editor.document.workflow)
        if self._moves_rows(delta):
            self._rebuild()
        self.model.touch(
            [("step", id) for id in delta.steps_changed]
            + [("note", id) for id in delta.notes]
            + [("frame", id) for id in delta.frames]
        )

    def _moves_rows(self, delta: Delta) -> bool:
        """Whether the edit can have changed what stands under what; most change only what a row says."""
        if delta.splices.keys() - {"steps", "inputs"} or "on_error" in delta.fields or self.search.text():
            return True
        if delta.steps_added or delta.steps_removed or len(delta.steps_changed) > 1:
            return True
        if delta.places and self._sayings is not None and self._sayings.frames:
            return True
        return self._editor is not None and self._bodies != self._editor.scene.geometry.bodies

    def _rebuild(self) -> None:
        if self._editor is None:
            return
        self._selecting = True  # a row that goes takes no selection along: it may only be filtered out
        try:
            made = self.model.follow(self._tree())
        finally:
            self._selecting = False
        for key in made:
            if self.model.rowCount(index := self.model.index_of(key)):
                self.view.expand(index)
        self._show_selection()
        self._show_empty()

    def _tree(self) -> Tree:
        assert self._editor is not None and self._sayings is not None
        document, sayings = self._editor.document, self._sayings
        self._bodies = dict(self._editor.scene.geometry.bodies)
        tree = outline(document.workflow, document.plan, self._bodies)
        words = self.search.text().lower().split()
        if not words:
            return tree
        wanted: list[Key] = []
        for step in document.workflow.steps:
            activity = sayings.catalog.get(step.activity)
            if found_in(step, words, tr(activity.label) if activity is not None else ""):
                wanted.append(("step", step.id))
        for note in document.workflow.layout.notes:
            if all(word in note.text.lower() for word in words):
                wanted.append(("note", note.id))
        for frame in document.workflow.layout.frames:
            if all(word in frame.title.lower() for word in words):
                wanted.append(("frame", frame.id))
        return tree.only(wanted)

    def _show_empty(self) -> None:
        empty = not self.model.rowCount()
        self.nothing.setVisible(empty)
        self.view.setVisible(not empty)
        self.search.setEnabled(self._editor is not None)
        if self._editor is None:
            self.nothing.show_text(tr("No workflow is open."))
        elif self.search.text():
            self.nothing.show_text(tr("Nothing called “{name}”", name=self.search.text()), tr("Try a shorter word."))
        else:
            self.nothing.show_text(tr("Add the first step."), tr("Press Tab on the canvas, or drag one from the left."))

    def _show_problems(self) -> None:
        if self._behind or self._editor is None or self._sayings is None:
            return
        before, self._sayings.problems = self._sayings.problems, _by_step(self._editor.document.problems)
        self.model.touch(("step", id) for id in before.keys() | self._sayings.problems.keys())

    def _show_live(self, steps: Mapping[str, StepLive | None], wires: object) -> None:
        if self._sayings is not None and self._run is not None:
            self._sayings.live = self._run.steps
            self.model.touch(("step", id) for id in steps)

    def _texts(self, key: Key) -> Texts:
        return self._sayings.of(key) if self._sayings is not None else Texts("")

    # Selection

    def _show_selection(self) -> None:
        """What is selected on the canvas is selected here."""
        if self._selecting or self._behind or self._editor is None:
            return
        value = self._editor.selection.value
        keys: list[Key] = [("step", id) for id in value.steps]
        keys += [("note", id) for id in value.notes] + [("frame", id) for id in value.frames]
        model = self.view.selectionModel()
        self._selecting = True
        try:
            model.select(self.model.selection_of(keys), _Flag.ClearAndSelect)
            only = self.model.index_of(keys[0]) if len(keys) == 1 else QModelIndex()
            if only.isValid() and model.currentIndex() != only:
                model.setCurrentIndex(only, _Flag.NoUpdate)
                self.view.scrollTo(only)
        finally:
            self._selecting = False

    def _take_selection(self) -> None:
        """What is selected here is selected on the canvas."""
        if self._selecting or self._editor is None:
            return
        keys = [self.model.key(index) for index in self.view.selectionModel().selectedRows()]
        chosen: dict[str, set[str]] = {"step": set(), "note": set(), "frame": set()}
        for kind, id in keys:
            if kind in chosen:
                chosen[kind].add(id)
        shown = set(self.model.shown())
        value = self._editor.selection.value
        # What the filter hides stays selected only while something of it is wanted here too.
        edges = value.edges if keys and chosen["step"] >= value.steps else frozenset()
        hidden = {id for id in value.steps if ("step", id) not in shown} if chosen["step"] else set()
        self._selecting = True
        try:
            self._editor.selection.set(
                Selected(
                    frozenset(chosen["step"] | hidden), edges, frozenset(chosen["note"]), frozenset(chosen["frame"])
                )
            )
        finally:
            self._selecting = False

    def _reveal(self, index: QModelIndex) -> None:
        kind, id = self.model.key(index)
        if self._editor is not None and kind == "step":
            self._editor.reveal(id)

    # Editing

    def _rename(self, key: Key, text: str) -> bool:
        if self._editor is None:
            return False
        kind, id = key
        text = text.strip()
        document = self._editor.document
        if kind == "frame":
            return document.edit(tr("Rename frame"), lambda workflow: edits.set_frame(workflow, id, title=text))
        texts = self._texts(key)
        if kind != "step" or text == texts.title:
            return False
        return document.edit(tr("Rename step"), lambda workflow: edits.set_fields(workflow, id, label=text))

    def _delete(self) -> None:
        if self._editor is None:
            return
        value = self._editor.selection.value
        count = len(value.steps) + len(value.notes) + len(value.frames)
        if not count:
            return
        row = self.view.currentIndex().row()
        above = self.view.currentIndex().parent()

        def delete(workflow: Workflow) -> Workflow:
            return edits.delete(workflow, value.steps, (), value.notes, value.frames)

        self._editor.document.edit(trn("Delete {n} item", "Delete {n} items", count), delete)
        left = self.model.index(min(row, self.model.rowCount(above) - 1), 0, above)
        if left.isValid():
            self.view.setCurrentIndex(left)


class _View(QTreeView):
    deleted = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme().px(16))
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setAccessibleName(tr("Outline"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.deleted.emit()
        else:
            super().keyPressEvent(event)


def _by_step(problems: tuple[Problem, ...]) -> dict[str, list[Problem]]:
    found: dict[str, list[Problem]] = {}
    for problem in problems:
        if problem.step:
            found.setdefault(problem.step, []).append(problem)
    return found
