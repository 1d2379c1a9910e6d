"""The field of plain text that all editors of text are made of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence, QPalette, QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from studio.base.theme import theme


class PlainEdit(QPlainTextEdit):
    """`text_edited` tells what a person changed; `set_text`, and whatever is done `quietly`, tells nothing.

    The field's own undo lasts while it has the focus; outside of that undo is the document's.
    """

    text_edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._quiet = False
        self.textChanged.connect(self._changed)
        theme().changed.connect(self._restyle)

    def text(self) -> str:
        """The text, character by character; Qt's own way to ask for it makes blanks of those that do not break."""
        return self.document().toRawText().replace("\u2029", "\n")

    def set_text(self, text: str) -> None:
        """Show `text`. The cursor and the view stay where they were as far as that place still exists."""
        if text == self.text():
            return
        position, scrolled = self.textCursor().position(), self.verticalScrollBar().value()
        with self.quietly():
            self.setPlainText(text)
        cursor = self.textCursor()
        cursor.setPosition(min(position, max(0, self.document().characterCount() - 1)))
        self.setTextCursor(cursor)
        self.verticalScrollBar().setValue(scrolled)

    def replace(self, start: int, end: int, text: str) -> None:
        """Put `text` in place of the characters from `start` to `end`, as if it had been typed."""
        cursor = self.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        self.setTextCursor(cursor)

    @contextmanager
    def quietly(self) -> Iterator[None]:
        """What changes meanwhile is not what a person changed."""
        self._quiet = True
        try:
            yield
        finally:
            self._quiet = False

    def _changed(self) -> None:
        if not self._quiet:
            self.text_edited.emit(self.text())

    def _restyle(self) -> None:
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.PlaceholderText, theme().color("text-3"))
        self.setPalette(palette)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            document, keys = self.document(), QKeySequence.StandardKey
            undone = event.matches(keys.Undo) and not document.isUndoAvailable()
            if undone or (event.matches(keys.Redo) and not document.isRedoAvailable()):
                event.ignore()  # what the field cannot undo any more is for the document to undo
                return True
        return super().event(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.document().clearUndoRedoStacks()
