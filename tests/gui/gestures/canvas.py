"""A canvas with everything that takes mouse and keys, and a hand that uses it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from engine.api import Catalog, Document, Edge, Layout, Place, Step, Workflow
from studio.base.actions import Actions
from studio.designer import edits
from studio.designer.actions import ACTIONS
from studio.designer.canvas.router import Router
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.document import WorkflowDocument
from studio.designer.selection import Selected

CATALOG = Catalog(entry_points=False)
NONE = Qt.KeyboardModifier.NoModifier
CTRL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier
LEFT = Qt.MouseButton.LeftButton


def steps_at(*placed: tuple[str, str, float, float], edges: Sequence[Edge] = ()) -> Workflow:
    """Steps as (id, activity, x, y)."""
    return Workflow(
        steps=tuple(Step(id, activity) for id, activity, _, _ in placed),
        edges=tuple(edges),
        layout=Layout({id: Place(x, y) for id, _, x, y in placed}),
    )


def row() -> Workflow:
    """Three steps in a row, and one that stands alone below."""
    return steps_at(
        ("a", "control.log", 0, 0),
        ("b", "control.log", 232, 0),
        ("c", "control.log", 464, 0),
        ("lone", "data.sort", 40, 200),
        edges=(Edge("a", "next", "b"), Edge("b", "next", "c")),
    )


class Canvas:
    """`hand` methods send real mouse events to the viewport, at points of the canvas."""

    def __init__(self, workflow: Workflow, parent: QWidget) -> None:
        self.document = WorkflowDocument(Document(workflow), edits.ports_of(CATALOG))
        self.scene = CanvasScene(self.document, CATALOG, parent=parent)
        self.view = CanvasView(self.scene, parent)
        self.view.set_minimap(False)
        self.view.resize(1000, 640)
        self.actions = Actions(parent)
        self.actions.add(ACTIONS)
        self.router = Router(self.view, self.actions)
        self.surface = self.router.surface
        self.start = self.document.document

    @property
    def workflow(self) -> Workflow:
        return self.document.workflow

    @property
    def selected(self) -> Selected:
        return self.scene.selection.value

    @property
    def commands(self) -> list[str]:
        """The names of the edits that can be undone."""
        return [self.document.undo_stack.text(n) for n in range(self.document.undo_stack.count())]

    def place(self, id: str) -> tuple[float, float]:
        place = self.workflow.layout.steps[id]
        return place.x, place.y

    def middle(self, id: str) -> QPointF:
        shape = self.scene.geometry.shapes[id]
        return QPointF(shape.box.x + 90, shape.box.y + (shape.header or shape.box.height) / 2)

    def outlet(self, id: str, port: str = "next") -> QPointF:
        return QPointF(*self.scene.geometry.outlet(id, port))

    def inlet(self, id: str) -> QPointF:
        return QPointF(*self.scene.geometry.inlet(id))

    def wire(self, source: str, target: str, port: str = "next") -> QPointF:
        return QPointF(*self.scene.geometry.curves[Edge(source, port, target)].middle)

    def at(self, point: QPointF) -> QPoint:
        return self.view.mapFromScene(point)

    def press(self, point: QPointF, keys: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mousePress(self.view.viewport(), button, keys, self.at(point))

    def release(self, point: QPointF, keys: Qt.KeyboardModifier = NONE, button: Qt.MouseButton = LEFT) -> None:
        QTest.mouseRelease(self.view.viewport(), button, keys, self.at(point))

    def move(self, point: QPointF, keys: Qt.KeyboardModifier = NONE, buttons: Qt.MouseButton = LEFT) -> None:
        port, at = self.view.viewport(), QPointF(self.at(point))
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, QPointF(port.mapToGlobal(at)), Qt.MouseButton.NoButton, buttons, keys
        )
        QApplication.sendEvent(port, event)

    def click(self, point: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
        self.press(point, keys)
        self.release(point, keys)

    def double_click(self, point: QPointF) -> None:
        self.click(point)
        QTest.mouseDClick(self.view.viewport(), LEFT, NONE, self.at(point))

    def begin(self, *points: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
        """Press at the first point and drag along the others, without letting go."""
        self.press(points[0], keys)
        last = points[0]
        for point in points[1:]:
            for share in (0.25, 0.5, 0.75, 1.0):
                self.move(last + (point - last) * share, keys)
            last = point

    def drag(self, *points: QPointF, keys: Qt.KeyboardModifier = NONE) -> None:
        self.begin(*points, keys=keys)
        self.release(points[-1], keys)

    def key(self, key: Qt.Key, keys: Qt.KeyboardModifier = NONE) -> None:
        QTest.keyClick(self.view, key, keys)

    def undone(self) -> bool:
        """Undo everything; whether the document is exactly what it was."""
        while self.document.undo_stack.canUndo():
            self.document.undo()
        return self.document.document == self.start
