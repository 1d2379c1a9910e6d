"""The card of an example."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from studio.base.i18n import tr, trn
from studio.base.icons import icon
from studio.base.theme import theme
from studio.welcome.buttons import draw_line
from studio.welcome.examples import Example
from studio.welcome.graph_preview import paint_picture
from studio.widgets.drawn_button import DrawnButton


class ExampleCard(DrawnButton):
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

    def leaveEvent(self, event: QEvent) -> None:
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
        color = "focus" if self.hasFocus() else "line-strong" if self.underMouse() else "line"
        painter.setPen(QPen(theme().color(color), 2 if self.hasFocus() else 1))
        painter.drawRoundedRect(box.adjusted(-0.5, -0.5, 0.5, 0.5), 9.5, 9.5)
        painter.setFont(theme().font("small"))
        count = trn("{n} step", "{n} steps", len(self.example.picture.dots))
        taken = QFontMetrics(painter.font()).horizontalAdvance(count)
        top = picture.bottom() + theme().px(9)
        painter.setPen(theme().color("text-3"))
        painter.drawText(QRectF(self.width() - 15 - taken, top, taken + 1, theme().px(20)), 0x80, count)
        below = QRectF(15, top + theme().px(21), self.width() - 30, theme().px(18))
        draw_line(painter, below, self.example.description)
        painter.setFont(theme().font("strong"))
        painter.setPen(theme().color("text"))
        draw_line(painter, QRectF(15, top, self.width() - 42 - taken, theme().px(20)), self.text())
        painter.end()
