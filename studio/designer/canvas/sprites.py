"""Small pictures that many steps share, drawn once for a scale and copied afterwards.

A rounded card with its ports costs fifty times as much to draw as to copy. A sprite is drawn in device pixels, its
edges on whole ones, so that lines are crisp at every zoom.
"""

from __future__ import annotations

from math import ceil
from typing import NamedTuple, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform

from studio.base.icons import paint_icon
from studio.base.theme import theme
from studio.base.tokens import RADIUS

IDENTITY = QTransform()
MARGIN = 14.0
"""What a card needs around its step for ports, halo and outline."""
OFF = 0.45
"""The opacity of what is on a skipped or disabled step."""
_KEPT = 3


class Sprite(Protocol):
    """What a picture shows; equal ones share it. It is `width` x `height` canvas units and `margin` around."""

    @property
    def width(self) -> float: ...

    @property
    def height(self) -> float: ...

    @property
    def margin(self) -> float: ...

    def paint(self, painter: QPainter, k: float) -> None:
        """Draw it; `k` device pixels are a canvas unit, and the margin is already left."""
        ...


class Sprites:
    """The pictures of the scales used last."""

    def __init__(self) -> None:
        self.scale = 0.0
        self._dpr = 1.0
        self._by_scale: dict[tuple[float, float], dict[Sprite, QPixmap]] = {}
        self._now: dict[Sprite, QPixmap] = {}

    def clear(self) -> None:
        """Forget everything: the theme has changed."""
        self.scale = 0.0
        self._by_scale.clear()

    def use(self, painter: QPainter, scale: float) -> None:
        """Make ready for drawing with `painter` at `scale` (device-independent pixels a canvas unit)."""
        self._dpr = painter.device().devicePixelRatio()
        self.scale = scale
        known = self._by_scale.pop((scale, self._dpr), None)
        self._now = self._by_scale[scale, self._dpr] = known if known is not None else {}
        while len(self._by_scale) > _KEPT:
            del self._by_scale[next(iter(self._by_scale))]

    def draw(self, painter: QPainter, x: float, y: float, sprite: Sprite) -> None:
        """Draw `sprite` with its upper left corner at `x`, `y` in device-independent pixels; the painter must have
        the identity as its transformation."""
        picture = self._now.get(sprite)
        if picture is None:
            picture = self._now[sprite] = self._made(sprite)
        dpr, edge = self._dpr, ceil(sprite.margin * self.scale * self._dpr)
        painter.drawPixmap(QPointF((round(x * dpr) - edge) / dpr, (round(y * dpr) - edge) / dpr), picture)

    def _made(self, sprite: Sprite) -> QPixmap:
        k = self.scale * self._dpr
        edge = ceil(sprite.margin * k)
        picture = QPixmap(round(sprite.width * k) + 2 * edge, round(sprite.height * k) + 2 * edge)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(edge, edge)
        sprite.paint(painter, k)
        painter.end()
        picture.setDevicePixelRatio(self._dpr)
        return picture


def box(painter: QPainter, area: QRectF, radius: float, line: QColor, width: float, fill: QColor | None) -> None:
    """A rounded box with a line inside its edge."""
    painter.setPen(Qt.PenStyle.NoPen)
    if fill is not None:
        painter.setBrush(line)
        painter.drawRoundedRect(area, radius, radius)
        inner = max(0.0, radius - width)
        painter.setBrush(fill)
        painter.drawRoundedRect(area.adjusted(width, width, -width, -width), inner, inner)
        return
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(line, width))
    half = width / 2
    painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius - half, radius - half)


def diamond(x: float, y: float, radius: float) -> QPainterPath:
    """A square on its corner."""
    path = QPainterPath(QPointF(x, y - radius))
    path.lineTo(x + radius, y)
    path.lineTo(x, y + radius)
    path.lineTo(x - radius, y)
    path.closeSubpath()
    return path


