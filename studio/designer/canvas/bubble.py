"""The bubble of a failed step: what happened, what to do next, at most two links."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from studio.base.theme import set_kind, theme
from studio.base.tokens import RADIUS
from studio.designer.canvas.live import StepLive

WIDTH = 236
AWAY = 9
"""Pixels between the bubble and its step."""
_LINKS = 2
_COLORS = {"doubt": "doubt"}


class Bubble(QWidget):
    """A child of the viewport, so that it scrolls with the canvas."""

    link_clicked = Signal(str, str)
    """Id of the step, id of the link."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._viewport = parent
        self.step_id = ""
        self._color = "failed"
        self._above = True
        self._tip = 0
        self.what = QLabel(self)
        self.next = QLabel(self)
        set_kind(self.next, "small")
        for label in (self.what, self.next):
            label.setWordWrap(True)
            label.setContentsMargins(3, 0, 0, 0)  # as far in as the text of the links
            label.setTextFormat(Qt.TextFormat.PlainText)
        self._row = QHBoxLayout()
        self._row.setSpacing(14)
        self.links: list[QPushButton] = []
        column = QVBoxLayout(self)
        column.setSpacing(2)
        column.addWidget(self.what)
        column.addWidget(self.next)
        column.addLayout(self._row)
        theme().changed.connect(self._restyle)
        self._restyle()
        self.hide()

    def _restyle(self) -> None:
        self.what.setFont(theme().font("label"))
        self.update()

    def show_failure(self, step_id: str, live: StepLive) -> None:
        """Say what went wrong with a step; it is shown as soon as it is placed."""
        self.step_id = step_id
        self._color = _COLORS.get(live.status, "failed")
        what, _, follows = live.message.partition("\n")
        self.what.setText(what)
        self.next.setText(follows)
        self.next.setVisible(bool(follows))
        for button in self.links:
            button.hide()
            button.deleteLater()
        while self._row.count():
            self._row.takeAt(0)
        self.links = []
        for link in live.links[:_LINKS]:
            button = QPushButton(link.label, self)
            set_kind(button, "link")
            button.setFont(theme().font("label"))
            button.ensurePolished()
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(lambda _=False, id=link.id: self.link_clicked.emit(self.step_id, id))
            self._row.addWidget(button)
            self.links.append(button)
        beside = sum(button.sizeHint().width() + self._row.spacing() for button in self.links)
        fits = beside <= theme().px(WIDTH) - 22
        self._row.setDirection(QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom)
        for button in self.links:
            self._row.setAlignment(button, Qt.AlignmentFlag.AlignLeft)
        self._row.setSpacing(14 if fits else 2)
        if fits:
            self._row.addStretch(1)

    def point_at(self, target: QRectF) -> None:
        """Stand beside a step, whose box in the viewport is `target`: above it, or below where there is no room."""
        viewport = self._viewport.rect()
        if not self.step_id or not QRectF(viewport).intersects(target):
            self.hide()
            return
        width = theme().px(WIDTH)
        above = True
        self._lay(above)
        layout = self.layout()
        assert layout is not None
        for label in (self.what, self.next, *self.links):
            label.ensurePolished()  # before it is first shown it would measure with another font
        layout.activate()  # of a text that was just set, it still has the old height
        height = layout.heightForWidth(width)
        if target.top() - AWAY - height < 0:
            above = False
            self._lay(above)
        centre = target.center().x()
        left = round(max(4.0, min(centre - width / 2, viewport.width() - width - 4)))
        top = round(target.top() - AWAY + 6 - height) if above else round(target.bottom() + AWAY - 6)
        self._tip = round(max(16.0, min(centre - left, width - 16)))
        self.setGeometry(left, top, width, height)
        self.show()
        self.raise_()
        self.update()

    def _lay(self, above: bool) -> None:
        """Leave room for the tip on the side of the step."""
        self._above = above
        layout = self.layout()
        assert layout is not None
        layout.setContentsMargins(11, 9 if above else 15, 11, 15 if above else 9)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.75, 0.75, -0.75, -0.75)
        body = area.adjusted(0, 0, 0, -6) if self._above else area.adjusted(0, 6, 0, 0)
        path = QPainterPath()
        path.addRoundedRect(body, RADIUS["step"], RADIUS["step"])
        tip = QPainterPath()
        edge, end = (body.bottom(), area.bottom()) if self._above else (body.top(), area.top())
        tip.moveTo(QPointF(self._tip - 6, edge))
        tip.lineTo(QPointF(self._tip, end))
        tip.lineTo(QPointF(self._tip + 6, edge))
        tip.closeSubpath()
        painter.setPen(QPen(theme().color(self._color), 1.25))
        painter.setBrush(theme().color("raised"))
        painter.drawPath(path.united(tip))
        painter.end()
