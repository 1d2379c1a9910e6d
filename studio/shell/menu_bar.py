"""The row of menu titles, which shows the letters that open them only to who is about to press one."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QMenuBar, QStyleOptionMenuItem, QWidget


class MenuBar(QMenuBar):
    """Underlines the letters while Alt is held, or while the bar itself has the keys."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._alt = _Alt(self)

    @property
    def underlined(self) -> bool:
        """Whether the letters are marked now."""
        return self._alt.held or self.hasFocus()

    def initStyleOption(self, option: QStyleOptionMenuItem, action: QAction) -> None:
        super().initStyleOption(option, action)
        if not self.underlined:
            option.text = option.text.replace("&", "")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self._alt.set(False)


class _Alt(QObject):
    """Whether Alt is held in the window of a menu bar."""

    def __init__(self, bar: MenuBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self.held = False
        bar.window().installEventFilter(self)

    def set(self, held: bool) -> None:
        self.held = held
        self._bar.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.WindowDeactivate:
            self.set(False)
        elif isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Alt:
            # The first of a press, also where a field keeps the key for itself.
            self.set(kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress))
        return False
