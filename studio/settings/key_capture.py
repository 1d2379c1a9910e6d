"""A field that takes keys instead of text."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from studio.base.i18n import tr
from studio.base.keys import pressed_keys, shown_keys

_MODIFIERS = {
    Qt.Key.Key_Control,
    Qt.Key.Key_Shift,
    Qt.Key.Key_Alt,
    Qt.Key.Key_AltGr,
    Qt.Key.Key_Meta,
    Qt.Key.Key_CapsLock,
    Qt.Key.Key_NumLock,
    Qt.Key.Key_Super_L,
    Qt.Key.Key_Super_R,
    Qt.Key.Key_unknown,
}


class KeyCapture(QLineEdit):
    """Press keys and `pressed` carries them in Qt's portable notation. Esc leaves, and so does another click."""

    pressed = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setPlaceholderText(tr("Press the keys"))
        self.setAccessibleName(tr("Press the keys"))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()  # else the keys would do what they are for now
            return True
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):  # before Tab moves the focus
            self._take(event)
            return True
        return super().event(event)

    def _take(self, event: QKeyEvent) -> None:
        if Qt.Key(event.key()) in _MODIFIERS:
            return
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self.clear()
            self.left.emit()
            return
        keys = pressed_keys(event)
        if keys:
            self.setText(shown_keys(keys))
            self.pressed.emit(keys)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()
