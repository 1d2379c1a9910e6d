"""The wires: painted in tiles of a grid, so that thousands are a few items; what moves or is touched lies above."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QGraphicsItem, QGraphicsScene, QStyleOptionGraphicsItem, QWidget

from engine.api import Edge
from studio.base.theme import theme
from studio.designer.canvas.curve import Curve
from studio.designer.canvas.ink import COUNT_SIZE, NEAR, Ink
from studio.designer.canvas.live import WireLive, counted
from studio.designer.canvas.sprites import IDENTITY

TILE = 1024.0
"""Side of a tile in canvas units."""
WIRES_Z, TOUCHED_Z = 0.0, 1.0
_SLACK = 64.0
_EDGE = 26.0
"""Room around a wire for its width and its count."""
HIT = 7.0
"""How far beside a wire it is still hit: half of what tokens call its hit width."""


class Stroke(NamedTuple):
    """How a wire is drawn: a token, its opacity, the width, and the dashes in canvas units."""

    color: str
    width: float
    dashes: tuple[float, ...] = ()
    opacity: float = 1.0

    def pen(self, offset: float = 0.0, *, hair: bool = False) -> QPen:
        color = QColor(theme().color(self.color))
        color.setAlphaF(self.opacity)
        pen = QPen(color, self.width)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if hair:
            pen.setCosmetic(True)
            pen.setWidthF(1.0)
        elif self.dashes:
            pen.setDashPattern([length / self.width for length in self.dashes])
            pen.setDashOffset(offset / self.width)
        return pen


STROKES: Final = {
    "rest": Stroke("wire", 1.75),
    "error": Stroke("wire-error", 1.5),
    "leaving": Stroke("failed", 1.75, (5, 4)),
    "running": Stroke("running", 2.0, (7, 5)),
    "done": Stroke("done", 2.0),
    "dead": Stroke("wire", 1.75, (2, 5), 0.75),
    "failed": Stroke("failed", 2.0),
    "added": Stroke("done", 2.5),
    "removed": Stroke("failed", 2.0, (5, 4)),
    "hover": Stroke("line-strong", 2.5),
    "hover-error": Stroke("wire-error", 2.5),
    "selected": Stroke("focus", 2.5),
    "allowed": Stroke("focus", 2.0),
    "refused": Stroke("failed", 2.0, (5, 4)),
}


class Wire:
    """One wire as it is drawn. `look` names a stroke."""

    __slots__ = ("_path", "curve", "edge", "line", "live", "look", "rect", "tile")

    def __init__(self, edge: Edge, curve: Curve, look: str) -> None:
        self.edge = edge
        self.live: WireLive | None = None
        self.look = look
        self.tile: WireTile | None = None
        self.lead(curve)

    def lead(self, curve: Curve) -> None:
        self.curve = curve
        left, top, width, height = curve.bounds
        self.rect = QRectF(left - _EDGE, top - _EDGE, width + 2 * _EDGE, height + 2 * _EDGE)
        self.line = QLineF(curve.start.x, curve.start.y, curve.end.x, curve.end.y)
        self._path: QPainterPath | None = None

    @property
    def path(self) -> QPainterPath:
        if self._path is None:
            self._path = path_of(self.curve)
        return self._path

    @property
    def cell(self) -> tuple[int, int]:
        middle = self.rect.center()
        return int(middle.x() // TILE), int(middle.y() // TILE)


def path_of(curve: Curve) -> QPainterPath:
    path = QPainterPath(QPointF(*curve.start))
    path.cubicTo(QPointF(*curve.one), QPointF(*curve.two), QPointF(*curve.end))
    return path


class Pill(NamedTuple):
    """The count of a wire, as a sprite."""

    text: str
    color: str
    width: float
    height: float = 16.0

    @property
    def margin(self) -> float:
        return 1.0

    def paint(self, painter: QPainter, k: float) -> None:
        area = QRectF(0, 0, round(self.width * k), round(self.height * k)).adjusted(k / 2, k / 2, -k / 2, -k / 2)
        radius = area.height() / 2
        painter.setPen(QPen(theme().color(self.color), 1.25 * k))
        painter.setBrush(theme().color("raised"))
        painter.drawRoundedRect(area, radius, radius)
        font = QFont(theme().font("count"))
        font.setPixelSize(max(1, round(COUNT_SIZE * k)))
        painter.setFont(font)
        painter.setPen(theme().color("text" if self.color == "wire" else self.color))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, self.text)


class WireTile(QGraphicsItem):
    """The wires whose middle lies in one cell of the grid."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self.setZValue(WIRES_Z)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._ink = ink
        self.wires: dict[Edge, Wire] = {}
        self._groups: dict[str, list[Wire]] | None = None
        self._bounds = QRectF()

    def alter(self, area: QRectF | None = None) -> None:
        """Its wires have changed, in `area` or anywhere. Its bounds only grow, so that what lies elsewhere in the tile
        is not drawn anew whenever a wire is dragged."""
        self._groups = None
        if area is None:
            self.update()
        elif self._bounds.contains(area):
            self.update(area)
        else:
            self.prepareGeometryChange()
            self._bounds = self._bounds.united(area.adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK))

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self._groups is None:
            self._groups = {}
            for wire in self.wires.values():
                self._groups.setdefault(wire.look, []).append(wire)
        exposed: QRectF = option.exposedRect
        world = painter.worldTransform()
        near = world.m11() >= NEAR
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        counts: list[Wire] = []
        for look, wires in self._groups.items():
            if look == "running":
                continue
            painter.setPen(STROKES[look].pen())
            for wire in wires:
                if exposed.intersects(wire.rect):
                    painter.drawPath(wire.path)
                    if near and wire.live is not None and wire.live.count is not None:
                        counts.append(wire)
        for wire in counts:
            paint_count(painter, self._ink, wire)


