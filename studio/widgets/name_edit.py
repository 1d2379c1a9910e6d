"""Choosing something that is kept elsewhere by its name: a secret, a credential, an integration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QComboBox, QWidget

from studio.base.icons import icon


class NameEdit(QComboBox):
    """The names there are, and room to type one that is not there yet. `edited` tells the name."""

    edited = Signal(str)

    def __init__(
        self, names: Callable[[], Sequence[str]], glyph: str, placeholder: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._names = names
        self._glyph = glyph
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        line = self.lineEdit()
        assert line is not None
        line.setPlaceholderText(placeholder)
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
            self.addItem(icon(self._glyph), name)
        self.setEditText(shown)
