"""Records: a form inside a form, and a list of those."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.forms.context import FormContext
from studio.forms.editors.editor import ValueEditor
from studio.forms.field_group import FieldGroup, with_value
from studio.forms.shape import Declared
from studio.forms.unset import UNSET, same
from studio.widgets.icon_button import IconButton
from studio.widgets.section import Section

_MOST = 60
"""Records that are shown as forms; more of them are YAML."""


class RecordEditor(ValueEditor):
    """One record. Keys that it does not declare are kept."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self._shown: Mapping[str, Any] = {}
        self.group = FieldGroup(self.shape.fields, context, self)
        self.group.changed.connect(self._tell)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.group)
        self.setFocusProxy(self.group)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, dict)

    def set_value(self, value: Any) -> None:
        self._shown = {} if value is UNSET else value
        self.group.set_values(self._shown)

    def _tell(self, name: str, value: Any) -> None:
        self._shown = with_value(self._shown, name, value, self.shape.fields)
        self.edited.emit(dict(self._shown) if self._shown else UNSET)


class RecordsEditor(ValueEditor):
    """A list of records, each folding away under its name; added, moved and removed."""

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self._values: list[Any] = []
        self._cards: list[_Card] = []
        self._list = QVBoxLayout()
        self._list.setSpacing(theme().px(8))
        self._add = QPushButton(icon("plus"), tr("Add"), self)
        set_kind(self._add, "inline")
        self._add.clicked.connect(self.add)
        row = QHBoxLayout()
        row.addWidget(self._add)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme().px(4))
        whole.addLayout(self._list)
        whole.addLayout(row)
        self.setFocusProxy(self._add)

    def accepts(self, value: Any) -> bool:
        return isinstance(value, list) and len(value) <= _MOST and all(isinstance(one, dict) for one in value)

    def set_value(self, value: Any) -> None:
        self._values = [] if value is UNSET else list(value)
        while len(self._cards) > len(self._values):
            card = self._cards.pop()
            self._list.removeWidget(card)
            card.hide()
            card.deleteLater()
        while len(self._cards) < len(self._values):
            card = _Card(self, len(self._cards), self._values[len(self._cards)])
            self._cards.append(card)
            self._list.addWidget(card)
        for number, card in enumerate(self._cards):
            card.show_record(self._values[number], number, len(self._values))

    def add(self) -> None:
        """Add an empty record, and begin to fill it in."""
        self._tell([*self._values, {}])
        self._cards[-1].open()

    def put(self, number: int, record: Any) -> None:
        values = list(self._values)
        values[number] = {} if record is UNSET else record
        self._tell(values)

    def remove(self, number: int) -> None:
        self._tell(self._values[:number] + self._values[number + 1 :])

    def move_record(self, number: int, by: int) -> None:
        values = list(self._values)
        if 0 <= number + by < len(values):
            values[number], values[number + by] = values[number + by], values[number]
            self._tell(values)

    def _tell(self, values: list[Any]) -> None:
        self.set_value(values)
        self.edited.emit(values if values else UNSET)


class _Card(QFrame):
    """One record of the list."""

    def __init__(self, editor: RecordsEditor, number: int, record: Mapping[str, Any]) -> None:
        super().__init__(editor)
        set_kind(self, "card")
        self._editor = editor
        self._number = number
        self._record = record
        self._inner: RecordEditor | None = None
        self.section = Section(self._title(), expanded=number == 0 and not record, build=self._build, parent=self)
        buttons = QWidget(self)
        row = QHBoxLayout(buttons)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self._up = self._button(row, "arrow-up", tr("Move up"), -1)
        self._down = self._button(row, "arrow-down", tr("Move down"), 1)
        self._button(row, "trash", tr("Remove"), 0)
        self.section.set_trailing(buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(theme().px(10), 0, theme().px(10), 0)
        whole.addWidget(self.section)

    def _button(self, row: QHBoxLayout, name: str, text: str, by: int) -> IconButton:
        button = IconButton(name, text, parent=self, side=24, icon_side=14)
        editor = self._editor
        if by:
            button.clicked.connect(lambda: editor.move_record(self._number, by))
        else:
            button.clicked.connect(lambda: editor.remove(self._number))
        row.addWidget(button)
        return button

    def _build(self, section: Section) -> None:
        editor = self._editor
        declared = replace(editor.declared, shape=replace(editor.shape, kind="record"))
        self._inner = RecordEditor(declared, editor.context, section.body)
        self._inner.set_value(self._record)
        self._inner.edited.connect(lambda record: editor.put(self._number, record))
        section.add(self._inner)

    def open(self) -> None:
        self.section.set_expanded(True)
        if self._inner is not None:
            self._inner.group.focus_first()

    def show_record(self, record: Mapping[str, Any], number: int, count: int) -> None:
        self._number = number
        changed = not same(record, self._record)
        self._record = record
        self.section.set_title(self._title())
        self._up.setEnabled(number > 0)
        self._down.setEnabled(number < count - 1)
        if changed and self._inner is not None:
            self._inner.set_value(record)

    def _title(self) -> str:
        for field in self._editor.shape.fields:
            value = self._record.get(field.name)
            if field.shape.kind == "text" and isinstance(value, str) and value:
                return value
        return tr("No. {n}", n=self._number + 1)
