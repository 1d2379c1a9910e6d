"""A few choices side by side, one of them taken."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.theme import theme

_HEIGHT = 28


class Segmented(QWidget):
    """`Segmented([tr("Ask"), tr("Retry"), tr("Fail")])`.

    `index` is the one taken, -1 where none is; `picked` tells what a person took. The arrow keys move along. A
    `ghost` is drawn lightly: what holds as long as nothing is taken.
    """

    picked = Signal(int)

    def __init__(self, texts: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._texts = list(texts)
        self._index = -1
        self._ghost = -1
        self._hovered = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self._restyle)

    @property
    def index(self) -> int:
        return self._index

    def set_index(self, index: int) -> None:
        """Take the choice at `index` without telling; -1 takes none."""
        self._index = index if index < len(self._texts) else -1
        self._describe()
        self.update()

    def set_ghost(self, index: int) -> None:
        """Draw the choice at `index` lightly as long as none is taken."""
        self._ghost = index
        self._describe()
        self.update()

    def texts(self) -> Sequence[str]:
        return tuple(self._texts)

    def _describe(self) -> None:
        shown = self._index if self._index >= 0 else self._ghost
        self.setAccessibleDescription(self._texts[shown] if 0 <= shown < len(self._texts) else "")

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self._metrics()
        width = sum(metrics.horizontalAdvance(text) + theme().px(24) for text in self._texts)
        return QSize(width, theme().px(_HEIGHT))

    def minimumSizeHint(self) -> QSize:
        metrics = self._metrics()
        widest = max((metrics.horizontalAdvance(text) for text in self._texts), default=0) + theme().px(10)
        return QSize(widest * len(self._texts), theme().px(_HEIGHT))

    def _metrics(self) -> QFontMetrics:
        return QFontMetrics(theme().font("body"))

    def _areas(self) -> list[QRectF]:
        count = len(self._texts)
        width = (self.width() - 1) / max(1, count)
        return [QRectF(0.5 + number * width, 0.5, width, self.height() - 1) for number in range(count)]

    def _at(self, x: float) -> int:
        for number, area in enumerate(self._areas()):
            if area.left() <= x < area.right():
                return number
        return -1

    def _pick(self, index: int) -> None:
        if 0 <= index < len(self._texts) and index != self._index:
            self.set_index(index)
            self.picked.emit(index)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pick(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._at(event.position().x())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        start = self._index if self._index >= 0 else self._ghost
        if event.key() in (Qt.Key.Key_Right, Qt.Key.Key_Down):
            self._pick(min(start + 1, len(self._texts) - 1))
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Up):
            self._pick(max(start - 1, 0))
        elif event.key() == Qt.Key.Key_Space:
            self._pick(max(start, 0))
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        px, color = theme().px, theme().color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme().font("body"))
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        outline = QPainterPath()
        outline.addRoundedRect(whole, px(6), px(6))
        painter.fillPath(outline, color("field"))
        painter.setClipPath(outline)
        for number, area in enumerate(self._areas()):
            taken = number == self._index
            ghost = self._index < 0 and number == self._ghost
            if taken:
                painter.fillRect(area, color("select"))
            elif number == self._hovered and self.isEnabled():
                painter.fillRect(area, color("hover"))
            token = "accent-text" if taken else "text" if ghost else "text-2"
            painter.setPen(color(token if self.isEnabled() else "text-off"))
            text = painter.fontMetrics().elidedText(
                self._texts[number], Qt.TextElideMode.ElideRight, int(area.width()) - px(6)
            )
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, text)
            if ghost:
                width = painter.fontMetrics().horizontalAdvance(text)
                y = area.center().y() + painter.fontMetrics().height() / 2
                painter.setPen(QPen(color("line-strong"), 1, Qt.PenStyle.DotLine))
                painter.drawLine(int(area.center().x() - width / 2), int(y), int(area.center().x() + width / 2), int(y))
            if number:
                painter.setPen(color("line-field"))
                painter.drawLine(int(area.left()), 0, int(area.left()), self.height())
        painter.setClipping(False)
        focused = self.hasFocus()
        painter.setPen(QPen(color("focus" if focused else "line-field"), 2 if focused else 1))
        painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5) if focused else whole, px(6), px(6))