class Card(NamedTuple):
    """The box of a step with its ports. `outs` are the heights of the outlets, `error` the look of the error outlet:
    "" hidden, "hollow", "filled"; `inlet` the height of the inlet, below 0 for none."""

    width: float
    height: float
    inlet: float
    outs: tuple[float, ...]
    line: str = "node-line"
    thick: float = 1.0
    fill: str = "raised"
    dashed: bool = False
    halo: bool = False
    error: str = ""

    @property
    def margin(self) -> float:
        return MARGIN

    def paint(self, painter: QPainter, k: float) -> None:
        color = theme().color
        area = QRectF(0, 0, round(self.width * k), round(self.height * k))
        radius, thick = RADIUS["step"] * k, max(1.0, round(self.thick * k * 2) / 2)
        if self.halo:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("running-halo"))
            edge = 3 * k
            painter.drawRoundedRect(area.adjusted(-edge, -edge, edge, edge), radius + edge, radius + edge)
        elif theme().scheme == "light" and not self.dashed:
            shade = QColor(color("shadow"))
            shade.setAlphaF(0.07)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(area.translated(0, max(1, round(k))), radius, radius)
        if self.dashed:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(self.fill))
            painter.drawRoundedRect(area, radius, radius)
            pen = QPen(color(self.line), thick)
            pen.setDashPattern([4 * k / thick, 3 * k / thick])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = thick / 2
            painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius - half, radius - half)
        else:
            box(painter, area, radius, color(self.line), thick, color(self.fill))
        ports(painter, k, self.inlet, area.width(), self.outs, self.fill)
        error_port(painter, k, area.height(), self.error)


def ports(
    painter: QPainter, k: float, inlet: float, right: float, outs: tuple[float, ...], fill: str = "raised"
) -> None:
    """A hollow inlet on the left edge and full outlets at `right`; heights in canvas units."""
    color = theme().color
    radius = 5 * k
    if inlet >= 0:
        thick = 1.5 * k
        painter.setPen(QPen(color("wire"), thick))
        painter.setBrush(color(fill))
        painter.drawEllipse(QPointF(0, inlet * k), radius - thick / 2, radius - thick / 2)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("wire"))
    for y in outs:
        painter.drawEllipse(QPointF(right, y * k), radius, radius)


def error_port(painter: QPainter, k: float, bottom: float, look: str) -> None:
    """The diamond on the lower edge."""
    if look:
        color = theme().color("failed" if look == "filled" else "wire-error")
        painter.setPen(QPen(color, 1.25 * k))
        painter.setBrush(color if look == "filled" else theme().color("raised"))
        painter.drawPath(diamond(18 * k, bottom, 5.2 * k))


class Tile(NamedTuple):
    """The icon of a step on its category; `once` adds the badge of an effect that must not happen twice."""

    icon: str
    color: str
    once: bool = False
    faded: bool = False
    missing: bool = False
    width: float = 36.0
    height: float = 36.0

    @property
    def margin(self) -> float:
        return 6.0

    def paint(self, painter: QPainter, k: float) -> None:
        color = theme().color
        area = QRectF(0, 0, round(self.width * k), round(self.height * k))
        radius = RADIUS["tile"] * k * self.width / 36
        if self.faded:
            painter.setOpacity(OFF)
        inset = (self.width - self.width * 21 / 36) / 2 * k
        if self.missing:
            pen = QPen(color("line-strong"), max(1.0, k))
            pen.setDashPattern([3, 3])
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(self.color))
            painter.drawRoundedRect(area, radius, radius)
        mark = color("text-2" if self.missing else "on-accent")
        paint_icon(painter, area.adjusted(inset, inset, -inset, -inset), self.icon, mark)
        if self.once:
            centre = QPointF(area.width() - 1.5 * k, area.height() - 1.5 * k)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("off-fill" if self.faded else "raised"))
            painter.drawEllipse(centre, 8 * k, 8 * k)
            half = 7.5 * k
            rect = QRectF(centre.x() - half, centre.y() - half, 2 * half, 2 * half)
            paint_icon(painter, rect, "warning-circle-fill", color("doubt"))


class Badge(NamedTuple):
    """A round mark on a corner: a glyph in the colour of a status."""

    icon: str
    color: str
    width: float = 20.0
    height: float = 20.0

    @property
    def margin(self) -> float:
        return 1.0

    def paint(self, painter: QPainter, k: float) -> None:
        size = round(self.width * k)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("raised"))
        painter.drawEllipse(QRectF(0, 0, size, size))
        if self.icon:
            inset = 2.5 * k
            area = QRectF(0, 0, size, size).adjusted(inset, inset, -inset, -inset)
            paint_icon(painter, area, self.icon, theme().color(self.color))


class Breakpoint(NamedTuple):
    """The dot on the upper left corner; a ring when it is off."""

    on: bool
    width: float = 14.0
    height: float = 14.0

    @property
    def margin(self) -> float:
        return 1.0

    def paint(self, painter: QPainter, k: float) -> None:
        size = round(self.width * k)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color("canvas"))
        painter.drawEllipse(QRectF(0, 0, size, size))
        edge = 2 * k
        painter.setBrush(theme().color("breakpoint"))
        painter.drawEllipse(QRectF(edge, edge, size - 2 * edge, size - 2 * edge))
        if not self.on:
            edge = 4 * k
            painter.setBrush(theme().color("canvas"))
            painter.drawEllipse(QRectF(edge, edge, size - 2 * edge, size - 2 * edge))
