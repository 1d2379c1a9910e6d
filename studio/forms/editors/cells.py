"""Lists, names with values, and rows of columns, as small tables."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.forms.context import FormContext
from studio.forms.editors.choice import choice_label
from studio.forms.editors.editor import ValueEditor, shows
from studio.forms.editors.secret import secret_name, secret_reference
from studio.forms.expression_edit import ExpressionEdit
from studio.forms.shape import TEXT, Declared, Shape
from studio.forms.unset import UNSET, same
from studio.forms.yaml_text import TooLarge, scalar, scalar_text
from studio.widgets.cells import Column
from studio.widgets.table_edit import TableEdit

_MOST = 2_000
"""Rows; more of them belong in a file that a step reads."""
_LONGEST = 20_000
"""Characters of a cell."""
_TEXTS = frozenset({"text", "path", "date", "expression"})
_NAMED = re.compile(r"`(\w+)`")


def cell_value(text: str, item: Shape) -> Any:
    """What a cell means for items of that shape."""
    if item.kind in _TEXTS:
        return text
    if item.kind == "secret":
        return secret_reference(text) if re.fullmatch(r"[\w.-]{1,128}", text) else text
    if item.kind == "choice":
        for choice in item.choices:
            if text in (str(choice), choice_label(choice)):
                return choice
    return scalar(text, groups=True)


def cell_text(value: Any, item: Shape) -> str:
    """The cell that means `value`. Raises `TooLarge` where there is none."""
    if item.kind == "secret":
        name = secret_name(value)
        if name is not None:
            return name
    text = value if isinstance(value, str) and item.kind in _TEXTS else scalar_text(value, groups=True)
    if len(text) > _LONGEST or not shows(text) or not same(cell_value(text, item), value):
        raise TooLarge("the value cannot stand in a cell")
    return text


class CellsEditor(ValueEditor):
    """One column for a list, two for a mapping, one for each key for a list of mappings.

    In a list of mappings an empty cell is a key that is not there, and `""` an empty text. A row that nobody touches
    stays the very value that it was.
    """

    def __init__(self, declared: Declared, context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(declared, context, parent)
        self._item = self.shape.item or TEXT
        self._known: dict[tuple[str, ...], Any] = {}
        self._empty: Any = UNSET
        lazy = self._item.kind == "expression"

        def cell(parent: QWidget) -> QWidget:
            return ExpressionEdit(context, parent, lazy=lazy, most=1)

        self.table = TableEdit(
            self._columns(),
            self,
            extensible=self.shape.kind == "table",
            headings=self.shape.kind != "list",
            cell_editor=cell,
        )
        self.table.view.setAccessibleName(tr(declared.label))
        self.table.edited.connect(self._tell)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.table)
        self.setFocusProxy(self.table)

    def _columns(self) -> list[Column]:
        choices = tuple(str(one) for one in self._item.choices)
        if self._item.kind == "switch":
            choices = ("true", "false")
        elif self._item.kind == "secret":
            choices = tuple(self.context.secrets())
        if self.shape.kind == "list":
            return [Column(tr(self.declared.label), choices, tr("Type to add"))]
        if self.shape.kind == "mapping":
            return [Column(tr("Name"), ghost=tr("Type to add"), weight=2), Column(tr("Value"), choices, weight=3)]
        # The help of a table names its columns, where the type leaves them open.
        names = list(dict.fromkeys(_NAMED.findall(self.declared.help))) or [tr("column {n}", n=1)]
        return [Column(name, ghost=tr("Type to add") if place == 0 else "") for place, name in enumerate(names)]

    def accepts(self, value: Any) -> bool:
        try:
            self._cells(value)
        except TooLarge:
            return False
        return True

    def _cells(self, value: Any) -> tuple[list[str] | None, list[list[str]]]:
        """The columns, where they are free, and the rows of a value. Raises `TooLarge`."""
        kind = self.shape.kind
        if not isinstance(value, (dict, list)) or isinstance(value, dict) != (kind == "mapping") or len(value) > _MOST:
            raise TooLarge("the value is of another kind")
        if kind == "list":
            return None, [[cell_text(one, self._item)] for one in value]
        if isinstance(value, dict):
            if any(not key or len(key) > _LONGEST for key in value):
                raise TooLarge("a name is empty")
            return None, [[key, cell_text(one, self._item)] for key, one in value.items()]
        if not all(isinstance(row, Mapping) and row for row in value):
            raise TooLarge("a row is no mapping")
        columns = list(dict.fromkeys(key for row in value for key in row))
        if len(columns) > 100 or not all(columns):
            raise TooLarge("there are too many columns")
        return columns, [[self._optional(row, column) for column in columns] for row in value]

    def _optional(self, row: Mapping[str, Any], column: str) -> str:
        if column not in row:
            return ""
        return cell_text(row[column], self._item) or json.dumps("")

    def set_value(self, value: Any) -> None:
        if value is UNSET:
            self._known = {}
            self._empty = UNSET
            if self._value() is not UNSET:
                self.table.set_rows([], [column.title for column in self._columns()])
            return
        self._empty = value if not value else UNSET
        columns, rows = self._cells(value)
        if columns is not None and rows:
            self._known = {tuple(cells): one for cells, one in zip(rows, value, strict=True)}
        if not same(self._value(), value):
            if columns is not None:
                # Columns that are declared stay, so that they can be filled in.
                columns = columns + [one.title for one in self._columns() if one.title not in columns] if rows else None
                rows = [row + [""] * ((len(columns) if columns else len(row)) - len(row)) for row in rows]
                self._known = {tuple(cells): one for cells, one in zip(rows, value, strict=True)}
            self.table.set_rows(rows, columns)

    def _value(self) -> Any:
        """What the table says now; nothing where it is empty, unless it was an empty value that was given."""
        rows = [row for row in self.table.rows() if self.shape.kind == "list" or any(row)]
        if not rows:
            return self._empty
        if self.shape.kind == "list":
            return [cell_value(row[0], self._item) for row in rows]
        if self.shape.kind == "mapping":
            found: dict[str, Any] = {}
            for key, text in rows:
                if key:
                    found.setdefault(key, cell_value(text, self._item))
            return found or self._empty
        columns = self.table.columns()
        return [
            self._known.get(tuple(row))
            or {column: cell_value(text, self._item) for column, text in zip(columns, row, strict=True) if text}
            for row in rows
        ]

    def _tell(self) -> None:
        self.complained.emit(self._complaint())
        self.edited.emit(self._value())

    def _complaint(self) -> str:
        if self.shape.kind != "mapping":
            return ""
        names: set[str] = set()
        for key, text in self.table.rows():
            if not key and text:
                return tr("Give every value a name.")
            if key in names:
                return tr("“{name}” stands here twice; the first one counts.", name=key)
            names.add(key)
        return ""
