"""One open workflow: its document, its selection, and the canvas that shows both."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.api import Catalog
from studio.base.actions import Actions
from studio.base.preferences import preferences
from studio.bridge import Bridge
from studio.designer.canvas.scene import CanvasScene
from studio.designer.canvas.view import CanvasView
from studio.designer.document import WorkflowDocument
from studio.designer.selection import Selection
from studio.widgets.banner import Banner

if TYPE_CHECKING:
    from studio.designer.run.model import RunModel


class Editor(QWidget):
    """Whatever shows or changes the workflow gets it from here. `banners` is the place above the canvas for notices."""

    edit_requested = Signal(str)
    """The id of a step whose form a person wants to fill in."""
    workflow_requested = Signal(Path)
    """A workflow that a step calls is to be opened."""

    def __init__(
        self, document: WorkflowDocument, bridge: Bridge, actions: Actions, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.document = document
        self.bridge = bridge
        self.actions_of = actions
        self.selection = Selection(self)
        self.scene = CanvasScene(document, bridge.catalog, self.selection, self)
        self.view = CanvasView(self.scene, self)
        self.view.set_minimap(bool(preferences().get("minimap")))
        self.banner = Banner(self, margin=8)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.column.addWidget(self.banner)
        self.column.addWidget(self.view, 1)
        self.setFocusProxy(self.view)
        actions.attach("canvas", self.view)
        self.run: RunModel | None = None
        """The execution that is shown."""
        self._seen = False

    @property
    def catalog(self) -> Catalog:
        """The activities there are."""
        return self.bridge.catalog

    @property
    def folder(self) -> Path | None:
        """Where relative paths of the workflow start; None until it is saved."""
        return self.document.path.parent if self.document.path is not None else None

    def reveal(self, step_id: str) -> None:
        """Select a step and bring it into view."""
        if step_id in self.scene.geometry.shapes:
            self.selection.select_steps([step_id])
            self.view.ensure_seen(step_id)

    def refresh_activities(self) -> None:
        """Activities were loaded, or are gone: show every step as it is declared now."""
        self.document.forget_plan()
        self.scene.rebuild()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._seen:
            self._seen = True
            # Only once it is laid out does the view know its size.
            QTimer.singleShot(0, self, self._first_look)

    def _first_look(self) -> None:
        if not self.scene.empty:
            self.view.fit(animate=False)
            if self.view.zoom > self.view.natural:
                self.view.zoom_to(self.view.natural)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.selection.clear()
            return
        super().keyPressEvent(event)
