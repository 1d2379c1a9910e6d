"""The field in which a person types what to look for."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.base.icons import icon
from studio.base.theme import theme
from studio.widgets.key_cap import cap_width, paint_cap


class SearchField(QLineEdit):
    """A line with a magnifier; `keys` is shown at its end while it is empty. Esc clears it, and is let through after."""

    def __init__(self, placeholder: str = "", keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.setClearButtonEnabled(True)
        self.addAction(icon("magnifying-glass", color="text-3"), QLineEdit.ActionPosition.LeadingPosition)

    def set_keys(self, keys: str) -> None:
        """Show other keys, for a person to read ("Ctrl+F")."""
        self._keys = keys
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                event.ignore()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        room = self.width() - QFontMetrics(self.font()).horizontalAdvance(self.placeholderText()) - theme().px(44)
        width = cap_width(self._keys) if self._keys else 0
        if not self._keys or self.text() or room < width + theme().px(8):
            return
        painter = QPainter(self)
        right = self.width() - theme().px(6)
        paint_cap(painter, QRect(right - width, 0, width, self.height()), self._keys)
        painter.end()
