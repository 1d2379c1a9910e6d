"""Numbers, typed; what is no number stays as it was typed, and is told to be none."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from studio.base.i18n import tr
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.line import Line
from studio.forms.shape import Declared
from studio.forms.shown import brief
from studio.forms.unset import UNSET, same

_WHOLE = re.compile(r"[+-]?\d{1,4000}")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?")


class NumberEditor(ValueEditor):
    """A number with its unit; the arrow keys count up and down within the bounds."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self.line = _NumberLine(self)
        self.line.text_edited.connect(self._tell)
        self.line.stepped.connect(self._step)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme().px(8))
        row.addWidget(self.line, 1)
        if self.shape.unit:
            unit = QLabel(tr(self.shape.unit), self)
            set_kind(unit, "small")
            row.addWidget(unit)
        if declared.default is not UNSET:
            self.line.setPlaceholderText(brief(declared.default, 40))
        elif declared.placeholder:
            self.line.setPlaceholderText(tr(declared.placeholder))
        self.setFocusProxy(self.line)

    def accepts(self, value: Any) -> bool:
        if isinstance(value, str):
            return value != "" and "\n" not in value and len(value) < 10_000
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return False
        return not isinstance(value, int) or value.bit_length() < 3_000

    def set_value(self, value: Any) -> None:
        if value is UNSET:
            self.line.set_text("")
        elif not same(self._value(self.line.text()), value):
            self.line.set_text(_written(value))

    def _value(self, text: str) -> Any:
        text = text.strip()
        if not text:
            return UNSET
        if _WHOLE.fullmatch(text):
            return int(text)
        if _NUMBER.fullmatch(text):
            return float(text)
        # A comma is how much of the world writes it.
        if _NUMBER.fullmatch(text.replace(",", ".", 1)):
            return float(text.replace(",", ".", 1))
        return text

    def _tell(self, text: str) -> None:
        if text.startswith("=") or "{{" in text:
            self.line.set_text("")
            self.expression_wanted.emit("" if text.startswith("=") else text)
            return
        self.edited.emit(self._value(text))

    def _step(self, by: int) -> None:
        value = self._value(self.line.text())
        if value is UNSET:
            value = self.declared.default if isinstance(self.declared.default, (int, float)) else 0
        if isinstance(value, (str, bool)):
            return
        value += by
        if self.shape.minimum is not None:
            value = max(value, type(value)(self.shape.minimum))
        if self.shape.maximum is not None:
            value = min(value, type(value)(self.shape.maximum))
        self.line.set_text(_written(value))
        self.edited.emit(value)


class _NumberLine(Line):
    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        by = steps.get(Qt.Key(event.key()), 0)
        if by and not event.modifiers():
            self.stepped.emit(by)
        else:
            super().keyPressEvent(event)


def _written(value: Any) -> str:
    if isinstance(value, float):
        return repr(value)
    return str(value)
