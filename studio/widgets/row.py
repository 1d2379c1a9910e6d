"""How a row of a list or a tree is drawn: a picture, pieces of text one after another, glyphs at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.widgets.chip import STATUSES, paint_glyph

Index = QModelIndex | QPersistentModelIndex
HEIGHT = 24
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
_GAP = 10
"""Between two pieces."""
_COLUMN = 90, 170


@dataclass(frozen=True, slots=True)
class Picture:
    """An icon in its colour; as a `tile`, white on a rounded square of the colour."""

    icon: str
    color: str = "text-3"
    tile: bool = False
    faint: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in a font and a colour of the theme. A `column` has the same width in every row; what has less than
    `least` pixels left is not shown."""

    text: str
    color: str = "text"
    font: str = "body"
    column: bool = False
    struck: bool = False
    least: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """All of a row. `glyphs` are statuses of the chips, or pictures; the first one stands furthest right."""

    pieces: Sequence[Piece]
    picture: Picture | None = None
    glyphs: Sequence[str | Picture] = ()


class RowDelegate(QStyledItemDelegate):
    """Draws what `declare` says of an index; `margins` are kept free at the left and the right."""

    def __init__(self, view: QAbstractItemView, declare: Callable[[Index], Row], margins: tuple[int, int]) -> None:
        super().__init__(view)
        self._declare = declare
        self._margins = margins

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, theme().px(HEIGHT))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        drawn: Any = option
        rect: QRect = drawn.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if drawn.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().color("select"))
        elif drawn.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().color("hover"))
        left, right = self._margins
        paint_row(painter, rect.adjusted(theme().px(left), 0, -theme().px(right), 0), self._declare(index))
        paint_focus(painter, rect, drawn.state)
        painter.restore()


def paint_focus(painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
    """A frame around the row that the keys act on."""
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(theme().color("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(rect).adjusted(1, 1, -1, -1), 4, 4)


def paint_row(painter: QPainter, rect: QRect, row: Row) -> None:
    """Draw a row into `rect`; what does not fit is elided, the last pieces first."""
    px = theme().px
    left, right = rect.left(), rect.right()
    for glyph in row.glyphs:
        box = _square(right - px(14), rect, px(14))
        if isinstance(glyph, Picture):
            paint_picture(painter, box, glyph)
        elif glyph in STATUSES:
            paint_glyph(painter, box, glyph)
        right -= px(20)
    if row.picture is not None:
        side = px(16 if row.picture.tile else 14)
        paint_picture(painter, _square(left + (px(16) - side) / 2, rect, side), row.picture)
        left += px(24)
    for piece in row.pieces:
        room = right - left
        if piece.column:
            room = min(room, px(_COLUMN[1]), max(px(_COLUMN[0]), room // 4))
        if piece.least and room < px(piece.least):
            break
        wide = _paint_piece(painter, QRect(left, rect.top(), max(0, room), rect.height()), piece)
        left += (room if piece.column else wide) + px(_GAP)


def paint_picture(painter: QPainter, box: QRectF, picture: Picture, radius: float = 4) -> None:
    """Draw an icon, or a tile with rounded corners, into the square `box`."""
    if not picture.tile:
        paint_icon(painter, box, picture.icon, theme().color(picture.color))
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(picture.color))
    painter.setOpacity(0.5 if picture.faint else 1.0)
    painter.drawRoundedRect(box, radius, radius)
    inset = box.width() * 0.18
    paint_icon(painter, box.adjusted(inset, inset, -inset, -inset), picture.icon, theme().color("on-accent"))
    painter.setOpacity(1.0)


def _paint_piece(painter: QPainter, rect: QRect, piece: Piece) -> int:
    """Draw a text, and say how wide it is."""
    font = QFont(theme().font(piece.font))
    font.setStrikeOut(piece.struck)
    metrics = QFontMetrics(font)
    text = metrics.elidedText(piece.text, Qt.TextElideMode.ElideRight, rect.width())
    painter.setFont(font)
    painter.setPen(theme().color(piece.color))
    painter.drawText(rect, _LEFT, text)
    return metrics.horizontalAdvance(text)


def _square(left: float, rect: QRect, side: int) -> QRectF:
    return QRectF(left, rect.center().y() + 0.5 - side / 2, side, side)