def paint_count(painter: QPainter, ink: Ink, wire: Wire) -> None:
    """The pill on the middle of a wire."""
    assert wire.live is not None and wire.live.count is not None
    world = painter.worldTransform()
    text = counted(wire.live.count)
    width = max(16.0, round(ink.metrics(ink.count).horizontalAdvance(text)) + 12.0)
    color = STROKES[wire.look].color
    if ink.sprites.scale != world.m11():
        ink.sprites.use(painter, world.m11())
    middle = world.map(QPointF(*wire.curve.middle))
    painter.setWorldTransform(IDENTITY)
    scale = world.m11()
    ink.sprites.draw(painter, middle.x() - width / 2 * scale, middle.y() - 8 * scale, Pill(text, color, width))
    painter.setWorldTransform(world)


class TouchedWires(QGraphicsItem):
    """The wires that move, are hovered or are selected, above all others."""

    def __init__(self, ink: Ink) -> None:
        super().__init__()
        self.setZValue(TOUCHED_Z)
        self.setFlag(QGraphicsItem.GraphicsItemFlag.ItemUsesExtendedStyleOption)
        self._ink = ink
        self.offset = 0.0
        self._wires: dict[Edge, tuple[Wire, str]] = {}
        self._bounds = QRectF()

    def show_wires(self, wires: Iterable[tuple[Wire, str]]) -> None:
        """Exactly these wires, each with the stroke to draw it in."""
        self.prepareGeometryChange()
        self._wires = {wire.edge: (wire, look) for wire, look in wires}
        bounds = QRectF()
        for wire, _ in self._wires.values():
            bounds = bounds.united(wire.rect)
        self._bounds = bounds
        self.update()

    def __len__(self) -> int:
        return len(self._wires)

    def turn(self, offset: float) -> None:
        """Move the dashes."""
        self.offset = offset
        for wire, look in self._wires.values():
            if look == "running":
                self.update(wire.rect)

    def boundingRect(self) -> QRectF:
        return self._bounds

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        exposed: QRectF = option.exposedRect
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        near = painter.worldTransform().m11() >= NEAR
        for wire, look in self._wires.values():
            if exposed.intersects(wire.rect):
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(STROKES[look].pen(-self.offset))
                painter.drawPath(wire.path)
                if near and wire.live is not None and wire.live.count is not None:
                    paint_count(painter, self._ink, wire)


class WireLayer:
    """All wires of a scene, by edge."""

    def __init__(self, scene: QGraphicsScene, ink: Ink) -> None:
        self._scene = scene
        self._ink = ink
        self._tiles: dict[tuple[int, int], WireTile] = {}
        self.wires: dict[Edge, Wire] = {}

    @property
    def tiles(self) -> Iterable[WireTile]:
        return self._tiles.values()

    def lead(self, edge: Edge, curve: Curve, look: str) -> Wire:
        """Add a wire, or lead it elsewhere."""
        wire = self.wires.get(edge)
        if wire is None:
            wire = self.wires[edge] = Wire(edge, curve, look)
        else:
            if wire.tile is not None:
                wire.tile.alter(wire.rect)
            wire.lead(curve)
        cell = wire.cell
        tile = self._tiles.get(cell)
        if tile is None:
            tile = self._tiles[cell] = WireTile(self._ink)
            self._scene.addItem(tile)
        if wire.tile is not tile:
            if wire.tile is not None:
                del wire.tile.wires[edge]
            wire.tile = tile
            tile.wires[edge] = wire
        tile.alter(wire.rect)
        return wire

    def set_look(self, wire: Wire, look: str) -> None:
        wire.look = look
        if wire.tile is not None:
            wire.tile.alter(wire.rect)

    def remove(self, edge: Edge) -> None:
        wire = self.wires.pop(edge)
        if wire.tile is not None:
            del wire.tile.wires[edge]
            wire.tile.alter(wire.rect)

    def clear(self) -> None:
        for tile in self._tiles.values():
            self._scene.removeItem(tile)
        self._tiles.clear()
        self.wires.clear()

    def refresh(self) -> None:
        for tile in self._tiles.values():
            tile.alter()

    def nearest(
        self, x: float, y: float, reach: float, tiles: Iterable[WireTile], at: Callable[[Wire], bool] | None = None
    ) -> Wire | None:
        """The wire of `tiles` nearest to a point, no farther than `reach`."""
        best: tuple[float, Wire] | None = None
        point = QPointF(x, y)
        for tile in tiles:
            for wire in tile.wires.values():
                if wire.rect.contains(point) and (at is None or at(wire)):
                    distance = wire.curve.distance(x, y)
                    if distance <= reach and (best is None or distance < best[0]):
                        best = distance, wire
        return best[1] if best is not None else None
