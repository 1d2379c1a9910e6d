"""The field in which a person types what to look for."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon, paint_icon
from studio.base.theme import theme
from studio.widgets.key_cap import cap_width, paint_cap

_INSET = 8


class SearchField(QLineEdit):
    """A line with a magnifier; `keys` is shown at its end while it is empty. Esc clears it; when empty, Esc goes on."""

    def __init__(self, placeholder: str = "", keys: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keys = keys
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(placeholder)
        self.clear_button = QToolButton(self)
        self.clear_button.setIcon(icon("x", color="text-3"))
        self.clear_button.setToolTip(tr("Clear"))
        self.clear_button.setAccessibleName(tr("Clear"))
        self.clear_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.clear_button.setCursor(Qt.CursorShape.ArrowCursor)
        self.clear_button.setStyleSheet("min-width: 0; min-height: 0; border: 0;")
        self.clear_button.clicked.connect(self.clear)
        self.clear_button.hide()
        self.textChanged.connect(self._show_clear)
        theme().changed.connect(self._restyle)
        self._restyle()

    def _show_clear(self, text: str) -> None:
        if self.clear_button.isHidden() == bool(text):
            self.clear_button.setVisible(bool(text))
            self._restyle()

    def set_keys(self, keys: str) -> None:
        """Show other keys, for a person to read ("Ctrl+F")."""
        self._keys = keys
        self.update()

    def _restyle(self) -> None:
        # The style sheet already leaves 8 pixels; the field's own icons would sit below the middle of the line.
        self.setTextMargins(theme().px(16) + 6, 0, theme().px(20) if self.text() else 0, 0)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                event.ignore()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        side = theme().px(20)
        self.clear_button.setGeometry(self.width() - side - 6, (self.height() - side) // 2, side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        side = theme().px(16)
        glass = QRectF(_INSET, (self.height() - side) / 2, side, side)
        paint_icon(painter, glass, "magnifying-glass", theme().color("text-3" if self.isEnabled() else "text-off"))
        if self._keys and not self.text():
            taken = glass.right() + QFontMetrics(self.font()).horizontalAdvance(self.placeholderText())
            width = cap_width(self._keys)
            if taken + width + 3 * _INSET <= self.width():
                paint_cap(painter, QRect(self.width() - 6 - width, 0, width, self.height()), self._keys)
        painter.end()
