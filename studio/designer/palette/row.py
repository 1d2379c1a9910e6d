"""How a row of the palette is drawn, and the step that is dragged out of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from studio.base.i18n import number
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.palette.entries import RECENT, Entry, Group
from studio.designer.palette.model import ENTRY, GROUP, SPANS

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_STEP = 184, 56
"""The size of a step on the canvas, in scene units."""


class PaletteRow(QStyledItemDelegate):
    """A family with its arrow and count, or an activity with its tile."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(30 if index.data(GROUP) is None else 28))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        rect = QRect(0, drawn.rect.top(), self._view.viewport().width(), drawn.rect.height())
        current = bool(drawn.state & QStyle.StateFlag.State_Selected)
        hovered = bool(drawn.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if current or hovered:
            painter.fillRect(rect, theme().color("select" if current and self._view.hasFocus() else "hover"))
        group: Group | None = index.data(GROUP)
        if group is not None:
            self._paint_group(painter, rect, group, bool(drawn.state & QStyle.StateFlag.State_Open))
        else:
            self._paint_entry(painter, rect, index.data(ENTRY), index.data(SPANS) or (), hovered)
        painter.restore()

    def _paint_group(self, painter: QPainter, rect: QRect, group: Group, expanded: bool) -> None:
        px = theme().px
        side = px(12)
        arrow = QRectF(rect.left() + px(10), rect.center().y() + 0.5 - side / 2, side, side)
        paint_icon(painter, arrow, "caret-down" if expanded else "caret-right", theme().color("text-3"))
        right = rect.right() - px(12)
        if group.key != RECENT:
            painter.setFont(theme().font("small"))
            painter.setPen(theme().color("text-3"))
            count = number(len(group.entries))
            painter.drawText(QRect(rect.left(), rect.top(), right - rect.left(), rect.height()), _RIGHT, count)
            right -= QFontMetrics(painter.font()).horizontalAdvance(count) + px(8)
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color("text"))
        left = rect.left() + px(28)
        text = QFontMetrics(painter.font()).elidedText(group.label, Qt.TextElideMode.ElideRight, right - left)
        painter.drawText(QRect(left, rect.top(), right - left, rect.height()), _LEFT, text)

    def _paint_entry(
        self, painter: QPainter, rect: QRect, entry: Entry, spans: tuple[tuple[int, int], ...], hovered: bool
    ) -> None:
        px = theme().px
        left = rect.left() + px(22)
        tile = QRectF(left, rect.center().y() + 0.5 - px(20) / 2, px(20), px(20))
        if entry.error:
            paint_icon(painter, tile.adjusted(2, 2, -2, -2), entry.icon, theme().color(entry.color))
        else:
            paint_tile(painter, tile, entry, 5)
        left += px(30)
        right = rect.right() - px(28)
        font = theme().font("body")
        metrics = QFontMetrics(font)
        text = metrics.elidedText(entry.label, Qt.TextElideMode.ElideRight, right - left)
        painter.setFont(font)
        painter.setPen(theme().color("text-2" if entry.error else "text"))
        room = QRect(left, rect.top(), right - left, rect.height())
        painter.drawText(room, _LEFT, text)
        if spans:
            painter.setPen(QPen(theme().color("accent-text"), 1.5))
            base = rect.center().y() + metrics.ascent() / 2 + px(2)
            for start, end in spans:
                if end <= len(text):
                    begin = left + metrics.horizontalAdvance(text[:start])
                    painter.drawLine(begin, round(base), left + metrics.horizontalAdvance(text[:end]), round(base))
        if hovered and not entry.error:
            grip = QRectF(rect.right() - px(26), rect.center().y() + 0.5 - px(8), px(16), px(16))
            paint_icon(painter, grip, "dots-six-vertical", theme().color("text-3"))


_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight


def paint_tile(painter: QPainter, rect: QRectF, entry: Entry, radius: float) -> None:
    """The rounded square in the family's colour, with the white icon."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(entry.color))
    painter.drawRoundedRect(rect, radius, radius)
    inset = rect.width() * 0.19
    paint_icon(painter, rect.adjusted(inset, inset, -inset, -inset), entry.icon, theme().color("on-accent"))


def step_picture(entry: Entry, ratio: float) -> QPixmap:
    """The step as it will stand on the canvas at zoom 1; `ratio` is the screen's device pixel ratio."""
    wide, high = _STEP
    picture = QPixmap(round((wide + 2) * ratio), round((high + 2) * ratio))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(theme().color("focus"), 1))
    painter.setBrush(theme().color("raised"))
    painter.drawRoundedRect(QRectF(0.5, 0.5, wide, high), RADIUS["step"], RADIUS["step"])
    paint_tile(painter, QRectF(9, 10, 36, 36), entry, RADIUS["tile"])
    painter.setFont(theme().font("section"))
    painter.setPen(theme().color("text"))
    text = QFontMetrics(painter.font()).elidedText(entry.label, Qt.TextElideMode.ElideRight, wide - 64)
    painter.drawText(QRectF(54, 0, wide - 64, high), _LEFT, text)
    painter.end()
    return picture
