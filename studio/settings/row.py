"""A row of the settings page: what it is, what it does, its control, and the way back to the default."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from studio.base.i18n import tr
from studio.base.icons import icon
from studio.base.theme import set_kind, theme
from studio.widgets.list_box import ListBox
from studio.widgets.number_box import NumberBox
from studio.widgets.path_edit import PathButton
from studio.widgets.switch import Switch

_WIDE = 240


class SettingRow(QFrame):
    """`changed` carries the value that a person chose; `reset` asks for the default."""

    changed = Signal(object)
    reset = Signal()

    def __init__(self, name: str, label: str, help: str, also: Sequence[str] = (), parent: QWidget | None = None):
        super().__init__(parent)
        self.name = name
        self.texts = (label, help, *also)
        self.label = QLabel(label, self)
        set_kind(self.label, "strong")
        self.help = QLabel(help, self)
        set_kind(self.help, "muted")
        self.note = QLabel(self)
        set_kind(self.note, "muted")
        self.problem = QLabel(self)
        set_kind(self.problem, "error")
        words = QVBoxLayout()
        words.setSpacing(1)
        for one in (self.label, self.help, self.note, self.problem):
            one.setWordWrap(True)
            words.addWidget(one)
        self.help.setVisible(bool(help))
        self.note.hide()
        self.problem.hide()
        self.reset_button = QToolButton(self)
        self.reset_button.setIcon(icon("arrow-counter-clockwise", color="text-3"))
        self.reset_button.setToolTip(tr("Back to the default"))
        self.reset_button.setAccessibleName(tr("{name}: back to the default", name=label))
        self.reset_button.clicked.connect(self.reset)
        policy = self.reset_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.reset_button.setSizePolicy(policy)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(16, 10, 10, 10)
        self._row.setSpacing(12)
        self._row.addLayout(words, 1)
        self.control: QWidget = QWidget(self)
        self._show: Callable[[Any], None] = lambda value: None

    def use_switch(self) -> None:
        switch = Switch(self)
        switch.clicked.connect(lambda: self.changed.emit(switch.isChecked()))
        self._use(switch, lambda value: switch.setChecked(bool(value)))

    def use_choices(self, choices: Sequence[tuple[Any, str]]) -> None:
        box = ListBox(self)
        for _, text in choices:
            box.addItem(text)
        values = [value for value, _ in choices]
        box.activated.connect(lambda index: self.changed.emit(values[index]))
        box.setMinimumWidth(theme().px(_WIDE))
        self._use(box, lambda value: box.setCurrentIndex(values.index(value) if value in values else -1))

    def use_number(self, bounds: tuple[int, int], unit: str) -> None:
        box = NumberBox(self)
        box.setRange(*bounds)
        box.setSingleStep(5 if bounds[1] - bounds[0] >= 20 else 1)
        box.setSuffix(f" {unit}" if unit else "")
        box.setMinimumWidth(theme().px(96))
        box.valueChanged.connect(lambda value: self.changed.emit(value))
        self._use(box, lambda value: _quietly(box, lambda: box.setValue(int(value))))

    def use_text(self, *, folder: bool = False) -> None:
        edit = QLineEdit(self)
        edit.setMinimumWidth(theme().px(_WIDE))
        edit.editingFinished.connect(lambda: self.changed.emit(edit.text()) if edit.isModified() else None)
        if folder:
            button = PathButton("folder", None, self)
            button.chosen.connect(lambda path: self.changed.emit(path))
            edit.textChanged.connect(lambda text: setattr(button, "current", text))
            self._row.addWidget(button)
        self._use(edit, lambda value: edit.setText(str(value)))

    def _use(self, control: QWidget, show: Callable[[Any], None]) -> None:
        control.setAccessibleName(self.texts[0])
        control.setAccessibleDescription(self.texts[1])
        control.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.label.setBuddy(control)
        self.control, self._show = control, show
        self._row.insertWidget(1, control)
        self._row.addWidget(self.reset_button)

    def set_editable(self, on: bool) -> None:
        """Let the person change the value, or only read it."""
        self.control.setEnabled(on)
        for button in self.findChildren(PathButton):
            button.setEnabled(on)

    def show_value(self, value: Any, *, is_default: bool) -> None:
        """Show a value without telling."""
        self._show(value)
        self.reset_button.setVisible(not is_default)

    def show_origin(self, text: str) -> None:
        """Say where the value comes from: a whole sentence without its full stop."""
        self.help.setText(" ".join(filter(None, (self.texts[1], text + "."))))
        self.help.show()

    def show_note(self, text: str) -> None:
        """Say that it takes effect later."""
        self.note.setText(text)
        self.note.setVisible(bool(text))

    def show_problem(self, text: str) -> None:
        """Say why what was chosen cannot be."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        self.control.setProperty("problem", bool(text))
        self.control.style().unpolish(self.control)
        self.control.style().polish(self.control)


def _quietly(box: QSpinBox, act: Callable[[], None]) -> None:
    before = box.blockSignals(True)
    act()
    box.blockSignals(before)
