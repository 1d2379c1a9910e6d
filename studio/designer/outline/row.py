"""How a row of the outline is drawn."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.designer.outline.model import TEXTS
from studio.designer.outline.texts import Texts
from studio.widgets.chip import STATUSES, paint_glyph

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
LEVELS = {"error": ("x-circle-fill", "failed"), "warning": ("warning-fill", "warn-mark")}
"""Glyph and colour of a problem's level."""


class OutlineRow(QStyledItemDelegate):
    """Tile, title, what kind of step it is; at the right how it runs, and that it has a problem."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(24))

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        editor = QLineEdit(parent)
        editor.setFont(theme().font("body"))
        editor.setFrame(False)
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        editor.setGeometry(drawn.rect.adjusted(theme().px(24), -2, 0, 2))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        rect: QRect = drawn.rect
        texts: Texts = index.data(TEXTS)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().color("select"))
        elif drawn.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        px = theme().px
        right = rect.right() - px(8)
        for glyph in (texts.level, texts.status):
            if not glyph:
                continue
            side = px(14)
            box = QRectF(right - side, rect.center().y() + 0.5 - side / 2, side, side)
            if glyph in LEVELS:
                paint_icon(painter, box, LEVELS[glyph][0], theme().color(LEVELS[glyph][1]))
            elif glyph in STATUSES:
                paint_glyph(painter, box, glyph)
            right -= side + px(6)
        left = rect.left() + self._paint_picture(painter, rect, texts) + px(8)
        font = QFont(theme().font("body"))
        font.setStrikeOut(texts.off)
        metrics = QFontMetrics(font)
        title = metrics.elidedText(texts.title, Qt.TextElideMode.ElideRight, max(0, right - left))
        painter.setFont(font)
        painter.setPen(theme().color("text-3" if texts.off else "text"))
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _LEFT, title)
        left += metrics.horizontalAdvance(title) + px(8)
        if texts.detail and right - left > px(30):
            painter.setFont(theme().font("small"))
            painter.setPen(theme().color("text-3"))
            detail = QFontMetrics(painter.font()).elidedText(texts.detail, Qt.TextElideMode.ElideRight, right - left)
            painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _LEFT, detail)
        painter.restore()

    @staticmethod
    def _paint_picture(painter: QPainter, rect: QRect, texts: Texts) -> int:
        """Draw the tile or icon, and say how wide it is."""
        side = theme().px(16)
        box = QRectF(rect.left() + 1, rect.center().y() + 0.5 - side / 2, side, side)
        if not texts.color:
            paint_icon(painter, box, texts.icon or "circle", theme().color("text-3"))
            return side
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(texts.color))
        painter.setOpacity(0.5 if texts.off else 1.0)
        painter.drawRoundedRect(box, 4, 4)
        inset = side * 0.17
        paint_icon(painter, box.adjusted(inset, inset, -inset, -inset), texts.icon, theme().color("on-accent"))
        painter.setOpacity(1.0)
        return side
