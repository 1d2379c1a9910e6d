"""What the canvas looks like at each task of the guided first workflow, drawn small."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from studio.base.i18n import tr
from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.welcome.tour import SAMPLE

_SIZE = 420.0, 210.0
"""The drawing, before it is scaled into the widget."""
_READ, _WRITE = QPointF(24, 62), QPointF(232, 62)
_MIDDLE = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class TourPicture(QWidget):
    """Shows the task of an id of `studio.welcome.tour.TASKS`, or what is reached after the last for ""."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = "new"
        self.setMinimumWidth(theme().px(240))
        theme().changed.connect(self.update)

    def show_task(self, id: str) -> None:
        self._task = id
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(460), theme().px(240))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        shape = QPainterPath()
        # Round at the right, in line with the card.
        shape.addRoundedRect(QRectF(self.rect()).adjusted(-9, 0, 0, 0), 9, 9)
        painter.setClipPath(shape)
        painter.fillRect(self.rect(), theme().color("canvas"))
        painter.setPen(QPen(theme().color("canvas-dot"), 2))
        for x in range(12, self.width(), 24):
            painter.drawPoints([QPointF(x, y) for y in range(12, self.height(), 24)])
        scale = min(1.0, self.width() / _SIZE[0], self.height() / _SIZE[1])
        painter.translate((self.width() - _SIZE[0] * scale) / 2, (self.height() - _SIZE[1] * scale) / 2)
        painter.scale(scale, scale)
        _draw(painter, self._task)
        painter.end()


def _draw(painter: QPainter, task: str) -> None:
    if task == "new":
        box = QRectF(120, 74, 180, 60)
        painter.setPen(QPen(theme().color("line-strong"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 9, 9)
        paint_icon(painter, QRectF(198, 92, 24, 24), "plus", theme().color("text-3"))
    elif task == "add":
        _search(painter, QPointF(110, 44), "read csv", "table", "cat-data", tr("Read CSV"))
    elif task == "file":
        _step(painter, _READ, "table", "cat-data", tr("Read CSV"), "")
        _field(painter, QRectF(232, 56, 164, 70), tr("CSV file"), SAMPLE)
    elif task == "join":
        _step(painter, _READ, "table", "cat-data", tr("Read CSV"), SAMPLE)
        _wire(painter, QPointF(_READ.x() + 160, 90), QPointF(232, 118), "focus", 2.5)
        _search(painter, QPointF(210, 104), "write ex", "file-xls", "cat-docs", tr("Write Excel table"))
    else:
        ran = task == ""
        start, end = QPointF(_READ.x() + 160, 90), QPointF(_WRITE.x(), 90)
        _wire(painter, start, end, "done" if ran else "wire", 2 if ran else 1.75)
        _step(painter, _READ, "table", "cat-data", tr("Read CSV"), SAMPLE, ran=ran)
        _step(painter, _WRITE, "file-xls", "cat-docs", tr("Write Excel table"), "orders.xlsx", ran=ran)
        if task == "fill":
            _field(painter, QRectF(232, 132, 164, 70), tr("Table"), "{{ steps.read_csv.output.rows }}", code=True)
        elif task == "run":
            _button(painter, QRectF(24, 146, 84, 30), tr("Run"))


def _step(
    painter: QPainter, place: QPointF, icon: str, color: str, title: str, summary: str, *, ran: bool = False
) -> None:
    box = QRectF(place.x(), place.y(), 160, 56)
    painter.setPen(QPen(theme().color("node-line"), 1))
    painter.setBrush(theme().color("raised"))
    painter.drawRoundedRect(box, 9, 9)
    tile = QRectF(box.left() + 9, box.top() + 10, 36, 36)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color(color))
    painter.drawRoundedRect(tile, 7, 7)
    paint_icon(painter, tile.adjusted(8, 8, -8, -8), icon, theme().color("on-accent"))
    _text(painter, QRectF(box.left() + 53, box.top() + (9 if summary else 18), 102, 20), title, "section", "text")
    if summary:
        _text(painter, QRectF(box.left() + 53, box.top() + 27, 102, 18), summary, "summary", "text-2")
    painter.setPen(QPen(theme().color("wire"), 1.5))
    painter.setBrush(theme().color("raised"))
    painter.drawEllipse(QPointF(box.left(), box.center().y()), 4.5, 4.5)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("wire"))
    painter.drawEllipse(QPointF(box.right(), box.center().y()), 4.5, 4.5)
    if ran:
        painter.setBrush(theme().color("raised"))
        painter.drawEllipse(QPointF(box.right() - 2, box.top() + 2), 9, 9)
        paint_icon(painter, QRectF(box.right() - 10, box.top() - 6, 16, 16), "check-circle-fill", theme().color("done"))


def _wire(painter: QPainter, start: QPointF, end: QPointF, color: str, width: float) -> None:
    reach = QPointF(max(24.0, (end.x() - start.x()) / 2), 0)
    path = QPainterPath(start)
    path.cubicTo(start + reach, end - reach, end)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(theme().color(color), width))
    painter.drawPath(path)


def _card(painter: QPainter, box: QRectF) -> None:
    painter.setPen(QPen(theme().color("line"), 1))
    painter.setBrush(theme().color("panel"))
    painter.drawRoundedRect(box, 8, 8)


def _search(painter: QPainter, place: QPointF, typed: str, icon: str, color: str, found: str) -> None:
    _card(painter, QRectF(place.x(), place.y(), 200, 78))
    field = QRectF(place.x() + 7, place.y() + 7, 186, 28)
    painter.setPen(QPen(theme().color("focus"), 1.5))
    painter.setBrush(theme().color("field"))
    painter.drawRoundedRect(field, 6, 6)
    paint_icon(painter, QRectF(field.left() + 8, field.top() + 7, 14, 14), "magnifying-glass", theme().color("text-3"))
    _text(painter, field.adjusted(28, 0, -6, 0), typed, "body", "text")
    row = QRectF(place.x() + 7, place.y() + 41, 186, 30)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("select"))
    painter.drawRoundedRect(row, 7, 7)
    tile = QRectF(row.left() + 7, row.top() + 6, 18, 18)
    painter.setBrush(theme().color(color))
    painter.drawRoundedRect(tile, 4, 4)
    paint_icon(painter, tile.adjusted(3, 3, -3, -3), icon, theme().color("on-accent"))
    _text(painter, row.adjusted(34, 0, -6, 0), found, "body", "text")


def _field(painter: QPainter, box: QRectF, label: str, value: str, *, code: bool = False) -> None:
    _card(painter, box)
    _text(painter, QRectF(box.left() + 10, box.top() + 7, box.width() - 20, 18), label, "label", "text-2")
    field = QRectF(box.left() + 9, box.top() + 28, box.width() - 18, 30)
    painter.setPen(QPen(theme().color("focus"), 1.5))
    painter.setBrush(theme().color("field"))
    painter.drawRoundedRect(field, 6, 6)
    _text(painter, field.adjusted(9, 0, -6, 0), value, "code" if code else "body", "accent-text" if code else "text")


def _button(painter: QPainter, box: QRectF, label: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme().color("accent"))
    painter.drawRoundedRect(box, 6, 6)
    paint_icon(painter, QRectF(box.left() + 12, box.center().y() - 7, 14, 14), "play-fill", theme().color("on-accent"))
    _text(painter, box.adjusted(33, 0, -4, 0), label, "strong", "on-accent")


def _text(painter: QPainter, rect: QRectF, text: str, font: str, color: str) -> None:
    painter.setFont(theme().font(font))
    painter.setPen(theme().color(color))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, _MIDDLE, shown)
