"""How a row of a pick list is drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.base.icons import paint_icon
from studio.base.keys import shown_keys
from studio.base.theme import theme
from studio.widgets.key_cap import cap_width, paint_cap

if TYPE_CHECKING:
    from studio.widgets.pick_list import Pick

_Index = QModelIndex | QPersistentModelIndex


class PickRow(QStyledItemDelegate):
    """Icon, name with the found letters marked, hint, keys; or a heading."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(0, theme().px(30))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        pick: Pick | None = index.data(Qt.ItemDataRole.UserRole)
        drawn: Any = option
        rect: QRect = drawn.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if pick is None:
            painter.setFont(theme().font("caption"))
            painter.setPen(theme().color("text-3"))
            flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(rect.adjusted(8, 4, -8, 0), flags, index.data())
        else:
            current = bool(drawn.state & QStyle.StateFlag.State_Selected)
            if current or drawn.state & QStyle.StateFlag.State_MouseOver:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme().color("select" if current else "hover"))
                painter.drawRoundedRect(QRectF(rect), 7, 7)
            inner = rect.adjusted(8, 0, -8, 0)
            if not pick.icon and index.data(Qt.ItemDataRole.UserRole + 2):
                inner.setLeft(inner.left() + theme().px(16) + theme().px(10))
            _paint_pick(painter, inner, pick, index.data(Qt.ItemDataRole.UserRole + 1) or ())
        painter.restore()


def _paint_pick(painter: QPainter, rect: QRect, pick: Pick, spans: tuple[tuple[int, int], ...]) -> None:
    right = rect.right()
    if pick.keys:
        keys = shown_keys(pick.keys)
        paint_cap(painter, rect, keys, color="text-3" if pick.off else "text-2")
        right -= cap_width(keys) + theme().px(10)
    left = rect.left() + _paint_icon(painter, rect, pick)
    name = theme().font("body")
    metrics = QFontMetrics(name)
    text = metrics.elidedText(pick.text, Qt.TextElideMode.ElideRight, max(0, right - left))
    left = _paint_name(painter, QRect(left, rect.top(), right - left, rect.height()), text, spans, name, bool(pick.off))
    hint = pick.off or pick.hint
    if hint:
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color("text-3"))
        room = QRect(left + theme().px(10), rect.top(), right - left - theme().px(10), rect.height())
        shown = QFontMetrics(painter.font()).elidedText(hint, Qt.TextElideMode.ElideRight, max(0, room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _paint_icon(painter: QPainter, rect: QRect, pick: Pick) -> int:
    """Draw the icon, and say how much room it took."""
    if not pick.icon and not pick.tile:
        return 0
    side = theme().px(20 if pick.tile else 16)
    box = QRectF(rect.left(), rect.center().y() + 0.5 - side / 2, side, side)
    if pick.tile:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(pick.tile))
        painter.setOpacity(0.5 if pick.off else 1.0)
        painter.drawRoundedRect(box, 5, 5)
        inset = side * 0.18
        if pick.icon:
            inner = box.adjusted(inset, inset, -inset, -inset)
            paint_icon(painter, inner, pick.icon, theme().color("on-accent"))
        painter.setOpacity(1.0)
    else:
        paint_icon(painter, box, pick.icon, theme().color("text-off" if pick.off else "text-2"))
    return side + theme().px(10)


def _paint_name(
    painter: QPainter, rect: QRect, text: str, spans: tuple[tuple[int, int], ...], font: QFont, off: bool
) -> int:
    """Draw the name piece by piece, the found letters stronger; the x where it ends."""
    strong = QFont(font)
    strong.setWeight(QFont.Weight.DemiBold)
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    left = rect.left()
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
    for piece, found in pieces:
        if not piece:
            continue
        painter.setFont(strong if found else font)
        painter.setPen(theme().color("text-3" if off else "accent-text" if found else "text"))
        width = QFontMetrics(painter.font()).horizontalAdvance(piece)
        painter.drawText(QRect(left, rect.top(), max(0, rect.right() - left) + 1, rect.height()), flags, piece)
        left += width
    return left
