"""Where the tasks of the guided tour are done in the designer, and what it looks at."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtWidgets import QWidget

from engine.api import Workflow
from studio.designer.page import DesignerPage
from studio.designer.palette import PalettePane


def place_of(task: str, page: DesignerPage) -> QRect | None:
    """Where a task is done, in global coordinates; None where that is not to be seen."""
    editor = page.editor
    widget: QWidget | None = None
    if task == "new":
        widget = page.tabs
    elif task == "run":
        widget = page.tool_row.run
    elif task in ("file", "fill"):
        widget = page.docks["inspector"].pane
    elif task == "add":
        page.show_pane("palette", focus=False)
        palette = page.docks["palette"].pane
        widget = palette.search if isinstance(palette, PalettePane) else palette
    elif task == "join" and editor is not None and editor.scene.geometry.shapes:
        shape = next(iter(editor.scene.geometry.shapes.values()))
        if shape.outlets:
            editor.view.ensure_seen(shape.id, animate=False)
            point = shape.outlets[0].point
            at = editor.view.viewport().mapToGlobal(editor.view.mapFromScene(point.x, point.y))
            return QRect(at - QPoint(12, 12), QSize(24, 24))
    if widget is None or not widget.isVisible():
        return None
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


def facts(page: DesignerPage) -> tuple[Workflow | None, bool]:
    """The workflow in front, and whether the execution shown of it succeeded."""
    editor = page.editor
    if editor is None:
        return None, False
    return editor.document.workflow, editor.run is not None and editor.run.status == "succeeded"
