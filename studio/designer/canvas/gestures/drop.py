"""Things dragged onto the canvas from elsewhere: an activity from the palette, a workflow file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QPointF, QRectF

from engine.api import SUFFIX
from studio.designer.canvas.gestures.spot import Spot, add_at, can_follow, centred, inside
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.shape import STEP_HEIGHT, STEP_WIDTH
from studio.designer.edits import snapped

ACTIVITY = "application/x-rpa-activity"
"""The MIME type of a dragged activity; its data is the activity's id."""


def activity_of(data: QMimeData) -> str:
    """The id of the activity that is dragged; "" for none."""
    return bytes(data.data(ACTIVITY).data()).decode("utf-8", "replace") if data.hasFormat(ACTIVITY) else ""


def files_of(data: QMimeData) -> list[Path]:
    """The workflow files that are dragged."""
    urls = data.urls() if data.hasUrls() else []
    return [Path(url.toLocalFile()) for url in urls if url.isLocalFile() and url.toLocalFile().endswith(SUFFIX)]


class Drop:
    """What happens while something is dragged over the canvas, and when it is let go."""

    def __init__(self, surface: Surface) -> None:
        self._surface = surface

    def accepts(self, data: QMimeData) -> bool:
        return bool(activity_of(data) or files_of(data))

    def over(self, data: QMimeData, at: QPointF) -> None:
        """Show where it would go."""
        activity = activity_of(data)
        if not activity:
            return
        spot = self.spot(activity, at)
        scene = self._surface.scene
        corner = QPointF(snapped(spot.at.x()), snapped(spot.at.y()))
        if spot.edge is not None:
            scene.highlight_drop(spot.edge)
        else:
            scene.highlight_drop(QRectF(corner.x(), corner.y(), STEP_WIDTH, STEP_HEIGHT))
        if spot.source is not None:
            start = QPointF(*self._surface.geometry.outlet(*spot.source))
            scene.provisional_wire(start, QPointF(corner.x(), corner.y() + STEP_HEIGHT / 2), "allowed")
        else:
            scene.provisional_wire(None)

    def leave(self) -> None:
        """Take back what was shown."""
        self._surface.scene.highlight_drop(None)
        self._surface.scene.provisional_wire(None)

    def drop(self, data: QMimeData, at: QPointF) -> None:
        """Let go at a point of the canvas."""
        self.leave()
        activity = activity_of(data)
        if activity:
            add_at(self._surface, self.spot(activity, at), activity)
        for path in files_of(data):
            self._surface.file_dropped.emit(path)

    def spot(self, activity: str, at: QPointF) -> Spot:
        """Where a step goes that is let go at a point: into a wire or a body, else where it is."""
        surface = self._surface
        known = surface.catalog.get(activity)
        edge = surface.wire_at(at)
        if edge is not None and known is not None and can_follow(surface, Spot(at, edge=edge), known):
            return Spot(centred(at), edge=edge)
        hit = surface.scene.hit(at, surface.zoom)
        container = hit.step if hit.kind == "canvas" else ""
        return Spot(centred(at), inside(surface, container, at) if container else None)
