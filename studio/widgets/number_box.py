"""A whole number with buttons to count up and down."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSpinBox, QWidget

from studio.base.theme import theme


class NumberBox(QSpinBox):
    """Tells a number once it is typed, not with every digit; the wheel scrolls what it stands in."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # The padding of the style sheet does not reach into it.
        self.lineEdit().setTextMargins(theme().px(6), 0, 0, 0)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # a page that is scrolled must not choose on its way
