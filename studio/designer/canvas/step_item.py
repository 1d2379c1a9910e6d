"""A step on the canvas: one item that paints its card, its ports and its states, near and from half way."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QStaticText, QTransform
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from engine.api import Catalog, Step
from studio.base.theme import theme
from studio.base.tokens import RADIUS
from studio.designer.canvas.ink import FIRST, NEAR, SECOND, Ink
from studio.designer.canvas.live import StepLive
from studio.designer.canvas.look import Look, look
from studio.designer.canvas.shape import STEP_HEIGHT, Shape
from studio.designer.canvas.sprites import IDENTITY, MARGIN, OFF, Badge, Breakpoint, Card, Tile

STEP_Z = 2.0
TEXT_X = 54.0
BELOW = 20.0
"""What stands below a step: its duration."""
GLYPHS: Final = {
    "done": ("check-circle-fill", "done"),
    "failed": ("x-circle-fill", "failed"),
    "retrying": ("arrow-clockwise-bold", "failed"),
    "waiting": ("clock-bold", "waiting"),
    "doubt": ("question-fill", "doubt"),
    "paused": ("pause-circle-fill", "warn-mark"),
    "skipped": ("arrow-bend-up-right", "text-3"),
    "disabled": ("prohibit", "text-3"),
    "error": ("warning-circle-fill", "failed"),
    "warning": ("warning-fill", "warn-mark"),
}
MARKS: Final = {
    "added": ("plus-circle-fill", "done"),
    "removed": ("minus-circle-fill", "failed"),
    "changed": ("pencil-simple-bold", "paused"),
    "moved": ("arrows-out-cardinal-bold", "text-3"),
}
_DOT: Final = Badge("circle-fill", "running")
"""What stands for the turning arc from half way."""
LINES: Final = {
    "running": ("running", 1.5),
    "failed": ("failed", 1.5),
    "retrying": ("failed", 1.5),
    "doubt": ("doubt", 2.0),
    "paused": ("warn-mark", 2.0),
}


class StepItem(QGraphicsItem):
    """Whoever changes an attribute calls `refresh`; `spin` is the turn of the running arc in degrees."""

    spin = 0.0
    """Shared by all: they turn together."""

    def __init__(self, ink: Ink, catalog: Catalog, step: Step, shape: Shape) -> None:
        super().__init__()
        self.setZValue(STEP_Z)
        self.ink = ink
        self._catalog = catalog
        self.step = step
        self.form = shape
        self.live: StepLive | None = None
        self.problem = ""
        self.mark = ""
        self.breakpoint: bool | None = None
        self.selected = self.hovered = self.error_wired = False
        self.fresh = 0.0
        """How much of the outline of a step that has just finished is left, 1 to 0."""
        self._look: Look | None = None
        self._card: Card | None = None
        self._tile: Tile | None = None
        self._badge: Badge | None = None
        self._title: QStaticText | None = None
        self._summary: QStaticText | None = None
        self._below: tuple[QStaticText, float] | None = None
        self._title_cut = self._summary_cut = False
        self._bounds = self._bounds_of(shape)
        self.setPos(shape.box.x, shape.box.y)

    # -- what it is --------------------------------------------------------------------------------------------------

    @property
    def look(self) -> Look:
        if self._look is None:
            self._look = look(self.step, self._catalog)
        return self._look

    @property
    def status(self) -> str:
        return self.live.status if self.live is not None else ""

    @property
    def off(self) -> bool:
        """Whether it is disabled or was skipped."""
        return self.step.disabled or self.status == "skipped"

    def set_form(self, shape: Shape) -> None:
        old, self.form = self.form, shape
        if (old.box.width, old.box.height) != (shape.box.width, shape.box.height):
            self.prepareGeometryChange()
            self._bounds = self._bounds_of(shape)
            self._title = self._summary = None
        if (shape.box.x, shape.box.y) != (old.box.x, old.box.y):
            self.setPos(shape.box.x, shape.box.y)
        self._card = None

    def set_step(self, step: Step) -> None:
        self.step = step
        self._look = None
        self.restyle()

    def restyle(self) -> None:
        """Draw it anew, its title too: that, or the theme, has changed."""
        self._title = None
        self.refresh()

    def refresh(self) -> None:
        """Draw it anew: its state has changed."""
        self._card = self._tile = self._badge = None
        self._summary = self._below = None
        self.update()

    def turn(self) -> None:
        """Draw the running arc anew."""
        self.update(QRectF(self.form.box.width - 13, -9, 22, 22))

    @property
    def tooltip(self) -> str:
        """The full text of what is shortened."""
        return f"{self.look.title}\n{self._second()}".strip() if self._title_cut or self._summary_cut else ""

    @property
    def _path(self) -> bool:
        return self.look.path and self._second() is self.look.summary

    def _second(self) -> str:
        if self.live is not None and self.live.message and self.live.status in ("waiting", "failed", "retrying"):
            return self.live.message.partition("\n")[0]
        return self.look.summary

    # -- drawing -----------------------------------------------------------------------------------------------------

    def _bounds_of(self, shape: Shape) -> QRectF:
        return QRectF(-MARGIN, -MARGIN, shape.box.width + 2 * MARGIN, shape.box.height + MARGIN + BELOW)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        world = painter.worldTransform()
        scale = world.m11()
        sprites = self.ink.sprites
        if sprites.scale != scale:
            sprites.use(painter, scale)
        if self._card is None:
            self._prepare()
        if scale < NEAR:
            self._paint_middle(painter, world, scale)
        else:
            self._paint_near(painter, world, scale)

    def _prepare(self) -> None:
        """Everything that can be known before drawing."""
        seen, form, status, box = self.look, self.form, self.status, self.form.box
        line, thick = LINES.get(status, ("node-line", 1.0))
        fill = "paused-fill" if status == "paused" else "off-fill" if self.off else "raised"
        dashed = self.off or not seen.known
        if line == "node-line":
            if not seen.known:
                line, thick = "warn-mark", 1.25
            elif dashed:
                line = "line-strong"
        if self.mark:
            line, thick, dashed = MARKS[self.mark][1], 2.0, dashed or self.mark in ("removed", "moved")
        if self.hovered and line == "node-line":
            line = "line-strong"
        failed = status in ("failed", "retrying")
        self._card = Card(
            box.width,
            box.height,
            form.inlet.y - box.y,
            tuple(outlet.point.y - box.y for outlet in form.outlets if outlet.kind == "out"),
            line,
            thick,
            fill,
            dashed,
            status == "running",
            "filled" if failed else "hollow" if self.error_wired or self.selected or self.hovered else "",
        )
        self._tile = Tile(seen.icon, seen.color, seen.once, self.off, not seen.known)
        self._badge = self._corner()

    def _corner(self) -> Badge | None:
        status = self.status
        if status == "running":
            return Badge("", "running")
        key = status or ("disabled" if self.step.disabled else self.problem or ("" if self.look.known else "warning"))
        glyph = GLYPHS.get(key)
        return Badge(*glyph) if glyph is not None else None

    def _room(self) -> float:
        """The width that title and summary may take."""
        outs = [outlet for outlet in self.form.outlets if outlet.kind == "out"]
        right = 12.0
        if len(outs) > 1:
            metrics = self.ink.metrics(self.ink.label)
            right = 18 + min(72.0, max(metrics.horizontalAdvance(outlet.label) for outlet in outs))
        return self.form.box.width - TEXT_X - right

    def _make_title(self) -> QStaticText:
        """The title alone: from half way nothing else is written, and hundreds come into sight at once."""
        self._title, self._title_cut = self.ink.shortened(self.look.title, self.ink.title, self._room())
        return self._title

    def _make_rest(self) -> QStaticText:
        """What else is written near by."""
        ink = self.ink
        text, room = self._second(), self._room()
        self._summary, self._summary_cut = ink.shortened(text, ink.summary, room, middle=self._path)
        self._make_below()
        return self._summary

    def _make_below(self) -> None:
        if self.live is not None and self.live.text:
            ink, text = self.ink, self.live.text
            self._below = ink.static(text), ink.metrics(ink.below).horizontalAdvance(text)

    def _paint_near(self, painter: QPainter, world: QTransform, scale: float) -> None:
        assert self._card is not None and self._tile is not None
        sprites = self.ink.sprites
        x, y = world.dx(), world.dy()
        if self.selected:
            self._paint_selection(painter)
        painter.setWorldTransform(IDENTITY)
        sprites.draw(painter, x, y, self._card)
        sprites.draw(painter, x + 9 * scale, y + 9 * scale, self._tile)
        if self.fresh:
            painter.setWorldTransform(world)
            self._paint_fresh(painter)
            painter.setWorldTransform(IDENTITY)
        self._paint_corners(painter, x, y, scale)
        painter.setWorldTransform(world)
        self._write(painter)
        if self.status == "running":
            self._paint_arc(painter)

    def _paint_corners(self, painter: QPainter, x: float, y: float, scale: float) -> None:
        """Status, and breakpoint or difference; `x`, `y` is the upper left corner in device-independent pixels."""
        sprites = self.ink.sprites
        if self._badge is not None:
            badge = self._badge if self._badge.icon or scale >= NEAR else _DOT
            sprites.draw(painter, x + (self.form.box.width - 12) * scale, y - 8 * scale, badge)
        if self.breakpoint is not None:
            sprites.draw(painter, x - 5 * scale, y - 5 * scale, Breakpoint(self.breakpoint))
        elif self.mark:
            sprites.draw(painter, x - 8 * scale, y - 8 * scale, Badge(*MARKS[self.mark]))

    def _name(self, painter: QPainter, title: QStaticText, x: float, baseline: float) -> None:
        """Write the title, struck through where the step is disabled."""
        ink = self.ink
        painter.setPen(ink.faded("text", OFF) if self.off else theme().color("text"))
        painter.setFont(ink.title)
        painter.drawStaticText(QPointF(x, baseline - ink.ascent(ink.title)), title)
        if self.step.disabled:  # by hand: a static text puts the line of a struck font somewhere else
            y = baseline - ink.metrics(ink.title).xHeight() / 2
            painter.drawLine(QPointF(x, y), QPointF(x + ink.metrics(ink.title).horizontalAdvance(title.text()), y))

    def _write(self, painter: QPainter) -> None:
        ink, box = self.ink, self.form.box
        summary = self._summary or self._make_rest()
        off = self.off
        self._name(painter, self._title or self._make_title(), TEXT_X, FIRST)
        painter.setPen(ink.faded("text-2", OFF) if off else theme().color("text-2"))
        painter.setFont(ink.summary)
        painter.drawStaticText(QPointF(TEXT_X, SECOND - ink.ascent(ink.summary)), summary)
        if len(self.form.outlets) > 2:
            painter.setFont(ink.label)
            metrics = ink.metrics(ink.label)
            for outlet in self.form.outlets[:-1]:
                label = metrics.elidedText(outlet.label, Qt.TextElideMode.ElideRight, 72)
                x = box.width - 11 - metrics.horizontalAdvance(label)
                top = outlet.point.y - box.y - metrics.height() / 2
                painter.drawStaticText(QPointF(x, top), ink.name(label, ink.label))
        if self._below is not None:
            text, width = self._below
            painter.setPen(theme().color("text-3"))
            painter.setFont(ink.below)
            painter.drawStaticText(QPointF(box.width - width, box.height + 4), text)

    def _paint_arc(self, painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(theme().color("running"), 2.25)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        area = QRectF(self.form.box.width - 8, -4, 12, 12)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme().color("running-halo"), 2.25))
        painter.drawEllipse(area)
        painter.setPen(pen)
        painter.drawArc(area, round((90 - StepItem.spin) * 16), -100 * 16)

    def _paint_selection(self, painter: QPainter) -> None:
        """The outline outside of the card; its ports lie on it."""
        self._paint_round(painter, self.ink.pen("focus", 2.0), 2.5)

    def _paint_fresh(self, painter: QPainter) -> None:
        """What is left of the outline of a step that has just finished."""
        color = QColor(theme().color("done"))
        color.setAlphaF(self.fresh)
        self._paint_round(painter, QPen(color, 1.5), -0.75)

    def _paint_round(self, painter: QPainter, pen: QPen, edge: float) -> None:
        """A rounded line `edge` outside of the box."""
        box, radius = self.form.box, RADIUS["body" if self.form.container else "step"] + edge
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(-edge, -edge, box.width + 2 * edge, box.height + 2 * edge), radius, radius)

    def _paint_middle(self, painter: QPainter, world: QTransform, scale: float) -> None:
        assert self._card is not None and self._tile is not None
        ink, card = self.ink, self._card
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(ink.hair("focus" if self.selected else card.line, 2.0 if self.selected else 1.0))
        painter.setBrush(theme().color(card.fill))
        painter.drawRect(QRectF(0, 0, card.width, card.height))
        self._name(painter, self._title or self._make_title(), TEXT_X, STEP_HEIGHT / 2 + 5)
        x, y = world.dx(), world.dy()
        painter.setWorldTransform(IDENTITY)
        ink.sprites.draw(painter, x + 9 * scale, y + 9 * scale, self._tile)
        self._paint_corners(painter, x, y, scale)
