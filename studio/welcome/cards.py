"""What one clicks on at the start: the large buttons, and the card of an example."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QSizePolicy, QWidget

from studio.base.i18n import tr, trn
from studio.base.icons import icon, paint_icon
from studio.base.theme import theme
from studio.welcome.examples import Example
from studio.welcome.graph_preview import paint_picture


class _Hovered(QAbstractButton):
    """A button that is drawn by hand and knows whether the pointer is over it."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.hovered = False
        self.setText(text)
        self.setAccessibleName(text)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        theme().changed.connect(self.updateGeometry)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.hovered = True
        self.update()

    def leaveEvent(self, event: object) -> None:
        self.hovered = False
        self.update()


class StartButton(_Hovered):
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
                ("accent-hover" if self.hovered else "accent"),
                "",
                "on-accent",
                "on-accent",
            )
        else:
            ground, line, words, second = ("hover" if self.hovered else "raised"), "line", "text", "text-3"
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
        _line(painter, QRectF(left, half - theme().px(18), right - left, theme().px(18)), self.text())
        painter.setFont(theme().font("small"))
        painter.setPen(theme().color(second))
        _line(painter, QRectF(left, half, right - left, theme().px(17)), self._line)
        painter.end()


class ExampleCard(_Hovered):
    """The drawing of an example, its name, and what it does; `tried` when the person wants it."""

    tried = Signal(object)

    def __init__(self, example: Example, parent: QWidget | None = None) -> None:
        super().__init__(example.name, parent)
        self.example = example
        self.setAccessibleDescription(example.description)
        self.setToolTip(example.description)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button = QPushButton(icon("play-fill", color="text"), tr("Try it"), self)
        self.button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.button.setAccessibleName(tr("Try {name}", name=example.name))
        self.button.hide()
        give: Callable[[], None] = lambda: self.tried.emit(self.example)  # noqa: E731
        self.button.clicked.connect(give)
        self.clicked.connect(give)

    def sizeHint(self) -> QSize:
        return QSize(theme().px(280), theme().px(193))

    def minimumSizeHint(self) -> QSize:
        return QSize(theme().px(200), theme().px(193))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.button.adjustSize()
        self.button.move(self.width() - self.button.width() - 12, self._picture_height() - self.button.height() - 10)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.button.show()

    def leaveEvent(self, event: object) -> None:
        super().leaveEvent(event)
        self.button.setVisible(self.hasFocus())

    def focusInEvent(self, event: object) -> None:
        self.button.show()
        self.update()

    def focusOutEvent(self, event: object) -> None:
        self.button.setVisible(self.underMouse())
        self.update()

    def _picture_height(self) -> int:
        return self.height() - theme().px(60)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        shape = QPainterPath()
        shape.addRoundedRect(box, 9, 9)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme().color("raised"))
        picture = QRectF(0, 0, self.width(), self._picture_height())
        painter.fillRect(picture, theme().color("canvas"))
        paint_picture(painter, picture, self.example.picture)
        painter.setPen(theme().color("line-subtle"))
        painter.drawLine(picture.bottomLeft(), picture.bottomRight())
        painter.setClipping(False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        color = "focus" if self.hasFocus() else "line-strong" if self.hovered else "line"
        painter.setPen(QPen(theme().color(color), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 9.5, 9.5)
        painter.setFont(theme().font("small"))
        count = trn("{n} step", "{n} steps", len(self.example.picture.dots))
        taken = QFontMetrics(painter.font()).horizontalAdvance(count)
        top = picture.bottom() + theme().px(9)
        painter.setPen(theme().color("text-3"))
        painter.drawText(QRectF(self.width() - 15 - taken, top, taken + 1, theme().px(20)), 0x80, count)
        _line(painter, QRectF(15, top + theme().px(21), self.width() - 30, theme().px(18)), self.example.description)
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().color("text"))
        _line(painter, QRectF(15, top, self.width() - 42 - taken, theme().px(20)), self.text())
        painter.end()


def _line(painter: QPainter, rect: QRectF, text: str) -> None:
    """One line of text, what does not fit left out at its end."""
    font: QFont = painter.font()
    shown = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
