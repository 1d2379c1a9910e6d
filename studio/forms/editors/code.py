"""Code: a script, a query, a template, with line numbers."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QToolButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import theme
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor, shows
from studio.forms.shape import Declared
from studio.forms.unset import UNSET
from studio.widgets.code_edit import CodeEdit

_SHORTEST, _LONGEST = 6, 18
_MOST = 1_000_000
"""Characters that the editor takes."""


class CodeEditor(ValueEditor):
    """Grows with its text; a window of its own gives it all the room there is."""

    templates = True

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self.edit = CodeEdit(self.shape.language, self)
        default = declared.default
        self.edit.setPlaceholderText(str(default) if default is not UNSET else tr(declared.placeholder))
        self.edit.text_edited.connect(self._tell)
        self.edit.blockCountChanged.connect(self._fit)
        self._enlarge = QToolButton(self.edit)
        self._enlarge.setIcon(icon("arrows-out-simple"))
        self._enlarge.setIconSize(QSize(theme().px(14), theme().px(14)))
        self._enlarge.setToolTip(tr("Edit in a larger window"))
        self._enlarge.setAccessibleName(self._enlarge.toolTip())
        self._enlarge.setCursor(Qt.CursorShape.PointingHandCursor)
        self._enlarge.clicked.connect(self.open_large)
        self._window: QDialog | None = None
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.edit)
        self.setFocusProxy(self.edit)
        self._fit()

    def accepts(self, value: Any) -> bool:
        return isinstance(value, str) and len(value) <= _MOST and shows(value)

    def set_value(self, value: Any) -> None:
        text = "" if value is UNSET else str(value)
        self.edit.set_text(text)
        self._fit()

    def open_large(self) -> None:
        """Edit the same text in a window of its own."""
        dialog = QDialog(self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowTitle(tr(self.declared.label))
        dialog.resize(theme().px(900), theme().px(640))
        large = CodeEdit(self.shape.language, dialog)
        large.set_text(self.edit.text())
        large.text_edited.connect(self._take)
        layout = QVBoxLayout(dialog)
        layout.setContentsMargins(theme().px(12), theme().px(12), theme().px(12), theme().px(12))
        layout.addWidget(large)
        self.edit.text_edited.connect(large.set_text)
        dialog.open()
        large.setFocus()

    def _take(self, text: str) -> None:
        self.edit.set_text(text)
        self._tell(text)

    def _tell(self, text: str) -> None:
        self.edited.emit(text if text or (isinstance(self.declared.default, str) and self.declared.default) else UNSET)

    def _fit(self) -> None:
        lines = max(_SHORTEST, min(self.edit.blockCount(), _LONGEST))
        self.edit.setFixedHeight(lines * self.edit.fontMetrics().lineSpacing() + theme().px(14))

    def resizeEvent(self, event: Any) -> None:
        super().resizeEvent(event)
        side = theme().px(24)
        self._enlarge.setGeometry(self.edit.width() - side - theme().px(6), theme().px(4), side, side)
