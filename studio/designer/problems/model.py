"""The list of problems: errors first, then in the order of the file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.api import Problem
from studio.base.i18n import sentence, tr
from studio.base.icons import paint_icon
from studio.base.theme import theme

PROBLEM: Final = Qt.ItemDataRole.UserRole
PLACE: Final = Qt.ItemDataRole.UserRole + 1
"""What the problem is about, for a person."""
_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
GLYPHS = {"error": ("x-circle-fill", "failed"), "warning": ("warning-fill", "warn-mark")}


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

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self.problems)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
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


class ProblemRow(QStyledItemDelegate):
    """Level, what it is about, what is wrong, what to do."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(24))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        rect: QRect = drawn.rect
        problem: Problem = index.data(PROBLEM)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().color("select"))
        elif drawn.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        px = theme().px
        left, right = rect.left() + px(12), rect.right() - px(12)
        name, color = GLYPHS[problem.severity]
        side = px(14)
        paint_icon(painter, QRectF(left, rect.center().y() + 0.5 - side / 2, side, side), name, theme().color(color))
        left += side + px(8)
        wide = min(px(170), max(px(90), (right - left) // 4))
        for text, token, room in (
            (index.data(PLACE), "text-2", wide),
            (sentence(problem.message), "text", right - left - wide - px(10)),
        ):
            left += self._paint_text(painter, rect, left, room, text, "body", token)
            if token == "text-2":
                left = rect.left() + px(12) + side + px(8) + wide + px(10)
        left += px(12)
        if problem.hint and right - left > px(60):
            self._paint_text(painter, rect, left, right - left, sentence(problem.hint), "small", "text-3")
        painter.restore()

    @staticmethod
    def _paint_text(painter: QPainter, rect: QRect, left: int, room: int, text: str, font: str, token: str) -> int:
        painter.setFont(theme().font(font))
        painter.setPen(theme().color(token))
        metrics = QFontMetrics(painter.font())
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
        painter.drawText(QRect(left, rect.top(), room, rect.height()), _LEFT, shown)
        return metrics.horizontalAdvance(shown)
