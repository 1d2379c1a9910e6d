"""A switch: on or off, at once."""

from __future__ import annotations

from PySide6.QtCore import Property, QEasingCurve, QPropertyAnimation, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from studio.base.theme import theme

_WIDTH, _HEIGHT, _ROOM = 32, 18, 3


class Switch(QAbstractButton):
    """A checkable button drawn as a switch. `toggled` tells every change, `clicked` a person's."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._place = 0.0
        self._slide = QPropertyAnimation(self, b"place", self)
        self._slide.setEasingCurve(QEasingCurve.Type.OutQuad)
        self.setCheckable(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggled.connect(self._moved)
        theme().changed.connect(self._restyle)

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        px = theme().px
        return QSize(px(_WIDTH) + 2 * px(_ROOM), px(_HEIGHT) + 2 * px(_ROOM))

    def _get_place(self) -> float:
        return self._place

    def _set_place(self, place: float) -> None:
        self._place = place
        self.update()

    place = Property(float, _get_place, _set_place)

    def _moved(self, on: bool) -> None:
        self._slide.stop()
        self._slide.setDuration(theme().duration("quick"))
        if not self._slide.duration() or not self.isVisible():
            self._set_place(float(on))
        else:
            self._slide.setStartValue(self._place)
            self._slide.setEndValue(float(on))
            self._slide.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        px, color = theme().px, theme().color
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = px(_ROOM)
        area = QRectF(room, (self.height() - px(_HEIGHT)) / 2, px(_WIDTH), px(_HEIGHT))
        round_ = area.height() / 2
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.drawRoundedRect(area.adjusted(-2, -2, 2, 2), round_ + 2, round_ + 2)
        painter.setPen(Qt.PenStyle.NoPen)
        if not self.isEnabled():
            track, knob = color("pressed"), color("text-off")
        else:
            track, knob = QColor(color("accent") if self.isChecked() else color("line-strong")), color("on-accent")
        painter.setBrush(track)
        painter.drawRoundedRect(area, round_, round_)
        size = area.height() - 4
        left = area.left() + 2 + self._place * (area.width() - size - 4)
        painter.setBrush(knob)
        painter.drawEllipse(QRectF(left, area.top() + 2, size, size))
