"""What lies under a point of the canvas, in the order in which a person means it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QPointF, QRectF

from engine.api import Edge
from studio.designer.canvas.frame_item import FrameItem
from studio.designer.canvas.note_item import NoteItem
from studio.designer.canvas.overlay import PLUS
from studio.designer.canvas.shape import INLET, Shape
from studio.designer.canvas.step_item import StepItem
from studio.designer.canvas.wires import HIT, WireTile
from studio.designer.edits.places import Rect

if TYPE_CHECKING:
    from studio.designer.canvas.scene import CanvasScene

Kind = Literal["step", "port", "wire", "wire-end", "frame", "frame-edge", "note", "note-edge", "canvas"]
PORT = 12.0
"""Radius of the area of a port."""
END = 28.0
"""How near to the end of a wire its end is meant and not the wire."""
TITLE = 30.0
"""Height of the part of a frame that moves it."""
_BORDER = 5.0
_CORNER = 12.0


@dataclass(frozen=True, slots=True)
class Hit:
    """`port` is the outlet, "" for the inlet (with `edge` the last wire into it, if any). `edge` is the wire. `id` is
    the note or the frame. `side` says which edges of it ("left", "top-left", ...). `kind` "canvas" has `step` where it
    is inside a container, and `id` where it is inside a frame: the innermost ones."""

    kind: Kind = "canvas"
    step: str = ""
    port: str = ""
    edge: Edge | None = None
    id: str = ""
    side: str = ""


def hit(scene: CanvasScene, pos: QPointF, zoom: float = 1.0) -> Hit:
    """What is at `pos` (canvas units); the smaller the zoom, the larger the areas of ports and wires."""
    x, y = pos.x(), pos.y()
    wider = min(1.7, 1 / max(zoom, 1e-6)) if zoom < 1 else 1.0
    reach = PORT * wider
    for point, step, port in scene.pluses:
        if (point.x - x) ** 2 + (point.y - y) ** 2 <= PLUS * PLUS:
            return Hit("port", step, port)
    items = scene.items(QRectF(x - reach, y - reach, 2 * reach, 2 * reach))
    shapes = [item.form for item in items if isinstance(item, StepItem)]
    found = _port(shapes, x, y, reach, scene) or _step(shapes, x, y)
    if found is not None:
        return found
    wire = scene.wires.nearest(x, y, HIT * wider, [item for item in items if isinstance(item, WireTile)])
    if wire is not None:
        end = wire.curve.end
        near = (end.x - x) ** 2 + (end.y - y) ** 2 <= (END * wider) ** 2
        return Hit("wire-end" if near else "wire", edge=wire.edge)
    border = _BORDER * wider
    for item in items:
        if isinstance(item, NoteItem) and (side := _sides(item.box, x, y, border)) is not None:
            return Hit("note-edge" if side else "note", id=item.note.id, side=side)
    inside = min(
        (shape for shape in shapes if shape.container and _holds(shape.box, x, y)),
        key=lambda shape: shape.box.width * shape.box.height,
        default=None,
    )
    step = inside.id if inside is not None else ""
    frames = [item for item in items if isinstance(item, FrameItem)]
    for frame in frames:
        side = _sides(frame.box, x, y, border)
        if side:
            return Hit("frame-edge", step, id=frame.frame.id, side=side)
        if side is not None and not step and y < frame.box.y + TITLE:
            return Hit("frame", id=frame.frame.id)
    around = min(
        (frame for frame in frames if _holds(frame.box, x, y)),
        key=lambda frame: frame.box.width * frame.box.height,
        default=None,
    )
    return Hit("canvas", step, id=around.frame.id if around is not None else "")


def _port(shapes: list[Shape], x: float, y: float, reach: float, scene: CanvasScene) -> Hit | None:
    best: tuple[float, Hit] | None = None
    for shape in shapes:
        for name, point in [(INLET, shape.inlet), *((outlet.name, outlet.point) for outlet in shape.outlets)]:
            distance = (point.x - x) ** 2 + (point.y - y) ** 2
            if distance <= reach * reach and (best is None or distance < best[0]):
                best = distance, Hit("port", shape.id, name)
    if best is None:
        return None
    if best[1].port == INLET:
        incoming = scene.geometry.incoming(best[1].step)
        return Hit("port", best[1].step, INLET, incoming[-1] if incoming else None)
    return best[1]


def _step(shapes: list[Shape], x: float, y: float) -> Hit | None:
    for shape in shapes:
        box = shape.box
        if _holds(box if not shape.container else box._replace(height=shape.header), x, y):
            return Hit("step", shape.id)
    return None


def _holds(box: Rect, x: float, y: float) -> bool:
    return box.x <= x <= box.right and box.y <= y <= box.bottom


def _sides(box: Rect, x: float, y: float, border: float) -> str | None:
    """Which edges of a box are at a point: "" inside, None outside."""
    if not (box.x - border <= x <= box.right + border and box.y - border <= y <= box.bottom + border):
        return None
    reach = _CORNER if _on_border(box, x, y, border) else border
    vertical = "top" if y - box.y <= reach else "bottom" if box.bottom - y <= reach else ""
    horizontal = "left" if x - box.x <= reach else "right" if box.right - x <= reach else ""
    if not _on_border(box, x, y, border):
        return ""
    return "-".join(side for side in (vertical, horizontal) if side)


def _on_border(box: Rect, x: float, y: float, border: float) -> bool:
    return min(abs(x - box.x), abs(x - box.right), abs(y - box.y), abs(y - box.bottom)) <= border
