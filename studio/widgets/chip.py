"""The chip that shows a status: always a glyph, a colour and a word."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHideEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QShowEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.base.beat import FRAME_MS, beat
from studio.base.icons import paint_icon
from studio.base.spoken import Role, Spoken
from studio.base.theme import theme

STATUSES: dict[str, tuple[str, str, str]] = {
    "running": ("running", "running-soft", ""),
    "retrying": ("running", "running-soft", "arrow-clockwise"),
    "done": ("done", "done-soft", "check-circle-fill"),
    "failed": ("failed", "failed-soft", "x-circle-fill"),
    "paused": ("paused", "paused-soft", "pause-circle-fill"),
    "doubt": ("doubt", "doubt-soft", "question-fill"),
    "waiting": ("waiting", "waiting-soft", "clock-bold"),
    "queued": ("waiting", "waiting-soft", "hourglass"),
    "skipped": ("text-3", "waiting-soft", "arrow-bend-up-right"),
    "stopped": ("text-3", "waiting-soft", "prohibit"),
    "": ("text-2", "pressed", ""),
}
"""Status -> colour, colour behind it, glyph ("" with `running` is the arc)."""

_TURN = 1000


class Chip(QWidget):
    """A status in a word. An `interactive` chip can be clicked, and reached with Tab."""

    activated = Signal()

    def __init__(
        self, status: str = "", text: str = "", parent: QWidget | None = None, *, interactive: bool = False
    ) -> None:
        super().__init__(parent)
        self._status = status
        self._text = text
        self._interactive = interactive
        self._turned = 0.0
        self._wide = -1
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        if interactive:
            self.setAttribute(Qt.WidgetAttribute.WA_Hover)
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        theme().changed.connect(self._restyle)
        self.set(status, text)

    @property
    def status(self) -> str:
        return self._status

    @property
    def text(self) -> str:
        return self._text

    def spoken(self) -> Spoken:
        """What a screen reader takes it for."""
        return Spoken(Role.Button if self._interactive else Role.StaticText)

    def set(self, status: str, text: str) -> None:
        """Show another status, one of `STATUSES`, in the words of `text`."""
        self._status, self._text = status, text
        self.setAccessibleName(text)
        self._restyle()

    def sizeHint(self) -> QSize:
        return QSize(chip_width(self._status, self._text), theme().px(20))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _restyle(self) -> None:
        turning = self._status == "running" and self.isVisible() and not theme().reduced
        if turning:
            beat().follow(self, self._turn)
        else:
            beat().leave(self)
        wide = chip_width(self._status, self._text)
        if wide != self._wide:  # a clock in it ticks; the row that it stands in need not be laid out anew each time
            self._wide = wide
            self.updateGeometry()
        self.update()

    def _turn(self) -> None:
        self._turned = (self._turned + 360 * FRAME_MS / _TURN) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(painter, QRectF(self.rect()), self._status, self._text, turned=self._turned)
        if self.hasFocus() or (self._interactive and self.underMouse()):
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            color = theme().color("focus") if self.hasFocus() else theme().color(STATUSES[self._status][0])
            painter.setPen(QPen(color, 2 if self.hasFocus() else 1))
            inset = 1.0 if self.hasFocus() else 0.5
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 5, 5)
        painter.end()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._restyle()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        beat().leave(self)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._interactive and event.button() == Qt.MouseButton.LeftButton and inside:
            self.activated.emit()
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._interactive and event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.activated.emit()
        else:
            super().keyPressEvent(event)


def chip_width(status: str, text: str) -> int:
    """Pixels that a chip of `text` needs."""
    glyph = theme().px(16) if STATUSES[status][2] or status == "running" else 0
    return QFontMetrics(theme().font("label")).horizontalAdvance(text) + theme().px(14) + glyph


def paint_chip(painter: QPainter, rect: QRectF, status: str, text: str, *, turned: float = 0.0) -> None:
    """Draw a chip into the left of `rect`, at full height; `turned` is the angle of the running arc in degrees."""
    name, soft, _ = STATUSES[status]
    color = theme().color(name)
    box = QRectF(rect.left(), rect.top(), min(rect.width(), chip_width(status, text)), rect.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(soft))
    painter.drawRoundedRect(box, 5, 5)
    left = box.left() + theme().px(7)
    side = theme().px(12)
    if STATUSES[status][2] or status == "running":
        paint_glyph(painter, QRectF(left, box.center().y() - side / 2, side, side), status, turned=turned)
        left += theme().px(16)
    painter.setFont(theme().font("label"))
    painter.setPen(color)
    words = QRectF(left, box.top(), box.right() - left, box.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.restore()


def paint_glyph(painter: QPainter, rect: QRectF, status: str, *, turned: float = 0.0) -> None:
    """Draw the glyph of `status` into the square `rect`."""
    name, _, glyph = STATUSES[status]
    color: QColor = theme().color(name)
    if glyph:
        paint_icon(painter, rect, glyph, color)
    elif status == "running":
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(color, rect.width() / 7, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        inset = rect.width() / 8
        painter.drawArc(rect.adjusted(inset, inset, -inset, -inset), int((60 - turned) * 16), 270 * 16)
        painter.restore()
