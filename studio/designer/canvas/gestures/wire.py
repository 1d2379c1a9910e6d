"""Drawing wires: from an outlet, back from an inlet, and leading an end of one elsewhere."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter

from engine.api import ERROR, Edge
from studio.base.i18n import tr
from studio.base.theme import theme
from studio.designer import edits
from studio.designer.canvas.gestures.base import Gesture, Pointer
from studio.designer.canvas.gestures.spot import Spot, centred
from studio.designer.canvas.gestures.surface import Surface
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.overlay import Verdict
from studio.designer.canvas.shape import STEP_HEIGHT
from studio.designer.rules import Refusals
from studio.designer.selection import Selected

_LIT = 7.0
_MOST = 600
"""Steps in sight that are lit; more of them are too small to aim at."""


class Lead(Gesture):
    """Leads a wire from an outlet to a step; with `moved` the end of that wire instead of a new one.

    Let go over nothing, a new wire asks which step shall be there, and a moved one is gone.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, source: str, port: str, moved: Edge | None = None) -> None:
        super().__init__(surface)
        self._source, self._port, self._moved = source, port, moved

    def press(self, at: Pointer) -> None:
        surface = self.surface
        self._start = QPointF(*surface.geometry.outlet(self._source, self._port))
        self._target = self._why = ""
        self._refusals = Refusals(
            surface.workflow, surface.document.plan, surface.catalog, self._source, self._port, moved=self._moved
        )
        seen = surface.scene.steps_in(surface.visible)
        self._lit = self._refusals.allowed(seen) if len(seen) <= _MOST else frozenset()
        self.surface.show_gesture()
        self.move(at)

    def move(self, at: Pointer) -> Gesture | None:
        scene = self.surface.scene
        self._target = at.hit.step if at.hit.kind in ("step", "port") else ""
        if self._target == self._source and at.hit.kind == "port" and at.hit.port == self._port:
            self._target = ""
        here = self._moved is not None and self._target == self._moved.target
        self._why = self._refusals.why_not(self._target) if self._target and not here else ""
        end = at.scene
        if self._target and not self._why:
            end = QPointF(*self.surface.geometry.inlet(self._target))
        verdict: Verdict = "refused" if self._why else "allowed" if self._target else ""
        scene.provisional_wire(self._start, end, verdict, error=self._port == ERROR.name)
        scene.highlight_drop(Hit("port", self._target) if self._target and not self._why else None)
        self.surface.say(self._why, at.view)
        return None

    def release(self, at: Pointer) -> None:
        target, why, moved, surface = self._target, self._why, self._moved, self.surface
        self.cancel()
        if why:
            surface.refused.emit(why)
        elif target and moved is not None:
            text = tr("Lead a wire to “{step}”", step=surface.name(target))
            surface.edit(
                text,
                lambda workflow: edits.move_target(workflow, moved, target) if target != moved.target else workflow,
            )
            surface.selection.set(Selected(edges=frozenset({Edge(self._source, self._port, target)})))
        elif target:
            text = tr(
                "Connect “{source}” to “{target}”", source=surface.name(self._source), target=surface.name(target)
            )
            surface.edit(text, lambda workflow: edits.connect(workflow, self._source, self._port, target))
        elif moved is not None:
            surface.edit(tr("Cut a wire"), lambda workflow: edits.disconnect(workflow, [moved]))
        elif not self._refusals.outlet:
            place = QPointF(at.scene.x(), at.scene.y() - STEP_HEIGHT / 2)
            surface.search_requested.emit(Spot(place, (self._source, self._port)))

    def cancel(self) -> None:
        self.surface.scene.provisional_wire(None)
        self.surface.scene.highlight_drop(None)
        self.surface.say("")

    def paint(self, painter: QPainter) -> None:
        light_up(
            painter,
            [QPointF(*self.surface.geometry.inlet(id)) for id in self._lit if id in self.surface.geometry.shapes],
        )


class LeadBack(Gesture):
    """Leads a wire back from a step to the outlet it shall come from; with `moved` the start of that wire.

    Let go over nothing, a new wire asks which step shall be there, and a moved one is gone.
    """

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self, surface: Surface, target: str, moved: Edge | None = None) -> None:
        super().__init__(surface)
        self._target, self._moved = target, moved

    def press(self, at: Pointer) -> None:
        self._end = QPointF(*self.surface.geometry.inlet(self._target))
        self._from: tuple[str, str] | None = None
        self._why = ""
        self._answers: dict[tuple[str, str], str] = {}
        self.move(at)

    def move(self, at: Pointer) -> Gesture | None:
        surface = self.surface
        self._from = self._outlet(at.hit)
        self._why = self._refusal(self._from) if self._from is not None else ""
        start = at.scene
        allowed = self._from is not None and not self._why
        if self._from is not None and allowed:
            start = QPointF(*surface.geometry.outlet(*self._from))
        verdict: Verdict = "refused" if self._why else "allowed" if allowed else ""
        error = self._from is not None and self._from[1] == ERROR.name
        surface.scene.provisional_wire(start, self._end, verdict, error=error)
        surface.scene.highlight_drop(Hit("port", *self._from) if self._from is not None and allowed else None)
        surface.say(self._why, at.view)
        return None

    def _outlet(self, hit: Hit) -> tuple[str, str] | None:
        """The outlet under the mouse; over a step the one by which the flow goes on."""
        if hit.kind == "port" and hit.port:
            return hit.step, hit.port
        step = self.surface.step(hit.step) if hit.kind in ("step", "port") else None
        if step is None or hit.step == self._target:
            return None
        outlet = edits.main_outlet(step, self.surface.catalog)
        return (step.id, outlet or ERROR.name)

    def _refusal(self, source: tuple[str, str]) -> str:
        if self._moved is not None and source == (self._moved.source, self._moved.port):
            return ""
        if source not in self._answers:
            surface = self.surface
            refusals = Refusals(surface.workflow, surface.document.plan, surface.catalog, *source, moved=self._moved)
            self._answers[source] = refusals.why_not(self._target)
        return self._answers[source]

    def release(self, at: Pointer) -> None:
        source, why, moved, surface = self._from, self._why, self._moved, self.surface
        self.cancel()
        if why:
            surface.refused.emit(why)
        elif source is not None and moved is not None:
            text = tr("Lead a wire from “{step}”", step=surface.name(source[0]))
            same = source == (moved.source, moved.port)
            surface.edit(text, lambda workflow: workflow if same else edits.move_source(workflow, moved, *source))
        elif source is not None:
            names = {"source": surface.name(source[0]), "target": surface.name(self._target)}
            text = tr("Connect “{source}” to “{target}”", **names)
            surface.edit(text, lambda workflow: edits.connect(workflow, *source, self._target))
        elif moved is not None:
            surface.edit(tr("Cut a wire"), lambda workflow: edits.disconnect(workflow, [moved]))
        else:
            surface.search_requested.emit(Spot(centred(at.scene), target=self._target))

    def cancel(self) -> None:
        self.surface.scene.provisional_wire(None)
        self.surface.scene.highlight_drop(None)
        self.surface.say("")


def light_up(painter: QPainter, points: list[QPointF]) -> None:
    """Rings around inlets that a wire may lead to."""
    halo = QColor(theme().color("focus"))
    halo.setAlphaF(0.35)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(halo)
    for point in points:
        painter.drawEllipse(point, _LIT, _LIT)
