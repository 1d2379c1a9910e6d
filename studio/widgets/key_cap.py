"""How keys are shown: a small outlined cap, as on menus, lists and search fields."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from studio.base.theme import theme


def cap_width(keys: str) -> int:
    """Pixels that the cap of `keys` needs."""
    return QFontMetrics(_font()).horizontalAdvance(keys) + theme().px(10)


def paint_cap(painter: QPainter, rect: QRect, keys: str, *, color: str = "text-2") -> None:
    """Draw the cap of `keys` at the right of `rect`, in the middle of its height."""
    height, width = theme().px(18), cap_width(keys)
    box = QRectF(rect.right() - width + 0.5, rect.center().y() - height / 2 + 0.5, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme().color("line"))
    painter.setBrush(theme().color("panel"))
    painter.drawRoundedRect(box, 4, 4)
    painter.setFont(_font())
    painter.setPen(theme().color(color))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, keys)
    painter.restore()


def _font() -> QFont:
    font = QFont(theme().font("caption"))
    font.setWeight(QFont.Weight.Medium)
    return font
