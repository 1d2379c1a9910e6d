"""Choosing a secret by its name; a value is never shown, nor taken."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon


class SecretEdit(QComboBox):
    """The names of the secrets there are, and room to type one that is not there yet. `edited` tells the name."""

    edited = Signal(str)

    def __init__(self, names: Callable[[], Sequence[str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names = names
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.lineEdit()
        assert line is not None
        line.setPlaceholderText(tr("Name of a secret"))
        line.textEdited.connect(self.edited)
        self.activated.connect(lambda index: self.edited.emit(self.itemText(index)))
        self._fill()

    def name(self) -> str:
        return self.currentText()

    def set_name(self, name: str) -> None:
        """Show `name` without telling."""
        if self.currentText() != name:
            self.setEditText(name)

    def showPopup(self) -> None:
        self._fill()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._fill()

    def _fill(self) -> None:
        names = list(self._names())
        if [self.itemText(number) for number in range(self.count())] == names:
            return
        shown = self.currentText()
        self.clear()
        for name in names:
            self.addItem(icon("key"), name)
        self.setEditText(shown)
