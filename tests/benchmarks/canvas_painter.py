"""The limit: a bare QPainter drawing the same shapes, `python -m tests.benchmarks.canvas_painter COUNT`.

No items, no index, no states: a list is walked, and what is in sight is drawn; near, from half way and from far with
the same parts as our canvas at that zoom.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QWidget

from studio.base.theme import theme
from studio.designer.canvas.curve import Point, flow_curve
from studio.designer.canvas.ink import FAR, NEAR
from tests.benchmarks import frames

STEP = (184.0, 56.0)


class Bare(QWidget):
    def __init__(self, count: int) -> None:
        super().__init__()
        nodes = list(frames.nodes(count))
        self.nodes = [(QRectF(node.x, node.y, *STEP), f"Step number {index}") for index, node in enumerate(nodes)]
        self.wires: list[tuple[QRectF, QPainterPath, QLineF]] = []
        for source, outlet, target in frames.wires(count):
            leaving, entered = nodes[source], nodes[target]
            height = 28 if len(leaving.outlets) == 1 else 19 + 22 * outlet
            curve = flow_curve(Point(leaving.x + STEP[0], leaving.y + height), Point(entered.x, entered.y + 28))
            path = QPainterPath(QPointF(*curve.start))
            path.cubicTo(QPointF(*curve.one), QPointF(*curve.two), QPointF(*curve.end))
            self.wires.append((path.boundingRect(), path, QLineF(QPointF(*curve.start), QPointF(*curve.end))))
        self.zoom = 1.0
        self.centre = QPointF(frames.side(count) * frames.ACROSS / 2, count / frames.side(count) * frames.DOWN / 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        color = theme().color
        painter.fillRect(self.rect(), color("canvas"))
        painter.translate(self.width() / 2, self.height() / 2)
        painter.scale(self.zoom, self.zoom)
        painter.translate(-self.centre)
        back, _ = painter.worldTransform().inverted()
        seen = back.mapRect(QRectF(self.rect()))
        if self.zoom < FAR:
            self._far(painter)
        else:
            self._near(painter, seen, self.zoom >= NEAR)
        painter.end()

    def _far(self, painter: QPainter) -> None:
        pen = QPen(theme().color("wire"))
        pen.setCosmetic(True)
        painter.setPen(pen)
        painter.drawLines([line for _, _, line in self.wires])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("cat-data"))
        painter.drawRects([area for area, _ in self.nodes])

    def _near(self, painter: QPainter, seen: QRectF, close: bool) -> None:
        color = theme().color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("wire"), 1.75))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for bounds, path, _ in self.wires:
            if seen.intersects(bounds):
                painter.drawPath(path)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, close)
        outline, tile, wire, text = QPen(color("node-line"), 1), color("cat-data"), color("wire"), color("text")
        no_pen, raised = Qt.PenStyle.NoPen, color("raised")
        title, summary = theme().font("section"), theme().font("summary")
        for area, name in self.nodes:
            if not seen.intersects(area):
                continue
            x, y = area.x(), area.y()
            painter.setPen(outline)
            painter.setBrush(raised)
            if not close:
                painter.drawRect(area)
                painter.fillRect(QRectF(x + 9, y + 9, 36, 36), tile)
            else:
                painter.drawRoundedRect(area, 9, 9)
                painter.setPen(no_pen)
                painter.setBrush(tile)
                painter.drawRoundedRect(QRectF(x + 9, y + 9, 36, 36), 7, 7)
                painter.setBrush(wire)
                painter.drawEllipse(QPointF(x, y + 28), 5, 5)
                painter.drawEllipse(QPointF(x + STEP[0], y + 28), 5, 5)
            painter.setPen(text)
            painter.setFont(title)
            painter.drawText(QPointF(x + 54, y + 23), name)
            if close:
                painter.setFont(summary)
                painter.drawText(QPointF(x + 54, y + 40), "in/orders.csv")


def main(count: int) -> None:
    app = QApplication([])
    theme().apply(app, "light")

    def load() -> frames.Canvas:
        bare = Bare(count)
        bare.resize(frames.WIDTH, frames.HEIGHT)
        bare.show()
        app.processEvents()

        def zoom(factor: float) -> None:
            bare.zoom = factor

        def fit() -> float:
            across, down = frames.side(count) * frames.ACROSS, count / frames.side(count) * frames.DOWN
            bare.zoom = min((frames.WIDTH - 80) / across, (frames.HEIGHT - 80) / down, 1.0)
            return bare.zoom

        return frames.Canvas(fit, zoom, lambda: bare.grab())

    frames.measure(load)


if __name__ == "__main__":
    main(int(sys.argv[1]))
