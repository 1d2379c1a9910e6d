"""Choices: on or off, a few side by side, many in a list."""

from __future__ import annotations

import re
from typing import Any

from PySide6.QtGui import QFontMetrics, QKeyEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.theme import theme
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.shape import Declared
from studio.forms.unset import UNSET, same
from studio.forms.yaml_text import TooLarge, scalar, scalar_text
from studio.widgets.list_box import ListBox
from studio.widgets.segmented import Segmented
from studio.widgets.switch import Switch

_AROUND = 36
"""What a list needs beside its text."""
_WORDS = re.compile(r"[a-z][a-z0-9_ ]*")


def choice_label(value: Any) -> str:
    """A choice in words: `saturday_sunday` is `Saturday sunday`; what is no plain word is shown as it is written."""
    if value is None:
        return tr("None")
    if value is True or value is False:
        return tr("Yes") if value else tr("No")
    if value == "":
        return tr("As it is")
    text = str(value)
    if _WORDS.fullmatch(text) and len(text) > 1:
        text = text.replace("_", " ")
        return tr(text[:1].upper() + text[1:])
    return text


def _begins_expression(event: QKeyEvent) -> str | None:
    """The text with which an expression begins, where that is what a key means."""
    return {"=": "", "{": "{{"}.get(event.text())


class SwitchEditor(ValueEditor):
    """On or off. What is not set is shown as the default."""

    beside = True

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self.switch = Switch(self)
        self.switch.clicked.connect(lambda on: self.edited.emit(bool(on)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.switch)
        self.setFocusProxy(self.switch)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, bool)

    def set_value(self, value: Any) -> None:
        on = self.declared.default is True if value is UNSET else bool(value)
        if self.switch.isChecked() != on:
            self.switch.setChecked(on)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        begun = _begins_expression(event)
        if begun is None:
            super().keyPressEvent(event)
        else:
            self.expression_wanted.emit(begun)


class SegmentEditor(ValueEditor):
    """Two or three choices side by side."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self._choices = self.choices()
        self.segments = Segmented([choice_label(one) for one in self._choices], self)
        if declared.default is not UNSET:
            self.segments.set_ghost(self._place(declared.default))
        self.segments.picked.connect(lambda index: self.edited.emit(self._choices[index]))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.segments)
        self.setFocusProxy(self.segments)

    def choices(self) -> tuple[Any, ...]:
        return self.shape.choices

    def _place(self, value: Any) -> int:
        return next((number for number, one in enumerate(self._choices) if same(one, value)), -1)

    def accepts(self, value: Any) -> bool:
        return self._place(value) >= 0

    def set_value(self, value: Any) -> None:
        self.segments.set_index(-1 if value is UNSET else self._place(value))

    @property
    def comfortable(self) -> int:
        return self.segments.narrowest

    def keyPressEvent(self, event: QKeyEvent) -> None:
        begun = _begins_expression(event)
        if begun is None:
            super().keyPressEvent(event)
        else:
            self.expression_wanted.emit(begun)


class FlagEditor(SegmentEditor):
    """Yes, no, or neither of them."""

    def choices(self) -> tuple[Any, ...]:
        return (True, False)


class ListBoxEditor(ValueEditor):
    """Many choices; where they are `free`, any other value can be typed."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self.box = _Box(self)
        self._values: list[Any] = [UNSET] if self._leaves_open() else []
        self._values += self.shape.choices
        self.box.addItems([self._label(one) for one in self._values])
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.box)
        self.setFocusProxy(self.box)
        if self.shape.free:
            self.box.setEditable(True)
            self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            line = self.box.lineEdit()
            assert line is not None
            line.textEdited.connect(self._typed)
        self.box.activated.connect(self._picked)
        self.set_value(UNSET)

    def _leaves_open(self) -> bool:
        """Whether the list needs an entry for no value: a default that is none of the choices."""
        default = self.declared.default
        return not any(same(one, default) for one in self.shape.choices)

    def _label(self, value: Any) -> str:
        if value is UNSET:
            return tr("Choose one") if self.declared.required else tr("Not set")
        return choice_label(value)

    def accepts(self, value: Any) -> bool:
        if any(same(one, value) for one in self._values):
            return True
        try:
            return self.shape.free and bool(scalar_text(value))
        except TooLarge:
            return False

    def set_value(self, value: Any) -> None:
        shown = self.declared.default if value is UNSET else value
        place = next((number for number, one in enumerate(self._values) if same(one, shown)), -1)
        if place >= 0 or not self.shape.free:
            self.box.setCurrentIndex(place)
        elif not same(scalar(self.box.currentText()), value):
            self.box.setEditText(scalar_text(value))

    @property
    def comfortable(self) -> int:
        metrics = QFontMetrics(theme().font("body"))
        longest = max((metrics.horizontalAdvance(self._label(one)) for one in self._values), default=0)
        return max(super().comfortable, longest + theme().px(_AROUND))

    def _picked(self, index: int) -> None:
        if 0 <= index < len(self._values):
            self.edited.emit(self._values[index])

    def _typed(self, text: str) -> None:
        for value in self._values:
            if value is not UNSET and text in (self._label(value), str(value)):
                self.edited.emit(value)
                return
        if text.startswith("=") or "{{" in text:
            self.expression_wanted.emit("" if text.startswith("=") else text)
        else:
            self.edited.emit(scalar(text) if text else UNSET)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        begun = _begins_expression(event)
        if begun is None:
            super().keyPressEvent(event)
        else:
            self.expression_wanted.emit(begun)


class _Box(ListBox):
    """Leaves `=` to the field."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.isEditable() and _begins_expression(event) is not None:
            event.ignore()
        else:
            super().keyPressEvent(event)
