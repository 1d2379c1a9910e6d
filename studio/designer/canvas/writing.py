"""Writing on the canvas itself: the text of a note, the title of a frame, the name of a step."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from studio.base.i18n import tr
from studio.designer import edits
from studio.designer.canvas.gestures.surface import Surface

_LEAST = (140, 30)


def write(surface: Surface, kind: str, id: str) -> QWidget | None:
    """Open an editor over a note ("note"), the title of a frame ("frame") or that of a step ("step")."""
    surface.view.settle()  # an editor does not move along
    layout = surface.workflow.layout
    if kind == "note":
        note = next((note for note in layout.notes if note.id == id), None)
        if note is None or id not in surface.scene.notes:
            return None
        text = QPlainTextEdit(note.text, _beside(surface))
        text.setAccessibleName(tr("Text of the note"))
        text.setPlaceholderText(tr("Markdown: **bold**, - lists, # titles"))
        box = QRectF(*surface.scene.notes[id].box)
        return _Writing(surface, text, box, text.toPlainText, lambda new: _write_note(surface, id, new)).editor
    if kind == "frame":
        frame = next((frame for frame in layout.frames if frame.id == id), None)
        if frame is None or id not in surface.scene.frames:
            return None
        box = QRectF(*surface.scene.frames[id].box)
        box.setHeight(30)
        title = QLineEdit(frame.title, _beside(surface))
        title.setAccessibleName(tr("Title of the frame"))
        return _Writing(surface, title, box, title.text, lambda new: _write_frame(surface, id, new)).editor
    step = surface.step(id)
    if step is None:
        return None
    surface.view.ensure_seen(id, animate=False)
    box = surface.scene.box(id)
    box.setHeight(30)
    name = QLineEdit(step.label, _beside(surface))
    name.setPlaceholderText(surface.name(id))
    name.setAccessibleName(tr("Name of the step"))
    return _Writing(surface, name, box, name.text, lambda new: _write_label(surface, id, new)).editor


def _beside(surface: Surface) -> QWidget:
    """What the editor lies in: not the view, whose keys would reach into it."""
    return surface.view.parentWidget() or surface.view


class _Writing(QObject):
    """An editor over the canvas: leaving it keeps what was written, Esc does not."""

    def __init__(
        self,
        surface: Surface,
        editor: QPlainTextEdit | QLineEdit,
        box: QRectF,
        text: Callable[[], str],
        done: Callable[[str], None],
    ) -> None:
        super().__init__(editor)
        self.editor = editor
        self._surface, self._text, self._done = surface, text, done
        self._open = True
        self._before = text()
        editor.installEventFilter(self)
        surface.document.changed.connect(self._keep_on)
        area = surface.view.mapFromScene(box).boundingRect().adjusted(-1, -1, 1, 1)
        area.setSize(area.size().expandedTo(QSize(*_LEAST)))
        area.moveTopLeft(surface.view.viewport().mapTo(_beside(surface), area.topLeft()))
        editor.setGeometry(area)
        editor.show()
        editor.raise_()
        editor.selectAll()
        editor.setFocus(Qt.FocusReason.OtherFocusReason)
        surface.view.view_changed.connect(self._scrolled)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.FocusOut:
            self.close(keep=True)
        elif event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                event.accept()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            several = isinstance(self.editor, QPlainTextEdit)
            if event.key() == Qt.Key.Key_Escape:
                self.close(keep=False)
                return True
            if entered and (not several or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
                self.close(keep=True)
                return True
        return False

    def _scrolled(self) -> None:
        self.close(keep=True)

    def _keep_on(self, delta: object) -> None:
        """Somebody else has changed the document: what was written so far is kept if there is still a place for it."""
        if not self._surface.editing:
            self.close(keep=True)

    def close(self, *, keep: bool) -> None:
        """Take the editor away, once."""
        if not self._open:
            return
        self._open = False
        self._surface.view.view_changed.disconnect(self._scrolled)
        self._surface.document.changed.disconnect(self._keep_on)
        new = self._text()
        focused = self.editor.hasFocus()
        self.editor.hide()
        self.editor.deleteLater()
        if keep and new != self._before:
            self._done(new)
        if focused:
            self._surface.view.setFocus(Qt.FocusReason.OtherFocusReason)


def _write_note(surface: Surface, id: str, text: str) -> None:
    if any(note.id == id for note in surface.workflow.layout.notes):
        surface.edit(tr("Write a note"), lambda workflow: edits.set_note(workflow, id, text=text))


def _write_frame(surface: Surface, id: str, title: str) -> None:
    if any(frame.id == id for frame in surface.workflow.layout.frames):
        surface.edit(tr("Name a frame"), lambda workflow: edits.set_frame(workflow, id, title=title))


def _write_label(surface: Surface, id: str, label: str) -> None:
    if surface.step(id) is not None:
        text = tr("Name a step “{name}”", name=label or id)
        surface.edit(text, lambda workflow: edits.set_fields(workflow, id, label=label.strip()))
