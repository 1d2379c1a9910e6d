"""The list of problems: errors first, then in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, Qt
from PySide6.QtWidgets import QListView

from engine.api import Problem
from studio.base.i18n import sentence, tr
from studio.widgets.row import Index, Picture, Piece, Row, RowDelegate

PROBLEM: Final = Qt.ItemDataRole.UserRole
PLACE: Final = Qt.ItemDataRole.UserRole + 1
"""What the problem is about, for a person."""
LEVELS: Final = {"error": Picture("x-circle-fill", "failed"), "warning": Picture("warning-fill", "warn-mark")}
"""How serious a problem is, to the eye."""


class ProblemsModel(QAbstractListModel):
    """`place_of` says what a problem is about."""

    def __init__(self, place_of: Callable[[Problem], str], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.problems: list[Problem] = []
        self._place_of = place_of

    def show(self, problems: Sequence[Problem]) -> None:
        """Show these; rows that stay the same at both ends are kept, so that the choice stays where it was."""
        wanted = sorted(problems, key=lambda problem: problem.severity != "error")
        start, shorter = 0, min(len(wanted), len(self.problems))
        while start < shorter and wanted[start] == self.problems[start]:
            start += 1
        end = 0
        while end < shorter - start and wanted[-1 - end] == self.problems[-1 - end]:
            end += 1
        old, new = len(self.problems) - end, len(wanted) - end
        if old > start:
            self.beginRemoveRows(QModelIndex(), start, old - 1)
            del self.problems[start:old]
            self.endRemoveRows()
        if new > start:
            self.beginInsertRows(QModelIndex(), start, new - 1)
            self.problems[start:start] = wanted[start:new]
            self.endInsertRows()

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.problems)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= len(self.problems):
            return None
        problem = self.problems[index.row()]
        if role == PROBLEM:
            return problem
        if role == PLACE:
            return self._place_of(problem)
        if role == Qt.ItemDataRole.DisplayRole:
            return sentence(problem.message)
        if role == Qt.ItemDataRole.ToolTipRole:
            return "\n".join(filter(None, (sentence(problem.message), sentence(problem.hint))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            level = tr("Error") if problem.severity == "error" else tr("Warning")
            return ", ".join(filter(None, (level, self._place_of(problem), sentence(problem.message))))
        if role == Qt.ItemDataRole.AccessibleDescriptionRole:
            return sentence(problem.hint)
        return None


class ProblemRow(RowDelegate):
    """Level, what it is about, what is wrong, what to do."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view, _row, (11, 12))


def _row(index: Index) -> Row:
    problem: Problem = index.data(PROBLEM)
    return Row(
        (
            Piece(index.data(PLACE), "text-2", column=True),
            Piece(sentence(problem.message)),
            Piece(sentence(problem.hint), "text-3", "small", least=60),
        ),
        LEVELS[problem.severity],
    )
