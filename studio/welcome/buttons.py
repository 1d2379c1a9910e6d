"""What one clicks on at the start: the large buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.widgets.drawn_button import DrawnButton


class StartButton(DrawnButton):
    """An icon, what it does, a line about it, and its keys. The `primary` one is the one to press."""

    def __init__(
        self, icon_name: str, title: str, text: str, keys: str, parent: QWidget | None = None, *, primary: bool = False
    ) -> None:
        super().__init__(title, parent)
        self.setAccessibleDescription(text)
        self._icon_name, self._line, self._keys, self._primary = icon_name, text, keys, primary
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_keys(self, keys: str) -> None:
        self._keys = keys
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(344), theme().px(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if self._primary:
            ground, line, words, second = (
                ("accent-hover" if self.underMouse() else "accent"),
                "",
                "on-accent",
                "on-accent",
            )
        else:
            ground, line, words, second = ("hover" if self.underMouse() else "raised"), "line", "text", "text-3"
        painter.setBrush(theme().color(ground))
        if self.hasFocus():
            painter.setPen(QPen(theme().color("text" if self._primary else "focus"), 2))
            box = box.adjusted(0.5, 0.5, -0.5, -0.5)
        else:
            painter.setPen(QPen(theme().color(line)) if line else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, 9, 9)
        side = theme().px(22)
        glyph = QRectF(15, (self.height() - side) / 2, side, side)
        paint_icon(painter, glyph, self._icon_name, theme().color("on-accent" if self._primary else "accent-text"))
        left = glyph.right() + 13
        right = box.right() - 16
        painter.setFont(theme().font("body"))
        painter.setPen(theme().color(second))
        keys = QFontMetrics(painter.font()).horizontalAdvance(self._keys)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(right - keys, 0, keys + 1, self.height()), middle, self._keys)
        right -= keys + 12
        half = self.height() / 2
        painter.setFont(theme().font("section"))
        painter.setPen(theme().color(words))
        draw_line(painter, QRectF(left, half - theme().px(18), right - left, theme().px(18)), self.text())
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(second))
        draw_line(painter, QRectF(left, half, right - left, theme().px(17)), self._line)
        painter.end()


def draw_line(painter: QPainter, rect: QRectF, text: str) -> None:
    """One line of text, what does not fit left out at its end."""
    font: QFont = painter.font()
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
