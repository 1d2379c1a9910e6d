"""A container on the canvas: the box behind its bodies, and the header with its ports before the wires."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QStaticText, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.api import Catalog, Step
from studio.base.i18n import tr
from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.canvas.ink import NEAR, Ink
from studio.designer.canvas.shape import HEADER, Shape
from studio.designer.canvas.sprites import IDENTITY, OFF, error_port, ports
from studio.designer.canvas.step_item import StepItem

BACK_Z = -10.0
TITLE_X = 44.0
PROGRESS = 3.0


class ContainerBack(QGraphicsItem):
    """The box itself, behind wires and steps."""

    def __init__(self, ink: Ink, depth: int) -> None:
        super().__init__()
        self._ink = ink
        self.set_depth(depth)
        self._area = QRectF()
        self._line = ("body-line", 1.5)
        self._hint = False
        self._header = HEADER

    def set_depth(self, depth: int) -> None:
        """How many containers are around it."""
        self.setZValue(BACK_Z + min(depth, 900) / 100)

    def show_shape(self, shape: Shape, empty: bool) -> None:
        self.prepareGeometryChange()
        self.setPos(shape.box.x, shape.box.y)
        self._area = QRectF(0, 0, shape.box.width, shape.box.height)
        self._header = shape.header
        self._hint = empty
        self.update()

    def set_line(self, color: str, width: float) -> None:
        if (color, width) != self._line:
            self._line = color, width
            self.update()

    def boundingRect(self) -> QRectF:
        return self._area.adjusted(-2, -2, 2, 2)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        color, near = theme().color, painter.worldTransform().m11() >= NEAR
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, near)
        painter.setBrush(color("body-fill"))
        painter.setPen(self._ink.pen(*self._line) if near else self._ink.hair(self._line[0]))
        if not near:
            painter.drawRect(self._area)
            return
        half = self._line[1] / 2
        painter.drawRoundedRect(self._area.adjusted(half, half, -half, -half), RADIUS["body"], RADIUS["body"])
        if self._hint:
            painter.setPen(color("text-3"))
            painter.setFont(self._ink.summary)
            painter.drawText(
                self._area.adjusted(0, self._header, 0, 0), Qt.AlignmentFlag.AlignCenter, tr("Drop steps here")
            )


class ContainerItem(StepItem):
    """The header of a container, its ports, and its outline when it is selected."""

    def __init__(self, ink: Ink, catalog: Catalog, step: Step, shape: Shape, back: ContainerBack) -> None:
        super().__init__(ink, catalog, step, shape)
        self.back = back
        self._chip: QStaticText | None = None
        self._chip_width = 0.0
        self._title_width = 0.0
        self._head = QPainterPath()
        self._head_of: tuple[float, float] = (0.0, 0.0)

    def refresh(self) -> None:
        self._chip = self._title = None  # the longer the chip, the shorter the title
        super().refresh()

    @property
    def chip(self) -> str:
        """What the header says on the right: the live state, else how many rounds run at a time."""
        if self.live is not None and self.live.chip:
            return self.live.chip
        for name in ("concurrency", "limit"):
            value = self.step.parameters.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and value > 1:
                return tr("{n} at a time", n=value)
        return ""

    def _prepare(self) -> None:
        super()._prepare()
        assert self._card is not None
        line, width = self._card.line, self._card.thick
        self.back.set_line("body-line" if line == "node-line" else line, max(1.5, width))
        self._tile = self._tile._replace(width=28.0, height=28.0) if self._tile is not None else None

    def _make_title(self) -> QStaticText:
        ink, box = self.ink, self.form.box
        chip = self.chip
        self._chip_width = ink.metrics(ink.summary).horizontalAdvance(chip) + 20 if chip else 0.0
        if self.status == "running" and chip:
            self._chip_width += 16
        self._chip = ink.static(chip) if chip else None
        room = box.width - TITLE_X - 16 - (self._chip_width + 8 if chip else 0)
        title, self._title_cut = ink.shortened(self.look.title, ink.title, room)
        self._title = title
        self._title_width = ink.metrics(ink.title).horizontalAdvance(title.text())
        left = room - self._title_width - 10
        second = self._second()
        self._summary, self._summary_cut = (
            ink.shortened(second, ink.summary, left, middle=self._path) if left > 30 else (None, bool(second))
        )
        self._make_below()
        return title

    @property
    def _drop(self) -> float:
        """From the middle of the title to its baseline."""
        return self.ink.ascent(self.ink.title) - self.ink.metrics(self.ink.title).height() / 2

    def _header_path(self) -> QPainterPath:
        box, header = self.form.box, self.form.header
        if self._head_of != (box.width, header):
            self._head_of = box.width, header
            radius = RADIUS["body"] - 1.5
            left, top, right, bottom = 1.5, 1.5, box.width - 1.5, header
            path = QPainterPath(QPointF(left, bottom))
            path.lineTo(left, top + radius)
            path.quadTo(left, top, left + radius, top)
            path.lineTo(right - radius, top)
            path.quadTo(right, top, right, top + radius)
            path.lineTo(right, bottom)
            path.closeSubpath()
            self._head = path
        return self._head

    def _paint_near(self, painter: QPainter, world: QTransform, scale: float) -> None:
        assert self._card is not None and self._tile is not None
        color, box, header = theme().color, self.form.box, self.form.header
        title = self._title or self._make_title()
        if self.selected:
            self._paint_selection(painter)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillPath(self._header_path(), color(self._card.fill))
        progress = self.live.progress if self.live is not None else None
        if progress is not None:
            full = box.width - 3
            painter.fillRect(QRectF(1.5, header, full, PROGRESS), color("running-halo"))
            done = max(0.0, min(1.0, progress)) * full
            painter.fillRect(QRectF(1.5, header, done, PROGRESS), color("running"))
        else:
            painter.fillRect(QRectF(1.5, header - 1, box.width - 3, 1), color("node-line"))
        ports(painter, 1.0, self._card.inlet, box.width, self._card.outs)
        error_port(painter, 1.0, box.height, self._card.error)
        self._paint_bodies(painter)
        if self.fresh:
            self._paint_fresh(painter)
        x, y = world.dx(), world.dy()
        sprites = self.ink.sprites
        painter.setWorldTransform(IDENTITY)
        sprites.draw(painter, x + 9 * scale, y + 8 * scale, self._tile)
        self._paint_corners(painter, x, y, scale)
        painter.setWorldTransform(world)
        self._write_header(painter, title)
        if self.status == "running":
            self._paint_arc(painter)

    def _write_header(self, painter: QPainter, title: QStaticText) -> None:
        ink, color, box = self.ink, theme().color, self.form.box
        middle = self.form.inlet.y - box.y
        self._name(painter, title, TITLE_X, middle + self._drop)
        small = middle - ink.metrics(ink.summary).height() / 2 + 0.5
        if self._summary is not None:
            painter.setPen(ink.faded("text-2", OFF) if self.off else color("text-2"))
            painter.setFont(ink.summary)
            painter.drawStaticText(QPointF(TITLE_X + self._title_width + 10, small), self._summary)
        if self._chip is not None:
            running = self.status == "running"
            left = box.width - 14 - self._chip_width
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("running-soft" if running else "hover"))
            painter.drawRoundedRect(QRectF(left, middle - 10, self._chip_width, 20), RADIUS["chip"], RADIUS["chip"])
            painter.setPen(color("running" if running else "text-2"))
            painter.setFont(ink.summary)
            painter.drawStaticText(QPointF(left + (26 if running else 10), small), self._chip)
            if running:
                self._paint_turning(painter, QRectF(left + 9, middle - 6, 12, 12))
        if self._below is not None:
            text, width = self._below
            painter.setPen(color("text-3"))
            painter.setFont(ink.below)
            painter.drawStaticText(QPointF(box.width - width, box.height + 4), text)

    def _paint_bodies(self, painter: QPainter) -> None:
        bodies = [outlet for outlet in self.form.outlets if outlet.kind == "body"]
        ink, color, box = self.ink, theme().color, self.form.box
        for outlet in bodies:
            y = outlet.point.y - box.y
            path = QPainterPath(QPointF(0, y - 7))
            path.arcTo(QRectF(-7, y - 7, 14, 14), 90, -180)
            path.closeSubpath()
            painter.fillPath(path, color("wire"))
            if len(bodies) > 1:
                painter.setPen(color("text-2"))
                painter.setFont(ink.label)
                label = ink.metrics(ink.label).elidedText(outlet.label, Qt.TextElideMode.ElideRight, 66)
                painter.drawStaticText(QPointF(12, y - 5 - ink.metrics(ink.label).height()), ink.name(label, ink.label))

    def _paint_turning(self, painter: QPainter, area: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self.ink.pen("running", 2.0))
        painter.drawArc(area, round((90 - StepItem.spin) * 16), -250 * 16)

    def turn(self) -> None:
        super().turn()
        if self._chip is not None:
            self.update(QRectF(self.form.box.width - 14 - self._chip_width, 8, 32, 28))

    def _paint_middle(self, painter: QPainter, world: QTransform, scale: float) -> None:
        assert self._card is not None and self._tile is not None
        ink, card, box = self.ink, self._card, self.form.box
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.fillRect(QRectF(1.5, 1.5, box.width - 3, self.form.header), theme().color(card.fill))
        if self.selected:
            painter.setPen(ink.hair("focus", 2.0))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(0, 0, box.width, box.height))
        title = self._title or self._make_title()
        self._name(painter, title, TITLE_X, HEADER / 2 + self._drop)
        x, y = world.dx(), world.dy()
        painter.setWorldTransform(IDENTITY)
        ink.sprites.draw(painter, x + 9 * scale, y + 8 * scale, self._tile)
        self._paint_corners(painter, x, y, scale)
