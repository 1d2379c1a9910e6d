"""Fields one below the other: which are shown, which stand side by side, which are folded away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from studio.base.i18n import tr
from studio.base.theme import theme
from studio.forms.context import FormContext
from studio.forms.field import Field
from studio.forms.message import Trouble
from studio.forms.shape import Declared
from studio.forms.unset import UNSET
from studio.widgets.section import Section

_SHORT = frozenset({"integer", "number", "choice", "duration", "date", "scalar"})


def with_value(values: Mapping[str, Any], name: str, value: Any, fields: Sequence[Declared]) -> dict[str, Any]:
    """`values` with one more, changed, or taken away (`UNSET`).

    What is there keeps its order; a new one goes before the first that is declared after it.
    """
    if value is UNSET:
        return {key: one for key, one in values.items() if key != name}
    if name in values:
        return {key: value if key == name else one for key, one in values.items()}
    order = {field.name: number for number, field in enumerate(fields)}
    out: dict[str, Any] = {}
    placed = False
    for key, one in values.items():
        if not placed and order.get(key, -1) > order.get(name, len(order)):
            out[name] = value
            placed = True
        out[key] = one
    if not placed:
        out[name] = value
    return out


class FieldGroup(QWidget):
    """The fields of a declaration. `changed` tells the name and new value (`UNSET` for none) of the one a person edits.

    A field is shown when what its `show_when` asks for holds, or when it has a value or a problem all the same.
    Advanced ones are made when their section is first opened, which a problem in one of them does.
    """

    changed = Signal(str, object)

    def __init__(self, declared: Sequence[Declared], context: FormContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.declared = tuple(declared)
        self._context = context
        self._values: Mapping[str, Any] = {}
        self._problems: Mapping[str, str | Trouble] = {}
        self.fields: dict[str, Field] = {}
        self._plain = _Grid(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(theme().px(6))
        whole.addWidget(self._plain)
        self._more: _Grid | None = None
        self._section: Section | None = None
        for one in self.declared:
            if not one.advanced:
                self._make(one)
        advanced = [one for one in self.declared if one.advanced]
        if advanced:
            self._section = Section(tr("More"), expanded=False, build=self._build_more, parent=self)
            whole.addWidget(self._section)

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show these values. A field that is being edited keeps its cursor."""
        self._values = values
        self._open_if_needed()
        for name, field in self.fields.items():
            field.set_value(values.get(name, UNSET))
        self._show()

    def set_problems(self, problems: Mapping[str, str | Trouble]) -> None:
        """Show what is wrong, by name."""
        self._problems = problems
        self._open_if_needed()
        for name, field in self.fields.items():
            field.set_problem(problems.get(name, ""))
        self._show()

    def focus(self, name: str) -> bool:
        """Give the focus to the field of that name. Tells whether there is one."""
        if self._section is not None and any(one.name == name and one.advanced for one in self.declared):
            self._section.set_expanded(True)
        field = self.fields.get(name)
        if field is None:
            return False
        field.show()
        field.setFocus()
        return True

    def focus_first(self) -> None:
        for field in self.fields.values():
            if not field.isHidden():
                field.setFocus()
                return

    def refresh(self) -> None:
        """Look again at what came from outside: names, data, secrets."""
        for field in self.fields.values():
            field.refresh()

    # Inside

    def _open_if_needed(self) -> None:
        """Open the folded section when something in it needs to be seen."""
        if self._section is None or self._more is not None:
            return
        if any(one.advanced and one.name in self._problems for one in self.declared):
            self._section.set_expanded(True)
        count = sum(one.advanced and one.name in self._values for one in self.declared)
        self._section.set_trailing(tr("{n} set", n=count) if count else "")

    def _build_more(self, section: Section) -> None:
        self._more = _Grid(section.body)
        section.add(self._more)
        for one in self.declared:
            if one.advanced:
                self._make(one)
        for one in self.declared:
            if one.advanced:
                field = self.fields[one.name]
                field.set_value(self._values.get(one.name, UNSET))
                field.set_problem(self._problems.get(one.name, ""))
        section.set_trailing("")
        self._show()

    def _make(self, declared: Declared) -> None:
        field = Field(declared, self._context, self._more if declared.advanced else self._plain)
        field.hide()
        field.changed.connect(lambda value, name=declared.name: self._changed(name, value))
        self.fields[declared.name] = field

    def _changed(self, name: str, value: Any) -> None:
        self._values = with_value(self._values, name, value, self.declared)
        self._show()
        self.changed.emit(name, value)

    def _wanted(self, declared: Declared) -> bool:
        if declared.name in self._values or declared.name in self._problems:
            return True
        return all(self._holds(name, values) for name, values in declared.show_when.items())

    def _holds(self, name: str, wanted: tuple[Any, ...]) -> bool:
        other = next((one for one in self.declared if one.name == name), None)
        value = self._values.get(name, other.default if other is not None else UNSET)
        if isinstance(value, str) and "{{" in value:
            return True  # nobody knows before it runs
        if value is UNSET:
            return None in wanted or "" in wanted or False in wanted
        return any(value == one and type(value) is type(one) for one in wanted)

    def _show(self) -> None:
        for grid, advanced in ((self._plain, False), (self._more, True)):
            if grid is not None:
                grid.arrange(
                    [
                        self.fields[one.name]
                        for one in self.declared
                        if one.advanced is advanced and one.name in self.fields and self._wanted(one)
                    ]
                )
        if self._section is not None:
            self._section.setVisible(any(one.advanced and self._wanted(one) for one in self.declared))


class _Grid(QWidget):
    """Fields in one column; two short ones side by side, as long as both have room there."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._fields: list[Field] = []
        self._shown: list[tuple[Field, ...]] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme().px(10))
        self._layout.setVerticalSpacing(theme().px(12))
        self._layout.setColumnStretch(0, 1)
        self._layout.setColumnStretch(1, 1)

    def arrange(self, fields: Sequence[Field]) -> None:
        gone = set(self._fields) - set(fields)
        self._fields = list(fields)
        self._place()
        for field in gone:
            field.hide()

    def minimumSizeHint(self) -> QSize:
        # What stands side by side now can fall apart: only the widest field counts.
        width = max((field.minimumSizeHint().width() for field in self._fields), default=0)
        return QSize(width, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._place()

    def _place(self) -> None:
        rows: list[tuple[Field, ...]] = []
        half = (self.width() - self._layout.horizontalSpacing()) // 2
        waits = False
        for field in self._fields:
            short = field.declared.shape.kind in _SHORT and not field.in_expression and field.comfortable <= half
            if short and waits:
                rows[-1] = (rows[-1][0], field)
                waits = False
            else:
                rows.append((field,))
                waits = short
        if rows == self._shown:
            return
        for row in self._shown:
            for field in row:
                self._layout.removeWidget(field)
        self._shown = rows
        for number, row in enumerate(rows):
            for column, field in enumerate(row):
                self._layout.addWidget(field, number, column, 1, 1 if len(row) == 2 else 2, Qt.AlignmentFlag.AlignTop)
                field.show()
