"""The moment a widget has been drawn for the first time: what is done after it does not delay the window."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget


class FirstPaint(QObject):
    """Made before the widget is shown, and owned by it."""

    happened = Signal()
    """It has been drawn, and so has all that was drawn with it."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.done = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and not self.done:
            self.done = True
            watched.removeEventFilter(self)
            QTimer.singleShot(0, self, self.happened.emit)  # after the frame this painting belongs to
        return False
