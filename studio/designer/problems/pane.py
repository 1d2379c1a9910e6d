"""The problems pane: a list that jumps to the place, and what can be done about the one that is chosen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QListView, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.api import Edge, Problem, Step, read_edge
from studio.base.i18n import sentence, tr
from studio.base.theme import set_kind, theme
from studio.designer.canvas.look import title
from studio.designer.problems.checker import Checker
from studio.designer.problems.model import PROBLEM, ProblemRow, ProblemsModel
from studio.designer.sections import SECTIONS
from studio.designer.selection import Selected
from studio.widgets.empty import EmptyState

if TYPE_CHECKING:
    from studio.designer.editor import Editor
    from studio.designer.fixes import Fix

_MOST_BUTTONS = 3


class ProblemsPane(QWidget):
    """Every editor it is shown is checked from then on, also while another one is in front."""

    counts_changed = Signal(int, int)
    """Errors and warnings of the workflow in front."""
    field_requested = Signal(str, str)
    """A step and one of its parameters, which a person wants to fill in."""
    section_requested = Signal(str)
    """A part of the workflow's own properties: `inputs`, `settings`, …"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("problems")
        set_kind(self, "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._editor: Editor | None = None
        self._counts = (0, 0)
        self._steps: dict[str, Step] = {}
        self.model = ProblemsModel(self._place, self)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setItemDelegate(ProblemRow(self.view))
        self.view.clicked.connect(self.go_to)
        self.view.activated.connect(self.go_to)
        self.view.selectionModel().currentChanged.connect(lambda: self._show_fixes())
        self.view.menu_wanted.connect(self._open_menu)
        self._blank = QWidget(self)
        self.none = EmptyState("check-circle", "", "", None, self._blank)
        margin = QVBoxLayout(self._blank)
        margin.setContentsMargins(12, 12, 12, 12)
        margin.addWidget(self.none)
        self.strip = QWidget(self)
        self.hint = QLabel(self.strip)
        set_kind(self.hint, "muted")
        self.hint.setMinimumWidth(0)
        row = QHBoxLayout(self.strip)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        row.addWidget(self.hint, 1)
        self._row = row
        self.buttons: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.view, 1)
        column.addWidget(self.strip)
        column.addWidget(self._blank)
        column.addStretch()
        theme().changed.connect(self.view.viewport().update)
        self._show()

    def show_editor(self, editor: Editor | None) -> None:
        """List the problems of this editor's workflow; None for none."""
        if editor is self._editor:
            return
        if self._editor is not None:
            self._editor.document.problems_changed.disconnect(self._show)
            self.checker(self._editor).finished.disconnect(self._show)
        self._editor = editor
        if editor is not None:
            editor.document.problems_changed.connect(self._show)
            self.checker(editor).finished.connect(self._show)
        self._show()

    @staticmethod
    def checker(editor: Editor) -> Checker:
        """What checks this editor's workflow, made when it is first asked for."""
        return editor.findChild(Checker) or Checker(editor)

    def _show(self) -> None:
        editor = self._editor
        problems = editor.document.problems if editor is not None else ()
        self._steps = {step.id: step for step in editor.document.workflow.steps} if editor is not None else {}
        self.model.show(problems)
        errors = sum(problem.severity == "error" for problem in problems)
        counts = errors, len(problems) - errors
        if counts != self._counts:
            self._counts = counts
            self.counts_changed.emit(*counts)
        if editor is None:
            self.none.show_text(tr("No workflow is open."))
        elif self.checker(editor).current:
            self.none.show_text(tr("No problems."), tr("It is checked again after every edit."))
        else:
            self.none.show_text(tr("Checking…"))
        self._blank.setVisible(not problems)
        self.view.setVisible(bool(problems))
        self._show_fixes()

    def _place(self, problem: Problem) -> str:
        """What a problem is about: a step by its title, a wire, or a part of the workflow."""
        if self._editor is None:
            return ""
        if problem.step:
            step = self._steps.get(problem.step)
            return title(step, self._editor.catalog.get(step.activity)) if step is not None else problem.step
        section = str(problem.place[0]) if problem.place else ""
        if section == "edges":
            return tr("Wire")
        name = f": {problem.place[1]}" if len(problem.place) > 1 else ""
        return tr(SECTIONS[section]) + name if section in SECTIONS else tr("Workflow")

    # Going there

    def go_to(self, index: QModelIndex) -> None:
        """Show the place of a problem and select it."""
        problem: Problem | None = index.data(PROBLEM)
        editor = self._editor
        if problem is None or editor is None:
            return
        if problem.step:
            editor.reveal(problem.step)
            return
        edge = _edge(problem)
        if edge is not None:
            known = {step.id for step in editor.document.workflow.steps}
            end = next((end for end in (edge.source, edge.target) if end in known), "")
            if end:
                editor.reveal(end)
            if edge in editor.document.workflow.edges:
                editor.selection.set(Selected(edges=frozenset({edge})))
        elif problem.place and problem.place[0] in SECTIONS:
            self.section_requested.emit(str(problem.place[0]))

    # Putting it right

    def fixes(self) -> list[Fix]:
        """What can be done about the chosen problem."""
        from studio.designer.fixes import fixes_of  # loads the engine's expressions

        problem: Problem | None = self.view.currentIndex().data(PROBLEM)
        if problem is None or self._editor is None or not self._able():
            return []
        return fixes_of(problem, self._editor.document.workflow, self._editor.catalog)

    def _able(self) -> bool:
        return self._editor is not None and self.checker(self._editor).current

    def apply(self, fix: Fix) -> None:
        """Repair the chosen problem, as one command."""
        problem: Problem | None = self.view.currentIndex().data(PROBLEM)
        if self._editor is None or problem is None:
            return
        if fix.focus:
            self._editor.reveal(problem.step)
            self.field_requested.emit(problem.step, fix.focus)
        else:
            self._editor.document.edit_document(fix.text, fix.apply)

    def _show_fixes(self) -> None:
        problem: Problem | None = self.view.currentIndex().data(PROBLEM)
        for button in self.buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.strip.setVisible(problem is not None)
        if problem is None:
            return
        self.hint.setText(sentence(problem.hint))
        self.hint.setToolTip(sentence(problem.hint))
        fixes = self.fixes()
        for fix in fixes[:_MOST_BUTTONS]:
            button = QPushButton(fix.text, self.strip)
            button.clicked.connect(lambda checked=False, fix=fix: self.apply(fix))
            self._row.addWidget(button)
            self.buttons.append(button)
        if len(fixes) > _MOST_BUTTONS:
            more = QPushButton(tr("More…"), self.strip)
            more.clicked.connect(lambda: self._open_menu(more.mapToGlobal(more.rect().bottomLeft())))
            self._row.addWidget(more)
            self.buttons.append(more)

    def _open_menu(self, place: QPoint) -> None:
        fixes = self.fixes()
        if not fixes:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for fix in fixes:
            menu.addAction(fix.text).triggered.connect(lambda checked=False, fix=fix: self.apply(fix))
        menu.popup(place)


class _View(QListView):
    """The list. Ctrl+. and the menu key offer the fixes."""

    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda place: self.menu_wanted.emit(self.mapToGlobal(place)))
        self.setAccessibleName(tr("Problems"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = event.key() == Qt.Key.Key_Period and event.modifiers() == Qt.KeyboardModifier.ControlModifier
        if wanted or event.key() == Qt.Key.Key_Menu:
            place = self.visualRect(self.currentIndex()).bottomLeft()
            self.menu_wanted.emit(self.viewport().mapToGlobal(place))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit(self.currentIndex())
        else:
            super().keyPressEvent(event)


def _edge(problem: Problem) -> Edge | None:
    """The wire that a problem is about."""
    cut = problem.fix.get("cut")
    if isinstance(cut, Edge):
        return cut
    if len(problem.place) > 1 and problem.place[0] == "edges":
        return read_edge(str(problem.place[1]).partition("#")[0])
    return None
