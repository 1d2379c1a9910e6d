"""How a row of the palette is drawn, and the step that is dragged out of it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from studio.base.i18n import number
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.palette.entries import RECENT, Entry, Group
from studio.designer.palette.model import ENTRY, GROUP, SPANS
from studio.widgets.row import Picture, paint_focus, paint_picture

_Index = QModelIndex | QPersistentModelIndex
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT_OF_NAME, _RIGHT_OF_NAME = 50, 12
_MOST_LINES = 3
_STEP = 184, 56
"""The size of a step on the canvas, in scene units."""


class PaletteRow(QStyledItemDelegate):
    """A family with its arrow and count, or an activity with its tile."""

    def __init__(self, view: QTreeView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        group: Group | None = index.data(GROUP)
        metrics = QFontMetrics(theme().font("body"))
        if group is not None:
            high, lines = 28, lines_of(group.label, metrics, self._group_room(group))
        else:
            high, lines = 30, lines_of(index.data(ENTRY).label, metrics, self._room())
        return QSize(0, theme().px(high) + (len(lines) - 1) * metrics.lineSpacing())

    def _group_room(self, group: Group) -> int:
        count = QFontMetrics(theme().font("small")).horizontalAdvance(_count(group))
        return self._view.viewport().width() - theme().px(28 + 12 + 8) - count

    def _room(self) -> int:
        """How wide a name may be."""
        return self._view.viewport().width() - theme().px(_LEFT_OF_NAME + _RIGHT_OF_NAME)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        drawn: Any = option
        rect = QRect(0, drawn.rect.top(), self._view.viewport().width(), drawn.rect.height())
        current = bool(drawn.state & QStyle.StateFlag.State_Selected)
        hovered = bool(drawn.state & QStyle.StateFlag.State_MouseOver)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        background = theme().color("select" if current and self._view.hasFocus() else "hover")
        if current or hovered:
            painter.fillRect(rect, background)
        group: Group | None = index.data(GROUP)
        if group is not None:
            self._paint_group(painter, rect, group, bool(drawn.state & QStyle.StateFlag.State_Open))
        else:
            self._paint_entry(painter, rect, index.data(ENTRY), index.data(SPANS) or ())
            if hovered and not index.data(ENTRY).error:
                self._paint_grip(painter, rect, background)
        paint_focus(painter, rect, drawn.state)
        painter.restore()

    def _paint_group(self, painter: QPainter, rect: QRect, group: Group, expanded: bool) -> None:
        px = theme().px
        side = px(12)
        arrow = QRectF(rect.left() + px(10), rect.center().y() + 0.5 - side / 2, side, side)
        paint_icon(painter, arrow, "caret-down" if expanded else "caret-right", theme().color("text-3"))
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text-3"))
        painter.drawText(rect.adjusted(0, 0, -px(12), 0), _RIGHT, _count(group))
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color("text"))
        text = "\n".join(line for _, line in lines_of(group.label, painter.fontMetrics(), self._group_room(group)))
        painter.drawText(rect.adjusted(px(28), 0, 0, 0), _LEFT, text)

    def _paint_entry(self, painter: QPainter, rect: QRect, entry: Entry, spans: tuple[tuple[int, int], ...]) -> None:
        px = theme().px
        tile = QRectF(rect.left() + px(22), rect.center().y() + 0.5 - px(20) / 2, px(20), px(20))
        if entry.error:
            paint_picture(painter, tile.adjusted(2, 2, -2, -2), Picture(entry.icon, entry.color))
        else:
            paint_picture(painter, tile, Picture(entry.icon, entry.color, tile=True), 5)
        left = rect.left() + px(_LEFT_OF_NAME)
        font = theme().font("body")
        metrics = QFontMetrics(font)
        painter.setFont(font)
        lines = lines_of(entry.label, metrics, self._room())
        top = rect.center().y() + 1 - len(lines) * metrics.lineSpacing() // 2
        for begin, text in lines:
            painter.setPen(theme().color("text-2" if entry.error else "text"))
            painter.drawText(left, top + metrics.ascent(), text)
            painter.setPen(QPen(theme().color("accent-text"), 1.5))
            base = top + metrics.ascent() + px(2)
            for start, end in spans:
                first, last = max(0, start - begin), min(len(text), end - begin)
                if first < last:
                    from_x, to_x = (left + metrics.horizontalAdvance(text[:at]) for at in (first, last))
                    painter.drawLine(from_x, base, to_x, base)
            top += metrics.lineSpacing()

    @staticmethod
    def _paint_grip(painter: QPainter, rect: QRect, background: QColor) -> None:
        """What says that the row can be dragged; it lies on the end of a long name."""
        px = theme().px
        grip = QRectF(rect.right() - px(20), rect.center().y() + 0.5 - px(8), px(16), px(16))
        painter.fillRect(grip.adjusted(-px(2), 0, px(4), 0), background)
        paint_icon(painter, grip, "dots-six-vertical", theme().color("text-3"))


def _count(group: Group) -> str:
    return number(len(group.entries)) if group.key != RECENT else ""


def lines_of(name: str, metrics: QFontMetrics, room: int) -> list[tuple[int, str]]:
    """A name in as many lines as it needs at `room` pixels, at most three: where each begins in it, and its text.

    What is too wide still is elided.
    """

    def shown(text: str) -> str:
        return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)

    lines: list[tuple[int, str]] = []
    begin = 0
    while len(lines) < _MOST_LINES - 1 and shown(name[begin:]) != name[begin:]:
        breaks = [at for at in range(begin, len(name)) if name[at] == " "]
        if not breaks:
            break
        at = max((at for at in breaks if shown(name[begin:at]) == name[begin:at]), default=breaks[0])
        lines.append((begin, name[begin:at]))
        begin = at + 1
    lines.append((begin, name[begin:]))
    return [(begin, shown(text)) for begin, text in lines]


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
    paint_picture(painter, QRectF(9, 10, 36, 36), Picture(entry.icon, entry.color, tile=True), RADIUS["tile"])
    painter.setFont(theme().font("section"))
    painter.setPen(theme().color("text"))
    text = QFontMetrics(painter.font()).elidedText(entry.label, Qt.TextElideMode.ElideRight, wide - 64)
    painter.drawText(QRectF(54, 0, wide - 64, high), _LEFT, text)
    painter.end()
    return picture
