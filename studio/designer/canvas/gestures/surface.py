"""What gestures and keys work on: the canvas of one editor, and what they may ask of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, QPointF, QRectF, Signal

from engine.api import Catalog, Edge, Place, Step, Workflow
from studio.designer.canvas.geometry import Geometry
from studio.designer.canvas.gestures.hint import Hint
from studio.designer.canvas.hits import Hit
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.canvas.wires import HIT, WireTile
from studio.designer.document import WorkflowDocument
from studio.designer.edits import Rect
from studio.designer.rules import name_of
from studio.designer.selection import Selected, Selection


class Surface(QObject):
    """One canvas, for whoever changes what is on it. The scene shows, the document keeps."""

    edit_requested = Signal(str)
    """A step shall be edited: the inspector takes the focus."""
    open_requested = Signal(str)
    """The workflow that a step calls shall be opened."""
    search_requested = Signal(object)
    """A `Spot`: a step shall be searched for, and added there."""
    write_requested = Signal(str, str)
    """The text of a note or the title of a frame shall be written: "note" or "frame", and its id."""
    menu_requested = Signal(object, QPoint)
    """A context menu: the `Hit` it is for, and the place on the screen."""
    file_dropped = Signal(Path)
    """A workflow file was let go over the canvas."""
    refused = Signal(str)
    """Something was not done, and why."""

    def __init__(self, view: CanvasView) -> None:
        super().__init__(view)
        self.view = view
        self.scene: CanvasScene = view.canvas
        self.editing = False
        """Whether the change of the document that is just told of is one of ours."""
        self._hint = Hint(view.viewport())
        self.refused.connect(self.tell)
        self.document.changed.connect(self._hint.hide)  # what was refused before has been got over

    @property
    def document(self) -> WorkflowDocument:
        return self.scene.document

    @property
    def workflow(self) -> Workflow:
        return self.scene.document.workflow

    @property
    def selection(self) -> Selection:
        return self.scene.selection

    @property
    def catalog(self) -> Catalog:
        return self.scene.catalog

    @property
    def geometry(self) -> Geometry:
        return self.scene.geometry

    @property
    def zoom(self) -> float:
        """Pixels a canvas unit."""
        return self.view.zoom

    @property
    def boxes(self) -> Mapping[str, Rect]:
        """The boxes of the steps."""
        return self.scene.geometry.boxes

    @property
    def places(self) -> Mapping[str, Place]:
        """Where every step stands, also those that the file does not place."""
        return self.places_of(self.geometry.shapes)

    def places_of(self, ids: Iterable[str]) -> Mapping[str, Place]:
        """Where these steps stand."""
        return {id: Place(*self.geometry.place(id)) for id in ids}

    @property
    def visible(self) -> QRectF:
        """What of the canvas is in sight."""
        return self.view.seen()

    @property
    def cursor(self) -> QPointF:
        """Where the mouse is on the canvas; the middle of what is in sight when it is elsewhere."""
        port = self.view.viewport()
        at = port.mapFromGlobal(port.cursor().pos())
        if not port.underMouse() or not port.rect().contains(at):
            at = port.rect().center()
        return self.view.mapToScene(at)

    def step(self, id: str) -> Step | None:
        """The step of that id."""
        return next((step for step in self.workflow.steps if step.id == id), None)

    def name(self, id: str) -> str:
        """What a person calls a step."""
        step = self.step(id)
        return name_of(step, self.catalog) if step is not None else id

    def edit(
        self, text: str, change: Callable[[Workflow], Workflow], select: Selected | None = None, *, merge: str = ""
    ) -> bool:
        """One undo command called `text` (translated), and what is selected after it."""
        self.editing = True
        try:
            done = self.document.edit(text, change, merge=merge)
        finally:
            self.editing = False
        if select is not None:
            self.selection.set(select.within(self.workflow))
        return done

    def say(self, text: str, at: QPoint | None = None) -> None:
        """Show a short text beside the mouse (`at` in the viewport) during a gesture; an empty one hides it."""
        if text and at is not None:
            self._hint.say(text, at, stay=True)
        else:
            self._hint.hide()

    def tell(self, text: str) -> None:
        """Show a text for a while, beside the mouse or in the middle of the canvas."""
        self._hint.say(text, self.view.mapFromScene(self.cursor), stay=False)

    @property
    def said(self) -> str:
        """The text that is shown beside the mouse."""
        return self._hint.text() if self._hint.isVisible() else ""

    def hit(self, at: QPoint) -> Hit:
        """What lies under a point of the viewport."""
        return self.view.hit(at)

    def wire_at(self, at: QPointF) -> Edge | None:
        """The wire at a point of the canvas, whatever lies above it."""
        reach = 2 * HIT / min(self.zoom, 1.0)
        area = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        tiles = [item for item in self.scene.items(area) if isinstance(item, WireTile)]
        wire = self.scene.wires.nearest(at.x(), at.y(), reach, tiles)
        return wire.edge if wire is not None else None

    def show_gesture(self) -> None:
        """Draw again what the gesture paints."""
        self.view.viewport().update()

    def wires_of(self, steps: Collection[str]) -> frozenset[Edge]:
        """The wires between these steps."""
        return frozenset(edge for edge in self.workflow.edges if edge.source in steps and edge.target in steps)
